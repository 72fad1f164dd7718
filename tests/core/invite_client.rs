//! RFC 3261 section 17.1.1 with RFC 6026 by instants: every timer and state of the transaction of
//! an INVITE, the ACK of a response that refuses it, and what is no response to it.

use crate::invites::{Calling, ROUTE, USER, invite, tagged};
use register::sip::{Draft, Message, Text};
use register::transaction::{Answered, ClientState, InviteClient, Received, ResponseKind};
use register::transport::Transport;
use std::time::Duration;

const REPEATS: [u128; 6] = [500, 1500, 3500, 7500, 15_500, 31_500];

fn text(bytes: &Text) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The final response that is in `received`.
fn last(received: Option<Received>) -> Answered {
    match received {
        Some(Received::Final(answered)) => answered,
        other => panic!("no final response: {other:?}"),
    }
}

#[test]
fn an_unanswered_invite_is_sent_seven_times_and_given_up_at_32_s() {
    let mut calling = Calling::new(Transport::Udp);
    calling.send(invite());
    calling.run_to(31_999);
    assert_eq!(calling.instants(), REPEATS, "doubling without a limit");
    let mut wire = invite();
    wire.remove("Route");
    assert!(calling.sent.iter().all(|(_, again)| *again == wire), "byte for byte the same");
    assert!(calling.ended.is_empty());
    calling.run_to(32_000);
    assert_eq!(calling.ended, [(32_000, "B")]);
    assert!(calling.is_over());
}

#[test]
fn over_a_connection_it_is_sent_once_and_given_up_at_32_s() {
    let mut calling = Calling::new(Transport::Tcp);
    calling.send(invite());
    calling.run_to(60_000);
    assert_eq!((calling.instants(), &calling.ended[..]), (vec![], &[(32_000, "B")][..]));
}

#[test]
fn a_provisional_response_ends_timers_a_and_b() {
    for status in ["100 Trying", "180 Ringing", "199 Early Dialog Terminated"] {
        let mut calling = Calling::new(Transport::Udp);
        calling.send(invite());
        calling.run_to(600);
        for _ in 0..2 {
            match calling.answer(&invite(), status) {
                Some(Received::Provisional(USER, Some(sent))) => {
                    assert!(text(&sent).starts_with("INVITE sip:bob@acme.test;x=1 SIP/2.0\r\n"));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(calling.timers.next(), None, "whoever called it off has to say so");
        calling.run_to(3_600_000);
        assert_eq!(calling.instants(), [500]);
        assert_eq!(calling.transactions.len(), 1);
        assert!(last(calling.answer(&invite(), "200 OK")).ack.is_none());
    }
}

#[test]
fn a_refusal_is_acknowledged_and_so_is_each_copy_for_32_s() {
    let mut calling = Calling::new(Transport::Udp);
    calling.send(invite());
    calling.run_to(1000);
    let answered = last(calling.answer(&invite(), "486 Busy Here"));
    let flow = calling.flow;
    assert_eq!((answered.user, answered.flow, answered.released), (USER, flow, Some(flow.id)));
    let ack = answered.ack.unwrap();
    assert_eq!(
        text(&ack),
        "ACK sip:bob@acme.test;x=1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.99:5070;rport;branch=z9hG4bKinvite\r\n\
         Route: <sip:proxy.acme.test;lr>\r\n\
         From: \"A\" <sip:alice@acme.test>;tag=1\r\n\
         To: <sip:bob@acme.test>;tag=b\r\n\
         Call-ID: one@call\r\n\
         CSeq: 20 ACK\r\n\
         Content-Length: 0\r\n\r\n"
    );
    for at in [1001, 5000, 32_999] {
        calling.run_to(at);
        match calling.answer(&invite(), "486 Busy Here") {
            Some(Received::Reply(flow, again)) => {
                assert_eq!((flow, again), (calling.flow.id, ack.clone()));
            }
            other => panic!("{other:?}"),
        }
    }
    for late in ["100 Trying", "180 Ringing", "200 OK"] {
        let received = calling.answer(&invite(), late);
        assert!(matches!(received, Some(Received::Absorbed)), "{late}: {received:?}");
    }
    assert_eq!(calling.instants(), [500]);
    calling.run_to(33_000);
    assert_eq!(calling.ended, [(33_000, "D")]);
    assert!(calling.is_over());
    assert!(calling.answer(&invite(), "486 Busy Here").is_none(), "nothing is known of it");
}

#[test]
fn over_a_connection_nothing_is_kept_behind_a_refusal() {
    let mut calling = Calling::new(Transport::Tls);
    calling.send(invite());
    calling.run_to(1000);
    assert!(last(calling.answer(&invite(), "603 Decline")).ack.is_some());
    calling.run_to(1000);
    assert_eq!(calling.ended, [(1000, "D")]);
    assert!(calling.is_over());
}

#[test]
fn each_further_2xx_is_for_the_user_for_32_s_whatever_its_tag() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut calling = Calling::new(transport);
        calling.send(invite());
        calling.answer(&invite(), "180 Ringing");
        calling.run_to(2000);
        let answered = last(calling.answer(&invite(), "200 OK"));
        assert_eq!(
            (answered.user, answered.ack),
            (USER, None),
            "a 2xx is its user's to acknowledge"
        );
        for (at, tag) in [(2000, "b"), (2500, "b"), (3000, "c"), (33_999, "d")] {
            calling.run_to(at);
            match calling.receive(&tagged(&invite(), "200 OK", tag)) {
                Some(Received::AnsweredAgain(USER, sent)) => assert_eq!(sent, answered.request),
                other => panic!("{other:?}"),
            }
        }
        for late in ["100 Trying", "183 Session Progress", "486 Busy Here", "503 Overload"] {
            let received = calling.answer(&invite(), late);
            assert!(matches!(received, Some(Received::Absorbed)), "{late}: {received:?}");
        }
        calling.run_to(34_000);
        assert_eq!(calling.ended, [(34_000, "M")]);
        assert!(calling.is_over());
        assert!(calling.answer(&invite(), "200 OK").is_none());
    }
}

#[test]
fn a_response_with_an_id_that_is_not_ours_changes_nothing() {
    for answered in ["", "486 Busy Here", "200 OK"] {
        let mut calling = Calling::new(Transport::Udp);
        calling.send(invite());
        if !answered.is_empty() {
            last(calling.answer(&invite(), answered));
        }
        for (name, value) in [
            ("Via", "SIP/2.0/UDP 192.0.2.99:5070;branch=z9hG4bKinvited"),
            ("Via", "SIP/2.0/UDP 192.0.2.99:5070"),
            ("Call-ID", "two@call"),
            ("CSeq", "21 INVITE"),
            ("CSeq", "20 CANCEL"),
            ("CSeq", "20 ACK"),
            ("CSeq", "many"),
        ] {
            let mut other = invite();
            other.set(name, value);
            for status in ["180 Ringing", "200 OK", "486 Busy Here"] {
                let received = calling.answer(&other, status);
                assert!(received.is_none(), "{name}: {value}, {status}: {received:?}");
            }
        }
    }
}

#[test]
fn a_response_without_to_is_acknowledged_with_that_of_the_invite() {
    let mut calling = Calling::new(Transport::Udp);
    calling.send(invite());
    let mut response = Draft::parse(&tagged(&invite(), "400 Bad Request", "b")).unwrap();
    response.remove("To");
    let ack = last(calling.receive(&response.to_bytes())).ack.unwrap();
    assert_eq!(Draft::parse(&ack).unwrap().get("To"), Some("<sip:bob@acme.test>"));
}

#[test]
fn a_to_with_line_ends_adds_no_header_to_the_ack() {
    let mut calling = Calling::new(Transport::Udp);
    calling.send(invite());
    let bytes = tagged(&invite(), "486 Busy Here", "b\r\n ;x=\"\r\n\tEvil: 1\"");
    let text = String::from_utf8(bytes).unwrap();
    let mut room = Vec::new();
    let message = Message::read(text.as_bytes(), &mut room).unwrap();
    let branch = register::transaction::Branch::parse("z9hG4bKinvite");
    let id = calling.transactions.find(&branch, &message).unwrap();
    let now = calling.now;
    let received = calling.transactions.on_response(now, id, &message, &mut calling.timers);
    let ack = Draft::parse(&last(Some(received)).ack.unwrap()).unwrap();
    assert_eq!((ack.headers().len(), ack.get("Evil")), (6, None));
}

#[test]
fn the_ack_shows_each_route_of_the_invite_as_sent() {
    let mut calling = Calling::new(Transport::Udp);
    let mut request = invite();
    request.insert_after("Route", "Route", "<sip:second.test;lr>");
    calling.send_as(request.clone(), &request);
    let ack = Draft::parse(&last(calling.answer(&request, "404 Not Found")).ack.unwrap()).unwrap();
    let routes = ack.headers().filter(|(name, _)| *name == "Route").map(|(_, value)| value);
    assert_eq!(routes.collect::<Vec<_>>(), [ROUTE, "<sip:second.test;lr>"]);
}

#[test]
fn a_late_2xx_of_a_target_that_was_left_is_for_the_user_too() {
    let mut calling = Calling::new(Transport::Tcp);
    let id = calling.send(invite());
    calling.run_to(1000);
    assert!(calling.transactions.repeat(id, calling.target()));
    calling.next_target(id);
    let (first, mut again) = (invite(), invite());
    again.set("Via", "SIP/2.0/TCP 192.0.2.99:5070;branch=z9hG4bK00000000000000000000000000000007");
    calling.leave(id, &again);
    for _ in 0..2 {
        match calling.answer(&first, "200 OK") {
            Some(Received::AnsweredAgain(USER, sent)) => {
                assert!(text(&sent).contains("branch=z9hG4bKinvite\r\n"), "as sent there");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(last(calling.answer(&again, "486 Busy Here")).ack.is_some());
    calling.run_to(60_000);
    assert_eq!(calling.ended, [(1000, "D"), (33_000, "M")]);
    assert!(calling.is_over());
}

#[test]
fn an_ack_awaits_nothing() {
    let mut calling = Calling::new(Transport::Udp);
    let mut ack = invite();
    ack.set_start("ACK sip:bob@192.0.2.1 SIP/2.0");
    ack.set("CSeq", "20 ACK");
    let id = calling.transactions.queue(calling.now, USER, ack.clone(), (20, "ACK".into()), None);
    calling.transactions.transmission(id, calling.flow, || 7).unwrap();
    let (bytes, place): (Text, _) = (ack.to_bytes().into(), ack.place_of("Call-ID").unwrap());
    let (now, timers) = (calling.now, &mut calling.timers);
    assert!(!calling.transactions.sent(now, id, bytes.clone(), place, timers));
    let gone = calling.transactions.abandon(id, &mut calling.timers).unwrap();
    assert_eq!((gone.user, gone.request), (USER, Some(bytes)));
    assert!(calling.is_over());
}

#[test]
fn the_machine_is_silent_only_while_nothing_has_come() {
    let start = Calling::new(Transport::Udp).now;
    let ms = |ms: u64| start + Duration::from_millis(ms);
    let mut client = InviteClient::queue(start);
    assert_eq!(client.handle_response(start, 200), ResponseKind::Absorbed, "it was not sent");
    client.sent(ms(100), false);
    assert_eq!(
        (client.sent_at(), client.silence(ms(7600))),
        (ms(100), Duration::from_millis(7500))
    );
    assert_eq!(client.handle_timeout(ms(599)), None, "early");
    assert_eq!(client.handle_response(ms(7600), 100), ResponseKind::Provisional);
    assert_eq!(
        (client.state(), client.silence(ms(9000))),
        (ClientState::Proceeding, Duration::ZERO)
    );
    assert_eq!((client.poll_timeout(), client.handle_timeout(ms(99_000))), (None, None));
    assert_eq!(client.handle_response(ms(7600), 699), ResponseKind::Final);
    assert_eq!(client.handle_response(ms(7600), 300), ResponseKind::Repeated);
    client.handle_timeout(ms(39_600)).unwrap();
    assert_eq!((client.state(), client.poll_timeout()), (ClientState::Terminated, None));
    assert_eq!(client.handle_response(ms(40_000), 200), ResponseKind::Absorbed);
}
