//! Other options for a managed registration that goes on.

use super::second_flow_of;
use crate::agent::{Agent, Rid};
use crate::registration::policy::managed::{
    ManagedOptions, OptionsChange, OptionsError, PolicyContext,
};
use crate::request::Refusal;
use std::time::Instant;

impl Agent {
    /// Gives `rid` other options, its credentials among them, and registers with them; the binding,
    /// Call-ID and CSeq stay. The inner error says what cannot be, and that nothing has changed.
    /// Errors: `NotFound`, `Undefined` for one of the eXosip calls.
    pub fn registerer_change(
        &mut self,
        now: Instant,
        rid: Rid,
        options: ManagedOptions,
    ) -> Result<Result<OptionsChange, OptionsError>, Refusal> {
        let options = match options.checked(self.network) {
            Ok(options) => options,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let second_options = (options.flows > 1).then(|| options.of_second_flow());
        self.note_now(now);
        self.registerer_state(rid)?;
        let changed = self.change_flow(now, rid, options)?;
        if let (Ok(_), Some(options)) = (&changed, second_options) {
            let second = second_flow_of(rid);
            if self.managed(second).is_some_and(|second| !second.policy.is_terminating()) {
                // The second refuses no options that the first has accepted.
                let _ = self.change_flow(now, second, options)?;
            }
        }
        Ok(changed)
    }

    fn change_flow(
        &mut self,
        now: Instant,
        rid: Rid,
        options: ManagedOptions,
    ) -> Result<Result<OptionsChange, OptionsError>, Refusal> {
        let weakest = self.credentials.weakest_algorithm();
        let entry = self.registrations.get_mut(&rid).ok_or(Refusal::NotFound)?;
        let managed = entry.policy.managed_mut().ok_or(Refusal::Undefined)?;
        let challenges = options.challenge_policy().at_least(weakest);
        let mut context = PolicyContext {
            now,
            settings: &self.settings,
            credentials: &self.credentials,
            entropy: &mut self.entropy,
        };
        let changed = managed.policy.change(&mut context, &mut entry.registration, options);
        if changed.is_ok() {
            entry.registration.set_challenge_policy(challenges);
            self.set_reg_event_challenges(now, rid, challenges);
            self.change_keep_alive(now, rid);
            self.run(now, rid);
        }
        Ok(changed)
    }
}
