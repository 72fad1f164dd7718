//! The dialogs of our calls, as the NOTIFYs of `describe_dialogs` describe them (RFC 4235).

use crate::calls::{OFFER, invite, kinds, tag};
use crate::common::{World, www};
use crate::notifiers::{ANSWERED, CONTACT, count, receive, request, respond};
use register::agent::{EventIds, EventKind};
use register::sip::Draft;

/// A SUBSCRIBE for the dialogs of our calls: what it is answered with, and the NOTIFY, whose answer
/// is 200.
fn described(world: &mut World, cseq: u32, within: Option<&Draft>, event: &str) -> [Draft; 2] {
    receive(world, &request("SUBSCRIBE", cseq, within, &[CONTACT, event, "Expires: 60"]));
    let asked = world.event();
    assert_eq!(asked.kind, EventKind::InSubscriptionNew);
    describe(world, asked.ids)
}

fn describe(world: &mut World, ids: EventIds) -> [Draft; 2] {
    let now = world.now();
    world.agent.describe_dialogs(now, (ids.nid, ids.did), ids.tid).unwrap();
    let sent: [Draft; 2] = world.sent().try_into().unwrap();
    assert_eq!(respond(world, &sent[1], "200 OK", &[]), ANSWERED);
    sent
}

/// Version, and the direction and state of each dialog with its Call-ID and the tags of both.
fn document(notify: &Draft) -> (String, Vec<String>) {
    let text = String::from_utf8(notify.body.clone()).unwrap();
    let value = |text: &str, name: &str| {
        let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let (head, dialogs) = text.split_once('>').unwrap().1.split_once('>').unwrap();
    let dialogs = dialogs.split("<dialog ").skip(1).map(|dialog| {
        assert_eq!(value(dialog, "id"), value(dialog, "call-id"));
        let state = dialog.split_once("<state>").unwrap().1.split_once('<').unwrap().0;
        let names = ["direction", "call-id", "local-tag", "remote-tag"];
        format!("{state} {}", names.map(|name| value(dialog, name)).join(" "))
    });
    (value(head, "version"), dialogs.collect())
}

#[test]
fn dialogs_of_both_sides_are_described_newest_first() {
    let mut world = World::new();
    let (standing, theirs, _) = world.established();
    let (ours, called) = world.call_bob();
    world.responds(&called, "180 Ringing", "b1");
    assert_eq!(world.event().kind, EventKind::CallRinging);
    let [answer, notify] = described(&mut world, 5, None, "Event: dialog;id=3");
    assert_eq!(answer.start(), "SIP/2.0 202 Accepted subscription");
    assert_eq!(notify.get("Event"), Some("dialog;id=3"));
    assert_eq!(notify.get("Subscription-State"), Some("active;expires=60"));
    let call_id = called.get("Call-ID").unwrap();
    let incoming = format!("confirmed recipient pcall {} pf1", tag(&theirs, "To"));
    let outgoing = |state| format!("{state} initiator {call_id} {} b1", tag(&called, "From"));
    let early = [outgoing("early"), incoming.clone()];
    assert_eq!(document(&notify), ("0".to_owned(), early.to_vec()));
    assert_eq!(tag(&standing, "From"), "pf1");

    world.accepts(&called, "b1");
    let event = world.event();
    world.acks(event.ids.tid);
    let [_, notify] = described(&mut world, 6, Some(&answer), "Event: dialog;id=3");
    let confirmed = [outgoing("confirmed"), incoming.clone()];
    assert_eq!(document(&notify), ("1".to_owned(), confirmed.to_vec()));

    world.ends(ours, event.ids.did).unwrap();
    world.sent();
    let [_, notify] = described(&mut world, 7, Some(&answer), "Event: dialog;id=3");
    assert_eq!(document(&notify), ("2".to_owned(), vec![incoming]), "what ends is no dialog");
}

#[test]
fn each_subscription_counts_versions_of_its_own() {
    let mut world = World::new();
    let [answer, notify] = described(&mut world, 5, None, "Event: dialog");
    assert_eq!(document(&notify).0, "0");
    let [_, notify] = described(&mut world, 6, Some(&answer), "Event: dialog");
    assert_eq!(document(&notify).0, "1");
    let other = String::from_utf8(request("SUBSCRIBE", 8, None, &[CONTACT, "Event: dialog"]));
    receive(&mut world, other.unwrap().replace("Call-ID: c1", "Call-ID: c2").as_bytes());
    let ids = world.event().ids;
    let [_, notify] = describe(&mut world, ids);
    assert_eq!(document(&notify).0, "0");
}

#[test]
fn a_call_without_a_dialog_is_not_described() {
    let mut world = World::new();
    let (_, called) = world.call_bob();
    world.responds(&called, "100 Trying", "");
    assert_eq!(world.event().kind, EventKind::CallProceeding);
    let [answer, notify] = described(&mut world, 5, None, "Event: dialog");
    assert_eq!(document(&notify).1, Vec::<String>::new(), "no peer has answered yet");
    world.responds(&called, "486 Busy Here", "b1");
    assert_eq!(world.event().kind, EventKind::CallRequestFailure);
    let refused = invite("i1", &[], OFFER);
    let event = world.invited(&refused);
    world.answer_plainly(event.ids.tid, 486);
    assert!(!kinds(&world.events()).contains(&EventKind::CallReleased), "they linger");
    let [_, notify] = described(&mut world, 6, Some(&answer), "Event: dialog");
    assert_eq!(document(&notify), ("1".to_owned(), Vec::new()), "what was refused is over");
}

/// A refresh while a NOTIFY has no answer: nothing but its own answer is sent.
fn asked_again(world: &mut World, cseq: u32, within: &Draft, expires: &str) {
    let fields = [CONTACT, "Event: dialog", expires];
    receive(world, &request("SUBSCRIBE", cseq, Some(within), &fields));
    let ids = world.event().ids;
    let now = world.now();
    world.agent.describe_dialogs(now, (ids.nid, ids.did), ids.tid).unwrap();
    assert_eq!(world.one().start(), "SIP/2.0 202 Accepted subscription");
}

#[test]
fn a_description_waits_until_the_notify_before_it_is_answered() {
    let mut world = World::with_alice();
    receive(&mut world, &request("SUBSCRIBE", 5, None, &[CONTACT, "Event: dialog", "Expires: 60"]));
    let ids = world.event().ids;
    let now = world.now();
    world.agent.describe_dialogs(now, (ids.nid, ids.did), ids.tid).unwrap();
    let [answer, first]: [Draft; 2] = world.sent().try_into().unwrap();
    asked_again(&mut world, 6, &answer, "Expires: 60");
    let (_, called) = world.call_bob();
    world.responds(&called, "180 Ringing", "b1");
    assert_eq!(world.event().kind, EventKind::CallRinging);
    assert_eq!(respond(&mut world, &first, "200 OK", &[]), ANSWERED);
    let second = world.one();
    assert_eq!(second.get("CSeq"), Some("3 NOTIFY"));
    let (version, dialogs) = document(&second);
    assert_eq!((&*version, dialogs.len()), ("1", 1), "as it is now");

    asked_again(&mut world, 7, &answer, "Expires: 0");
    let refused = respond(&mut world, &second, "401 Unauthorized", &[&www("n1")]);
    assert_eq!(refused, EventKind::NotificationRequestFailure);
    assert_eq!(world.sent().len(), 0, "the NOTIFY is sent again first");
    let again = world.automatic_one();
    assert_eq!(document(&again).0, "1");
    assert_eq!(respond(&mut world, &again, "200 OK", &[]), ANSWERED);
    let last = world.one();
    assert_eq!(document(&last).0, "2");
    assert_eq!(last.get("Subscription-State"), Some("terminated;reason=timeout"));
    assert_eq!(respond(&mut world, &last, "200 OK", &[]), ANSWERED);
    assert_eq!((count(&world), world.sent().len()), (0, 0));
}
