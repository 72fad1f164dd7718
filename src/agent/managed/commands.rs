//! The commands of the application for managed registrations. Each returns at once.

use super::second_flow::{is_second_flow, registration_of_flow, second_flow_of};
use super::{ManagedRegistration, RegistererEventKind};
use crate::agent::{Agent, Event, Policy, RegistrationEntry, Rid};
use crate::auth::AccountLogin;
use crate::registration::policy::managed::{
    EndReason, ManagedOptions, ManagedPolicy, OptionsError, PolicyContext, RegistererState,
};
use crate::registration::{LeftBinding, Registration};
use crate::request::Refusal;
use std::sync::Arc;
use std::time::Instant;

/// Terminated registrations whose state can still be asked for.
pub const MOST_ENDED: usize = 4096;

/// A terminated registration.
#[derive(Debug)]
pub(in crate::agent) struct EndedRegistration {
    /// The last sentence about it.
    pub(super) why: String,
    /// The application's value.
    pub(super) tag: usize,
}

impl Agent {
    /// Makes the managed registration `rid`. Nothing is sent.
    /// Errors: what is wrong with the options, in words.
    pub fn registerer_new(
        &mut self,
        now: Instant,
        rid: Rid,
        options: ManagedOptions,
    ) -> Result<(), OptionsError> {
        let options = options.checked(self.network)?;
        let instance = match &options.instance {
            Some(uuid) => Arc::from(format!("urn:uuid:{uuid}")),
            None => self.instance(),
        };
        let weakest = self.credentials.weakest_algorithm();
        let registration = options.registration(&options.registrar, weakest, &mut self.entropy)?;
        self.note_now(now);
        self.counted.registrations_ever += 1;
        self.managed_alive += 1;
        // Rids begin anew after the largest.
        if self.ended.remove(&rid).is_some() {
            self.ended_in_order.retain(|ended| *ended != rid);
        }
        let policy = ManagedPolicy::new(options, instance);
        let managed = Policy::Managed(Box::new(ManagedRegistration::new(policy)));
        self.registrations.insert(rid, Box::new(RegistrationEntry::new(registration, managed)));
        self.count(rid);
        Ok(())
    }

    /// Makes a registration of the eXosip calls a managed one. Does nothing for one that is
    /// managed.
    /// Errors: `BadParameter` for a rid below 1, `NotFound`.
    pub fn registerer_adopt(&mut self, now: Instant, rid: Rid) -> Result<(), Refusal> {
        let nat = self.settings.masquerade;
        let weakest = self.credentials.weakest_algorithm();
        let entry = self.known(rid)?;
        if let Policy::Automatic(automatic) = &entry.policy {
            let granted = automatic.period();
            let policy = ManagedPolicy::adopt(&mut entry.registration, granted, now, nat);
            let challenges = policy.options().challenge_policy().at_least(weakest);
            entry.registration.set_challenge_policy(challenges);
            entry.policy = Policy::Managed(Box::new(ManagedRegistration::new(policy)));
            self.managed_alive += 1;
            self.note_now(now);
            self.replan(rid);
            self.run(now, rid);
        }
        Ok(())
    }

    /// Registers, or refreshes the binding, and keeps it.
    /// Errors: `BadParameter`, `NotFound`, `WrongState` while a request is pending or when it is
    /// terminated, `NoNetwork`, `Undefined` for one of the eXosip calls.
    pub fn registerer_register(&mut self, now: Instant, rid: Rid) -> Result<(), Refusal> {
        self.command(now, rid, |policy, context, registration| {
            policy.register(context, registration)
        })?;
        let second = second_flow_of(rid);
        if self.managed(second).is_some() {
            // One that is about to register, or to end, does just that.
            let _ = self.command_flow(now, second, |policy, context, registration| {
                policy.register(context, registration)
            });
        }
        Ok(())
    }

    /// Removes our binding, or with `all` everybody's.
    /// Errors: as for [`Agent::registerer_register`].
    pub fn registerer_unregister(
        &mut self,
        now: Instant,
        rid: Rid,
        all: bool,
    ) -> Result<(), Refusal> {
        self.command(now, rid, |policy, context, registration| {
            policy.unregister(context, registration, all)
        })
    }

    fn command(
        &mut self,
        now: Instant,
        rid: Rid,
        command: impl FnOnce(
            &mut ManagedPolicy,
            &mut PolicyContext<'_>,
            &mut Registration,
        ) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        if self.ended.contains_key(&rid) {
            return Err(Refusal::WrongState);
        }
        self.known(rid)?;
        if self.listening.is_none() {
            return Err(Refusal::NoNetwork);
        }
        self.note_now(now);
        self.command_flow(now, rid, command)
    }

    /// The same for one flow.
    pub(super) fn command_flow(
        &mut self,
        now: Instant,
        rid: Rid,
        command: impl FnOnce(
            &mut ManagedPolicy,
            &mut PolicyContext<'_>,
            &mut Registration,
        ) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let entry = self.registrations.get_mut(&rid).ok_or(Refusal::NotFound)?;
        let managed = entry.policy.managed_mut().ok_or(Refusal::Undefined)?;
        let mut context = PolicyContext {
            now,
            settings: &self.settings,
            credentials: &self.credentials,
            entropy: &mut self.entropy,
        };
        command(&mut managed.policy, &mut context, &mut entry.registration)?;
        self.run(now, rid);
        Ok(())
    }

    /// Ends registration `rid`: waits for what is pending, removes the binding, and goes to
    /// [`RegistererState::Terminated`]. Repeated calls do nothing.
    /// Errors: `BadParameter`, `NotFound`, `Undefined` for one of the eXosip calls.
    pub fn registerer_dispose(&mut self, now: Instant, rid: Rid) -> Result<(), Refusal> {
        if self.ended.contains_key(&rid) {
            return Ok(());
        }
        let entry = self.known(rid)?;
        if entry.policy.managed().ok_or(Refusal::Undefined)?.policy.is_terminating() {
            return Ok(());
        }
        self.dispose_flow(now, rid);
        Ok(())
    }

    /// Ends the flow `rid`, and removes its binding.
    pub(super) fn dispose_flow(&mut self, now: Instant, rid: Rid) {
        let entry = self.registrations.get(&rid);
        let transaction = entry.and_then(|entry| entry.registration.transaction());
        if transaction.is_some_and(|id| self.transactions.flow(id).is_none()) {
            // It waits for a name or a connection: no server knows of it.
            self.cancel_pending(now, rid);
        }
        if let Some(entry) = self.registrations.get_mut(&rid) {
            if let Some(managed) = entry.policy.managed_mut() {
                managed.policy.dispose(now, &mut entry.registration);
                self.note_now(now);
                self.run(now, rid);
            }
        }
    }

    /// Ends all managed registrations. The rate does not count any more. The limit of attempts in
    /// flight does, but not for one that is unanswered for T1 (500 ms): a server that does not
    /// answer delays no other.
    pub fn registerer_dispose_all(&mut self, now: Instant) {
        let managed = self
            .registrations
            .iter()
            .filter(|(_, e)| e.policy.managed().is_some_and(|m| m.in_flight));
        self.rate_limiter.begin_shutdown(now, managed.map(|(rid, _)| *rid));
        for rid in self.registerers() {
            let _ = self.registerer_dispose(now, rid);
        }
    }

    /// The number of managed registrations that are not terminated.
    pub fn registerers_alive(&self) -> usize {
        self.managed_alive
    }

    /// Terminates all managed registrations at once, whatever is pending.
    pub fn registerer_end_all(&mut self, now: Instant) {
        for rid in self.registerers() {
            self.cancel_pending(now, second_flow_of(rid));
            self.end_flow(now, rid, EndReason::Quit);
        }
    }

    fn registerers(&self) -> Vec<Rid> {
        let is_meant =
            |rid: Rid, entry: &RegistrationEntry| entry.policy.is_managed() && !is_second_flow(rid);
        let managed = self.registrations.iter().filter(|(rid, entry)| is_meant(**rid, entry));
        managed.map(|(rid, _)| *rid).collect()
    }

    /// Other credentials for `rid` alone; one that is blocked for want of them goes on.
    /// Errors: `BadParameter`, `NotFound`, `Undefined` for one of the eXosip calls.
    pub fn registerer_set_logins(
        &mut self,
        now: Instant,
        rid: Rid,
        logins: Vec<AccountLogin>,
    ) -> Result<(), Refusal> {
        AccountLogin::check(&logins).map_err(|_| Refusal::BadParameter)?;
        let entry = self.known(rid)?;
        let managed = entry.policy.managed_mut().ok_or(Refusal::Undefined)?;
        managed.policy.set_credentials(logins.clone());
        self.note_now(now);
        self.credentials_changed_for(now, rid);
        let second = second_flow_of(rid);
        if let Some(managed) = self.managed_mut(second) {
            managed.policy.set_credentials(logins);
            self.credentials_changed_for(now, second);
        }
        Ok(())
    }

    /// Attempts in flight at a time and REGISTERs per second, of all managed registrations; 0: no
    /// limit.
    pub fn registerer_limits(&mut self, now: Instant, in_flight: usize, rate: u32) {
        self.rate_limiter.set(in_flight, rate);
        self.on_rate_limit(now);
    }

    /// The state of `rid`, also of one that is terminated and among the last [`MOST_ENDED`].
    pub fn registerer_state(&self, rid: Rid) -> Result<RegistererState, Refusal> {
        let entry = self.registrations.get(&rid).filter(|_| rid > 0);
        match entry.and_then(|entry| Some((entry, entry.policy.managed()?))) {
            Some((entry, managed)) => Ok(managed.policy.state(&entry.registration)),
            None if self.ended.contains_key(&rid) => Ok(RegistererState::Terminated),
            None if rid < 1 => Err(Refusal::BadParameter),
            None if entry.is_some() => Err(Refusal::Undefined),
            None => Err(Refusal::NotFound),
        }
    }

    /// The application's value, given with the options; also of one that is terminated.
    /// Errors: as for [`Agent::registerer_state`].
    pub fn registerer_tag(&self, rid: Rid) -> Result<usize, Refusal> {
        if let Some(ended) = self.ended.get(&rid) {
            return Ok(ended.tag);
        }
        self.registerer_state(rid)?;
        self.managed(rid).map(|managed| managed.policy.options().tag).ok_or(Refusal::NotFound)
    }

    /// One sentence for a person: what happened last, why, what happens next.
    /// Errors: as for [`Agent::registerer_state`].
    pub fn registerer_explain(&self, now: Instant, rid: Rid) -> Result<String, Refusal> {
        if let Some(ended) = self.ended.get(&rid) {
            return Ok(ended.why.clone());
        }
        self.registerer_state(rid)?;
        let entry = self.registrations.get(&rid).ok_or(Refusal::NotFound)?;
        let managed = entry.policy.managed().ok_or(Refusal::Undefined)?;
        let mut text = managed.policy.explain(&entry.registration, now);
        if let Some(why) = managed.policy.why_no_second_flow() {
            text.push_str("; ");
            text.push_str(why);
        }
        let second = self.registrations.get(&second_flow_of(rid));
        if let Some((second, managed)) = second.and_then(|one| Some((one, one.policy.managed()?))) {
            let explained = managed.policy.explain(&second.registration, now);
            text = format!("first flow: {text}; second flow: {explained}");
        }
        Ok(text)
    }

    fn known(&mut self, rid: Rid) -> Result<&mut RegistrationEntry, Refusal> {
        if rid < 1 {
            return Err(Refusal::BadParameter);
        }
        self.registrations.get_mut(&rid).map(Box::as_mut).ok_or(Refusal::NotFound)
    }

    /// The instance id of the context: option 28, or one that is made once.
    fn instance(&mut self) -> Arc<str> {
        if let Some(urn) = &self.settings.instance {
            return Arc::from(urn.as_str());
        }
        let entropy = &mut self.entropy;
        let made = self.instance.get_or_insert_with(|| {
            // RFC 4122 version 4: random but for version and variant.
            let hex = entropy.token();
            let variant = ["8", "9", "a", "b"][usize::from(hex.as_bytes()[16] & 3)];
            let (a, b, c) = (&hex[..8], &hex[8..12], &hex[13..16]);
            Arc::from(format!("urn:uuid:{a}-{b}-4{c}-{variant}{}-{}", &hex[17..20], &hex[20..32]))
        });
        made.clone()
    }

    pub(super) fn remember_ended(&mut self, rid: Rid, ended: EndedRegistration) {
        if self.ended.insert(rid, ended).is_none() {
            self.ended_in_order.push_back(rid);
        }
        if self.ended.len() > MOST_ENDED {
            if let Some(first) = self.ended_in_order.pop_front() {
                self.ended.remove(&first);
            }
        }
    }

    /// The registration was removed by `eXosip_register_remove`: its listeners are called.
    /// `second_left`: what the server may hold of its second flow.
    pub(in crate::agent) fn ended_by_removal(
        &mut self,
        rid: Rid,
        registration: &mut Registration,
        mut managed: Box<ManagedRegistration>,
        second_left: Option<LeftBinding>,
    ) {
        if is_second_flow(rid) {
            self.second_flows = self.second_flows.saturating_sub(1);
        } else {
            self.managed_alive = self.managed_alive.saturating_sub(1);
            self.registerer_counts.change(managed.counted_as, None);
        }
        self.forget_reg_event(std::mem::take(&mut managed.reg_event));
        self.timers.rearm(&mut managed.wake, None);
        self.rate_limiter.leave(rid);
        if managed.in_flight {
            self.rate_limiter.finish();
        }
        if let Some(clock) = self.latest_now {
            self.arm_rate_limit(clock);
        }
        self.blocked_managed.remove(&rid);
        if is_second_flow(rid) {
            if let Some(first) = self.managed_mut(registration_of_flow(rid)) {
                first.policy.count_second_flow(&managed.policy);
            }
            return;
        }
        if managed.policy.state(registration) != RegistererState::Terminated {
            managed.policy.terminate(registration, EndReason::Taken);
            if let Some(clock) = self.latest_now {
                let why = managed.policy.explain(registration, clock);
                let tag = managed.policy.options().tag;
                self.remember_ended(rid, EndedRegistration { why, tag });
            }
        }
        for state in managed.policy.take_changes() {
            let what = RegistererEventKind::State(state);
            let mut event = super::RegistererEvent::new(rid, what, &managed.policy);
            event.left = registration.left_binding().or(second_left).or(managed.second_flow_left);
            self.events.push_back(Event::Registerer(event));
        }
    }

    /// Notes a moment that has been: where deadlines that are due at once are put.
    pub(in crate::agent) fn note_now(&mut self, now: Instant) {
        self.latest_now = Some(self.latest_now.map_or(now, |before| before.max(now)));
    }
}
