//! The application answers requests of the peer.

use super::answer::{answer_status, answer_to};
use super::machine::{EndedBy, PeerRequestState};
use super::negotiated::Sender;
use super::own_invite::NO_ANSWER;
use super::peer_invite::without_contact;
use super::{Call, CallAction, CallContext};
use crate::request::Refusal;
use crate::sip::{Draft, Message, Text, reason_phrase};
use crate::transaction::Tid;

/// Answers of the application.
impl Call {
    /// An answer of this status to request `tid`. Errors: `BadParameter` for a status outside
    /// 101–699, `NotFound`, `WrongState` for an INVITE that is answered.
    pub fn build_answer(
        &self,
        context: &CallContext<'_>,
        tid: Tid,
        status: i32,
    ) -> Result<Draft, Refusal> {
        let status = answer_status(status)?;
        let live = self.any_dialog().ok_or(Refusal::NotFound)?;
        if let Some(invite) = self.peer_invite.as_ref().filter(|invite| invite.tid == tid) {
            if !invite.is_unanswered() {
                return Err(Refusal::WrongState);
            }
            return invite.answer(context, status, &live.dialog).ok_or(Refusal::WrongState);
        }
        let request = self.peer_requests.iter().find(|request| request.tid == tid);
        let request = request.ok_or(Refusal::NotFound)?;
        match &request.state {
            PeerRequestState::Unanswered { request: text, .. } => {
                let (from, settings) = (request.requester.address, context.settings);
                let build = |message: &Message<'_>| {
                    answer_to(message, from, status, &live.dialog, settings)
                };
                let draft = Call::read(text, build).ok_or(Refusal::WrongState)?;
                Ok(if &*request.method == "BYE" { without_contact(draft) } else { draft })
            }
            // A program may build one more answer that will not be sent.
            PeerRequestState::Answered(answer) => {
                let mut draft = Draft::parse(answer).map_err(|_| Refusal::WrongState)?;
                draft.set_start(&format!("SIP/2.0 {status} {}", reason_phrase(status)));
                draft.body.clear();
                Ok(draft)
            }
        }
    }

    /// The answer to request `tid` that is sent where the application has none of its own. Errors:
    /// as for [`Call::send_answer`], and `BadParameter` for an INVITE that would be accepted.
    pub fn default_answer(
        &self,
        context: &CallContext<'_>,
        tid: Tid,
        status: i32,
    ) -> Result<Draft, Refusal> {
        let is_invite = self.check_answerable(tid)?;
        if is_invite && (200..300).contains(&status) {
            return Err(Refusal::BadParameter);
        }
        self.build_answer(context, tid, status)
    }

    /// Whether request `tid`, which has no final response, is an INVITE. Errors: `NotFound`,
    /// `WrongState`.
    pub fn check_answerable(&self, tid: Tid) -> Result<bool, Refusal> {
        if let Some(invite) = self.peer_invite.as_ref().filter(|invite| invite.tid == tid) {
            return if invite.is_unanswered() { Ok(true) } else { Err(Refusal::WrongState) };
        }
        let request = self.peer_requests.iter().find(|request| request.tid == tid);
        let request = request.ok_or(Refusal::NotFound)?;
        request.unanswered().map(|_| false).ok_or(Refusal::WrongState)
    }

    /// Answers request `tid` by `draft`, a response of this status. Errors: `NotFound`,
    /// `WrongState` when it is answered.
    pub fn send_answer(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        status: u16,
        draft: Draft,
    ) -> Result<(), Refusal> {
        if self.check_answerable(tid)? {
            self.answer_peer_invite(context, tid, status, draft);
            return Ok(());
        }
        let at = self.peer_requests.iter().position(|request| request.tid == tid);
        let at = at.ok_or(Refusal::NotFound)?;
        let mut draft = draft;
        if status >= 200 {
            let update = self.peer_requests.get(at).filter(|one| &*one.method == "UPDATE");
            let update = update.and_then(|one| one.unanswered().cloned());
            if let Some(update) = update.filter(|_| status < 300) {
                self.offer_session(context.now, Some(&update), &mut draft);
            }
            self.record_answer(context, at, &draft, status);
        } else if let Some(request) = self.peer_requests.get_mut(at) {
            request.extend(context.now + NO_ANSWER);
        }
        context.actions.push(CallAction::Respond { tid, status, draft, limit: None });
        Ok(())
    }

    fn answer_peer_invite(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        status: u16,
        draft: Draft,
    ) {
        match status {
            // eXosip2 never sends a 101, and programs do not miss it.
            ..=101 => {}
            102..=199 => {
                let text = Text::new(draft.to_bytes());
                if !draft.body.is_empty() {
                    self.describe(tid, Sender::Us, &text);
                }
                if let Some(invite) = &mut self.peer_invite {
                    invite.set_response(text);
                }
                context.actions.push(CallAction::Respond { tid, status, draft, limit: None });
            }
            200..=299 => {
                let mut draft = draft;
                let request = self.peer_invite.as_ref().and_then(|one| one.request.clone());
                self.offer_session(context.now, request.as_deref().map(Vec::as_slice), &mut draft);
                let answer = draft.to_bytes().into();
                context.actions.push(CallAction::Respond { tid, status, draft, limit: None });
                self.accept(context, answer);
            }
            _ => {
                let is_initial = self.peer_invite.as_ref().is_some_and(|one| one.is_initial);
                self.send_refusal(context, status, draft, None);
                if is_initial && !self.has_ended() {
                    self.end(EndedBy::Refusal);
                }
            }
        }
    }
}
