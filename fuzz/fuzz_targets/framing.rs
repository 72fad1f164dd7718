//! Any bytes of a connection, in any pieces: framing never panics, gives the same messages however
//! they are cut, keeps its bounds, and what it gives are the bytes that came.
//! `cargo +nightly fuzz run framing fuzz/corpus/framing tests/corpus/rfc4475`
#![no_main]

use libfuzzer_sys::fuzz_target;
use register::sip::{Frame, Framer, FramingError, MAX_BODY, MAX_HEAD};

fuzz_target!(|input: &[u8]| {
    let Some((first, bytes)) = input.split_first() else { return };
    let (whole, end) = framed(std::iter::once(bytes));
    let (pieces, same_end) = framed(bytes.chunks(1 + usize::from(*first)));
    assert_eq!((&whole, end), (&pieces, same_end), "the same in pieces");
    let mut rest = bytes;
    for message in &whole {
        assert!(message.len() <= MAX_HEAD + MAX_BODY);
        while let [b'\r' | b'\n', behind @ ..] = rest {
            rest = behind;
        }
        rest = rest.strip_prefix(&message[..]).expect("nothing is lost, nothing is added");
    }
});

/// The messages, and the error that ended them.
fn framed<'p>(pieces: impl Iterator<Item = &'p [u8]>) -> (Vec<Vec<u8>>, Option<FramingError>) {
    let (mut framer, mut messages) = (Framer::default(), Vec::new());
    for piece in pieces {
        framer.push(piece);
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Message { bytes, .. })) => messages.push(bytes.to_vec()),
                Ok(Some(Frame::KeepAlive(bytes))) => assert!(matches!(bytes.len(), 2 | 4)),
                Ok(None) => break,
                Err(error) => return (messages, Some(error)),
            }
        }
    }
    (messages, None)
}
