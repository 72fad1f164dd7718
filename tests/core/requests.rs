//! MESSAGE and OPTIONS that we send: their texts, their answers, their challenges.

use crate::answers::{authorization, nonce_count};
use crate::common::{World, addr, param};
use register::agent::{Action, EventKind, OutOfDialog, Refusal};
use register::sip::Draft;

const MESSAGE: OutOfDialog<'_> = OutOfDialog {
    method: "MESSAGE",
    to: "sip:server@192.0.2.1",
    from: "sip:alice@acme.test",
    route: "",
};
const CHALLENGE: &str = r#"WWW-Authenticate: Digest realm="acme", nonce="n1", qop="auth""#;

fn send(world: &mut World) -> (i32, Draft) {
    let text = world.agent.build_request(MESSAGE).unwrap();
    let now = world.now();
    let (tid, _) = world.agent.send_request(now, &text).unwrap();
    (tid, world.one())
}

#[test]
fn a_message_goes_out_and_its_answer_comes_back_with_its_tid() {
    let mut world = World::new();
    let text = world.agent.build_request(MESSAGE).unwrap();
    let mut draft = Draft::parse(&text).unwrap();
    assert_eq!(draft.get("Contact"), None);
    draft.push("Content-Type", "text/plain");
    draft.body = b"alive".to_vec();
    let now = world.now();
    let (tid, _) = world.agent.send_request(now, &draft.to_bytes()).unwrap();
    assert!(tid > 0);
    let sent = world.one();
    assert_eq!(sent.start(), "MESSAGE sip:server@192.0.2.1 SIP/2.0");
    assert!(
        sent.get("Via").unwrap().starts_with("SIP/2.0/UDP 192.0.2.99:5070;rport;branch=z9hG4bK")
    );
    assert_eq!(sent.body, b"alive");
    assert_eq!(world.at(500).one(), sent, "retransmitted");
    world.answer(&sent, "100 Trying", &[]);
    world.answer(&sent, "180 Hm", &[]);
    assert!(world.events().is_empty(), "there are events of an OPTIONS alone");
    world.answer(&sent, "202 Accepted", &[]);
    let event = world.event();
    assert_eq!((event.kind, event.ids.tid, event.rid), (EventKind::MessageAnswered, tid, 0));
    assert!(event.response.is_some() && event.request.is_some());
}

#[test]
fn each_class_of_answer_has_its_event_and_a_timeout_no_response() {
    for (status, kind) in [
        ("302 Moved", EventKind::MessageRedirected),
        ("404 No", EventKind::MessageRequestFailure),
        ("500 No", EventKind::MessageServerFailure),
        ("603 No", EventKind::MessageGlobalFailure),
    ] {
        let mut world = World::new();
        let (_, sent) = send(&mut world);
        world.answer(&sent, status, &[]);
        assert_eq!(world.event().kind, kind);
    }
    let mut world = World::new();
    let (tid, _) = send(&mut world);
    world.run_to(32_000);
    let event = world.event();
    assert_eq!(
        (event.kind, event.ids.tid, event.response),
        (EventKind::MessageRequestFailure, tid, None)
    );
}

#[test]
fn a_challenge_is_answered_by_automatic_action_or_by_default_action_once() {
    for by_default in [false, true] {
        let mut world = World::with_alice();
        let (tid, first) = send(&mut world);
        world.answer(&first, "407 Proxy", &[&CHALLENGE.replace("WWW", "Proxy")]);
        let event = world.event();
        assert_eq!((event.kind, event.ids.tid), (EventKind::MessageRequestFailure, tid));
        let now = world.now();
        if by_default {
            assert_eq!(world.agent.default_action_for_request(now, tid, 407), Ok(Action::Sent));
        }
        world.agent.automatic_action(now);
        let second = world.one();
        assert_eq!(world.agent.default_action_for_request(now, tid, 407), Ok(Action::Sent));
        assert!(world.automatic().is_empty());
        assert_eq!(second.get("CSeq"), Some("21 MESSAGE"));
        assert_eq!(second.get("Call-ID"), first.get("Call-ID"));
        assert_eq!(
            param(second.get("Proxy-Authorization").unwrap(), "nc").as_deref(),
            Some("00000001")
        );
        world.answer(&second, "200 OK", &[]);
        let event = world.event();
        assert_eq!((event.kind, event.ids.tid), (EventKind::MessageAnswered, tid + 1));
    }
}

/// The credentials were refused: what answered the challenge of `tid` is not followed by more until
/// there are others. The request with these.
pub(super) fn blocked_until_others(world: &mut World, tid: i32) -> Draft {
    let event = world.event();
    assert!(event.text.contains("credentials are wrong"));
    assert!(world.automatic().is_empty());
    let now = world.now();
    let mut default = |tid| world.agent.default_action_for_request(now, tid, 401);
    assert_eq!(default(tid), Ok(Action::Sent), "it was");
    assert_eq!(default(event.ids.tid), Err(Refusal::RetryLimit));
    world.credential("alice", "better", "");
    assert!(world.agent.has_action_due());
    world.automatic_one()
}

#[test]
fn wrong_credentials_stop_and_say_so() {
    let mut world = World::with_alice();
    let (tid, first) = send(&mut world);
    world.answer(&first, "401 No", &[CHALLENGE]);
    let second = world.automatic_one();
    world.events();
    world.answer(&second, "401 No", &[CHALLENGE]);
    let third = blocked_until_others(&mut world, tid);
    assert_eq!(third.get("CSeq"), Some("22 MESSAGE"));
    // The next is not sent with credentials that were refused.
    world.answer(&third, "401 No", &[CHALLENGE]);
    world.event();
    assert_eq!(send(&mut world).1.get("Authorization"), None);
}

#[test]
fn the_nonce_of_a_server_is_answered_unasked_by_the_same_user() {
    let mut world = World::with_alice();
    world.credential("bob", "other", "");
    let (_, first) = send(&mut world);
    world.answer(&first, "401 No", &[CHALLENGE]);
    world.event();
    let second = world.automatic_one();
    world.answer(&second, "200 OK", &["Authentication-Info: nextnonce=\"n2\""]);
    world.event();
    let (_, third) = send(&mut world);
    assert_eq!(param(authorization(&third), "nonce").as_deref(), Some("n2"));
    assert_eq!(nonce_count(&third), "00000001");
    for ask in [
        OutOfDialog { to: "sip:server@192.0.2.1:5070", ..MESSAGE },
        OutOfDialog { from: "sip:bob@acme.test", ..MESSAGE },
        OutOfDialog { route: "<sip:192.0.2.7;lr>", ..MESSAGE },
    ] {
        let text = world.agent.build_request(ask).unwrap();
        let now = world.now();
        world.agent.send_request(now, &text).unwrap();
        assert_eq!(world.one().get("Authorization"), None, "{ask:?}");
    }
    // Another method is no other user.
    let text = world.agent.build_request(OutOfDialog { method: "OPTIONS", ..MESSAGE }).unwrap();
    let now = world.now();
    world.agent.send_request(now, &text).unwrap();
    assert_eq!(nonce_count(&world.one()), "00000002");
    let mut draft = Draft::parse(&text).unwrap();
    draft.push("Authorization", "Digest of=the-program");
    draft.set("Via", draft.get("Via").unwrap().replace("z9hG4bK", "z9hG4bKx"));
    world.agent.send_request(now, &draft.to_bytes()).unwrap();
    assert_eq!(world.one().get("Authorization"), Some("Digest of=the-program"));
}

#[test]
fn a_server_that_repeats_its_nonce_each_time_is_answered_each_time() {
    let mut world = World::with_alice();
    for n in 0..3 {
        let (_, first) = send(&mut world);
        assert_eq!(first.get("Authorization").is_some(), n > 0);
        world.answer(&first, "401 No", &[CHALLENGE]);
        world.event();
        let second = world.automatic_one();
        world.answer(&second, "200 OK", &[]);
        assert_eq!(world.event().kind, EventKind::MessageAnswered);
    }
}

#[test]
fn three_challenges_to_one_request_are_answered() {
    for by_default in [false, true] {
        let mut world = World::with_alice();
        let (_, mut request) = send(&mut world);
        for n in 0..4 {
            let challenge = CHALLENGE.replace("n1", &format!("m{n}"));
            world.answer(&request, "401 No", &[&challenge]);
            let tid = world.event().ids.tid;
            let now = world.now();
            if by_default {
                let done = world.agent.default_action_for_request(now, tid, 401);
                let wanted = if n < 3 { Ok(Action::Sent) } else { Err(Refusal::RetryLimit) };
                assert_eq!(done, wanted);
            }
            let sent = if by_default { world.sent() } else { world.automatic() };
            assert_eq!(sent.len(), usize::from(n < 3), "{n}");
            request = sent.into_iter().next().unwrap_or(request);
        }
    }
}

#[test]
fn nonces_of_1024_servers_are_remembered() {
    let mut world = World::with_alice();
    let request = |world: &mut World, n: u32| {
        let to = format!("sip:server@192.0.2.1:{}", 10_000 + n);
        let text = world.agent.build_request(OutOfDialog { to: &to, ..MESSAGE }).unwrap();
        let now = world.now();
        world.agent.send_request(now, &text).unwrap();
        world.one()
    };
    for n in 0..1025 {
        let first = request(&mut world, n);
        world.answer(&first, "401 No", &[CHALLENGE]);
        let second = world.automatic_one();
        world.answer(&second, "200 OK", &[]);
        world.events();
    }
    assert!(request(&mut world, 0).get("Authorization").is_none(), "the oldest went");
    assert!(request(&mut world, 1).get("Authorization").is_some());
}

#[test]
fn each_provisional_answer_to_an_options_is_an_event_and_silence_too() {
    let mut world = World::new();
    let text = world.agent.build_request(OutOfDialog { method: "OPTIONS", ..MESSAGE }).unwrap();
    let now = world.now();
    let (tid, _) = world.agent.send_request(now, &text).unwrap();
    let request = world.one();
    assert_eq!(request.get("Accept"), Some("application/sdp"));
    for status in ["100 Trying", "180 Hm"] {
        world.answer(&request, status, &[]);
        let event = world.event();
        assert_eq!((event.kind, event.ids.tid), (EventKind::MessageProceeding, tid));
    }
    world.run_to(31_999);
    assert!(world.events().is_empty());
    world.run_to(32_000);
    let event = world.event();
    assert_eq!((event.kind, event.ids.tid), (EventKind::MessageRequestFailure, tid));
    assert_eq!(event.response, None);
}

#[test]
fn a_challenge_that_nobody_answers_is_forgotten_after_120_s() {
    let mut world = World::new();
    let (tid, first) = send(&mut world);
    world.answer(&first, "401 No", &[CHALLENGE]);
    assert!(world.event().text.contains("no credentials"));
    assert!(world.automatic().is_empty());
    let now = world.now();
    assert_eq!(world.agent.default_action_for_request(now, tid, 401), Err(Refusal::Undefined));
    world.run_to(120_000);
    assert_eq!(world.agent.default_action_for_request(now, tid, 401), Err(Refusal::NotFound));
    assert_eq!(world.agent.poll_timeout(), None);
}

#[test]
fn a_challenge_waits_for_credentials_until_an_automatic_action() {
    let mut world = World::new();
    let (_, first) = send(&mut world);
    world.answer(&first, "401 No", &[CHALLENGE]);
    world.event();
    assert!(world.automatic().is_empty());
    world.credential("alice", "secret", "");
    assert!(world.agent.has_action_due());
    assert!(world.automatic_one().get("Authorization").is_some());
    assert!(!world.agent.has_action_due());
}

#[test]
fn a_route_decides_where_it_goes() {
    let mut world = World::new();
    for route in ["<sip:192.0.2.7:5099;lr>", "sip:192.0.2.7:5099"] {
        let text =
            world.agent.build_request(OutOfDialog { route, method: "OPTIONS", ..MESSAGE }).unwrap();
        let now = world.now();
        world.agent.send_request(now, &text).unwrap();
        let (to, bytes) = world.raw_sent().remove(0);
        assert_eq!(to, addr("192.0.2.7:5099"));
        assert_eq!(Draft::parse(&bytes).unwrap().get("Contact"), None);
    }
}

#[test]
fn the_answer_to_a_challenge_follows_a_route_that_is_not_sent() {
    let mut world = World::with_alice();
    let ask = OutOfDialog { route: "<sip:192.0.2.7:5099;lr>", ..MESSAGE };
    let text = world.agent.build_request(ask).unwrap();
    let now = world.now();
    world.agent.send_request(now, &text).unwrap();
    let (to, bytes) = world.raw_sent().remove(0);
    let first = Draft::parse(&bytes).unwrap();
    assert_eq!((to, first.get("Route")), (addr("192.0.2.7:5099"), None));
    world.answer(&first, "401 No", &[CHALLENGE]);
    world.event();
    let now = world.now();
    world.agent.automatic_action(now);
    let (to, bytes) = world.raw_sent().remove(0);
    let second = Draft::parse(&bytes).unwrap();
    assert!(second.get("Authorization").is_some());
    assert_eq!((to, second.get("Route")), (addr("192.0.2.7:5099"), None));
}

#[test]
fn bad_requests_are_refused() {
    let mut world = World::new();
    let refused = |world: &mut World, ask| world.agent.build_request(ask).unwrap_err();
    assert_eq!(refused(&mut world, OutOfDialog { method: "", ..MESSAGE }), Refusal::BadParameter);
    assert_eq!(refused(&mut world, OutOfDialog { to: "", ..MESSAGE }), Refusal::BadParameter);
    assert_eq!(refused(&mut world, OutOfDialog { from: "", ..MESSAGE }), Refusal::BadParameter);
    for ask in [
        OutOfDialog { method: "A B", ..MESSAGE },
        OutOfDialog { to: "nobody", ..MESSAGE },
        OutOfDialog { route: "nowhere", ..MESSAGE },
    ] {
        assert!(matches!(refused(&mut world, ask), Refusal::Syntax(_)));
    }
    let now = world.now();
    let register = world.build(60).1;
    assert!(world.agent.send_request(now, &register).is_err());
    assert!(world.agent.send_request(now, b"noise").is_err());
    world.agent.set_listening(None);
    assert_eq!(world.agent.build_request(MESSAGE), Err(Refusal::NoNetwork));
    assert_eq!(world.agent.send_request(now, &register).unwrap_err(), Refusal::NoNetwork);
}
