//! Registrations that look after themselves: carries out what [`ManagedPolicy`] decides.

mod commands;
mod info;
mod network;
mod rate_limiter;

pub(super) use commands::Ended;
pub use commands::MOST_ENDED;
pub use info::Info;
pub(super) use rate_limiter::RateLimiter;

use super::{Agent, Event, LogLevel, Rid, Route, Text, Timer};
use crate::registration::policy::managed::{Due, ManagedPolicy, Outcome, Sent, State, Wrong};
use crate::registration::{RegistrationState, Verdict};
use crate::sip::{Message, excerpt};
use crate::transaction::Deadline;
use std::net::SocketAddr;
use std::time::Instant;

/// The policy of one registration and what the agent keeps for it.
#[derive(Debug)]
pub(super) struct ManagedRegistration {
    pub(super) policy: ManagedPolicy,
    /// Its place in the timers.
    wake: Option<Deadline>,
    /// An attempt of it counts among those in flight.
    in_flight: bool,
}

/// What a registration of the managed face tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It is in this state now.
    State(State),
    /// 100 came.
    Trying,
    /// Another provisional answer came.
    Progress,
    /// A REGISTER was accepted.
    Accepted,
    /// An attempt failed: a final answer, or none (408).
    Rejected,
    /// A redirection that is not followed.
    Redirected,
}

/// One piece of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Whose.
    pub rid: Rid,
    /// What.
    pub what: What,
    /// The status of the last answer; 408 for none, 0 before any.
    pub status: u16,
    /// Its reason phrase, or why there was none.
    pub reason: String,
}

impl Agent {
    /// The wake-up of `rid` has come.
    pub(super) fn on_managed_timeout(&mut self, now: Instant, rid: Rid) {
        if let Some(managed) = self.managed_mut(rid) {
            managed.wake = None;
            self.run(now, rid);
        }
    }

    /// A turn may have come.
    pub(super) fn on_rate_limit(&mut self, now: Instant) {
        while let Some(rid) = self.rate_limiter.lapsed(now) {
            if let Some(managed) = self.managed_mut(rid).filter(|managed| managed.in_flight) {
                managed.in_flight = false;
                self.rate_limiter.release();
            }
        }
        while let Some(rid) = self.rate_limiter.next(now) {
            match self.managed_mut(rid).filter(|managed| managed.policy.is_waiting()) {
                Some(managed) => {
                    managed.in_flight = true;
                    self.send_managed(now, rid);
                    self.settle(now, rid);
                }
                // It ended while it waited.
                None => self.rate_limiter.release(),
            }
        }
        self.arm_rate_limit(now);
    }

    fn arm_rate_limit(&mut self, now: Instant) {
        let due = self.rate_limiter.due(now);
        let next = due.map(|due| (due, Timer::RateLimit));
        self.timers.rearm(&mut self.rate_limiter.armed, next);
    }

    pub(super) fn managed(&self, rid: Rid) -> Option<&ManagedRegistration> {
        self.registrations.get(&rid)?.managed.as_deref()
    }

    pub(super) fn managed_mut(&mut self, rid: Rid) -> Option<&mut ManagedRegistration> {
        self.registrations.get_mut(&rid)?.managed.as_deref_mut()
    }

    /// Does what is due for `rid`, and plans its next wake-up.
    pub(super) fn run(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.managed.as_deref_mut() else { return };
        if managed.policy.due(now, &mut entry.registration) == Due::Send {
            let urgent = managed.policy.is_ending();
            if managed.in_flight {
                self.rate_limiter.charge(now);
                self.send_managed(now, rid);
            } else if self.rate_limiter.take(now, rid) {
                managed.in_flight = true;
                self.send_managed(now, rid);
            } else {
                let waits = managed.policy.is_waiting();
                managed.policy.queue();
                if !waits {
                    self.rate_limiter.wait(rid, urgent);
                }
            }
        }
        self.settle(now, rid);
    }

    fn send_managed(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.managed.as_deref_mut() else { return };
        managed.policy.sending(&mut entry.registration);
        let why = if self.listening.is_none() {
            "no transport is open".to_owned()
        } else {
            let (settings, shared) = (&self.settings, &self.credentials);
            let draft = managed.policy.build(&mut entry.registration, settings, shared, &mut self.entropy);
            match self.dispatch(now, rid, draft, false) {
                Ok(_) => return,
                Err(refusal) => format!("the REGISTER cannot be sent: {}", Wrong::from(refusal)),
            }
        };
        self.managed_silent(now, rid, None, &why);
    }

    /// Tells what has changed, plans the next wake-up, gives a turn back that is not needed any more; forgets what is over.
    pub(super) fn settle(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.managed.as_deref_mut() else { return };
        let changes = managed.policy.take_changes();
        let last = managed.policy.last();
        let (status, reason) = (last.status, last.reason.clone());
        let pending = entry.registration.is_pending();
        if managed.in_flight && !pending {
            managed.in_flight = false;
            self.rate_limiter.release();
        }
        let over = managed.policy.state() == State::Terminated;
        let wake = if over { None } else { managed.policy.wake() };
        self.timers.rearm(&mut managed.wake, wake.map(|wake| (wake, Timer::Managed(rid))));
        let stalled = managed.policy.is_stalled();
        if over {
            let why = managed.policy.explain(&entry.registration, now);
            let tag = managed.policy.options().tag;
            self.remember_ended(rid, Ended { why, tag });
        }
        if stalled {
            self.stalled.insert(rid)
        } else {
            self.stalled.remove(&rid)
        };
        if let Some(state) = changes.last() {
            self.keep_flow(now, rid, *state == State::Registered);
            self.log(LogLevel::Info, format!("registration {rid} is {state:?}: {status} {reason}"));
        }
        for state in changes {
            let news = News { rid, what: What::State(state), status, reason: reason.clone() };
            self.events.push_back(Event::Registerer(news));
        }
        if over {
            self.forget(rid);
        }
        self.arm_rate_limit(now);
    }

    fn tell_managed(&mut self, rid: Rid, what: What) {
        let Some(managed) = self.managed(rid) else { return };
        let last = managed.policy.last();
        let news = News { rid, what, status: last.status, reason: last.reason.clone() };
        self.events.push_back(Event::Registerer(news));
    }

    /// A provisional answer came.
    pub(super) fn managed_progress(&mut self, rid: Rid, message: &Message<'_>) {
        if self.managed(rid).is_some() {
            let status = message.status().unwrap_or(100);
            let what = if status == 100 { What::Trying } else { What::Progress };
            let reason = excerpt(message.reason());
            self.events.push_back(Event::Registerer(News { rid, what, status, reason }));
        }
    }

    /// The final answer came.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn managed_answered(
        &mut self,
        now: Instant,
        rid: Rid,
        route: Route,
        seen: Option<SocketAddr>,
        message: &Message<'_>,
        request: Text,
        bytes: &[u8],
    ) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.managed.as_deref_mut() else { return };
        let Ok(sent) = Message::parse(&request) else { return };
        let sent = Sent { request: &sent, server: route.remote, local: route.local, seen };
        let (settings, shared) = (&self.settings, &self.credentials);
        let outcome = managed.policy.heard(
            now,
            &mut entry.registration,
            message,
            bytes,
            sent,
            shared,
            settings,
            &mut self.entropy,
        );
        if managed.policy.options().events {
            let explained = managed.policy.explain(&entry.registration, now);
            let verdict = Verdict::told(outcome == Outcome::Accepted, &explained);
            let response = self.buffers.copy(bytes);
            self.push_registration_event(rid, verdict, Some(request), Some(response));
        }
        match outcome {
            Outcome::Again => {}
            Outcome::Accepted => {
                self.flow_timer(now, route.remote, message.seconds("Flow-Timer"));
                self.tell_managed(rid, What::Accepted);
            }
            Outcome::Redirected => self.tell_managed(rid, What::Redirected),
            Outcome::Rejected => self.tell_managed(rid, What::Rejected),
        }
        self.run(now, rid);
    }

    /// There will be no final answer.
    pub(super) fn managed_silent(&mut self, now: Instant, rid: Rid, request: Option<Text>, why: &str) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.managed.as_deref_mut() else { return };
        let server = entry.server;
        managed.policy.silent(now, &mut entry.registration, server, why, &mut self.entropy);
        if managed.policy.options().events {
            let explained = managed.policy.explain(&entry.registration, now);
            self.push_registration_event(rid, Verdict::told(false, &explained), request, None);
        }
        self.tell_managed(rid, What::Rejected);
        self.settle(now, rid);
        // What is to follow at once follows from the timers, so that a registration that cannot be sent never spins here.
    }

    /// Takes the REGISTER under way back: nobody waits for its answer any more.
    pub(super) fn cancel_pending(&mut self, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(id) = entry.pending.take() else { return };
        entry.registration.abandoned();
        self.transactions.orphan(id);
        self.abandon(id);
    }

    /// The network, the mapping or the flow of `rid` is another one: it registers anew, over a REGISTER under way.
    pub(super) fn move_managed(&mut self, now: Instant, rid: Rid) {
        if self.managed_mut(rid).is_some_and(|managed| managed.policy.moved(now)) {
            self.cancel_pending(rid);
            self.run(now, rid);
        }
    }

    /// The flow of `rid` is not what it was: it registers anew, unless it is about to anyhow.
    pub(super) fn renew_managed(&mut self, now: Instant, rid: Rid) {
        if self.managed_mut(rid).is_some_and(|managed| managed.policy.on_flow_changed(now)) {
            self.run(now, rid);
        }
    }

    /// Credentials came: those that stopped for want of them go on.
    pub(super) fn revive_stalled(&mut self, now: Instant) {
        for rid in std::mem::take(&mut self.stalled) {
            self.revive(now, rid);
        }
    }

    /// The credentials of `rid` may be other ones now.
    fn revive(&mut self, now: Instant, rid: Rid) {
        if let Some(entry) = self.registrations.get_mut(&rid)
            && let Some(managed) = entry.managed.as_deref_mut()
        {
            let logins = managed.policy.logins(&self.credentials);
            let helps = match entry.registration.state() {
                RegistrationState::Unproven { realm: Some(_) } => entry.registration.has_fresh_login(logins),
                _ => true,
            };
            if helps {
                managed.policy.revive(now, &mut entry.registration);
            }
            self.run(now, rid);
        }
    }
}
