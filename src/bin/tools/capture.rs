//! Writes what a tap gets into a file of packets.

use crate::pcap::PacketFile;
use register::engine::{TappedMessage, guess_local_ip};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::SystemTime;

/// Of so many peers it is remembered which address of ours they see; then it is found out anew.
const MOST_PEERS: usize = 1024;

/// The file, and which address of ours leads to which peer.
pub(crate) struct Capture {
    file: PacketFile<File>,
    addresses: LocalAddresses,
}

impl Capture {
    /// Makes the file, or empties it.
    pub(crate) fn create(path: &Path) -> io::Result<Capture> {
        Ok(Capture { file: PacketFile::create(path)?, addresses: LocalAddresses::default() })
    }

    /// Adds a message, as one that went by then; one that does not fit on the disk is not in it.
    pub(crate) fn add(&mut self, at: SystemTime, message: &TappedMessage<'_>) -> io::Result<()> {
        let (from, to) = self.addresses.source_and_destination(message);
        let written = self.file.write(at, from, to, message.bytes);
        if written.is_err() {
            self.file.cut();
        }
        written
    }
}

/// Which address of ours leads to which peer.
#[derive(Default)]
pub(crate) struct LocalAddresses {
    towards: HashMap<IpAddr, IpAddr>,
}

impl LocalAddresses {
    /// From where to where a message went.
    pub(crate) fn source_and_destination(
        &mut self,
        message: &TappedMessage<'_>,
    ) -> (SocketAddr, SocketAddr) {
        let remote = message.path.remote;
        let local = self.local(message.path.local, remote.ip());
        if message.is_received { (remote, local) } else { (local, remote) }
    }

    /// Our address. Where a socket is bound to all of them, the one that the system uses towards
    /// this peer.
    fn local(&mut self, bound: Option<SocketAddr>, remote: IpAddr) -> SocketAddr {
        let port = bound.map_or(0, |bound| bound.port());
        if let Some(bound) = bound.filter(|bound| !bound.ip().is_unspecified()) {
            return bound;
        }
        if self.towards.len() >= MOST_PEERS {
            self.towards.clear();
        }
        let ip = *self.towards.entry(remote).or_insert_with(|| {
            let none = match remote {
                IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
                IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
            };
            guess_local_ip(remote.is_ipv6(), Some(&remote.to_string())).unwrap_or(none)
        });
        SocketAddr::new(ip, port)
    }
}
