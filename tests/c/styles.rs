//! Whole programs in the style of those that were written for eXosip2, from start to end with a
//! registrar.

use crate::c::{Session, program, run};
use crate::registrar::Registrar;
use std::net::UdpSocket;
use std::time::Duration;

fn arguments(registrar: &Registrar, user: &str, more: &[&str]) -> Vec<String> {
    let mut arguments = vec![
        format!("sip:127.0.0.1:{}", registrar.port()),
        format!("sip:{user}@127.0.0.1"),
        user.into(),
    ];
    arguments.extend(["secret"].iter().chain(more).map(|text| (*text).to_owned()));
    arguments
}

#[test]
fn a_register_daemon_stays_registered() {
    let registrar = Registrar::start();
    let mut daemon =
        Session::start(&program("style_daemon.c"), &arguments(&registrar, "alice", &["2"]));
    assert_eq!(daemon.line(), "failed 401");
    for _ in 0..3 {
        assert_eq!(daemon.line(), "registered 1", "refreshed before its 2 s are over");
    }
    daemon.signal("TERM");
    daemon.end();
    let requests = registrar.requests();
    assert!(requests.iter().skip(1).all(|request| request.contains("\r\nAuthorization: Digest ")));
    assert!(requests.iter().all(|request| request.contains("\r\nSupported: path\r\n")));
    assert!(
        requests.iter().all(|request| !request.contains("Expires: 0\r\n")),
        "quit sends nothing"
    );
}

#[test]
fn a_call_notifier_declines_calls_and_unregisters() {
    let registrar = Registrar::start();
    let mut notifier =
        Session::start(&program("style_notifier.c"), &arguments(&registrar, "bob", &[]));
    let line = notifier.line();
    let port: u16 =
        line.strip_prefix("waiting at ").unwrap_or_else(|| panic!("{line}")).parse().unwrap();
    for (user, status) in [("boss", "486 Busy Here"), ("carol", "603 Decline")] {
        let refusal = call(port, user);
        assert!(refusal.starts_with(&format!("SIP/2.0 {status}\r\n")), "{refusal}");
        assert_eq!(notifier.line(), format!("call from \"The Boss\" <sip:{user}@127.0.0.1>;tag=1"));
    }
    notifier.signal("INT");
    assert_eq!(notifier.line(), "unregistered");
    notifier.end();
    assert!(registrar.requests().last().unwrap().contains("\r\nExpires: 0\r\n"));
}

/// Calls; the final answer, which is acknowledged.
fn call(port: u16, user: &str) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let here = socket.local_addr().unwrap();
    let request = |method: &str, to: &str| {
        format!(
            "{method} sip:bob@127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{user}\r\n\
             From: \"The Boss\" <sip:{user}@127.0.0.1>;tag=1\r\nTo: {to}\r\nCall-ID: {user}\r\n\
             CSeq: 1 {method}\r\nContact: <sip:{user}@{here}>\r\nContent-Length: 0\r\n\r\n"
        )
    };
    socket
        .send_to(request("INVITE", "<sip:bob@127.0.0.1>").as_bytes(), ("127.0.0.1", port))
        .unwrap();
    let mut bytes = [0; 4096];
    loop {
        let size = socket.recv(&mut bytes).unwrap();
        let answer = String::from_utf8_lossy(&bytes[..size]).into_owned();
        if !answer.starts_with("SIP/2.0 1") {
            let to = crate::registrar::header(&answer, "To").unwrap();
            socket.send_to(request("ACK", to).as_bytes(), ("127.0.0.1", port)).unwrap();
            return answer;
        }
    }
}

#[test]
fn a_gb28181_device_logs_in_keeps_alive_and_logs_out() {
    const DEVICE: &str = "34020000001320000001";
    let registrar = Registrar::start();
    let port = registrar.port();
    let arguments = [&port.to_string(), DEVICE, "secret", "3"].map(str::to_owned);
    let lines = run(&program("style_gb28181.c"), &arguments);
    assert_eq!(lines, "logged in\nbeat 1\nbeat 2\nbeat 3\nlogged out\n");
    let requests = registrar.requests();
    let server = format!("sip:34020000002000000001@127.0.0.1:{port} SIP/2.0\r\n");
    assert!(requests.iter().all(|text| text.split_once(' ').unwrap().1.starts_with(&server)));
    assert_eq!(requests.iter().filter(|text| text.starts_with("MESSAGE ")).count(), 3);
    let registers: Vec<_> = requests.iter().filter(|text| text.starts_with("REGISTER ")).collect();
    assert_eq!(
        crate::registrar::header(registers[0], "Authorization"),
        Some("Capability algorithm=\"H:MD5\""),
        "what the program put in goes out"
    );
    assert!(registers[2].contains("\r\nLogout-Reason: logout\r\n"));
    assert!(registers.iter().all(|text| text.matches("\r\nAuthorization: ").count() <= 1));
}

#[test]
fn a_network_monitor_measures_one_registration() {
    let registrar = Registrar::start();
    let monitor = program("style_monitor.c");
    let lines = run(&monitor, &arguments(&registrar, "carol", &["30"]));
    let elapsed =
        lines.trim().strip_prefix("status 0 in ").and_then(|rest| rest.strip_suffix(" ms"));
    let elapsed: u32 = elapsed.unwrap_or_else(|| panic!("{lines}")).parse().unwrap();
    assert!(elapsed < 9000, "eXosip_execute in the loop costs nothing: {elapsed} ms");
    let mut refused = Session::start(&monitor, &arguments(&registrar, "busy", &["10"]));
    assert!(refused.line().starts_with("status 1 in "));
    refused.ends_with(1);
}
