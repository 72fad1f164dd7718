//! The C readers and writers over a few texts, few enough for Miri:
//! `cargo +nightly miri test --manifest-path fuzz/Cargo.toml --test readers`

use shared::osip::{Outcome, ours};
use std::ffi::CString;

const MESSAGES: [&str; 3] = [
    "REGISTER sip:example.com;x SIP/2.0\r\nVia: SIP/2.0/UDP h:5070;branch=z9hG4bK1;rport\r\n\
     From: \"A, \\\"B\\\"\" <sip:alice@example.com?a=b>;tag=1\r\nTo: sip:alice@example.com\r\n\
     Call-ID: 1@h\r\nCSeq: 1 REGISTER\r\nContact: <sip:a@h>;q=0.5, sip:b@h;expires=5\r\n\
     Authorization: Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"r\"\r\n\
     Route: <sip:a.test;lr>\r\nAccept: application/sdp;level=1\r\nSubject:\r\n folded\r\n\
     Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
    "SIP/2.0 401 Unauthorized\r\nv: SIP/2.0/UDP h;received=192.0.2.1\r\nf: <sip:a@b>\r\n\
     t: <sip:a@b>;tag=2\r\ni: 1\r\nCSeq: 1 REGISTER\r\nl: 0\r\n\
     WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth,auth-int\"\r\n\
     Call-Info: <http://h/a>;purpose=icon\r\nAccept-Encoding: gzip;q=0.5\r\n\r\n",
    "SIP/2.0 200\r\nbroken",
];

const VALUES: [&str; 15] = [
    "",
    "*",
    "<sip:alice:secret@[2001:db8::1]:5060;lr?a=b>;tag=1;x=\"y;z\"",
    "\"A\" <sip:a@b",
    "sip:a@b;expires=60",
    "SIP/2.0/UDP h:5060;branch=z9hG4bK1 (comment)",
    "1 REGISTER",
    "1@h",
    "text/plain;charset=\"UTF-8\"",
    "Digest realm=\"a, b\", nonce=\"n\", qop=\"auth\", stale=true",
    "Digest username=\"a\", nc=00000001, realm=",
    "<http://h/a>;purpose=icon",
    "v=0\r\no=a 1 2 IN IP4 h\r\ns=-\r\ni=x\r\nu=u\r\ne=e\r\np=p\r\nc=IN IP4 h/1/2\r\nb=AS:1\r\n\
     t=0 0\r\nr=1d\r\nz=0 1\r\nk=clear:x\r\na=b:c\r\nm=audio 1/2 RTP/AVP 0 8\r\ni=x\r\n\
     c=IN IP4 h\r\nb=CT:2\r\nk=prompt\r\na=sendrecv\r\nm=video 0 RTP/AVP\r\n",
    "v=0\no=- 0 0 IN IP4 h\na=x\ns=-\nm=video 6000 TCP/RTP/AVP 96\ny=0100000001\nf=",
    "v=0\r\no=- 0 0 IN IP4 h\r\nb=AS:64\r\nm=audio",
];

#[test]
fn messages_are_read_copied_printed_and_freed() {
    let library = ours();
    for message in MESSAGES {
        if let Outcome::Read { printed, copy } = library.messages.examine(message.as_bytes()) {
            assert_eq!(printed, copy);
        }
    }
    // Cut in the middle of each kind of thing.
    for end in (0..MESSAGES[0].len()).step_by(37) {
        let _ = library.messages.examine(&MESSAGES[0].as_bytes()[..end]);
    }
}

#[test]
fn header_values_are_read_copied_printed_and_freed() {
    for value in VALUES {
        let text = CString::new(value).expect("a text without NUL");
        for part in ours().parts {
            if let Outcome::Read { printed, copy } = part.examine(&text) {
                assert_eq!(printed, copy, "{} of {value}", part.name);
            }
        }
    }
}
