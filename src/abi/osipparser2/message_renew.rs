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
    /// Compares its old and new text. `None`: the new one does not parse, or there are more elements.
    fn of(list: &osip_list_t, texts: Option<(&[u8], &[u8])>, c: Caller<'a>) -> Option<Self> {
        let Some((old, new)) = texts else { return Some(Self::Same) };
        let only = list::get::<T>(list, 0, c).filter(|_| list.nb_elt == 1)?;
        let only = c.get_mut(only).ok()?;
        if let Some((host, port)) = filled(old, new)
            && only
                .address(c)
                .is_some_and(|(host, port)| c.text(*host) == Some(NO_HOST) && c.text(*port) == Some(NO_PORT))
        {
            return Some(Self::Address(only, c.new_text(host).ok()?, c.new_text(port).ok()?));
        }
        Some(Self::Other(only, Owned::parsed(new, c).ok()?))
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

/// Host and port, where all that `new` has of its own is an address for what stood for one in `old`.
fn filled<'t>(old: &[u8], new: &'t [u8]) -> Option<(&'t [u8], &'t [u8])> {
    let same = same_start(old, new);
    // An address may begin as its placeholder does; mostly it does not.
    let behind = |at: usize| old.get(at..)?.strip_prefix(NO_HOST)?.strip_prefix(b":")?.strip_prefix(NO_PORT);
    let (at, rest) =
        (same.saturating_sub(NO_HOST.len())..=same).rev().find_map(|at| Some((at, behind(at)?)))?;
    let address = new.strip_suffix(rest)?.get(at..)?;
    let (host, port) = address.split_at(find_last(address, b':')?);
    let port = port.get(1..).filter(|port| (1..=5).contains(&port.len()))?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let plain = !host.is_empty() && host.iter().all(is_name) && port.iter().all(u8::is_ascii_digit);
    plain.then_some((host, port))
}

/// The values of the two before and now, where they differ.
#[derive(Default)]
struct Changed<'t> {
    via: Option<(&'t [u8], &'t [u8])>,
    contact: Option<(&'t [u8], &'t [u8])>,
}

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
        let ((before, old_rest), (after, new_rest)) = (line(&old[start..])?, line(&new[start..])?);
        if before != after {
            let is_whole = |rest: &[u8]| !matches!(rest.first(), Some(b' ' | b'\t'));
            let value = |name: &[u8]| {
                let (old, new) = (before.strip_prefix(name)?, after.strip_prefix(name)?);
                let plain = find(new, b',').is_none() && find(new, 0).is_none();
                (plain && is_whole(old_rest) && is_whole(new_rest)).then_some((old, new))
            };
            let (slot, value) = match value(b"Via: ") {
                Some(value) => (&mut changed.via, value),
                None => (&mut changed.contact, value(b"Contact: ")?),
            };
            if slot.replace(value).is_some() {
                return None;
            }
        }
        (old, new) = (old_rest, new_rest);
    }
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
            let printed = message_to_text(message).unwrap();
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
                let text = message_to_text(message).unwrap();
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
                        assert_eq!(Some(printed), message_to_text(message));
                        osip_message_free(message);
                    }
                } else {
                    assert_eq!(printed, BUILT.as_bytes());
                }
            }
        }
    }
}
