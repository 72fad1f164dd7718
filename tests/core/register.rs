//! The texts of REGISTERs: what build gives, what send keeps, what goes out.

use crate::answers::names;
use crate::common::{World, addr};
use register::agent::{EventKind, InitialRegister, Masquerade, Refusal};
use register::sip::Draft;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const ALICE: InitialRegister<'_> = InitialRegister {
    from: "sip:alice@acme.test",
    proxy: "sip:192.0.2.1",
    contact: None,
    expires: 3600,
    q: None,
};

#[test]
fn the_built_message_has_placeholders_and_the_sent_one_addresses() {
    let mut world = World::new();
    let (rid, built) = world.build(3600);
    assert_eq!(rid, 1);
    let built_text = text(&built);
    assert!(built_text.contains("Via: SIP/2.0/UDP 999.999.999.999:99999;rport;branch=z9hG4bK"));
    assert!(built_text.contains("Contact: <sip:alice@999.999.999.999:99999;line="));
    assert!(world.raw_sent().is_empty(), "building sends nothing");
    world.send(rid, &built);
    let sent = world.one();
    assert_eq!(sent.start(), "REGISTER sip:192.0.2.1 SIP/2.0");
    assert_eq!(names(&sent), "Via From To Call-ID CSeq Contact Max-Forwards User-Agent Expires");
    assert!(
        sent.get("Via").unwrap().starts_with("SIP/2.0/UDP 192.0.2.99:5070;rport;branch=z9hG4bK")
    );
    assert!(sent.get("Contact").unwrap().starts_with("<sip:alice@192.0.2.99:5070;line="));
    assert!(sent.get("From").unwrap().starts_with("<sip:alice@acme.test>;tag="));
    assert_eq!(sent.get("To"), Some("<sip:alice@acme.test>"));
    assert_eq!(sent.get("CSeq"), Some("1 REGISTER"));
    assert_eq!(sent.get("Expires"), Some("3600"));
    let line = sent.get("Contact").unwrap().split("line=").nth(1).unwrap().trim_end_matches('>');
    assert!(
        line.len() == 15 && line.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
    );
}

#[test]
fn a_refresh_has_the_same_call_id_and_tag_the_next_cseq_and_a_new_branch() {
    let mut world = World::new();
    let (rid, first) = world.registered(3600);
    let refresh = world.agent.build_register(rid, 1800).unwrap();
    let built = text(&refresh);
    assert!(built.contains("SIP/2.0/UDP 999.999.999.999:99999"), "Via has its placeholder again");
    assert!(built.contains("Contact: <sip:alice@192.0.2.99:5070;line="), "Contact is known");
    world.send(rid, &refresh);
    let second = world.one();
    for same in ["Call-ID", "From", "To", "Contact"] {
        assert_eq!(first.get(same), second.get(same));
    }
    assert_eq!(second.get("CSeq"), Some("2 REGISTER"));
    assert_eq!(second.get("Expires"), Some("1800"));
    assert_ne!(first.get("Via"), second.get("Via"));
}

#[test]
fn headers_of_the_application_stay_in_refreshes() {
    let mut world = World::new();
    let (rid, built) = world.build(3600);
    let mut draft = Draft::parse(&built).unwrap();
    draft.push("X-Door", "front");
    draft.set("User-Agent", "Door/1");
    world.send(rid, &draft.to_bytes());
    let first = world.one();
    world.grant(&first, 3600);
    let now = world.now();
    world.agent.send_register(now, rid, None).unwrap();
    let second = world.one();
    assert_eq!(second.get("X-Door"), Some("front"));
    assert_eq!(second.get("User-Agent"), Some("Door/1"));
}

#[test]
fn unregister_is_expires_0_in_both_places_and_ends_the_registration() {
    let mut world = World::new();
    let (rid, _) = world.registered(3600);
    let text = world.agent.build_register(rid, 0).unwrap();
    world.send(rid, &text);
    let bye = world.one();
    assert_eq!(bye.get("Expires"), Some("0"));
    assert!(bye.get("Contact").unwrap().ends_with(">;expires=0"));
    world.answer(&bye, "200 OK", &[]);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    assert_eq!(world.agent.build_register(rid, 60), Err(Refusal::NotFound), "the rid is dead");
    assert!(world.at(1_000_000).automatic().is_empty());
}

#[test]
fn an_unregistration_that_fails_is_forgotten_after_75_s() {
    let mut world = World::new();
    let (rid, _) = world.registered(3600);
    let text = world.agent.build_register(rid, 0).unwrap();
    world.send(rid, &text);
    let bye = world.one();
    world.answer(&bye, "500 No", &[]);
    assert_eq!(world.event().kind, EventKind::RegistrationFailure);
    world.at(74_999);
    assert!(world.agent.build_register(rid, 0).is_ok(), "it may be tried again");
    world.at(75_000);
    assert_eq!(world.agent.build_register(rid, 0), Err(Refusal::NotFound));
}

#[test]
fn contact_is_explicit_star_empty_or_of_the_first_element() {
    let sent = |contact| {
        let mut world = World::new();
        let (rid, text) = world.build_with(InitialRegister { contact: Some(contact), ..ALICE });
        world.send(rid, &text);
        world.one().get("Contact").map(str::to_owned)
    };
    assert_eq!(sent("<sip:bob@9.8.7.6:5070>").as_deref(), Some("<sip:bob@9.8.7.6:5070>"));
    assert_eq!(sent("sip:bob@9.8.7.6;q=0.1, sip:c@d").as_deref(), Some("sip:bob@9.8.7.6;q=0.1"));
    assert_eq!(sent("*").as_deref(), Some("*"));
    assert_eq!(sent(""), None);
}

#[test]
fn expires_is_sent_as_asked_and_negative_is_0() {
    for (asked, sent) in [(3600, "3600"), (5, "5"), (0, "0"), (-7, "0"), (i32::MAX, "2147483647")] {
        let mut world = World::new();
        let (_, request) = world.register(asked);
        assert_eq!(request.get("Expires"), Some(sent));
    }
}

#[test]
fn bad_texts_are_refused_and_change_nothing() {
    let mut world = World::new();
    let mut refused = |from, proxy| {
        world.agent.build_initial_register(9, InitialRegister { from, proxy, ..ALICE }).unwrap_err()
    };
    assert_eq!(refused("", "sip:192.0.2.1"), Refusal::BadParameter);
    assert_eq!(refused("sip:a@b", ""), Refusal::BadParameter);
    for from in ["no scheme", "sip:", "sip:a@b:99999", "<sip:a@b", "sip:a@b:port"] {
        assert!(matches!(refused(from, "sip:192.0.2.1"), Refusal::Syntax(_)), "{from}");
    }
    for proxy in [
        "192.0.2.1",
        "<sip:192.0.2.1>",
        "Proxy sip:192.0.2.1",
        "sip:192.0.2.1?x=y",
        "sip:192.0.2.1:70000",
    ] {
        assert!(matches!(refused("sip:a@b", proxy), Refusal::Syntax(_)), "{proxy}");
    }
    assert_eq!(world.agent.statistics().registrations, 0);
    world.agent.set_listening(None);
    assert_eq!(world.agent.build_initial_register(1, ALICE), Err(Refusal::NoNetwork));
}

#[test]
fn codes_for_rids_and_pending_requests() {
    let mut world = World::new();
    let (rid, first) = world.register(3600);
    let now = world.now();
    for bad in [0, -1] {
        assert_eq!(world.agent.build_register(bad, 60), Err(Refusal::BadParameter));
        assert_eq!(world.agent.send_register(now, bad, None), Err(Refusal::BadParameter));
        assert_eq!(world.agent.remove(bad), Err(Refusal::BadParameter));
    }
    assert_eq!(world.agent.build_register(77, 60), Err(Refusal::NotFound));
    assert_eq!(world.agent.remove(77), Err(Refusal::NotFound));
    assert_eq!(world.agent.build_register(rid, 0), Err(Refusal::WrongState));
    assert_eq!(world.agent.send_register(now, rid, None), Err(Refusal::WrongState));
    world.grant(&first, 3600);
    assert!(world.agent.build_register(rid, 60).is_ok(), "a refused unregister changed nothing");
}

#[test]
fn what_cannot_be_sent_is_refused_and_the_registration_stays_usable() {
    let mut world = World::new();
    let (rid, built) = world.build(60);
    let now = world.now();
    let without = |name| {
        let mut draft = Draft::parse(&built).unwrap();
        draft.remove(name);
        draft.to_bytes()
    };
    assert_eq!(
        world.agent.send_register(now, rid, Some(&without("Call-ID"))),
        Err(Refusal::BadParameter)
    );
    for name in ["Via", "From", "To", "CSeq"] {
        let refused = world.agent.send_register(now, rid, Some(&without(name)));
        assert!(matches!(refused, Err(Refusal::Syntax(_))), "{name}");
    }
    assert!(world.agent.send_register(now, rid, Some(b"\xff\xff")).is_err());
    world.send(rid, &built);
    world.one();
}

#[test]
fn a_removed_registration_gives_no_events() {
    let mut world = World::new();
    let (rid, first) = world.register(60);
    assert_eq!(world.agent.remove(rid), Ok(()));
    assert_eq!(world.at(500).one(), first, "the request is retransmitted");
    world.grant(&first, 60);
    assert!(world.events().is_empty());
    assert!(world.run_to(10_000).is_empty());
    assert_eq!(world.agent.statistics().transactions, 0);
}

#[test]
fn from_keeps_name_and_parameters_and_its_uri_headers_are_sent() {
    let mut world = World::new();
    let from = "\"Alice A\" <sip:alice@acme.test;x=1?Route=%3Csip:192.0.2.7%3Blr%3E&X-Hdr=1&Call-ID=9&Evil=a%0d%0ab>;p=2";
    world.agent.settings_mut().remove_route = false;
    let (rid, text) = world.build_with(InitialRegister { from, ..ALICE });
    world.send(rid, &text);
    let (to, bytes) = world.raw_sent().remove(0);
    let sent = Draft::parse(&bytes).unwrap();
    assert!(
        sent.get("From").unwrap().starts_with("\"Alice A\" <sip:alice@acme.test;x=1>;p=2;tag=")
    );
    assert_eq!(sent.get("To"), Some("\"Alice A\" <sip:alice@acme.test;x=1>;p=2"));
    assert_eq!(sent.get("Route"), Some("<sip:192.0.2.7;lr>"));
    assert_eq!(sent.get("X-Hdr"), Some("1"));
    assert_eq!(sent.get("Evil"), None);
    assert_eq!(to, addr("192.0.2.7:5060"), "a loose Route decides where it goes");
}

#[test]
fn a_loose_route_is_not_sent_by_default_but_decides() {
    let mut world = World::new();
    let (rid, built) = world.build(60);
    let mut draft = Draft::parse(&built).unwrap();
    draft.insert_after("Via", "Route", "<sip:192.0.2.7:5099;lr>");
    world.send(rid, &draft.to_bytes());
    let (to, bytes) = world.raw_sent().remove(0);
    assert_eq!(to, addr("192.0.2.7:5099"));
    let first = Draft::parse(&bytes).unwrap();
    assert_eq!(first.get("Route"), None);
    world.grant(&first, 60);
    assert!(world.event().kind == EventKind::RegistrationSuccess);
    let now = world.now();
    world.agent.send_register(now, rid, None).unwrap();
    let (to, bytes) = world.raw_sent().remove(0);
    assert_eq!(to, addr("192.0.2.7:5099"), "later ones go the same way");
    assert_eq!(Draft::parse(&bytes).unwrap().get("Route"), None);
}

#[test]
fn an_address_that_the_application_puts_into_the_automatic_contact_stays() {
    let mut world = World::new();
    let (rid, built) = world.build(600);
    let mut draft = Draft::parse(&built).unwrap();
    let contact = draft.get("Contact").unwrap().replace("999.999.999.999:99999", "10.9.8.7:6000");
    draft.set("Contact", contact.as_str());
    world.send(rid, &draft.to_bytes());
    let first = world.one();
    assert_eq!(first.get("Contact"), Some(contact.as_str()));
    world.grant(&first, 600);
    world.event();
    let now = world.now();
    world.agent.send_register(now, rid, None).unwrap();
    let second = world.one();
    assert_eq!(second.get("Contact"), Some(contact.as_str()), "in refreshes as well");
    world.grant(&second, 600);
    world.event();
    let (now, text) = (world.now(), world.agent.build_register(rid, 600).unwrap());
    world.agent.send_register(now, rid, Some(&text)).unwrap();
    assert_eq!(world.one().get("Contact"), Some(contact.as_str()), "and in those built by hand");
}

#[test]
fn userinfo_in_the_request_uri_stays_and_a_blank_is_escaped() {
    let mut world = World::new();
    let ask = InitialRegister {
        from: "sip: 1100@acme.test",
        proxy: "sip:34020000002000000001@192.0.2.1:5065;transport=udp;method=REGISTER",
        ..ALICE
    };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    let (to, bytes) = world.raw_sent().remove(0);
    let sent = Draft::parse(&bytes).unwrap();
    assert_eq!(
        sent.start(),
        "REGISTER sip:34020000002000000001@192.0.2.1:5065;transport=udp SIP/2.0"
    );
    assert_eq!(to, addr("192.0.2.1:5065"));
    assert!(
        sent.get("From").unwrap().starts_with("<sip:%201100@acme.test>"),
        "{:?}",
        sent.get("From")
    );
}

#[test]
fn maddr_overrides_the_host_of_the_request_uri() {
    let mut world = World::new();
    let (rid, text) =
        world.build_with(InitialRegister { proxy: "sip:acme.test:5062;maddr=192.0.2.3", ..ALICE });
    world.send(rid, &text);
    assert_eq!(world.raw_sent()[0].0, addr("192.0.2.3:5062"));
}

#[test]
fn the_contact_takes_display_name_instance_q_and_scheme() {
    let mut world = World::new();
    world.agent.settings_mut().contact_name = Some("Front Door".into());
    world.agent.settings_mut().instance =
        Some("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6".into());
    let (rid, text) =
        world.build_with(InitialRegister { from: "sips:alice@acme.test", q: Some("0.5"), ..ALICE });
    world.send(rid, &text);
    let contact = world.one().get("Contact").unwrap().to_owned();
    assert!(contact.starts_with("\"Front Door\" <sips:alice@192.0.2.99:5070;line="), "{contact}");
    assert!(
        contact
            .ends_with(">;q=0.5;+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>\"")
    );
}

#[test]
fn without_option_7_there_is_no_rport_and_none_over_ipv6() {
    let mut world = World::new();
    world.agent.settings_mut().rport = false;
    let (_, sent) = world.register(60);
    assert!(!sent.get("Via").unwrap().contains("rport"));

    let mut world = World::new();
    world.locals.push((addr("[2001:db8::1]:5060"), Ok(addr("[2001:db8::99]:5070"))));
    let (rid, text) = world.build_with(InitialRegister { proxy: "sip:[2001:db8::1]", ..ALICE });
    world.send(rid, &text);
    let sent = world.one();
    assert!(sent.get("Via").unwrap().starts_with("SIP/2.0/UDP [2001:db8::99]:5070;branch=z9hG4bK"));
    assert!(sent.get("Contact").unwrap().contains("@[2001:db8::99]:5070;line="));
}

#[test]
fn option_16_gives_a_date_as_of_sending() {
    let mut world = World::new();
    world.agent.settings_mut().date = true;
    let wall = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_289_687_346);
    world.agent.set_wall_clock(world.now(), wall);
    let (_, sent) = world.register(60);
    assert_eq!(sent.get("Date"), Some("Sat, 13 Nov 2010 22:29:06 GMT"));
}

#[test]
fn a_masqueraded_contact_has_the_public_address_and_via_its_port() {
    let mut world = World::new();
    world.agent.settings_mut().public_host = Some("1.2.3.4".into());
    world.agent.settings_mut().public_port = Some(7777);
    let (_, sent) = world.registered(60);
    assert!(sent.get("Contact").unwrap().contains("@1.2.3.4:7777;line="));
    assert!(sent.get("Via").unwrap().starts_with("SIP/2.0/UDP 192.0.2.99:7777;"));
    assert!(world.automatic().is_empty(), "it is not swapped for the local address");
}

/// The answer of a server that sees us at another address.
fn seen_at(request: &Draft, status: &str, seen: &str) -> Vec<u8> {
    let mut request = request.clone();
    let via = request.get("Via").unwrap().replace(";rport", &format!(";{seen}"));
    request.set("Via", via);
    let contact = format!("Contact: {};expires=3600", request.get("Contact").unwrap());
    crate::common::response(&request, status, &[&contact])
}

#[test]
fn a_nat_swaps_the_contact_in_one_register_with_automatic_action() {
    let mut world = World::new();
    let (_, first) = world.register(3600);
    world.receive(&seen_at(&first, "200 OK", "received=203.0.113.7;rport=40123"));
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    let swap = world.automatic_one();
    let contacts: Vec<_> =
        swap.headers().filter(|(name, _)| *name == "Contact").map(|(_, v)| v).collect();
    assert_eq!(contacts.len(), 2);
    assert!(contacts[0].contains("@203.0.113.7:40123;line="));
    assert_eq!(*contacts[1], format!("{};expires=0", first.get("Contact").unwrap()));
    assert_eq!(swap.get("Expires"), Some("3600"));
    world.receive(&seen_at(&swap, "200 OK", "received=203.0.113.7;rport=40123"));
    world.events();
    assert!(world.automatic().is_empty(), "once");
    world.at(900_000);
    let refresh = world.automatic_one();
    let contacts = refresh.headers().filter(|(name, _)| *name == "Contact").count();
    assert_eq!(contacts, 1, "the old one is gone");
}

#[test]
fn a_server_that_sees_us_elsewhere_each_time_causes_no_loop() {
    let mut world = World::new();
    let (_, mut request) = world.register(3600);
    for (round, sent) in [(1, 1), (2, 0)] {
        world.receive(&seen_at(
            &request,
            "200 OK",
            &format!("received=203.0.113.7;rport={}", 40_000 + round),
        ));
        world.events();
        let swaps = world.automatic();
        assert_eq!(swaps.len(), sent, "round {round}");
        if let Some(swap) = swaps.into_iter().next() {
            request = swap;
        }
    }
}

#[test]
fn an_address_learnt_from_the_challenge_is_in_the_answer_to_it() {
    let mut world = World::with_alice();
    let (_, first) = world.register(3600);
    let mut seen = first.clone();
    let via = first.get("Via").unwrap().replace(";rport", ";received=203.0.113.7;rport=40123");
    seen.set("Via", via);
    world.answer(&seen, "401 Unauthorized", &["WWW-Authenticate: Digest realm=\"r\", nonce=\"n\""]);
    let second = world.automatic_one();
    assert!(second.get("Contact").unwrap().contains("@203.0.113.7:40123"));
    assert!(!second.get("Contact").unwrap().contains("expires=0"), "nothing was bound before");
}

#[test]
fn an_explicit_contact_is_swapped_only_when_the_application_set_option_2() {
    for (masquerade, swaps) in
        [(Masquerade::Off, 0), (Masquerade::Automatic, 0), (Masquerade::Every, 1)]
    {
        let mut world = World::new();
        world.agent.settings_mut().masquerade = masquerade;
        let (rid, text) =
            world.build_with(InitialRegister { contact: Some("<sip:bob@9.8.7.6:5070>"), ..ALICE });
        world.send(rid, &text);
        let first = world.one();
        world.receive(&seen_at(&first, "200 OK", "received=203.0.113.7;rport=40123"));
        assert_eq!(world.automatic().len(), swaps, "{masquerade:?}");
    }
}

#[test]
fn keep_alives_go_to_each_registrar_every_17_s() {
    let mut world = World::new();
    world.agent.settings_mut().keep_alive = Some(std::time::Duration::from_secs(17));
    for _ in 0..3 {
        world.registered(3600);
    }
    assert!(world.at(16_999).raw_sent().is_empty());
    let pings = world.at(17_000).raw_sent();
    assert_eq!(
        pings,
        [(addr(crate::common::REGISTRAR), b"\r\n\r\n".to_vec())],
        "one for all three"
    );
    assert!(world.at(33_999).raw_sent().is_empty());
    assert_eq!(world.at(34_000).raw_sent().len(), 1);
    for rid in 1..=3 {
        world.agent.remove(rid).unwrap();
    }
    assert_eq!(world.agent.poll_timeout(), None, "nobody needs it any more");
}

#[test]
fn srv_records_are_asked_for_without_a_port_if_option_14_allows_it() {
    let asked = |proxy, on| {
        let mut world = World::new();
        world.agent.settings_mut().servers = on;
        let (rid, text) = world.build_with(InitialRegister { proxy, ..ALICE });
        world.send(rid, &text);
        world.raw_sent();
        world.servers_asked
    };
    assert!(asked("sip:acme.test", true));
    assert!(!asked("sip:acme.test:5060", true));
    assert!(!asked("sip:acme.test", false));
}
