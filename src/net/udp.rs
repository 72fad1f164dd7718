//! One UDP socket: bound once, non-blocking, for one family of addresses or both.

use super::receive_batch::ReceiveBatch;
use crate::transport::TransportError;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// The receive buffer that the kernel is asked for: thousands of responses may arrive at once.
const RECEIVE_BUFFER: usize = 4 << 20;

/// The families of addresses that a socket reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
    /// IPv6, and IPv4 by mapped addresses, which are seen by the kernel only.
    Dual,
}

impl Family {
    /// Whether `ip` can be reached.
    pub(crate) fn takes(self, ip: IpAddr) -> bool {
        self == Family::Dual || ip.is_ipv4() == (self == Family::V4)
    }
}

/// What to bind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bind {
    /// The address, which may be a wildcard; port 0: the kernel picks one that is free.
    pub(crate) address: SocketAddr,
    /// `[::]` takes IPv4 too.
    pub(crate) dual: bool,
    /// DSCP value, 0–63.
    pub(crate) dscp: u8,
    /// No other program may have the port.
    pub(crate) exclusive: bool,
}

/// What became of a datagram.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SendResult {
    /// The kernel has it.
    Sent,
    /// The socket's buffer is full: try again when it is writable.
    WouldBlock,
    /// It was not sent.
    Failed(TransportError),
}

/// A bound UDP socket.
#[derive(Debug)]
pub(crate) struct UdpSocket {
    socket: Socket,
    pub(super) family: Family,
    local: SocketAddr,
}

impl UdpSocket {
    /// Opens and binds. Errors are those of the system.
    pub(crate) fn bind(what: Bind) -> io::Result<UdpSocket> {
        let family = match what.address.ip() {
            IpAddr::V4(_) => Family::V4,
            IpAddr::V6(ip) if what.dual && ip.is_unspecified() => Family::Dual,
            IpAddr::V6(_) => Family::V6,
        };
        let socket =
            Socket::new(Domain::for_address(what.address), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        // Two programs may share a port that they name. Of ports that allow it, the kernel would
        // pick one that another program has already, and responses to one would go to the other.
        socket.set_reuse_address(what.address.port() != 0 && !what.exclusive)?;
        if family != Family::V4 {
            socket.set_only_v6(family == Family::V6)?;
        }
        // The rest is welcome, and no reason to fail: a container may forbid any of it.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        let class = u32::from(what.dscp & 63) << 2;
        if family != Family::V6 {
            let _ = socket.set_tos_v4(class);
            let _ = switch_on(&socket, libc::SOL_IP, libc::IP_RECVERR);
        }
        if family != Family::V4 {
            let _ = socket.set_tclass_v6(class);
            let _ = switch_on(&socket, libc::SOL_IPV6, libc::IPV6_RECVERR);
        }
        socket.bind(&SockAddr::from(what.address))?;
        let local = socket.local_addr()?.as_socket().ok_or(io::ErrorKind::Unsupported)?;
        Ok(UdpSocket { socket, family, local })
    }

    /// Uses a UDP socket that is bound already, by a copy of its descriptor: the caller's stays the
    /// caller's, and both are one socket. Errors: no descriptor, no UDP socket, not bound.
    pub(crate) fn adopt(fd: RawFd) -> io::Result<UdpSocket> {
        // SAFETY: no pointers; a number that is no descriptor gives an error.
        let copy = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) };
        if copy < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and has no other owner.
        let socket = Socket::from(unsafe { OwnedFd::from_raw_fd(copy) });
        if socket.r#type()? != Type::DGRAM {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let local = socket.local_addr()?.as_socket().ok_or(io::ErrorKind::Unsupported)?;
        if local.port() == 0 {
            return Err(io::ErrorKind::AddrNotAvailable.into());
        }
        let family = match local.ip() {
            IpAddr::V4(_) => Family::V4,
            IpAddr::V6(ip) if ip.is_unspecified() && !socket.only_v6()? => Family::Dual,
            IpAddr::V6(_) => Family::V6,
        };
        socket.set_nonblocking(true)?;
        if family != Family::V6 {
            let _ = switch_on(&socket, libc::SOL_IP, libc::IP_RECVERR);
        }
        if family != Family::V4 {
            let _ = switch_on(&socket, libc::SOL_IPV6, libc::IPV6_RECVERR);
        }
        Ok(UdpSocket { socket, family, local })
    }

    /// The address bound; a wildcard stays one.
    pub(crate) fn local(&self) -> SocketAddr {
        self.local
    }

    /// The families reached.
    pub(crate) fn family(&self) -> Family {
        self.family
    }

    /// The descriptor, for poll(2).
    pub(crate) fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Gives a datagram to the kernel; never blocks, never raises SIGPIPE.
    pub(crate) fn send(&self, to: SocketAddr, bytes: &[u8]) -> SendResult {
        if !self.family.takes(to.ip()) {
            return SendResult::Failed(TransportError::WrongFamily(to.ip()));
        }
        let target = self.target(to);
        // An earlier ICMP error is reported by the next send, whatever its destination, instead of
        // sending: hence the repetition. What fails three times fails for itself.
        let mut tries = 3;
        loop {
            match self.socket.send_to_with_flags(
                bytes,
                &target,
                libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT,
            ) {
                Ok(_) => return SendResult::Sent,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return SendResult::WouldBlock,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if tries == 1 => return SendResult::Failed(send_error(&e)),
                Err(_) => tries -= 1,
            }
        }
    }

    /// The address as this socket's family has it.
    pub(super) fn target(&self, to: SocketAddr) -> SockAddr {
        SockAddr::from(match (self.family, to) {
            (Family::Dual, SocketAddr::V4(v4)) => {
                SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port())
            }
            _ => to,
        })
    }

    /// Receives what has arrived, up to the size of a batch; poll(2) reports whether more waits.
    pub(crate) fn receive(&self, batch: &mut ReceiveBatch) {
        batch.fill(self.fd());
    }

    /// Sets an option that is an int.
    #[cfg(test)]
    pub(super) fn set(
        &self,
        level: libc::c_int,
        option: libc::c_int,
        value: libc::c_int,
    ) -> io::Result<()> {
        set(&self.socket, level, option, value)
    }

    /// Takes the pending error, so that poll(2) stops reporting it.
    pub(super) fn take_error(&self) {
        let _ = self.socket.take_error();
    }
}

/// What the error of a send call means.
fn send_error(error: &io::Error) -> TransportError {
    let errno = error.raw_os_error().unwrap_or(libc::EIO);
    match errno {
        libc::ENETUNREACH => TransportError::Unreachable,
        libc::EMSGSIZE => TransportError::TooLong,
        // Want of memory, a firewall rule, an ICMP error about another datagram.
        libc::ENOBUFS | libc::ENOMEM | libc::EPERM | libc::ECONNREFUSED => {
            TransportError::Temporary { errno }
        }
        _ => TransportError::Other { errno },
    }
}

/// The wildcard address of a family.
pub(crate) fn wildcard(v6: bool) -> IpAddr {
    if v6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() }
}

pub(super) fn switch_on(
    socket: &Socket,
    level: libc::c_int,
    option: libc::c_int,
) -> io::Result<()> {
    set(socket, level, option, 1)
}

fn set(
    socket: &Socket,
    level: libc::c_int,
    option: libc::c_int,
    value: libc::c_int,
) -> io::Result<()> {
    let size = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: `value` is an int that outlives the call, and `size` is its size.
    let done = unsafe {
        libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const value).cast(), size)
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::super::{Poller, Ready};
    use super::*;
    use std::time::Duration;

    fn socket(address: &str, dual: bool) -> UdpSocket {
        let ip: IpAddr = address.parse().unwrap();
        UdpSocket::bind(Bind { address: SocketAddr::new(ip, 0), dual, dscp: 26, exclusive: false })
            .unwrap()
    }

    fn wait(socket: &UdpSocket) -> Ready {
        Poller::new().unwrap().wait(Some(socket), false, Some(Duration::from_secs(5)))
    }

    fn received(socket: &UdpSocket) -> Vec<(SocketAddr, Vec<u8>)> {
        assert!(wait(socket).readable);
        let mut batch = ReceiveBatch::new();
        socket.receive(&mut batch);
        batch.iter().map(|(from, bytes)| (from, bytes.to_vec())).collect()
    }

    #[test]
    fn a_datagram_arrives_with_its_sender_in_both_families() {
        for ip in ["127.0.0.1", "::1"] {
            let (a, b) = (socket(ip, false), socket(ip, false));
            assert_eq!(a.send(b.local(), b"one"), SendResult::Sent);
            assert_eq!(received(&b), [(a.local(), b"one".to_vec())]);
        }
    }

    /// A socket of another program, which allows others to bind its port.
    fn shared(address: &str) -> io::Result<Socket> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
        socket.set_reuse_address(true)?;
        let address: SocketAddr = address.parse().unwrap();
        socket.bind(&address.into())?;
        Ok(socket)
    }

    #[test]
    fn a_port_that_the_kernel_picked_cannot_be_shared() {
        let socket = socket("127.0.0.1", false);
        let refused = shared(&socket.local().to_string()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn a_port_that_was_asked_for_may_be_shared() {
        let other = shared("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap().as_socket().unwrap();
        let socket =
            UdpSocket::bind(Bind { address, dual: false, dscp: 26, exclusive: false }).unwrap();
        assert_eq!(socket.local(), address);
    }

    #[test]
    fn several_datagrams_come_in_one_batch_and_in_order() {
        let (a, b) = (socket("127.0.0.1", false), socket("127.0.0.1", false));
        for n in 0..5u8 {
            assert_eq!(a.send(b.local(), &[n; 3]), SendResult::Sent);
        }
        let bytes: Vec<_> = received(&b).into_iter().map(|(_, bytes)| bytes[0]).collect();
        assert_eq!(bytes, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn the_largest_datagram_arrives_whole() {
        let (a, b) = (socket("127.0.0.1", false), socket("127.0.0.1", false));
        assert_eq!(a.send(b.local(), &[7; 65_507]), SendResult::Sent);
        assert_eq!(received(&b)[0].1.len(), 65_507);
    }

    #[test]
    fn a_datagram_longer_than_udp_carries_fails_with_a_reason() {
        let a = socket("127.0.0.1", false);
        let failed = TransportError::TooLong;
        assert_eq!(a.send(a.local(), &[7; 65_508]), SendResult::Failed(failed.clone()));
        assert_eq!(
            (failed.to_string().as_str(), failed.is_permanent()),
            ("Message too long", true)
        );
    }

    #[test]
    fn a_dual_stack_socket_shows_ipv4_peers_as_ipv4_and_reaches_them() {
        let dual = socket("::", true);
        assert_eq!(dual.family(), Family::Dual);
        for ip in ["127.0.0.1", "::1"] {
            let peer = socket(ip, false);
            let towards = SocketAddr::new(ip.parse().unwrap(), dual.local().port());
            assert_eq!(peer.send(towards, b"ping"), SendResult::Sent);
            assert_eq!(received(&dual), [(peer.local(), b"ping".to_vec())]);
            assert_eq!(dual.send(peer.local(), b"pong"), SendResult::Sent);
            assert_eq!(received(&peer)[0], (towards, b"pong".to_vec()));
        }
    }

    #[test]
    fn the_other_family_is_refused_with_a_reason() {
        let v4 = socket("127.0.0.1", false);
        let SendResult::Failed(error) = v4.send("[::1]:5060".parse().unwrap(), b"x") else {
            panic!("sent")
        };
        assert_eq!(error.to_string(), "::1 is an IPv6 address and the socket is for IPv4 only");
        assert!(error.is_permanent());
        let v6 = socket("::1", false);
        assert!(matches!(
            v6.send("127.0.0.1:5060".parse().unwrap(), b"x"),
            SendResult::Failed(TransportError::WrongFamily(_))
        ));
    }

    #[test]
    fn packets_are_marked_with_the_dscp_value() {
        assert_eq!(socket("127.0.0.1", false).socket.tos_v4().unwrap(), 26 << 2);
        assert_eq!(socket("::1", false).socket.tclass_v6().unwrap(), 26 << 2);
    }

    #[test]
    fn an_icmp_error_of_one_destination_does_not_stop_one_to_another() {
        let (a, good) = (socket("127.0.0.1", false), socket("127.0.0.1", false));
        let closed = socket("127.0.0.1", false).local();
        assert_eq!(a.send(closed, b"lost"), SendResult::Sent);
        assert!(wait(&a).error);
        assert_eq!(a.send(good.local(), b"good"), SendResult::Sent);
        assert_eq!(received(&good)[0].1, b"good");
    }
}
