//! Copies of the messages: in a file for Wireshark, and for a collector.

use crate::rig::{Daemon, Folder, Registrar, wait_for};
use crate::{check_openmetrics, plain};
use std::collections::{BTreeMap, HashSet};
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::Duration;

#[test]
fn packets_of_the_account_that_is_asked_for_are_written() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 4));
    let options = ["--pcap", "a.pcap", "--pcap-match", "user2@"];
    let daemon = Daemon::start(&folder, "a.csv", &options);
    daemon.await_registered(4);
    let text = || String::from_utf8_lossy(&folder.read("a.pcap")).into_owned();
    wait_for("the last packet", || text().matches("CSeq: 2 REGISTER").count() == 2);
    assert_eq!(text().matches("REGISTER sip:").count(), 2);
    assert!(text().contains("SIP/2.0 401") && !text().contains("user1@"));
    daemon.end();
    // The end is in it too, with the answer of the registrar.
    assert_eq!(text().matches("\r\nExpires: 0\r\n").count(), 1);
    assert_eq!(text().matches("CSeq: 3 REGISTER").count(), 2);
}

#[test]
fn a_full_disk_ends_the_file_of_packets_after_a_whole_one_and_nothing_else() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 30));
    let daemon = Daemon::start_on_a_full_disk(&folder, "a.csv", &["--pcap", "a.pcap"]);
    daemon.await_registered(30);
    wait_for("the log", || daemon.log().contains("the file of packets ends here: "));
    let log = daemon.end();
    assert_eq!(log.matches("the file of packets").count(), 1, "{log}");
    assert!(log.contains("ended: 30 bindings removed, none is left"), "{log}");
    let file = folder.read("a.pcap");
    let (mut at, mut packets) = (24, 0);
    while at < file.len() {
        let length = u32::from_ne_bytes(file[at + 8..at + 12].try_into().unwrap());
        at += 16 + usize::try_from(length).unwrap();
        packets += 1;
    }
    assert!(at == file.len() && packets > 0, "{at} of {}, {packets} packets", file.len());
}

/// The chunks of a packet by type.
fn chunks(packet: &[u8]) -> BTreeMap<u16, Vec<u8>> {
    let number = |at: usize| u16::from_be_bytes(packet[at..at + 2].try_into().unwrap());
    assert!(packet.starts_with(b"HEP3") && usize::from(number(4)) == packet.len());
    let (mut chunks, mut at) = (BTreeMap::new(), 6);
    while at < packet.len() {
        let end = at + usize::from(number(at + 4));
        assert_eq!(number(at), 0, "a chunk of the protocol itself");
        assert_eq!(chunks.insert(number(at + 2), packet[at + 6..end].to_vec()), None);
        at = end;
    }
    chunks
}

#[test]
fn a_collector_gets_each_message_up_to_the_last() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 4));
    folder.write("key", "collect\n");
    let collector = UdpSocket::bind("127.0.0.1:0").unwrap();
    collector.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let address = format!("udp:{}", collector.local_addr().unwrap());
    let options = ["--hep", &address, "--hep-id", "2001", "--hep-key-file", "key"];
    let daemon = Daemon::start(&folder, "a.csv", &options);
    daemon.await_registered(4);
    wait_for("the counts", || count(&daemon.metrics(), "sent") >= 16);
    check_openmetrics(&daemon.metrics());
    let log = daemon.end();
    assert!(!log.contains("collect"), "{log}");
    let registrar: std::net::SocketAddr = registrar.address.parse().unwrap();
    let port = registrar.port().to_be_bytes().to_vec();
    let mut removals = HashSet::new();
    while removals.len() < 4 {
        let mut packet = [0; 2048];
        let size = loop {
            match collector.recv(&mut packet) {
                // A child that has ended interrupts it.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                size => break size.unwrap(),
            }
        };
        let chunks = chunks(&packet[..size]);
        let message = String::from_utf8(chunks[&15].clone()).unwrap();
        let (source, destination) = if message.starts_with("SIP/2.0") { (7, 8) } else { (8, 7) };
        assert_eq!(chunks[&source], port, "{message}");
        assert_ne!(chunks[&destination], port, "{message}");
        assert_eq!([&chunks[&3], &chunks[&4]], [&[127, 0, 0, 1]; 2]);
        assert_eq!([&chunks[&1], &chunks[&2], &chunks[&11]], [&[2], &[17], &[1]]);
        assert_eq!((&chunks[&12], &chunks[&14]), (&vec![0, 0, 7, 209], &b"collect".to_vec()));
        let is_removal = message.contains("\r\nExpires: 0\r\n");
        if is_removal && message.starts_with("REGISTER ") {
            removals.insert(message);
        }
    }
}

/// How many packets for the collector the metrics count.
fn count(metrics: &str, result: &str) -> u64 {
    let name = format!("registerd_hep_packets_total{{result=\"{result}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap().parse().unwrap()
}

#[test]
fn a_collector_that_is_not_there_holds_nothing_up_and_losses_are_counted() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 50));
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = format!("udp:{}", taken.local_addr().unwrap());
    drop(taken);
    let daemon = Daemon::start(&folder, "a.csv", &["--hep", &address]);
    daemon.await_registered(50);
    wait_for("the counts", || {
        let metrics = daemon.metrics();
        let (sent, dropped) = (count(&metrics, "sent"), count(&metrics, "dropped"));
        sent + dropped >= 200 && dropped > 0
    });
    let log = daemon.end();
    assert_eq!(log.matches("packets for the collector are dropped").count(), 1, "{log}");
    assert!(log.contains("ended: 50 bindings removed, none is left"), "{log}");
}
