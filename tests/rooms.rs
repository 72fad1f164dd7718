//! The rooms of DESIGN.md stay apart: what each may import, where `unsafe` may stand, who may read a clock.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

/// The table of DESIGN.md: each room and what it may import.
const ROOMS: [(&str, &[&str]); 10] = [
    ("sip", &[]),
    ("digest", &["sip"]),
    ("transaction", &["sip"]),
    ("registration", &["sip", "digest", "transaction"]),
    ("agent", &["sip", "digest", "transaction", "registration"]),
    ("net", &["sip"]),
    ("engine", &["agent", "net", "trace"]),
    ("trace", &[]),
    ("cmem", &[]),
    ("abi", &["engine", "sip", "cmem", "trace"]),
];

const UNSAFE: [&str; 3] = ["abi", "cmem", "net"];

/// Their tests read no clock either.
const PURE: [&str; 5] = ["sip", "digest", "transaction", "registration", "agent"];

const CLOCKS: [&str; 4] = ["Instant::now", "SystemTime::now", "thread::sleep", ".elapsed()"];

struct File {
    path: PathBuf,
    room: &'static str,
    /// Without comments and tests.
    code: String,
    /// Its tests, without comments.
    tests: String,
}

fn files() -> Vec<File> {
    let source = support::root().join("src");
    let mut paths = Vec::new();
    walk(&source, &mut paths);
    let mut files = Vec::new();
    for path in paths {
        let inside = path.strip_prefix(&source).unwrap();
        let first = Path::new(inside.iter().next().unwrap()).file_stem().unwrap().to_str().unwrap();
        if first == "lib" || first == "bin" {
            continue;
        }
        let room = ROOMS.iter().find(|(room, _)| *room == first);
        let (room, _) = room.unwrap_or_else(|| panic!("{} is in no room of DESIGN.md", path.display()));
        if !inside.iter().any(|part| part == "tests" || part == "tests.rs") {
            let (code, tests) = code(&fs::read_to_string(&path).unwrap());
            files.push(File { path, room, code, tests });
        }
    }
    files
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn code(text: &str) -> (String, String) {
    let (code, tests) = text.split_once("\nmod tests {").unwrap_or((text, ""));
    let plain = |text: &str| {
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
    };
    (plain(code), plain(tests))
}

#[test]
fn a_room_imports_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for file in files() {
        let (_, may) = ROOMS.iter().find(|(room, _)| *room == file.room).unwrap();
        for after in file.code.split("crate::").skip(1) {
            let name = after.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap();
            if after.starts_with('{') || (name != file.room && !may.contains(&name)) {
                let line = after.lines().next().unwrap();
                wrong.push(format!("{}: crate::{line}", file.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "not in the table of DESIGN.md:\n{}", wrong.join("\n"));
}

#[test]
fn unsafe_stands_only_at_the_doors() {
    for file in files() {
        let words =
            [&file.code, &file.tests].map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'));
        let is_unsafe = words.into_iter().flatten().any(|word| word == "unsafe");
        assert!(!is_unsafe || UNSAFE.contains(&file.room), "unsafe in {}", file.path.display());
    }
}

#[test]
fn only_the_engines_clock_reads_a_clock() {
    for file in files().iter().filter(|file| !file.path.ends_with("engine/clock.rs")) {
        for word in CLOCKS {
            // A log line tells the time of day; nothing is decided by it.
            let told = file.room == "trace" && word == "SystemTime::now";
            assert!(told || !file.code.contains(word), "{word} in {}", file.path.display());
            let tested = PURE.contains(&file.room) && file.tests.contains(word);
            assert!(!tested, "{word} in the tests of {}", file.path.display());
        }
    }
}
