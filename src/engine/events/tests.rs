//! The queue of events, and what it drops.

use super::*;
use crate::agent::EventIds;

const NOW: Option<Duration> = Some(Duration::ZERO);
const LONG: Option<Duration> = Some(Duration::from_secs(20));

fn append(events: &Events, event: ApplicationEvent) -> Dropped {
    events.push(QueuedEvent { event, message: None }).0
}

fn push(events: &Events, added: &[ApplicationEvent]) -> usize {
    let dropped = added.iter().map(|event| append(events, event.clone()).events).sum();
    events.announce(added.len());
    dropped
}

/// A provisional response of so many bytes to request `tid`.
fn provisional_of(tid: Tid, status: u16, bytes: usize) -> ApplicationEvent {
    let mut response = format!("SIP/2.0 {status} Working\r\n").into_bytes();
    response.resize(bytes, b'x');
    ApplicationEvent {
        kind: EventKind::MessageProceeding,
        ids: EventIds { tid, ..EventIds::default() },
        response: Some(response.into()),
        ..event(0)
    }
}

fn wait(events: &Events, timeout: Option<Duration>) -> Option<ApplicationEvent> {
    events.wait(timeout, |_, _| panic!("there are no sockets")).map(|queued| queued.event)
}

fn event(rid: i32) -> ApplicationEvent {
    ApplicationEvent { rid, ..ApplicationEvent::new(EventKind::RegistrationSuccess) }
}

/// Takes the bytes of the descriptor as a program would; their number.
fn take(events: &Events) -> usize {
    assert!(events.fd() >= 0);
    events.state.lock().pipe.as_ref().unwrap().read_by_the_program()
}

#[test]
fn events_are_taken_in_the_order_in_which_they_happened() {
    let events = Events::default();
    assert_eq!(wait(&events, NOW), None);
    push(&events, &[event(1), event(2)]);
    push(&events, &[event(3)]);
    let rids: Vec<_> = std::iter::from_fn(|| wait(&events, NOW)).map(|n| n.rid).collect();
    assert_eq!(rids, [1, 2, 3]);
}

#[test]
fn each_event_ends_the_wait_of_one_thread() {
    let events = Events::default();
    std::thread::scope(|s| {
        let waiters: Vec<_> =
            (0..3).map(|_| s.spawn(|| wait(&events, LONG).unwrap().rid)).collect();
        push(&events, &[event(1)]);
        push(&events, &[event(2), event(3)]);
        let mut rids: Vec<_> = waiters.into_iter().map(|w| w.join().unwrap()).collect();
        rids.sort_unstable();
        assert_eq!(rids, [1, 2, 3]);
    });
}

#[test]
fn wake_ups_while_no_thread_waits_end_one_wait() {
    let events = Events::default();
    events.wake();
    events.wake();
    assert_eq!(wait(&events, None), None);
    assert_eq!(events.state.lock().wake_ups, 0);
}

#[test]
fn closing_ends_every_wait_now_and_later() {
    let events = Events::default();
    std::thread::scope(|s| {
        let waiters: Vec<_> = (0..3).map(|_| s.spawn(|| wait(&events, None))).collect();
        events.close();
        assert!(waiters.into_iter().all(|w| w.join().unwrap().is_none()));
    });
    push(&events, &[event(1)]);
    assert_eq!(wait(&events, None), None);
    assert_eq!(events.fd(), -1);
}

#[test]
fn a_broken_context_ends_waits_when_its_events_are_taken() {
    let events = Events::default();
    push(&events, &[event(1)]);
    events.mark_broken();
    assert!(wait(&events, None).is_some());
    assert_eq!(wait(&events, None), None);
}

#[test]
fn the_descriptor_is_readable_exactly_while_something_is_there() {
    let events = Events::default();
    push(&events, &[event(1)]);
    assert_eq!(take(&events), 1, "made after the event");
    assert_eq!(take(&events), 0);
    push(&events, &[event(2)]);
    assert_eq!(take(&events), 1, "the program had read the byte before");
    wait(&events, NOW);
    assert_eq!(take(&events), 1, "one event is left");
    wait(&events, NOW);
    assert_eq!(take(&events), 0);
    events.wake();
    assert_eq!(take(&events), 1);
    assert_eq!(wait(&events, LONG), None);
    assert_eq!(take(&events), 0);
}

#[test]
fn the_descriptor_is_readable_while_an_automatic_action_is_due() {
    let events = Events::default();
    events.set_action_due(true);
    assert_eq!(take(&events), 1, "made after it was due");
    assert_eq!(wait(&events, NOW), None);
    assert_eq!(take(&events), 1, "it is not done yet");
    events.set_action_due(false);
    assert_eq!(take(&events), 0);
    events.set_action_due(true);
    push(&events, &[event(1)]);
    assert!(wait(&events, NOW).is_some());
    assert_eq!(take(&events), 1, "the event is taken, the action is not done");
    events.set_action_due(false);
    assert_eq!(take(&events), 0);
}

#[test]
fn of_too_many_events_the_oldest_are_dropped() {
    let events = Events::default();
    assert_eq!(push(&events, &vec![event(1); MAX_EVENTS]), 0);
    assert_eq!(push(&events, &[event(2)]), 1);
    assert_eq!(events.state.lock().queue.len(), MAX_EVENTS);
}

#[test]
fn requests_from_outside_are_dropped_beyond_their_bound() {
    let events = Events::default();
    let ours = event(1);
    let [registrars, others] =
        [RequestOrigin::Registrar, RequestOrigin::Other].map(|origin| ApplicationEvent {
            kind: EventKind::MessageNew,
            request: Some(vec![0; 60_000].into()),
            origin: Some(origin),
            ..event(0)
        });
    push(&events, std::slice::from_ref(&ours));
    let most = MAX_EVENT_BYTES / (60_000 + OVERHEAD);
    for message in [others, registrars] {
        let dropped = push(&events, &vec![message.clone(); 1000]);
        assert_eq!(1000 - dropped, most, "those from registrars have a bound of their own");
    }
    assert_eq!(
        push(&events, std::slice::from_ref(&ours)),
        0,
        "events about our own requests are kept"
    );
    let mut last = None;
    while let Some(event) = wait(&events, NOW) {
        last = event.request.is_some().then_some(event).or(last);
    }
    let state = events.state.lock();
    assert_eq!((state.from_registrars, state.from_others), (0, 0));
    drop(state);
    assert_eq!(push(&events, &[last.unwrap()]), 0, "what was fetched does not count");
}

#[test]
fn a_provisional_response_waits_once_for_each_tid_and_status() {
    let events = Events::default();
    let repeated = Dropped { repeated: 1, events: 0 };
    assert_eq!(append(&events, provisional_of(7, 180, 60_000)), Dropped::default());
    for _ in 1..12_000 {
        assert_eq!(append(&events, provisional_of(7, 180, 60_000)), repeated);
    }
    assert_eq!(append(&events, provisional_of(7, 183, 500)), Dropped::default());
    assert_eq!(append(&events, provisional_of(8, 180, 500)), Dropped::default());
    assert_eq!(append(&events, provisional_of(7, 183, 500)), repeated);
    append(&events, event(1));
    let tids: Vec<_> = std::iter::from_fn(|| wait(&events, NOW)).map(|n| n.ids.tid).collect();
    assert_eq!(tids, [7, 7, 8, 0]);
    assert_eq!(append(&events, provisional_of(7, 180, 500)), Dropped::default(), "it was fetched");
}

#[test]
fn provisional_responses_have_a_bound_of_bytes_of_their_own() {
    let events = Events::default();
    let dropped: usize =
        (1..=1000).map(|tid| push(&events, &[provisional_of(tid, 180, 60_000)])).sum();
    assert_eq!(1000 - dropped, MAX_EVENT_BYTES / (60_000 + OVERHEAD));
    let origin = Some(RequestOrigin::Other);
    let message = ApplicationEvent { kind: EventKind::MessageNew, origin, ..event(0) };
    assert_eq!(push(&events, &[message, event(1)]), 0, "requests and answers still come in");
    while wait(&events, NOW).is_some() {}
    let state = events.state.lock();
    assert_eq!((state.provisional, state.from_others), (0, 0));
    assert!(state.waiting_provisional.is_empty());
}

#[test]
fn each_ringing_is_an_event_within_the_bound_of_provisional_responses() {
    let events = Events::default();
    let [ringing, proceeding] = [EventKind::CallRinging, EventKind::CallProceeding]
        .map(|kind| ApplicationEvent { kind, ..provisional_of(7, 180, 60_000) });
    assert_eq!(push(&events, &[ringing.clone(), ringing.clone(), proceeding.clone()]), 0);
    let kinds = std::iter::from_fn(|| wait(&events, NOW)).map(|event| event.kind);
    assert_eq!(kinds.collect::<Vec<_>>(), [ringing.kind, ringing.kind, proceeding.kind]);
    let most = MAX_EVENT_BYTES / (60_000 + OVERHEAD);
    assert_eq!(500 - push(&events, &vec![ringing.clone(); 500]), most);
    assert_eq!(push(&events, &[proceeding]), 1);
    let answered = ApplicationEvent { kind: EventKind::CallAnswered, ..ringing };
    assert_eq!(push(&events, &[answered]), 0, "what ends it is an event");
}

#[test]
fn what_others_do_to_a_call_is_dropped_beyond_their_bound() {
    let events = Events::default();
    let acknowledged = ApplicationEvent {
        kind: EventKind::CallAck,
        request: Some(vec![0; 10_000].into()),
        response: Some(vec![0; 20_000].into()),
        ack: Some(vec![0; 30_000].into()),
        origin: Some(RequestOrigin::Other),
        ..event(0)
    };
    let most = MAX_EVENT_BYTES / (60_000 + OVERHEAD);
    assert_eq!(1000 - push(&events, &vec![acknowledged; 1000]), most);
    let released = ApplicationEvent { kind: EventKind::CallReleased, ..event(0) };
    assert_eq!(push(&events, &[released]), 0);
}
