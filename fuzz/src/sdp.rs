//! Session descriptions that are well formed (RFC 8866 section 9).

use crate::bytes::Bytes;

/// The lines of a description, in order and without their ends.
pub fn lines(bytes: &mut Bytes<'_>) -> Vec<String> {
    let mut lines = vec!["v=0".to_owned()];
    lines.push(format!(
        "o={} {} {} IN {}",
        bytes.one(&["-", "alice", "34020000001320000001"]),
        bytes.one(&["0", "2890844526", "4611731400430051336"]),
        bytes.one(&["0", "2890842807"]),
        address(bytes),
    ));
    lines.push(bytes.one(&["s=-", "s= ", "s=Call to John Smith", "s=M\u{fc}ller"]).to_owned());
    some(bytes, &["i=A Seminar", "i=x"], 1, &mut lines);
    some(bytes, &["u=http://www.example.com/seminars/sdp.pdf"], 1, &mut lines);
    some(bytes, &["e=j.doe@example.com (Jane Doe)", "e=Jane <j@example.com>"], 2, &mut lines);
    some(bytes, &["p=+44-171-380-7777", "p=+1 617 555-6011"], 2, &mut lines);
    if bytes.once_in(2) {
        lines.push(connection(bytes));
    }
    some(bytes, &BANDWIDTHS, 2, &mut lines);
    for _ in 0..=bytes.below(2) {
        lines.push(bytes.one(&["t=0 0", "t=2873397496 2873404696"]).to_owned());
        some(bytes, &["r=7d 1h 0 25h", "r=604800 3600 0 90000"], 2, &mut lines);
    }
    some(bytes, &["z=2882844526 -1h 2898848070 0"], 1, &mut lines);
    some(bytes, &KEYS, 1, &mut lines);
    some(bytes, &ATTRIBUTES, 6, &mut lines);
    for _ in 0..bytes.below(4) {
        media(bytes, &mut lines);
    }
    lines
}

/// The whole text.
pub fn text(bytes: &mut Bytes<'_>) -> String {
    let end = bytes.one(&["\r\n", "\n"]);
    lines(bytes).iter().map(|line| format!("{line}{end}")).collect()
}

const BANDWIDTHS: [&str; 3] = ["b=AS:64", "b=CT:154798", "b=X-YZ:128"];
const KEYS: [&str; 3] = ["k=prompt", "k=clear:a b", "k=uri:http://h/k:1"];
const ATTRIBUTES: [&str; 10] = [
    "a=sendrecv",
    "a=recvonly",
    "a=rtpmap:0 PCMU/8000",
    "a=fmtp:96 profile-level-id=42e016;packetization-mode=1",
    "a=x::y",
    "a=candidate:1 1 UDP 2130706431 192.0.2.1 8998 typ host",
    "a=setup:passive",
    "a=label: with blanks ",
    "a=rtcp-mux",
    "a=charset:ISO-8859-1",
];

fn some(bytes: &mut Bytes<'_>, choices: &[&str], most: usize, lines: &mut Vec<String>) {
    for _ in 0..bytes.below(most + 1) {
        lines.push(bytes.one(choices).to_owned());
    }
}

fn address(bytes: &mut Bytes<'_>) -> &'static str {
    bytes.one(&["IP4 192.0.2.1", "IP6 2001:db8::2", "IP4 host.example.com"])
}

fn connection(bytes: &mut Bytes<'_>) -> String {
    let numbers = bytes.one(&["", "", "/127", "/127/3"]);
    format!("c=IN {}{numbers}", address(bytes))
}

fn media(bytes: &mut Bytes<'_>, lines: &mut Vec<String>) {
    let kind = bytes.one(&["audio", "video", "image", "application"]);
    let port = bytes.one(&["49170", "0", "9", "49170/2"]);
    let protocol = bytes.one(&["RTP/AVP", "RTP/SAVPF", "udptl", "TCP/RTP/AVP"]);
    let formats = bytes.one(&[" 0", " 0 8 101", " t38", " *", ""]);
    lines.push(format!("m={kind} {port} {protocol}{formats}"));
    some(bytes, &["i=a stream"], 1, lines);
    for _ in 0..bytes.below(3) {
        lines.push(connection(bytes));
    }
    some(bytes, &BANDWIDTHS, 2, lines);
    some(bytes, &KEYS, 1, lines);
    some(bytes, &ATTRIBUTES, 4, lines);
}
