//! Any datagram as the answer to a STUN request: reading never panics, and no answer to another
//! request is taken. A well-formed answer gives the address that it was made of.
//! `cargo +nightly fuzz run stun`
#![no_main]

use libfuzzer_sys::fuzz_target;
use register::transport::{binding_request, binding_response};
use shared::bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

/// RFC 5389 section 6.
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

fuzz_target!(|bytes: &[u8]| {
    let mut id = [0; 12];
    id[0] = 7;
    let _ = binding_response(bytes, id);
    let mut own = [0; 12];
    if let Some(of) = bytes.get(8..20) {
        own.copy_from_slice(of);
        let _ = binding_response(bytes, own);
    }
    let request = binding_request(id);
    assert_eq!(binding_response(&request, id), None, "a request is no answer");

    let mut bytes = Bytes(bytes);
    let ip: IpAddr = if bytes.once_in(2) {
        [bytes.byte(), bytes.byte(), bytes.byte(), bytes.byte()].into()
    } else {
        std::array::from_fn::<u8, 16, _>(|_| bytes.byte()).into()
    };
    let seen = SocketAddr::new(ip, u16::from(bytes.byte()) << 8 | u16::from(bytes.byte()));
    // An attribute that is unknown stands before it (RFC 5389 section 15).
    let unknown = bytes.slice(1);
    let answer = answer(id, seen, unknown);
    assert_eq!(binding_response(&answer, id), Some(seen));
    id[11] ^= 1;
    assert_eq!(binding_response(&answer, id), None, "an answer to another request");
});

/// A success response with XOR-MAPPED-ADDRESS (RFC 5389 section 15.2).
fn answer(id: [u8; 12], seen: SocketAddr, unknown: &[u8]) -> Vec<u8> {
    let mask = [&COOKIE[..], &id].concat();
    let (family, ip) = match seen.ip() {
        IpAddr::V4(ip) => (1, ip.octets().to_vec()),
        IpAddr::V6(ip) => (2, ip.octets().to_vec()),
    };
    let mut attributes = Vec::new();
    if !unknown.is_empty() {
        attributes.extend([0x80, 0x22, 0, unknown.len() as u8]);
        attributes.extend(unknown);
        attributes.resize(attributes.len().next_multiple_of(4), 0);
    }
    attributes.extend([0, 0x20, 0, 4 + ip.len() as u8, 0, family]);
    let port = seen.port().to_be_bytes();
    attributes.extend([port[0] ^ mask[0], port[1] ^ mask[1]]);
    attributes.extend(ip.iter().zip(&mask).map(|(byte, mask)| byte ^ mask));
    let length = (attributes.len() as u16).to_be_bytes();
    [&[1, 1], &length[..], &mask, &attributes].concat()
}
