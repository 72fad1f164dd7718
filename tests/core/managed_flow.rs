//! Keep-alives and what they find out: a changed mapping, a dead flow, a registrar that is gone.

use crate::common::{REGISTRAR, World, addr, refused};
use register::registration::policy::managed::{
    KeepAlive, ManagedOptions as Options, RegistererState as State,
};
use std::time::Duration;

fn kept(how: KeepAlive) -> impl FnOnce(&mut Options) {
    move |options| {
        options.keep_alive = how;
        options.keep_alive_period = Duration::from_secs(20);
    }
}

/// What goes out up to `ms`, REGISTERs aside, with its instant.
fn pings(world: &mut World, ms: u64) -> Vec<(u64, Vec<u8>)> {
    let mut pings = Vec::new();
    while let Some(next) = world.agent.poll_timeout() {
        let at = (world.millis() as u64)
            + next.saturating_duration_since(world.now()).as_nanos().div_ceil(1_000_000) as u64;
        if at > ms {
            break;
        }
        world.at(at);
        pings.extend(world.raw_sent().into_iter().map(|(_, bytes)| (at, bytes)));
    }
    pings
}

/// A STUN success response to `request` with this IPv4 address.
fn stun(request: &[u8], ip: [u8; 4], port: u16) -> Vec<u8> {
    let mut bytes = vec![1, 1, 0, 12];
    bytes.extend(&request[4..20]);
    let [high, low] = port.to_be_bytes();
    bytes.extend([0, 0x20, 0, 8, 0, 1, high ^ 0x21, low ^ 0x12]);
    bytes.extend(ip.iter().zip([0x21, 0x12, 0xa4, 0x42]).map(|(byte, mask)| byte ^ mask));
    bytes
}

#[test]
fn crlf_keeps_the_flow_open_at_the_chosen_period() {
    let mut world = World::new();
    world.managed_registered(600, kept(KeepAlive::Crlf));
    let pings = pings(&mut world, 65_000);
    assert_eq!(pings.iter().map(|ping| ping.0).collect::<Vec<_>>(), [20_000, 40_000, 60_000]);
    assert!(pings.iter().all(|ping| ping.1 == b"\r\n\r\n"));
}

#[test]
fn no_keep_alive_is_sent_for_one_that_wants_none() {
    let mut world = World::new();
    world.agent.settings_mut().keep_alive = Some(Duration::from_secs(17));
    world.managed_registered(600, kept(KeepAlive::Off));
    assert_eq!(pings(&mut world, 500_000), []);
}

#[test]
fn the_servers_flow_timer_counts_at_80_to_100_percent() {
    let mut world = World::new();
    let (_, request) = world.managed_register(kept(KeepAlive::Crlf));
    world.answer(&request, "200 OK", &["Expires: 600", "Flow-Timer: 100"]);
    let pings = pings(&mut world, 500_000);
    let mut waits: Vec<u64> = pings.windows(2).map(|two| two[1].0 - two[0].0).collect();
    waits.push(pings[0].0);
    assert!(waits.iter().all(|wait| (80_000..=100_000).contains(wait)), "{waits:?}");
    assert!(
        waits.iter().max().unwrap() - waits.iter().min().unwrap() > 1000,
        "at random: {waits:?}"
    );
}

#[test]
fn a_flow_timer_of_0_is_none() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|_| {});
    world.answer(&request, "200 OK", &["Expires: 600", "Flow-Timer: 0"]);
    assert_eq!(pings(&mut world, 500_000), []);
}

#[test]
fn a_mapping_that_stays_renews_nothing() {
    let mut world = World::new();
    world.managed_registered(600, kept(KeepAlive::Stun));
    for ping in 1..=20_u64 {
        world.at(ping * 20_000);
        let bytes = world.raw_sent().remove(0).1;
        world.receive(&stun(&bytes, [203, 0, 113, 7], 4444));
        assert!(world.sent().is_empty());
    }
}

#[test]
fn a_mapping_that_always_changes_renews_each_30_s_at_most() {
    let mut world = World::new();
    world.managed_registered(3600, |options| {
        options.keep_alive = KeepAlive::Stun;
        options.keep_alive_period = Duration::from_secs(2);
    });
    let mut registers = 0;
    for second in 1..=300_u64 {
        world.at(second * 1000);
        for (_, bytes) in world.raw_sent() {
            if bytes.len() == 20 {
                world.receive(&stun(&bytes, [203, 0, 113, 7], 4000 + second as u16));
            }
        }
        for request in world.sent() {
            registers += 1;
            world.answer(&request, "200 OK", &["Expires: 3600"]);
        }
    }
    assert!((8..=11).contains(&registers), "{registers}");
}

#[test]
fn a_changed_mapped_address_moves_the_binding() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, kept(KeepAlive::Stun));
    world.at(20_000);
    let first = world.raw_sent().remove(0).1;
    assert_eq!(first.len(), 20);
    world.receive(&stun(&first, [203, 0, 113, 7], 4444));
    world.at(40_000);
    let second = world.raw_sent().remove(0).1;
    assert_ne!(first[8..], second[8..]);
    world.receive(&stun(&first, [203, 0, 113, 9], 1));
    assert!(world.sent().is_empty(), "an answer to an old request counts for nothing");
    world.receive(&stun(&second, [203, 0, 113, 8], 5555));
    let moved = world.one();
    assert!(moved.get("Contact").unwrap().contains("@203.0.113.8:5555;"));
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_mapped_address_that_cannot_be_moves_nothing() {
    let mut world = World::new();
    world.managed_registered(600, kept(KeepAlive::Stun));
    for (at, ip, port) in [
        (20_000, [203, 0, 113, 7], 4444),
        (40_000, [0, 0, 0, 0], 4444),
        (60_000, [203, 0, 113, 7], 0),
        (80_000, [224, 0, 0, 1], 5),
    ] {
        let request = pings(&mut world, at).pop().unwrap().1;
        assert_eq!(request.len(), 20, "STUN, no REGISTER");
        world.receive(&stun(&request, ip, port));
        assert!(world.sent().is_empty());
    }
}

#[test]
fn after_four_unanswered_stun_requests_the_binding_is_renewed() {
    let mut world = World::new();
    world.managed_registered(600, kept(KeepAlive::Stun));
    world.at(20_000);
    let first = world.raw_sent().remove(0).1;
    world.receive(&stun(&first, [203, 0, 113, 7], 4444));
    let pings = pings(&mut world, 55_500);
    assert_eq!(
        pings.iter().map(|ping| ping.0).collect::<Vec<_>>(),
        [40_000, 41_000, 43_000, 47_000, 55_000, 55_500]
    );
    assert!(pings[..4].iter().all(|ping| ping.1 == pings[0].1), "the same request again");
    assert!(pings[4].1.starts_with(b"REGISTER "));
}

#[test]
fn a_server_that_does_not_know_stun_gets_crlf() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, kept(KeepAlive::Stun));
    let pings = pings(&mut world, 80_000);
    assert_eq!(pings[..4].iter().map(|ping| ping.1.len()).collect::<Vec<_>>(), [20; 4]);
    assert!(pings[4..].iter().all(|ping| ping.1 == b"\r\n\r\n"));
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn an_undeliverable_keep_alive_renews_once_and_then_the_back_off_rules() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, kept(KeepAlive::Crlf));
    let lost = |world: &mut World, bytes: &[u8]| {
        world.undelivered(addr(REGISTRAR), refused(), bytes);
    };
    world.at(20_000);
    let ping = world.raw_sent().remove(0).1;
    lost(&mut world, &ping);
    let renewal = world.one();
    lost(&mut world, &renewal.to_bytes());
    assert_eq!(world.state(rid), State::Registered, "the binding may still be there");
    assert!(world.explain(rid).contains("Connection refused"), "{}", world.explain(rid));
    let mut registers = 0;
    for at in 20_001..=580_000 {
        world.at(at);
        for (_, sent) in world.raw_sent() {
            registers += usize::from(sent.starts_with(b"REGISTER "));
            lost(&mut world, &sent);
        }
    }
    assert!((3..=6).contains(&registers), "{registers}");
}

/// Other keep-alives for `rid`, whose REGISTER is granted; the instants of those up to 300 s later,
/// from there, and the first of them.
fn changed(world: &mut World, rid: i32, how: KeepAlive, seconds: u64) -> (Vec<u64>, Vec<u8>) {
    let mut options = Options::new("sip:alice@acme.test");
    options.registrar = "sip:192.0.2.1".into();
    (options.jitter, options.expires) = (0, 6000);
    (options.keep_alive, options.keep_alive_period) = (how, Duration::from_secs(seconds));
    world.agent.registerer_change(world.now(), rid, options).unwrap().unwrap();
    let request = world.one();
    world.grant(&request, 6000);
    let start = world.millis() as u64;
    let pings = pings(world, start + 300_000);
    let first = pings.first().map(|ping| ping.1.clone()).unwrap_or_default();
    (pings.into_iter().map(|ping| ping.0 - start).collect(), first)
}

#[test]
fn keep_alives_that_are_changed_are_so_at_once() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(6000, kept(KeepAlive::Crlf));
    for seconds in [50, 100, 30] {
        let (sent, first) = changed(&mut world, rid, KeepAlive::Crlf, seconds);
        let wanted: Vec<u64> = (1..=300 / seconds).map(|n| n * seconds * 1000).collect();
        assert_eq!((sent, &first[..]), (wanted, &b"\r\n\r\n"[..]));
    }
    assert_eq!(changed(&mut world, rid, KeepAlive::Off, 30).0, []);
    let (sent, first) = changed(&mut world, rid, KeepAlive::Stun, 60);
    assert_eq!((sent[0], first.len()), (60_000, 20));
    let (sent, first) = changed(&mut world, rid, KeepAlive::Crlf, 100);
    assert_eq!((sent, &first[..]), (vec![100_000, 200_000, 300_000], &b"\r\n\r\n"[..]));
}

#[test]
fn those_that_share_a_flow_have_the_shortest_period_that_is_left() {
    let mut world = World::new();
    let rids = [(); 3].map(|()| world.managed_registered(6000, kept(KeepAlive::Crlf)).0);
    world.run_to(5_000);
    for (rid, period) in rids.into_iter().zip([20, 20, 100]) {
        let (sent, _) = changed(&mut world, rid, KeepAlive::Crlf, 100);
        let waits: Vec<u64> = sent.windows(2).map(|two| two[1] - two[0]).collect();
        assert!(waits.len() >= 2 && waits.iter().all(|wait| *wait == period * 1000), "{sent:?}");
    }
}
