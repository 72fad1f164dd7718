//! What is on the wire, and what is not TLS.

use super::*;

fn known_server(versions: &[&'static SupportedProtocolVersion]) -> (Folder, TlsSettings, Server) {
    let (folder, root) = (Folder::new(), authority("Root", 1));
    let leaf = server_shape(vec![dns(DOMAIN)]).make([2; 32], Some(&root));
    let settings = verifying(&folder, &[&root]);
    let server = Server::new(&[&leaf], versions);
    (folder, settings, server)
}

fn first_flight(settings: &TlsSettings, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut client = connect(&TlsConnector::default(), settings.clone(), name).unwrap();
    client.take_outgoing(&mut bytes);
    bytes
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn the_domain_is_named_to_the_server_and_an_address_is_not() {
    let settings = TlsSettings::unverified();
    assert!(has(&first_flight(&settings, DOMAIN), DOMAIN));
    for address in ["192.0.2.1", "[2001:db8::1]", "2001:db8::1"] {
        let bytes = first_flight(&settings, address);
        assert!(!has(&bytes, "192.0.2.1") && !has(&bytes, "2001:db8"), "{address}");
    }
}

#[test]
fn sip_is_offered_as_the_protocol_where_the_settings_say_so() {
    let settings = TlsSettings::unverified();
    assert!(!has(&first_flight(&settings, DOMAIN), "sip/2"));
    let settings = TlsSettings { alpn: true, ..settings };
    assert!(has(&first_flight(&settings, DOMAIN), "sip/2"));
}

#[test]
fn plaintext_goes_both_ways_in_any_pieces() {
    for version in [TLS12, TLS13] {
        let (_folder, settings, server) = known_server(&[version]);
        let mut client = connect(&TlsConnector::default(), settings, DOMAIN).unwrap();
        let mut server = ServerConnection::new(Arc::new(server.config)).unwrap();
        client.send(b"waits for the handshake");
        exchange(&mut client, &mut server).unwrap();
        let mut got = [0; 100];
        let read = std::io::Read::read(&mut server.reader(), &mut got).unwrap();
        assert_eq!(&got[..read], b"waits for the handshake");
        // More than rustls holds at once.
        let large = vec![7; 200_000];
        let (mut sent, mut received) = (0, Vec::new());
        while sent < large.len() {
            let part = &large[sent..large.len().min(sent + 50_000)];
            std::io::Write::write_all(&mut server.writer(), part).unwrap();
            sent += part.len();
            let mut bytes = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut bytes).unwrap();
            }
            for piece in bytes.chunks(40_000 / (1 + sent % 3)) {
                client.receive(piece, &mut received).unwrap();
            }
        }
        assert_eq!(received, large);
    }
}

#[test]
fn the_end_is_sent_and_received() {
    let (_folder, settings, server) = known_server(&[TLS13]);
    let mut client = connect(&TlsConnector::default(), settings, DOMAIN).unwrap();
    let mut server = ServerConnection::new(Arc::new(server.config)).unwrap();
    exchange(&mut client, &mut server).unwrap();
    server.send_close_notify();
    exchange(&mut client, &mut server).unwrap();
    assert!(client.is_closed_by_peer());
    client.close();
    exchange(&mut client, &mut server).unwrap();
    assert!(server.process_new_packets().unwrap().peer_has_closed());
    assert_eq!(client.receive_end(), Ok(()));
}

#[test]
fn a_server_that_does_not_speak_tls_is_named() {
    for text in
        ["SIP/2.0 400 Bad Request\r\n\r\n", "HTTP/1.1 400 Bad\r\n", "SSH-2.0-x\r\n", "\r\n\r\n\r\n"]
    {
        let mut client =
            connect(&TlsConnector::default(), TlsSettings::unverified(), DOMAIN).unwrap();
        let failed = client.receive(text.as_bytes(), &mut Vec::new()).unwrap_err();
        let report = "TLS with sip.example.test: the server does not speak TLS";
        assert_eq!(failed.to_string(), report, "{text}");
    }
}

#[test]
fn a_server_that_closes_in_the_handshake_is_named() {
    let mut client = connect(&TlsConnector::default(), TlsSettings::unverified(), DOMAIN).unwrap();
    let failed = client.receive_end().unwrap_err();
    assert_eq!(failed.error.to_string(), "connection closed in the handshake");
}

#[test]
fn versions_and_ciphers_that_are_not_in_common_are_named() {
    let (_folder, settings, server) = known_server(&[TLS12]);
    let connector = TlsConnector::default();
    let report =
        |settings: TlsSettings| handshake(&connector, &settings, &server, DOMAIN).unwrap_err();
    let only13 = TlsSettings { tls12: false, ..settings.clone() };
    assert_eq!(report(only13), "no version of TLS in common");
    let none = TlsSettings { tls12: false, tls13: false, ..settings.clone() };
    assert_eq!(report(none), "TLS 1.2 and TLS 1.3 are both forbidden");
    let (ciphers, _) = CipherList::parse("AES128-SHA");
    let unknown = TlsSettings { ciphers, ..settings.clone() };
    assert_eq!(report(unknown), "none of the ciphers in the list of ciphers is supported");
    // The key of the server is not for RSA.
    let (ciphers, _) = CipherList::parse("ECDHE-RSA-AES128-GCM-SHA256");
    let rsa = TlsSettings { ciphers, tls13: false, ..settings.clone() };
    assert_eq!(report(rsa), "no cipher or version of TLS in common");
    let (ciphers, _) = CipherList::parse("ECDHE-ECDSA-AES128-GCM-SHA256");
    let one = TlsSettings { ciphers, ..settings };
    assert!(handshake(&connector, &one, &server, DOMAIN).is_ok());
}

#[test]
fn a_session_is_taken_up_again_with_a_ticket() {
    for version in [TLS12, TLS13] {
        let (folder, settings, mut server) = known_server(&[version]);
        server.config.ticketer = ring::Ticketer::new().unwrap();
        let connector = TlsConnector::default();
        let kind = |settings: &TlsSettings, name| handshake(&connector, settings, &server, name);
        assert_eq!(kind(&settings, DOMAIN), Ok(HandshakeKind::Full));
        assert_eq!(kind(&settings, DOMAIN), Ok(HandshakeKind::Resumed));
        assert_eq!(kind(&settings, DOMAIN), Ok(HandshakeKind::Resumed));
        assert!(kind(&settings, "other.test").is_err(), "never for another domain");
        let unverified = TlsSettings::unverified();
        assert_eq!(kind(&unverified, DOMAIN), Ok(HandshakeKind::Full), "nor other settings");
        verifying(&folder, &[&authority("Root", 1), &authority("Another", 7)]);
        assert_eq!(kind(&settings, DOMAIN), Ok(HandshakeKind::Full), "nor other roots");
    }
}

#[test]
fn tickets_of_the_oldest_flows_go_first() {
    let (_folder, _, server) = known_server(&[TLS13]);
    let connector = TlsConnector::default();
    for number in 0..300 {
        let name = format!("host{number}.test");
        handshake(&connector, &TlsSettings::unverified(), &server, &name).unwrap();
    }
    assert_eq!(connector.tickets(), 256);
}

#[test]
fn who_connects_is_shown_the_certificate_of_the_settings() {
    let (folder, root) = (Folder::new(), authority("Root", 1));
    let leaf = server_shape(vec![dns(DOMAIN)]).make([2; 32], Some(&root));
    let server = Some(CertificateFiles {
        certificate: folder.write("c.pem", leaf.certificate_pem()),
        key: folder.write("k.pem", leaf.key_pem()),
    });
    let settings = Arc::new(TlsSettings { server, ..verifying(&folder, &[&root]) });
    let connector = TlsConnector::default();
    let mut client = connector.connect(&settings, &DOMAIN.into(), remote()).unwrap();
    let mut server = connector.accept(&settings, remote()).unwrap();
    let (mut bytes, mut nothing) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        client.take_outgoing(&mut bytes);
        server.receive(&std::mem::take(&mut bytes), &mut nothing).unwrap();
        server.take_outgoing(&mut bytes);
        client.receive(&std::mem::take(&mut bytes), &mut nothing).unwrap();
    }
    assert!(client.is_established() && server.is_established());
    let without = Arc::new(TlsSettings::verified());
    let failed = connector.accept(&without, remote()).unwrap_err();
    let text = "TLS with 192.0.2.1:5061: there is no certificate for connections that come in";
    assert_eq!(failed.to_string(), text);
}
