//! The C programs of the modern face, against `include/registerer.h` and the library just built.
#![allow(clippy::unwrap_used)]

#[path = "support/registrar.rs"]
mod registrar;
mod support;

use std::process::Command;

fn succeeded(command: &mut Command) {
    let out = command.output().unwrap();
    let told = [&out.stdout[..], &out.stderr[..]].concat();
    assert!(out.status.success(), "{}: {}", out.status, String::from_utf8_lossy(&told));
}

#[test]
fn a_program_registers_listens_explains_and_disposes() {
    let registrar = registrar::Registrar::start();
    let folder = support::library_folder("c-registerer_life");
    let program = folder.join("registerer_life");
    let source = support::root().join("tests/c/registerer_life.c");
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-g", "-I"]);
    gcc.arg(support::root().join("include")).arg("-I").arg(support::root().join("tests/c"));
    gcc.arg(source).arg("-o").arg(&program).arg("-L").arg(&folder).args(["-lregister", "-pthread"]);
    succeeded(&mut gcc);
    let mut run = Command::new("timeout");
    run.arg("60");
    if std::env::var_os("REGISTER_VALGRIND").is_some() {
        run.args(["valgrind", "-q", "--error-exitcode=9", "--leak-check=full"]);
        run.arg("--show-leak-kinds=definite,indirect");
    }
    succeeded(run.arg(&program).arg(registrar.port().to_string()).env("LD_LIBRARY_PATH", &folder));
}
