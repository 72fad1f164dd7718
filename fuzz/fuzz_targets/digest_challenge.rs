//! Any challenge line: reading never panics, and no text in it can break the answer.
//! `cargo +nightly fuzz run digest_challenge`
#![no_main]

use libfuzzer_sys::fuzz_target;
use register::auth::{
    AkaResponse, Login, ProgramAnswer, ProgramAnswers, ProgramChallenge, ProgramScheme, Secret,
    Session, challenges, parameters,
};
use register::request::Entropy;
use register::sip::{Draft, Message};

fuzz_target!(|line: &str| {
    for challenge in challenges(line).flatten() {
        let _ = challenge.realm_text();
        let mut session = Session::new(challenge);
        let login = Login { username: line, secret: Secret::Password(line.as_bytes()) };
        let answer = session.answer(&login, "REGISTER", "sip:registrar.test", b"", "c0ffee");
        let fields = parameters(answer.strip_prefix("Digest ").expect("a digest answer"));
        assert!((6..=10).contains(&fields.count()), "no parameter breaks out: {answer}");
    }
    let response = format!("SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: {line}\r\n\r\n");
    if let Ok(response) = Message::parse(response.as_bytes()) {
        asked(&response, line);
    }
});

/// What a program that is asked answers is one line, whatever the challenge.
fn asked(response: &Message<'_>, username: &str) {
    let Some(challenge) = ProgramChallenge::find(response) else { return };
    let card = || AkaResponse {
        res: vec![1; 8].into(),
        ik: Some([2; 16].into()),
        ck: Some([3; 16].into()),
    };
    let answer = match challenge.scheme {
        ProgramScheme::Bearer => ProgramAnswer::Token("t.o-k~e+n/==".to_owned().into()),
        ProgramScheme::AkaV1Md5 => ProgramAnswer::Aka(card()),
        ProgramScheme::AkaV2Md5 => ProgramAnswer::Resynchronize([4; 14]),
    };
    let mut answers = ProgramAnswers::default();
    assert!(answers.keep(&challenge, false, answer, username));
    let mut draft = Draft::request("REGISTER", "sip:registrar.test");
    answers.write(&mut draft, &mut Entropy::new([0; 32]));
    let text = draft.to_bytes();
    assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 4);
    assert!(answers.refuse(&challenge, false) && !answers.refuse(&challenge, false));
}
