//! How many managed registrations are in which state, counted where one changes.

use super::{is_second_flow, second_flow_of};
use crate::agent::{Agent, Rid};
use crate::registration::policy::managed::RegistererState;
use std::collections::BTreeMap;

/// As what a registration is counted: its state, and the status of its last response.
pub(super) type CountedAs = (RegistererState, u16);

/// The managed registrations of an agent by state and by last status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistererCounts {
    /// Those without a final response yet.
    pub initial: usize,
    /// Those with a binding.
    pub registered: usize,
    /// Those without one.
    pub unregistered: usize,
    /// Those that are over; they count no more among the others.
    pub terminated: u64,
    /// Attempts in flight now.
    pub in_flight: usize,
    /// Registrations that wait for the limits.
    pub queued: usize,
    /// How many have this as the status of their last response; 408: there was none, 0: no response
    /// yet. No status has nobody.
    pub by_status: BTreeMap<u16, usize>,
}

impl RegistererCounts {
    /// One registration is to be counted as `after` that was counted as `before`; `None`: it was
    /// not there, or is no more.
    pub(super) fn change(&mut self, before: Option<CountedAs>, after: Option<CountedAs>) {
        if let Some((state, status)) = before {
            if let Some(count) = self.of_state(state) {
                *count = count.saturating_sub(1);
            }
            if let Some(count) = self.by_status.get_mut(&status) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.by_status.remove(&status);
                }
            }
        }
        match after {
            Some((state, status)) => {
                if let Some(count) = self.of_state(state) {
                    *count += 1;
                }
                *self.by_status.entry(status).or_default() += 1;
            }
            None => self.terminated += 1,
        }
    }

    fn of_state(&mut self, state: RegistererState) -> Option<&mut usize> {
        match state {
            RegistererState::Initial => Some(&mut self.initial),
            RegistererState::Registered => Some(&mut self.registered),
            RegistererState::Unregistered => Some(&mut self.unregistered),
            RegistererState::Terminated => None,
        }
    }
}

impl Agent {
    /// The managed registrations by state and by last status, without looking at any.
    pub fn registerer_counts(&self) -> RegistererCounts {
        let (in_flight, queued) = self.rate_limiter.counts();
        RegistererCounts { in_flight, queued, ..self.registerer_counts.clone() }
    }

    /// Counts `rid` as what it is now. A second flow counts with its first.
    pub(super) fn count(&mut self, rid: Rid) {
        if is_second_flow(rid) {
            return;
        }
        let Some(entry) = self.registrations.get(&rid) else { return };
        let Some(managed) = entry.policy.managed() else { return };
        let leading = match managed.policy.is_second_leading(&entry.registration) {
            true => self.managed(second_flow_of(rid)).unwrap_or(managed),
            false => managed,
        };
        let status = leading.policy.last().status();
        let now = Some((managed.policy.state(&entry.registration), status));
        if managed.counted_as == now {
            return;
        }
        let Some(managed) = self.managed_mut(rid) else { return };
        let before = std::mem::replace(&mut managed.counted_as, now);
        self.registerer_counts.change(before, now);
    }
}
