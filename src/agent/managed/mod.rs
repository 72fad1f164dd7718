//! Managed registrations: carries out what [`ManagedPolicy`] decides.

mod challenges;
mod change;
mod commands;
mod counts;
mod events;
mod info;
mod rate_limiter;
mod reg_event;
mod second_flow;

pub(super) use commands::EndedRegistration;
pub use commands::MOST_ENDED;
pub use counts::RegistererCounts;
pub use events::{RegistererEvent, RegistererEventKind};
pub use info::Info;
pub(super) use rate_limiter::RateLimiter;
pub(super) use second_flow::{flow_name, is_second_flow, registration_of_flow, second_flow_of};

use super::{Agent, Event, Flow, Rid, Text, Timer};
use crate::registration::policy::managed::{
    Decision, Exchange, ManagedPolicy, OptionsError, PolicyContext, RegistererState,
    ResponseOutcome,
};
use crate::registration::{Activity, EventReason, LeftBinding, RegistrationOutcome};
use crate::sip::Message;
use crate::transaction::{Deadline, NoResponse, TransactionId, TransactionUser};
use reg_event::RegEventSubscription;
use std::net::SocketAddr;
use std::time::Instant;

/// The policy of one registration and what the agent keeps for it.
#[derive(Debug)]
pub(super) struct ManagedRegistration {
    pub(super) policy: ManagedPolicy,
    /// Its place in the timers.
    wake: Option<Deadline>,
    /// As what it is among the counts of the agent.
    counted_as: Option<counts::CountedAs>,
    /// An attempt of it counts among those in flight.
    in_flight: bool,
    /// It would, if it did not wait for a name.
    awaits_name: bool,
    /// What it hears of its binding between two REGISTERs.
    reg_event: RegEventSubscription,
    /// The state of this flow that its keep-alives follow.
    kept_as: RegistererState,
    /// What the server may hold of the second flow, which has ended before the first.
    second_flow_left: Option<LeftBinding>,
}

impl ManagedRegistration {
    fn new(policy: ManagedPolicy) -> Self {
        ManagedRegistration {
            policy,
            wake: None,
            counted_as: None,
            in_flight: false,
            awaits_name: false,
            reg_event: RegEventSubscription::default(),
            kept_as: RegistererState::Initial,
            second_flow_left: None,
        }
    }
}

impl Agent {
    /// The deadline of `rid` has come.
    pub(super) fn on_managed_timeout(&mut self, now: Instant, rid: Rid) {
        let Some(managed) = self.managed_mut(rid) else { return };
        managed.wake = None;
        match self.overdue_attempt(now, rid) {
            Some((id, why)) => self.give_up_attempt(now, id, why),
            None => self.run(now, rid),
        }
    }

    /// The transaction of an attempt that has taken as long as it may.
    fn overdue_attempt(&self, now: Instant, rid: Rid) -> Option<(TransactionId, NoResponse)> {
        let entry = self.registrations.get(&rid)?;
        let policy = &entry.policy.managed()?.policy;
        let id = entry.registration.transaction()?;
        let seconds = policy.options().attempt_timeout;
        policy
            .is_attempt_over(now, &entry.registration)
            .then_some((id, NoResponse::AttemptTimeout { seconds }))
    }

    /// Ends the attempt that transaction `id` belongs to; another server is tried first next time.
    fn give_up_attempt(&mut self, now: Instant, id: TransactionId, why: NoResponse) {
        if let Some(flow) = self.transactions.flow(id) {
            self.on_server_failed(now, flow, None);
        }
        self.give_up(now, id, why);
    }

    /// The limits may allow the next of those that are queued.
    pub(super) fn on_rate_limit(&mut self, now: Instant) {
        while let Some(rid) = self.rate_limiter.lapsed(now) {
            if let Some(managed) = self.managed_mut(rid).filter(|managed| managed.in_flight) {
                managed.in_flight = false;
                self.rate_limiter.finish();
            }
        }
        while let Some(rid) = self.rate_limiter.take_next(now) {
            let queued = self
                .registrations
                .get_mut(&rid)
                .filter(|entry| matches!(entry.registration.activity(), Activity::Queued { .. }));
            let Some(managed) = queued.and_then(|entry| entry.policy.managed_mut()) else {
                continue;
            };
            (managed.in_flight, managed.awaits_name) = (true, false);
            self.rate_limiter.start(now, rid);
            self.send_managed(now, rid);
            self.settle(now, rid);
        }
        self.arm_rate_limit(now);
    }

    fn arm_rate_limit(&mut self, now: Instant) {
        let due = self.rate_limiter.due(now);
        let next = due.map(|due| (due, Timer::RateLimit));
        self.timers.rearm(&mut self.rate_limiter.armed, next);
    }

    pub(super) fn managed(&self, rid: Rid) -> Option<&ManagedRegistration> {
        self.registrations.get(&rid)?.policy.managed()
    }

    pub(super) fn managed_mut(&mut self, rid: Rid) -> Option<&mut ManagedRegistration> {
        self.registrations.get_mut(&rid)?.policy.managed_mut()
    }

    /// Does what is due for `rid`, and sets its next deadline.
    pub(super) fn run(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        match managed.policy.on_timeout(now, &mut entry.registration) {
            Decision::Wait => {}
            Decision::GiveUpAnswer => self.give_up_answer(now, rid),
            Decision::Send if managed.in_flight => {
                self.rate_limiter.charge(now);
                self.send_managed(now, rid);
            }
            Decision::Send if self.rate_limiter.try_start(now, rid) => {
                (managed.in_flight, managed.awaits_name) = (true, false);
                self.send_managed(now, rid);
            }
            Decision::Send => {
                entry.registration.queue();
                self.rate_limiter.queue(rid, managed.policy.is_terminating());
            }
        }
        self.settle(now, rid);
    }

    fn send_managed(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        managed.policy.on_send(now, &mut entry.registration);
        let why = if self.listening.is_none() {
            NoResponse::NoTransport
        } else {
            let mut context = PolicyContext {
                now,
                settings: &self.settings,
                credentials: &self.credentials,
                entropy: &mut self.entropy,
            };
            let draft = managed.policy.build(&mut context, &mut entry.registration);
            match self.dispatch(now, rid, draft, false) {
                Ok(_) => return,
                Err(refusal) => NoResponse::NotSent(OptionsError::from(refusal).to_string()),
            }
        };
        self.managed_timeout(now, rid, None, why);
    }

    /// The REGISTER of transaction `id` waits for a name: meanwhile it counts among none in flight,
    /// so that a name that does not resolve delays no registration at another.
    pub(super) fn awaits_name(&mut self, id: TransactionId) {
        let Some(TransactionUser::Registration(rid)) = self.transactions.user(id) else { return };
        if let Some(managed) = self.managed_mut(rid).filter(|managed| managed.in_flight) {
            (managed.in_flight, managed.awaits_name) = (false, true);
            self.rate_limiter.finish();
        }
    }

    /// The name that the REGISTER of transaction `id` waits for leads somewhere. Whether the limits
    /// allow it now; else it is made anew when they do.
    pub(super) fn may_leave(&mut self, now: Instant, id: TransactionId) -> bool {
        let Some(TransactionUser::Registration(rid)) = self.transactions.user(id) else {
            return true;
        };
        let Some(managed) = self.managed_mut(rid).filter(|managed| managed.awaits_name) else {
            return true;
        };
        managed.awaits_name = false;
        let is_terminating = managed.policy.is_terminating();
        if self.rate_limiter.try_start(now, rid) {
            if let Some(managed) = self.managed_mut(rid) {
                managed.in_flight = true;
            }
            return true;
        }
        self.abandon_transaction(now, id);
        if let Some(entry) = self.registrations.get_mut(&rid) {
            entry.registration.queue();
            if let Some(managed) = entry.policy.managed_mut() {
                managed.policy.on_not_left();
            }
        }
        self.rate_limiter.queue(rid, is_terminating);
        self.arm_rate_limit(now);
        false
    }

    /// Reports state changes, sets the next deadline, and forgets a registration that is
    /// terminated.
    pub(super) fn settle(&mut self, now: Instant, rid: Rid) {
        self.count(rid);
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        let registration = &entry.registration;
        let changes = managed.policy.take_changes();
        let challenge = managed.policy.take_new_challenge();
        let has_reg_event = managed.policy.options().reg_event || managed.reg_event.is_current();
        let has_two_flows = managed.policy.options().flows > 1 || managed.policy.has_second_flow();
        let own_state = managed.policy.own_state(registration);
        let is_kept_otherwise = std::mem::replace(&mut managed.kept_as, own_state) != own_state;
        let tag = managed.policy.options().tag;
        if managed.in_flight && !registration.is_pending() {
            managed.in_flight = false;
            self.rate_limiter.finish();
        }
        if !matches!(registration.activity(), Activity::Queued { .. }) {
            self.rate_limiter.leave(rid);
        }
        let over = *registration.activity() == Activity::Terminated;
        entry.registrars.on_changed(&mut self.registrars, registration);
        let wake = managed.policy.poll_timeout(registration);
        self.timers.rearm(&mut managed.wake, wake.map(|wake| (wake, Timer::Managed(rid))));
        let blocked = managed.policy.awaits_credentials(registration);
        if over && !is_second_flow(rid) {
            let why = managed.policy.explain(&entry.registration, now);
            self.remember_ended(rid, EndedRegistration { why, tag });
        }
        if blocked {
            self.blocked_managed.insert(rid)
        } else {
            self.blocked_managed.remove(&rid)
        };
        if is_kept_otherwise {
            self.keep_flow(now, rid, own_state == RegistererState::Registered);
        }
        self.report_states(rid, changes);
        if let Some(number) = challenge {
            self.report_managed(rid, RegistererEventKind::Challenged(number));
        }
        if over {
            self.note_second_flow_left(rid);
            self.forget(rid);
        } else if has_reg_event {
            self.update_reg_event(now, rid);
        }
        self.arm_rate_limit(now);
        if is_second_flow(rid) {
            self.second_flow_settled(now, rid);
        } else if has_two_flows && !over {
            self.update_second_flow(now, rid);
        }
    }

    /// The final response came over `flow`; `seen`: where the server has seen us.
    pub(super) fn managed_answered(
        &mut self,
        now: Instant,
        rid: Rid,
        (flow, seen): (Flow, Option<SocketAddr>),
        message: &Message<'_>,
        request: Text,
        bytes: &[u8],
    ) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        let Ok(sent) = Message::parse(&request) else { return };
        let Flow { remote: server, local, transport, .. } = flow;
        let exchange =
            Exchange { request: &sent, response: message, bytes, server, local, seen, transport };
        let mut context = PolicyContext {
            now,
            settings: &self.settings,
            credentials: &self.credentials,
            entropy: &mut self.entropy,
        };
        let outcome = managed.policy.on_response(&mut context, &mut entry.registration, exchange);
        if outcome == ResponseOutcome::Accepted {
            let (addresses, registration) = (&mut self.registrars, &entry.registration);
            entry.registrars.on_accepted(addresses, registration, server.ip());
        }
        if managed.policy.options().events {
            let explained = managed.policy.explain(&entry.registration, now);
            let event = match outcome {
                ResponseOutcome::Accepted => RegistrationOutcome::accepted(false),
                _ => RegistrationOutcome::failed(EventReason::Explained(explained)),
            };
            let response = self.buffers.copy(bytes);
            self.push_registration_event(rid, event, Some(request), Some(response));
        }
        match outcome {
            ResponseOutcome::Resumed => {}
            ResponseOutcome::Accepted => {
                self.set_flow_timer(now, flow.id, message.seconds("Flow-Timer"));
                self.report_managed(rid, RegistererEventKind::Accepted);
            }
            ResponseOutcome::Redirected => {
                self.report_managed(rid, RegistererEventKind::Redirected)
            }
            ResponseOutcome::Rejected => self.report_managed(rid, RegistererEventKind::Rejected),
        }
        if outcome == ResponseOutcome::Accepted && is_second_flow(rid) {
            self.second_flow_accepted(now, rid);
        }
        self.run(now, rid);
    }

    /// There will be no final response.
    pub(super) fn managed_timeout(
        &mut self,
        now: Instant,
        rid: Rid,
        request: Option<Text>,
        why: NoResponse,
    ) {
        let server = self.target_of(rid);
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        let mut context = PolicyContext {
            now,
            settings: &self.settings,
            credentials: &self.credentials,
            entropy: &mut self.entropy,
        };
        let registration = &mut entry.registration;
        managed.policy.on_no_response(&mut context, registration, server, why);
        if managed.policy.options().events {
            let explained = managed.policy.explain(registration, now);
            let event = RegistrationOutcome::failed(EventReason::Explained(explained));
            self.push_registration_event(rid, event, request, None);
        }
        self.report_managed(rid, RegistererEventKind::Rejected);
        // What is to follow at once follows from the timers, so that a registration that cannot be
        // sent never spins here.
        self.settle(now, rid);
    }

    /// Gives up the REGISTER under way: nobody waits for its response any more.
    pub(super) fn cancel_pending(&mut self, now: Instant, rid: Rid) {
        let entry = self.registrations.get_mut(&rid);
        if let Some(id) = entry.and_then(|entry| entry.registration.abandon()) {
            self.abandon_transaction(now, id);
        }
    }

    fn abandon_transaction(&mut self, now: Instant, id: TransactionId) {
        self.transactions.orphan(id);
        if self.abandon(now, id).is_some() {
            self.events.push_back(Event::Released(id));
        }
    }

    /// The network of `rid` is another one: it registers anew, over a REGISTER under way.
    pub(super) fn move_managed(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        let (decision, abandoned) = managed.policy.on_network_changed(now, &mut entry.registration);
        if let Some(id) = abandoned {
            self.abandon_transaction(now, id);
        }
        if decision == Decision::Send {
            self.run(now, rid);
        }
    }

    /// The flow of `rid` is another one: it registers anew, unless it is about to anyhow.
    pub(super) fn renew_managed(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        if managed.policy.on_flow_changed(now, &mut entry.registration) == Decision::Send {
            self.run(now, rid);
        }
    }

    /// The flow of `rid` is doubtful: it registers anew where it is, unless it is about to anyhow.
    pub(super) fn check_managed(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        if managed.policy.on_flow_doubtful(now, &mut entry.registration) == Decision::Send {
            self.run(now, rid);
        }
    }

    /// Credentials came: those that are blocked for want of them go on.
    pub(super) fn unblock_managed(&mut self, now: Instant) {
        for rid in std::mem::take(&mut self.blocked_managed) {
            self.credentials_changed_for(now, rid);
        }
    }

    /// The credentials of `rid` may be other ones now.
    fn credentials_changed_for(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        let context = PolicyContext {
            now,
            settings: &self.settings,
            credentials: &self.credentials,
            entropy: &mut self.entropy,
        };
        managed.policy.on_credentials(&context, &mut entry.registration);
        self.run(now, rid);
    }
}
