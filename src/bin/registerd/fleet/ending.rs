//! The end: which bindings were removed, and which the registrars may go on to hold.

use super::{Fleet, Standing};
use register::engine::registerer::LeftBinding;
use std::sync::Arc;

/// Names that a line has at most; the others are counted.
const MOST_NAMES: usize = 10;

/// What has become of the bindings at the end.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    /// The registrar has confirmed that they are removed.
    pub(crate) removed: usize,
    granted: Names,
    unanswered: Names,
}

/// The first names, and how many there are.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Names {
    first: Vec<Arc<str>>,
    count: usize,
}

impl Names {
    fn add(&mut self, name: &Arc<str>) {
        self.count += 1;
        if self.first.len() < MOST_NAMES {
            self.first.push(Arc::clone(name));
        }
    }

    /// How many of what they are, and which.
    fn line(&self, what: &str) -> Option<String> {
        let accounts = match self.count {
            0 => return None,
            1 => "1 account".to_owned(),
            count => format!("{count} accounts"),
        };
        let more = match self.count - self.first.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!("{accounts}: {what}: {}{more}", self.first.join(", ")))
    }
}

impl Ended {
    /// An account is over; `status` is that of the last response.
    pub(super) fn note(&mut self, name: &Arc<str>, left: Option<LeftBinding>, status: u16) {
        match left {
            Some(LeftBinding::Granted) => self.granted.add(name),
            Some(LeftBinding::Unanswered) => self.unanswered.add(name),
            None if status / 100 == 2 => self.removed += 1,
            None => {}
        }
    }

    /// Whether every registrar has said that it holds no binding any more.
    pub(crate) fn is_clean(&self) -> bool {
        (self.granted.count, self.unanswered.count) == (0, 0)
    }

    /// What is left, in at most two lines.
    pub(crate) fn left(&self) -> Vec<String> {
        let granted = self.granted.line(left_in_words(LeftBinding::Granted));
        let unanswered = self.unanswered.line(left_in_words(LeftBinding::Unanswered));
        granted.into_iter().chain(unanswered).collect()
    }
}

/// What the registrar may go on to hold of an account that is gone.
pub(super) fn left_in_words(left: LeftBinding) -> &'static str {
    match left {
        LeftBinding::Granted => "removal not confirmed, the binding ends as it expires",
        LeftBinding::Unanswered => "REGISTER not answered, there may be a binding until it expires",
    }
}

impl Fleet {
    /// The end begins: from here on it is counted what becomes of the bindings.
    pub(crate) fn begin_end(&self) {
        self.table().ended = Some(Ended::default());
    }

    /// What has become of the bindings. An account of which the engine has not said that it is over
    /// counts as one that it has left as it was.
    pub(crate) fn ended(&self) -> Ended {
        let table = self.table();
        let mut ended = table.ended.clone().unwrap_or_default();
        let mut names: Vec<_> = table.by_name.values().collect();
        names.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        for member in names {
            let left = match member.standing {
                Standing::Registered | Standing::Renewing | Standing::Ending => {
                    LeftBinding::Granted
                }
                Standing::Starting | Standing::Failing | Standing::Stopped => {
                    LeftBinding::Unanswered
                }
            };
            ended.note(&member.name, Some(left), 0);
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_counted_and_the_first_are_named() {
        let mut ended = Ended::default();
        ended.note(&Arc::from("gone"), None, 200);
        ended.note(&Arc::from("never there"), None, 403);
        assert_eq!((ended.removed, ended.is_clean(), ended.left().len()), (1, true, 0));
        for number in 0..12 {
            ended.note(&Arc::from(format!("a{number}")), Some(LeftBinding::Granted), 408);
        }
        ended.note(&Arc::from("b"), Some(LeftBinding::Unanswered), 408);
        assert!(!ended.is_clean());
        let lines = ended.left();
        assert!(lines[0].starts_with("12 accounts: removal not confirmed"), "{lines:?}");
        assert!(lines[0].ends_with("a8, a9 and 2 more"), "{lines:?}");
        assert!(lines[1].starts_with("1 account: REGISTER not") && lines[1].ends_with(": b"));
    }
}
