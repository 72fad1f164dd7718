//! Files of packets, read back as RFC 791, 768 and 8200 say, and by tcpdump where there is one.

use crate::pcap::{MOST_IN_DATAGRAM, PacketFile};
use crate::registrar_program::RegistrarProgram;
use crate::support::{folder, registrar, run_alice, text};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

/// A datagram of such a file.
#[derive(Debug, PartialEq)]
pub(crate) struct Datagram {
    pub(crate) at: Duration,
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) payload: Vec<u8>,
}

fn number(bytes: &[u8]) -> usize {
    u32::from_ne_bytes(bytes.try_into().unwrap()) as usize
}

fn word(bytes: &[u8]) -> usize {
    u16::from_be_bytes(bytes.try_into().unwrap()).into()
}

/// The sum of RFC 1071, with the checksum in it: 0xffff where that is right.
fn sum(bytes: &[u8]) -> u32 {
    let words = bytes.chunks(2);
    let mut sum: u32 = words
        .map(|pair| u32::from(pair[0]) * 256 + u32::from(pair.get(1).copied().unwrap_or(0)))
        .sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum
}

/// Reads a file whose packets begin with IP, and checks every length and checksum.
pub(crate) fn read(bytes: &[u8]) -> Vec<Datagram> {
    assert_eq!(number(&bytes[..4]), 0xa1b2_c3d4);
    assert_eq!(number(&bytes[20..24]), 101, "LINKTYPE_RAW");
    let (mut rest, mut found) = (&bytes[24..], Vec::new());
    while !rest.is_empty() {
        let (head, after) = rest.split_at(16);
        let length = number(&head[8..12]);
        assert_eq!(length, number(&head[12..16]), "nothing is cut");
        assert!(length <= 65_535);
        let (packet, after) = after.split_at(length);
        let seconds = Duration::from_secs(number(&head[..4]) as u64);
        let at = seconds + Duration::from_micros(number(&head[4..8]) as u64);
        found.push(datagram(at, packet));
        rest = after;
    }
    found
}

fn datagram(at: Duration, packet: &[u8]) -> Datagram {
    let is_v4 = packet[0] >> 4 == 4;
    let (from, to, udp) = if is_v4 {
        assert_eq!((packet[0], packet[9]), (0x45, 17));
        assert_eq!(word(&packet[2..4]), packet.len());
        assert_eq!(sum(&packet[..20]), 0xffff, "checksum of IPv4");
        (ipv4(&packet[12..16]), ipv4(&packet[16..20]), &packet[20..])
    } else {
        assert_eq!((packet[0], packet[6]), (0x60, 17));
        assert_eq!(word(&packet[4..6]), packet.len() - 40);
        (ipv6(&packet[8..24]), ipv6(&packet[24..40]), &packet[40..])
    };
    assert_eq!(word(&udp[4..6]), udp.len());
    let addresses = if is_v4 { &packet[12..20] } else { &packet[8..40] };
    let pseudo = [addresses, &[0, 17], &udp[4..6], udp].concat();
    assert_eq!(sum(&pseudo), 0xffff, "checksum of UDP");
    let port = |at: usize| u16::from_be_bytes([udp[at], udp[at + 1]]);
    let (from, to) = (SocketAddr::new(from, port(0)), SocketAddr::new(to, port(2)));
    Datagram { at, from, to, payload: udp[8..].to_vec() }
}

fn ipv4(bytes: &[u8]) -> IpAddr {
    Ipv4Addr::from(<[u8; 4]>::try_from(bytes).unwrap()).into()
}

fn ipv6(bytes: &[u8]) -> IpAddr {
    Ipv6Addr::from(<[u8; 16]>::try_from(bytes).unwrap()).into()
}

fn written(from: &str, to: &str, message: &[u8]) -> Vec<Datagram> {
    let mut bytes = Vec::new();
    let at = SystemTime::UNIX_EPOCH + Duration::new(1_795_999_999, 123_456_000);
    let mut file = PacketFile::new(&mut bytes).unwrap();
    file.write(at, from.parse().unwrap(), to.parse().unwrap(), message).unwrap();
    read(&bytes)
}

#[test]
fn a_message_is_one_datagram_between_its_addresses() {
    for (from, to) in [("192.0.2.1:5060", "198.51.100.7:40000"), ("[2001:db8::1]:1", "[::1]:5061")]
    {
        // Of even and of odd length.
        for message in [&b"SIP/2.0 200 OK\r\n\r\n"[..], b"\xff\xff\xff", b"x"] {
            let [one] = &written(from, to, message)[..] else { panic!("one datagram") };
            assert_eq!(one.at, Duration::new(1_795_999_999, 123_456_000));
            assert_eq!((one.from, one.to), (from.parse().unwrap(), to.parse().unwrap()));
            assert_eq!(one.payload, message);
        }
    }
}

#[test]
fn addresses_of_two_families_are_shown_as_ipv6_unless_they_are_mapped() {
    let mixed = &written("192.0.2.1:1", "[2001:db8::1]:2", b"a")[0];
    assert_eq!(mixed.from, "[::ffff:192.0.2.1]:1".parse().unwrap());
    let mapped = &written("[::ffff:192.0.2.1]:1", "192.0.2.2:2", b"a")[0];
    assert_eq!(mapped.from, "192.0.2.1:1".parse().unwrap());
}

#[test]
fn a_message_longer_than_a_datagram_goes_on_in_the_next() {
    let message: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
    for (from, to) in [("192.0.2.1:5060", "192.0.2.2:5060"), ("[::1]:5060", "[::2]:5060")] {
        let parts = written(from, to, &message);
        assert_eq!(parts.len(), message.len().div_ceil(MOST_IN_DATAGRAM));
        let whole: Vec<u8> = parts.into_iter().flat_map(|part| part.payload).collect();
        assert_eq!(whole, message);
    }
}

/// What alice's REGISTERs and their answers look like in the file that `--pcap` writes.
#[track_caller]
pub(crate) fn captures(registrar: &RegistrarProgram, name: &str, more: &[&str]) -> Vec<Datagram> {
    let file = folder(name).join("register.pcap");
    let path = file.to_str().unwrap();
    let pcap = ["--password", "secret", "--once", "--quiet", "--pcap", path];
    let output = run_alice(registrar, &[&pcap[..], more].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let datagrams = read(&fs::read(&file).unwrap());
    let server: SocketAddr = registrar.address.parse().unwrap();
    let starts: Vec<_> = datagrams.iter().map(|one| text(&one.payload[..12])).collect();
    let (asks, asks_again) = ("REGISTER sip", "REGISTER sip");
    let (challenge, accepts) = ("SIP/2.0 401 ", "SIP/2.0 200 ");
    assert_eq!(starts, [asks, challenge, asks_again, accepts, asks_again, accepts]);
    for (number, one) in datagrams.iter().enumerate() {
        let (ours, theirs) = if number % 2 == 0 { (one.from, one.to) } else { (one.to, one.from) };
        assert_eq!(theirs, server);
        assert_eq!(ours.ip(), server.ip(), "both ends are on the loopback");
        assert!(ours.port() > 0);
    }
    tcpdump_reads(&file, server);
    datagrams
}

/// Where tcpdump is installed: it finds the six messages, and nothing wrong.
fn tcpdump_reads(file: &Path, server: SocketAddr) {
    let port = server.port().to_string();
    let filter = ["-vv", "-n", "-r", file.to_str().unwrap(), "udp", "port", &port];
    let Ok(output) = Command::new("tcpdump").args(filter).output() else { return };
    let words = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(words.matches("udp sum ok").count(), 6, "{words}");
    assert!(!words.contains("bad"), "{words}");
}

#[test]
fn pcap_has_the_messages_of_udp_and_tcp_over_ipv4_and_ipv6() {
    for (name, listen, transport, more) in [
        ("udp4", "127.0.0.1:0", "udp", &[][..]),
        ("udp6", "[::1]:0", "udp", &["--ipv6"]),
        ("tcp4", "127.0.0.1:0", "tcp", &["--tcp"]),
        ("tcp6", "[::1]:0", "tcp", &["--ipv6", "--transport", "tcp"]),
    ] {
        let registrar = registrar(&["--listen", listen, "--transport", transport]);
        captures(&registrar, name, more);
        registrar.end();
    }
}

#[test]
fn a_file_that_cannot_be_made_is_wrong_usage() {
    let output = crate::support::run(&["--from", "sip:a@127.0.0.1", "--pcap", "/no/such/folder/f"]);
    crate::support::ends_with(&output, 1);
}
