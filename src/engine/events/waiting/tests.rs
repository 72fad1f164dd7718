use super::*;
use crate::agent::{ApplicationEvent, EventKind};
use crate::net::{Bind, UdpSocket};
use std::cell::Cell;

const LONG: Option<Duration> = Some(Duration::from_secs(20));

impl Events {
    /// A wait as a whole.
    pub(in crate::engine) fn wait(
        &self,
        timeout: Option<Duration>,
        drive: impl Fn(&mut DriverGuard, Ready) -> Round,
    ) -> Option<QueuedEvent> {
        let (mut wait, mut sleep) = (WaitState::new(timeout), Sleep::default());
        loop {
            if let Some(outcome) = self.step(&mut wait, &mut sleep, &drive) {
                return outcome;
            }
            sleep.sleep();
        }
    }
}

/// A queue of so many events, and sockets that the network thread drives.
fn events(count: usize) -> Events {
    let socket = UdpSocket::bind(Bind {
        address: ([127, 0, 0, 1], 0).into(),
        dual: false,
        dscp: 0,
        exclusive: false,
    })
    .unwrap();
    let events = Events::default();
    events.attach(&Arc::new(Endpoint::new(Some(socket)).unwrap()));
    for _ in 0..count {
        events.push(event());
    }
    events
}

fn event() -> QueuedEvent {
    let event = ApplicationEvent::new(EventKind::RegistrationSuccess);
    QueuedEvent { event: ApplicationEvent { rid: 1, ..event }, message: None }
}

fn fetch(events: &Events, count: usize, timeout: Option<Duration>) {
    for _ in 0..count {
        events.wait(timeout, |_, _| panic!("another thread drives")).unwrap();
    }
}

fn handed_over(events: &Events) -> bool {
    events.hand_over(clock::now(), SleepPlan::default(), true)
}

#[test]
fn a_program_that_fetches_many_events_in_a_row_gets_the_sockets() {
    let events = events(SHORT_BACKLOG + BUSY);
    fetch(&events, BUSY - 1, LONG);
    assert!(!handed_over(&events));
    fetch(&events, 1, LONG);
    let unread = events.hand_over(clock::now(), SleepPlan::default(), false);
    assert!(!unread, "what has arrived is received first");
    assert!(handed_over(&events));
}

#[test]
fn a_busy_program_that_went_away_is_not_waited_for_again() {
    let events = events(SHORT_BACKLOG);
    fetch(&events, BUSY, LONG);
    assert!(handed_over(&events));
    while events.check_driver() != Some(true) {
        events.state.lock().endpoint.clone().unwrap().alarm.wait();
    }
    assert!(!handed_over(&events), "its lease is over, and it has fetched nothing since");
}

/// A busy program with so many events to fetch, and sockets that no thread drives.
fn with_backlog(count: usize) -> Events {
    let events = events(BUSY + count);
    fetch(&events, BUSY - 1, LONG);
    let endpoint = events.state.lock().endpoint.clone().unwrap();
    events.state.lock().leave(&endpoint, clock::now(), SleepPlan::default());
    fetch(&events, 1, LONG);
    events
}

#[test]
fn a_busy_program_has_a_backlog_while_it_has_more_to_fetch() {
    let events = with_backlog(1);
    assert!(events.has_backlog());
    fetch(&events, 1, LONG);
    assert!(!events.has_backlog(), "that was the last");
}

#[test]
fn there_is_no_backlog_while_a_thread_drives() {
    let driven = events(BUSY + 1);
    fetch(&driven, BUSY, LONG);
    assert!(!driven.has_backlog());
    let events = with_backlog(1);
    while events.check_driver() != Some(true) {
        events.state.lock().endpoint.clone().unwrap().alarm.wait();
    }
    assert!(!events.has_backlog());
}

#[test]
fn a_program_far_behind_or_on_its_descriptor_gets_no_sockets() {
    let far_behind = events(SHORT_BACKLOG + BUSY + 1);
    fetch(&far_behind, BUSY, LONG);
    assert!(!handed_over(&far_behind));
    let polling = events(SHORT_BACKLOG);
    fetch(&polling, BUSY, Some(Duration::ZERO));
    assert!(!handed_over(&polling));
    let on_descriptor = events(SHORT_BACKLOG);
    assert!(on_descriptor.fd() >= 0);
    fetch(&on_descriptor, BUSY, LONG);
    assert!(!handed_over(&on_descriptor));
}

#[test]
fn a_busy_program_polls_free_sockets_every_32_events() {
    let events = events(SHORT_BACKLOG);
    fetch(&events, BUSY, LONG);
    assert!(handed_over(&events));
    let polls = Cell::new(0);
    for _ in 0..POLL_EVERY {
        let poll = |_: &mut DriverGuard, ready: Ready| {
            assert_eq!(ready, Ready::default(), "nothing has arrived");
            polls.set(polls.get() + 1);
            Round::Done
        };
        assert!(events.wait(LONG, poll).is_some(), "without sleeping");
    }
    assert_eq!(polls.get(), 1);
    assert!(events.state.lock().io.is_free());
}

#[test]
fn what_a_brief_poll_receives_is_a_backlog() {
    let events = events(POLL_EVERY);
    fetch(&events, BUSY, LONG);
    let endpoint = events.state.lock().endpoint.clone().unwrap();
    events.state.lock().leave(&endpoint, clock::now(), SleepPlan::default());
    fetch(&events, POLL_EVERY - BUSY - 1, LONG);
    let poll = |_: &mut DriverGuard, _: Ready| {
        events.push(event());
        Round::Done
    };
    assert!(events.wait(LONG, poll).is_some(), "without sleeping");
    assert!(events.has_backlog());
}

/// A wait that has begun, and sleeps.
fn begun(events: &Events) -> WaitState {
    let mut wait = WaitState::new(None);
    let drive = |_: &mut DriverGuard, _: Ready| panic!("nothing has happened");
    assert!(events.step(&mut wait, &mut Sleep::default(), drive).is_none());
    wait
}

#[test]
fn a_wait_that_is_given_up_leaves_the_sockets_and_wakes_the_next() {
    let events = events(0);
    let endpoint = events.state.lock().endpoint.clone().unwrap();
    events.state.lock().leave(&endpoint, clock::now(), SleepPlan::default());
    let (mut driver, mut sleeper) = (begun(&events), begun(&events));
    assert!(matches!((&driver.role, &sleeper.role), (Role::Driver(_), Role::Sleeper(_))));
    events.give_up(&mut driver);
    assert!(events.state.lock().io.is_free() && events.state.lock().sleepers.is_empty());
    events.give_up(&mut sleeper);
    events.give_up(&mut sleeper);
    assert_eq!(events.state.lock().waiting, 0);
}

#[test]
fn what_a_wait_that_is_given_up_was_woken_for_goes_to_the_next() {
    let events = events(0);
    let (mut first, mut second) = (begun(&events), begun(&events));
    events.push(event());
    events.announce(1);
    assert_eq!(events.state.lock().sleepers.len(), 1, "the first is woken");
    events.give_up(&mut first);
    assert!(events.state.lock().sleepers.is_empty(), "the second is woken for it");
    let drive = |_: &mut DriverGuard, _: Ready| panic!("another thread drives");
    assert!(events.step(&mut second, &mut Sleep::default(), drive).flatten().is_some());
    assert_eq!(events.state.lock().waiting, 0);
}
