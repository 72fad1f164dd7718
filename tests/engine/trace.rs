//! The trace as a user sees it: nothing unless asked for, and then without recompiling.

use register::engine::{Engine, InitialRegister, Listen};
use std::net::UdpSocket;
use std::process::Command;

/// What a program prints to standard error that sends one REGISTER, with `REGISTER_TRACE` set to
/// `level`.
fn printed(level: Option<&str>) -> String {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program
        .args(["--exact", "trace::sends_one_register", "--nocapture"])
        .env("SEND", "1")
        .env_remove("REGISTER_TRACE");
    if let Some(level) = level {
        program.env("REGISTER_TRACE", level);
    }
    String::from_utf8(program.output().unwrap().stderr).unwrap()
}

/// The program; as a test of its own it does nothing.
#[test]
fn sends_one_register() {
    if std::env::var_os("SEND").is_none() {
        return;
    }
    let registrar = UdpSocket::bind("127.0.0.1:0").unwrap();
    let host = registrar.local_addr().unwrap();
    let engine = Engine::new().unwrap();
    let listen = Listen {
        address: Some("127.0.0.1"),
        port: 0,
        ipv6: false,
        dual: false,
        dscp: 0,
        exclusive: false,
    };
    engine.listen_udp(listen).unwrap();
    let (from, proxy) = ("sip:100%25s%n@example.org", format!("sip:{host}"));
    let ask = InitialRegister { from, proxy: &proxy, contact: None, expires: 60, q: None };
    let (rid, text) = engine.build_initial_register(ask).unwrap();
    engine.send_register(rid, Some(&text)).unwrap();
}

#[test]
fn nothing_is_printed_unless_asked_for() {
    assert_eq!(printed(None), "");
    assert_eq!(printed(Some("0")), "");
    assert_eq!(printed(Some("loud")), "");
}

#[test]
fn level_4_shows_what_is_sent_in_one_line() {
    let text = printed(Some("4"));
    let line = text.lines().find(|line| line.contains("REGISTER")).unwrap();
    assert!(line.contains(" INFO1 | engine:") && line.contains("| -> 127.0.0.1:"), "{line}");
    assert!(!text.contains("Call-ID"));
}

#[test]
fn level_6_shows_the_message_with_each_of_its_lines_indented() {
    let text = printed(Some("6"));
    assert!(text.contains("\n    From: <sip:100%25s%n@example.org>;tag="), "{text}");
    let is_of_log = |line: &str| line.as_bytes().get(2) == Some(&b':') && line.contains(" | ");
    assert!(text.lines().all(|line| line.starts_with("    ") || is_of_log(line)), "{text}");
}
