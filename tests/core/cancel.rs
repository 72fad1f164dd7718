//! RFC 3261 section 9.1 by instants: when an INVITE can be cancelled, what the CANCEL says, which
//! responses are its own, and that a cancelled INVITE ends.

use crate::invites::{Calling, USER, invite, tagged};
use register::sip::Draft;
use register::transaction::{Received, TransactionId, TransactionUser};
use register::transport::{Target, Transport};

const CANCELLER: TransactionUser = TransactionUser::Call(1, 3);

fn cancel(
    calling: &mut Calling,
    invite: TransactionId,
    header: Option<(&str, &str)>,
) -> Option<TransactionId> {
    let (now, timers) = (calling.now, &mut calling.timers);
    calling.transactions.cancel(now, invite, CANCELLER, ("agent/1", header), timers)
}

/// An INVITE that rings, and its CANCEL as it left.
fn cancelled(transport: Transport) -> (Calling, Draft) {
    let mut calling = Calling::new(transport);
    let id = calling.send(invite());
    calling.answer(&invite(), "180 Ringing").unwrap();
    calling.run_to(1000);
    let cancel = cancel(&mut calling, id, Some(("Reason", "SIP;cause=200"))).unwrap();
    let (server, released) = calling.next_target(cancel);
    assert_eq!((server, released), ((calling.target(), Vec::<Target>::new()), None));
    let text = calling.transactions.request(cancel).unwrap().clone();
    calling.leave(cancel, &text);
    (calling, text)
}

#[test]
fn a_cancel_is_the_invite_as_sent_without_what_is_not_of_its_transaction() {
    let (_, cancel) = cancelled(Transport::Udp);
    assert_eq!(
        String::from_utf8(cancel.to_bytes()).unwrap(),
        "CANCEL sip:bob@acme.test;x=1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.99:5070;rport;branch=z9hG4bKinvite\r\n\
         From: \"A\" <sip:alice@acme.test>;tag=1\r\n\
         To: <sip:bob@acme.test>\r\n\
         Call-ID: one@call\r\n\
         CSeq: 20 CANCEL\r\n\
         Max-Forwards: 70\r\n\
         User-Agent: agent/1\r\n\
         Reason: SIP;cause=200\r\n\
         Content-Length: 0\r\n\r\n"
    );
}

#[test]
fn an_invite_is_cancelled_once_and_between_its_responses() {
    let mut calling = Calling::new(Transport::Udp);
    let id = calling.send(invite());
    assert_eq!(cancel(&mut calling, id, None), None, "before any response");
    calling.answer(&invite(), "100 Trying").unwrap();
    let cancelled = cancel(&mut calling, id, None).unwrap();
    assert_eq!(cancel(&mut calling, id, None), None, "a second time");
    assert_eq!(cancel(&mut calling, cancelled, None), None, "the CANCEL itself");
    let mut calling = Calling::new(Transport::Udp);
    let id = calling.send(invite());
    calling.answer(&invite(), "180 Ringing").unwrap();
    calling.answer(&invite(), "200 OK").unwrap();
    assert_eq!(cancel(&mut calling, id, None), None, "behind the final response");
    assert_eq!(cancel(&mut calling, TransactionId(99), None), None);
}

#[test]
fn responses_find_the_invite_or_its_cancel_by_the_method_of_their_cseq() {
    let (mut calling, cancel) = cancelled(Transport::Udp);
    match calling.answer(&cancel, "200 OK") {
        Some(Received::Final(answered)) => {
            assert_eq!((answered.user, answered.ack), (CANCELLER, None));
            assert!(answered.request.starts_with(b"CANCEL "));
        }
        other => panic!("{other:?}"),
    }
    match calling.answer(&invite(), "487 Request Terminated") {
        Some(Received::Final(answered)) => {
            assert_eq!(answered.user, USER);
            assert!(answered.ack.unwrap().starts_with(b"ACK "));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(calling.answer(&cancel, "200 OK"), Some(Received::Absorbed)));
    assert!(matches!(
        calling.answer(&invite(), "487 Request Terminated"),
        Some(Received::Reply(..))
    ));
    calling.run_to(33_000);
    assert_eq!(calling.ended, [(6000, "K"), (33_000, "D")]);
    assert!(calling.is_over());
    for request in [&cancel, &invite()] {
        assert!(calling.answer(request, "200 OK").is_none());
    }
}

#[test]
fn a_cancel_is_sent_again_and_given_up_as_any_request() {
    let (mut calling, cancel) = cancelled(Transport::Udp);
    calling.run_to(32_999);
    let instants = [1500, 2500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500, 32_500];
    assert_eq!(calling.instants(), instants);
    assert!(calling.sent.iter().all(|(_, again)| *again == cancel));
    calling.run_to(33_000);
    assert_eq!(calling.ended, [(33_000, "cancelled"), (33_000, "F")]);
    assert!(calling.is_over());
}

#[test]
fn a_cancelled_invite_without_final_response_ends_32_s_later() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (mut calling, cancel) = cancelled(transport);
        calling.answer(&cancel, "200 OK").unwrap();
        calling.run_to(20_000);
        calling.answer(&invite(), "180 Ringing").unwrap();
        calling.run_to(32_999);
        assert!(calling.ended.iter().all(|(_, name)| *name == "K"));
        calling.run_to(33_000);
        assert_eq!(calling.ended.last(), Some(&(33_000, "cancelled")));
        assert!(calling.is_over());
    }
}

#[test]
fn a_2xx_overtakes_the_cancel() {
    let (mut calling, cancel) = cancelled(Transport::Udp);
    calling.run_to(1100);
    let accepted = calling.receive(&tagged(&invite(), "200 OK", "b"));
    assert!(matches!(accepted, Some(Received::Final(answered)) if answered.user == USER));
    let late = calling.answer(&cancel, "481 Call/Transaction Does Not Exist");
    assert!(matches!(late, Some(Received::Final(answered)) if answered.user == CANCELLER));
    calling.run_to(40_000);
    assert_eq!(calling.ended, [(6100, "K"), (33_100, "M")]);
}
