//! Whole messages between text and struct: for the functions of C, and for the rest of the library.

use super::cstruct::{CStruct, Owned, free};
use super::header_table::Names;
use super::osip_message::{CHANGED, PRINTED, osip_message, osip_message_t};
use super::{message_reader, message_writer};
use crate::abi::ffi::{Caller, Failure};
use crate::cmem::CText;
use libc::{c_char, c_int};
use std::ptr;

/// A message from its text, body included, as osip_message_parse reads it: names of header fields
/// without a type of their own come out in lower case. The caller owns it. `None` for a text that
/// is no message, or without memory.
pub(crate) fn message_from_text(text: &[u8]) -> Option<*mut osip_message_t> {
    from_text(text, Names::Lower)
}

/// The same for a text that this library wrote: names stay as they are, as if set by
/// osip_message_set_header.
pub(crate) fn message_from_built_text(text: &[u8]) -> Option<*mut osip_message_t> {
    from_text(text, Names::AsWritten)
}

fn from_text(text: &[u8], names: Names) -> Option<*mut osip_message_t> {
    // SAFETY: all structs that meet this value are made here.
    let c = unsafe { Caller::promised() };
    c.with_free_list(|c| parse_message(text, names, c).ok())
}

/// The one way to make a message of a text. The caller owns it.
fn parse_message(text: &[u8], names: Names, c: Caller<'_>) -> Result<*mut osip_message_t, Failure> {
    let mut message = Owned::<osip_message>::new(c)?;
    message_reader::read(&mut message, text, names, c)?;
    Ok(message.into_raw())
}

/// Frees messages with all they hold; any may be NULL.
///
/// # Safety
/// As for osip_message_free, for each of them.
pub(crate) unsafe fn free_messages<const N: usize>(messages: [*mut osip_message_t; N]) {
    // SAFETY: the caller's promise.
    let c = unsafe { Caller::promised() };
    c.with_free_list(|c| messages.iter().for_each(|message| free(*message, c)));
}

/// Writes the text of a message as its struct is now, whatever `message` says, to the end of `out`.
/// What cannot be printed is left out; `None` without a first line.
///
/// # Safety
/// `message` is NULL or an initialised message, and nobody changes it meanwhile.
pub(crate) unsafe fn message_to_text(
    message: *const osip_message_t,
    out: &mut Vec<u8>,
) -> Option<()> {
    // SAFETY: the caller's promise.
    let c = unsafe { Caller::promised() };
    out.reserve(960);
    message_writer::write(c.get(message).ok()?, message_writer::Care::LeaveOut, out, c).ok()
}

/// The text of a message as its struct is now; `None` for NULL and where it cannot be printed.
///
/// # Safety
/// As for [`message_to_text`].
pub(crate) unsafe fn text_of_message(message: *const osip_message_t) -> Option<Vec<u8>> {
    if message.is_null() {
        return None;
    }
    let mut text = Vec::new();
    // SAFETY: the caller's promise.
    unsafe { message_to_text(message, &mut text) }?;
    Some(text)
}

/// `osip_message_parse` and its like: what the message held before is freed.
pub(super) fn read(
    c: Caller<'_>,
    sip: *mut osip_message,
    buf: *const c_char,
    length: usize,
    reader: fn(&mut osip_message, &[u8], Names, Caller<'_>) -> Result<(), Failure>,
) -> Result<c_int, Failure> {
    let message = c.get_mut(sip)?;
    let text = if length == 0 { b"" } else { c.bytes(buf, length)? };
    message.clear(c);
    reader(message, text, Names::Lower, c)?;
    message.message_property = CHANGED;
    Ok(0)
}

/// `osip_message_to_str` and its like: the text is kept in the message until something changes.
pub(super) fn print(
    c: Caller<'_>,
    sip: *mut osip_message,
    dest: *mut *mut c_char,
    length: *mut usize,
    care: message_writer::Care,
) -> Result<c_int, Failure> {
    c.put(dest, ptr::null_mut())?;
    let message = c.get_mut(sip)?;
    if message.message_property != PRINTED || message.message.is_null() {
        let mut out = Vec::with_capacity(960);
        message_writer::write(message, care, &mut out, c)?;
        let text = CText::new(&out)?;
        c.drop_text(&mut message.message);
        (message.message, message.message_length) = (text.into_raw(), out.len());
        message.message_property = PRINTED;
    }
    let text = CText::new(c.bytes(message.message, message.message_length)?)?;
    if !length.is_null() {
        c.put(length, message.message_length)?;
    }
    c.put(dest, text.into_raw())?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::osipparser2::cstruct::Owned;
    use crate::abi::osipparser2::osip_message::osip_message_free;

    /// The text of a message that was read and is printed again.
    fn again(text: &str, from: fn(&[u8]) -> Option<*mut osip_message_t>) -> Option<String> {
        let message = from(text.as_bytes())?;
        let mut text = Vec::new();
        // SAFETY: the same, not used again.
        unsafe {
            message_to_text(message, &mut text)?;
            osip_message_free(message);
        }
        Some(String::from_utf8(text).unwrap())
    }

    const REGISTER: &str = "REGISTER sip:1000@example.com SIP/2.0\r\n\
        Via: SIP/2.0/UDP 999.999.999.999:99999;rport;branch=z9hG4bK1\r\n\
        From: \"A\" <sip:1000@example.com>;tag=1\r\nTo: <sip:1000@example.com>\r\nCall-ID: x\r\nCSeq: 2 REGISTER\r\n\
        Contact: <sip:1000@999.999.999.999:99999;line=5>;expires=60\r\n\
        Authorization: Digest username=\"1000\", realm=\"\", nonce=\"n\", uri=\"sip:example.com\", response=\"0\", opaque=\"\"\r\n\
        Max-Forwards: 70\r\nUser-Agent: a, b\r\nExpires: 60\r\nSupported: path, gruu\r\nContent-Length: 0\r\n\r\n";

    #[test]
    fn a_text_of_our_own_comes_back_to_the_letter() {
        assert_eq!(again(REGISTER, message_from_built_text).as_deref(), Some(REGISTER));
    }

    #[test]
    fn a_received_text_has_other_names_in_lower_case_and_lists_apart() {
        let printed = again(REGISTER, message_from_text).unwrap();
        assert!(printed.contains("\r\nMax-forwards: 70\r\nUser-agent: a, b\r\n"), "{printed}");
        assert!(printed.contains("\r\nSupported: path\r\nSupported: gruu\r\n"), "{printed}");
    }

    #[test]
    fn what_is_no_message_is_none() {
        for text in [
            "",
            "\r\n\r\n",
            "noise",
            "REGISTER sip:h SIP/2.0",
            "REGISTER sip:h SIP/2.0\r\nX\r\n\r\n",
        ] {
            assert_eq!(again(text, message_from_text), None, "{text:?}");
        }
    }

    #[test]
    fn a_struct_without_version_and_reason_gets_the_usual_ones() {
        // SAFETY: only a message of our own making is reached.
        let c = unsafe { Caller::promised() };
        let mut message = Owned::<osip_message>::new(c).unwrap();
        message.status_code = 404;
        // SAFETY: a message of our own making.
        let mut text = Vec::new();
        // SAFETY: a message of our own making.
        unsafe { message_to_text(&raw const *message, &mut text) }.unwrap();
        assert_eq!(text, b"SIP/2.0 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    }

    #[test]
    fn a_message_cut_anywhere_or_with_any_byte_changed_is_read_or_refused() {
        for at in 0..REGISTER.len() {
            let _ = again(&REGISTER[..at], message_from_text);
            for byte in
                [0, b'\n', b'"', b'<', b'>', b';', b',', b':', b'@', b'%', b'[', b'=', b' ', 0xff]
            {
                let mut text = REGISTER.as_bytes().to_vec();
                text[at] = byte;
                if let Some(message) = message_from_text(&text) {
                    // SAFETY: a message of our own making, printed and then not used again.
                    unsafe {
                        let _ = message_to_text(message, &mut Vec::new());
                        osip_message_free(message);
                    }
                }
            }
        }
    }

    #[test]
    fn a_hostile_head_of_64_kilobytes_costs_no_quadratic_time() {
        for unit in ["m:*\r\n", "x:\r\n", "k:,a,\r\n", "v:SIP/2.0/U h\r\n"] {
            let head = format!("A sip:h SIP/2.0\r\n{}\r\n", unit.repeat(65_000 / unit.len()));
            assert!(again(&head, message_from_text).is_some(), "{unit:?}");
        }
        for value in
            [";a".repeat(32_000), "?a=b".to_owned() + &"&a=b".repeat(16_000), ",a".repeat(32_000)]
        {
            let head =
                format!("A sip:h{value} SIP/2.0\r\nm:<sip:h{value}>{value}\r\nk:{value}\r\n\r\n");
            let _ = again(&head, message_from_text);
        }
    }
}
