//! What the application, the clock and the network make the policy do.

use super::{EndReason, Goal, ManagedPolicy, PolicyContext};
use crate::registration::{Activity, Reason, Registration};
use crate::request::{Entropy, Local, Masquerade, Refusal};
use crate::transaction::TransactionId;
use crate::transport::Flow;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// No refresh comes sooner than this after a response. Even a grant of 1 s outlasts it.
const SOONEST: Duration = Duration::from_millis(500);

/// What the agent is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing now.
    Wait,
    /// Send the REGISTER that is due.
    Send,
    /// The program has not answered a challenge in time: see [`ManagedPolicy::on_no_answer`].
    GiveUpAnswer,
}

impl ManagedPolicy {
    /// The application wants a binding, or wants it refreshed.
    /// Errors: `WrongState` while a REGISTER is pending or queued, or when it is over.
    pub fn register(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
    ) -> Result<(), Refusal> {
        self.check_idle(registration)?;
        let first = registration.is_new() && self.goal == Goal::Idle;
        self.set_wanted(true);
        self.allow_second_flow_again();
        if self.ending == Some(EndReason::Asked) {
            self.ending = None;
        }
        let spread = if first { self.options.spread } else { Duration::ZERO };
        let wait = context.entropy.between(Duration::ZERO, spread);
        self.begin(context.now + wait, registration, Goal::Bound);
        Ok(())
    }

    /// The application wants no binding; `all`: none of anybody's.
    /// Errors: as for [`ManagedPolicy::register`].
    pub fn unregister(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        all: bool,
    ) -> Result<(), Refusal> {
        self.check_idle(registration)?;
        self.set_wanted(false);
        self.begin(context.now, registration, Goal::Unbound { all });
        Ok(())
    }

    fn begin(&mut self, at: Instant, registration: &mut Registration, goal: Goal) {
        self.goal = goal;
        self.failures = 0;
        registration.forgive_credentials();
        registration.schedule(at, Reason::Application);
    }

    /// Whether a REGISTER that the application asked for is planned, or one is queued or pending.
    pub fn is_busy(&self, registration: &Registration) -> bool {
        match registration.activity() {
            Activity::Requesting { .. }
            | Activity::Queued { .. }
            | Activity::AwaitingAnswer { .. } => true,
            Activity::Scheduled { attempt, .. } => attempt.reason == Reason::Application,
            _ => false,
        }
    }

    fn check_idle(&self, registration: &Registration) -> Result<(), Refusal> {
        let is_over = self.terminate_requested || *registration.activity() == Activity::Terminated;
        if self.is_busy(registration) || is_over {
            return Err(Refusal::WrongState);
        }
        Ok(())
    }

    /// The application disposes of the registration: what is pending is waited for, and the binding
    /// is removed.
    pub fn dispose(&mut self, now: Instant, registration: &mut Registration) {
        self.terminate_requested = true;
        self.set_wanted(false);
        if !registration.is_pending() {
            registration.rest();
            // A removal that failed before is tried once more.
            self.goal = Goal::Idle;
            self.remove_or_terminate(now, registration);
        }
    }

    /// Nothing is pending, and it was disposed of: removes the binding, or terminates.
    pub(super) fn remove_or_terminate(&mut self, now: Instant, registration: &mut Registration) {
        if registration.is_bound() && !self.removes() {
            self.goal = Goal::Unbound { all: false };
            self.failures = 0;
            registration.schedule(now, Reason::Application);
        } else if self.has_second_flow() {
            // It ends first: see [`ManagedPolicy::on_second_flow`].
            registration.rest();
        } else {
            self.terminate(registration, EndReason::Disposed);
        }
    }

    /// It is over at once, for this reason.
    pub fn terminate(&mut self, registration: &mut Registration, why: EndReason) {
        self.ending = Some(why);
        self.goal = Goal::Idle;
        registration.terminate();
        self.report(registration);
    }

    /// When [`ManagedPolicy::on_timeout`] is next wanted: for a REGISTER, or the end of the
    /// binding.
    pub fn poll_timeout(&self, registration: &Registration) -> Option<Instant> {
        if *registration.activity() == Activity::Terminated {
            return None;
        }
        let next = registration.scheduled().map(|(at, _)| at);
        let next = next.or(registration.answer_awaited_until());
        let ends_at = self.attempt_ends_at.filter(|_| registration.is_pending());
        next.into_iter().chain(registration.expires_at()).chain(ends_at).min()
    }

    /// Whether the attempt under way has taken as long as it may.
    pub fn is_attempt_over(&self, now: Instant, registration: &Registration) -> bool {
        registration.is_pending() && self.attempt_ends_at.is_some_and(|at| at <= now)
    }

    /// `now` has come.
    pub fn on_timeout(&mut self, now: Instant, registration: &mut Registration) -> Decision {
        self.check_expiry(now, registration);
        match registration.scheduled() {
            Some((at, _)) if at <= now => Decision::Send,
            _ if registration.answer_awaited_until().is_some_and(|until| until <= now) => {
                Decision::GiveUpAnswer
            }
            _ => Decision::Wait,
        }
    }

    /// Gives up a binding whose time is over.
    pub(super) fn check_expiry(&mut self, now: Instant, registration: &mut Registration) {
        let is_over = *registration.activity() == Activity::Terminated;
        if is_over || registration.expires_at().is_none_or(|at| at > now) {
            return;
        }
        registration.binding_expired();
        self.ending = Some(EndReason::Expired);
        self.report(registration);
        if self.goal == (Goal::Unbound { all: false }) && !registration.is_pending() {
            // What was to be removed has ended by itself.
            registration.rest();
            self.goal = Goal::Idle;
            if self.terminate_requested {
                self.remove_or_terminate(now, registration);
            }
        }
    }

    /// The REGISTER that is due is about to be made and sent.
    pub fn on_send(&mut self, now: Instant, registration: &mut Registration) {
        self.withdraw_challenge();
        // What follows at once in the same attempt does not begin its time anew.
        let limit = Duration::from_secs(self.options.attempt_timeout.into());
        let ends_at = self.attempt_ends_at.unwrap_or(now + limit);
        self.attempt_ends_at = (!limit.is_zero()).then_some(ends_at);
        if self.last.refused && registration.attempt().reason == Reason::Retry {
            // The credentials may be right by now, but the answer that was refused is not repeated.
            registration.forget_nonces();
        }
        registration.set_expires(match self.goal {
            Goal::Unbound { .. } => 0,
            // A minimum that the server named stays.
            _ => registration.expires().max(self.options.expires),
        });
        self.counters.requests += 1;
    }

    /// The REGISTER that was made waits once more, and is made anew then.
    pub fn on_not_left(&mut self) {
        self.attempt_ends_at = None;
        self.counters.requests = self.counters.requests.saturating_sub(1);
    }

    /// The application sent a REGISTER by an eXosip call: what it asks for is wanted now.
    pub fn on_application_register(&mut self, registration: &Registration) {
        self.counters.requests += 1;
        let expires = registration.expires();
        self.set_wanted(expires > 0);
        if expires > 0 {
            self.goal = Goal::Bound;
            self.options.expires = expires;
        } else {
            self.goal = Goal::Unbound { all: registration.asks_for_all() };
        }
    }

    /// The addresses of a REGISTER that leaves over `flow`; `learned`: where that server has seen
    /// other registrations.
    pub fn local(&self, flow: &Flow, learned: Option<SocketAddr>) -> Local {
        let learned = match self.options.nat {
            Masquerade::Off => None,
            _ => self.nat.address(flow.remote, learned),
        };
        Local {
            transport: flow.transport,
            address: flow.local,
            contact_port: None,
            learned,
            masquerade: self.options.nat,
            keep_route: !self.options.adopted,
            replaces: self.outbound_agreed && self.offers_outbound(),
        }
    }

    /// The network is another one: registers anew, over a REGISTER under way. The transaction of
    /// that one, which is to be given up.
    pub fn on_network_changed(
        &mut self,
        now: Instant,
        registration: &mut Registration,
    ) -> (Decision, Option<TransactionId>) {
        self.nat.forget();
        self.allow_second_flow_again();
        let blocked = matches!(registration.activity(), Activity::Blocked { .. });
        let wanted = self.goal == Goal::Bound && !self.terminate_requested && !blocked;
        // Retry-After and a refusal are respected, unless there is a binding to move.
        let asked = self.last.retry_after.is_some_and(|at| at > now);
        let waits = (asked || self.retries_slowly(registration)) && !registration.is_bound();
        // A start that is spread out keeps its moment: there is no binding to move yet.
        let starts =
            matches!(registration.scheduled(), Some((at, Reason::Application)) if at > now);
        if !wanted || waits || starts {
            return (Decision::Wait, None);
        }
        self.failures = 0;
        self.attempt_ends_at = None;
        let queued = matches!(registration.activity(), Activity::Queued { .. });
        let abandoned = registration.abandon();
        registration.schedule(now, Reason::NetworkChanged);
        if queued {
            registration.queue();
            return (Decision::Wait, None);
        }
        (Decision::Send, abandoned)
    }

    /// Whether the next attempt follows a refusal that seems to be final.
    fn retries_slowly(&self, registration: &Registration) -> bool {
        let class = self.options.class(self.last.status(), self.last.authenticated.is_some());
        let retries = matches!(registration.scheduled(), Some((_, Reason::Retry)));
        retries && !self.options.retries(class)
    }

    /// The mapping or the flow has changed: registers anew. A REGISTER that is under way and a
    /// retry that is planned go on as they are.
    pub fn on_flow_changed(&mut self, now: Instant, registration: &mut Registration) -> Decision {
        if registration.scheduled().is_some() && !self.terminate_requested {
            self.nat.forget();
        }
        self.on_flow_doubtful(now, registration)
    }

    /// The connection of the binding is lost: registers anew at `at`, or when the binding is to be
    /// refreshed anyhow. A retry that is planned keeps its moment, unless it follows a REGISTER
    /// that failed by just that.
    pub fn on_flow_lost(&mut self, registration: &mut Registration, at: Instant, has_failed: bool) {
        if self.goal != Goal::Bound || self.terminate_requested {
            return;
        }
        match registration.scheduled() {
            Some((_, Reason::Retry)) if has_failed => registration.schedule(at, Reason::Retry),
            Some((planned, Reason::Refresh | Reason::AddressChanged)) => {
                self.nat.forget();
                registration.schedule(at.min(planned), Reason::NetworkChanged);
            }
            _ => {}
        }
    }

    /// The flow may have changed: the same, with the addresses that are known.
    pub fn on_flow_doubtful(&mut self, now: Instant, registration: &mut Registration) -> Decision {
        let refreshes = matches!(registration.scheduled(), Some((_, Reason::Refresh)));
        if !refreshes || self.goal != Goal::Bound || self.terminate_requested {
            return Decision::Wait;
        }
        registration.schedule(now, Reason::NetworkChanged);
        Decision::Send
    }

    /// Other credentials came: tries again if it is blocked for want of them.
    pub fn on_credentials(&mut self, context: &PolicyContext<'_>, registration: &mut Registration) {
        let credentials = self.credentials(context.credentials);
        let helps = match registration.activity() {
            Activity::Blocked { error } => {
                error.realm().is_none() || registration.has_fresh_credentials(credentials)
            }
            _ if self.awaits_credentials(registration) => {
                let realm = self.last.authenticated.as_ref().map(|(_, realm)| realm.as_str());
                realm.is_some_and(|realm| registration.has_other_credentials(credentials, realm))
            }
            _ => return,
        };
        if helps && !self.terminate_requested {
            self.failures = 0;
            self.last.refused = false;
            self.goal = Goal::Bound;
            registration.forgive_credentials();
            registration.schedule(context.now, Reason::Retry);
        }
    }

    /// Whether other credentials make it try again at once.
    pub fn awaits_credentials(&self, registration: &Registration) -> bool {
        match registration.activity() {
            Activity::Blocked { .. } => true,
            Activity::Scheduled { .. } => self.last.refused && !self.removes(),
            _ => false,
        }
    }

    /// Whether the application is to answer a challenge: never. Errors: why nothing is sent.
    pub fn answer(&self, registration: &Registration) -> Result<bool, Refusal> {
        match registration.activity() {
            Activity::Blocked { .. } if registration.was_refused() => Err(Refusal::RetryLimit),
            Activity::Blocked { .. } => Err(Refusal::Undefined),
            _ => Ok(false),
        }
    }

    /// When the binding that was granted `lasting` at `sent_at` is refreshed: after the chosen part
    /// of its time, at least 5 s before its end, but never before half of it or [`SOONEST`] from
    /// `now`.
    pub(super) fn refresh_moment(
        &self,
        now: Instant,
        sent_at: Instant,
        lasting: Duration,
        entropy: &mut Entropy,
    ) -> Instant {
        let part = |percent: u8| lasting * u32::from(percent) / 100;
        let latest = part(self.options.refresh);
        let earliest = part(self.options.refresh.saturating_sub(self.options.jitter));
        let earliest = earliest.max(lasting / 2).min(latest);
        let at = entropy.between(earliest, latest);
        let at = at.min(lasting.saturating_sub(Duration::from_secs(5))).max(lasting / 2);
        (sent_at + at).max(now + SOONEST)
    }
}
