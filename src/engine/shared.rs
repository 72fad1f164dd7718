//! What the clones of an engine and its threads share, and how each of them gets in and out.

use super::after::After;
use super::clock;
use super::core::Core;
use super::events::Events;
use super::lock::AppLock;
use crate::agent::Refusal;
use crate::net::{self, Found};
use crate::trace::{self, Level};
use parking_lot::Mutex;
use std::any::Any;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long `quit` waits for whoever drives the sockets, who may be inside a log sink of the application.
const PATIENCE: Duration = Duration::from_secs(2);

/// The state of one context. Locks are taken in this order: `app`, `core`, `events`.
pub(super) struct Shared {
    /// The process that made it, see [`net::generation`].
    pub(super) born: u32,
    /// When it was made.
    pub(super) since: Instant,
    /// The application's lock: for the duration of every command, never for driving the sockets.
    pub(super) app: AppLock,
    /// `None` once it has ended.
    pub(super) core: Mutex<Option<Core>>,
    /// The application's events.
    pub(super) events: Events,
    /// A panic was caught.
    pub(super) broken: AtomicBool,
    /// The number of the network thread, 0 before it runs.
    pub(super) network_thread: AtomicUsize,
}

/// After a panic under the lock nothing but [`Refusal::Broken`] comes out.
impl RefUnwindSafe for Shared {}

/// Sets the mark when dropped by a panic: what the lock protects was left half changed.
struct Alarm<'a> {
    broken: &'a AtomicBool,
    armed: bool,
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if self.armed {
            self.broken.store(true, Ordering::Release);
        }
    }
}

impl Shared {
    /// Whether this process is the one that made it. In a child of fork(2) locks may be held by threads that do not exist.
    pub(super) fn at_home(&self) -> bool {
        self.born == net::generation()
    }

    /// One command of the application: mutate, drain, ask for the timeout, release, and only then call out.
    pub(super) fn command<R>(
        &self,
        change: impl FnOnce(&mut Core, Instant, &mut After) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        if !self.at_home() {
            return Err(Refusal::NotInitialized);
        }
        let held = self.app.hold();
        let mut after = After::default();
        let result = self.locked(|core, now| {
            after.copy_for(&core.tap);
            let result = change(core, now, &mut after);
            core.drain(now, &self.events, &mut after);
            core.rearm(now, &mut after);
            result
        });
        drop(held);
        after.run(&self.events);
        result?
    }

    /// Runs `change` under the lock. Errors: the context has ended, or is broken.
    pub(super) fn locked<R>(&self, change: impl FnOnce(&mut Core, Instant) -> R) -> Result<R, Refusal> {
        let mut slot = self.core.lock();
        let core = slot.as_mut().ok_or(Refusal::NotInitialized)?;
        if self.broken.load(Ordering::Acquire) {
            return Err(Refusal::Broken);
        }
        // Behind `slot`, so that the mark is set before the lock is free.
        let mut alarm = Alarm { broken: &self.broken, armed: true };
        let now = clock::now();
        core.tell_wall_clock(now);
        let result = change(core, now);
        alarm.armed = false;
        drop(alarm);
        Ok(result)
    }

    /// Runs `body`; a panic is caught, logged, and marks the context broken.
    pub(super) fn guarded<R>(&self, body: impl FnOnce() -> R) -> Option<R> {
        match catch_unwind(AssertUnwindSafe(body)) {
            Ok(result) => Some(result),
            Err(panic) => {
                self.mark_broken();
                trace::log(Level::Bug, "engine", line!(), &format!("panic: {}", message(&*panic)));
                None
            }
        }
    }

    /// Passes on what the resolver found. Called on its thread.
    pub(super) fn named(&self, name: &str, found: Found) {
        self.guarded(|| {
            let mut after = After::default();
            let _ = self.locked(|core, now| {
                after.copy_for(&core.tap);
                core.named(now, name, found);
                core.drain(now, &self.events, &mut after);
                core.rearm(now, &mut after);
            });
            after.run(&self.events);
        });
    }

    /// Ends all work: every command answers [`Refusal::Broken`] from now on.
    pub(super) fn mark_broken(&self) {
        self.broken.store(true, Ordering::Release);
        self.events.mark_broken();
    }

    /// Removes the bindings of registrations that look after themselves, and waits for that: as long as each [`PATIENCE`] brings one
    /// that is over, and [`longest`] at most.
    ///
    /// [`PATIENCE`]: super::registerer::PATIENCE
    /// [`longest`]: super::registerer::longest
    pub(super) fn wind_up(&self) {
        let me = super::lock::this_thread().get();
        let begin = clock::now();
        let (mut end, mut deadline, mut fewest) = (begin, begin, usize::MAX);
        // Nobody drives the sockets while this thread waits, if it is called back by us.
        let driver = self.events.is_driver() || self.network_thread.load(Ordering::Acquire) == me;
        let mut first = true;
        loop {
            let seen = self.events.listeners.happened();
            let mut after = After::default();
            let left = self.locked(|core, now| {
                if std::mem::take(&mut first) {
                    end = begin + super::registerer::longest(core.agent.registerers_alive());
                    core.agent.registerer_dispose_all(now);
                }
                let left = core.agent.registerers_alive();
                core.drain(now, &self.events, &mut after);
                core.rearm(now, &mut after);
                left
            });
            after.run(&self.events);
            let left = left.ok().filter(|left| *left > 0 && !driver);
            let Some(left) = left else { break };
            if left < fewest {
                fewest = left;
                deadline = end.min(clock::now() + super::registerer::PATIENCE);
            }
            if clock::now() >= deadline || !self.events.listeners.wait_beyond(seen, Some(deadline)) {
                break;
            }
        }
        let mut after = After::default();
        let _ = self.locked(|core, now| {
            core.agent.registerer_end_all(now);
            core.drain(now, &self.events, &mut after);
        });
        after.run(&self.events);
        self.events.listeners.close(super::registerer::PATIENCE);
    }

    /// Ends the context. Never takes the application's lock, which the caller or a lost thread may hold.
    pub(super) fn quit(&self) {
        if !self.at_home() {
            return;
        }
        self.wind_up();
        let core = self.core.lock().take();
        self.events.close();
        self.app.close();
        let Some(mut core) = core else { return };
        core.flush(clock::now(), &mut After::default());
        if let Some(network) = &mut core.network {
            let itself = self.network_thread.load(Ordering::Acquire) == super::lock::this_thread().get();
            if let Some(thread) = network.thread.take()
                && !itself
                && thread.over.wait(PATIENCE)
            {
                // It has nothing left to do but return.
                let _ = thread.handle.join();
            }
        }
        self.events.await_driver(PATIENCE);
        // With the last owner of the link the socket is closed.
        drop(core);
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(without a message)")
}
