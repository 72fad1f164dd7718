//! Other options for a managed registration that goes on.

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
        let weakest = self.credentials.weakest_algorithm();
        self.note_now(now);
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
