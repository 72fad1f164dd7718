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
    via.take_its_place();
    contact.take_its_place();
    c.drop_text(&mut message.message);
    (message.message_property, message.message_length) = (CHANGED, 0);
    message.application_data = ptr::null_mut();
    Some(())
}

/// The only element of a list, and the one for its place, if it is another.
struct Fresh<'a, T: Grammar>(Option<(&'a mut T, Owned<'a, T>)>);

impl<'a, T: Grammar> Fresh<'a, T> {
    /// Reads `text`. `None`: it does not parse, or there are more elements.
    fn of(list: &osip_list_t, text: Option<&[u8]>, c: Caller<'a>) -> Option<Self> {
        let Some(text) = text else { return Some(Self(None)) };
        let only = list::get::<T>(list, 0, c).filter(|_| list.nb_elt == 1)?;
        Some(Self(Some((c.get_mut(only).ok()?, Owned::parsed(text, c).ok()?))))
    }

    fn take_its_place(self) {
        if let Some((old, mut fresh)) = self.0 {
            mem::swap(old, &mut *fresh);
        }
    }
}

/// The values of the two, where they differ from those before.
#[derive(Default)]
struct Changed<'t> {
    via: Option<&'t [u8]>,
    contact: Option<&'t [u8]>,
}

/// What of `new` is not as in `old`; `None` where that is more than one Via and one Contact.
fn differences<'t>(old: &[u8], new: &'t [u8]) -> Option<Changed<'t>> {
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
                let value = after.strip_prefix(name).filter(|_| before.starts_with(name))?;
                let plain = find(value, b',').is_none() && find(value, 0).is_none();
                (plain && is_whole(old_rest) && is_whole(new_rest)).then_some(value)
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

/// How many bytes at the start are the same: eight at a time.
fn same_start(a: &[u8], b: &[u8]) -> usize {
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    let start = words.take_while(|(a, b)| a == b).count() * 8;
    start + a[start..].iter().zip(&b[start..]).take_while(|(a, b)| a == b).count()
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
