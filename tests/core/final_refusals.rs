//! What a final response does to a binding that the server holds, and to what follows.

use crate::common::{World, next, www};
use register::agent::EventKind;
use register::registration::policy::managed::RegistererState::{Registered, Unregistered};

const FINAL: [(&str, &str); 5] = [
    ("400 Bad Request", "the server does not understand the request"),
    ("403 Forbidden", "this user may not register there"),
    ("404 Not Found", "the server does not know this user"),
    ("302 Moved Temporarily", "redirections are not followed"),
    ("603 Decline", "the server refuses it"),
];

#[test]
fn a_refused_refresh_leaves_the_binding_until_its_end() {
    for (status, why) in FINAL {
        let mut world = World::new();
        let (rid, _) = world.managed_registered(8, |_| {});
        let refresh = world.one_at(4_000);
        world.answer(&refresh, status, &["Contact: <sip:192.0.2.50>"]);
        assert_eq!(world.states(rid), [Registered], "{status}");
        let said = world.explain(rid);
        let follows = format!("{why}; the binding lasts another 4 s, trying again in ");
        assert!(said.contains(&follows), "{said}");
        world.quiet_to(7_999);
        assert_eq!(world.states(rid), [], "{status}");
        world.quiet_to(8_000);
        assert_eq!(world.states(rid), [Unregistered], "{status}");
        let said = world.explain(rid);
        assert!(
            said.contains(&format!("{why}, and the binding has expired; trying again in ")),
            "{said}"
        );
        let again = next(&mut world, rid);
        assert!((1_804_000..=3_604_000).contains(&world.millis()), "{status}: {}", world.millis());
        world.grant(&again, 8);
        assert_eq!(world.states(rid), [Registered], "the server knows it again");
        assert_eq!(next(&mut world, rid).get("Expires"), Some("8"), "and the refreshes go on");
    }
}

#[test]
fn refused_credentials_leave_the_binding_until_its_end() {
    let mut world = World::with_alice();
    let (rid, _) = world.managed_registered(8, |_| {});
    let refresh = world.one_at(4_000);
    world.answer(&refresh, "401 Unauthorized", &[&www("n")]);
    let proven = world.one();
    world.answer(&proven, "401 Unauthorized", &[&www("n")]);
    assert_eq!(world.states(rid), [Registered]);
    let said = world.explain(rid);
    let follows = "registered for another 4 s, not trying again until the credentials change";
    assert!(said.ends_with(follows), "{said}");
    world.quiet_to(8_000);
    assert_eq!(world.states(rid), [Unregistered]);
    world.quiet_to(36_000_000);
    let said = world.explain(rid);
    assert!(said.ends_with("has expired; not trying again until the credentials change"), "{said}");
    world.credential("alice", "better", "acme");
    let again = world.run_to(36_000_000).remove(0).1;
    world.grant(&again, 8);
    assert_eq!(world.states(rid), [Registered]);
}

#[test]
fn other_credentials_save_a_binding_whose_refresh_was_refused() {
    for last in ["401 Unauthorized", "403 Forbidden"] {
        let mut world = World::with_alice();
        let (rid, _) = world.managed_registered(600, |_| {});
        let refresh = world.one_at(540_000);
        world.answer(&refresh, "401 Unauthorized", &[&www("n")]);
        let proven = world.one();
        world.answer(&proven, last, &[&www("n")]);
        world.credential("bob", "secret", "elsewhere");
        world.quiet_to(550_000);
        world.credential("alice", "better", "acme");
        let again = world.run_to(550_000).remove(0).1;
        assert!(again.get("Authorization").is_some(), "{last}");
        world.grant(&again, 600);
        world.quiet_to(1_000_000);
        assert_eq!(world.states(rid), [Registered], "{last}: it never ended");
    }
}

#[test]
fn a_403_to_the_first_register_is_tried_again_slowly() {
    for challenged in [false, true] {
        let mut world = World::with_alice();
        let (rid, mut request) = world.managed_register(|_| {});
        if challenged {
            world.answer(&request, "401 Unauthorized", &[&www("n")]);
            request = world.one();
        }
        world.answer(&request, "403 Forbidden", &[]);
        for _ in 0..5 {
            let before = world.millis();
            request = next(&mut world, rid);
            assert!((1_800_000..=3_600_000).contains(&(world.millis() - before)));
            assert_eq!(request.get("Authorization"), None, "what was refused is not repeated");
            world.answer(&request, "403 Forbidden", &[]);
        }
        let request = next(&mut world, rid);
        world.grant(&request, 600);
        assert_eq!(world.state(rid), Registered);
    }
}

#[test]
fn a_final_refusal_is_the_last_attempt_where_the_options_say_so() {
    for (status, _) in FINAL {
        let mut world = World::new();
        let (_, request) = world.managed_register(|options| options.fatal_retry = 0);
        world.answer(&request, status, &[]);
        world.quiet_to(360_000_000);
        let mut world = World::new();
        let (rid, request) = world.managed_register(|options| options.retry_limit = 2);
        world.answer(&request, status, &[]);
        let request = next(&mut world, rid);
        world.answer(&request, status, &[]);
        world.quiet_to(360_000_000);
        assert!(world.explain(rid).ends_with("not trying again after 2 failures"));
    }
}

#[test]
fn a_refused_removal_leaves_the_binding_until_its_end() {
    for (status, _) in FINAL {
        let mut world = World::new();
        let (rid, _) = world.managed_registered(600, |_| {});
        world.agent.registerer_unregister(world.now(), rid, false).unwrap();
        let removal = world.one();
        world.answer(&removal, status, &[]);
        assert_eq!(world.states(rid), [Registered], "{status}");
        world.quiet_to(36_000_000);
        assert_eq!(world.states(rid), [Unregistered], "{status}: and is not made anew");
    }
}

#[test]
fn the_exosip_calls_try_again_after_any_final_response() {
    for (status, _) in FINAL {
        let mut world = World::new();
        let (_, _) = world.registered(8);
        world.at(4_000);
        let refresh = world.automatic_one();
        world.answer(&refresh, status, &[]);
        assert_eq!(world.event().kind, EventKind::RegistrationFailure);
        world.at(7_999);
        assert!(world.automatic().is_empty());
        world.at(8_000);
        let again = world.automatic_one();
        world.grant(&again, 8);
        assert_eq!(world.event().kind, EventKind::RegistrationSuccess, "{status}");
    }
}

#[test]
fn a_network_change_moves_a_binding_whose_refresh_was_refused() {
    let mut world = World::new();
    world.managed_registered(600, |_| {});
    let refresh = world.one_at(540_000);
    world.answer(&refresh, "404 Not Found", &[]);
    world.agent.network_changed(world.now());
    assert_eq!(world.sent().len(), 1);
}
