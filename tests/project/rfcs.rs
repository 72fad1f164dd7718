//! The table of RFCs in docs/rfc.md is made of docs/rfc.txt, and each test that it names exists.

use crate::support::{fresh, root};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

struct Sentence {
    section: String,
    text: String,
    tests: Vec<String>,
    note: String,
}

impl Sentence {
    /// It is not done, or nothing tests it.
    fn is_left_out(&self) -> bool {
        self.tests.is_empty() || self.note.starts_with("not ")
    }
}

struct Rfc {
    title: String,
    sentences: Vec<Sentence>,
}

fn read() -> Vec<Rfc> {
    let source = fs::read_to_string(root().join("docs/rfc.txt")).unwrap();
    let mut rfcs: Vec<Rfc> = Vec::new();
    let mut section = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if let Some(title) = line.strip_prefix("= ") {
            rfcs.push(Rfc { title: title.to_owned(), sentences: Vec::new() });
            continue;
        }
        let rfc = rfcs.last_mut().expect("a title first");
        if let Some(number) = line.strip_prefix("§ ") {
            section = number.to_owned();
        } else if let Some(tests) = line.strip_prefix("> ") {
            let last = rfc.sentences.last_mut().unwrap();
            last.tests.extend(tests.split_whitespace().map(str::to_owned));
        } else if let Some(note) = line.strip_prefix("! ") {
            note.clone_into(&mut rfc.sentences.last_mut().unwrap().note);
        } else {
            assert!(line.starts_with('"') || line.starts_with("- "), "what is this: {line}");
            rfc.sentences.push(Sentence {
                section: section.clone(),
                text: line.trim_start_matches("- ").to_owned(),
                tests: Vec::new(),
                note: String::new(),
            });
        }
    }
    rfcs
}

fn page(rfcs: &[Rfc]) -> String {
    let all = || rfcs.iter().flat_map(|rfc| &rfc.sentences);
    let left = all().filter(|sentence| sentence.is_left_out()).count();
    let mut page = format!(
        "# RFCs, sentence by sentence\n\n\
         Made from `docs/rfc.txt` by `REGISTER_BLESS=1 cargo test`; do not edit.\n\n\
         What a client that registers has to do, nearly all of it a MUST, and the tests that hold \
         it. Of\n{} sentences {left} are not kept or not tested, and say why.\n\n\
         Those in quotation marks are the RFC's own, shortened by …; the others are in our words.\n\
         Each test exists, or the project's own tests fail: `cargo test NAME` runs it.\n",
        all().count()
    );
    for rfc in rfcs {
        write!(page, "\n## {}\n\n| § | what is asked | test |\n|---|---|---|\n", rfc.title)
            .unwrap();
        for sentence in &rfc.sentences {
            let tests: Vec<String> =
                sentence.tests.iter().map(|test| format!("`{test}`")).collect();
            let parts = [tests.join(", "), sentence.note.clone()];
            let parts: Vec<&str> =
                parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            let text = sentence.text.replace('|', "\\|");
            writeln!(page, "| {} | {text} | {} |", sentence.section, parts.join("; ")).unwrap();
        }
    }
    page
}

/// The names of the tests in every Rust file below.
fn tests_below(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_below(&path, names);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(path).unwrap();
            for after in text.split("#[test]").skip(1) {
                let name = after.split_once("fn ").and_then(|(_, rest)| rest.split_once('('));
                names.extend(name.map(|(name, _)| name.to_owned()));
            }
        }
    }
}

#[test]
fn the_table_of_rfcs_is_made_of_its_source() {
    fresh("docs/rfc.md", &page(&read()), "the_table_of_rfcs_is_made_of_its_source");
}

#[test]
fn each_sentence_of_an_rfc_names_tests_that_exist_or_says_why_not() {
    let mut names = BTreeSet::new();
    tests_below(&root().join("tests"), &mut names);
    tests_below(&root().join("src"), &mut names);
    let mut wrong = Vec::new();
    for sentence in read().iter().flat_map(|rfc| &rfc.sentences) {
        if sentence.tests.is_empty() && sentence.note.is_empty() {
            wrong.push(format!("neither test nor reason: {}", sentence.text));
        }
        let missing = sentence.tests.iter().filter(|test| !names.contains(*test));
        wrong.extend(missing.map(|test| format!("{test} is not there")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
