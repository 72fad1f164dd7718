//! The programs of `c-examples` that show one thing each, against the registrar of the package.

#[cfg(feature = "tls")]
use crate::c::follow_no_ciphers;
use crate::c::{Session, build, compiler, run, timed};
use crate::registrar_program::RegistrarProgram;
use crate::support::{library_folder, root};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn registrar(more: &[&str]) -> RegistrarProgram {
    let common = ["--quiet", "--any-user", "secret", "--realm", "demo.test"];
    RegistrarProgram::start(&[&common[..], more].concat())
}

fn example(name: &str) -> PathBuf {
    build(&root().join("c-examples").join(name))
}

/// PROXY AOR USER PASSWORD, and what follows.
fn arguments(registrar: &RegistrarProgram, user: &str, more: &[&str]) -> Vec<String> {
    let (proxy, aor) = (format!("sip:{}", registrar.address), format!("sip:{user}@demo.test"));
    let words = [&[proxy.as_str(), &aor, user, "secret"], more].concat();
    words.into_iter().map(str::to_owned).collect()
}

#[test]
fn the_example_with_epoll_refreshes_and_unregisters() {
    let registrar = registrar(&["--max-expires", "2"]);
    let mut program = Session::start(&example("epoll.c"), &arguments(&registrar, "alice", &["60"]));
    let lines = ["401 Registration failed!", "registered", "registered", "registered"];
    for line in lines {
        assert_eq!(program.line(), line);
    }
    program.signal("TERM");
    while program.line() != "unregistered" {} // a refresh may be under way
    program.end();
    registrar.end();
}

/// One with another library, which pkg-config finds or is not there to be tried with.
fn in_a_loop_of(module: &str, name: &str) {
    let flags = Command::new("pkg-config").args(["--cflags", "--libs", module]).output();
    let Some(flags) = flags.ok().filter(|out| out.status.success()) else { return };
    if env::var_os("REGISTER_MACHINE").is_some() || env::var_os("REGISTER_VALGRIND").is_some() {
        return; // not there for another machine; and what it keeps until the end is its own
    }
    let folder = library_folder(&format!("c-{name}"));
    let program = folder.join(name);
    let source = root().join("c-examples").join(format!("{name}.c"));
    let out = compiler(&source, &program)
        .arg("-L")
        .arg(&folder)
        .arg("-lregister")
        .args(String::from_utf8(flags.stdout).unwrap().split_whitespace())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let registrar = registrar(&["--max-expires", "2"]);
    let mut program = Session::start(&program, &arguments(&registrar, "alice", &["60"]));
    let mut accepted = 0;
    while accepted < 3 {
        let line = program.line();
        assert!(line.starts_with("200 OK from ") || accepted == 0, "{line}");
        accepted += usize::from(line.starts_with("200 OK from "));
    }
    program.signal("TERM");
    program.end();
    registrar.end();
}

#[test]
fn the_example_with_glib_is_told_of_each_refresh_in_its_loop() {
    in_a_loop_of("glib-2.0", "glib");
}

#[test]
fn the_example_with_libuv_is_told_of_each_refresh_in_its_loop() {
    in_a_loop_of("libuv", "libuv");
}

#[test]
fn a_message_goes_from_one_example_to_the_other() {
    let registrar = registrar(&[]);
    let program = example("message.c");
    let mut bob = Session::start(&program, &arguments(&registrar, "bob", &["60"]));
    assert_eq!(bob.line(), "registered as sip:bob@demo.test");
    let more = ["30", "sip:bob@demo.test", "good\x1bmorning"];
    let out = run(&program, &arguments(&registrar, "alice", &more));
    assert_eq!(out, "registered as sip:alice@demo.test\ntaken\n");
    let line = bob.line();
    assert!(line.starts_with("<sip:alice@demo.test>;tag="), "{line}");
    assert!(line.ends_with(": good morning"), "no control characters: {line:?}");
    bob.signal("TERM");
    bob.end();
    registrar.end();
}

#[test]
#[cfg(feature = "tls")]
fn the_example_with_tls_says_what_is_wrong_with_a_certificate() {
    let program = example("tls.c");
    let roots = program.with_file_name("roots.pem");
    let roots = roots.to_str().unwrap();
    let registrar = registrar(&["--transport", "tls", "--certificate-file", roots]);
    let output = |program: &std::path::Path, more: &[&str]| {
        let mut command = follow_no_ciphers(timed(program, &arguments(&registrar, "alice", more)));
        let out = command.output().unwrap();
        (out.status.code(), String::from_utf8(out.stdout).unwrap())
    };
    let (status, said) = output(&program, &[roots]);
    assert!(status == Some(0) && said.starts_with("200 OK from "), "{status:?} {said}");
    let (status, said) = output(&program, &["-"]);
    assert!(status == Some(1) && said.contains("unknown issuer"), "{status:?} {said}");
    let pin = format!("sha256//{}=", "A".repeat(43));
    let (status, said) = output(&program, &["-", &pin]);
    assert!(status == Some(1) && said.contains("not the pinned one"), "{status:?} {said}");
    registrar.end();
}

#[test]
fn the_example_with_many_accounts_registers_each_and_says_what_fails() {
    let program = example("many.c");
    registers_each(&program);
    uses_a_long_password_as_a_whole(&program);
    let words = ["sip:127.0.0.1", "not a domain", "secret", "3"].map(str::to_owned);
    let out = timed(&program, &words).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.code() == Some(1) && said.contains("user0: "), "{:?} {said}", out.status);
}

fn registers_each(program: &Path) {
    let registrar = registrar(&[]);
    let words = [&format!("sip:{}", registrar.address), "demo.test", "secret", "50"];
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    ends_when_it_says(program, &words, "initial 0, registered 50, unregistered 0");
    registrar.end();
}

fn ends_when_it_says(program: &Path, words: &[String], all: &str) {
    let mut program = Session::start(program, words);
    while program.line() != all {}
    program.signal("TERM");
    while let Some(line) = program.next_line() {
        assert_eq!(line, all);
    }
    program.end();
}

/// One that is cut would be refused.
fn uses_a_long_password_as_a_whole(program: &Path) {
    let password = "0123456789".repeat(14);
    let arguments = ["--any-user", &password, "--realm", "demo.test"];
    let registrar = RegistrarProgram::start(&arguments);
    let words = [&format!("sip:{}", registrar.address), "demo.test", &password, "1"];
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    ends_when_it_says(program, &words, "initial 0, registered 1, unregistered 0");
    let lines = registrar.end();
    let accepted = lines.iter().filter(|line| line.contains("-> 200")).count();
    assert_eq!(accepted, 2, "one to register, one to unregister: {lines:#?}");
}
