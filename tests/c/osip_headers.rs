//! The headers of libosip2's side beside Debian's libosip2-dev, where that is installed: each gives
//! what the one of the same name gives there, and a macro stands where it stands there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io::Write as _};

const DEBIAN: &str = "/usr/include";

/// What some headers need before them there: the first that makes one compile is taken.
const BEFORE: [&str; 4] = [
    "",
    "#include <sys/time.h>\n#include <time.h>\n",
    "#include <osipparser2/osip_port.h>\n#include <osipparser2/osip_uri.h>\n",
    "#include <osipparser2/osip_headers.h>\n",
];

/// Macros that have no meaning for a program: guards, the trace of messages, which is empty, and
/// what the header of MD5 needs for compilers without prototypes.
const NOT_FOR_PROGRAMS: [&str; 5] =
    ["PROTOTYPES", "PROTO_LIST", "RESPONSE_CODES", "msg_logrequest", "msg_logresponse"];

/// Functions that COMPATIBILITY.md lists as absent.
const ABSENT: [&str; 2] = ["__osip_set_next_token", "next_separator"];

/// The header of the state machines, of which only types are named here.
const MACHINES: &str = "osip2/osip.h";

fn is_there() -> bool {
    Path::new(DEBIAN).join("osipparser2/osip_message.h").exists()
}

/// What gcc prints for a source text, with our headers or theirs; None where it does not compile.
fn gcc(ours: bool, arguments: &[&str], source: &str) -> Option<String> {
    let mut command = Command::new("gcc");
    if ours {
        command.arg("-I").arg(crate::support::root().join("include"));
    }
    command.args(["-w", "-D_GNU_SOURCE", "-x", "c"]).args(arguments).arg("-");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(source.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
}

/// The headers that are here and there.
fn shared() -> Vec<String> {
    let mut headers = Vec::new();
    for folder in ["osipparser2", "osipparser2/headers", "osip2"] {
        for entry in fs::read_dir(crate::support::root().join("include").join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".h") && Path::new(DEBIAN).join(folder).join(&name).exists() {
                headers.push(format!("{folder}/{name}"));
            }
        }
    }
    headers.sort();
    assert!(headers.len() > 35, "{headers:?}");
    headers
}

/// The macros of a source text, with the number of their parameters.
fn macros(ours: bool, source: &str) -> BTreeMap<String, Option<usize>> {
    let printed = gcc(ours, &["-E", "-dM"], source).unwrap();
    let definition = |line: &str| {
        let line = line.strip_prefix("#define ")?;
        let name = line.split([' ', '(']).next()?;
        let parameters = line[name.len()..].strip_prefix('(').map(|rest| {
            rest.split(')').next().unwrap().split(',').filter(|one| !one.trim().is_empty()).count()
        });
        Some((name.to_owned(), parameters))
    };
    printed.lines().filter_map(definition).collect()
}

fn is_theirs(word: &str) -> bool {
    word.starts_with("osip_") || word.starts_with("sdp_")
}

/// The functions that a source text declares by a header of libosip2's side.
fn functions(ours: bool, folder: &Path, source: &str) -> BTreeSet<String> {
    let list = folder.join("list");
    gcc(ours, &["-fsyntax-only", "-aux-info", list.to_str().unwrap()], source).unwrap();
    let lines = fs::read_to_string(list).unwrap();
    let declared = lines.lines().filter(|line| line.contains("osip"));
    let name = |line: &str| {
        let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let known = |word: &&str| is_theirs(word) && line.contains(&format!("{word} ("));
        words.into_iter().find(known).map(str::to_owned)
    };
    declared.filter_map(name).collect()
}

/// The names of types in a source text.
fn types(source: &str) -> BTreeSet<String> {
    let text = gcc(false, &["-E", "-P"], source).unwrap();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| is_theirs(word) && word.ends_with("_t")).map(str::to_owned).collect()
}

#[test]
fn a_header_of_libosip2_gives_here_what_it_gives_there() {
    if !is_there() {
        return;
    }
    let folder: PathBuf = crate::support::folder("osip-headers");
    let mut missing = Vec::new();
    for header in shared().into_iter().filter(|header| header != MACHINES) {
        let include = format!("#include <{header}>\n");
        let compiles =
            |before: &&str| gcc(false, &["-fsyntax-only"], &format!("{before}{include}")).is_some();
        let before =
            BEFORE.into_iter().find(compiles).expect("a text that makes the header complete");
        let theirs = format!("{before}{include}");

        let mut known = macros(true, &include);
        known.extend(macros(false, before));
        let is_guard = |name: &str| name.starts_with('_') || NOT_FOR_PROGRAMS.contains(&name);
        let wanted = macros(false, &theirs).into_keys();
        let wanted = wanted.filter(|name| !is_guard(name) && !known.contains_key(name));
        missing.extend(wanted.map(|name| format!("{header}: {name}")));

        let mut known = functions(true, &folder, &include);
        known.extend(functions(false, &folder, before));
        let wanted = functions(false, &folder, &theirs).into_iter();
        let wanted =
            wanted.filter(|name| !known.contains(name) && !ABSENT.contains(&name.as_str()));
        missing.extend(wanted.map(|name| format!("{header}: {name}()")));

        for name in types(&theirs).difference(&types(before)) {
            if gcc(true, &["-fsyntax-only"], &format!("{include}{name} *named;\n")).is_none() {
                missing.push(format!("{header}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// How a macro may stand in a program.
fn stands(expansion: &str) -> &'static str {
    match expansion.trim() {
        "" => "nothing",
        text if text.ends_with([';', '}']) => "a statement that needs no semicolon",
        text if text.starts_with("do ") => "a statement that needs one",
        _ => "an expression",
    }
}

/// The macros of `names` with arguments, each expanded.
fn expanded(
    ours: bool,
    include: &str,
    names: &BTreeMap<String, usize>,
) -> BTreeMap<String, &'static str> {
    let mut source = include.to_owned();
    for (name, count) in names {
        let arguments: Vec<_> = (0..*count).map(|number| format!("a{number}")).collect();
        source += &format!("\n@ \"{name}\" @ {name}({})", arguments.join(", "));
    }
    let text = gcc(ours, &["-E", "-P"], &source).unwrap();
    let mut parts = text.split('@').skip(1);
    let mut found = BTreeMap::new();
    while let (Some(name), Some(expansion)) = (parts.next(), parts.next()) {
        found.insert(name.trim().trim_matches('"').to_owned(), stands(expansion));
    }
    assert_eq!(found.len(), names.len());
    found
}

#[test]
fn a_macro_stands_where_it_stands_with_libosip2() {
    if !is_there() {
        return;
    }
    let trace = "#define ENABLE_TRACE\n";
    let include: String = shared().iter().map(|header| format!("#include <{header}>\n")).collect();
    let include = format!("{trace}{}{include}", BEFORE.concat());
    let here = macros(true, &include);
    let there = macros(false, &include).into_iter();
    let both: BTreeMap<String, usize> = there
        .filter_map(|(name, count)| Some((name, count?)))
        .filter(|(name, count)| here.get(name) == Some(&Some(*count)))
        .filter(|(name, _)| !name.starts_with('_') && !name.contains("EXOSIP"))
        .collect();
    assert!(both.len() > 150 && both.contains_key("osip_free"), "{}", both.len());
    let (ours, theirs) = (expanded(true, &include, &both), expanded(false, &include, &both));
    let differing: Vec<_> = theirs.iter().filter(|(name, how)| ours[*name] != **how).collect();
    assert!(differing.is_empty(), "{differing:?}");
}
