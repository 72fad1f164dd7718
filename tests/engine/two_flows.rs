//! Two flows with the reg-ids 1 and 2 (RFC 5626 section 4.2) over connections of the loopback
//! interface.

use crate::registrar_program::RegistrarProgram;
use crate::tcp_server::{Connection, LONG, Server, value};
use register::engine::registerer::{AccountLogin, Info, ManagedOptions, RegistererState};
use register::engine::{Engine, Listen, Rid};
use std::io::Read;
use std::time::{Duration, Instant};

const NOWHERE: Listen<'_> =
    Listen { address: None, port: 0, ipv6: false, dual: false, dscp: 26, exclusive: false };
const INSTANCE: &str = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

fn options(server: &str) -> ManagedOptions {
    ManagedOptions {
        registrar: format!("sip:{server};transport=tcp"),
        flows: 2,
        instance: Some(INSTANCE.to_owned()),
        ..ManagedOptions::new("sip:alice@acme.test")
    }
}

/// What there is to say about `rid` once `is_so`.
fn until(engine: &Engine, rid: Rid, is_so: impl Fn(&Info) -> bool) -> Info {
    let begin = Instant::now();
    loop {
        let info = engine.registerer_info(rid).unwrap();
        if is_so(&info) {
            return info;
        }
        assert!(begin.elapsed() < LONG, "{}", engine.registerer_explain(rid).unwrap());
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A registration with two flows, and the connection of each, over which it is registered.
fn two_flows(engine: &Engine, server: &Server) -> (Rid, [Connection; 2]) {
    let options = options(&server.address().to_string());
    let rid = engine.registerer_new(options).unwrap().unwrap();
    engine.registerer_register(rid).unwrap();
    let connections = [1, 2].map(|number| {
        let mut connection = server.accept();
        agree(&mut connection, number);
        connection
    });
    (rid, connections)
}

/// Answers the next request, a REGISTER with this reg-id, as a registrar that does outbound.
fn agree(connection: &mut Connection, reg_id: u32) {
    let request = connection.next();
    let contact = value(&request, "Contact");
    assert!(contact.contains(&format!(";reg-id={reg_id}")), "{contact}");
    let port = connection.stream.peer_addr().unwrap().port();
    assert!(contact.contains(&format!("@127.0.0.1:{port};")), "{contact}");
    connection.answer(&request, "200 OK\r\nRequire: outbound");
}

#[test]
fn of_two_flows_one_that_is_cut_comes_back_and_the_other_stays() {
    let (server, engine) = (Server::on("127.0.0.1:0"), Engine::new().unwrap());
    engine.listen_udp(NOWHERE).unwrap();
    let (rid, [first, second]) = two_flows(&engine, &server);
    engine.registerer_wait(rid, RegistererState::Registered, Some(LONG)).unwrap();
    let mut connections = [Some(first), Some(second)];
    for (cut, reg_id) in [(1, 2), (0, 1)] {
        connections[cut].take().unwrap().reset();
        let mut again = server.accept();
        agree(&mut again, reg_id);
        assert_eq!(engine.registerer_state(rid).unwrap(), RegistererState::Registered);
        let other = &mut connections[1 - cut].as_mut().unwrap().stream;
        other.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        assert!(other.read(&mut [0; 1]).is_err(), "the other has nothing to say");
        other.set_read_timeout(Some(LONG)).unwrap();
        connections[cut] = Some(again);
    }
    engine.registerer_dispose(rid).unwrap();
    for connection in connections.iter_mut().flatten() {
        let removal = connection.next();
        assert_eq!(value(&removal, "Expires"), "0");
        connection.answer(&removal, "200 OK");
    }
    engine.registerer_wait(rid, RegistererState::Terminated, Some(LONG)).unwrap();
}

#[test]
fn the_loopback_registrar_lists_two_flows_of_one_instance() {
    let arguments = ["--transport", "tcp", "--any-user", "secret", "--outbound"];
    let registrar = RegistrarProgram::start(&arguments);
    let engine = Engine::new().unwrap();
    engine.listen_udp(NOWHERE).unwrap();
    let login = AccountLogin {
        username: "alice".into(),
        realm: "".into(),
        password: Some(b"secret"[..].into()),
        ha1: Vec::new(),
    };
    let options = ManagedOptions { logins: vec![login], ..options(&registrar.address) };
    let rid = engine.registerer_new(options).unwrap().unwrap();
    engine.registerer_register(rid).unwrap();
    until(&engine, rid, |info| info.counters.accepted == 2);
    // A refresh of the first lists both.
    engine.registerer_register(rid).unwrap();
    let contacts = until(&engine, rid, |info| info.counters.accepted == 4).facts.contacts;
    assert_eq!(contacts.len(), 2, "{contacts:?}");
    for (contact, reg_id) in contacts.iter().zip([1, 2]) {
        assert!(contact.contains(&format!(";reg-id={reg_id};")), "{contact}");
        assert!(contact.contains(INSTANCE), "{contact}");
    }
    registrar.end();
}
