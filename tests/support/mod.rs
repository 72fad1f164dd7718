//! What several tests need: the library just built, a folder to write to, and files that are made
//! by a test.
#![allow(dead_code, unreachable_pub)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread::{self, ThreadId};
use std::{env, fs};

/// The package's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The shared library of this very build: `cargo test` does not refresh the copy one folder up. Or
/// the one for another machine that `REGISTER_LIBRARY` names.
pub fn library() -> PathBuf {
    let given = env::var_os("REGISTER_LIBRARY").map(|library| root().join(library));
    given.unwrap_or_else(|| env::current_exe().unwrap().with_file_name("libregister.so"))
}

/// A fresh folder of the test's own: another test that wants it too is a mistake.
pub fn folder(name: &str) -> PathBuf {
    static OWNERS: Mutex<BTreeMap<String, ThreadId>> = Mutex::new(BTreeMap::new());
    let this = thread::current().id();
    let owner = *OWNERS.lock().unwrap().entry(name.to_owned()).or_insert(this);
    assert_eq!(owner, this, "two tests want the folder {name}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A folder with the library under both its names, for `-L` and `LD_LIBRARY_PATH`.
pub fn library_folder(name: &str) -> PathBuf {
    let folder = folder(name);
    for name in ["libregister.so", "libregister.so.1"] {
        std::os::unix::fs::symlink(library(), folder.join(name)).unwrap();
    }
    folder
}

/// Compares a checked-in file with what it should be, or writes it where `REGISTER_BLESS` is set.
pub fn fresh(path: &str, wanted: &str, test: &str) {
    let file = root().join(path);
    if env::var_os("REGISTER_BLESS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, wanted).unwrap();
        return;
    }
    let found = fs::read_to_string(file).unwrap_or_default();
    let first = found.lines().zip(wanted.lines()).find(|(found, wanted)| found != wanted);
    assert!(
        found == wanted,
        "{path} is stale ({test}); run: REGISTER_BLESS=1 cargo test\nfirst difference: {first:?}"
    );
}
