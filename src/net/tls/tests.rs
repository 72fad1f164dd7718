//! Sessions against a server of rustls, in memory.

use super::{TlsConnector, TlsSession};
use crate::transport::{CertificateFiles, CipherList, TlsFailure, TlsSettings};
use made::{CertificateShape, MadeCertificate, SubjectName};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    HandshakeKind, RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion,
};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[path = "../../bin/registrar/certificate.rs"]
mod made;

mod client_certificate;
mod shapes;
mod signatures;
mod wire;

const DOMAIN: &str = "sip.example.test";
const TLS12: &SupportedProtocolVersion = &rustls::version::TLS12;
const TLS13: &SupportedProtocolVersion = &rustls::version::TLS13;

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("register-tls-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn dns(name: &str) -> SubjectName {
    SubjectName::Dns(name.to_owned())
}

fn uri(uri: &str) -> SubjectName {
    SubjectName::Uri(uri.to_owned())
}

fn server_shape(names: Vec<SubjectName>) -> CertificateShape {
    CertificateShape::of_server("", names)
}

/// An authority that signs others.
fn authority(name: &str, seed: u8) -> MadeCertificate {
    authority_under(name, seed, None)
}

fn authority_under(name: &str, seed: u8, issuer: Option<&MadeCertificate>) -> MadeCertificate {
    let shape = CertificateShape::of_server(name, Vec::new());
    CertificateShape { is_authority: Some(true), ..shape }.make([seed; 32], issuer)
}

/// Settings that verify by `roots`, written to a file in `folder`.
fn verifying(folder: &Folder, roots: &[&MadeCertificate]) -> TlsSettings {
    let text: String = roots.iter().map(|root| root.certificate_pem()).collect();
    let roots = Some(folder.write("roots.pem", text));
    TlsSettings { roots, ..TlsSettings::verified() }
}

struct Server {
    config: ServerConfig,
}

impl Server {
    fn new(chain: &[&MadeCertificate], versions: &[&'static SupportedProtocolVersion]) -> Server {
        let certificates = chain.iter().map(|one| CertificateDer::from(one.certificate.clone()));
        let key = PrivateKeyDer::Pkcs8(chain[0].key.clone().into());
        let key = ring::sign::any_supported_type(&key).unwrap();
        let identity = rustls::sign::CertifiedKey::new(certificates.collect(), key);
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(identity)));
        Server { config }
    }

    /// It demands a certificate that `root` has signed.
    fn demanding(chain: &[&MadeCertificate], root: &MadeCertificate, tls13: bool) -> Server {
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(root.certificate.clone())).unwrap();
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let key = PrivateKeyDer::Pkcs8(chain[0].key.clone().into());
        let certificates = chain.iter().map(|one| CertificateDer::from(one.certificate.clone()));
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(if tls13 { &[TLS13] } else { &[TLS12] })
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(certificates.collect(), key)
            .unwrap();
        Server { config }
    }
}

fn remote() -> SocketAddr {
    ([192, 0, 2, 1], 5061).into()
}

fn connect(
    connector: &TlsConnector,
    settings: TlsSettings,
    name: &str,
) -> Result<TlsSession, Arc<TlsFailure>> {
    connector.connect(&Arc::new(settings), &name.into(), remote())
}

/// Carries bytes between both until there are none, as far as they get; what the client got as
/// plaintext.
fn exchange(
    client: &mut TlsSession,
    server: &mut ServerConnection,
) -> Result<Vec<u8>, Arc<TlsFailure>> {
    let mut plaintext = Vec::new();
    for _ in 0..20 {
        let mut bytes = Vec::new();
        client.take_outgoing(&mut bytes);
        let mut left = &bytes[..];
        while !left.is_empty() {
            if server.read_tls(&mut left).is_err() || server.process_new_packets().is_err() {
                break;
            }
        }
        let mut answer = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut answer).unwrap();
        }
        if bytes.is_empty() && answer.is_empty() {
            break;
        }
        client.receive(&answer, &mut plaintext)?;
    }
    Ok(plaintext)
}

/// A handshake: how it was made, or why it failed.
fn handshake(
    connector: &TlsConnector,
    settings: &TlsSettings,
    server: &Server,
    name: &str,
) -> Result<HandshakeKind, String> {
    let mut client = connect(connector, settings.clone(), name).map_err(|e| e.error.to_string())?;
    let mut server = ServerConnection::new(Arc::new(server.config.clone())).unwrap();
    exchange(&mut client, &mut server).map_err(|failure| failure.error.to_string())?;
    assert!(client.is_established() && !server.is_handshaking());
    // TLS 1.3 refuses a certificate of the client after the handshake.
    Ok(server.handshake_kind().unwrap())
}
