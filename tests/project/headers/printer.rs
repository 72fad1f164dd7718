//! One C header for each public module of `src/abi`, printed by cbindgen.
//!
//! `pub mod` in `src/abi/mod.rs` and in the `mod.rs` files below it makes a header; `mod` and
//! `pub(crate) mod` do not. `src/abi/osipparser2/headers/osip_via.rs` becomes
//! `osipparser2/headers/osip_via.h`; [`header_path`] knows the capital letters of eXosip's. What
//! cbindgen cannot print stands beside the module in `osip_via.after_includes.h` and is copied
//! behind the includes. The includes follow from the names that the header uses. A long header has
//! parts: the `pub mod` lines of `osip_parser.rs` name files in the folder `osip_parser`. A header
//! field that has all of another one is a row of [`ALIASES`].

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// A Rust file that becomes a header, with its parts.
struct Module {
    source: PathBuf,
    parts: Vec<PathBuf>,
    /// As in `#include <…>`.
    header: String,
}

/// What a name of one header is to the others.
struct Name {
    header: String,
    /// "struct", "union" or "enum" for tags; empty for typedefs and macros.
    tag: &'static str,
}

impl Name {
    /// Whether C lets it be named before it is declared.
    fn can_wait(&self) -> bool {
        self.tag == "struct" || self.tag == "union"
    }
}

impl Module {
    fn new(source: PathBuf, header: String) -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(&source)?;
        let folder = source.with_extension("");
        let parts = public_modules(&text).map(|name| folder.join(format!("{name}.rs"))).collect();
        Ok(Self { source, parts, header })
    }

    fn files(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.source).chain(&self.parts)
    }

    /// What cbindgen cannot print.
    fn by_hand(&self) -> String {
        fs::read_to_string(self.source.with_extension("after_includes.h")).unwrap_or_default()
    }

    /// The text of all files.
    fn text(&self) -> Result<String, Box<dyn Error>> {
        let mut text = String::new();
        for file in self.files() {
            text += &fs::read_to_string(file)?;
        }
        Ok(text)
    }
}

/// Header fields whose structs and functions are those of another one: the name, the other's, and
/// what it is.
const ALIASES: [(&str, &str, &str); 9] = [
    ("osip_accept_language", "osip_accept_encoding", "A language with parameters."),
    ("osip_alert_info", "osip_call_info", "A URI in brackets with parameters."),
    ("osip_allow", "osip_content_length", "One text."),
    ("osip_content_encoding", "osip_content_length", "One text."),
    ("osip_error_info", "osip_call_info", "A URI in brackets with parameters."),
    ("osip_mime_version", "osip_content_length", "One text."),
    (
        "osip_proxy_authenticate",
        "osip_www_authenticate",
        "As in the header field of the server itself.",
    ),
    (
        "osip_proxy_authentication_info",
        "osip_authentication_info",
        "As in the header field of the server itself.",
    ),
    (
        "osip_proxy_authorization",
        "osip_authorization",
        "As in the header field of the server itself.",
    ),
];

/// Stands for the `#include` lines until the names that the header uses are known.
const INCLUDES: &str = "@INCLUDES@";

/// Names of the C library and where they are declared.
const SYSTEM: [(&str, &str); 8] = [
    ("FILE", "stdio.h"),
    ("int64_t", "stdint.h"),
    ("size_t", "stddef.h"),
    ("time_t", "time.h"),
    ("timespec", "time.h"),
    ("timeval", "sys/time.h"),
    ("uint8_t", "stdint.h"),
    ("va_list", "stdarg.h"),
];

/// Those of them that are structs; strict C99 hides some, so that they are named before they are
/// used.
const TAGS: [&str; 2] = ["timespec", "timeval"];

/// Writes all headers below `out`; files that are there already and no longer belong are removed.
pub(crate) fn write_all(root: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut modules = Vec::new();
    find(&root.join("src/abi"), "", &mut modules)?;
    let mut names = BTreeMap::new();
    for module in &modules {
        declared(&module.text()?, &module.header, &mut names);
    }
    for (alias, ..) in ALIASES {
        names.insert(format!("{alias}_t"), Name { header: alias_header(alias), tag: "" });
    }
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    for module in &modules {
        let path = out.join(&module.header);
        fs::create_dir_all(path.parent().ok_or("a header without a folder")?)?;
        fs::write(path, print(module, &names, config.clone())?)?;
    }
    for (alias, target, what) in ALIASES {
        let header = alias_header(target);
        let of =
            modules.iter().find(|module| module.header == header).ok_or("an alias of no header")?;
        fs::write(
            out.join(alias_header(alias)),
            print_alias(alias, target, what, &of.text()?, &of.by_hand()),
        )?;
    }
    Ok(())
}

fn alias_header(name: &str) -> String {
    format!("osipparser2/headers/{name}.h")
}

/// A header in which all functions of `target`, whose Rust text is `source`, and its macros have an
/// alias.
fn print_alias(alias: &str, target: &str, what: &str, source: &str, by_hand: &str) -> String {
    let header = alias_header(alias);
    let guard = guard(&header);
    let mut functions = String::new();
    for line in source.lines().filter_map(|line| line.strip_prefix("pub unsafe extern \"C\" fn ")) {
        let name = words(line)
            .next()
            .and_then(|name| name.strip_prefix(target))
            .filter(|rest| rest.starts_with('_'));
        if let Some(rest) = name {
            functions += &format!("#define {alias}{rest} {target}{rest}\n");
        }
    }
    for line in
        by_hand.lines().filter_map(|line| line.strip_prefix("#define ")?.strip_prefix(target))
    {
        if let Some((macro_with_parameters, _)) = line.split_once(") ") {
            functions += &format!(
                "#define {alias}{macro_with_parameters}) {target}{macro_with_parameters})\n"
            );
        }
    }
    format!(
        "#ifndef {guard}\n#define {guard}\n\n/* Generated from the Rust source; do not edit. */\n\n\
         #include <{}>\n\n{functions}\n\
         /**\n * {what}\n */\ntypedef {target}_t {alias}_t;\n\n#endif  /* {guard} */\n",
        alias_header(target)
    )
}

/// What stands before the guard of a part of eXosip2's API: each of its headers gives all of it, as
/// eXosip2's do, in the order that `<eXosip2/eXosip.h>` has.
fn whole_first(header: &str) -> Option<String> {
    const WHOLE: &str = "eXosip2/eXosip.h";
    let is_part = header.starts_with("eXosip2/") && header != WHOLE;
    let guard = guard(WHOLE);
    is_part.then(|| format!("#ifndef {guard}\n#include <{WHOLE}>\n#endif\n"))
}

fn guard(header: &str) -> String {
    header.to_uppercase().replace(['/', '.'], "_")
}

/// Follows the `pub mod` lines of `folder/mod.rs`.
fn find(folder: &Path, prefix: &str, into: &mut Vec<Module>) -> Result<(), Box<dyn Error>> {
    for name in public_modules(&fs::read_to_string(folder.join("mod.rs"))?) {
        let file = folder.join(format!("{name}.rs"));
        if file.exists() {
            into.push(Module::new(file, header_path(prefix, name))?);
        } else {
            find(&folder.join(name), &format!("{prefix}{name}/"), into)?;
        }
    }
    Ok(())
}

/// The names of the `pub mod` lines.
fn public_modules(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
}

fn header_path(prefix: &str, name: &str) -> String {
    let prefix = prefix.replace("exosip2/", "eXosip2/");
    let name = if name == "exosip" { "eXosip".into() } else { name.replacen("ex_", "eX_", 1) };
    format!("{prefix}{name}.h")
}

/// Notes the types and constants that a module declares: rustfmt keeps each at the start of a line.
fn declared(text: &str, header: &str, names: &mut BTreeMap<String, Name>) {
    let kinds = [
        ("pub struct ", "struct"),
        ("pub union ", "union"),
        ("pub enum ", "enum"),
        ("pub type ", ""),
        ("pub const ", ""),
    ];
    for line in text.lines() {
        for (start, tag) in kinds {
            if let Some(name) = line.strip_prefix(start).and_then(|rest| words(rest).next()) {
                names.insert(name.into(), Name { header: header.into(), tag });
            }
        }
    }
}

/// The C functions that a module calls: they have headers of their own.
fn imports(text: &str) -> impl Iterator<Item = String> {
    let import = |line: &str| {
        let name =
            line.trim_start().trim_start_matches("pub ").strip_prefix("fn ")?.split('(').next()?;
        line.ends_with(';').then(|| name.to_owned())
    };
    text.lines().filter_map(import)
}

/// The `pub type alias = target;` of a module. Those of its own structs are printed first, because
/// the structs use them.
fn aliases(text: &str) -> Vec<(String, String)> {
    let alias = |line: &str| {
        let (alias, target) =
            line.strip_prefix("pub type ")?.strip_suffix(';')?.split_once(" = ")?;
        Some((alias.into(), target.into()))
    };
    text.lines().filter_map(alias).collect()
}

fn print(
    module: &Module,
    names: &BTreeMap<String, Name>,
    mut config: cbindgen::Config,
) -> Result<String, Box<dyn Error>> {
    let by_hand = module.by_hand();
    config.include_guard = Some(guard(&module.header));
    config.header = whole_first(&module.header);
    let source = module.text()?;
    config.export.exclude.extend(imports(&source));
    let mut forward = String::new();
    for (alias, target) in aliases(&source) {
        let Some(is) = names.get(&target).filter(|is| is.header == module.header && is.can_wait())
        else {
            continue;
        };
        forward += &format!("typedef {} {target} {alias};\n", is.tag);
        config.export.exclude.push(alias);
    }
    config.after_includes = Some(format!("{INCLUDES}\n{forward}{by_hand}"));
    for name in TAGS {
        config.export.rename.insert(name.into(), format!("struct {name}"));
    }
    for (name, is) in names {
        if is.header == module.header {
            // Types that no function uses are left out otherwise.
            config.export.include.push(name.clone());
        } else if !is.tag.is_empty() {
            // cbindgen does not see the other modules and would print their tags without `struct`.
            config.export.rename.insert(name.clone(), format!("{} {name}", is.tag));
        }
    }
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in module.files() {
        builder = builder.with_src(file);
    }
    let bindings = builder.generate()?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = for_c(&String::from_utf8(text)?);
    // A header that names a struct itself does not need the one that describes it.
    let defined = |name: &str| {
        let named = [format!("struct {name} {{"), format!("struct {name};")];
        named.iter().any(|text| by_hand.contains(text))
    };
    let mut includes = includes(&without_comments(&text), &module.header, names, defined);
    includes.retain(|line| !by_hand.lines().any(|there| there == line));
    Ok(squeezed(&text.replacen(INCLUDES, &includes.join("\n"), 1)))
}

/// Rust's spelling turned into that of C89 and C++98: parameters that a body does not use, the
/// heading of the caller's promises, no `//` and no comma behind the last of an enum.
fn for_c(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let unused = c == '_'
            && plain.ends_with([' ', '*'])
            && rest.peek().is_some_and(char::is_ascii_lowercase);
        if !unused {
            plain.push(c);
        }
    }
    let plain = plain.replace(" * # Safety", " * The caller promises:").replace(",\n}", "\n}");
    let lines = plain.lines().map(|line| match line.split_once(" // ") {
        Some((code, comment)) => format!("{} /* {comment} */\n", code.trim_end()),
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// No two blank lines in a row, and one line end at the end.
fn squeezed(text: &str) -> String {
    let mut lines: Vec<&str> = text.trim_end().lines().collect();
    lines.dedup_by(|next, line| next.is_empty() && line.is_empty());
    lines.join("\n") + "\n"
}

/// The `#include` lines for the names that `code` uses and does not define, system headers first.
fn includes(
    code: &str,
    own: &str,
    names: &BTreeMap<String, Name>,
    defined: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut system = Vec::new();
    let mut ours = Vec::new();
    for word in words(code) {
        if let Some((_, header)) = SYSTEM.iter().find(|(name, _)| *name == word) {
            system.push(*header);
        }
        if let Some(name) = names.get(word).filter(|name| name.header != own && !defined(word)) {
            ours.push(name.header.as_str());
        }
    }
    for headers in [&mut system, &mut ours] {
        headers.sort_unstable();
        headers.dedup();
    }
    let tags = TAGS.iter().filter(|tag| words(code).any(|word| word == **tag));
    let includes = system.iter().chain(&ours).map(|header| format!("#include <{header}>"));
    includes.chain(tags.map(|tag| format!("struct {tag};"))).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut code = String::new();
    while let Some(start) = rest.find("/*") {
        code += &rest[..start];
        rest = rest[start..].split_once("*/").map_or("", |(_, after)| after);
    }
    code + rest
}
