//! The application's event queue, and the descriptor that shows whether it is empty.

use super::deferred::{RetainedMessage, WakeUps};
use super::driver::IoDriver;
use super::endpoint::{Endpoint, SleepPlan};
use super::fetched_events::FetchedEvents;
use super::listeners::Listeners;
use super::lock::this_thread;
use crate::agent::{ApplicationEvent, EventKind, RequestOrigin, Text, Tid};
use crate::net::{EventPipe, Sleeper, StepPoll};
use parking_lot::{Condvar, Mutex};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;
use std::ops::AddAssign;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

mod stepping;
pub(super) mod waiting;

/// Events kept for a program that does not fetch them; the oldest is dropped first.
const MAX_EVENTS: usize = 1 << 18;
/// Bytes kept of what comes from registrars that the program does not fetch, as many of what comes
/// from others, and as many of provisional responses. Further ones are dropped, so that whoever
/// sends them can neither take the memory nor push out other events.
const MAX_EVENT_BYTES: usize = 16 << 20;
/// What an event costs beside its texts, about.
const OVERHEAD: usize = 256;

/// A queue that many threads may wait on. No other lock is taken under its lock.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The listeners of managed registrations.
    pub(super) listeners: Arc<Listeners>,
    /// Their events, for a program that fetches them.
    pub(super) fetched: FetchedEvents,
    /// The program drives the sockets: there is no network thread.
    is_stepped: bool,
    state: Mutex<EventQueue>,
    /// No thread of the application drives the sockets any more.
    driver_left: Condvar,
    /// See [`Events::has_backlog`].
    backlog: AtomicBool,
    /// As in the queue; only changed under the core's lock.
    action_due: AtomicBool,
}

/// An event, and the message that its program gave for the request, where it is to be had.
#[derive(Debug)]
pub(crate) struct QueuedEvent {
    pub(crate) event: ApplicationEvent,
    pub(crate) message: Option<RetainedMessage>,
}

/// What is under the lock.
#[derive(Debug, Default)]
struct EventQueue {
    queue: VecDeque<QueuedEvent>,
    /// The [`cost`] of the events in the queue that registrars cause.
    from_registrars: usize,
    /// The same of those from others.
    from_others: usize,
    /// The [`cost`] of the provisional responses in the queue.
    provisional: usize,
    /// The provisional responses in the queue: the number of the request, and the status.
    waiting_provisional: FxHashSet<(Tid, u16)>,
    pipe: Option<EventPipe>,
    /// Threads in a wait, the driver of the sockets among them.
    waiting: usize,
    /// Those of them that sleep, in their order, but the driver.
    sleepers: VecDeque<SleepingWait>,
    /// Counts what ends every round that waits, see [`Events::rounds_ended`].
    rounds_ended: u64,
    io: IoDriver,
    /// The plan of the last driver that left.
    plan: SleepPlan,
    /// `None` before there are sockets, and after the end.
    endpoint: Option<Arc<Endpoint>>,
    /// What a program polls that drives the sockets.
    step_poll: Option<StepPoll>,
    wake_ups: usize,
    /// An automatic action has something to do.
    action_due: bool,
    /// Events taken one after the other by waits that did not have to wait.
    in_a_row: usize,
    broken: bool,
    closed: bool,
}

/// A wait whose thread sleeps and does not drive.
#[derive(Debug)]
struct SleepingWait {
    sleeper: Arc<Sleeper>,
    /// It is for a round, and takes no event.
    is_for_a_round: bool,
}

/// What was dropped for the events that were appended.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dropped {
    /// Events that the program does not learn of.
    pub(super) events: usize,
    /// Provisional responses while one of the same status to the same request was in the queue.
    pub(super) repeated: usize,
}

impl AddAssign for Dropped {
    fn add_assign(&mut self, other: Dropped) {
        self.events += other.events;
        self.repeated += other.repeated;
    }
}

/// The bytes that count against [`MAX_EVENT_BYTES`].
fn cost(event: &ApplicationEvent) -> usize {
    let length = |text: &Option<Text>| text.as_ref().map_or(0, |text| text.len());
    OVERHEAD + length(&event.request) + length(&event.response) + length(&event.ack)
}

/// Whether it tells of a provisional response to a request of ours.
fn is_provisional(event: &ApplicationEvent) -> bool {
    matches!(
        event.kind,
        EventKind::MessageProceeding
            | EventKind::CallProceeding
            | EventKind::CallRinging
            | EventKind::CallMessageProceeding
            | EventKind::SubscriptionProceeding
    )
}

/// The request that a provisional response is for, and its status, where one of them in the queue
/// is enough. A program counts how often a phone rings, so each of those is an event.
fn provisional(event: &ApplicationEvent) -> Option<(Tid, u16)> {
    if event.kind != EventKind::MessageProceeding {
        return None;
    }
    let words = event.response.as_deref()?.split(u8::is_ascii_whitespace);
    let status = words.filter(|word| !word.is_empty()).nth(1)?;
    let status = std::str::from_utf8(status).ok()?;
    Some((event.ids.tid, status.parse().ok()?))
}

impl EventQueue {
    /// Appends an event; what was dropped for it, and messages to be dropped without a lock.
    fn append(&mut self, queued: QueuedEvent) -> (Dropped, Vec<RetainedMessage>) {
        let event = &queued.event;
        let refused = |dropped, queued: QueuedEvent| (dropped, Vec::from_iter(queued.message));
        if self.closed {
            return refused(Dropped::default(), queued);
        }
        let provisional = provisional(event);
        if provisional.is_some_and(|one| self.waiting_provisional.contains(&one)) {
            return refused(Dropped { repeated: 1, events: 0 }, queued);
        }
        if let Some(bytes) = self.bytes_of_kind(event) {
            let cost = cost(event);
            if *bytes + cost > MAX_EVENT_BYTES {
                return refused(Dropped { events: 1, repeated: 0 }, queued);
            }
            *bytes += cost;
        }
        self.waiting_provisional.extend(provisional);
        self.queue.push_back(queued);
        let dropped = self.queue.len().saturating_sub(MAX_EVENTS);
        let oldest = (0..dropped).filter_map(|_| self.take()?.message).collect();
        (Dropped { events: dropped, repeated: 0 }, oldest)
    }

    fn take(&mut self) -> Option<QueuedEvent> {
        let queued = self.queue.pop_front()?;
        if let Some(bytes) = self.bytes_of_kind(&queued.event) {
            *bytes -= cost(&queued.event);
        }
        if let Some(one) = provisional(&queued.event) {
            self.waiting_provisional.remove(&one);
        }
        Some(queued)
    }

    /// The bytes in the queue of events like this, where they are bounded: where others decide how
    /// many there are.
    fn bytes_of_kind(&mut self, event: &ApplicationEvent) -> Option<&mut usize> {
        match event.origin {
            Some(RequestOrigin::Registrar) => Some(&mut self.from_registrars),
            Some(RequestOrigin::Other) => Some(&mut self.from_others),
            None if is_provisional(event) => Some(&mut self.provisional),
            None => None,
        }
    }

    /// Wakes the first thread that sleeps in such a wait. Whether there is one.
    fn wake_first(&mut self, wanted: impl FnMut(&SleepingWait) -> bool) -> bool {
        let first = self.sleepers.iter().position(wanted);
        first.and_then(|at| self.sleepers.remove(at)).inspect(|one| one.sleeper.wake()).is_some()
    }

    /// The thread of `sleeper` does not sleep any more.
    fn forget_sleeper(&mut self, sleeper: &Arc<Sleeper>) {
        self.sleepers.retain(|one| !Arc::ptr_eq(&one.sleeper, sleeper));
    }

    /// Wakes one thread that sleeps: the sockets are free. Whether there is one.
    fn wake_one(&mut self) -> bool {
        self.wake_first(|_| true)
    }

    /// Wakes one thread that sleeps until there is an event. Whether there is one.
    fn wake_for_event(&mut self) -> bool {
        self.wake_first(|one| !one.is_for_a_round)
    }

    /// Ends every round that waits, but one of this thread that drives: it ends by itself.
    fn end_rounds(&mut self) {
        self.rounds_ended += 1;
        while self.wake_first(|one| one.is_for_a_round) {}
        if !self.io.is_driven_by(this_thread()) {
            self.wake_driver();
        }
    }

    /// Wakes them all.
    fn wake_sleepers(&mut self) {
        while self.wake_one() {}
    }

    /// Wakes the driver of the sockets, where that is a thread of the application.
    fn wake_driver(&self) {
        if let Some(endpoint) = self.endpoint.as_ref().filter(|_| self.io.is_application()) {
            endpoint.poller.wake();
        }
    }

    /// Makes the descriptor readable exactly while there is an event, or something to do for an
    /// automatic action.
    fn update_descriptor(&mut self) {
        let readable = !self.queue.is_empty() || self.wake_ups > 0 || self.action_due;
        if let Some(pipe) = &mut self.pipe {
            pipe.set_readable(readable);
        }
    }
}

impl Events {
    /// Appends an event, in the order of the core's lock; what was dropped for it, and messages to
    /// be dropped without a lock. No thread is woken yet.
    pub(super) fn push(&self, event: QueuedEvent) -> (Dropped, Vec<RetainedMessage>) {
        self.state.lock().append(event)
    }

    /// Wakes the threads that have something to do. `takes_event`: this thread takes an event
    /// itself. The core's lock must be free, which they want next.
    pub(super) fn wake_threads(&self, wake_ups: WakeUps, takes_event: bool) {
        let own = usize::from(takes_event && wake_ups.events == 1);
        self.announce(wake_ups.events - own);
        if wake_ups.listeners {
            self.listeners.announce();
            self.fetched.announce();
            if self.is_stepped {
                self.announce_to_steps();
            }
        }
        if let Some(at) = wake_ups.driver_at {
            self.wake_driver_at(at);
        }
        if wake_ups.for_batch {
            self.wake_for_batch();
        }
    }

    /// Wakes threads that wait, for `count` new events.
    fn announce(&self, count: usize) {
        if count == 0 {
            return;
        }
        let mut state = self.state.lock();
        // The driver of the sockets takes the next event itself, and then updates the descriptor.
        let driver = state.io.is_driven_by(this_thread());
        if !driver || state.queue.len() > 1 {
            state.update_descriptor();
        }
        let mut left = count - usize::from(driver);
        while left > 0 && state.wake_for_event() {
            left -= 1;
        }
        if left > 0 && !driver {
            state.wake_driver();
        }
    }

    /// Whether a program that fetches one event after the other has more to fetch, and so comes
    /// back in a moment: what it sends meanwhile may wait until then. A hint only; see
    /// [`WakeUps::for_batch`].
    pub(super) fn has_backlog(&self) -> bool {
        self.backlog.load(Ordering::Relaxed)
    }

    /// Whether an automatic action has something to do: a program may sleep on the descriptor until
    /// then. The core's lock is held.
    pub(super) fn set_action_due(&self, due: bool) {
        if self.action_due.load(Ordering::Relaxed) != due {
            self.action_due.store(due, Ordering::Relaxed);
            let mut state = self.state.lock();
            state.action_due = due;
            state.update_descriptor();
        }
    }

    /// Makes one waiter, or the next, return without an event.
    pub(super) fn wake(&self) {
        let mut state = self.state.lock();
        if !state.closed {
            state.wake_ups = (state.wake_ups + 1).min(state.waiting.max(1));
            state.update_descriptor();
            state.wake_sleepers();
            state.wake_driver();
        }
    }

    /// The descriptor, made at the first call; -1 when there is none to be had or the queue is
    /// closed.
    pub(super) fn fd(&self) -> RawFd {
        let mut state = self.state.lock();
        if state.pipe.is_none() && !state.closed {
            state.pipe = EventPipe::new().ok();
            state.update_descriptor();
        }
        state.pipe.as_ref().map_or(-1, EventPipe::fd)
    }

    /// No event comes any more: waits without limit end.
    pub(super) fn mark_broken(&self) {
        let endpoint = {
            let mut state = self.state.lock();
            state.broken = true;
            state.wake_sleepers();
            state.endpoint.clone()
        };
        self.wake_at_sockets(endpoint.as_deref());
        self.listeners.waiters.end();
        self.listeners.wake_waiters();
        self.fetched.wake_all();
    }

    /// Ends all waits, closes the descriptor and drops all events.
    pub(super) fn close(&self) {
        let (endpoint, dropped) = {
            let mut state = self.state.lock();
            state.closed = true;
            (state.from_registrars, state.from_others, state.provisional) = (0, 0, 0);
            state.waiting_provisional.clear();
            state.wake_sleepers();
            (
                state.endpoint.take(),
                (std::mem::take(&mut state.queue), state.pipe.take(), state.step_poll.take()),
            )
        };
        self.fetched.close();
        self.wake_at_sockets(endpoint.as_deref());
        drop((endpoint, dropped));
    }

    /// Wakes the driver of the sockets, and the network thread.
    fn wake_at_sockets(&self, endpoint: Option<&Endpoint>) {
        self.driver_left.notify_all();
        if let Some(endpoint) = endpoint {
            endpoint.poller.wake();
            endpoint.alarm.set(Duration::ZERO);
        }
    }
}

#[cfg(test)]
mod tests;
