//! Two flows to the registrar with the reg-ids N and N + 1 (RFC 5626 section 4.2).
//!
//! Each flow is a registration with a policy of its own. That of the first knows of the second what
//! decides about the state of the whole, and whether there is to be a second at all.

use super::options::wrong;
use super::{Goal, ManagedOptions, ManagedPolicy, OptionsError, PolicyContext};
use crate::auth::Algorithm;
use crate::registration::{Activity, InitialRegister, Reason, Registration};
use crate::request::{Entropy, Refusal};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the first flow has for the answer that says whether outbound is supported, before the
/// second begins without it: T2.
const WAIT_FOR_FIRST_ANSWER: Duration = Duration::from_secs(4);
/// The challenges of the second flow have numbers above this, those of the first below.
pub const SECOND_FLOW_CHALLENGES: u32 = 1 << 30;
/// RFC 5626 section 4.5: 90 s where another flow is up, 30 s where none is.
const FACTOR_WHILE_OTHER_IS_UP: u32 = 3;

/// What one flow of two knows of itself and of the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TwoFlows {
    /// This one is the second.
    is_second: bool,
    /// The other one has a binding.
    is_other_bound: bool,
    /// This one is the first, and there is a second.
    has_second: bool,
    /// The application wants a binding, whatever the first flow does about it.
    is_wanted: bool,
    /// The last 2xx to this flow says nothing of outbound.
    lacks_outbound: bool,
    /// A 2xx to the second flow said nothing of outbound, where those to the first do.
    lacks_outbound_there: bool,
    /// This one is the second, and ends once its binding is removed.
    is_given_up: bool,
}

impl ManagedOptions {
    /// What a second flow needs (RFC 5626 section 4.2.1).
    pub(super) fn check_flows(&self) -> Result<(), OptionsError> {
        match self.flows {
            1 if self.second_route.is_empty() => Ok(()),
            1 => wrong("there is a Route for a second flow, and one flow"),
            2 if self.reg_id == 0 => wrong("two flows need a reg-id"),
            2 if self.reg_id == 0x7fff_ffff => wrong("the reg-id leaves none for a second flow"),
            2 if self.instance.is_none() => {
                wrong("two flows need an instance id, which stays the same (RFC 5626 section 4.1)")
            }
            2 if self.contacts.len() > 1 => wrong("with two flows there is one Contact at most"),
            2 if self.reg_event && !self.contacts.is_empty() => {
                wrong("with two flows of one Contact, reg-event does not say which has ended")
            }
            2 => Ok(()),
            flows => wrong(format!("the number of flows is {flows}, it must be 1 or 2")),
        }
    }

    /// A registration with these options, which were checked, at `registrar`.
    /// Errors: as for [`Registration::new`].
    pub(crate) fn registration(
        &self,
        registrar: &str,
        weakest: Option<Algorithm>,
        entropy: &mut Entropy,
    ) -> Result<Registration, Refusal> {
        let ask = InitialRegister {
            from: &self.aor,
            proxy: registrar,
            contact: None,
            expires: i32::try_from(self.expires).unwrap_or(i32::MAX),
            q: self.q.as_deref(),
        };
        let mut registration = Registration::new(ask, entropy)?;
        if let Some(from) = &self.from {
            registration.authenticate_as(from);
        }
        registration.set_challenge_policy(self.challenge_policy().at_least(weakest));
        Ok(registration)
    }

    /// The options of the second flow of a registration with these.
    pub(crate) fn of_second_flow(&self) -> ManagedOptions {
        let mut options = self.clone();
        options.flows = 1;
        options.reg_id = self.reg_id.saturating_add(1);
        options.reg_event = false;
        options.spread = Duration::ZERO;
        let route = std::mem::take(&mut options.second_route);
        if !route.is_empty() {
            options.route = route.into();
        }
        options
    }
}

impl ManagedPolicy {
    /// The second flow of this registration, which begins at `at`.
    /// Errors: as for [`Registration::new`].
    pub fn second_flow(
        &self,
        context: &mut PolicyContext<'_>,
        at: Instant,
    ) -> Result<(ManagedPolicy, Registration), Refusal> {
        let options = self.options.of_second_flow();
        let weakest = context.credentials.weakest_algorithm();
        let mut registration = options.registration(&self.registrar, weakest, context.entropy)?;
        let mut policy = ManagedPolicy::new(options, Arc::clone(&self.instance));
        policy.registrar.clone_from(&self.registrar);
        policy.credentials.clone_from(&self.credentials);
        policy.flows.is_second = true;
        policy.goal = Goal::Bound;
        registration.schedule(at, Reason::Application);
        Ok((policy, registration))
    }

    /// Whether this is the second of two flows.
    pub(super) fn is_second_flow(&self) -> bool {
        self.flows.is_second
    }

    /// The application wants a binding from here on, or none.
    pub(super) fn set_wanted(&mut self, is_wanted: bool) {
        self.flows.is_wanted = is_wanted;
    }

    /// A second flow that was given up is tried again.
    pub(super) fn allow_second_flow_again(&mut self) {
        self.flows.lacks_outbound_there = false;
        self.flows.is_given_up = false;
    }

    /// The binding of this second flow, which is not wanted any more, is removed, as often as it
    /// takes. Errors: `WrongState` while a request is pending.
    pub fn give_up(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
    ) -> Result<(), Refusal> {
        self.unregister(context, registration, false)?;
        self.flows.is_given_up = true;
        Ok(())
    }

    /// Whether this second flow was given up. It is over when it has no binding.
    pub fn is_given_up(&self) -> bool {
        self.flows.is_given_up
    }

    /// Whether there is to be a second flow.
    pub fn wants_second_flow(&self) -> bool {
        let is_wanted = self.flows.is_wanted && self.options.flows > 1;
        is_wanted && self.why_no_second_flow().is_none()
    }

    /// When the second flow may begin: once the first has its answer, or has waited for it long
    /// enough, but not where the answer was that the credentials are wrong.
    pub fn second_flow_begins(&self, now: Instant, registration: &Registration) -> Option<Instant> {
        if !self.wants_second_flow() || self.is_refused(registration) {
            return None;
        }
        let is_asking = matches!(registration.activity(), Activity::Requesting { .. });
        if self.attempted { Some(now) } else { is_asking.then_some(now + WAIT_FOR_FIRST_ANSWER) }
    }

    /// Whether the server has refused the credentials, as it would over any flow.
    pub fn is_refused(&self, registration: &Registration) -> bool {
        matches!(registration.activity(), Activity::Blocked { .. }) || self.last.refused
    }

    /// The first flow has got its answer: the second one, which waits for that, begins.
    pub fn begin_second_flow(&self, now: Instant, registration: &mut Registration) -> bool {
        match registration.scheduled() {
            Some((at, Reason::Application)) if at > now => {
                registration.schedule(now, Reason::Application);
                true
            }
            _ => false,
        }
    }

    /// Whether the state of the whole is left to the second flow alone: it has a binding, and the
    /// first has none.
    pub fn is_second_leading(&self, registration: &Registration) -> bool {
        self.flows.has_second && self.flows.is_other_bound && !registration.is_bound()
    }

    /// Whether the other of two flows has a binding.
    pub fn is_other_flow_bound(&self) -> bool {
        self.flows.is_other_bound
    }

    /// Whether the second flow of this first one has not ended.
    pub fn has_second_flow(&self) -> bool {
        self.flows.has_second
    }

    /// The first flow has a binding or has none.
    pub fn on_first_flow(&mut self, is_bound: bool) {
        self.flows.is_other_bound = is_bound;
    }

    /// The second flow is there with or without a binding, or is not (`None`). What waited for its
    /// end goes on. Whether that changes anything.
    pub fn on_second_flow(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        is_bound: Option<bool>,
    ) -> bool {
        let before = self.flows;
        self.flows.has_second = is_bound.is_some();
        self.flows.is_other_bound = is_bound.unwrap_or(false);
        if before == self.flows {
            return false;
        }
        if *registration.activity() != Activity::Terminated {
            self.report(registration);
            let is_idle = *registration.activity() == Activity::Idle;
            if self.terminate_requested && !self.flows.has_second && is_idle {
                self.remove_or_terminate(now, registration);
            }
        }
        true
    }

    /// The second flow is over: what happened over it counts on.
    pub fn count_second_flow(&mut self, second: &ManagedPolicy) {
        self.counters = self.counters.and(second.counters);
        self.succeeded_at = self.succeeded_at.max(second.succeeded_at);
        self.failed_at = self.failed_at.max(second.failed_at);
    }

    /// A 2xx to a REGISTER for a binding came: whether the registrar does outbound is known now.
    pub(super) fn note_outbound(&mut self, is_agreed: bool) {
        self.outbound_agreed = is_agreed;
        self.flows.lacks_outbound = !is_agreed;
    }

    /// The second flow was accepted by an answer that says nothing of outbound. It stays only as
    /// long as it is the one binding that there is.
    pub fn on_second_flow_lacks_outbound(&mut self, registration: &Registration) {
        self.flows.lacks_outbound_there = registration.is_bound();
    }

    /// Whether the last 2xx to this flow said nothing of outbound.
    pub fn lacks_outbound(&self) -> bool {
        self.flows.lacks_outbound
    }

    /// Whether the binding of a flow that is given up is removed. With Contacts of the application
    /// it may be that of the other flow too, where the registrar knows no reg-id.
    pub fn is_second_flow_removed(&self) -> bool {
        self.options.contacts.is_empty() || self.why_no_second_flow().is_none()
    }

    /// Why there is no second flow where the options ask for one.
    pub fn why_no_second_flow(&self) -> Option<&'static str> {
        let flows = &self.flows;
        if self.options.flows < 2 || !flows.is_wanted {
            None
        } else if self.outbound_refused {
            Some("no second flow: the first hop does not support outbound")
        } else if flows.lacks_outbound {
            Some("no second flow: the registrar does not support outbound")
        } else if flows.lacks_outbound_there {
            Some("no second flow: the registrar does not support outbound over it")
        } else {
            None
        }
    }

    /// By how much the wait after a failure is longer while the other flow is up.
    pub(super) fn back_off_factor(&self) -> u32 {
        if self.flows.is_other_bound { FACTOR_WHILE_OTHER_IS_UP } else { 1 }
    }

    /// The longest wait after the loss of a connection, at most `longest`: `wait`, or more while
    /// the other flow is up.
    pub fn after_loss(&self, wait: Duration, longest: Duration) -> Duration {
        (wait * self.back_off_factor()).min(longest)
    }
}
