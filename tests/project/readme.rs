//! The README stays short, and what it claims beside other clients has a test.

use std::fs;
use std::path::Path;

/// Every text of the tests, C included.
fn tests(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn each_row_beside_other_clients_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let mut sources = String::new();
    tests(&root.join("tests"), &mut sources);
    let (_, section) = readme.split_once("\n## Beside other clients\n").unwrap();
    let table = section.split("\n## ").next().unwrap().lines().filter(|line| line.starts_with('|'));
    let rows: Vec<Vec<&str>> =
        table.map(|line| line.trim_matches('|').split('|').collect()).collect();
    assert!(rows.len() > 12 && rows.iter().all(|row| row.len() == 10), "{rows:#?}");
    for (number, row) in rows[2..].iter().enumerate() {
        // The mark is followed by the number of a test in the list below the table.
        let number = (number + 1).to_string();
        assert_eq!(
            row[1].split_whitespace().nth(1),
            Some(number.as_str()),
            "{} names no test",
            row[0]
        );
        let line = section.lines().find_map(|line| line.strip_prefix(&format!("{number}. `")));
        let name = line.and_then(|line| line.strip_suffix('`'));
        let name = name.unwrap_or_else(|| panic!("the list has no test {number}"));
        let exists = match name.strip_suffix(".c") {
            Some(_) => root.join("tests/c").join(name).exists(),
            None => sources.contains(&format!("#[test]\nfn {name}()")),
        };
        assert!(exists, "{name} is not there");
    }
}

#[test]
fn the_readme_has_at_most_200_lines() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(readme.lines().count() <= 200, "{}", readme.lines().count());
}

/// A row of a table cannot be broken, so these pages keep theirs short.
#[test]
fn the_pages_for_readers_have_at_most_100_columns() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in ["README.md", "DESIGN.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        let long = text.lines().filter(|line| line.chars().count() > 100).collect::<Vec<_>>();
        assert!(long.is_empty(), "{page}: {long:#?}");
    }
}

#[test]
fn the_links_of_the_pages_for_readers_lead_to_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in ["README.md", "DESIGN.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            assert!(root.join(link).exists(), "{page} leads to {link}, which is not there");
        }
    }
}
