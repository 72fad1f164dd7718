//! libosip2's side from C: the same program prints the same with libosip2 5.3 and with the library
//! just built.
//!
//! The transcripts in `tests/c/osip_*.expected` were printed with Debian's libosip2 5.3.0; where
//! that is installed, it prints them again. `REGISTER_BLESS=1` writes the files anew: from it if it
//! is there, from the library just built if not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAMS: [&str; 12] = [
    "osip_access",
    "osip_blank",
    "osip_edit",
    "osip_families",
    "osip_list",
    "osip_macros",
    "osip_parse",
    "osip_sdp",
    "osip_text",
    "osip_threads",
    "osip_trace",
    "osip_uri",
];
const DEBIAN: &str = "/usr/include/osipparser2/osip_message.h";

/// Compiles a program of `tests/c` with more arguments for gcc.
fn build(name: &str, folder: &Path, arguments: &[&str]) -> PathBuf {
    let tests = crate::support::root().join("tests/c");
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
fn run(program: &Path, arguments: &[String]) -> Vec<u8> {
    let mut timed = Command::new("timeout");
    timed.arg("60").arg(program).args(arguments).env("LD_LIBRARY_PATH", program.parent().unwrap());
    succeeded(timed.output().unwrap())
}

/// Compiles and runs a program with our headers and our library; under valgrind or a sanitizer
/// where that is asked for.
fn ours(name: &str) -> Vec<u8> {
    crate::c::run(&crate::c::program(&format!("{name}.c")), &[]).into_bytes()
}

/// The same with libosip2's headers and libraries; lines of its own trace are left out.
fn theirs(name: &str) -> Option<Vec<u8>> {
    Path::new(DEBIAN).exists().then(|| without_trace(run(&their_program(name), &[])))
}

fn their_program(name: &str) -> PathBuf {
    let folder = crate::support::folder(&format!("osip-theirs-{name}"));
    build(name, &folder, &["-losip2", "-losipparser2", "-pthread"])
}

fn without_trace(printed: Vec<u8>) -> Vec<u8> {
    let lines = printed.split_inclusive(|b| *b == b'\n').filter(|line| !line.starts_with(b"| "));
    lines.collect::<Vec<_>>().concat()
}

/// Says where two transcripts part.
fn same(name: &str, whose: &str, printed: &[u8], expected: &[u8]) {
    let (printed, expected) = (String::from_utf8_lossy(printed), String::from_utf8_lossy(expected));
    for (number, (line, wanted)) in printed.lines().zip(expected.lines()).enumerate() {
        assert_eq!(line, wanted, "{name}, line {} of {whose} transcript", number + 1);
    }
    assert_eq!(
        printed.lines().count(),
        expected.lines().count(),
        "{name}: the length of {whose} transcript"
    );
}

#[test]
fn the_transcripts_are_those_of_libosip2() {
    for name in PROGRAMS {
        let file = crate::support::root().join("tests/c").join(name).with_extension("expected");
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
    let folder = crate::support::folder("osip-names");
    let mut called = BTreeSet::new();
    for name in PROGRAMS {
        let object = folder.join(name).with_extension("o");
        let mut gcc = crate::c::compiler(
            &crate::support::root().join("tests/c").join(name).with_extension("c"),
            &object,
        );
        succeeded(gcc.arg("-c").output().unwrap());
        let names = succeeded(Command::new("nm").arg("-u").arg(&object).output().unwrap());
        let names = String::from_utf8(names).unwrap();
        called.extend(
            names.lines().filter_map(|line| line.split_whitespace().last()).map(str::to_owned),
        );
    }
    let list = fs::read_to_string(crate::support::root().join("abi/exports.txt")).unwrap();
    let exported = list.lines().filter_map(|line| line.split_whitespace().last());
    let osip =
        exported.filter(|name| !["eXosip_", "registerer_"].iter().any(|of| name.starts_with(of)));
    let missing: Vec<_> = osip.filter(|name| !called.contains(*name)).collect();
    assert!(missing.is_empty(), "add them to a program of tests/c/osip_*.c: {missing:?}");
}

/// The messages of RFC 4475 that libregister reads otherwise than libosip2, and why.
const TORTURES_THAT_DIFFER: [(&str, &str); 5] = [
    (
        "badaspec",
        "blanks inside of <> are read (section 3.1.2.14 leaves it open); there the message is refused",
    ),
    ("bigcode", "a status that is no number of 32 bits is refused; there it is 5"),
    ("escnull", "%00 stays as it is; there the user ends at the NUL"),
    ("novelsc", "a scheme may have dots, digits, + and - (RFC 3986); there letters only"),
    (
        "trws",
        "blanks at the end of the Request-Line are read (section 3.1.2.10 leaves it open); there it is refused",
    ),
];

#[test]
fn the_messages_of_rfc_4475_are_read_as_libosip2_reads_them() {
    let folder = crate::support::root().join("tests/corpus/rfc4475");
    let mut names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|name| name.extension().is_some_and(|ending| ending == "dat"));
    names.sort();
    assert_eq!(names.len(), 49);
    let differs = |name: &PathBuf| {
        TORTURES_THAT_DIFFER.iter().any(|(differing, _)| name.file_stem().unwrap() == *differing)
    };
    let (differing, equal): (Vec<_>, Vec<_>) = names.into_iter().partition(differs);
    assert_eq!(differing.len(), TORTURES_THAT_DIFFER.len());
    let text =
        |names: &[PathBuf]| names.iter().map(|name| name.display().to_string()).collect::<Vec<_>>();

    let program = crate::c::program("osip_torture.c");
    let theirs = Path::new(DEBIAN).exists().then(|| their_program("osip_torture"));
    for (names, ending) in [(&equal, "expected"), (&differing, "ours")] {
        let file = crate::support::root().join("tests/c/osip_torture").with_extension(ending);
        let ours = crate::c::run(&program, &text(names)).into_bytes();
        let mut printed = None;
        if let (Some(theirs), "expected") = (&theirs, ending) {
            printed = Some(without_trace(run(theirs, &text(names))));
        }
        if std::env::var_os("REGISTER_BLESS").is_some() {
            fs::write(&file, printed.as_ref().unwrap_or(&ours)).unwrap();
        }
        let expected = fs::read(&file).unwrap();
        if let Some(theirs) = printed {
            same("osip_torture", "libosip2's", &theirs, &expected);
        }
        same("osip_torture", "our", &ours, &expected);
    }
    if let Some(theirs) = theirs {
        for name in text(&differing) {
            let alone = [name];
            let (ours, theirs) = (crate::c::run(&program, &alone), run(&theirs, &alone));
            assert_ne!(
                ours.into_bytes(),
                without_trace(theirs),
                "{alone:?} does not differ any more"
            );
        }
    }
}

#[test]
fn the_programs_allocators_are_used_and_their_failures_leak_nothing() {
    let printed = ours("osip_memory");
    let printed = String::from_utf8_lossy(&printed);
    assert_eq!(printed, "each of them was refused once\nlive = 1\nlive = 0\n");
}

#[test]
fn what_differs_differs_on_purpose() {
    for name in ["osip_differs", "osip_sdp_differs"] {
        let file = crate::support::root().join("tests/c").join(name).with_extension("ours");
        let printed = ours(name);
        if std::env::var_os("REGISTER_BLESS").is_some() {
            fs::write(&file, &printed).unwrap();
        }
        same(name, "our", &printed, &fs::read(&file).unwrap());
    }
}

/// A program that uses our library and Debian's libosip2 at once, in either order of linking.
#[test]
fn both_libraries_work_on_the_same_structs() {
    if !Path::new(DEBIAN).exists() {
        return;
    }
    for libraries in [["-lregister", "-losipparser2"], ["-losipparser2", "-lregister"]] {
        let folder = crate::support::library_folder("osip-both");
        let program = build("osip_both", &folder, &[&libraries[..], &["-ldl"]].concat());
        assert_eq!(
            String::from_utf8_lossy(&run(&program, &[])),
            "all of it is the same\n",
            "{libraries:?}"
        );
    }
}

/// docs/libosip2.md: with the headers of libosip2, and both libraries in either order.
#[test]
fn a_program_that_drives_the_machines_of_libosip2_links_both() {
    if !Path::new(DEBIAN).exists() {
        return;
    }
    let folder = crate::support::folder("osip-machines-theirs");
    let theirs = ["-DWITHOUT_EXOSIP", "-losip2", "-losipparser2", "-pthread"];
    let alone = run(&build("osip_machines", &folder, &theirs), &[]);
    let include = crate::support::root().join("include");
    for libraries in
        [["-lregister", "-losip2", "-losipparser2"], ["-losip2", "-losipparser2", "-lregister"]]
    {
        let folder = crate::support::library_folder("osip-machines");
        let headers = ["-idirafter", include.to_str().unwrap(), "-pthread"];
        let both = build("osip_machines", &folder, &[&headers[..], &libraries].concat());
        same("osip_machines", "the machines'", &run(&both, &[]), &alone);
    }
}

#[test]
fn exosips_calls_refuse_the_display_names_that_libosip2_refuses() {
    if Path::new(DEBIAN).exists() {
        let folder = crate::support::library_folder("display-names");
        let source = crate::support::root().join("tests/c/display_names.c");
        let program = folder.join("display_names");
        let mut gcc = crate::c::compiler(&source, &program);
        crate::c::succeeded(
            &gcc.arg("-L").arg(&folder).args(["-lregister", "-ldl"]).output().unwrap(),
        );
        crate::c::run(&program, &[]);
    }
}

/// `<osip2/osip.h>` is ours, complete without libosip2-dev, and says what that says.
#[test]
fn programs_that_include_libosip2s_main_header_need_no_other_package() {
    let source = crate::support::root().join("tests/c/osip_include.c");
    let folder = crate::support::library_folder("osip-include");
    let depends = String::from_utf8(succeeded(
        crate::c::compiler(&source, Path::new("-")).arg("-M").output().unwrap(),
    ));
    let depends = depends.unwrap();
    let foreign: Vec<_> =
        depends.split_whitespace().filter(|path| path.starts_with("/usr/include/osip")).collect();
    assert!(foreign.is_empty(), "{foreign:?}");

    let program = folder.join("ours");
    let mut gcc = crate::c::compiler(&source, &program);
    crate::c::succeeded(&gcc.arg("-L").arg(&folder).arg("-lregister").output().unwrap());
    assert_eq!(crate::c::run(&program, &[]), "");
    if !Path::new(DEBIAN).exists() {
        return;
    }
    let mut gcc = crate::c::compiler(&source, &folder.join("before"));
    crate::c::succeeded(
        &gcc.arg("-I/usr/include").arg("-L").arg(&folder).arg("-lregister").output().unwrap(),
    );
    let theirs = build(
        "osip_include",
        &folder,
        &["-DWITHOUT_EXOSIP", "-losip2", "-losipparser2", "-pthread"],
    );
    assert_eq!(run(&theirs, &[]), b"");
}
