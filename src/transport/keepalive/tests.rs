use super::*;
use crate::instants::at;
use crate::transport::Transport;
use crate::transport::tests::{addr, random};

const USER: KeepAliveUser = 7;

fn flow() -> Flow {
    let (local, remote) = (addr("10.0.0.1:5070"), addr("192.0.2.1:5060"));
    Flow { id: FlowId(1), transport: Transport::Udp, local, remote }
}

fn crlf(seconds: u64) -> KeepAliveWish {
    let period = Some(Duration::from_secs(seconds));
    KeepAliveWish { is_wanted: true, is_stun: false, period }
}

fn stun(seconds: u64) -> KeepAliveWish {
    KeepAliveWish { is_stun: true, ..crlf(seconds) }
}

/// Keep-alives of a flow with one user, whose context wants one each 17 s.
fn kept(wish: Option<KeepAliveWish>) -> KeepAlives {
    let mut alive = KeepAlives::new(Some(Duration::from_secs(17)));
    alive.add_user(at(0), (flow().id, false), USER, wish, &mut random(0));
    alive
}

/// Lets the next deadline come; its instant and what was decided.
fn next(alive: &mut KeepAlives) -> (u64, KeepAliveDecision) {
    let deadline = alive.deadline(flow().id).unwrap();
    let ms = deadline.saturating_duration_since(at(0)).as_millis();
    (ms as u64, alive.on_timeout(deadline, flow().id, true, &mut random(0)))
}

fn sent(decision: &KeepAliveDecision) -> Vec<u8> {
    let KeepAliveDecision::Send(bytes) = decision else { panic!("{decision:?}") };
    bytes.to_vec()
}

/// The answer to a STUN request, with the mapped address 203.0.113.7.
fn answer(request: &[u8], port: u16) -> Vec<u8> {
    let [high, low] = port.to_be_bytes();
    let mapped = [0, 1, 0, 8, 0, 1, high, low, 203, 0, 113, 7];
    [&[1, 1, 0, 12][..], &request[4..20], &mapped].concat()
}

/// Answers the next STUN request at once.
fn answered(alive: &mut KeepAlives, port: u16) -> (u64, KeepAliveDecision) {
    let (ms, decision) = next(alive);
    let bytes = answer(&sent(&decision), port);
    (ms, alive.on_stun(at(ms), &flow(), &bytes, &mut random(9)))
}

#[test]
fn crlf_is_sent_at_the_contexts_period_or_a_users_own() {
    for (wish, period) in [(None, 17_000), (Some(crlf(20)), 20_000)] {
        let mut alive = kept(wish);
        for round in 1..4 {
            let (ms, decision) = next(&mut alive);
            assert_eq!((ms, &sent(&decision)[..]), (round * period, &b"\r\n\r\n"[..]));
        }
    }
}

#[test]
fn the_shortest_period_of_all_users_counts() {
    let mut alive = kept(Some(crlf(20)));
    alive.add_user(at(0), (flow().id, false), 8, Some(crlf(12)), &mut random(0));
    assert_eq!(next(&mut alive).0, 20_000, "it was planned already");
    assert_eq!(next(&mut alive).0, 32_000);
    let other = KeepAliveWish { period: None, ..crlf(0) };
    alive.add_user(at(0), (flow().id, false), 9, Some(other), &mut random(0));
    assert_eq!(next(&mut alive).0, 44_000);
}

#[test]
fn nothing_is_sent_when_nobody_wants_it() {
    let unwanted = KeepAliveWish { is_wanted: false, ..crlf(20) };
    let mut alive = kept(Some(unwanted));
    assert_eq!(alive.deadline(flow().id), None);
    alive.set_wanted(at(1000), flow().id, USER, true, &mut random(0));
    assert_eq!(alive.deadline(flow().id), Some(at(21_000)));
    alive.set_wanted(at(2000), flow().id, USER, false, &mut random(0));
    assert_eq!(next(&mut alive), (21_000, KeepAliveDecision::None));
    assert_eq!(alive.deadline(flow().id), None);
    alive.remove_user(at(2000), flow().id, USER);
    assert_eq!(alive.flows(), []);
}

#[test]
fn another_period_of_the_context_counts_from_now() {
    let mut alive = kept(None);
    alive.set_period(at(5000), Some(Duration::from_secs(30)), &mut random(0));
    assert_eq!(alive.deadline(flow().id), Some(at(35_000)));
    alive.set_period(at(6000), None, &mut random(0));
    assert_eq!(alive.deadline(flow().id), None);
}

#[test]
fn a_flow_timer_counts_at_80_to_100_percent() {
    let mut alive = kept(Some(crlf(20)));
    for (drawn, ms) in [(0, 80_000), (u64::MAX, 100_000)] {
        alive.set_flow_timer(at(0), flow().id, None, &mut random(0));
        alive.set_flow_timer(at(0), flow().id, Some(100), &mut || drawn);
        assert_eq!(alive.deadline(flow().id), Some(at(ms)));
    }
    alive.set_flow_timer(at(0), flow().id, Some(0), &mut random(0));
    assert_eq!(alive.deadline(flow().id), Some(at(20_000)), "0 is none");
}

#[test]
fn a_server_that_falls_silent_is_asked_four_times_and_then_dead() {
    let mut alive = kept(Some(stun(20)));
    assert_eq!(answered(&mut alive, 4000), (20_000, KeepAliveDecision::None));
    let (_, first) = next(&mut alive);
    for ms in [41_000, 43_000, 47_000] {
        assert_eq!(next(&mut alive), (ms, first.clone()));
    }
    let dead = KeepAliveDecision::Dead(DeadReason::NoAnswer);
    assert_eq!(next(&mut alive), (55_000, dead));
    assert_eq!(alive.renewing_users(flow().id), [USER]);
    assert_eq!(sent(&next(&mut alive).1).len(), 20, "it is asked on");
}

#[test]
fn a_server_that_does_not_know_stun_gets_crlf() {
    let mut alive = kept(Some(stun(20)));
    for ms in [20_000, 21_000, 23_000, 27_000] {
        assert_eq!(next(&mut alive).0, ms);
    }
    assert_eq!(next(&mut alive), (35_000, KeepAliveDecision::None));
    let (ms, decision) = next(&mut alive);
    assert_eq!((ms, &sent(&decision)[..]), (55_000, &b"\r\n\r\n"[..]));
}

#[test]
fn a_mapped_address_that_changes_renews_every_half_minute_at_most() {
    let mut alive = kept(Some(stun(20)));
    assert_eq!(answered(&mut alive, 4000).1, KeepAliveDecision::None, "the first says nothing");
    assert_eq!(answered(&mut alive, 4000).1, KeepAliveDecision::None, "it stays");
    for (port, is_renewed) in [(4001, true), (4002, false), (4003, true)] {
        let mapped = SocketAddr::from(([203, 0, 113, 7], port));
        let changed = KeepAliveDecision::MappedAddressChanged { mapped, is_renewed };
        assert_eq!(answered(&mut alive, port).1, changed);
    }
    assert_eq!(answered(&mut alive, 0).1, KeepAliveDecision::None, "that cannot be");
}

#[test]
fn an_answer_to_no_request_of_ours_changes_nothing() {
    let mut alive = kept(Some(stun(20)));
    let (ms, decision) = next(&mut alive);
    let deadline = alive.deadline(flow().id);
    let mut bytes = answer(&sent(&decision), 4000);
    bytes[19] ^= 1;
    let nothing = KeepAliveDecision::None;
    assert_eq!(alive.on_stun(at(ms), &flow(), &bytes, &mut random(0)), nothing);
    let other = Flow { id: FlowId(2), ..flow() };
    assert_eq!(alive.on_stun(at(ms), &other, &bytes, &mut random(0)), nothing);
    assert_eq!(alive.deadline(flow().id), deadline);
}

/// The network returns these bytes.
fn returned(alive: &mut KeepAlives, ms: u64, bytes: &[u8]) -> KeepAliveDecision {
    alive.on_failed(at(ms), flow().id, bytes, &mut random(3))
}

#[test]
fn an_undeliverable_keep_alive_is_checked_once_in_half_a_minute() {
    let mut alive = kept(Some(crlf(20)));
    assert_eq!(returned(&mut alive, 20_000, b"\r\n"), KeepAliveDecision::Check);
    alive.set_checking_user(flow().id, Some(USER));
    alive.end_check(flow().id, USER);
    assert_eq!(returned(&mut alive, 49_999, b"\r\n"), KeepAliveDecision::None);
    assert_eq!(returned(&mut alive, 50_000, b"\r\n"), KeepAliveDecision::Check);
    alive.set_checking_user(flow().id, Some(USER));
    let dead = KeepAliveDecision::Dead(DeadReason::CheckFailed);
    assert_eq!(alive.on_check_failed(at(50_001), flow().id, 8), KeepAliveDecision::None);
    assert_eq!(alive.on_check_failed(at(50_001), flow().id, USER), dead);
    assert_eq!(returned(&mut alive, 80_000, b"\r\n"), KeepAliveDecision::None, "too soon");
    let mut alive = kept(None);
    let nothing = KeepAliveDecision::None;
    assert_eq!(returned(&mut alive, 0, b"\r\n"), nothing, "nobody is renewed");
}

#[test]
fn a_server_that_answers_stun_is_checked_by_stun() {
    let mut alive = kept(Some(stun(20)));
    assert_eq!(answered(&mut alive, 4000), (20_000, KeepAliveDecision::None));
    let check = sent(&returned(&mut alive, 25_000, &[0, 1, 0, 0]));
    assert_eq!(check.len(), 20);
    assert_eq!(alive.deadline(flow().id), Some(at(26_000)));
    let forged = [&check[..19], &[!check[19]]].concat();
    for bytes in [&[0, 1, 0, 0][..], &forged, b"\r\n\r\n", &check] {
        assert_eq!(returned(&mut alive, 25_010, bytes), KeepAliveDecision::None);
    }
    assert_eq!(next(&mut alive), (26_000, KeepAliveDecision::Send(check.clone().into())));
    let dead = KeepAliveDecision::Dead(DeadReason::Undelivered);
    assert_eq!(returned(&mut alive, 26_010, &check), dead, "it comes back with its id twice");
}

#[test]
fn another_user_checks_when_the_first_is_removed() {
    let mut alive = kept(Some(crlf(20)));
    alive.add_user(at(0), (flow().id, false), 8, Some(crlf(20)), &mut random(0));
    assert_eq!(returned(&mut alive, 20_000, b"\r\n"), KeepAliveDecision::Check);
    alive.set_checking_user(flow().id, Some(USER));
    alive.remove_user(at(21_000), flow().id, USER);
    assert_eq!(next(&mut alive), (21_000, KeepAliveDecision::Check));
    assert_eq!(alive.renewing_users(flow().id), [8]);
}

#[test]
fn a_connection_that_has_answered_is_dead_ten_seconds_after_a_ping() {
    let mut alive = kept(None);
    assert_eq!(next(&mut alive).0, 17_000);
    assert_eq!(next(&mut alive).0, 34_000, "it never answered");
    alive.on_pong(at(34_100), flow().id, &mut random(0));
    assert_eq!(next(&mut alive).0, 51_000);
    alive.on_pong(at(51_100), flow().id, &mut random(0));
    assert_eq!(next(&mut alive).0, 68_100);
    let dead = KeepAliveDecision::Dead(DeadReason::NoAnswer);
    assert_eq!(next(&mut alive), (78_100, dead));
}

#[test]
fn without_an_open_transport_nothing_is_sent() {
    let mut alive = kept(None);
    let nothing = KeepAliveDecision::None;
    assert_eq!(alive.on_timeout(at(16_999), flow().id, true, &mut random(0)), nothing, "early");
    assert_eq!(alive.on_timeout(at(17_000), flow().id, false, &mut random(0)), nothing);
    assert_eq!(alive.deadline(flow().id), Some(at(34_000)));
}
