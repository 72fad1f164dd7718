//! The file that the SONAME names lies beside the library, so that a linked program starts.

#[path = "../../build/soname.rs"]
mod build;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn name() -> String {
    std::env::var("REGISTER_SONAME").unwrap_or_else(|_| "libregister.so.1".into())
}

/// The folder of this build's profile.
fn profile() -> PathBuf {
    Path::new(env!("OUT_DIR")).ancestors().nth(3).unwrap().to_path_buf()
}

#[test]
fn the_build_puts_the_name_beside_the_library() {
    let target = fs::read_link(profile().join(name())).unwrap();
    assert_eq!(target, Path::new("libregister.so"));
}

#[test]
fn a_program_linked_to_what_cargo_builds_starts() {
    // As `cargo build` leaves it: the library and the link, and nothing else.
    let folder = crate::support::folder("soname-start");
    fs::copy(crate::support::library(), folder.join("libregister.so")).unwrap();
    fs::rename(copied_link(&folder), folder.join(name())).unwrap();
    let source = folder.join("start.c");
    fs::write(
        &source,
        "#include <eXosip2/eX_setup.h>\n\
         int main(void) { eXosip_event_t *e = NULL; return e != NULL || !eXosip_get_version(); }\n",
    )
    .unwrap();
    let program = folder.join("start");
    let mut gcc = Command::new("gcc");
    gcc.arg("-I").arg(crate::support::root().join("include")).arg(&source).arg("-o").arg(&program);
    gcc.arg("-L").arg(&folder).arg("-lregister");
    gcc.arg(format!("-Wl,-rpath,{}", folder.display()));
    assert!(gcc.status().unwrap().success());
    let out = Command::new("timeout").arg("20").arg(&program).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

/// The link of this build, copied as it is.
fn copied_link(folder: &Path) -> PathBuf {
    let copy = folder.join("link");
    let target = fs::read_link(profile().join(name())).unwrap();
    std::os::unix::fs::symlink(target, &copy).unwrap();
    copy
}

/// OUT_DIR of a build in `target`, and the folder of its profile.
fn build_in(target: &Path, profile: &str) -> (PathBuf, PathBuf) {
    let folder = target.join(profile);
    let out = folder.join("build/libregister-0123456789abcdef/out");
    fs::create_dir_all(&out).unwrap();
    (out, folder)
}

#[test]
fn another_target_folder_triple_profile_and_name_are_respected() {
    let target = crate::support::folder("soname-build/elsewhere");
    for profile in ["debug", "release", "aarch64-unknown-linux-gnu/release", "bench/build/small"] {
        let (out, folder) = build_in(&target, profile);
        for soname in ["libregister.so.1", "libeXosip2.so.15"] {
            for _ in 0..2 {
                build::link(&out, soname).unwrap();
                assert_eq!(
                    fs::read_link(folder.join(soname)).unwrap(),
                    Path::new("libregister.so")
                );
            }
        }
        assert_eq!(fs::read_dir(&out).unwrap().count(), 0, "{profile}");
    }
}

#[test]
fn a_link_that_leads_elsewhere_is_made_anew() {
    let (out, folder) = build_in(&crate::support::folder("soname-stale"), "debug");
    std::os::unix::fs::symlink("nowhere", folder.join("libregister.so.1")).unwrap();
    build::link(&out, "libregister.so.1").unwrap();
    assert_eq!(
        fs::read_link(folder.join("libregister.so.1")).unwrap(),
        Path::new("libregister.so")
    );
}

#[test]
fn no_file_is_replaced_and_none_is_made_elsewhere() {
    let (out, folder) = build_in(&crate::support::folder("soname-file"), "debug");
    for name in ["libregister.so", "libregister.so.1"] {
        fs::write(folder.join(name), name).unwrap();
        build::link(&out, name).unwrap();
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), name);
    }
    build::link(&out, "../elsewhere.so").unwrap();
    assert!(!folder.with_file_name("elsewhere.so").exists());
    build::link(Path::new("/"), "libregister.so.2").unwrap();
}
