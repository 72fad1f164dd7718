//! Any text in the hands of the C readers and writers: no crash, no leak, and a copy is what was
//! copied. What is printed is read again.
//! `cargo +nightly fuzz run c_messages fuzz/corpus/c_messages tests/corpus/rfc4475`
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::osip::{Library, Outcome, Part, ours};
use std::ffi::CString;
use std::sync::OnceLock;

static LIBRARY: OnceLock<Library> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let library = LIBRARY.get_or_init(ours);
    message(library, bytes);
    // Each line, and what stands behind its colon, as a value of the struct that its name chooses.
    for line in bytes.split(|byte| *byte == b'\n').take(16) {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(0);
        let (name, value) = line.split_at(colon);
        let number =
            name.iter().map(|byte| usize::from(*byte)).sum::<usize>() % library.parts.len();
        for text in [line, value.strip_prefix(b":").unwrap_or(value)] {
            let text: Vec<u8> = text.iter().copied().filter(|byte| *byte != 0).collect();
            let text = CString::new(text).expect("a text without NUL");
            header(&library.parts[number], &text);
        }
    }
});

fn message(library: &Library, bytes: &[u8]) {
    let Outcome::Read { printed, copy } = library.messages.examine(bytes) else { return };
    // What was not changed is printed from its parts as well.
    assert_eq!(text(&printed), text(&copy), "a copy is what was copied");
    // Not all that is read makes sense when it is printed: a challenge of an unknown scheme loses
    // its parameters.
    library.messages.examine(&printed);
}

fn header(part: &Part, value: &CString) {
    let Outcome::Read { printed, copy } = part.examine(value) else { return };
    assert_eq!(text(&printed), text(&copy), "{}: a copy is what was copied", part.name);
    let printed = CString::new(printed).expect("a text without NUL");
    part.examine(&printed);
}

fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
