//! Bare clients: prebuilt REGISTERs over sockets of TCP, or over rustls on such sockets, and
//! nothing else.

use super::measure::{self, Cost, Watch};
use super::raw_udp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// What was measured.
pub(crate) struct Measured {
    pub(crate) cost: Cost,
    /// Bytes of memory for each account when the last has its answer.
    pub(crate) resident: f64,
}

/// One connection.
struct Stream {
    socket: TcpStream,
    tls: Option<ClientConnection>,
    request: Vec<u8>,
    received: Vec<u8>,
}

/// How many octets the first message of `bytes` has, which has no body; `None`: it is not whole.
pub(crate) fn message(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
}

/// So many registrations, `window` of them in flight: all over one connection, or each over its
/// own, to an address of its own.
pub(crate) fn run(
    to: SocketAddr,
    tls: bool,
    each: bool,
    (accounts, window): (usize, usize),
) -> io::Result<Measured> {
    let config = tls.then(config).transpose()?;
    let resident = measure::resident();
    let watch = Watch::start();
    let streams = if each {
        over_many(to, config.as_ref(), accounts, window)?
    } else {
        vec![over_one(to, config.as_ref(), accounts, window)?]
    };
    let cost = watch.stop(accounts);
    let grown = measure::resident().saturating_sub(resident);
    drop(streams);
    Ok(Measured { cost, resident: grown as f64 / accounts as f64 })
}

fn over_one(
    to: SocketAddr,
    config: Option<&Arc<ClientConfig>>,
    accounts: usize,
    window: usize,
) -> io::Result<Stream> {
    let mut stream = Stream::connect(to, config)?;
    let (mut begun, mut done) = (window.min(accounts), 0);
    for _ in 0..begun {
        stream.send()?;
    }
    while done < accounts {
        let answers = stream.receive()?;
        done += answers;
        for _ in 0..answers.min(accounts - begun) {
            stream.send()?;
            begun += 1;
        }
    }
    Ok(stream)
}

fn over_many(
    to: SocketAddr,
    config: Option<&Arc<ClientConfig>>,
    accounts: usize,
    window: usize,
) -> io::Result<Vec<Stream>> {
    let (mut waiting, mut done) = (VecDeque::new(), Vec::with_capacity(accounts));
    for account in 0..accounts {
        let [high, low] = u16::try_from(account).map_err(io::Error::other)?.to_be_bytes();
        let mut stream = Stream::connect(([127, 1, high, low], to.port()).into(), config)?;
        stream.send()?;
        waiting.push_back(stream);
        if waiting.len() >= window {
            done.extend(finished(&mut waiting)?);
        }
    }
    while let Some(stream) = finished(&mut waiting)? {
        done.push(stream);
    }
    Ok(done)
}

/// The first of them, when it has its answer.
fn finished(waiting: &mut VecDeque<Stream>) -> io::Result<Option<Stream>> {
    let Some(mut stream) = waiting.pop_front() else { return Ok(None) };
    while stream.receive()? == 0 {}
    stream.received = Vec::new();
    stream.request = Vec::new();
    Ok(Some(stream))
}

impl Stream {
    fn connect(to: SocketAddr, config: Option<&Arc<ClientConfig>>) -> io::Result<Stream> {
        let socket = TcpStream::connect(to)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(Duration::from_secs(5)))?;
        let name = ServerName::IpAddress(to.ip().into());
        let tls = config.map(|config| ClientConnection::new(Arc::clone(config), name));
        let tls = tls.transpose().map_err(io::Error::other)?;
        let request = raw_udp::request(socket.local_addr()?.port(), 1, false);
        Ok(Stream { socket, tls, request, received: Vec::new() })
    }

    fn send(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return self.socket.write_all(&self.request) };
        while tls.is_handshaking() {
            tls.complete_io(&mut self.socket)?;
        }
        tls.writer().write_all(&self.request)?;
        while tls.wants_write() {
            tls.write_tls(&mut self.socket)?;
        }
        Ok(())
    }

    /// Waits for more, and counts the answers in it.
    fn receive(&mut self) -> io::Result<usize> {
        let mut bytes = [0; 16 << 10];
        let count = self.socket.read(&mut bytes)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match &mut self.tls {
            None => self.received.extend_from_slice(&bytes[..count]),
            Some(tls) => {
                let mut records = &bytes[..count];
                while !records.is_empty() {
                    tls.read_tls(&mut records)?;
                    let state = tls.process_new_packets().map_err(io::Error::other)?;
                    let length = self.received.len();
                    self.received.resize(length + state.plaintext_bytes_to_read(), 0);
                    tls.reader().read_exact(&mut self.received[length..])?;
                }
            }
        }
        let (mut taken, mut answers) = (0, 0);
        while let Some(length) = message(&self.received[taken..]) {
            taken += length;
            answers += 1;
        }
        self.received.drain(..taken);
        Ok(answers)
    }
}

fn config() -> io::Result<Arc<ClientConfig>> {
    let provider = ring::default_provider();
    let verifier = Arc::new(AnyCertificate(provider.signature_verification_algorithms));
    ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map(|config| config.dangerous().with_custom_certificate_verifier(verifier))
        .map(|config| Arc::new(config.with_no_client_auth()))
        .map_err(io::Error::other)
}

/// Believes every certificate, as the library does by default for programs of eXosip2: only the
/// signature of the handshake is checked.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        crypto::verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        crypto::verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
