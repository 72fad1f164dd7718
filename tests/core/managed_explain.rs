//! The sentence of explain: what happened last, why, what happens next, for each end and each kind
//! of failure.

use crate::common::{World, response};
use register::registration::policy::managed::{
    ManagedOptions as Options, RegistererState as State,
};
use register::sip::Draft;

const OK: &str = "200 OK from 192.0.2.1:5060";

/// What is said after `status` answers the first REGISTER.
fn refused(status: &str, extra: &[&str]) -> String {
    refused_with(status, extra, |_| {})
}

/// The same with other options.
fn refused_with(status: &str, extra: &[&str], change: impl FnOnce(&mut Options)) -> String {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| {
        options.retry_base = std::time::Duration::from_secs(20);
        change(options);
    });
    world.answer(&request, status, extra);
    assert_eq!(world.state(rid), State::Unregistered);
    world.explain(rid)
}

/// `why` has three parts, of which the last begins like this.
fn ends(why: &str, next: &str) {
    let (before, follows) = why.split_once("; ").unwrap();
    let (what, cause) = before.split_once(": ").unwrap();
    assert!(!what.is_empty() && !cause.is_empty() && follows.starts_with(next), "{why}");
    assert!(!follows.contains("; ") && !why.ends_with('.'), "one sentence: {why}");
}

#[test]
fn unregistered_because_the_program_asked() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let removal = world.one();
    world.answer(&removal, "200 OK", &[]);
    assert_eq!(
        world.explain(rid),
        format!(
            "{OK}: the program asked for the removal of the binding; not registered until the program asks for it"
        )
    );
    world.agent.registerer_register(world.now(), rid).unwrap();
    let request = world.one();
    world.answer(&request, "404 Not Found", &[]);
    ends(&world.explain(rid), "trying again in ");
}

#[test]
fn unregistered_because_the_binding_expired() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    let refresh = world.one_at(540_000);
    world.answer(&refresh, "503 Service Unavailable", &["Retry-After: 100"]);
    world.quiet_to(600_000);
    assert_eq!(world.state(rid), State::Unregistered);
    assert_eq!(
        world.explain(rid),
        "503 Service Unavailable from 192.0.2.1:5060: the server cannot do it now, and the binding has expired; \
         trying again in 40 s, as the server asked"
    );
    let retry = world.one_at(640_000);
    world.grant(&retry, 600);
    assert_eq!(
        world.explain(rid),
        format!("{OK}; registered for another 600 s, to be renewed in 540 s")
    );
}

#[test]
fn unregistered_because_what_was_to_be_removed_expired() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(60, |_| {});
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let removal = world.one();
    world.answer(&removal, "503 Service Unavailable", &["Retry-After: 100"]);
    world.quiet_to(60_000);
    assert_eq!(
        world.explain(rid),
        "503 Service Unavailable from 192.0.2.1:5060: the server cannot do it now, and the binding has expired; \
         not trying again by itself"
    );
}

#[test]
fn unregistered_because_the_server_listed_it_as_expired() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.grant(&request, 0);
    assert_eq!(world.state(rid), State::Unregistered);
    ends(&world.explain(rid), "trying again in ");
    assert!(
        world
            .explain(rid)
            .starts_with(&format!("{OK}: the server listed our Contact as expired; "))
    );
}

#[test]
fn unregistered_by_a_refusal_of_each_class() {
    for (status, why) in [
        ("404 Not Found", "the server does not know this user"),
        ("400 Bad Request", "the server does not understand the request"),
        ("403 Forbidden", "this user may not register there"),
        ("603 Decline", "the server refuses it"),
    ] {
        let said = refused(status, &[]);
        let slowly = format!("{status} from 192.0.2.1:5060: {why}; trying again in ");
        let seconds = said.strip_prefix(&slowly).and_then(|rest| rest.strip_suffix(" s")).unwrap();
        assert!((1800..=3600).contains(&seconds.parse::<u32>().unwrap()), "{said}");
        assert_eq!(
            refused_with(status, &[], |options| options.fatal_retry = 0),
            format!("{status} from 192.0.2.1:5060: {why}; not trying again by itself")
        );
    }
    for (status, why) in
        [("500 Oops", "the server cannot do it now"), ("491 Request Pending", "it may work later")]
    {
        let said = refused(status, &[]);
        ends(&said, "trying again in ");
        assert!(said.contains(why) && !said.contains("as the server asked"), "{said}");
        ends(&refused(status, &["Retry-After: 7"]), "trying again in 7 s, as the server asked");
    }
    let challenge = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\"";
    ends(
        &refused("401 Unauthorized", &[challenge]),
        "not trying again until the credentials change",
    );
    ends(
        &refused("401 Unauthorized", &["WWW-Authenticate: Basic realm=\"acme\""]),
        "trying again in ",
    );
    ends(&refused("302 Moved Temporarily", &["Contact: <sip:192.0.2.7>"]), "trying again in ");
    ends(&refused("423 Interval Too Brief", &[]), "trying again in ");
}

#[test]
fn unregistered_by_timeout_and_by_the_network() {
    let mut world = World::new();
    let (rid, _) = world.managed_register(|_| {});
    world.run_to(32_000);
    let why = world.explain(rid);
    ends(&why, "trying again in ");
    assert!(
        why.starts_with("No answer from 192.0.2.1:5060 within 32 s: the server is down"),
        "{why}"
    );

    let mut world = World::new();
    let rid = world.managed(|options| options.registrar = "sip:nowhere.test".into());
    world.agent.registerer_register(world.now(), rid).unwrap();
    world.sent();
    ends(&world.explain(rid), "trying again in ");

    let mut world = World::new();
    world.mute_resolver = true;
    let rid = world.managed(|options| options.registrar = "sip:slow.test".into());
    world.agent.registerer_register(world.now(), rid).unwrap();
    world.run_to(32_000);
    ends(&world.explain(rid), "trying again in ");
}

#[test]
fn unregistered_after_as_many_failures_as_the_option_allows() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| options.retry_limit = 1);
    world.answer(&request, "503 Service Unavailable", &[]);
    ends(&world.explain(rid), "not trying again after 1 failure");
}

#[test]
fn terminated_because_the_program_disposed_of_it() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let removal = world.one();
    world.answer(&removal, "200 OK", &[]);
    let over = "the program disposed of the registration; it is over, nothing more is sent";
    assert_eq!(world.explain(rid), format!("{OK}: {over}"));
    let rid = world.managed(|_| {});
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    assert_eq!(world.explain(rid), format!("No response yet: {over}"));
}

#[test]
fn terminated_although_the_binding_could_not_be_removed() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.at(100_000);
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    world.run_to(132_000);
    assert_eq!(world.state(rid), State::Terminated);
    assert_eq!(
        world.explain(rid),
        "No answer from 192.0.2.1:5060 within 32 s: the server is down, or the way to it or back, and the program \
         disposed of the registration; it is over, the binding was left to expire within 468 s"
    );
}

#[test]
fn terminated_because_the_program_removed_it_or_ended() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.agent.remove(rid).unwrap();
    assert_eq!(
        world.explain(rid),
        format!(
            "{OK}: the program took the registration away without telling the server; \
             it is over, the binding was left to expire within 600 s"
        )
    );
    let (rid, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_dispose_all(world.now());
    world.agent.registerer_end_all(world.now());
    assert_eq!(
        world.explain(rid),
        format!(
            "{OK}: the program ended before the server had answered; \
             it is over, the binding was left to expire within 600 s"
        )
    );
}

#[test]
fn controls_in_a_realm_or_a_reason_reach_neither_explain_nor_an_event() {
    // CSI and OSC of C1, a separator of lines, and the octet of CSI alone, which is not UTF-8.
    let realm = b"a\xc2\x9b2J\xc2\x9d0;x\x07\xe2\x80\xa8b\x9bc";
    let harmful = |text: &str| {
        let separators = ['\u{2028}', '\u{10f79b}'];
        text.chars().any(|c| c.is_control() || separators.contains(&c))
    };
    let challenge = |request: &Draft| {
        let mut bytes = response(
            request,
            "401 REASON",
            &[r#"WWW-Authenticate: Digest realm="REALM", nonce="n""#],
        );
        for name in ["REALM", "REASON"] {
            let at = bytes.windows(name.len()).position(|part| part == name.as_bytes()).unwrap();
            bytes.splice(at..at + name.len(), realm.iter().copied());
        }
        bytes
    };
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.receive(&challenge(&request));
    let explained = world.explain(rid);
    assert!(explained.contains("no credentials for realm \"a 2J 0;x  b\u{fffd}c\""), "{explained}");
    assert!(!harmful(&explained), "{explained:?}");

    let mut world = World::new();
    let (_, request) = world.register(600);
    world.receive(&challenge(&request));
    let text = world.event().text;
    assert!(text.contains("in realm \"a 2J 0;x") && !harmful(&text), "{text:?}");
}
