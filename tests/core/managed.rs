//! A managed registration: states, refresh, retries, removal, instant by instant.

use crate::common::{World, next, param};
use State::{Initial, Registered, Unregistered};
use register::agent::{Refusal, RegistererEventKind};
use register::registration::policy::managed::{FailureClass as Class, RegistererState as State};
use std::time::Duration;

const WWW: &str = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n1\", qop=\"auth\"";

#[test]
fn constructed_nothing_is_sent_and_the_state_is_initial() {
    let mut world = World::new();
    let rid = world.managed(|_| {});
    assert_eq!(world.state(rid), Initial);
    world.quiet_to(3_600_000);
    assert_eq!(world.explain(rid), "No response yet; not registered, nothing was asked for");
}

#[test]
fn a_first_register_has_all_that_the_rfcs_want() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|_| {});
    assert_eq!(request.start(), "REGISTER sip:192.0.2.1 SIP/2.0");
    assert_eq!(request.get("Expires"), Some("600"));
    assert_eq!(request.get("Supported"), Some("path, outbound, gruu"));
    let contact = request.get("Contact").unwrap();
    assert!(contact.starts_with("<sip:alice@192.0.2.99:5070;line="), "{contact}");
    assert!(contact.contains(";ob>;+sip.instance=\"<urn:uuid:"), "{contact}");
    assert!(contact.ends_with("\";reg-id=1"), "{contact}");
}

#[test]
fn refresh_is_at_the_chosen_part_of_the_granted_time() {
    for (percent, at) in [(50, 300_000), (90, 540_000), (99, 594_000)] {
        let mut world = World::new();
        world.managed_registered(600, |options| options.refresh = percent);
        let refresh = world.one_at(at);
        assert_eq!(refresh.get("CSeq"), Some("2 REGISTER"));
    }
}

#[test]
fn refresh_jitter_makes_it_earlier_never_later() {
    let mut moments = Vec::new();
    for seed in 0..40 {
        let mut world = World::with_seed(seed);
        world.managed_registered(600, |options| options.jitter = 20);
        let sent = world.run_to(600_000);
        moments.push(sent[0].0);
    }
    assert!(moments.iter().all(|at| (420_000..=540_000).contains(at)), "{moments:?}");
    assert!(moments.iter().max().unwrap() - moments.iter().min().unwrap() > 60_000, "{moments:?}");
}

#[test]
fn a_short_grant_is_refreshed_no_earlier_than_half_of_it() {
    for (granted, at) in [(1, 500), (2, 1000), (6, 3000), (20, 15_000)] {
        let mut world = World::new();
        let (_, request) = world.managed_register(|_| {});
        world.grant(&request, granted);
        world.one_at(at);
    }
}

#[test]
fn a_refresh_changes_no_state() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    assert_eq!(world.states(rid), [Registered]);
    let refresh = world.one_at(540_000);
    world.grant(&refresh, 600);
    assert_eq!(world.states(rid), []);
    assert_eq!(world.state(rid), Registered);
}

#[test]
fn register_is_refused_while_one_is_pending_and_changes_nothing() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    assert_eq!(world.agent.registerer_register(world.now(), rid), Err(Refusal::WrongState));
    assert_eq!(
        world.agent.registerer_unregister(world.now(), rid, false),
        Err(Refusal::WrongState)
    );
    world.grant(&request, 600);
    assert_eq!(world.state(rid), Registered);
    assert_eq!(world.agent.registerer_register(world.now(), rid), Ok(()));
    assert_eq!(world.one().get("CSeq"), Some("2 REGISTER"));
}

#[test]
fn a_failed_refresh_keeps_the_state_and_retries() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    let refresh = world.one_at(540_000);
    world.answer(&refresh, "503 Service Unavailable", &["Retry-After: 10"]);
    assert_eq!(world.state(rid), Registered);
    assert_eq!(
        world.explain(rid),
        "503 Service Unavailable from 192.0.2.1:5060: the server cannot do it now; the binding lasts another 60 s, \
         trying again in 10 s, as the server asked"
    );
    let retry = world.one_at(550_000);
    world.grant(&retry, 600);
    assert_eq!(world.states(rid), [Registered]);
}

#[test]
fn a_refused_refresh_ends_the_retries_where_the_option_says_so() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |options| options.fatal_retry = 0);
    let refresh = world.one_at(540_000);
    world.answer(&refresh, "404 Not Found", &[]);
    assert_eq!(world.states(rid), [Registered]);
    world.quiet_to(599_999);
    assert_eq!(world.states(rid), []);
    world.quiet_to(36_000_000);
    assert_eq!(world.states(rid), [Unregistered]);
    assert_eq!(
        world.explain(rid),
        "404 Not Found from 192.0.2.1:5060: the server does not know this user, and the binding has expired; \
         not trying again by itself"
    );
}

#[test]
fn a_timeout_is_tried_again_with_the_back_off_of_rfc_5626() {
    let mut world = World::new();
    let (rid, _) = world.managed_register(|_| {});
    let mut last = 0;
    for whole in [60_000, 120_000, 240_000, 480_000, 960_000, 1_800_000, 1_800_000] {
        // Eleven transmissions, the last 0.5 s before silence is certain.
        let gave_up = last + 32_000;
        world.run_to(gave_up as u64);
        let next = world.agent.poll_timeout().unwrap();
        let wait = (next - world.now()).as_millis();
        assert!((whole / 2..=whole).contains(&wait), "{wait} of {whole}");
        last = world.millis() + wait + 1;
        assert_eq!(world.run_to(last as u64).len(), 1);
    }
    assert_eq!(world.states(rid), [Unregistered]);
}

#[test]
fn retry_after_is_honoured_on_any_failure_in_each_of_its_forms() {
    for status in [
        "404 Not Found",
        "480 Temporarily Unavailable",
        "500 Oops",
        "503 No",
        "603 Decline",
        "486 Busy",
    ] {
        for form in [
            "Retry-After: 120",
            "Retry-After: 120 (in a meeting)",
            "Retry-After: 120;duration=3600",
        ] {
            let mut world = World::new();
            let (rid, request) = world.managed_register(|_| {});
            world.answer(&request, status, &[form]);
            assert_eq!(world.states(rid), [Unregistered]);
            let info = world.agent.registerer_info(world.now(), rid).unwrap();
            assert_eq!(info.retry_after.unwrap().as_secs(), 120, "{status} {form}");
            world.one_at(120_000);
        }
    }
}

#[test]
fn retry_after_0_makes_no_burst() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|_| {});
    world.answer(&request, "503 Service Unavailable", &["Retry-After: 0"]);
    world.quiet_to(29_000);
    assert!(!world.run_to(60_000).is_empty());
}

#[test]
fn classes_and_limits_are_chosen_by_option() {
    // 404 as a temporary failure, by its number.
    let mut world = World::new();
    let (_, request) =
        world.managed_register(|options| options.classes = vec![(404, Class::Temporary)]);
    world.answer(&request, "404 Not Found", &[]);
    assert!(!world.run_to(60_000).is_empty());
    // Every fatal failure is tried again.
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| options.retry_fatal = true);
    world.answer(&request, "604 Does Not Exist Anywhere", &[]);
    assert!(!world.run_to(60_000).is_empty());
    // No failure is.
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| options.retry_temporary = false);
    world.answer(&request, "503 Service Unavailable", &[]);
    world.quiet_to(36_000_000);
    // Two are.
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| options.retry_limit = 2);
    world.answer(&request, "503 Service Unavailable", &["Retry-After: 5"]);
    let second = world.one_at(5000);
    world.answer(&second, "503 Service Unavailable", &["Retry-After: 5"]);
    world.quiet_to(36_000_000);
    assert_eq!(world.state(rid), Unregistered);
}

#[test]
fn a_challenge_is_answered_at_once_without_an_event() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&request, "100 Trying", &[]);
    world.answer(&request, "401 Unauthorized", &[WWW]);
    let proven = world.one();
    assert_eq!(param(proven.get("Authorization").unwrap(), "username").as_deref(), Some("alice"));
    world.grant(&proven, 600);
    assert_eq!(
        world.registerer_events(rid),
        [RegistererEventKind::Trying, RegistererEventKind::Accepted]
    );
    // The nonce serves again.
    let refresh = world.one_at(540_000);
    assert_eq!(param(refresh.get("Authorization").unwrap(), "nc").as_deref(), Some("00000002"));
}

#[test]
fn the_same_nonce_refused_stops_until_the_credentials_change() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&request, "401 Unauthorized", &[WWW]);
    let proven = world.one();
    world.answer(&proven, "401 Unauthorized", &[WWW]);
    assert_eq!(world.states(rid), [Unregistered]);
    assert_eq!(
        world.explain(rid),
        "401 Unauthorized from 192.0.2.1:5060 after alice answered realm \"acme\": the user name or password is wrong; \
         not trying again until the credentials change"
    );
    world.quiet_to(36_000_000);
    world.credential("alice", "better", "acme");
    world.at(36_000_000);
    let again = world.one();
    assert!(again.get("Authorization").is_some());
    world.grant(&again, 600);
    assert_eq!(world.state(rid), Registered);
}

#[test]
fn a_403_after_an_answered_challenge_is_about_the_credentials() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|options| options.fatal_retry = 0);
    world.answer(&request, "401 Unauthorized", &[WWW]);
    let proven = world.one();
    world.answer(&proven, "403 Forbidden", &[]);
    assert_eq!(
        world.explain(rid),
        "403 Forbidden from 192.0.2.1:5060 after alice answered realm \"acme\": the user name or password is wrong; \
         not trying again until the credentials change"
    );
    world.quiet_to(36_000_000);
}

#[test]
fn stale_nonces_are_answered_as_often_as_the_option_says_and_then_later() {
    for cap in [1_u8, 3] {
        let mut world = World::with_alice();
        let (rid, mut request) = world.managed_register(|options| options.answers = cap);
        let stale = |n: u8| format!("{}, stale=true", WWW.replace("n1", &format!("n{n}")));
        for n in 0..cap {
            world.answer(&request, "401 Unauthorized", &[&stale(n)]);
            request = world.one();
        }
        world.answer(&request, "401 Unauthorized", &[&stale(cap)]);
        assert_eq!(world.states(rid), [Unregistered]);
        let again = next(&mut world, rid);
        assert!(world.millis() >= 15_000, "by back-off");
        world.grant(&again, 600);
        assert_eq!(world.state(rid), Registered);
    }
}

#[test]
fn without_credentials_nothing_is_repeated_and_the_reason_is_given() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&request, "401 Unauthorized", &[WWW]);
    assert_eq!(
        world.explain(rid),
        "401 Unauthorized from 192.0.2.1:5060: there are no credentials for realm \"acme\"; \
         not trying again until the credentials change"
    );
    world.quiet_to(36_000_000);
    world.credential("alice", "secret", "elsewhere");
    world.at(36_000_001);
    assert_eq!(world.sent().len(), 0, "those do not help");
    world.credential("alice", "secret", "acme");
    world.at(36_000_002);
    world.one();
}

#[test]
fn min_expires_of_a_423_is_followed_at_once_and_kept() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| options.expires = 60);
    world.answer(&request, "423 Interval Too Brief", &["Min-Expires: 300"]);
    let again = world.one();
    assert_eq!(again.get("Expires"), Some("300"));
    world.grant(&again, 300);
    assert_eq!(world.registerer_events(rid), [RegistererEventKind::Accepted]);
    let refresh = world.one_at(270_000);
    assert_eq!(refresh.get("Expires"), Some("300"));
}

#[test]
fn a_min_expires_that_rises_five_times_is_followed_three_times() {
    let mut world = World::new();
    let (rid, mut request) = world.managed_register(|options| options.expires = 60);
    for floor in [100, 200, 300] {
        world.answer(&request, "423 Interval Too Brief", &[&format!("Min-Expires: {floor}")]);
        request = world.one();
    }
    world.answer(&request, "423 Interval Too Brief", &["Min-Expires: 400"]);
    assert_eq!(world.states(rid), [Unregistered]);
    assert!(world.explain(rid).contains("raises its minimum again and again; trying again in"));
    world.quiet_to(29_000);
}

#[test]
fn a_423_without_a_larger_min_expires_is_tried_again() {
    for extra in [&[][..], &["Min-Expires: 60"], &["Min-Expires: 4000000000"]] {
        let mut world = World::new();
        let (rid, request) = world.managed_register(|options| options.expires = 60);
        world.answer(&request, "423 Interval Too Brief", extra);
        assert_eq!(world.states(rid), [Unregistered]);
        assert!(world.explain(rid).contains("trying again in"), "{}", world.explain(rid));
        world.quiet_to(29_000);
    }
}

#[test]
fn the_start_is_spread_by_option_and_counts_as_pending() {
    let mut moments = Vec::new();
    for seed in 0..30 {
        let mut world = World::with_seed(seed);
        let rid = world.managed(|options| options.spread = Duration::from_secs(60));
        world.agent.registerer_register(world.now(), rid).unwrap();
        assert_eq!(world.agent.registerer_register(world.now(), rid), Err(Refusal::WrongState));
        moments.push(world.run_to(60_000)[0].0);
    }
    assert!(moments.iter().max().unwrap() - moments.iter().min().unwrap() > 30_000, "{moments:?}");
}

#[test]
fn without_a_transport_register_says_so_and_changes_nothing() {
    let mut world = World::new();
    let rid = world.managed(|_| {});
    world.agent.set_listening(None);
    assert_eq!(world.agent.registerer_register(world.now(), rid), Err(Refusal::NoNetwork));
    assert_eq!(world.state(rid), Initial);
}

#[test]
fn a_third_party_registers_another_address_of_record() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| {
        options.from = Some("\"Boss\" <sip:secretary@acme.test>".into());
        options.headers = vec![("X-Desk".into(), "7".into())];
        options.route = "<sip:192.0.2.7:5080>".into();
        options.contact_params = "audio".into();
    });
    assert!(request.get("From").unwrap().starts_with("\"Boss\" <sip:secretary@acme.test>;tag="));
    assert_eq!(request.get("To"), Some("<sip:alice@acme.test>"));
    assert_eq!(request.get("X-Desk"), Some("7"));
    assert_eq!(request.get("Route"), Some("<sip:192.0.2.7:5080;lr>"));
    assert!(request.get("Contact").unwrap().ends_with(";audio"));
}

#[test]
fn the_address_of_record_may_have_a_name() {
    let mut world = World::new();
    let (_, request) =
        world.managed_register(|options| options.aor = "\"Alice A.\" <sip:alice@acme.test>".into());
    assert_eq!(request.get("To"), Some("\"Alice A.\" <sip:alice@acme.test>"));
    assert!(request.get("From").unwrap().starts_with("\"Alice A.\" <sip:alice@acme.test>;tag="));
}

#[test]
fn an_instance_is_made_once_and_kept() {
    let mut world = World::new();
    let (first, request) = world.managed_registered(600, |_| {});
    let (second, other) =
        world.managed_register(|options| options.aor = "sip:bob@acme.test".into());
    let instance = |request: &register::sip::Draft| {
        let contact = request.get("Contact").unwrap().to_owned();
        contact[contact.find("urn:uuid:").unwrap()..].split('>').next().unwrap().to_owned()
    };
    let made = instance(&request);
    // RFC 4122: version 4, random.
    assert_eq!((made.len(), &made[23..24]), (45, "4"), "{made}");
    assert_eq!(instance(&other), made);
    world.grant(&other, 600);
    for (_, refresh) in world.run_to(540_000) {
        assert_eq!(instance(&refresh), made);
    }
    for rid in [first, second] {
        assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().instance, made);
    }
}

#[test]
fn each_request_is_reported_with_its_provisional_answers_and_its_end() {
    for (status, end) in [
        ("200 OK", RegistererEventKind::Accepted),
        ("404 Not Found", RegistererEventKind::Rejected),
        ("503 Service Unavailable", RegistererEventKind::Rejected),
        ("302 Moved Temporarily", RegistererEventKind::Redirected),
    ] {
        let mut world = World::new();
        let (rid, request) = world.managed_register(|_| {});
        world.answer(&request, "100 Trying", &[]);
        world.answer(&request, "183 Working", &[]);
        world.answer(&request, status, &["Contact: <sip:192.0.2.7>"]);
        assert_eq!(
            world.registerer_events(rid),
            [RegistererEventKind::Trying, RegistererEventKind::Progress, end],
            "{status}"
        );
    }
}
