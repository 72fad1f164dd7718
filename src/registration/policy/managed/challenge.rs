//! What a challenge means for an attempt (RFC 3261 section 22).

use super::response::{Exchange, Failed, ResponseOutcome};
use super::{FailureClass, ManagedPolicy, PolicyContext};
use crate::auth::{AuthError, ChallengeOutcome, Credentials, challenges, parameters};
use crate::registration::{BlockReason, Registration};
use crate::sip::{Message, excerpt, unescape};

/// Realms kept of challenges before a redirection.
const REALMS: usize = 4;

impl ManagedPolicy {
    pub(super) fn challenged(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        exchange: Exchange<'_>,
    ) -> ResponseOutcome {
        if let Some(outcome) = self.ask_program(context, registration, exchange) {
            return outcome;
        }
        let Exchange { request, response, .. } = exchange;
        let shared = context.credentials;
        if let Some(realm) = self.foreign_realm(response, registration.account().user(), shared) {
            self.last.meaning = format!(
                "the server it was redirected to asks in realm \"{}\", which is not ours",
                excerpt(&realm)
            );
            self.last.retry_after = None;
            self.attempt_failed(context, registration, Failed::new(FailureClass::Fatal));
            return ResponseOutcome::Rejected;
        }
        let credentials = self.credentials(shared);
        let outcome = registration.challenged(response, |name| request.lines(name), credentials);
        let answers = registration.attempt().answers;
        let failed = match outcome {
            ChallengeOutcome::Answerable if answers < self.options.answers => {
                registration.count_answer();
                self.counters.challenges += 1;
                return self.resume(context.now, registration);
            }
            ChallengeOutcome::Answerable => {
                // Each of them was new, or called the last nonce too old.
                self.last.meaning = format!("the server asks again after {answers} answers");
                Failed::new(FailureClass::Temporary)
            }
            ChallengeOutcome::Failed(AuthError::NoCredentials { realm, .. }) => {
                self.last.meaning =
                    format!("there are no credentials for realm \"{}\"", excerpt(&realm));
                Failed::credentials(BlockReason::NoCredentials { realm: realm.into() })
            }
            ChallengeOutcome::Failed(AuthError::Refused { realm, .. }) => {
                self.last.meaning = "the user name or password is wrong".into();
                Failed::credentials(BlockReason::Refused { realm: Some(realm.into()) })
            }
            ChallengeOutcome::Failed(error @ AuthError::AlgorithmMismatch { .. }) => {
                self.last.meaning = error.to_string();
                let realm = error.realm().map(Box::from);
                if let Some(realm) = &realm {
                    registration.refuse_credentials(self.credentials(shared), realm);
                }
                Failed::credentials(BlockReason::Refused { realm })
            }
            ChallengeOutcome::Failed(error) => {
                self.last.meaning = error.to_string();
                Failed::new(FailureClass::Fatal)
            }
        };
        self.last.retry_after = None;
        self.attempt_failed(context, registration, failed);
        ResponseOutcome::Rejected
    }

    /// The credentials of the request are wrong: only others for its realm help.
    pub(super) fn refuse_credentials(
        &mut self,
        context: &PolicyContext<'_>,
        registration: &mut Registration,
    ) -> Failed {
        let realm = self.last.authenticated.as_ref().map(|(_, realm)| Box::from(realm.as_str()));
        if let Some(realm) = &realm {
            registration.refuse_credentials(self.credentials(context.credentials), realm);
        }
        Failed::credentials(BlockReason::Refused { realm })
    }

    /// The realm of a redirected registrar's challenge that our credentials are not for: one that
    /// did not ask before the redirection, unless the credentials name it.
    fn foreign_realm(
        &mut self,
        response: &Message<'_>,
        user: &str,
        shared: &Credentials,
    ) -> Option<String> {
        let lines = response.lines("WWW-Authenticate").chain(response.lines("Proxy-Authenticate"));
        let realms: Vec<String> =
            lines.flat_map(challenges).flatten().map(|one| one.realm_text().into_owned()).collect();
        if self.redirected_to.is_none() {
            for realm in realms {
                if self.realms.len() < REALMS && !self.realms.contains(&realm) {
                    self.realms.push(realm);
                }
            }
            return None;
        }
        let credentials = self.credentials(shared);
        let known =
            |realm: &String| self.realms.contains(realm) || credentials.names_realm(user, realm);
        realms.into_iter().find(|realm| !known(realm))
    }
}

/// User and realm of the first answer to a challenge in `request`; one that only names the user is
/// none.
pub(super) fn authenticated(request: &Message<'_>) -> Option<(String, String)> {
    let line = request.header("Authorization").or_else(|| request.header("Proxy-Authorization"))?;
    let (_, rest) = line.split_once(' ')?;
    let find = |name: &str| {
        let found = parameters(rest).find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| excerpt(&unescape(value)))
    };
    if find("response").is_none_or(|response| response.is_empty()) {
        return None;
    }
    Some((find("username")?, find("realm")?))
}
