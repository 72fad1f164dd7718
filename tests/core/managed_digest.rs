//! Digest in managed registrations: counts, lengths and choices that other clients got wrong.

use crate::common::{World, param, www};
use register::auth::AccountLogin;
use register::auth::Algorithm;

#[test]
fn one_hundred_and_one_accounts_keep_their_nonces() {
    let mut world = World::new();
    let challenge = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth\"";
    world.agent.registerer_limits(world.now(), 0, 0);
    for n in 0..101 {
        world.credential(&format!("user{n}"), "secret", "acme");
        let rid = world.managed(|options| options.aor = format!("sip:user{n}@acme.test"));
        world.agent.registerer_register(world.now(), rid).unwrap();
    }
    for request in world.sent() {
        world.answer(&request, "401 Unauthorized", &[challenge]);
    }
    for request in world.sent() {
        world.grant(&request, 600);
    }
    let sent = world.run_to(540_000);
    assert_eq!(sent.len(), 101);
    assert!(sent.iter().all(|(_, refresh)| {
        let line = refresh.get("Authorization").unwrap();
        param(line, "nc").as_deref() == Some("00000002")
    }));
}

#[test]
fn a_password_of_sixty_characters_and_more_is_used_whole() {
    let password = "p\"\\".repeat(100);
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| {
        options.logins = vec![AccountLogin {
            username: "alice".into(),
            realm: "".into(),
            password: Some(password.as_bytes().into()),
            ha1: Vec::new(),
        }];
    });
    world.answer(
        &request,
        "401 Unauthorized",
        &["WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\""],
    );
    let proven = world.one();
    let hash = |text: String| Algorithm::Md5.hex(&[text.as_bytes()]);
    let (a1, a2) = (hash(format!("alice:acme:{password}")), hash("REGISTER:sip:192.0.2.1".into()));
    let line = proven.get("Authorization").unwrap();
    assert_eq!(param(line, "response"), Some(hash(format!("{a1}:n:{a2}"))));
}

#[test]
fn nc_is_hexadecimal_and_starts_again_with_a_new_nonce() {
    let mut world = World::with_alice();
    let (_, request) = world.managed_register(|_| {});
    let challenge = |nonce: &str| {
        format!("WWW-Authenticate: Digest realm=\"acme\", nonce=\"{nonce}\", qop=\"auth\"")
    };
    world.answer(&request, "401 Unauthorized", &[&challenge("a")]);
    let mut request = world.one();
    for n in 1..=256_u64 {
        let nc = param(request.get("Authorization").unwrap(), "nc");
        assert_eq!(nc, Some(format!("{n:08x}")));
        world.grant(&request, 600);
        request = world.one_at(n * 540_000);
    }
    world.answer(&request, "401 Unauthorized", &[&format!("{}, stale=true", challenge("b"))]);
    let fresh = world.one();
    assert_eq!(param(fresh.get("Authorization").unwrap(), "nc").as_deref(), Some("00000001"));
}

#[test]
fn auth_int_holds_on_a_refresh() {
    let mut world = World::with_alice();
    let (_, request) = world.managed_register(|_| {});
    world.answer(
        &request,
        "401 Unauthorized",
        &["WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth-int\""],
    );
    let proven = world.one();
    world.grant(&proven, 600);
    let refresh = world.one_at(540_000);
    let field = |name: &str| param(refresh.get("Authorization").unwrap(), name).unwrap();
    let hash = |text: String| Algorithm::Md5.hex(&[text.as_bytes()]);
    let (a1, body) = (hash("alice:acme:secret".into()), hash(String::new()));
    let a2 = hash(format!("REGISTER:sip:192.0.2.1:{body}"));
    assert_eq!(field("qop"), "auth-int");
    assert_eq!(field("nc"), "00000002");
    assert_eq!(
        field("response"),
        hash(format!("{a1}:n:00000002:{}:auth-int:{a2}", field("cnonce")))
    );
}

#[test]
fn one_of_two_challenges_for_a_realm_is_answered() {
    let mut world = World::with_alice();
    let (_, request) = world.managed_register(|_| {});
    let challenge = |algorithm: &str| {
        format!(
            "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth\", algorithm={algorithm}"
        )
    };
    let lines = [challenge("SHA3-999"), challenge("MD5"), challenge("SHA-512-256")];
    world.answer(
        &request,
        "401 Unauthorized",
        &lines.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let proven = world.one();
    let answers: Vec<_> = proven.headers().filter(|(name, _)| *name == "Authorization").collect();
    assert_eq!(answers.len(), 1);
    assert_eq!(param(answers[0].1, "algorithm").as_deref(), Some("SHA-512-256"));
}

#[test]
fn ha1_per_algorithm_answers_the_strongest_it_is_known_for() {
    let ha1 = |algorithm: Algorithm| (algorithm, Box::from(algorithm.hex(&[b"alice:acme:secret"])));
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| {
        options.logins = vec![AccountLogin {
            username: "alice".into(),
            realm: "acme".into(),
            password: None,
            ha1: vec![ha1(Algorithm::Md5), ha1(Algorithm::Sha256)],
        }];
    });
    let challenge = |algorithm: &str| {
        format!(
            "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth\", algorithm={algorithm}"
        )
    };
    world.answer(
        &request,
        "401 Unauthorized",
        &[&challenge("SHA-512-256"), &challenge("MD5"), &challenge("SHA-256")],
    );
    let proven = world.one();
    let line = proven.get("Authorization").unwrap();
    assert_eq!(param(line, "algorithm").as_deref(), Some("SHA-256"));
    let field = |name: &str| param(line, name).unwrap();
    let hash = |text: String| Algorithm::Sha256.hex(&[text.as_bytes()]);
    let (a1, a2) = (hash("alice:acme:secret".into()), hash("REGISTER:sip:192.0.2.1".into()));
    assert_eq!(
        field("response"),
        hash(format!("{a1}:n:{}:{}:auth:{a2}", field("nc"), field("cnonce")))
    );
}

#[test]
fn of_the_contexts_credentials_those_of_the_one_who_asks_count() {
    let mut world = World::with_alice();
    world.credential("secretary", "typed", "");
    let (_, request) =
        world.managed_register(|options| options.from = Some("sip:secretary@acme.test".into()));
    world.answer(&request, "401 Unauthorized", &[&www("n1")]);
    let proven = world.one();
    assert_eq!(
        param(proven.get("Authorization").unwrap(), "username").as_deref(),
        Some("secretary")
    );
}

#[test]
fn an_ha1_for_another_algorithm_blocks_until_a_password_comes() {
    let mut world = World::new();
    let mut login = AccountLogin {
        username: "alice".into(),
        realm: "".into(),
        password: None,
        ha1: vec![(Algorithm::Md5, "0".repeat(32).into())],
    };
    let (rid, request) = world.managed_register(|options| options.logins = vec![login.clone()]);
    world.answer(&request, "401 Unauthorized", &[&format!("{}, algorithm=SHA-256", www("n1"))]);
    assert_eq!(
        world.explain(rid),
        "401 Unauthorized from 192.0.2.1:5060: the HA1 in realm \"acme\" is for another algorithm than SHA-256; \
         not trying again until the credentials change"
    );
    login.password = Some(b"secret".as_slice().into());
    world.agent.registerer_set_logins(world.now(), rid, vec![login]).unwrap();
    let again = world.one();
    world.answer(&again, "401 Unauthorized", &[&format!("{}, algorithm=SHA-256", www("n2"))]);
    let proven = world.one();
    assert_eq!(
        param(proven.get("Authorization").unwrap(), "algorithm").as_deref(),
        Some("SHA-256")
    );
}
