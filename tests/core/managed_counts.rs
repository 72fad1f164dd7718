//! The numbers of managed registrations in each state and by last status are those of a count.

use crate::common::World;
use crate::random::Random;
use register::agent::RegistererCounts;
use register::registration::policy::managed::RegistererState as State;
use std::time::Duration;

/// The same by asking each of them.
fn scanned(world: &World, rids: &[i32]) -> RegistererCounts {
    let (in_flight, queued) = world.agent.registerer_traffic();
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
