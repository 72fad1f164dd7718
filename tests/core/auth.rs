//! Challenges as a registration meets them: answers, nonce counts, refusals, limits.

use crate::answers::{authorization, nonce_count};
use crate::common::{World, param};
use register::agent::{Action, CredentialText, EventKind, Refusal};
use register::auth::{Algorithm, Challenge, Login, Secret, Session};
use register::sip::Draft;

const CHALLENGE: &str =
    r#"WWW-Authenticate: Digest realm="acme", nonce="n1", qop="auth", opaque="o""#;

/// Whether the answer in `request` is right for `password`.
fn is_right(request: &Draft, challenge: &str, password: &str) -> bool {
    let value = request.get("Authorization").or(request.get("Proxy-Authorization")).unwrap();
    let mut session =
        Session::new(Challenge::parse(challenge.split_once(": ").unwrap().1).unwrap());
    let username = param(value, "username").unwrap();
    let login = Login { username: &username, secret: Secret::Password(password.as_bytes()) };
    let cnonce = param(value, "cnonce").unwrap_or_default();
    let count: u32 = param(value, "nc").map_or(1, |nc| u32::from_str_radix(&nc, 16).unwrap());
    let uri = param(value, "uri").unwrap();
    let answers: Vec<String> =
        (0..count).map(|_| session.answer(&login, "REGISTER", &uri, b"", &cnonce)).collect();
    param(answers.last().unwrap(), "response") == param(value, "response")
}

#[test]
fn the_first_challenge_is_an_event_and_automatic_action_answers() {
    let mut world = World::with_alice();
    let (rid, first) = world.register(3600);
    assert_eq!(first.get("Authorization"), None);
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    let event = world.event();
    assert_eq!((event.kind, &*event.text), (EventKind::RegistrationFailure, ""));
    assert!(world.sent().is_empty(), "nothing is sent unasked");
    let second = world.automatic_one();
    assert_eq!(second.get("CSeq"), Some("2 REGISTER"));
    assert_eq!(second.get("Call-ID"), first.get("Call-ID"));
    assert_eq!(param(authorization(&second), "opaque").as_deref(), Some("o"));
    assert!(is_right(&second, CHALLENGE, "secret"));
    world.grant(&second, 3600);
    let event = world.event();
    assert_eq!((event.kind, event.rid), (EventKind::RegistrationSuccess, rid));
    assert_eq!(event.text, "");
}

#[test]
fn a_nonce_is_reused_with_a_hexadecimal_count_from_1() {
    let mut world = World::with_alice();
    let (rid, first) = world.register(3600);
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    let mut request = world.automatic_one();
    for count in 1..=257 {
        assert_eq!(nonce_count(&request), format!("{count:08x}"));
        world.grant(&request, 3600);
        let now = world.now();
        world.agent.send_register(now, rid, None).unwrap();
        request = world.one();
    }
    world.answer(
        &request,
        "401 Unauthorized",
        &[&CHALLENGE.replace("n1", "n2").replace("opaque", "stale=true, opaque")],
    );
    let request = world.automatic_one();
    assert_eq!(nonce_count(&request), "00000001");
    assert_eq!(param(authorization(&request), "nonce").as_deref(), Some("n2"));
}

#[test]
fn every_account_of_thousands_keeps_its_nonce() {
    let mut world = World::with_alice();
    for round in 0..1000 {
        let (rid, first) = world.register(3600);
        world.answer(&first, "401 Unauthorized", &[&CHALLENGE.replace("n1", &format!("n{round}"))]);
        let second = world.automatic_one();
        world.grant(&second, 3600);
        let now = world.now();
        world.agent.send_register(now, rid, None).unwrap();
        let third = world.one();
        assert_eq!(nonce_count(&third), "00000002");
        assert_eq!(param(authorization(&third), "nonce").unwrap(), format!("n{round}"));
        world.grant(&third, 3600);
    }
}

#[test]
fn a_built_message_carries_its_answer_but_building_counts_nothing() {
    let mut world = World::with_alice();
    let (rid, first) = world.register(3600);
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    let texts: Vec<Vec<u8>> =
        (0..3).map(|_| world.agent.build_register(rid, 3600).unwrap()).collect();
    for text in &texts {
        assert_eq!(nonce_count(&Draft::parse(text).unwrap()), "00000001");
    }
    world.send(rid, &texts[2]);
    let second = world.one();
    assert_eq!(nonce_count(&second), "00000001");
    world.grant(&second, 3600);
    world.send(rid, &texts[0]);
    let late = world.one();
    assert_eq!(nonce_count(&late), "00000002", "a text built earlier gets a count of its own");
    assert!(is_right(&late, CHALLENGE, "secret"));
}

#[test]
fn a_text_sent_as_it_was_built_keeps_its_answer_and_counts_it() {
    let mut world = World::with_alice();
    let (rid, first) = world.register(3600);
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    let second = world.automatic_one();
    world.grant(&second, 3600);
    for count in 2..5 {
        let text = world.agent.build_register(rid, 3600).unwrap();
        let built = Draft::parse(&text).unwrap();
        world.send(rid, &text);
        let sent = world.one();
        assert_eq!(authorization(&sent), authorization(&built));
        assert_eq!(nonce_count(&sent), format!("{count:08x}"));
        world.grant(&sent, 3600);
    }
    let text = world.agent.build_register(rid, 3600).unwrap();
    let now = world.now();
    world.agent.send_register(now, rid, None).unwrap();
    let other = world.one();
    world.grant(&other, 3600);
    world.send(rid, &text);
    let late = world.one();
    assert_eq!(
        (nonce_count(&other), nonce_count(&late)),
        ("00000005".into(), "00000006".into()),
        "another took its count"
    );
    assert!(is_right(&late, CHALLENGE, "secret"));
    world.grant(&late, 3600);
    let text = world.agent.build_register(rid, 3600).unwrap();
    world.credential("alice", "other", "acme");
    world.send(rid, &text);
    assert!(is_right(&world.one(), CHALLENGE, "other"), "another secret came since");
}

#[test]
fn a_session_algorithm_keeps_the_cnonce_of_a_text_sent_as_it_was_built() {
    let mut world = World::with_alice();
    let (rid, first) = world.register(3600);
    let challenge = CHALLENGE.replace("opaque", "algorithm=MD5-sess, opaque");
    world.answer(&first, "401 Unauthorized", &[&challenge]);
    for count in 1..4 {
        let text = world.agent.build_register(rid, 3600).unwrap();
        world.send(rid, &text);
        let sent = world.one();
        assert_eq!(nonce_count(&sent), format!("{count:08x}"));
        assert!(is_right(&sent, &challenge, "secret"));
        world.grant(&sent, 3600);
    }
}

#[test]
fn a_text_that_is_refused_counts_no_nonce() {
    let mut world = World::with_alice();
    let (rid, request) = world.register(600);
    world.answer(&request, "401 Unauthorized", &[CHALLENGE]);
    let request = world.automatic_one();
    world.grant(&request, 600);
    let text = String::from_utf8(world.agent.build_register(rid, 600).unwrap()).unwrap();
    let broken = text.replacen("REGISTER sip:192.0.2.1 ", "REGISTER tel:+1 ", 1);
    let now = world.now();
    assert!(world.agent.send_register(now, rid, Some(broken.as_bytes())).is_err());
    world.send(rid, text.as_bytes());
    assert_eq!(nonce_count(&world.one()), "00000002");
}

#[test]
fn the_same_nonce_refused_twice_stops_and_says_so() {
    let mut world = World::with_alice();
    let (rid, first) = world.register(3600);
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    let second = world.automatic_one();
    world.events();
    world.answer(&second, "401 Unauthorized", &[CHALLENGE]);
    let event = world.event();
    assert!(event.text.contains("credentials are wrong"), "{}", event.text);
    assert!(event.text.contains("\"alice\"") && event.text.contains("\"acme\""), "{}", event.text);
    assert!(world.automatic().is_empty());
    assert!(world.at(10_000_000).automatic().is_empty(), "nothing until the credentials change");
    let now = world.now();
    assert_eq!(world.agent.default_action(now, rid, 401), Err(Refusal::RetryLimit));
    world.credential("alice", "secret", "");
    assert!(world.automatic().is_empty(), "the same again is no change");
    world.credential("alice", "other", "");
    let third = world.automatic_one();
    assert!(is_right(&third, CHALLENGE, "other"));
}

#[test]
fn a_new_nonce_each_time_gets_three_answers_then_one_in_120_s() {
    let mut world = World::with_alice();
    let (_, mut request) = world.register(3600);
    for round in 1..=3 {
        world.answer(
            &request,
            "401 Unauthorized",
            &[&CHALLENGE.replace("n1", &format!("n{round}"))],
        );
        request = world.automatic_one();
    }
    world.events();
    world.answer(&request, "401 Unauthorized", &[&CHALLENGE.replace("n1", "n4")]);
    assert!(world.event().text.contains("probably wrong"));
    assert!(world.at(119_999).automatic().is_empty());
    world.at(120_000);
    request = world.automatic_one();
    world.answer(&request, "401 Unauthorized", &[&CHALLENGE.replace("n1", "n5")]);
    assert!(world.at(239_999).automatic().is_empty(), "one, not three");
    assert_eq!(world.at(240_000).automatic().len(), 1);
}

#[test]
fn default_and_automatic_action_share_the_limit_and_answer_once() {
    let mut world = World::with_alice();
    let (rid, request) = world.register(3600);
    world.answer(&request, "401 Unauthorized", &[CHALLENGE]);
    let now = world.now();
    assert_eq!(world.agent.default_action(now, rid, 401), Ok(Action::Sent));
    let again = world.agent.default_action(now, rid, 401);
    assert_eq!(again, Err(Refusal::WrongState), "answered already");
    world.agent.automatic_action(now);
    let mut request = world.one();
    for round in 2..=3 {
        world.answer(&request, "407 Proxy", &[&CHALLENGE.replace("n1", &format!("n{round}"))]);
        assert_eq!(world.agent.default_action(now, rid, 407), Ok(Action::Sent));
        request = world.one();
    }
    world.answer(&request, "401 Unauthorized", &[&CHALLENGE.replace("n1", "n9")]);
    assert_eq!(world.agent.default_action(now, rid, 401), Err(Refusal::RetryLimit));
    assert!(world.automatic().is_empty());
    assert_eq!(world.agent.default_action(now, rid, 403), Ok(Action::Nothing));
    assert_eq!(world.agent.default_action(now, rid, 302), Err(Refusal::Undefined));
    assert_eq!(world.agent.default_action(now, 0, 401), Err(Refusal::BadParameter));
    assert_eq!(world.agent.default_action(now, 99, 401), Err(Refusal::NotFound));
}

#[test]
fn without_credentials_nothing_is_sent_until_they_come() {
    let mut world = World::new();
    world.credential("bob", "x", "elsewhere");
    let (rid, first) = world.register(3600);
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    let event = world.event();
    assert!(
        event.text.contains("no credentials for \"alice\" in realm \"acme\""),
        "{}",
        event.text
    );
    let now = world.now();
    assert_eq!(world.agent.default_action(now, rid, 401), Err(Refusal::Undefined));
    assert!(world.at(5_000).automatic().is_empty());
    world.credential("alice", "secret", "acme");
    let second = world.automatic_one();
    assert!(is_right(&second, CHALLENGE, "secret"), "the challenge was kept");
}

#[test]
fn the_strongest_answerable_challenge_is_answered() {
    let algorithm = |challenges: &[&str], ha1: bool| {
        let mut world = World::new();
        let text = CredentialText {
            username: "alice",
            userid: "alice",
            password: if ha1 { b"" } else { b"secret" },
            ha1: if ha1 { "0123456789abcdef0123456789abcdef" } else { "" },
            realm: "",
        };
        world.agent.add_credential(text).unwrap();
        let (_, first) = world.register(3600);
        let lines: Vec<String> = challenges
            .iter()
            .map(|name| {
                format!(
                    "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth\", algorithm={name}"
                )
            })
            .chain(["WWW-Authenticate: Bearer realm=\"acme\"".to_owned()])
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        world.answer(&first, "401 Unauthorized", &lines);
        let sent = world.automatic();
        sent.first().map(|request| {
            let lines = request.headers().filter(|(name, _)| *name == "Authorization").count();
            assert_eq!(lines, 1, "exactly one Authorization");
            param(authorization(request), "algorithm").unwrap()
        })
    };
    assert_eq!(algorithm(&["MD5", "SHA-256"], false).as_deref(), Some("SHA-256"));
    assert_eq!(
        algorithm(&["SHA-512-256", "MD5", "SHA-256"], false).as_deref(),
        Some("SHA-512-256")
    );
    assert_eq!(algorithm(&["FOO-1", "AKAv1-MD5", "MD5"], false).as_deref(), Some("MD5"));
    assert_eq!(algorithm(&["SHA-256-sess", "SHA-256"], false).as_deref(), Some("SHA-256"));
    assert_eq!(
        algorithm(&["SHA-256", "MD5"], true).as_deref(),
        Some("MD5"),
        "an MD5 HA1 answers MD5 only"
    );
    assert_eq!(algorithm(&["FOO-1"], false), None);
}

#[test]
fn every_algorithm_and_qop_is_answered_rightly() {
    for name in ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"] {
        for qop in ["", ", qop=\"auth\"", ", qop=\"auth-int\"", ", qop=\"auth-int, auth\""] {
            let challenge = format!(
                "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", algorithm={name}{qop}"
            );
            let mut world = World::with_alice();
            let (_, first) = world.register(3600);
            world.answer(&first, "401 Unauthorized", &[&challenge]);
            let second = world.automatic_one();
            assert!(is_right(&second, &challenge, "secret"), "{challenge}");
            let given = param(authorization(&second), "qop");
            let wanted = if qop.contains("auth\"") {
                Some("auth")
            } else {
                (!qop.is_empty()).then_some("auth-int")
            };
            assert_eq!(given.as_deref(), wanted, "{challenge}");
        }
    }
    assert!(Algorithm::parse("\"md5\"").is_some());
}

#[test]
fn a_401_behind_a_407_and_several_realms_are_answered_together() {
    let mut world = World::with_alice();
    world.credential("alice", "proxy-secret", "edge");
    let (_, first) = world.register(3600);
    let proxy = "Proxy-Authenticate: Digest realm=\"edge\", nonce=\"p\", qop=\"auth\"";
    world.answer(&first, "407 Proxy Authentication Required", &[proxy]);
    let second = world.automatic_one();
    assert!(second.get("Authorization").is_none());
    assert!(is_right(&second, proxy, "proxy-secret"));
    world.answer(&second, "401 Unauthorized", &[CHALLENGE, &CHALLENGE.replace("acme", "other")]);
    let third = world.automatic_one();
    let realms: Vec<_> = third
        .headers()
        .filter(|(name, _)| name.ends_with("Authorization"))
        .map(|(name, value)| (name, param(value, "realm").unwrap(), param(value, "nc").unwrap()))
        .collect();
    let one = "00000001".to_owned();
    assert_eq!(
        realms,
        [
            ("Authorization", "acme".to_owned(), one.clone()),
            ("Authorization", "other".to_owned(), one),
            ("Proxy-Authorization", "edge".to_owned(), "00000002".to_owned()),
        ]
    );
}

#[test]
fn nextnonce_takes_over() {
    let mut world = World::with_alice();
    let (rid, first) = world.register(3600);
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    let second = world.automatic_one();
    world.answer(
        &second,
        "200 OK",
        &["Authentication-Info: qop=auth, nextnonce=\"fresh\", nc=00000001"],
    );
    let now = world.now();
    world.agent.send_register(now, rid, None).unwrap();
    let third = world.one();
    assert_eq!(param(authorization(&third), "nonce").as_deref(), Some("fresh"));
    assert_eq!(nonce_count(&third), "00000001");
}

#[test]
fn a_stale_nonce_is_replaced_even_if_it_was_just_answered() {
    let mut world = World::with_alice();
    let (_, first) = world.register(3600);
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    let second = world.automatic_one();
    let stale = CHALLENGE.replace("n1", "n2").replace("qop", "stale=TRUE, qop");
    world.answer(&second, "401 Unauthorized", &[&stale]);
    let third = world.automatic_one();
    assert!(is_right(&third, &stale, "secret"));
}

#[test]
fn after_a_timeout_no_answer_is_offered_unasked() {
    let mut world = World::with_alice();
    let (rid, first) = world.register(3600);
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    world.automatic_one();
    world.run_to(32_000);
    let now = world.now();
    world.agent.send_register(now, rid, None).unwrap();
    assert_eq!(world.one().get("Authorization"), None);
}

#[test]
fn an_unregister_answers_its_challenge() {
    let mut world = World::with_alice();
    let (rid, _) = world.registered(3600);
    let text = world.agent.build_register(rid, 0).unwrap();
    world.send(rid, &text);
    let bye = world.one();
    world.answer(&bye, "407 Proxy", &["Proxy-Authenticate: Digest realm=\"acme\", nonce=\"n1\""]);
    let again = world.automatic_one();
    assert_eq!(again.get("Expires"), Some("0"));
    assert!(again.get("Contact").unwrap().ends_with(";expires=0"));
    assert!(again.get("Proxy-Authorization").is_some());
    world.answer(&again, "200 OK", &[]);
    assert_eq!(world.agent.remove(rid), Err(Refusal::NotFound));
}

#[test]
fn user_realm_and_password_may_be_long_and_hold_quotes_and_backslashes() {
    let user = "al\\ice \"the\" first";
    let password = format!("{}\"\\", "p".repeat(300));
    let challenge = r#"WWW-Authenticate: Digest realm="ac\"me \\ co", nonce="n", qop="auth""#;
    let mut world = World::new();
    let text = CredentialText {
        username: "alice",
        userid: user,
        password: password.as_bytes(),
        ha1: "MD5",
        realm: "ac\"me \\ co",
    };
    world.agent.add_credential(text).unwrap();
    let (_, first) = world.register(3600);
    world.answer(&first, "401 Unauthorized", &[challenge]);
    let second = world.automatic_one();
    let value = authorization(&second);
    assert!(value.contains(r#"username="al\\ice \"the\" first""#), "{value}");
    assert!(value.contains(r#"realm="ac\"me \\ co""#), "{value}");
    let response = param(value, "response").unwrap();
    let cnonce = param(value, "cnonce").unwrap();
    let md5 = |text: String| Algorithm::Md5.hex(&[text.as_bytes()]);
    let ha1 = md5(format!("{user}:ac\"me \\ co:{password}"));
    let ha2 = md5("REGISTER:sip:192.0.2.1".to_owned());
    assert_eq!(response, md5(format!("{ha1}:n:00000001:{cnonce}:auth:{ha2}")));
}

#[test]
fn a_password_of_any_bytes_is_hashed_and_credentials_not_shown() {
    let password = b"caf\xe9";
    let mut world = World::new();
    let text = CredentialText { username: "alice", userid: "alice", password, ha1: "", realm: "" };
    assert_eq!(format!("{text:?}"), "CredentialText { realm: \"\", .. }");
    assert_eq!(format!("{:?}", Secret::Password(password)), "Secret { .. }");
    world.agent.add_credential(text).unwrap();
    let (_, first) = world.register(3600);
    world.answer(
        &first,
        "401 Unauthorized",
        &["WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\""],
    );
    let second = world.automatic_one();
    let ha1 = Algorithm::Md5.hex(&[b"alice:acme:", password]);
    let ha2 = Algorithm::Md5.hex(&[b"REGISTER:sip:192.0.2.1"]);
    let response = Algorithm::Md5.hex(&[format!("{ha1}:n:{ha2}").as_bytes()]);
    assert_eq!(param(authorization(&second), "response"), Some(response));
}

#[test]
fn a_server_of_many_realms_gets_answers_in_eight() {
    let mut world = World::with_alice();
    let (_, first) = world.register(3600);
    let challenges: Vec<String> =
        (0..100).map(|n| format!("WWW-Authenticate: Digest realm=\"r{n}\", nonce=\"n\"")).collect();
    world.answer(
        &first,
        "401 Unauthorized",
        &challenges.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let second = world.automatic_one();
    let answers = second.headers().filter(|(name, _)| *name == "Authorization");
    let realms: Vec<_> = answers.map(|(_, value)| param(value, "realm").unwrap()).collect();
    assert_eq!(realms, (92..100).map(|n| format!("r{n}")).collect::<Vec<_>>());
}

#[test]
fn an_authorization_of_the_application_stays_as_it_is() {
    let mut world = World::with_alice();
    let (rid, built) = world.build(3600);
    let mut draft = Draft::parse(&built).unwrap();
    draft.insert_after("Contact", "Authorization", "Capability algorithm=\"H:MD5\"");
    world.send(rid, &draft.to_bytes());
    let first = world.one();
    assert_eq!(first.get("Authorization"), Some("Capability algorithm=\"H:MD5\""));
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    let second = world.automatic_one();
    assert!(authorization(&second).starts_with("Digest "));
}
