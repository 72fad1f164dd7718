//! The requests of the control socket.

use crate::fleet::{ListQuery, Order, Standing};

/// What `help` answers, and the manual page explains.
pub(crate) const HELP: [&str; 9] = [
    "stats",
    "list [state=STATE] [cause=STATUS] [match=TEXT] [order=worst|name] [offset=N] [limit=N]",
    "show NAME",
    "force NAME | force [state=STATE] [cause=STATUS] [match=TEXT]",
    "add {\"aor\":\"sip:...\",\"password\":\"...\",...}",
    "remove NAME",
    "reload",
    "version",
    "help",
];

/// The accounts in one reply, unless the request says how many.
const USUAL_LIMIT: usize = 100;
const LARGEST_LIMIT: usize = 1000;

/// A request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ControlRequest<'a> {
    Stats,
    List(ListQuery),
    Show(&'a str),
    Force(&'a str),
    ForceAll(ListQuery),
    /// A JSON object.
    Add(&'a str),
    Remove(&'a str),
    Reload,
    Version,
    Help,
}

impl<'a> ControlRequest<'a> {
    /// Reads a line. Errors: what is wrong with it, in words.
    pub(crate) fn parse(line: &'a str) -> Result<ControlRequest<'a>, String> {
        let line = line.trim();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        let name = || match rest {
            "" => Err(format!("{word} wants the name of an account")),
            name => Ok(name),
        };
        let request = match word {
            "stats" => ControlRequest::Stats,
            "list" => return Ok(ControlRequest::List(query(rest)?)),
            "show" => return Ok(ControlRequest::Show(name()?)),
            "force" if is_filter(rest) => return Ok(ControlRequest::ForceAll(query(rest)?)),
            "force" => return Ok(ControlRequest::Force(name()?)),
            "add" if rest.starts_with('{') => return Ok(ControlRequest::Add(rest)),
            "add" => return Err("add wants an object in JSON".to_owned()),
            "remove" => return Ok(ControlRequest::Remove(name()?)),
            "reload" => ControlRequest::Reload,
            "version" => ControlRequest::Version,
            "help" => ControlRequest::Help,
            // It is not shown: it may be an account with its password.
            _ => return Err("there is no such request; help lists them".to_owned()),
        };
        if rest.is_empty() { Ok(request) } else { Err(format!("{word} takes nothing more")) }
    }
}

/// Whether a text begins as a filter does, and not as a name.
fn is_filter(text: &str) -> bool {
    ["state=", "cause=", "match="].iter().any(|begin| text.starts_with(begin))
}

fn query(words: &str) -> Result<ListQuery, String> {
    let mut query = ListQuery {
        state: None,
        cause: None,
        part: String::new(),
        order: Order::Worst,
        offset: 0,
        limit: USUAL_LIMIT,
    };
    for (number, word) in (1..).zip(words.split_whitespace()) {
        let wrong = || format!("word {number} is no filter; help lists them");
        let (key, value) = word.split_once('=').ok_or_else(wrong)?;
        match key {
            "state" => query.state = Some(Standing::from_name(value).ok_or_else(wrong)?),
            "cause" => query.cause = Some(value.parse().map_err(|_| wrong())?),
            "match" if value.is_empty() => return Err("match= wants a text".to_owned()),
            "match" => value.clone_into(&mut query.part),
            "order" if value == "worst" => query.order = Order::Worst,
            "order" if value == "name" => query.order = Order::Name,
            "offset" => query.offset = value.parse().map_err(|_| wrong())?,
            "limit" => query.limit = value.parse().map_err(|_| wrong())?,
            _ => return Err(wrong()),
        }
    }
    if query.limit > LARGEST_LIMIT {
        return Err(format!("the limit is {LARGEST_LIMIT} accounts; offset=N has the next ones"));
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_word_and_what_it_is_about() {
        let parse = ControlRequest::parse;
        assert_eq!(parse("stats\r\n"), Ok(ControlRequest::Stats));
        assert_eq!(parse("show sip:a@b"), Ok(ControlRequest::Show("sip:a@b")));
        assert_eq!(parse("force sip:a@b;x=1"), Ok(ControlRequest::Force("sip:a@b;x=1")));
        assert!(matches!(parse("force cause=503"), Ok(ControlRequest::ForceAll(_))));
        assert_eq!(parse("add {}"), Ok(ControlRequest::Add("{}")));
        for wrong in [
            "",
            "stat",
            "stats now",
            "show",
            "add aor",
            "list x",
            "list state=good",
            "force match=",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_list_is_filtered_and_cut_into_pages() {
        let line = "list state=failing cause=503 match=ali order=name offset=20 limit=10";
        let query = ListQuery {
            state: Some(Standing::Failing),
            cause: Some(503),
            part: "ali".to_owned(),
            order: Order::Name,
            offset: 20,
            limit: 10,
        };
        assert_eq!(ControlRequest::parse(line), Ok(ControlRequest::List(query)));
        assert!(ControlRequest::parse("list limit=1001").unwrap_err().contains("offset=N"));
    }
}
