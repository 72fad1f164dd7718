//! The trace as a user sees it: nothing unless asked for, and then without recompiling.

use register::engine::{Engine, InitialRegister, Listen};
use std::net::UdpSocket;
use std::process::Command;
use std::time::Duration;

/// What a program prints to standard error that sends one REGISTER, with `REGISTER_TRACE` set to
/// `level`.
fn printed(level: Option<&str>) -> String {
    printed_by("sends_one_register", level)
}

/// The same of another program here.
fn printed_by(name: &str, level: Option<&str>) -> String {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program
        .args(["--exact", &format!("trace::{name}"), "--nocapture"])
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
    engine.send_register(rid, Some(&text), &mut None::<()>).unwrap();
}

/// A program that gets one MESSAGE whose body ends lines and has controls.
#[test]
fn receives_one_message() {
    if std::env::var_os("SEND").is_none() {
        return;
    }
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
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    let via = peer.local_addr().unwrap();
    let head = format!(
        "MESSAGE sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bKa\r\n\
         From: <sip:b@127.0.0.1>;tag=b\r\nTo: <sip:a@127.0.0.1>\r\nCall-ID: c\r\n\
         CSeq: 1 MESSAGE\r\nContent-Length: {}\r\n\r\n",
        FORGING_BODY.len()
    );
    let to = ("127.0.0.1", engine.port().unwrap());
    peer.send_to(&[head.as_bytes(), FORGING_BODY].concat(), to).unwrap();
    assert!(engine.event_wait(Some(Duration::from_secs(20))).is_some());
}

const FORGING_BODY: &[u8] =
    b"hi\n00:00:00.000 ERROR | engine:1 | one\r00:00:00.000 ERROR | two\r\n\
    00:00:00.000 ERROR | three\xc2\x8500:00:00.000 ERROR | four\x9b2J\
    \xc2\x9b2J\x1b[2J\0\xe2\x80\xa8.";

#[test]
fn a_body_with_line_ends_and_controls_forges_no_line_of_the_log() {
    let text = printed_by("receives_one_message", Some("6"));
    assert!(text.contains("\n    00:00:00.000 ERROR | engine:1 | one"), "{text}");
    assert!(text.contains("\n    00:00:00.000 ERROR | three"), "{text}");
    let ends = |c: char| c.is_control() && c != '\t' || matches!(c, '\u{2028}' | '\u{2029}');
    let lines: Vec<&str> = text.split(ends).collect();
    assert_eq!(lines.len(), text.lines().count() + 1, "no control but the ends of lines: {text:?}");
    assert!(lines.iter().all(|line| !line.starts_with("00:00:00.000 ERROR")), "{text}");
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
