//! What the texts of all our requests have in common: parties, Via, where they go.

use super::contact::{self, Address};
use super::{Entropy, Refusal, Settings};
use crate::sip::{Draft, NameAddr, Params, SyntaxError, Uri, Via, push_number, split_list};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// The user of a request in From or To, as the application gave it.
#[derive(Debug, Clone)]
pub struct Party {
    /// The name-addr without tag.
    pub text: Box<str>,
    /// The URI alone, fit for a Request-URI.
    pub uri: Box<str>,
    /// The user part as the wire shows it.
    pub user: Option<Box<str>>,
    /// Header fields that the URI asked for behind its `?`.
    pub extra: Vec<(String, String)>,
    secure: bool,
}

impl Party {
    /// Reads a URI or name-addr. A blank in the user part goes out escaped; URI headers become header fields.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let addr = NameAddr::parse(text)?;
        let uri = Uri::parse(addr.uri)?;
        let (mut text, mut user) = (String::with_capacity(addr.uri.len() + 48), String::new());
        push_party(&mut text, &addr, &uri);
        let has_user = push_wire_user(&mut user, &uri);
        Ok(Party {
            text: text.into(),
            uri: request_uri(&uri).into(),
            user: has_user.then(|| user.into()),
            extra: uri.headers.map(extra_fields).unwrap_or_default(),
            secure: uri.is_secure(),
        })
    }

    /// The scheme of our Contact towards it.
    pub(super) fn scheme(&self) -> &'static str {
        if self.secure { "sips" } else { "sip" }
    }
}

/// The user part in a From value, unescaped: who proves itself.
pub fn user_of(from: &str) -> String {
    let user = NameAddr::parse(from).ok().and_then(|from| Uri::parse(from.uri).ok()?.user);
    unescape(user.unwrap_or("").trim()).into_owned()
}

/// Appends `addr`, whose URI is `uri`, without tag and URI headers: From and To.
pub(super) fn push_party(text: &mut String, addr: &NameAddr<'_>, uri: &Uri<'_>) {
    contact::push_display(text, addr.display);
    text.push('<');
    Uri { headers: None, ..*uri }.push_to(text);
    text.push('>');
    push_params(text, addr.params, "tag");
}

/// `;name=value` for each parameter but `without`.
fn push_params(text: &mut String, params: Params<'_>, without: &str) {
    for (name, value) in params.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(without)) {
        text.push(';');
        text.push_str(name);
        if let Some(value) = value {
            text.push('=');
            text.push_str(value);
        }
    }
}

/// Appends the user part as the wire shows it, escaped where the URI was not; whether there is one.
pub(super) fn push_wire_user(text: &mut String, uri: &Uri<'_>) -> bool {
    let user = if uri.host.is_empty() {
        uri.user.and_then(|user| user.split_once('@')).map(|(user, _)| text.push_str(user))
    } else {
        uri.user.map(|_| uri.push_user(text))
    };
    user.is_some()
}

/// A Request-URI, see [`push_request_uri`].
pub(super) fn request_uri(uri: &Uri<'_>) -> String {
    let mut text = String::with_capacity(64);
    push_request_uri(&mut text, uri);
    text
}

/// Appends a Request-URI: without headers and without a `method` parameter, which RFC 3261 section 19.1.1 forbids there.
pub(super) fn push_request_uri(text: &mut String, uri: &Uri<'_>) {
    let plain = Uri { headers: None, ..*uri };
    if uri.params.get("method").is_none() {
        return plain.push_to(text);
    }
    Uri { params: Params::new(""), ..plain }.push_to(text);
    push_params(text, uri.params, "method");
}

/// `Route=%3Csip:…%3E&X-Hdr=1` as header fields; those that make the request what it is cannot be set this way.
pub(super) fn extra_fields(headers: &str) -> Vec<(String, String)> {
    const FIXED: [&str; 10] = ["From", "To", "Call-ID", "CSeq", "Via", "Contact", "f", "t", "i", "body"];
    let mut fields = Vec::new();
    for pair in headers.split('&') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let (name, value) = (unescape(name), unescape(value));
        let plain = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        let token = plain(&name) && !name.contains([':', ' ']);
        if token && plain(&value) && !FIXED.iter().any(|fixed| fixed.eq_ignore_ascii_case(&name)) {
            fields.push((name.into_owned(), value.into_owned()));
        }
    }
    fields
}

/// `%41` as `A`; a broken escape stays.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

/// How the Via that we make begins.
const OPEN_VIA: &str = "SIP/2.0/UDP 999.999.999.999:99999";

/// Appends a Via without address, with a branch of its own.
#[inline(always)]
pub(super) fn push_via(text: &mut String, settings: &Settings, entropy: &mut Entropy) {
    text.push_str(OPEN_VIA);
    text.push_str(if settings.rport { ";rport;branch=z9hG4bK" } else { ";branch=z9hG4bK" });
    entropy.push_token(text);
}

/// Puts address and branch into the Via, as [`push_stamped`].
fn stamp(draft: &mut Draft, address: &Address, branch: Option<&str>) {
    let mut stamped = String::new();
    if let Some(via) = draft.get("Via") {
        push_stamped(&mut stamped, via, address, branch);
        draft.set("Via", stamped);
    }
}

/// Whether a preloaded Route that begins with `first` is taken out of what is sent, as the settings want it. What later requests are
/// made from keeps it: they go the same way.
pub(super) fn hides_route(first: &str, settings: &Settings) -> bool {
    settings.remove_route && is_loose(first)
}

/// Method and Request-URI of a request's first line.
pub(super) fn request_line(start: &str) -> Option<(&str, &str)> {
    let blank = |text: &str| memchr::memchr(b' ', text.as_bytes());
    let (method, rest) = start.split_at(blank(start)?);
    let rest = &rest[1..];
    Some((method, &rest[..blank(rest).unwrap_or(rest.len())]))
}

/// The same request once more: a new Via and the next CSeq, no answers to challenges.
pub fn again(mut draft: Draft, settings: &Settings, entropy: &mut Entropy) -> Draft {
    super::Proof::strip(&mut draft);
    let mut text = String::with_capacity(96);
    push_via(&mut text, settings, entropy);
    if draft.get("Via").is_some() {
        draft.set("Via", &text);
    } else {
        draft.insert(0, "Via", &text);
    }
    text.clear();
    push_next_cseq(&mut text, draft.get("CSeq").unwrap_or(""), draft.start());
    draft.set("CSeq", text);
    draft
}

/// Appends the CSeq behind `last` for a request whose first line is `start`.
pub(super) fn push_next_cseq(text: &mut String, last: &str, start: &str) {
    let number: u32 = last.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0);
    // RFC 3261 section 8.1.1.5: below 2^31.
    push_number(text, if number < 0x7fff_ffff { number + 1 } else { 1 });
    text.push(' ');
    text.push_str(request_line(start).map_or("REGISTER", |line| line.0));
}

/// Appends `via` with its address filled in and `branch` in place of what it had, so that no two requests share one. Without `branch` it
/// keeps its own.
pub(super) fn push_stamped(text: &mut String, via: &str, address: &Address, branch: Option<&str>) {
    let start = text.len();
    match via.strip_prefix(OPEN_VIA).filter(|rest| memchr::memchr2(b'.', b':', rest.as_bytes()).is_none()) {
        // As we make it: there is nothing else to fill in.
        Some(rest) => text.extend(["SIP/2.0/UDP ", address.as_str(), rest]),
        None => {
            contact::push_filled(text, via, address);
        }
    }
    if branch.is_none() && !address.is_v6() {
        return;
    }
    let mut stamped = text.split_off(start);
    if address.is_v6() {
        // RFC 3581 is asked for over IPv4 only.
        stamped = stamped.replace(";rport;", ";");
    }
    if let Some(branch) = branch {
        let old = Via::parse(&stamped).ok().and_then(|via| via.branch()).filter(|old| !old.is_empty());
        match old.and_then(|old| place_in(&stamped, old)) {
            Some(old) => stamped.replace_range(old, branch),
            None => stamped.extend([";branch=", branch]),
        }
    }
    text.push_str(&stamped);
}

/// Where `part`, a piece of `text`, stands in it.
fn place_in(text: &str, part: &str) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let place = start..start + part.len();
    (text.get(place.clone()) == Some(part)).then_some(place)
}

/// Whether the first Route is a loose router (`;lr`).
pub(super) fn is_loose(route: &str) -> bool {
    let uri = split_list(route)
        .next()
        .and_then(|first| NameAddr::parse(first).ok())
        .and_then(|addr| Uri::parse(addr.uri).ok());
    uri.is_some_and(|uri| uri.params.get("lr").is_some())
}

/// A host and port that a request goes to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// A name, or an address without brackets.
    pub host: Arc<str>,
    /// The port, or the one that is meant where none is written.
    pub port: u16,
    /// The port is written.
    pub explicit: bool,
}

impl Place {
    /// Where the URI `leads` leads: `maddr`, else its host (RFC 3261 section 8.1.2). `None`: there is no host.
    pub fn of(leads: &str) -> Option<Place> {
        let uri = Uri::parse(leads).ok()?;
        let host = uri.params.get("maddr").filter(|host| !host.is_empty()).unwrap_or(uri.host);
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).into();
        let port = uri.port.unwrap_or(contact::default_port(&uri));
        let place = Place { host, port, explicit: uri.port.is_some() };
        Some(place).filter(|place| !place.host.is_empty())
    }
}

/// What a request outside of dialogs and registrations asks.
#[derive(Debug, Clone, Copy)]
pub struct OutOfDialog<'a> {
    /// `MESSAGE`, `OPTIONS` …
    pub method: &'a str,
    /// To and Request-URI: a URI or name-addr.
    pub to: &'a str,
    /// From: a URI or name-addr.
    pub from: &'a str,
    /// A proxy that it goes through; empty: none.
    pub route: &'a str,
}

impl OutOfDialog<'_> {
    /// Its text, with placeholders for what the way out decides. Errors: a text that is no URI, a method that is no token.
    pub fn draft(&self, settings: &Settings, entropy: &mut Entropy) -> Result<Draft, Refusal> {
        if !self.method.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b)) {
            return Err(Refusal::Syntax("method"));
        }
        let (to, from) = (Party::parse(self.to)?, Party::parse(self.from)?);
        let mut draft = Draft::request(self.method, &to.uri);
        draft.push_with("Via", |text| push_via(text, settings, entropy));
        if let Some(route) = split_list(self.route).next() {
            let route = NameAddr::parse(route)?;
            let lr = if Uri::parse(route.uri)?.params.get("lr").is_some() { "" } else { ";lr" };
            draft.push("Route", format!("<{}{lr}>", route.uri));
        }
        draft.push("From", format!("{};tag={}", from.text, entropy.token()));
        draft.push("To", &*to.text);
        draft.push("Call-ID", entropy.token());
        draft.push("CSeq", format!("20 {}", self.method));
        // RFC 3428 section 4: a MESSAGE has no Contact.
        if self.method != "MESSAGE" {
            let user = from.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
            let (scheme, host, port) = (from.scheme(), contact::NO_HOST, contact::NO_PORT);
            draft.push("Contact", format!("<{scheme}:{user}{host}:{port}>"));
        }
        draft.push("Max-Forwards", "70");
        draft.push("User-Agent", &*settings.user_agent);
        for (name, value) in &to.extra {
            draft.push(name, value);
        }
        Ok(draft)
    }
}

/// Puts the addresses into a request outside of registrations.
pub fn complete_request(draft: &mut Draft, local: super::Local, settings: &Settings, branch: Option<&str>) {
    stamp(draft, &Address::ours(local.address, settings.public_port), branch);
    if draft.get("Route").is_some_and(|first| hides_route(first, settings)) {
        draft.remove("Route");
    }
    let seen = local.learned.filter(|_| settings.masquerade != super::Masquerade::Off);
    let seen = Address::ours(seen.unwrap_or(local.address), settings.public_port);
    let address = match &settings.public_host {
        Some(host) => Address::new(host, seen.port),
        None => seen,
    };
    draft.change(|name, value| name.eq_ignore_ascii_case("Contact").then(|| contact::fill(value, &address)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_via_gets_its_address_wherever_that_is_open() {
        let address = Address::new("192.0.2.1", 5070);
        for behind in ["", ";rport;branch=z9hG4bK1", ";x=:99999", ";x=999.999.999.999:99999", " ;y=1.2", "9"]
        {
            for begin in [OPEN_VIA, "SIP/2.0/UDP 999.999.999.999", "SIP/2.0/TCP 999.999.999.999:99999", "x"] {
                let via = [begin, behind].concat();
                let mut stamped = String::from("a");
                push_stamped(&mut stamped, &via, &address, None);
                assert_eq!(stamped[1..], contact::fill(&via, &address));
            }
        }
        assert!(OPEN_VIA.ends_with(contact::NO_ADDRESS));
    }
}
