//! The requests that belong to an INVITE of ours, made from it as it was sent: the ACK to a
//! response that refuses it (RFC 3261 section 17.1.1.3), and its CANCEL (section 9.1).

use crate::sip::{Draft, Message, StartLine};

/// The Route of `request` as one list.
pub(super) fn routes(request: &Draft) -> Option<Box<str>> {
    let mut lines = request.headers().filter(|(name, _)| name.eq_ignore_ascii_case("Route"));
    let mut list = lines.next()?.1.to_owned();
    for (_, value) in lines {
        list.push_str(", ");
        list.push_str(value);
    }
    Some(list.into())
}

/// The ACK to `response`, which refuses the INVITE that was `sent`. `route`: its Route where that
/// was hidden from the wire.
pub(super) fn ack_to(sent: &[u8], route: Option<&str>, response: &Message<'_>) -> Option<Draft> {
    let invite = Message::parse(sent).ok()?;
    let to = response.header("To").or_else(|| invite.header("To"));
    within_transaction("ACK", &invite, route, to)
}

/// The CANCEL of the INVITE that was `sent`; `header`: one more header field.
pub(super) fn cancel_of(
    sent: &[u8],
    user_agent: Option<&str>,
    header: Option<(&str, &str)>,
) -> Option<Draft> {
    let invite = Message::parse(sent).ok()?;
    let mut cancel = within_transaction("CANCEL", &invite, None, invite.header("To"))?;
    cancel.push("Max-Forwards", "70");
    if let Some(user_agent) = user_agent {
        cancel.push("User-Agent", user_agent);
    }
    if let Some((name, value)) = header {
        cancel.push(name, value);
    }
    Some(cancel)
}

/// A request with the Request-URI, top Via, Route, From, Call-ID and CSeq number of `invite`.
fn within_transaction(
    method: &str,
    invite: &Message<'_>,
    route: Option<&str>,
    to: Option<&str>,
) -> Option<Draft> {
    let StartLine::Request { uri, .. } = invite.start else { return None };
    let mut request = Draft::request(method, uri);
    request.push("Via", invite.elements("Via").next()?);
    let mut is_hidden = true;
    for route in invite.lines("Route") {
        request.push("Route", route);
        is_hidden = false;
    }
    if let Some(route) = route.filter(|_| is_hidden) {
        request.push("Route", route);
    }
    request.push("From", invite.header("From")?);
    request.push("To", to?);
    request.push("Call-ID", invite.call_id()?);
    let number = invite.cseq()?.number;
    request.push("CSeq", format!("{number} {method}"));
    Some(request)
}
