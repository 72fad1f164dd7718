//! What the clones of an engine and its threads share, and the ways in: commands, rounds of a
//! driver, answers of the resolver.

use super::clock;
use super::deferred::{Deferred, MessagePath};
use super::endpoint::{Endpoint, SleepPlan};
use super::events::Events;
use super::events::waiting::{DriverGuard, Round};
use super::lock::{AppLock, AppLockGuard};
use super::locked::Locked;
use super::refusal::Refusal;
use crate::agent::{DnsError, Input, QueryId, Records, Transport};
use crate::net::{self, DeliveryError, Ready, UdpSocket};
use crate::trace::{self, TraceLevel};
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use std::any::Any;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

/// The state of one context. Locks are taken in this order: `app`, `core`, `events`.
pub(super) struct Shared {
    /// The process that made it, see [`net::generation`].
    pub(super) process: u32,
    /// When it was made.
    pub(super) since: Instant,
    /// The application's lock: for the duration of every command, never for driving the sockets.
    pub(super) app: AppLock,
    /// `None` once it has ended.
    pub(super) core: Mutex<Option<Locked>>,
    /// The application's events.
    pub(super) events: Events,
    /// A panic was caught.
    pub(super) broken: AtomicBool,
    /// The number of the network thread, 0 before it runs.
    pub(super) network_thread: AtomicUsize,
}

/// After a panic under the lock every call answers [`Refusal::Broken`].
impl RefUnwindSafe for Shared {}

/// Marks the context broken when a panic drops it: what the lock protects was left half changed.
struct PanicMark<'a> {
    broken: &'a AtomicBool,
    armed: bool,
}

impl Drop for PanicMark<'_> {
    fn drop(&mut self) {
        if self.armed {
            self.broken.store(true, Ordering::Release);
        }
    }
}

/// What the lock protects, while it is held. When a panic drops it, the mark is set before the lock
/// is free.
struct LockedNow<'a> {
    mark: PanicMark<'a>,
    core: MappedMutexGuard<'a, Locked>,
    now: Instant,
}

impl LockedNow<'_> {
    /// Releases the lock of what is whole again.
    fn release(mut self) {
        self.mark.armed = false;
    }
}

/// A command of the application, while it lasts. What of it need not be compiled anew for each
/// command is in its functions.
struct RunningCommand<'a> {
    shared: &'a Shared,
    locked: LockedNow<'a>,
    deferred: Deferred,
    held: AppLockGuard<'a>,
}

impl RunningCommand<'_> {
    /// What comes after the change.
    #[inline(never)]
    fn end(self) {
        // The other way round they are dropped where something panics: first what is locked.
        let RunningCommand { shared, held, mut deferred, mut locked } = self;
        locked.core.drain(locked.now, &shared.events, &mut deferred);
        locked.core.rearm(locked.now, &mut deferred);
        locked.release();
        drop(held);
        shared.run_deferred(deferred, false);
    }
}

impl Shared {
    /// Whether this process is the one that made it. In a child of fork(2) locks may be held by
    /// threads that do not exist.
    pub(super) fn in_creating_process(&self) -> bool {
        self.process == net::generation()
    }

    /// One command of the application: mutate, drain, ask for the timeout, release, and only then
    /// call out.
    pub(super) fn command<R, E>(
        &self,
        change: impl FnOnce(&mut Locked, Instant, &mut Deferred) -> Result<R, E>,
    ) -> Result<R, Refusal>
    where
        Refusal: From<E>,
    {
        let mut command = self.begin_command()?;
        let RunningCommand { locked, deferred, .. } = &mut command;
        let result = change(&mut locked.core, locked.now, deferred);
        command.end();
        Ok(result?)
    }

    /// What comes before the change of a command.
    #[inline(never)]
    fn begin_command(&self) -> Result<RunningCommand<'_>, Refusal> {
        if !self.in_creating_process() {
            return Err(Refusal::Forked);
        }
        let held = self.app.hold();
        let locked = self.lock()?;
        let mut deferred = Deferred::default();
        deferred.set_tap(locked.core.tap());
        Ok(RunningCommand { shared: self, locked, deferred, held })
    }

    /// Runs `change` under the lock. Errors: the context has ended, or is broken.
    pub(super) fn locked<R>(
        &self,
        change: impl FnOnce(&mut Locked, Instant) -> R,
    ) -> Result<R, Refusal> {
        let mut locked = self.lock()?;
        let result = change(&mut locked.core, locked.now);
        locked.release();
        Ok(result)
    }

    /// Takes the lock of what has neither ended nor is broken.
    fn lock(&self) -> Result<LockedNow<'_>, Refusal> {
        let slot = MutexGuard::try_map(self.core.lock(), Option::as_mut);
        let mut core = slot.map_err(|_| Refusal::Ended)?;
        if self.broken.load(Ordering::Acquire) {
            return Err(Refusal::Broken);
        }
        let mark = PanicMark { broken: &self.broken, armed: true };
        let now = clock::now();
        core.note_sleep(now);
        core.set_wall_clock(now);
        Ok(LockedNow { mark, core, now })
    }

    /// Errors: the context has ended, or is broken.
    pub(super) fn check_alive(&self) -> Result<(), Refusal> {
        match (self.events.fetched.is_closed(), self.broken.load(Ordering::Acquire)) {
            (true, _) => Err(Refusal::Ended),
            (false, true) => Err(Refusal::Broken),
            (false, false) => Ok(()),
        }
    }

    /// Does what was collected under the lock, which is free now. `takes_event`: this thread takes
    /// the next event itself.
    pub(super) fn run_deferred(&self, mut deferred: Deferred, takes_event: bool) {
        let wake_ups = deferred.take_wake_ups();
        if deferred.has_tap() {
            // It gets a message before anybody learns what came of it.
            deferred.make_calls();
            self.events.wake_threads(wake_ups, takes_event);
        } else {
            self.events.wake_threads(wake_ups, takes_event);
            deferred.make_calls();
        }
    }

    /// Runs `body`; a panic is caught, logged, and marks the context broken.
    pub(super) fn guarded<R>(&self, body: impl FnOnce() -> R) -> Option<R> {
        match catch_unwind(AssertUnwindSafe(body)) {
            Ok(result) => Some(result),
            Err(panic) => {
                self.mark_broken();
                trace::log(
                    TraceLevel::Bug,
                    "engine",
                    line!(),
                    &format!("panic: {}", message(&*panic)),
                );
                None
            }
        }
    }

    /// Ends all work: every command answers [`Refusal::Broken`] from now on.
    pub(super) fn mark_broken(&self) {
        self.broken.store(true, Ordering::Release);
        self.events.mark_broken();
    }

    /// Passes on what the resolver found. Called on a thread of the resolver.
    pub(super) fn on_records(&self, query: QueryId, answer: Result<Records, DnsError>) {
        self.guarded(|| {
            let mut deferred = Deferred::default();
            let _ = self.locked(|core, now| {
                deferred.set_tap(core.tap());
                core.on_records(now, query, answer);
                core.drain(now, &self.events, &mut deferred);
                core.rearm(now, &mut deferred);
            });
            self.run_deferred(deferred, false);
        });
    }

    /// One round of a thread that drives the sockets: handles what its sleep ended with.
    pub(super) fn drive(&self, driver: &mut DriverGuard, ready: Ready) -> Round {
        // A signal handler may have forked meanwhile.
        if !self.in_creating_process() {
            return Round::Forked;
        }
        let due = driver.planned_until();
        if ready == Ready::default() && due.is_none_or(|due| due > clock::now()) {
            return Round::Done;
        }
        let Some((now, plan)) = self.round(driver.endpoint(), ready, driver.takes_event()) else {
            return Round::Ended;
        };
        driver.plan(now, plan);
        Round::Done
    }

    /// One round of the law, with one batch of datagrams and what some streams have in one hold of
    /// the lock. The time, and what to sleep for; `None` when the context has ended. `takes_event`:
    /// this thread waits for an event.
    fn round(
        &self,
        endpoint: &Endpoint,
        ready: Ready,
        takes_event: bool,
    ) -> Option<(Instant, SleepPlan)> {
        self.guarded(|| {
            // Without anything that woke it, a driver has come for a timer.
            if ready.may_have_slept || ready == Ready::default() {
                clock::count_sleep();
            }
            let errors = endpoint.take_errors(ready);
            let batch = endpoint.receive(ready);
            let mut deferred = Deferred::default();
            let next = self.locked(|core, now| {
                deferred.set_tap(core.tap());
                for DeliveryError { to, error, bytes } in errors {
                    core.on_undelivered(now, to, error, &bytes);
                }
                let (transport, local) = (Transport::Udp, endpoint.udp().map(UdpSocket::local));
                for (from, bytes) in batch.iter() {
                    deferred.received(MessagePath { transport, local, remote: from }, bytes);
                    core.on_datagram(now, from, bytes);
                }
                if ready.streams {
                    core.on_streams_ready(now, endpoint, &mut deferred);
                }
                if ready.interfaces_changed {
                    core.agent.handle_input(now, Input::Interfaces);
                }
                if ready.writable || endpoint.has_batch() {
                    core.flush(now, &mut deferred);
                }
                core.handle_timeout(now, &mut deferred);
                core.drain(now, &self.events, &mut deferred);
                core.plan(now, ready.has_arrived()).map(|plan| (now, plan))
            });
            drop(batch);
            self.run_deferred(deferred, takes_event);
            next.ok().flatten()
        })
        .flatten()
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(without a message)")
}
