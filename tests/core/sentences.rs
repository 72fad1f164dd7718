//! Sentences of RFC 3261 and RFC 3263 that a REGISTER has to obey and that no other test holds: the
//! table of docs/rfc.md names them.

use crate::common::World;
use register::registration::policy::managed::RegistererState as State;
use register::sip::Draft;

const CHALLENGE: &str = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n1\", qop=\"auth\"";

fn branch(request: &Draft) -> String {
    let via = request.get("Via").unwrap();
    via.split(";branch=").nth(1).unwrap().split(';').next().unwrap().to_owned()
}

#[test]
fn a_record_route_in_a_response_adds_no_route_to_what_follows() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|_| {});
    world.answer(
        &request,
        "200 OK",
        &["Expires: 600", "Record-Route: <sip:192.0.2.66;lr>, <sip:192.0.2.67;lr>"],
    );
    let refresh = world.one_at(540_000);
    assert_eq!(refresh.get("Route"), None);
    assert_eq!(refresh.start(), request.start());
}

#[test]
fn a_register_has_the_six_mandatory_fields_and_70_hops() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|_| {});
    for name in ["To", "From", "CSeq", "Call-ID", "Max-Forwards", "Via"] {
        assert_eq!(request.headers().filter(|(field, _)| *field == name).count(), 1, "{name}");
    }
    assert_eq!(request.get("Max-Forwards"), Some("70"));
    assert_eq!(request.get("CSeq"), Some("1 REGISTER"));
    assert!(!request.get("To").unwrap().contains(";tag="));
    assert!(request.get("From").unwrap().contains(">;tag="));
    assert!(branch(&request).starts_with("z9hG4bK"));
}

#[test]
fn call_ids_tags_and_branches_are_never_the_same_twice() {
    let mut world = World::new();
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..50 {
        world.at(number * 10);
        let (_, request) =
            world.managed_register(|options| options.aor = format!("sip:u{number}@acme.test"));
        let tag = request.get("From").unwrap().split(";tag=").nth(1).unwrap().to_owned();
        for text in [request.get("Call-ID").unwrap().to_owned(), tag, branch(&request)] {
            assert!(text.len() >= 16, "{text}");
            assert!(seen.insert(text.clone()), "{text} twice");
        }
        world.grant(&request, 600);
    }
}

#[test]
fn a_challenged_register_goes_again_with_the_next_cseq_and_a_new_branch() {
    let mut world = World::with_alice();
    let (_, request) = world.managed_register(|_| {});
    world.answer(&request, "401 Unauthorized", &[CHALLENGE]);
    let again = world.one();
    assert_eq!(again.get("CSeq"), Some("2 REGISTER"));
    assert_ne!(branch(&again), branch(&request));
    for same in ["Call-ID", "From", "To", "Contact"] {
        assert_eq!(again.get(same), request.get(same));
    }
    let proof = again.get("Authorization").unwrap();
    assert!(proof.contains("qop=auth,") && proof.contains("uri=\"sip:192.0.2.1\""), "{proof}");
}

/// How long it is until the next REGISTER, after `status`.
fn wait_after(status: &str) -> u64 {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&request, status, &[]);
    assert_eq!(world.state(rid), State::Unregistered);
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    info.next.unwrap().as_secs()
}

#[test]
fn an_unknown_4xx_or_5xx_is_taken_as_400_or_500() {
    for status in ["400 Bad Request", "499 Strange", "476 Strange"] {
        assert!((1800..=3600).contains(&wait_after(status)), "{status}");
    }
    for status in ["500 Oops", "599 Strange", "563 Strange"] {
        assert!((30..=60).contains(&wait_after(status)), "{status}");
    }
}

#[test]
fn an_unknown_provisional_response_neither_ends_nor_fails_a_register() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    for status in ["100 Trying", "183 Session Progress", "199 Strange", "142 Strange"] {
        world.answer(&request, status, &[]);
        assert_eq!(world.state(rid), State::Initial, "{status}");
    }
    world.grant(&request, 600);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_register_without_answer_is_a_408_and_waits_half_a_minute() {
    let mut world = World::new();
    let (rid, _) = world.managed_register(|_| {});
    world.run_to(32_000);
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!((info.status, world.state(rid)), (408, State::Unregistered));
    world.quiet_to(32_000 + 29_999);
}
