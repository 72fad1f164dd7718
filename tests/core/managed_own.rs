//! Which binding in a 2xx is ours: odd responses of registrars, case by case. The refresh shows
//! what was believed.

use crate::common::{World, param};
use register::agent::RegistererEventKind;
use register::registration::policy::managed::{KnownBy as Known, RegistererState as State};

/// Contact URI of `request`, without its brackets.
fn uri(request: &register::sip::Draft) -> String {
    let contact = request.get("Contact").unwrap();
    contact[contact.find('<').unwrap() + 1..contact.find('>').unwrap()].to_owned()
}

/// Answers a first REGISTER for 600 s with 200 and these lines (`OWN` stands for our Contact URI,
/// `INSTANCE` for its parameter);
/// what was granted, by what it was known, and when the refresh comes.
fn answered(status: &str, lines: &[&str]) -> (u32, Known, Option<u64>) {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| options.instance = Some(UUID.into()));
    let instance = format!("+sip.instance=\"<urn:uuid:{UUID}>\"");
    let lines: Vec<String> = lines
        .iter()
        .map(|line| line.replace("OWN", &uri(&request)).replace("INSTANCE", &instance))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    world.answer(&request, status, &lines);
    assert!(world.sent().is_empty());
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    let next = info.next.map(|next| next.as_secs());
    (info.granted, info.known.unwrap(), next)
}

const UUID: &str = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

#[test]
fn the_contacts_expires_beats_the_header() {
    assert_eq!(
        answered("200 OK", &["Contact: <OWN>;expires=75", "Expires: 65"]),
        (75, Known::Line, Some(67))
    );
}

#[test]
fn more_bindings_in_the_answer_do_not_confuse() {
    let foreign = "Contact: <sip:other@198.51.100.1:5090>;expires=70";
    assert_eq!(answered("200 OK", &[foreign, "Contact: <OWN>;expires=75"]).0, 75);
    assert_eq!(answered("200 OK", &["Contact: <OWN>;expires=75", foreign]).0, 75);
    assert_eq!(
        answered(
            "200 OK",
            &["Contact: <sip:x@198.51.100.1>;expires=70, <OWN>;expires=75, <sip:y@198.51.100.1>"]
        )
        .0,
        75
    );
}

#[test]
fn instance_and_reg_id_win_over_everything() {
    let lines = [
        "Contact: <sip:alice@203.0.113.9:4444>;INSTANCE;reg-id=1;expires=75",
        "Contact: <OWN>;expires=70",
        "Expires: 65",
    ];
    assert_eq!(answered("200 OK", &lines), (75, Known::Instance, Some(67)));
    // An instance is compared without case.
    let upper = format!("+sip.instance=\"<URN:UUID:{}>\"", UUID.to_uppercase());
    let line =
        format!("Contact: <sip:a@203.0.113.9>;{upper};expires=75, <sip:x@198.51.100.1>;expires=70");
    assert_eq!(answered("200 OK", &[&line]), (75, Known::Instance, Some(67)));
    // Another flow of ours is another binding.
    let other = "Contact: <sip:a@203.0.113.9>;INSTANCE;reg-id=2;expires=70, <sip:x@198.51.100.1>;expires=71";
    assert_eq!(answered("200 OK", &[other, "Expires: 65"]), (65, Known::Header, Some(58)));
    let lines = [
        "Contact: <sip:alice@203.0.113.9:4444>;INSTANCE;reg-id=2;expires=70",
        "Contact: <OWN>;INSTANCE;reg-id=1;expires=75",
    ];
    assert_eq!(answered("200 OK", &lines).0, 75);
}

#[test]
fn the_registrar_modifies_our_contact_and_adds_bindings() {
    // The host is another, the `line` is ours.
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    let moved = uri(&request).replace("192.0.2.99:5070", "203.0.113.9:4444");
    let line = format!("Contact: <sip:x@198.51.100.1>;expires=70, <{moved}>;expires=75");
    world.answer(&request, "200 OK", &[&line]);
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!((info.granted, info.known), (75, Some(Known::Line)));
}

#[test]
fn the_registrar_replaces_our_contact_and_its_parameters_are_lost() {
    assert_eq!(
        answered("202 Accepted", &["Contact: <sip:somebody@198.51.100.1>;expires=75"]),
        (75, Known::Alone, Some(67))
    );
}

#[test]
fn the_registrar_replaces_our_contact_and_adds_bindings() {
    let lines = [
        "Contact: <sip:x@198.51.100.1>;expires=75, <sip:y@198.51.100.2>;expires=70",
        "Expires: 65",
    ];
    assert_eq!(answered("200 OK", &lines), (65, Known::Header, Some(58)));
}

#[test]
fn no_contact_but_expires() {
    assert_eq!(answered("200 OK", &["Expires: 65"]), (65, Known::Header, Some(58)));
}

#[test]
fn neither_contact_nor_expires() {
    assert_eq!(answered("200 OK", &[]), (600, Known::Asked, Some(540)));
}

#[test]
fn our_contact_without_expires_takes_the_header_and_then_what_was_asked() {
    assert_eq!(answered("200 OK", &["Contact: <OWN>", "Expires: 65"]), (65, Known::Line, Some(58)));
    assert_eq!(answered("200 OK", &["Contact: <OWN>"]), (600, Known::Line, Some(540)));
    assert_eq!(answered("200 OK", &["Contact: <OWN>;expires=soon", "Expires: 65"]).0, 65);
}

#[test]
fn a_quoted_expires_is_a_number_all_the_same() {
    assert_eq!(answered("200 OK", &["Contact: <OWN>;expires=\"75\""]).0, 75);
}

#[test]
fn more_than_was_asked_is_believed_but_not_relied_on() {
    assert_eq!(
        answered("200 OK", &["Contact: <OWN>;expires=7200"]),
        (7200, Known::Line, Some(540))
    );
}

#[test]
fn our_contact_with_expires_0_is_no_binding_and_no_burst() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    let line = format!("Contact: <{}>;expires=0", uri(&request));
    world.answer(&request, "200 OK", &[&line]);
    assert_eq!(world.registerer_events(rid), [RegistererEventKind::Rejected], "it is no success");
    assert_eq!(world.state(rid), State::Unregistered);
    let counters = world.agent.registerer_info(world.now(), rid).unwrap().counters;
    assert_eq!((counters.accepted, counters.rejected), (0, 1));
    assert!(
        world.explain(rid).contains("the server listed our Contact as expired; trying again in")
    );
    world.quiet_to(29_000);
}

#[test]
fn an_old_address_with_our_line_does_not_count() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    let own = uri(&request);
    let old = own.replace("192.0.2.99:5070", "203.0.113.9:4444");
    world.answer(&request, "200 OK", &[&format!("Contact: <{old}>;expires=5, <{own}>;expires=75")]);
    assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().granted, 75);
}

#[test]
fn several_contacts_of_ours_last_as_long_as_the_shortest() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| {
        options.contacts =
            vec!["<sip:a@192.0.2.99:5070>".into(), "<sip:b@192.0.2.99:5070>;q=0.5".into()];
    });
    assert_eq!(
        request.get("Contact"),
        Some("<sip:a@192.0.2.99:5070;ob>, <sip:b@192.0.2.99:5070;ob>;q=0.5")
    );
    let line =
        "Contact: <sip:a@192.0.2.99:5070;ob>;expires=80, <sip:b@192.0.2.99:5070;ob>;expires=60";
    world.answer(&request, "200 OK", &[line]);
    assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().granted, 60);
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    assert_eq!(
        world.one().get("Contact"),
        Some("<sip:a@192.0.2.99:5070;ob>;expires=0, <sip:b@192.0.2.99:5070;ob>;q=0.5;expires=0")
    );
}

#[test]
fn what_is_added_to_a_contact_uri_stands_before_its_headers() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| {
        options.contacts = vec!["<sip:a?b@192.0.2.99:5070;x=1?Subject=hi>;q=0.4".into()];
        options.instance = Some(UUID.into());
    });
    let contact = request.get("Contact").unwrap();
    assert!(
        contact.starts_with("<sip:a?b@192.0.2.99:5070;x=1;ob?Subject=hi>;q=0.4;+sip.instance="),
        "{contact}"
    );
}

#[test]
fn a_tel_contact_is_registered_as_it_is() {
    let mut world = World::new();
    let (rid, request) =
        world.managed_register(|options| options.contacts = vec!["<tel:+1234>".into()]);
    assert_eq!(request.get("Contact"), Some("<tel:+1234>"));
    world.grant(&request, 60);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn what_a_2xx_says_besides_can_be_asked_for_at_any_time() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    let own = request.get("Contact").unwrap().to_owned();
    world.answer(
        &request,
        "200 OK",
        &[
            "Contact: <sip:other@198.51.100.1>;expires=70",
            &format!(
                "Contact: {own};expires=75;pub-gruu=\"sip:alice@acme.test;gr=urn:uuid:1\";temp-gruu=\"sip:tgruu.7hs@acme.test;gr\""
            ),
            "Service-Route: <sip:p2.acme.test;lr>, <sip:p3.acme.test;lr>",
            "P-Associated-URI: <sip:alice@acme.test>, <tel:+1234>",
            "Path: <sip:p1.acme.test;lr>",
        ],
    );
    world.quiet_to(60_000);
    let facts = world.agent.registerer_info(world.now(), rid).unwrap().facts;
    assert_eq!(facts.contacts.len(), 2);
    assert!(facts.own.unwrap().starts_with(&own));
    assert_eq!(facts.service_route, ["<sip:p2.acme.test;lr>", "<sip:p3.acme.test;lr>"]);
    assert_eq!(facts.associated, ["<sip:alice@acme.test>", "<tel:+1234>"]);
    assert_eq!(facts.path, ["<sip:p1.acme.test;lr>"]);
    assert_eq!(facts.public_gruu.as_deref(), Some("sip:alice@acme.test;gr=urn:uuid:1"));
    assert_eq!(facts.temporary_gruu.as_deref(), Some("sip:tgruu.7hs@acme.test;gr"));
    // A GRUU is never registered, nor is the Service-Route a way for a REGISTER.
    let refresh = world.one_at(67_500);
    assert!(!refresh.get("Contact").unwrap().contains("gr"), "{:?}", refresh.get("Contact"));
    assert_eq!(refresh.get("Route"), None);
}

#[test]
fn outbound_refused_by_the_first_hop_is_tried_without() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    assert!(request.get("Contact").unwrap().contains(";reg-id=1"));
    world.answer(&request, "439 First Hop Lacks Outbound Support", &[]);
    let again = world.one();
    let contact = again.get("Contact").unwrap();
    assert!(
        !contact.contains("reg-id")
            && !contact.contains(";ob")
            && contact.contains("+sip.instance")
    );
    assert_eq!(again.get("Supported"), Some("path, gruu"));
    world.answer(&again, "439 First Hop Lacks Outbound Support", &[]);
    assert_eq!(world.state(rid), State::Unregistered, "once is enough");
}

#[test]
fn push_parameters_are_in_the_contact_uri_and_a_555_drops_them() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| {
        options.push = Some(Box::new(register::registration::policy::managed::Push {
            provider: "fcm".into(),
            prid: "ab:cd".into(),
            param: "acme".into(),
        }));
    });
    assert!(uri(&request).ends_with(";pn-provider=fcm;pn-prid=ab:cd;pn-param=acme"));
    // RFC 8599 section 4.1: in a REGISTER, and in nothing else.
    for method in ["OPTIONS", "MESSAGE", "SUBSCRIBE"] {
        let to = "sip:bob@192.0.2.1";
        let ask =
            register::agent::OutOfDialog { method, to, from: "sip:alice@acme.test", route: "" };
        let text = String::from_utf8(world.agent.build_request(ask).unwrap()).unwrap();
        assert!(!text.contains("pn-"), "{text}");
    }
    world.answer(&request, "555 Push Notification Service Not Supported", &[]);
    let again = world.one();
    assert!(!again.get("Contact").unwrap().contains("pn-"));
    world.grant(&again, 600);
    assert!(world.agent.registerer_info(world.now(), rid).unwrap().push_refused);
}

#[test]
fn a_security_agreement_is_made_when_the_server_demands_one() {
    let mut world = World::new();
    let (rid, request) =
        world.managed_register(|options| options.security = "digest;d-alg=md5".into());
    // RFC 3329 section 2.3.1: both are there from the first request on, so that no proxy ignores
    // the offer.
    assert_eq!(request.get("Security-Client"), Some("digest;d-alg=md5"));
    assert_eq!(request.get("Require"), Some("sec-agree"));
    assert_eq!(request.get("Proxy-Require"), Some("sec-agree"));
    assert_eq!(request.get("Security-Verify"), None);
    world.answer(
        &request,
        "494 Security Agreement Required",
        &["Security-Server: digest;q=0.2, tls;q=0.1"],
    );
    let again = world.one();
    assert_eq!(again.get("Security-Verify"), Some("digest;q=0.2, tls;q=0.1"));
    assert_eq!(again.get("Require"), Some("sec-agree"));
    assert_eq!(again.get("Proxy-Require"), Some("sec-agree"));
    world.answer(&again, "494 Security Agreement Required", &["Security-Server: digest;q=0.3"]);
    assert!(world.sent().is_empty(), "no loop");
    assert_eq!(world.state(rid), State::Unregistered);
}

#[test]
fn a_registrar_without_the_wanted_security_agreement_is_a_failure() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| {
        options.security = "digest".into();
        options.fatal_retry = 0;
    });
    world.answer(&request, "420 Bad Extension", &["Unsupported: sec-agree"]);
    world.quiet_to(36_000_000);
    assert_eq!(
        world.explain(rid),
        "420 Bad Extension from 192.0.2.1:5060: the server lacks the extension sec-agree; not trying again by itself"
    );
}

#[test]
fn a_redirection_is_followed_only_when_the_option_allows_it() {
    let to = "Contact: <sip:192.0.2.50:5080>";
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| options.fatal_retry = 0);
    world.answer(&request, "302 Moved Temporarily", &[to]);
    world.quiet_to(36_000_000);
    assert_eq!(
        world.explain(rid),
        "302 Moved Temporarily from 192.0.2.1:5060: redirections are not followed; not trying again by itself"
    );
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| options.redirects = true);
    world.answer(&request, "302 Moved Temporarily", &[to]);
    let again = world.one();
    assert_eq!(again.start(), "REGISTER sip:192.0.2.50:5080 SIP/2.0");
    world.grant(&again, 600);
    assert_eq!(world.one_at(540_000).start(), again.start());
}

#[test]
fn redirections_end_after_three() {
    let mut world = World::new();
    let (_, mut request) = world.managed_register(|options| options.redirects = true);
    for n in 0..3 {
        world.answer(
            &request,
            "302 Moved Temporarily",
            &[&format!("Contact: <sip:192.0.2.{}>", 50 + n)],
        );
        request = world.one();
    }
    world.answer(&request, "302 Moved Temporarily", &["Contact: <sip:192.0.2.60>"]);
    assert!(world.sent().is_empty());
}

#[test]
fn credentials_do_not_follow_a_redirection_to_another_realm() {
    let challenge = |realm: &str| {
        format!("WWW-Authenticate: Digest realm=\"{realm}\", nonce=\"n\", qop=\"auth\"")
    };
    for (asked, answered) in [("acme", true), ("evil", false)] {
        let mut world = World::with_alice();
        let (rid, request) = world.managed_register(|options| options.redirects = true);
        world.answer(&request, "401 Unauthorized", &[&challenge("acme")]);
        let proven = world.one();
        world.answer(&proven, "302 Moved Temporarily", &["Contact: <sip:192.0.2.50:5080>"]);
        let there = world.one();
        assert_eq!(there.get("Authorization"), None, "no proof goes along");
        world.answer(&there, "401 Unauthorized", &[&challenge(asked)]);
        let next = world.sent();
        assert_eq!(next.len(), usize::from(answered));
        if answered {
            assert_eq!(
                param(next[0].get("Authorization").unwrap(), "realm").as_deref(),
                Some("acme")
            );
        } else {
            assert!(world.explain(rid).contains("asks in realm \"evil\", which is not ours"));
        }
    }
}
