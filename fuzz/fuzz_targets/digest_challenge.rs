//! Any challenge line: reading never panics, and no text in it can break the answer.
//! `cargo +nightly fuzz run digest_challenge`
#![no_main]

use libfuzzer_sys::fuzz_target;
use register::auth::{Login, Secret, Session, challenges, parameters};

fuzz_target!(|line: &str| {
    for challenge in challenges(line).flatten() {
        let _ = challenge.realm_text();
        let mut session = Session::new(challenge);
        let login = Login { username: line, secret: Secret::Password(line.as_bytes()) };
        let answer = session.answer(&login, "REGISTER", "sip:registrar.test", b"", "c0ffee");
        let fields = parameters(answer.strip_prefix("Digest ").expect("a digest answer"));
        assert!((6..=10).contains(&fields.count()), "no parameter breaks out: {answer}");
    }
});
