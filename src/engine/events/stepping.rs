//! What differs where the program drives the sockets: nobody looks at them by itself, so the
//! descriptor that it polls shows when there is something to do.

use super::waiting::DriverGuard;
use super::{EventQueue, Events};
use crate::engine::clock;
use crate::engine::driver::IoDriver;
use crate::engine::endpoint::{Endpoint, SleepPlan};
use crate::engine::listeners::Listeners;
use crate::net::StepPoll;
use parking_lot::Mutex;
use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

impl Events {
    /// Those of a context without a thread. Errors: no file descriptor is left.
    pub(in crate::engine) fn stepped() -> io::Result<Events> {
        let state = EventQueue { step_poll: Some(StepPoll::new()?), ..EventQueue::default() };
        Ok(Events {
            is_stepped: true,
            listeners: Arc::new(Listeners::stepped()),
            state: Mutex::new(state),
            ..Events::default()
        })
    }

    /// Whether the program drives the sockets.
    pub(in crate::engine) fn is_stepped(&self) -> bool {
        self.is_stepped
    }

    /// Whether there are sockets.
    pub(in crate::engine) fn has_sockets(&self) -> bool {
        self.state.lock().endpoint.is_some()
    }

    /// When a thread has to look at the sockets, at the latest.
    pub(in crate::engine) fn planned_until(&self) -> Option<Instant> {
        self.state.lock().plan.until
    }

    /// A number that changes with all that ends rounds. A thread reads it before it looks whether
    /// what it waits for has happened, and gives it to the round that it begins then.
    pub(in crate::engine) fn rounds_ended(&self) -> u64 {
        self.state.lock().rounds_ended
    }

    /// Has threads that wait in rounds look again: waits for a state have ended.
    pub(in crate::engine) fn end_rounds(&self) {
        self.state.lock().end_rounds();
    }

    /// What a program polls for events of managed registrations, and, where it drives the sockets,
    /// for those; -1 when there is none to be had or all has ended.
    pub(in crate::engine) fn program_fd(&self) -> RawFd {
        let pipe = self.fetched.fd();
        match &self.state.lock().step_poll {
            Some(poll) if pipe >= 0 => {
                poll.add(pipe);
                poll.fd()
            }
            _ => pipe,
        }
    }

    /// Something happened to a managed registration: threads that wait for it look again, and the
    /// listeners are called in the next round.
    pub(super) fn announce_to_steps(&self) {
        let has_calls = self.listeners.has_queued();
        let mut state = self.state.lock();
        state.end_rounds();
        if has_calls && state.io.is_free() {
            let now = clock::now();
            state.plan.until = Some(now);
            state.wake_program(now);
        }
    }
}

impl EventQueue {
    /// The first round is due, and no thread drives.
    pub(super) fn begin_steps(&mut self, endpoint: &Endpoint) {
        let Some(poll) = &self.step_poll else { return };
        endpoint.descriptors().for_each(|fd| poll.add(fd));
        let now = clock::now();
        self.io = IoDriver::free(now);
        self.plan = SleepPlan { until: Some(now), writable: false };
        endpoint.alarm.set(Duration::ZERO);
        // Those whose waits began before there were sockets.
        self.wake_sleepers();
    }

    /// The program has driven for a round, and comes back as `plan` says, or sooner.
    pub(super) fn leave_to_program(&mut self, endpoint: &Endpoint, now: Instant, plan: SleepPlan) {
        self.io = IoDriver::free(now);
        if let (Some(poll), Some(socket)) = (&mut self.step_poll, endpoint.udp_fd()) {
            poll.want_writable(socket, plan.writable);
        }
        match plan.until {
            // What the round has called may have taken its time.
            Some(at) => endpoint.alarm.set(at.saturating_duration_since(clock::now())),
            None => endpoint.alarm.stop(),
        }
    }

    /// Makes the descriptor of the program readable at `at`, in place of when it would have been.
    pub(super) fn wake_program(&self, at: Instant) {
        if let Some(endpoint) = &self.endpoint {
            endpoint.alarm.set(at.saturating_duration_since(clock::now()));
        }
    }
}

impl DriverGuard {
    /// That of the network thread, which has to look at once.
    pub(in crate::engine) fn of_network_thread(endpoint: &Arc<Endpoint>) -> DriverGuard {
        let now = clock::now();
        let plan = SleepPlan { until: Some(now), writable: false };
        DriverGuard { endpoint: Arc::clone(endpoint), now, plan, takes_event: false }
    }

    /// When it last looked at the sockets, and what it sleeps for.
    pub(in crate::engine) fn planned(&self) -> (Instant, SleepPlan) {
        (self.now, self.plan)
    }

    /// Looks at the clock, before it sleeps.
    pub(in crate::engine) fn note_now(&mut self) {
        self.now = clock::now();
    }

    /// It has to look at once.
    pub(in crate::engine) fn look_at_once(&mut self) {
        self.note_now();
        self.plan = SleepPlan { until: Some(self.now), writable: false };
    }
}

#[cfg(test)]
mod tests;
