use super::*;
use crate::instants::at;
use std::net::IpAddr;

const LOOKUP: LookupId = LookupId(1);

fn addresses(last: u8, seconds: u64) -> Records {
    let addresses = vec![IpAddr::from([192, 0, 2, last])];
    Records::Addresses { ttl: Duration::from_secs(seconds), addresses, zone: 0 }
}

/// Asks for addresses, and the question.
fn ask(cache: &mut NameCache, ms: u64, name: &str) -> Option<QueryId> {
    cache.ask(at(ms), name, RecordKind::A, LOOKUP).unwrap();
    cache.poll_query().map(|(query, ..)| query)
}

/// A cache that got this answer at the beginning.
fn cache_with(answer: Result<Records, DnsError>) -> NameCache {
    let mut cache = NameCache::default();
    let query = ask(&mut cache, 0, "acme.test").unwrap();
    assert_eq!(cache.on_records(at(0), query, answer), [LOOKUP]);
    cache
}

/// What is known of the name by one who takes what is fresh.
fn get(cache: &NameCache, ms: u64) -> Option<Result<Records, DnsError>> {
    let freshness = Freshness { now: at(ms), since: cache.serial(), is_reused: true };
    let answer = cache.get("acme.test", RecordKind::A, freshness)?;
    Some(answer.cloned().map_err(DnsError::clone))
}

#[test]
fn an_answer_counts_as_long_as_its_ttl_between_5_seconds_and_a_day() {
    for (ttl, until) in [(0, 5), (60, 60), (604_800, 86_400)] {
        let cache = cache_with(Ok(addresses(1, ttl)));
        assert_eq!(get(&cache, until * 1000 - 1), Some(Ok(addresses(1, ttl))));
        assert_eq!(get(&cache, until * 1000), None, "{ttl}");
    }
}

#[test]
fn that_there_is_no_address_counts_for_5_seconds() {
    for error in [DnsError::NotFound, DnsError::NoData, DnsError::Timeout] {
        let cache = cache_with(Err(error.clone()));
        assert_eq!((get(&cache, 4999), get(&cache, 5000)), (Some(Err(error)), None));
    }
}

#[test]
fn that_there_are_no_srv_records_counts_for_30_seconds() {
    let mut cache = NameCache::default();
    cache.ask(at(0), "_sip._udp.acme.test", RecordKind::Srv, LOOKUP).unwrap();
    let (query, name, kind) = cache.poll_query().unwrap();
    assert_eq!((&*name, kind), ("_sip._udp.acme.test", RecordKind::Srv));
    cache.on_records(at(0), query, Err(DnsError::NotFound));
    let fresh = |ms| Freshness { now: at(ms), since: cache.serial(), is_reused: true };
    let known = |ms| cache.get("_sip._udp.acme.test", RecordKind::Srv, fresh(ms)).is_some();
    assert_eq!((known(29_999), known(30_000)), (true, false));
}

#[test]
fn a_failing_look_up_keeps_the_old_answer_for_ten_minutes() {
    let mut cache = cache_with(Ok(addresses(1, 60)));
    for ms in [60_000, 90_000, 659_999] {
        let query = ask(&mut cache, ms, "acme.test").unwrap();
        cache.on_records(at(ms), query, Err(DnsError::ServerFailure));
        assert_eq!(get(&cache, ms), Some(Ok(addresses(1, 60))), "{ms}");
    }
    assert_eq!(get(&cache, 660_000), Some(Err(DnsError::ServerFailure)));
    let query = ask(&mut cache, 700_000, "acme.test").unwrap();
    cache.on_records(at(700_000), query, Err(DnsError::ServerFailure));
    assert_eq!(get(&cache, 700_000), Some(Err(DnsError::ServerFailure)));
}

#[test]
fn a_name_that_is_gone_is_gone_at_once() {
    let mut cache = cache_with(Ok(addresses(1, 60)));
    let query = ask(&mut cache, 60_000, "acme.test").unwrap();
    cache.on_records(at(60_000), query, Err(DnsError::NotFound));
    assert_eq!(get(&cache, 60_000), Some(Err(DnsError::NotFound)));
}

#[test]
fn one_who_wants_no_old_answer_sees_only_what_came_since() {
    let mut cache = cache_with(Ok(addresses(1, 60)));
    let anew = Freshness { now: at(0), since: cache.serial(), is_reused: false };
    assert_eq!(cache.get("acme.test", RecordKind::A, anew), None);
    let query = ask(&mut cache, 0, "acme.test").unwrap();
    cache.on_records(at(0), query, Err(DnsError::Timeout));
    let answer = cache.get("acme.test", RecordKind::A, anew);
    assert_eq!(answer, Some(Err(&DnsError::Timeout)), "nor what is used in place of a failure");
}

#[test]
fn a_name_is_asked_for_once_in_any_case() {
    let mut cache = NameCache::default();
    let query = ask(&mut cache, 0, "Acme.TEST.").unwrap();
    assert_eq!(ask(&mut cache, 1, "acme.test"), None, "it was asked");
    cache.ask(at(1), "acme.test", RecordKind::A, LookupId(2)).unwrap();
    let waited = cache.on_records(at(2), query, Ok(addresses(1, 60)));
    assert_eq!(waited, [LOOKUP, LookupId(2)]);
    assert_eq!(get(&cache, 3), Some(Ok(addresses(1, 60))));
    assert_eq!(cache.on_records(at(3), query, Err(DnsError::NotFound)), [], "a second answer");
}

#[test]
fn a_question_that_is_lost_is_asked_again_after_half_a_minute() {
    let mut cache = NameCache::default();
    let lost = ask(&mut cache, 0, "acme.test").unwrap();
    assert_eq!(ask(&mut cache, 29_999, "acme.test"), None);
    let again = ask(&mut cache, 30_000, "acme.test").unwrap();
    assert_eq!(cache.on_records(at(30_001), lost, Ok(addresses(1, 60))), []);
    assert_eq!(cache.on_records(at(30_001), again, Ok(addresses(2, 60))), [LOOKUP]);
}

#[test]
fn records_of_another_kind_are_no_answer() {
    let records = Records::Srv { ttl: Duration::from_secs(60), records: Vec::new() };
    let cache = cache_with(Ok(records));
    assert!(matches!(get(&cache, 1), Some(Err(DnsError::Malformed(_)))));
}

#[test]
fn in_another_network_every_name_is_asked_for_again() {
    let mut cache = cache_with(Ok(addresses(1, 60)));
    cache.expire(at(1));
    assert_eq!(get(&cache, 1), None);
    let query = ask(&mut cache, 1, "acme.test").unwrap();
    cache.on_records(at(1), query, Err(DnsError::Unreachable));
    assert_eq!(get(&cache, 1), Some(Ok(addresses(1, 60))), "an old answer is better than none");
}

#[test]
fn no_more_than_a_thousand_names_are_remembered() {
    let mut cache = NameCache::default();
    for n in 0..3 * MAX_NAMES {
        let name = format!("{n}.acme.test");
        let query = ask(&mut cache, 0, &name).unwrap();
        cache.on_records(at(0), query, Ok(addresses(1, 60)));
        assert!(cache.names.len() <= MAX_NAMES);
    }
    for n in 0..MAX_NAMES {
        ask(&mut cache, 0, &format!("{n}.other.test")).unwrap();
    }
    let busy = cache.ask(at(0), "one.more.test", RecordKind::A, LOOKUP);
    assert_eq!(busy, Err(DnsError::Busy), "all of them are being asked for");
}
