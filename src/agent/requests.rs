//! Requests outside of dialogs and registrations: MESSAGE, OPTIONS and any other method but REGISTER.

use super::{Action, Agent, Event, Ids, Kind, Notice, Text, Tid, Timer, TransactionId};
use crate::auth::{ChallengeOutcome, DigestState};
use crate::messaging::OutOfDialog;
use crate::messaging::request::again;
use crate::registration::policy::automatic_action;
use crate::request::{Refusal, checked, user_of};
use crate::sip::{Draft, Message};
use std::time::Instant;

/// A request that was sent, until its final answer; past that only while a challenge waits to be answered.
#[derive(Debug)]
pub(super) struct Request {
    user: Box<str>,
    /// The Route that next_hop it, which may be hidden from the wire.
    route: Option<Box<str>>,
    proof: DigestState,
    /// Challenges answered.
    answers: u8,
    /// The request as it was sent, while it waits for the answer to its challenge.
    challenged: Option<Draft>,
    /// The challenge can be answered with the credentials at hand.
    answerable: bool,
}

impl Request {
    /// The request that was `sent`, with the Route that led it.
    fn led(&self, sent: &[u8]) -> Option<Draft> {
        let mut draft = Draft::parse(sent).ok()?;
        if let Some(route) = self.route.as_deref().filter(|_| draft.get("Route").is_none()) {
            draft.insert_after("Via", "Route", route);
        }
        Some(draft)
    }
}

impl Agent {
    /// The text of a request outside of a dialog. Nothing is sent or kept. Errors: `NoNetwork`, `BadParameter` without method, target
    /// or From, `Syntax`.
    pub fn build_request(&mut self, ask: OutOfDialog<'_>) -> Result<Vec<u8>, Refusal> {
        if ask.method.is_empty() || ask.to.is_empty() || ask.from.is_empty() {
            return Err(Refusal::BadParameter);
        }
        if self.listening.is_none() {
            return Err(Refusal::NoNetwork);
        }
        Ok(ask.draft(&self.settings, &mut self.entropy)?.to_bytes())
    }

    /// Sends `text`; its answers are told with the number returned. Errors: `NoNetwork`, `BadParameter` without Call-ID, `Syntax` for a
    /// text that is no request with Via, From, To and CSeq, or a REGISTER or INVITE, which are sent by other calls.
    pub fn send_request(&mut self, now: Instant, text: &[u8]) -> Result<(Tid, TransactionId), Refusal> {
        if self.listening.is_none() {
            return Err(Refusal::NoNetwork);
        }
        let draft = checked(Draft::parse(text)?)?;
        let method = draft.start().split(' ').next().unwrap_or("");
        if matches!(method, "REGISTER" | "INVITE" | "ACK" | "CANCEL") {
            return Err(Refusal::Syntax("not a request outside of a dialog"));
        }
        let user = user_of(draft.get("From").unwrap_or("")).into();
        let tid = self.next_tid();
        let route = draft.get("Route").map(Into::into);
        let request = Request {
            user,
            route,
            proof: DigestState::default(),
            answers: 0,
            challenged: None,
            answerable: false,
        };
        self.requests.insert(tid, request);
        let sent = self.dispatch_request(now, tid, draft);
        if sent.is_err() {
            self.requests.remove(&tid);
        }
        sent.map(|id| (tid, id))
    }

    /// A provisional answer to request `tid` came.
    pub(super) fn request_progress(&mut self, tid: Tid, code: u16, request: Option<Text>, bytes: &[u8]) {
        if code > 100 {
            let response = self.buffers.copy(bytes);
            self.tell_request(tid, Kind::MessageProceeding, request, Some(response), "");
        }
    }

    /// The final answer to request `tid` came.
    pub(super) fn request_answered(
        &mut self,
        now: Instant,
        tid: Tid,
        message: &Message<'_>,
        sent: Text,
        bytes: &[u8],
    ) {
        let code = message.status().unwrap_or(0);
        let kind = match code {
            200..=299 => Kind::MessageAnswered,
            300..=399 => Kind::MessageRedirected,
            400..=499 => Kind::MessageRequestFailure,
            500..=599 => Kind::MessageServerFailure,
            _ => Kind::MessageGlobalFailure,
        };
        let mut detail = String::new();
        let mut keep = false;
        if matches!(code, 401 | 407)
            && let Some(request) = self.requests.get_mut(&tid)
            && let Ok(parsed) = Message::parse(&sent)
        {
            let demand = request.proof.challenged(
                message,
                |name| parsed.lines(name),
                &request.user,
                &self.credentials,
            );
            request.answerable =
                demand == ChallengeOutcome::Answerable && request.answers < automatic_action::ANSWERS;
            keep = matches!(demand, ChallengeOutcome::Answerable | ChallengeOutcome::NoCredentials { .. })
                && request.answers < automatic_action::ANSWERS;
            request.challenged = if keep { request.led(&sent) } else { None };
            detail = demand.explain(&request.user);
        }
        if keep {
            self.timers.insert((now + automatic_action::FAILURE_RETRY, Timer::Request(tid)));
            self.challenged.push_back(tid);
        } else {
            self.requests.remove(&tid);
        }
        let response = self.buffers.copy(bytes);
        self.tell_request(tid, kind, Some(sent), Some(response), &detail);
    }

    /// There will be no answer to request `tid`.
    pub(super) fn request_failed(&mut self, tid: Tid, request: Option<Text>, why: &str) {
        self.requests.remove(&tid);
        self.tell_request(tid, Kind::MessageRequestFailure, request, None, why);
    }

    fn tell_request(
        &mut self,
        tid: Tid,
        kind: Kind,
        request: Option<Text>,
        response: Option<Text>,
        detail: &str,
    ) {
        let what = match kind {
            Kind::MessageProceeding => "The request is being worked on.",
            Kind::MessageAnswered => "The request was answered.",
            Kind::MessageRedirected => "The request was redirected.",
            _ => "The request failed.",
        };
        let text = if detail.is_empty() { what.into() } else { format!("{what} {detail}").into() };
        let ids = Ids { tid, ..Ids::default() };
        self.events.push_back(Event::Application(Notice { kind, rid: 0, ids, text, request, response }));
    }

    /// Answers the challenge that an event of request `tid` with `status` told. Errors: `NotFound` when the request is over,
    /// `RetryLimit`, `Undefined` for a redirection and where there are no credentials.
    pub fn default_action_for_request(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
    ) -> Result<Action, Refusal> {
        match status {
            401 | 407 => {}
            300..=399 => return Err(Refusal::Undefined),
            _ => return Ok(Action::Nothing),
        }
        let request = self.requests.get(&tid).ok_or(Refusal::NotFound)?;
        if request.challenged.is_none() {
            return Err(Refusal::WrongState);
        }
        self.answer_challenge(now, tid)
    }

    /// Answers the challenges of requests that automatic action is due for.
    pub(super) fn answer_challenges(&mut self, now: Instant) {
        for tid in std::mem::take(&mut self.challenged) {
            let _ = self.answer_challenge(now, tid);
        }
    }

    fn answer_challenge(&mut self, now: Instant, tid: Tid) -> Result<Action, Refusal> {
        let request = self.requests.get_mut(&tid).ok_or(Refusal::NotFound)?;
        if !request.answerable && !request.proof.can_answer(&request.user, &self.credentials) {
            return Err(Refusal::Undefined);
        }
        let Some(last) = request.challenged.take() else { return Err(Refusal::WrongState) };
        request.answers += 1;
        let mut draft = again(last, &self.settings, &mut self.entropy);
        request.proof.write(&mut draft, &request.user, &self.credentials, &mut self.entropy);
        self.dispatch_request(now, tid, draft).map(|_| Action::Sent)
    }

    /// A challenged request was not answered in its time.
    pub(super) fn forget_request(&mut self, tid: Tid) {
        if self.requests.get(&tid).is_some_and(|request| request.challenged.is_some()) {
            self.requests.remove(&tid);
        }
    }
}
