//! Which challenges are answered, with whose credentials, and when they count as refused.

use crate::common::{World, next, param};
use register::agent::{EventKind, InitialRegister, OutOfDialog};
use register::auth::{AccountLogin, Algorithm};
use register::registration::policy::managed::RegistererState::{Registered, Unregistered};
use register::sip::Draft;

const STATUS: [(&str, &str, &str); 2] = [
    ("401 Unauthorized", "WWW-Authenticate", "Authorization"),
    ("407 Proxy Authentication Required", "Proxy-Authenticate", "Proxy-Authorization"),
];

/// A challenge in a header of this name.
fn digest(name: &str, realm: &str, nonce: &str) -> String {
    format!("{name}: Digest realm=\"{realm}\", nonce=\"{nonce}\", qop=\"auth\"")
}

fn www(realm: &str, nonce: &str) -> String {
    digest("WWW-Authenticate", realm, nonce)
}

/// Realm, nonce and nc of each answer to a challenge in `request`.
fn answers(request: &Draft) -> Vec<[String; 3]> {
    let lines = request.headers().filter(|(name, _)| name.ends_with("Authorization"));
    lines
        .map(|(_, line)| ["realm", "nonce", "nc"].map(|name| param(line, name).unwrap_or_default()))
        .collect()
}

fn answer(realm: &str, nonce: &str, nc: u32) -> [String; 3] {
    [realm.to_owned(), nonce.to_owned(), format!("{nc:08x}")]
}

/// A MESSAGE of alice.
fn message(world: &mut World) -> Draft {
    let ask = OutOfDialog {
        method: "MESSAGE",
        to: "sip:bob@192.0.2.1",
        from: "sip:alice@acme.test",
        route: "",
    };
    let text = world.agent.build_request(ask).unwrap();
    let now = world.now();
    world.agent.send_request(now, &text).unwrap();
    world.one()
}

/// The first request of alice: a REGISTER of either face, a refresh of either, a MESSAGE.
fn requests() -> Vec<(&'static str, World, Draft, bool)> {
    let alice = || {
        let mut world = World::with_alice();
        world.agent.registerer_limits(world.now(), 0, 0);
        world
    };
    let mut all = Vec::new();
    let mut world = alice();
    let (_, request) = world.register(3600);
    all.push(("REGISTER", world, request, false));
    let mut world = alice();
    let (rid, _) = world.registered(3600);
    let now = world.now();
    world.agent.send_register(now, rid, None).unwrap();
    let request = world.one();
    all.push(("refresh", world, request, false));
    let mut world = alice();
    let request = message(&mut world);
    all.push(("MESSAGE", world, request, false));
    let mut world = alice();
    let (_, request) = world.managed_register(|_| {});
    all.push(("managed REGISTER", world, request, true));
    let mut world = alice();
    world.managed_registered(600, |_| {});
    let request = world.one_at(540_000);
    all.push(("managed refresh", world, request, true));
    all
}

/// What follows a challenge.
fn follow(world: &mut World, managed: bool) -> Vec<Draft> {
    if managed { world.sent() } else { world.automatic() }
}

#[test]
fn a_new_realm_is_answered_beside_a_repeated_challenge() {
    for (status, name, _) in STATUS {
        for (what, mut world, request, managed) in requests() {
            let (first, second) = (digest(name, "edge", "a"), www("acme", "b"));
            world.answer(&request, status, &[&first]);
            let sent = follow(&mut world, managed);
            assert_eq!(answers(&sent[0]), [answer("edge", "a", 1)], "{what}");
            world.answer(&sent[0], "401 Unauthorized", &[&second, &first]);
            let sent = follow(&mut world, managed);
            let mut wanted = [answer("edge", "a", 2), answer("acme", "b", 1)];
            if name == "Proxy-Authenticate" {
                wanted.reverse(); // Authorization stands first
            }
            assert_eq!(sent.first().map(answers), Some(wanted.to_vec()), "{what}");
            world.events();
            world.answer(&sent[0], "401 Unauthorized", &[&first, &second]);
            assert_eq!(follow(&mut world, managed).len(), 0, "{what}: nothing new is left");
            if !managed {
                assert!(world.event().text.contains("refused in realm"), "{what}");
            }
        }
    }
}

#[test]
fn a_second_new_nonce_without_stale_is_a_refusal_where_managed() {
    for (status, name, _) in STATUS {
        for (what, mut world, mut request, managed) in requests() {
            let mut count = 0;
            for n in 0..10 {
                world.answer(&request, status, &[&digest(name, "acme", &format!("n{n}"))]);
                let Some(sent) = follow(&mut world, managed).into_iter().next() else { break };
                assert_eq!(answers(&sent), [answer("acme", &format!("n{n}"), 1)], "{what}");
                request = sent;
                count += 1;
            }
            assert_eq!(count, if managed { 1 } else { 3 }, "{what}");
        }
    }
}

#[test]
fn stale_true_gets_one_answer_more() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&request, "401 Unauthorized", &[&www("acme", "n1")]);
    let request = world.one();
    world.answer(&request, "401 Unauthorized", &[&format!("{}, stale=true", www("acme", "n2"))]);
    let request = world.one();
    assert_eq!(answers(&request), [answer("acme", "n2", 1)]);
    world.answer(&request, "401 Unauthorized", &[&www("acme", "n3")]);
    assert_eq!(world.sent().len(), 0);
    assert!(
        world.explain(rid).contains("user name or password is wrong"),
        "{}",
        world.explain(rid)
    );
}

#[test]
fn an_answer_from_a_kept_nonce_does_not_count_as_the_first() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&request, "401 Unauthorized", &[&www("acme", "n1")]);
    let request = world.one();
    let info = "Authentication-Info: nextnonce=\"n2\"";
    world.answer(&request, "200 OK", &[info, "Expires: 600"]);
    let refresh = world.one_at(540_000);
    assert_eq!(answers(&refresh), [answer("acme", "n2", 1)]);
    world.answer(&refresh, "401 Unauthorized", &[&www("acme", "n3")]);
    let again = world.one();
    assert_eq!(answers(&again), [answer("acme", "n3", 1)], "the nonce may have been too old");
    world.grant(&again, 600);
    assert_eq!(world.state(rid), Registered);
}

#[test]
fn stale_nonces_at_a_refresh_leave_the_binding_and_are_tried_again() {
    for (status, name, _) in STATUS {
        let mut world = World::with_alice();
        let (rid, _) = world.managed_registered(3600, |_| {});
        let mut request = world.one_at(3_240_000);
        let mut sent = 0;
        for n in 0..5 {
            let challenge = format!("{}, stale=true", digest(name, "acme", &format!("n{n}")));
            world.answer(&request, status, &[&challenge]);
            let Some(next) = world.sent().into_iter().next() else { break };
            request = next;
            sent += 1;
        }
        assert_eq!(sent, 3, "as many as the option says");
        assert_eq!(world.state(rid), Registered);
        let again = next(&mut world, rid);
        assert_eq!(world.state(rid), Registered);
        world.grant(&again, 3600);
        assert_eq!(world.state(rid), Registered);
    }
}

#[test]
fn a_retry_after_a_refusal_carries_no_refused_answer() {
    for (retried, last) in [(403, "403 Forbidden"), (401, "401 Unauthorized"), (407, "407 Proxy")] {
        for qop in ["", ", qop=\"auth\""] {
            let mut world = World::with_alice();
            let challenge = format!("WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\"{qop}");
            let (rid, request) = world.managed_register(|options| match retried {
                403 => options.classes = vec![(403, register::agent::FailureClass::Temporary)],
                _ => options.retry_credentials = true,
            });
            world.answer(&request, "401 Unauthorized", &[&challenge]);
            let request = world.one();
            let proxy = challenge.replace("WWW", "Proxy");
            world.answer(&request, last, &[if retried == 407 { &proxy } else { &challenge }]);
            let request = match retried {
                407 => {
                    let both = world.one();
                    world.answer(&both, last, &[&proxy]);
                    assert_eq!(world.sent().len(), 0);
                    next(&mut world, rid)
                }
                _ => next(&mut world, rid),
            };
            assert!(answers(&request).is_empty(), "{last} {qop}: {request:#?}");
            world.answer(&request, "401 Unauthorized", &[&challenge]);
            assert_eq!(answers(&world.one()).len(), 1, "asked for again, it is answered");
        }
    }
}

#[test]
fn a_registrar_of_changing_realms_gets_answers_for_the_last_ones() {
    for (status, name, _) in STATUS {
        let mut world = World::with_alice();
        let (rid, _) = world.registered(3600);
        for n in 0..8 {
            let now = world.now();
            world.agent.send_register(now, rid, None).unwrap();
            let request = world.one();
            world.answer(&request, status, &[&digest(name, &format!("realm{n}"), "n")]);
            let request = world.automatic_one();
            let realms: Vec<String> =
                answers(&request).into_iter().map(|[realm, ..]| realm).collect();
            assert!(realms.len() <= 3 && realms.contains(&format!("realm{n}")), "{realms:?}");
            world.grant(&request, 3600);
        }
    }
}

#[test]
fn realms_that_are_asked_for_in_turn_are_all_kept() {
    let mut world = World::with_alice();
    let (rid, _) = world.registered(3600);
    for n in 0..20 {
        let now = world.now();
        world.agent.send_register(now, rid, None).unwrap();
        let mut request = world.one();
        if n == 0 {
            world.answer(&request, "407 Proxy", &[&digest("Proxy-Authenticate", "edge", "p")]);
            request = world.automatic_one();
        }
        // The registrar's nonces last for one request each, the proxy's for all.
        world.answer(&request, "401 Unauthorized", &[&www("acme", &format!("n{n}"))]);
        let request = world.automatic_one();
        let realms: Vec<String> = answers(&request).into_iter().map(|[realm, ..]| realm).collect();
        assert_eq!(realms, ["acme", "edge"]);
        world.grant(&request, 3600);
    }
}

#[test]
fn an_empty_password_is_hashed_as_it_is() {
    let mut world = World::new();
    let login = AccountLogin {
        username: "anonymous".into(),
        realm: "".into(),
        password: Some(Box::default()),
        ha1: Vec::new(),
    };
    assert_eq!(AccountLogin::check(std::slice::from_ref(&login)), Ok(()));
    let (_, request) = world.managed_register(|options| options.logins = vec![login]);
    world.answer(
        &request,
        "401 Unauthorized",
        &["WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\""],
    );
    let line = world.one().get("Authorization").unwrap().to_owned();
    let hash = |text: &str| Algorithm::Md5.hex(&[text.as_bytes()]);
    let (a1, a2) = (hash("anonymous:acme:"), hash("REGISTER:sip:192.0.2.1"));
    assert_eq!(param(&line, "response"), Some(hash(&format!("{a1}:n:{a2}"))));
}

#[test]
fn a_challenge_without_a_nonce_is_answered_once() {
    for (status, name, field) in STATUS {
        for rest in
            ["", " realm=\"acme\"", " realm=\"acme\", qop=\"auth\"", " qop=\"auth\", algorithm=MD5"]
        {
            for (what, mut world, request, managed) in requests() {
                let challenge = format!("{name}: Digest{rest}");
                world.answer(&request, status, &[&challenge]);
                let sent =
                    follow(&mut world, managed).pop().unwrap_or_else(|| panic!("{what} {rest}"));
                let line = sent.get(field).unwrap();
                assert!(line.contains("nonce=\"\""), "{what}: {line}");
                let realm = if rest.contains("realm") { "acme" } else { "" };
                assert_eq!(param(line, "realm").as_deref(), Some(realm));
                world.answer(&sent, status, &[&challenge]);
                assert_eq!(follow(&mut world, managed).len(), 0, "{what}");
            }
        }
    }
}

#[test]
fn a_server_without_nonces_is_answered_at_each_refresh() {
    let mut world = World::with_alice();
    let (_, mut request) = world.managed_register(|_| {});
    for n in 1..4 {
        assert!(answers(&request).is_empty());
        world.answer(&request, "401 Unauthorized", &["WWW-Authenticate: Digest realm=\"acme\""]);
        let again = world.one();
        assert_eq!(answers(&again).len(), 1);
        world.grant(&again, 600);
        request = world.one_at(n * 540_000);
    }
}

#[test]
fn a_user_with_own_credentials_is_not_proven_by_anothers() {
    let mut world = World::new();
    world.credential("alice", "hers", "acme");
    world.credential("bob", "his", "elsewhere");
    let bob = InitialRegister {
        from: "sip:bob@acme.test",
        proxy: "sip:192.0.2.1",
        contact: None,
        expires: 3600,
        q: None,
    };
    let (rid, text) = world.build_with(bob);
    world.send(rid, &text);
    let request = world.one();
    world.answer(&request, "401 Unauthorized", &[&www("acme", "n")]);
    assert!(world.event().text.contains("no credentials for \"bob\" in realm \"acme\""));
    assert_eq!(world.automatic().len(), 0);
    let (rid, text) = world.build_with(InitialRegister { from: "sip:carol@acme.test", ..bob });
    world.send(rid, &text);
    let request = world.one();
    world.answer(&request, "401 Unauthorized", &[&www("acme", "n")]);
    let sent = world.automatic_one();
    let line = sent.get("Authorization").unwrap();
    assert_eq!(param(line, "username").as_deref(), Some("alice"), "carol has none: as always");
    let rid = world.managed(|options| options.aor = "sip:carol@acme.test".into());
    world.agent.registerer_register(world.now(), rid).unwrap();
    let request = world.one();
    world.answer(&request, "401 Unauthorized", &[&www("acme", "n")]);
    assert_eq!(
        (world.sent().len(), world.state(rid)),
        (0, Unregistered),
        "never by the realm alone"
    );
    world.credential("dave", "his", "");
    assert_eq!(world.run_to(1).len(), 0);
    world.credential("carol", "hers", "");
    assert_eq!(answers(&world.run_to(2)[0].1), [answer("acme", "n", 1)]);
}

#[test]
fn a_weaker_algorithm_than_allowed_is_not_answered() {
    let challenge = |algorithm: &str| format!("{}, algorithm={algorithm}", www("acme", "n"));
    for (what, mut world, request, managed) in requests() {
        world.agent.set_weakest_algorithm(Algorithm::Sha256);
        world.events();
        for weak in ["MD5", "MD5-sess"] {
            let mut world = World::new();
            let (rid, request) = world.managed_register(|options| {
                options.weakest_algorithm = Algorithm::Sha256;
                options.logins = vec![AccountLogin {
                    username: "alice".into(),
                    realm: "".into(),
                    password: Some(b"secret".as_slice().into()),
                    ha1: Vec::new(),
                }];
            });
            world.answer(&request, "401 Unauthorized", &[&challenge(weak)]);
            assert_eq!(world.sent().len(), 0);
            assert!(world.explain(rid).contains("weaker than allowed"), "{}", world.explain(rid));
        }
        world.answer(&request, "401 Unauthorized", &[&challenge("MD5")]);
        assert_eq!(follow(&mut world, managed).len(), 0, "{what}");
    }
    let mut world = World::with_alice();
    world.agent.set_weakest_algorithm(Algorithm::Sha256);
    let (_, request) = world.register(3600);
    world.answer(&request, "401 Unauthorized", &[&challenge("MD5"), &challenge("SHA-256-sess")]);
    let line = world.automatic_one().get("Authorization").unwrap().to_owned();
    assert_eq!(param(&line, "algorithm").as_deref(), Some("SHA-256-sess"));
    assert_eq!(world.event().kind, EventKind::RegistrationFailure);
}

#[test]
fn the_weakest_algorithm_of_a_context_counts_for_own_credentials() {
    for is_set_before in [true, false] {
        let mut world = World::new();
        if is_set_before {
            world.agent.set_weakest_algorithm(Algorithm::Sha256);
        }
        let (rid, request) = world.managed_register(|options| {
            options.logins = vec![AccountLogin {
                username: "alice".into(),
                realm: "".into(),
                password: Some(b"secret".as_slice().into()),
                ha1: Vec::new(),
            }];
        });
        if !is_set_before {
            world.agent.set_weakest_algorithm(Algorithm::Sha256);
        }
        world.answer(&request, "401 Unauthorized", &[&www("acme", "n")]);
        assert_eq!(world.sent().len(), 0);
        assert!(world.explain(rid).contains("weaker than allowed"), "{}", world.explain(rid));
    }
}

#[test]
fn an_edited_text_keeps_the_answer_that_was_not_edited() {
    for qop in ["", ", qop=\"auth\"", ", qop=\"auth\", algorithm=MD5-sess"] {
        let mut world = World::with_alice();
        let (rid, request) = world.register(3600);
        let challenge = format!("WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\"{qop}");
        world.answer(&request, "401 Unauthorized", &[&challenge]);
        for _ in 0..3 {
            let mut draft = Draft::parse(&world.agent.build_register(rid, 3600).unwrap()).unwrap();
            let built = draft.get("Authorization").unwrap().to_owned();
            draft.push("Subject", "edited");
            world.send(rid, &draft.to_bytes());
            let sent = world.one();
            assert_eq!(sent.get("Authorization"), Some(&*built));
            world.grant(&sent, 3600);
        }
        // Another Request-URI is another hash, an edited line another answer.
        for edit in [("sip:192.0.2.1 ", "sip:192.0.2.1;x "), ("nonce=", "NONCE=")] {
            let text = String::from_utf8(world.agent.build_register(rid, 3600).unwrap()).unwrap();
            let edited = text.replacen(edit.0, edit.1, 1);
            assert_ne!(text, edited);
            world.send(rid, edited.as_bytes());
            let sent = world.one();
            let line = sent.get("Authorization").unwrap();
            assert!(!edited.contains(line), "{edit:?} {qop}");
            let uri = sent.start().split(' ').nth(1);
            assert_eq!(param(line, "uri").as_deref(), uri);
            world.grant(&sent, 3600);
        }
    }
}

/// The names of the answers in `request`, in order.
fn answer_names(request: &Draft) -> Vec<&str> {
    request.headers().map(|(name, _)| name).filter(|name| name.ends_with("Authorization")).collect()
}

#[test]
fn authorization_stands_before_proxy_authorization() {
    let www = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"w\", qop=\"auth\"";
    let proxy = "Proxy-Authenticate: Digest realm=\"edge\", nonce=\"p\", qop=\"auth\"";
    let both = ["Authorization", "Proxy-Authorization"];
    for steps in [
        &[("407 No", &[proxy][..]), ("401 No", &[www])][..],
        &[("401 No", &[www]), ("407 No", &[proxy])],
        &[("407 No", &[proxy, www])],
    ] {
        let mut world = World::with_alice();
        let (_, mut request) = world.managed_register(|_| {});
        for (status, lines) in steps {
            world.answer(&request, status, lines);
            request = world.one();
        }
        assert_eq!(answer_names(&request), both, "a REGISTER of registerer.h: {steps:?}");
        world.grant(&request, 60);
        assert_eq!(answer_names(&world.one_at(54_000)), both, "its refresh");

        let mut world = World::with_alice();
        let (rid, mut request) = world.register(60);
        for (status, lines) in steps {
            world.answer(&request, status, lines);
            request = world.automatic_one();
        }
        assert_eq!(answer_names(&request), both, "a REGISTER of the eXosip calls: {steps:?}");
        world.grant(&request, 60);
        let built = world.agent.build_register(rid, 60).unwrap();
        assert_eq!(answer_names(&Draft::parse(&built).unwrap()), both, "one that is built");
        world.events();
        world.at(54_000);
        assert_eq!(answer_names(&world.automatic_one()), both, "its refresh");

        let mut world = World::with_alice();
        let (to, from) = ("sip:bob@192.0.2.1", "sip:alice@acme.test");
        let ask = OutOfDialog { method: "MESSAGE", to, from, route: "" };
        let text = world.agent.build_request(ask).unwrap();
        let now = world.now();
        world.agent.send_request(now, &text).unwrap();
        let mut request = world.one();
        for (status, lines) in steps {
            world.answer(&request, status, lines);
            request = world.automatic_one();
        }
        assert_eq!(answer_names(&request), both, "a MESSAGE: {steps:?}");
    }
}
