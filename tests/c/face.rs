//! Every function of eXosip2 5.3 from C: its prototype, in the header that a program includes for
//! it; and those that belong to subscriptions and publications refuse, one by one.

use std::fmt::Write as _;
use std::fs;

/// The functions of eXosip2 5.3 that its headers declare, and their types.
fn prototypes() -> Vec<(String, String)> {
    let list = fs::read_to_string(crate::support::root().join("abi/eXosip-5.3-names.txt")).unwrap();
    let lines = list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once('\t').unwrap());
    lines.filter(|(_, of)| *of != "-").map(|(name, of)| (name.to_owned(), of.to_owned())).collect()
}

/// The header that declares a function there.
fn header(name: &str) -> &'static str {
    let families = [
        ("call_", "eX_call.h"),
        ("register_", "eX_register.h"),
        ("message_", "eX_message.h"),
        ("options_", "eX_options.h"),
        ("subscription_", "eX_subscribe.h"),
        ("insubscription_automatic", "eXosip.h"),
        ("insubscription_", "eX_subscribe.h"),
        ("publish", "eX_publish.h"),
        ("build_publish", "eX_publish.h"),
        ("event_", "eXosip.h"),
        ("get_version", "eX_setup.h"),
        ("get_", "eXosip.h"),
    ];
    let of_the_main_header = ["action", "authentication_info", "generate_random"];
    let short = name.strip_prefix("eXosip_").unwrap();
    let family =
        families.iter().find(|(prefix, _)| short.starts_with(prefix)).map(|(_, header)| *header);
    let main =
        || of_the_main_header.iter().any(|ending| short.ends_with(ending)).then_some("eXosip.h");
    family.or_else(main).unwrap_or("eX_setup.h")
}

#[test]
fn each_function_has_its_prototype_in_the_header_that_programs_include() {
    let prototypes = prototypes();
    let folder = crate::support::folder("c-headers-prototypes");
    let mut declared = Vec::new();
    for (include, count) in [
        ("eX_setup.h", 22),
        ("eX_register.h", 5),
        ("eX_message.h", 4),
        ("eX_options.h", 4),
        ("eX_call.h", 22),
        ("eX_subscribe.h", 12),
        ("eX_publish.h", 2),
        ("eXosip.h", 25),
    ] {
        let here: Vec<_> = prototypes.iter().filter(|(name, _)| header(name) == include).collect();
        assert_eq!(here.len(), count, "{include}");
        let mut source = format!("#include <eXosip2/{include}>\n");
        for (name, of) in here {
            declared.push(name);
            writeln!(
                source,
                "_Static_assert(__builtin_types_compatible_p(__typeof__({name}), __typeof__({of})), \"{name}\");"
            )
            .unwrap();
        }
        let file = folder.join(include.replace(".h", ".c"));
        fs::write(&file, source).unwrap();
        let mut gcc = crate::c::compiler(&file, &file.with_extension("o"));
        crate::c::succeeded(&gcc.arg("-c").output().unwrap());
    }
    assert_eq!(declared.len(), prototypes.len());
}

/// What stands for a parameter of this type; what the function leaves in it is looked at
/// afterwards.
fn argument(of: &str) -> &'static str {
    match of {
        "struct eXosip_t *" => "ctx",
        "int" => "1",
        "size_t" => "sizeof text",
        "const char *" => "\"sip:a@127.0.0.1\"",
        "char *" => "text",
        "osip_message_t *" => "message",
        "osip_message_t **" => "&out",
        "eXosip_event_t *" => "&event",
        _ if of.ends_with('*') => "NULL",
        _ => panic!("{of}"),
    }
}

/// One call, which must refuse: the code, NULL in what it gives out, one line in the trace that
/// begins with its name, and the message that it was given still the program's.
fn refusal(name: &str, of: &str) -> String {
    let (result, parameters) = of.split_once('(').unwrap();
    let parameters: Vec<_> = parameters.trim_end_matches(')').split(", ").collect();
    let arguments: Vec<_> = parameters.iter().map(|of| argument(of)).collect();
    let wanted = if result.trim_end().ends_with('*') { "NULL" } else { "OSIP_UNDEFINED_ERROR" };
    let given = if parameters.contains(&"osip_message_t **") { "NULL" } else { "JUNK" };
    format!(
        "    lines = 0, out = JUNK, text[0] = 'x';\n    CHECK({name}({}) == {wanted});\n    CHECK(out == {given} && text[0] == 'x');\n    \
         CHECK(lines == 1 && strncmp(line, \"{name} \", {}) == 0);\n",
        arguments.join(", "),
        name.len() + 1
    )
}

const PROGRAM: &str = r#"#include "check.h"
#include <stdarg.h>
#include <string.h>

#define JUNK ((osip_message_t *)&lines)

static int lines;
static char line[256];

static void told(const char *file, int number, osip_trace_level_t level, const char *format, va_list values)
{
    (void)file;
    (void)number;
    CHECK(level == OSIP_WARNING);
    vsnprintf(line, sizeof line, format, values);
    lines++;
}

static void refusals(struct eXosip_t *ctx, osip_message_t *message)
{
    eXosip_event_t event;
    osip_message_t *out;
    char text[64] = "x";

    memset(&event, 0, sizeof event);
REFUSALS}

int main(void)
{
    struct eXosip_t *ctx = listening();
    osip_message_t *message = NULL;

    CODE(0, eXosip_message_build_request(ctx, &message, "MESSAGE", "sip:b@127.0.0.1", "sip:a@127.0.0.1", NULL));
    osip_trace_initialize_func(OSIP_INFO1, told);
    refusals(ctx, message);
    refusals(NULL, message);
    osip_trace_initialize_func(OSIP_INFO1, NULL);
    osip_message_free(message);
    ended(ctx);
    return 0;
}
"#;

#[test]
fn what_belongs_to_subscriptions_refuses() {
    let states = fs::read_to_string(crate::support::root().join("abi/compatibility.txt")).unwrap();
    let refuses = |name: &str| {
        states.lines().any(|line| line.split_whitespace().take(2).eq([name, "refuses"]))
    };
    let refusing: Vec<_> = prototypes().into_iter().filter(|(name, _)| refuses(name)).collect();
    assert_eq!(refusing.len(), 11);
    let refusals: String = refusing.iter().map(|(name, of)| refusal(name, of)).collect();
    let source = crate::support::folder("c-refusals-source").join("refusals.c");
    fs::write(&source, PROGRAM.replace("REFUSALS", &refusals)).unwrap();
    crate::c::run(&crate::c::build(&source), &[]);
}
