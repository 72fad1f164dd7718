//! The texts of REGISTER requests: the first, the next, and what is put in when the way out is known.

use super::binding::Bound;
use super::contact::{self, Address, Automatic};
use super::text::{again, hide_route, push_via, stamp};
use super::{Credentials, Entropy, Masquerade, Registration, Settings};
use crate::sip::{Draft, NameAddr, Uri, delta_seconds, push_number, split_list};
use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

/// The way a request leaves: what Via and automatic Contacts say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Our address towards the server, with the port we listen on.
    pub address: SocketAddr,
    /// The address at which this server has seen us, if another.
    pub learned: Option<SocketAddr>,
    /// What is done with that.
    pub masquerade: Masquerade,
    /// A preloaded Route is sent whatever the settings say.
    pub keep_route: bool,
    /// The server replaces an old binding by itself (RFC 5626): it is not removed beside the new one.
    pub replaces: bool,
}

/// A request as it goes out.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The bytes on the wire.
    pub wire: Arc<[u8]>,
    /// What the next request is made from.
    pub(super) template: Box<[u8]>,
    /// Our Contact values, a list; `None`: there is none, or it is `*`.
    pub(super) contact: Option<String>,
    /// An old Contact is removed beside the new one.
    pub(super) swapped: bool,
}

/// The addresses that a Contact may get.
struct Ways {
    ours: Address,
    /// Where the server has seen us, if that counts.
    learned: Option<Address>,
    /// What the application has set for the Contacts that we make, if that counts.
    public: Option<Address>,
    /// The application's own Contacts move too.
    every: bool,
}

impl Ways {
    fn new(local: Local, settings: &Settings) -> Self {
        let ours = Address::from(local.address);
        let every = local.masquerade == Masquerade::Every;
        let learned = local.learned.filter(|_| local.masquerade != Masquerade::Off).map(Address::from);
        let given = settings.public_host.is_some() || settings.public_port.is_some();
        let public = (given && !every).then(|| Address {
            host: settings.public_host.clone().unwrap_or_else(|| ours.host.clone()),
            port: settings.public_port.unwrap_or(ours.port),
        });
        Ways { ours, learned, public, every }
    }
}

impl Registration {
    /// The next REGISTER as it is handed to the application: made from the last one, or from what was asked if there is none.
    /// Changes nothing, a nonce count included.
    pub fn build(
        &self,
        expires: u32,
        settings: &Settings,
        logins: &Credentials,
        entropy: &mut Entropy,
    ) -> Draft {
        let mut draft = match self.last_draft() {
            Some(last) => self.renewed(last, expires, settings, entropy),
            None => self.first(expires, settings, entropy),
        };
        if self.may_preload() {
            self.proof.clone().write(&mut draft, self.ask.user(), logins, entropy, true);
        }
        draft
    }

    /// The next REGISTER for sending at once: its answers to challenges are counted.
    pub fn build_to_send(
        &mut self,
        settings: &Settings,
        logins: &Credentials,
        entropy: &mut Entropy,
    ) -> Draft {
        self.build_shaped(settings, logins, entropy, |_, _| {})
    }

    /// The same, with changes by `shape`, which is told the expiry asked for, before challenges are answered.
    pub(super) fn build_shaped(
        &mut self,
        settings: &Settings,
        logins: &Credentials,
        entropy: &mut Entropy,
        shape: impl FnOnce(&mut Draft, u32),
    ) -> Draft {
        let mut draft = match self.last_draft() {
            Some(last) => self.renewed(last, self.wanted, settings, entropy),
            None => self.first(self.wanted, settings, entropy),
        };
        shape(&mut draft, self.wanted);
        if self.may_preload() {
            self.proof.write(&mut draft, self.ask.user(), logins, entropy, false);
        }
        draft
    }

    /// The Contacts of the last request; `None` without one, or for `*`.
    pub(super) fn own_contacts(&self) -> Option<Vec<String>> {
        let draft = self.last_draft()?;
        let values = draft.headers().filter(|(name, _)| is_contact(name));
        let all: Vec<String> = values.flat_map(|(_, value)| split_list(value)).map(str::to_owned).collect();
        (!all.is_empty() && all.iter().all(|one| one != "*")).then_some(all)
    }

    /// Whether the last request was about all bindings (Contact `*`).
    pub(super) fn asks_for_all(&self) -> bool {
        self.last_draft().is_some_and(|draft| draft.get("Contact").is_some_and(|one| one.trim() == "*"))
    }

    /// The addresses in those Contacts of `request` which may move to where the server sees us.
    pub(super) fn said(
        &self,
        request: &crate::sip::Message<'_>,
        masquerade: Masquerade,
        settings: &Settings,
    ) -> Vec<SocketAddr> {
        let every = masquerade == Masquerade::Every;
        let public = settings.public_host.is_some() || settings.public_port.is_some();
        let mut found = Vec::new();
        if masquerade == Masquerade::Off || (public && !every) {
            return found;
        }
        for value in request.elements("Contact") {
            let Ok(addr) = NameAddr::parse(value) else { continue };
            let Ok(uri) = Uri::parse(addr.uri) else { continue };
            let gone = addr.params.get("expires").and_then(delta_seconds) == Some(0);
            if gone || !(every || uri.params.get("line") == Some(&*self.line)) {
                continue;
            }
            if let Ok(ip) = uri.host.parse() {
                found.push(SocketAddr::new(ip, uri.port.unwrap_or(contact::default_port(&uri))));
            }
        }
        found
    }

    fn last_draft(&self) -> Option<Draft> {
        self.template.as_deref().and_then(Draft::reread)
    }

    fn first(&self, expires: u32, settings: &Settings, entropy: &mut Entropy) -> Draft {
        let ask = &self.ask;
        let mut draft = Draft::request("REGISTER", ask.target());
        draft.push_with("Via", |text| push_via(text, settings, entropy));
        for (name, value) in ask.extra(true) {
            draft.push(name, value);
        }
        draft.push_with("From", |text| {
            text.extend([ask.party(), ";tag="]);
            entropy.push_token(text);
        });
        draft.push("To", ask.party());
        draft.push_with("Call-ID", |text| entropy.push_token(text));
        draft.push("CSeq", "1 REGISTER");
        match ask.contact() {
            None => draft.push_with("Contact", |text| {
                self.push_automatic_contact(text, settings);
                if expires == 0 {
                    text.push_str(";expires=0");
                }
            }),
            Some("") => {}
            Some(contact) => {
                draft.push_with("Contact", |text| contact::push_with_expires(text, contact, expires));
            }
        }
        draft.push("Max-Forwards", "70");
        draft.push("User-Agent", &*settings.user_agent);
        draft.push_with("Expires", |text| push_number(text, expires));
        for (name, value) in ask.extra(false) {
            draft.push(name, value);
        }
        draft
    }

    fn push_automatic_contact(&self, text: &mut String, settings: &Settings) {
        let parts = Automatic {
            scheme: self.ask.scheme(),
            user: self.ask.contact_user(),
            line: &self.line,
            q: Some(self.ask.q()),
            instance: settings.instance.as_deref(),
            name: settings.contact_name.as_deref(),
        };
        parts.push_to(text);
    }

    /// The last request with a new Via, the next CSeq and this expiry. Header fields of the application stay.
    fn renewed(&self, mut draft: Draft, expires: u32, settings: &Settings, entropy: &mut Entropy) -> Draft {
        draft = again(draft, settings, entropy);
        draft.set("Expires", number_text(expires));
        draft.name_in_full("Contact");
        draft.change_each("Contact", |value| {
            let mut renewed = String::with_capacity(value.len() + 16);
            for one in split_list(value) {
                if !renewed.is_empty() {
                    renewed.push_str(", ");
                }
                contact::push_with_expires(&mut renewed, one, expires);
            }
            renewed
        });
        draft
    }

    /// Puts the addresses in: Via, and the Contacts that the policy wants at `local`. The bindings that the server holds at other
    /// addresses are removed in the same request.
    pub fn complete(
        &self,
        mut draft: Draft,
        local: Local,
        settings: &Settings,
        branch: Option<&str>,
        date: Option<String>,
    ) -> Ready {
        let ways = Ways::new(local, settings);
        stamp(&mut draft, &ways.ours, settings.public_port, branch, date);
        let removes = self.wanted == 0;
        let mut own = String::new();
        draft.change_each("Contact", |values| {
            let mut text = String::with_capacity(values.len() + 24);
            for value in split_list(values) {
                let behind = text.len();
                if behind > 0 {
                    text.push_str(", ");
                }
                let start = text.len();
                let moved = self.push_addressed(&mut text, value, &ways, removes);
                // Two that have moved to one address are one binding.
                let twice = |other: &str| contact::same_uri(other, &text[start..]);
                if moved && split_list(&text[..behind]).any(twice) {
                    text.truncate(behind);
                }
            }
            if text != "*" {
                if !own.is_empty() {
                    own.push_str(", ");
                }
                own.push_str(&text);
            }
            text
        });
        let template = kept(&draft);
        if !local.keep_route {
            hide_route(&mut draft, settings);
        }
        let removable = !removes && !local.replaces && !own.is_empty();
        let old: Vec<String> = match self.bound().filter(|_| removable) {
            Some(bound) => {
                let gone = split_list(&bound).filter(|bound| split_list(&own).all(|own| moved(bound, own)));
                gone.map(contact::removal).collect()
            }
            None => Vec::new(),
        };
        let swapped = !old.is_empty();
        if swapped {
            draft.insert_after("Contact", "Contact", old.join(", "));
        }
        let wire = draft.to_bytes().into();
        let contact = (!own.is_empty()).then_some(own);
        Ready { wire, template, contact, swapped }
    }

    /// Appends the Contact `value` with the address that it should have; whether that is another than it had.
    fn push_addressed(&self, text: &mut String, value: &str, ways: &Ways, removes: bool) -> bool {
        let wanted = self.wanted_address(value, ways);
        let start = text.len();
        let address = wanted.unwrap_or(&ways.ours);
        if contact::push_filled(text, value, &address.host, address.port) {
            return false;
        }
        let moved = wanted.filter(|_| !removes).and_then(|wanted| contact::readdress(&text[start..], wanted));
        let Some(moved) = moved else { return false };
        text.truncate(start);
        text.push_str(&moved);
        true
    }

    /// The address that this Contact should have; `None`: the one it has.
    fn wanted_address<'a>(&self, value: &str, ways: &'a Ways) -> Option<&'a Address> {
        // With its placeholder port the URI does not parse, but then it is ours.
        let automatic = contact::is_open(value)
            || (!self.contact_is_theirs && contact::line_of(value) == Some(&*self.line));
        if !automatic {
            return ways.learned.as_ref().filter(|_| ways.every);
        }
        Some(ways.public.as_ref().or(ways.learned.as_ref()).unwrap_or(&ways.ours))
    }

    /// Whether the application has put an address into the Contact that `draft` was built with, now or before.
    pub(super) fn contact_was_changed(&self, draft: &Draft) -> bool {
        let Some(now) = draft.get("Contact").filter(|now| !contact::is_open(now)) else {
            return false;
        };
        let uri = |value: &str| NameAddr::parse(value).map(|addr| addr.uri.to_owned()).ok();
        let last = self.last_draft();
        let kept =
            last.as_ref().and_then(|last| last.get("Contact")).is_some_and(|last| uri(last) == uri(now));
        if kept { self.contact_is_theirs } else { true }
    }

    /// Whether `request`, which was refused, removed old Contacts beside the new. They are left to expire from now on.
    pub(super) fn leaves_old(&mut self, request: &crate::sip::Message<'_>) -> bool {
        let removed = |value: &str| {
            let expires = NameAddr::parse(value).ok().and_then(|addr| addr.params.get("expires"));
            expires.and_then(delta_seconds) == Some(0)
        };
        let swapped = self.wanted > 0 && self.bound != Bound::Not && request.elements("Contact").any(removed);
        if swapped {
            self.bound = Bound::Not;
        }
        swapped
    }

    /// The binding has ended by itself: there is nothing to remove.
    pub(super) fn expired(&mut self) {
        self.bound = Bound::Not;
    }

    /// Whether the binding at the server should move to another address than it was sent with.
    pub fn wants_swap(&self, local: Local, settings: &Settings) -> bool {
        let Some(bound) = self.bound() else { return false };
        let ways = Ways::new(local, settings);
        split_list(&bound).any(|bound| {
            let wanted = self.wanted_address(bound, &ways);
            wanted.is_some_and(|wanted| contact::readdress(bound, wanted).is_some())
        })
    }

    /// The expiry that `draft` asks for our binding, seconds.
    pub(super) fn asked_in(&self, draft: &Draft) -> u32 {
        let contact = draft.get("Contact").and_then(|value| split_list(value).next());
        let param = contact
            .and_then(|value| NameAddr::parse(value).ok()?.params.get("expires").and_then(delta_seconds));
        param.or_else(|| draft.get("Expires").and_then(delta_seconds)).unwrap_or(self.wanted)
    }
}

/// What is kept of a request to make the next one from: not what each request gets anew.
pub(super) fn kept(draft: &Draft) -> Box<[u8]> {
    draft.to_bytes_without(&["Via", "Authorization", "Proxy-Authorization"]).into()
}

fn is_contact(name: &str) -> bool {
    name.eq_ignore_ascii_case("Contact") || name.eq_ignore_ascii_case("m")
}

/// The Contacts in a text that was [`kept`], as a comma list; `None` without one, or for `*`.
pub(super) fn contacts_in(text: &[u8]) -> Option<Cow<'_, str>> {
    let head = memchr::memmem::find(text, b"\r\n\r\n").map_or(text, |end| &text[..end]);
    let head = std::str::from_utf8(head).ok()?;
    let lines = head.split("\r\n").take_while(|line| !line.is_empty());
    let contacts = lines.filter_map(|line| line.split_once(':').filter(|(name, _)| is_contact(name)));
    let mut all: Option<Cow<'_, str>> = None;
    for value in contacts.map(|(_, value)| value.trim()).filter(|value| *value != "*") {
        all = Some(match all {
            None => Cow::Borrowed(value),
            Some(before) => Cow::Owned(format!("{before}, {value}")),
        });
    }
    all
}

fn number_text(number: u32) -> String {
    let mut text = String::with_capacity(10);
    push_number(&mut text, number);
    text
}

/// Whether two Contact values differ in the address of their URIs.
fn moved(bound: &str, contact: &str) -> bool {
    let Ok(Ok(uri)) = NameAddr::parse(contact).map(|addr| Uri::parse(addr.uri)) else { return false };
    let host = if uri.host.contains(':') { format!("[{}]", uri.host) } else { uri.host.to_owned() };
    let address = Address { host, port: uri.port.unwrap_or(contact::default_port(&uri)) };
    contact::readdress(bound, &address).is_some()
}
