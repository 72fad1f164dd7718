//! Why an address cannot be listened on, which the library does not say.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};

/// What the system says of this address.
pub(crate) fn why_not_bound(address: SocketAddr, is_udp: bool) -> Option<io::Error> {
    if is_udp { UdpSocket::bind(address).err() } else { TcpListener::bind(address).err() }
}
