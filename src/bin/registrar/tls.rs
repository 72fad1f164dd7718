//! TLS over the connections of this registrar, with a certificate that it makes itself.

use super::certificate::{CertificateShape, SubjectName};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What all connections share.
#[derive(Clone)]
pub(crate) struct TlsServer(Arc<ServerConfig>);

/// A connection over TLS. One thread reads, another writes; a clone is the same connection.
#[derive(Clone)]
pub(crate) struct TlsStream {
    connection: Arc<Mutex<ServerConnection>>,
    socket: Arc<TcpStream>,
}

impl TlsServer {
    /// With a new certificate, for the address `listen` and for `localhost`; and that certificate
    /// in PEM.
    pub(crate) fn new(listen: IpAddr) -> io::Result<(TlsServer, String)> {
        let mut names = vec![SubjectName::Dns("localhost".to_owned())];
        let loopback = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
        names.extend(loopback.map(SubjectName::Ip));
        if !listen.is_loopback() && !listen.is_unspecified() {
            names.push(SubjectName::Ip(listen));
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(io::Error::other)?;
        let made = CertificateShape::of_server("registrar", names).make(seed, None);
        let chain = vec![CertificateDer::from(made.certificate.clone())];
        let key = PrivateKeyDer::Pkcs8(made.key.clone().into());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
            .map_err(io::Error::other)?;
        Ok((TlsServer(Arc::new(config)), made.certificate_pem()))
    }

    /// TLS over a connection; the handshake comes with what is read.
    pub(crate) fn over(&self, socket: TcpStream) -> io::Result<TlsStream> {
        let connection = ServerConnection::new(Arc::clone(&self.0)).map_err(io::Error::other)?;
        let connection = Arc::new(Mutex::new(connection));
        Ok(TlsStream { connection, socket: Arc::new(socket) })
    }
}

impl TlsStream {
    fn connection(&self) -> MutexGuard<'_, ServerConnection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flush_records(&self, connection: &mut ServerConnection) -> io::Result<()> {
        while connection.wants_write() {
            connection.write_tls(&mut &*self.socket)?;
        }
        Ok(())
    }

    /// The next plaintext; the end of the connection is 0 bytes.
    pub(crate) fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        let mut bytes = [0; 16 << 10];
        loop {
            match self.connection().reader().read(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return result,
            }
            let count = (&*self.socket).read(&mut bytes)?;
            if count == 0 {
                return Ok(0);
            }
            let mut connection = self.connection();
            let mut left = &bytes[..count];
            while !left.is_empty() {
                connection.read_tls(&mut left)?;
                let processed = connection.process_new_packets().map_err(io::Error::other);
                self.flush_records(&mut connection)?;
                processed?;
            }
        }
    }

    /// Sends all of `bytes`.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut connection = self.connection();
        connection.writer().write_all(bytes)?;
        self.flush_records(&mut connection)
    }
}
