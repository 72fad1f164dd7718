//! Messages as a person may see them: without what proves that we know a password, by which it
//! could be guessed, and without what commands a terminal.

use register::engine::TappedMessage;
use register::trace::escaped;

/// Header fields that have a proof in them (RFC 3261 sections 20.6, 20.7 and 20.28).
const PROOFS: [&str; 4] =
    ["Authorization", "Proxy-Authorization", "Authentication-Info", "Proxy-Authentication-Info"];
/// Stands for what was taken out.
const HIDDEN: &str = "(hidden)";

/// Which way a message went, how long it is, and its text: every further line begins with blanks.
pub(crate) fn printable(message: &TappedMessage<'_>) -> String {
    let arrow = if message.is_received { "<-" } else { "->" };
    let path = message.path;
    let text = redacted(&String::from_utf8_lossy(message.bytes));
    let (transport, remote) = (path.transport.via(), path.remote);
    let length = message.bytes.len();
    escaped(&format!("{arrow} {transport} {remote} {length} bytes\n{text}")).into_owned()
}

/// The text of a message without proofs.
pub(crate) fn redacted(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut is_proof = false;
    let mut is_head = true;
    for line in message.split_inclusive('\n') {
        if line.trim_end_matches(['\r', '\n']).is_empty() {
            is_head = false;
        }
        if !is_head {
            out.push_str(line);
            continue;
        }
        let text = line.trim_end_matches(['\r', '\n']);
        let end = &line[text.len()..];
        if text.starts_with([' ', '\t']) {
            // It belongs to the line before.
            out.push_str(if is_proof { HIDDEN } else { text });
        } else {
            let (name, value) = text.split_once(':').unwrap_or((text, ""));
            is_proof = PROOFS.iter().any(|proof| proof.eq_ignore_ascii_case(name.trim_end()));
            if is_proof {
                out.push_str(name);
                out.push(':');
                let has_scheme = name.trim_end().to_ascii_lowercase().ends_with("authorization");
                push_without_proof(&mut out, value, has_scheme);
            } else {
                out.push_str(text);
            }
        }
        out.push_str(end);
    }
    out
}

/// The value of such a header field. What is not Digest, as a token of RFC 8898, is all secret.
fn push_without_proof(out: &mut String, value: &str, has_scheme: bool) {
    let scheme = value.split_whitespace().next().unwrap_or_default();
    if has_scheme && !scheme.eq_ignore_ascii_case("Digest") {
        out.push(' ');
        out.push_str(scheme);
        out.push(' ');
        out.push_str(HIDDEN);
        return;
    }
    for (number, part) in value.split(',').enumerate() {
        if number > 0 {
            out.push(',');
        }
        match part.split_once('=') {
            Some((name, _)) if !is_shown(name) => {
                out.push_str(name);
                out.push('=');
                out.push_str(HIDDEN);
            }
            Some(_) => out.push_str(part),
            None if number == 0 => out.push_str(part),
            None => out.push_str(HIDDEN),
        }
    }
}

/// Whether a parameter, perhaps behind the scheme, says nothing secret: those of RFC 7616 but the
/// proof.
fn is_shown(name: &str) -> bool {
    const SHOWN: [&str; 10] = [
        "username",
        "realm",
        "nonce",
        "uri",
        "algorithm",
        "cnonce",
        "opaque",
        "qop",
        "nc",
        "nextnonce",
    ];
    let name = name.split_whitespace().next_back().unwrap_or_default();
    SHOWN.iter().any(|shown| shown.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proofs_are_hidden_and_the_rest_is_as_it_was() {
        let message = "REGISTER sip:a SIP/2.0\r\nauthorization : Digest username=\"al, ice\", \
             realm=\"a\",response=\"0123\" , RESPONSE = \"4567\",nc=00000001\r\n\
             Proxy-Authorization: Digest nonce=\"n\",\r\n response=\"89ab\"\r\n\
             Authorization: Bearer cdef\r\nAuthentication-Info: rspauth=\"fedc\",nc=1\r\n\
             X: response=\"kept\"\r\n\r\nAuthorization: a body";
        let text = redacted(message);
        for secret in ["0123", "4567", "89ab", "cdef", "fedc"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        for kept in ["realm=\"a\"", "nonce=\"n\"", "response=\"kept\"", "nc=00000001", "a body"] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        assert_eq!(text.lines().count(), message.lines().count());
    }

    #[test]
    fn a_message_without_proofs_stays_as_it_is() {
        for text in ["", "\r\n", "SIP/2.0 200 OK\r\nTo: <sip:a>\n\r\n\r\nbody\r\n", "no line end"] {
            assert_eq!(redacted(text), text);
        }
    }
}
