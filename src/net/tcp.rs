//! One TCP connection: made without blocking, read in bounded pieces, with a bounded queue of what
//! waits to be sent.

use super::address::unmapped;
use super::tls_layer::TlsOptions;
use super::udp::{switch_on, wildcard};
use crate::transport::TransportError;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io::{self, Read};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// What waits to be sent over one connection, at most.
const MAX_QUEUE: usize = 256 << 10;
/// What waits so long is given to the kernel before the turn is over.
const FLUSH: usize = 64 << 10;
/// A peer that acknowledges nothing for so long is gone.
const USER_TIMEOUT: Duration = Duration::from_secs(20);
/// The DSCP value where nothing is said: option 15.
const DSCP: u8 = 26;
/// Ports tried for one connection, where the program gave a range.
const PORTS: u32 = 256;

/// How connections are made.
#[derive(Debug, Clone)]
pub(crate) struct ConnectOptions {
    /// DSCP value, 0–63.
    pub(crate) dscp: u8,
    /// The address to connect from, where it is of the family of the peer.
    pub(crate) local: Option<IpAddr>,
    /// The first and the last port to connect from; `None`: the kernel chooses.
    pub(crate) ports: Option<(u16, u16)>,
    /// Where no range is given, connections are made from the port that accepts others.
    pub(crate) shares_port: bool,
    /// That port, if it may be shared.
    pub(crate) shared_port: Option<u16>,
    /// How TLS is used, where it is.
    pub(crate) tls: TlsOptions,
}

impl Default for ConnectOptions {
    fn default() -> ConnectOptions {
        ConnectOptions {
            dscp: DSCP,
            local: None,
            ports: None,
            shares_port: false,
            shared_port: None,
            tls: TlsOptions::default(),
        }
    }
}

/// What a read gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReadOutcome {
    /// So many bytes.
    Bytes(usize),
    /// Nothing is there yet.
    Nothing,
    /// Nothing comes any more.
    Ended(TransportError),
}

/// A connection, or one that is being made.
#[derive(Debug)]
pub(crate) struct TcpConnection {
    socket: Socket,
    /// What waits until the kernel takes it, …
    queue: Vec<u8>,
    /// … but for so many bytes that it has taken.
    taken: usize,
    /// Why nothing can be sent any more. What had come before is read first.
    broken: Option<TransportError>,
}

impl TcpConnection {
    /// Begins to connect to `remote`. `start` is where in the range of ports the search for a free
    /// one begins. Errors: there is no way to it, or no port or descriptor is left.
    pub(crate) fn connect(
        remote: SocketAddr,
        options: &ConnectOptions,
        start: u32,
    ) -> Result<TcpConnection, TransportError> {
        let local = options.local.filter(|local| local.is_ipv4() == remote.is_ipv4());
        let Some((first, last)) = options.ports else {
            let from_shared = |port| begin(remote, options.dscp, local, (port, true)).ok();
            // To the same peer there may be a connection from that port already.
            return match options.shared_port.and_then(from_shared) {
                Some(connection) => Ok(connection),
                None => begin(remote, options.dscp, local, (0, false)).map_err(|e| meaning(&e)),
            };
        };
        let count = u32::from(last.saturating_sub(first)) + 1;
        let mut result = Err(TransportError::Temporary { errno: libc::EADDRINUSE });
        for at in 0..count.min(PORTS) {
            let port = first + u16::try_from((start.wrapping_add(at)) % count).unwrap_or(0);
            match begin(remote, options.dscp, local, (port, false)) {
                Ok(connection) => return Ok(connection),
                Err(error) => {
                    let is_taken = is_port_taken(&error);
                    result = Err(meaning(&error));
                    if !is_taken {
                        break;
                    }
                }
            }
        }
        result
    }

    /// A connection that was accepted. Errors are those of the system.
    pub(super) fn accepted(socket: Socket, dscp: u8) -> io::Result<TcpConnection> {
        socket.set_nonblocking(true)?;
        let is_v4 = socket.local_addr()?.is_ipv4();
        set_options(&socket, is_v4, dscp);
        Ok(TcpConnection { socket, queue: Vec::new(), taken: 0, broken: None })
    }

    /// Uses a connection that the application has made, and its address and that of the peer. The
    /// descriptor comes back where it is none.
    pub(crate) fn adopt(
        fd: OwnedFd,
        dscp: u8,
    ) -> Result<(TcpConnection, SocketAddr, SocketAddr), OwnedFd> {
        let socket = Socket::from(fd);
        let is_stream = socket.r#type().is_ok_and(|kind| kind == Type::STREAM);
        let ends = [socket.local_addr(), socket.peer_addr()].map(|end| end.ok()?.as_socket());
        let ([Some(local), Some(remote)], true) = (ends, is_stream) else {
            return Err(socket.into());
        };
        if socket.set_nonblocking(true).is_err() {
            return Err(socket.into());
        }
        set_options(&socket, local.is_ipv4(), dscp);
        let _ = socket.set_cloexec(true);
        let connection = TcpConnection { socket, queue: Vec::new(), taken: 0, broken: None };
        Ok((connection, unmapped(local), unmapped(remote)))
    }

    /// The descriptor, to wait for.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Our address, once the connection is made; `None`: not yet. Errors: it cannot be made.
    pub(crate) fn connected(&self) -> Result<Option<SocketAddr>, TransportError> {
        match self.socket.take_error() {
            Ok(None) => {}
            Ok(Some(error)) | Err(error) => return Err(meaning(&error)),
        }
        if self.socket.peer_addr().is_err() {
            return Ok(None);
        }
        Ok(self.socket.local_addr().ok().and_then(|local| local.as_socket()).map(unmapped))
    }

    /// Puts a message behind what waits. Error: [`TransportError::QueueFull`], and nothing of it
    /// was taken.
    pub(crate) fn queue(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        self.make_room(bytes.len())?;
        self.queue_mut().extend_from_slice(bytes);
        Ok(())
    }

    /// Makes room for a message of `size` bytes. Error: [`TransportError::QueueFull`].
    pub(super) fn make_room(&mut self, size: usize) -> Result<(), TransportError> {
        if self.waiting() >= FLUSH {
            self.send();
        }
        if self.waiting() > 0 && self.waiting() + size > MAX_QUEUE {
            return Err(TransportError::QueueFull);
        }
        Ok(())
    }

    /// What waits, to be added to. Once the connection is broken nothing of it is sent.
    pub(super) fn queue_mut(&mut self) -> &mut Vec<u8> {
        if self.broken.is_some() {
            (self.queue, self.taken) = (Vec::new(), 0);
        }
        &mut self.queue
    }

    /// Gives the kernel as much as it takes. Error: the rest of a message is more than may wait.
    pub(crate) fn flush(&mut self) -> Result<(), TransportError> {
        self.send();
        if self.waiting() > MAX_QUEUE { Err(TransportError::QueueFull) } else { Ok(()) }
    }

    /// Whether bytes wait until the kernel takes them.
    pub(crate) fn has_queue(&self) -> bool {
        self.waiting() > 0
    }

    /// Reads what has come, as much as there is room for.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> ReadOutcome {
        loop {
            let error = match (&self.socket).read(into) {
                Ok(0) => TransportError::Closed,
                Ok(count) => return ReadOutcome::Bytes(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return ReadOutcome::Nothing;
                }
                Err(error) => meaning(&error),
            };
            return ReadOutcome::Ended(self.broken.take().unwrap_or(error));
        }
    }

    /// Ends the connection: what the kernel has is sent, and then FIN, though a child of fork(2)
    /// holds a copy of the descriptor.
    pub(crate) fn shut_down(self) {
        let _ = self.socket.shutdown(Shutdown::Both);
        // With something unread the kernel would reset the connection instead.
        let mut ignored = [0; 16 << 10];
        for _ in 0..16 {
            if !matches!((&self.socket).read(&mut ignored), Ok(1..)) {
                break;
            }
        }
    }

    fn waiting(&self) -> usize {
        self.queue.len() - self.taken
    }

    fn send(&mut self) {
        while self.waiting() > 0 {
            let flags = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;
            match self.socket.send_with_flags(&self.queue[self.taken..], flags) {
                Ok(count) => self.taken += count,
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    // It is not connected yet, or the peer does not read.
                    io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected => break,
                    _ => {
                        self.broken = Some(meaning(&error));
                        self.taken = self.queue.len();
                    }
                },
            }
        }
        if self.waiting() == 0 {
            (self.queue, self.taken) = (Vec::new(), 0);
        } else if self.taken > self.queue.len() / 2 {
            self.queue.drain(..self.taken);
            self.taken = 0;
        }
    }
}

/// Begins to connect from `port`; 0: any. `is_shared`: it is the one that accepts connections.
fn begin(
    remote: SocketAddr,
    dscp: u8,
    local: Option<IpAddr>,
    (port, is_shared): (u16, bool),
) -> io::Result<TcpConnection> {
    let socket = Socket::new(Domain::for_address(remote), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    set_options(&socket, remote.is_ipv4(), dscp);
    if local.is_some() || port != 0 {
        if port == 0 {
            // The kernel chooses when it knows where to: a port may serve several peers.
            let _ = switch_on(&socket, libc::SOL_IP, libc::IP_BIND_ADDRESS_NO_PORT);
        } else {
            // A port whose last connection has just ended can be used again.
            socket.set_reuse_address(true)?;
            if is_shared {
                socket.set_reuse_port(true)?;
            }
        }
        let ip = local.unwrap_or_else(|| wildcard(remote.is_ipv6()));
        socket.bind(&SockAddr::from(SocketAddr::new(ip, port)))?;
    }
    match socket.connect(&SockAddr::from(remote)) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => {}
        Err(error) => return Err(error),
    }
    Ok(TcpConnection { socket, queue: Vec::new(), taken: 0, broken: None })
}

/// What is welcome, and no reason to fail: a container may forbid any of it.
fn set_options(socket: &Socket, is_v4: bool, dscp: u8) {
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_keepalive(true);
    let _ = socket.set_tcp_user_timeout(Some(USER_TIMEOUT));
    let class = u32::from(dscp & 63) << 2;
    let _ = if is_v4 { socket.set_tos_v4(class) } else { socket.set_tclass_v6(class) };
}

fn is_port_taken(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EADDRINUSE | libc::EADDRNOTAVAIL))
}

/// What an error of a connection means.
fn meaning(error: &io::Error) -> TransportError {
    let errno = error.raw_os_error().unwrap_or(libc::EIO);
    match errno {
        libc::ECONNREFUSED => TransportError::Refused,
        libc::ENETUNREACH | libc::EHOSTUNREACH | libc::ENETDOWN | libc::EHOSTDOWN => {
            TransportError::Unreachable
        }
        libc::ECONNRESET => TransportError::Reset,
        libc::EPIPE => TransportError::Closed,
        libc::ETIMEDOUT => TransportError::TimedOut,
        libc::ENOBUFS | libc::ENOMEM | libc::EPERM | libc::EMFILE | libc::ENFILE => {
            TransportError::Temporary { errno }
        }
        _ => TransportError::Other { errno },
    }
}

#[cfg(test)]
mod tests;
