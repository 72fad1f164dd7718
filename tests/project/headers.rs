//! The C headers: fresh, and each of them complete by itself.

mod printer;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The folder of the headers as they are printed from the source, once for all tests.
static PRINTED: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("headers-printed");
    printer::write_all(crate::support::root(), &folder).unwrap();
    folder
});

fn headers(folder: &Path, prefix: &str, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            headers(&path, &format!("{name}/"), into);
        } else {
            into.push(name);
        }
    }
    into.sort();
}

fn sorted(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    headers(folder, "", &mut names);
    names
}

#[test]
fn include_is_what_is_printed_from_the_source() {
    let printed = &*PRINTED;
    let wanted = sorted(printed);
    let include = crate::support::root().join("include");
    for name in sorted(&include).iter().filter(|name| !wanted.contains(name)) {
        let stale = include.join(name);
        assert!(
            std::env::var_os("REGISTER_BLESS").is_some(),
            "no module makes {}; remove it",
            stale.display()
        );
        fs::remove_file(stale).unwrap();
    }
    for name in &wanted {
        crate::support::fresh(
            &format!("include/{name}"),
            &fs::read_to_string(printed.join(name)).unwrap(),
            "headers",
        );
    }
}

/// The headers of an installed libosip2 would be found otherwise, and hide that one is missing.
#[test]
fn the_headers_need_no_others() {
    let printed = &*PRINTED;
    let names = sorted(printed);
    for name in &names {
        let text = fs::read_to_string(printed.join(name)).unwrap();
        let included =
            text.lines().filter_map(|line| line.strip_prefix("#include <")?.strip_suffix('>'));
        for wanted in
            included.filter(|wanted| wanted.starts_with("osip") || wanted.starts_with("eXosip"))
        {
            let is_there = names.iter().any(|name| name == wanted);
            assert!(is_there, "{name} includes {wanted}, which nobody makes");
        }
    }
}

/// One file for each header, which includes it twice and nothing else, all in one run of the
/// compiler.
fn compile(language: &str, standard: &str, include: impl Fn(&str) -> String) {
    let compiler = if language == "c" { "gcc" } else { "g++" };
    let printed = &*PRINTED;
    let folder = crate::support::folder(&format!("headers-{standard}"));
    let mut command = Command::new(compiler);
    command.arg(format!("-std={standard}"));
    command.args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wundef", "-Wshadow"]);
    if language == "c" {
        command.arg("-Wstrict-prototypes");
    }
    command.arg("-fsyntax-only").arg("-I").arg(printed);
    for (number, name) in sorted(printed).iter().enumerate() {
        let file = folder.join(format!("{number}.{language}"));
        fs::write(&file, format!("{}int used_{number};\n", include(name))).unwrap();
        command.arg(file);
    }
    let out = command.output().unwrap();
    assert!(out.status.success(), "{standard}: {}", String::from_utf8_lossy(&out.stderr));
}

fn twice(name: &str) -> String {
    format!("#include <{name}>\n#include <{name}>\n")
}

#[test]
fn each_header_is_complete_without_a_warning_in_every_c() {
    for standard in ["c89", "c99", "c11", "gnu17"] {
        compile("c", standard, twice);
    }
}

#[test]
fn each_header_is_complete_without_a_warning_in_every_cpp() {
    for standard in ["c++98", "c++11", "c++17", "c++20"] {
        compile("cpp", standard, twice);
    }
}

#[test]
fn each_header_may_stand_in_a_linkage_block_of_the_program() {
    compile("cpp", "gnu++17", |name| format!("extern \"C\" {{\n{}}}\n", twice(name)));
}

#[test]
fn each_header_of_exosip2_gives_the_whole_of_its_api() {
    let printed = &*PRINTED;
    let whole = "eXosip_event_t *event;\neXosip_event_type_t type;\nstruct eXosip_t *context;\n\
                 osip_message_t *message;\nosip_via_t *via;\nFILE *file;\nsize_t size;\n\
                 int udp = IPPROTO_UDP, inet = AF_INET, option = EXOSIP_OPT_UDP_KEEP_ALIVE;\n\
                 int (*registers)(struct eXosip_t *, int, int, osip_message_t **) =\n    \
                 eXosip_register_build_register;\n\
                 int (*answers)(struct eXosip_t *, int, int, osip_message_t *) =\n    \
                 eXosip_call_send_answer;\n\
                 eXosip_event_t *(*waits)(struct eXosip_t *, int, int) = eXosip_event_wait;\n";
    for (language, standard) in [("c", "gnu89"), ("cpp", "gnu++98")] {
        compile(language, standard, |name| match name.starts_with("eXosip2/") {
            true => format!("#include <{name}>\n{whole}"),
            false => String::new(),
        });
    }
    let parts = sorted(printed).into_iter().filter(|name| name.starts_with("eXosip2/"));
    assert!(parts.count() > 8);
}

/// The macros that a program sees, with their values.
fn macros(language: &str, include: &str) -> Vec<String> {
    let folder = crate::support::folder("headers-macros");
    let file = folder.join(format!("seen.{language}"));
    fs::write(&file, include).unwrap();
    let mut command = Command::new("gcc");
    command.args(["-dM", "-E", "-I"]).arg(&*PRINTED).arg(file);
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn registerer_h_includes_no_other_header_and_defines_no_macro_without_its_prefix() {
    let header = fs::read_to_string(PRINTED.join("registerer.h")).unwrap();
    let mut included: Vec<&str> =
        header.lines().filter(|line| line.contains("#include")).map(str::trim).collect();
    included.sort_unstable();
    assert_eq!(included, ["#include <stddef.h>", "#include <stdint.h>"]);
    for language in ["c", "cpp"] {
        let system = macros(language, "#include <stddef.h>\n#include <stdint.h>\n");
        let seen = macros(language, "#include <registerer.h>\n");
        let ours = seen.iter().filter(|line| !system.contains(line));
        let names = ours.filter_map(|line| line.strip_prefix("#define "));
        let others: Vec<&str> = names.filter(|name| !name.starts_with("REGISTERER_")).collect();
        assert!(others.is_empty(), "{others:?}");
    }
}
