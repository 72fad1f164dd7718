//! Events of managed registrations for a program that fetches them, and the descriptor that shows
//! whether there are any.

use crate::agent::{RegistererEvent, RegistererEventKind, Rid};
use crate::net::{EventPipe, Sleep, Sleeper};
use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use std::collections::VecDeque;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Events kept for a program that does not fetch them; the oldest is dropped first, and the program
/// learns how many were, by [`Fetched::Lost`].
const MAX_EVENTS: usize = 1 << 18;

/// What a program fetches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// Something happened to a registration.
    Event(RegistererEvent),
    /// So many events were dropped that came before the next.
    Lost(u64),
}

/// A queue that many threads may wait on. No other lock is taken under its lock.
#[derive(Debug, Default)]
pub(super) struct FetchedEvents {
    /// The program fetches events: before it has asked for them, none is kept.
    is_wanted: AtomicBool,
    state: Mutex<FetchState>,
}

#[derive(Debug, Default)]
struct FetchState {
    queue: VecDeque<RegistererEvent>,
    /// The provisional responses in the queue: one of the same status is enough.
    provisional: FxHashSet<(Rid, u16)>,
    /// Events that were dropped since the program last got [`Fetched::Lost`].
    lost: u64,
    lost_ever: u64,
    pipe: Option<EventPipe>,
    /// Threads that wait.
    sleepers: VecDeque<Arc<Sleeper>>,
    closed: bool,
}

impl FetchState {
    fn take(&mut self) -> Option<Fetched> {
        if self.lost > 0 {
            return Some(Fetched::Lost(std::mem::take(&mut self.lost)));
        }
        self.pop().map(Fetched::Event)
    }

    fn pop(&mut self) -> Option<RegistererEvent> {
        let event = self.queue.pop_front()?;
        if let Some(one) = provisional(&event) {
            self.provisional.remove(&one);
        }
        Some(event)
    }

    /// Makes the descriptor readable exactly while there is an event.
    fn update_descriptor(&mut self) {
        let readable = !self.queue.is_empty() || self.lost > 0;
        if let Some(pipe) = &mut self.pipe {
            pipe.set_readable(readable);
        }
    }
}

/// The registration that a provisional response is for, and its status; `None` for any other event.
fn provisional(event: &RegistererEvent) -> Option<(Rid, u16)> {
    matches!(event.what, RegistererEventKind::Trying | RegistererEventKind::Progress)
        .then_some((event.rid, event.status))
}

impl FetchedEvents {
    /// From now on events are kept.
    pub(super) fn want(&self) {
        self.is_wanted.store(true, Ordering::Release);
    }

    fn is_wanted(&self) -> bool {
        self.is_wanted.load(Ordering::Acquire)
    }

    /// Appends an event, in the order of the core's lock; how many were dropped for it. No thread
    /// is woken yet.
    pub(super) fn push(&self, event: &RegistererEvent) -> u64 {
        if !self.is_wanted() {
            return 0;
        }
        let mut state = self.state.lock();
        if state.closed {
            return 0;
        }
        if provisional(event).is_some_and(|one| !state.provisional.insert(one)) {
            return 0;
        }
        state.queue.push_back(event.clone());
        let mut dropped = 0;
        while state.queue.len() > MAX_EVENTS {
            state.pop();
            dropped += 1;
        }
        state.lost += dropped;
        state.lost_ever += dropped;
        dropped
    }

    /// Makes the descriptor readable, and wakes threads that wait. The core's lock must be free.
    pub(super) fn announce(&self) {
        if !self.is_wanted() {
            return;
        }
        let mut state = self.state.lock();
        state.update_descriptor();
        for _ in 0..state.queue.len() {
            let Some(sleeper) = state.sleepers.pop_front() else { break };
            sleeper.wake();
        }
    }

    /// The next event. From now on they are kept.
    pub(super) fn take(&self) -> Option<Fetched> {
        self.want();
        let mut state = self.state.lock();
        let event = state.take()?;
        state.update_descriptor();
        Some(event)
    }

    /// A sleep until there is an event, or `left` is over; `None`: there is one, or none comes any
    /// more.
    pub(super) fn sleep(&self, sleeper: &Arc<Sleeper>, left: Option<Duration>) -> Option<Sleep> {
        let mut state = self.state.lock();
        if state.closed || state.lost > 0 || !state.queue.is_empty() {
            return None;
        }
        state.sleepers.retain(|one| !Arc::ptr_eq(one, sleeper));
        state.sleepers.push_back(Arc::clone(sleeper));
        Some(sleeper.sleep(left))
    }

    /// Thread of `sleeper` does not wait any more: what it was woken for is another one's.
    pub(super) fn give_up(&self, sleeper: &Arc<Sleeper>) {
        let mut state = self.state.lock();
        state.sleepers.retain(|one| !Arc::ptr_eq(one, sleeper));
        if !state.queue.is_empty() {
            if let Some(next) = state.sleepers.pop_front() {
                next.wake();
            }
        }
    }

    /// The descriptor, made at the first call; -1 when there is none to be had or all has ended.
    /// From now on events are kept.
    pub(super) fn fd(&self) -> RawFd {
        self.want();
        let mut state = self.state.lock();
        if state.pipe.is_none() && !state.closed {
            state.pipe = EventPipe::new().ok();
            state.update_descriptor();
        }
        state.pipe.as_ref().map_or(-1, EventPipe::fd)
    }

    /// Events that were dropped since the beginning.
    pub(super) fn lost_ever(&self) -> u64 {
        self.state.lock().lost_ever
    }

    /// Whether no event comes any more.
    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// Has all who wait look again.
    pub(super) fn wake_all(&self) {
        self.state.lock().sleepers.drain(..).for_each(|sleeper| sleeper.wake());
    }

    /// Ends all waits, closes the descriptor and drops all events.
    pub(super) fn close(&self) {
        let dropped = {
            let mut state = self.state.lock();
            state.closed = true;
            state.provisional.clear();
            state.sleepers.drain(..).for_each(|sleeper| sleeper.wake());
            (std::mem::take(&mut state.queue), state.pipe.take())
        };
        drop(dropped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(rid: Rid, what: RegistererEventKind) -> RegistererEvent {
        RegistererEvent { rid, what, status: 180, reason: String::new(), tag: 0, left: None }
    }

    fn accepted(rid: Rid) -> RegistererEvent {
        event(rid, RegistererEventKind::Accepted)
    }

    #[test]
    fn events_are_kept_once_the_program_has_asked_for_them() {
        let events = FetchedEvents::default();
        events.push(&accepted(1));
        assert_eq!(events.take(), None);
        events.push(&accepted(2));
        events.push(&accepted(3));
        assert_eq!(events.take(), Some(Fetched::Event(accepted(2))));
        assert_eq!(events.take(), Some(Fetched::Event(accepted(3))));
        assert_eq!(events.take(), None);
    }

    #[test]
    fn what_is_dropped_is_counted_and_told_before_what_follows() {
        let events = FetchedEvents::default();
        events.want();
        let most = Rid::try_from(MAX_EVENTS).unwrap();
        for rid in 1..=most {
            assert_eq!(events.push(&accepted(rid)), 0);
        }
        assert_eq!((events.push(&accepted(-1)), events.push(&accepted(-2))), (1, 1));
        assert_eq!(events.take(), Some(Fetched::Lost(2)));
        assert_eq!(events.take(), Some(Fetched::Event(accepted(3))));
        assert_eq!(events.lost_ever(), 2);
    }

    #[test]
    fn a_provisional_response_waits_once_for_each_registration_and_status() {
        let events = FetchedEvents::default();
        events.want();
        let progress = event(1, RegistererEventKind::Progress);
        for _ in 0..3 {
            events.push(&progress);
        }
        assert_eq!(events.take(), Some(Fetched::Event(progress.clone())));
        assert_eq!(events.take(), None);
        events.push(&progress);
        assert_eq!(events.take(), Some(Fetched::Event(progress)));
    }

    #[test]
    fn a_thread_that_waits_is_woken_by_an_event_and_by_the_end() {
        let events = FetchedEvents::default();
        events.want();
        let (first, second) = (Arc::new(Sleeper::default()), Arc::new(Sleeper::default()));
        let mut sleeps =
            [&first, &second].map(|sleeper| events.sleep(sleeper, None).expect("no event yet"));
        events.push(&accepted(1));
        events.announce();
        sleeps[0].sleep();
        assert!(events.sleep(&first, None).is_none(), "there is one");
        events.close();
        sleeps[1].sleep();
        assert!(events.is_closed() && events.fd() == -1);
    }
}
