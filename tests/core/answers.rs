//! The texts of a scripted registrar's answers.

use register::sip::Draft;

/// The text of an answer to `request`.
pub fn response(request: &Draft, status: &str, extra: &[&str]) -> Vec<u8> {
    let mut text = format!("SIP/2.0 {status}\r\n");
    for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
        let tag = if name == "To" { ";tag=server" } else { "" };
        text.push_str(&format!("{name}: {}{tag}\r\n", request.get(name).unwrap()));
    }
    for line in extra {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.push_str("Content-Length: 0\r\n\r\n");
    text.into_bytes()
}

/// `parameter="value"` or `parameter=value` in an Authorization value.
pub fn param(value: &str, name: &str) -> Option<String> {
    let (_, rest) = value.split_once(' ')?;
    rest.split(", ").find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| value.trim_matches('"').to_owned())
    })
}

/// An answer whose Via says `received` and `rport`.
pub fn seen_answer(
    request: &Draft,
    status: &str,
    received: &str,
    port: &str,
    extra: &[&str],
) -> Vec<u8> {
    let via = request.get("Via").unwrap().replace(";rport", &format!(";rport={port}"));
    let mut seen = request.clone();
    seen.set("Via", format!("{via};received={received}"));
    response(&seen, status, extra)
}

/// A challenge of realm acme.
pub fn www(nonce: &str) -> String {
    format!("WWW-Authenticate: Digest realm=\"acme\", nonce=\"{nonce}\", qop=\"auth\"")
}

/// Its one answer to a challenge of a server that is no proxy.
pub fn authorization(request: &Draft) -> &str {
    request.get("Authorization").unwrap_or_else(|| panic!("no Authorization in {request:#?}"))
}

pub fn nonce_count(request: &Draft) -> String {
    param(authorization(request), "nc").unwrap()
}

/// The values of its header fields of this name.
pub fn values(request: &Draft, name: &str) -> Vec<String> {
    let lines = request.headers().filter(|(one, _)| one.eq_ignore_ascii_case(name));
    lines.map(|(_, value)| value.to_owned()).collect()
}

/// The names of its header fields, in their order.
pub fn names(request: &Draft) -> String {
    request.headers().map(|(name, _)| name).collect::<Vec<_>>().join(" ")
}
