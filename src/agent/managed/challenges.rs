//! Challenges that the program answers.

use super::{RegistererEventKind, second_flow_of};
use crate::agent::{Agent, Rid};
use crate::auth::ProgramAnswer;
use crate::registration::policy::managed::{
    PendingChallenge, PolicyContext, SECOND_FLOW_CHALLENGES,
};
use crate::request::Refusal;
use std::time::{Duration, Instant};

impl Agent {
    /// The challenge that `rid` awaits an answer to, and how long it still does.
    /// Errors: as for [`Agent::registerer_state`], and `NotFound` where there is none.
    pub fn registerer_challenge(
        &self,
        now: Instant,
        rid: Rid,
    ) -> Result<(PendingChallenge, Duration), Refusal> {
        self.registerer_state(rid)?;
        let flows = [rid, second_flow_of(rid)];
        let is_asking = |flow: &Rid| {
            let entry = self.registrations.get(flow);
            entry.is_some_and(|entry| entry.registration.answer_awaited_until().is_some())
        };
        let asking = flows.into_iter().find(is_asking).ok_or(Refusal::NotFound)?;
        let entry = self.registrations.get(&asking).ok_or(Refusal::NotFound)?;
        let managed = entry.policy.managed().ok_or(Refusal::Undefined)?;
        let pending = managed.policy.pending_challenge(&entry.registration);
        let until = entry.registration.answer_awaited_until().ok_or(Refusal::NotFound)?;
        let pending = pending.ok_or(Refusal::NotFound)?.clone();
        Ok((pending, until.saturating_duration_since(now)))
    }

    /// Answers challenge `number` of `rid`; `None`: the program does not want to.
    /// Errors: as for [`Agent::registerer_state`], `WrongState` where no answer to this challenge
    /// is awaited any more, `BadParameter` for what is no answer to it.
    pub fn registerer_answer(
        &mut self,
        now: Instant,
        rid: Rid,
        number: u32,
        answer: Option<ProgramAnswer>,
    ) -> Result<(), Refusal> {
        self.registerer_state(rid)?;
        let whole = rid;
        let rid = if number > SECOND_FLOW_CHALLENGES { second_flow_of(rid) } else { rid };
        let entry = self.registrations.get_mut(&rid).ok_or(Refusal::WrongState)?;
        let managed = entry.policy.managed_mut().ok_or(Refusal::Undefined)?;
        let mut context = PolicyContext {
            now,
            settings: &self.settings,
            credentials: &self.credentials,
            entropy: &mut self.entropy,
        };
        let is_refused = answer.is_none();
        managed.policy.on_answer(&mut context, &mut entry.registration, number, answer)?;
        self.note_now(now);
        if is_refused {
            self.report_managed(rid, RegistererEventKind::Rejected);
        }
        self.run(now, rid);
        // The other flow may await an answer too.
        if let Ok((pending, _)) = self.registerer_challenge(now, whole) {
            self.report_managed(whole, RegistererEventKind::Challenged(pending.number));
        }
        Ok(())
    }

    /// The program has not answered in time.
    pub(super) fn give_up_answer(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        let mut context = PolicyContext {
            now,
            settings: &self.settings,
            credentials: &self.credentials,
            entropy: &mut self.entropy,
        };
        managed.policy.on_no_answer(&mut context, &mut entry.registration);
        self.report_managed(rid, RegistererEventKind::Rejected);
    }
}
