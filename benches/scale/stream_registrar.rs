//! The registrar over TCP and TLS: a child process that answers each REGISTER over the connection
//! that it came by. It sleeps in epoll_wait while nothing is there.

use super::certificate::CertificateShape;
use super::measure;
use super::registrar::{Behaviour, Child, answer};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;

pub(crate) const ARGUMENT: &str = "--stream-registrar";
/// Descriptors that are asked about at once.
const READY: usize = 256;

/// A registrar for TCP or TLS, at one port of every address of the loopback.
pub(crate) fn spawn(tls: bool) -> io::Result<Child> {
    Child::spawn_as(ARGUMENT, &[u32::from(tls)])
}

struct Connection {
    socket: TcpStream,
    tls: Option<ServerConnection>,
    port: u16,
    received: Vec<u8>,
}

/// Answers until killed; `words` are those of [`spawn`].
pub(crate) fn serve(words: &[String]) -> io::Result<()> {
    measure::take_last_core();
    // SAFETY: no pointers. This process ends with its parent.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    let config = words.first().is_some_and(|word| word == "1").then(config).transpose()?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    listener.set_nonblocking(true)?;
    println!("127.0.0.1:{}", listener.local_addr()?.port());
    // SAFETY: no pointers.
    let poll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    watch(poll, listener.as_raw_fd())?;
    let mut connections: HashMap<RawFd, Connection> = HashMap::new();
    let mut ready = [libc::epoll_event { events: 0, u64: 0 }; READY];
    let (mut buffer, mut out, mut one) = (vec![0; 64 << 10], Vec::new(), Vec::new());
    loop {
        // SAFETY: so many events as the array has.
        let count = unsafe { libc::epoll_wait(poll, ready.as_mut_ptr(), READY as i32, -1) };
        for event in &ready[..usize::try_from(count).unwrap_or(0)] {
            let fd = event.u64 as RawFd;
            if fd == listener.as_raw_fd() {
                while let Ok((socket, from)) = listener.accept() {
                    socket.set_nodelay(true)?;
                    watch(poll, socket.as_raw_fd())?;
                    let tls = config.clone().map(ServerConnection::new).transpose();
                    let (tls, port) = (tls.map_err(io::Error::other)?, from.port());
                    let fd = socket.as_raw_fd();
                    let received = Vec::new();
                    connections.insert(fd, Connection { socket, tls, port, received });
                }
                continue;
            }
            let Some(connection) = connections.get_mut(&fd) else { continue };
            out.clear();
            let alive = connection.read(&mut buffer).is_ok_and(|alive| alive);
            connection.answer_all(&mut out, &mut one);
            if !alive || connection.write(&out).is_err() {
                connections.remove(&fd);
            }
        }
    }
}

impl Connection {
    /// Takes what is there; false at its end.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        let count = self.socket.read(buffer)?;
        let Some(tls) = &mut self.tls else {
            self.received.extend_from_slice(&buffer[..count]);
            return Ok(count > 0);
        };
        let mut records = &buffer[..count];
        while !records.is_empty() {
            tls.read_tls(&mut records)?;
            let state = tls.process_new_packets().map_err(io::Error::other)?;
            let length = self.received.len();
            self.received.resize(length + state.plaintext_bytes_to_read(), 0);
            tls.reader().read_exact(&mut self.received[length..])?;
        }
        Ok(count > 0)
    }

    fn answer_all(&mut self, out: &mut Vec<u8>, one: &mut Vec<u8>) {
        let mut taken = 0;
        while let Some(length) = super::bare_streams::message(&self.received[taken..]) {
            let request = &self.received[taken..taken + length];
            answer(request, self.port, &Behaviour::default(), one);
            out.extend_from_slice(one);
            taken += length;
        }
        self.received.drain(..taken);
    }

    fn write(&mut self, out: &[u8]) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return self.socket.write_all(out) };
        tls.writer().write_all(out)?;
        while tls.wants_write() {
            tls.write_tls(&mut self.socket)?;
        }
        Ok(())
    }
}

/// With a certificate that is made now.
fn config() -> io::Result<Arc<ServerConfig>> {
    let made = CertificateShape::of_server("registrar", Vec::new()).make([7; 32], None);
    let chain = vec![CertificateDer::from(made.certificate)];
    let key = PrivateKeyDer::Pkcs8(made.key.into());
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map(Arc::new)
        .map_err(io::Error::other)
}

fn watch(poll: RawFd, fd: RawFd) -> io::Result<()> {
    let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: fd as u64 };
    // SAFETY: an event that outlives the call.
    let added = unsafe { libc::epoll_ctl(poll, libc::EPOLL_CTL_ADD, fd, &raw mut event) };
    if added == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
