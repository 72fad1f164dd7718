//! The structs and functions of libosip2's side are laid out and typed as libosip2 5.3's: in Rust,
//! in `include/`, and in Debian's headers where they are installed.

use register::abi::{Layout, ilp32, lp64};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// Some of Debian's headers need what stands before them here.
const HEADERS: &str = "#include <stddef.h>\n#include <stdio.h>\n#include <sys/time.h>\n#include <time.h>\n\
    struct osip_mutex;\n#include <osipparser2/osip_parser.h>\n\
    #include <osipparser2/osip_md5.h>\n#include <osipparser2/osip_port.h>\n\
    #include <osipparser2/sdp_message.h>\n#include <osip2/osip_condv.h>\n#include <osip2/osip_fifo.h>\n\
    #include <osip2/osip_mt.h>\n#include <osip2/osip_time.h>\n";

/// The compilers of machines whose long and pointers have 64 bits, and of those where they have 32.
const GCC_64: &[&str] = &["gcc", "aarch64-linux-gnu-gcc", "riscv64-linux-gnu-gcc"];
const GCC_32: &[&str] = &["arm-linux-gnueabihf-gcc", "i686-linux-gnu-gcc"];

/// Compiles a program that asserts, against our headers and, where `debian`, against Debian's.
fn compiles(compiler: &str, name: &str, debian: bool, assertions: &str) {
    let folder = crate::support::folder(name);
    let file = folder.join("assertions.c");
    fs::write(&file, format!("{HEADERS}{assertions}int main(void) {{ return 0; }}\n")).unwrap();
    let ours = crate::support::root().join("include");
    // Alone: what else is in /usr/include is not every compiler's.
    let theirs = folder.join("include");
    fs::create_dir(&theirs).unwrap();
    for headers in ["osip2", "osipparser2"] {
        symlink(Path::new("/usr/include").join(headers), theirs.join(headers)).unwrap();
    }
    for include in [&ours, &theirs] {
        let there = include.join("osipparser2/osip_message.h").exists();
        if !there || (include == &theirs && !debian) {
            continue;
        }
        let mut gcc = Command::new(compiler);
        gcc.args([
            "-std=c11",
            "-D_GNU_SOURCE",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-fsyntax-only",
            "-isystem",
        ]);
        let out = gcc.arg(include).arg(&file).output().unwrap();
        assert!(
            out.status.success(),
            "{}: {}",
            include.display(),
            String::from_utf8_lossy(&out.stderr)
        );
    }
}

/// The lines of the table for these structs, and what they assert in C.
fn asserted(layouts: &[Layout], lines: &mut Vec<String>) -> String {
    let mut assertions = String::new();
    for (name, size, fields) in layouts {
        // The one that has no tag there.
        let tag = if *name == "osip_MD5_CTX" { "" } else { "struct " };
        writeln!(assertions, "_Static_assert(sizeof({tag}{name}) == {size}, \"{name}\");").unwrap();
        for (field, offset, width) in *fields {
            let field = field.trim_start_matches("r#");
            lines.push(format!("{name} {size} {field} {offset} {width}\n"));
            writeln!(
                assertions,
                "_Static_assert(offsetof({tag}{name}, {field}) == {offset} \
                 && sizeof((({tag}{name} *)0)->{field}) == {width}, \"{name}.{field}\");"
            )
            .unwrap();
        }
    }
    assertions
}

#[test]
fn the_layout_is_that_of_libosip2_and_exosip2_5_3() {
    the_layout_is(GCC_64, "abi/layout.txt", lp64::LIBOSIP2, lp64::EXOSIP2);
}

#[test]
fn the_layout_on_32_bits_is_that_of_libosip2_and_exosip2_5_3() {
    the_layout_is(GCC_32, "abi/layout-32.txt", ilp32::LIBOSIP2, ilp32::EXOSIP2);
}

fn the_layout_is(compilers: &[&str], table: &str, osip: &[Layout], exosip: &[Layout]) {
    let mut lines = Vec::new();
    let osip = asserted(osip, &mut lines);
    let exosip = asserted(exosip, &mut lines);
    lines.sort();
    crate::support::fresh(table, &lines.concat(), "abi_layout");
    let exosip = format!("#include <eXosip2/eXosip.h>\n{exosip}");
    for compiler in compilers {
        if Command::new(compiler).arg("--version").output().is_err() {
            assert!(std::env::var_os("CI").is_none(), "{compiler} is missing");
            continue;
        }
        compiles(compiler, &format!("{compiler}-layout"), true, &osip);
        compiles(compiler, &format!("{compiler}-layout-exosip"), false, &exosip);
    }
}

#[test]
fn the_prototypes_are_those_of_libosip2_5_3() {
    let list =
        fs::read_to_string(crate::support::root().join("abi/osip-5.3-prototypes.txt")).unwrap();
    let mut assertions = String::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let (name, prototype) = line.split_once('\t').unwrap();
        writeln!(
            assertions,
            "_Static_assert(__builtin_types_compatible_p(__typeof__({name}), __typeof__({prototype})), \"{name}\");"
        )
        .unwrap();
    }
    compiles("gcc", "abi-prototypes", true, &assertions);
}
