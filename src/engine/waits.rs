//! Calls that wait for the application, in steps: a thread sleeps between two of them, holds no
//! lock meanwhile, and may be cancelled there. What is dropped then gives back all that the call
//! holds.

use super::events::QueuedEvent;
use super::events::waiting::WaitState;
use super::fetched_events::Fetched;
use super::shared::Shared;
use super::steps::RoundWait;
use super::waiters::Wait;
use super::{CoreRefusal, Engine, Refusal, clock};
use crate::agent::{RegistererState, Rid};
use crate::net::{Sleep, Sleeper};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Takes steps and sleeps until something has come of it.
pub(super) fn to_the_end<T>(mut step: impl FnMut(&mut Sleep) -> Option<T>) -> T {
    let mut sleep = Sleep::default();
    loop {
        if let Some(outcome) = step(&mut sleep) {
            return outcome;
        }
        sleep.sleep();
    }
}

/// A wait for an event, see [`Engine::event_wait`].
pub(crate) struct EventWait {
    shared: Arc<Shared>,
    state: WaitState,
}

impl EventWait {
    /// What has come of it, or `None`: the thread sleeps as `sleep` says, and takes the next step
    /// with it.
    pub(crate) fn step(&mut self, sleep: &mut Sleep) -> Option<Option<QueuedEvent>> {
        if !self.shared.in_creating_process() {
            self.state.forget();
            return Some(None);
        }
        let drive = |driver: &mut _, ready| self.shared.drive(driver, ready);
        let outcome = self.shared.events.step(&mut self.state, sleep, drive)?;
        self.shared.events.listeners.call_queued();
        Some(outcome)
    }
}

impl Drop for EventWait {
    fn drop(&mut self) {
        if self.shared.in_creating_process() {
            self.shared.events.give_up(&mut self.state);
        }
    }
}

/// A wait for a state of a registration, see [`Engine::registerer_wait`].
pub(crate) struct RegistererWait {
    engine: Engine,
    rid: Rid,
    state: RegistererState,
    deadline: Option<Instant>,
    wait: Wait,
    has_begun: bool,
    /// Where the program drives the sockets: what this thread does of that.
    round: Meanwhile,
}

impl RegistererWait {
    /// What has come of it, or `None`: the thread sleeps as `sleep` says, and takes the next step.
    pub(crate) fn step(&mut self, sleep: &mut Sleep) -> Option<Result<(), Refusal>> {
        if !std::mem::replace(&mut self.has_begun, true) {
            if let Some(outcome) = self.already() {
                return Some(outcome);
            }
        }
        let reached = loop {
            self.round.go_on(sleep)?;
            let since = self.engine.shared().events.rounds_ended();
            if let Some(reached) = self.wait.step(self.deadline, sleep) {
                break reached;
            }
            self.round.begin(self.engine.shared(), self.deadline, since)?;
        };
        let outcome = match reached {
            Some(true) => Ok(()),
            Some(false) => Err(CoreRefusal::WrongState.into()),
            None => self.engine.registerer_state(self.rid).and(Err(CoreRefusal::WrongState.into())),
        };
        Some(outcome)
    }

    /// What the state says that the registration is in when the wait begins.
    fn already(&self) -> Option<Result<(), Refusal>> {
        match self.engine.registerer_state(self.rid) {
            Ok(now) if now == self.state => Some(Ok(())),
            Ok(RegistererState::Terminated) => Some(Err(CoreRefusal::WrongState.into())),
            Ok(_) if self.state == RegistererState::Initial => {
                Some(Err(CoreRefusal::WrongState.into()))
            }
            Ok(_) => None,
            Err(refusal) => Some(Err(refusal)),
        }
    }
}

/// A wait for an event of a managed registration, see [`Engine::begin_registerer_fetch`].
pub(crate) struct FetchWait {
    shared: Arc<Shared>,
    deadline: Option<Instant>,
    sleeper: Arc<Sleeper>,
    /// Where the program drives the sockets: what this thread does of that.
    round: Meanwhile,
}

/// What a thread that waits does meanwhile, where the program drives the sockets.
#[derive(Default)]
struct Meanwhile(Option<RoundWait>);

impl Meanwhile {
    /// Goes on with a round, if one is under way; `None`: the thread sleeps as `sleep` says first.
    fn go_on(&mut self, sleep: &mut Sleep) -> Option<()> {
        if let Some(round) = &mut self.0 {
            round.step(sleep)?;
            self.0 = None;
        }
        Some(())
    }

    /// Begins a round, which lasts until `deadline` at most; `None`: a thread of ours drives.
    /// `since`: see [`WaitState::for_a_round`].
    fn begin(&mut self, shared: &Arc<Shared>, deadline: Option<Instant>, since: u64) -> Option<()> {
        if !shared.events.is_stepped() {
            return None;
        }
        let left = deadline.map(|at| at.saturating_duration_since(clock::now()));
        self.0 = Some(RoundWait::new(shared, left, since));
        Some(())
    }
}

impl FetchWait {
    /// What has come of it, `None` in it when the time is over; or `None`: the thread sleeps as
    /// `sleep` says, and takes the next step. Errors: the context has ended or is broken.
    pub(crate) fn step(&mut self, sleep: &mut Sleep) -> Option<Result<Option<Fetched>, Refusal>> {
        if !self.shared.in_creating_process() {
            return Some(Err(Refusal::Forked));
        }
        loop {
            self.round.go_on(sleep)?;
            let since = self.shared.events.rounds_ended();
            if let Some(event) = self.shared.events.fetched.take() {
                return Some(Ok(Some(event)));
            }
            if let Err(refusal) = self.shared.check_alive() {
                return Some(Err(refusal));
            }
            let left = self.deadline.map(|at| at.saturating_duration_since(clock::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Some(Ok(None));
            }
            if let Some(next) = self.shared.events.fetched.sleep(&self.sleeper, left) {
                *sleep = next;
                self.round.begin(&self.shared, self.deadline, since)?;
            }
        }
    }
}

impl Drop for FetchWait {
    fn drop(&mut self) {
        if self.shared.in_creating_process() {
            self.shared.events.fetched.give_up(&self.sleeper);
        }
    }
}

impl Engine {
    /// Begins a wait for the next event of a managed registration. From now on they are kept.
    /// Errors: `Forked`.
    pub(crate) fn begin_registerer_fetch(
        &self,
        timeout: Option<Duration>,
    ) -> Result<FetchWait, Refusal> {
        let shared = Arc::clone(self.shared());
        if !shared.in_creating_process() {
            return Err(Refusal::Forked);
        }
        let deadline = timeout.and_then(|timeout| clock::now().checked_add(timeout));
        Ok(FetchWait { shared, deadline, sleeper: Arc::default(), round: Meanwhile::default() })
    }

    /// Begins a wait for an event. The caller keeps the engine meanwhile.
    pub(crate) fn begin_event_wait(&self, timeout: Option<Duration>) -> EventWait {
        EventWait { shared: Arc::clone(self.shared()), state: WaitState::new(timeout) }
    }

    /// Begins a wait for `state` of `rid`. Errors: `Forked`.
    pub(crate) fn begin_registerer_wait(
        &self,
        rid: Rid,
        state: RegistererState,
        timeout: Option<Duration>,
    ) -> Result<RegistererWait, Refusal> {
        if !self.shared().in_creating_process() {
            return Err(Refusal::Forked);
        }
        let deadline = timeout.and_then(|timeout| clock::now().checked_add(timeout));
        let wait = self.shared().events.listeners.waiters.expect(rid, state);
        let engine = self.clone();
        Ok(RegistererWait {
            engine,
            rid,
            state,
            deadline,
            wait,
            has_begun: false,
            round: Meanwhile::default(),
        })
    }
}
