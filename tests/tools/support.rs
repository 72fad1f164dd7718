//! What the tests of the tools share.

use crate::registrar_program::RegistrarProgram;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

pub(crate) const SIPREG: &str = env!("CARGO_BIN_EXE_sipreg");
pub(crate) const REGISTERD: &str = env!("CARGO_BIN_EXE_registerd");

/// `sipreg`, which is ended where it hangs, with nothing of the environment that it reads.
pub(crate) fn sipreg(arguments: &[&str]) -> Command {
    let mut command = Command::new("timeout");
    // In the foreground it passes a signal on once.
    command.args(["--foreground", "60", SIPREG]).args(arguments).stdin(Stdio::null());
    command.env_remove("SIPREG_PASSWORD").env_remove("REGISTER_TRACE");
    command
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    sipreg(arguments).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Whether it ends so; otherwise its words are shown.
#[track_caller]
pub(crate) fn ends_with(output: &Output, status: i32) {
    let words = [text(&output.stdout), text(&output.stderr)].concat();
    assert_eq!(output.status.code(), Some(status), "{words}");
}

/// A registrar with the user alice, whose password is `secret`.
pub(crate) fn registrar(more: &[&str]) -> RegistrarProgram {
    let arguments = ["--quiet", "--realm", "demo.test", "--user", "alice:secret"];
    RegistrarProgram::start(&[&arguments[..], more].concat())
}

/// What alice gives it, without the password.
pub(crate) fn alice(registrar: &RegistrarProgram) -> Vec<String> {
    let proxy = format!("sip:{}", registrar.address);
    ["--proxy", &proxy, "--from", "sip:alice@demo.test", "--user", "alice"]
        .map(str::to_owned)
        .to_vec()
}

/// What alice gives it, and more.
pub(crate) fn run_alice(registrar: &RegistrarProgram, more: &[&str]) -> Output {
    let first = alice(registrar);
    let arguments = first.iter().map(String::as_str).chain(more.iter().copied());
    run(&arguments.collect::<Vec<_>>())
}

/// A fresh folder of the test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}
