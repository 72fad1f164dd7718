//! Challenges that the program answers, at once or later: Bearer (RFC 8898) and AKA (RFC 3310).

use super::response::{Exchange, Failed, ResponseOutcome};
use super::{FailureClass, ManagedPolicy, PolicyContext};
use crate::auth::{ProgramAnswer, ProgramChallenge};
use crate::registration::{BlockReason, Registration};
use crate::request::Refusal;
use crate::sip::excerpt;
use crate::transport::Transport;

/// A challenge that the program is asked to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChallenge {
    /// By what the answer names it.
    pub number: u32,
    /// The status of the response, 401 or 407.
    pub status: u16,
    /// It came over TLS, and so will the answer go.
    pub is_secure: bool,
    /// What is asked.
    pub challenge: ProgramChallenge,
    /// The listeners were not told of it yet.
    is_new: bool,
}

impl ManagedPolicy {
    /// Asks the program, where the response has a challenge for it and the options allow it.
    pub(super) fn ask_program(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        exchange: Exchange<'_>,
    ) -> Option<ResponseOutcome> {
        let wait = self.options.challenge_wait;
        if wait.is_zero() {
            return None;
        }
        let mut challenge = ProgramChallenge::find(exchange.response)?;
        let credentials = self.credentials(context.credentials);
        if challenge.algorithm().is_some_and(|one| !registration.allows(one, credentials)) {
            return None;
        }
        challenge.is_repeated = self.program_answers.refuse(&challenge);
        let answers = registration.attempt().answers;
        self.last.retry_after = None;
        if answers >= self.options.answers {
            self.last.meaning = format!("the server asks again after {answers} answers");
            let failed = match challenge.is_repeated {
                true => Failed::credentials(refused(&challenge)),
                false => Failed::new(FailureClass::Temporary),
            };
            self.attempt_failed(context, registration, failed);
            return Some(ResponseOutcome::Rejected);
        }
        if self.terminate_requested && !self.removes() {
            return Some(self.resume(context.now, registration));
        }
        self.challenge_number = self.challenge_number.checked_add(1).unwrap_or(1);
        self.pending_challenge = Some(Box::new(PendingChallenge {
            number: self.challenge_number,
            status: exchange.status(),
            is_secure: exchange.transport == Transport::Tls,
            challenge,
            is_new: true,
        }));
        // The time that the program takes is none of the attempt.
        self.attempt_ends_at = None;
        registration.await_answer(context.now + wait);
        Some(ResponseOutcome::Resumed)
    }

    /// What the program is asked now.
    pub fn pending_challenge(&self, registration: &Registration) -> Option<&PendingChallenge> {
        registration.answer_awaited_until()?;
        self.pending_challenge.as_deref()
    }

    /// The number of the challenge that the listeners were not told of yet.
    pub fn take_new_challenge(&mut self) -> Option<u32> {
        let pending = self.pending_challenge.as_mut().filter(|pending| pending.is_new)?;
        pending.is_new = false;
        Some(pending.number)
    }

    /// The program answers challenge `number`; `None`: it does not want to. What follows at once is
    /// scheduled for now.
    /// Errors: `WrongState` where that is not awaited any more, `BadParameter` for what is no
    /// answer to it.
    pub fn on_answer(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        number: u32,
        answer: Option<ProgramAnswer>,
    ) -> Result<(), Refusal> {
        let pending = self.pending_challenge(registration).filter(|one| one.number == number);
        let challenge = pending.ok_or(Refusal::WrongState)?.challenge.clone();
        let Some(answer) = answer else {
            let error = refused(&challenge);
            self.last.meaning = "the program does not answer the challenge".into();
            self.pending_challenge = None;
            self.attempt_failed(context, registration, Failed::credentials(error));
            return Ok(());
        };
        let user = registration.account().user();
        let login = self.credentials(context.credentials).find(user, &challenge.realm, true);
        let given = Some(&*self.options.username).filter(|name| !name.is_empty());
        let username = given.or(login.map(|login| login.username)).unwrap_or(user).to_owned();
        if !self.program_answers.keep(&challenge, answer, &username) {
            return Err(Refusal::BadParameter);
        }
        self.pending_challenge = None;
        self.counters.challenges += 1;
        registration.count_answer();
        self.resume(context.now, registration);
        Ok(())
    }

    /// The program has not answered in time.
    pub fn on_no_answer(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
    ) {
        self.pending_challenge = None;
        self.last.meaning = "the program has not answered the challenge in time".into();
        self.attempt_failed(context, registration, Failed::new(FailureClass::Temporary));
    }

    /// What is awaited of the program, in words.
    pub(super) fn awaited_answer(&self, left: String) -> String {
        let Some(pending) = &self.pending_challenge else { return String::new() };
        let (name, realm) = (pending.challenge.name(), excerpt(&pending.challenge.realm));
        format!(
            "waiting up to {left} for the program to answer the challenge {name} of realm \
             \"{realm}\""
        )
    }
}

/// Nothing is sent until the program asks for it, or has credentials for the realm.
fn refused(challenge: &ProgramChallenge) -> BlockReason {
    BlockReason::Refused { realm: Some(challenge.realm.as_str().into()) }
}
