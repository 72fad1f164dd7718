//! The symbols of the shared library: exactly those of `abi/exports.txt`, each of its kind, and all
//! of them accounted for in COMPATIBILITY.md.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

fn run(program: &str, arguments: &[&str]) -> String {
    let out =
        Command::new(program).args(arguments).arg(crate::support::library()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// Name and letter of each dynamic symbol: T is a function, B and D are data.
fn exports() -> BTreeMap<String, String> {
    let lines = run("nm", &["-D", "--defined-only"]);
    let symbol = |line: &str| {
        let mut parts = line.split_whitespace().skip(1);
        (parts.next().unwrap().to_owned(), parts.next().unwrap().to_owned())
    };
    lines.lines().map(symbol).map(|(letter, name)| (name, letter)).collect()
}

#[test]
fn the_exports_are_those_of_the_list() {
    let list: Vec<String> =
        exports().iter().map(|(name, letter)| format!("{letter} {name}\n")).collect();
    crate::support::fresh("abi/exports.txt", &list.concat(), "exports");
}

/// Each name keeps the version that it came with, so that a package depends on no newer one.
#[test]
fn the_symbols_of_the_debian_package_are_the_exports() {
    const FILE: &str = "debian/libregister1.symbols";
    let file = fs::read_to_string(crate::support::root().join(FILE)).unwrap_or_default();
    let known: BTreeMap<&str, &str> =
        file.lines().filter_map(|line| line.trim_start().split_once("@Base ")).collect();
    let mut wanted = String::from("libregister.so.1 libregister1 #MINVER#\n");
    for name in exports().keys() {
        let version = known.get(name.as_str()).unwrap_or(&env!("CARGO_PKG_VERSION"));
        wanted += &format!(" {name}@Base {version}\n");
    }
    crate::support::fresh(FILE, &wanted, "exports");
}

#[test]
fn the_debian_package_has_the_version_of_the_crate() {
    let changes = crate::support::root().join("debian/changelog");
    let changes = fs::read_to_string(changes).unwrap();
    assert!(changes.starts_with(concat!("libregister (", env!("CARGO_PKG_VERSION"), ")")));
}

#[test]
fn the_library_has_its_name_and_stays_loaded() {
    let dynamic = run("readelf", &["-d", "-W"]);
    let soname = std::env::var("REGISTER_SONAME").unwrap_or_else(|_| "libregister.so.1".into());
    assert!(dynamic.contains(&format!("soname: [{soname}]")), "{dynamic}");
    assert!(dynamic.contains("NODELETE"), "{dynamic}");
}

/// One line of `abi/compatibility.txt`.
struct Entry<'a> {
    name: &'a str,
    state: &'a str,
    note: &'a str,
}

fn entries(text: &str) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, rest) = line.split_once(' ').unwrap_or_else(|| panic!("no state: {line}"));
        let (state, note) = rest.trim_start().split_once(' ').unwrap_or((rest.trim(), ""));
        entries.push(Entry { name, state, note: note.trim() });
    }
    entries
}

fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The names of a list in `abi/`, without their prototypes.
fn names(list: &str) -> Vec<String> {
    let list = fs::read_to_string(crate::support::root().join("abi").join(list)).unwrap();
    let names = list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('\t').next());
    names.map(str::to_owned).collect()
}

#[test]
fn compatibility_md_is_fresh_and_complete() {
    let text = fs::read_to_string(crate::support::root().join("abi/compatibility.txt")).unwrap();
    let entries = entries(&text);
    let exports = exports();
    let (exosip, osip) = (names("eXosip-5.3-names.txt"), names("libosip2-5.3-names.txt"));
    let said = |name: &String| entries.iter().any(|entry| entry.name == name);

    for name in &exosip {
        assert!(said(name), "abi/compatibility.txt says nothing about {name}");
    }
    // Those of registerer.h stand in for nothing.
    for name in exports.keys().filter(|name| !name.starts_with("registerer_")) {
        assert!(
            said(name) || osip.contains(name),
            "abi/compatibility.txt says nothing about {name}"
        );
    }
    for entry in entries.iter().filter(|entry| !is_number(entry.name)) {
        let exported = exports.contains_key(entry.name);
        match entry.state {
            "works" | "differs" | "refuses" => assert!(exported, "{} is not exported", entry.name),
            "absent" => assert!(!exported, "{} is exported", entry.name),
            other => panic!("{}: what is {other}?", entry.name),
        }
    }
    let plain = |there: bool| {
        let names = osip.iter().filter(|name| !said(name) && exports.contains_key(*name) == there);
        names.map(|name| format!("`{name}`")).collect::<Vec<_>>()
    };
    crate::support::fresh(
        "COMPATIBILITY.md",
        &page(&entries, &plain(true), &plain(false)),
        "exports",
    );
}

/// Whether a name belongs to a group.
type Belongs = fn(&str) -> bool;

/// The page: tables of what was said, and the names of libosip2 that simply work or are not there.
fn page(entries: &[Entry<'_>], work: &[String], absent: &[String]) -> String {
    let mut page = String::from(
        "# Compatibility with eXosip2 5.3 and libosip2 5.3\n\n\
         Made from `abi/compatibility.txt` by `REGISTER_BLESS=1 cargo test`; do not edit.\n\n\
         * **works**: as there.\n\
         * **differs**: works, and differs on purpose as the note says.\n\
         * **refuses**: exported, so that programs link; gives NULL in out-parameters, returns\n  \
         OSIP_UNDEFINED_ERROR or NULL, and writes a line to the trace.\n\
         * **absent**: not exported.\n",
    );
    let groups: [(&str, Belongs); 3] = [
        ("Functions of eXosip2", |name| name.starts_with("eXosip_")),
        ("Options of eXosip_set_option", is_number),
        ("Functions and data of libosip2", |name| !name.starts_with("eXosip_") && !is_number(name)),
    ];
    for (title, belongs) in groups {
        let here: Vec<_> = entries.iter().filter(|entry| belongs(entry.name)).collect();
        page += &format!("\n## {title}\n");
        if !here.is_empty() {
            let counts = ["works", "differs", "refuses", "absent", "accepted", "refused"]
                .map(|state| (state, here.iter().filter(|entry| entry.state == state).count()));
            let counts = counts
                .iter()
                .filter(|(_, count)| *count > 0)
                .map(|(state, count)| format!("{count} {state}"));
            page += &format!(
                "{}.\n\n| name | state | note |\n| --- | --- | --- |\n",
                counts.collect::<Vec<_>>().join(", ")
            );
        }
        for entry in here {
            page += &format!("| `{}` | {} | {} |\n", entry.name, entry.state, entry.note);
        }
    }
    page += &format!("\nThese {} work:\n{}.\n", work.len(), listed(work));
    page + &format!("\nThese {} are absent:\n{}.\n", absent.len(), listed(absent))
}

/// Names with commas, in lines of at most 100 columns.
fn listed(names: &[String]) -> String {
    let mut text = String::new();
    let mut columns = 0;
    for name in names {
        if columns + name.len() + 2 > 99 {
            text += ",\n";
            columns = 0;
        } else if columns > 0 {
            text += ", ";
            columns += 2;
        }
        text += name;
        columns += name.len();
    }
    text
}
