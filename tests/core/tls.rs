//! TLS as the core sees it: who shares a connection, and what a failure means.

use crate::common::World;
use crate::connections::FIRST;
use crate::which_transport::{ALL, context};
use register::agent::{
    InitialRegister, Rid, TlsError, TlsFailure, TlsSettings, Transmit, Transport, TransportError,
};
use register::registration::policy::managed::{ManagedOptions as Options, OptionsError};
use std::sync::Arc;

/// The connection to the server fails so, and nothing was sent before.
fn fail(world: &mut World, error: TlsError) {
    let (flow, _) = world.opens();
    let failure = TlsFailure { with: "192.0.2.1".into(), error };
    world.failed(flow, TransportError::Tls(Arc::new(failure)));
    assert!(world.raw_sent().is_empty());
}

fn over_tls(options: &mut Options) {
    options.registrar = "sip:192.0.2.1;transport=tls".into();
}

fn managed(error: TlsError, change: impl FnOnce(&mut Options)) -> (World, Rid) {
    let mut world = context(Transport::Udp);
    let rid = world.managed(|options| {
        over_tls(options);
        change(options);
    });
    world.agent.registerer_register(world.now(), rid).unwrap();
    fail(&mut world, error);
    (world, rid)
}

fn next_try(world: &World, rid: Rid) -> u64 {
    world.agent.registerer_info(world.now(), rid).unwrap().next.unwrap().as_secs()
}

#[test]
fn a_refused_certificate_is_a_final_failure_and_is_explained() {
    let (world, rid) = managed(TlsError::Expired(1_609_459_200), |_| {});
    let text = "TLS with 192.0.2.1: certificate expired on 2021-01-01: a certificate or a setting \
                has to change first";
    assert!(world.explain(rid).starts_with(text), "{}", world.explain(rid));
    assert!((1800..=3600).contains(&next_try(&world, rid)), "{}", next_try(&world, rid));
}

#[test]
fn a_program_may_give_refused_certificates_another_class() {
    let temporary = |options: &mut Options| {
        options.classes = vec![(408, register::agent::FailureClass::Temporary)];
    };
    let (world, rid) = managed(TlsError::PinDiffers, temporary);
    assert!(next_try(&world, rid) < 120, "{}", next_try(&world, rid));
}

#[test]
fn a_handshake_that_broke_is_tried_again_soon() {
    let (world, rid) = managed(TlsError::ClosedInHandshake, |_| {});
    let text = "TLS with 192.0.2.1: connection closed in the handshake; ";
    assert!(world.explain(rid).starts_with(text), "{}", world.explain(rid));
    assert!(next_try(&world, rid) < 120, "{}", next_try(&world, rid));
}

/// With TLS 1.3 the server refuses our certificate, or the want of one, after the connection is open
/// to us and the REGISTER sent.
fn refuse_late(world: &mut World) {
    let (flow, _) = world.opens();
    world.connected(flow, FIRST);
    world.one();
    let failure = TlsFailure { with: "192.0.2.1".into(), error: TlsError::CertificateRequired };
    world.failed(flow, TransportError::Tls(Arc::new(failure)));
}

#[test]
fn a_refusal_after_the_request_was_sent_is_not_tried_again_as_a_lost_connection_is() {
    let mut world = World::by(Transport::Tls);
    world.call_register("sip:192.0.2.1");
    refuse_late(&mut world);
    let text = "TLS with 192.0.2.1: the server demands a certificate of ours.";
    assert_eq!(world.event().text, text);
    for ms in (0..5_000).step_by(10) {
        world.at(ms);
        world.agent.automatic_action(world.now());
        assert!(world.opening.is_empty() && world.raw_sent().is_empty(), "after {ms} ms");
    }

    let mut world = context(Transport::Udp);
    let rid = world.managed(over_tls);
    world.agent.registerer_register(world.now(), rid).unwrap();
    refuse_late(&mut world);
    assert!((1800..=3600).contains(&next_try(&world, rid)), "{}", next_try(&world, rid));
}

#[test]
fn the_event_of_the_exosip_calls_says_what_is_wrong() {
    let mut world = context(Transport::Tls);
    let (proxy, contact) = ("sip:192.0.2.1", None);
    let ask = InitialRegister { from: "sip:a@acme.test", proxy, contact, expires: 60, q: None };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    fail(&mut world, TlsError::NotValidForName(vec!["other.test".to_owned()]));
    let text = "TLS with 192.0.2.1: certificate not valid for this name but for other.test.";
    assert_eq!(world.event().text, text);
}

/// How many connections two registrations at one server need.
fn connections(first: TlsSettings, second: TlsSettings) -> usize {
    let mut world = context(Transport::Udp);
    for settings in [first, second] {
        let rid = world.managed(|options| {
            over_tls(options);
            options.tls = Arc::new(settings);
        });
        world.agent.registerer_register(world.now(), rid).unwrap();
    }
    let mut opened = 0;
    while let Some(transmit) = world.agent.poll_transmit() {
        if let Transmit::Open { target, .. } = transmit {
            assert!(target.tls_settings.is_some());
            opened += 1;
        }
    }
    opened
}

#[test]
fn a_connection_is_shared_by_equal_settings_alone() {
    let verified = TlsSettings::verified();
    assert_eq!(connections(verified.clone(), verified.clone()), 1);
    assert_eq!(connections(verified.clone(), TlsSettings::unverified()), 2);
    let pinned = TlsSettings { pin: Some("key.der".to_owned()), ..verified.clone() };
    assert_eq!(connections(verified, pinned), 2);
}

#[test]
fn the_exosip_calls_use_the_settings_of_the_context() {
    let mut world = context(Transport::Tls);
    let (proxy, contact) = ("sip:192.0.2.1", None);
    let ask = InitialRegister { from: "sip:a@acme.test", proxy, contact, expires: 60, q: None };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    let opened = world.agent.poll_transmit();
    assert!(matches!(opened, Some(Transmit::Open { target, .. }) if target.tls_settings.is_none()));
}

#[test]
fn a_pin_that_is_no_hash_is_refused_in_words() {
    let refusal = |pin: &str| {
        let mut options = Options::new("sip:alice@acme.test");
        options.tls = Arc::new(TlsSettings { pin: Some(pin.into()), ..TlsSettings::verified() });
        options.checked(ALL).err().map(|OptionsError(text)| text)
    };
    let hash = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(refusal(hash), None);
    assert_eq!(refusal(&format!("{hash};{hash}")), None);
    assert_eq!(refusal("/etc/pin.der"), None);
    let text = "the pin \"sha256//AAAA\" is not sha256// with 44 digits of base64";
    assert_eq!(refusal("sha256//AAAA").as_deref(), Some(text));
}
