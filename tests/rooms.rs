//! The rooms of DESIGN.md stay apart: what each may import, where `unsafe` may stand, who may read
//! a clock.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The table of DESIGN.md: each room and what it may import.
const ROOMS: [(&str, &[&str]); 17] = [
    ("sip", &[]),
    ("sdp", &[]),
    ("transport", &["sip"]),
    ("transaction", &["sip", "transport"]),
    ("request", &["sip", "transport"]),
    ("auth", &["sip", "request"]),
    ("dialog", &["sip", "auth", "request", "transaction"]),
    ("registration", &["sip", "auth", "request", "transport", "transaction"]),
    ("messaging", &["sip", "auth", "request", "transaction"]),
    ("call", &["sip", "sdp", "auth", "request", "transaction", "dialog"]),
    ("subscription", &["sip", "auth", "request", "transaction", "dialog"]),
    (
        "agent",
        &[
            "sip",
            "sdp",
            "transport",
            "transaction",
            "request",
            "auth",
            "dialog",
            "registration",
            "messaging",
            "call",
            "subscription",
        ],
    ),
    ("net", &["transport", "sip"]),
    ("engine", &["agent", "net", "trace"]),
    ("trace", &[]),
    ("cmem", &[]),
    ("abi", &["engine", "sip", "sdp", "cmem", "trace"]),
];

const UNSAFE: [&str; 3] = ["abi", "cmem", "net"];

/// Their tests read no clock either.
const PURE: [&str; 12] = [
    "sip",
    "sdp",
    "transport",
    "transaction",
    "request",
    "auth",
    "dialog",
    "registration",
    "messaging",
    "call",
    "subscription",
    "agent",
];

const CLOCKS: [&str; 5] =
    ["Instant::now", "SystemTime::now", "thread::sleep", ".elapsed()", "getrandom"];

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
        // The instants of unit tests have one origin.
        if ["lib", "bin", "instants"].contains(&first) {
            continue;
        }
        let room = ROOMS.iter().find(|(room, _)| *room == first);
        let (room, _) =
            room.unwrap_or_else(|| panic!("{} is in no room of DESIGN.md", path.display()));
        let (mut code, mut tests) = code(&fs::read_to_string(&path).unwrap());
        if inside.iter().any(|part| part == "tests" || part == "tests.rs") {
            tests.push_str(&std::mem::take(&mut code));
        }
        files.push(File { path, room, code, tests });
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
        text.lines()
            .map(|line| line.split("//").next().unwrap_or_default())
            .collect::<Vec<_>>()
            .join("\n")
    };
    (plain(code), plain(tests))
}

#[test]
fn a_room_imports_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for file in files() {
        let (_, may) = ROOMS.iter().find(|(room, _)| *room == file.room).unwrap();
        for after in file.code.split("crate::").skip(1) {
            let name =
                after.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap();
            if after.starts_with('{') || (name != file.room && !may.contains(&name)) {
                let line = after.lines().next().unwrap();
                wrong.push(format!("{}: crate::{line}", file.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "not in the table of DESIGN.md:\n{}", wrong.join("\n"));
}

#[test]
fn unsafe_stands_only_where_c_and_the_kernel_are() {
    for file in files() {
        let words = [&file.code, &file.tests]
            .map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'));
        let is_unsafe = words.into_iter().flatten().any(|word| word == "unsafe");
        assert!(!is_unsafe || UNSAFE.contains(&file.room), "unsafe in {}", file.path.display());
    }
}

#[test]
fn only_the_engines_clock_reads_a_clock() {
    for file in files().iter().filter(|file| !file.path.ends_with("engine/clock.rs")) {
        for word in CLOCKS {
            // A log line tells the time of day; nothing is decided by it. Some C functions promise
            // random numbers.
            let allowed =
                matches!((file.room, word), ("trace", "SystemTime::now") | ("abi", "getrandom"));
            assert!(allowed || !file.code.contains(word), "{word} in {}", file.path.display());
            let tested = PURE.contains(&file.room) && file.tests.contains(word);
            assert!(!tested, "{word} in the tests of {}", file.path.display());
        }
    }
}

#[test]
fn a_type_name_stands_once() {
    // C's names begin with a small letter. Why the engine refuses a command adds to why the core
    // does; `Target` is Deref's.
    let mut seen = HashMap::from([("Refusal".to_owned(), -1), ("Target".to_owned(), -2)]);
    for file in files() {
        for line in file.code.lines() {
            let words: Vec<_> = line
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|w| !w.is_empty())
                .collect();
            let place = words.iter().position(|w| ["struct", "enum", "type", "trait"].contains(w));
            let is_item = line.trim_start().starts_with(['p', 's', 'e', 't']);
            if let Some(name) =
                place.filter(|at| is_item && *at <= 2).and_then(|at| words.get(at + 1))
            {
                *seen.entry((*name).to_owned()).or_insert(0) += 1;
            }
        }
    }
    let twice: Vec<_> = seen
        .into_iter()
        .filter(|(name, times)| *times > 1 && name.starts_with(char::is_uppercase))
        .collect();
    assert_eq!(twice, []);
}
