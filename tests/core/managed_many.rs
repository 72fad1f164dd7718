//! Many accounts at once: the limits, the rate, the spread, and both kinds of calls with one rid.

use crate::common::{World, addr};
use register::agent::{EventKind, Refusal, RegistererEventKind};
use register::registration::policy::managed::RegistererState as State;
use std::time::Duration;

/// `count` accounts, made to register at the present instant.
fn accounts(world: &mut World, count: usize) -> Vec<i32> {
    (0..count)
        .map(|n| {
            let rid = world.managed(|options| options.aor = format!("sip:user{n}@acme.test"));
            world.agent.registerer_register(world.now(), rid).unwrap();
            rid
        })
        .collect()
}

#[test]
fn no_more_requests_are_in_flight_than_set() {
    let mut world = World::new();
    world.agent.registerer_limits(world.now(), 10, 0);
    let rids = accounts(&mut world, 100);
    assert_eq!(world.agent.registerer_traffic(), (10, 90));
    let mut done = 0;
    loop {
        world.tick();
        let sent = world.sent();
        if sent.is_empty() {
            break;
        }
        assert!(sent.len() <= 10);
        for request in sent {
            world.grant(&request, 600);
            done += 1;
            assert!(world.agent.registerer_traffic().0 <= 10);
        }
    }
    assert_eq!(done, 100);
    assert!(rids.iter().all(|rid| world.state(*rid) == State::Registered));
    assert_eq!(world.agent.registerer_traffic(), (0, 0));
}

#[test]
fn a_challenge_is_answered_without_queueing_again() {
    let mut world = World::new();
    world.credential("user0", "secret", "acme");
    world.agent.registerer_limits(world.now(), 1, 0);
    accounts(&mut world, 2);
    let first = world.one();
    world.answer(
        &first,
        "401 Unauthorized",
        &["WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\""],
    );
    let again = world.one();
    assert_eq!(again.get("Call-ID"), first.get("Call-ID"));
    world.grant(&again, 600);
    world.tick();
    assert_ne!(world.one().get("Call-ID"), first.get("Call-ID"), "now it is the other's turn");
}

#[test]
fn the_rate_is_kept_with_a_small_burst_at_the_start() {
    let mut world = World::new();
    world.agent.registerer_limits(world.now(), 0, 50);
    accounts(&mut world, 200);
    let mut sent: Vec<(u128, _)> = world.run_to(499);
    // Retransmissions come after 500 ms.
    assert!((30..=36).contains(&sent.len()), "10 at once and 50 a second: {}", sent.len());
    for (_, request) in std::mem::take(&mut sent) {
        world.grant(&request, 600);
    }
    assert!(world.agent.registerer_traffic().1 > 150);
}

#[test]
fn a_registrar_that_comes_back_is_not_flooded() {
    let mut world = World::new();
    world.agent.registerer_limits(world.now(), 20, 0);
    let rids = accounts(&mut world, 200);
    // It is gone: at no time are more than twenty under way.
    for second in 1..120 {
        world.run_to(second * 1000);
        assert!(world.agent.registerer_traffic().0 <= 20);
    }
    // It is back: whoever asks is served, nobody is forgotten.
    for tick in 0..200_000_u64 {
        let sent = world.run_to(120_000 + tick * 100);
        assert!(sent.len() <= 60, "{}", sent.len());
        for (_, request) in sent {
            world.grant(&request, 100_000);
        }
        if rids.iter().all(|rid| world.state(*rid) == State::Registered) {
            return;
        }
    }
    panic!("not all came back");
}

#[test]
fn one_that_is_removed_while_pending_is_in_flight_no_more() {
    let mut world = World::new();
    world.agent.registerer_limits(world.now(), 1, 0);
    let rids = accounts(&mut world, 2);
    let first = world.one();
    assert_eq!(world.agent.remove(rids[0]), Ok(()));
    world.tick();
    assert_ne!(world.one().get("Call-ID"), first.get("Call-ID"), "now it is the other's turn");
}

#[test]
fn one_that_is_disposed_of_while_queued_is_queued_no_more() {
    let mut world = World::new();
    world.agent.registerer_limits(world.now(), 1, 0);
    let rids = accounts(&mut world, 3);
    let first = world.one();
    world.agent.registerer_dispose(world.now(), rids[1]).unwrap();
    assert_eq!(world.state(rids[1]), State::Terminated);
    world.grant(&first, 600);
    world.tick();
    world.one();
    assert_eq!(world.agent.registerer_traffic(), (1, 0));
}

#[test]
fn refreshes_of_many_accounts_spread_by_their_jitter() {
    let mut world = World::new();
    world.agent.registerer_limits(world.now(), 0, 0);
    for n in 0..300 {
        world.managed_registered(600, |options| {
            options.aor = format!("sip:user{n}@acme.test");
            options.jitter = 20;
        });
    }
    let mut per_second = [0_u32; 700];
    let mut known = std::collections::HashSet::new();
    for (at, refresh) in world.run_to(540_400) {
        // Each counts once, whatever is sent again.
        if known.insert(refresh.get("Call-ID").unwrap().to_owned()) {
            per_second[(at / 1000) as usize] += 1;
        }
    }
    assert_eq!(known.len(), 300);
    assert!(*per_second.iter().max().unwrap() < 15, "{:?}", per_second.iter().max());
}

#[test]
fn an_adopted_registration_goes_on_with_its_own_texts_by_itself() {
    let mut world = World::new();
    let (rid, text) = world.build(600);
    let text =
        String::from_utf8(text).unwrap().replace("Max-Forwards", "X-Mine: 7\r\nMax-Forwards");
    world.send(rid, text.as_bytes());
    let request = world.one();
    world.grant(&request, 600);
    world.at(100_000);
    assert_eq!(world.agent.registerer_state(rid), Err(Refusal::Undefined), "it is not managed yet");
    world.agent.registerer_adopt(world.now(), rid).unwrap();
    assert_eq!(world.state(rid), State::Registered);
    assert_eq!(
        world.explain(rid),
        "Taken over from the eXosip calls; registered for another 500 s, to be renewed in 440 s"
    );
    world.events();
    let refresh = world.one_at(540_000);
    assert_eq!(refresh.get("X-Mine"), Some("7"));
    assert_eq!(refresh.get("Contact"), request.get("Contact"));
    assert_eq!(refresh.get("CSeq"), Some("2 REGISTER"));
    assert!(world.automatic().is_empty(), "the policy of the eXosip calls is out of it");
    world.grant(&refresh, 600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess, "its events come as before");
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let remove = world.one();
    assert!(remove.get("Contact").unwrap().ends_with(";expires=0"));
}

#[test]
fn an_adopted_registration_that_was_never_sent_is_initial() {
    let mut world = World::new();
    let (rid, _) = world.build(300);
    world.agent.registerer_adopt(world.now(), rid).unwrap();
    assert_eq!(world.state(rid), State::Initial);
    world.quiet_to(1000);
    world.agent.registerer_register(world.now(), rid).unwrap();
    assert_eq!(world.one().get("Expires"), Some("300"));
}

#[test]
fn the_exosip_calls_work_for_a_managed_registration_too() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |options| options.events = true);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    let text = world.agent.build_register(rid, 120).unwrap();
    world.send(rid, &text);
    let request = world.one();
    assert_eq!(request.get("Expires"), Some("120"));
    assert_eq!(world.agent.registerer_register(world.now(), rid), Err(Refusal::WrongState));
    world.grant(&request, 120);
    world.events();
    let refresh = world.one_at(108_000);
    world.grant(&refresh, 120);
    world.agent.remove(rid).unwrap();
    assert_eq!(world.state(rid), State::Terminated);
    world.quiet_to(600_000);
}

#[test]
fn push_and_timer_at_the_same_moment_are_one_register() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.quiet_to(539_999);
    // A push notification wakes the program in the very moment that the refresh is due.
    world.at(540_000);
    let _ = world.agent.registerer_register(world.now(), rid);
    world.one();
}

#[test]
fn a_thousand_accounts_end_within_one_call_and_nothing_more_is_sent() {
    let mut world = World::new();
    world.agent.registerer_limits(world.now(), 0, 0);
    let rids = accounts(&mut world, 1000);
    for request in world.sent() {
        world.grant(&request, 600);
    }
    world.agent.registerer_dispose_all(world.now());
    let removals = world.sent();
    assert_eq!(removals.len(), 1000);
    for request in removals {
        world.answer(&request, "200 OK", &[]);
    }
    assert_eq!(world.agent.registerers_alive(), 0);
    assert_eq!(world.agent.statistics().registrations, 0);
    assert!(rids.iter().all(|rid| world.state(*rid) == State::Terminated));
    world.quiet_to(3_600_000);
}

#[test]
fn registrations_at_two_registrars_have_targets_of_their_own() {
    let mut world = World::new();
    let (near, _) = world.managed_register(|_| {});
    let (far, _) =
        world.managed_register(|options| options.registrar = "sip:192.0.2.2:5080".into());
    let target = |rid| world.agent.registerer_info(world.now(), rid).unwrap().target;
    assert_eq!(
        (target(near), target(far)),
        (Some(addr("192.0.2.1:5060")), Some(addr("192.0.2.2:5080")))
    );
}

#[test]
fn a_503_without_retry_after_does_not_wait_for_hours() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&request, "503 Service Unavailable", &[]);
    let next = world.agent.registerer_info(world.now(), rid).unwrap().next.unwrap();
    assert!((30..=60).contains(&next.as_secs()), "{next:?}");
    assert_eq!(world.registerer_events(rid), [RegistererEventKind::Rejected]);
}

#[test]
fn retry_after_is_stretched_by_the_jitter() {
    let mut moments = Vec::new();
    for seed in 0..20 {
        let mut world = World::with_seed(seed);
        let (rid, request) = world.managed_register(|options| options.jitter = 40);
        world.answer(&request, "503 Service Unavailable", &["Retry-After: 100"]);
        moments.push(world.agent.registerer_info(world.now(), rid).unwrap().next.unwrap());
    }
    let (least, most) = (moments.iter().min().unwrap(), moments.iter().max().unwrap());
    assert!(*least >= Duration::from_secs(100) && *most <= Duration::from_secs(140));
    assert!(*most - *least > Duration::from_secs(15));
}

#[test]
fn the_end_of_all_waits_for_the_limit_in_flight_not_the_rate() {
    let mut world = World::new();
    world.agent.registerer_limits(world.now(), 0, 0);
    accounts(&mut world, 100);
    for request in world.sent() {
        world.grant(&request, 600);
    }
    world.agent.registerer_limits(world.now(), 20, 1);
    world.agent.registerer_dispose_all(world.now());
    let mut removed = 0;
    while world.agent.registerers_alive() > 0 {
        let sent = world.sent();
        assert!(!sent.is_empty() && sent.len() <= 20, "{}", sent.len());
        for request in sent {
            world.answer(&request, "200 OK", &[]);
            removed += 1;
        }
        world.tick();
    }
    assert_eq!(removed, 100);
}

#[test]
fn a_registrar_without_response_does_not_delay_the_end_of_all() {
    let mut world = World::new();
    world.agent.registerer_limits(world.now(), 0, 0);
    for n in 0..100 {
        world.managed_registered(3600, |options| {
            options.aor = format!("sip:user{n}@acme.test");
            options.registrar = format!("sip:192.0.2.{}", 1 + n % 2);
        });
    }
    world.agent.registerer_limits(world.now(), 10, 1);
    world.agent.registerer_dispose_all(world.now());
    // 192.0.2.2 is gone. Its requests count for 500 ms each, and those of 192.0.2.1 go on.
    let mut removed = std::collections::HashSet::new();
    for step in 0..60 {
        for (_, request) in world.run_to(step * 100) {
            if request.start().contains("192.0.2.1 ") {
                world.answer(&request, "200 OK", &[]);
                removed.insert(request.get("Call-ID").unwrap().to_owned());
            }
            assert!(world.agent.registerer_traffic().0 <= 10);
        }
    }
    assert_eq!(removed.len(), 50);
    assert_eq!(world.agent.registerers_alive(), 50);
    assert_eq!(world.agent.registerer_traffic().1, 0, "every one of them was asked");
    world.agent.registerer_end_all(world.now());
    assert_eq!(world.agent.registerers_alive(), 0);
    world.quiet_to(3_600_000);
}
