//! A message that went out with another text: its Via and Contact get
//! what went out.

use super::cstruct::{HeaderField, Owned};
use super::headers::osip_contact::OsipContact;
use super::headers::osip_via::osip_via;
use super::list;
use super::osip_list::osip_list_t;
use super::osip_message::{CHANGED, osip_message};
use super::search::{find_any, split};
use super::text::trim;
use crate::abi::ffi::Caller;
use std::{mem, ptr};

/// Makes a message whose text is `old` what a reader would make of the text `new`, where only the
/// one Via and the one Contact differ. `false`, with the message as it was, where more than that
/// does.
pub(super) fn update(message: &mut osip_message, old: &[u8], new: &[u8], c: Caller<'_>) -> bool {
    // A line of a body may look like a header field.
    message.bodies.nb_elt == 0 && updated(message, old, new, c).is_some()
}

fn updated(message: &mut osip_message, old: &[u8], new: &[u8], c: Caller<'_>) -> Option<()> {
    let Changed { via, contact } = changed(old, new)?;
    let via = via.map(|value| Replacement::<osip_via>::of(&message.vias, value, c));
    let contact = contact.map(|value| Replacement::<OsipContact>::of(&message.contacts, value, c));
    if matches!(via, Some(None)) || matches!(contact, Some(None)) {
        return None;
    }
    via.flatten().into_iter().for_each(Replacement::swap);
    contact.flatten().into_iter().for_each(Replacement::swap);
    c.drop_text(&mut message.message);
    (message.message_property, message.message_length) = (CHANGED, 0);
    message.application_data = ptr::null_mut();
    Some(())
}

/// The only element of a list, and what takes its place.
struct Replacement<'a, T: HeaderField> {
    old: &'a mut T,
    new: Owned<'a, T>,
}

impl<'a, T: HeaderField> Replacement<'a, T> {
    /// `None`: there are more elements, or the value does not parse.
    fn of(list: &osip_list_t, value: &[u8], c: Caller<'a>) -> Option<Self> {
        let only = list::get::<T>(list, 0, c).filter(|_| list.nb_elt == 1)?;
        Some(Self { old: c.get_mut(only).ok()?, new: Owned::parsed(value, c).ok()? })
    }

    fn swap(mut self) {
        mem::swap(self.old, &mut *self.new);
    }
}

/// The values that are others in the new text.
#[derive(Default)]
struct Changed<'t> {
    via: Option<&'t [u8]>,
    contact: Option<&'t [u8]>,
}

/// What of `new` is not as in `old`; `None` where that is more than one Via and one Contact.
fn changed<'t>(mut old: &[u8], mut new: &'t [u8]) -> Option<Changed<'t>> {
    let mut changed = Changed::default();
    loop {
        let same = common_start(old, new);
        if same == old.len() && same == new.len() {
            return Some(changed);
        }
        let line = memchr::memrchr(b'\n', &old[..same]).map_or(0, |end| end + 1);
        let ((before, old_rest), (after, new_rest)) =
            (split(&old[line..], b'\n')?, split(&new[line..], b'\n')?);
        (old, new) = (old_rest, new_rest);
        let slot = match (before, after) {
            ([b'V', b'i', b'a', b':', ..], [b'V', b'i', b'a', b':', ..]) => &mut changed.via,
            _ if before.starts_with(b"Contact:") && after.starts_with(b"Contact:") => {
                &mut changed.contact
            }
            _ => return None,
        };
        let (_, value) = split(after.strip_suffix(b"\r")?, b':')?;
        let is_single = find_any(value, [b',', b'\r', 0]).is_none();
        let is_folded = |rest: &[u8]| matches!(rest.first(), Some(b' ' | b'\t'));
        if !is_single || is_folded(old) || is_folded(new) || slot.replace(trim(value)).is_some() {
            return None;
        }
    }
}

/// How many bytes at the start of both are the same.
fn common_start(one: &[u8], other: &[u8]) -> usize {
    let chunks = one.chunks_exact(16).zip(other.chunks_exact(16));
    let start = 16 * chunks.take_while(|(one, other)| one == other).count();
    let bytes = one[start..].iter().zip(&other[start..]);
    start + bytes.take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::osipparser2::message_text::message_to_text;
    use crate::abi::osipparser2::osip_message::{
        free_messages, message_from_built_text, osip_message_t,
    };

    const BUILT: &str = "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP 999.999.999.999:99999;rport;branch=z9hG4bK1\r\n\
        From: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\nCall-ID: x\r\nCSeq: 2 REGISTER\r\n\
        Contact: <sip:a@999.999.999.999:99999;line=5>;q=1\r\nX: y\r\nContent-Length: 0\r\n\r\n";

    fn on_the_wire() -> String {
        BUILT.replace("999.999.999.999:99999", "[::1]:5060")
    }

    fn printed(message: *mut osip_message_t) -> Vec<u8> {
        let mut text = Vec::new();
        // SAFETY: a message of our own making, freed once.
        unsafe {
            message_to_text(message, &mut text).unwrap();
            free_messages([message]);
        }
        text
    }

    /// What a struct prints when it was made of `old` and is to be `new`; and whether it became
    /// that.
    fn after_update(old: &str, new: &[u8]) -> (bool, Vec<u8>) {
        let message = message_from_built_text(old.as_bytes()).unwrap();
        // SAFETY: a message of our own making.
        let c = unsafe { Caller::promised() };
        let is_updated = update(c.get_mut(message).unwrap(), old.as_bytes(), new, c);
        (is_updated, printed(message))
    }

    #[test]
    fn via_and_contact_become_those_on_the_wire() {
        assert_eq!(
            after_update(BUILT, on_the_wire().as_bytes()),
            (true, on_the_wire().into_bytes())
        );
        assert_eq!(after_update(BUILT, BUILT.as_bytes()), (true, BUILT.as_bytes().to_vec()));
    }

    #[test]
    fn where_more_differs_the_message_stays() {
        for (from, to) in
            [("CSeq: 2", "CSeq: 3"), ("X: y\r\n", ""), ("X: y", "X: y\r\nX: y"), ("h SIP", "i SIP")]
        {
            let other = on_the_wire().replace(from, to);
            assert_eq!(
                after_update(BUILT, other.as_bytes()),
                (false, BUILT.as_bytes().to_vec()),
                "{from}"
            );
        }
        let two = BUILT.replace("X: y", "Contact: <sip:b@h>\r\nX: y");
        let other = two.replace("999.999.999.999:99999", "h");
        assert_eq!(after_update(&two, other.as_bytes()), (false, two.into_bytes()));
    }

    #[test]
    fn a_message_made_another_is_as_if_read_from_its_text() {
        let wire = on_the_wire().into_bytes();
        for at in 0..wire.len() {
            for byte in [
                0, b'\r', b'\n', b'"', b'<', b'>', b';', b',', b':', b'@', b'%', b'=', b' ', b'*',
                0xff,
            ] {
                let mut text = wire.clone();
                text[at] = byte;
                let (is_updated, after) = after_update(BUILT, &text);
                if is_updated {
                    assert_eq!(after, printed(message_from_built_text(&text).unwrap()));
                } else {
                    assert_eq!(after, BUILT.as_bytes());
                }
            }
        }
    }
}
