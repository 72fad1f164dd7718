//! Compiles the C and C++ programs of `tests/c` against `include/`, links them with the library just built, and runs
//! them: under valgrind where `REGISTER_VALGRIND` is set, never longer than a minute.

#![allow(dead_code, unreachable_pub)]

use super::support;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Seconds that a program may take.
const LIMIT: &str = "60";

/// Compiles a program of `tests/c` and links it with the library alone.
pub fn program(name: &str) -> PathBuf {
    build(&support::root().join("tests/c").join(name))
}

/// Compiles a program and links it with the library alone. Programs that end in `.cpp` are C++.
pub fn build(source: &Path) -> PathBuf {
    let name = source.file_stem().unwrap().to_str().unwrap();
    let folder = support::library_folder(&format!("c-{name}"));
    let program = folder.join(name);
    succeeded(&compiler(source, &program).arg("-L").arg(&folder).arg("-lregister").output().unwrap());
    program
}

/// The compiler with everything but the libraries.
pub fn compiler(source: &Path, program: &Path) -> Command {
    let (compiler, standard) = match source.extension().unwrap().to_str() {
        Some("cpp") => ("g++", "-std=c++17"),
        _ => ("gcc", "-std=c11"),
    };
    let mut command = Command::new(compiler);
    command.args([standard, "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-g", "-pthread", "-I"]);
    command.arg(support::root().join("include")).arg("-I").arg(support::root().join("tests/c"));
    command.arg(source).arg("-o").arg(program);
    command
}

/// Runs a program with the libraries that lie beside it.
pub fn run(program: &Path, arguments: &[String]) -> String {
    run_in(program, arguments, program.parent().unwrap())
}

/// Runs a program with the libraries of a folder; what it printed.
pub fn run_in(program: &Path, arguments: &[String], libraries: &Path) -> String {
    let mut timed = Command::new("timeout");
    timed.arg(LIMIT);
    if std::env::var_os("REGISTER_VALGRIND").is_some() {
        timed.args([
            "valgrind",
            "-q",
            "--error-exitcode=9",
            "--leak-check=full",
            "--show-leak-kinds=definite,indirect",
        ]);
    }
    let out = timed.arg(program).args(arguments).env("LD_LIBRARY_PATH", libraries).output().unwrap();
    succeeded(&out);
    String::from_utf8(out.stdout).unwrap()
}

/// Ends the test with what a command told, unless it succeeded.
pub fn succeeded(out: &Output) {
    let told = [&out.stdout[..], &out.stderr[..]].concat();
    assert!(out.status.success(), "{}: {}", out.status, String::from_utf8_lossy(&told));
}
