//! The numbers of managed registrations in each state and by last status are those of a count.

use crate::common::World;
use crate::random::Random;
use register::agent::RegistererCounts;
use register::registration::policy::managed::RegistererState as State;
use std::time::Duration;

/// The same by asking each of them.
fn scanned(world: &World, rids: &[i32]) -> RegistererCounts {
    let (in_flight, _) = world.agent.registerer_traffic();
    let mut queued = 0;
    for rid in rids {
        if world.agent.registerer_state(*rid).unwrap() != State::Terminated {
            queued += usize::from(world.explain(*rid).contains("waits for its turn"));
        }
    }
    let mut counts = RegistererCounts { in_flight, queued, ..RegistererCounts::default() };
    for rid in rids {
        let state = world.agent.registerer_state(*rid).unwrap();
        match state {
            State::Initial => counts.initial += 1,
            State::Registered => counts.registered += 1,
            State::Unregistered => counts.unregistered += 1,
            State::Terminated => {
                counts.terminated += 1;
                continue;
            }
        }
        let info = world.agent.registerer_info(world.now(), *rid).unwrap();
        *counts.by_status.entry(info.status).or_default() += 1;
    }
    counts
}

const ANSWERS: [&str; 9] = [
    "100 Trying",
    "200 OK",
    "200 OK",
    "302 Moved Temporarily",
    "401 Unauthorized",
    "403 Forbidden",
    "404 Not Found",
    "423 Interval Too Brief",
    "503 Service Unavailable",
];

#[test]
fn counts_are_those_of_a_scan_after_each_step_of_a_random_world() {
    for seed in 0..40 {
        let mut random = Random(seed);
        let mut world = World::with_alice();
        world.agent.registerer_limits(world.now(), 20, 50);
        let mut rids = Vec::new();
        for step in 0..400 {
            let any = random.recent(&rids).copied();
            match (random.below(12), any) {
                (0 | 1, _) => {
                    let timeout = random.word("0 0 3 40").parse().unwrap();
                    rids.push(world.managed(|options| options.attempt_timeout = timeout));
                }
                (2 | 3, Some(rid)) => drop(world.agent.registerer_register(world.now(), rid)),
                (4, Some(rid)) => drop(world.agent.registerer_unregister(world.now(), rid, false)),
                (5, Some(rid)) if random.one_in(3) => {
                    world.agent.registerer_dispose(world.now(), rid).unwrap();
                }
                (6, Some(rid)) if random.one_in(6) => {
                    // The eXosip call takes it away.
                    let _ = world.agent.remove(rid);
                }
                (7, _) if random.one_in(3) => {
                    let (rid, text) = world.build(600);
                    world.send(rid, &text);
                    world.agent.registerer_adopt(world.now(), rid).unwrap();
                    rids.push(rid);
                }
                (8, _) if random.one_in(10) => world.interfaces_changed(),
                (9, _) => {
                    let to = u64::try_from(world.millis()).unwrap() + random.below(20_000);
                    world.run_to(to);
                }
                _ => world.tick(),
            }
            assert_eq!(world.agent.registerer_counts(), scanned(&world, &rids), "{seed} {step}");
            for request in world.sent() {
                match random.of(&ANSWERS) {
                    "200 OK" if request.get("Expires") != Some("0") => world.grant(&request, 600),
                    status => world.answer(
                        &request,
                        status,
                        &["WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"", "Min-Expires: 700"],
                    ),
                }
                assert_eq!(
                    world.agent.registerer_counts(),
                    scanned(&world, &rids),
                    "{seed} {step}"
                );
            }
        }
        world.agent.registerer_end_all(world.now() + Duration::from_secs(1));
        let counts = world.agent.registerer_counts();
        assert_eq!((counts.initial, counts.registered, counts.unregistered), (0, 0, 0));
        assert_eq!(counts.terminated, rids.len() as u64);
        assert!(counts.by_status.is_empty(), "{counts:?}");
    }
}

/// One REGISTER in flight at a registrar that says nothing, and as many queued as `queued`.
fn queued_behind_one(queued: usize) -> (World, Vec<i32>) {
    let mut world = World::new();
    world.agent.registerer_limits(world.now(), 1, 0);
    let rids: Vec<i32> = (0..=queued).map(|_| world.managed(|_| {})).collect();
    for rid in &rids {
        world.agent.registerer_register(world.now(), *rid).unwrap();
    }
    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.agent.registerer_traffic(), (1, queued));
    (world, rids)
}

#[test]
fn who_is_disposed_of_in_the_queue_is_counted_there_no_more() {
    let (mut world, rids) = queued_behind_one(1000);
    for rid in &rids[1..] {
        world.agent.registerer_dispose(world.now(), *rid).unwrap();
    }
    let counts = world.agent.registerer_counts();
    assert_eq!((counts.in_flight, counts.queued, counts.terminated), (1, 0, 1000));
    assert!(world.sent().is_empty());
}

#[test]
fn who_is_removed_from_the_queue_is_counted_there_no_more() {
    let (mut world, rids) = queued_behind_one(3);
    world.agent.remove(rids[2]).unwrap();
    assert_eq!(world.agent.registerer_traffic(), (1, 2));
    world.agent.registerer_limits(world.now(), 0, 0);
    assert_eq!(world.sent().len(), 2);
    assert_eq!(world.agent.registerer_traffic(), (3, 0));
}

#[test]
fn who_asks_again_in_the_queue_stands_there_once() {
    let (mut world, rids) = queued_behind_one(2);
    for _ in 0..10 {
        // Refused or not, it changes nothing.
        let _ = world.agent.registerer_register(world.now(), rids[1]);
        let _ = world.agent.registerer_unregister(world.now(), rids[1], false);
        let _ = world.agent.registerer_register(world.now(), rids[1]);
        world.agent.network_changed(world.now());
        assert_eq!(world.agent.registerer_counts(), scanned(&world, &rids));
    }
}

#[test]
fn a_binding_that_is_to_be_removed_stands_in_the_queue_once() {
    let mut world = World::new();
    let (bound, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_limits(world.now(), 1, 0);
    let (_, other) = world.managed_register(|_| {});
    world.agent.registerer_register(world.now(), bound).unwrap();
    assert_eq!(world.agent.registerer_traffic(), (1, 1));
    world.agent.registerer_dispose(world.now(), bound).unwrap();
    assert_eq!(world.agent.registerer_traffic(), (1, 1));
    world.grant(&other, 600);
    world.tick();
    let removal = world.one();
    assert_eq!(removal.get("Expires"), Some("0"));
    world.answer(&removal, "200 OK", &[]);
    assert_eq!(world.agent.registerer_traffic(), (0, 0));
    assert!(world.sent().is_empty());
}

#[test]
fn those_that_have_left_the_queue_do_not_count_for_the_rate() {
    let mut world = World::new();
    // Ten at one moment, then one each second.
    world.agent.registerer_limits(world.now(), 0, 1);
    let rids: Vec<i32> = (0..40).map(|_| world.managed(|_| {})).collect();
    for rid in &rids {
        world.agent.registerer_register(world.now(), *rid).unwrap();
    }
    let at_once = world.sent().len();
    for rid in &rids[at_once..39] {
        world.agent.registerer_dispose(world.now(), *rid).unwrap();
    }
    assert_eq!(world.agent.registerer_traffic(), (at_once, 1));
    // What else is sent until then is sent again.
    world.run_to(1_100);
    assert_eq!(world.agent.registerer_traffic(), (at_once + 1, 0));
}
