//! Numbers of a server that are too large to be meant: how far they are followed.

use crate::common::{World, next};
use register::agent::EventKind;
use register::registration::policy::managed::RegistererState::{Registered, Unregistered};

const ENDLESS: &str = "99999999999999999999";
const DAY: u64 = 86_400_000;

/// A granted expiry in the Contact, and in the Expires header.
const GRANTS: [&str; 2] = ["Contact: OWN;expires=", "Expires: "];

#[test]
fn a_binding_lasts_for_a_multiple_of_what_was_asked_for_at_most() {
    for grant in GRANTS {
        let mut world = World::new();
        let (rid, mut request) = world.managed_register(|_| {});
        for _ in 0..2 {
            let line = grant.replace("OWN", request.get("Contact").unwrap()) + ENDLESS;
            world.answer(&request, "200 OK", &[&line]);
            let info = world.agent.registerer_info(world.now(), rid).unwrap();
            assert_eq!((info.granted, info.remaining.as_secs()), (14_400, 14_400), "{line}");
            assert_eq!(info.next.unwrap().as_secs(), 540, "refreshed by what was asked for");
            let before = world.millis();
            request = next(&mut world, rid);
            assert_eq!(world.millis() - before, 540_000);
        }
        world.states(rid);
        world.run_to(540_000 + 14_399_999);
        assert_eq!(world.state(rid), Registered);
        world.run_to(540_000 + 14_400_000);
        assert_eq!(world.state(rid), Unregistered, "no answer since");
    }
}

#[test]
fn the_exosip_calls_bound_a_grant_too() {
    for grant in GRANTS {
        for (asked, refresh) in [(3600, 900_000), (30, 648_000), (1, 18_000)] {
            let mut world = World::new();
            let (rid, request) = world.register(asked);
            let line = grant.replace("OWN", request.get("Contact").unwrap()) + ENDLESS;
            world.answer(&request, "200 OK", &[&line]);
            world.at(refresh - 1);
            assert!(world.automatic().is_empty(), "{line} to {asked}");
            world.at(refresh);
            assert_eq!(world.automatic_one().get("Expires"), Some(&*asked.to_string()));
            // Taken over, it lasts as long.
            world.agent.registerer_adopt(world.now(), rid).unwrap();
            let info = world.agent.registerer_info(world.now(), rid).unwrap();
            assert!(info.remaining.as_secs() <= asked as u64 * 24, "{info:?}");
        }
    }
}

#[test]
fn a_minimum_is_followed_up_to_a_year_or_what_the_option_says() {
    for (minimum, followed) in
        [("2678400", true), ("31536000", true), ("31536001", false), (ENDLESS, false)]
    {
        let line = format!("Min-Expires: {minimum}");
        let mut world = World::new();
        let (rid, request) = world.managed_register(|_| {});
        world.answer(&request, "423 Interval Too Brief", &[&line]);
        let expires = world.sent().first().map(|again| again.get("Expires").unwrap().to_owned());
        assert_eq!(expires, followed.then(|| minimum.to_owned()), "registerer.h");
        assert!(followed || world.explain(rid).contains("the server wants at least"));
        // A refresh as the first REGISTER.
        let mut world = World::new();
        world.managed_registered(600, |_| {});
        let refresh = world.one_at(540_000);
        world.answer(&refresh, "423 Interval Too Brief", &[&line]);
        assert_eq!(!world.sent().is_empty(), followed, "a refresh of registerer.h");
        let mut world = World::new();
        let (_, request) = world.register(600);
        world.answer(&request, "423 Interval Too Brief", &[&line]);
        assert_eq!(!world.automatic().is_empty(), followed, "the eXosip calls");
    }
    for (largest, followed) in [(700, true), (699, false)] {
        let mut world = World::new();
        let (_, request) = world.managed_register(|options| options.largest_min_expires = largest);
        world.answer(&request, "423 Interval Too Brief", &["Min-Expires: 700"]);
        assert_eq!(!world.sent().is_empty(), followed, "{largest}");
    }
}

#[test]
fn retry_after_is_shown_as_the_server_said_it_and_jitter_only_delays() {
    let mut delays = Vec::new();
    for seed in 0..30 {
        let mut world = World::with_seed(seed);
        let (rid, request) = world.managed_register(|options| options.jitter = 20);
        world.answer(&request, "503 Service Unavailable", &["Retry-After: 600"]);
        let info = world.agent.registerer_info(world.now(), rid).unwrap();
        assert_eq!(info.retry_after.unwrap().as_millis(), 600_000);
        assert!(world.explain(rid).ends_with(", as the server asked"), "{}", world.explain(rid));
        next(&mut world, rid);
        delays.push(world.millis());
    }
    assert!(delays.iter().all(|delay| (600_000..=720_000).contains(delay)), "{delays:?}");
    delays.sort_unstable();
    delays.dedup();
    assert!(delays.len() > 20, "{delays:?}");
}

#[test]
fn retry_after_delays_by_a_day_at_most_jitter_included() {
    for seconds in ["86000", "86400", "90000", ENDLESS] {
        let mut world = World::new();
        let (rid, request) = world.managed_register(|options| options.jitter = 40);
        world.answer(&request, "503 Service Unavailable", &[&format!("Retry-After: {seconds}")]);
        let wait = world.agent.registerer_info(world.now(), rid).unwrap().retry_after.unwrap();
        assert_eq!(wait.as_secs(), seconds.parse().unwrap_or(u64::MAX).min(86_400), "{seconds}");
        next(&mut world, rid);
        assert!((86_000_000..=u128::from(DAY)).contains(&world.millis()), "{seconds}");
        let mut world = World::new();
        let (_, request) = world.register(600);
        world.answer(&request, "503 Service Unavailable", &[&format!("Retry-After: {seconds}")]);
        assert_eq!(world.event().kind, EventKind::RegistrationFailure);
        world.at(seconds.parse().unwrap_or(u64::MAX).min(86_400) * 1000 - 1);
        assert!(world.automatic().is_empty(), "{seconds}");
        world.at(DAY);
        assert_eq!(world.automatic().len(), 1, "{seconds}");
    }
}
