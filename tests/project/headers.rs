//! The C headers: fresh, and each of them complete by itself.

use std::fs;
use std::path::Path;
use std::process::Command;

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
fn include_is_what_the_build_prints() {
    let built = Path::new(env!("OUT_DIR")).join("include");
    let wanted = sorted(&built);
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
            &fs::read_to_string(built.join(name)).unwrap(),
            "headers",
        );
    }
}

/// The headers of an installed libosip2 would be found otherwise, and hide that one is missing.
#[test]
fn the_headers_need_no_others() {
    let built = Path::new(env!("OUT_DIR")).join("include");
    let names = sorted(&built);
    for name in &names {
        let text = fs::read_to_string(built.join(name)).unwrap();
        let included = text.lines().filter_map(|line| line.strip_prefix("#include <")?.strip_suffix('>'));
        for wanted in included.filter(|wanted| wanted.starts_with("osip") || wanted.starts_with("eXosip")) {
            let there = names.iter().any(|name| name == wanted) || wanted == "osipparser2/sdp_message.h";
            assert!(there, "{name} includes {wanted}, which nobody makes");
        }
    }
}

/// One file for each header, which includes it twice and nothing else, all in one run of the compiler.
fn compile(language: &str, compiler: &str, standard: &str) {
    let built = Path::new(env!("OUT_DIR")).join("include");
    let folder = crate::support::folder(&format!("headers-{language}"));
    let mut command = Command::new(compiler);
    command.args([standard, "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only", "-I"]).arg(&built);
    for (number, name) in sorted(&built).iter().enumerate() {
        let file = folder.join(format!("{number}.{language}"));
        fs::write(&file, format!("#include <{name}>\n#include <{name}>\nint used_{number};\n")).unwrap();
        command.arg(file);
    }
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn each_header_is_complete_as_c99() {
    compile("c", "gcc", "-std=c99");
}

#[test]
fn each_header_is_complete_as_cpp17() {
    compile("cpp", "g++", "-std=c++17");
}
