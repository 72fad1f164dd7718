//! Responses (RFC 3261 section 8.2.6) and where they go (section 18.2.2, RFC 3581).

use register::sip::{Message, NameAddr, Via};
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// How long to delay it.
    pub(crate) after: Duration,
    pub(crate) to: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

/// Where the answer to a request with this top Via goes.
pub(crate) fn destination(via: &Via<'_>, from: SocketAddr) -> SocketAddr {
    match via.params.get("rport") {
        Some(_) => from,
        None => SocketAddr::new(from.ip(), via.port.unwrap_or(5060)),
    }
}

/// The text of a response. `seen` is the sender's address for Via; `tag` goes into a To that has
/// none.
pub(crate) fn response(
    request: &Message<'_>,
    seen: SocketAddr,
    tag: &str,
    status: u16,
    headers: &[(&str, String)],
) -> Vec<u8> {
    let mut text = String::with_capacity(512);
    // Writing to a String cannot fail.
    let _ = write!(text, "SIP/2.0 {status} {}\r\n", reason(status));
    for (i, via) in request.elements("Via").enumerate() {
        text.push_str("Via: ");
        match Via::parse(via) {
            Ok(top) if i == 0 => push_top_via(&mut text, via, &top, seen, false),
            _ => text.push_str(via),
        }
        text.push_str("\r\n");
    }
    for name in ["From", "To", "Call-ID", "CSeq"] {
        let value = request.header(name).unwrap_or("");
        let _ = write!(text, "{name}: {value}");
        if name == "To"
            && status > 100
            && NameAddr::parse(value).is_ok_and(|to| to.params.get("tag").is_none())
        {
            let _ = write!(text, ";tag={tag}");
        }
        text.push_str("\r\n");
    }
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text.push_str("Server: libregister registrar\r\nContent-Length: 0\r\n\r\n");
    text.into_bytes()
}

/// A top Via with the address that its request came from. `names_port`: also where it does not ask
/// for the port (RFC 3581 section 4).
pub(crate) fn push_top_via(
    text: &mut String,
    via: &str,
    top: &Via<'_>,
    seen: SocketAddr,
    names_port: bool,
) {
    text.push_str(via[..via.len() - top.params.as_str().len()].trim_end());
    let filled =
        |name: &str| name.eq_ignore_ascii_case("rport") || name.eq_ignore_ascii_case("received");
    for (name, value) in top.params.iter().filter(|(name, _)| !filled(name)) {
        text.extend([";", name]);
        text.extend(value.into_iter().flat_map(|value| ["=", value]));
    }
    let rport = names_port || top.params.get("rport").is_some();
    if rport || top.host.parse() != Ok(seen.ip()) {
        let _ = write!(text, ";received={}", seen.ip());
    }
    if rport {
        let _ = write!(text, ";rport={}", seen.port());
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        420 => "Bad Extension",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        483 => "Too Many Hops",
        486 => "Busy Here",
        500 => "Server Internal Error",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        600 => "Busy Everywhere",
        603 => "Decline",
        _ => "Other",
    }
}
