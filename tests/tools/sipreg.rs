//! How `sipreg` ends, and where its password comes from.

use crate::support::{alice, ends_with, folder, registrar, run, run_alice, sipreg, text};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::UdpSocket;
use std::process::{Command, Stdio};

#[test]
fn it_registers_refreshes_and_unregisters_and_shows_each_message() {
    let registrar = registrar(&[]);
    let more = ["--password", "secret", "--refresh", "1", "--expires", "600"];
    let output = run_alice(&registrar, &more);
    ends_with(&output, 0);
    let words = text(&output.stdout);
    let arrows = words.lines().filter_map(|line| {
        let arrow = line.find("-> ").or(line.find("<- "))?;
        line[arrow..].split("  ").next()
    });
    let ladder: Vec<_> = arrows.collect();
    let asks = format!("-> REGISTER sip:{}", registrar.address);
    let (asks, accepted) = (asks.as_str(), "<- 200 OK");
    let refused = "<- 401 Unauthorized";
    assert_eq!(ladder, [asks, refused, asks, accepted, asks, accepted, asks, accepted], "{words}");
    assert!(words.contains("sip:alice@demo.test is registered at sip:"), "{words}");
    assert!(words.contains("is registered again at "), "{words}");
    assert!(words.contains("; the binding lasts 600 s from now.\n"), "{words}");
    assert!(words.contains("is no longer registered; the binding had "), "{words}");
    assert!(!words.contains('\x1b'), "no colours without a terminal");
    registrar.end();
}

#[test]
fn the_library_refreshes_by_itself_before_a_demo_ends() {
    let registrar = registrar(&["--max-expires", "2"]);
    let output = run_alice(&registrar, &["--password", "secret", "--demo", "--quiet"]);
    ends_with(&output, 0);
    let words = text(&output.stdout);
    assert_eq!(words.lines().count(), 3, "no messages: {words}");
    assert!(words.contains("is registered again at "), "{words}");
    registrar.end();
}

#[test]
fn expires_0_removes_one_binding_or_all() {
    let registrar = registrar(&[]);
    for contact in [&[][..], &["--contact", "*"]] {
        let more = [&["--password", "secret", "--expires", "0"][..], contact].concat();
        let output = run_alice(&registrar, &more);
        ends_with(&output, 0);
        let words = text(&output.stdout);
        assert!(words.ends_with("sip:alice@demo.test is no longer registered.\n"), "{words}");
    }
    registrar.end();
}

#[test]
fn refusals_of_the_registrar_end_with_2() {
    let registrar_of_alice = registrar(&[]);
    ends_with(&run_alice(&registrar_of_alice, &["--password", "wrong"]), 2);
    ends_with(&run_alice(&registrar_of_alice, &["--ha1", "00000000000000000000000000000000"]), 2);
    let proxy = format!("sip:{}", registrar_of_alice.address);
    let output = run(&["--proxy", &proxy, "--from", "sip:alice@demo.test"]);
    ends_with(&output, 2);
    assert!(text(&output.stdout).contains("there are no credentials"));
    registrar_of_alice.end();
    for fault in ["403", "404", "500", "503"] {
        let registrar = registrar(&["--fault", fault]);
        let output = run_alice(&registrar, &["--password", "secret"]);
        ends_with(&output, 2);
        let words = text(&output.stdout);
        assert!(words.contains(&format!(" refuses to register sip:alice@demo.test: {fault} ")));
        assert!(!words.contains("trying again"), "it does not try again: {words}");
        registrar.end();
    }
}

#[test]
fn silence_ends_with_3_when_the_time_is_over() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let proxy = format!("sip:{}", silent.local_addr().unwrap());
    let output = run(&["--proxy", &proxy, "--from", "sip:a@demo.test", "--timeout", "1"]);
    ends_with(&output, 3);
    assert!(text(&output.stdout).ends_with(" has not answered within 1 s.\n"));
}

#[test]
fn failures_of_the_network_end_with_4() {
    for more in [
        &["--proxy", "sip:no-such-host.invalid"][..],
        &["--proxy", "sip:127.0.0.1:9", "--tcp"],
        &["--proxy", "sip:127.0.0.1:9", "--local", "192.0.2.1"],
        &["--proxy", "sip:127.0.0.1:9", "--local", "no address"],
    ] {
        ends_with(&run(&[&["--from", "sip:a@demo.test"][..], more].concat()), 4);
    }
}

#[test]
fn a_port_that_is_taken_is_said() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["--from", "sip:a@demo.test", "--local", "127.0.0.1", "--port", &port]);
    ends_with(&output, 4);
    let words = text(&output.stderr);
    assert!(words.contains(": Address already in use"), "{words}");
}

#[test]
fn wrong_usage_ends_with_1_and_says_what_is_wrong() {
    for (wrong, says) in [
        (&["--nonsense"][..], "--nonsense"),
        (&["operand"], "argument 5 belongs to no option"),
        (&["--passwort", "x"], "no option --passwort"),
        (&["--quiet=x"], "--quiet takes no value"),
        (&["--transport", "x"], "udp, tcp, tls"),
        (&["--user", "a"], "SIPREG_PASSWORD"),
        (&["--password", "x"], "--user"),
        (&["--user", "a", "--password", "-"], "--password-file -"),
        (&["--user", "a", "--password-file", "/no/such/file"], "--password-file: No such file"),
        (&["--user", "a", "--password-env", "NO_SUCH_VARIABLE"], "--password-env: there is no"),
        (&["--expires", "-1"], "--expires"),
        (&["--port", "65536"], "--port"),
        (&["--timeout", "soon"], "--timeout"),
        (&["--header", "no colon"], "NAME:VALUE"),
        (&["--header", "Via: x"], "Via"),
        (&["--contact", "*"], "Contact *"),
        (&["--instance", "me"], "the instance id is no UUID"),
        (&["--proxy", "http://demo.test"], "registrar"),
        (&["--tls-cert", "file"], "--tls-key"),
        (&["--json", "--nagios"], "--nagios"),
    ] {
        let mut arguments = vec!["--from", "sip:a@127.0.0.1:9", "--timeout", "2"];
        arguments.extend(wrong);
        let output = run(&arguments);
        let words = text(&output.stderr);
        let status = if wrong.contains(&"--nagios") { 3 } else { 1 };
        let words = if status == 3 { text(&output.stdout) } else { words };
        ends_with(&output, status);
        assert!(words.contains(says) && words.lines().count() == 1, "{wrong:?}: {words}");
    }
    ends_with(&run(&[]), 1);
    ends_with(&run(&["--help"]), 0);
}

/// What was typed may be a password, whichever option it stands behind.
#[test]
fn wrong_usage_shows_no_value() {
    let secret = "hunter2";
    let hyphens = "--hunter2";
    for wrong in [
        &[secret][..],
        &["-xhunter2"],
        &[hyphens],
        &["--passwort=hunter2"],
        &["--passwort", secret],
        &["--password", "a", secret],
        &["--password-file", secret],
        &["--password-env", secret],
        &["--ha1", secret],
        &["--expires", secret],
        &["--port", secret],
        &["--port", "7654321"],
        &["--refresh", secret],
        &["--timeout", "7654321"],
        &["--transport", secret],
        &["--tls-key=hunter2", "--tls-cert=Cargo.toml"],
        &["--quiet=hunter2"],
        &["--header", secret],
        &["--header", "Authorization: Digest hunter2"],
        &["--header", "hunter2 x: y"],
        &["--proxy", secret],
        &["--proxy", "http:hunter2"],
        &["--proxy", "sip:alice:hunter2@127.0.0.1"],
        &["--from", "sip:alice:hunter2@127.0.0.1"],
        &["--from", secret],
        &["--contact", "<sip:alice:hunter2@127.0.0.1>"],
        &["--contact", "hunter2 <"],
        &["--route", "<sip:alice:hunter2@127.0.0.1;lr>"],
        &["--route", "hunter2 <"],
        &["--instance", secret],
        &["--nagios", "--warning", secret],
    ] {
        let mut arguments = vec!["--from", "sip:a@127.0.0.1:9", "--user", "a", "--timeout", "1"];
        arguments.extend(wrong);
        let output = run(&arguments);
        let said = [text(&output.stdout), text(&output.stderr)].concat();
        let shown = said.contains("hunter2") || said.contains("7654321");
        assert!(!shown && !output.status.success(), "{wrong:?}: {said}");
    }
}

#[test]
fn a_password_comes_from_a_file_from_input_or_from_the_environment() {
    let registrar = registrar(&[]);
    let first = alice(&registrar);
    let arguments: Vec<&str> = first.iter().map(String::as_str).chain(["--once"]).collect();
    let file = folder("password").join("password");
    fs::write(&file, "secret\r\nanother line\n").unwrap();
    let from_file = ["--password-file", file.to_str().unwrap()];
    ends_with(&run(&[&arguments[..], &from_file].concat()), 0);

    let mut command = sipreg(&[&arguments[..], &["--password-file", "-"]].concat());
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(b"secret\n").unwrap();
    assert!(process.wait().unwrap().success());

    ends_with(&sipreg(&arguments).env("SIPREG_PASSWORD", "secret").output().unwrap(), 0);
    let named = [&arguments[..], &["--password-env", "OTHER"]].concat();
    ends_with(&sipreg(&named).env("OTHER", "secret").output().unwrap(), 0);
    // MD5 of alice:demo.test:secret.
    let ha1 = ["--ha1", "ad9a807ce00c929fd778bb7551638ae9", "--realm", "demo.test"];
    ends_with(&run(&[&arguments[..], &ha1].concat()), 0);
    registrar.end();
}

#[test]
fn sigterm_removes_the_binding_first() {
    let registrar = registrar(&[]);
    let first = alice(&registrar);
    let mut arguments: Vec<&str> = first.iter().map(String::as_str).collect();
    arguments.extend(["--password", "secret", "--quiet"]);
    // Without timeout(1), which would be ended in its place.
    let mut process = Command::new(crate::support::SIPREG)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert!(line.starts_with("sip:alice@demo.test is registered at "), "{line}");
    let pid = process.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("sip:alice@demo.test is no longer registered; "), "{rest}");
    assert!(process.wait().unwrap().success());
    registrar.end();
}

#[test]
fn it_ends_where_nobody_reads_its_words_any_more() {
    let registrar = registrar(&["--max-expires", "2"]);
    let first = alice(&registrar);
    let mut arguments: Vec<&str> = first.iter().map(String::as_str).collect();
    arguments.extend(["--password", "secret"]);
    let mut process = sipreg(&arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    output.read_line(&mut String::new()).unwrap();
    drop(output);
    assert!(process.wait().unwrap().success());
    registrar.end();
}
