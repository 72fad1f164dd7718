//! Listeners of managed registrations, and the one thread that calls them.

use super::clock;
use super::lock::this_thread;
use super::thread_end::ThreadEnd;
use super::waiters::Waiters;
use crate::agent::{RegistererEvent, RegistererEventKind, Rid};
use crate::net;
use crate::trace::{self, TraceLevel};
use parking_lot::{Condvar, Mutex, MutexGuard};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Events kept while the listeners are busy; the oldest is dropped first.
const MAX_EVENTS: usize = 1 << 16;

/// Names a listener; never used again.
pub type ListenerId = u64;

/// What is called. It may make any call of the library.
pub type Callback = Arc<dyn Fn(&RegistererEvent) + Send + Sync>;

/// A listener, and what it is called for.
pub struct Listener {
    /// The registration; `None`: every one.
    pub rid: Option<Rid>,
    /// Which events.
    pub wants: fn(&RegistererEvent) -> bool,
    /// Only the next event.
    pub once: bool,
    /// What is called.
    pub call: Callback,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("rid", &self.rid).finish_non_exhaustive()
    }
}

/// All listeners of a context, and the events that they were not called for yet. No other lock is
/// taken under its lock, which is free while they are called.
#[derive(Default)]
pub(super) struct Listeners {
    /// There is no thread: whoever drives the sockets calls the listeners after each round.
    is_stepped: bool,
    state: Mutex<ListenerState>,
    /// There is an event for the thread, or the end.
    queued: Condvar,
    /// Something happened, or a call has returned.
    changed: Condvar,
    /// The threads that wait for a state.
    pub(super) waiters: Arc<Waiters>,
}

#[derive(Default)]
struct ListenerState {
    /// Each with the number of the event after which it was added.
    all: BTreeMap<ListenerId, (u64, Listener)>,
    /// Events with their numbers.
    queue: VecDeque<(u64, RegistererEvent)>,
    /// The provisional responses in the queue: the registration, the status, and the number.
    provisional: FxHashMap<(Rid, u16), u64>,
    /// The number after which the last listener was added.
    newest_since: u64,
    last_id: ListenerId,
    thread: Option<(JoinHandle<()>, Arc<ThreadEnd>)>,
    thread_id: Option<NonZeroUsize>,
    /// The listener that is being called.
    calling: Option<ListenerId>,
    /// Counts events: a shutdown waits for it to change.
    happened: u64,
    closed: bool,
}

impl ListenerState {
    /// Takes the next event.
    fn take(&mut self) -> Option<(u64, RegistererEvent)> {
        let (number, event) = self.queue.pop_front()?;
        if let Some(one) = provisional(&event) {
            if self.provisional.get(&one) == Some(&number) {
                self.provisional.remove(&one);
            }
        }
        Some((number, event))
    }
}

/// The registration that a provisional response is for, and its status; `None` for any other event.
fn provisional(event: &RegistererEvent) -> Option<(Rid, u16)> {
    matches!(event.what, RegistererEventKind::Trying | RegistererEventKind::Progress)
        .then_some((event.rid, event.status))
}

impl std::fmt::Debug for Listeners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listeners").finish_non_exhaustive()
    }
}

impl Listeners {
    /// Those of a context without a thread.
    pub(super) fn stepped() -> Listeners {
        Listeners { is_stepped: true, ..Listeners::default() }
    }

    /// Whether there is an event that they were not called for.
    pub(super) fn has_queued(&self) -> bool {
        !self.state.lock().queue.is_empty()
    }

    /// Calls them for what is queued, where there is no thread for that, and unless another call is
    /// under way: whoever makes that goes on.
    pub(super) fn call_queued(&self) {
        if !self.is_stepped {
            return;
        }
        let state = self.state.lock();
        if state.thread_id.is_none() && !state.closed {
            self.call_all(state);
        }
    }

    /// Calls them for what is queued, where no thread does.
    fn call_all<'a>(&'a self, mut state: MutexGuard<'a, ListenerState>) {
        state.thread_id = Some(this_thread());
        while let Some((number, event)) = state.take() {
            state = self.call(state, number, &event);
        }
        state.thread_id = None;
        self.changed.notify_all();
    }

    /// Whether this thread calls them, and is in a call.
    pub(super) fn is_caller(&self) -> bool {
        self.state.lock().thread_id == Some(this_thread())
    }

    /// Appends an event, in the order of the core's lock; how many were dropped for it. No thread
    /// is woken yet.
    pub(super) fn push(&self, event: RegistererEvent) -> usize {
        self.waiters.note(&event);
        let mut state = self.state.lock();
        state.happened += 1;
        if state.all.is_empty() || state.closed {
            return 0;
        }
        let number = state.happened;
        if let Some(one) = provisional(&event) {
            // One of the same status waits, which every listener will get: a server that repeats
            // its response does not push out what happened before.
            let newest = state.newest_since;
            if state.provisional.get(&one).is_some_and(|waiting| *waiting > newest) {
                return 0;
            }
            state.provisional.insert(one, number);
        }
        state.queue.push_back((number, event));
        let surplus = state.queue.len().saturating_sub(MAX_EVENTS);
        for _ in 0..surplus {
            state.take();
        }
        surplus
    }

    /// Wakes the thread and all who wait. The core's lock must be free.
    pub(super) fn announce(&self) {
        self.queued.notify_one();
        self.changed.notify_all();
        self.waiters.announce();
    }

    /// Has all who wait look again: the context can do nothing more.
    pub(super) fn wake_waiters(&self) {
        self.state.lock().happened += 1;
        self.changed.notify_all();
    }

    /// A number that changes with every event.
    pub(super) fn happened(&self) -> u64 {
        self.state.lock().happened
    }

    /// Waits until more has happened than `seen`; `false` when the time is over or the context has
    /// ended.
    pub(super) fn wait_beyond(&self, seen: u64, deadline: Option<Instant>) -> bool {
        let mut state = self.state.lock();
        while state.happened == seen && !state.closed {
            match deadline {
                Some(at) if !self.wait_for_change(&mut state, at) => break,
                Some(_) => {}
                None => self.changed.wait(&mut state),
            }
        }
        state.happened != seen && !state.closed
    }

    /// Waits for a change until `at` by our own clock; whether it came in time.
    fn wait_for_change(&self, state: &mut MutexGuard<'_, ListenerState>, at: Instant) -> bool {
        let left = at.saturating_duration_since(clock::now());
        !left.is_zero() && !self.changed.wait_for(state, left).timed_out()
    }

    /// Adds one, which is called for what happens from now on; the first starts the thread. Errors:
    /// no thread can be started, or the context has ended.
    pub(super) fn add(self: &Arc<Self>, listener: Listener) -> io::Result<ListenerId> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(io::Error::from(io::ErrorKind::NotConnected));
        }
        if state.thread.is_none() && !self.is_stepped {
            let end = Arc::new(ThreadEnd::default());
            let (this, ended) = (Arc::clone(self), Arc::clone(&end));
            let handle = net::spawn_without_signals("register-events", move || {
                this.run();
                drop(this);
                ended.signal();
            })?;
            state.thread = Some((handle, end));
        }
        state.last_id += 1;
        let (id, since) = (state.last_id, state.happened);
        state.newest_since = since;
        state.all.insert(id, (since, listener));
        Ok(id)
    }

    /// Removes one: it is not called again. A call under way is waited for until `deadline`, unless
    /// this is called from it. Whether it was there.
    pub(super) fn remove(&self, id: ListenerId, deadline: Option<Instant>) -> bool {
        let mut state = self.state.lock();
        let removed = state.all.remove(&id);
        while state.calling == Some(id) && state.thread_id != Some(this_thread()) {
            if !deadline.is_some_and(|at| self.wait_for_change(&mut state, at)) {
                break;
            }
        }
        drop(state);
        removed.is_some()
    }

    /// The first part of [`Listeners::close`]: nothing more is queued, and no thread waits for a
    /// state any more, nor one that is in a listener.
    pub(super) fn end_waits(&self) {
        self.state.lock().closed = true;
        self.waiters.end();
        self.announce();
    }

    /// Ends: the listeners are still called for what is queued, then the thread ends. Waits for
    /// that, and for a call that another thread is in, for `limit` at most, and not at all when
    /// this is called from a listener. Once this has returned no call begins.
    pub(super) fn close(&self, limit: Duration) {
        self.end_waits();
        if self.is_stepped {
            self.call_last(limit);
        }
        let (thread, itself) = {
            let mut state = self.state.lock();
            (state.thread.take(), state.thread_id == Some(this_thread()))
        };
        let ended = thread.filter(|(_, end)| !itself && end.wait(limit));
        if let Some((handle, _)) = ended {
            // It has nothing left to do but return.
            let _ = handle.join();
        }
        let left = {
            let mut state = self.state.lock();
            state.queue.clear();
            state.provisional.clear();
            std::mem::take(&mut state.all)
        };
        drop(left);
    }

    /// Where there is no thread for that: waits until no other thread calls them, for `limit` at
    /// most, and calls them for what is left.
    fn call_last(&self, limit: Duration) {
        let end = clock::now() + limit;
        let mut state = self.state.lock();
        while state.thread_id.is_some_and(|caller| caller != this_thread()) {
            if !self.wait_for_change(&mut state, end) {
                return;
            }
        }
        if state.thread_id.is_none() {
            self.call_all(state);
        }
    }

    fn run(&self) {
        let mut state = self.state.lock();
        state.thread_id = Some(this_thread());
        loop {
            let Some((number, event)) = state.take() else {
                if state.closed {
                    break;
                }
                self.queued.wait(&mut state);
                continue;
            };
            state = self.call(state, number, &event);
        }
        state.thread_id = None;
        state.all.clear();
    }

    /// Calls those that want the event of this number, without the lock.
    fn call<'a>(
        &'a self,
        mut state: MutexGuard<'a, ListenerState>,
        number: u64,
        event: &RegistererEvent,
    ) -> MutexGuard<'a, ListenerState> {
        let wanted = |(since, one): &(u64, Listener)| {
            *since < number && one.rid.is_none_or(|rid| rid == event.rid) && (one.wants)(event)
        };
        let ids: Vec<ListenerId> =
            state.all.iter().filter(|(_, one)| wanted(one)).map(|(id, _)| *id).collect();
        for id in ids {
            // One listener may have removed another meanwhile.
            let Some((_, one)) = state.all.get(&id) else { continue };
            let call = Arc::clone(&one.call);
            if one.once {
                state.all.remove(&id);
            }
            state.calling = Some(id);
            drop(state);
            if catch_unwind(AssertUnwindSafe(|| call(event))).is_err() {
                trace::log(TraceLevel::Bug, "engine", line!(), "a listener panicked");
            }
            drop(call);
            state = self.state.lock();
            state.calling = None;
            self.changed.notify_all();
        }
        state
    }
}

#[cfg(test)]
mod tests;
