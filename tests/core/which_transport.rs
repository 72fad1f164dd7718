//! Which transport a request goes by: that of the context for the eXosip calls, that of the
//! options, the URIs or the DNS for registrations that choose for themselves.

use crate::common::World;
use register::agent::{
    AddressFamilies, InitialRegister, Listening, RecordKind, Transmit, Transport, TransportError,
    TransportSet,
};
use register::registration::policy::managed::{ManagedOptions as Options, OptionsError};
use register::sip::Draft;

pub(super) const ALL: TransportSet = TransportSet { udp: true, tcp: true, tls: true };

/// A context that listens by `transport`, where all three are built in.
pub(super) fn context(transport: Transport) -> World {
    let mut world = World::new();
    world.agent.set_transports(ALL);
    let (local, families) = ("0.0.0.0:5070".parse().unwrap(), AddressFamilies::Both);
    world.agent.set_listening(Some(Listening { local, families, transport, contact_port: None }));
    world
}

/// What the agent wants to open first: by which transport, where, for which name.
fn opened(world: &mut World) -> Option<String> {
    while let Some(transmit) = world.agent.poll_transmit() {
        if let Transmit::Open { target, .. } = transmit {
            let name = target.tls_name.map(|name| format!(" as {name}")).unwrap_or_default();
            return Some(format!("{} {}{name}", target.transport.via(), target.remote));
        }
    }
    None
}

fn legacy(transport: Transport, proxy: &str, route: Option<&str>) -> (World, Option<String>) {
    let mut world = context(transport);
    let ask =
        InitialRegister { from: "sip:a@acme.test", proxy, contact: None, expires: 60, q: None };
    let (rid, text) = world.build_with(ask);
    let mut draft = Draft::parse(&text).unwrap();
    if let Some(route) = route {
        draft.push("Route", route);
    }
    world.send(rid, &draft.to_bytes());
    let opened = opened(&mut world);
    (world, opened)
}

#[test]
fn the_exosip_calls_go_by_the_transport_of_the_context() {
    use Transport::{Tcp, Tls, Udp};
    for (transport, proxy, target) in [
        (Udp, "sip:192.0.2.1;transport=tcp", "UDP 192.0.2.1:5060"),
        (Tcp, "sip:192.0.2.1", "TCP 192.0.2.1:5060"),
        (Tcp, "sip:192.0.2.1:5080;transport=udp", "TCP 192.0.2.1:5080"),
        (Tls, "sip:192.0.2.1", "TLS 192.0.2.1:5061 as 192.0.2.1"),
        (Tls, "sip:192.0.2.1:5060", "TLS 192.0.2.1:5061 as 192.0.2.1"),
        (Tls, "sips:192.0.2.1:5099", "TLS 192.0.2.1:5099 as 192.0.2.1"),
        (Tls, "sip:192.0.2.1;transport=tcp", "TLS 192.0.2.1:5061 as 192.0.2.1"),
    ] {
        let (_, opened) = legacy(transport, proxy, None);
        assert_eq!(opened.as_deref(), Some(target), "{proxy}");
    }
}

#[test]
fn a_transport_that_is_not_that_of_the_context_is_warned_of() {
    let (mut world, _) = legacy(Transport::Tcp, "sip:192.0.2.1;transport=tls", None);
    world.events();
    let words = "transport=tls is not supported: the request goes by TCP";
    assert_eq!(world.notes.iter().filter(|note| *note == words).count(), 1, "{:?}", world.notes);
    let (mut world, _) = legacy(Transport::Tcp, "sip:192.0.2.1;transport=TCP", None);
    world.events();
    assert!(world.notes.is_empty(), "{:?}", world.notes);
}

#[test]
fn sips_over_tcp_fails_at_once_and_nothing_is_opened() {
    for (proxy, route) in [("sips:192.0.2.1", None), ("sip:192.0.2.1", Some("<sips:192.0.2.2;lr>"))]
    {
        let (mut world, opened) = legacy(Transport::Tcp, proxy, route);
        assert_eq!(opened, None);
        assert!(world.event().text.contains("sips needs TLS"));
    }
}

fn own(context_of: Transport, change: impl FnOnce(&mut Options)) -> Option<String> {
    let mut world = context(context_of);
    let rid = world.managed(change);
    world.agent.registerer_register(world.now(), rid).unwrap();
    opened(&mut world)
}

#[test]
fn a_registration_chooses_by_options_route_registrar_and_port() {
    use Transport::{Tcp, Tls, Udp};
    for (transport, route, registrar, target) in [
        (None, "", "sip:192.0.2.1", "UDP 192.0.2.1:5060"),
        (None, "", "sip:192.0.2.1;transport=tcp", "TCP 192.0.2.1:5060"),
        (None, "", "sip:192.0.2.1;transport=TLS", "TLS 192.0.2.1:5061 as 192.0.2.1"),
        (None, "", "sips:192.0.2.1", "TLS 192.0.2.1:5061 as 192.0.2.1"),
        (None, "<sip:192.0.2.2>", "sips:192.0.2.1", "TLS 192.0.2.2:5061 as 192.0.2.2"),
        (None, "<sip:192.0.2.2>", "sip:192.0.2.1;transport=tcp", "TCP 192.0.2.2:5060"),
        (None, "<sip:192.0.2.2;transport=udp>", "sip:a.test;transport=tcp", "UDP 192.0.2.2:5060"),
        (Some(Tcp), "", "sip:192.0.2.1:5060;transport=udp", "TCP 192.0.2.1:5060"),
        (Some(Tls), "", "sip:192.0.2.1:5060", "TLS 192.0.2.1:5060 as 192.0.2.1"),
        (Some(Udp), "<sip:192.0.2.2;transport=tcp>", "sip:a.test", "UDP 192.0.2.2:5060"),
    ] {
        let opened = own(Udp, |options| {
            (options.transport, options.route) = (transport, route.into());
            options.registrar = registrar.into();
        });
        assert_eq!(opened.as_deref(), Some(target), "{route} {registrar}");
    }
    let registrar = |options: &mut Options| options.registrar = "sip:192.0.2.1".into();
    assert_eq!(own(Tcp, registrar).as_deref(), Some("TCP 192.0.2.1:5060"), "there is no UDP");
    let of_the_user = own(Udp, |options| {
        (options.aor, options.registrar) = ("<sip:a@192.0.2.7;transport=tcp>".into(), "".into());
    });
    assert_eq!(of_the_user.as_deref(), Some("TCP 192.0.2.7:5060"));
}

#[test]
fn a_domain_without_port_is_asked_which_transport_it_wants() {
    let mut world = context(Transport::Udp);
    let rid = world.managed(|options| options.registrar = "sip:acme.test".into());
    world.agent.registerer_register(world.now(), rid).unwrap();
    match world.agent.poll_transmit() {
        Some(Transmit::Query { name, kind: RecordKind::Naptr, .. }) => {
            assert_eq!(name, "acme.test")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_large_request_goes_by_tcp_where_the_server_takes_it_there() {
    let large = |options: &mut Options| {
        options.registrar = "sip:192.0.2.1".into();
        options.headers = vec![("X-Large".into(), "x".repeat(1300))];
    };
    let mut world = context(Transport::Udp);
    let rid = world.managed(large);
    world.agent.registerer_register(world.now(), rid).unwrap();
    let (flow, target) = world.opens();
    assert_eq!(target, "TCP 192.0.2.1:5060");
    world.at(100);
    world.failed(flow, TransportError::Refused);
    let request = world.one();
    assert!(request.get("Via").unwrap().starts_with("SIP/2.0/UDP 192.0.2.99:5070"));
    world.grant(&request, 600);
    // It is not asked again whether it takes connections for a while.
    world.at(30_000);
    world.agent.registerer_register(world.now(), rid).unwrap();
    let request = world.one();
    assert!(request.get("Via").unwrap().starts_with("SIP/2.0/UDP"));
    let by_udp = own(Transport::Udp, |options| {
        large(options);
        options.transport = Some(Transport::Udp);
    });
    assert_eq!(by_udp.as_deref(), Some("UDP 192.0.2.1:5060"), "who insists is obeyed");
}

#[test]
fn a_connection_needs_no_socket_of_its_family() {
    for (transport, registrar) in
        [(Some(Transport::Tcp), "sip:[2001:db8::1]"), (None, "sip:[2001:db8::1];transport=tcp")]
    {
        let mut world = context(Transport::Udp);
        let (local, families) = ("0.0.0.0:5070".parse().unwrap(), AddressFamilies::V4);
        let (by, contact_port) = (Transport::Udp, None);
        world.agent.set_listening(Some(Listening { local, families, transport: by, contact_port }));
        let rid = world.managed(|options| {
            (options.transport, options.registrar) = (transport, registrar.into());
        });
        world.agent.registerer_register(world.now(), rid).unwrap();
        assert_eq!(opened(&mut world).as_deref(), Some("TCP [2001:db8::1]:5060"), "{registrar}");
    }
}

#[test]
fn udp_needs_a_context_that_listens_on_it() {
    let mut world = context(Transport::Tcp);
    let rid = world.managed(|options| options.transport = Some(Transport::Udp));
    world.agent.registerer_register(world.now(), rid).unwrap();
    assert_eq!(opened(&mut world), None);
    let why = world.explain(rid);
    let words = "the REGISTER cannot be sent: the context does not listen on UDP; trying again";
    assert!(why.starts_with(words), "{why}");
}

#[test]
fn a_choice_that_cannot_be_had_is_refused_in_words() {
    let why = |transports, change: fn(&mut Options)| {
        let mut options = Options::new("sip:alice@acme.test");
        change(&mut options);
        options.checked(transports).err().map(|OptionsError(why)| why).unwrap_or_default()
    };
    let tls = |options: &mut Options| options.transport = Some(Transport::Tls);
    let words = "the transport TLS is not supported; there is UDP alone";
    assert_eq!(why(TransportSet::UDP, tls), words);
    assert_eq!(why(ALL, tls), "");
    let sips = |options: &mut Options| options.registrar = "sips:acme.test".into();
    let two = TransportSet { tls: false, ..ALL };
    let words = "the registrar \"sips:acme.test\": sips needs TLS; there are UDP and TCP";
    assert_eq!(why(two, sips), words);
    assert_eq!(why(ALL, sips), "");
    let both = |options: &mut Options| {
        (options.registrar, options.transport) = ("sips:acme.test".into(), Some(Transport::Tcp));
    };
    assert_eq!(why(ALL, both), "the registrar \"sips:acme.test\": sips needs TLS, not TCP");
}
