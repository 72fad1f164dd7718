//! Contexts without a thread of ours: the program drives the sockets, round by round.
//!
//! A round is what the network thread does too: sleep as planned, then [`Shared::drive`]. The
//! descriptor that the program polls is readable while a round has something to do.

use super::events::waiting::WaitState;
use super::shared::Shared;
use super::{CoreRefusal, Engine, Refusal, clock, waits};
use crate::net::Sleep;
use std::sync::Arc;
use std::time::Duration;

/// One round, from step to step: see [`Engine::step`].
pub(crate) struct RoundWait {
    shared: Arc<Shared>,
    state: WaitState,
}

impl RoundWait {
    /// `since`: see [`WaitState::for_a_round`].
    pub(super) fn new(shared: &Arc<Shared>, limit: Option<Duration>, since: u64) -> RoundWait {
        RoundWait { shared: Arc::clone(shared), state: WaitState::for_a_round(limit, since) }
    }

    /// Whether it is over; `None`: the thread sleeps as `sleep` says, and takes the next step.
    pub(crate) fn step(&mut self, sleep: &mut Sleep) -> Option<()> {
        self.shared.step_round(&mut self.state, sleep)
    }
}

impl Drop for RoundWait {
    fn drop(&mut self) {
        if self.shared.in_creating_process() {
            self.shared.events.give_up(&mut self.state);
        }
    }
}

impl Shared {
    /// One step of a round by a thread of the program; the listeners are called at its end.
    pub(super) fn step_round(&self, state: &mut WaitState, sleep: &mut Sleep) -> Option<()> {
        if !self.in_creating_process() {
            state.forget();
            return Some(());
        }
        self.events.step(state, sleep, |driver, ready| self.drive(driver, ready))?;
        self.events.listeners.call_queued();
        Some(())
    }

    /// One round that waits for `limit` at most; `since`: see [`WaitState::for_a_round`].
    pub(super) fn one_round(&self, limit: Duration, since: u64) {
        let mut state = WaitState::for_a_round(Some(limit), since);
        waits::to_the_end(|sleep| self.step_round(&mut state, sleep));
    }
}

impl Engine {
    /// An engine whose work is done by [`Engine::step`], and by calls that wait. Errors:
    /// `Undefined`, the system has no entropy or no file descriptor is left.
    pub fn without_thread() -> Result<Engine, Refusal> {
        let events = super::Events::stepped().map_err(|_| CoreRefusal::Undefined)?;
        Engine::with_events(events)
    }

    /// Begins a round: does what is due, waits for at most `limit` (`None`: no limit) for something
    /// to happen, and handles it. Errors: `WrongState`, a thread of the context does that;
    /// `NoNetwork`, nothing listens; `Forked`, `Ended`, `Broken`.
    pub(crate) fn begin_step(&self, limit: Option<Duration>) -> Result<RoundWait, Refusal> {
        let shared = self.shared();
        if !shared.in_creating_process() {
            return Err(Refusal::Forked);
        }
        shared.check_alive()?;
        if !shared.events.is_stepped() {
            return Err(CoreRefusal::WrongState.into());
        }
        shared.events.listeners.call_queued();
        if !shared.events.has_sockets() {
            return Err(CoreRefusal::NoNetwork.into());
        }
        // It waits for what happens from now on: the listeners were called for the rest.
        Ok(RoundWait::new(shared, limit, shared.events.rounds_ended()))
    }

    /// How long it is until there is something to do, where nothing happens; `None`: there is
    /// nothing.
    pub(crate) fn until_next_step(&self) -> Option<Duration> {
        let at = self.shared().events.planned_until()?;
        Some(at.saturating_duration_since(clock::now()))
    }

    /// The whole of a round, see `Engine::begin_step`, and how long it is until the next.
    pub fn step(&self, limit: Option<Duration>) -> Result<Option<Duration>, Refusal> {
        let mut round = self.begin_step(limit)?;
        waits::to_the_end(|sleep| round.step(sleep));
        drop(round);
        Ok(self.until_next_step())
    }
}
