//! Any datagram: reading never panics, and what is printed can be read again.
//! `cargo +nightly fuzz run sip_parse fuzz/corpus/sip_parse tests/corpus/rfc4475`
#![no_main]

use libfuzzer_sys::fuzz_target;
use register::sip::octets::encode;
use register::sip::{Contact, Draft, Message, Uri, normalise, unquote};

fuzz_target!(|datagram: &[u8]| {
    let (text, mut room) = (normalise(datagram), Vec::new());
    let (came, message) = (Message::read(datagram, &mut room), Message::parse(&text));
    assert_eq!(
        format!("{came:?}"),
        format!("{message:?}"),
        "a datagram as it came is the one that was normalised"
    );
    let Ok(message) = message else { return };
    let _ = (message.cseq(), message.call_id(), message.retry_after(), message.seconds("Expires"));
    if let Ok(via) = message.top_via() {
        let _ = (via.branch(), via.params.iter().count());
    }
    for contact in message.contacts() {
        let Contact::Addr(address) = contact else { continue };
        let _ = (unquote(address.display.unwrap_or("")), address.params.iter().count());
        if let Ok(uri) = Uri::parse(address.uri) {
            let printed = uri.to_string();
            let again = Uri::parse(&printed).expect("what is printed can be read");
            assert_eq!(again.to_string(), printed, "printing is final");
        }
    }
    let printed = wire(&Draft::parse(datagram).expect("parsed above"));
    let again = wire(&Draft::parse(&printed).expect("what is printed can be read"));
    assert_eq!(again, printed, "printing is final");
});

/// The octets of a message on the wire: its body is as it came.
fn wire(draft: &Draft) -> Vec<u8> {
    let bytes = draft.to_bytes();
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").expect("a head has an end");
    let (head, body) = bytes.split_at(head);
    let head = std::str::from_utf8(head).expect("a head is text");
    [&encode(head)[..], body].concat()
}
