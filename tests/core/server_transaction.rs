//! RFC 3261 section 17.2 by instants: what a server transaction sends again, and when it is gone.

use crate::common::World;
use register::transaction::{Server, ServerTimer, T1, T2};
use std::time::Instant;

/// The milliseconds after `start` at which this fires, until the transaction is gone.
fn instants(server: &mut Server, start: Instant, timer: ServerTimer) -> Vec<u128> {
    let mut at = Vec::new();
    while let Some((next, _)) = server.poll_timeout() {
        let what = server.handle_timeout(next);
        if what == Some(timer) {
            at.push((next - start).as_millis());
        }
    }
    at
}

#[test]
fn an_answer_to_an_invite_is_repeated_until_32_s() {
    let now = World::new().now();
    let mut server = Server::new(true, false);
    assert_eq!(server.poll_timeout(), None);
    server.answered(now);
    let repeats = [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    assert_eq!(instants(&mut server.clone(), now, ServerTimer::G), repeats);
    assert_eq!(instants(&mut server, now, ServerTimer::H), [32_000]);
}

#[test]
fn an_ack_stops_it_and_5_s_later_it_is_gone() {
    let now = World::new().now();
    let mut server = Server::new(true, false);
    server.acknowledged(now);
    assert!(server.is_unanswered(), "an ACK before the answer means nothing");
    server.answered(now);
    server.acknowledged(now + T1);
    server.acknowledged(now + T2);
    assert_eq!(instants(&mut server.clone(), now, ServerTimer::G), [0; 0]);
    assert_eq!(instants(&mut server, now, ServerTimer::I), [5500]);
}

#[test]
fn over_a_connection_nothing_is_repeated_and_nothing_kept() {
    let now = World::new().now();
    let mut server = Server::new(true, true);
    server.answered(now);
    assert_eq!(instants(&mut server.clone(), now, ServerTimer::G), [0; 0]);
    assert_eq!(instants(&mut server.clone(), now, ServerTimer::H), [32_000]);
    server.acknowledged(now + T1);
    assert_eq!(instants(&mut server, now, ServerTimer::I), [500]);
    let mut other = Server::new(false, true);
    other.answered(now);
    assert_eq!(instants(&mut other, now, ServerTimer::J), [0]);
}

#[test]
fn an_answer_to_another_request_is_kept_for_32_s() {
    let now = World::new().now();
    let mut server = Server::new(false, false);
    server.answered(now);
    assert_eq!(instants(&mut server, now, ServerTimer::J), [32_000]);
}
