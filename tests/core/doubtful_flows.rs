//! A flow that the network says leads nowhere: anybody can say so, hence one request finds out.

use crate::common::{REGISTRAR, World, addr, contacts, granted, refused, seen_answer};
use register::agent::Masquerade;
use register::registration::policy::managed::{
    KeepAlive, ManagedOptions as Options, RegistererState as State,
};
use register::sip::Draft;
use std::time::Duration;

const PING: &[u8] = b"\r\n\r\n";

/// Some managed registrations at one registrar, registered at the start for 10 000 s.
fn registered(world: &mut World, count: usize, change: impl Fn(&mut Options)) -> Vec<i32> {
    world.agent.registerer_limits(world.now(), 0, 0);
    let one = |n| {
        let (rid, _) = world.managed_registered(10_000, |options| {
            options.aor = format!("sip:user{n}@acme.test");
            options.keep_alive = KeepAlive::Crlf;
            options.keep_alive_period = Duration::from_secs(20);
            change(options);
        });
        rid
    };
    (0..count).map(one).collect()
}

/// An ICMP error that quotes these bytes comes; everything that goes out at this instant.
fn returned(world: &mut World, bytes: &[u8]) -> Vec<Vec<u8>> {
    world.undelivered(addr(REGISTRAR), refused(), bytes);
    world.tick();
    world.raw_sent().into_iter().map(|(_, bytes)| bytes).collect()
}

/// One REGISTER, and nothing else.
fn one_register(sent: &[Vec<u8>]) -> Draft {
    assert_eq!(sent.len(), 1);
    Draft::parse(&sent[0]).unwrap()
}

/// The REGISTERs that go out up to `ms`, each Call-ID once.
fn calls(world: &mut World, ms: u64) -> std::collections::BTreeSet<String> {
    let sent = world.run_to(ms);
    sent.iter().map(|(_, request)| request.get("Call-ID").unwrap().to_owned()).collect()
}

/// A STUN success response to `request` with this port of 203.0.113.7.
fn stun(request: &[u8], port: u16) -> Vec<u8> {
    let [high, low] = port.to_be_bytes();
    let mapped = [0, 1, 0, 8, 0, 1, high, low, 203, 0, 113, 7];
    [&[1, 1, 0, 12][..], &request[4..20], &mapped].concat()
}

/// The same with STUN keep-alives that the server answers; at 20 s the first has been answered.
fn registered_with_stun(world: &mut World, count: usize) -> Vec<i32> {
    let rids = registered(world, count, |options| options.keep_alive = KeepAlive::Stun);
    world.at(20_000);
    let ping = world.raw_sent().remove(0).1;
    world.receive(&stun(&ping, 4444));
    rids
}

#[test]
fn a_forged_icmp_error_makes_one_register_of_500_registrations() {
    let mut world = World::new();
    let rids = registered(&mut world, 500, |_| {});
    world.at(10_000);
    let check = one_register(&returned(&mut world, PING));
    for bytes in [PING, b"\r\n", b"\r\n\r\n", &[0, 1, 0, 0], b""] {
        assert_eq!(returned(&mut world, bytes), [] as [Vec<u8>; 0], "it is being checked");
    }
    world.grant(&check, 10_000);
    assert_eq!(returned(&mut world, PING), [] as [Vec<u8>; 0], "and not at once again");
    world.quiet_to(8_000_000);
    assert!(rids.iter().all(|rid| world.state(*rid) == State::Registered));
}

#[test]
fn forged_icmp_errors_without_end_make_one_register_each_30_s() {
    let mut world = World::new();
    registered(&mut world, 500, |_| {});
    let mut registers = 0;
    for tenth in 1..=3000 {
        world.at(tenth * 100);
        world.undelivered(addr(REGISTRAR), refused(), PING);
        for request in world.sent() {
            registers += 1;
            world.grant(&request, 10_000);
        }
    }
    assert_eq!(registers, 10);
}

#[test]
fn a_forged_icmp_error_makes_one_stun_request_where_that_is_answered() {
    let mut world = World::new();
    let rids = registered_with_stun(&mut world, 500);
    world.at(25_000);
    let sent = returned(&mut world, &[0, 1, 0, 0]);
    assert_eq!((sent.len(), sent[0].len()), (1, 20));
    assert_eq!(returned(&mut world, &[0, 1, 0, 0]), [] as [Vec<u8>; 0], "it is being checked");
    world.receive(&stun(&sent[0], 4444));
    world.at(44_999);
    assert!(world.raw_sent().is_empty());
    assert!(rids.iter().all(|rid| world.state(*rid) == State::Registered));
}

#[test]
fn a_stun_check_without_answer_renews_all_after_15_s() {
    let mut world = World::new();
    registered_with_stun(&mut world, 500);
    world.at(25_000);
    assert_eq!(returned(&mut world, &[0, 1, 0, 0])[0].len(), 20);
    for at in [26_000, 28_000, 32_000] {
        world.at(at);
        assert_eq!(world.raw_sent().len(), 1, "the same again");
    }
    world.at(39_999);
    assert!(world.raw_sent().is_empty());
    world.at(40_000);
    assert_eq!(world.sent().len(), 500);
}

#[test]
fn a_stun_check_that_shows_another_address_renews_all() {
    let mut world = World::new();
    registered_with_stun(&mut world, 50);
    let sent = returned(&mut world, &[0, 1, 0, 0]);
    world.receive(&stun(&sent[0], 5555));
    let moved = world.sent();
    assert_eq!(moved.len(), 50);
    assert!(moved.iter().all(|one| one.get("Contact").unwrap().contains("@203.0.113.7:5555")));
}

#[test]
fn the_other_499_register_anew_when_the_check_is_returned() {
    let mut world = World::new();
    registered(&mut world, 500, |_| {});
    world.at(10_000);
    let check = one_register(&returned(&mut world, PING));
    let rest = returned(&mut world, &check.to_bytes());
    assert_eq!(rest.len(), 499);
    assert!(
        rest.iter()
            .all(|bytes| Draft::parse(bytes).unwrap().get("Call-ID") != check.get("Call-ID"))
    );
}

#[test]
fn the_others_register_anew_when_the_check_gets_no_answer_in_32_s() {
    let mut world = World::new();
    registered(&mut world, 20, |_| {});
    world.at(10_000);
    let check = one_register(&returned(&mut world, PING));
    let id = check.get("Call-ID").unwrap().to_owned();
    assert_eq!(calls(&mut world, 41_999), [id].into());
    assert_eq!(calls(&mut world, 42_000).len(), 19);
}

#[test]
fn any_answer_of_the_server_to_the_check_is_enough() {
    for status in ["100 Trying", "401 Unauthorized", "503 Service Unavailable"] {
        let mut world = World::new();
        registered(&mut world, 20, |_| {});
        world.at(10_000);
        let check = one_register(&returned(&mut world, PING));
        world.answer(&check, status, &[]);
        assert!(calls(&mut world, 60_000).len() <= 1, "{status}");
    }
}

#[test]
fn another_checks_when_the_first_is_removed_meanwhile() {
    let mut world = World::new();
    let rids = registered(&mut world, 3, |_| {});
    world.at(10_000);
    let first = one_register(&returned(&mut world, PING));
    world.agent.remove(rids[0]).unwrap();
    world.tick();
    let second = world.one();
    assert_ne!(second.get("Call-ID"), first.get("Call-ID"));
    world.answer(&first, "200 OK", &[]);
    assert_eq!(returned(&mut world, &second.to_bytes()).len(), 1, "it failed: the third is left");
}

#[test]
fn a_register_under_way_is_the_check() {
    let mut world = World::new();
    let rids = registered(&mut world, 20, |_| {});
    world.at(10_000);
    world.agent.registerer_register(world.now(), rids[7]).unwrap();
    let check = world.one();
    assert_eq!(returned(&mut world, PING), [] as [Vec<u8>; 0]);
    assert_eq!(returned(&mut world, &check.to_bytes()).len(), 19);
}

#[test]
fn the_check_keeps_the_address_that_was_learnt() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| {
        options.keep_alive = KeepAlive::Crlf;
        options.keep_alive_period = Duration::from_secs(20);
    });
    let seen = seen_answer(&request, "200 OK", "203.0.113.7", "4444", &[]);
    world.receive(&seen);
    let moved = world.run_to(1000).remove(0).1;
    assert!(contacts(&moved).iter().any(|one| one.contains("@203.0.113.7:4444")), "{moved:?}");
    granted(&mut world, &moved, "203.0.113.7", "4444");
    // The server sees another registration elsewhere.
    let (_, other) = world.managed_register(|options| options.nat = Masquerade::Off);
    world.receive(&seen_answer(&other, "200 OK", "203.0.113.7", "5555", &[]));
    world.at(10_000);
    let check = one_register(&returned(&mut world, PING));
    let [contact] = &contacts(&check)[..] else { panic!("{check:?}") };
    assert!(contact.contains("@203.0.113.7:4444"), "{contact}");
}

#[test]
fn with_two_servers_the_others_follow_the_check_to_the_second() {
    let mut world = World::new();
    let second = addr("192.0.2.2:5060");
    world.names.push(("acme.test", Ok(vec![addr(REGISTRAR), second])));
    let rids = registered(&mut world, 20, |options| options.registrar = "sip:acme.test".into());
    world.at(10_000);
    let check = one_register(&returned(&mut world, PING));
    world.undelivered(addr(REGISTRAR), refused(), &check.to_bytes());
    let sent = world.raw_sent();
    assert_eq!(sent.len(), rids.len());
    assert!(sent.iter().all(|(to, _)| *to == second));
}

#[test]
fn registrations_of_the_exosip_calls_are_not_renewed_by_icmp_errors() {
    let mut world = World::new();
    world.agent.settings_mut().keep_alive = Some(Duration::from_secs(17));
    world.registered(10_000);
    world.at(17_000);
    assert_eq!(world.raw_sent().remove(0).1, PING);
    assert_eq!(returned(&mut world, PING), [] as [Vec<u8>; 0]);
    assert!(world.automatic().is_empty());
    // Beside them a managed one checks.
    let rids = registered(&mut world, 2, |_| {});
    let check = one_register(&returned(&mut world, PING));
    assert_eq!(returned(&mut world, &check.to_bytes()).len(), rids.len() - 1);
    assert!(world.automatic().is_empty());
}
