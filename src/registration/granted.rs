//! Our own Contact in an answer, and what it was granted.

use crate::sip::{Contact, Message, NameAddr, Params, Uri, delta_seconds, split_list};

/// The parameters of a URI, without a look at the rest of it.
fn uri_params(uri: &str) -> Params<'_> {
    let address = memchr::memrchr(b'@', uri.as_bytes()).map_or(uri, |at| &uri[at..]);
    let end = memchr::memchr(b'?', address.as_bytes()).unwrap_or(address.len());
    let address = &address[..end];
    Params::new(memchr::memchr(b';', address.as_bytes()).map_or("", |at| &address[at..]))
}

/// The parameters behind our `own` Contact where `value` is that, as we sent it, and nothing else, and `own` is `<…;line=…>` with no other parameter
/// in its URI. A Contact of which this is not seen at once may be ours all the same.
fn echoed<'v>(value: &'v str, own: &str, line: &str) -> Option<Params<'v>> {
    let behind = value.strip_prefix(own).filter(|behind| behind.is_empty() || behind.starts_with(';'))?;
    let uri = own.strip_prefix('<')?.strip_suffix('>')?;
    let before = uri.strip_suffix(line)?.strip_suffix(";line=")?;
    let address = memchr::memrchr(b'@', before.as_bytes()).map_or(before, |at| &before[at..]);
    let plain = memchr::memchr2(b';', b'?', address.as_bytes()).is_none()
        && memchr::memchr3(b'<', b'>', b'"', before.as_bytes()).is_none()
        && !before.trim_ascii().is_empty()
        && memchr::memchr(b',', value.as_bytes()).is_none();
    plain.then(|| Params::new(behind))
}

/// The `expires` of our binding in an answer: found by `line`, then by the URI (RFC 3261 section 19.1.4) of the first of our `own`.
/// The outer `None`: our binding is not listed; the inner: it is, without a readable `expires`.
pub(super) fn granted(response: &Message<'_>, own: &str, line: &str) -> Option<Option<u32>> {
    match response.header("Contact").and_then(|first| echoed(first, own, line)) {
        Some(params) => Some(params.get("expires").and_then(delta_seconds)),
        None => granted_to_any(response, own, line),
    }
}

/// The same for any Contacts.
fn granted_to_any(response: &Message<'_>, own: &str, line: &str) -> Option<Option<u32>> {
    let mut own_uri = None;
    let mut by_uri = None;
    for contact in response.contacts() {
        let Contact::Addr(contact) = contact else { continue };
        let expires = || contact.params.get("expires").and_then(delta_seconds);
        if uri_params(contact.uri).get("line") == Some(line) {
            return Some(expires());
        }
        let Ok(uri) = Uri::parse(contact.uri) else { continue };
        let own_uri = own_uri.get_or_insert_with(|| {
            let first = split_list(own).next().unwrap_or("");
            NameAddr::parse(first).ok().and_then(|own| Uri::parse(own.uri).ok())
        });
        if by_uri.is_none() && own_uri.is_some_and(|own| own.equivalent(&uri)) {
            by_uri = Some(expires());
        }
    }
    by_uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_contact_as_we_sent_it_is_found_as_any_is() {
        const OWN: [&str; 10] = [
            "<sip:a@h:5070;line=12ab>",
            "<sip:h;line=12ab>",
            "<sip:a;b,c@h;line=12ab>",
            "<sip:a@h;line=1;line=12ab>",
            "<sip:a@h?x=1;line=12ab>",
            "<sip:\"a@h;line=12ab>",
            "<sip:a@h;x;line=12ab>",
            "< sip:a@h;line=12ab>",
            "<;line=12ab>",
            "<sip:a@h;line=12ab>;q=1",
        ];
        const BEHIND: [&str; 9] = [
            "",
            ";expires=60",
            ";q=1;Expires=60;expires=7",
            ";x=\"a;expires=1\";expires=60",
            " ;expires=60",
            ";expires=60, <sip:b@h;line=12ab>;expires=61",
            ";expires=x",
            "x",
            ", <sip:b@h>",
        ];
        let mut seen = 0;
        for (sent, own) in OWN.into_iter().flat_map(|sent| OWN.map(|own| (sent, own))) {
            for (behind, before) in
                BEHIND.into_iter().flat_map(|end| ["", "<sip:c@h>, "].map(|begin| (end, begin)))
            {
                let text = format!(
                    "SIP/2.0 200 OK\r\nContact: {before}{sent}{behind}\r\nm: <sip:d@h;line=12ab>;expires=9\r\n\r\n"
                );
                let response = Message::parse(text.as_bytes()).unwrap();
                assert_eq!(
                    granted(&response, own, "12ab"),
                    granted_to_any(&response, own, "12ab"),
                    "{text} {own}"
                );
                seen += usize::from(echoed(response.header("Contact").unwrap(), own, "12ab").is_some());
            }
        }
        assert!(seen > 10);
    }
}
