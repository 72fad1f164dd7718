//! The event `reg` (RFC 3680) of a managed registration, instant by instant: what the registrar
//! says of the binding between two REGISTERs.

use crate::common::{World, param};
use crate::connections::FIRST;
use register::agent::{Refusal, Transport};
use register::auth::AccountLogin;
use register::registration::policy::managed::RegistererState as State;
use register::sip::{Draft, NameAddr};

const DIGEST: &str = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth\"";

/// A registration for 600 s and its SUBSCRIBE, which is accepted.
fn subscribed() -> (World, i32, Draft, Draft) {
    let mut world = World::new();
    let (rid, request) = world.managed_registered(600, |options| options.reg_event = true);
    let subscribe = world.one();
    world.answer(&subscribe, "200 OK", &["Expires: 3761", "Contact: <sip:reg@192.0.2.1>"]);
    assert!(world.sent().is_empty());
    (world, rid, request, subscribe)
}

fn contact_uri(request: &Draft) -> String {
    NameAddr::parse(request.get("Contact").unwrap()).unwrap().uri.to_owned()
}

/// A document about the Contact of `register`, with these attributes.
pub(crate) fn reginfo(register: &Draft, version: u32, attributes: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" \
         version=\"{version}\" state=\"partial\"><registration aor=\"sip:alice@acme.test\" \
         id=\"r\" state=\"active\"><contact id=\"c\" {attributes}><uri>{}</uri></contact>\
         <contact id=\"d\" state=\"active\" event=\"registered\"><uri>sip:x@h</uri></contact>\
         </registration></reginfo>",
        contact_uri(register)
    )
}

/// The registrar notifies: the answer, and what else is sent at once.
fn notify(world: &mut World, subscribe: &Draft, cseq: u32, body: &str) -> (Draft, Vec<Draft>) {
    notify_with(world, subscribe, cseq, "active;expires=3000", body)
}

fn notify_with(
    world: &mut World,
    subscribe: &Draft,
    cseq: u32,
    state: &str,
    body: &str,
) -> (Draft, Vec<Draft>) {
    notify_text(world, subscribe, cseq, state, body);
    let mut sent = world.sent();
    let place = sent.iter().position(|one| one.status().is_some()).unwrap();
    (sent.remove(place), sent)
}

pub(crate) fn notify_text(
    world: &mut World,
    subscribe: &Draft,
    cseq: u32,
    state: &str,
    body: &str,
) {
    let field = |name: &str| subscribe.get(name).unwrap().to_owned();
    // The tag of what `World::answer` says.
    let text = format!(
        "NOTIFY {} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn{cseq}\r\n\
         From: {};tag=server\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} NOTIFY\r\nEvent: reg\r\n\
         Contact: <sip:reg@192.0.2.1>\r\nSubscription-State: {state}\r\n\
         Content-Type: application/reginfo+xml\r\nContent-Length: {}\r\n\r\n{body}",
        contact_uri(subscribe),
        field("To"),
        field("From"),
        field("Call-ID"),
        body.len(),
    );
    world.receive(text.as_bytes());
}

#[test]
fn the_event_is_subscribed_to_once_the_binding_is_there() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| options.reg_event = true);
    assert_eq!(request.method(), Some("REGISTER"));
    world.grant(&request, 600);
    let subscribe = world.one();
    assert_eq!(subscribe.start(), "SUBSCRIBE sip:alice@acme.test SIP/2.0");
    assert_eq!(subscribe.get("Event"), Some("reg"));
    assert_eq!(subscribe.get("Accept"), Some("application/reginfo+xml"));
    assert_eq!(subscribe.get("Expires"), Some("3761"));
    assert_eq!(subscribe.get("Route"), Some("<sip:192.0.2.1;lr>"));
    world.answer(&subscribe, "200 OK", &["Expires: 3761", "Contact: <sip:reg@192.0.2.1>"]);
    // A refresh asks for no other subscription, and the program knows nothing of this one.
    let refresh = world.one_at(540_000);
    world.grant(&refresh, 600);
    assert!(world.sent().is_empty());
    assert!(world.events().is_empty());
    assert_eq!(world.states(rid), [State::Registered]);
}

#[test]
fn without_the_option_nothing_is_subscribed_to() {
    let mut world = World::new();
    world.managed_registered(600, |_| {});
    assert!(world.sent().is_empty());
}

#[test]
fn a_service_route_is_the_way_of_the_subscription() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| options.reg_event = true);
    let contact = format!("Contact: {};expires=600", request.get("Contact").unwrap());
    let route = "Service-Route: <sip:192.0.2.7;lr>, <sip:s2.acme.test;lr>";
    world.answer(&request, "200 OK", &[&contact, route]);
    let subscribe = world.one();
    assert_eq!(subscribe.get("Route"), Some("<sip:192.0.2.7;lr>, <sip:s2.acme.test;lr>"));
}

#[test]
fn over_tls_the_subscription_takes_the_connection_of_the_registration() {
    for transport in [Transport::Tls, Transport::Tcp] {
        let mut world = World::by(Transport::Udp);
        let rid = world.managed(|options| {
            options.reg_event = true;
            options.transport = Some(transport);
        });
        world.agent.registerer_register(world.now(), rid).unwrap();
        let (flow, _) = world.opens();
        world.connected(flow, FIRST);
        let request = world.one();
        world.grant_over(flow, &request, 600);
        let subscribe = world.one();
        assert_eq!(subscribe.method(), Some("SUBSCRIBE"));
        assert_eq!(world.last_flow, Some(flow));
        assert!(world.opening.is_empty());
        let via = format!("SIP/2.0/{} {FIRST}", transport.via());
        assert!(subscribe.get("Via").unwrap().starts_with(&via), "{:?}", subscribe.get("Via"));
    }
}

#[test]
fn a_challenge_is_answered_by_the_account_and_no_other() {
    let mut world = World::with_alice();
    let (_, request) = world.managed_register(|options| {
        options.reg_event = true;
        options.logins = vec![AccountLogin {
            username: "account".into(),
            realm: "".into(),
            password: Some(b"x".as_slice().into()),
            ha1: Vec::new(),
        }];
    });
    world.grant(&request, 600);
    let subscribe = world.one();
    world.answer(&subscribe, "401 Unauthorized", &[DIGEST]);
    let proven = world.one();
    let line = proven.get("Authorization").unwrap();
    assert_eq!(param(line, "username").as_deref(), Some("account"));
    assert!(world.events().is_empty());
    world.answer(&proven, "200 OK", &["Expires: 3761", "Contact: <sip:reg@192.0.2.1>"]);
    let refresh = world.one_at(540_000);
    assert_eq!(refresh.get("Authorization"), None, "a REGISTER was never challenged");
}

#[test]
fn a_deactivated_binding_is_registered_anew_at_once() {
    let (mut world, rid, request, subscribe) = subscribed();
    world.states(rid);
    world.quiet_to(10_000);
    let body = reginfo(&request, 1, "state=\"terminated\" event=\"deactivated\"");
    let (answer, mut sent) = notify(&mut world, &subscribe, 1, &body);
    assert_eq!(answer.status(), Some(200));
    let again = sent.remove(0);
    assert_eq!((again.method(), sent.len()), (Some("REGISTER"), 0));
    assert_eq!(world.states(rid), [State::Unregistered]);
    world.grant(&again, 600);
    assert_eq!(world.states(rid), [State::Registered]);
    assert!(world.sent().is_empty(), "the subscription goes on");
    assert!(world.events().is_empty());
}

#[test]
fn a_registrar_that_deactivates_again_and_again_is_waited_for() {
    let (mut world, _, request, subscribe) = subscribed();
    let mut moments = Vec::new();
    for version in 1..6 {
        let body = reginfo(&request, version, "state=\"terminated\" event=\"deactivated\"");
        let (_, mut sent) = notify(&mut world, &subscribe, version, &body);
        let again = match sent.pop() {
            Some(again) => again,
            None => {
                let until = world.millis() as u64 + 1_000_000;
                let next = world.agent.poll_timeout().unwrap();
                assert!(next > world.now());
                let mut sent = Vec::new();
                while sent.is_empty() {
                    let next = world.agent.poll_timeout().unwrap() - world.now();
                    let at = world.millis() as u64 + next.as_millis() as u64 + 1;
                    assert!(at < until);
                    sent = world.run_to(at);
                }
                sent.remove(0).1
            }
        };
        moments.push(world.millis());
        world.grant(&again, 600);
    }
    assert_eq!(moments[0], 0);
    assert!(moments[1] >= 30_000, "{moments:?}");
    assert!(*moments.last().unwrap() >= 60_000, "{moments:?}");
}

#[test]
fn probation_is_waited_for_as_long_as_the_registrar_says() {
    let (mut world, rid, request, subscribe) = subscribed();
    let body = reginfo(&request, 1, "state=\"terminated\" event=\"probation\" retry-after=\"36\"");
    let (_, sent) = notify(&mut world, &subscribe, 1, &body);
    assert!(sent.is_empty());
    assert_eq!(world.state(rid), State::Unregistered);
    assert_eq!(
        world.explain(rid),
        "200 OK from 192.0.2.1:5060: the registrar says that it wants the binding back later; \
         trying again in 36 s, as the server asked"
    );
    let again = world.one_at(36_000);
    world.grant(&again, 600);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_rejected_or_removed_binding_is_left_until_the_program_registers() {
    for (event, words) in [("rejected", "has rejected"), ("unregistered", "somebody removed")] {
        let (mut world, rid, request, subscribe) = subscribed();
        let body = reginfo(&request, 1, &format!("state=\"terminated\" event=\"{event}\""));
        notify(&mut world, &subscribe, 1, &body);
        assert_eq!(world.state(rid), State::Unregistered);
        world.quiet_to(3_000_000);
        assert!(world.explain(rid).contains(words), "{}", world.explain(rid));
        world.agent.registerer_register(world.now(), rid).unwrap();
        let request = world.one();
        world.grant(&request, 600);
        assert_eq!(world.one().method(), Some("SUBSCRIBE"));
        assert_eq!(world.state(rid), State::Registered);
    }
}

#[test]
fn a_shortened_binding_is_refreshed_before_its_new_end() {
    let (mut world, rid, request, subscribe) = subscribed();
    let body = reginfo(&request, 1, "state=\"active\" event=\"shortened\" expires=\"100\"");
    let (_, sent) = notify(&mut world, &subscribe, 1, &body);
    assert!(sent.is_empty());
    let left = world.agent.registerer_info(world.now(), rid).unwrap().remaining;
    assert_eq!(left.as_secs(), 100);
    world.grant(&request, 600);
    let refresh = world.one_at(90_000);
    assert_eq!(refresh.method(), Some("REGISTER"));
}

#[test]
fn what_is_about_others_or_older_changes_nothing() {
    let (mut world, rid, request, subscribe) = subscribed();
    let gone = "state=\"terminated\" event=\"deactivated\"";
    let other = reginfo(&request, 5, gone).replace(";line=", ";line=f");
    assert!(notify(&mut world, &subscribe, 1, &other).1.is_empty());
    let older = reginfo(&request, 5, gone);
    assert!(notify(&mut world, &subscribe, 2, &older).1.is_empty());
    for (cseq, odd) in ["", "<", "<reginfo", "no xml", &"<a>".repeat(2000)].iter().enumerate() {
        let (answer, sent) = notify(&mut world, &subscribe, 3 + cseq as u32, odd);
        assert_eq!((answer.status(), sent.len()), (Some(200), 0));
    }
    let active = reginfo(&request, 6, "state=\"active\" event=\"refreshed\" expires=\"1\"");
    assert!(notify(&mut world, &subscribe, 20, &active).1.is_empty());
    assert_eq!(world.state(rid), State::Registered);
    world.one_at(540_000);
}

#[test]
fn our_contact_under_another_address_of_record_is_not_our_binding() {
    for event in ["unregistered", "rejected", "deactivated", "expired"] {
        let (mut world, rid, request, subscribe) = subscribed();
        let own = reginfo(&request, 1, &format!("state=\"terminated\" event=\"{event}\""));
        let others = [
            own.replace("sip:alice@acme.test", "sip:bob@acme.test"),
            own.replace("sip:alice@acme.test", "sips:alice@acme.test"),
            own.replace("aor=\"sip:alice@acme.test\"", ""),
        ];
        for (cseq, other) in (1..).zip(&others) {
            let other = other.replace("version=\"1\"", &format!("version=\"{cseq}\""));
            let (answer, sent) = notify(&mut world, &subscribe, cseq, &other);
            assert_eq!((answer.status(), sent.len()), (Some(200), 0));
            assert_eq!(world.state(rid), State::Registered, "{other}");
        }
        // Parameters are none of an address-of-record, and the host is compared without case.
        let same = own.replace("sip:alice@acme.test", "sip:alice@ACME.test;user=phone");
        notify(&mut world, &subscribe, 4, &same.replace("version=\"1\"", "version=\"4\""));
        assert_eq!(world.state(rid), State::Unregistered);
    }
}

#[test]
fn a_notify_of_somebody_else_is_refused_and_changes_nothing() {
    let (mut world, rid, request, subscribe) = subscribed();
    let body = reginfo(&request, 1, "state=\"terminated\" event=\"deactivated\"");
    let mut forged = subscribe.clone();
    forged.set("From", "<sip:alice@acme.test>;tag=guessed");
    notify_text(&mut world, &forged, 1, "active", &body);
    let sent = world.run_to(60_000);
    assert!(sent.iter().all(|(_, one)| one.status().is_some_and(|status| status >= 400)));
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_response_under_way_says_more_than_a_document() {
    let (mut world, rid, request, subscribe) = subscribed();
    let refresh = world.one_at(540_000);
    let body = reginfo(&request, 1, "state=\"terminated\" event=\"expired\"");
    assert!(notify(&mut world, &subscribe, 1, &body).1.is_empty());
    world.grant(&refresh, 600);
    assert_eq!(world.states(rid), [State::Registered]);
}

#[test]
fn the_subscription_is_refreshed_before_its_end_and_made_anew_after_it() {
    let mut world = World::new();
    let (rid, request) = world.managed_registered(600, |options| options.reg_event = true);
    let subscribe = world.one();
    world.answer(&subscribe, "200 OK", &["Expires: 100", "Contact: <sip:reg@192.0.2.1>"]);
    let again = world.one_at(90_000);
    assert_eq!(again.start(), "SUBSCRIBE sip:reg@192.0.2.1 SIP/2.0");
    assert_eq!(again.get("Event"), Some("reg"));
    world.answer(&again, "200 OK", &["Expires: 3761"]);
    let body = reginfo(&request, 0, "state=\"active\" event=\"registered\"");
    let state = "terminated;reason=timeout";
    assert!(notify_with(&mut world, &subscribe, 1, state, &body).1.is_empty());
    assert_eq!(world.state(rid), State::Registered);
    let refresh = world.one_at(540_000);
    world.grant(&refresh, 600);
    assert_eq!(world.one().method(), Some("SUBSCRIBE"));
    assert!(world.events().is_empty());
}

#[test]
fn a_registrar_without_the_event_is_not_asked_again() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |options| options.reg_event = true);
    let subscribe = world.one();
    world.answer(&subscribe, "489 Bad Event", &[]);
    for n in 1..4 {
        let refresh = world.one_at(n * 540_000);
        world.grant(&refresh, 600);
        assert!(world.sent().is_empty());
    }
    assert_eq!(world.state(rid), State::Registered);
    assert!(world.events().is_empty());
}

#[test]
fn a_program_that_wants_no_binding_hears_no_more_of_it() {
    let (mut world, rid, request, subscribe) = subscribed();
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let removal = world.one();
    assert_eq!((removal.method(), removal.get("Expires")), (Some("REGISTER"), Some("0")));
    let body = reginfo(&request, 1, "state=\"terminated\" event=\"unregistered\"");
    let (answer, sent) = notify(&mut world, &subscribe, 1, &body);
    assert_eq!((answer.status(), sent.len()), (Some(481), 0));
    world.answer(&removal, "200 OK", &[]);
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    assert_eq!(world.state(rid), State::Terminated);
    world.quiet_to(8_000_000);
    assert!(world.events().is_empty());
    assert_eq!(world.agent.poll_timeout(), None, "nothing is kept");
}

#[test]
fn the_program_cannot_touch_the_subscription() {
    let (mut world, _, _, _) = subscribed();
    let now = world.now();
    for id in 1..20 {
        assert_eq!(world.agent.remove_subscription(now, id), Err(Refusal::NotFound));
        assert_eq!(world.agent.build_subscription_refresh(now, id).err(), Some(Refusal::NotFound));
    }
}

#[test]
fn a_subscribe_without_an_answer_is_tried_again_with_the_next_refresh() {
    let mut world = World::new();
    world.managed_registered(600, |options| options.reg_event = true);
    assert_eq!(world.one().method(), Some("SUBSCRIBE"));
    let sent = world.run_to(540_000);
    let refresh = sent.into_iter().rfind(|(_, one)| one.method() == Some("REGISTER")).unwrap().1;
    world.grant(&refresh, 600);
    assert_eq!(world.one().method(), Some("SUBSCRIBE"));
    assert!(world.events().is_empty());
}

#[test]
fn the_late_answer_to_a_subscribe_is_no_event_once_all_is_over() {
    for status in ["503 Service Unavailable", "200 OK", "401 Unauthorized", ""] {
        let mut world = World::new();
        let (rid, _) = world.managed_registered(600, |options| options.reg_event = true);
        let subscribe = world.one();
        assert_eq!(subscribe.method(), Some("SUBSCRIBE"));
        world.agent.registerer_dispose(world.now(), rid).unwrap();
        let removal = world.one();
        world.answer(&removal, "200 OK", &[]);
        assert_eq!(world.state(rid), State::Terminated);
        if !status.is_empty() {
            world.answer(&subscribe, status, &["Expires: 60", "Contact: <sip:reg@192.0.2.1>"]);
        }
        world.run_to(8_000_000);
        assert!(world.events().is_empty(), "{status}");
        assert_eq!(world.agent.poll_timeout(), None, "nothing is kept");
    }
}

#[test]
fn the_late_answer_to_a_refresh_is_no_event_once_another_is_subscribed_to() {
    for is_disposed in [false, true] {
        let mut world = World::new();
        let (rid, request) = world.managed_registered(600, |options| options.reg_event = true);
        let subscribe = world.one();
        world.answer(&subscribe, "200 OK", &["Expires: 100", "Contact: <sip:reg@192.0.2.1>"]);
        let again = world.one_at(90_000);
        assert_eq!(again.get("Event"), Some("reg"));
        // The subscription ends while its refresh awaits the response.
        let body = reginfo(&request, 0, "state=\"active\" event=\"registered\"");
        notify_with(&mut world, &subscribe, 1, "terminated;reason=timeout", &body);
        if is_disposed {
            world.agent.registerer_dispose(world.now(), rid).unwrap();
        } else {
            world.agent.registerer_register(world.now(), rid).unwrap();
        }
        let register = world.one();
        assert_eq!(register.method(), Some("REGISTER"));
        if is_disposed {
            world.answer(&register, "200 OK", &[]);
        } else {
            world.grant(&register, 600);
            assert_eq!(world.one().method(), Some("SUBSCRIBE"));
        }
        world.answer(&again, "503 Service Unavailable", &[]);
        world.run_to(200_000);
        assert!(world.events().is_empty(), "disposed: {is_disposed}");
    }
}
