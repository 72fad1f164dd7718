//! Every function of eXosip2 5.3 from C: its prototype, in the header that a program includes for
//! it.

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

#[test]
fn no_function_of_exosip2_refuses_or_is_absent() {
    let states = fs::read_to_string(crate::support::root().join("abi/compatibility.txt")).unwrap();
    let state = |name: &str| {
        states.lines().map(|line| line.split(' ')).find_map(|mut words| {
            (words.next() == Some(name)).then(|| words.next().unwrap_or("").to_owned())
        })
    };
    for (name, _) in prototypes() {
        let state = state(&name).unwrap_or_default();
        assert!(["works", "differs"].contains(&&*state), "{name} {state}");
    }
}
