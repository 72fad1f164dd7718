//! Waiting for an event, and which thread drives the sockets meanwhile (see [`driver`]).
//!
//! [`driver`]: crate::engine::driver

use super::{EventQueue, Events};
use crate::agent::ApplicationEvent;
use crate::engine::clock;
use crate::engine::driver::{Check, WakeUp};
use crate::engine::endpoint::{Endpoint, SleepPlan};
use crate::engine::lock::this_thread;
use crate::net::{CancelGuard, Ready};
use parking_lot::MutexGuard;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// So many events in a row say that the program fetches them faster than it could if it did
/// anything else: it is busy.
const BUSY: usize = 16;
/// Events that a busy program has the time to fetch before it looks at the sockets.
const SHORT_BACKLOG: usize = 256;
/// A busy program that finds the sockets free looks at them after so many events.
const POLL_EVERY: usize = 32;

/// Held by an application thread while it drives the sockets.
pub(in crate::engine) struct DriverGuard {
    endpoint: Arc<Endpoint>,
    /// The time, as last looked at.
    now: Instant,
    /// What it sleeps for.
    plan: SleepPlan,
    _uncancelled: CancelGuard,
}

impl DriverGuard {
    /// The sockets.
    pub(in crate::engine) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Until when it may sleep; `None`: without limit.
    pub(in crate::engine) fn planned_until(&self) -> Option<Instant> {
        self.plan.until
    }

    /// Sleeps as planned, and until `deadline` at most.
    pub(in crate::engine) fn sleep(&self, deadline: Option<Instant>) -> Ready {
        let until = [self.plan.until, deadline].into_iter().flatten().min();
        self.endpoint.wait(self.now, SleepPlan { until, ..self.plan })
    }

    /// It has looked at the sockets at `now`, and sleeps as `plan` says next.
    pub(in crate::engine) fn plan(&mut self, now: Instant, plan: SleepPlan) {
        (self.now, self.plan) = (now, plan);
    }
}

/// What became of a round of a driver.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) enum Round {
    /// There may be an event.
    Done,
    /// The context has ended or is broken.
    Ended,
    /// This is a child of fork(2), made by a signal handler: nothing belongs to it.
    Forked,
}

impl EventQueue {
    /// What ends a wait at once: `Some(None)` without an event.
    #[inline(always)]
    fn outcome(&mut self, timeout: Option<Duration>) -> Option<Option<ApplicationEvent>> {
        if self.closed {
            return Some(None);
        }
        if let Some(event) = self.take() {
            self.update_descriptor();
            self.in_a_row += usize::from(timeout != Some(Duration::ZERO));
            return Some(Some(event));
        }
        self.in_a_row = 0;
        if self.action_due {
            // The program may have read the byte.
            self.update_descriptor();
        }
        if self.wake_ups > 0 {
            self.wake_ups -= 1;
            self.update_descriptor();
            return Some(None);
        }
        (timeout == Some(Duration::ZERO) || (self.broken && timeout.is_none())).then_some(None)
    }

    /// Thread `me` drives the sockets from now on, where no other thread does.
    fn drive(&mut self, me: NonZeroUsize, now: Instant) -> Option<DriverGuard> {
        let endpoint = self.endpoint.as_ref().filter(|_| !self.broken)?;
        let guard = || DriverGuard {
            endpoint: Arc::clone(endpoint),
            now,
            plan: self.plan,
            _uncancelled: CancelGuard::begin(),
        };
        self.io.arrive(me).then(guard)
    }

    /// Whether the sockets are better left to the program, which does not wait only because it has
    /// not fetched what there is. One that sleeps on the descriptor does not look at the sockets.
    fn is_busy(&self) -> bool {
        self.in_a_row >= BUSY && self.queue.len() <= SHORT_BACKLOG && self.pipe.is_none()
    }

    /// Whether it has more to fetch, and the sockets are free: the alarm is set.
    fn has_backlog(&self) -> bool {
        self.in_a_row >= BUSY && !self.queue.is_empty() && self.pipe.is_none() && self.io.is_free()
    }

    fn leave(&mut self, endpoint: &Endpoint, now: Instant, plan: SleepPlan) {
        self.plan = plan;
        // What waits for the socket to be writable does not wait for a thread to come back.
        let due = if plan.writable { Some(now) } else { plan.until };
        if let Some(at) = self.io.leave(now, due) {
            endpoint.alarm.set(at.saturating_duration_since(now));
        }
    }
}

impl Events {
    /// From now on there are sockets, and the network thread drives them.
    pub(in crate::engine) fn attach(&self, endpoint: &Arc<Endpoint>) {
        let mut state = self.state.lock();
        if !state.closed {
            state.endpoint = Some(Arc::clone(endpoint));
        }
    }

    /// The next event; `None` when the time is over, or woken, or closed; also at once when the
    /// context is broken and no limit was given.
    ///
    /// Where this thread drives the sockets, `drive` does one round, without a lock: until
    /// something has happened or the given time is over.
    pub(in crate::engine) fn wait(
        &self,
        timeout: Option<Duration>,
        drive: impl Fn(&mut DriverGuard, Option<Instant>) -> Round,
    ) -> Option<ApplicationEvent> {
        let mut state = self.state.lock();
        let outcome = state.outcome(timeout);
        self.note_backlog(&state);
        if let Some(outcome) = outcome {
            if state.in_a_row > 0 && state.in_a_row.is_multiple_of(POLL_EVERY) {
                self.poll_briefly(state, drive);
            }
            return outcome;
        }
        let mut now = clock::now();
        let deadline = timeout.and_then(|t| now.checked_add(t));
        state.waiting += 1;
        let mut guard = state.drive(this_thread(), now);
        let outcome = loop {
            match (&mut guard, deadline) {
                (Some(driver), _) => {
                    drop(state);
                    let round = drive(driver, deadline);
                    if round == Round::Forked {
                        return None;
                    }
                    state = self.state.lock();
                    if round == Round::Ended {
                        // Whatever breaks or ends a context wakes all who wait.
                        state.broken = true;
                    }
                }
                (None, Some(at)) => drop(self.changed.wait_until(&mut state, at)),
                (None, None) => self.changed.wait(&mut state),
            }
            if let Some(outcome) = state.outcome(timeout) {
                break outcome;
            }
            now = clock::now();
            if deadline.is_some_and(|at| at <= now) {
                break None;
            }
            match &mut guard {
                Some(_) if state.broken => self.stop_driving(&mut state, &mut guard),
                Some(driver) => driver.now = now,
                None => guard = state.drive(this_thread(), now),
            }
        };
        state.waiting -= 1;
        self.stop_driving(&mut state, &mut guard);
        self.wake_next(&state);
        outcome
    }

    /// See [`Events::has_backlog`].
    fn note_backlog(&self, state: &EventQueue) {
        let backlog = state.has_backlog();
        if backlog != self.has_backlog() {
            self.backlog.store(backlog, Ordering::Relaxed);
        }
    }

    /// Wakes a thread that waits, where there is an event or the sockets are free.
    fn wake_next(&self, state: &EventQueue) {
        if state.waiting > 0 && (!state.queue.is_empty() || state.io.is_free()) {
            self.changed.notify_one();
        }
    }

    /// Drives for one round without sleeping, where no thread drives.
    fn poll_briefly(
        &self,
        mut state: MutexGuard<'_, EventQueue>,
        drive: impl Fn(&mut DriverGuard, Option<Instant>) -> Round,
    ) {
        let now = clock::now();
        let mut guard = state.drive(this_thread(), now);
        let Some(driver) = &mut guard else { return };
        drop(state);
        let round = drive(driver, Some(now));
        if round == Round::Forked {
            return;
        }
        let mut state = self.state.lock();
        state.broken |= round == Round::Ended;
        state.update_descriptor();
        self.stop_driving(&mut state, &mut guard);
        self.note_backlog(&state);
        self.wake_next(&state);
    }

    fn stop_driving(&self, state: &mut EventQueue, guard: &mut Option<DriverGuard>) {
        let Some(DriverGuard { endpoint, now, plan, .. }) = guard.take() else { return };
        state.leave(&endpoint, now, plan);
        if state.closed {
            // The socket is closed before `quit` goes on.
            drop(endpoint);
            self.changed.notify_all();
        }
    }

    /// The network thread, which drives and would sleep as `plan` says, leaves the sockets to a
    /// thread that waits for an event, or will in a moment, if there is one. Whether it does.
    /// `received`: it has just received what had arrived; without that it does not leave them to a
    /// busy program.
    pub(in crate::engine) fn hand_over(
        &self,
        now: Instant,
        plan: SleepPlan,
        received: bool,
    ) -> bool {
        let mut state = self.state.lock();
        let wanted = state.waiting > 0 || received && state.is_busy();
        let Some(endpoint) = state.endpoint.clone().filter(|_| wanted && !state.broken) else {
            return false;
        };
        state.leave(&endpoint, now, plan);
        // Whether the program stays busy has to show again.
        state.in_a_row = 0;
        // The threads that take the events that are there return in a moment.
        if state.waiting > state.queue.len() {
            self.changed.notify_one();
        }
        true
    }

    /// The network thread's alarm has expired. Whether it is to drive; `None` when the context has
    /// ended.
    pub(in crate::engine) fn check_driver(&self) -> Option<bool> {
        let mut state = self.state.lock();
        let endpoint = state.endpoint.clone().filter(|_| !state.broken)?;
        let now = clock::now();
        match state.io.check(now) {
            Check::Drive => {
                // The program has not come back.
                self.backlog.store(false, Ordering::Relaxed);
                Some(true)
            }
            Check::Sleep(at) => {
                if let Some(at) = at {
                    endpoint.alarm.set(at.saturating_duration_since(now));
                }
                Some(false)
            }
        }
    }

    /// Has the thread that is responsible for the sockets look again at `at`, at the latest.
    pub(super) fn wake_driver_at(&self, at: Instant) {
        let mut state = self.state.lock();
        let Some(endpoint) = state.endpoint.clone() else { return };
        state.plan.until = Some(state.plan.until.map_or(at, |planned| planned.min(at)));
        match state.io.wake_at(at) {
            WakeUp::Needless => {}
            WakeUp::SetAlarm(at) => endpoint.alarm.set(at.saturating_duration_since(clock::now())),
            WakeUp::Driver => {
                drop(state);
                endpoint.poller.wake();
            }
        }
    }

    /// Datagrams wait to be sent together. Where the sockets are free, a thread looks within the
    /// lease; one that sleeps on them does not know of the datagrams.
    pub(super) fn wake_for_batch(&self) {
        let state = self.state.lock();
        if let Some(endpoint) = state.endpoint.as_ref().filter(|_| !state.io.is_free()) {
            endpoint.poller.wake();
        }
    }

    /// Whether this thread is one of the application's, called back while it drives the sockets.
    pub(in crate::engine) fn is_driver(&self) -> bool {
        self.state.lock().io.is_driven_by(this_thread())
    }

    /// Waits until no thread of the application drives the sockets but this one, for `limit` at
    /// most.
    pub(in crate::engine) fn await_driver(&self, limit: Duration) {
        let me = this_thread();
        let mut state = self.state.lock();
        let other =
            |state: &mut EventQueue| state.io.is_application() && !state.io.is_driven_by(me);
        self.changed.wait_while_for(&mut state, other, limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::EventKind;
    use crate::net::{Bind, UdpSocket};
    use std::cell::Cell;

    const LONG: Option<Duration> = Some(Duration::from_secs(20));

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

    fn event() -> ApplicationEvent {
        ApplicationEvent {
            kind: EventKind::RegistrationSuccess,
            rid: 1,
            ids: Default::default(),
            text: "".into(),
            request: None,
            response: None,
            origin: None,
        }
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
            let poll = |_: &mut DriverGuard, until: Option<Instant>| {
                assert!(until.is_some_and(|at| at <= clock::now()), "without sleeping");
                polls.set(polls.get() + 1);
                Round::Done
            };
            assert!(events.wait(LONG, poll).is_some());
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
        let poll = |_: &mut DriverGuard, _: Option<Instant>| {
            events.push(event());
            Round::Done
        };
        assert!(events.wait(LONG, poll).is_some());
        assert!(events.has_backlog());
    }
}
