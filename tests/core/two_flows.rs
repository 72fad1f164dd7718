//! Two flows with the reg-ids 1 and 2 (RFC 5626 section 4.2), instant by instant: the second has a
//! Call-ID and a connection of its own, and the registration lasts as long as either.

use crate::common::World;
use crate::connections::{FIRST, SECOND};
use register::agent::{FlowId, Refusal, RegistererEventKind, Rid, Transport, TransportError};
use register::registration::policy::managed::{ManagedOptions, RegistererState as State};
use register::sip::Draft;

pub(crate) const INSTANCE: &str = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
pub(crate) const OUTBOUND: &str = "Require: outbound";

/// A flow, and the REGISTER that went over it last.
pub(crate) type Sent = (FlowId, Draft);

pub(crate) fn two_flows(options: &mut ManagedOptions) {
    options.flows = 2;
    options.instance = Some(INSTANCE.into());
}

/// 200 over `flow` by a registrar that does outbound.
pub(crate) fn agree((flow, request): &Sent, world: &mut World) {
    let contact = format!("Contact: {};expires=600", request.get("Contact").unwrap());
    world.answer_over(*flow, request, "200 OK", &[&contact, OUTBOUND]);
}

/// The connection that is opened now, and the REGISTER that leaves over it.
fn opened(world: &mut World, local: &str) -> Sent {
    let (flow, _) = world.opens();
    world.connected(flow, local);
    (flow, world.one())
}

/// A registration of two flows by TCP, and the REGISTER over its first.
fn begun() -> (World, Rid, Sent) {
    begun_for(600)
}

fn begun_for(expires: u32) -> (World, Rid, Sent) {
    let mut world = World::by(Transport::Udp);
    let rid = world.managed(|options| {
        two_flows(options);
        options.expires = expires;
        options.transport = Some(Transport::Tcp);
    });
    world.agent.registerer_register(world.now(), rid).unwrap();
    let first = opened(&mut world, FIRST);
    (world, rid, first)
}

/// The same, registered over both.
pub(crate) fn registered() -> (World, Rid, Sent, Sent) {
    let (mut world, rid, first) = begun();
    agree(&first, &mut world);
    let second = opened(&mut world, SECOND);
    agree(&second, &mut world);
    assert!(world.is_quiet());
    (world, rid, first, second)
}

pub(crate) fn reg_id(request: &Draft) -> &str {
    let contact = request.get("Contact").unwrap();
    let at = contact.find(";reg-id=").map(|at| at + 8);
    at.map_or("", |at| contact[at..].split(';').next().unwrap())
}

/// Moves on until a connection is opened, at most `limit` milliseconds.
fn reopens(world: &mut World, limit: u64) -> (u64, FlowId) {
    let begin = world.millis() as u64;
    for ms in (begin..=begin + limit).step_by(10) {
        world.at(ms);
        assert!(world.raw_sent().is_empty(), "nothing is sent before it is open");
        if let Some((flow, _)) = world.opening.pop() {
            return (ms - begin, flow);
        }
    }
    panic!("not within {limit} ms: {:#?}", world.notes)
}

/// The same of the connection for second flows, whatever the first does meanwhile.
fn reopens_second(world: &mut World, limit: u64) -> (u64, FlowId) {
    let begin = world.millis() as u64;
    for ms in (begin..=begin + limit).step_by(10) {
        world.at_once(ms);
        world.tick();
        world.raw_sent();
        let second = world.opening.iter().position(|(_, target)| target.is_second_flow);
        if let Some(at) = second {
            return (ms - begin, world.opening.remove(at).0);
        }
    }
    panic!("not within {limit} ms: {:#?}", world.notes)
}

#[test]
fn the_second_flow_has_a_call_id_a_connection_and_a_reg_id_of_its_own() {
    let (mut world, rid, first) = begun();
    assert_eq!(reg_id(&first.1), "1");
    assert!(world.is_quiet(), "it waits for the first answer");
    agree(&first, &mut world);
    let (flow, target) = world.opens();
    assert_eq!(target, "TCP 192.0.2.1:5060");
    assert_ne!(flow, first.0);
    world.connected(flow, SECOND);
    let second = world.one();
    assert_eq!(reg_id(&second), "2");
    assert_ne!(second.get("Call-ID"), first.1.get("Call-ID"));
    let instance = format!("+sip.instance=\"<urn:uuid:{INSTANCE}>\"");
    for request in [&first.1, &second] {
        assert!(request.get("Contact").unwrap().contains(&instance));
        assert!(request.get("Supported").unwrap().starts_with("path, outbound"));
        assert_eq!(request.get("To"), first.1.get("To"));
    }
    agree(&(flow, second), &mut world);
    assert!(world.is_quiet());
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!((info.counters.requests, info.counters.accepted), (2, 2));
    let explained = world.explain(rid);
    assert!(explained.starts_with("first flow: 200 OK from 192.0.2.1:5060"), "{explained}");
    assert!(explained.contains("; second flow: 200 OK from 192.0.2.1:5060"), "{explained}");
    assert_eq!(world.states(rid), [State::Registered]);
}

#[test]
fn each_flow_is_refreshed_and_kept_alive_by_itself() {
    let (mut world, rid, first, second) = registered();
    world.agent.settings_mut().keep_alive = None;
    let refreshes = world.run_to(541_000);
    let mut ids: Vec<_> = refreshes.iter().map(|(at, one)| (*at, reg_id(one))).collect();
    ids.sort_unstable();
    assert_eq!(ids, [(540_000, "1"), (540_000, "2")]);
    for (_, refresh) in &refreshes {
        let sent = if reg_id(refresh) == "1" { &first } else { &second };
        assert_eq!(refresh.get("Call-ID"), sent.1.get("Call-ID"));
        assert_eq!(refresh.get("CSeq"), Some("2 REGISTER"));
        agree(&(sent.0, refresh.clone()), &mut world);
    }
    assert!(world.is_quiet());
    // A server that wants keep-alives over one connection gets them over that one.
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!(info.counters.requests, 4);
    let refreshes = world.run_to(1_081_000);
    let sent = if reg_id(&refreshes[1].1) == "1" { &first } else { &second };
    let contact = format!("Contact: {};expires=600", refreshes[1].1.get("Contact").unwrap());
    let lines = [&contact, OUTBOUND, "Flow-Timer: 100"];
    world.answer_over(sent.0, &refreshes[1].1, "200 OK", &lines);
    let mut pings = Vec::new();
    for ms in (1_081_000..1_181_000).step_by(1000) {
        world.at_once(ms);
        world.tick();
        let sent = world.raw_sent();
        pings.extend(sent.iter().filter(|(_, bytes)| bytes == b"\r\n\r\n").map(|_| ms));
        if !pings.is_empty() {
            break;
        }
    }
    assert_eq!(pings.len(), 1);
    assert_eq!(world.last_flow, Some(sent.0));
}

#[test]
fn where_the_registrar_does_no_outbound_there_is_one_flow() {
    let (mut world, rid, first) = begun();
    world.grant_over(first.0, &first.1, 600);
    assert!(world.is_quiet());
    let explained = world.explain(rid);
    let why = "no second flow: the registrar does not support outbound";
    assert!(explained.ends_with(why) && explained.contains("registered for"), "{explained}");
    assert_eq!(world.run_to(539_999).len(), 0);
    let refresh = world.one_at(540_000);
    // Once it does, there are two.
    agree(&(first.0, refresh), &mut world);
    assert_eq!(reg_id(&opened(&mut world, SECOND).1), "2");
    assert!(!world.explain(rid).contains("no second flow"));
}

#[test]
fn a_registrar_that_does_outbound_no_more_loses_the_second_binding() {
    let (mut world, rid, first, second) = registered();
    let refreshes = world.run_to(541_000);
    let of = |id| refreshes.iter().map(|(_, one)| one).find(|one| reg_id(one) == id).unwrap();
    world.grant_over(first.0, of("1"), 600);
    assert!(world.is_quiet(), "what is pending is waited for");
    world.grant_over(second.0, of("2"), 600);
    let removal = world.one();
    assert_eq!(world.last_flow, Some(second.0));
    assert_eq!(removal.get("Expires"), Some("0"));
    assert_eq!(reg_id(&removal), "2");
    assert!(removal.get("Contact").unwrap().contains(SECOND));
    world.answer_over(second.0, &removal, "200 OK", &[]);
    assert_eq!(world.states(rid), [State::Registered], "the first has never ended");
    assert!(world.explain(rid).ends_with("the registrar does not support outbound"));
}

#[test]
fn a_first_hop_without_outbound_leaves_one_flow_without_a_reg_id() {
    let (mut world, rid, first) = begun();
    world.answer_over(first.0, &first.1, "439 First Hop Lacks Outbound Support", &[]);
    let again = world.one();
    assert_eq!((reg_id(&again), world.last_flow), ("", Some(first.0)));
    world.grant_over(first.0, &again, 600);
    assert!(world.is_quiet());
    let why = "no second flow: the first hop does not support outbound";
    assert!(world.explain(rid).ends_with(why), "{}", world.explain(rid));
}

#[test]
fn a_second_hop_without_outbound_gets_no_binding_without_a_reg_id() {
    let (mut world, rid, first) = begun();
    agree(&first, &mut world);
    let second = opened(&mut world, SECOND);
    world.answer_over(second.0, &second.1, "439 First Hop Lacks Outbound Support", &[]);
    world.quiet_to(539_000);
    assert_eq!(world.state(rid), State::Registered);
    let explained = world.explain(rid);
    let why = "; second flow: 439 First Hop Lacks Outbound Support from 192.0.2.1:5060: the first \
               hop cannot do outbound; trying again in ";
    assert!(explained.contains(why), "{explained}");
}

#[test]
fn a_second_flow_that_is_accepted_without_outbound_is_removed() {
    let (mut world, rid, first) = begun();
    agree(&first, &mut world);
    let second = opened(&mut world, SECOND);
    world.grant_over(second.0, &second.1, 600);
    let removal = world.one();
    assert_eq!((removal.get("Expires"), reg_id(&removal)), (Some("0"), "2"));
    world.answer_over(second.0, &removal, "200 OK", &[]);
    let why = "no second flow: the registrar does not support outbound over it";
    assert!(world.explain(rid).ends_with(why), "{}", world.explain(rid));
    // No refresh of the first begins that anew, and the program may.
    let refresh = world.one_at(540_000);
    agree(&(first.0, refresh), &mut world);
    assert!(world.sent().is_empty() && world.opening.is_empty());
    world.agent.registerer_register(world.now(), rid).unwrap();
    assert_eq!(reg_id(&world.one()), "1");
    // The connection of the second was not used for 32 s.
    assert_eq!((world.closed.len(), world.opening.len()), (1, 1));
}

#[test]
fn while_the_first_server_is_silent_the_second_flow_makes_it_registered() {
    let (mut world, rid, first) = begun();
    assert!(world.run_to(3_999).is_empty() && world.opening.is_empty());
    world.at(4_000);
    let second = opened(&mut world, SECOND);
    assert_eq!((world.state(rid), reg_id(&second.1)), (State::Initial, "2"));
    agree(&second, &mut world);
    assert_eq!(world.states(rid), [State::Registered]);
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!((info.state, info.granted, info.status), (State::Registered, 600, 200));
    assert!(info.facts.own.unwrap().contains("reg-id=2"));
    // The first gives up, and is tried again as with one flow up: 90 s at least.
    world.at(32_000);
    world.raw_sent();
    assert_eq!(world.state(rid), State::Registered);
    assert!(world.explain(rid).contains("first flow: No answer from 192.0.2.1:5060 within 32 s"));
    let (after, flow) = reopens(&mut world, 200_000);
    assert!((90_000..=180_000).contains(&after), "{after}");
    world.connected(flow, FIRST);
    let again = world.one();
    assert_eq!((reg_id(&again), again.get("Call-ID")), ("1", first.1.get("Call-ID")));
    agree(&(flow, again), &mut world);
    assert_eq!(world.states(rid), [], "it was registered all the time");
}

#[test]
fn the_wait_after_a_failure_is_longer_while_the_other_flow_is_up() {
    // 503: each flow has one server, and waits by itself (RFC 5626 section 4.5).
    for is_first_up in [true, false] {
        let (mut world, rid, first) = begun();
        if is_first_up {
            agree(&first, &mut world);
        } else {
            world.answer_over(first.0, &first.1, "503 Service Unavailable", &[]);
        }
        let mut second = opened(&mut world, SECOND);
        // A refresh of the first is not to come between.
        for whole in &[60, 120, 240][..if is_first_up { 2 } else { 3 }] {
            let at = world.millis();
            world.answer_over(second.0, &second.1, "503 Service Unavailable", &[]);
            let whole = if is_first_up { whole * 3 } else { *whole };
            // The connection is unused meanwhile, and closed.
            let mut request = None;
            let end = at as u64 + whole * 1000;
            while request.is_none() && (world.millis() as u64) < end {
                let ms = world.millis() as u64 + 50;
                world.at_once(ms);
                world.tick();
                let mut sent = world.sent();
                if let Some((flow, _)) = world.opening.pop() {
                    world.connected(flow, SECOND);
                    sent.extend(world.sent());
                }
                sent.retain(|one| one.method() == Some("REGISTER"));
                request = sent.into_iter().find(|one| reg_id(one) == "2");
            }
            let request = request.unwrap_or_else(|| panic!("not within {whole} s"));
            let after = (world.millis() - at) as u64;
            assert!((whole * 500..=whole * 1000).contains(&after), "{after} of {whole} s");
            second = (world.last_flow.unwrap(), request);
        }
        let is_up = world.state(rid) == State::Registered;
        assert_eq!(is_up, is_first_up);
    }
}

#[test]
fn a_connection_that_is_cut_brings_back_its_own_flow_alone() {
    let (mut world, rid, first, second) = registered();
    world.states(rid);
    for (cut, id) in [(&second, "2"), (&first, "1")] {
        world.at_once(world.millis() as u64 + 70_000);
        world.tick();
        world.raw_sent();
        world.failed(cut.0, TransportError::Reset);
        let (after, flow) = reopens(&mut world, 2_000);
        assert!(after <= 2_000);
        world.connected(flow, "192.0.2.99:40003");
        let again = world.one();
        assert_eq!((reg_id(&again), again.get("Call-ID")), (id, cut.1.get("Call-ID")));
        agree(&(flow, again), &mut world);
        assert!(world.is_quiet());
    }
    assert_eq!(world.states(rid), [], "it was registered all the time");
}

#[test]
fn a_connection_that_is_cut_again_is_back_later_while_the_other_is_up() {
    for is_other_up in [true, false] {
        let (mut world, _, first, second) = registered();
        let (mut flow, cut) = (second.0, &second);
        if !is_other_up {
            // The first has no binding for an hour: Retry-After.
            world.agent.registerer_register(world.now(), 1).unwrap();
            let refreshes = world.sent();
            let contact = first.1.get("Contact").unwrap();
            let none = format!("Contact: {contact};expires=0");
            let lines = [&*none, OUTBOUND, "Retry-After: 3600"];
            world.answer_over(first.0, &refreshes[0], "200 OK", &lines);
            agree(&(second.0, refreshes[1].clone()), &mut world);
        }
        for (least, most) in [(0, 2), (15, 30), (30, 60)] {
            let factor = if is_other_up && least > 0 { 3 } else { 1 };
            world.failed(flow, TransportError::Closed);
            let (after, again) = reopens_second(&mut world, most * factor * 1000);
            assert!((least * factor * 1000..).contains(&after), "{after} ms");
            flow = again;
            world.connected(flow, SECOND);
            let request = world.one();
            assert_eq!(request.get("Call-ID"), cut.1.get("Call-ID"));
            agree(&(flow, request), &mut world);
        }
    }
}

#[test]
fn a_connection_that_is_cut_on_and_on_is_back_at_some_moment_of_half_an_hour() {
    let (mut world, _, first) = begun_for(86_400);
    world.agent.settings_mut().keep_alive = None;
    let grant = |world: &mut World, flow: FlowId, request: &Draft| {
        let contact = format!("Contact: {};expires=86400", request.get("Contact").unwrap());
        world.answer_over(flow, request, "200 OK", &[&contact, OUTBOUND]);
    };
    grant(&mut world, first.0, &first.1);
    let (mut flow, second) = opened(&mut world, SECOND);
    grant(&mut world, flow, &second);
    let mut waits = Vec::new();
    for _ in 0..10 {
        world.failed(flow, TransportError::Closed);
        let (after, again) = reopens_second(&mut world, 1_800_000);
        waits.push(after);
        flow = again;
        world.connected(flow, SECOND);
        let request = world.one();
        grant(&mut world, flow, &request);
    }
    let long = waits.split_off(7);
    assert!(long.iter().all(|after| (900_000..=1_800_000).contains(after)), "{long:?}");
    assert!(long.iter().any(|after| after.abs_diff(long[0]) > 1_000), "{long:?}");
}

#[test]
fn a_registration_with_two_flows_counts_as_one() {
    let (mut world, rid, first, second) = registered();
    let counts = world.agent.registerer_counts();
    assert_eq!((counts.registered, counts.by_status.values().sum::<usize>()), (1, 1));
    assert_eq!(world.agent.registerers_alive(), 1);
    assert_eq!(world.agent.statistics().registrations, 1);
    // What failed over one flow while the other has a binding is no status of the whole.
    let refreshes = world.run_to(541_000);
    let of = |id| refreshes.iter().map(|(_, one)| one).find(|one| reg_id(one) == id).unwrap();
    agree(&(second.0, of("2").clone()), &mut world);
    world.answer_over(first.0, of("1"), "503 Service Unavailable", &["Retry-After: 7000"]);
    world.at(600_000);
    world.raw_sent();
    let counts = world.agent.registerer_counts();
    assert_eq!((counts.registered, counts.by_status.get(&200)), (1, Some(&1)));
    assert_eq!(world.state(rid), State::Registered);
    let explained = world.explain(rid);
    assert!(explained.contains("trying again in 6941 s, as the server asked"), "{explained}");
    assert!(explained.contains("; second flow: 200 OK"), "{explained}");
    // The eXosip calls take both away.
    world.agent.remove(rid).unwrap();
    assert_eq!(world.agent.statistics().registrations, 0);
    assert_eq!(world.agent.registerer_counts().registered, 0);
}

#[test]
fn refused_credentials_are_not_tried_over_a_second_flow() {
    let (mut world, rid, first) = begun();
    let digest = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth\"";
    world.answer_over(first.0, &first.1, "401 Unauthorized", &[digest]);
    assert!(world.run_to(100_000).is_empty() && world.opening.is_empty());
    assert_eq!(world.states(rid), [State::Unregistered]);
}

#[test]
fn in_another_network_both_flows_are_made_anew() {
    let (mut world, rid, ..) = registered();
    world.states(rid);
    world.at(10_000);
    world.agent.network_changed(world.now());
    let mut ids = Vec::new();
    for ((flow, _), local) in world.all_opened().into_iter().zip([FIRST, SECOND]) {
        world.connected(flow, local);
        let request = world.one();
        ids.push(reg_id(&request).to_owned());
        agree(&(flow, request), &mut world);
    }
    ids.sort();
    assert_eq!(ids, ["1", "2"]);
    assert_eq!(world.states(rid), []);
}

#[test]
fn the_program_knows_no_number_of_a_second_flow() {
    let (mut world, rid, ..) = registered();
    assert_eq!(world.agent.registerer_state(-rid), Err(Refusal::BadParameter));
    let now = world.now();
    assert_eq!(world.agent.registerer_register(now, -rid), Err(Refusal::BadParameter));
    assert_eq!(world.agent.registerer_dispose(now, -rid), Err(Refusal::BadParameter));
    assert!(world.agent.registerer_info(now, -rid).is_err());
    assert!(world.agent.remove(-rid).is_err());
    assert_eq!(world.registerer_events(-rid), []);
    let accepted = RegistererEventKind::Accepted;
    let (mut world, rid, ..) = registered();
    assert_eq!(world.registerer_events(rid), [accepted, accepted]);
}
