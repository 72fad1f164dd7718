//! The manual page of a tool says what its `--help` says, no less and no more.

use crate::support::{REGISTERD, SIPREG, text};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The long options of `--help` with the names of their values: `--from URI`.
fn helped(program: &str) -> (BTreeSet<String>, String) {
    let output = Command::new(program).arg("--help").output().unwrap();
    assert!(output.status.success());
    let help = text(&output.stdout).to_owned();
    let options = help.lines().filter_map(|line| {
        let start = line.trim_start();
        let rest = match start.split_once(", --") {
            Some((short, rest)) if short.len() == 2 => rest,
            _ => start.strip_prefix("--")?,
        };
        let option = rest.split("  ").next().unwrap().trim_end_matches("...");
        Some(format!("--{}", option.replace(['<', '>'], "")))
    });
    (options.collect(), help)
}

/// Those that have a paragraph in the manual page.
fn documented(page: &str) -> BTreeSet<String> {
    let headings = page.split(".TP\n").skip(1).filter_map(|part| part.lines().next());
    let options = headings.filter_map(|heading| {
        let words = heading.replace("\\-", "-").replace("\\~", " ");
        let at = words.find("--")?;
        Some(words[at..].split_whitespace().collect::<Vec<_>>().join(" "))
    });
    options.collect()
}

#[test]
fn sipreg_has_the_options_of_its_manual_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/sipreg.1");
    let page = fs::read_to_string(page).unwrap();
    let (options, help) = helped(SIPREG);
    assert!(options.len() > 30 && options.contains("--from URI"), "{options:?}");
    assert_eq!(options, documented(&page));
    for status in 0..=5 {
        assert!(page.contains(&format!("\n.TP\n{status}\n")), "the status {status}");
        assert!(help.contains(&format!("{status} ")), "the status {status}");
    }
    let long: Vec<_> = help.lines().chain(page.lines()).filter(|line| line.len() > 100).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn registerd_has_the_options_of_its_manual_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/registerd.8");
    let page = fs::read_to_string(page).unwrap();
    let (options, help) = helped(REGISTERD);
    assert!(options.len() > 15 && options.contains("--shard K/N"), "{options:?}");
    assert_eq!(options, documented(&page));
    for status in [0, 1, 2, 78] {
        assert!(page.contains(&format!("\n.TP\n.B {status}\n")), "the status {status}");
    }
    let long: Vec<_> = help.lines().chain(page.lines()).filter(|line| line.len() > 100).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn sipreg_tells_the_version_of_the_library() {
    for option in ["--version", "-V"] {
        let output = Command::new(SIPREG).arg(option).output().unwrap();
        let expected = concat!("sipreg ", env!("CARGO_PKG_VERSION"), "\n");
        assert_eq!(text(&output.stdout), expected);
    }
}
