//! Requests that are sent by one system call: what a registrar receives, and when.
// The kernel is asked by setsockopt(2).

use register::engine::{CredentialText, Engine, InitialRegister, Listen};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::Duration;

/// Far longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);
const ACCOUNTS: usize = 10;

fn receive(registrar: &UdpSocket) -> (String, SocketAddr) {
    let mut bytes = vec![0; 65_535];
    let (length, from) = registrar.recv_from(&mut bytes).unwrap();
    (String::from_utf8(bytes[..length].to_vec()).unwrap(), from)
}

/// A registrar, its URI, and an engine that listens.
fn begin() -> (UdpSocket, String, Engine) {
    let registrar = UdpSocket::bind("127.0.0.1:0").unwrap();
    registrar.set_read_timeout(Some(LONG)).unwrap();
    let proxy = format!("sip:{}", registrar.local_addr().unwrap());
    let engine = Engine::new().unwrap();
    engine
        .listen_udp(Listen {
            address: Some("127.0.0.1"),
            port: 0,
            ipv6: false,
            dual: false,
            dscp: 26,
            exclusive: false,
        })
        .unwrap();
    (registrar, proxy, engine)
}

fn register(engine: &Engine, proxy: &str, account: usize) {
    let from = format!("sip:user{account}@acme.test");
    let ask = InitialRegister { from: &from, proxy, contact: None, expires: 60, q: None };
    let (rid, text) = engine.build_initial_register(ask).unwrap();
    engine.send_register(rid, Some(&text), &mut None::<()>).unwrap();
}

/// Answers the next REGISTER with `status` and, below the lines that are echoed, `line`.
fn answer(registrar: &UdpSocket, status: &str, line: &str) {
    let (request, from) = receive(registrar);
    let echoed = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
    let lines: Vec<_> =
        request.lines().filter(|line| echoed.iter().any(|name| line.starts_with(name))).collect();
    let answer = format!(
        "SIP/2.0 {status}\r\n{}\r\n{line}\r\nContent-Length: 0\r\n\r\n",
        lines.join("\r\n")
    );
    registrar.send_to(answer.as_bytes(), from).unwrap();
}

#[test]
fn each_request_of_one_automatic_action_is_a_packet_of_its_own() {
    let (registrar, proxy, engine) = begin();
    let credential = CredentialText {
        username: "any",
        userid: "any",
        password: b"secret",
        ha1: "",
        realm: "acme",
    };
    engine.add_credential(credential).unwrap();
    let challenge =
        "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", algorithm=MD5, qop=\"auth\"";
    for account in 0..ACCOUNTS {
        register(&engine, &proxy, account);
        answer(&registrar, "401 Unauthorized", challenge);
        engine.event_wait(Some(LONG)).unwrap();
    }
    // With UDP_GRO, datagrams that left the sender as one packet are received as one text.
    let on: libc::c_int = 1;
    // SAFETY: `on` is an int that outlives the call, and the size is its size.
    let set = unsafe {
        let size = size_of::<libc::c_int>() as libc::socklen_t;
        libc::setsockopt(
            registrar.as_raw_fd(),
            libc::SOL_UDP,
            libc::UDP_GRO,
            (&raw const on).cast(),
            size,
        )
    };
    assert_eq!(set, 0);
    engine.automatic_action().unwrap();
    for _ in 0..ACCOUNTS {
        assert_eq!(receive(&registrar).0.matches("REGISTER sip:").count(), 1);
    }
}

#[test]
fn what_was_gathered_goes_out_when_the_last_event_is_fetched() {
    let (registrar, proxy, engine) = begin();
    let busy = 24;
    (0..busy).for_each(|account| register(&engine, &proxy, account));
    (0..busy).for_each(|_| answer(&registrar, "200 OK", "Expires: 60"));
    (4..busy).for_each(|_| drop(engine.event_wait(Some(LONG)).unwrap()));
    register(&engine, &proxy, busy);
    (0..4).for_each(|_| drop(engine.event_wait(Some(LONG)).unwrap()));
    engine.automatic_action().unwrap();
    // It is there now, not at the end of a lease.
    registrar.set_nonblocking(true).unwrap();
    assert!(receive(&registrar).0.starts_with("REGISTER "));
}
