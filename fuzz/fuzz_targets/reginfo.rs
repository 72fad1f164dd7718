//! Any document of the event `reg`: reading never panics, and says nothing of what is not in it.
//! `cargo +nightly fuzz run reginfo`
#![no_main]

use libfuzzer_sys::fuzz_target;
use register::registration::Reginfo;

const OWN: &str = "sip:a@h;line=1";

fuzz_target!(|body: &[u8]| {
    let found = Reginfo::read(body, |_| true, |uri| uri == OWN);
    assert!(found.is_none() || body.windows(7).any(|word| word == b"reginfo"));
    let none = Reginfo::read(body, |_| true, |_| false);
    assert_eq!(none.and_then(|none| none.contact), None);
});
