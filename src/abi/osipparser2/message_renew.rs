//! A struct whose text has become another one on its way: what the text says of addresses.

use super::headers::osip_contact::Contact;
use super::headers::osip_via::osip_via;
use super::list;
use super::message_read::line;
use super::osip_list::osip_list_t;
use super::osip_message::{CHANGED, osip_message, osip_message_t};
use super::part::{Grammar, Owned};
use super::text::{find, find_last};
use crate::abi::door::Caller;
use crate::cmem::{CText, same_start};
use libc::c_char;
use std::{mem, ptr};

/// Makes a message whose text is `old` the one whose text is `new`, where only the one Via and the one Contact differ.
/// `false`, with the message as it was, where more than that does.
///
/// # Safety
/// `message` is a message that the caller owns.
pub(crate) unsafe fn renew(message: *mut osip_message_t, old: &[u8], new: &[u8]) -> bool {
    // SAFETY: the caller's promise.
    let c = unsafe { Caller::promised() };
    c.with_spare(|c| c.get_mut(message).is_ok_and(|message| changed(message, old, new, c).is_some()))
}

fn changed(message: &mut osip_message, old: &[u8], new: &[u8], c: Caller<'_>) -> Option<()> {
    if message.bodies.nb_elt != 0 {
        return None; // A line of a body may look like a header field.
    }
    let Changed { via, contact } = differences(old, new)?;
    let via = Fresh::<osip_via>::of(&message.vias, via, c)?;
    let contact = Fresh::<Contact>::of(&message.contacts, contact, c)?;
    via.take_its_place(c);
    contact.take_its_place(c);
    c.drop_text(&mut message.message);
    (message.message_property, message.message_length) = (CHANGED, 0);
    message.application_data = ptr::null_mut();
    Some(())
}

/// What has an address.
trait Addressed: Grammar {
    /// Where the texts of host and port are.
    fn address<'a>(&'a mut self, c: Caller<'a>) -> Option<(&'a mut *mut c_char, &'a mut *mut c_char)>;
}

impl Addressed for osip_via {
    fn address<'a>(&'a mut self, _: Caller<'a>) -> Option<(&'a mut *mut c_char, &'a mut *mut c_char)> {
        Some((&mut self.host, &mut self.port))
    }
}

impl Addressed for Contact {
    fn address<'a>(&'a mut self, c: Caller<'a>) -> Option<(&'a mut *mut c_char, &'a mut *mut c_char)> {
        let uri = c.get_mut(self.uri()).ok()?;
        Some((&mut uri.host, &mut uri.port))
    }
}

/// The only element of a list, and what becomes of it.
enum Fresh<'a, T: Addressed> {
    /// Nothing.
    Same,
    /// It gets this host and port in the place of those that stood for an address not known yet.
    Address(&'a mut T, CText, CText),
    /// It becomes another.
    Other(&'a mut T, Owned<'a, T>),
}

impl<'a, T: Addressed> Fresh<'a, T> {
    /// `None`: the new text does not parse, there are more elements, or the address is known already.
    fn of(list: &osip_list_t, new: Option<New<'_>>, c: Caller<'a>) -> Option<Self> {
        let Some(new) = new else { return Some(Self::Same) };
        let only = list::get::<T>(list, 0, c).filter(|_| list.nb_elt == 1)?;
        let only = c.get_mut(only).ok()?;
        match new {
            New::Address(host, port) => {
                let (old_host, old_port) = only.address(c)?;
                let unknown = c.text(*old_host) == Some(NO_HOST) && c.text(*old_port) == Some(NO_PORT);
                let (host, port) = (c.new_text(host).ok()?, c.new_text(port).ok()?);
                unknown.then_some(Self::Address(only, host, port))
            }
            New::Value(value) => Some(Self::Other(only, Owned::parsed(value, c).ok()?)),
        }
    }

    fn take_its_place(self, c: Caller<'a>) {
        match self {
            Self::Same => {}
            Self::Address(of, new_host, new_port) => {
                if let Some((host, port)) = of.address(c) {
                    c.drop_text(host);
                    c.drop_text(port);
                    (*host, *port) = (new_host.into_raw(), new_port.into_raw());
                }
            }
            Self::Other(old, mut fresh) => mem::swap(old, &mut *fresh),
        }
    }
}

/// What stands for an address that is not known yet.
const NO_HOST: &[u8] = b"999.999.999.999";
const NO_PORT: &[u8] = b"99999";

/// What one of the two becomes.
enum New<'t> {
    /// It has this host and port where its address was not known; all else of it stays.
    Address(&'t [u8], &'t [u8]),
    /// It has this value.
    Value(&'t [u8]),
}

/// What becomes of the two, where they differ.
#[derive(Default)]
struct Changed<'t> {
    via: Option<New<'t>>,
    contact: Option<New<'t>>,
}

impl<'t> Changed<'t> {
    /// Notes what becomes of the one whose line begins with `start`. `None`: it is another line, or it was noted before.
    fn note(&mut self, start: &[u8], new: New<'t>) -> Option<()> {
        let slot = if start.starts_with(VIA) {
            &mut self.via
        } else if start.starts_with(CONTACT) {
            &mut self.contact
        } else {
            return None;
        };
        slot.replace(new).is_none().then_some(())
    }
}

const VIA: &[u8] = b"Via: ";
const CONTACT: &[u8] = b"Contact: ";

/// What of `new` is not as in `old`; `None` where that is more than one Via and one Contact.
fn differences<'t>(old: &'t [u8], new: &'t [u8]) -> Option<Changed<'t>> {
    let mut changed = Changed::default();
    let (mut old, mut new) = (old, new);
    loop {
        let same = same_start(old, new);
        if same == old.len() && same == new.len() {
            return Some(changed);
        }
        let start = find_last(&old[..same], b'\n').map_or(0, |at| at + 1);
        if let Some((address, behind_old, behind_new)) = filled(old, new, same) {
            changed.note(&old[start..same], address)?;
            (old, new) = (behind_old, behind_new);
            continue;
        }
        let ((before, old_rest), (after, new_rest)) = (line(&old[start..])?, line(&new[start..])?);
        if before != after {
            let is_whole = |rest: &[u8]| !matches!(rest.first(), Some(b' ' | b'\t'));
            let plain = find(after, b',').is_none() && find(after, 0).is_none();
            let name = [VIA, CONTACT].into_iter().find(|name| before.starts_with(name))?;
            let value = after.strip_prefix(name)?;
            (plain && is_whole(old_rest) && is_whole(new_rest)).then_some(())?;
            changed.note(before, New::Value(value))?;
        }
        (old, new) = (old_rest, new_rest);
    }
}

/// The address that stands in `new` where `old` has what stands for one, around the first difference; and what is behind both.
fn filled<'t>(old: &'t [u8], new: &'t [u8], same: usize) -> Option<(New<'t>, &'t [u8], &'t [u8])> {
    let behind = |at: usize| old.get(at..)?.strip_prefix(NO_HOST)?.strip_prefix(b":")?.strip_prefix(NO_PORT);
    // An address may begin as its placeholder does; mostly it does not.
    let mut places = (same.saturating_sub(NO_HOST.len())..=same).rev();
    let (address, behind_old) = places.find_map(|at| Some((new.get(at..)?, behind(at)?)))?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let (host, rest) = address.split_at(address.iter().position(|byte| !is_name(byte))?);
    let rest = rest.strip_prefix(b":")?;
    let (port, behind_new) = rest.split_at(rest.iter().position(|byte| !byte.is_ascii_digit())?);
    let whole = !host.is_empty() && (1..=5).contains(&port.len());
    whole.then_some((New::Address(host, port), behind_old, behind_new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::osipparser2::osip_message::{
        message_from_built_text, message_to_text, osip_message_free,
    };

    const BUILT: &str = "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP 999.999.999.999:99999;rport;branch=z9hG4bK1\r\n\
        From: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\nCall-ID: x\r\nCSeq: 2 REGISTER\r\n\
        Contact: <sip:a@999.999.999.999:99999;line=5>;q=1\r\nX: y\r\nContent-Length: 0\r\n\r\n";

    fn on_the_wire() -> String {
        BUILT.replace("999.999.999.999:99999", "[::1]:5060")
    }

    /// What a struct prints when it was made of `old` and is to be `new`; and whether it became that.
    fn renewed(old: &str, new: &[u8]) -> (bool, Vec<u8>) {
        let message = message_from_built_text(old.as_bytes()).unwrap();
        // SAFETY: a message of our own making, freed once.
        unsafe {
            let renewed = renew(message, old.as_bytes(), new);
            let printed = message_to_text(message, Vec::new()).unwrap();
            osip_message_free(message);
            (renewed, printed)
        }
    }

    #[test]
    fn the_addresses_of_via_and_contact_become_those_on_the_wire() {
        assert_eq!(renewed(BUILT, on_the_wire().as_bytes()), (true, on_the_wire().into_bytes()));
        assert_eq!(renewed(BUILT, BUILT.as_bytes()), (true, BUILT.as_bytes().to_vec()));
    }

    #[test]
    fn an_address_of_any_kind_takes_the_place_of_what_stood_for_it() {
        for address in
            ["9.9.9.9:9", "999.99.9.9:65535", "h.test:5060", "h:1", "[::1]:5060", "127.0.0.1", "h:x", ":5"]
        {
            let wire = BUILT.replace("999.999.999.999:99999", address);
            let (renewed, printed) = renewed(BUILT, wire.as_bytes());
            let message = message_from_built_text(wire.as_bytes());
            assert_eq!(renewed, message.is_some(), "{address}");
            // SAFETY: a message of our own making, freed once.
            let read = message.map(|message| unsafe {
                let text = message_to_text(message, Vec::new()).unwrap();
                osip_message_free(message);
                text
            });
            assert_eq!(printed, read.unwrap_or_else(|| BUILT.into()), "{address}");
        }
    }

    #[test]
    fn where_more_differs_the_message_stays() {
        for (from, to) in
            [("CSeq: 2", "CSeq: 3"), ("X: y\r\n", ""), ("X: y", "X: y\r\nX: y"), ("h SIP", "i SIP")]
        {
            let other = on_the_wire().replace(from, to);
            assert_eq!(renewed(BUILT, other.as_bytes()), (false, BUILT.as_bytes().to_vec()), "{from}");
        }
        let two = BUILT.replace("X: y", "Contact: <sip:b@h>\r\nX: y");
        let other = two.replace("999.999.999.999:99999", "h");
        assert_eq!(renewed(&two, other.as_bytes()), (false, two.into_bytes()));
    }

    #[test]
    fn a_message_made_another_is_as_if_read_from_its_text() {
        let wire = on_the_wire().into_bytes();
        for at in 0..wire.len() {
            for byte in
                [0, b'\r', b'\n', b'"', b'<', b'>', b';', b',', b':', b'@', b'%', b'=', b' ', b'*', 0xff]
            {
                let mut text = wire.clone();
                text[at] = byte;
                let (renewed, printed) = renewed(BUILT, &text);
                if renewed {
                    let message = message_from_built_text(&text).unwrap();
                    // SAFETY: a message of our own making, freed once.
                    unsafe {
                        assert_eq!(Some(printed), message_to_text(message, Vec::new()));
                        osip_message_free(message);
                    }
                } else {
                    assert_eq!(printed, BUILT.as_bytes());
                }
            }
        }
    }
}
