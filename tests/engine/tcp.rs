//! The engine against a peer that speaks TCP on the loopback interface.

use crate::registrar_program::RegistrarProgram;
use crate::tcp_server::{Connection, LONG, Server, answer, value};
use register::engine::registerer::{ManagedOptions, RegistererState};
use register::engine::{
    ApplicationEvent, CredentialText, Engine, EventKind, InitialRegister, Listen, OutOfDialog, Rid,
};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const NOWHERE: Listen<'_> =
    Listen { address: None, port: 0, ipv6: false, dual: false, dscp: 26, exclusive: false };

fn over_tcp() -> Engine {
    let engine = Engine::new().unwrap();
    engine.listen_tcp(NOWHERE, false).unwrap();
    engine
}

fn build(engine: &Engine, user: &str, server: SocketAddr) -> (Rid, Vec<u8>) {
    let (from, proxy) = (format!("sip:{user}@acme.test"), format!("sip:{server}"));
    let ask = InitialRegister { from: &from, proxy: &proxy, contact: None, expires: 60, q: None };
    engine.build_initial_register(ask).unwrap()
}

fn register(engine: &Engine, user: &str, server: &Server) -> Rid {
    let (rid, text) = build(engine, user, server.address());
    engine.send_register(rid, Some(&text), &mut None::<()>).unwrap();
    rid
}

fn event(engine: &Engine) -> ApplicationEvent {
    engine.event_wait(Some(LONG)).expect("an event")
}

/// The next event is this, of this registration.
fn expect(engine: &Engine, kind: EventKind, rid: Rid) -> ApplicationEvent {
    let event = event(engine);
    assert_eq!((event.kind, event.rid), (kind, rid), "{}", event.text);
    event
}

/// An engine with a registration, and the connection that it went over.
fn registered() -> (Server, Engine, Connection, Rid) {
    let (server, engine) = (Server::on("127.0.0.1:0"), over_tcp());
    let rid = register(&engine, "alice", &server);
    let mut connection = server.accept();
    let request = connection.next();
    connection.answer(&request, "200 OK");
    expect(&engine, EventKind::RegistrationSuccess, rid);
    (server, engine, connection, rid)
}

#[test]
fn a_registration_over_tcp_shows_the_address_of_its_connection() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let server = Server::on(address);
        let engine = Engine::new().unwrap();
        engine.listen_tcp(Listen { ipv6: true, dual: true, ..NOWHERE }, false).unwrap();
        let rid = register(&engine, "alice", &server);
        let mut connection = server.accept();
        let request = connection.next();
        let peer = connection.stream.peer_addr().unwrap();
        assert!(request.starts_with("REGISTER sip:"), "{request}");
        let via = format!("SIP/2.0/TCP {peer};");
        assert!(value(&request, "Via").starts_with(&via), "{request}");
        let contact = value(&request, "Contact");
        assert!(contact.contains(&format!("@{peer};transport=TCP")), "{contact}");
        connection.answer(&request, "200 OK");
        let event = expect(&engine, EventKind::RegistrationSuccess, rid);
        assert_eq!(event.request.as_ref().map(|text| &text[..]), Some(request.as_bytes()));
    }
}

#[test]
fn two_registrations_share_one_connection() {
    let (server, engine, mut connection, _) = registered();
    let rid = register(&engine, "bob", &server);
    let request = connection.next();
    assert!(request.contains("sip:bob@acme.test"));
    connection.answer(&request, "200 OK");
    expect(&engine, EventKind::RegistrationSuccess, rid);
    assert!(server.accept_within(Duration::from_millis(100)).is_none());
}

#[test]
fn an_answer_may_come_byte_by_byte() {
    let (server, engine) = (Server::on("127.0.0.1:0"), over_tcp());
    let rid = register(&engine, "alice", &server);
    let mut connection = server.accept();
    connection.stream.set_nodelay(true).unwrap();
    for byte in answer(&connection.next(), "200 OK").bytes() {
        connection.say([byte]);
    }
    expect(&engine, EventKind::RegistrationSuccess, rid);
}

#[test]
fn several_messages_in_one_segment_are_all_taken() {
    let (server, engine, mut connection, _) = registered();
    let rids: Vec<_> =
        ["b", "c", "d"].iter().map(|user| register(&engine, user, &server)).collect();
    let requests: Vec<_> = rids.iter().map(|_| connection.next()).collect();
    let answers: Vec<_> = requests.iter().map(|request| answer(request, "200 OK")).collect();
    connection.say(format!("\r\n\r\n{}", answers.join("\r\n")));
    for rid in rids {
        expect(&engine, EventKind::RegistrationSuccess, rid);
    }
}

#[test]
fn a_peer_that_closes_after_its_answer_has_given_it() {
    for by_reset in [false, true] {
        let (server, engine) = (Server::on("127.0.0.1:0"), over_tcp());
        let rid = register(&engine, "alice", &server);
        let mut connection = server.accept();
        let request = connection.next();
        connection.answer(&request, "200 OK");
        if by_reset {
            // The answer has left by then.
            expect(&engine, EventKind::RegistrationSuccess, rid);
            connection.reset();
        } else {
            drop(connection);
            expect(&engine, EventKind::RegistrationSuccess, rid);
        }
        // Once the end is noticed a request makes a connection of its own; nothing raises SIGPIPE.
        let mut other = register(&engine, "bob", &server);
        let made = (0..1000).find_map(|_| {
            if let Some(event) = engine.event_wait(Some(Duration::ZERO)) {
                assert_eq!((event.kind, event.rid), (EventKind::RegistrationFailure, other));
                other = register(&engine, "bob", &server);
            }
            server.accept_within(Duration::from_millis(20))
        });
        let mut connection = made.expect("a connection");
        let request = connection.next();
        connection.answer(&request, "200 OK");
        expect(&engine, EventKind::RegistrationSuccess, other);
    }
}

#[test]
fn a_peer_that_closes_before_its_answer_is_an_event() {
    for by_reset in [false, true] {
        let (server, engine) = (Server::on("127.0.0.1:0"), over_tcp());
        let rid = register(&engine, "alice", &server);
        let mut connection = server.accept();
        connection.next();
        if by_reset {
            connection.reset()
        } else {
            drop(connection)
        }
        let event = expect(&engine, EventKind::RegistrationFailure, rid);
        assert_eq!(event.response, None);
        let word = if by_reset { "reset" } else { "closed" };
        assert!(event.text.contains(word), "{}", event.text);
    }
}

#[test]
fn a_peer_that_stops_sending_counts_as_closed() {
    let (server, engine) = (Server::on("127.0.0.1:0"), over_tcp());
    let rid = register(&engine, "alice", &server);
    let mut connection = server.accept();
    connection.next();
    connection.stream.shutdown(Shutdown::Write).unwrap();
    expect(&engine, EventKind::RegistrationFailure, rid);
    assert!(connection.is_closed());
}

#[test]
fn nobody_at_the_port_is_an_event() {
    let server = Server::on("127.0.0.1:0");
    let address = server.address();
    drop(server);
    let engine = over_tcp();
    let (rid, text) = build(&engine, "alice", address);
    engine.send_register(rid, Some(&text), &mut None::<()>).unwrap();
    let event = expect(&engine, EventKind::RegistrationFailure, rid);
    assert!(event.text.contains("refused"), "{}", event.text);
}

#[test]
fn what_is_no_sip_ends_the_connection_and_is_an_event() {
    let (server, engine) = (Server::on("127.0.0.1:0"), over_tcp());
    let rid = register(&engine, "alice", &server);
    let mut connection = server.accept();
    connection.next();
    connection.say("HTTP/1.1 400 Bad Request\r\n\r\n");
    let event = expect(&engine, EventKind::RegistrationFailure, rid);
    assert!(event.text.contains("no SIP message"), "{}", event.text);
    assert!(connection.is_closed());
}

/// A MESSAGE with a body of so many bytes, to `server`.
fn send_message(engine: &Engine, server: &Server, length: usize) {
    let to = format!("sip:bob@{}", server.address());
    let ask = OutOfDialog { method: "MESSAGE", to: &to, from: "sip:alice@acme.test", route: "" };
    let built = String::from_utf8(engine.build_request(ask).unwrap()).unwrap();
    let head = built.split("Content-Length").next().unwrap();
    let text = format!("{head}Content-Length: {length}\r\n\r\n{}", "x".repeat(length));
    engine.send_request(text.as_bytes(), &mut None::<()>).unwrap();
}

#[test]
fn a_body_of_200_kb_goes_both_ways() {
    let (server, engine, mut connection, _) = registered();
    send_message(&engine, &server, 200_000);
    let request = connection.next();
    assert!(request.ends_with(&"x".repeat(200_000)));
    let to_us = request.replacen("z9hG4bK", "z9hG4bKback", 1);
    connection.say(&to_us);
    connection.answer(&request, "200 OK");
    let mut kinds = [event(&engine), event(&engine)].map(|event| event.kind);
    kinds.sort_unstable_by_key(|kind| *kind as i32);
    assert_eq!(kinds, [EventKind::MessageNew, EventKind::MessageAnswered]);
}

#[test]
fn a_peer_that_does_not_read_fails_only_what_it_is_sent() {
    let (server, engine, connection, _) = registered();
    for _ in 0..64 {
        send_message(&engine, &server, 200_000);
    }
    // The kernel takes some megabytes, then 256 KiB wait, and the next is refused.
    let event = event(&engine);
    assert_eq!(event.kind, EventKind::MessageRequestFailure);
    assert!(event.text.contains("does not read"), "{}", event.text);
    // The others are not held up.
    let other = Server::on("127.0.0.1:0");
    let rid = register(&engine, "bob", &other);
    let mut second = other.accept();
    let request = second.next();
    second.answer(&request, "200 OK");
    loop {
        let event = engine.event_wait(Some(LONG)).expect("an event");
        if event.rid == rid {
            break assert_eq!(event.kind, EventKind::RegistrationSuccess);
        }
    }
    drop(connection);
}

#[test]
fn what_is_sent_while_a_peer_is_slow_arrives_whole_and_in_order() {
    let (server, engine, mut connection, _) = registered();
    for length in 1..=20 {
        send_message(&engine, &server, 10_000 * length);
    }
    for length in 1..=20 {
        let request = connection.next();
        assert!(request.ends_with(&format!("\r\n\r\n{}", "x".repeat(10_000 * length))));
    }
}

#[test]
fn quit_ends_a_connection_that_is_being_made_at_once() {
    let server = Server::on("127.0.0.1:0");
    // The kernel answers no more of these than fit into its queue.
    let full: Vec<_> = (0..300)
        .map_while(|_| {
            TcpStream::connect_timeout(&server.address(), Duration::from_millis(200)).ok()
        })
        .collect();
    let engine = over_tcp();
    register(&engine, "alice", &server);
    let begun = Instant::now();
    engine.quit();
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    drop((full, server));
}

#[test]
fn quit_sends_what_waits_and_then_closes() {
    let (server, engine, mut connection, _) = registered();
    for _ in 0..20 {
        send_message(&engine, &server, 200_000);
    }
    let reader = std::thread::spawn(move || {
        let all: Vec<_> = (0..20).map(|_| connection.next()).collect();
        (all.len(), connection.is_closed())
    });
    engine.quit();
    assert_eq!(reader.join().unwrap(), (20, true));
}

#[test]
fn quit_waits_half_a_second_for_a_peer_that_does_not_read() {
    let (server, engine, mut connection, _) = registered();
    for _ in 0..40 {
        send_message(&engine, &server, 200_000);
    }
    engine.quit();
    assert!(connection.is_closed());
}

#[test]
fn a_request_over_an_accepted_connection_is_answered_there() {
    let engine = Engine::new().unwrap();
    engine.listen_tcp(Listen { address: Some("127.0.0.1"), ..NOWHERE }, true).unwrap();
    let port = engine.port().unwrap();
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    let mut connection = Connection { stream, read: Vec::new() };
    // The Via leads elsewhere.
    connection.say(
        "OPTIONS sip:alice@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKo\r\n\
         From: <sip:b@acme.test>;tag=b\r\nTo: <sip:alice@127.0.0.1>\r\nCall-ID: o\r\n\
         CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
    );
    let event = event(&engine);
    assert_eq!(event.kind, EventKind::MessageNew);
    engine.send_answer((event.ids.tid, 200), None, &mut None::<()>).unwrap();
    assert!(connection.next().starts_with("SIP/2.0 200 "));
}

#[test]
fn the_contact_names_the_port_where_connections_are_accepted() {
    let (server, engine) = (Server::on("127.0.0.1:0"), Engine::new().unwrap());
    engine.listen_tcp(Listen { address: Some("127.0.0.1"), ..NOWHERE }, true).unwrap();
    let port = engine.port().unwrap();
    register(&engine, "alice", &server);
    let request = server.accept().next();
    assert!(value(&request, "Contact").contains(&format!("@127.0.0.1:{port};")), "{request}");
}

#[test]
fn a_port_that_is_taken_is_refused_only_where_it_would_be_opened() {
    let taken = Server::on("127.0.0.1:0");
    let what =
        Listen { address: Some("127.0.0.1"), port: taken.address().port().into(), ..NOWHERE };
    let engine = Engine::new().unwrap();
    assert!(engine.listen_tcp(what, true).is_err());
    assert_eq!(engine.listen_tcp(what, false), Ok(()));
    assert_eq!(engine.port(), Some(taken.address().port()));
    assert!(engine.listen_tcp(NOWHERE, false).is_err(), "it listens already");
    assert!(engine.listen_udp(NOWHERE).is_err(), "it listens already");
}

#[test]
fn at_most_64_connections_are_accepted() {
    let engine = Engine::new().unwrap();
    engine.listen_tcp(Listen { address: Some("127.0.0.1"), ..NOWHERE }, true).unwrap();
    let port = engine.port().unwrap();
    let connect = || {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        Connection { stream, read: Vec::new() }
    };
    let kept: Vec<_> = (0..64).map(|_| connect()).collect();
    assert!(connect().is_closed(), "the 65th");
    drop(kept);
}

#[test]
fn a_connection_of_the_application_is_used_for_its_peer() {
    let (server, engine) = (Server::on("127.0.0.1:0"), Engine::new().unwrap());
    let made = TcpStream::connect(server.address()).unwrap();
    let address = made.local_addr().unwrap();
    let mut connection = server.accept();
    engine.adopt_connection(std::os::fd::IntoRawFd::into_raw_fd(made), NOWHERE).unwrap();
    register(&engine, "alice", &server);
    let request = connection.next();
    assert!(value(&request, "Via").contains(&address.to_string()), "{request}");
    engine.quit();
    assert!(connection.is_closed());
}

#[test]
fn connections_are_made_from_the_address_and_ports_that_were_given() {
    let (server, engine) = (Server::on("127.0.0.1:0"), over_tcp());
    // A port that was free a moment ago.
    let port = Server::on("127.0.0.1:0").address().port();
    engine
        .set_connect_from(|local, ports| {
            *local = Some([127, 0, 0, 3].into());
            *ports = Some((port, port.saturating_add(20)));
        })
        .unwrap();
    register(&engine, "alice", &server);
    let peer = server.accept().stream.peer_addr().unwrap();
    assert_eq!(peer.ip().to_string(), "127.0.0.3");
    assert!((port..=port.saturating_add(20)).contains(&peer.port()));
}

#[test]
fn a_loud_peer_does_not_starve_the_others() {
    let engine = Engine::new().unwrap();
    engine.listen_tcp(Listen { address: Some("127.0.0.1"), ..NOWHERE }, true).unwrap();
    let mut loud = TcpStream::connect(("127.0.0.1", engine.port().unwrap())).unwrap();
    let copy = loud.try_clone().unwrap();
    let noise = "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n".repeat(2000);
    let talker = std::thread::spawn(move || while loud.write_all(noise.as_bytes()).is_ok() {});
    for _ in 0..3 {
        let server = Server::on("127.0.0.1:0");
        let rid = register(&engine, "alice", &server);
        let mut connection = server.accept();
        let request = connection.next();
        connection.answer(&request, "200 OK");
        expect(&engine, EventKind::RegistrationSuccess, rid);
    }
    copy.shutdown(Shutdown::Both).unwrap();
    talker.join().unwrap();
}

#[test]
fn the_loopback_registrar_speaks_tcp() {
    let arguments = ["--transport", "tcp", "--any-user", "secret"];
    let registrar = RegistrarProgram::start(&arguments);
    let address: SocketAddr = registrar.address.parse().unwrap();
    let mut pings = TcpStream::connect(address).unwrap();
    pings.set_read_timeout(Some(LONG)).unwrap();
    pings.write_all(b"\r\n\r\n").unwrap();
    let mut pong = [0; 2];
    pings.read_exact(&mut pong).unwrap();
    assert_eq!(&pong, b"\r\n");

    let engine = over_tcp();
    let credential = CredentialText {
        username: "alice",
        userid: "alice",
        password: b"secret",
        ha1: "",
        realm: "",
    };
    engine.add_credential(credential).unwrap();
    let (rid, text) = build(&engine, "alice", address);
    engine.send_register(rid, Some(&text), &mut None::<()>).unwrap();
    let mut event = event(&engine);
    if event.kind == EventKind::RegistrationFailure {
        engine.automatic_action().unwrap();
        event = engine.event_wait(Some(LONG)).unwrap();
    }
    assert_eq!((event.kind, event.rid), (EventKind::RegistrationSuccess, rid), "{}", event.text);
    registrar.end();
}

/// A managed registration at this registrar.
fn managed(engine: &Engine, registrar: &str) -> Rid {
    let options = ManagedOptions {
        registrar: registrar.to_owned(),
        events: true,
        ..ManagedOptions::new("sip:alice@acme.test")
    };
    let rid = engine.registerer_new(options).unwrap().unwrap();
    engine.registerer_register(rid).unwrap();
    rid
}

#[test]
fn a_managed_registration_goes_by_tcp_from_a_context_that_listens_on_udp() {
    let (server, engine) = (Server::on("127.0.0.1:0"), Engine::new().unwrap());
    engine.listen_udp(NOWHERE).unwrap();
    let rid = managed(&engine, &format!("sip:{};transport=tcp", server.address()));
    let mut connection = server.accept();
    let request = connection.next();
    assert!(value(&request, "Via").starts_with("SIP/2.0/TCP 127.0.0.1:"), "{request}");
    assert!(value(&request, "Contact").contains(";transport=tcp"), "{request}");
    connection.answer(&request, "200 OK");
    engine.registerer_wait(rid, RegistererState::Registered, Some(LONG)).unwrap();
    // What the server asks is answered over the connection that it has.
    connection.say(
        "OPTIONS sip:alice@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP acme.test;branch=z9hG4bKo\r\n\
         From: <sip:b@acme.test>;tag=b\r\nTo: <sip:alice@127.0.0.1>\r\nCall-ID: o\r\n\
         CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
    );
    let mut pong = [0; 2];
    connection.stream.read_exact(&mut pong).unwrap();
    assert_eq!(&pong, b"\r\n", "the keep-alive of the server");
    assert!(connection.next().starts_with("SIP/2.0 200 "));
}

#[test]
fn a_managed_registration_needs_a_udp_socket_to_go_by_udp() {
    let engine = over_tcp();
    let rid = managed(&engine, "sip:127.0.0.1:9;transport=udp");
    assert_eq!(event(&engine).kind, EventKind::RegistrationFailure);
    let said = engine.registerer_explain(rid).unwrap();
    assert!(said.contains("not supported"), "{said}");
}
