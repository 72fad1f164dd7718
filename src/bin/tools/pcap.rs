//! A file of packets for Wireshark, tcpdump and the like: each SIP message as one UDP datagram over
//! IP, whatever carried it, so that what went over TLS can be read.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Of a pcap file with microseconds, in the byte order of its writer.
const MAGIC: u32 = 0xa1b2_c3d4;
/// LINKTYPE_RAW: a packet begins with the header of IP.
const LINK_TYPE: u32 = 101;
/// No packet is longer: the length of IPv4 has 16 bits.
const LONGEST_PACKET: u32 = 65_535;
/// What of a message is in one datagram. A longer one, which only a connection carries, goes on in
/// further datagrams.
pub(crate) const MOST_IN_DATAGRAM: usize = 65_000;
/// The number of UDP in IP.
const UDP: u8 = 17;
const UDP_HEADER: usize = 8;

/// The file. Each packet is written at once, so that it is whole whenever the program ends.
pub(crate) struct PacketFile<W: Write> {
    output: W,
    /// Octets of whole packets.
    length: u64,
}

impl PacketFile<std::fs::File> {
    /// Makes the file, readable for its owner alone, as there are credentials in it; or empties it.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let output = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
        PacketFile::new(output)
    }

    /// Takes away the part of a packet that was written before the disk was full.
    pub(crate) fn cut(&self) {
        // What remains is a file whose last packet is not whole, which readers pass over.
        let _ = self.output.set_len(self.length);
    }
}

impl<W: Write> PacketFile<W> {
    /// Begins with the header of the file.
    pub(crate) fn new(mut output: W) -> io::Result<Self> {
        let mut header = Vec::with_capacity(24);
        header.extend(MAGIC.to_ne_bytes());
        header.extend(2u16.to_ne_bytes());
        header.extend(4u16.to_ne_bytes());
        header.extend([0; 8]);
        header.extend(LONGEST_PACKET.to_ne_bytes());
        header.extend(LINK_TYPE.to_ne_bytes());
        output.write_all(&header)?;
        Ok(PacketFile { output, length: header.len() as u64 })
    }

    /// Adds a message. Where one address is of IPv4 and the other is not, both are shown as those
    /// of IPv6.
    pub(crate) fn write(
        &mut self,
        at: SystemTime,
        from: SocketAddr,
        to: SocketAddr,
        message: &[u8],
    ) -> io::Result<()> {
        let (from, to) = same_family(from, to);
        for part in message.chunks(MOST_IN_DATAGRAM) {
            let packet = packet(from, to, part);
            let record = record_header(at, packet.len());
            let octets = [&record[..], &packet].concat();
            self.output.write_all(&octets)?;
            self.length += octets.len() as u64;
        }
        self.output.flush()
    }
}

fn record_header(at: SystemTime, length: usize) -> Vec<u8> {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let seconds = u32::try_from(since.as_secs()).unwrap_or(u32::MAX);
    let length = u32::try_from(length).unwrap_or(LONGEST_PACKET);
    [seconds, since.subsec_micros(), length, length].iter().flat_map(|n| n.to_ne_bytes()).collect()
}

fn same_family(from: SocketAddr, to: SocketAddr) -> (SocketAddr, SocketAddr) {
    let plain = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
    let (from, to) = (plain(from), plain(to));
    if from.is_ipv4() == to.is_ipv4() {
        return (from, to);
    }
    let mapped = |address: SocketAddr| match address.ip() {
        IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
        IpAddr::V6(_) => address,
    };
    (mapped(from), mapped(to))
}

/// A datagram with its headers; `from` and `to` are of one family.
fn packet(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(UDP_HEADER + payload.len()).unwrap_or(u16::MAX);
    let mut udp = Vec::with_capacity(UDP_HEADER + payload.len());
    udp.extend(from.port().to_be_bytes());
    udp.extend(to.port().to_be_bytes());
    udp.extend(length.to_be_bytes());
    udp.extend([0; 2]);
    udp.extend(payload);
    let addresses = [octets(from.ip()), octets(to.ip())].concat();
    // RFC 768: zero says that there is none.
    let sum = match checksum(&[&addresses, &[0, UDP], &length.to_be_bytes(), &udp]) {
        0 => u16::MAX,
        sum => sum,
    };
    udp[6..UDP_HEADER].copy_from_slice(&sum.to_be_bytes());
    let mut packet = match from.ip() {
        IpAddr::V4(_) => ipv4_header(length, &addresses),
        IpAddr::V6(_) => ipv6_header(length, &addresses),
    };
    packet.extend(udp);
    packet
}

fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

/// RFC 791, without options; fragments are forbidden and 64 hops allowed.
fn ipv4_header(length: u16, addresses: &[u8]) -> Vec<u8> {
    let mut header = vec![0x45, 0];
    header.extend((20 + length).to_be_bytes());
    header.extend([0, 0, 0x40, 0, 64, UDP, 0, 0]);
    header.extend(addresses);
    let sum = checksum(&[&header]);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    header
}

/// RFC 8200.
fn ipv6_header(length: u16, addresses: &[u8]) -> Vec<u8> {
    let mut header = vec![0x60, 0, 0, 0];
    header.extend(length.to_be_bytes());
    header.extend([UDP, 64]);
    header.extend(addresses);
    header
}

/// RFC 1071, of parts of which only the last may have an odd length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let sum: u32 = words.map(|w| u32::from(w[0]) << 8 | w.get(1).map_or(0, |b| (*b).into())).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    !u16::try_from(folded).unwrap_or(u16::MAX)
}
