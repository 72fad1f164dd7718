//! Challenges that the program answers, at once or later: Bearer (RFC 8898) and AKA (RFC 3310).

use super::response::{Exchange, Failed, ResponseOutcome};
use super::{FailureClass, ManagedPolicy, PolicyContext, SECOND_FLOW_CHALLENGES};
use crate::auth::{ProgramAnswer, ProgramAnswers, ProgramChallenge};
use crate::registration::{BlockReason, Registration};
use crate::request::Refusal;
use crate::sip::{Draft, excerpt};
use crate::transport::Transport;

/// A challenge that the program is asked to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChallenge {
    /// By what the answer names it.
    pub number: u32,
    /// The status of the response, 401 or 407.
    pub status: u16,
    /// It came over TLS: a token that answers it goes over nothing else.
    pub is_secure: bool,
    /// What is asked.
    pub challenge: ProgramChallenge,
    /// No event has reported it yet.
    is_new: bool,
}

/// What the program is asked to answer, and has answered.
#[derive(Debug, Default)]
pub(super) struct ProgramState {
    pending: Option<PendingChallenge>,
    /// The number that the last challenge had, counted from 1.
    number: u32,
    pub(super) answers: ProgramAnswers,
}

impl ManagedPolicy {
    /// What was asked is not asked any more.
    pub(super) fn withdraw_challenge(&mut self) {
        if let Some(program) = &mut self.program {
            program.pending = None;
        }
    }

    /// What the program has answered is not said again: it is asked anew.
    pub(super) fn forget_program_answers(&mut self) {
        if let Some(program) = &mut self.program {
            program.answers.clear();
        }
    }

    /// A REGISTER leaves by `transport`: without the tokens that may not go out there.
    pub fn take_out_secure_tokens(&self, draft: &mut Draft, transport: Transport) {
        if let Some(program) = self.program.as_ref().filter(|_| transport != Transport::Tls) {
            program.answers.take_out_secure_tokens(draft);
        }
    }

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
        let is_secure = exchange.transport == Transport::Tls;
        let program = self.program.get_or_insert_default();
        challenge.is_repeated = program.answers.refuse(&challenge, is_secure);
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
        let first = if self.is_second_flow() { SECOND_FLOW_CHALLENGES } else { 0 };
        let program = self.program.get_or_insert_default();
        program.number = match program.number {
            0 => first + 1,
            // Those of the first flow stay below those of the second.
            last => first + (last - first) % (SECOND_FLOW_CHALLENGES - 1) + 1,
        };
        program.pending = Some(PendingChallenge {
            number: program.number,
            status: exchange.status(),
            is_secure,
            challenge,
            is_new: true,
        });
        // The time that the program takes is none of the attempt.
        self.attempt_ends_at = None;
        registration.await_answer(context.now + wait);
        Some(ResponseOutcome::Resumed)
    }

    /// What the program is asked now.
    pub fn pending_challenge(&self, registration: &Registration) -> Option<&PendingChallenge> {
        registration.answer_awaited_until()?;
        self.program.as_ref()?.pending.as_ref()
    }

    /// The number of the challenge that no event has reported yet.
    pub fn take_new_challenge(&mut self) -> Option<u32> {
        let pending = self.program.as_mut()?.pending.as_mut().filter(|one| one.is_new)?;
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
        let PendingChallenge { challenge, is_secure, .. } =
            pending.ok_or(Refusal::WrongState)?.clone();
        let Some(answer) = answer else {
            let error = refused(&challenge);
            self.last.meaning = "the program does not answer the challenge".into();
            self.withdraw_challenge();
            self.attempt_failed(context, registration, Failed::credentials(error));
            return Ok(());
        };
        let user = registration.account().user();
        let login = self.credentials(context.credentials).find(user, &challenge.realm, true);
        let given = Some(&*self.options.username).filter(|name| !name.is_empty());
        let username = given.or(login.map(|login| login.username)).unwrap_or(user).to_owned();
        let program = self.program.get_or_insert_default();
        if !program.answers.keep(&challenge, is_secure, answer, &username) {
            return Err(Refusal::BadParameter);
        }
        program.pending = None;
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
        self.withdraw_challenge();
        self.last.meaning = "the program has not answered the challenge in time".into();
        self.attempt_failed(context, registration, Failed::new(FailureClass::Temporary));
    }

    /// What is awaited of the program, in words.
    pub(super) fn awaited_answer(&self, left: String) -> String {
        let pending = self.program.as_ref().and_then(|program| program.pending.as_ref());
        let Some(pending) = pending else { return String::new() };
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
