//! A port that accepts connections.

use super::address::unmapped;
use super::tcp::TcpConnection;
use super::udp::Bind;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};

/// Connections that the kernel makes before they are accepted.
const BACKLOG: i32 = 64;

/// A bound TCP socket that listens.
#[derive(Debug)]
pub(crate) struct TcpPort {
    socket: Socket,
    dscp: u8,
    local: SocketAddr,
}

/// A connection that was accepted.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// The connection.
    pub(crate) connection: TcpConnection,
    /// Our address.
    pub(crate) local: SocketAddr,
    /// The peer's.
    pub(crate) remote: SocketAddr,
}

impl TcpPort {
    /// Opens, binds and listens. `is_shared`: connections that we make may be from this port.
    /// Errors are those of the system: the port may be taken.
    pub(crate) fn bind(what: Bind, is_shared: bool) -> io::Result<TcpPort> {
        let domain = Domain::for_address(what.address);
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        // It ignores connections of an earlier program that have just ended.
        socket.set_reuse_address(true)?;
        if is_shared {
            socket.set_reuse_port(true)?;
        }
        if what.address.is_ipv6() {
            socket.set_only_v6(!(what.dual && what.address.ip().is_unspecified()))?;
        }
        socket.bind(&SockAddr::from(what.address))?;
        socket.listen(BACKLOG)?;
        let local = socket.local_addr()?.as_socket().ok_or(io::ErrorKind::Unsupported)?;
        Ok(TcpPort { socket, dscp: what.dscp, local })
    }

    /// The address bound; a wildcard stays one.
    pub(crate) fn local(&self) -> SocketAddr {
        self.local
    }

    /// The descriptor, to wait for.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// The next connection that waits; `Ok(None)`: none. Errors: no descriptor or memory is left,
    /// and the connection still waits.
    pub(crate) fn accept(&self) -> io::Result<Option<Accepted>> {
        loop {
            let (socket, remote) = match self.socket.accept() {
                Ok(accepted) => accepted,
                Err(error) => match error.raw_os_error() {
                    Some(libc::EAGAIN) => return Ok(None),
                    Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM) => {
                        return Err(error);
                    }
                    // Any other is about a connection that ended before it was accepted.
                    _ if is_about_connection(&error) => continue,
                    _ => return Err(error),
                },
            };
            let ends = socket.local_addr().ok().and_then(|local| local.as_socket());
            let ends = ends.zip(remote.as_socket());
            let connection = TcpConnection::accepted(socket, self.dscp).ok();
            if let (Some(connection), Some((local, remote))) = (connection, ends) {
                let (local, remote) = (unmapped(local), unmapped(remote));
                return Ok(Some(Accepted { connection, local, remote }));
            }
        }
    }
}

/// See accept(2), "Error handling".
fn is_about_connection(error: &io::Error) -> bool {
    let errno = error.raw_os_error().unwrap_or(0);
    matches!(
        errno,
        libc::EINTR
            | libc::ECONNABORTED
            | libc::EPROTO
            | libc::ENETDOWN
            | libc::ENOPROTOOPT
            | libc::EHOSTDOWN
            | libc::ENONET
            | libc::EHOSTUNREACH
            | libc::ENETUNREACH
            | libc::EPERM
    )
}
