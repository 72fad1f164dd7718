//! Digest answers against the vectors of the RFCs, and what the header says.

use register::auth::*;

const RFC7616: &str = r#"Digest realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

fn challenge(text: &str) -> Challenge<'_> {
    Challenge::parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

fn login<'a>(username: &'a str, password: &'a str) -> Login<'a> {
    Login { username, secret: Secret::Password(password.as_bytes()) }
}

fn field<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    parameters(answer.strip_prefix("Digest ")?).find(|(n, _)| *n == name).map(|(_, value)| value)
}

fn response(challenge_text: &str, login: &Login<'_>, uri: &str, cnonce: &str) -> String {
    let answer = Session::new(challenge(challenge_text)).answer(login, "GET", uri, b"", cnonce);
    field(&answer, "response").expect("an answer has a response").to_string()
}

#[test]
fn rfc_7616_section_3_9_1() {
    let mufasa = login("Mufasa", "Circle of Life");
    for (algorithm, expected) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] {
        let text = format!("{RFC7616}, algorithm={algorithm}");
        assert_eq!(response(&text, &mufasa, "/dir/index.html", CNONCE), expected);
        let mut session = Session::new(challenge(&text));
        assert_eq!(
            session.answer(&mufasa, "GET", "/dir/index.html", b"", CNONCE),
            format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", response=\"{expected}\", \
                 algorithm={algorithm}, cnonce=\"{CNONCE}\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", \
                 qop=auth, nc=00000001"
            )
        );
    }
}

/// The values of erratum 4897: those printed in the RFC are of SHA-512 cut to 256 bits.
#[test]
fn rfc_7616_section_3_9_2() {
    let user = "J\u{e4}s\u{f8}n Doe";
    assert_eq!(
        Algorithm::Sha512_256.hex(&[user.as_bytes(), b":api@example.org"]),
        "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"
    );
    let text = r#"Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true"#;
    assert_eq!(
        response(
            text,
            &login(user, "Secret, or not?"),
            "/doe.json",
            "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v"
        ),
        "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
    );
}

#[test]
fn rfc_2617_section_3_5() {
    let text = r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#;
    assert_eq!(
        response(text, &login("Mufasa", "Circle Of Life"), "/dir/index.html", "0a4f113b"),
        "6629fae49393a05397450978507c4ef1"
    );
}

#[test]
fn rfc_2069_answers_carry_no_cnonce_nc_or_qop() {
    let text = r#"Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093""#;
    let mut session = Session::new(challenge(text));
    let answer =
        session.answer(&login("Mufasa", "CircleOfLife"), "GET", "/dir/index.html", b"", "0a4f113b");
    assert_eq!(
        answer,
        "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
         uri=\"/dir/index.html\", response=\"1949323746fe6a43ef61f9606e7febea\", algorithm=MD5"
    );
    assert_eq!(
        session.answer(&login("Mufasa", "CircleOfLife"), "GET", "/dir/index.html", b"", "x"),
        answer
    );
    assert_eq!(session.count(), 2);
}

#[test]
fn auth_int_covers_the_body_and_comes_second_to_auth() {
    let text = r#"Digest realm="r", nonce="n", qop="auth-int""#;
    let answer = |body| {
        Session::new(challenge(text)).answer(&login("u", "p"), "REGISTER", "sip:h", body, "c")
    };
    let (empty, full) = (answer(b""), answer(b"v=0"));
    assert_eq!(field(&empty, "qop"), Some("auth-int"));
    assert_ne!(field(&empty, "response"), field(&full, "response"));
    let md5 = |data: &[&[u8]]| Algorithm::Md5.hex(data);
    let (a1, body) = (md5(&[b"u:r:p"]), md5(&[b"v=0"]));
    let a2 = md5(&[b"REGISTER:sip:h:", body.as_bytes()]);
    let expected = md5(&[a1.as_bytes(), b":n:00000001:c:auth-int:", a2.as_bytes()]);
    assert_eq!(field(&full, "response"), Some(&*expected));
    let both = Session::new(challenge(r#"Digest realm="r", nonce="n", qop="auth-int,auth""#))
        .answer(&login("u", "p"), "REGISTER", "sip:h", b"", "c");
    assert_eq!(field(&both, "qop"), Some("auth"));
}

#[test]
fn the_count_is_eight_hex_digits_and_starts_again_with_a_nonce() {
    let mut session =
        Session::new(challenge(r#"Digest realm="r", nonce="n", qop=auth, stale=TRUE"#));
    assert!(session.challenge().stale && session.count() == 0);
    let mut answer = String::new();
    for _ in 0..27 {
        answer = session.answer(&login("u", "p"), "REGISTER", "sip:h", b"", "c");
    }
    assert_eq!((field(&answer, "nc"), session.count()), (Some("0000001b"), 27));
    session.next_nonce("next");
    let answer = session.answer(&login("u", "p"), "REGISTER", "sip:h", b"", "c");
    assert_eq!((field(&answer, "nc"), field(&answer, "nonce")), (Some("00000001"), Some("next")));
}

#[test]
fn a_session_algorithm_keeps_the_cnonce_of_its_first_answer() {
    let mut session = Session::new(challenge(
        r#"Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256-sess"#,
    ));
    let first = session.answer(&login("u", "p"), "REGISTER", "sip:h", b"", "first");
    let second = session.answer(&login("u", "p"), "REGISTER", "sip:h", b"", "second");
    assert_eq!((field(&first, "cnonce"), field(&second, "cnonce")), (Some("first"), Some("first")));
    let sha = |data: &[&[u8]]| Algorithm::Sha256.hex(data);
    let a1 = sha(&[sha(&[b"u:r:p"]).as_bytes(), b":n:first"]);
    let a2 = sha(&[b"REGISTER:sip:h"]);
    let expected = sha(&[a1.as_bytes(), b":n:00000002:first:auth:", a2.as_bytes()]);
    assert_eq!(
        (field(&second, "response"), field(&second, "nc")),
        (Some(&*expected), Some("00000002"))
    );
    let bare = Session::new(challenge(r#"Digest realm="r", nonce="n", algorithm=MD5-sess"#))
        .answer(&login("u", "p"), "REGISTER", "sip:h", b"", "c");
    assert_eq!(
        (field(&bare, "cnonce"), field(&bare, "qop"), field(&bare, "nc")),
        (Some("c"), None, None)
    );
}

#[test]
fn a_session_is_small_and_keeps_its_texts_in_one_block() {
    assert!(size_of::<Session>() <= 40);
    let mut session = Session::new(challenge(
        r#"Digest realm="r", nonce="n", opaque="o", qop="auth", algorithm=MD5-sess, stale=true"#,
    ));
    session.answer(&login("u", "p"), "REGISTER", "sip:h", b"", "first");
    let c = session.challenge();
    assert_eq!(
        (c.realm, c.nonce, c.opaque, c.algorithm),
        ("r", "n", Some("o"), Algorithm::Md5Sess)
    );
    assert!(c.auth && !c.auth_int && c.stale);
    let (count, preview) =
        (session.count(), session.preview(&login("u", "p"), "REGISTER", "sip:h", b"", ""));
    assert_eq!((count, session.count()), (1, 1));
    assert_eq!(session.answer(&login("u", "p"), "REGISTER", "sip:h", b"", "other"), preview);
    assert!(preview.contains(r#"cnonce="first", opaque="o", qop=auth, nc=00000002"#), "{preview}");
}

#[test]
fn an_ha1_answers_its_own_hash_only() {
    let ha1 = Algorithm::Md5.hex(&[b"u:r:p"]).to_uppercase();
    let by_hash = Login { username: "u", secret: Secret::Ha1(Algorithm::Md5, &ha1) };
    assert!(by_hash.answers(Algorithm::Md5) && by_hash.answers(Algorithm::Md5Sess));
    assert!(
        !by_hash.answers(Algorithm::Sha256) && login("u", "p").answers(Algorithm::Sha512_256Sess)
    );
    for algorithm in ["MD5", "MD5-sess"] {
        let text = format!(r#"Digest realm="r", nonce="n", qop="auth", algorithm={algorithm}"#);
        assert_eq!(
            response(&text, &by_hash, "sip:h", "c"),
            response(&text, &login("u", "p"), "sip:h", "c")
        );
    }
}

#[test]
fn texts_are_echoed_as_written_and_hashed_as_meant() {
    let c = challenge(r#"Digest realm="a \"b\" c\\d", nonce="n\"1", opaque="o\\", qop="auth""#);
    assert_eq!(c.realm_text(), r#"a "b" c\d"#);
    let user = r#"al"ice\"#;
    let answer = Session::new(c).answer(&login(user, "p\"w"), "REGISTER", "sip:h", b"", "c");
    assert!(
        answer.starts_with(
            r#"Digest username="al\"ice\\", realm="a \"b\" c\\d", nonce="n\"1", uri="sip:h""#
        ),
        "{answer}"
    );
    assert!(answer.contains(r#", opaque="o\\", "#), "{answer}");
    let md5 = |data: &[&[u8]]| Algorithm::Md5.hex(data);
    let (a1, a2) = (md5(&[br#"al"ice\:a "b" c\d:p"w"#]), md5(&[b"REGISTER:sip:h"]));
    let expected = md5(&[a1.as_bytes(), br#":n"1:00000001:c:auth:"#, a2.as_bytes()]);
    assert_eq!(field(&answer, "response"), Some(&*expected));
}

#[test]
fn no_text_can_end_its_quotes_or_its_line() {
    let mut odd = challenge(r#"Digest realm=r, nonce=n\, qop="auth""#);
    odd.realm = "a\"b";
    let mut session = Session::new(odd);
    session.next_nonce("x\", evil=\"1\r\nX: y\\");
    let answer = session.answer(&login("u", "p"), "REGISTER", "sip:a\"b", b"", "c\"");
    assert!(!answer.contains(['\r', '\n']));
    let names: Vec<_> =
        parameters(answer.strip_prefix("Digest ").unwrap()).map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["username", "realm", "nonce", "uri", "response", "algorithm", "cnonce", "qop", "nc"]
    );
}

#[test]
fn a_challenge_is_read_however_it_is_written() {
    let c = challenge(
        "dIGEST\tNonce=\"n\" ,, REALM = \"r,1\",algorithm=\"sha-256\",QOP=\"token, AUTH\",nonce=\"late\",x=y,z",
    );
    assert_eq!((c.realm, c.nonce, c.algorithm, c.opaque), ("r,1", "n", Algorithm::Sha256, None));
    assert!(c.auth && !c.auth_int && !c.stale);
    let long = "x".repeat(60_000);
    let text = format!(r#"Digest realm="{long}", nonce="{long}", opaque="""#);
    let c = challenge(&text);
    assert_eq!((c.realm.len(), c.nonce.len(), c.opaque), (60_000, 60_000, Some("")));
    assert!(Algorithm::Sha512_256 > Algorithm::Sha256 && Algorithm::Md5 > Algorithm::Md5Sess);
}

#[test]
fn what_cannot_be_answered_says_why() {
    let why = |text| Challenge::parse(text).expect_err(text);
    assert_eq!(why("Basic realm=\"x\""), Unanswerable::Scheme("Basic".into()));
    assert_eq!(
        why(r#"Digest realm="r", nonce="n", algorithm=AKAv1-MD5"#),
        Unanswerable::Algorithm("AKAv1-MD5".into())
    );
    assert_eq!(
        why(r#"Digest realm="r", nonce="n", qop="auth-conf""#),
        Unanswerable::Qop("auth-conf".into())
    );
    assert!(matches!(why(r#"Digest realm="open, nonce="n""#), Unanswerable::Syntax(_)));
    assert!(matches!(why(r#"Digest realm="r", nonce="open"#), Unanswerable::Syntax(_)));
    assert!(
        Challenge::parse(r#"Digest realm="r", nonce="n", qop="""#).is_ok(),
        "an empty offer is none"
    );
}

#[test]
fn one_line_may_hold_several_challenges() {
    let line = r#" Basic realm="a, Digest b" , Digest realm="c", nonce="1", qop="auth,auth-int", algorithm=SHA-256,Negotiate, Digest realm="d",nonce="2",,"#;
    let found: Vec<_> = challenges(line).collect();
    assert_eq!(found.len(), 4);
    assert_eq!(found[0], Err(Unanswerable::Scheme("Basic".into())));
    assert_eq!(found[1].as_ref().map(|c| (c.realm, c.algorithm)), Ok(("c", Algorithm::Sha256)));
    assert_eq!(found[2], Err(Unanswerable::Scheme("Negotiate".into())));
    assert_eq!(found[3].as_ref().map(|c| (c.realm, c.nonce)), Ok(("d", "2")));
    assert_eq!(challenges("").count(), 0);
    let token = challenges(r#"Negotiate YII=, NTLM abc , Digest realm="r",nonce="n""#);
    let read: Vec<_> = token.map(|one| one.map(|c| c.realm)).collect();
    let unknown = |name: &str| Err(Unanswerable::Scheme(name.into()));
    assert_eq!(read, [unknown("Negotiate"), unknown("NTLM"), Ok("r")]);
}

#[test]
fn hostile_challenges_never_panic_and_take_one_pass() {
    for unit in [
        ",",
        "\"",
        "a=\"",
        "Digest ",
        "Digest,",
        "=",
        "\\",
        "a=b,",
        "\"\\",
        "\u{e9}",
        "Digest a,",
        "a =",
    ] {
        let line = format!("Digest realm=\"r\", nonce=\"n\",{}", unit.repeat(65_000 / unit.len()));
        assert!(challenges(&line).count() <= line.len());
        let _ = Challenge::parse(&line[5..]);
    }
}
