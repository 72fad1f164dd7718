//! A REGISTER as it goes out: its text once more, with the addresses that are known only then.

mod dual_writer;

use self::dual_writer::DualWriter;
use super::Registration;
use super::kept::ContactSpan;
use crate::request::contact::{self, Address};
use crate::request::target::hides_route;
use crate::request::via::push_stamped;
use crate::request::{Local, Masquerade, Settings};
use crate::sip::{BufferPool, Draft, Field, Line, NameAddr, Text, Uri, one_line, split_list};
use crate::transport::Transport;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

/// A request as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireRequest<'s> {
    /// The bytes on the wire.
    pub wire: Text,
    /// Where its Call-ID stands in them.
    pub call_id: Range<usize>,
    /// What the next request is made from.
    pub(super) kept: &'s [u8],
    /// Our Contacts in that.
    pub(super) contacts: ContactSpan,
    /// An old Contact is removed beside the new one.
    pub(super) replaces_contact: bool,
    /// The server holds these Contacts already.
    pub(super) same_contacts: bool,
    /// The address that our Contacts were given.
    pub(super) contact_address: SocketAddr,
}

/// An address that a Contact may get.
#[derive(Debug)]
struct ContactAddress<'s> {
    /// What the application has set instead of the IP address.
    host: Option<&'s str>,
    ip: IpAddr,
    port: u16,
    text: OnceCell<Address>,
}

impl ContactAddress<'_> {
    /// Whether `uri` has this address.
    fn is_of(&self, uri: &Uri<'_>) -> bool {
        match self.host {
            Some(_) => self.text().is_of(uri),
            None => {
                let port = uri.port.unwrap_or(uri.default_port());
                port == self.port && uri.host.parse() == Ok(self.ip)
            }
        }
    }

    /// As it stands in a Contact.
    fn text(&self) -> &Address {
        self.text.get_or_init(|| match self.host {
            Some(host) => Address::new(host, self.port),
            None => Address::from(SocketAddr::new(self.ip, self.port)),
        })
    }
}

impl From<SocketAddr> for ContactAddress<'_> {
    fn from(address: SocketAddr) -> Self {
        let (ip, port) = (address.ip(), address.port());
        ContactAddress { host: None, ip, port, text: OnceCell::new() }
    }
}

/// The addresses that Contacts may get.
struct ContactAddrs<'s> {
    ours: ContactAddress<'s>,
    /// Where the server has seen us, if that counts.
    reflexive: Option<ContactAddress<'s>>,
    /// What the application has set for the Contacts that we make, if that counts.
    public: Option<ContactAddress<'s>>,
    /// The application's own Contacts get the reflexive address too.
    every: bool,
    /// The server has said where it sees us, and that counts.
    is_seen: bool,
    /// What the flow goes by.
    transport: Transport,
}

impl<'s> ContactAddrs<'s> {
    fn new(local: Local, settings: &'s Settings, is_seen: bool) -> Self {
        let every = local.masquerade == Masquerade::Every;
        let ours = ContactAddress::from(local.contact());
        let seen = local.learned.filter(|_| local.masquerade != Masquerade::Off);
        let (host, port) = (settings.public_host.as_deref(), settings.public_port);
        let given = (host.is_some() || port.is_some()) && !every;
        let public = given.then(|| {
            let port = port.unwrap_or(ours.port);
            ContactAddress { host, ip: ours.ip, port, text: OnceCell::new() }
        });
        let is_seen = local.masquerade != Masquerade::Off && (is_seen || seen.is_some());
        let (reflexive, transport) = (seen.map(ContactAddress::from), local.transport);
        ContactAddrs { reflexive, ours, public, every, is_seen, transport }
    }

    /// Whether a Contact of the application with this URI has our host, and a port that we do not
    /// listen on: programs lose the port of a text, and nobody could reach them.
    fn is_unreachable(&self, uri: &Uri<'_>) -> bool {
        let is_own = self.is_seen && self.public.is_none() && uri.host.parse() == Ok(self.ours.ip);
        is_own && uri.port.unwrap_or(uri.default_port()) != self.ours.port
    }
}

/// The address that Contacts of ours get, where the application has set no other.
fn contact_address(local: Local) -> SocketAddr {
    let seen = local.learned.filter(|_| local.masquerade != Masquerade::Off);
    seen.unwrap_or(local.contact())
}

/// Buffers that one request leaves to the next.
#[derive(Debug, Default)]
pub struct WriteScratch {
    buffers: BufferPool,
    kept: Vec<u8>,
    value: String,
}

/// The lines of a draft on their way out, and what was found in those that were written.
struct LineWriter<'w> {
    rules: &'w ContactRules<'w>,
    draft: &'w Draft,
    local: Local,
    settings: &'w Settings,
    addrs: ContactAddrs<'w>,
    branch: Option<&'w str>,
    date: Option<String>,
    copy: DualWriter<'w>,
    /// A value that is being made.
    value: &'w mut String,
    call_id: Range<usize>,
    contacts: ContactSpan,
    /// Where the line behind the last Contact begins on the wire.
    behind_contacts: usize,
    is_stamped: bool,
    hides_routes: Option<bool>,
    is_dated: bool,
}

impl LineWriter<'_> {
    #[inline]
    fn write(&mut self, line: Line) {
        match line.field() {
            // Another Via is none of ours.
            Field::Via if self.is_stamped => self.copy.leave_out(line),
            Field::Via => self.write_via(line),
            Field::CallId if self.call_id.is_empty() => self.call_id = self.copy.place(line),
            Field::Authorization | Field::ProxyAuthorization => self.copy.send_only(line),
            Field::Contact => self.write_contact(line),
            Field::Route => self.write_route(line),
            Field::Date => self.write_date(line),
            _ => {}
        }
    }

    fn write_via(&mut self, line: Line) {
        let (local, via) = (self.local, self.draft.value(line));
        let public = self.settings.public_port;
        // Automatic Contacts may have another port than the flow.
        let public = public.or(local.contact_port.map(|_| local.address.port()));
        let public = public.map(|port| Address::ours(local.address, Some(port)));
        let address = public.as_ref().unwrap_or_else(|| self.addrs.ours.text());
        self.value.clear();
        let transports = (self.settings.transport, local.transport);
        push_stamped(self.value, via, transports, address, self.branch);
        self.copy.send_changed(line, self.value);
        self.is_stamped = true;
    }

    fn write_contact(&mut self, line: Line) {
        self.value.clear();
        self.rules.push_all_addressed(self.value, self.draft.value(line), &self.addrs);
        self.copy.change(line, self.value);
        self.contacts = self.contacts.and_at_the_end_of(self.copy.kept, self.value);
        self.behind_contacts = self.copy.wire.len() + 2;
    }

    fn write_route(&mut self, line: Line) {
        let (draft, settings) = (self.draft, self.settings);
        let hides = || !self.local.keep_route && hides_route(draft.value(line), settings);
        if *self.hides_routes.get_or_insert_with(hides) {
            self.copy.keep_only(line);
        }
    }

    fn write_date(&mut self, line: Line) {
        match &self.date {
            Some(_) if self.is_dated => self.copy.leave_out(line),
            Some(date) => {
                self.copy.change(line, date);
                self.is_dated = true;
            }
            None => {}
        }
    }

    /// Writes what is left behind the last line that was changed.
    fn end(&mut self) {
        self.copy.up_to(self.draft.head().len());
        if let Some(date) = self.date.take().filter(|_| !self.is_dated) {
            self.copy.both(format!("Date: {date}\r\n").as_bytes());
        }
    }
}

/// What decides the Contacts of a request.
pub(super) struct ContactRules<'r> {
    /// The `line` of the Contact that we make.
    pub(super) line: &'r str,
    /// The request removes the binding.
    pub(super) removes: bool,
    /// The application gave our Contact its address, which stays.
    pub(super) explicit_address: bool,
    /// The Contacts that the server holds, a comma list.
    pub(super) held: Option<Cow<'r, str>>,
    /// A server has said where it sees us.
    pub(super) is_seen: bool,
}

impl Registration {
    fn contact_rules(&self) -> ContactRules<'_> {
        ContactRules {
            line: self.line(),
            removes: self.expires() == 0,
            explicit_address: self.has_explicit_address(),
            held: self.held_contacts(),
            is_seen: self.is_seen(),
        }
    }

    /// Writes `draft` with the addresses put in: Via, and the Contacts that are ours. The bindings
    /// that the server holds at other addresses are removed in the same request.
    pub fn complete<'s>(
        &self,
        scratch: &'s mut WriteScratch,
        draft: &Draft,
        local: Local,
        settings: &Settings,
        branch: Option<&str>,
        date: Option<String>,
    ) -> WireRequest<'s> {
        self.contact_rules().complete(scratch, draft, local, settings, branch, date)
    }

    /// Whether the binding should move to another address than it was registered with.
    pub fn wants_other_address(&self, local: Local, settings: &Settings) -> bool {
        if self.contact_address() == Some(contact_address(local)) {
            return false;
        }
        let rules = self.contact_rules();
        let held = rules.held.as_deref().filter(|_| self.is_bound());
        held.is_some_and(|held| rules.moves(held, local, settings))
    }

    /// Whether a Contact of the last REGISTER, which was refused, would get another address than it
    /// had.
    pub fn refused_other_address(&self, local: Local, settings: &Settings) -> bool {
        let sent = self.sent_contacts();
        sent.is_some_and(|sent| self.contact_rules().moves(&sent, local, settings))
    }
    /// Whether a Contact of the application in the last REGISTER has our host and a port that we do
    /// not listen on.
    pub fn has_unreachable_contact(&self, local: Local, settings: &Settings) -> bool {
        let addrs = ContactAddrs::new(local, settings, true);
        let sent = self.sent_contacts().unwrap_or_default();
        let mut uris = split_list(&sent).filter_map(|contact| Some(parsed(contact)?.1));
        uris.any(|uri| addrs.is_unreachable(&uri))
    }
}

impl ContactRules<'_> {
    /// Whether one of these Contacts gets another address than it has.
    fn moves(&self, contacts: &str, local: Local, settings: &Settings) -> bool {
        let addrs = ContactAddrs::new(local, settings, self.is_seen);
        split_list(contacts).any(|contact| {
            let Some((_, uri)) = parsed(contact) else { return false };
            let wanted = self.wanted_address(contact, Some(&uri), &addrs);
            wanted.is_some_and(|wanted| !uri.host.is_empty() && !wanted.is_of(&uri))
        })
    }

    fn complete<'s>(
        &self,
        scratch: &'s mut WriteScratch,
        draft: &Draft,
        local: Local,
        settings: &Settings,
        branch: Option<&str>,
        date: Option<String>,
    ) -> WireRequest<'s> {
        let WriteScratch { buffers, kept, value } = scratch;
        kept.clear();
        let (wire, (call_id, contacts, replaces_contact, same_contacts)) = buffers.write(|wire| {
            let head = draft.head().as_bytes();
            let mut lines = LineWriter {
                rules: self,
                draft,
                local,
                settings,
                addrs: ContactAddrs::new(local, settings, self.is_seen),
                branch,
                date,
                copy: DualWriter { head, at: 0, wire: &mut *wire, kept: &mut *kept },
                value,
                call_id: 0..0,
                contacts: ContactSpan::Nothing,
                behind_contacts: 0,
                is_stamped: false,
                hides_routes: None,
                is_dated: false,
            };
            draft.lines().iter().for_each(|line| lines.write(*line));
            lines.end();
            let LineWriter { mut call_id, contacts, behind_contacts, .. } = lines;
            let own = self.held.as_ref().and_then(|_| contacts.of(kept));
            let same_contacts = own.is_some() && own == self.held;
            let removable = !self.removes && !local.replaces && !same_contacts;
            let old = self.held.as_deref().filter(|_| removable);
            let removal = own.zip(old).and_then(|(own, old)| removal_beside(&own, old));
            if let Some(removal) = &removal {
                wire.splice(behind_contacts..behind_contacts, removal.bytes());
                if call_id.start > behind_contacts {
                    call_id = call_id.start + removal.len()..call_id.end + removal.len();
                }
            }
            draft.push_end(wire);
            draft.push_end(kept);
            (call_id, contacts, removal.is_some(), same_contacts)
        });
        let contact_address = contact_address(local);
        WireRequest {
            wire,
            call_id,
            kept,
            contacts,
            replaces_contact,
            same_contacts,
            contact_address,
        }
    }

    /// Appends the Contacts in the list `values` with the addresses that they should have.
    fn push_all_addressed(&self, text: &mut String, values: &str, addrs: &ContactAddrs<'_>) {
        let begin = text.len();
        for value in split_list(values) {
            let behind = text.len();
            if behind > begin {
                text.push_str(", ");
            }
            let start = text.len();
            let moved = self.push_addressed(text, value, addrs);
            // Two that have moved to one address are one binding.
            let twice = |other: &str| contact::same_uri(other, &text[start..]);
            if moved && split_list(&text[begin..behind]).any(twice) {
                text.truncate(behind);
            }
        }
    }

    /// Appends the Contact `value` with the address that it should have. Whether that is another
    /// than it had.
    fn push_addressed(&self, text: &mut String, value: &str, addrs: &ContactAddrs<'_>) -> bool {
        let start = text.len();
        // A Contact without its address is one that we made.
        let uri = if contact::is_open(value) { None } else { parsed(value).map(|(_, uri)| uri) };
        let wanted = self.wanted_address(value, uri.as_ref(), addrs);
        let is_filled = contact::push_filled(text, value, || wanted.unwrap_or(&addrs.ours).text());
        if is_filled && addrs.transport.is_reliable() {
            contact::insert_transport(text, start, addrs.transport);
        }
        if is_filled || self.removes {
            return false;
        }
        let Some(wanted) = wanted else { return false };
        if uri.is_some_and(|uri| wanted.is_of(&uri)) {
            return false;
        }
        let Some(moved) = contact::readdress(&text[start..], wanted.text()) else { return false };
        text.truncate(start);
        text.push_str(&moved);
        true
    }

    /// The address that the Contact `value`, whose URI is `uri`, should have.
    /// `None`: the one that it has.
    fn wanted_address<'a>(
        &self,
        value: &str,
        uri: Option<&Uri<'_>>,
        addrs: &'a ContactAddrs<'_>,
    ) -> Option<&'a ContactAddress<'a>> {
        let is_ours = || uri.is_some_and(|uri| uri.params.get("line") == Some(self.line));
        let automatic = contact::is_open(value) || (!self.explicit_address && is_ours());
        if !automatic {
            let seen = addrs.reflexive.as_ref();
            let moves = || uri.is_some_and(|uri| addrs.is_unreachable(uri));
            return match seen.filter(|_| addrs.every) {
                None if moves() => Some(seen.unwrap_or(&addrs.ours)),
                seen => seen,
            };
        }
        Some(addrs.public.as_ref().or(addrs.reflexive.as_ref()).unwrap_or(&addrs.ours))
    }
}

/// A Contact value that is an address, with its URI.
fn parsed(value: &str) -> Option<(NameAddr<'_>, Uri<'_>)> {
    let addr = NameAddr::parse(value).ok()?;
    Some((addr, Uri::parse(addr.uri).ok()?))
}

/// Whether two URIs have the same host and port.
fn same_address(one: &Uri<'_>, other: &Uri<'_>) -> bool {
    let port = |uri: &Uri<'_>| uri.port.unwrap_or(uri.default_port());
    one.host.eq_ignore_ascii_case(other.host) && port(one) == port(other)
}

/// The header line that removes those of the `held` Contacts which are at addresses that none of
/// our `own` has. `None` where one of our own is no address: it may be any of them.
fn removal_beside(own: &str, held: &str) -> Option<String> {
    let own: Vec<Uri<'_>> =
        split_list(own).map(|own| Some(parsed(own)?.1)).collect::<Option<_>>()?;
    let elsewhere = |contact: &str| {
        let uri = parsed(contact).map(|(_, uri)| uri).filter(|uri| !uri.host.is_empty());
        uri.is_some_and(|uri| !own.iter().any(|own| same_address(own, &uri)))
    };
    let gone = split_list(held).filter(|contact| elsewhere(contact));
    let old: Vec<String> = gone.map(contact::removal).collect();
    (!old.is_empty()).then(|| format!("Contact: {}\r\n", one_line(&old.join(", "))))
}

#[cfg(test)]
mod tests;
