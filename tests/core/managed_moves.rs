//! Another network or address: bindings move at once, and old Contacts are removed if the registrar
//! allows it.

use crate::common::{REGISTRAR, World, addr, contacts, granted};
use register::agent::TransportError;
use register::registration::policy::managed::{ManagedOptions, RegistererState as State};
use register::sip::Draft;
use std::net::SocketAddr;

#[test]
fn a_changed_network_moves_the_binding_at_once_over_a_pending_request() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    let hanging = world.one_at(540_000);
    // The interface has another address now; the REGISTER under way left from the old one.
    world.locals = leads_to("198.51.100.5:5070");
    world.agent.network_changed(world.now());
    let moved = world.one();
    let both = contacts(&moved);
    assert!(
        both[0].contains("@198.51.100.5:5070;") && both[1].contains("@192.0.2.99:5070;"),
        "{both:?}"
    );
    world.grant(&hanging, 600);
    assert!(world.sent().is_empty(), "an answer to what was taken back changes nothing");
    granted(&mut world, &moved, "198.51.100.5", "5070");
    assert_eq!(world.state(rid), State::Registered);
    assert!(world.sent().is_empty());
}

#[test]
fn after_a_network_loss_during_a_pending_request_register_works_again() {
    let mut world = World::new();
    let (rid, _) = world.managed_register(|_| {});
    world.run_to(40_000);
    assert_eq!(world.state(rid), State::Unregistered);
    world.agent.registerer_register(world.now(), rid).unwrap();
    let request = world.one();
    world.grant(&request, 600);
    assert_eq!(world.state(rid), State::Registered);
}

fn leads_to(local: &str) -> Vec<(SocketAddr, Result<SocketAddr, TransportError>)> {
    vec![(addr(REGISTRAR), Ok(addr(local)))]
}

#[test]
fn an_interface_that_changes_moves_only_bindings_whose_way_is_another() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.at(1000);
    world.interfaces_changed();
    world.quiet_to(10_000);
    // Another address: the binding moves, after a moment in which things settle.
    world.locals = leads_to("198.51.100.5:5070");
    world.interfaces_changed();
    world.interfaces_changed();
    let moved = world.one_at(11_500);
    let both = contacts(&moved);
    assert!(
        both[0].contains("@198.51.100.5:5070;") && both[1].contains("@192.0.2.99:5070;"),
        "{both:?}"
    );
    world.answer(&moved, "200 OK", &["Expires: 600"]);
    world.quiet_to(500_000);
    // No way at all: nothing can be done. The same way again: the flow may be another.
    let error = TransportError::NoRoute { to: addr(REGISTRAR).ip(), errno: 101 };
    world.locals = vec![(addr(REGISTRAR), Err(error))];
    world.interfaces_changed();
    world.quiet_to(510_000);
    world.locals = leads_to("198.51.100.5:5070");
    world.interfaces_changed();
    let back = world.one_at(511_500);
    world.answer(&back, "200 OK", &["Expires: 600"]);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_refresh_from_another_address_moves_the_others_of_its_flow() {
    let mut world = World::new();
    world.managed_registered(600, |_| {});
    world.managed_registered(3600, |_| {});
    let elsewhere = |options: &mut ManagedOptions| options.registrar = "sip:192.0.2.7".into();
    world.managed_registered(3600, elsewhere);
    world.locals = leads_to("198.51.100.5:5070");
    world.quiet_to(539_999);
    let sent: Vec<Draft> = world.run_to(540_000).into_iter().map(|(_, sent)| sent).collect();
    assert_eq!(sent.len(), 2, "the refresh and the other account of that server: {sent:#?}");
    for request in &sent {
        assert!(request.get("Via").unwrap().starts_with("SIP/2.0/UDP 198.51.100.5:5070;"));
        assert!(contacts(request)[0].contains("@198.51.100.5:5070;"));
        granted(&mut world, request, "198.51.100.5", "5070");
    }
    assert!(world.sent().is_empty());
    world.quiet_to(1_000_000);
}

#[test]
fn what_was_learnt_in_the_old_network_is_forgotten_in_the_new_one() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|_| {});
    granted(&mut world, &request, "203.0.113.7", "4444");
    let swap = world.one();
    granted(&mut world, &swap, "203.0.113.7", "4444");
    world.locals = leads_to("198.51.100.5:5070");
    world.interfaces_changed();
    let moved = world.one_at(1500);
    assert!(contacts(&moved)[0].contains("@198.51.100.5:5070;"), "{:?}", contacts(&moved));
}

/// A registration of 600 s in a network that has changed since, and the REGISTER that moves it.
fn moving() -> (World, i32, Draft) {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.states(rid);
    world.locals = leads_to("198.51.100.5:5070");
    world.agent.network_changed(world.now());
    let moved = world.one();
    assert_eq!(contacts(&moved).len(), 2);
    (world, rid, moved)
}

#[test]
fn a_registrar_that_takes_no_two_contacts_gets_the_new_one_alone() {
    for status in ["400 Bad Request", "403 Forbidden", "606 Not Acceptable"] {
        let (mut world, rid, moved) = moving();
        world.answer(&moved, status, &[]);
        let alone = contacts(&world.one());
        assert_eq!(alone.len(), 1, "{status}: {alone:?}");
        assert!(alone[0].contains("@198.51.100.5:5070;"), "{alone:?}");
        assert_eq!(world.states(rid), [], "the old binding still stands");
    }
}

#[test]
fn a_move_that_is_refused_with_one_contact_too_is_refused() {
    let (mut world, rid, moved) = moving();
    world.answer(&moved, "403 Forbidden", &[]);
    let alone = world.one();
    world.answer(&alone, "403 Forbidden", &[]);
    assert_eq!(world.states(rid), []);
    world.quiet_to(1_800_000);
    assert_eq!(world.states(rid), [State::Unregistered], "the old binding has ended by itself");
}

#[test]
fn what_has_expired_by_itself_is_not_removed_any_more() {
    let (mut world, rid, mut request) = moving();
    // This one fails for as long as it is shown two Contacts.
    while contacts(&request).len() == 2 {
        assert!(world.millis() < 700_000);
        world.answer(&request, "500 Server Internal Error", &["Retry-After: 50"]);
        let next = world.millis() as u64 + 50_000;
        request = world.one_at(next);
    }
    assert_eq!(world.states(rid), [State::Unregistered], "at the true end of the old binding");
    granted(&mut world, &request, "198.51.100.5", "5070");
    assert_eq!(world.states(rid), [State::Registered]);
}
