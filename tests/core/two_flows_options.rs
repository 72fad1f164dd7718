//! What the options of a registration say of its second flow: its Route, its server, whether there
//! is one at all.

use crate::common::{World, addr, response};
use crate::managed_reg_event::{notify_text, reginfo};
use crate::two_flows::{OUTBOUND, agree, reg_id, registered, two_flows};
use register::agent::{RegistererEventKind, Rid, Transport, TransportSet};
use register::auth::{AccountLogin, ProgramAnswer};
use register::registration::policy::managed::{
    ManagedOptions, RegistererState as State, SECOND_FLOW_CHALLENGES,
};
use register::sip::Draft;
use std::time::Duration;

#[test]
fn a_second_route_leads_the_second_flow_over_another_proxy() {
    let mut world = World::new();
    let (rid, first) = world.managed_register(|options| {
        two_flows(options);
        options.registrar = "sip:acme.test".into();
        options.route = "<sip:192.0.2.11;lr>".into();
        options.second_route = "<sip:192.0.2.12;lr>, <sip:192.0.2.13;lr>".into();
    });
    assert_eq!(first.get("Route"), Some("<sip:192.0.2.11;lr>"));
    let contact = format!("Contact: {};expires=600", first.get("Contact").unwrap());
    world.receive_from(addr("192.0.2.11:5060"), &response(&first, "200 OK", &[&contact, OUTBOUND]));
    let mut sent = world.raw_sent();
    assert_eq!(sent.len(), 1);
    let (to, second) = sent.remove(0);
    let second = Draft::parse(&second).unwrap();
    assert_eq!((to, reg_id(&second)), (addr("192.0.2.12:5060"), "2"));
    assert_eq!(second.get("Route"), Some("<sip:192.0.2.12;lr>, <sip:192.0.2.13;lr>"));
    assert_eq!(world.state(rid), State::Registered);
}

/// The first REGISTER over UDP of an account at acme.test, and where it went.
fn at_acme(servers: &[&str]) -> (World, Rid) {
    let mut world = World::new();
    world.serve(servers);
    let rid = world.managed(|options| {
        two_flows(options);
        options.registrar = "sip:acme.test".into();
        options.keep_alive_period = Duration::from_secs(3000);
    });
    world.agent.registerer_register(world.now(), rid).unwrap();
    agree_from(&mut world, "192.0.2.1:5060", "1");
    (world, rid)
}

/// The REGISTER that leaves now goes to `server`, which accepts it.
fn agree_from(world: &mut World, server: &str, id: &str) {
    let mut sent = world.raw_sent();
    assert_eq!(sent.len(), 1);
    let (to, request) = sent.remove(0);
    let request = Draft::parse(&request).unwrap();
    assert_eq!((to, reg_id(&request)), (addr(server), id));
    let contact = format!("Contact: {};expires=600", request.get("Contact").unwrap());
    world.receive_from(to, &response(&request, "200 OK", &[&contact, OUTBOUND]));
}

#[test]
fn over_udp_the_second_flow_goes_to_another_server_of_the_domain() {
    let (mut world, rid) = at_acme(&["192.0.2.1:5060", "192.0.2.2:5060"]);
    agree_from(&mut world, "192.0.2.2:5060", "2");
    assert!(world.run_to(539_999).is_empty(), "the better server has the first flow");
    world.at(540_000);
    let sent: Vec<_> = world.raw_sent().into_iter().map(|(to, _)| to.to_string()).collect();
    assert_eq!(sent, ["192.0.2.1:5060", "192.0.2.2:5060"]);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_binding_is_removed_by_the_server_that_is_left() {
    let (mut world, rid) = at_acme(&["192.0.2.1:5060", "192.0.2.2:5060"]);
    agree_from(&mut world, "192.0.2.2:5060", "2");
    world.at(540_000);
    let refreshes = world.raw_sent();
    let [first, second] = [0, 1].map(|at: usize| Draft::parse(&refreshes[at].1).unwrap());
    let busy = response(&first, "503 Service Unavailable", &[]);
    world.receive_from(addr("192.0.2.1:5060"), &busy);
    agree_from(&mut world, "192.0.2.2:5060", "1");
    let contact = format!("Contact: {};expires=600", second.get("Contact").unwrap());
    let granted = response(&second, "200 OK", &[&contact, OUTBOUND]);
    world.receive_from(addr("192.0.2.2:5060"), &granted);
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let sent: Vec<_> = world.raw_sent().into_iter().map(|(to, _)| to.to_string()).collect();
    assert_eq!(sent, ["192.0.2.2:5060", "192.0.2.2:5060"]);
}

#[test]
fn what_the_registrar_has_rejected_ends_over_the_second_flow_too() {
    for event in ["rejected", "unregistered"] {
        let mut world = World::new();
        let (rid, first) = world.managed_register(|options| {
            two_flows(options);
            options.reg_event = true;
            options.second_route = "<sip:192.0.2.12;lr>".into();
        });
        let contact = format!("Contact: {};expires=600", first.get("Contact").unwrap());
        world.answer(&first, "200 OK", &[&contact, OUTBOUND]);
        let mut sent = world.sent();
        sent.sort_unstable_by_key(|one| one.method() == Some("REGISTER"));
        let [subscribe, second] = sent.try_into().unwrap();
        let proxy = addr("192.0.2.12:5060");
        let contact = format!("Contact: {};expires=600", second.get("Contact").unwrap());
        world.receive_from(proxy, &response(&second, "200 OK", &[&contact, OUTBOUND]));
        let lines = ["Expires: 3761", "Contact: <sip:reg@192.0.2.1>"];
        world.answer(&subscribe, "200 OK", &lines);
        let body = reginfo(&first, 1, &format!("state=\"terminated\" event=\"{event}\""));
        notify_text(&mut world, &subscribe, 1, "active;expires=3000", &body);
        let removal = world.sent().into_iter().find(|one| one.status().is_none()).unwrap();
        assert_eq!((reg_id(&removal), removal.get("Expires")), ("2", Some("0")));
        world.receive_from(proxy, &response(&removal, "200 OK", &[]));
        assert_eq!(world.states(rid), [State::Registered, State::Unregistered]);
        assert!(world.run_to(3_000_000).is_empty());
    }
}

#[test]
fn over_udp_with_one_server_there_is_one_flow_and_explain_says_why() {
    let (mut world, rid) = at_acme(&["192.0.2.1:5060"]);
    assert!(world.run_to(539_999).is_empty());
    let explained = world.explain(rid);
    let why = "; second flow: There is no other server, and over UDP a second flow needs one";
    assert!(explained.contains(why), "{explained}");
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn other_options_make_a_second_flow_or_take_it_away() {
    let (mut world, rid, known, second) = registered();
    let options = |flows| {
        let mut options = ManagedOptions::new("sip:alice@acme.test");
        options.registrar = "sip:192.0.2.1".into();
        (options.jitter, options.transport) = (0, Some(Transport::Tcp));
        two_flows(&mut options);
        options.flows = flows;
        options
    };
    world.at(10_000);
    let changed = world.agent.registerer_change(world.now(), rid, options(1)).unwrap();
    assert!(changed.is_ok());
    let sent = world.sent();
    let removal = sent.iter().find(|one| reg_id(one) == "2").unwrap();
    assert_eq!(removal.get("Expires"), Some("0"));
    world.answer_over(second.0, removal, "200 OK", &[]);
    assert!(!world.explain(rid).contains("flow"));
    let first = sent.iter().find(|one| reg_id(one) == "1").unwrap().clone();
    agree(&(known.0, first), &mut world);
    assert!(world.is_quiet());
    let changed = world.agent.registerer_change(world.now(), rid, options(2)).unwrap();
    assert!(changed.is_ok());
    let mut ids: Vec<_> = world.sent().iter().map(|one| reg_id(one).to_owned()).collect();
    ids.sort();
    assert_eq!(ids, ["1", "2"], "the connection of the second is there still");
}

#[test]
fn what_two_flows_need_is_said_in_words() {
    let check = |change: fn(&mut ManagedOptions)| {
        let mut options = ManagedOptions::new("sip:alice@acme.test");
        two_flows(&mut options);
        change(&mut options);
        let transports = TransportSet { udp: true, tcp: true, tls: true };
        options.checked(transports).map(|_| ()).map_err(|wrong| wrong.0)
    };
    assert_eq!(check(|_| {}), Ok(()));
    type Change = fn(&mut ManagedOptions);
    let wrong: [(Change, &str); 7] = [
        (|one| one.instance = None, "two flows need an instance id"),
        (|one| one.reg_id = 0, "two flows need a reg-id"),
        (|one| one.flows = 3, "the number of flows is 3, it must be 1 or 2"),
        (|one| one.second_route = "no address <".into(), "the Route"),
        (|one| (one.flows, one.second_route) = (1, "<sip:a.test>".into()), "and one flow"),
        (|one| one.contacts = vec!["sip:a@b".into(), "sip:c@d".into()], "one Contact"),
        (|one| (one.reg_event, one.contacts) = (true, vec!["sip:a@b".into()]), "reg-event"),
    ];
    for (change, words) in wrong {
        let why = check(change).unwrap_err();
        assert!(why.contains(words), "{why}");
    }
}

/// The requests that leave now, each with where it goes.
fn sent(world: &mut World) -> Vec<(String, Draft)> {
    let sent = world.raw_sent().into_iter();
    sent.map(|(to, bytes)| (to.to_string(), Draft::parse(&bytes).unwrap())).collect()
}

fn answer_from(world: &mut World, (from, request): &(String, Draft), lines: &[&str]) {
    world.receive_from(addr(from), &response(request, "401 Unauthorized", lines));
}

#[test]
fn the_program_answers_the_challenges_of_both_flows() {
    let bearer = "WWW-Authenticate: Bearer realm=\"acme\"";
    let mut world = World::new();
    world.serve(&["192.0.2.1:5060", "192.0.2.2:5060"]);
    let rid = world.managed(|options| {
        two_flows(options);
        options.registrar = "sip:acme.test".into();
        options.challenge_wait = Duration::from_secs(30);
    });
    world.agent.registerer_register(world.now(), rid).unwrap();
    let first = sent(&mut world).remove(0);
    answer_from(&mut world, &first, &[bearer]);
    world.at(4_000);
    let second = sent(&mut world).remove(0);
    assert_eq!((&*second.0, reg_id(&second.1)), ("192.0.2.2:5060", "2"));
    answer_from(&mut world, &second, &[bearer]);
    let numbers = [1, SECOND_FLOW_CHALLENGES + 1];
    let events = world.registerer_events(rid);
    assert_eq!(events, numbers.map(RegistererEventKind::Challenged));
    for (number, (server, id)) in numbers.into_iter().zip([(&first.0, "1"), (&second.0, "2")]) {
        let (pending, _) = world.agent.registerer_challenge(world.now(), rid).unwrap();
        assert_eq!(pending.number, number);
        let token = Some(ProgramAnswer::Token(format!("token-{id}").into()));
        world.agent.registerer_answer(world.now(), rid, number, token).unwrap();
        let proven = sent(&mut world).remove(0);
        assert_eq!((&proven.0, reg_id(&proven.1)), (server, id));
        assert_eq!(proven.1.get("Authorization"), Some(&*format!("Bearer token-{id}")));
    }
    // The one that is still awaited is said once more.
    let again = world.registerer_events(rid);
    assert_eq!(again, [RegistererEventKind::Challenged(numbers[1])]);
}

#[test]
fn other_credentials_are_those_of_both_flows() {
    let (mut world, rid) = at_acme(&["192.0.2.1:5060", "192.0.2.2:5060"]);
    agree_from(&mut world, "192.0.2.2:5060", "2");
    let login = AccountLogin {
        username: "other".into(),
        realm: "".into(),
        password: Some(b"secret"[..].into()),
        ha1: Vec::new(),
    };
    world.agent.registerer_set_logins(world.now(), rid, vec![login]).unwrap();
    world.at(540_000);
    let digest = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth\"";
    for request in &sent(&mut world) {
        answer_from(&mut world, request, &[digest]);
    }
    let proven = sent(&mut world);
    assert_eq!(proven.len(), 2);
    for (_, request) in proven {
        let authorization = request.get("Authorization").unwrap();
        assert!(authorization.starts_with("Digest username=\"other\""), "{authorization}");
    }
}
