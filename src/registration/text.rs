//! What the texts of all our requests have in common: parties, Via, where they go.

use super::contact::{self, Address};
use super::{Entropy, Refusal, Settings};
use crate::sip::{Draft, NameAddr, Params, SyntaxError, Uri, Via, push_number, split_list};
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
    /// The same as it was given.
    pub given_user: Box<str>,
    /// Header fields that the URI asked for behind its `?`.
    pub extra: Vec<(String, String)>,
    secure: bool,
}

impl Party {
    /// Reads a URI or name-addr. A blank in the user part goes out escaped; URI headers become header fields.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let addr = NameAddr::parse(text)?;
        let uri = Uri::parse(addr.uri)?;
        let mut text = String::with_capacity(addr.uri.len() + 48);
        contact::push_display(&mut text, addr.display);
        text.push('<');
        Uri { headers: None, ..uri }.push_to(&mut text);
        text.push('>');
        push_params(&mut text, addr.params, "tag");
        Ok(Party {
            text: text.into(),
            uri: request_uri(&uri).into(),
            user: wire_user(&uri).map(Into::into),
            given_user: uri.user.unwrap_or("").into(),
            extra: uri.headers.map(extra_fields).unwrap_or_default(),
            secure: uri.is_secure(),
        })
    }

    /// Whether its URI is a `sips:` one.
    pub(super) fn is_secure(&self) -> bool {
        self.secure
    }

    /// The scheme of our Contact towards it.
    pub(super) fn scheme(&self) -> &'static str {
        if self.secure { "sips" } else { "sip" }
    }
}

/// The user part in a From value, unescaped: who proves itself.
pub fn user_of(from: &str) -> String {
    let user = NameAddr::parse(from).ok().and_then(|from| Uri::parse(from.uri).ok()?.user);
    unescape(user.unwrap_or("").trim())
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

/// The user part as the wire shows it, escaped where the URI was not.
fn wire_user(uri: &Uri<'_>) -> Option<String> {
    let user = uri.user?;
    if uri.host.is_empty() {
        return user.split_once('@').map(|(user, _)| user.to_owned());
    }
    let mut text = String::with_capacity(user.len());
    uri.push_user(&mut text);
    Some(text)
}

/// A Request-URI: without headers and without a `method` parameter, which RFC 3261 section 19.1.1 forbids there.
pub(super) fn request_uri(uri: &Uri<'_>) -> String {
    let plain = Uri { headers: None, ..*uri };
    let mut text = String::with_capacity(64);
    if uri.params.get("method").is_none() {
        plain.push_to(&mut text);
    } else {
        Uri { params: Params::new(""), ..plain }.push_to(&mut text);
        push_params(&mut text, uri.params, "method");
    }
    text
}

/// `Route=%3Csip:…%3E&X-Hdr=1` as header fields; those that make the request what it is cannot be set this way.
fn extra_fields(headers: &str) -> Vec<(String, String)> {
    const FIXED: [&str; 10] = ["From", "To", "Call-ID", "CSeq", "Via", "Contact", "f", "t", "i", "body"];
    let mut fields = Vec::new();
    for pair in headers.split('&') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let (name, value) = (unescape(name), unescape(value));
        let plain = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        let token = plain(&name) && !name.contains([':', ' ']);
        if token && plain(&value) && !FIXED.iter().any(|fixed| fixed.eq_ignore_ascii_case(&name)) {
            fields.push((name, value));
        }
    }
    fields
}

/// `%41` as `A`; a broken escape stays.
pub(super) fn unescape(text: &str) -> String {
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
    String::from_utf8_lossy(&out).into_owned()
}

/// Appends a Via without address, with a branch of its own.
pub(super) fn push_via(text: &mut String, settings: &Settings, entropy: &mut Entropy) {
    let rport = if settings.rport { ";rport" } else { "" };
    text.extend(["SIP/2.0/UDP ", contact::NO_HOST, ":", contact::NO_PORT, rport, ";branch=z9hG4bK"]);
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
    let number: u32 =
        draft.get("CSeq").and_then(|cseq| cseq.split_whitespace().next()?.parse().ok()).unwrap_or(0);
    text.clear();
    // RFC 3261 section 8.1.1.5: below 2^31.
    push_number(&mut text, if number < 0x7fff_ffff { number + 1 } else { 1 });
    text.push(' ');
    text.push_str(request_line(draft.start()).map_or("REGISTER", |line| line.0));
    draft.set("CSeq", text);
    draft
}

/// Appends `via` with its address filled in and `branch` in place of what it had, so that no two requests share one. Without `branch` it
/// keeps its own.
pub(super) fn push_stamped(text: &mut String, via: &str, address: &Address, branch: Option<&str>) {
    let start = text.len();
    contact::push_filled(text, via, address);
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
