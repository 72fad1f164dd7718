//! The pages of docs/: their C compiles, the index names each of them, and no line is longer than
//! those of the code.

use crate::support::{folder, root};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands around the statements of a page, which is not a file of its own.
const BEFORE: &str = "\
#include <registerer.h>
#include <eXosip2/eXosip.h>
void example(struct eXosip_t *ctx, eXosip_event_t *event, int rid);
void example(struct eXosip_t *ctx, eXosip_event_t *event, int rid)
{
    (void)ctx, (void)event, (void)rid;
";

fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs")).unwrap();
    let mut pages: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|end| end == "md"));
    pages.sort();
    pages
}

/// The examples in C, each with the number of its first line.
fn examples(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        if line == "```c" {
            inside = true;
            found.push((index + 2, String::new()));
        } else if line.starts_with("```") {
            inside = false;
        } else if let Some((_, code)) = found.last_mut().filter(|_| inside) {
            code.push_str(line);
            code.push('\n');
        }
    }
    found
}

#[test]
fn the_c_of_each_page_compiles_without_a_warning() {
    let folder = folder("pages");
    let (mut compiled, mut refused) = (0, String::new());
    for page in pages() {
        let name = page.file_name().unwrap().to_str().unwrap();
        for (line, code) in examples(&fs::read_to_string(&page).unwrap()) {
            let at = format!("#line {line} \"docs/{name}\"\n");
            let whole = code.contains("#include");
            let (begin, end) = if whole { ("", "") } else { (BEFORE, "}\n") };
            let file = folder.join(format!("{name}-{line}.c"));
            fs::write(&file, format!("{begin}{at}{code}{end}")).unwrap();
            let out = Command::new("gcc")
                .args(["-std=gnu99", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"])
                .args(["-Wno-unused-variable", "-Wno-unused-but-set-variable", "-fsyntax-only"])
                .arg(format!("-I{}", root().join("include").display()))
                .arg(&file)
                .output()
                .unwrap();
            refused.push_str(&String::from_utf8_lossy(&out.stderr));
            compiled += 1;
        }
    }
    assert!(refused.is_empty() && compiled > 20, "{compiled}: {refused}");
}

#[test]
fn the_summary_names_each_page_and_nothing_else() {
    let docs = root().join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let links = summary.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let links: Vec<&str> = links.collect();
    for page in pages() {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(name == "SUMMARY.md" || links.contains(&name), "SUMMARY.md does not name {name}");
    }
    for link in links {
        assert!(docs.join(link).is_file(), "SUMMARY.md names {link}, which is not there");
    }
}

/// The words of a text, each with what follows it.
fn words(text: &str) -> impl Iterator<Item = (&str, Option<char>)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(move |c| !is_part(c)).filter(|word| !word.is_empty()).map(move |word| {
        let end = word.as_ptr() as usize - text.as_ptr() as usize + word.len();
        (word, text[end..].chars().next())
    })
}

fn headers(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            headers(&path, into);
        } else {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

/// `eXosip_call_*` stands for several; what libosip2 has and we have not is in a page of its own.
#[test]
fn what_the_pages_name_is_in_the_headers() {
    let mut source = String::new();
    headers(&root().join("include"), &mut source);
    let known: BTreeSet<&str> = words(&source).map(|(word, _)| word).collect();
    let prefixes = ["eXosip_", "registerer_", "osip_", "EXOSIP_", "REGISTERER_", "OSIP_"];
    let mut missing = Vec::new();
    let manual = root().join("man/libregister.7");
    for page in pages().into_iter().chain([manual]).filter(|page| !page.ends_with("libosip2.md")) {
        let text = fs::read_to_string(&page).unwrap();
        let named = words(&text).filter(|(word, next)| {
            prefixes.iter().any(|prefix| word.starts_with(prefix))
                && !matches!(next, Some('*' | '…'))
        });
        let unknown = named.filter(|(word, _)| !known.contains(word));
        missing.extend(unknown.map(|(word, _)| format!("{}: {word}", page.display())));
        for example in text.split("c-examples/").skip(1) {
            let name = example.split(['`', ')', ' ', '\n', '*']).next().unwrap();
            let is_there = root().join("c-examples").join(name).exists();
            missing.extend((!is_there).then(|| format!("{}: {name}", page.display())));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// A row of a table cannot be broken.
#[test]
fn the_pages_have_at_most_100_columns_outside_of_tables() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let long = |line: &&str| !line.starts_with('|') && line.chars().count() > 100;
        let long: Vec<&str> = text.lines().filter(long).collect();
        assert!(long.is_empty(), "{}: {long:#?}", page.display());
    }
}
