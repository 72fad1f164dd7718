//! A managed registration and the better server of its domain: it comes back when the penalty of
//! that one is over, and the flow of the binding is kept until then.

use crate::common::{World, addr, refused, www};
use crate::targets::{self, Sent, answer, one};
use register::agent::{RegistererEventKind, Rid, TransportError};
use register::registration::policy::managed::{KeepAlive, RegistererState as State};
use register::sip::Draft;
use std::time::Duration;

const SERVERS: [&str; 2] = ["192.0.2.1:5060", "192.0.2.2:5060"];

fn grant(world: &mut World, sent: &Sent) {
    targets::grant(world, sent, 3600);
}

/// A registration that is bound at the second server, because the first said 503 at 0 ms with
/// these extra lines.
fn bound_at_second(seed: u8, extra: &[&str]) -> (World, Rid) {
    let mut world = World::with_seed(seed);
    world.credential("alice", "secret", "");
    world.names.push(("acme.test", Ok(SERVERS.map(addr).to_vec())));
    let rid = world.managed(|options| {
        options.registrar = "sip:acme.test".into();
        options.expires = 3600;
    });
    world.agent.registerer_register(world.now(), rid).unwrap();
    let first = one(&mut world);
    assert_eq!(first.0, addr(SERVERS[0]));
    answer(&mut world, &first, "503 Service Unavailable", extra);
    let second = one(&mut world);
    assert_eq!(second.0, addr(SERVERS[1]));
    answer(&mut world, &second, "401 Unauthorized", &[&www("n")]);
    let proven = one(&mut world);
    assert_eq!(proven.0, addr(SERVERS[1]));
    grant(&mut world, &proven);
    assert_eq!(world.state(rid), State::Registered);
    (world, rid)
}

/// Runs until something is sent: when, and what.
fn next(world: &mut World) -> (u64, Sent) {
    loop {
        let due = world.agent.poll_timeout().unwrap();
        let ms = (due - world.now()).as_millis() as u64 + world.millis() as u64;
        world.at(ms + 1);
        let sent = world.raw_sent();
        if let Some((to, bytes)) = sent.into_iter().next() {
            return (ms, (to, Draft::parse(&bytes).unwrap()));
        }
    }
}

#[test]
fn it_goes_back_within_a_minute_after_the_penalty() {
    let mut moments = Vec::new();
    for seed in 0..40 {
        let (mut world, rid) = bound_at_second(seed, &[]);
        let (at, back) = next(&mut world);
        assert_eq!(back.0, addr(SERVERS[0]));
        assert!((48_000..=132_000).contains(&at), "{at}");
        moments.push(at);
        grant(&mut world, &back);
        assert_eq!(world.state(rid), State::Registered);
        assert!(
            world.registerer_events(rid).iter().all(|what| *what == RegistererEventKind::Accepted)
        );
        let (at, refresh) = next(&mut world);
        assert!(at > 3_000_000 && refresh.0 == addr(SERVERS[0]), "{at}");
    }
    let (min, max) = (moments.iter().min().unwrap(), moments.iter().max().unwrap());
    assert!(max - min > 30_000, "spread: {min} to {max}");
}

#[test]
fn retry_after_says_when_it_goes_back() {
    let (mut world, _) = bound_at_second(3, &["Retry-After: 600"]);
    let (at, back) = next(&mut world);
    assert!((600_000..=660_000).contains(&at), "{at}");
    assert_eq!(back.0, addr(SERVERS[0]));
}

#[test]
fn a_better_server_that_fails_again_costs_no_binding_and_waits_longer() {
    let (mut world, rid) = bound_at_second(5, &[]);
    for penalty in [120, 240, 480, 900] {
        let (at, back) = next(&mut world);
        assert_eq!(back.0, addr(SERVERS[0]));
        world.undelivered(back.0, refused(), &back.1.to_bytes());
        let again = one(&mut world);
        assert_eq!(again.0, addr(SERVERS[1]), "the server of the binding is next");
        grant(&mut world, &again);
        let info = world.agent.registerer_info(world.now(), rid).unwrap();
        assert_eq!((world.state(rid), info.target), (State::Registered, Some(again.0)));
        world.quiet_to(at + penalty * 800 - 1);
    }
    assert!(world.registerer_events(rid).iter().all(|what| *what == RegistererEventKind::Accepted));
}

#[test]
fn the_flow_of_the_binding_is_kept_alive_until_the_better_server_accepts() {
    let mut world = World::with_alice();
    world.names.push(("acme.test", Ok(SERVERS.map(addr).to_vec())));
    let rid = world.managed(|options| {
        options.registrar = "sip:acme.test".into();
        options.expires = 3600;
        options.keep_alive = KeepAlive::Crlf;
        options.keep_alive_period = Duration::from_secs(5);
    });
    world.agent.registerer_register(world.now(), rid).unwrap();
    let first = one(&mut world);
    answer(&mut world, &first, "503 Service Unavailable", &[]);
    let second = one(&mut world);
    grant(&mut world, &second);
    let keeps = |world: &mut World, ms: u64| {
        let end = world.millis() as u64 + ms;
        let mut to = Vec::new();
        while let Some(due) = world.agent.poll_timeout() {
            let at = (due - world.now()).as_millis() as u64 + world.millis() as u64 + 1;
            if at > end {
                break;
            }
            world.at(at);
            to.extend(world.raw_sent());
        }
        world.at(end);
        to
    };
    let back = loop {
        let sent = keeps(&mut world, 1_000);
        if let Some((to, bytes)) = sent.iter().find(|(_, bytes)| bytes.len() > 4) {
            break (*to, Draft::parse(bytes).unwrap());
        }
        assert!(sent.iter().all(|(to, _)| *to == addr(SERVERS[1])));
    };
    assert_eq!(back.0, addr(SERVERS[0]));
    let kept = keeps(&mut world, 6_000);
    let pings: Vec<_> = kept.iter().filter(|(_, bytes)| bytes.len() <= 4).collect();
    assert!(!pings.is_empty() && pings.iter().all(|(to, _)| *to == addr(SERVERS[1])), "{kept:?}");
    grant(&mut world, &back);
    let pings = keeps(&mut world, 20_000);
    assert!(!pings.is_empty() && pings.iter().all(|(to, _)| *to == addr(SERVERS[0])), "{pings:?}");
}

#[test]
fn a_server_that_vanished_from_the_dns_is_left_at_the_next_refresh() {
    let mut world = World::with_alice();
    world.names.push(("acme.test", Ok(SERVERS.map(addr).to_vec())));
    let rid = world.managed(|options| {
        options.registrar = "sip:acme.test".into();
        options.expires = 600;
    });
    world.agent.registerer_register(world.now(), rid).unwrap();
    let first = one(&mut world);
    grant(&mut world, &first);
    world.names[0].1 = Ok(vec![addr("192.0.2.7:5060")]);
    let (_, refresh) = next(&mut world);
    assert_eq!(refresh.0, addr("192.0.2.7:5060"));
    grant(&mut world, &refresh);
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!((world.state(rid), info.target), (State::Registered, Some(refresh.0)));
}

#[test]
fn what_could_not_leave_is_sent_when_there_is_a_way() {
    let mut world = World::with_alice();
    let no_route = TransportError::NoRoute { to: addr(SERVERS[0]).ip(), errno: 101 };
    world.locals.push((addr(SERVERS[0]), Err(no_route)));
    let rid = world.managed(|options| options.jitter = 0);
    world.agent.registerer_register(world.now(), rid).unwrap();
    // Several attempts fail: the back-off has grown by then.
    world.quiet_to(600_000);
    world.locals.clear();
    world.interfaces_changed();
    let sent = world.run_to(601_900);
    assert_eq!(sent.len(), 1);
    world.grant(&sent[0].1, 600);
    assert_eq!(world.state(rid), State::Registered);
    world.interfaces_changed();
    world.quiet_to(700_000);
}

#[test]
fn names_that_do_not_resolve_leave_the_limits_to_others() {
    let mut world = World::with_alice();
    world.names.push(("good.test", Ok(vec![addr(SERVERS[0])])));
    world.names.push(("many.test", Ok(vec![addr(SERVERS[1])])));
    world.silent = Some("dead.test");
    world.agent.registerer_limits(world.now(), 5, 0);
    for number in 0..20 {
        let registrar = format!("sip:{number}.dead.test:5060");
        let rid = world.managed(|options| options.registrar = registrar);
        world.agent.registerer_register(world.now(), rid).unwrap();
    }
    let good = world.managed(|options| options.registrar = "sip:good.test".into());
    world.agent.registerer_register(world.now(), good).unwrap();
    let sent = one(&mut world);
    grant(&mut world, &sent);
    assert_eq!(world.state(good), State::Registered);
    assert_eq!(world.agent.registerer_traffic(), (0, 0));
    // Those that wait for one name leave it one after the other all the same.
    world.mute_resolver = true;
    let many: Vec<Rid> = (0..20)
        .map(|_| {
            let rid = world.managed(|options| options.registrar = "sip:many.test:5060".into());
            world.agent.registerer_register(world.now(), rid).unwrap();
            rid
        })
        .collect();
    assert!(world.raw_sent().is_empty());
    world.answer_muted();
    world.silent = Some("dead.test");
    let mut accepted = 0;
    for _ in 0..50 {
        world.tick();
        let sent = world.raw_sent();
        assert!(sent.len() <= 5, "{}", sent.len());
        assert!(world.agent.registerer_traffic().0 <= 5);
        for (from, bytes) in sent {
            grant(&mut world, &(from, Draft::parse(&bytes).unwrap()));
            accepted += 1;
        }
    }
    assert_eq!(accepted, 20);
    for rid in many {
        assert_eq!(world.state(rid), State::Registered);
        let info = world.agent.registerer_info(world.now(), rid).unwrap();
        assert_eq!(info.counters.requests, 1);
    }
}

#[test]
fn one_that_waits_for_a_name_is_disposed_of_at_once() {
    let mut world = World::with_alice();
    world.silent = Some("dead.test");
    let rid = world.managed(|options| options.registrar = "sip:dead.test".into());
    world.agent.registerer_register(world.now(), rid).unwrap();
    assert!(world.raw_sent().is_empty());
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    assert_eq!(world.state(rid), State::Terminated);
    world.quiet_to(60_000);
}
