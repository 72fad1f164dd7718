//! Compiles the C and C++ programs of `tests/c` against `include/`, links them with the library
//! just built, and runs them: under valgrind where `REGISTER_VALGRIND` is set, with gcc's sanitizer
//! where `REGISTER_SANITIZE` names one (its allocator then serves the library as well), emulated
//! where `REGISTER_MACHINE` is the beginning of another machine's compiler's name, as
//! `arm-linux-gnueabihf`; never longer than two minutes, or five where they are slow.

#![allow(dead_code, unreachable_pub)]

use crate::support;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// Seconds that a program may take, and where it is thirty times as slow.
const LIMIT: &str = "120";
const LIMIT_OF_SLOW: &str = "300";

/// Whether programs run much slower than they would: under valgrind, or emulated.
pub fn are_slow() -> bool {
    std::env::var_os("REGISTER_VALGRIND").is_some() || machine().is_some()
}

fn machine() -> Option<String> {
    std::env::var("REGISTER_MACHINE").ok()
}

/// Compiles a program of `tests/c` and links it with the library alone.
pub fn program(name: &str) -> PathBuf {
    build(&support::root().join("tests/c").join(name))
}

/// Compiles a program and links it with the library alone. Programs that end in `.cpp` are C++.
pub fn build(source: &Path) -> PathBuf {
    let name = source.file_stem().unwrap().to_str().unwrap();
    build_in(&format!("c-{name}"), source)
}

/// The same in a folder of this name, in a language of gcc's and a standard of it, without
/// extensions.
pub fn build_as(folder: &str, source: &Path, language: &str, standard: &str) -> PathBuf {
    let folder = support::library_folder(folder);
    let program = folder.join(source.file_stem().unwrap());
    // g++ takes a file that ends in `.c` for C++.
    let driver = if language == "c++" { "g++" } else { "gcc" };
    let mut command = compiler_as(driver, &format!("-std={standard}"), source, &program);
    command.arg("-pedantic").arg("-L").arg(&folder).args(["-lregister", "-lm"]);
    succeeded(&command.output().unwrap());
    program
}

/// The same in a folder of this name, for a program that several tests have.
pub fn build_in(folder: &str, source: &Path) -> PathBuf {
    let folder = support::library_folder(folder);
    let program = folder.join(source.file_stem().unwrap());
    succeeded(
        &compiler(source, &program)
            .arg("-L")
            .arg(&folder)
            .args(["-lregister", "-lm"])
            .output()
            .unwrap(),
    );
    program
}

/// The compiler with everything but the libraries.
pub fn compiler(source: &Path, program: &Path) -> Command {
    let mut command = match source.extension().unwrap().to_str() {
        Some("cpp") => compiler_as("g++", "-std=c++17", source, program),
        _ => compiler_as("gcc", "-std=c11", source, program),
    };
    command.arg("-D_GNU_SOURCE");
    command
}

fn compiler_as(compiler: &str, standard: &str, source: &Path, program: &Path) -> Command {
    let prefix = machine().map(|machine| format!("{machine}-")).unwrap_or_default();
    let mut command = Command::new(format!("{prefix}{compiler}"));
    command.args([standard, "-Wall", "-Wextra", "-Werror", "-g", "-pthread", "-I"]);
    command.arg(support::root().join("include")).arg("-I").arg(support::root().join("tests/c"));
    command.arg(source).arg("-o").arg(program);
    if let Ok(which) = std::env::var("REGISTER_SANITIZE") {
        command.arg(format!("-fsanitize={which}"));
    }
    command
}

/// Runs a program with the libraries that lie beside it; what it printed.
pub fn run(program: &Path, arguments: &[String]) -> String {
    let out = timed(program, arguments).output().unwrap();
    succeeded(&out);
    String::from_utf8(out.stdout).unwrap()
}

/// The command that runs it.
pub fn timed(program: &Path, arguments: &[String]) -> Command {
    // In the foreground it passes a signal on once; else the program gets it from the group too.
    let mut timed = Command::new("timeout");
    timed.arg("--foreground").arg(if are_slow() { LIMIT_OF_SLOW } else { LIMIT });
    if let Some(machine) = machine() {
        let (processor, _) = machine.split_once('-').unwrap();
        let processor = if processor == "i686" { "i386" } else { processor };
        timed.arg(format!("qemu-{processor}")).args(["-L", &format!("/usr/{machine}")]);
    } else if std::env::var_os("REGISTER_VALGRIND").is_some() {
        timed.args([
            "valgrind",
            "-q",
            "--error-exitcode=9",
            "--leak-check=full",
            "--show-leak-kinds=definite,indirect",
            // By default valgrind also fails for what it then does not show: the stack of a thread
            // that still looks up a name.
            "--errors-for-leak-kinds=definite,indirect",
        ]);
    }
    timed.arg(program).args(arguments).env("LD_LIBRARY_PATH", program.parent().unwrap());
    timed
}

/// The command as it may run with TLS: valgrind does not follow the ciphers' assembly, and to it all
/// that comes out is undefined.
pub fn follow_no_ciphers(mut command: Command) -> Command {
    command.env("VALGRIND_OPTS", "--undef-value-errors=no");
    command
}

/// A program that runs while the test goes on.
pub struct Session {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Session {
    pub fn start(program: &Path, arguments: &[String]) -> Self {
        Self::of(timed(program, arguments))
    }

    /// The same with TLS.
    pub fn start_with_tls(program: &Path, arguments: &[String]) -> Self {
        Self::of(follow_no_ciphers(timed(program, arguments)))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line that it prints.
    pub fn line(&mut self) -> String {
        self.next_line().expect("a line")
    }

    /// The same; `None` where it prints no more.
    pub fn next_line(&mut self) -> Option<String> {
        self.lines.next().map(Result::unwrap)
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits until it has ended, which must be well.
    pub fn end(&mut self) {
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }

    /// Waits until it has ended, with this status.
    pub fn ends_with(&mut self, status: i32) {
        assert_eq!(self.child.wait().unwrap().code(), Some(status));
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.signal("TERM");
            let _ = self.child.wait();
        }
    }
}

/// Ends the test with the output of a command, unless it succeeded.
pub fn succeeded(out: &Output) {
    let output = [&out.stdout[..], &out.stderr[..]].concat();
    assert!(out.status.success(), "{}: {}", out.status, String::from_utf8_lossy(&output));
}
