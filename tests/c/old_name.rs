//! Programs that were linked with eXosip2 and libosip2 start with our library under the old names,
//! without being linked again: by links beside it, or built with
//! `REGISTER_SONAME=libeXosip2.so.15`.

use crate::c::{compiler, run, succeeded};
use crate::registrar::Registrar;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

const OLD_NAMES: [&str; 3] = ["libeXosip2.so.15", "libosip2.so.15", "libosipparser2.so.15"];

/// A library that has all names and does nothing, for the linker: the old library of a program that
/// is installed.
fn stand_in(folder: &Path, soname: &str) {
    let list = fs::read_to_string(crate::support::root().join("abi/exports.txt")).unwrap();
    let mut source = String::new();
    for (letter, name) in list.lines().map(|line| line.split_once(' ').unwrap()) {
        source += &match letter {
            "T" => format!("void {name}(void) {{}}\n"),
            _ => format!("void *{name};\n"),
        };
    }
    let file = folder.join("stand_in.c");
    fs::write(&file, source).unwrap();
    let mut gcc = Command::new("gcc");
    gcc.args(["-shared", "-fPIC", "-w", "-fno-builtin", &format!("-Wl,-soname,{soname}")]);
    succeeded(
        &gcc.arg(file).arg("-o").arg(folder.join(soname.replace(".15", ""))).output().unwrap(),
    );
}

fn needed(program: &Path) -> String {
    let out = Command::new("readelf").args(["-d", "-W"]).arg(program).output().unwrap();
    succeeded(&out);
    String::from_utf8(out.stdout).unwrap()
}

fn registers(program: &Path) {
    let registrar = Registrar::start();
    let uri = format!("sip:127.0.0.1:{}", registrar.port());
    let arguments = [&uri, "sip:carol@127.0.0.1", "carol", "secret", "10"].map(str::to_owned);
    let lines = run(program, &arguments);
    assert!(lines.starts_with("status 0 in "), "{lines}");
    assert!(!registrar.requests().is_empty());
}

#[test]
fn a_program_linked_with_the_old_libraries_starts_with_ours() {
    let source = crate::support::root().join("tests/c/style_monitor.c");
    let (old, new) =
        (crate::support::folder("c-old-libraries"), crate::support::folder("c-old-names"));
    for name in OLD_NAMES {
        stand_in(&old, name);
        symlink(crate::support::library(), new.join(name)).unwrap();
    }
    let program = new.join("style_monitor");
    let libraries = ["-Wl,--no-as-needed", "-leXosip2", "-losip2", "-losipparser2"];
    succeeded(&compiler(&source, &program).arg("-L").arg(&old).args(libraries).output().unwrap());
    for name in OLD_NAMES {
        assert!(needed(&program).contains(&format!("[{name}]")));
    }
    registers(&program);
}

/// Linked with the old libraries, and started with ours under all names.
#[test]
fn a_program_that_parses_sdp_starts_with_ours_under_the_old_names() {
    parses_sdp("c-old-sdp", &OLD_NAMES);
}

/// Where Debian's libosipparser2 is installed: it may keep its name and stand behind ours.
#[test]
fn a_program_that_parses_sdp_may_keep_libosipparser2_beside_ours() {
    if Path::new("/usr/include/osipparser2/sdp_message.h").exists() {
        parses_sdp("c-old-sdp-kept", &OLD_NAMES[..2]);
    }
}

/// A program linked with the old libraries runs with ours under `names`.
fn parses_sdp(name: &str, names: &[&str]) {
    let source = crate::support::root().join("tests/c/both_sdp.c");
    let (old, new) =
        (crate::support::folder(name), crate::support::folder(&format!("{name}-names")));
    for name in names {
        stand_in(&old, name);
        symlink(crate::support::library(), new.join(name)).unwrap();
    }
    let program = new.join("both_sdp");
    let libraries = ["-Wl,--no-as-needed", "-leXosip2", "-losip2", "-losipparser2"];
    succeeded(&compiler(&source, &program).arg("-L").arg(&old).args(libraries).output().unwrap());
    assert!(OLD_NAMES.iter().all(|name| needed(&program).contains(&format!("[{name}]"))));
    run(&program, &[]);
}

/// With the name built in, a program linked with our library wants the old name, and finds it.
#[test]
fn a_library_built_with_the_old_name_is_found_by_it() {
    let Some(soname) =
        std::env::var("REGISTER_SONAME").ok().filter(|name| name.starts_with("libeXosip2.so."))
    else {
        return;
    };
    let folder = crate::support::folder("c-old-soname");
    for name in ["libeXosip2.so", &soname] {
        symlink(crate::support::library(), folder.join(name)).unwrap();
    }
    let program = folder.join("style_monitor");
    let source = crate::support::root().join("tests/c/style_monitor.c");
    succeeded(
        &compiler(&source, &program).arg("-L").arg(&folder).arg("-leXosip2").output().unwrap(),
    );
    assert!(needed(&program).contains(&format!("[{soname}]")));
    registers(&program);
}
