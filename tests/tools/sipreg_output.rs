//! What `sipreg` prints for programs, and for those who look for a fault.

use crate::support::{ends_with, registrar, run_alice, sipreg, text};
use serde_json::Value;
use std::net::UdpSocket;
use std::process::{Output, Stdio};
use std::time::Duration;

const PASSWORD: [&str; 2] = ["--password", "secret"];

fn lines(output: &Output) -> Vec<Value> {
    let lines = text(&output.stdout).lines();
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["event"].as_str().unwrap()).collect()
}

#[test]
fn json_has_a_line_for_each_event_and_one_for_the_end() {
    let registrar = registrar(&["--max-expires", "60"]);
    let instance = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
    let more = [&PASSWORD[..], &["--once", "--json", "--instance", instance]].concat();
    let output = run_alice(&registrar, &more);
    ends_with(&output, 0);
    let lines = lines(&output);
    let happened = ["accepted", "registered", "accepted", "unregistered", "end"];
    assert_eq!(events(&lines), happened);
    let one = &lines[1];
    let members = [
        "time",
        "event",
        "aor",
        "state",
        "status",
        "reason",
        "explain",
        "granted",
        "remaining_ms",
        "next_ms",
        "retry_after_ms",
        "target",
        "seen",
        "contact",
        "instance",
        "requests",
        "accepted",
        "rejected",
        "unanswered",
        "challenges",
        "moves",
    ];
    let found = one.as_object().unwrap();
    assert!(members.iter().all(|member| found.contains_key(*member)), "{one}");
    let page = include_str!("../../man/sipreg.1").replace("\\-", "-");
    for member in found.keys() {
        assert!(page.contains(member.as_str()), "man/sipreg.1 does not know {member}");
    }
    assert_eq!(one["aor"], "sip:alice@demo.test");
    assert_eq!(one["state"], "registered");
    assert_eq!((&one["status"], &one["granted"]), (&200.into(), &60.into()));
    assert_eq!((&one["requests"], &one["challenges"]), (&2.into(), &1.into()));
    assert_eq!(one["target"], registrar.address.as_str());
    assert_eq!(one["instance"], instance);
    assert!(one["contact"].as_str().unwrap().starts_with("<sip:alice@127.0.0.1:"));
    assert!(one["explain"].as_str().unwrap().contains("registered for another 60 s"), "{one}");
    assert_eq!(one["retry_after_ms"], Value::Null);
    let time = one["time"].as_str().unwrap();
    assert!(time.len() == 24 && time.starts_with("20") && time.ends_with('Z'), "{time}");
    let end = lines.last().unwrap();
    assert_eq!((&end["outcome"], &end["exit"]), (&"done".into(), &0.into()));
    registrar.end();
}

#[test]
fn json_says_why_a_registration_failed() {
    let registrar = registrar(&[]);
    let output = run_alice(&registrar, &["--password", "wrong", "--json"]);
    ends_with(&output, 2);
    let lines = lines(&output);
    assert_eq!(events(&lines), ["rejected", "end"]);
    assert_eq!((&lines[0]["status"], &lines[0]["rejected"]), (&401.into(), &1.into()));
    let why = "the user name or password is wrong";
    assert!(lines[0]["explain"].as_str().unwrap().contains(why), "{}", lines[0]);
    let end = &lines[1];
    assert_eq!((&end["outcome"], &end["exit"]), (&"refused".into(), &2.into()));
    assert!(end["explain"].as_str().unwrap().contains(why), "{end}");
    registrar.end();
}

#[test]
fn json_lists_messages_where_more_is_asked_for() {
    let registrar = registrar(&[]);
    let more = [&PASSWORD[..], &["--once", "--json", "-v", "--tcp"]].concat();
    // It speaks UDP: TCP is refused, but JSON all the same.
    let output = run_alice(&registrar, &more);
    ends_with(&output, 4);
    assert_eq!(events(&lines(&output)).last(), Some(&"end"));
    let output = run_alice(&registrar, &[&PASSWORD[..], &["--once", "--json", "-v"]].concat());
    ends_with(&output, 0);
    let lines = lines(&output);
    let is_message = |line: &&Value| ["sent", "received"].map(Value::from).contains(&line["event"]);
    let messages: Vec<_> = lines.iter().filter(is_message).collect();
    assert_eq!(messages.len(), 6);
    assert_eq!(messages[0]["start"], format!("REGISTER sip:{} SIP/2.0", registrar.address));
    assert_eq!(messages[1]["start"], "SIP/2.0 401 Unauthorized");
    assert_eq!(messages[1]["remote"], registrar.address.as_str());
    assert_eq!(messages[1]["transport"], "UDP");
    assert!(messages[1]["bytes"].as_u64().unwrap() > 100);
    assert_eq!(lines[0], *messages[0], "a message comes before what it leads to");
    registrar.end();
}

#[test]
fn nagios_gets_one_line_with_figures_and_its_statuses() {
    let registrar = registrar(&[]);
    let check = |more: &[&str]| run_alice(&registrar, &[&["--nagios"][..], more].concat());
    let output = check(&PASSWORD);
    ends_with(&output, 0);
    let line = text(&output.stdout);
    let head = "SIPREG OK - sip:alice@demo.test registered for 3600 s in 0.";
    assert!(line.starts_with(head) && line.lines().count() == 1, "{line}");
    let (_, figures) = line.split_once(" | ").unwrap();
    let figures: Vec<_> = figures.split_whitespace().collect();
    assert!(figures[0].starts_with("time=0.") && figures[0].ends_with("s;;;0;"), "{line}");
    assert_eq!(figures[1..], ["granted=3600s;;;0;", "requests=3;;;0;"]);

    let slow = [&PASSWORD[..], &["--warning", "0"]].concat();
    let output = check(&slow);
    ends_with(&output, 1);
    assert!(text(&output.stdout).starts_with("SIPREG WARNING - "));
    let slow = [&PASSWORD[..], &["--warning", "0", "--critical", "0"]].concat();
    ends_with(&check(&slow), 2);

    let output = check(&["--password", "wrong"]);
    ends_with(&output, 2);
    let line = text(&output.stdout);
    assert!(line.starts_with("SIPREG CRITICAL - ") && line.contains(" 401 "), "{line}");
    for unknown in [&["--nonsense"][..], &["--password", "x", "--local", "192.0.2.1"]] {
        let output = check(unknown);
        ends_with(&output, 3);
        assert!(text(&output.stdout).starts_with("SIPREG UNKNOWN - "), "{unknown:?}");
    }
    registrar.end();
}

#[test]
fn an_output_that_fails_is_said_and_has_a_status_of_its_own() {
    let registrar = registrar(&[]);
    for (more, status) in [
        (&["--once"][..], 5),
        (&["--json"], 5),
        (&["--quiet"], 5),
        (&["--nagios"], 3),
        (&["--help"], 5),
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let first = crate::support::alice(&registrar);
        let first = first.iter().map(String::as_str).chain(PASSWORD).chain(more.iter().copied());
        let mut command = sipreg(&first.collect::<Vec<_>>());
        let output = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
        ends_with(&output, status);
        let words = text(&output.stderr);
        assert_eq!(words, "sipreg: standard output: No space left on device (os error 28)\n");
    }
    registrar.end();
}

#[test]
fn no_password_and_no_proof_of_one_is_printed() {
    let registrar = registrar(&[]);
    for more in [&["-vvv"][..], &["--trace", "--json", "-vvvv"], &["--trace", "--quiet"]] {
        let output = run_alice(&registrar, &[&PASSWORD[..], &["--once"], more].concat());
        ends_with(&output, 0);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        let authorizations = err.lines().filter(|line| line.contains("Authorization: Digest"));
        let authorizations: Vec<_> = authorizations.collect();
        assert_eq!(authorizations.len(), 2, "{err}");
        for line in authorizations {
            assert!(line.starts_with("    ") && line.contains(" response=(hidden), "), "{line}");
            assert!(line.contains("username=\"alice\""), "{line}");
        }
        for words in [out, err] {
            assert!(!words.contains("secret") && !words.contains("response=\""), "{words}");
        }
    }
    registrar.end();
}

#[test]
fn header_route_contact_and_user_agent_are_sent() {
    let registrar = registrar(&[]);
    let route = format!("<sip:{};lr>", registrar.address);
    let more = [
        &PASSWORD[..],
        &["--once", "--trace", "--header", "X-One: 1", "--header", "X-Two:2", "--route", &route],
        &["--user-agent", "probe/1", "--contact", "sip:alice@192.0.2.9:5070"],
    ];
    let output = run_alice(&registrar, &more.concat());
    ends_with(&output, 0);
    let trace = text(&output.stderr);
    for line in ["X-One: 1", "X-Two: 2", "User-Agent: probe/1", &format!("Route: {route}")] {
        assert!(trace.contains(&format!("\n    {line}\n")), "{line}: {trace}");
    }
    assert!(trace.contains("\n    Contact: <sip:alice@192.0.2.9:5070>"), "{trace}");
    assert!(!trace.contains("reg-id"), "what comes to it does not come over this flow: {trace}");
    registrar.end();
}

/// Answers one REGISTER with 403 and this reason.
fn refuse_with(socket: &UdpSocket, reason: &[u8]) {
    let mut buffer = [0; 65_535];
    let (length, from) = socket.recv_from(&mut buffer).unwrap();
    let request = text(&buffer[..length]).to_owned();
    let copied = ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| {
        let start = format!("{name}: ");
        format!("{}\r\n", request.lines().find(|line| line.starts_with(&start)).unwrap())
    });
    let padding = "z".repeat(50_000);
    let end = format!("\r\n{}X: {padding}\r\nContent-Length: 0\r\n\r\n", copied.concat());
    socket.send_to(&[b"SIP/2.0 403 ", reason, end.as_bytes()].concat(), from).unwrap();
}

#[test]
fn what_a_server_sends_commands_no_terminal_and_no_program() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    server.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let proxy = format!("sip:{}", server.local_addr().unwrap());
    for more in [&["--trace", "-v"][..], &["--json", "-v"], &["--nagios"]] {
        let first = ["--proxy", &proxy, "--from", "sip:a@demo.test"];
        let mut command = sipreg(&[&first[..], more].concat());
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        refuse_with(&server, b"\x1b[2J | \x85\xff\"");
        let output = process.wait_with_output().unwrap();
        ends_with(&output, 2);
        let words = [text(&output.stdout), text(&output.stderr)].concat();
        let commands = |c: char| c.is_control() && c != '\n';
        assert!(!words.contains(commands), "{words:?}");
        match more[0] {
            "--json" => assert_eq!(lines(&output).last().unwrap()["exit"], 2),
            "--nagios" => assert!(!words.contains('|') && words.lines().count() == 1, "{words}"),
            _ => {}
        }
    }
}
