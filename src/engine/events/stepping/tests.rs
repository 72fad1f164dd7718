//! Which threads are woken, in a context whose program drives the sockets.

use super::*;
use crate::agent::{ApplicationEvent, EventKind};
use crate::engine::events::QueuedEvent;
use crate::engine::events::waiting::{Round, WaitState};
use crate::net::{Ready, Sleep};

/// A wait and its sleep.
#[derive(Default)]
struct Waiting(WaitState, Sleep);

/// What has come of a step of it.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Sleeps,
    Over,
    Event,
}

impl Waiting {
    fn for_a_round(events: &Events) -> Waiting {
        Waiting::since(events.rounds_ended())
    }

    fn since(since: u64) -> Waiting {
        Waiting(WaitState::for_a_round(None, since), Sleep::default())
    }

    fn step(&mut self, events: &Events) -> Outcome {
        match events.step(&mut self.0, &mut self.1, |_, _| Round::Done) {
            None => Outcome::Sleeps,
            Some(None) => Outcome::Over,
            Some(Some(_)) => Outcome::Event,
        }
    }
}

fn stepped() -> (Events, Arc<Endpoint>) {
    (Events::stepped().unwrap(), Arc::new(Endpoint::new(None).unwrap()))
}

fn listening() -> (Events, Arc<Endpoint>) {
    let (events, endpoint) = stepped();
    events.attach(&endpoint);
    (events, endpoint)
}

/// Threads that sleep and were not woken.
fn asleep(events: &Events) -> usize {
    events.state.lock().sleepers.len()
}

/// Whether the thread that sleeps on the sockets was woken.
fn driver_woken(endpoint: &Endpoint) -> bool {
    let ready = endpoint.poller.wait(None, false, Some(Duration::ZERO));
    assert_eq!(ready, Ready { woken: ready.woken, ..Ready::default() });
    ready.woken
}

fn elsewhere(call: impl FnOnce() + Send) {
    std::thread::scope(|s| {
        s.spawn(call);
    });
}

fn push(events: &Events) {
    let event = ApplicationEvent::new(EventKind::MessageNew);
    events.push(QueuedEvent { event, message: None });
    events.announce(1);
}

#[test]
fn what_another_thread_does_wakes_the_driver_and_ends_every_round() {
    let (events, endpoint) = listening();
    let [mut driver, mut other] = [(); 2].map(|()| Waiting::for_a_round(&events));
    assert_eq!((driver.step(&events), other.step(&events)), (Outcome::Sleeps, Outcome::Sleeps));
    assert!(events.is_driver() && !driver_woken(&endpoint));
    elsewhere(|| events.announce_to_steps());
    assert!(driver_woken(&endpoint));
    assert_eq!(asleep(&events), 0);
    assert_eq!((driver.step(&events), other.step(&events)), (Outcome::Over, Outcome::Over));
}

#[test]
fn a_driver_is_not_woken_for_what_it_does_itself() {
    let (events, endpoint) = listening();
    let mut driver = Waiting::for_a_round(&events);
    driver.step(&events);
    events.announce_to_steps();
    assert!(!driver_woken(&endpoint));
    driver.step(&events);
}

#[test]
fn a_round_does_not_begin_when_something_has_happened_since_its_thread_looked() {
    let (events, _endpoint) = listening();
    let mut late = Waiting::for_a_round(&events);
    elsewhere(|| events.announce_to_steps());
    assert_eq!(late.step(&events), Outcome::Over);
    assert_eq!(Waiting::for_a_round(&events).step(&events), Outcome::Sleeps);
}

#[test]
fn waits_that_began_before_there_were_sockets_drive_them() {
    let (events, endpoint) = stepped();
    let mut round = Waiting::for_a_round(&events);
    let mut event = Waiting(WaitState::new(None), Sleep::default());
    assert_eq!((round.step(&events), event.step(&events)), (Outcome::Sleeps, Outcome::Sleeps));
    events.attach(&endpoint);
    assert_eq!(asleep(&events), 0, "both look again");
    assert_eq!(round.step(&events), Outcome::Over);
    assert_eq!(event.step(&events), Outcome::Sleeps);
    assert!(events.is_driver());
    events.give_up(&mut event.0);
}

#[test]
fn an_event_that_nobody_takes_wakes_no_thread_that_waits_for_a_round() {
    let (events, _endpoint) = listening();
    let mut waits = [(); 3].map(|()| Waiting::for_a_round(&events));
    waits.iter_mut().for_each(|one| assert_eq!(one.step(&events), Outcome::Sleeps));
    push(&events);
    assert_eq!(asleep(&events), 2);
    assert_eq!(waits[0].step(&events), Outcome::Over);
    assert_eq!(asleep(&events), 1, "the sockets were free for a moment");
    waits[0] = Waiting::for_a_round(&events);
    assert_eq!(waits[0].step(&events), Outcome::Sleeps);
    assert!(events.is_driver());
    assert_eq!(waits[1].step(&events), Outcome::Over);
    assert_eq!(asleep(&events), 1, "it is not woken for the event");
    waits[1] = Waiting::for_a_round(&events);
    assert_eq!(waits[1].step(&events), Outcome::Sleeps);
    assert_eq!(asleep(&events), 2);
    waits.iter_mut().for_each(|one| events.give_up(&mut one.0));
}

#[test]
fn an_event_wakes_the_thread_that_takes_it_before_those_that_wait_for_a_round() {
    let (events, endpoint) = listening();
    let [mut driver, mut round] = [(); 2].map(|()| Waiting::for_a_round(&events));
    let mut taker = Waiting(WaitState::new(None), Sleep::default());
    for one in [&mut driver, &mut round, &mut taker] {
        assert_eq!(one.step(&events), Outcome::Sleeps);
    }
    elsewhere(|| push(&events));
    assert_eq!(asleep(&events), 1);
    assert!(!driver_woken(&endpoint));
    assert_eq!(taker.step(&events), Outcome::Event);
    assert_eq!(asleep(&events), 1);
    // Without a thread that takes it, the driver ends its round, and the program may.
    elsewhere(|| push(&events));
    assert!(driver_woken(&endpoint));
    [driver, round].iter_mut().for_each(|one| events.give_up(&mut one.0));
}
