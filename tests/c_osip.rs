//! libosip2's side from C: the same program prints the same with libosip2 5.3 and with the library just built.
//!
//! The transcripts in `tests/c/osip_*.expected` were printed with Debian's libosip2 5.3.0; where that is installed, it
//! prints them again. `REGISTER_BLESS=1` writes the files anew: from it if it is there, from the library just built if not.
#![allow(clippy::unwrap_used)]

#[path = "support/c.rs"]
mod c;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAMS: [&str; 9] = [
    "osip_access",
    "osip_edit",
    "osip_families",
    "osip_list",
    "osip_parse",
    "osip_text",
    "osip_threads",
    "osip_trace",
    "osip_uri",
];
const DEBIAN: &str = "/usr/include/osipparser2/osip_message.h";

/// Compiles a program of `tests/c` with more arguments for gcc.
fn build(name: &str, folder: &Path, arguments: &[&str]) -> PathBuf {
    let tests = support::root().join("tests/c");
    let program = folder.join(name);
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-g"]);
    gcc.arg("-I").arg(&tests).arg(tests.join(name).with_extension("c")).arg("-o").arg(&program);
    gcc.arg("-L").arg(folder).args(arguments);
    succeeded(gcc.output().unwrap());
    program
}

fn succeeded(out: Output) -> Vec<u8> {
    assert!(out.status.success(), "{}: {}", out.status, String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// Runs a program with the libraries of its folder, and bounds its time.
fn run(program: &Path) -> Vec<u8> {
    let mut timed = Command::new("timeout");
    timed.arg("60").arg(program).env("LD_LIBRARY_PATH", program.parent().unwrap());
    succeeded(timed.output().unwrap())
}

/// Compiles and runs a program with our headers and our library; under valgrind or a sanitizer where that is asked for.
fn ours(name: &str) -> Vec<u8> {
    c::run(&c::program(&format!("{name}.c")), &[]).into_bytes()
}

/// The same with libosip2's headers and libraries; lines of its own trace are left out.
fn theirs(name: &str) -> Option<Vec<u8>> {
    if !Path::new(DEBIAN).exists() {
        return None;
    }
    let folder = support::folder(&format!("osip-theirs-{name}"));
    let printed = run(&build(name, &folder, &["-losip2", "-losipparser2", "-pthread"]));
    let lines = printed.split_inclusive(|b| *b == b'\n').filter(|line| !line.starts_with(b"| "));
    Some(lines.collect::<Vec<_>>().concat())
}

/// Says where two transcripts part.
fn same(name: &str, whose: &str, printed: &[u8], expected: &[u8]) {
    let (printed, expected) = (String::from_utf8_lossy(printed), String::from_utf8_lossy(expected));
    for (number, (line, wanted)) in printed.lines().zip(expected.lines()).enumerate() {
        assert_eq!(line, wanted, "{name}, line {} of {whose} transcript", number + 1);
    }
    assert_eq!(printed.lines().count(), expected.lines().count(), "{name}: the length of {whose} transcript");
}

#[test]
fn the_transcripts_are_those_of_libosip2() {
    for name in PROGRAMS {
        let file = support::root().join("tests/c").join(name).with_extension("expected");
        let (ours, theirs) = (ours(name), theirs(name));
        if std::env::var_os("REGISTER_BLESS").is_some() {
            fs::write(&file, theirs.as_ref().unwrap_or(&ours)).unwrap();
        }
        let expected = fs::read(&file).unwrap();
        if let Some(theirs) = theirs {
            same(name, "libosip2's", &theirs, &expected);
        }
        same(name, "our", &ours, &expected);
    }
}

/// The names of libosip2's side that programs of `PROGRAMS` call: all of them.
#[test]
fn no_function_is_without_a_transcript() {
    let folder = support::folder("osip-names");
    let mut called = BTreeSet::new();
    for name in PROGRAMS {
        let object = folder.join(name).with_extension("o");
        let mut gcc = c::compiler(&support::root().join("tests/c").join(name).with_extension("c"), &object);
        succeeded(gcc.arg("-c").output().unwrap());
        let names = succeeded(Command::new("nm").arg("-u").arg(&object).output().unwrap());
        let names = String::from_utf8(names).unwrap();
        called.extend(names.lines().filter_map(|line| line.split_whitespace().last()).map(str::to_owned));
    }
    let list = fs::read_to_string(support::root().join("abi/exports.txt")).unwrap();
    let exported = list.lines().filter_map(|line| line.split_whitespace().last());
    let osip = exported.filter(|name| !["eXosip_", "registerer_"].iter().any(|of| name.starts_with(of)));
    let missing: Vec<_> = osip.filter(|name| !called.contains(*name)).collect();
    assert!(missing.is_empty(), "add them to a program of tests/c/osip_*.c: {missing:?}");
}

#[test]
fn memory_is_the_programs_and_none_is_lost_when_there_is_none() {
    let printed = ours("osip_memory");
    let printed = String::from_utf8_lossy(&printed);
    assert_eq!(printed, "each of them was refused once\nlive = 1\nlive = 0\n");
}

#[test]
fn what_differs_differs_on_purpose() {
    let expected = fs::read(support::root().join("tests/c/osip_differs.ours")).unwrap();
    same("osip_differs", "our", &ours("osip_differs"), &expected);
}

/// A program that uses our library and Debian's libosip2 at once, in either order of linking.
#[test]
fn both_libraries_work_on_the_same_structs() {
    if !Path::new(DEBIAN).exists() {
        return;
    }
    for libraries in [["-lregister", "-losipparser2"], ["-losipparser2", "-lregister"]] {
        let folder = support::library_folder("osip-both");
        let program = build("osip_both", &folder, &[&libraries[..], &["-ldl"]].concat());
        assert_eq!(String::from_utf8_lossy(&run(&program)), "all of it is the same\n", "{libraries:?}");
    }
}
