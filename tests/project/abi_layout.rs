//! The structs and functions of libosip2's side are laid out and typed as libosip2 5.3's: in Rust,
//! in `include/`, and in Debian's headers where they are installed.

use register::abi::{EXOSIP_LAYOUTS, LAYOUTS, Layout};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Some of Debian's headers need what stands before them here.
const HEADERS: &str = "#include <stddef.h>\n#include <stdio.h>\n#include <sys/time.h>\n#include <time.h>\n\
    struct osip_mutex;\n#include <osipparser2/osip_parser.h>\n\
    #include <osipparser2/osip_md5.h>\n#include <osipparser2/osip_port.h>\n\
    #include <osipparser2/sdp_message.h>\n#include <osip2/osip_condv.h>\n#include <osip2/osip_fifo.h>\n\
    #include <osip2/osip_mt.h>\n#include <osip2/osip_time.h>\n";

/// Compiles a program that asserts, against our headers and, where `debian`, against Debian's.
fn compiles(name: &str, debian: bool, assertions: &str) {
    let folder = crate::support::folder(name);
    let file = folder.join("assertions.c");
    fs::write(&file, format!("{HEADERS}{assertions}int main(void) {{ return 0; }}\n")).unwrap();
    let ours = crate::support::root().join("include");
    let theirs = Path::new("/usr/include");
    for include in [ours.as_path(), theirs] {
        if (include == theirs && !debian) || !include.join("osipparser2/osip_message.h").exists() {
            continue;
        }
        let mut gcc = Command::new("gcc");
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

/// The lines of abi/layout.txt for these structs, and what they assert in C.
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
    let mut lines = Vec::new();
    let osip = asserted(LAYOUTS, &mut lines);
    let exosip = asserted(EXOSIP_LAYOUTS, &mut lines);
    lines.sort();
    crate::support::fresh("abi/layout.txt", &lines.concat(), "abi_layout");
    compiles("abi-layout", true, &osip);
    compiles("abi-layout-exosip", false, &format!("#include <eXosip2/eXosip.h>\n{exosip}"));
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
    compiles("abi-prototypes", true, &assertions);
}
