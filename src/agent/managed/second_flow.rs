//! The second flow of a managed registration (RFC 5626 section 4.2): a registration that the
//! application knows nothing of, with a Call-ID, a connection and a policy of its own.

use super::ManagedRegistration;
use crate::agent::{Agent, LogLevel, Policy, RegistrationEntry, Rid};
use crate::registration::LeftBinding;
use crate::registration::policy::managed::{EndReason, PolicyContext};
use std::time::Instant;

/// The number of the second flow of registration `rid`. The application knows numbers above 0.
pub(in crate::agent) fn second_flow_of(rid: Rid) -> Rid {
    -rid
}

/// Whether `rid` is the number of a second flow.
pub(in crate::agent) fn is_second_flow(rid: Rid) -> bool {
    rid < 0
}

/// The registration that `rid`, which may be its second flow, belongs to.
pub(in crate::agent) fn registration_of_flow(rid: Rid) -> Rid {
    rid.abs()
}

/// What the trace calls `rid`.
pub(in crate::agent) fn flow_name(rid: Rid) -> String {
    match is_second_flow(rid) {
        true => format!("the second flow of registration {}", registration_of_flow(rid)),
        false => format!("registration {rid}"),
    }
}

impl Agent {
    /// The first flow of `rid` has settled: makes the second where it is wanted, and gives it up
    /// where it is not.
    pub(super) fn update_second_flow(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get(&rid) else { return };
        let Some(managed) = entry.policy.managed() else { return };
        let (policy, registration) = (&managed.policy, &entry.registration);
        let begins = policy.second_flow_begins(now, registration);
        if !policy.has_second_flow() {
            return begins.into_iter().for_each(|at| self.make_second_flow(now, rid, at));
        }
        let is_refused = policy.is_refused(registration);
        let (is_wanted, is_bound) = (policy.wants_second_flow(), registration.is_bound());
        let second = second_flow_of(rid);
        let Some(entry) = self.registrations.get_mut(&second) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        managed.policy.on_first_flow(is_bound);
        let is_unsent = entry.registration.is_new();
        if !is_wanted || is_unsent && is_refused {
            self.give_up_second_flow(now, rid);
        } else if managed.policy.is_given_up() && !entry.registration.is_bound() {
            // It makes way for another.
            self.dispose_flow(now, second);
        } else if begins == Some(now)
            && managed.policy.begin_second_flow(now, &mut entry.registration)
        {
            self.run(now, second);
        }
    }

    fn make_second_flow(&mut self, now: Instant, rid: Rid, at: Instant) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        let mut context = PolicyContext {
            now,
            settings: &self.settings,
            credentials: &self.credentials,
            entropy: &mut self.entropy,
        };
        // The same texts have made the first.
        let Ok((mut policy, registration)) = managed.policy.second_flow(&mut context, at) else {
            return;
        };
        managed.policy.on_second_flow(now, &mut entry.registration, Some(false));
        policy.on_first_flow(entry.registration.is_bound());
        let policy = Policy::Managed(Box::new(ManagedRegistration::new(policy)));
        let second = second_flow_of(rid);
        self.second_flows += 1;
        self.registrations.insert(second, Box::new(RegistrationEntry::new(registration, policy)));
        self.run(now, second);
    }

    /// The second flow of `rid` is not wanted any more: its binding is removed. While the first
    /// ends, that is tried once.
    fn give_up_second_flow(&mut self, now: Instant, rid: Rid) {
        let second = second_flow_of(rid);
        let Some(entry) = self.registrations.get(&second) else { return };
        let (Some(other), Some(managed)) = (entry.policy.managed(), self.managed(rid)) else {
            return;
        };
        let is_last = managed.policy.is_terminating() || !entry.registration.is_bound();
        if other.policy.is_terminating() || other.policy.is_given_up() && !is_last {
            return;
        }
        let is_removed = managed.policy.is_second_flow_removed();
        if let Some(why) = managed.policy.why_no_second_flow() {
            self.log(LogLevel::Warning, format!("registration {rid}: {why}"));
        }
        if !is_removed {
            return self.end_flow(now, second, EndReason::Disposed);
        }
        let goes_on = !is_last
            && self.command_flow(now, second, |policy, context, registration| {
                policy.give_up(context, registration)
            }) == Ok(());
        if !goes_on {
            self.dispose_flow(now, second);
        }
    }

    /// Ends the flow `rid` at once, whatever is pending.
    pub(super) fn end_flow(&mut self, now: Instant, rid: Rid, why: EndReason) {
        self.cancel_pending(now, rid);
        if let Some(entry) = self.registrations.get_mut(&rid) {
            if let Some(managed) = entry.policy.managed_mut() {
                managed.policy.terminate(&mut entry.registration, why);
            }
        }
        self.settle(now, rid);
    }

    /// The second flow `second` has settled, or is gone: what it means for the whole.
    pub(super) fn second_flow_settled(&mut self, now: Instant, second: Rid) {
        let rid = registration_of_flow(second);
        let is_bound = self.registrations.get(&second).map(|entry| entry.registration.is_bound());
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        if managed.policy.on_second_flow(now, &mut entry.registration, is_bound) {
            self.settle(now, rid);
        } else if managed.policy.is_second_leading(&entry.registration) {
            self.count(rid);
        }
    }

    /// `rid` is over. Where it is the second flow of one that ends, keeps what is left of it.
    pub(super) fn note_second_flow_left(&mut self, rid: Rid) {
        let left = self.left_binding_of_flow(rid).filter(|_| is_second_flow(rid));
        if let Some(managed) = self.managed_mut(registration_of_flow(rid)) {
            managed.second_flow_left = left.filter(|_| managed.policy.is_terminating());
        }
    }

    /// What the server may go on to hold of both flows of `rid`, if nothing more is sent.
    pub(super) fn left_binding(&self, rid: Rid) -> Option<LeftBinding> {
        let ended = self.managed(rid).and_then(|managed| managed.second_flow_left);
        let flows = [rid, second_flow_of(rid)];
        flows.into_iter().find_map(|flow| self.left_binding_of_flow(flow)).or(ended)
    }

    pub(in crate::agent) fn left_binding_of_flow(&self, rid: Rid) -> Option<LeftBinding> {
        self.registrations.get(&rid)?.registration.left_binding()
    }

    /// The second flow `second` was accepted: it is of use only where the registrar does outbound.
    pub(super) fn second_flow_accepted(&mut self, now: Instant, second: Rid) {
        let lacks = self.managed(second).is_some_and(|second| second.policy.lacks_outbound());
        let rid = registration_of_flow(second);
        let Some(entry) = self.registrations.get_mut(&rid).filter(|_| lacks) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        managed.policy.on_second_flow_lacks_outbound(&entry.registration);
        self.settle(now, rid);
    }

    /// The flow that the status of `rid` is of: the first, unless only the second has a binding.
    pub(super) fn leading_flow(&self, rid: Rid) -> Rid {
        let entry = self.registrations.get(&rid);
        let managed = entry.and_then(|entry| Some((entry, entry.policy.managed()?)));
        let leads = managed
            .is_some_and(|(entry, managed)| managed.policy.is_second_leading(&entry.registration));
        if leads { second_flow_of(rid) } else { rid }
    }
}
