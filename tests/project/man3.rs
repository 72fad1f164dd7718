//! The manual pages of section 3 say what the headers say: they are made of them.

use crate::support::{fresh, root};
use std::fmt::Write as _;
use std::fs;

/// A function of a header: its lines as they stand there, and what is said before it.
struct Function {
    name: String,
    prototype: Vec<String>,
    text: Vec<String>,
}

/// The functions of a header that have a comment.
fn functions(header: &str) -> Vec<Function> {
    let source = fs::read_to_string(root().join("include").join(header)).unwrap();
    let mut found = Vec::new();
    for part in source.split("\n/**\n").skip(1) {
        let Some((comment, code)) = part.split_once("\n */\n") else { continue };
        let Some((prototype, _)) = code.split_once(';') else { continue };
        let Some((before, _)) = prototype.split_once('(') else { continue };
        if prototype.contains('{') || before.starts_with("typedef") || before.contains('#') {
            continue;
        }
        let name = before.split([' ', '*']).next_back().unwrap().to_owned();
        let text = comment
            .lines()
            .map(|line| line.trim_start_matches(" *").strip_prefix(' ').unwrap_or("").to_owned());
        found.push(Function {
            name,
            prototype: prototype.lines().map(str::to_owned).collect(),
            text: text.collect(),
        });
    }
    found
}

/// A line of text for roff, with what stands in backticks bold.
fn roff(line: &str) -> String {
    let mut out = String::new();
    let mut bold = false;
    for c in line.chars() {
        match c {
            '`' => {
                bold = !bold;
                out.push_str(if bold { "\\fB" } else { "\\fR" });
            }
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '…' => out.push_str("..."),
            '–' => out.push_str("\\(en"),
            c => out.push(c),
        }
    }
    assert!(!bold, "a backtick is left open: {line}");
    if out.starts_with(['.', '\'']) { format!("\\&{out}") } else { out }
}

struct Page<'a> {
    name: &'a str,
    title: &'a str,
    include: &'a str,
    introduction: &'a str,
    headers: &'a [&'a str],
    /// All functions where this is empty.
    only: &'a [&'a str],
    see: &'a str,
}

fn page(what: &Page<'_>) -> String {
    let all = what.headers.iter().flat_map(|header| functions(header));
    let all: Vec<Function> =
        all.filter(|one| what.only.is_empty() || what.only.contains(&one.name.as_str())).collect();
    assert!(what.only.is_empty() || what.only.len() == all.len(), "a function is not there");
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    let mut page = format!(
        ".\\\" Made of the headers by `REGISTER_BLESS=1 cargo test`; do not edit.\n\
         .TH {} 3 \"\" \"libregister\" \"Library functions\"\n.nh\n.ad l\n.SH NAME\n{} \\- {}\n\
         .SH SYNOPSIS\n.nf\n.B #include <{}>\n",
        what.name.to_uppercase(),
        names.join(",\n"),
        what.title,
        what.include
    );
    for one in &all {
        page.push_str(".PP\n");
        let last = one.prototype.len() - 1;
        for (number, line) in one.prototype.iter().enumerate() {
            let end = if number == last { ";" } else { "" };
            writeln!(page, ".B \"{}{end}\"", line.replace('-', "\\-")).unwrap();
        }
    }
    page.push_str(".fi\n.PP\nLink with \\fI\\-lregister\\fR.\n.SH DESCRIPTION\n");
    page.push_str(what.introduction);
    for one in &all {
        writeln!(page, ".SS {}", one.name).unwrap();
        let mut is_open = true;
        for line in &one.text {
            if line.is_empty() {
                is_open = false;
                continue;
            }
            if !is_open {
                page.push_str(".PP\n");
                is_open = true;
            }
            writeln!(page, "{}", roff(line)).unwrap();
        }
    }
    writeln!(page, ".SH SEE ALSO\n{}", what.see).unwrap();
    page
}

#[test]
fn the_manual_page_of_registerer_h_says_what_the_header_says() {
    let wanted = page(&Page {
        name: "registerer",
        title: "managed SIP registrations",
        include: "registerer.h",
        introduction: "\
A program makes a registration of options, asks for it once, and gets each new state.\n\
The library refreshes it, tries again after failures, answers challenges, and removes it in the\n\
end.\n\
.PP\n\
The options, states and texts are explained in the header\n\
.IR registerer.h ,\n\
field by field; what it is all about is in\n\
.BR libregister (7).\n\
Any pointer may be NULL.\n\
Any function may be called from any thread.\n",
        headers: &["registerer.h"],
        only: &[],
        see: ".BR libregister (7),\n.BR eXosip (3),\n.BR sipreg (1),\n.BR registerd (8)",
    });
    fresh("man/registerer.3", &wanted, "the_manual_page_of_registerer_h_says_what_the_header_says");
}

#[test]
fn the_manual_page_of_the_exosip_calls_says_what_their_headers_say() {
    let wanted = page(&Page {
        name: "eXosip",
        title: "contexts, registrations and events by the calls of eXosip2",
        include: "eXosip2/eXosip.h",
        introduction: "\
These are the calls that a program which registers needs; those for messages, calls,\n\
subscriptions and publications are explained in their headers in the same way.\n\
They are those of eXosip2 5.3, with the same structs, events and codes.\n\
.PP\n\
Any pointer may be NULL: the documented code comes back.\n\
Any function may be called from any thread; each takes the context's lock by itself.\n\
What they return on errors are the OSIP_ codes of\n\
.IR osipparser2/osip_const.h .\n",
        headers: &[
            "eXosip2/eX_setup.h",
            "eXosip2/eXosip.h",
            "eXosip2/eX_register.h",
            "eXosip2/eX_event.h",
        ],
        only: &[
            "eXosip_malloc",
            "eXosip_init",
            "eXosip_quit",
            "eXosip_lock",
            "eXosip_unlock",
            "eXosip_set_option",
            "eXosip_listen_addr",
            "eXosip_reset_transports",
            "eXosip_set_user_agent",
            "eXosip_set_cbsip_message",
            "eXosip_masquerade_contact",
            "eXosip_wakeup_event",
            "eXosip_add_authentication_info",
            "eXosip_remove_authentication_info",
            "eXosip_clear_authentication_info",
            "eXosip_default_action",
            "eXosip_automatic_action",
            "eXosip_register_build_initial_register",
            "eXosip_register_build_initial_register_withqvalue",
            "eXosip_register_build_register",
            "eXosip_register_send_register",
            "eXosip_register_remove",
            "eXosip_event_wait",
            "eXosip_event_get",
            "eXosip_event_geteventsocket",
            "eXosip_event_free",
        ],
        see: ".BR libregister (7),\n.BR registerer (3),\n.BR sipreg (1),\n.BR registerd (8)",
    });
    fresh(
        "man/eXosip.3",
        &wanted,
        "the_manual_page_of_the_exosip_calls_says_what_their_headers_say",
    );
}
