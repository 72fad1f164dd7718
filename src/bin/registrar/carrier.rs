//! What requests come by: datagrams, or connections, with TLS or without, of which each is read by
//! a thread of its own.

#[cfg(feature = "tls")]
use super::tls::{TlsServer, TlsStream};
use register::sip::{Frame, Framer};
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A peer that does not read holds up the registrar no longer than this.
const SEND_LIMIT: Duration = Duration::from_secs(5);

pub(crate) enum Carrier {
    Udp { socket: UdpSocket, datagram: Vec<u8>, failures: u32 },
    Tcp(Connections),
}

/// All connections to one port.
pub(crate) struct Connections {
    local: SocketAddr,
    sender: Sender<Incoming>,
    incoming: Receiver<Incoming>,
    streams: HashMap<SocketAddr, Stream>,
}

/// What the threads report.
enum Incoming {
    Connection(SocketAddr, Stream),
    Message(SocketAddr, Vec<u8>),
    End(SocketAddr),
    /// Only wakes the one who waits.
    Nothing,
}

/// One connection, to be read by one thread and written to by another.
enum Stream {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Tls(TlsStream),
}

impl Stream {
    fn try_clone(&self) -> io::Result<Stream> {
        Ok(match self {
            Stream::Plain(socket) => Stream::Plain(socket.try_clone()?),
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => Stream::Tls(stream.clone()),
        })
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.read(into),
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => stream.read(into),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Stream::Plain(socket) => socket.write_all(bytes),
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => stream.write(bytes),
        }
    }
}

/// What goes over each connection that is accepted.
type Wrap = Box<dyn Fn(TcpStream) -> io::Result<Stream> + Send>;

impl Carrier {
    pub(crate) fn udp(listen: SocketAddr) -> io::Result<Carrier> {
        let socket = UdpSocket::bind(listen)?;
        // A benchmark fills the default buffers; what the kernel grants will do.
        let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20);
        Ok(Carrier::Udp { socket, datagram: vec![0; 65_535], failures: 0 })
    }

    pub(crate) fn tcp(listen: SocketAddr) -> io::Result<Carrier> {
        Carrier::connections(listen, Box::new(|socket| Ok(Stream::Plain(socket))))
    }

    #[cfg(feature = "tls")]
    pub(crate) fn tls(listen: SocketAddr, server: TlsServer) -> io::Result<Carrier> {
        Carrier::connections(listen, Box::new(move |socket| server.over(socket).map(Stream::Tls)))
    }

    fn connections(listen: SocketAddr, wrap: Wrap) -> io::Result<Carrier> {
        let listener = TcpListener::bind(listen)?;
        let local = listener.local_addr()?;
        let (sender, incoming) = channel();
        let reports = sender.clone();
        std::thread::Builder::new().name("accept".into()).spawn(move || {
            for socket in listener.incoming().flatten() {
                let reports = reports.clone();
                let Ok(from) = socket.peer_addr() else { continue };
                let (Ok(copy), Ok(())) = (socket.try_clone(), socket.set_nodelay(true)) else {
                    continue;
                };
                let _ = socket.set_write_timeout(Some(SEND_LIMIT));
                let Ok(stream) = wrap(socket) else { continue };
                let reader = std::thread::Builder::new().name("connection".into());
                let _ = reader.spawn(move || {
                    read(from, stream, &reports);
                    let _ = copy.shutdown(std::net::Shutdown::Both);
                });
            }
        })?;
        Ok(Carrier::Tcp(Connections { local, sender, incoming, streams: HashMap::new() }))
    }

    pub(crate) fn local(&self) -> io::Result<SocketAddr> {
        match self {
            Carrier::Udp { socket, .. } => socket.local_addr(),
            Carrier::Tcp(connections) => Ok(connections.local),
        }
    }

    /// Where a program on this machine reaches it.
    pub(crate) fn reachable(&self) -> io::Result<SocketAddr> {
        let local = self.local()?;
        let ip = match local.ip() {
            ip if !ip.is_unspecified() => ip,
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        Ok(SocketAddr::new(ip, local.port()))
    }

    /// Whether it carries connections.
    pub(crate) fn is_reliable(&self) -> bool {
        matches!(self, Carrier::Tcp(_))
    }

    /// The next message and who sent it; `None` when the time is over, or woken.
    pub(crate) fn receive(
        &mut self,
        wait: Option<Duration>,
    ) -> io::Result<Option<(SocketAddr, Vec<u8>)>> {
        let (socket, datagram, failures) = match self {
            Carrier::Udp { socket, datagram, failures } => (socket, datagram, failures),
            Carrier::Tcp(connections) => return Ok(connections.receive(wait)),
        };
        socket.set_read_timeout(wait)?;
        match socket.recv_from(datagram) {
            Ok((length, from)) => {
                *failures = 0;
                Ok(Some((from, datagram[..length].to_vec())))
            }
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                Ok(None)
            }
            Err(error) if *failures == 100 => Err(error),
            Err(_) => {
                *failures += 1;
                Ok(None)
            }
        }
    }

    pub(crate) fn send(&mut self, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        match self {
            Carrier::Udp { socket, .. } => socket.send_to(bytes, to).map(drop),
            Carrier::Tcp(connections) => connections.send(to, bytes),
        }
    }

    /// Ends a wait, once, from another thread.
    pub(crate) fn waker(&self) -> io::Result<Box<dyn FnOnce() + Send>> {
        if let Carrier::Tcp(connections) = self {
            let sender = connections.sender.clone();
            return Ok(Box::new(move || drop(sender.send(Incoming::Nothing))));
        }
        let reachable = self.reachable()?;
        let socket = UdpSocket::bind((reachable.ip(), 0))?;
        Ok(Box::new(move || drop(socket.send_to(&[], reachable))))
    }
}

impl Connections {
    fn receive(&mut self, wait: Option<Duration>) -> Option<(SocketAddr, Vec<u8>)> {
        let incoming = match wait {
            Some(wait) => self.incoming.recv_timeout(wait),
            None => self.incoming.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match incoming.ok()? {
            Incoming::Connection(from, stream) => drop(self.streams.insert(from, stream)),
            Incoming::End(from) => drop(self.streams.remove(&from)),
            Incoming::Message(from, bytes) => return Some((from, bytes)),
            Incoming::Nothing => {}
        }
        None
    }

    /// A connection that is gone takes with it what was to be sent.
    fn send(&mut self, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        let Some(stream) = self.streams.get_mut(&to) else { return Ok(()) };
        let sent = stream.write_all(bytes);
        if sent.is_err() {
            self.streams.remove(&to);
        }
        sent
    }
}

/// Reports what comes over one connection, until its end.
fn read(from: SocketAddr, mut stream: Stream, reports: &Sender<Incoming>) {
    let Ok(copy) = stream.try_clone() else { return };
    let _ = reports.send(Incoming::Connection(from, copy));
    let (mut framer, mut bytes) = (Framer::default(), vec![0; 65_536]);
    'connection: while let Ok(count @ 1..) = stream.read(&mut bytes) {
        framer.push(&bytes[..count]);
        loop {
            let message = match framer.next_frame() {
                Ok(Some(Frame::Message { bytes, .. } | Frame::KeepAlive(bytes))) => bytes,
                Ok(None) => break,
                Err(error) => {
                    eprintln!("registrar: from {from}: {error}");
                    break 'connection;
                }
            };
            if reports.send(Incoming::Message(from, message.to_vec())).is_err() {
                break 'connection;
            }
        }
    }
    let _ = reports.send(Incoming::End(from));
}
