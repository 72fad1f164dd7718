//! Requests outside of dialogs and registrations: MESSAGE, OPTIONS and any other method but
//! REGISTER.

use super::parts::Parts;
use super::{
    Action, Agent, ApplicationEvent, Event, EventIds, EventKind, Text, Tid, TransactionId,
    following_tid,
};
use crate::request::{OutOfDialog, Refusal};
use crate::sip::Message;
use crate::transaction::{NoResponse, TransactionUser};
use crate::transport::Destination;
use std::time::Instant;

impl Agent {
    /// The text of a request outside of a dialog. Nothing is sent or kept. Errors: `NoNetwork`,
    /// `BadParameter` without method, target or From, `Syntax`.
    pub fn build_request(&mut self, ask: OutOfDialog<'_>) -> Result<Vec<u8>, Refusal> {
        if ask.method.is_empty() || ask.to.is_empty() || ask.from.is_empty() {
            return Err(Refusal::BadParameter);
        }
        self.check_listening()?;
        Ok(ask.draft(&self.settings, &mut self.entropy)?.into_octets())
    }

    /// Sends `text`; events of its responses have the number returned. Errors: `NoNetwork`,
    /// `BadParameter` without Call-ID, `Syntax` for a text that is no request with Via, From, To
    /// and CSeq, or a REGISTER or INVITE, which are sent by other calls.
    pub fn send_request(
        &mut self,
        now: Instant,
        text: &[u8],
    ) -> Result<(Tid, TransactionId), Refusal> {
        self.check_listening()?;
        let (mut draft, parts) = self.parse_request(text)?;
        if matches!(draft.method(), Some("REGISTER" | "INVITE" | "ACK" | "CANCEL")) {
            return Err(Refusal::Syntax("not a request outside of a dialog"));
        }
        let tid = self.next_tid();
        let (credentials, entropy) = (&self.credentials, &mut self.entropy);
        let Destination { host, port, .. } = &parts.destination;
        let server = format!("{host}:{}", port.unwrap_or_default());
        self.requests.insert(tid, (&mut draft, &server), credentials, entropy);
        Ok((tid, self.start(now, TransactionUser::Messaging(tid), draft, parts)))
    }

    /// A provisional response to request `tid` came: there is an event where that is an OPTIONS.
    pub(super) fn request_progress(&mut self, tid: Tid, request: Option<Text>, bytes: &[u8]) {
        if request.as_deref().is_some_and(|request| request.starts_with(b"OPTIONS ")) {
            let response = self.buffers.copy(bytes);
            self.push_request_event(tid, EventKind::MessageProceeding, request, Some(response), "");
        }
    }

    /// The final response to request `tid` came.
    pub(super) fn request_answered(
        &mut self,
        now: Instant,
        tid: Tid,
        message: &Message<'_>,
        sent: Text,
        bytes: &[u8],
    ) {
        let code = message.status().unwrap_or(0);
        let kind = answer_kind(code);
        let detail = if matches!(code, 401 | 407) {
            let both = (message, &sent[..]);
            self.requests.on_challenge(now, tid, both, &self.credentials, &mut self.timers)
        } else {
            self.requests.on_final(tid, message);
            String::new()
        };
        let response = self.buffers.copy(bytes);
        self.push_request_event(tid, kind, Some(sent), Some(response), &detail);
    }

    /// There will be no response to request `tid`.
    pub(super) fn request_failed(&mut self, tid: Tid, request: Option<Text>, why: &NoResponse) {
        self.requests.remove(tid);
        self.push_failed_request(tid, request, why);
    }

    /// The event of request `tid`, which gets no response.
    pub(super) fn push_failed_request(
        &mut self,
        tid: Tid,
        request: Option<Text>,
        why: &NoResponse,
    ) {
        let kind = EventKind::MessageRequestFailure;
        self.push_request_event(tid, kind, request, None, &format!("{why}."));
    }

    /// An event of request `tid`, and what there is to say besides its kind.
    pub(super) fn push_request_event(
        &mut self,
        tid: Tid,
        kind: EventKind,
        request: Option<Text>,
        response: Option<Text>,
        detail: &str,
    ) {
        let text = detail.to_owned().into();
        let ids = EventIds { tid, ..EventIds::default() };
        let event =
            ApplicationEvent { ids, text, request, response, ..ApplicationEvent::new(kind) };
        self.events.push_back(Event::Application(event));
    }

    /// Answers the challenge that an event of request `tid` with `status` reported, unless that was
    /// done. Errors: `NotFound` when the request is over, `RetryLimit`, `Undefined` for a
    /// redirection and where there are no credentials.
    pub fn default_action_for_request(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
    ) -> Result<Action, Refusal> {
        match status {
            401 | 407 => {
                let answered = self.answer_publish(now, tid);
                match answered.unwrap_or_else(|| self.answer_challenge(now, tid)) {
                    // An automatic action was faster: the request is sent once, and was.
                    Err(Refusal::WrongState) => Ok(Action::Sent),
                    answered => answered,
                }
            }
            300..=399 => Err(Refusal::Undefined),
            _ => Ok(Action::Nothing),
        }
    }

    /// Answers the challenges of requests that an automatic action is due for.
    pub(super) fn answer_challenges(&mut self, now: Instant) {
        for tid in self.requests.take_challenged() {
            let _ = self.answer_challenge(now, tid);
        }
    }

    /// Answers the challenge to request `tid` by a request with a number of its own.
    fn answer_challenge(&mut self, now: Instant, tid: Tid) -> Result<Action, Refusal> {
        let (settings, credentials) = (&self.settings, &self.credentials);
        let (last_tid, entropy) = (&mut self.last_tid, &mut self.entropy);
        let numbers = (tid, || following_tid(last_tid));
        let (tid, draft) = self.requests.answer(numbers, settings, credentials, entropy)?;
        let parts = Parts::read(&draft, Some(self.listening_transport()))?;
        self.start(now, TransactionUser::Messaging(tid), draft, parts);
        Ok(Action::Sent)
    }
}

/// The kind of the event of a final response to a request outside of dialogs and registrations.
pub(super) fn answer_kind(status: u16) -> EventKind {
    match status {
        200..=299 => EventKind::MessageAnswered,
        300..=399 => EventKind::MessageRedirected,
        400..=499 => EventKind::MessageRequestFailure,
        500..=599 => EventKind::MessageServerFailure,
        _ => EventKind::MessageGlobalFailure,
    }
}
