//! What the application asks for, and what the clock brings.

use super::{Ending, Goal, ManagedPolicy, Reason, State};
use crate::registration::Registration;
use crate::request::{Entropy, Local, Masquerade, Refusal};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// No refresh comes sooner than this behind an answer, and even a grant of 1 s outlasts it.
const SOONEST: Duration = Duration::from_millis(500);

/// What a moment brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nothing yet.
    Nothing,
    /// A REGISTER is to be sent.
    Send,
}

impl ManagedPolicy {
    /// The application wants a binding, or wants it renewed. Errors: `WrongState` while a request is pending, or when it is over.
    pub fn register(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        entropy: &mut Entropy,
    ) -> Result<(), Refusal> {
        self.free(registration)?;
        let fresh = registration.is_new() && self.goal == Goal::Idle;
        if self.ending_of == Some(Ending::Asked) {
            self.ending_of = None;
        }
        self.goal = Goal::Bound;
        self.failures = 0;
        self.stalled = false;
        registration.proof.forgive();
        registration.answers = 0;
        let spread = if fresh { self.options.spread } else { Duration::ZERO };
        self.next = Some((now + entropy.between(Duration::ZERO, spread), Reason::Asked));
        Ok(())
    }

    /// The application wants no binding. Errors: as for [`ManagedPolicy::register`].
    pub fn unregister(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        all: bool,
    ) -> Result<(), Refusal> {
        self.free(registration)?;
        self.goal = Goal::Gone { all };
        self.failures = 0;
        self.stalled = false;
        registration.proof.forgive();
        registration.answers = 0;
        self.next = Some((now, Reason::Asked));
        Ok(())
    }

    /// Whether a REGISTER awaits its answer or its turn. A start that is spread out counts; a planned refresh or retry does not.
    pub fn is_busy(&self, registration: &Registration) -> bool {
        registration.is_pending() || self.waiting || matches!(self.next, Some((_, Reason::Asked)))
    }

    fn free(&self, registration: &Registration) -> Result<(), Refusal> {
        if self.is_busy(registration) || self.ending || self.state == State::Terminated {
            return Err(Refusal::WrongState);
        }
        Ok(())
    }

    /// The registration is to end: what is pending is waited for, a binding is removed. Whether it is over already.
    pub fn dispose(&mut self, now: Instant, registration: &Registration) -> bool {
        self.ending = true;
        if registration.is_pending() {
            return false;
        }
        self.waiting = false;
        self.next = None;
        // A removal that failed before is tried once more.
        self.goal = Goal::Idle;
        self.wind_up(now)
    }

    /// Nothing is pending and it is to end: removes the binding, or is over.
    pub(super) fn wind_up(&mut self, now: Instant) -> bool {
        if self.state == State::Registered && !matches!(self.goal, Goal::Gone { .. }) {
            self.goal = Goal::Gone { all: false };
            self.failures = 0;
            self.next = Some((now, Reason::Asked));
            return false;
        }
        self.terminate(Ending::Disposed);
        true
    }

    /// It is over at once, for this reason.
    pub fn terminate(&mut self, why: Ending) {
        self.ending_of = Some(why);
        self.left_behind = self.until.filter(|_| self.state == State::Registered);
        self.next = None;
        self.until = None;
        self.waiting = false;
        self.goal = Goal::Idle;
        self.set(State::Terminated);
    }

    /// `now` has come: what is due.
    pub fn due(&mut self, now: Instant, registration: &mut Registration) -> Due {
        if self.until.is_some_and(|until| until <= now) {
            self.until = None;
            registration.expired();
            self.ending_of = Some(Ending::Expired);
            self.set(State::Unregistered);
            if self.goal == (Goal::Gone { all: false }) && !registration.is_pending() {
                // What was to be removed has ended by itself.
                self.next = None;
                self.waiting = false;
                self.goal = Goal::Idle;
                if self.ending {
                    self.wind_up(now);
                }
            }
        }
        match self.next {
            Some((at, _)) if at <= now && registration.is_pending() => {
                self.next = None;
                Due::Nothing
            }
            Some((at, _)) if at <= now => Due::Send,
            _ => Due::Nothing,
        }
    }

    /// The REGISTER that is due has to wait for its turn.
    pub fn queue(&mut self) {
        self.waiting = true;
        if let Some((_, step)) = self.next.take() {
            self.step = step;
        }
    }

    /// The REGISTER that is due, or whose turn has come, is being sent. What it asks for.
    pub fn sending(&mut self, registration: &mut Registration) {
        self.waiting = false;
        if let Some((_, step)) = self.next.take() {
            self.step = step;
        }
        registration.wanted = match self.goal {
            Goal::Gone { .. } => 0,
            // A min_expires that the server named stays.
            _ => registration.wanted.max(self.options.expires),
        };
        self.counters.requests += 1;
    }

    /// Whether the application sent the REGISTER under way with an eXosip call; what it asked for is what is wanted now.
    pub fn on_application_register(&mut self, registration: &Registration) {
        self.next = None;
        self.waiting = false;
        self.step = Reason::Asked;
        self.counters.requests += 1;
        let all = registration.asks_for_all();
        self.goal = if registration.wanted == 0 { Goal::Gone { all } } else { Goal::Bound };
        if registration.wanted > 0 {
            self.options.expires = registration.wanted;
        }
    }

    /// The way its REGISTER takes to `remote`.
    pub fn local(&self, address: SocketAddr, remote: SocketAddr, learned: Option<SocketAddr>) -> Local {
        let learned = match self.options.nat {
            Masquerade::Off => None,
            _ => self.nat.address(remote, learned),
        };
        Local {
            address,
            learned,
            masquerade: self.options.nat,
            keep_route: !self.options.adopted,
            replaces: self.outbound_agreed && self.offers_outbound(),
        }
    }

    /// The network, the mapping or the flow is another one: whether a REGISTER is to be sent, over the pending one if need be.
    pub fn moved(&mut self, now: Instant) -> bool {
        self.nat.forget();
        let wanted = self.goal == Goal::Bound && !self.ending && !self.stalled;
        // A server that asked for peace still gets it, unless the binding needs us.
        let peace = self.not_before.is_some_and(|at| at > now) && self.state != State::Registered;
        // A start that is spread out keeps its moment: there is no binding to move yet.
        let starts = matches!(self.next, Some((at, Reason::Asked)) if at > now);
        if wanted && !peace && !starts {
            self.failures = 0;
            self.next = Some((now, Reason::Moved));
            return true;
        }
        false
    }

    /// The mapping or the flow has changed: whether a REGISTER is to be sent. One that is under way, or a retry that is planned, goes on
    /// as it is.
    pub fn on_flow_changed(&mut self, now: Instant) -> bool {
        let calm =
            matches!(self.next, Some((_, Reason::Refresh))) && self.goal == Goal::Bound && !self.ending;
        if calm {
            self.nat.forget();
            self.next = Some((now, Reason::Moved));
        }
        calm
    }

    /// Other credentials came: tries again if it stopped for want of them.
    pub fn revive(&mut self, now: Instant, registration: &mut Registration) {
        if self.stalled && !registration.is_pending() && !self.ending {
            self.stalled = false;
            self.failures = 0;
            registration.proof.forgive();
            registration.answers = 0;
            self.goal = Goal::Bound;
            self.next = Some((now, Reason::Retry));
        }
    }

    /// When the binding that was granted `lasting` at `sent` is refreshed: the chosen part of its time, at least 5 s before its end,
    /// but never before half of it or [`SOONEST`] from `now`.
    pub(super) fn refresh_moment(
        &self,
        now: Instant,
        sent: Instant,
        lasting: Duration,
        entropy: &mut Entropy,
    ) -> Instant {
        let part = |percent: u8| lasting * u32::from(percent) / 100;
        let latest = part(self.options.refresh);
        let earliest = part(self.options.refresh.saturating_sub(self.options.jitter)).max(lasting / 2);
        let at = entropy.between(earliest.min(latest), latest);
        let at = at.min(lasting.saturating_sub(Duration::from_secs(5))).max(lasting / 2);
        (sent + at).max(now + SOONEST)
    }
}
