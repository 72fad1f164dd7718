//! Registration information in a NOTIFY of the event `reg` (RFC 3680 section 5): what of it is
//! about one Contact of one address-of-record. No more of XML is read than that needs, and
//! nothing in it is followed.

use std::borrow::Cow;
use std::time::Duration;

/// Why the state of a Contact is what it is (RFC 3680 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactEvent {
    /// `registered`, `created`, `refreshed`, and what is not known here.
    Other,
    /// `shortened`: it ends sooner than it was granted.
    Shortened,
    /// `deactivated`: it is gone, and is to be registered anew.
    Deactivated,
    /// `probation`: it is gone, and may be registered again after a while.
    Probation,
    /// `expired`.
    Expired,
    /// `unregistered`: somebody has removed it.
    Unregistered,
    /// `rejected`: it is gone, and is not to be registered again.
    Rejected,
}

/// What a document says about a Contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactInfo {
    /// The server holds it.
    pub is_active: bool,
    /// What has happened.
    pub event: ContactEvent,
    /// How long it lasts.
    pub expires: Option<Duration>,
    /// How long it is not wanted back.
    pub retry_after: Option<Duration>,
}

/// What a document says that is of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reginfo {
    /// Its number, from 0.
    pub version: Option<u32>,
    /// The Contact that was looked for, where it is listed. One that the server holds goes before
    /// one that it does not.
    pub contact: Option<ContactInfo>,
}

/// Longer documents are not read.
const MAX_DOCUMENT: usize = 256 * 1024;

impl Reginfo {
    /// Reads `body`, looking for the Contact whose URI `is_own` knows, in a registration of the
    /// address-of-record that `is_aor` knows: the same Contact may stand under others too (RFC 3680
    /// section 5.1). `None`: it is no such document.
    pub fn read(
        body: &[u8],
        is_aor: impl Fn(&str) -> bool,
        is_own: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= MAX_DOCUMENT)?;
        let mut found: Option<Reginfo> = None;
        let mut contact: Option<ContactInfo> = None;
        let mut is_ours = false;
        let mut rest = text;
        while let Some((tag, behind)) = next_tag(rest) {
            rest = behind;
            let (name, attributes) = tag.split_at(name_end(tag));
            let of = |name: &str| attribute(attributes, name);
            match local_name(name) {
                "reginfo" if found.is_none() => {
                    let version = of("version").and_then(|version| version.trim().parse().ok());
                    found = Some(Reginfo { version, contact: None });
                }
                "registration" => {
                    // An empty one has no Contact.
                    let is_aor = || of("aor").is_some_and(|aor| is_aor(aor.trim()));
                    (is_ours, contact) = (!tag.ends_with('/') && is_aor(), None);
                }
                "/registration" => (is_ours, contact) = (false, None),
                "contact" => contact = is_ours.then(|| ContactInfo::of(of)),
                "/contact" => contact = None,
                "uri" => {
                    let uri = &rest[..rest.find('<').unwrap_or(rest.len())];
                    let info = contact.filter(|_| is_own(unescaped(uri).trim()));
                    if let (Some(info), Some(found)) = (info, &mut found) {
                        let before = found.contact.filter(|before| before.is_active);
                        found.contact = Some(before.unwrap_or(info));
                    }
                }
                _ => {}
            }
        }
        found
    }
}

impl ContactInfo {
    fn of<'a>(attribute: impl Fn(&str) -> Option<Cow<'a, str>>) -> Self {
        let seconds = |name: &str| {
            let text = attribute(name)?;
            text.trim().parse().ok().map(|seconds: u32| Duration::from_secs(seconds.into()))
        };
        let event = attribute("event").unwrap_or_default();
        let event = match event.trim() {
            "shortened" => ContactEvent::Shortened,
            "deactivated" => ContactEvent::Deactivated,
            "probation" => ContactEvent::Probation,
            "expired" => ContactEvent::Expired,
            "unregistered" => ContactEvent::Unregistered,
            "rejected" => ContactEvent::Rejected,
            _ => ContactEvent::Other,
        };
        ContactInfo {
            is_active: attribute("state").is_none_or(|state| state.trim() != "terminated"),
            event,
            expires: seconds("expires"),
            retry_after: seconds("retry-after"),
        }
    }
}

/// The next tag of `text`, without its brackets, and what follows it. Comments, instructions,
/// declarations and CDATA are skipped.
fn next_tag(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    loop {
        rest = &rest[memchr::memchr(b'<', rest.as_bytes())? + 1..];
        let skipped = [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>"), ("!", ">")]
            .into_iter()
            .find(|(start, _)| rest.starts_with(start));
        if let Some((start, end)) = skipped {
            let behind = &rest[start.len()..];
            rest = &behind[behind.find(end)? + end.len()..];
            continue;
        }
        let mut quote = None;
        let end = rest.bytes().position(|byte| match quote {
            Some(open) => {
                quote = (byte != open).then_some(open);
                false
            }
            None if matches!(byte, b'"' | b'\'') => {
                quote = Some(byte);
                false
            }
            None => byte == b'>',
        })?;
        return Some((&rest[..end], &rest[end + 1..]));
    }
}

fn name_end(tag: &str) -> usize {
    // The stroke of an empty element ends a name, that of an end tag begins one.
    let end = tag.bytes().skip(1).position(|b| b.is_ascii_whitespace() || b == b'/');
    end.map_or(tag.len(), |end| end + 1)
}

/// The name without the prefix of its namespace; that of an end tag keeps its stroke.
fn local_name(name: &str) -> &str {
    match name.strip_prefix('/').map(|ended| ended.rsplit(':').next()) {
        Some(Some("contact")) => "/contact",
        Some(Some("registration")) => "/registration",
        Some(_) => "/",
        None => name.rsplit(':').next().unwrap_or(name),
    }
}

/// The value of an attribute.
fn attribute<'a>(attributes: &'a str, wanted: &str) -> Option<Cow<'a, str>> {
    let mut rest = attributes;
    loop {
        let (name, behind) = rest.split_once('=')?;
        let behind = behind.trim_ascii_start();
        let quote = behind.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, after) = behind[1..].split_once(quote)?;
        if name.trim_ascii() == wanted {
            return Some(unescaped(value));
        }
        rest = after;
    }
}

/// A text with the entities of XML resolved (XML 1.0 section 4.6); others stay as they are.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        plain.push_str(before);
        let entity = behind.split_once(';').filter(|(name, _)| name.len() <= 8);
        let resolved = entity.and_then(|(name, after)| Some((character(name)?, after)));
        match resolved {
            Some((character, after)) => {
                plain.push(character);
                rest = after;
            }
            None => {
                plain.push('&');
                rest = behind;
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn character(entity: &str) -> Option<char> {
    Some(match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control())?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Entropy;

    const FULL: &str = "<?xml version=\"1.0\"?>\n<!DOCTYPE x><!-- <contact> -->\
        <reg:reginfo xmlns:reg='urn:ietf:params:xml:ns:reginfo' version='7' state=\"full\">\
        <reg:registration aor=\"sip:a@b\" id=\"a>7\" state=\"active\">\
        <reg:contact id=\"1\" state = \"terminated\" event=\"probation\" retry-after=\"36\">\
        <reg:uri>sip:a@h;x=&lt;1&gt;&amp;&#x41;&#66;</reg:uri></reg:contact>\
        <reg:contact id=\"2\" state=\"active\" event=\"shortened\" expires=\"60\"\
        ><reg:uri> sip:other@h </reg:uri><reg:unknown-param name=\"q\">1</reg:unknown-param>\
        </reg:contact><uri>sip:lost@h</uri></reg:registration></reg:reginfo>";

    fn read(text: &str, own: &str) -> Option<Reginfo> {
        Reginfo::read(text.as_bytes(), |aor| aor == "sip:a@b", |uri| uri == own)
    }

    fn document(contacts: &str) -> String {
        format!("<reginfo><registration aor='sip:a@b'>{contacts}</registration></reginfo>")
    }

    #[test]
    fn a_contact_is_found_by_its_uri_whatever_the_prefix() {
        let found = read(FULL, "sip:a@h;x=<1>&AB").unwrap();
        assert_eq!(found.version, Some(7));
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(
            found.contact,
            Some(ContactInfo {
                is_active: false,
                event: ContactEvent::Probation,
                expires: None,
                retry_after: seconds(36),
            })
        );
        let other = read(FULL, "sip:other@h").unwrap().contact.unwrap();
        assert!(other.is_active && other.event == ContactEvent::Shortened);
        assert_eq!(other.expires, seconds(60));
        assert_eq!(read(FULL, "sip:lost@h").unwrap().contact, None, "it is in no contact");
        assert_eq!(read(FULL, "sip:a@h").unwrap().contact, None);
    }

    #[test]
    fn a_contact_that_is_held_goes_before_an_old_one_with_its_uri() {
        let one =
            |state: &str| format!("<contact state='{state}' event='x'><uri>u</uri></contact>");
        for (first, second) in [("active", "terminated"), ("terminated", "active")] {
            let text = document(&format!("{}{}", one(first), one(second)));
            assert!(read(&text, "u").unwrap().contact.unwrap().is_active);
        }
    }

    #[test]
    fn a_contact_of_another_address_of_record_is_not_looked_at() {
        let contact = "<contact state='terminated' event='rejected'><uri>u</uri></contact>";
        for (text, is_found) in [
            (document(contact), true),
            (document(contact).replace("sip:a@b", "sip:c@b"), false),
            (document(contact).replace(" aor='sip:a@b'", ""), false),
            (format!("<reginfo>{contact}</reginfo>"), false),
            (format!("<reginfo><registration aor='sip:a@b'/>{contact}</reginfo>"), false),
            (document("").replace("</reginfo>", &format!("{contact}</reginfo>")), false),
            (document(contact).replace("sip:a@b", " sip:a&#64;b "), true),
        ] {
            assert_eq!(read(&text, "u").unwrap().contact.is_some(), is_found, "{text}");
        }
    }

    #[test]
    fn what_is_no_document_of_this_kind_says_nothing() {
        for text in ["", "<", "<a", "no tags", "<x/>", "<!-- <reginfo>", "<contact><uri>u</uri>"] {
            assert_eq!(read(text, "u"), None, "{text}");
        }
        assert_eq!(Reginfo::read(b"<reginfo>\xff", |_| true, |_| true), None);
        let long = format!("<reginfo>{}", " ".repeat(MAX_DOCUMENT));
        assert_eq!(read(&long, "u"), None);
        assert_eq!(read("<reginfo/>", "u").unwrap().contact, None);
        assert_eq!(read("<reginfo version='-1' version='2'>", "u").unwrap().version, None);
        let open = "<reginfo><registration aor='sip:a@b'><contact state='terminated'><uri>u";
        assert!(!read(open, "u").unwrap().contact.unwrap().is_active);
        for odd in ["&", "&;", "&#;", "&#x;", "&#xd800;", "&#10;", "&nbsp;", "&toolongname;"] {
            assert_eq!(unescaped(odd), odd);
        }
    }

    #[test]
    fn no_change_of_bytes_stops_the_reader() {
        let mut entropy = Entropy::new([3; 32]);
        for _ in 0..20_000 {
            let mut text = FULL.as_bytes().to_vec();
            for _ in 0..1 + entropy.bits() % 8 {
                let at = (entropy.bits() % text.len() as u128) as usize;
                text[at] = b"<>&\"'=/!-? ]\xc3\0"[(entropy.bits() % 14) as usize];
            }
            text.truncate((entropy.bits() % (2 * text.len() as u128)) as usize);
            let _ = Reginfo::read(&text, |aor| aor.len() % 2 == 1, |uri| uri.len() % 2 == 0);
        }
    }
}
