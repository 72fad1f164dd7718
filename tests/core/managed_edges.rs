//! Edges of a managed registration: ends that cross with an expiry, registrations that were adopted
//! half-way, texts that must not go out as they are, and what is queued.

use crate::common::{World, next, www};
use crate::managed_attempts::seen_outside;
use State::{Registered, Terminated, Unregistered};
use register::agent::{RegistererEventKind, TransportSet};
use register::registration::policy::managed::{
    ManagedOptions as Options, OptionsError as Wrong, RegistererState as State,
};

#[test]
fn unregister_long_after_a_final_refusal_still_asks_the_server() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    let refresh = world.one_at(540_000);
    world.answer(&refresh, "404 Not Found", &[]);
    assert_eq!(world.state(rid), Registered);
    world.quiet_to(700_000);
    assert_eq!(world.state(rid), Unregistered);
    world.agent.registerer_unregister(world.now(), rid, true).unwrap();
    assert_eq!(world.one().get("Contact"), Some("*"));
}

#[test]
fn one_that_is_queued_for_removal_ends_with_its_binding() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(20, |options| options.aor = "sip:bob@acme.test".into());
    world.agent.registerer_limits(world.now(), 1, 0);
    world.at(10_000);
    // Nobody answers the one whose turn it is.
    world.managed_register(|_| {});
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    world.run_to(19_999);
    assert_eq!(world.state(rid), Registered);
    world.run_to(20_000);
    assert_eq!(world.states(rid), [Registered, Unregistered, Terminated]);
    for (_, sent) in world.run_to(200_000) {
        assert!(!sent.get("To").unwrap().contains("bob"), "nothing more is sent: {sent:#?}");
    }
}

#[test]
fn one_adopted_during_its_removal_is_removed_and_can_register() {
    let mut world = World::with_alice();
    let (rid, _) = world.registered(600);
    let text = world.agent.build_register(rid, 0).unwrap();
    world.send(rid, &text);
    let remove = world.one();
    world.agent.registerer_adopt(world.now(), rid).unwrap();
    world.answer(&remove, "401 Unauthorized", &[&www("n1")]);
    let proven = world.one();
    assert_eq!(proven.get("Expires"), Some("0"));
    world.answer(&proven, "200 OK", &[]);
    assert_eq!(world.state(rid), Unregistered);
    world.quiet_to(600_000);
    assert_eq!(world.state(rid), Unregistered, "it is looked after: nobody forgets it");
    world.agent.registerer_register(world.now(), rid).unwrap();
    assert_eq!(world.one().get("Expires"), Some("600"));
}

#[test]
fn one_taken_over_has_its_own_contact_again_after_all_were_removed() {
    let mut world = World::new();
    let (rid, _) = world.build(300);
    world.agent.registerer_adopt(world.now(), rid).unwrap();
    world.agent.registerer_unregister(world.now(), rid, true).unwrap();
    let remove = world.one();
    assert_eq!((remove.get("Contact"), remove.get("Expires")), (Some("*"), Some("0")));
    world.answer(&remove, "200 OK", &[]);
    world.agent.registerer_register(world.now(), rid).unwrap();
    let first = world.one();
    assert!(first.get("Contact").unwrap().contains("sip:alice@192.0.2.99:5070;line="), "{first:?}");
    world.grant(&first, 300);
    world.agent.registerer_unregister(world.now(), rid, true).unwrap();
    let remove = world.one();
    assert_eq!(remove.get("Contact"), Some("*"));
    world.answer(&remove, "200 OK", &[]);
    world.agent.registerer_register(world.now(), rid).unwrap();
    assert_eq!(world.one().get("Contact"), first.get("Contact"));
}

#[test]
fn a_contact_that_the_application_sends_later_stays_in_one_taken_over() {
    let mut world = World::new();
    let (rid, request) = world.registered(600);
    world.agent.registerer_adopt(world.now(), rid).unwrap();
    let own = request.get("Contact").unwrap().to_owned();
    let text = String::from_utf8(world.agent.build_register(rid, 600).unwrap()).unwrap();
    world.send(rid, text.replace(&own, &format!("{own};q=0.3")).as_bytes());
    let changed = world.one();
    world.grant(&changed, 600);
    let refresh = next(&mut world, rid);
    assert_eq!(refresh.get("Contact"), changed.get("Contact"));
}

#[test]
fn dispose_after_a_failed_removal_tries_once_more() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let remove = world.one();
    world.answer(&remove, "503 Service Unavailable", &["Retry-After: 20"]);
    assert_eq!(world.state(rid), Registered);
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let again = world.one();
    assert_eq!(again.get("Expires"), Some("0"));
    world.answer(&again, "503 Service Unavailable", &["Retry-After: 20"]);
    assert_eq!(world.states(rid), [Registered, Terminated]);
    world.quiet_to(3_600_000);
}

fn refused(change: impl FnOnce(&mut Options)) -> Option<String> {
    let mut options = Options::new("sip:alice@acme.test");
    change(&mut options);
    options.checked(TransportSet::UDP).err().map(|Wrong(why)| why)
}

#[test]
fn the_request_uri_is_one_word_whatever_surrounds_the_registrar() {
    let mut world = World::new();
    let (_, request) =
        world.managed_register(|options| options.registrar = " sip:192.0.2.1:5080 ".into());
    assert_eq!(request.start(), "REGISTER sip:192.0.2.1:5080 SIP/2.0");
    let why = refused(|options| options.registrar = "sip:a\r\nX-Evil: 1\r\n@acme.test".into());
    assert!(why.unwrap().contains("registrar"));
}

#[test]
fn header_fields_that_the_library_writes_are_refused_by_name() {
    for name in ["Route", "Max-Forwards", "Security-Client", "Authorization"] {
        let why = refused(|options| options.headers = vec![(name.into(), "x".into())]);
        assert_eq!(why, Some(format!("the header {name} is made by the library")));
    }
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| {
        options.headers = vec![("User-Agent".into(), "desk/1".into()), ("P-X".into(), "1".into())];
    });
    let agents: Vec<_> = request.headers().filter(|(name, _)| *name == "User-Agent").collect();
    assert_eq!(agents.len(), 1);
    assert_eq!(agents[0].1, "desk/1");
}

#[test]
fn networks_that_change_while_one_waits_do_not_lengthen_the_queue() {
    let mut world = World::new();
    world.agent.registerer_limits(world.now(), 1, 0);
    world.managed_register(|_| {});
    let waits = world.managed(|_| {});
    world.agent.registerer_register(world.now(), waits).unwrap();
    for _ in 0..100 {
        world.agent.network_changed(world.now());
    }
    assert!(world.agent.registerer_traffic().1 <= 2, "{:?}", world.agent.registerer_traffic());
}

#[test]
fn the_reason_of_a_provisional_answer_cannot_command_a_terminal() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&request, "183 \u{1b}[2JBusy", &[]);
    world.grant(&request, 60);
    world.events();
    let reasons: Vec<_> = world
        .managed_events
        .iter()
        .filter(|event| event.what == RegistererEventKind::Progress)
        .collect();
    assert_eq!((reasons.len(), rid), (1, 1));
    assert!(!reasons[0].reason.contains('\u{1b}'), "{:?}", reasons[0].reason);
}

#[test]
fn an_old_registration_that_ends_late_is_still_remembered() {
    let mut world = World::new();
    let old = world.managed(|_| {});
    for _ in 0..register::agent::MOST_ENDED {
        let young = world.managed(|_| {});
        world.agent.registerer_dispose(world.now(), young).unwrap();
    }
    world.agent.registerer_dispose(world.now(), old).unwrap();
    assert_eq!(world.agent.registerer_state(old), Ok(Terminated));
}

#[test]
fn contact_parameters_may_be_quoted_and_cannot_end_the_contact() {
    for good in
        ["", ";audio", "audio;q=0.5", ";methods=\"INVITE,BYE\";+g.x=\"<urn:a;b>\"", ";a=\"\\\"\""]
    {
        assert_eq!(refused(|options| options.contact_params = good.into()), None, "{good}");
    }
    for bad in [
        ";\"",
        ";a=\"",
        ";a=\"b\"c",
        ";a=b\"",
        ";a=b,c",
        ";a=b>",
        ";=b",
        ";a b",
        ";a=b c",
        ";a=\"\\\"",
    ] {
        let why = refused(|options| options.contact_params = bad.into());
        assert_eq!(
            why.as_deref(),
            Some("the Contact parameters are not of the form name=value;…"),
            "{bad}"
        );
    }
    let mut world = World::new();
    let (rid, request) = world.managed_registered(60, |options| {
        options.contact_params = ";methods=\"INVITE,BYE\"".into();
    });
    assert!(request.get("Contact").unwrap().ends_with(";methods=\"INVITE,BYE\""));
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    assert!(world.one().get("Contact").unwrap().ends_with(";methods=\"INVITE,BYE\";expires=0"));
}

#[test]
fn default_action_leaves_challenges_to_a_managed_registration() {
    let mut world = World::with_alice();
    let (rid, _) = world.managed_registered(600, |options| options.events = true);
    let refresh = world.one_at(540_000);
    world.agent.registerer_limits(world.now(), 1, 0);
    world.answer(&refresh, "401 Unauthorized", &[&www("n1")]);
    world.one();
    assert!(world.agent.default_action(world.now(), rid, 401).is_err(), "it is under way");
    assert!(world.sent().is_empty());
    // One that has stopped is not sent behind the back of its policy either.
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&request, "401 Unauthorized", &[&www("n1")]);
    world.agent.set_listening(Some(crate::common::listening()));
    world.credential("alice", "secret", "acme");
    let _ = world.agent.default_action(world.now(), rid, 401);
    let mut sent = world.sent();
    world.tick();
    sent.extend(world.sent());
    assert_eq!(sent.len(), 1, "once");
    world.grant(&sent[0], 600);
    assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().counters.requests, 2);
}

#[test]
fn one_taken_over_keeps_its_contact_where_the_context_says_so() {
    let mut world = World::new();
    world.agent.settings_mut().masquerade = register::request::Masquerade::Off;
    let (rid, _) = world.registered(600);
    world.agent.registerer_adopt(world.now(), rid).unwrap();
    let refresh = next(&mut world, rid);
    let mut seen = refresh.clone();
    let via = refresh.get("Via").unwrap().replace(";rport", ";rport=4444");
    seen.set("Via", format!("{via};received=203.0.113.7"));
    world.answer(&seen, "200 OK", &["Expires: 600"]);
    assert!(world.sent().is_empty());
    assert_eq!(next(&mut world, rid).get("Contact"), refresh.get("Contact"));
}

#[test]
fn an_old_address_that_is_still_listed_does_not_count() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&seen_outside(&request), "200 OK", &["Expires: 600"]);
    let moving = world.one();
    let (new, old) = (moving.get("Contact").unwrap(), request.get("Contact").unwrap());
    let line = format!("Contact: {old};expires=5, {new};expires=600");
    world.answer(&seen_outside(&moving), "200 OK", &[&line]);
    assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().granted, 600);
}

#[test]
fn a_changed_network_sends_nothing_without_a_binding_to_move() {
    type Step = fn(&mut World, i32, &register::sip::Draft);
    let steps: [(&str, Step); 4] = [
        ("the server asked for peace", |world, _, request| {
            world.answer(request, "503 Service Unavailable", &["Retry-After: 3600"]);
        }),
        ("its credentials are missing", |world, _, request| {
            world.answer(request, "401 Unauthorized", &[&www("n")]);
        }),
        ("it was refused", |world, _, request| world.answer(request, "404 Not Found", &[])),
        ("it ends", |world, rid, _| world.agent.registerer_dispose(world.now(), rid).unwrap()),
    ];
    for (why, step) in steps {
        let mut world = World::new();
        let (rid, request) = world.managed_register(|_| {});
        step(&mut world, rid, &request);
        assert!(world.sent().is_empty());
        world.agent.network_changed(world.now());
        assert!(world.sent().is_empty(), "{why}");
    }
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let remove = world.one();
    world.agent.network_changed(world.now());
    assert!(world.sent().is_empty(), "it is being removed");
    world.answer(&remove, "200 OK", &[]);
    world.agent.network_changed(world.now());
    world.quiet_to(36_000_000);
}

#[test]
fn a_removal_is_queued_first_and_each_request_counts_for_the_rate() {
    let mut world = World::with_alice();
    let (ends, _) =
        world.managed_registered(600, |options| options.aor = "sip:bob@acme.test".into());
    world.agent.registerer_limits(world.now(), 1, 0);
    let (_, request) = world.managed_register(|_| {});
    let waits = world.managed(|options| options.aor = "sip:carol@acme.test".into());
    world.agent.registerer_register(world.now(), waits).unwrap();
    world.agent.registerer_dispose(world.now(), ends).unwrap();
    world.grant(&request, 600);
    world.tick();
    let first = world.one();
    assert_eq!(first.get("To"), Some("<sip:bob@acme.test>"));

    // An answer to a challenge goes out at once, and is paid for by those that wait.
    let mut world = World::with_alice();
    world.agent.registerer_limits(world.now(), 0, 1);
    for _ in 0..11 {
        let (_, request) = world.managed_register(|_| {});
        world.answer(&request, "401 Unauthorized", &[&www("n")]);
        if world.sent().is_empty() {
            break;
        }
        if world.agent.registerer_traffic().0 == 6 {
            break;
        }
    }
    let late = world.managed(|_| {});
    world.agent.registerer_register(world.now(), late).unwrap();
    assert!(world.sent().is_empty(), "12 were sent, 11 may be at once");
    assert_eq!(world.agent.registerer_traffic().1, 1);
}
