//! The engine against a server that speaks TLS on the loopback interface.

use crate::certificate::{CertificateShape, MadeCertificate, SubjectName};
use register::engine::registerer::{ManagedOptions, TlsSettings};
use register::engine::{
    ApplicationEvent, CertificateFiles, Engine, EventKind, InitialRegister, Listen,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);
const NOWHERE: Listen<'_> =
    Listen { address: None, port: 0, ipv6: false, dual: false, dscp: 26, exclusive: false };

/// A file that is removed at the end.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(content: &str) -> TemporaryFile {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("register-engine-tls-{}-{number}.pem", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, content).unwrap();
        TemporaryFile(path)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

type SecureStream = StreamOwned<ServerConnection, TcpStream>;

struct Server {
    listener: TcpListener,
    certificate: MadeCertificate,
    config: Arc<ServerConfig>,
}

impl Server {
    /// Its certificate is signed by itself, and expired if so wished.
    fn start(is_expired: bool) -> Server {
        let names = vec![SubjectName::Ip([127, 0, 0, 1].into())];
        let mut shape = CertificateShape::of_server("registrar", names);
        if is_expired {
            shape.not_after = "20210101000000Z".to_owned();
        }
        let certificate = shape.make([3; 32], None);
        let chain = vec![CertificateDer::from(certificate.certificate.clone())];
        let key = PrivateKeyDer::Pkcs8(certificate.key.clone().into());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Server { listener, certificate, config: Arc::new(config) }
    }

    fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    fn accept(&self) -> SecureStream {
        socket2::SockRef::from(&self.listener).set_read_timeout(Some(LONG)).unwrap();
        let (stream, _) = self.listener.accept().unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        StreamOwned::new(ServerConnection::new(Arc::clone(&self.config)).unwrap(), stream)
    }

    fn roots(&self) -> TemporaryFile {
        TemporaryFile::new(&self.certificate.certificate_pem())
    }
}

fn request(stream: &mut SecureStream) -> String {
    let (mut text, mut bytes) = (String::new(), [0; 4096]);
    while !text.ends_with("\r\n\r\n") {
        let count = stream.read(&mut bytes).unwrap();
        assert_ne!(count, 0, "closed");
        text += std::str::from_utf8(&bytes[..count]).unwrap();
    }
    text.trim_start().to_owned()
}

fn accept_request(stream: &mut SecureStream, request: &str) {
    let field = |name: &str| {
        let line = request.split("\r\n").find(|line| line.starts_with(&format!("{name}:")));
        line.unwrap_or_default().to_owned()
    };
    let copied = ["Via", "From", "To", "Call-ID", "CSeq", "Contact"].map(field).join("\r\n");
    let head = format!("SIP/2.0 200 OK\r\n{copied}\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.flush().unwrap();
}

fn register(engine: &Engine, server: &Server) {
    let proxy = format!("sip:{}", server.address());
    let from = "sip:alice@acme.test";
    let ask = InitialRegister { from, proxy: &proxy, contact: None, expires: 60, q: None };
    let (rid, text) = engine.build_initial_register(ask).unwrap();
    engine.send_register(rid, Some(&text), &mut None::<()>).unwrap();
}

fn event(engine: &Engine) -> ApplicationEvent {
    engine.event_wait(Some(LONG)).expect("an event")
}

fn over_tls(change: impl FnOnce(&mut TlsSettings)) -> Engine {
    let engine = Engine::new().unwrap();
    engine.change_tls_settings(change).unwrap();
    engine.listen_tls(NOWHERE, false).unwrap();
    engine
}

#[test]
fn a_registration_goes_over_a_verified_connection() {
    let server = Server::start(false);
    let roots = server.roots();
    let engine = over_tls(|settings| {
        settings.verify = true;
        settings.roots = Some(roots.0.clone());
    });
    register(&engine, &server);
    let mut stream = server.accept();
    let register = request(&mut stream);
    assert!(register.starts_with("REGISTER sip:127.0.0.1"), "{register}");
    assert!(register.contains("\r\nVia: SIP/2.0/TLS 127.0.0.1:"), "{register}");
    assert!(register.contains(";transport=TLS;line="), "{register}");
    accept_request(&mut stream, &register);
    assert_eq!(event(&engine).kind, EventKind::RegistrationSuccess);
    engine.quit();
    assert_eq!(stream.read(&mut [0; 100]).unwrap(), 0, "the end is said by close_notify");
}

/// The sentence of a registration that fails, and that no request was sent.
fn failure(server: &Server, engine: &Engine) -> String {
    register(engine, server);
    let mut stream = server.accept();
    let mut read = [0; 100];
    let got = stream.read(&mut read);
    assert!(!matches!(got, Ok(1..)), "{:?}", String::from_utf8_lossy(&read));
    let event = event(engine);
    assert_eq!(event.kind, EventKind::RegistrationFailure);
    event.text.into_owned()
}

#[test]
fn what_is_wrong_with_a_certificate_is_said_and_nothing_is_sent() {
    let server = Server::start(true);
    let roots = server.roots();
    let engine = over_tls(|settings| {
        settings.verify = true;
        settings.roots = Some(roots.0.clone());
    });
    let text = failure(&server, &engine);
    assert_eq!(text, "TLS with 127.0.0.1: certificate expired on 2021-01-01.");
    let engine = over_tls(|settings| settings.verify = true);
    let text = failure(&Server::start(false), &engine);
    assert_eq!(text, "TLS with 127.0.0.1: certificate of an unknown issuer, \"registrar\".");
}

#[test]
fn without_verification_any_certificate_is_believed() {
    let server = Server::start(true);
    let engine = over_tls(|_| {});
    register(&engine, &server);
    let mut stream = server.accept();
    let register = request(&mut stream);
    accept_request(&mut stream, &register);
    assert_eq!(event(&engine).kind, EventKind::RegistrationSuccess);
}

#[test]
fn a_server_that_speaks_in_the_clear_is_named() {
    let server = Server::start(false);
    let engine = over_tls(|_| {});
    register(&engine, &server);
    let (mut stream, _) = server.listener.accept().unwrap();
    stream.write_all(b"SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n").unwrap();
    let text = event(&engine).text;
    assert_eq!(text, "TLS with 127.0.0.1: the server does not speak TLS.");
}

#[test]
fn a_server_that_closes_in_the_handshake_is_named() {
    let server = Server::start(false);
    let engine = over_tls(|_| {});
    register(&engine, &server);
    drop(server.listener.accept().unwrap());
    let text = event(&engine).text;
    assert_eq!(text, "TLS with 127.0.0.1: connection closed in the handshake.");
}

#[test]
fn settings_are_read_for_each_connection_and_leave_open_ones_alone() {
    let server = Server::start(false);
    let roots = server.roots();
    let engine = over_tls(|_| {});
    register(&engine, &server);
    let mut stream = server.accept();
    let first = request(&mut stream);
    accept_request(&mut stream, &first);
    assert_eq!(event(&engine).kind, EventKind::RegistrationSuccess);
    engine.change_tls_settings(|settings| settings.verify = true).unwrap();
    register(&engine, &server);
    let second = request(&mut stream);
    accept_request(&mut stream, &second);
    assert_eq!(event(&engine).kind, EventKind::RegistrationSuccess, "over the open connection");
    engine.change_tls_settings(|settings| settings.roots = Some(roots.0.clone())).unwrap();
    engine.network_changed().unwrap();
    register(&engine, &server);
    let mut stream = server.accept();
    let third = request(&mut stream);
    accept_request(&mut stream, &third);
    assert_eq!(event(&engine).kind, EventKind::RegistrationSuccess);
}

#[test]
fn a_managed_registration_verifies_by_default() {
    let server = Server::start(false);
    let roots = server.roots();
    let engine = Engine::new().unwrap();
    engine.listen_udp(Listen { address: Some("127.0.0.1"), ..NOWHERE }).unwrap();
    let options = |roots: Option<PathBuf>| ManagedOptions {
        registrar: format!("sip:{};transport=tls", server.address()),
        tls: Arc::new(TlsSettings { roots, ..TlsSettings::verified() }),
        ..ManagedOptions::new("sip:alice@acme.test")
    };
    let rid = engine.registerer_new(options(None)).unwrap().unwrap();
    engine.registerer_register(rid).unwrap();
    let mut stream = server.accept();
    assert!(stream.read(&mut [0; 100]).is_err(), "the certificate is refused");
    let rid = engine.registerer_new(options(Some(roots.0.clone()))).unwrap().unwrap();
    engine.registerer_register(rid).unwrap();
    let mut stream = server.accept();
    let register = request(&mut stream);
    assert!(register.contains(";transport=tls"), "{register}");
    accept_request(&mut stream, &register);
}

#[test]
fn connections_that_come_in_are_over_tls_where_there_is_a_certificate() {
    let server = Server::start(false);
    let own = CertificateShape::of_server("", vec![SubjectName::Dns("phone.test".to_owned())])
        .make([8; 32], None);
    let (certificate, key) =
        (TemporaryFile::new(&own.certificate_pem()), TemporaryFile::new(&own.key_pem()));
    let engine = Engine::new().unwrap();
    engine
        .change_tls_settings(|settings| {
            let (certificate, key) = (certificate.0.clone(), key.0.clone());
            settings.server = Some(CertificateFiles { certificate, key });
        })
        .unwrap();
    engine.listen_tls(Listen { address: Some("127.0.0.1"), ..NOWHERE }, true).unwrap();
    register(&engine, &server);
    let mut stream = server.accept();
    let register = request(&mut stream);
    let contact = register.split("\r\nContact: <sip:alice@127.0.0.1:").nth(1).unwrap();
    let port: u16 = contact.split([';', '>']).next().unwrap().parse().unwrap();
    accept_request(&mut stream, &register);
    assert_eq!(event(&engine).kind, EventKind::RegistrationSuccess);

    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from(own.certificate)).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(("127.0.0.1", port)).unwrap();
    tcp.set_read_timeout(Some(LONG)).unwrap();
    let name = "phone.test".try_into().unwrap();
    let client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut client = StreamOwned::new(client, tcp);
    let options = "OPTIONS sip:alice@127.0.0.1 SIP/2.0\r\n\
        Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bKincoming\r\nMax-Forwards: 70\r\n\
        From: <sip:x@y.test>;tag=1\r\nTo: <sip:alice@127.0.0.1>\r\nCall-ID: incoming\r\n\
        CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    client.write_all(options.as_bytes()).unwrap();
    client.flush().unwrap();
    assert_eq!(event(&engine).kind, EventKind::MessageNew);
}
