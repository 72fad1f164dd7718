//! Any answer of a name server: reading never panics and ends, and what it gives is bounded.
//! `cargo +nightly fuzz run dns_answers`
#![no_main]

use libfuzzer_sys::fuzz_target;
use register::net::dns_message::parse;
use register::transport::{RecordKind, Records};
use shared::bytes::Bytes;
use std::time::Duration;

/// The longest name (RFC 1035 section 2.3.4).
const NAME: usize = 255;
/// Records that are taken of one answer.
const RECORDS: usize = 16;
/// The longest time to live (RFC 8767 section 4).
const TTL: Duration = Duration::from_secs(604_800);

const KINDS: [RecordKind; 4] =
    [RecordKind::Naptr, RecordKind::Srv, RecordKind::A, RecordKind::Aaaa];

fuzz_target!(|bytes: &[u8]| {
    for kind in KINDS {
        check(bytes, kind);
    }
    let mut bytes = Bytes(bytes);
    let kind = bytes.one(&KINDS);
    check(&answer(kind, &mut bytes), kind);
});

fn check(message: &[u8], kind: RecordKind) {
    let Ok(records) = parse(message, kind) else { return };
    let (ttl, count) = match &records {
        Records::Naptr { ttl, records } => {
            assert!(records.iter().all(|record| record.replacement.len() <= NAME));
            (*ttl, records.len())
        }
        Records::Srv { ttl, records } => {
            assert!(records.iter().all(|record| (1..=NAME).contains(&record.target.len())));
            (*ttl, records.len())
        }
        Records::Addresses { ttl, addresses, .. } => (*ttl, addresses.len()),
    };
    assert!((1..=RECORDS).contains(&count), "{count} records");
    assert!(ttl <= TTL, "{ttl:?}");
}

/// An answer with a question and some records, whose names may point anywhere.
fn answer(kind: RecordKind, bytes: &mut Bytes<'_>) -> Vec<u8> {
    let code: u16 = match kind {
        RecordKind::Naptr => 35,
        RecordKind::Srv => 33,
        RecordKind::A => 1,
        RecordKind::Aaaa => 28,
    };
    let count = bytes.below(20) as u8;
    let mut message = vec![0, 1, 0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0];
    name(&mut message, bytes);
    message.extend(code.to_be_bytes());
    message.extend([0, 1]);
    for _ in 0..count {
        name(&mut message, bytes);
        message.extend(bytes.one(&[code, code, code, 5]).to_be_bytes());
        message.extend([0, 1]);
        message.extend(bytes.number().to_be_bytes());
        let mut data = Vec::new();
        match kind {
            RecordKind::Srv => {
                data.extend([0, bytes.byte(), 0, bytes.byte(), 0x13, 0xc4]);
                name(&mut data, bytes);
            }
            RecordKind::Naptr => {
                data.extend([0, bytes.byte(), 0, bytes.byte()]);
                data.extend(b"\x01s\x07SIP+D2U\x00");
                name(&mut data, bytes);
            }
            RecordKind::A => data.extend(std::array::from_fn::<u8, 4, _>(|_| bytes.byte())),
            RecordKind::Aaaa => data.extend(std::array::from_fn::<u8, 16, _>(|_| bytes.byte())),
        }
        let length = data.len() as u16 + u16::from(bytes.once_in(16));
        message.extend(length.to_be_bytes());
        message.extend(data);
    }
    message
}

/// Labels, and at the end a pointer or nothing.
fn name(into: &mut Vec<u8>, bytes: &mut Bytes<'_>) {
    for _ in 0..bytes.below(4) {
        let label = bytes.one(&[&b"_sip"[..], b"_udp", b"example", b"a-b", b"\xff.", &[b'x'; 63]]);
        into.push(label.len() as u8);
        into.extend(label);
    }
    if bytes.once_in(2) {
        into.extend([0xc0, bytes.one(&[12, 0, 30, 255])]);
    } else {
        into.push(0);
    }
}
