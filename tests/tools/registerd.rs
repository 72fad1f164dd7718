//! The daemon `registerd` with the registrar of this package: what it sends when the file changes,
//! and what it says.

#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods)]

#[path = "registerd/ending.rs"]
mod ending;
#[path = "registerd/packets.rs"]
mod packets;
#[path = "registerd/rig.rs"]
mod rig;
#[path = "registerd/secrets.rs"]
mod secrets;

use rig::{Daemon, Folder, Registrar, lines, wait_for};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// A file of accounts with these passwords.
fn table(registrar: &Registrar, password: impl Fn(usize) -> String, count: usize) -> String {
    let address = &registrar.address;
    let account = |n| format!("sip:user{n}@rig.test,{},sip:{address}\n", password(n));
    format!("aor,password,registrar\n{}", (0..count).map(account).collect::<String>())
}

fn plain(registrar: &Registrar, count: usize) -> String {
    table(registrar, |_| "pw".to_owned(), count)
}

#[test]
fn a_reload_sends_what_differs_and_no_more() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    let with_expires = |changed: usize| {
        let account = |n: usize| {
            let expires = if n < changed { 300 } else { 600 };
            format!("sip:user{n}@rig.test,pw,sip:{},{expires}\n", registrar.address)
        };
        format!("aor,password,registrar,expires\n{}", (0..1000).map(account).collect::<String>())
    };
    folder.write("a.csv", &with_expires(0));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    daemon.await_registered(1000);
    let before = registrar.requests();
    assert_eq!(before.len(), 2000, "each with its challenge");
    assert_eq!(daemon.ask("reload")["unchanged"], 1000);
    folder.write("a.csv", &with_expires(10));
    let reloaded = daemon.ask("reload");
    assert_eq!((&reloaded["changed"], &reloaded["unchanged"]), (&10.into(), &990.into()));
    registrar.await_requests(2010);
    daemon.await_registered(1000);
    let sent = registrar.requests().split_off(2000);
    assert_eq!(sent.len(), 10, "{sent:?}");
    assert!(
        sent.iter().all(|line| line.contains(" CSeq 3 ") && line.contains("-> 200")),
        "{sent:?}"
    );
    // The same Call-ID, so that it is the same binding.
    assert!(sent.iter().all(|line| line.contains("1 binding, 300 s")), "{sent:?}");
    let log = daemon.end();
    assert!(log.contains("ended: 1000 bindings removed, none is left"), "{log}");
    assert_eq!(registrar.requests().len(), 3010, "each binding is removed");
}

#[test]
fn accounts_that_come_go_and_move_are_told_apart() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 3));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    daemon.await_registered(3);
    let text = format!(
        "aor,password,registrar,contact\nsip:user0@rig.test,pw,sip:{0},\n\
         sip:user1@rig.test,pw,sip:{0},sip:moved@127.0.0.1:5999\nsip:new@rig.test,pw,sip:{0},\n",
        registrar.address
    );
    folder.write("a.csv", &text);
    let reloaded = daemon.ask("reload");
    let counts = ["added", "removed", "changed", "replaced", "unchanged"].map(|key| &reloaded[key]);
    assert_eq!(counts, [1, 1, 0, 1, 1]);
    wait_for("three accounts", || daemon.ask("stats")["accounts"] == 3);
    daemon.await_registered(3);
    let lines = registrar.requests();
    let of = |user: &str| lines.iter().filter(|line| line.contains(user)).collect::<Vec<_>>();
    assert_eq!(of("user0@").len(), 2, "it was left alone");
    assert!(of("user2@").last().unwrap().contains("no binding"), "{lines:?}");
    // The old binding is removed before the new one is asked for.
    assert!(
        of("user1@")[2].contains("no binding")
            && of("user1@").last().unwrap().contains("1 binding")
    );
    daemon.end();
}

#[test]
fn a_broken_file_changes_nothing_and_says_line_and_reason() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "secret"]));
    let good = table(&registrar, |_| "secret".to_owned(), 5);
    folder.write("a.csv", &good);
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    daemon.await_registered(5);
    folder.write("a.csv", &format!("{good}tel:1,secret,\nsip:x@rig.test,secret\n"));
    let refused = daemon.ask("reload");
    assert_eq!((&refused["ok"], &refused["lines"][0]["line"]), (&false.into(), &7.into()));
    assert_eq!(refused["lines"][1]["reason"], "it has 2 values, and the first line names 3");
    daemon.signal("HUP");
    wait_for("the log", || daemon.log().contains("nothing has changed"));
    assert!(daemon.log().contains("a.csv: line 8: it has 2 values"), "{}", daemon.log());
    assert_eq!(registrar.requests().len(), 10);
    assert_eq!(daemon.ask("stats")["states"]["registered"], 5);
    // One that cannot be read is no empty one.
    folder.remove("a.csv");
    assert_eq!(daemon.ask("reload")["ok"], false);
    assert_eq!(daemon.ask("stats")["states"]["registered"], 5);
    folder.write("a.csv", &good);
    assert_eq!(daemon.ask("reload")["unchanged"], 5);
    let said = [daemon.log(), daemon.ask("list").to_string(), daemon.metrics()].concat();
    assert!(!said.contains("secret"), "a password is shown: {said}");
    daemon.end();
}

#[test]
fn a_file_that_is_wrong_from_end_to_end_does_not_fill_the_log() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 2));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    daemon.await_registered(2);
    let wrong = format!("aor\n{}", "tel:1\n".repeat(5000));
    folder.write("a.csv", &wrong);
    let refused = daemon.ask("reload");
    assert_eq!(refused["lines"].as_array().map(Vec::len), Some(1000));
    assert!(refused["error"].as_str().unwrap().ends_with("; 4000 more lines are wrong"));
    wait_for("the log", || daemon.log().contains("nothing has changed"));
    assert!(daemon.log().contains("a.csv: 4980 more lines are wrong"), "{}", daemon.log());
    assert!(lines(&daemon.log()) < 40);
    // One of 0 bytes is a mistake too.
    folder.write("a.csv", "");
    assert_eq!(daemon.ask("reload")["ok"], false);
    assert_eq!(daemon.ask("stats")["states"]["registered"], 2);
    let (_, log) = Daemon::fails(&folder, &["--check", "a.csv"]);
    assert!(log.contains("a.csv: line 1: "), "{log}");
    folder.write("b.csv", &wrong);
    assert_eq!(lines(&Daemon::fails(&folder, &["--check", "b.csv"]).1), 5000);
    assert_eq!(lines(&Daemon::fails(&folder, &["b.csv"]).1), 21);
    daemon.end();
}

#[test]
fn two_daemons_do_not_share_a_control_socket() {
    let folder = Folder::new();
    folder.write("a.csv", "aor\n");
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    let (status, log) = Daemon::fails(&folder, &["--control", "control", "a.csv"]);
    assert!(status == Some(1) && log.contains("another process listens there"), "{log}");
    assert_eq!(daemon.ask("version")["ok"], true, "the socket is left alone");
    daemon.end();
}

#[test]
fn a_file_with_mistakes_does_not_start_the_daemon() {
    let folder = Folder::new();
    folder.write("a.toml", "[[account]]\naor = \"sip:a@rig.test\"\ncolour = 1\n");
    let (status, log) = Daemon::fails(&folder, &["a.toml"]);
    assert_eq!(status, Some(78));
    assert!(log.contains("a.toml: line 3: there is no key \"colour\""), "{log}");
    let (status, _) = Daemon::fails(&folder, &["--check", "not-there.csv"]);
    assert_eq!(status, Some(78));
    let (status, _) = Daemon::fails(&folder, &["--shard", "4/3", "a.toml"]);
    assert_eq!(status, Some(2));
}

#[test]
fn the_control_socket_adds_forces_lists_and_removes() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &table(&registrar, |n| ["pw", "wrong"][n % 2].to_owned(), 4));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    wait_for("four outcomes", || daemon.ask("stats")["states"]["stopped"] == 2);
    daemon.await_registered(2);
    let listed = daemon.ask("list");
    let states: Vec<_> =
        listed["accounts"].as_array().unwrap().iter().map(|a| &a["state"]).collect();
    assert_eq!(states, ["stopped", "stopped", "registered", "registered"], "the worst first");
    assert_eq!(daemon.ask("list state=registered limit=1")["total"], 2);
    assert_eq!(
        daemon.ask("list cause=401 order=name offset=1")["accounts"][0]["name"],
        "sip:user3@rig.test"
    );
    assert!(daemon.ask("show sip:user1@rig.test")["explain"].as_str().unwrap().contains("wrong"));
    let object = format!(
        r#"{{"aor":"sip:more@rig.test","password":"pw","registrar":"sip:{}"}}"#,
        registrar.address
    );
    assert_eq!(daemon.ask(&format!("add {object}"))["ok"], true);
    assert_eq!(daemon.ask(&format!("add {object}"))["error"], "there is one of this name");
    daemon.await_registered(3);
    assert_eq!(daemon.ask("show sip:more@rig.test")["source"], "control");
    let before = registrar.requests().len();
    assert_eq!(daemon.ask("force sip:more@rig.test")["ok"], true);
    registrar.await_requests(before + 1);
    assert_eq!(daemon.ask("reload")["removed"], 0, "what was added stays");
    wait_for("its answer", || daemon.ask("force state=registered")["forced"] == 3);
    assert_eq!(daemon.ask("remove sip:more@rig.test")["ok"], true);
    wait_for("its end", || daemon.ask("stats")["accounts"] == 4);
    assert_eq!(daemon.ask("remove sip:more@rig.test")["ok"], false);
    assert_eq!(daemon.ask("sing")["ok"], false);
    assert_eq!(daemon.ctl(&["force", "sip:nobody@rig.test"]), Some(1));
    assert_eq!(daemon.ctl(&["stats"]), Some(0));
    daemon.end();
}

#[test]
fn each_line_of_standard_input_is_a_request() {
    let folder = Folder::new();
    folder.write("a.csv", "aor\n");
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    let (status, replies) = daemon.ctl_lines("stats\n\nversion\nhelp");
    assert_eq!((status, lines(&replies)), (Some(0), 3), "{replies}");
    let (status, replies) = daemon.ctl_lines("sing\nversion\n");
    assert_eq!((status, lines(&replies)), (Some(1), 2), "{replies}");
    daemon.end();
}

#[test]
fn a_change_while_a_register_is_under_way_follows_it() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--no-auth", "--delay", "700"]));
    let with = |expires| {
        let address = &registrar.address;
        folder.write(
            "a.csv",
            &format!("aor,registrar,expires\nsip:a@rig.test,sip:{address},{expires}\n"),
        );
    };
    with(600);
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    with(300);
    assert_eq!(daemon.ask("reload")["changed"], 1);
    registrar.await_requests(2);
    let sent = registrar.requests();
    assert!(sent[0].contains("1 binding, 600 s"), "{sent:?}");
    assert!(sent.last().unwrap().contains("1 binding, 300 s"), "{sent:?}");
    daemon.end();
}

#[test]
fn the_metrics_are_openmetrics() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 3));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    daemon.await_registered(3);
    let text = daemon.metrics();
    check_openmetrics(&text);
    for line in [
        "registerd_accounts{state=\"registered\"} 3",
        "registerd_attempts_total{status=\"200\"} 3",
        "registerd_reloads_total{result=\"ok\"} 1",
    ] {
        assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
    }
    daemon.end();
}

/// The rules of OpenMetrics 1.0 that a text of ours could break: families are together, each with
/// its type; counters end in _total, infos in _info; the end is marked.
fn check_openmetrics(text: &str) {
    let mut seen = BTreeSet::new();
    let mut family = (String::new(), String::new());
    assert!(text.ends_with("# EOF\n") && text.matches("# EOF").count() == 1);
    for line in text.lines().filter(|line| *line != "# EOF") {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(seen.insert(name.to_owned()), "{name} has two types");
            assert!(["counter", "gauge", "info"].contains(&kind), "{line}");
            family = (name.to_owned(), kind.to_owned());
        } else if let Some(rest) = line.strip_prefix("# ") {
            let words: Vec<&str> = rest.splitn(3, ' ').collect();
            assert!(["HELP", "UNIT"].contains(&words[0]) && words[1] == family.0, "{line}");
            assert!(words[0] != "UNIT" || family.0.ends_with(words[2]), "{line}");
        } else {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
            let name = sample.split('{').next().unwrap();
            let ending = match family.1.as_str() {
                "counter" => "_total",
                "info" => "_info",
                _ => "",
            };
            assert_eq!(name, format!("{}{ending}", family.0), "{line}");
            assert!(!sample.contains('{') || sample.ends_with("\"}"), "{line}");
        }
    }
}

#[test]
fn shards_keep_each_account_once() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 60));
    let mut names = BTreeSet::new();
    let mut count = 0;
    for shard in ["1/3", "2/3", "3/3"] {
        let daemon = Daemon::start(&folder, "a.csv", &["--shard", shard]);
        let listed = daemon.ask("list order=name");
        let accounts = listed["accounts"].as_array().unwrap();
        count += accounts.len();
        names.extend(accounts.iter().map(|account| account["name"].to_string()));
        assert_eq!(daemon.ask("stats")["shard"], shard);
        daemon.end();
    }
    assert_eq!((count, names.len()), (60, 60));
}

#[cfg(feature = "tls")]
#[test]
fn accounts_go_over_tls_with_the_roots_that_the_file_names() {
    let folder = Folder::new();
    let roots = folder.path("roots.pem");
    let arguments = ["--transport", "tls", "--any-user", "pw", "--certificate-file", &roots];
    let registrar = Registrar::start(&arguments);
    let account =
        |n: usize| format!("[[account]]\naor = \"sip:user{n}@rig.test\"\npassword = \"pw\"\n");
    let text = format!(
        "[defaults]\nregistrar = \"sip:{}\"\ntransport = \"tls\"\ntls_ca_file = \"{roots}\"\n{}",
        registrar.address,
        (0..20).map(account).collect::<String>()
    );
    folder.write("a.toml", &text);
    let daemon = Daemon::start(&folder, "a.toml", &[]);
    daemon.await_registered(20);
    let from =
        |line: &String| line.split(" from ").nth(1).unwrap().split(' ').next().map(str::to_owned);
    let connections: BTreeSet<_> = registrar.requests().iter().map(from).collect();
    assert_eq!(connections.len(), 1, "they share a connection");
    daemon.end();
}

#[test]
fn a_service_manager_is_told_of_each_change() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 2));
    let name = format!("registerd-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let manager = UnixDatagram::bind_addr(&address).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let socket = format!("@{name}");
    let environment = [("NOTIFY_SOCKET", socket.as_str()), ("WATCHDOG_USEC", "400000")];
    let daemon = Daemon::start_with(&folder, "a.csv", &[], &environment);
    let receive = |wanted: &str| {
        let mut bytes = [0; 512];
        loop {
            let size = manager.recv(&mut bytes).unwrap();
            let text = String::from_utf8_lossy(&bytes[..size]).into_owned();
            if text.starts_with(wanted) {
                return text;
            }
        }
    };
    assert!(receive("READY=1").contains("STATUS="));
    receive("WATCHDOG=1");
    daemon.signal("HUP");
    let text = receive("RELOADING=1");
    let micros = text.split_once("MONOTONIC_USEC=").unwrap().1.parse::<u64>().unwrap();
    assert!(micros > 0);
    receive("READY=1");
    daemon.signal("TERM");
    receive("STOPPING=1");
    daemon.await_end();
}

#[test]
fn the_view_prints_every_account_where_there_is_no_terminal() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write(
        "a.csv",
        &table(&registrar, |n| ["pw", "wrong"][usize::from(n == 7)].to_owned(), 1200),
    );
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    wait_for("a refusal", || daemon.ask("stats")["states"]["stopped"] == 1);
    daemon.await_registered(1199);
    let text = daemon.top();
    let names: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.split_whitespace().find(|word| word.starts_with("sip:")))
        .collect();
    assert_eq!(names.len(), 1200);
    let first = text.lines().find(|line| line.contains("sip:user")).unwrap();
    assert!(first.contains("sip:user7@rig.test") && first.contains("stopped"), "{first}");
    assert!(text.contains("the user name or password is wrong"), "it is not cut");
    daemon.end();
}

#[test]
fn clients_that_are_silent_do_not_hold_the_control_socket() {
    let folder = Folder::new();
    folder.write("a.csv", "aor\n");
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    let idle: Vec<_> = (0..32).map(|_| daemon.connect()).collect();
    wait_for("a refusal", || daemon.ask("stats")["error"] == "too many connections");
    let is_logged = || daemon.log().matches("too many connections").count() == 1;
    wait_for("the log", is_logged);
    wait_for("a place", || daemon.ask("version")["ok"] == true);
    drop(idle);
    daemon.end();
}

#[test]
fn a_control_client_that_sends_nonsense_is_answered_or_closed() {
    let folder = Folder::new();
    folder.write("a.csv", "aor\n");
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    assert_eq!(daemon.ask(&"x".repeat(70_000))["ok"], false);
    assert_eq!(daemon.ask("add {\"aor\": 1")["ok"], false);
    let mut stream = TcpStream::connect(daemon.metrics_address()).unwrap();
    stream.write_all(b"\x00\xff nonsense\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 405"), "{reply}");
    let reply: Value = daemon.ask("stats");
    assert_eq!(lines(&reply.to_string()), 1);
    daemon.end();
}
