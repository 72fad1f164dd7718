//! Session descriptions: well-formed ones are read, printed and copied as by Debian's
//! libosipparser2; what makes them worse without changing what they say changes nothing; and any
//! text is refused, or read so that what is printed reads as the same.
//! `cargo +nightly fuzz run sdp_beside_libosip2`
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::bytes::Bytes;
use shared::osip::{Library, Outcome, TextWithOctetsBehind, ours, theirs};
use shared::sdp;
use std::ffi::CString;
use std::sync::OnceLock;

const PARSER: &str = "sdp_message_parse";

static BOTH: OnceLock<(Library, Library)> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let (ours, theirs) = BOTH.get_or_init(|| (ours(), theirs()));
    let mut bytes = Bytes(bytes);
    match bytes.below(3) {
        0 => any_text(ours, bytes.0),
        1 => {
            let text = c_text(sdp::text(&mut bytes).as_bytes());
            let here = ours.part(PARSER).examine(&text);
            let there = TextWithOctetsBehind::new(&text);
            let there = theirs.part(PARSER).examine(there.as_c_str());
            assert_eq!(shown(&here), shown(&there), "{text:?}");
        }
        _ => worse(ours, &mut bytes),
    }
});

fn c_text(text: &[u8]) -> CString {
    let text: Vec<u8> = text.iter().copied().filter(|byte| *byte != 0).collect();
    CString::new(text).expect("a text without NUL")
}

fn examined(library: &Library, text: &[u8]) -> Outcome {
    library.part(PARSER).examine(&c_text(text))
}

fn any_text(library: &Library, text: &[u8]) {
    let Outcome::Read { printed, copy } = examined(library, text) else { return };
    assert_eq!(printed.escape_ascii().to_string(), copy.escape_ascii().to_string());
    let again = examined(library, &printed);
    assert_eq!(shown(&again), shown(&Outcome::Read { printed, copy }));
}

/// Lines of unknown letters, blank lines, other line ends, blanks before a letter, no last end.
fn worse(library: &Library, bytes: &mut Bytes<'_>) {
    let lines = sdp::lines(bytes);
    let plain: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    let mut text = String::new();
    for line in &lines {
        text +=
            bytes.one(&["", "", "y=0100000001\r\n", "f=\n", "\n\n", "X=1\r", "junk\n", " ", "\t"]);
        text += line;
        text += bytes.one(&["\r\n", "\n", "\r"]);
    }
    if bytes.once_in(2) {
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
    }
    let outcomes = [plain.as_bytes(), text.as_bytes()].map(|text| examined(library, text));
    assert!(matches!(outcomes[0], Outcome::Read { .. }), "{plain:?}");
    assert_eq!(shown(&outcomes[1]), shown(&outcomes[0]), "{text:?}");
}

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Read { printed, copy } => {
            format!("{}\ncopied {}", printed.escape_ascii(), copy.escape_ascii())
        }
        refused => format!("{refused:?}"),
    }
}
