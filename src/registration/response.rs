//! What a final answer, or its absence, means for the binding.

use super::binding::Bound;
use super::granted::granted;
use super::kept::ContactSpan;
use super::policy::automatic_action;
use super::{Registration, RegistrationState};
use crate::auth::{AuthError, ChallengeOutcome, Credentials, authorization_lines};
use crate::sip::Message;
use std::borrow::Cow;
use std::time::{Duration, Instant};

/// The text of the success event, to the letter of the library that programs were written for.
const REGISTERED: &str = "User is successfully registred!";
/// What is kept of the largest message over UDP, about: not all that is sent is kept.
const LONGEST: usize = 64_000;
/// How the text of every failure event begins.
const FAILED: &str = "Registration failed!";

/// What the application is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// A 2xx.
    pub success: bool,
    /// `textinfo`.
    pub text: Cow<'static, str>,
    /// The binding was removed as asked: the registration is over.
    pub gone: bool,
}

impl Verdict {
    /// What the events of the eXosip calls say of a registration that looks after itself.
    pub fn told(success: bool, explained: &str) -> Self {
        let text = if success { REGISTERED.into() } else { format!("{FAILED} {explained}.").into() };
        Verdict { success, text, gone: false }
    }

    fn failed(detail: &str) -> Self {
        let text = if detail.is_empty() { FAILED.into() } else { format!("{FAILED} {detail}").into() };
        Verdict { success: false, text, gone: false }
    }
}

impl Registration {
    /// Reads the final `response` to `request`, which is the text that was sent.
    pub fn answered(
        &mut self,
        now: Instant,
        response: &Message<'_>,
        request: &[u8],
        logins: &Credentials,
    ) -> Verdict {
        self.answered = true;
        match response.status().unwrap_or(0) {
            200..=299 => self.accepted(response),
            401 | 407 => self.challenged(response, request, logins),
            423 => self.too_brief(now, response),
            _ => self.refused(now, response),
        }
    }

    fn accepted(&mut self, response: &Message<'_>) -> Verdict {
        self.taken(response, self.granted_by(response));
        // A binding that is granted for no time at all is not there: it is tried again as a failure is.
        let refused = self.granted == 0 && self.wanted > 0;
        self.state =
            if refused { RegistrationState::Failed { retry_at: None } } else { RegistrationState::Bound };
        if refused {
            self.granted = self.wanted;
        }
        Verdict { success: true, text: REGISTERED.into(), gone: self.wanted == 0 }
    }

    /// A 2xx that grants our binding `seconds`.
    pub(super) fn taken(&mut self, response: &Message<'_>, seconds: u32) {
        self.answers = 0;
        self.proof.accepted(response);
        self.granted = seconds;
        self.bound =
            if self.offered != ContactSpan::Nothing && seconds > 0 { Bound::AsSent } else { Bound::Not };
        let lasting = Duration::from_secs(seconds.into());
        self.until = self.sent.filter(|_| seconds > 0).map(|sent| sent + lasting);
    }

    /// Our binding's `expires`, else the Expires header, else what was asked.
    fn granted_by(&self, response: &Message<'_>) -> u32 {
        let own = self.offered();
        let own_param = granted(response, own.as_deref().unwrap_or(""), &self.line).flatten();
        if self.wanted == 0 {
            return 0;
        }
        own_param.or_else(|| response.seconds("Expires")).unwrap_or(self.wanted)
    }

    fn challenged(&mut self, response: &Message<'_>, request: &[u8], logins: &Credentials) -> Verdict {
        let user = self.ask.user();
        let demand = self.proof.challenged(response, |name| authorization_lines(request, name), user, logins);
        let mut detail = String::new();
        if let ChallengeOutcome::Failed(error) = &demand {
            detail = error.sentence();
        }
        self.state = match demand {
            ChallengeOutcome::Answerable => {
                if self.answers >= automatic_action::ANSWERS {
                    detail = "The server asks again and again: the user name or password is probably wrong."
                        .into();
                }
                RegistrationState::Challenged
            }
            ChallengeOutcome::Failed(
                AuthError::NoCredentials { realm, .. } | AuthError::Refused { realm, .. },
            ) => RegistrationState::Unproven { realm: Some(realm) },
            ChallengeOutcome::Failed(_) => RegistrationState::Unproven { realm: None },
        };
        Verdict::failed(&detail)
    }

    /// RFC 3261 section 10.2.8: asks again with the min_expires, if it is one.
    fn too_brief(&mut self, now: Instant, response: &Message<'_>) -> Verdict {
        match response.seconds("Min-Expires") {
            Some(min_expires)
                if self.wanted > 0
                    && min_expires > self.wanted
                    && min_expires <= automatic_action::MIN_EXPIRES_CAP =>
            {
                self.wanted = min_expires;
                self.state = RegistrationState::TooBrief;
                Verdict::failed("")
            }
            Some(min_expires) => {
                let text =
                    format!("The server wants at least {min_expires} s, asked were {} s.", self.wanted);
                self.refused(now, response);
                Verdict::failed(&text)
            }
            None => self.refused(now, response),
        }
    }

    fn refused(&mut self, now: Instant, response: &Message<'_>) -> Verdict {
        let wait = response.retry_after().map(|after| Duration::from_secs(after.seconds.into()));
        let retry_at =
            wait.filter(|wait| !wait.is_zero()).map(|wait| now + wait.min(automatic_action::RETRY_AFTER_CAP));
        self.state = RegistrationState::Failed { retry_at };
        Verdict::failed("")
    }

    /// There was no final answer: silence, a name that does not resolve, a dead network. `why` is for a person.
    pub fn unanswered(&mut self, why: &str) -> Verdict {
        self.answered = false;
        // A request too long for UDP is not what the next is made from.
        if self.template.as_ref().is_some_and(|text| text.len() > LONGEST) {
            self.template = None;
        }
        self.state = RegistrationState::Failed { retry_at: None };
        Verdict::failed(why)
    }
}
