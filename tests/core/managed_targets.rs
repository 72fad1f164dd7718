//! A domain with several servers: within one attempt the next is tried when one answers 503, is not
//! there or does not respond.

use crate::common::{World, addr, param, refused, response};
use register::agent::{RegistererEventKind, Rid};
use register::registration::policy::managed::RegistererState as State;
use register::sip::Draft;
use std::net::SocketAddr;

const SERVERS: [&str; 3] = ["192.0.2.1:5060", "192.0.2.2:5060", "192.0.2.3:5060"];

/// An account of a domain with three servers, and its first REGISTER.
fn account() -> (World, Rid, (SocketAddr, Draft)) {
    let mut world = World::with_alice();
    world.names.push(("acme.test", Ok(SERVERS.map(addr).to_vec())));
    let rid = world.managed(|options| options.registrar = "sip:acme.test".into());
    world.agent.registerer_register(world.now(), rid).unwrap();
    let first = one(&mut world);
    assert_eq!(first.0, addr(SERVERS[0]));
    (world, rid, first)
}

/// The one request that goes out now, and where to.
fn one(world: &mut World) -> (SocketAddr, Draft) {
    let mut sent = world.raw_sent();
    assert_eq!(sent.len(), 1);
    let (to, bytes) = sent.remove(0);
    (to, Draft::parse(&bytes).unwrap())
}

fn busy(world: &mut World, (from, request): &(SocketAddr, Draft)) {
    world.receive_from(*from, &response(request, "503 Service Unavailable", &["Retry-After: 600"]));
}

#[test]
fn a_503_moves_on_to_the_next_target_with_a_new_branch() {
    let (mut world, rid, first) = account();
    busy(&mut world, &first);
    let second = one(&mut world);
    assert_eq!(second.0, addr(SERVERS[1]));
    assert_ne!(second.1.get("Via"), first.1.get("Via"));
    assert_eq!(second.1.get("CSeq"), first.1.get("CSeq"));
    busy(&mut world, &first);
    assert!(world.sent().is_empty(), "its repetition is no answer to the second");
    world.grant(&second.1, 600);
    assert_eq!(world.registerer_events(rid), [RegistererEventKind::Accepted]);
    assert_eq!(world.state(rid), State::Registered);
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!((info.target, info.counters.requests), (Some(second.0), 1));
    assert!(world.agent.registerer_traffic() == (0, 0));
    let mut refresh = world.run_to(540_000);
    assert_eq!(refresh.len(), 1, "and the Retry-After of the first holds nothing up");
    assert!(refresh.remove(0).1.get("CSeq").is_some());
}

#[test]
fn a_503_of_every_target_is_one_failure_and_its_retry_after_counts() {
    let (mut world, rid, first) = account();
    busy(&mut world, &first);
    let second = one(&mut world);
    busy(&mut world, &second);
    let third = one(&mut world);
    assert_eq!(third.0, addr(SERVERS[2]));
    busy(&mut world, &third);
    assert_eq!(world.registerer_events(rid), [RegistererEventKind::Rejected]);
    assert!(
        world.explain(rid).contains("trying again in 600 s, as the server asked"),
        "{}",
        world.explain(rid)
    );
    world.quiet_to(599_000);
}

#[test]
fn after_7500_ms_without_response_the_next_target_is_tried() {
    let (mut world, rid, first) = account();
    let sent = world.run_to(7_499);
    assert_eq!(sent.len(), 3, "at 500, 1500 and 3500 ms again");
    let mut request = first.1;
    for (at, server) in [(7_500, SERVERS[1]), (15_000, SERVERS[2])] {
        world.run_to(at - 1);
        world.at(at);
        let next = one(&mut world);
        assert_eq!(next.0, addr(server));
        assert_ne!(next.1.get("Via"), request.get("Via"));
        request = next.1;
    }
    assert!(world.registerer_events(rid).is_empty());
    world.run_to(46_999);
    assert!(world.registerer_events(rid).is_empty(), "each has a timer F of its own");
    world.run_to(47_000);
    assert_eq!(world.registerer_events(rid), [RegistererEventKind::Rejected]);
}

#[test]
fn a_provisional_answer_keeps_its_target() {
    let (mut world, rid, first) = account();
    world.receive_from(first.0, &response(&first.1, "100 Trying", &[]));
    for (_, again) in world.run_to(31_000) {
        assert_eq!(again.get("Via"), first.1.get("Via"));
    }
    world.grant(&first.1, 600);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn after_an_icmp_error_the_challenge_of_the_next_is_answered() {
    let (mut world, rid, first) = account();
    world.undelivered(first.0, refused(), &first.1.to_bytes());
    let second = one(&mut world);
    let challenge = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth\"";
    world.receive_from(second.0, &response(&second.1, "401 Unauthorized", &[challenge]));
    let proven = one(&mut world);
    assert_eq!(
        (second.0, proven.0),
        (addr(SERVERS[1]), addr(SERVERS[1])),
        "the one that asked gets the answer"
    );
    assert!(param(proven.1.get("Authorization").unwrap(), "response").is_some());
    world.receive_from(proven.0, &response(&proven.1, "200 OK", &["Expires: 600"]));
    assert_eq!(world.state(rid), State::Registered);
}
