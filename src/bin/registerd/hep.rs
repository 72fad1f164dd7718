//! Packets for a collector as Homer: HEP version 3. A packet is `HEP3`, its length, and chunks,
//! each of which has a vendor (0: the protocol itself), a type, its length with these six octets,
//! and a value. Numbers are in network order.

use register::transport::Transport;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::{Duration, SystemTime};
use zeroize::Zeroizing;

/// Types of chunks.
const FAMILY: u16 = 1;
const PROTOCOL: u16 = 2;
const IPV4_SOURCE: u16 = 3;
const IPV4_DESTINATION: u16 = 4;
const IPV6_SOURCE: u16 = 5;
const IPV6_DESTINATION: u16 = 6;
const SOURCE_PORT: u16 = 7;
const DESTINATION_PORT: u16 = 8;
const SECONDS: u16 = 9;
const MICROSECONDS: u16 = 10;
const PAYLOAD_PROTOCOL: u16 = 11;
const CAPTURE_ID: u16 = 12;
const KEY: u16 = 14;
const PAYLOAD: u16 = 15;

/// Values of [`FAMILY`].
const IPV4: u8 = 2;
const IPV6: u8 = 10;
/// Values of [`PROTOCOL`]: the numbers of IANA.
const TCP: u8 = 6;
const UDP: u8 = 17;
/// The value of [`PAYLOAD_PROTOCOL`].
const SIP: u8 = 1;

/// No datagram of UDP over IPv4 is longer.
const LONGEST_PACKET: usize = 65_507;
/// No key is longer, in octets.
pub(crate) const LONGEST_KEY: usize = 256;

/// The address of a collector, written `udp:127.0.0.1:9060`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CollectorAddress(pub(crate) SocketAddr);

impl FromStr for CollectorAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<CollectorAddress, &'static str> {
        let address = text.strip_prefix("udp:").and_then(|address| address.parse().ok());
        let address = address.filter(|address: &SocketAddr| address.port() != 0);
        address.map(CollectorAddress).ok_or("it is not of the form udp:ADDRESS:PORT")
    }
}

/// Who sends packets, as their collector knows it.
pub(crate) struct CaptureAgent {
    pub(crate) id: u32,
    /// What the collector wants to be shown.
    pub(crate) key: Option<Zeroizing<Vec<u8>>>,
}

/// A message that went by.
pub(crate) struct CapturedMessage<'a> {
    pub(crate) at: SystemTime,
    pub(crate) transport: Transport,
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) bytes: &'a [u8],
}

impl CaptureAgent {
    /// The packet of a message. `None`: it does not fit into a datagram. What went over TLS is
    /// shown as TCP, as it can be read. Where one address is of IPv4 and the other is not, both
    /// are shown as those of IPv6.
    pub(crate) fn packet(&self, message: &CapturedMessage<'_>) -> Option<Zeroizing<Vec<u8>>> {
        let mut packet =
            Packet(Zeroizing::new(Vec::with_capacity(message.bytes.len() + LONGEST_KEY + 256)));
        packet.0.extend_from_slice(b"HEP3\0\0");
        let protocol = match message.transport {
            Transport::Udp => UDP,
            Transport::Tcp | Transport::Tls => TCP,
        };
        match (message.from.ip().to_canonical(), message.to.ip().to_canonical()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => {
                packet.chunk(FAMILY, &[IPV4])?;
                packet.chunk(PROTOCOL, &[protocol])?;
                packet.chunk(IPV4_SOURCE, &from.octets())?;
                packet.chunk(IPV4_DESTINATION, &to.octets())?;
            }
            (from, to) => {
                packet.chunk(FAMILY, &[IPV6])?;
                packet.chunk(PROTOCOL, &[protocol])?;
                packet.chunk(IPV6_SOURCE, &ipv6(from))?;
                packet.chunk(IPV6_DESTINATION, &ipv6(to))?;
            }
        }
        packet.chunk(SOURCE_PORT, &message.from.port().to_be_bytes())?;
        packet.chunk(DESTINATION_PORT, &message.to.port().to_be_bytes())?;
        let since = message.at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let seconds = u32::try_from(since.as_secs()).unwrap_or(u32::MAX);
        packet.chunk(SECONDS, &seconds.to_be_bytes())?;
        packet.chunk(MICROSECONDS, &since.subsec_micros().to_be_bytes())?;
        packet.chunk(PAYLOAD_PROTOCOL, &[SIP])?;
        packet.chunk(CAPTURE_ID, &self.id.to_be_bytes())?;
        if let Some(key) = &self.key {
            packet.chunk(KEY, key)?;
        }
        packet.chunk(PAYLOAD, message.bytes)?;
        packet.end()
    }
}

fn ipv6(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

/// One that is being made; it is wiped, as there may be a key in it.
struct Packet(Zeroizing<Vec<u8>>);

impl Packet {
    /// Appends a chunk of the protocol itself. `None`: it is too long.
    fn chunk(&mut self, kind: u16, value: &[u8]) -> Option<()> {
        let length = u16::try_from(value.len() + 6).ok()?;
        self.0.extend_from_slice(&[0; 2]);
        self.0.extend_from_slice(&kind.to_be_bytes());
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(value);
        Some(())
    }

    /// Sets the length of the whole.
    fn end(mut self) -> Option<Zeroizing<Vec<u8>>> {
        let length = u16::try_from(self.0.len()).ok()?;
        if self.0.len() > LONGEST_PACKET {
            return None;
        }
        self.0.get_mut(4..6)?.copy_from_slice(&length.to_be_bytes());
        Some(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<'a>(from: &str, to: &str, bytes: &'a [u8]) -> CapturedMessage<'a> {
        CapturedMessage {
            at: SystemTime::UNIX_EPOCH + Duration::new(0x6b0d_859d, 522_874_999),
            transport: Transport::Udp,
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            bytes,
        }
    }

    #[test]
    fn a_packet_over_ipv4_is_made_octet_by_octet() {
        let agent = CaptureAgent { id: 2001, key: Some(Zeroizing::new(b"myhep".to_vec())) };
        let message = message("127.0.0.1:17062", "192.0.2.9:5060", b"OPTIONS");
        let expected: &[u8] = b"HEP3\x00\x75\
            \x00\x00\x00\x01\x00\x07\x02\
            \x00\x00\x00\x02\x00\x07\x11\
            \x00\x00\x00\x03\x00\x0a\x7f\x00\x00\x01\
            \x00\x00\x00\x04\x00\x0a\xc0\x00\x02\x09\
            \x00\x00\x00\x07\x00\x08\x42\xa6\
            \x00\x00\x00\x08\x00\x08\x13\xc4\
            \x00\x00\x00\x09\x00\x0a\x6b\x0d\x85\x9d\
            \x00\x00\x00\x0a\x00\x0a\x00\x07\xfa\x7a\
            \x00\x00\x00\x0b\x00\x07\x01\
            \x00\x00\x00\x0c\x00\x0a\x00\x00\x07\xd1\
            \x00\x00\x00\x0e\x00\x0bmyhep\
            \x00\x00\x00\x0f\x00\x0dOPTIONS";
        assert_eq!(agent.packet(&message).as_deref(), Some(&expected.to_vec()));
    }

    #[test]
    fn a_packet_over_ipv6_and_tls_has_the_chunks_of_ipv6_and_tcp() {
        let agent = CaptureAgent { id: 0, key: None };
        let mut message = message("[::1]:17062", "[2001:db8::2]:5061", b"");
        message.transport = Transport::Tls;
        let expected: &[u8] = b"HEP3\x00\x7b\
            \x00\x00\x00\x01\x00\x07\x0a\
            \x00\x00\x00\x02\x00\x07\x06\
            \x00\x00\x00\x05\x00\x16\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\
            \x00\x00\x00\x06\x00\x16\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\
            \x00\x00\x00\x07\x00\x08\x42\xa6\
            \x00\x00\x00\x08\x00\x08\x13\xc5\
            \x00\x00\x00\x09\x00\x0a\x6b\x0d\x85\x9d\
            \x00\x00\x00\x0a\x00\x0a\x00\x07\xfa\x7a\
            \x00\x00\x00\x0b\x00\x07\x01\
            \x00\x00\x00\x0c\x00\x0a\x00\x00\x00\x00\
            \x00\x00\x00\x0f\x00\x06";
        assert_eq!(agent.packet(&message).as_deref(), Some(&expected.to_vec()));
    }

    #[test]
    fn addresses_of_two_families_are_shown_as_ipv6_and_mapped_ones_as_ipv4() {
        let agent = CaptureAgent { id: 0, key: None };
        let mixed = agent.packet(&message("127.0.0.1:1", "[::1]:2", b"")).unwrap();
        assert_eq!((mixed[12], &mixed[36..42]), (IPV6, &[0xff, 0xff, 127, 0, 0, 1][..]));
        let mapped = agent.packet(&message("[::ffff:127.0.0.1]:1", "127.0.0.1:2", b"")).unwrap();
        assert_eq!(mapped[12], IPV4);
    }

    #[test]
    fn a_message_that_does_not_fit_into_a_datagram_makes_no_packet() {
        let agent = CaptureAgent { id: 0, key: None };
        let empty = agent.packet(&message("127.0.0.1:1", "127.0.0.1:2", b"")).unwrap().len();
        let bytes = vec![b'x'; LONGEST_PACKET - empty];
        let longest = agent.packet(&message("127.0.0.1:1", "127.0.0.1:2", &bytes)).unwrap();
        assert_eq!(longest.len(), LONGEST_PACKET);
        for more in [1, 100, 100_000] {
            let bytes = vec![b'x'; bytes.len() + more];
            assert_eq!(agent.packet(&message("127.0.0.1:1", "127.0.0.1:2", &bytes)), None);
        }
    }

    #[test]
    fn a_collector_is_an_address_and_a_port_of_udp() {
        let read = |text: &str| text.parse::<CollectorAddress>().map(|address| address.0);
        assert_eq!(read("udp:127.0.0.1:9060"), Ok("127.0.0.1:9060".parse().unwrap()));
        assert_eq!(read("udp:[::1]:9060"), Ok("[::1]:9060".parse().unwrap()));
        for wrong in ["127.0.0.1:9060", "tcp:127.0.0.1:9060", "udp:127.0.0.1", "udp:127.0.0.1:0"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
