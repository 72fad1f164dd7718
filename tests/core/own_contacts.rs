//! A Contact of the application with our host and a port that we do not listen on: programs lose
//! the port of a text at a NUL, and nobody could reach them.

use crate::common::{REGISTRAR, World, addr, contacts, seen_answer};
use register::agent::{EventKind, InitialRegister, Rid};
use register::request::Masquerade;
use register::sip::Draft;

const LOST: [&str; 4] = [
    "<sip:bob@192.0.2.99>",
    "sip:bob@192.0.2.99",
    "<sip:bob@192.0.2.99:5062;x=1>;q=0.5",
    "<sip:192.0.2.99:1>",
];
/// A port of ours, hosts of others, and what has no address.
const STAY: [&str; 5] = [
    "<sip:bob@192.0.2.99:5070>",
    "<sip:bob@198.51.100.7>",
    "<sip:bob@198.51.100.7:5062>",
    "<sip:bob@acme.test>",
    "<tel:+1234>",
];

fn register(world: &mut World, contact: &str) -> (Rid, Draft) {
    let ask = InitialRegister {
        from: "sip:alice@acme.test",
        proxy: "sip:192.0.2.1",
        contact: Some(contact),
        expires: 600,
        q: None,
    };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    let request = world.one();
    assert_eq!(contacts(&request), [contact], "the first as it was given");
    (rid, request)
}

/// Answers with 200, which lists the Contacts that are not removed, and says where it sees us.
fn seen(world: &mut World, request: &Draft, status: &str, at: (&str, &str)) {
    let bytes = seen_answer(request, status, at.0, at.1, &["Expires: 600"]);
    world.receive(&bytes);
}

const OURS: (&str, &str) = ("192.0.2.99", "5070");
const NAT: (&str, &str) = ("203.0.113.7", "4444");

/// The Contact `lost` at that address.
fn corrected(lost: &str, at: (&str, &str)) -> String {
    let address = format!("{}:{}", at.0, at.1);
    let lost = if lost.contains('<') { lost.to_owned() } else { format!("<{lost}>") };
    ["192.0.2.99:5062", "192.0.2.99:1", "192.0.2.99"].iter().fold(lost, |text, old| {
        if text.contains(&address) { text } else { text.replace(old, &address) }
    })
}

#[test]
fn the_exosip_calls_correct_a_lost_port_in_one_register() {
    for lost in LOST {
        for at in [OURS, NAT] {
            let mut world = World::new();
            let (_, request) = register(&mut world, lost);
            seen(&mut world, &request, "200 OK", at);
            let why = "the Contact has our host and a port that we do not listen on";
            let note = format!("registration 1: {why}: it is replaced by {}:{}", at.0, at.1);
            let swap = world.automatic_one();
            assert!(world.notes.contains(&note), "{:?}", world.notes);
            let both = contacts(&swap);
            assert_eq!(both.len(), 2, "{both:?}");
            assert_eq!(both[0], corrected(lost, at));
            assert!(both[1].ends_with(";expires=0") && !both[1].contains("5070"), "{both:?}");
            seen(&mut world, &swap, "200 OK", at);
            world.at(539_999);
            assert!(world.automatic().is_empty(), "once is enough");
            world.at(540_000);
            assert_eq!(contacts(&world.automatic_one()), [corrected(lost, at)]);
        }
    }
}

#[test]
fn a_challenge_says_it_too() {
    let mut world = World::with_alice();
    let (_, request) = register(&mut world, LOST[0]);
    let challenge = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\"";
    let bytes = seen_answer(&request, "401 Unauthorized", OURS.0, OURS.1, &[challenge]);
    world.receive(&bytes);
    assert_eq!(
        contacts(&world.automatic_one()),
        [corrected(LOST[0], OURS)],
        "nothing was bound before"
    );
}

#[test]
fn registerer_corrects_a_lost_port_in_one_register() {
    for lost in LOST {
        for at in [OURS, NAT] {
            let mut world = World::new();
            let (rid, request) = world.managed_register(|options| {
                options.contacts = vec![lost.to_owned()];
                options.reg_id = 0;
            });
            seen(&mut world, &request, "200 OK", at);
            let swap = world.one();
            let both = contacts(&swap);
            assert_eq!(both.len(), 2, "{both:?}");
            assert!(both[0].starts_with(&corrected(lost, at)), "{both:?}");
            assert!(
                world.notes.iter().any(|note| note.contains("do not listen on")),
                "{:?}",
                world.notes
            );
            seen(&mut world, &swap, "200 OK", at);
            let refresh = world.one_at(540_000);
            assert_eq!(contacts(&refresh), both[..1]);
            assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().counters.moves, 1);
        }
    }
}

#[test]
fn a_contact_with_another_host_or_our_port_stays() {
    for contact in STAY {
        for at in [OURS, NAT] {
            let mut world = World::new();
            let (_, request) = register(&mut world, contact);
            seen(&mut world, &request, "200 OK", at);
            assert!(world.automatic().is_empty(), "{contact}");
            world.at(540_000);
            assert_eq!(contacts(&world.automatic_one()), [contact]);
            let mut world = World::new();
            let (_, request) =
                world.managed_register(|options| options.contacts = vec![contact.to_owned()]);
            seen(&mut world, &request, "200 OK", at);
            assert!(world.sent().is_empty(), "{contact}");
            assert_eq!(contacts(&world.one_at(540_000)), contacts(&request));
            assert!(!world.notes.iter().any(|note| note.contains("replaced")), "{:?}", world.notes);
        }
    }
}

#[test]
fn a_lost_port_stays_where_no_server_says_so_or_the_option_is_off() {
    let mut world = World::new();
    let (_, request) = register(&mut world, LOST[0]);
    world.answer(&request, "200 OK", &["Expires: 600"]);
    assert!(world.automatic().is_empty());
    world.at(540_000);
    assert_eq!(contacts(&world.automatic_one()), [LOST[0]]);
    let mut world = World::new();
    world.agent.settings_mut().masquerade = Masquerade::Off;
    let (_, request) = register(&mut world, LOST[0]);
    seen(&mut world, &request, "200 OK", OURS);
    assert!(world.automatic().is_empty());
    let mut world = World::new();
    world.agent.settings_mut().public_port = Some(5062);
    let (_, request) = register(&mut world, "<sip:bob@192.0.2.99:5062>");
    seen(&mut world, &request, "200 OK", OURS);
    assert!(world.automatic().is_empty(), "the application named that port");
}

#[test]
fn no_port_is_the_port_5060_where_we_listen_on_that() {
    let mut world = World::new();
    world.locals = vec![(addr(REGISTRAR), Ok(addr("192.0.2.99:5060")))];
    let (_, request) = register(&mut world, LOST[0]);
    seen(&mut world, &request, "200 OK", ("192.0.2.99", "5060"));
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    assert!(world.automatic().is_empty());
}
