//! The daemon `registerd` with the registrar of this package: what it sends when the file changes,
//! and what it says.

#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods)]

#[path = "registerd/rig.rs"]
mod rig;

use rig::{Daemon, Folder, Registrar, lines, wait_for};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};
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

/// What was typed may be a password, whichever option or key it stands behind.
#[test]
fn what_is_wrong_is_said_without_the_value() {
    let folder = Folder::new();
    folder.write("good.csv", "aor\n");
    for wrong in [
        &["good.csv", "hunter2"][..],
        &["good.csv", "-xhunter2"],
        &["good.csv", "--passwort=hunter2"],
        &["--rate", "hunter2", "good.csv"],
        &["--rate", "-7654321", "good.csv"],
        &["--shard", "hunter2", "good.csv"],
        &["--listen", "hunter2", "good.csv"],
        &["--socket-mode", "hunter2", "good.csv"],
        &["--metrics", "hunter2", "good.csv"],
        &["--format", "hunter2", "good.csv"],
        &["--log", "hunter2", "good.csv"],
        &["--instance", "hunter2", "good.csv"],
        &["--set", "hunter2", "good.csv"],
        &["--set", "hunter2=hunter2", "good.csv"],
        &["--set", "expires=hunter2", "good.csv"],
        &["--check=hunter2", "good.csv"],
        &["top", "hunter2"],
        &["help", "hunter2"],
        &["top", "--interval", "hunter2"],
    ] {
        let (status, said) = Daemon::fails(&folder, wrong);
        assert!(!said.contains("hunter2") && !said.contains("7654321"), "{wrong:?}: {said}");
        assert_eq!(status, Some(2), "{wrong:?}: {said}");
    }
    for (number, wrong) in [
        "aor\nsip:alice:hunter2@rig.test\n",
        "aor,registrar\nsip:alice@rig.test,sip:alice:hunter2@rig.test\n",
        "aor,route\nsip:alice@rig.test,<sip:alice:hunter2@rig.test>\n",
        "aor,password_file\nsip:alice@rig.test,hunter2\n",
        "aor,headers\nsip:alice@rig.test,Authorization: hunter2\n",
        "aor\nhunter2\n",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("{number}.csv");
        folder.write(&name, wrong);
        let (status, said) = Daemon::fails(&folder, &[&name]);
        assert!(status == Some(78) && !said.contains("hunter2"), "{wrong:?}: {said}");
    }
    let daemon = Daemon::start(&folder, "good.csv", &["--log", "debug"]);
    for wrong in [
        "hunter2",
        "list hunter2",
        "list state=hunter2",
        "{\"aor\":\"sip:a@h\",\"password\":\"hunter2\"}",
        "add {\"aor\":\"sip:a@h\",\"expires\":\"hunter2\"}",
        "add {\"aor\":\"sip:a@h\",\"password\":\"hunter2\"",
        "add {\"aor\":\"sip:a:hunter2@h\"}",
    ] {
        let reply = daemon.ask(wrong);
        assert!(reply["ok"] == false && !reply.to_string().contains("hunter2"), "{wrong}: {reply}");
    }
    assert!(!daemon.end().contains("hunter2"));
}

#[test]
fn a_password_that_is_put_right_registers_at_once() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &table(&registrar, |_| "wrong".to_owned(), 2));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    wait_for("two refusals", || daemon.ask("stats")["states"]["stopped"] == 2);
    folder.write("a.csv", &plain(&registrar, 2));
    assert_eq!(daemon.ask("reload")["changed"], 2);
    daemon.await_registered(2);
    daemon.end();
}

/// One that is cut would be refused.
#[test]
fn a_long_password_is_used_as_a_whole() {
    let password = "0123456789".repeat(30);
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", &password]));
    let address = &registrar.address;
    let account = |user: &str, secret: &str| {
        format!(
            "[[account]]\naor = \"sip:{user}@rig.test\"\nregistrar = \"sip:{address}\"\n{secret}\n"
        )
    };
    let cut = &password[..299];
    folder.write("password", &format!("{password}\n"));
    folder.write(
        "a.toml",
        &[
            account("whole", &format!("password = \"{password}\"")),
            account("file", "password_file = \"password\""),
            account("cut", &format!("password = \"{cut}\"")),
        ]
        .concat(),
    );
    let daemon = Daemon::start(&folder, "a.toml", &[]);
    daemon.await_registered(2);
    wait_for("a refusal", || daemon.ask("stats")["states"]["stopped"] == 1);
    assert_eq!(daemon.ask("list state=stopped")["accounts"][0]["name"], "sip:cut@rig.test");
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

#[test]
fn bindings_are_left_where_that_is_asked_for() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 4));
    let daemon = Daemon::start(&folder, "a.csv", &["--keep"]);
    daemon.await_registered(4);
    daemon.end();
    assert_eq!(registrar.requests().len(), 8, "nothing was sent at the end");
}

#[test]
fn packets_of_the_account_that_is_asked_for_are_written() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 4));
    let options = ["--pcap", "a.pcap", "--pcap-match", "user2@"];
    let daemon = Daemon::start(&folder, "a.csv", &options);
    daemon.await_registered(4);
    let text = || String::from_utf8_lossy(&folder.read("a.pcap")).into_owned();
    wait_for("the last packet", || text().matches("CSeq: 2 REGISTER").count() == 2);
    assert_eq!(text().matches("REGISTER sip:").count(), 2);
    assert!(text().contains("SIP/2.0 401") && !text().contains("user1@"));
    daemon.end();
    // The end is in it too, with the answer of the registrar.
    assert_eq!(text().matches("\r\nExpires: 0\r\n").count(), 1);
    assert_eq!(text().matches("CSeq: 3 REGISTER").count(), 2);
}

#[test]
fn a_full_disk_ends_the_file_of_packets_after_a_whole_one_and_nothing_else() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 30));
    let daemon = Daemon::start_on_a_full_disk(&folder, "a.csv", &["--pcap", "a.pcap"]);
    daemon.await_registered(30);
    wait_for("the log", || daemon.log().contains("the file of packets ends here: "));
    let log = daemon.end();
    assert_eq!(log.matches("the file of packets").count(), 1, "{log}");
    assert!(log.contains("ended: 30 bindings removed, none is left"), "{log}");
    let file = folder.read("a.pcap");
    let (mut at, mut packets) = (24, 0);
    while at < file.len() {
        let length = u32::from_ne_bytes(file[at + 8..at + 12].try_into().unwrap());
        at += 16 + usize::try_from(length).unwrap();
        packets += 1;
    }
    assert!(at == file.len() && packets > 0, "{at} of {}, {packets} packets", file.len());
}

/// The chunks of a packet by type.
fn chunks(packet: &[u8]) -> BTreeMap<u16, Vec<u8>> {
    let number = |at: usize| u16::from_be_bytes(packet[at..at + 2].try_into().unwrap());
    assert!(packet.starts_with(b"HEP3") && usize::from(number(4)) == packet.len());
    let (mut chunks, mut at) = (BTreeMap::new(), 6);
    while at < packet.len() {
        let end = at + usize::from(number(at + 4));
        assert_eq!(number(at), 0, "a chunk of the protocol itself");
        assert_eq!(chunks.insert(number(at + 2), packet[at + 6..end].to_vec()), None);
        at = end;
    }
    chunks
}

#[test]
fn a_collector_gets_each_message_up_to_the_last() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 4));
    folder.write("key", "collect\n");
    let collector = UdpSocket::bind("127.0.0.1:0").unwrap();
    collector.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let address = format!("udp:{}", collector.local_addr().unwrap());
    let options = ["--hep", &address, "--hep-id", "2001", "--hep-key-file", "key"];
    let daemon = Daemon::start(&folder, "a.csv", &options);
    daemon.await_registered(4);
    let sent = "registerd_hep_packets_total{result=\"sent\"} 16";
    wait_for("the counts", || daemon.metrics().lines().any(|line| line == sent));
    check_openmetrics(&daemon.metrics());
    let log = daemon.end();
    assert!(!log.contains("collect"), "{log}");
    let registrar: std::net::SocketAddr = registrar.address.parse().unwrap();
    let port = registrar.port().to_be_bytes().to_vec();
    let mut messages = Vec::new();
    for _ in 0..24 {
        let mut packet = [0; 2048];
        let size = loop {
            match collector.recv(&mut packet) {
                // A child that has ended interrupts it.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                size => break size.unwrap(),
            }
        };
        let chunks = chunks(&packet[..size]);
        let message = String::from_utf8(chunks[&15].clone()).unwrap();
        let (source, destination) = if message.starts_with("SIP/2.0") { (7, 8) } else { (8, 7) };
        assert_eq!(chunks[&source], port, "{message}");
        assert_ne!(chunks[&destination], port, "{message}");
        assert_eq!([&chunks[&3], &chunks[&4]], [&[127, 0, 0, 1]; 2]);
        assert_eq!([&chunks[&1], &chunks[&2], &chunks[&11]], [&[2], &[17], &[1]]);
        assert_eq!((&chunks[&12], &chunks[&14]), (&vec![0, 0, 7, 209], &b"collect".to_vec()));
        messages.push(message);
    }
    let removals = messages.iter().filter(|message| message.contains("\r\nExpires: 0\r\n"));
    assert_eq!(removals.filter(|message| message.starts_with("REGISTER ")).count(), 4);
}

#[test]
fn a_collector_that_is_not_there_holds_nothing_up_and_losses_are_counted() {
    let (folder, registrar) = (Folder::new(), Registrar::start(&["--any-user", "pw"]));
    folder.write("a.csv", &plain(&registrar, 50));
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = format!("udp:{}", taken.local_addr().unwrap());
    drop(taken);
    let daemon = Daemon::start(&folder, "a.csv", &["--hep", &address]);
    daemon.await_registered(50);
    let count = |metrics: &str, result: &str| -> u64 {
        let name = format!("registerd_hep_packets_total{{result=\"{result}\"}} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
        line.unwrap().parse().unwrap()
    };
    wait_for("the counts", || {
        let metrics = daemon.metrics();
        let (sent, dropped) = (count(&metrics, "sent"), count(&metrics, "dropped"));
        sent + dropped == 200 && dropped > 0
    });
    let log = daemon.end();
    assert_eq!(log.matches("packets for the collector are dropped").count(), 1, "{log}");
    assert!(log.contains("ended: 50 bindings removed, none is left"), "{log}");
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
fn a_registrar_that_is_silent_does_not_hold_up_the_end() {
    let (folder, registrar) =
        (Folder::new(), Registrar::start(&["--any-user", "pw", "--silent", "100000"]));
    folder.write("a.csv", &plain(&registrar, 4));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    assert_eq!(daemon.ask("stats")["states"]["starting"], 4);
    wait_for("the REGISTERs", || daemon.ask("stats")["in_flight"] == 4);
    let log = daemon.end();
    let line = log.lines().find(|line| line.starts_with("4 accounts: REGISTER not answered, "));
    let names = line.unwrap_or_else(|| panic!("{log}")).matches("sip:user").count();
    assert_eq!(names, 4, "{log}");
    assert!(log.contains("ended: 0 bindings removed, not all"), "{log}");
}

#[test]
fn the_end_says_which_bindings_are_left() {
    let folder = Folder::new();
    let registrar = Registrar::start(&["--any-user", "pw"]);
    folder.write("a.csv", &plain(&registrar, 12));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    daemon.await_registered(12);
    assert_eq!(daemon.ask("remove sip:user11@rig.test")["ok"], true);
    wait_for("its end", || daemon.ask("stats")["accounts"] == 11);
    drop(registrar);
    let log = daemon.end();
    let line = "11 accounts: removal not confirmed, the binding ends as it expires: sip:user";
    assert!(log.contains(line) && log.contains(" and 1 more"), "{log}");
    assert!(log.contains("ended: 0 bindings removed, not all"), "{log}");
}

#[test]
fn a_second_signal_ends_at_once_and_what_is_left_is_said() {
    let folder = Folder::new();
    let registrar = Registrar::start(&["--any-user", "pw"]);
    folder.write("a.csv", &plain(&registrar, 3));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    daemon.await_registered(3);
    registrar.stop();
    daemon.signal("TERM");
    // The removals are sent, and nobody answers.
    wait_for("the end to begin", || !daemon.has_control());
    daemon.signal("TERM");
    daemon.await_end();
    assert!(daemon.log().contains("3 accounts: removal not confirmed"), "{}", daemon.log());
    registrar.go_on();
}

#[test]
fn an_account_that_goes_without_its_binding_is_named() {
    let folder = Folder::new();
    let registrar = Registrar::start(&["--any-user", "pw"]);
    folder.write("a.csv", &plain(&registrar, 2));
    let daemon = Daemon::start(&folder, "a.csv", &[]);
    daemon.await_registered(2);
    drop(registrar);
    assert_eq!(daemon.ask("remove sip:user1@rig.test")["ok"], true);
    let line = "sip:user1@rig.test: removal not confirmed, the binding ends as it expires: 408";
    wait_for("the log", || daemon.log().contains(line));
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
