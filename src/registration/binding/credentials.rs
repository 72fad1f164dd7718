//! The credentials of a registration, and the challenges that it answers with them.

use super::Registration;
use crate::auth::{Algorithm, ChallengeOutcome, ChallengePolicy, Credentials};
use crate::registration::Activity;
use crate::request::Entropy;
use crate::sip::{Draft, Message};

impl Registration {
    /// Writes the answers for the nonces at hand into `draft`, and counts them.
    pub(in crate::registration) fn answer_challenges(
        &mut self,
        draft: &mut Draft,
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) {
        self.digest.write(draft, self.account.user(), credentials, entropy);
    }

    /// The same for a text that may never be sent: nothing is counted.
    pub(in crate::registration) fn preview_answers(
        &mut self,
        draft: &mut Draft,
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) {
        self.digest.preview(draft, self.account.user(), credentials, entropy);
    }

    /// Counts the answers to challenges in `draft`, see `DigestState::count_sent`.
    pub fn count_sent(
        &mut self,
        draft: &mut Draft,
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) {
        self.digest.count_sent(draft, self.account.user(), credentials, entropy);
    }

    /// Reads the challenges of a 401 or 407; `answers`: the answers that the request had.
    pub fn challenged<'r, L: Iterator<Item = &'r str>>(
        &mut self,
        response: &Message<'_>,
        answers: impl Fn(&'static str) -> L,
        credentials: &Credentials,
    ) -> ChallengeOutcome {
        self.digest.challenged(response, answers, self.account.user(), credentials)
    }

    /// Whether a challenge for this algorithm may be answered.
    pub fn allows(&self, algorithm: Algorithm, credentials: &Credentials) -> bool {
        self.digest.policy().allows(algorithm, credentials)
    }

    /// The server refused the credentials for this realm.
    pub fn refuse_credentials(&mut self, credentials: &Credentials, realm: &str) {
        self.digest.refuse(self.account.user(), credentials, realm);
    }

    /// Refused credentials may be tried once more.
    pub fn forgive_credentials(&mut self) {
        self.digest.forgive();
    }

    /// The same, and the next REGISTER has no answers until it is challenged again.
    pub fn forget_nonces(&mut self) {
        self.digest.forgive();
        self.digest.forget_nonces();
    }

    /// Which challenges are answered from now on.
    pub fn set_challenge_policy(&mut self, policy: ChallengePolicy) {
        self.digest.set_policy(policy);
    }

    /// Whether the server refused its credentials, and took none since.
    pub fn was_refused(&self) -> bool {
        self.digest.was_refused()
    }

    /// Whether it is blocked, and `credentials` now has others for the realm in question.
    pub fn has_fresh_credentials(&self, credentials: &Credentials) -> bool {
        match &self.activity {
            Activity::Blocked { error } => {
                error.realm().is_some_and(|realm| self.has_other_credentials(credentials, realm))
            }
            _ => false,
        }
    }

    /// Whether `credentials` has others for this realm than the server refused.
    pub fn has_other_credentials(&self, credentials: &Credentials, realm: &str) -> bool {
        self.digest.has_fresh_login(self.account.user(), credentials, realm)
    }
}
