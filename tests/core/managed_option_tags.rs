//! Option tags of the application and ours in one list (RFC 3261 section 19.2), and the agreements
//! that Security-Client asks for (RFC 3329, TS 24.229 section 5.1.1.2).

use crate::common::World;
use register::registration::policy::managed::ManagedOptions as Options;
use register::sip::Draft;

fn lines<'a>(request: &'a Draft, name: &str) -> Vec<&'a str> {
    let lines = request.headers().filter(|(one, _)| one.eq_ignore_ascii_case(name));
    lines.map(|(_, value)| value).collect()
}

fn with(headers: &[(&str, &str)]) -> impl FnOnce(&mut Options) {
    let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    |options| options.headers = headers
}

#[test]
fn tags_of_the_application_are_added_to_ours_each_once() {
    let given =
        [("Supported", "100rel, GRUU"), ("X-A", "1"), ("k", "timer,,100REL"), ("Require", "x")];
    let mut world = World::new();
    let (_, request) = world.managed_register(with(&given));
    assert_eq!(lines(&request, "Supported"), ["path, outbound, gruu, 100rel, timer"]);
    assert_eq!(lines(&request, "Require"), ["x"]);
    assert_eq!((lines(&request, "k"), lines(&request, "X-A")), (vec![], vec!["1"]));
    world.grant(&request, 600);
    let refresh = world.one_at(540_000);
    assert_eq!(lines(&refresh, "Supported"), ["path, outbound, gruu, 100rel, timer"]);
    assert_eq!(lines(&refresh, "Require"), ["x"]);
}

#[test]
fn a_tag_of_the_application_alone_is_a_list_too() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| {
        (options.path, options.gruu, options.reg_id) = (false, false, 0);
        options.headers = vec![("Proxy-Require".into(), "privacy".into())];
    });
    assert_eq!(lines(&request, "Proxy-Require"), ["privacy"]);
    assert!(lines(&request, "Supported").is_empty() && lines(&request, "Require").is_empty());
}

#[test]
fn a_tag_beside_that_of_an_agreement_leaves_it_there() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| {
        options.security = "digest".into();
        options.headers = vec![("Require".into(), "pref, sec-agree".into())];
    });
    assert_eq!(lines(&request, "Require"), ["sec-agree, pref"]);
    assert_eq!(lines(&request, "Proxy-Require"), ["sec-agree"]);
    assert_eq!(lines(&request, "Supported"), ["path, outbound, gruu, sec-agree"]);
}

#[test]
fn outbound_that_the_first_hop_refused_is_not_named_by_anybody() {
    let mut world = World::new();
    let (_, request) = world.managed_register(with(&[("Supported", "outbound, timer")]));
    world.answer(&request, "439 First Hop Lacks Outbound Support", &[]);
    assert_eq!(lines(&world.one(), "Supported"), ["path, gruu, timer"]);
}

#[test]
fn tags_of_a_message_that_the_application_sent_stay_beside_ours() {
    let mut world = World::new();
    let (rid, request) = world.managed_registered(600, |_| {});
    assert_eq!(lines(&request, "Supported"), ["path, outbound, gruu"]);
    let text = world.agent.build_register(rid, 600).unwrap();
    let mut edited = Draft::parse(&text).unwrap();
    edited.push("Supported", "eventlist, path");
    edited.push("Require", "pref");
    world.send(rid, &edited.to_bytes());
    let sent = world.one();
    assert_eq!(lines(&sent, "Supported"), ["path, outbound, gruu", "eventlist, path"]);
    world.grant(&sent, 600);
    let refresh = world.one_at(540_000);
    assert_eq!(lines(&refresh, "Supported"), ["path, outbound, gruu, eventlist"]);
    assert_eq!(lines(&refresh, "Require"), ["pref"]);
}

#[test]
fn media_plane_security_has_an_option_tag_of_its_own() {
    let mut world = World::new();
    let (_, request) =
        world.managed_register(|options| options.security = "sdes-srtp;mediasec".into());
    assert_eq!(lines(&request, "Security-Client"), ["sdes-srtp;mediasec"]);
    assert_eq!(lines(&request, "Require"), ["mediasec"]);
    assert_eq!(lines(&request, "Proxy-Require"), ["mediasec"]);
    assert_eq!(lines(&request, "Supported"), ["path, outbound, gruu"]);
    // Each Security-Server of the challenge is repeated, in this attempt and in later ones.
    let challenge = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\"";
    world.credential("alice", "secret", "");
    let server = ["Security-Server: msrp-tls;mediasec", "Security-Server: sdes-srtp;mediasec"];
    world.answer(&request, "401 Unauthorized", &[challenge, server[0], server[1]]);
    let proven = world.one();
    assert_eq!(lines(&proven, "Security-Verify"), ["msrp-tls;mediasec, sdes-srtp;mediasec"]);
    assert_eq!(lines(&proven, "Security-Client"), ["sdes-srtp;mediasec"]);
    world.grant(&proven, 600);
    let refresh = world.one_at(540_000);
    assert_eq!(lines(&refresh, "Security-Verify"), ["msrp-tls;mediasec, sdes-srtp;mediasec"]);
    assert_eq!(lines(&refresh, "Require"), ["mediasec"]);
}

#[test]
fn agreements_for_signalling_and_media_name_both_option_tags() {
    let mut world = World::new();
    let (_, request) =
        world.managed_register(|options| options.security = "tls, sdes-srtp ; MEDIASEC".into());
    assert_eq!(lines(&request, "Require"), ["sec-agree, mediasec"]);
    assert_eq!(lines(&request, "Proxy-Require"), ["sec-agree, mediasec"]);
    assert_eq!(lines(&request, "Supported"), ["path, outbound, gruu, sec-agree"]);
}
