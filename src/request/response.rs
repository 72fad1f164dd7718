//! The texts of our answers to requests from outside (RFC 3261 section 8.2.6).

use crate::sip::{Draft, Message, NameAddr, Via, reason_phrase};
use std::net::SocketAddr;

/// The methods that reach the application, for Allow.
const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, NOTIFY, SUBSCRIBE, REFER, INFO";

/// An answer to `request`, which came from `from`: Via, From, To, Call-ID and CSeq are the
/// request's, To gets `tag` if it has none. A 100 has no tag of ours.
pub fn response_to(
    request: &Message<'_>,
    from: SocketAddr,
    status: u16,
    tag: &str,
    user_agent: &str,
) -> Draft {
    let mut draft = Draft::new(&format!("SIP/2.0 {status} {}", reason_phrase(status)));
    for (at, via) in request.elements("Via").enumerate() {
        draft.push("Via", if at == 0 { seen(via, from) } else { via.to_owned() });
    }
    draft.push("From", request.header("From").unwrap_or(""));
    let to = request.header("To").unwrap_or("");
    let tagged =
        status == 100 || NameAddr::parse(to).is_ok_and(|to| to.params.get("tag").is_some());
    draft.push("To", if tagged { to.to_owned() } else { format!("{to};tag={tag}") });
    draft.push("Call-ID", request.call_id().unwrap_or(""));
    draft.push("CSeq", request.header("CSeq").unwrap_or(""));
    draft.push("User-Agent", user_agent);
    draft
}

/// The answer to `request` as it is sent in the application's place: one to an OPTIONS says what it
/// might ask for (section 11.2).
pub fn automatic_response_to(
    request: &Message<'_>,
    from: SocketAddr,
    status: u16,
    tag: &str,
    user_agent: &str,
) -> Draft {
    let mut draft = response_to(request, from, status, tag, user_agent);
    if status == 200 && request.method() == Some("OPTIONS") {
        draft.push("Allow", ALLOW);
    }
    draft
}

/// `draft` with at most `limit` bytes, where there is a limit: if need be without what no answer
/// has to have.
/// Errors: that, which is too long as well. The header fields that are the request's may be longer
/// than they were: each Via of a list gets a line.
pub fn within(mut draft: Draft, limit: Option<usize>) -> Result<Draft, Draft> {
    let fits = |draft: &Draft| limit.is_none_or(|limit| draft.clone().into_octets().len() <= limit);
    for name in ["User-Agent", "Allow"] {
        if fits(&draft) {
            break;
        }
        draft.remove(name);
    }
    if fits(&draft) { Ok(draft) } else { Err(draft) }
}

/// The top Via with what we saw of its sender: `received` where the address is another, `rport`
/// where it asks (RFC 3581 section 4).
fn seen(text: &str, from: SocketAddr) -> String {
    let Ok(via) = Via::parse(text) else { return text.to_owned() };
    let ip = from.ip().to_string();
    let asks = via.params.get("rport").is_some_and(str::is_empty);
    let mut text = text.to_owned();
    if asks {
        text = replace_rport(&text, from.port());
    }
    if (asks || via.host != ip) && via.params.get("received").is_none() {
        text.push_str(&format!(";received={ip}"));
    }
    text
}

/// `;rport` without a value gets one.
fn replace_rport(via: &str, port: u16) -> String {
    let lower = via.to_ascii_lowercase();
    let at = lower.match_indices(";rport").map(|(at, found)| at + found.len()).find(|end| {
        let rest = lower[*end..].trim_start();
        rest.is_empty() || rest.starts_with([';', '='])
    });
    let Some(end) = at else { return via.to_owned() };
    let rest = via[end..].trim_start().trim_start_matches('=');
    format!("{}={port}{rest}", &via[..end])
}

/// Where an answer goes (RFC 3261 section 18.2.2, RFC 3581): to where the request came from if it
/// asks for that or has no other port, else to the port of its Via.
pub fn reply_address(via: &Via<'_>, from: SocketAddr) -> SocketAddr {
    if via.params.get("rport").is_some() {
        return from;
    }
    SocketAddr::new(from.ip(), via.port.unwrap_or(5060))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn via_gets_received_and_rport() {
        let from: SocketAddr = "203.0.113.7:4444".parse().unwrap();
        assert_eq!(
            seen("SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKrport", from),
            "SIP/2.0/UDP 10.0.0.1:5060;rport=4444;branch=z9hG4bKrport;received=203.0.113.7"
        );
        assert_eq!(
            seen("SIP/2.0/UDP 10.0.0.1;branch=x;rport", from),
            "SIP/2.0/UDP 10.0.0.1;branch=x;rport=4444;received=203.0.113.7"
        );
        assert_eq!(
            seen("SIP/2.0/UDP 203.0.113.7;branch=x", from),
            "SIP/2.0/UDP 203.0.113.7;branch=x"
        );
    }
}
