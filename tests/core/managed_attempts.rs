//! Consecutive attempts: answers to challenges, failures and odd numbers, and what each leaves for
//! the next.

use crate::common::{World, next, param, www};
use State::{Initial, Registered, Terminated, Unregistered};
use register::registration::policy::managed::RegistererState as State;
use register::sip::Draft;
use std::time::Duration;

#[test]
fn challenges_before_a_503_do_not_use_up_the_answers_of_later_attempts() {
    let mut world = World::with_alice();
    let (rid, mut request) = world.managed_register(|_| {});
    for n in 0..10 {
        world.answer(&request, "401 Unauthorized", &[&www(&format!("n{n}"))]);
        let proven = world.one();
        world.answer(&proven, "503 Service Unavailable", &["Retry-After: 10"]);
        request = next(&mut world, rid);
    }
    world.grant(&request, 600);
    assert_eq!(world.state(rid), Registered);
}

#[test]
fn min_expires_and_redirections_count_for_each_attempt() {
    let mut world = World::new();
    let (rid, mut request) = world.managed_register(|options| options.expires = 60);
    for floor in [100, 200, 300] {
        world.answer(&request, "423 Interval Too Brief", &[&format!("Min-Expires: {floor}")]);
        request = world.one();
    }
    world.answer(&request, "423 Interval Too Brief", &["Min-Expires: 400"]);
    let later = next(&mut world, rid);
    world.answer(&later, "423 Interval Too Brief", &["Min-Expires: 400"]);
    assert_eq!(world.one().get("Expires"), Some("400"));

    let mut world = World::new();
    let (rid, mut request) = world.managed_register(|options| options.redirects = true);
    for _ in 0..3 {
        world.answer(&request, "302 Moved Temporarily", &["Contact: <sip:192.0.2.50>"]);
        request = world.one();
    }
    world.answer(
        &request,
        "302 Moved Temporarily",
        &["Contact: <sip:192.0.2.60>", "Retry-After: 60"],
    );
    let later = next(&mut world, rid);
    assert_eq!(later.start(), "REGISTER sip:192.0.2.1 SIP/2.0");
    world.answer(&later, "302 Moved Temporarily", &["Contact: <sip:192.0.2.50>"]);
    assert_eq!(world.one().start(), "REGISTER sip:192.0.2.50 SIP/2.0");
}

#[test]
fn a_challenged_removal_past_the_binding_does_not_register() {
    let mut world = World::with_alice();
    let (rid, _) = world.managed_registered(600, |_| {});
    let refresh = world.one_at(540_000);
    world.answer(&refresh, "503 Service Unavailable", &["Retry-After: 300"]);
    world.at(599_900);
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let remove = world.one();
    world.quiet_to(600_100);
    assert_eq!(world.state(rid), Unregistered);
    world.answer(&remove, "401 Unauthorized", &[&www("n1")]);
    let proven = world.one();
    assert_eq!(proven.get("Expires"), Some("0"));
    world.answer(&proven, "200 OK", &[]);
    world.quiet_to(7_200_000);
}

#[test]
fn credentials_that_come_after_a_removal_was_refused_do_not_register() {
    let mut world = World::with_alice();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let remove = world.one();
    world.answer(&remove, "401 Unauthorized", &[&www("n1")]);
    let proven = world.one();
    world.answer(&proven, "401 Unauthorized", &[&www("n1")]);
    assert_eq!(world.state(rid), Registered, "the server holds the binding");
    world.credential("alice", "better", "acme");
    world.quiet_to(599_999);
    assert_eq!(world.state(rid), Registered);
    world.quiet_to(36_000_000);
    assert_eq!(world.state(rid), Unregistered);
}

#[test]
fn credentials_of_another_user_do_not_unblock_one_that_was_refused() {
    for last in ["403 Forbidden", "401 Unauthorized"] {
        let mut world = World::with_alice();
        let (rid, request) = world.managed_register(|options| {
            options.answers = 1;
            options.fatal_retry = 0;
        });
        world.answer(&request, "401 Unauthorized", &[&www("n1")]);
        let proven = world.one();
        world.answer(&proven, last, &[&www("n2")]);
        assert_eq!(world.state(rid), Unregistered);
        world.credential("bob", "secret", "elsewhere");
        world.quiet_to(36_000_000);
        world.credential("alice", "better", "acme");
        world.at(36_000_000);
        assert!(world.one().get("Authorization").is_some(), "{last}");
    }
}

#[test]
fn refused_credentials_that_are_to_be_tried_again_answer_a_new_nonce() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|options| options.retry_credentials = true);
    world.answer(&request, "401 Unauthorized", &[&www("n1")]);
    let proven = world.one();
    world.answer(&proven, "401 Unauthorized", &[&www("n1")]);
    // The password was put right at the server meanwhile.
    let later = next(&mut world, rid);
    world.answer(&later, "401 Unauthorized", &[&www("n2")]);
    let again = world.one();
    assert_eq!(param(again.get("Authorization").unwrap(), "nonce").as_deref(), Some("n2"));
    world.grant(&again, 600);
    assert_eq!(world.state(rid), Registered);
}

#[test]
fn credentials_for_any_realm_stay_with_the_first_registrar() {
    for realm in ["", "evil"] {
        let mut world = World::with_alice();
        world.credential("bob", "secret", "evil");
        let (rid, request) = world.managed_register(|options| options.redirects = true);
        world.answer(&request, "302 Moved Temporarily", &["Contact: <sip:192.0.2.50>"]);
        let there = world.one();
        let challenge =
            format!("WWW-Authenticate: Digest realm=\"{realm}\", nonce=\"n\", qop=\"auth\"");
        world.answer(&there, "401 Unauthorized", &[&challenge]);
        assert!(world.sent().is_empty(), "realm \"{realm}\"");
        assert!(world.explain(rid).contains("which is not ours"), "{}", world.explain(rid));
    }
}

#[test]
fn a_star_that_the_application_sends_stays_a_star_when_it_is_challenged() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_registered(600, |_| {});
    let own = request.get("Contact").unwrap();
    let text = String::from_utf8(world.agent.build_register(rid, 0).unwrap()).unwrap();
    world.send(rid, text.replace(&format!("{own};expires=0"), "*").as_bytes());
    let remove = world.one();
    assert_eq!(remove.get("Contact"), Some("*"));
    world.answer(&remove, "401 Unauthorized", &[&www("n1")]);
    let proven = world.one();
    assert_eq!((proven.get("Contact"), proven.get("Expires")), (Some("*"), Some("0")));
}

#[test]
fn a_refresh_comes_before_the_end_however_short_the_grant() {
    for granted in 1..=12 {
        let mut world = World::new();
        let (rid, request) = world.managed_register(|options| options.refresh = 99);
        world.grant(&request, granted);
        let refresh = next(&mut world, rid);
        assert!(
            world.millis() < u128::from(granted) * 1000,
            "{granted} s: at {} ms",
            world.millis()
        );
        world.grant(&refresh, granted);
        assert_eq!(world.states(rid), [Registered], "{granted} s");
    }
}

#[test]
fn a_binding_that_is_granted_for_no_time_is_a_failure_like_another() {
    let mut world = World::new();
    let (rid, mut request) = world.managed_register(|options| options.retry_limit = 3);
    for _ in 0..2 {
        world.grant(&request, 0);
        request = next(&mut world, rid);
    }
    world.grant(&request, 0);
    world.quiet_to(36_000_000);
    assert_eq!(world.state(rid), Unregistered);
}

#[test]
fn a_start_that_is_spread_out_is_pending_for_the_getter_too() {
    let mut world = World::new();
    let rid = world.managed(|options| options.spread = Duration::from_secs(60));
    assert_eq!(world.state(rid), Initial);
    world.agent.registerer_register(world.now(), rid).unwrap();
    assert!(world.agent.registerer_info(world.now(), rid).unwrap().pending);
}

/// `request` as a server sees it that our NAT has given another address.
pub(super) fn seen_outside(request: &Draft) -> Draft {
    let mut seen = request.clone();
    let via = request.get("Via").unwrap().replace(";rport", ";rport=4444");
    seen.set("Via", format!("{via};received=203.0.113.7"));
    seen
}

#[test]
fn a_refused_move_respects_retry_after() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&seen_outside(&request), "200 OK", &["Expires: 600"]);
    let moving = world.one();
    world.answer(&seen_outside(&moving), "503 Service Unavailable", &["Retry-After: 570"]);
    assert_eq!(world.state(rid), Registered);
    world.one_at(570_000);
}

#[test]
fn a_temporary_failure_without_retry_keeps_the_binding() {
    for limited in [false, true] {
        let mut world = World::new();
        let (rid, _) = world.managed_registered(600, |options| {
            options.retry_temporary = limited;
            options.retry_limit = u32::from(limited);
        });
        let refresh = world.one_at(540_000);
        world.answer(&refresh, "503 Service Unavailable", &[]);
        assert!(
            world.explain(rid).ends_with("; registered for another 60 s, not renewed by itself")
        );
        world.quiet_to(599_999);
        assert_eq!(world.states(rid), [Registered]);
        world.quiet_to(36_000_000);
        assert_eq!(world.states(rid), [Unregistered]);
    }
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |options| options.retry_temporary = false);
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let remove = world.one();
    world.answer(&remove, "503 Service Unavailable", &[]);
    assert_eq!(world.states(rid), [Registered, Terminated]);
    world.quiet_to(36_000_000);
}

#[test]
fn a_security_server_of_any_length_does_not_make_the_request_unsendable() {
    let mut world = World::new();
    let (rid, request) =
        world.managed_register(|options| options.security = "digest;d-alg=md5".into());
    let lengthy = format!("Security-Server: digest;x={}", "a".repeat(60_000));
    world.answer(&request, "494 Security Agreement Required", &[&lengthy]);
    let later = next(&mut world, rid);
    assert!(later.to_bytes().len() < 2000);
}

#[test]
fn the_target_of_a_redirection_does_not_set_retry_after() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|options| {
        options.redirects = true;
        options.fatal_retry = 0;
    });
    world.answer(&request, "302 Moved Temporarily", &["Contact: <sip:192.0.2.50>"]);
    let there = world.one();
    world.answer(&there, "401 Unauthorized", &[&www("n"), "Retry-After: 1"]);
    assert_eq!(world.state(rid), Unregistered);
    world.quiet_to(36_000_000);
}

#[test]
fn the_transitions_are_those_of_the_class_and_no_others() {
    for (from, to) in [
        (Initial, vec![Registered, Unregistered, Terminated]),
        (Registered, vec![Unregistered, Terminated]),
        (Unregistered, vec![Registered, Terminated]),
        (Terminated, vec![]),
    ] {
        for next in [Initial, Registered, Unregistered, Terminated] {
            assert_eq!(from.may_become(next), to.contains(&next), "{from:?} to {next:?}");
        }
    }
}

#[test]
fn numbers_of_any_size_from_a_server_are_survived() {
    for huge in ["4294967295", "4294967296", "99999999999999999999"] {
        let mut world = World::new();
        let (rid, request) = world.managed_register(|options| {
            options.expires = u32::MAX;
            options.refresh = 99;
        });
        let lines = [
            format!("Expires: {huge}"),
            format!("Flow-Timer: {huge}"),
            format!("Min-Expires: {huge}"),
        ];
        world.answer(&request, "200 OK", &[&lines[0], &lines[1], &lines[2]]);
        assert_eq!(world.state(rid), Registered);
        let info = world.agent.registerer_info(world.now(), rid).unwrap();
        assert_eq!(info.granted, u32::MAX);
        assert!(info.next.unwrap() < info.remaining);
    }
    for none in ["-1", "soon", "", "0x10", "1e3"] {
        let mut world = World::new();
        let (rid, request) = world.managed_register(|_| {});
        let own = request.get("Contact").unwrap();
        let line = format!("Contact: {own};expires={none}");
        world.answer(
            &request,
            "200 OK",
            &[&line, &format!("Expires: {none}"), &format!("Flow-Timer: {none}")],
        );
        assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().granted, 600, "{none}");
        world.one_at(540_000);
    }
}

#[test]
fn a_retry_after_of_a_century_is_a_day() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|_| {});
    world.answer(&request, "503 Service Unavailable", &["Retry-After: 4294967295"]);
    world.one_at(86_400_000);
}

#[test]
fn a_second_555_without_push_parameters_is_a_failure_and_no_loop() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| {
        options.push = Some(Box::new(register::registration::policy::managed::Push {
            provider: "fcm".into(),
            prid: String::new(),
            param: String::new(),
        }));
        options.fatal_retry = 0;
    });
    world.answer(&request, "555 Push Notification Service Not Supported", &[]);
    let again = world.one();
    world.answer(&again, "555 Push Notification Service Not Supported", &[]);
    assert_eq!(world.state(rid), Unregistered);
    world.quiet_to(36_000_000);
}

#[test]
fn a_binding_counts_from_its_request_and_a_late_answer_is_no_burst() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.run_to(6_000);
    world.grant(&request, 10);
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!(info.remaining, Duration::from_secs(4));
    // Half of it is over already.
    let refresh = world.one_at(6_500);
    world.run_to(9_999);
    assert_eq!(world.states(rid), [Registered]);
    world.run_to(10_000);
    assert_eq!(world.states(rid), [Unregistered]);
    world.grant(&refresh, 10);
    assert_eq!(world.states(rid), [Registered]);
}

#[test]
fn a_preloaded_route_does_not_go_along_with_a_redirection() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| {
        options.redirects = true;
        options.route = "<sip:192.0.2.7:5080>".into();
    });
    assert!(request.get("Route").is_some());
    world.answer(
        &request,
        "302 Moved Temporarily",
        &["Contact: <sip:192.0.2.50>", "Retry-After: 5"],
    );
    let there = world.one();
    assert_eq!(there.get("Route"), None);
    world.answer(&there, "503 Service Unavailable", &["Retry-After: 5"]);
    // Back to where it began, by the way that it began with.
    let back = next(&mut world, rid);
    assert_eq!((back.start(), back.get("Route")), (request.start(), request.get("Route")));
}

#[test]
fn a_refresh_that_is_granted_for_no_time_ends_the_binding_at_once() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    let refresh = world.one_at(540_000);
    world.grant(&refresh, 0);
    assert_eq!(world.states(rid), [Registered, Unregistered]);
}

#[test]
fn only_the_first_start_is_spread_out() {
    let mut world = World::new();
    let rid = world.managed(|options| options.spread = Duration::from_secs(3600));
    world.agent.registerer_register(world.now(), rid).unwrap();
    let request = next(&mut world, rid);
    world.grant(&request, 600);
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let remove = world.one();
    world.answer(&remove, "200 OK", &[]);
    world.agent.registerer_register(world.now(), rid).unwrap();
    world.one();
}

#[test]
fn a_network_that_changes_at_the_start_does_not_undo_its_spread() {
    let mut world = World::new();
    let rid = world.managed(|options| options.spread = Duration::from_secs(3600));
    world.agent.registerer_register(world.now(), rid).unwrap();
    let planned = world.agent.registerer_info(world.now(), rid).unwrap().next;
    assert!(planned.unwrap() > Duration::from_secs(1));
    world.agent.network_changed(world.now());
    assert!(world.sent().is_empty());
    assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().next, planned);
}
