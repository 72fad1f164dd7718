//! Waiting for an event, and who drives the sockets meanwhile (see `turn`).

use super::{Events, State};
use crate::agent::Notice;
use crate::engine::clock;
use crate::engine::lock::this_thread;
use crate::engine::network::{Link, Watch};
use crate::engine::turn::{Hurry, Look};
use crate::net::Uncancelled;
use parking_lot::MutexGuard;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// As many events in a row say that the program fetches them faster than it could if it did anything else.
const BUSY: usize = 16;
/// Events that a busy program has the time to fetch before it looks at the sockets.
const SOON: usize = 256;
/// A busy program that finds the sockets alone looks at them after so many events.
const IN_BETWEEN: usize = 32;

/// The place of an application thread that drives the sockets.
pub(in crate::engine) struct Seat {
    pub(in crate::engine) link: Arc<Link>,
    /// The time, as last looked at.
    pub(in crate::engine) now: Instant,
    /// What it sleeps for.
    pub(in crate::engine) watch: Watch,
    _uncancelled: Uncancelled,
}

/// What became of a driver's sleep.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) enum Drove {
    /// Perhaps there is an event.
    On,
    /// There is nothing to drive any more.
    Over,
    /// This is a child of fork(2), made by a signal handler: nothing is ours.
    Elsewhere,
}

impl State {
    /// What ends a wait at once: `Some(None)` without an event.
    #[inline(always)]
    fn outcome(&mut self, timeout: Option<Duration>) -> Option<Option<Notice>> {
        if self.closed {
            return Some(None);
        }
        if let Some(notice) = self.take() {
            self.show();
            self.in_a_row += usize::from(timeout != Some(Duration::ZERO));
            return Some(Some(notice));
        }
        self.in_a_row = 0;
        if self.wake_ups > 0 {
            self.wake_ups -= 1;
            self.show();
            return Some(None);
        }
        (timeout == Some(Duration::ZERO) || (self.broken && timeout.is_none())).then_some(None)
    }

    fn take_seat(&mut self, me: NonZeroUsize, now: Instant) -> Option<Seat> {
        let link = self.link.as_ref().filter(|_| !self.broken)?;
        let seat =
            || Seat { link: Arc::clone(link), now, watch: self.plan, _uncancelled: Uncancelled::begin() };
        self.turn.arrive(me).then(seat)
    }

    /// Whether the sockets are better left to the program, which only does not wait because it has not fetched what there is. One that
    /// sleeps on the descriptor is not there when something comes.
    fn is_busy(&self) -> bool {
        self.in_a_row >= BUSY && self.queue.len() <= SOON && self.pipe.is_none()
    }

    /// Whether it has more to fetch, and the sockets are nobody's: the alarm is set.
    fn comes_back(&self) -> bool {
        self.in_a_row >= BUSY && !self.queue.is_empty() && self.pipe.is_none() && self.turn.is_free()
    }

    fn leave(&mut self, link: &Link, now: Instant, plan: Watch) {
        self.plan = plan;
        // What waits for room in the socket does not wait for somebody to come back.
        let due = if plan.writable { Some(now) } else { plan.until };
        if let Some(at) = self.turn.leave(now, due) {
            link.alarm.set(at.saturating_duration_since(now));
        }
    }
}

impl Events {
    /// From now on there are sockets, and the network thread drives them.
    pub(in crate::engine) fn attach(&self, link: &Arc<Link>) {
        let mut state = self.state.lock();
        if !state.closed {
            state.link = Some(Arc::clone(link));
        }
    }

    /// The next event; `None` when the time is up, or woken, or closed; also at once for ever when the context is broken and no
    /// limit was given.
    ///
    /// Where it falls to this thread to drive the sockets, `drive` does so, without a lock, until something has happened or the
    /// given moment has come.
    pub(in crate::engine) fn wait(
        &self,
        timeout: Option<Duration>,
        drive: impl Fn(&mut Seat, Option<Instant>) -> Drove,
    ) -> Option<Notice> {
        let mut state = self.state.lock();
        let outcome = state.outcome(timeout);
        self.note_comes_back(&state);
        if let Some(outcome) = outcome {
            if state.in_a_row > 0 && state.in_a_row.is_multiple_of(IN_BETWEEN) {
                self.look_in_between(state, drive);
            }
            return outcome;
        }
        let mut now = clock::now();
        let deadline = timeout.and_then(|t| now.checked_add(t));
        state.waiting += 1;
        let mut seat = state.take_seat(this_thread(), now);
        let outcome = loop {
            match (&mut seat, deadline) {
                (Some(at_sockets), _) => {
                    drop(state);
                    let drove = drive(at_sockets, deadline);
                    if drove == Drove::Elsewhere {
                        return None;
                    }
                    state = self.state.lock();
                    if drove == Drove::Over {
                        // Whoever breaks or ends a context tells all who wait.
                        state.broken = true;
                    }
                }
                (None, Some(at)) => drop(self.something.wait_until(&mut state, at)),
                (None, None) => self.something.wait(&mut state),
            }
            if let Some(outcome) = state.outcome(timeout) {
                break outcome;
            }
            now = clock::now();
            if deadline.is_some_and(|at| at <= now) {
                break None;
            }
            match &mut seat {
                Some(_) if state.broken => self.vacate(&mut state, &mut seat),
                Some(seat) => seat.now = now,
                None => seat = state.take_seat(this_thread(), now),
            }
        };
        state.waiting -= 1;
        self.vacate(&mut state, &mut seat);
        self.pass_on(&state);
        outcome
    }

    /// See [`Events::comes_back`].
    fn note_comes_back(&self, state: &State) {
        let comes_back = state.comes_back();
        if comes_back != self.comes_back() {
            self.comes_back.store(comes_back, Ordering::Relaxed);
        }
    }

    /// Nothing may be left lying while somebody waits: neither an event nor the sockets.
    fn pass_on(&self, state: &State) {
        if state.waiting > 0 && (!state.queue.is_empty() || state.turn.is_free()) {
            self.something.notify_one();
        }
    }

    /// Drives for a moment, where nobody does.
    fn look_in_between(
        &self,
        mut state: MutexGuard<'_, State>,
        drive: impl Fn(&mut Seat, Option<Instant>) -> Drove,
    ) {
        let now = clock::now();
        let mut seat = state.take_seat(this_thread(), now);
        let Some(at_sockets) = &mut seat else { return };
        drop(state);
        let drove = drive(at_sockets, Some(now));
        if drove == Drove::Elsewhere {
            return;
        }
        let mut state = self.state.lock();
        state.broken |= drove == Drove::Over;
        state.show();
        self.vacate(&mut state, &mut seat);
        self.note_comes_back(&state);
        self.pass_on(&state);
    }

    fn vacate(&self, state: &mut State, seat: &mut Option<Seat>) {
        let Some(Seat { link, now, watch, .. }) = seat.take() else { return };
        state.leave(&link, now, watch);
        if state.closed {
            // The socket is closed before `quit` goes on.
            drop(link);
            self.something.notify_all();
        }
    }

    /// The network thread, which drives and would sleep as `watch` says, leaves the sockets to a thread that waits for an event, or will
    /// in a moment, if there is one. Whether it does. `stirred`: it has just taken what had arrived; without that it has not done its part.
    pub(in crate::engine) fn hand_over(&self, now: Instant, watch: Watch, stirred: bool) -> bool {
        let mut state = self.state.lock();
        let Some(link) =
            state.link.clone().filter(|_| (state.waiting > 0 || stirred && state.is_busy()) && !state.broken)
        else {
            return false;
        };
        state.leave(&link, now, watch);
        // It may be busy with something else from now on: that shows anew.
        state.in_a_row = 0;
        // Those who get the events that are there are gone in a moment.
        if state.waiting > state.queue.len() {
            self.something.notify_one();
        }
        true
    }

    /// The network thread's alarm has gone. Whether it is to drive; `None` when all is over.
    pub(in crate::engine) fn look(&self) -> Option<bool> {
        let mut state = self.state.lock();
        let link = state.link.clone().filter(|_| !state.broken)?;
        let now = clock::now();
        match state.turn.look(now) {
            Look::Drive => {
                // Whoever was to come back has not.
                self.comes_back.store(false, Ordering::Relaxed);
                Some(true)
            }
            Look::Sleep(at) => {
                if let Some(at) = at {
                    link.alarm.set(at.saturating_duration_since(now));
                }
                Some(false)
            }
        }
    }

    /// Has whoever is responsible for the sockets look again at `at`, at the latest.
    pub(in crate::engine) fn hurry(&self, at: Instant) {
        let mut state = self.state.lock();
        let Some(link) = state.link.clone() else { return };
        state.plan.until = Some(state.plan.until.map_or(at, |planned| planned.min(at)));
        match state.turn.hurry(at) {
            Hurry::Needless => {}
            Hurry::SetAlarm(at) => link.alarm.set(at.saturating_duration_since(clock::now())),
            Hurry::WakeDriver => {
                drop(state);
                link.waker.wake();
            }
        }
    }

    /// Datagrams wait to go out together. Where the sockets are nobody's somebody looks within the lease; whoever sleeps on them has not seen
    /// that there is something to send.
    pub(in crate::engine) fn rouse_sleeper(&self) {
        let state = self.state.lock();
        if let Some(link) = state.link.as_ref().filter(|_| !state.turn.is_free()) {
            link.waker.wake();
        }
    }

    /// Whether this thread is one of the application's, called back while it drives the sockets.
    pub(in crate::engine) fn is_driver(&self) -> bool {
        self.state.lock().turn.is_mine(this_thread())
    }

    /// Waits until no thread of the application is at the sockets but this one, at most so long.
    pub(in crate::engine) fn await_driver(&self, limit: Duration) {
        let me = this_thread();
        let mut state = self.state.lock();
        let elsewhere = |state: &mut State| state.turn.is_taken() && !state.turn.is_mine(me);
        self.something.wait_while_for(&mut state, elsewhere, limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Kind;
    use crate::net::{Bind, UdpFlow};
    use std::cell::Cell;

    const LONG: Option<Duration> = Some(Duration::from_secs(20));

    /// A queue of so many events, and sockets that the network thread drives.
    fn events(count: usize) -> Events {
        let flow = UdpFlow::bind(Bind { address: ([127, 0, 0, 1], 0).into(), dual: false, dscp: 0 }).unwrap();
        let events = Events::default();
        events.attach(&Arc::new(Link::new(flow).unwrap()));
        events.push(std::iter::repeat_with(notice).take(count));
        events
    }

    fn notice() -> Notice {
        Notice {
            kind: Kind::RegistrationSuccess,
            rid: 1,
            ids: Default::default(),
            text: "".into(),
            request: None,
            response: None,
        }
    }

    fn fetch(events: &Events, count: usize, timeout: Option<Duration>) {
        for _ in 0..count {
            events.wait(timeout, |_, _| panic!("the sockets are not its business")).unwrap();
        }
    }

    fn handed_over(events: &Events) -> bool {
        events.hand_over(clock::now(), Watch::default(), true)
    }

    #[test]
    fn the_sockets_are_left_to_a_program_that_fetches_many_events_in_a_row() {
        let events = events(SOON + BUSY);
        fetch(&events, BUSY - 1, LONG);
        assert!(!handed_over(&events));
        fetch(&events, 1, LONG);
        let unread = events.hand_over(clock::now(), Watch::default(), false);
        assert!(!unread, "what has arrived is taken first");
        assert!(handed_over(&events));
    }

    #[test]
    fn a_program_that_was_busy_and_went_away_is_not_waited_for_again() {
        let events = events(SOON);
        fetch(&events, BUSY, LONG);
        assert!(handed_over(&events));
        while events.look() != Some(true) {
            events.state.lock().link.clone().unwrap().alarm.wait();
        }
        assert!(!handed_over(&events), "its lease is over, and it has fetched nothing since");
    }

    /// A busy program with more to fetch, and sockets that are nobody's.
    fn about_to_come_back(count: usize) -> Events {
        let events = events(BUSY + count);
        fetch(&events, BUSY - 1, LONG);
        let link = events.state.lock().link.clone().unwrap();
        events.state.lock().leave(&link, clock::now(), Watch::default());
        fetch(&events, 1, LONG);
        events
    }

    #[test]
    fn a_program_comes_back_while_it_has_more_to_fetch() {
        let events = about_to_come_back(1);
        assert!(events.comes_back());
        fetch(&events, 1, LONG);
        assert!(!events.comes_back(), "that was the last");
    }

    #[test]
    fn nobody_waits_with_what_it_sends_for_a_program_that_has_not_come_back_or_while_somebody_drives() {
        let driven = events(BUSY + 1);
        fetch(&driven, BUSY, LONG);
        assert!(!driven.comes_back());
        let events = about_to_come_back(1);
        while events.look() != Some(true) {
            events.state.lock().link.clone().unwrap().alarm.wait();
        }
        assert!(!events.comes_back());
    }

    #[test]
    fn they_are_not_left_to_one_that_is_far_behind_or_sleeps_elsewhere() {
        let far_behind = events(SOON + BUSY + 1);
        fetch(&far_behind, BUSY, LONG);
        assert!(!handed_over(&far_behind));
        let polling = events(SOON);
        fetch(&polling, BUSY, Some(Duration::ZERO));
        assert!(!handed_over(&polling));
        let on_descriptor = events(SOON);
        assert!(on_descriptor.fd() >= 0);
        fetch(&on_descriptor, BUSY, LONG);
        assert!(!handed_over(&on_descriptor));
    }

    #[test]
    fn a_busy_program_looks_at_sockets_that_nobody_drives_now_and_then() {
        let events = events(SOON);
        fetch(&events, BUSY, LONG);
        assert!(handed_over(&events));
        let looks = Cell::new(0);
        for _ in 0..IN_BETWEEN {
            let look = |_: &mut Seat, until: Option<Instant>| {
                assert!(until.is_some_and(|at| at <= clock::now()), "without sleeping");
                looks.set(looks.get() + 1);
                Drove::On
            };
            assert!(events.wait(LONG, look).is_some());
        }
        assert_eq!(looks.get(), 1);
        assert!(events.state.lock().turn.is_free());
    }

    #[test]
    fn a_program_that_finds_more_at_the_sockets_behind_its_last_event_comes_back() {
        let events = events(IN_BETWEEN);
        fetch(&events, BUSY, LONG);
        let link = events.state.lock().link.clone().unwrap();
        events.state.lock().leave(&link, clock::now(), Watch::default());
        fetch(&events, IN_BETWEEN - BUSY - 1, LONG);
        let look = |_: &mut Seat, _: Option<Instant>| {
            events.push([notice()].into_iter());
            Drove::On
        };
        assert!(events.wait(LONG, look).is_some());
        assert!(events.comes_back());
    }
}
