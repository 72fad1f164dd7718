//! Which address of ours the kernel uses towards a destination, asked without sending a packet.

use super::{address, udp};
use crate::transport::TransportError;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;

/// Any port will do: nothing is sent to it.
const DISCARD: u16 = 9;

/// The address that a socket bound to `bound` has towards `to`, with its port. Errors: no route.
pub(crate) fn local_address(
    bound: SocketAddr,
    to: SocketAddr,
) -> Result<SocketAddr, TransportError> {
    if !bound.ip().is_unspecified() {
        return Ok(bound);
    }
    match probe(None, to) {
        Ok((local, _)) => Ok(SocketAddr::new(local, bound.port())),
        Err(error) => {
            let errno = error.raw_os_error().unwrap_or(libc::ENETUNREACH);
            Err(TransportError::NoRoute { to: to.ip(), errno })
        }
    }
}

/// What the kernel knows of the path's MTU from a socket bound to `bound`, in bytes.
pub(crate) fn path_mtu(bound: SocketAddr, to: SocketAddr) -> Option<usize> {
    probe(Some(bound.ip()), to).ok()?.1
}

/// Connects a datagram socket, which sends nothing; the address that the kernel chose for it, and
/// the path's MTU.
fn probe(bound: Option<IpAddr>, mut to: SocketAddr) -> io::Result<(IpAddr, Option<usize>)> {
    to.set_port(DISCARD);
    let socket = Socket::new(Domain::for_address(to), Type::DGRAM, Some(Protocol::UDP))?;
    if let Some(ip) = bound.filter(|ip| !ip.is_unspecified() && ip.is_ipv4() == to.is_ipv4()) {
        socket.bind(&SockAddr::from(SocketAddr::new(ip, 0)))?;
    }
    socket.connect(&SockAddr::from(to))?;
    let local = socket.local_addr()?.as_socket().ok_or(io::ErrorKind::Unsupported)?.ip();
    if local.is_unspecified() {
        return Err(io::Error::from_raw_os_error(libc::ENETUNREACH));
    }
    Ok((local, mtu(&socket, to)))
}

fn mtu(socket: &Socket, to: SocketAddr) -> Option<usize> {
    let (level, option) =
        if to.is_ipv4() { (libc::SOL_IP, libc::IP_MTU) } else { (libc::SOL_IPV6, libc::IPV6_MTU) };
    let mut value: libc::c_int = 0;
    let mut size = size_of::<libc::c_int>() as libc::socklen_t;
    let place = (&raw mut value).cast();
    // SAFETY: writes at most `size` bytes, the size of `value`.
    let done = unsafe { libc::getsockopt(socket.as_raw_fd(), level, option, place, &raw mut size) };
    usize::try_from(value).ok().filter(|mtu| done == 0 && *mtu > 0)
}

/// The local address towards `gateway` (an IP address; by default the one that eXosip uses), else
/// that of the first running interface that is not loopback.
pub(crate) fn guess_local_ip(ipv6: bool, gateway: Option<&str>) -> Option<IpAddr> {
    let default = if ipv6 { "2001:638:500:101:2e0:81ff:fe24:37c6" } else { "217.12.3.11" };
    let right_family = |text: &str| text.parse().ok().filter(|ip: &IpAddr| ip.is_ipv6() == ipv6);
    let gateway = gateway.and_then(right_family).or_else(|| right_family(default))?;
    match probe(None, SocketAddr::new(gateway, DISCARD)) {
        Ok((local, _)) => Some(local),
        Err(_) => first_interface(ipv6),
    }
}

/// The address of the first interface that runs and is not loopback.
fn first_interface(ipv6: bool) -> Option<IpAddr> {
    let mut list = std::ptr::null_mut();
    // SAFETY: getifaddrs writes one pointer, to a list that is freed below.
    if unsafe { libc::getifaddrs(&raw mut list) } != 0 {
        return None;
    }
    let wanted = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_uint;
    let mut found = None;
    let mut next = list;
    while found.is_none() && !next.is_null() {
        // SAFETY: an entry of the list, which lives until freeifaddrs.
        let entry = unsafe { &*next };
        let running = entry.ifa_flags & (wanted | libc::IFF_LOOPBACK as libc::c_uint) == wanted;
        // SAFETY: NULL or a socket address of its family's size.
        let ip = unsafe { address::read(entry.ifa_addr) }.map(|a| a.ip());
        found = ip.filter(|ip| running && ip.is_ipv6() == ipv6);
        next = entry.ifa_next;
    }
    // SAFETY: the list that getifaddrs gave, once.
    unsafe { libc::freeifaddrs(list) };
    found
}

/// An even port that can be bound together with its successor, for UDP, or for TCP where
/// `is_stream`: `port` or one of the next, in 8 tries; 0: the kernel chooses.
pub(crate) fn find_free_port(port: u16, is_stream: bool) -> Option<u16> {
    let bind = |port: u16| bind_any(port, is_stream);
    if port != 0 {
        let first = port.checked_add(port % 2)?;
        let pairs = (0..8u16).filter_map(|n| first.checked_add(2 * n));
        return pairs.filter(|p| *p != 0).find(|p| bind(*p).zip(bind(p + 1)).is_some());
    }
    // Kept open until the end, so that the kernel does not choose the same one again.
    let mut odd = Vec::new();
    for _ in 0..8 {
        let socket = bind(0)?;
        let port = socket.local_addr().ok()?.as_socket()?.port();
        if port % 2 == 0 && bind(port + 1).is_some() {
            return Some(port);
        }
        odd.push((socket, port));
    }
    odd.pop().map(|(_, port)| port)
}

/// A socket that is bound to `port` of any address, as one that listens would be.
fn bind_any(port: u16, is_stream: bool) -> Option<Socket> {
    let kind = if is_stream { Type::STREAM } else { Type::DGRAM };
    let socket = Socket::new(Domain::IPV4, kind, None).ok()?;
    // It ignores connections that have just ended.
    socket.set_reuse_address(is_stream).ok()?;
    socket.bind(&SockAddr::from(SocketAddr::new(udp::wildcard(false), port))).ok()?;
    Some(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(bound: &str, to: &str) -> Result<SocketAddr, TransportError> {
        local_address(bound.parse().unwrap(), to.parse().unwrap())
    }

    #[test]
    fn a_wildcard_socket_has_the_address_that_the_kernel_chooses() {
        assert_eq!(local("0.0.0.0:4711", "127.0.0.1:5060"), Ok("127.0.0.1:4711".parse().unwrap()));
        assert_eq!(local("[::]:4711", "127.0.0.1:5060"), Ok("127.0.0.1:4711".parse().unwrap()));
        assert_eq!(local("[::]:4711", "[::1]:5060"), Ok("[::1]:4711".parse().unwrap()));
    }

    #[test]
    fn a_socket_bound_to_an_address_has_that_one() {
        assert_eq!(
            local("127.0.0.2:4711", "127.0.0.1:5060"),
            Ok("127.0.0.2:4711".parse().unwrap())
        );
    }

    #[test]
    fn the_mtu_of_the_loopback_path_is_known() {
        let mtu = path_mtu("127.0.0.1:4711".parse().unwrap(), "127.0.0.1:5060".parse().unwrap());
        assert!(mtu.unwrap() >= 1500, "{mtu:?}");
    }

    #[test]
    fn the_local_address_towards_a_loopback_gateway_is_loopback() {
        assert_eq!(guess_local_ip(false, Some("127.0.0.1")), Some([127, 0, 0, 1].into()));
        assert_eq!(guess_local_ip(true, Some("::1")), Some(std::net::Ipv6Addr::LOCALHOST.into()));
        assert!(guess_local_ip(false, None).is_none_or(|ip| ip.is_ipv4() && !ip.is_loopback()));
    }

    #[test]
    fn a_free_port_is_even_and_not_below_the_one_asked_for() {
        for is_stream in [false, true] {
            assert_ne!(find_free_port(0, is_stream), None);
            let port = find_free_port(20_001, is_stream).unwrap();
            assert!(port % 2 == 0 && (20_002..20_018).contains(&port));
            assert_eq!(find_free_port(u16::MAX, is_stream), None);
        }
    }

    #[test]
    fn a_port_that_accepts_connections_is_not_free_for_them() {
        let port = find_free_port(0, true).unwrap();
        let _listener = std::net::TcpListener::bind(("0.0.0.0", port)).unwrap();
        assert_ne!(find_free_port(port, true), Some(port));
    }
}
