//! Answers that come late or not at all.

use super::*;
use crate::instants::at;
use crate::transport::RecordKind;

impl World {
    /// A wait ends at `ms`, and nobody learns anything by that.
    fn fires_at(&mut self, ms: u64) {
        assert_eq!(self.locator.deadline(), Some(at(ms)));
        assert_eq!(self.locator.on_timeout(at(ms), &mut || 0), []);
    }
}

#[test]
fn srv_records_that_do_not_come_are_none_after_6_seconds() {
    let mut world = world().ip("acme.test", &["192.0.2.1"]);
    assert_eq!(world.locate(0, "sip:acme.test", UDP), Located::Waiting);
    assert_eq!(world.answer(0, &[RecordKind::Srv]), []);
    world.fires_at(1800);
    world.fires_at(6000);
    let mut found = world.answer(6100, &[]);
    assert_eq!(text(found.remove(0).1), "UDP 192.0.2.1:5060");
    assert_eq!(world.locator.deadline(), None);
}

#[test]
fn what_has_come_in_10_seconds_is_used() {
    let mut world = world()
        .srv("_sip._udp.acme.test", &[(1, 0, 5060, "192.0.2.9"), (2, 0, 5060, "slow.test")])
        .ip("acme.test", &["192.0.2.1"]);
    assert_eq!(world.locate(0, "sip:acme.test", UDP), Located::Waiting);
    assert_eq!(world.answer(0, &[RecordKind::A]), []);
    world.fires_at(1800);
    world.fires_at(6000);
    assert_eq!(world.locator.deadline(), Some(at(10_000)));
    let mut found = world.locator.on_timeout(at(10_000), &mut || 0);
    assert_eq!(text(found.remove(0).1), "UDP 192.0.2.9:5060");
    assert_eq!(world.locate(20_000, "sip:other.test:5060", UDP), Located::Waiting);
    assert_eq!(world.answer(20_000, &[RecordKind::A]), []);
    world.fires_at(21_800);
    world.fires_at(26_000);
    let mut found = world.locator.on_timeout(at(30_000), &mut || 0);
    let expected = "other.test: Temporary failure in name resolution";
    assert_eq!(text(found.remove(0).1), expected);
}

#[test]
fn a_dead_first_name_server_delays_each_question_and_loses_none() {
    let mut world = world()
        .srv("_sip._udp.acme.test", &[(1, 0, 5070, "host.test")])
        .ip("host.test", &["192.0.2.9"])
        .ip("acme.test", &["192.0.2.1"]);
    assert_eq!(world.locate(0, "sip:acme.test", UDP), Located::Waiting);
    world.fires_at(1800);
    assert_eq!(world.answer(5005, &[RecordKind::A]), []);
    world.fires_at(6000);
    world.fires_at(10_000);
    let mut found = world.answer_late(10_012);
    assert_eq!(text(found.remove(0).1), "UDP 192.0.2.9:5070");
    assert_eq!(world.asked, ["Srv _sip._udp.acme.test", "A host.test"]);
    assert_eq!(world.locate(400_000, "sip:acme.test", UDP), Located::Waiting);
    assert_eq!(world.answer(400_000, &[RecordKind::A]), []);
    let mut found = world.locator.on_timeout(at(401_800), &mut || 0);
    assert_eq!(text(found.remove(0).1), "UDP 192.0.2.9:5070", "it is known from before");
}

#[test]
fn an_address_that_never_comes_is_waited_for_20_seconds_at_most() {
    let mut world = world().srv("_sip._udp.acme.test", &[(1, 0, 5070, "host.test")]);
    assert_eq!(world.locate(0, "sip:acme.test", UDP), Located::Waiting);
    assert_eq!(world.answer(0, &[RecordKind::A]), []);
    for ms in [1800, 6000, 10_000] {
        world.fires_at(ms);
    }
    let mut found = world.locator.on_timeout(at(20_000), &mut || 0);
    assert_eq!(text(found.remove(0).1), "host.test: Temporary failure in name resolution");
}

#[test]
fn what_was_known_is_used_where_nothing_comes_and_asked_for_all_the_same() {
    let mut world = world()
        .srv("_sip._udp.acme.test", &[(1, 0, 5070, "host.test")])
        .ip("host.test", &["192.0.2.9"]);
    let expected = "UDP 192.0.2.9:5070";
    assert_eq!(world.leads(0, "sip:acme.test", UDP), expected);
    world.asked.clear();
    assert_eq!(world.locate(898_000, "sip:acme.test", UDP), Located::Waiting);
    let mut found = world.locator.on_timeout(at(899_800), &mut || 0);
    assert_eq!(text(found.remove(0).1), expected, "300 s of TTL, and 10 min");
    assert_eq!(world.answer(899_800, &[RecordKind::Srv, RecordKind::A]), []);
    assert_eq!(world.asked, ["Srv _sip._udp.acme.test", "A host.test"]);
    let anew = LocateSettings { is_reused: false, ..UDP };
    assert_eq!(world.locate(899_900, "sip:acme.test", anew), Located::Waiting);
    assert_eq!(world.locator.on_timeout(at(901_700), &mut || 0), [], "option 18 is 0");
}

#[test]
fn what_is_waited_for_is_asked_again_in_another_network() {
    let mut world = world().ip("acme.test", &["192.0.2.1"]);
    assert_eq!(world.locate(0, "sip:acme.test:5070", UDP), Located::Waiting);
    let Some(Transmit::Query { query: lost, .. }) = world.locator.poll_query() else { panic!() };
    world.locator.ask_again(at(1000));
    let failed = Err(DnsError::Timeout);
    assert_eq!(world.locator.on_records(at(1100), lost, failed, &mut || 0), []);
    let mut found = world.answer(1200, &[]);
    assert_eq!(text(found.remove(0).1), "UDP 192.0.2.1:5070");
    world.locator.ask_again(at(1300));
    assert_eq!(world.locator.poll_query(), None);
}

#[test]
fn that_a_domain_has_no_srv_records_is_used_too_where_nothing_comes() {
    let mut world = world().ip("acme.test", &["192.0.2.1"]);
    assert_eq!(world.leads(0, "sip:acme.test", UDP), "UDP 192.0.2.1:5060");
    assert_eq!(world.locate(600_000, "sip:acme.test", UDP), Located::Waiting);
    assert_eq!(world.answer(600_000, &[RecordKind::Srv, RecordKind::A]), []);
    let mut found = world.locator.on_timeout(at(601_800), &mut || 0);
    assert_eq!(text(found.remove(0).1), "UDP 192.0.2.1:5060");
}

#[test]
fn what_a_server_asked_for_goes_there_without_a_look_up() {
    let mut world = world()
        .srv("_sip._udp.acme.test", &[(1, 0, 5070, "host.test")])
        .ip("host.test", &["192.0.2.9"]);
    assert_eq!(world.leads(0, "sip:acme.test", UDP), "UDP 192.0.2.9:5070");
    let asked = LocateSettings { takes_stale: true, ..UDP };
    world.asked.clear();
    assert_eq!(world.leads(400_000, "sip:acme.test", asked), "UDP 192.0.2.9:5070");
    assert!(world.asked.is_empty());
    assert_eq!(world.locate(901_000, "sip:acme.test", asked), Located::Waiting, "no longer");
}
