//! Other options for a registration that goes on: the binding, Call-ID and CSeq stay.

use crate::common::{World, www};
use State::{Registered, Unregistered};
use register::agent::OptionsChange;
use register::auth::Algorithm;
use register::registration::policy::managed::{
    ManagedOptions as Options, OptionsError as Wrong, RegistererState as State,
};
use register::sip::Draft;

fn options(change: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options::new("sip:alice@acme.test");
    options.registrar = "sip:192.0.2.1".to_owned();
    options.jitter = 0;
    change(&mut options);
    options
}

fn change(
    world: &mut World,
    rid: i32,
    set: impl FnOnce(&mut Options),
) -> Result<OptionsChange, Wrong> {
    world.agent.registerer_change(world.now(), rid, options(set)).unwrap()
}

fn same_dialogue(first: &Draft, next: &Draft) {
    assert_eq!(first.get("Call-ID"), next.get("Call-ID"));
    assert_eq!(first.get("From"), next.get("From"));
}

#[test]
fn a_changed_option_is_sent_at_once_with_the_same_call_id() {
    let mut world = World::new();
    let (rid, first) = world.managed_registered(600, |_| {});
    let changed = change(&mut world, rid, |options| {
        options.expires = 300;
        options.route = "<sip:192.0.2.1;lr>".into();
        options.q = Some("0.5".into());
    });
    assert_eq!(changed, Ok(OptionsChange::Planned));
    let request = world.one();
    same_dialogue(&first, &request);
    assert_eq!((request.get("Expires"), request.get("CSeq")), (Some("300"), Some("2 REGISTER")));
    assert_eq!(request.get("Route"), Some("<sip:192.0.2.1;lr>"));
    assert!(request.get("Contact").unwrap().contains(";q=0.5"), "{request:?}");
    assert_eq!(world.state(rid), Registered);
    world.grant(&request, 300);
    world.quiet_to(269_000);
}

#[test]
fn other_credentials_go_on_with_one_that_has_stopped() {
    let mut world = World::new();
    let (rid, first) = world.managed_register(|options| {
        options.logins = vec![login("wrong")];
    });
    world.answer(&first, "401 Unauthorized", &[&www("n1")]);
    let proven = world.one();
    world.answer(&proven, "401 Unauthorized", &[&www("n1")]);
    assert_eq!(world.state(rid), Unregistered);
    change(&mut world, rid, |options| options.logins = vec![login("right")]).unwrap();
    let request = world.one();
    same_dialogue(&first, &request);
    assert_eq!(request.get("CSeq"), Some("3 REGISTER"));
}

fn login(password: &str) -> register::auth::AccountLogin {
    register::auth::AccountLogin {
        username: "alice".into(),
        realm: "".into(),
        password: Some(password.as_bytes().into()),
        ha1: Vec::new(),
    }
}

#[test]
fn a_change_while_a_register_awaits_its_answer_is_for_the_next_one() {
    let mut world = World::new();
    let (rid, first) = world.managed_register(|_| {});
    let changed = change(&mut world, rid, |options| options.expires = 300);
    assert_eq!(changed, Ok(OptionsChange::UnderWay));
    assert!(world.sent().is_empty());
    world.grant(&first, 600);
    world.agent.registerer_register(world.now(), rid).unwrap();
    let request = world.one();
    same_dialogue(&first, &request);
    assert_eq!(request.get("Expires"), Some("300"));
}

#[test]
fn a_change_before_the_first_register_does_not_hasten_it() {
    let mut world = World::new();
    let rid = world.managed(|options| options.spread = std::time::Duration::from_secs(60));
    world.agent.registerer_register(world.now(), rid).unwrap();
    let planned = change(&mut world, rid, |options| options.expires = 300);
    assert_eq!(planned, Ok(OptionsChange::Planned));
    assert!(world.sent().is_empty());
    let sent = world.run_to(60_000);
    assert_eq!(sent[0].1.get("Expires"), Some("300"));
}

#[test]
fn what_names_the_registration_cannot_change() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    type Change = fn(&mut Options);
    let refusals: [(Change, &str); 5] = [
        (|options| options.aor = "sip:bob@acme.test".into(), "the address-of-record"),
        (|options| options.registrar = "sip:192.0.2.2".into(), "the registrar"),
        (|options| options.headers.push(("X-A".into(), "1".into())), "the header fields"),
        (|options| options.contacts.push("sip:x@192.0.2.9".into()), "the Contact"),
        (|options| options.reg_id = 2, "the reg-id"),
    ];
    for (set, what) in refusals {
        let why = format!("{what} cannot change in a registration");
        assert_eq!(change(&mut world, rid, set), Err(Wrong(why)));
    }
    assert!(change(&mut world, rid, |options| options.expires = 0).is_err());
    assert!(world.sent().is_empty());
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    assert!(change(&mut world, rid, |options| options.expires = 60).is_err());
}

#[test]
fn the_event_reg_that_is_turned_off_is_heard_of_no_more() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |options| options.reg_event = true);
    let subscribe = world.one();
    world.answer(&subscribe, "200 OK", &["Expires: 3761", "Contact: <sip:reg@192.0.2.1>"]);
    change(&mut world, rid, |_| {}).unwrap();
    let register = world.one();
    assert_eq!(register.method(), Some("REGISTER"));
    world.grant(&register, 600);
    // The subscription would be refreshed after 3385 s.
    for n in 1..10 {
        for (_, request) in world.run_to(n * 540_000) {
            assert_eq!(request.method(), Some("REGISTER"));
            world.grant(&request, 600);
        }
    }
    change(&mut world, rid, |options| options.reg_event = true).unwrap();
    let register = world.one();
    world.grant(&register, 600);
    let anew = world.one();
    assert_eq!(anew.method(), Some("SUBSCRIBE"));
    assert_ne!(anew.get("Call-ID"), subscribe.get("Call-ID"));
    assert!(world.events().is_empty());
}

#[test]
fn a_weakest_algorithm_that_is_changed_is_that_of_the_event_reg_too() {
    for weakest in [Algorithm::Md5, Algorithm::Sha256] {
        let mut world = World::with_alice();
        let (rid, _) = world.managed_registered(6000, |options| options.reg_event = true);
        let subscribe = world.one();
        world.answer(&subscribe, "200 OK", &["Expires: 3761", "Contact: <sip:reg@192.0.2.1>"]);
        change(&mut world, rid, |options| {
            options.expires = 6000;
            options.reg_event = true;
            options.weakest_algorithm = weakest;
        })
        .unwrap();
        let register = world.one();
        world.grant(&register, 6000);
        let refresh = world.one_at(3_384_900);
        assert_eq!(refresh.method(), Some("SUBSCRIBE"));
        world.answer(&refresh, "401 Unauthorized", &[&www("n1")]);
        let answers = world.sent().len();
        assert_eq!(answers, usize::from(weakest == Algorithm::Md5), "{weakest:?}");
    }
}
