//! A REGISTER as it goes out: its text once more, with what is only known when the way out is.

use super::Registration;
use super::binding::Bound;
use super::kept::ContactSpan;
use crate::request::contact::{self, Address};
use crate::request::target::hides_route;
use crate::request::via::push_stamped;
use crate::request::{Local, Masquerade, Settings};
use crate::sip::{BufferPool, Draft, Field, Line, NameAddr, Text, Uri, one_line, split_list};
use std::net::SocketAddr;
use std::ops::Range;

/// A request as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireRequest<'s> {
    /// The bytes on the wire.
    pub wire: Text,
    /// Where its Call-ID stands in them.
    pub call_id: Range<usize>,
    /// What the next request is made from.
    pub(super) template: &'s [u8],
    /// Our Contacts in that.
    pub(super) offered: ContactSpan,
    /// An old Contact is removed beside the new one.
    pub(super) swapped: bool,
    /// The server holds these Contacts already.
    pub(super) settled: bool,
}

/// The addresses that a Contact may get.
struct ContactAddrs<'a> {
    ours: &'a Address,
    /// Where the server has seen us, if that counts.
    learned: Option<&'a Address>,
    /// What the application has set for the Contacts that we make, if that counts.
    public: Option<Address>,
    /// The application's own Contacts move too.
    every: bool,
}

impl<'a> ContactAddrs<'a> {
    /// `addresses` are kept in words from one request to the next.
    fn new(addresses: &'a mut Addresses, local: Local, settings: &Settings) -> Self {
        let every = local.masquerade == Masquerade::Every;
        let Addresses { ours, learned } = addresses;
        let ours = ours.of(local.address);
        let learned =
            local.learned.filter(|_| local.masquerade != Masquerade::Off).map(|seen| learned.of(seen));
        let given = settings.public_host.is_some() || settings.public_port.is_some();
        let public = (given && !every).then(|| {
            let host = settings.public_host.as_deref().unwrap_or(ours.host());
            Address::new(host, settings.public_port.unwrap_or(ours.port))
        });
        ContactAddrs { ours, learned, public, every }
    }
}

/// An address in words: those of the last request, which seldom change.
#[derive(Debug, Default)]
struct AddrText {
    of: Option<SocketAddr>,
    text: Address,
}

impl AddrText {
    fn of(&mut self, address: SocketAddr) -> &Address {
        if self.of != Some(address) {
            *self = AddrText { of: Some(address), text: Address::from(address) };
        }
        &self.text
    }
}

/// Those that a request may have.
#[derive(Debug, Default)]
struct Addresses {
    ours: AddrText,
    learned: AddrText,
}

/// Where requests are written: what one leaves to the next.
#[derive(Debug, Default)]
pub struct WriteScratch {
    buffers: BufferPool,
    kept: Vec<u8>,
    value: String,
    addresses: Addresses,
}

/// A draft being copied: to the wire, and to what is kept of it to make the next one from. All but the lines that each request gets
/// anew goes to both.
struct DualWriter<'d> {
    head: &'d [u8],
    /// What stands before is copied, or left out.
    at: usize,
    wire: &'d mut Vec<u8>,
    kept: &'d mut Vec<u8>,
}

impl DualWriter<'_> {
    /// Where the value of `line`, which is not copied yet, will stand on the wire.
    fn place(&self, line: Line) -> Range<usize> {
        let value = line.value();
        let start = self.wire.len() + (value.start - self.at);
        start..start + value.len()
    }

    /// Copies what stands before `end`.
    #[inline(always)]
    fn up_to(&mut self, end: usize) {
        self.both(&self.head[self.at..end]);
        self.at = end;
    }

    fn both(&mut self, text: &[u8]) {
        self.wire.extend_from_slice(text);
        self.kept.extend_from_slice(text);
    }

    /// Copies what stands before `line`, and leaves `line` out.
    fn leave_out(&mut self, line: Line) {
        self.up_to(line.whole().start);
        self.at = line.whole().end;
    }

    /// Copies `line` to the wire alone.
    fn send_only(&mut self, line: Line) {
        self.leave_out(line);
        self.wire.extend_from_slice(&self.head[line.whole()]);
    }

    /// Copies `line` to the wire alone, with another value.
    fn send_changed(&mut self, line: Line, value: &str) {
        self.leave_out(line);
        self.wire.extend_from_slice(&self.head[line.whole().start..line.value().start]);
        self.wire.extend_from_slice(value.as_bytes());
        self.wire.extend_from_slice(b"\r\n");
    }

    /// Copies `line` to what is kept alone.
    fn keep_only(&mut self, line: Line) {
        self.leave_out(line);
        self.kept.extend_from_slice(&self.head[line.whole()]);
    }

    /// Copies `line` with another value.
    fn change(&mut self, line: Line, value: &str) {
        self.up_to(line.value().start);
        self.both(value.as_bytes());
        self.at = line.value().end;
    }
}

impl Registration {
    /// Writes `draft` with the addresses put in: Via, and the Contacts that the policy wants at `local`. The bindings that the server
    /// holds at other addresses are removed in the same request.
    pub fn complete<'s>(
        &self,
        scratch: &'s mut WriteScratch,
        draft: &Draft,
        local: Local,
        settings: &Settings,
        branch: Option<&str>,
        date: Option<String>,
    ) -> WireRequest<'s> {
        let WriteScratch { buffers, kept, value, addresses } = scratch;
        kept.clear();
        let addrs = ContactAddrs::new(addresses, local, settings);
        let (wire, (call_id, offered, swapped, settled)) = buffers.write(|wire| {
            let mut copy = DualWriter { head: draft.head().as_bytes(), at: 0, wire, kept: &mut *kept };
            let mut offered = ContactSpan::Nothing;
            let (mut call_id, mut behind_contacts) = (0..0, 0);
            let (mut stamped, mut hidden, mut dated) = (false, None, false);
            for line in draft.lines().iter().copied() {
                match line.field() {
                    // Another Via is none of ours.
                    Field::Via if stamped => copy.leave_out(line),
                    Field::Via => {
                        let public = settings.public_port.map(|port| Address::new(addrs.ours.host(), port));
                        let address = public.as_ref().unwrap_or(addrs.ours);
                        value.clear();
                        push_stamped(value, draft.value(line), address, branch);
                        copy.send_changed(line, value);
                        stamped = true;
                    }
                    Field::CallId if call_id.is_empty() => call_id = copy.place(line),
                    Field::Authorization | Field::ProxyAuthorization => copy.send_only(line),
                    Field::Contact => {
                        value.clear();
                        self.push_all_addressed(value, draft.value(line), &addrs);
                        copy.change(line, value);
                        offered = offered.and_at_the_end_of(copy.kept, value);
                        behind_contacts = copy.wire.len() + 2;
                    }
                    Field::Route => {
                        let hides = || !local.keep_route && hides_route(draft.value(line), settings);
                        if *hidden.get_or_insert_with(hides) {
                            copy.keep_only(line);
                        }
                    }
                    Field::Date => match &date {
                        Some(_) if dated => copy.leave_out(line),
                        Some(date) => {
                            copy.change(line, date);
                            dated = true;
                        }
                        None => {}
                    },
                    _ => {}
                }
            }
            copy.up_to(draft.head().len());
            if let Some(date) = date.filter(|_| !dated) {
                copy.both(format!("Date: {date}\r\n").as_bytes());
            }
            let removable = self.wanted > 0 && !local.replaces;
            let settled = self.holds(offered, kept);
            let elsewhere = if removable && !settled { self.bound() } else { None };
            let removal = elsewhere.and_then(|bound| removal_beside(&offered.of(kept)?, &bound));
            if let Some(removal) = &removal {
                wire.splice(behind_contacts..behind_contacts, removal.bytes());
                if call_id.start > behind_contacts {
                    call_id = call_id.start + removal.len()..call_id.end + removal.len();
                }
            }
            draft.push_end(wire);
            draft.push_end(kept);
            (call_id, offered, removal.is_some(), settled)
        });
        WireRequest { wire, call_id, template: kept, offered, swapped, settled }
    }

    /// Whether the server holds just the Contacts that are `offered` in `text`.
    fn holds(&self, offered: ContactSpan, text: &[u8]) -> bool {
        let last = self.template.as_deref().filter(|_| self.bound == Bound::AsSent);
        // As they mostly are: each in one line.
        if let (Some(bound), Some(own)) = (last.and_then(|last| self.offered.line(last)), offered.line(text))
        {
            return bound == own;
        }
        self.bound().is_some_and(|bound| offered.of(text).is_some_and(|own| own == bound))
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

    /// Appends the Contact `value` with the address that it should have; whether that is another than it had.
    fn push_addressed(&self, text: &mut String, value: &str, addrs: &ContactAddrs<'_>) -> bool {
        // As most are, from the second request on.
        if !self.contact_is_theirs && addrs.public.is_none() {
            let address = addrs.learned.unwrap_or(addrs.ours);
            if contact::is_ours_at(value, address, self.line.as_bytes()) {
                text.push_str(value);
                return false;
            }
        }
        self.push_readdressed(text, value, addrs)
    }

    /// The same for any Contact.
    fn push_readdressed(&self, text: &mut String, value: &str, addrs: &ContactAddrs<'_>) -> bool {
        let wanted = self.wanted_address(value, addrs);
        let start = text.len();
        if contact::push_filled(text, value, wanted.unwrap_or(addrs.ours)) {
            return false;
        }
        let removes = self.wanted == 0;
        let moved = wanted.filter(|_| !removes).and_then(|wanted| contact::readdress(&text[start..], wanted));
        let Some(moved) = moved else { return false };
        text.truncate(start);
        text.push_str(&moved);
        true
    }

    /// The address that this Contact should have; `None`: the one it has.
    fn wanted_address<'a>(&self, value: &str, addrs: &'a ContactAddrs<'_>) -> Option<&'a Address> {
        // With its placeholder port the URI does not parse, but then it is ours.
        let automatic = contact::is_open(value)
            || (!self.contact_is_theirs && contact::line_of(value) == Some(&*self.line));
        if !automatic {
            return addrs.learned.filter(|_| addrs.every);
        }
        Some(addrs.public.as_ref().or(addrs.learned).unwrap_or(addrs.ours))
    }

    /// Whether the binding at the server should move to another address than it was sent with.
    pub fn wants_swap(&self, local: Local, settings: &Settings) -> bool {
        let Some(bound) = self.bound() else { return false };
        let mut addresses = Addresses::default();
        let addrs = ContactAddrs::new(&mut addresses, local, settings);
        split_list(&bound).any(|bound| {
            let wanted = self.wanted_address(bound, &addrs);
            wanted.is_some_and(|wanted| contact::readdress(bound, wanted).is_some())
        })
    }
}

/// The header line that removes those of the `bound` Contacts which are at addresses that none of our `own` has.
fn removal_beside(own: &str, bound: &str) -> Option<String> {
    let gone = split_list(bound).filter(|bound| split_list(own).all(|own| moved(bound, own)));
    let old: Vec<String> = gone.map(contact::removal).collect();
    (!old.is_empty()).then(|| format!("Contact: {}\r\n", one_line(&old.join(", "))))
}

/// Whether two Contact values differ in the address of their URIs.
fn moved(bound: &str, contact: &str) -> bool {
    let Ok(Ok(uri)) = NameAddr::parse(contact).map(|addr| Uri::parse(addr.uri)) else { return false };
    let host = if uri.host.contains(':') { format!("[{}]", uri.host) } else { uri.host.to_owned() };
    let address = Address::new(&host, uri.port.unwrap_or(uri.default_port()));
    contact::readdress(bound, &address).is_some()
}

#[cfg(test)]
mod tests;
