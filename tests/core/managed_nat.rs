//! Behind a NAT: the Contact moves once to where the server sees us, and never away from a binding.

use crate::common::{World, addr, contacts, granted, seen_answer};
use register::registration::policy::managed::RegistererState as State;
use register::request::Masquerade;
use register::sip::Draft;

#[test]
fn one_register_swaps_the_old_contact_for_the_new() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    granted(&mut world, &request, "203.0.113.7", "4444");
    assert_eq!(world.states(rid), [State::Registered]);
    let swap = world.one();
    let both = contacts(&swap);
    assert_eq!(both.len(), 2);
    assert!(both[0].contains("@203.0.113.7:4444;line="), "{both:?}");
    assert!(
        both[1].contains("@192.0.2.99:5070;line=") && both[1].ends_with(";expires=0"),
        "{both:?}"
    );
    assert!(!both[1].contains("reg-id"), "one Contact alone has a reg-id");
    granted(&mut world, &swap, "203.0.113.7", "4444");
    assert_eq!(world.states(rid), [], "a swap is no change of state");
    let refresh = world.one_at(540_000);
    assert_eq!(contacts(&refresh).len(), 1);
    assert!(contacts(&refresh)[0].contains("@203.0.113.7:4444;line="));
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!((info.seen, info.counters.moves), (Some(addr("203.0.113.7:4444")), 1));
}

#[test]
fn a_registrar_that_does_outbound_replaces_the_old_contact_by_itself() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|_| {});
    let contact = format!("Contact: {};expires=600", contacts(&request)[0]);
    let bytes =
        seen_answer(&request, "200 OK", "203.0.113.7", "4444", &[&contact, "Require: outbound"]);
    world.receive(&bytes);
    assert_eq!(contacts(&world.one()).len(), 1);
}

#[test]
fn a_challenge_already_teaches_the_address() {
    let mut world = World::with_alice();
    let (_, request) = world.managed_register(|_| {});
    let challenge = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n1\", qop=\"auth\"";
    let bytes = seen_answer(&request, "401 Unauthorized", "203.0.113.7", "4444", &[challenge]);
    world.receive(&bytes);
    let proven = world.one();
    assert_eq!(contacts(&proven).len(), 1, "there is nothing to remove yet");
    assert!(contacts(&proven)[0].contains("@203.0.113.7:4444;line="));
    granted(&mut world, &proven, "203.0.113.7", "4444");
    assert!(world.sent().is_empty());
}

#[test]
fn servers_that_see_us_elsewhere_each_time_make_no_loop() {
    let mut world = World::new();
    let (_, mut request) = world.managed_register(|_| {});
    let mut count = 1;
    for port in 4000..4040 {
        granted(&mut world, &request, "203.0.113.7", &port.to_string());
        let Some(next) = world.sent().pop() else { break };
        request = next;
        count += 1;
    }
    assert_eq!(count, 2, "the first answer moves the Contact, the answer to that does not");
}

#[test]
fn two_servers_behind_one_name_that_disagree_move_the_contact_once_each() {
    let mut world = World::new();
    let (_, mut request) = world.managed_register(|_| {});
    let mut sent = 0;
    for round in 0..40 {
        let port = if round % 2 == 0 { "4000" } else { "5000" };
        granted(&mut world, &request, "203.0.113.7", port);
        request = match world.sent().pop() {
            Some(next) => next,
            None => loop {
                let now = world.millis() as u64;
                if let Some((_, refresh)) = world.run_to(now + 1000).pop() {
                    break refresh;
                }
            },
        };
        sent += 1;
    }
    assert!(sent >= 40);
    let moved = world.agent.registerer_info(world.now(), 1).unwrap().counters.moves;
    assert!(moved <= 2, "{moved}");
}

#[test]
fn a_401_with_another_port_each_time_ends_with_the_cap() {
    let mut world = World::with_alice();
    let (rid, mut request) = world.managed_register(|_| {});
    for n in 0..4 {
        let challenge =
            format!("WWW-Authenticate: Digest realm=\"acme\", nonce=\"n{n}\", qop=\"auth\"");
        let port = (4000 + n).to_string();
        let bytes = seen_answer(&request, "401 Unauthorized", "203.0.113.7", &port, &[&challenge]);
        world.receive(&bytes);
        if let Some(next) = world.sent().pop() {
            request = next;
        }
    }
    assert_eq!(world.state(rid), State::Unregistered);
    world.quiet_to(36_000_000);
}

#[test]
fn an_invalid_or_impossible_address_is_never_adopted() {
    for (received, port) in [
        ("203.0.113.7!", "4444"),
        ("foo:bar", "4444"),
        ("203.0.113.7", "0"),
        ("203.0.113.7", "70000"),
        ("0.0.0.0", "4444"),
        ("224.0.0.1", "4444"),
        ("10.1.2.3", "4444"),
        ("127.0.0.1", "4444"),
    ] {
        let mut world = World::new();
        let (rid, request) = world.managed_register(|_| {});
        granted(&mut world, &request, received, port);
        assert_eq!(world.state(rid), State::Registered);
        assert!(world.sent().is_empty(), "{received}:{port}");
        assert!(contacts(&world.one_at(540_000))[0].contains("@192.0.2.99:5070;"));
    }
}

#[test]
fn an_ipv6_address_is_bracketed_even_when_seen_over_ipv4() {
    for received in ["2001:db8::7", "[2001:db8::7]"] {
        let mut world = World::new();
        let (_, request) = world.managed_register(|_| {});
        granted(&mut world, &request, received, "4444");
        assert!(contacts(&world.one())[0].contains("@[2001:db8::7]:4444;line="));
    }
}

#[test]
fn a_refused_swap_keeps_the_old_binding() {
    for status in ["400 Bad Request", "403 Forbidden", "503 Service Unavailable"] {
        let mut world = World::new();
        let (rid, request) = world.managed_register(|_| {});
        granted(&mut world, &request, "203.0.113.7", "4444");
        let swap = world.one();
        let bytes = seen_answer(&swap, status, "203.0.113.7", "4444", &[]);
        world.receive(&bytes);
        assert_eq!(world.state(rid), State::Registered);
        let refresh = world.one_at(540_000);
        let both = contacts(&refresh);
        assert_eq!(both.len(), 1);
        assert!(both[0].contains("@192.0.2.99:5070;line="), "{both:?}");
        granted(&mut world, &refresh, "203.0.113.7", "4444");
        assert!(world.sent().is_empty(), "it is not tried again");
    }
}

#[test]
fn contact_uri_parameters_survive_a_move() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| {
        options.contact_params = ";audio;+g.oma.sip-im".into();
        options.q = Some("0.7".into());
    });
    granted(&mut world, &request, "203.0.113.7", "4444");
    let moved = contacts(&world.one()).remove(0);
    let there = contacts(&request)[0].replace("192.0.2.99:5070", "203.0.113.7:4444");
    assert_eq!(moved, there);
}

#[test]
fn an_explicit_contact_moves_only_when_every_one_may() {
    for (nat, moves) in
        [(Masquerade::Automatic, false), (Masquerade::Off, false), (Masquerade::Every, true)]
    {
        let mut world = World::new();
        let (_, request) = world.managed_register(|options| {
            options.contacts = vec!["<sip:alice@10.0.0.5:5062>".into()];
            options.nat = nat;
        });
        granted(&mut world, &request, "203.0.113.7", "4444");
        assert_eq!(!world.sent().is_empty(), moves, "{nat:?}");
    }
}

const DESK: &str = "<sip:alice@10.0.0.5:5062>;expires=600;q=0.7";
const LAB: &str = "<sip:lab@10.0.0.6:5064>;expires=600";

/// A registration with two Contacts of its own, which may move.
fn with_two(world: &mut World) -> (i32, Draft) {
    world.managed_register(|options| {
        options.contacts = vec![DESK.replace(";expires=600", ""), LAB.replace(";expires=600", "")];
        options.nat = Masquerade::Every;
        options.reg_id = 0;
    })
}

/// 200 with these Contacts, seen at 203.0.113.7:4444.
fn granted_both(world: &mut World, request: &Draft, both: &str) {
    let bytes =
        seen_answer(request, "200 OK", "203.0.113.7", "4444", &[&format!("Contact: {both}")]);
    world.receive(&bytes);
}

#[test]
fn several_contacts_move_together_in_one_register() {
    let mut world = World::new();
    let (rid, request) = with_two(&mut world);
    assert_eq!(contacts(&request), ["<sip:alice@10.0.0.5:5062>;q=0.7, <sip:lab@10.0.0.6:5064>"]);
    granted_both(&mut world, &request, &format!("{DESK}, {LAB}"));
    let swap = world.one();
    assert_eq!(
        contacts(&swap),
        [
            "<sip:alice@203.0.113.7:4444>;q=0.7, <sip:lab@203.0.113.7:4444>",
            "<sip:alice@10.0.0.5:5062>;q=0.7;expires=0, <sip:lab@10.0.0.6:5064>;expires=0"
        ]
    );
    let moved = "<sip:alice@203.0.113.7:4444>;expires=600, <sip:lab@203.0.113.7:4444>;expires=600";
    granted_both(&mut world, &swap, moved);
    assert_eq!(world.states(rid), [State::Registered]);
    let refresh = world.one_at(540_000);
    assert_eq!(
        contacts(&refresh),
        ["<sip:alice@203.0.113.7:4444>;q=0.7, <sip:lab@203.0.113.7:4444>"]
    );
    granted_both(&mut world, &refresh, moved);
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let removal = world.one();
    let gone = "<sip:alice@203.0.113.7:4444>;q=0.7;expires=0, <sip:lab@203.0.113.7:4444>;expires=0";
    assert_eq!(contacts(&removal), [gone], "what is removed is what the server holds");
}

#[test]
fn a_refused_move_of_several_contacts_leaves_each_at_its_own_address() {
    let mut world = World::new();
    let (rid, request) = with_two(&mut world);
    granted_both(&mut world, &request, &format!("{DESK}, {LAB}"));
    let swap = world.one();
    let bytes = seen_answer(&swap, "403 Forbidden", "203.0.113.7", "4444", &[]);
    world.receive(&bytes);
    assert_eq!(world.state(rid), State::Registered);
    let refresh = world.one_at(540_000);
    assert_eq!(contacts(&refresh), contacts(&request));
    granted_both(&mut world, &refresh, &format!("{DESK}, {LAB}"));
    assert!(world.sent().is_empty(), "it is not tried again");
}

#[test]
fn an_address_known_beforehand_is_that_of_all_contacts() {
    let mut world = World::new();
    let (_, request) = with_two(&mut world);
    granted_both(&mut world, &request, &format!("{DESK}, {LAB}"));
    let swap = world.one();
    granted_both(&mut world, &swap, "<sip:alice@203.0.113.7:4444>;expires=600");
    // Two devices that differ by nothing but their address are one behind the NAT.
    let (_, second) = world.managed_register(|options| {
        options.contacts = vec!["<sip:bob@10.0.0.5:5062>".into(), "<sip:bob@10.0.0.6:5062>".into()];
        options.nat = Masquerade::Every;
        options.reg_id = 0;
    });
    assert_eq!(contacts(&second), ["<sip:bob@203.0.113.7:4444>"]);
}

#[test]
fn a_second_account_begins_with_what_the_first_learnt() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|_| {});
    granted(&mut world, &request, "203.0.113.7", "4444");
    let swap = world.one();
    granted(&mut world, &swap, "203.0.113.7", "4444");
    let (_, second) = world.managed_register(|_| {});
    assert!(contacts(&second)[0].contains("@203.0.113.7:4444;line="));
}
