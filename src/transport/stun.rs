//! The part of STUN (RFC 5389) that keep-alives need: binding requests and their answers.

use crate::sip::Text;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The magic cookie (section 6).
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// The header of a message: type, length, cookie, transaction id.
const HEADER: usize = 20;
/// The type of a binding success response.
const SUCCESS: [u8; 2] = [1, 1];
const MAPPED_ADDRESS: u16 = 0x0001;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;

/// The transaction id of a STUN request.
pub type StunId = [u8; 12];

/// A binding request without attributes.
pub fn binding_request(id: StunId) -> Text {
    let kind_and_length = [0, 1, 0, 0];
    [&kind_and_length[..], &COOKIE, &id].concat().into()
}

/// The mapped address in a success response to the binding request `id`.
pub fn binding_response(bytes: &[u8], id: StunId) -> Option<SocketAddr> {
    let (header, mut rest) = bytes.split_at_checked(HEADER)?;
    if header[..2] != SUCCESS || header[4..8] != COOKIE || header[8..] != id {
        return None;
    }
    let mut mapped = None;
    while let Some((attribute, behind)) = rest.split_at_checked(4) {
        let kind = u16::from_be_bytes([attribute[0], attribute[1]]);
        let length = usize::from(u16::from_be_bytes([attribute[2], attribute[3]]));
        let value = behind.get(..length)?;
        match kind {
            XOR_MAPPED_ADDRESS => return address(value, &header[4..]),
            MAPPED_ADDRESS => mapped = address(value, &[0; 16]),
            _ => {}
        }
        rest = behind.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    mapped
}

/// The address in an attribute (sections 15.1 and 15.2). `mask` is cookie and id, or zeros.
fn address(value: &[u8], mask: &[u8]) -> Option<SocketAddr> {
    let port = u16::from_be_bytes([value.get(2)? ^ mask[0], value.get(3)? ^ mask[1]]);
    let raw: Vec<u8> = value.get(4..)?.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    let ip: IpAddr = match value.get(1)? {
        1 => Ipv4Addr::from(<[u8; 4]>::try_from(raw).ok()?).into(),
        2 => Ipv6Addr::from(<[u8; 16]>::try_from(raw).ok()?).into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: StunId = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

    fn response(attributes: &[u8]) -> Vec<u8> {
        let length = u8::try_from(attributes.len()).unwrap();
        [&[1, 1, 0, length][..], &COOKIE, &ID, attributes].concat()
    }

    /// RFC 5769 section 2.2 has this mapped address and transaction id.
    #[test]
    fn the_mapped_address_of_rfc_5769_is_read() {
        let bytes = response(&[0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
        assert_eq!(binding_response(&bytes, ID), "192.0.2.1:32853".parse().ok());
        assert_eq!(binding_response(&bytes, [0; 12]), None, "an answer to another request");
        for end in 0..bytes.len() {
            assert_eq!(binding_response(&bytes[..end], ID), None);
        }
    }

    /// RFC 5769 section 2.3.
    #[test]
    fn a_mapped_ipv6_address_is_read() {
        let mut attribute = vec![0, 0x20, 0, 20, 0, 2, 0xa1, 0x47];
        attribute.extend([0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79]);
        attribute.extend([0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9]);
        let expected = "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().ok();
        assert_eq!(binding_response(&response(&attribute), ID), expected);
    }

    #[test]
    fn a_server_of_rfc_3489_answers_with_a_plain_address() {
        let plain = [0, 1, 0, 8, 0, 1, 0x80, 0x55, 192, 0, 2, 1];
        assert_eq!(binding_response(&response(&plain), ID), "192.0.2.1:32853".parse().ok());
        let unknown = [&[0x80, 0x22, 0, 3, b'a', b'b', b'c', 0][..], &plain].concat();
        assert_eq!(binding_response(&response(&unknown), ID), "192.0.2.1:32853".parse().ok());
    }

    #[test]
    fn a_request_is_twenty_bytes_and_no_response() {
        let request = binding_request(ID);
        assert_eq!((request.len(), binding_response(&request, ID)), (20, None));
    }
}
