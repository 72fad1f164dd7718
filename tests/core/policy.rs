//! When `automatic_action` acts: refreshes, retries, 423, which expiry counts. Without it nothing
//! is sent.

use crate::common::{World, addr};
use register::agent::{EventKind, InitialRegister};

#[test]
fn without_automatic_action_nothing_is_ever_refreshed() {
    let mut world = World::new();
    world.registered(60);
    assert!(world.run_to(100_000_000).is_empty());
}

#[test]
fn a_refresh_is_at_90_percent_or_6_s_before_the_end_or_after_900_s() {
    for (granted, due) in
        [(3600, 900_000), (1000, 900_000), (100, 90_000), (60, 54_000), (30, 24_000), (5, 2_500)]
    {
        let mut world = World::new();
        world.registered(granted);
        assert!(
            world.at(due - 1).automatic().is_empty(),
            "{granted} s granted: not before {due} ms"
        );
        let refresh = world.at(due).automatic_one();
        assert_eq!(refresh.get("CSeq"), Some("2 REGISTER"));
        assert!(world.automatic().is_empty(), "one while it is pending");
        world.grant(&refresh, granted);
        assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
        assert!(world.at(2 * due - 1).automatic().is_empty());
        assert_eq!(world.at(2 * due).automatic().len(), 1);
    }
}

/// When the refresh is due after an answer with these lines to a request for 600 s.
fn refresh_after(lines: &[&str]) -> u64 {
    let mut world = World::new();
    let (_, request) = world.register(600);
    let contact = request.get("Contact").unwrap().trim_matches(['<', '>']).to_owned();
    let lines: Vec<String> = lines.iter().map(|line| line.replace("OWN", &contact)).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    world.answer(&request, "200 OK", &lines);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    (1..10_000).map(|step| step * 100).find(|ms| !world.at(*ms).automatic().is_empty()).unwrap()
}

#[test]
fn our_bindings_expires_counts_then_the_header_then_what_was_asked() {
    assert_eq!(refresh_after(&["Contact: <OWN>;expires=100", "Expires: 60"]), 90_000);
    assert_eq!(
        refresh_after(&["Contact: <OWN>;expires=800", "Expires: 60"]),
        720_000,
        "more than asked is taken"
    );
    assert_eq!(refresh_after(&["Contact: <OWN>", "Expires: 60"]), 54_000);
    assert_eq!(refresh_after(&["Expires: 60"]), 54_000);
    assert_eq!(refresh_after(&[]), 540_000);
    assert_eq!(refresh_after(&["Contact: <OWN>;expires=nonsense", "Expires: 60"]), 54_000);
}

#[test]
fn our_binding_is_known_by_line_and_by_uri_among_foreign_ones() {
    let foreign = "Contact: <sip:other@192.0.2.9:5071>;expires=17;q=0.5, \"A, B\" <sip:x@192.0.2.10>;expires=30";
    assert_eq!(refresh_after(&[foreign, "m: <OWN>;expires=200"]), 180_000);
    assert_eq!(
        refresh_after(&[foreign, "Contact: <OWN;transport=udp>;expires=200"]),
        180_000,
        "by line"
    );
    assert_eq!(refresh_after(&[foreign]), 540_000, "theirs do not count");
}

#[test]
fn an_explicit_contact_is_known_by_uri() {
    let mut world = World::new();
    let (rid, text) = world.build_with(InitialRegister {
        from: "sip:alice@acme.test",
        proxy: "sip:192.0.2.1",
        contact: Some("<sip:alice@Door.acme.test:5070>"),
        expires: 600,
        q: None,
    });
    world.send(rid, &text);
    let request = world.one();
    world.answer(&request, "200 OK", &["Contact: <sip:alice@door.ACME.test:5070>;expires=100"]);
    assert!(world.at(89_999).automatic().is_empty());
    assert_eq!(world.at(90_000).automatic().len(), 1);
}

#[test]
fn a_grant_of_0_s_causes_no_loop() {
    let mut world = World::new();
    let (_, request) = world.register(600);
    world.grant(&request, 0);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    assert!(world.at(119_999).automatic().is_empty());
    assert_eq!(world.at(120_000).automatic().len(), 1);
}

#[test]
fn a_failure_is_retried_after_120_s_for_ever() {
    for status in [
        "302 Moved",
        "403 Forbidden",
        "404 Not Found",
        "480 Gone",
        "500 Oops",
        "503 Busy",
        "603 No",
    ] {
        let mut world = World::new();
        let (_, mut request) = world.register(3600);
        for round in 1..=3_u64 {
            world.answer(&request, status, &[]);
            assert_eq!(world.event().kind, EventKind::RegistrationFailure);
            assert!(world.at(round * 120_000 - 1).automatic().is_empty());
            request = world.at(round * 120_000).automatic_one();
        }
    }
}

#[test]
fn retry_after_is_honoured_on_every_failure() {
    for status in ["403 Forbidden", "404 Not Found", "486 Busy", "500 Oops", "503 Busy", "600 No"] {
        for (value, wait) in [("5", 5_000), ("3 (busy);duration=60", 3_000), ("600", 600_000)] {
            let mut world = World::new();
            let (_, request) = world.register(3600);
            world.answer(&request, status, &[&format!("Retry-After: {value}")]);
            assert!(world.at(wait - 1).automatic().is_empty(), "{status} {value}");
            assert_eq!(world.at(wait).automatic().len(), 1, "{status} {value}");
        }
    }
}

#[test]
fn a_retry_after_of_0_or_of_years_is_bounded() {
    let mut world = World::new();
    let (_, request) = world.register(3600);
    world.answer(&request, "503 Busy", &["Retry-After: 0"]);
    assert!(world.at(119_999).automatic().is_empty());
    let request = world.at(120_000).automatic_one();
    world.answer(&request, "503 Busy", &["Retry-After: 99999999999999"]);
    assert_eq!(world.at(120_000 + 86_400_000).automatic().len(), 1);
}

#[test]
fn a_timeout_is_retried_120_s_after_it_was_sent() {
    let mut world = World::new();
    world.register(3600);
    world.run_to(32_000);
    assert_eq!(world.event().kind, EventKind::RegistrationFailure);
    assert!(world.at(119_999).automatic().is_empty());
    assert_eq!(world.at(120_000).automatic_one().get("CSeq"), Some("2 REGISTER"));
}

#[test]
fn a_423_is_answered_with_its_min_expires_which_later_requests_keep() {
    let mut world = World::new();
    let (rid, first) = world.register(60);
    world.answer(&first, "423 Interval Too Brief", &["Min-Expires: 1800"]);
    assert_eq!(world.event().kind, EventKind::RegistrationFailure);
    let second = world.automatic_one();
    assert_eq!(second.get("Expires"), Some("1800"));
    world.grant(&second, 1800);
    let now = world.now();
    world.agent.send_register(now, rid, None).unwrap();
    assert_eq!(world.one().get("Expires"), Some("1800"));
}

#[test]
fn a_min_expires_that_rises_is_followed_three_times() {
    let mut world = World::new();
    let (_, mut request) = world.register(60);
    for floor in [100, 200, 300] {
        world.answer(&request, "423 Interval Too Brief", &[&format!("Min-Expires: {floor}")]);
        request = world.automatic_one();
        assert_eq!(request.get("Expires"), Some(floor.to_string().as_str()));
    }
    world.answer(&request, "423 Interval Too Brief", &["Min-Expires: 400"]);
    assert!(world.automatic().is_empty());
}

#[test]
fn a_423_without_a_higher_min_expires_is_an_ordinary_failure() {
    for extra in [
        &[][..],
        &["Min-Expires: 60"],
        &["Min-Expires: 10"],
        &["Min-Expires: x"],
        &["Min-Expires: 4000000000"],
    ] {
        let mut world = World::new();
        let (rid, first) = world.register(60);
        world.answer(&first, "423 Interval Too Brief", extra);
        assert_eq!(world.event().kind, EventKind::RegistrationFailure);
        assert!(world.automatic().is_empty());
        assert!(world.agent.build_register(rid, 60).is_ok(), "the registration stays usable");
        assert_eq!(world.at(54_000).automatic_one().get("Call-ID"), first.get("Call-ID"));
    }
}

#[test]
fn a_423_to_an_unregister_does_not_register() {
    let mut world = World::new();
    let (rid, _) = world.registered(3600);
    let text = world.agent.build_register(rid, 0).unwrap();
    world.send(rid, &text);
    let bye = world.one();
    world.answer(&bye, "423 Interval Too Brief", &["Min-Expires: 60"]);
    assert!(world.automatic().is_empty());
    assert!(world.at(10_000_000).automatic().is_empty());
}

#[test]
fn automatic_action_visits_only_registrations_that_are_due() {
    let mut world = World::new();
    for _ in 0..1000 {
        world.registered(3600);
    }
    world.at(100_000);
    let (_, _) = world.registered(60);
    assert!(world.at(153_999).automatic().is_empty());
    assert_eq!(world.at(154_000).automatic().len(), 1);
}

#[test]
fn after_a_network_change_the_next_automatic_action_moves_the_binding() {
    let mut world = World::new();
    let (_, first) = world.registered(3600);
    world.locals.push((addr(crate::common::REGISTRAR), Ok(addr("198.51.100.4:5070"))));
    world.at(10_000);
    world.agent.network_changed(world.now());
    assert!(world.sent().is_empty(), "nothing by itself");
    let moved = world.automatic_one();
    assert!(moved.get("Contact").unwrap().contains("@198.51.100.4:5070;line="));
    let contacts: Vec<_> =
        moved.headers().filter(|(name, _)| *name == "Contact").map(|(_, v)| v).collect();
    assert_eq!(*contacts[1], format!("{};expires=0", first.get("Contact").unwrap()));
    world.grant(&moved, 3600);
    assert!(world.automatic().is_empty());
}

#[test]
fn one_automatic_action_sends_256_at_most_and_the_next_goes_on() {
    let mut world = World::new();
    for _ in 0..600 {
        world.registered(60);
    }
    world.at(54_000);
    let sent: Vec<usize> = (0..4).map(|_| world.automatic().len()).collect();
    assert_eq!(sent, [256, 256, 88, 0]);
}
