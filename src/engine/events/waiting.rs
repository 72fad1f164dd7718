//! Waiting for an event, and which thread drives the sockets meanwhile (see [`driver`]).
//!
//! A wait is a state that goes on by steps, and its thread sleeps between two of them, without any
//! lock: it may be cancelled there, and then gives up the wait.
//!
//! [`driver`]: crate::engine::driver

use super::{EventQueue, Events, QueuedEvent, SleepingWait};
use crate::engine::clock;
use crate::engine::driver::{Check, WakeUp};
use crate::engine::endpoint::{Endpoint, SleepPlan};
use crate::engine::lock::this_thread;
use crate::net::{Ready, Sleep, Sleeper};
use parking_lot::MutexGuard;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
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

/// Held by a thread while it drives the sockets.
pub(in crate::engine) struct DriverGuard {
    pub(super) endpoint: Arc<Endpoint>,
    /// The time, as last looked at.
    pub(super) now: Instant,
    /// What it sleeps for.
    pub(super) plan: SleepPlan,
    /// This thread takes the next event itself.
    pub(super) takes_event: bool,
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

    /// Whether this thread takes the next event itself.
    pub(in crate::engine) fn takes_event(&self) -> bool {
        self.takes_event
    }

    /// It has looked at the sockets at `now`, and sleeps as `plan` says next.
    pub(in crate::engine) fn plan(&mut self, now: Instant, plan: SleepPlan) {
        (self.now, self.plan) = (now, plan);
    }

    /// Whether there is something to do before it sleeps: responses to what waits to be sent may be
    /// there.
    fn ready(&self) -> Option<Ready> {
        let has_batch = self.endpoint.has_batch();
        let streams = self.endpoint.poller.streams().is_used();
        has_batch.then(|| Ready { readable: true, streams, ..Ready::default() })
    }

    /// Its sleep: as planned, and until `deadline` at most.
    pub(in crate::engine) fn sleep(&self, deadline: Option<Instant>) -> Sleep {
        let until = [self.plan.until, deadline].into_iter().flatten().min();
        self.endpoint.sleep(self.now, SleepPlan { until, ..self.plan })
    }
}

/// A wait for an event, from step to step.
#[derive(Default)]
pub(in crate::engine) struct WaitState {
    /// `None`: no limit.
    timeout: Option<Duration>,
    deadline: Option<Instant>,
    role: Role,
    /// It is over after one round, and takes no event: what [`Events::rounds_ended`] was when its
    /// thread last looked.
    round_since: Option<u64>,
}

/// What a thread that waits does meanwhile.
#[derive(Default)]
enum Role {
    /// Its wait has not begun, or is over.
    #[default]
    Outside,
    /// It drives the sockets, and sleeps on them.
    Driver(DriverGuard),
    /// Another thread drives.
    Sleeper(Arc<Sleeper>),
}

impl WaitState {
    /// A wait that has not begun; `timeout` `None`: no limit.
    pub(in crate::engine) fn new(timeout: Option<Duration>) -> WaitState {
        WaitState { timeout, ..WaitState::default() }
    }

    /// A wait for one round of the sockets, by this thread or another, that has not begun. `since`
    /// is what [`Events::rounds_ended`] was when the thread last looked at what it waits for.
    pub(in crate::engine) fn for_a_round(timeout: Option<Duration>, since: u64) -> WaitState {
        WaitState { timeout, round_since: Some(since), ..WaitState::default() }
    }

    /// What ends it at once, or once a round is over.
    fn outcome(&self, state: &mut EventQueue) -> Option<Option<QueuedEvent>> {
        match (self.round_since, &self.role) {
            (None, _) => state.outcome(self.timeout),
            (Some(since), Role::Outside) => {
                (state.closed || state.broken || since != state.rounds_ended).then_some(None)
            }
            (Some(_), _) => Some(None),
        }
    }

    /// Forgets the wait, which was begun in another process.
    pub(in crate::engine) fn forget(&mut self) {
        self.role = Role::Outside;
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
    fn outcome(&mut self, timeout: Option<Duration>) -> Option<Option<QueuedEvent>> {
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
        let plan = self.plan;
        let guard = || DriverGuard { endpoint: Arc::clone(endpoint), now, plan, takes_event: true };
        self.io.arrive(me).then(guard)
    }

    /// What this thread, which waits, does meanwhile.
    fn role(&mut self, now: Instant) -> Role {
        self.drive(this_thread(), now).map_or_else(|| Role::Sleeper(Arc::default()), Role::Driver)
    }

    /// Whether the sockets are better left to the program, which does not wait only because it has
    /// not fetched what there is. One that sleeps on the descriptor does not look at the sockets.
    fn is_busy(&self) -> bool {
        self.in_a_row >= BUSY && self.queue.len() <= SHORT_BACKLOG && self.pipe.is_none()
    }

    /// Whether it has more to fetch, and the sockets are free: the alarm is set.
    fn has_backlog(&self) -> bool {
        let is_busy = self.in_a_row >= BUSY && !self.queue.is_empty() && self.pipe.is_none();
        is_busy && self.io.is_free() && self.step_poll.is_none()
    }

    fn leave(&mut self, endpoint: &Endpoint, now: Instant, plan: SleepPlan) {
        self.plan = plan;
        if self.step_poll.is_some() {
            return self.leave_to_program(endpoint, now, plan);
        }
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
            state.begin_steps(endpoint);
        }
    }

    /// One step of a wait. What has come of it: the next event; `None` when the time is over, or
    /// woken, or closed; also at once when the context is broken and no limit was given. Where
    /// nothing has come of it yet, the thread sleeps as `sleep` says, and takes the next step with
    /// it.
    ///
    /// Where this thread drives the sockets, `drive` does one round, without a lock, for what has
    /// happened.
    pub(in crate::engine) fn step(
        &self,
        wait: &mut WaitState,
        sleep: &mut Sleep,
        drive: impl Fn(&mut DriverGuard, Ready) -> Round,
    ) -> Option<Option<QueuedEvent>> {
        let (mut state, mut ready) = match &wait.role {
            Role::Outside => match self.begin(wait, &drive) {
                ControlFlow::Continue(state) => (state, None),
                ControlFlow::Break(outcome) => return Some(outcome),
            },
            Role::Driver(driver) => {
                let ready = driver.endpoint.poller.ready(sleep);
                (self.state.lock(), Some(ready))
            }
            Role::Sleeper(sleeper) => {
                let mut state = self.state.lock();
                state.forget_sleeper(sleeper);
                (state, Some(Ready::default()))
            }
        };
        loop {
            if let Role::Driver(driver) = &wait.role {
                ready = ready.or_else(|| driver.ready());
            }
            let Some(what) = ready.take() else {
                *sleep = self.sleep(&mut state, wait);
                return None;
            };
            if let Role::Driver(driver) = &mut wait.role {
                drop(state);
                let round = drive(driver, what);
                if round == Round::Forked {
                    wait.forget();
                    return Some(None);
                }
                state = self.state.lock();
                if round == Round::Ended {
                    // Whatever breaks or ends a context wakes all who wait.
                    state.broken = true;
                }
            }
            if let Some(outcome) = wait.outcome(&mut state) {
                self.end(&mut state, wait);
                return Some(outcome);
            }
            let now = clock::now();
            if wait.deadline.is_some_and(|at| at <= now) {
                self.end(&mut state, wait);
                return Some(None);
            }
            match &mut wait.role {
                Role::Driver(_) if state.broken => {
                    self.stop_driving(&mut state, wait);
                    wait.role = state.role(now);
                }
                Role::Driver(driver) => driver.now = now,
                _ => wait.role = state.role(now),
            }
        }
    }

    /// Begins a wait, unless something ends it at once.
    fn begin(
        &self,
        wait: &mut WaitState,
        drive: impl Fn(&mut DriverGuard, Ready) -> Round,
    ) -> ControlFlow<Option<QueuedEvent>, MutexGuard<'_, EventQueue>> {
        let mut state = self.state.lock();
        let outcome = wait.outcome(&mut state);
        self.note_backlog(&state);
        if let Some(outcome) = outcome {
            if state.in_a_row > 0 && state.in_a_row % POLL_EVERY == 0 {
                self.poll_briefly(state, drive);
            }
            return ControlFlow::Break(outcome);
        }
        let now = clock::now();
        wait.deadline = wait.timeout.and_then(|t| now.checked_add(t));
        state.waiting += 1;
        wait.role = state.role(now);
        ControlFlow::Continue(state)
    }

    /// What a thread that waits sleeps for.
    fn sleep(&self, state: &mut EventQueue, wait: &WaitState) -> Sleep {
        match &wait.role {
            Role::Outside => Sleep::default(),
            Role::Driver(driver) => driver.sleep(wait.deadline),
            Role::Sleeper(sleeper) => {
                state.sleepers.push_back(SleepingWait {
                    sleeper: Arc::clone(sleeper),
                    is_for_a_round: wait.round_since.is_some(),
                });
                let left = wait.deadline.map(|at| at.saturating_duration_since(clock::now()));
                sleeper.sleep(left)
            }
        }
    }

    /// Ends a wait: what this thread drove or was woken for is another one's.
    fn end(&self, state: &mut EventQueue, wait: &mut WaitState) {
        state.waiting -= 1;
        if let Role::Sleeper(sleeper) = &wait.role {
            state.forget_sleeper(sleeper);
        }
        self.stop_driving(state, wait);
        if wait.round_since.is_some() {
            // Nobody takes the events of this round yet.
            state.update_descriptor();
        }
        self.wake_next(state);
    }

    /// Ends a wait whose thread takes no further step, if it has begun.
    pub(in crate::engine) fn give_up(&self, wait: &mut WaitState) {
        match &mut wait.role {
            Role::Outside => return,
            Role::Driver(driver) => driver.now = clock::now(),
            Role::Sleeper(_) => {}
        }
        self.end(&mut self.state.lock(), wait);
    }

    /// See [`Events::has_backlog`].
    fn note_backlog(&self, state: &EventQueue) {
        let backlog = state.has_backlog();
        if backlog != self.has_backlog() {
            self.backlog.store(backlog, Ordering::Relaxed);
        }
    }

    /// Wakes a thread that waits for an event, where there is one, else any where the sockets are
    /// free. One that waits for a round leaves the event where it is: it is not woken for that.
    fn wake_next(&self, state: &mut EventQueue) {
        let has_taker = !state.queue.is_empty() && state.wake_for_event();
        if !has_taker && state.io.is_free() {
            state.wake_one();
        }
    }

    /// Drives for one round without sleeping, where no thread drives.
    fn poll_briefly(
        &self,
        mut state: MutexGuard<'_, EventQueue>,
        drive: impl Fn(&mut DriverGuard, Ready) -> Round,
    ) {
        let now = clock::now();
        let Some(mut driver) = state.drive(this_thread(), now) else { return };
        drop(state);
        let ready = driver.ready().unwrap_or_else(|| {
            let mut sleep = driver.sleep(Some(now));
            sleep.sleep();
            driver.endpoint.poller.ready(&sleep)
        });
        let round = drive(&mut driver, ready);
        if round == Round::Forked {
            return;
        }
        let mut state = self.state.lock();
        state.broken |= round == Round::Ended;
        state.update_descriptor();
        self.leave(&mut state, driver);
        self.note_backlog(&state);
        self.wake_next(&mut state);
    }

    /// Leaves the sockets, where this thread drives them.
    fn stop_driving(&self, state: &mut EventQueue, wait: &mut WaitState) {
        if let Role::Driver(driver) = std::mem::take(&mut wait.role) {
            self.leave(state, driver);
        }
    }

    fn leave(&self, state: &mut EventQueue, driver: DriverGuard) {
        let DriverGuard { endpoint, now, plan, .. } = driver;
        state.leave(&endpoint, now, plan);
        if state.closed {
            // The socket is closed before `quit` goes on.
            drop(endpoint);
            self.driver_left.notify_all();
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
            state.wake_one();
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
        let until = state.plan.until.map_or(at, |planned| planned.min(at));
        state.plan.until = Some(until);
        if state.step_poll.is_some() && state.io.is_free() {
            return state.wake_program(until);
        }
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
        self.driver_left.wait_while_for(&mut state, other, limit);
    }
}

#[cfg(test)]
mod tests;
