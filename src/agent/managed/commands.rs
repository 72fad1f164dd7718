//! What the application asks of registrations that look after themselves. Each command returns at once.

use super::{ManagedRegistration, What};
use crate::agent::{Agent, Entry, Event, Rid};
use crate::auth::AccountLogin;
use crate::registration::policy::managed::{Ending, ManagedPolicy, Options, State, Wrong};
use crate::registration::{InitialRegister, Registration};
use crate::request::{Entropy, Refusal};
use std::sync::Arc;
use std::time::Instant;

/// Registrations that are over and still answer for their state.
pub const MOST_ENDED: usize = 4096;

/// What is kept of one that is over.
#[derive(Debug)]
pub(in crate::agent) struct Ended {
    /// The last sentence about it.
    pub(super) why: String,
    /// The application's own.
    pub(super) tag: usize,
}

impl Agent {
    /// Makes registration `rid`, which looks after itself once it is told to register. Nothing is sent.
    /// Errors: what is wrong with the options, in words.
    pub fn registerer_new(&mut self, now: Instant, rid: Rid, options: Options) -> Result<(), Wrong> {
        let options = options.checked()?;
        let instance = match &options.instance {
            Some(uuid) => Arc::from(format!("urn:uuid:{uuid}")),
            None => self.instance(),
        };
        let mut registration = Registration::new(
            InitialRegister {
                from: &options.aor,
                proxy: &options.registrar,
                contact: None,
                expires: i32::try_from(options.expires).unwrap_or(i32::MAX),
                q: options.q.as_deref(),
            },
            &mut self.targets,
            &mut self.entropy,
        )?;
        if let Some(from) = &options.from {
            registration.asked_by(from);
        }
        self.seen_now(now);
        self.counted.registrations_ever += 1;
        self.managed_alive += 1;
        // Rids start again behind the last.
        if self.ended.remove(&rid).is_some() {
            self.ended_in_order.retain(|ended| *ended != rid);
        }
        registration.set_challenge_policy(options.challenge_policy());
        let policy = ManagedPolicy::new(options, instance);
        let managed = Some(Box::new(ManagedRegistration { policy, wake: None, in_flight: false }));
        self.registrations.insert(rid, Box::new(Entry::new(registration, managed)));
        Ok(())
    }

    /// Takes over a registration made by the eXosip calls: it is looked after from now on. Does nothing for one that is already.
    /// Errors: `BadParameter` for a rid below 1, `NotFound`.
    pub fn registerer_adopt(&mut self, now: Instant, rid: Rid) -> Result<(), Refusal> {
        let nat = self.settings.masquerade;
        let entry = self.known(rid)?;
        if entry.managed.is_none() {
            let policy = ManagedPolicy::adopt(&entry.registration, now, nat);
            entry.registration.set_challenge_policy(policy.options().challenge_policy());
            entry.managed = Some(Box::new(ManagedRegistration { policy, wake: None, in_flight: false }));
            self.managed_alive += 1;
            self.seen_now(now);
            self.replan(rid);
            self.run(now, rid);
        }
        Ok(())
    }

    /// Asks for a binding, or renews it, and keeps it. Errors: `BadParameter`, `NotFound`, `WrongState` while a request is pending or
    /// when it is over, `NoNetwork`, `Undefined` for one that the eXosip calls look after.
    pub fn registerer_register(&mut self, now: Instant, rid: Rid) -> Result<(), Refusal> {
        self.demand(now, rid, |entry, managed, entropy| managed.register(now, entry, entropy))
    }

    /// Removes our binding, or with `all` everybody's. Errors: as for [`Agent::registerer_register`].
    pub fn registerer_unregister(&mut self, now: Instant, rid: Rid, all: bool) -> Result<(), Refusal> {
        self.demand(now, rid, |entry, managed, _| managed.unregister(now, entry, all))
    }

    fn demand(
        &mut self,
        now: Instant,
        rid: Rid,
        change: impl FnOnce(&mut Registration, &mut ManagedPolicy, &mut Entropy) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        if self.ended.contains_key(&rid) {
            return Err(Refusal::WrongState);
        }
        self.known(rid)?;
        if self.listening.is_none() {
            return Err(Refusal::NoNetwork);
        }
        self.seen_now(now);
        let entry = self.registrations.get_mut(&rid).ok_or(Refusal::NotFound)?;
        let managed = entry.managed.as_deref_mut().ok_or(Refusal::Undefined)?;
        change(&mut entry.registration, &mut managed.policy, &mut self.entropy)?;
        self.run(now, rid);
        Ok(())
    }

    /// Ends registration `rid`: waits for what is pending, removes the binding, ends in [`State::Terminated`] and sends nothing more.
    /// Repeated calls do nothing. Errors: `BadParameter`, `NotFound`, `Undefined` for one that the eXosip calls look after.
    pub fn registerer_dispose(&mut self, now: Instant, rid: Rid) -> Result<(), Refusal> {
        if self.ended.contains_key(&rid) {
            return Ok(());
        }
        let entry = self.known(rid)?;
        let managed = entry.managed.as_deref_mut().ok_or(Refusal::Undefined)?;
        if !managed.policy.is_ending() {
            managed.policy.dispose(now, &entry.registration);
            self.seen_now(now);
            self.run(now, rid);
        }
        Ok(())
    }

    /// Ends all that look after themselves. The rate is not kept any more; the limit of attempts in flight is, but one that is
    /// unanswered for T1 (500 ms) does not count, so that a silent server holds nobody else up.
    pub fn registerer_dispose_all(&mut self, now: Instant) {
        let managed =
            self.registrations.iter().filter(|(_, e)| e.managed.as_ref().is_some_and(|m| m.in_flight));
        self.rate_limiter.hurry(now, managed.map(|(rid, _)| *rid));
        for rid in self.registerers() {
            let _ = self.registerer_dispose(now, rid);
        }
    }

    /// Registrations that look after themselves and are not over.
    pub fn registerers_alive(&self) -> usize {
        self.managed_alive
    }

    /// Ends all that look after themselves at once, whatever is pending.
    pub fn registerer_end_all(&mut self, now: Instant) {
        for rid in self.registerers() {
            self.cancel_pending(rid);
            if let Some(managed) = self.managed_mut(rid) {
                managed.policy.terminate(Ending::Quit);
            }
            self.settle(now, rid);
        }
    }

    fn registerers(&self) -> Vec<Rid> {
        let managed = self.registrations.iter().filter(|(_, entry)| entry.managed.is_some());
        managed.map(|(rid, _)| *rid).collect()
    }

    /// Other credentials for `rid` alone; one that stopped for want of them goes on. Errors: `BadParameter`, `NotFound`, `Undefined`
    /// for one that the eXosip calls look after.
    pub fn registerer_set_logins(
        &mut self,
        now: Instant,
        rid: Rid,
        logins: Vec<AccountLogin>,
    ) -> Result<(), Refusal> {
        AccountLogin::check(&logins).map_err(|_| Refusal::BadParameter)?;
        let entry = self.known(rid)?;
        let managed = entry.managed.as_deref_mut().ok_or(Refusal::Undefined)?;
        managed.policy.set_logins(logins);
        self.seen_now(now);
        self.revive(now, rid);
        Ok(())
    }

    /// Attempts in flight at a time and REGISTERs per second, of all that look after themselves; 0: no limit.
    pub fn registerer_limits(&mut self, now: Instant, in_flight: usize, rate: u32) {
        self.rate_limiter.set(in_flight, rate);
        self.on_rate_limit(now);
    }

    /// The state of `rid`; one that is over still answers, as long as it is among the last [`MOST_ENDED`].
    pub fn registerer_state(&self, rid: Rid) -> Result<State, Refusal> {
        match self.managed(rid) {
            Some(managed) => Ok(managed.policy.state()),
            None if self.ended.contains_key(&rid) => Ok(State::Terminated),
            None if rid < 1 => Err(Refusal::BadParameter),
            None if self.registrations.contains_key(&rid) => Err(Refusal::Undefined),
            None => Err(Refusal::NotFound),
        }
    }

    /// The application's own, given with the options; also of one that is over, like its state. Errors: as for
    /// [`Agent::registerer_state`].
    pub fn registerer_tag(&self, rid: Rid) -> Result<usize, Refusal> {
        if let Some(ended) = self.ended.get(&rid) {
            return Ok(ended.tag);
        }
        self.registerer_state(rid)?;
        self.managed(rid).map(|managed| managed.policy.options().tag).ok_or(Refusal::NotFound)
    }

    /// One sentence for a person: what happened last, why, what happens next. Errors: as for [`Agent::registerer_state`].
    pub fn registerer_explain(&self, now: Instant, rid: Rid) -> Result<String, Refusal> {
        if let Some(ended) = self.ended.get(&rid) {
            return Ok(ended.why.clone());
        }
        self.registerer_state(rid)?;
        let entry = self.registrations.get(&rid).ok_or(Refusal::NotFound)?;
        let managed = entry.managed.as_deref().ok_or(Refusal::Undefined)?;
        Ok(managed.policy.explain(&entry.registration, now))
    }

    fn known(&mut self, rid: Rid) -> Result<&mut Entry, Refusal> {
        if rid < 1 {
            return Err(Refusal::BadParameter);
        }
        self.registrations.get_mut(&rid).map(Box::as_mut).ok_or(Refusal::NotFound)
    }

    /// The instance id of the context: option 28, or one that is made once and kept.
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

    pub(super) fn remember_ended(&mut self, rid: Rid, ended: Ended) {
        if self.ended.insert(rid, ended).is_none() {
            self.ended_in_order.push_back(rid);
        }
        if self.ended.len() > MOST_ENDED
            && let Some(first) = self.ended_in_order.pop_front()
        {
            self.ended.remove(&first);
        }
    }

    /// Somebody took the registration away (`eXosip_register_remove`): its listeners hear of it.
    pub(in crate::agent) fn ended_by_removal(
        &mut self,
        rid: Rid,
        registration: &Registration,
        mut managed: Box<ManagedRegistration>,
    ) {
        self.managed_alive = self.managed_alive.saturating_sub(1);
        self.timers.rearm(&mut managed.wake, None);
        if managed.in_flight {
            self.rate_limiter.release();
            if let Some(clock) = self.clock {
                self.arm_rate_limit(clock);
            }
        }
        self.stalled.remove(&rid);
        if managed.policy.state() != State::Terminated {
            managed.policy.terminate(Ending::Taken);
            if let Some(clock) = self.clock {
                let why = managed.policy.explain(registration, clock);
                let tag = managed.policy.options().tag;
                self.remember_ended(rid, Ended { why, tag });
            }
        }
        for state in managed.policy.take_changes() {
            let (last, what) = (managed.policy.last(), What::State(state));
            let news = super::News { rid, what, status: last.status, reason: last.reason.clone() };
            self.events.push_back(Event::Registerer(news));
        }
    }

    /// A moment that has been: where deadlines that are due at once are put.
    pub(in crate::agent) fn seen_now(&mut self, now: Instant) {
        self.clock = Some(self.clock.map_or(now, |before| before.max(now)));
    }
}
