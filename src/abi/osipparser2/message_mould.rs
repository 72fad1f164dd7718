//! Messages like one that was read before: they are cast, not read, and printed without a look at each part.

use super::known::{self, Names};
use super::message_read;
use super::message_write::{self, Care};
use super::osip_message::{osip_message, osip_message_t};
use super::part::{Owned, free};
use crate::abi::door::Caller;
use crate::cmem::{self, Mould, Recorder};
use std::ptr;

/// A message from its text. The caller owns it. `None` for a text that is no message, or without memory.
pub(super) fn cast_or_read(text: &[u8], names: Names, c: Caller<'_>) -> Option<*mut osip_message_t> {
    let Some(mut moulds) = cmem::moulds() else { return c.with_spare(|c| read(text, names, c)) };
    let moulds = &mut moulds[names as usize];
    if let Some(message) = moulds.cast(text, known::edition()) {
        return Some(message.cast());
    }
    let recorder = moulds.recorder(text);
    c.with_spare(|c| {
        let message = read(text, names, c.recorded(recorder.as_ref()))?;
        if let Some((mould, prints)) = recorder.and_then(|recorder| proven(recorder, message, text, names, c))
        {
            moulds.keep(mould, prints);
        }
        Some(message)
    })
}

/// Writes the text of a message of our own that is still of a known shape. `None`, with nothing written: it is to be looked at.
pub(super) fn print(message: &osip_message, out: &mut Vec<u8>) -> Option<()> {
    let mut moulds = cmem::moulds()?;
    // SAFETY: all moulds are of messages; what the caller of a C function promises holds for this one.
    unsafe { moulds[Names::AsWritten as usize].print(ptr::from_ref(message).cast_mut().cast(), out) }
}

/// Frees messages with all they hold; any may be NULL.
///
/// # Safety
/// As for osip_message_free, for each of them.
pub(crate) unsafe fn free_messages<const N: usize>(messages: [*mut osip_message_t; N]) {
    // SAFETY: the caller's promise.
    free_all(messages, unsafe { Caller::promised() });
}

/// The same for the messages of a caller who gives them up.
pub(super) fn free_all<const N: usize>(mut messages: [*mut osip_message_t; N], c: Caller<'_>) {
    take_back(&mut messages);
    if messages.iter().any(|message| !message.is_null()) {
        c.with_spare(|c| messages.iter().for_each(|message| free(*message, c)));
    }
}

/// Keeps those of the messages which others will soon be made of, with NULL in their places. What is not NULL then is still to be freed.
fn take_back(messages: &mut [*mut osip_message_t]) {
    if !cmem::may_keep() || messages.iter().all(|message| message.is_null()) {
        return;
    }
    let Some(mut moulds) = cmem::moulds() else { return };
    for message in messages.iter_mut().filter(|message| !message.is_null()) {
        // SAFETY: all moulds are of messages; what the caller of a C function promises holds for this one, and it is given up.
        if moulds.iter_mut().any(|moulds| unsafe { moulds.take_back(message.cast()) }) {
            *message = ptr::null_mut();
        }
    }
}

fn read(text: &[u8], names: Names, c: Caller<'_>) -> Option<*mut osip_message_t> {
    let mut message = Owned::<osip_message>::new(c).ok()?;
    message_read::read(&mut message, text, names, c).ok()?;
    Some(message.into_raw())
}

/// The mould of a message that was recorded, and whether what is cast in it prints as it was written; tried with a text whose values are
/// all others.
fn proven(
    recorder: Recorder,
    message: *mut osip_message_t,
    text: &[u8],
    names: Names,
    c: Caller<'_>,
) -> Option<(Mould, bool)> {
    // SAFETY: read with this recorder right now.
    let mut mould = unsafe { recorder.mould(message.cast(), text) }?;
    let other_text = mould.other_text()?;
    let other = read(&other_text, names, c)?;
    let cast = mould.cast(&other_text).unwrap_or(ptr::null_mut()).cast::<osip_message_t>();
    // SAFETY: messages of our own.
    let fits = !cast.is_null() && unsafe { mould.is_last(other.cast()) && mould.is_last(cast.cast()) };
    let prints = fits && is_printed_as(message, text, c) && is_printed_as(cast, &other_text, c);
    free(other, c);
    free(cast, c);
    fits.then_some((mould, prints))
}

fn is_printed_as(message: *const osip_message_t, text: &[u8], c: Caller<'_>) -> bool {
    let mut out = Vec::with_capacity(text.len());
    let message = c.get(message);
    message.and_then(|message| message_write::write(message, Care::LeaveOut, &mut out, c)).is_ok()
        && out == text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::osipparser2::headers::osip_header::osip_header;
    use crate::abi::osipparser2::list;
    use crate::abi::osipparser2::part::Held;
    use std::fs;

    const REGISTER: &str = "REGISTER sip:example.com:5061 SIP/2.0\r\n\
        Via: SIP/2.0/UDP 999.999.999.999:99999;rport;branch=z9hG4bK1\r\n\
        From: \"A\" <sip:1000@example.com>;tag=1\r\nTo: <sip:+49123@example.com;user=phone>\r\nCall-ID: x@h\r\nCSeq: 2 REGISTER\r\n\
        Contact: <sip:1000:pw@999.999.999.999:99999;line=5?a=b>;expires=60;+sip.instance=\"<urn:x>\"\r\n\
        Authorization: Digest username=\"1000\", realm=\"\", nonce=\"n/+=\", uri=\"sip:example.com\", \
        response=\"0\", cnonce=\"c\", opaque=\"a,b\", qop=auth, nc=00000001\r\n\
        Max-Forwards: 70\r\nUser-Agent: a, b\r\nExpires: 60\r\nSupported: path, gruu\r\nContent-Length: 0\r\n\r\n";

    const ACCEPTED: &str = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;rport=5070;branch=z9;received=10.0.0.1\r\n\
        Via: SIP/2.0/TCP [::1]:5070 (comment);branch=z9\r\n\
        f: sip:1000@example.com;tag=1\r\nt: A B <sip:1000@example.com>;tag=2\r\ni: x\r\nCSeq: 2 REGISTER\r\n\
        Contact: <sip:a@h>;expires=60, \"x, <y>\" <sip:b@h:1>;expires=61;q=\"0.5\", <tel:5>, *\r\n\
        Authentication-Info: nextnonce=\"a b\", qop=auth\r\nService-Route: <sip:h;lr>, <sip:i;lr>\r\n\
        Date: Sat, 21 Nov 2026 06:31:17 GMT\r\nServer: x (y)\r\nk: path\r\nContent-Length: 0\r\n\r\n";

    const REJECTED: &str = "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h;branch=z9\r\nFrom: <sip:a@h>;tag=1\r\n\
        To: <sip:a@h>;tag=2\r\nCall-ID: x\r\nCSeq: 2 REGISTER\r\n\
        WWW-Authenticate: Digest realm=\"a b\", nonce=\"n=;,\", algorithm=MD5, qop=\"auth,auth-int\", stale=false\r\n\
        Proxy-Authenticate: Digest realm=\"p\", nonce=\"q\", Basic realm=\"z\"\r\n\
        X: a\r\nContent-Type: a/b;c=d\r\nContent-Length: 0\r\n\r\n";

    fn with_caller<R>(body: impl FnOnce(Caller<'_>) -> R) -> R {
        // SAFETY: all structs that meet this value are made here.
        let c = unsafe { Caller::promised() };
        c.with_spare(body)
    }

    fn mould_of(text: &[u8], names: Names) -> Option<(Mould, bool)> {
        with_caller(|c| {
            let recorder = Recorder::default();
            let message = read(text, names, c.recorded(Some(&recorder)))?;
            let proven = proven(recorder, message, text, names, c);
            free(message, c);
            proven
        })
    }

    fn written(message: *mut osip_message_t, c: Caller<'_>) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        message_write::write(c.get(message).ok()?, Care::LeaveOut, &mut out, c).ok()?;
        Some(out)
    }

    fn printed(mould: &mut Mould, message: *mut osip_message_t) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        // SAFETY: a message of our own.
        unsafe { mould.print(message.cast(), &mut out) }?;
        Some(out)
    }

    /// Whether `text` can be cast; then the message is as if it had been read.
    fn is_cast_as_read(mould: &mut Mould, prints: bool, text: &[u8], names: Names) -> bool {
        with_caller(|c| {
            let Some(cast) = mould.cast(text).map(|root| root.cast::<osip_message_t>()) else {
                return false;
            };
            let shown = text.escape_ascii();
            let read = read(text, names, c).unwrap_or_else(|| panic!("cast, but not read: {shown}"));
            // SAFETY: two messages of our own.
            unsafe {
                assert!(mould.is_last(cast.cast()), "{shown}");
                assert!(mould.is_last(read.cast()), "{shown}");
            }
            assert_eq!(written(cast, c), written(read, c), "{shown}");
            if prints {
                assert_eq!(written(read, c).as_deref(), Some(text), "{shown}");
                assert_eq!(printed(mould, cast).as_deref(), Some(text), "{shown}");
                let after = mould.cast(&mould.other_text().unwrap()).unwrap();
                assert_eq!(printed(mould, cast).as_deref(), Some(text), "after another: {shown}");
                free(after.cast::<osip_message_t>(), c);
            }
            // The next one is cast in the place of this one.
            // SAFETY: a message of our own that is given up.
            assert!(unsafe { mould.take_back(cast.cast()) }, "{shown}");
            free(read, c);
            true
        })
    }

    /// What separates, quotes, escapes, ends or folds somewhere, and what does not.
    const PIECES: [&str; 42] = [
        "", "\0", "\t", "\n", "\r", "\r\n ", " ", "!", "\"", "%41", "&", "'", "(", ")", "*", "+", ",", "-",
        ".", "/", "0", ":", ";", "<", "=", ">", "?", "@", "A", "[", "\\", "]", "_", "z", "~", "\x7f",
        "\u{e4}", ", ", "; ", "a=b", "sip:", "{",
    ];

    /// Each byte of a text exchanged, taken out, and something put before it; how many of these texts are cast.
    fn try_all_near(text: &[u8], names: Names, pieces: &[&str]) -> Option<usize> {
        let (mut mould, prints) = mould_of(text, names)?;
        assert!(is_cast_as_read(&mut mould, prints, text, names));
        let mut cast = 0;
        for at in 0..text.len() {
            for piece in pieces {
                for behind in [&text[at..], &text[at + 1..]] {
                    let near = [&text[..at], piece.as_bytes(), behind].concat();
                    cast += usize::from(is_cast_as_read(&mut mould, prints, &near, names));
                }
            }
        }
        Some(cast)
    }

    #[test]
    fn what_is_cast_is_as_if_it_had_been_read() {
        for text in [REGISTER, ACCEPTED, REJECTED] {
            for names in [Names::AsWritten, Names::Lower] {
                let cast = try_all_near(text.as_bytes(), names, &PIECES).unwrap();
                assert!(cast > text.len() / 10, "{cast} of {text}");
            }
        }
    }

    #[test]
    fn messages_made_to_torture_are_cast_as_they_are_read() {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/rfc4475");
        let mut moulds = 0;
        for file in fs::read_dir(corpus).unwrap() {
            let text = fs::read(file.unwrap().path()).unwrap();
            for names in [Names::AsWritten, Names::Lower] {
                moulds += usize::from(try_all_near(&text, names, &["", "0", "\"", ","]).is_some());
            }
        }
        assert!(moulds > 10, "{moulds}");
    }

    #[test]
    fn what_this_library_writes_is_printed_by_its_mould() {
        let plain = REGISTER.replace(";+sip.instance=\"<urn:x>\"", "");
        assert!(mould_of(REGISTER.as_bytes(), Names::AsWritten).unwrap().1);
        assert!(mould_of(plain.as_bytes(), Names::AsWritten).unwrap().1);
        assert!(!mould_of(ACCEPTED.as_bytes(), Names::Lower).unwrap().1, "compact names come out long");
    }

    #[test]
    fn a_message_with_a_body_has_no_mould() {
        let text =
            REGISTER.replace("Content-Length: 0\r\n\r\n", "Content-Type: a/b\r\nContent-Length: 2\r\n\r\nxy");
        assert!(mould_of(text.as_bytes(), Names::AsWritten).is_none());
    }

    /// Every change that a program makes is in what is printed.
    #[test]
    fn a_message_that_was_changed_is_not_printed_as_it_was() {
        let (mut mould, _) = mould_of(REGISTER.as_bytes(), Names::AsWritten).unwrap();
        let changes: [fn(&mut osip_message, Caller<'_>); 9] = [
            |m, _| m.vias.nb_elt = 0,
            |m, _| m.message_property = 1,
            |m, c| c.store(&mut m.sip_method, b"REGISTE").unwrap(),
            |m, c| c.store(&mut m.sip_method, b"REGISTERS").unwrap(),
            |m, c| c.drop_text(&mut m.sip_version),
            |m, c| c.store(&mut c.get_mut(m.from).unwrap().displayname, b"B").unwrap(),
            |m, c| free(std::mem::replace(&mut m.cseq, ptr::null_mut()), c),
            |m, c| c.get_mut(m.to).unwrap().clear(c),
            |m, c| list::clear::<osip_header>(&mut m.headers, c),
        ];
        for (i, change) in changes.iter().enumerate() {
            with_caller(|c| {
                let message = mould.cast(REGISTER.as_bytes()).unwrap().cast::<osip_message_t>();
                change(c.get_mut(message).unwrap(), c);
                assert_eq!(printed(&mut mould, message), None, "change {i}");
                free(message, c);
            });
        }
    }

    #[test]
    fn a_message_that_was_given_up_becomes_the_next_one() {
        let (mut mould, _) = mould_of(REGISTER.as_bytes(), Names::AsWritten).unwrap();
        with_caller(|c| {
            let mut first: *mut osip_message_t = ptr::null_mut();
            for number in ["1", "12345678901234567890123456789012345678901234567890", "2", "3"] {
                let text = REGISTER.replace("CSeq: 2 ", &format!("CSeq: {number} "));
                let message = mould.cast(text.as_bytes()).unwrap().cast::<osip_message_t>();
                assert_eq!(written(message, c).unwrap(), text.as_bytes());
                assert!(first.is_null() || first == message);
                first = message;
                // What a program puts there has a room of its own.
                c.store(&mut c.get_mut(c.get_mut(message).unwrap().cseq).unwrap().number, b"").unwrap();
                // SAFETY: a message of our own that is given up.
                assert!(unsafe { mould.take_back(message.cast()) });
            }
        });
    }

    #[test]
    fn a_message_that_is_not_whole_is_not_taken_back() {
        let (mut mould, _) = mould_of(REGISTER.as_bytes(), Names::AsWritten).unwrap();
        with_caller(|c| {
            let message = mould.cast(REGISTER.as_bytes()).unwrap().cast::<osip_message_t>();
            let cseq = c.get_mut(c.get_mut(message).unwrap().cseq).unwrap();
            c.drop_text(&mut cseq.number);
            // SAFETY: a message of our own.
            assert!(!unsafe { mould.take_back(message.cast()) });
            c.store(&mut cseq.number, b"5").unwrap();
            c.get_mut(message).unwrap().application_data = ptr::from_ref(&c).cast_mut().cast();
            // SAFETY: a message of our own.
            assert!(!unsafe { mould.take_back(message.cast()) });
            free(message, c);
        });
    }

    #[test]
    fn a_value_that_was_changed_is_printed_as_it_is_now() {
        let (mut mould, _) = mould_of(REGISTER.as_bytes(), Names::AsWritten).unwrap();
        for (value, is_plain) in
            [("3", true), ("30000000000", true), ("", false), ("3 ", false), ("a;b", false)]
        {
            with_caller(|c| {
                let message = mould.cast(REGISTER.as_bytes()).unwrap().cast::<osip_message_t>();
                let cseq = c.get_mut(c.get_mut(message).unwrap().cseq).unwrap();
                c.store(&mut cseq.number, value.as_bytes()).unwrap();
                let text = REGISTER.replace("CSeq: 2 ", &format!("CSeq: {value} "));
                assert_eq!(printed(&mut mould, message), is_plain.then_some(text.into_bytes()), "{value}");
                free(message, c);
            });
        }
    }
}
