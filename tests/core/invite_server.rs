//! RFC 3261 section 17.2.1 with RFC 6026 by instants: an INVITE that was accepted.

use crate::common::{LOCAL, REGISTRAR, World, addr};
use register::sip::Text;
use register::transaction::{
    RequestOrigin, Requester, Server, ServerFired, ServerTimer, T1, Timer, TimerQueue, Transactions,
};
use register::transport::{Flow, Transport};
use std::time::{Duration, Instant};

/// One INVITE from a registrar or from a sender that may be forged.
struct Called {
    transactions: Transactions,
    timers: TimerQueue,
    flow: Flow,
    now: Instant,
}

const TID: i32 = 4;

impl Called {
    fn new(transport: Transport, origin: RequestOrigin) -> Called {
        let mut world = World::new();
        let id = world.agent.flow_of(transport, addr(LOCAL), addr(REGISTRAR));
        let flow = world.agent.flow(id).unwrap();
        let (transactions, timers) = (Transactions::default(), TimerQueue::default());
        let mut called = Called { transactions, timers, flow, now: world.now() };
        let is_connected = transport.is_reliable();
        let requester = Requester { origin, address: flow.remote, is_connected };
        called.transactions.serve(TID, "key".to_owned(), true, flow, (requester, 500), false);
        called
    }

    fn respond(&mut self, status: u16) -> (Option<register::transport::FlowId>, Text) {
        let text: Text = format!("SIP/2.0 {status} X\r\n\r\n").into_bytes().into();
        let timers = &mut self.timers;
        (self.transactions.respond(self.now, TID, status, Some(&text), timers), text)
    }

    fn acknowledge(&mut self) -> bool {
        self.transactions.acknowledge(self.now, TID, &mut self.timers)
    }
}

#[test]
fn an_accepted_invite_repeats_nothing_and_is_gone_at_32_s() {
    let now = World::new().now();
    for is_reliable in [false, true] {
        let mut server = Server::new(true, is_reliable);
        server.accepted(now);
        assert!(server.is_accepted() && !server.is_unanswered());
        server.acknowledged(now + T1);
        let at = now + Duration::from_secs(32);
        assert_eq!(server.poll_timeout(), Some((at, ServerTimer::L)), "no ACK is its own");
        assert_eq!(server.handle_timeout(at - T1), None);
        assert_eq!(server.handle_timeout(at), Some(ServerTimer::L));
        assert_eq!(server.poll_timeout(), None);
    }
}

#[test]
fn a_2xx_to_another_request_is_kept_as_any_final_response() {
    let now = World::new().now();
    let mut server = Server::new(false, false);
    server.accepted(now);
    assert!(!server.is_accepted());
    assert_eq!(server.poll_timeout(), Some((now + Duration::from_secs(32), ServerTimer::J)));
}

#[test]
fn copies_of_an_accepted_invite_are_absorbed_and_its_ack_is_for_the_user() {
    let mut called = Called::new(Transport::Udp, RequestOrigin::Registrar);
    let (over, trying) = called.respond(100);
    assert_eq!(over, Some(called.flow.id));
    let id = called.flow.id;
    assert_eq!(called.transactions.on_repeated(TID, 500), Some((id, trying)));
    assert_eq!(called.transactions.repeat_success(TID), None, "there is none yet");
    let (over, success) = called.respond(200);
    assert_eq!(over, Some(id));
    assert_eq!(called.transactions.on_repeated(TID, 500), None);
    assert_eq!(called.transactions.repeat_success(TID), Some((id, success.clone())));
    assert!(!called.acknowledge(), "a 2xx is acknowledged outside of the transaction");
    assert_eq!(called.transactions.response(TID), Some(&success));
    assert_eq!(called.transactions.server_flow(TID), Some(id));
    let end = called.now + Duration::from_secs(32);
    assert_eq!(
        (called.timers.next(), called.timers.pop(end)),
        (Some(end), Some(Timer::ServerL(TID)))
    );
    let ended = called.transactions.on_server_timeout(end, TID, &mut called.timers);
    assert_eq!(ended, Some(ServerFired::Ended(id)));
    assert_eq!(
        (called.transactions.server("key"), called.transactions.repeat_success(TID)),
        (None, None)
    );
}

#[test]
fn the_ack_of_a_refusal_belongs_to_its_transaction() {
    let mut called = Called::new(Transport::Udp, RequestOrigin::Registrar);
    assert!(called.acknowledge(), "one before any response goes nowhere else");
    called.respond(486);
    assert!(called.acknowledge() && called.acknowledge());
    assert_eq!(called.transactions.repeat_success(TID), None);
    let end = called.now + Duration::from_secs(5);
    assert_eq!(called.timers.pop(end), Some(Timer::ServerI(TID)));
}

#[test]
fn a_forged_sender_gets_a_2xx_again_only_where_the_application_wants_it() {
    let mut called = Called::new(Transport::Udp, RequestOrigin::Other);
    let (over, _) = called.respond(200);
    assert_eq!(over, Some(called.flow.id), "the one that the INVITE allows");
    assert_eq!(called.transactions.repeat_success(TID), None);
    assert_eq!(called.transactions.on_repeated(TID, 500), None);
    assert!(called.transactions.repeat_success(TID).is_some(), "one more for the copy");
    assert_eq!(called.transactions.repeat_success(TID), None);
    called.transactions.respond_freely(TID);
    assert!((0..9).all(|_| called.transactions.repeat_success(TID).is_some()));
}
