//! Answers to SUBSCRIBEs and REFERs of the peer.

use super::super::{Agent, Tid};
use crate::request::Refusal;
use crate::sip::{Draft, Message};
use std::time::Instant;

impl Agent {
    /// Whether request `tid` of the peer is known. Errors: `BadParameter` below 1, `NotFound`.
    pub fn check_request(&self, tid: Tid) -> Result<(), Refusal> {
        if tid < 1 {
            return Err(Refusal::BadParameter);
        }
        let is_known = self.incoming.contains(tid) || self.subscriptions.by_tid(tid).is_some();
        is_known.then_some(()).ok_or(Refusal::NotFound)
    }

    /// The answer of `status` to request `tid` of subscription `nid`. Errors: `BadParameter` for a
    /// status outside 101–699, `NotFound`.
    pub(in crate::agent) fn build_subscription_answer(
        &self,
        now: Instant,
        (nid, tid): (i32, Tid),
        status: u16,
    ) -> Result<Draft, Refusal> {
        if !(101..=699).contains(&status) {
            return Err(Refusal::BadParameter);
        }
        let notifier = self.subscriptions.notifier(nid).ok_or(Refusal::NotFound)?;
        notifier.build_answer(now, tid, status, &self.settings)
    }

    /// Answers request `tid` of subscription `nid` with `text`, or with the answer of `status`.
    /// Errors: `BadParameter` for a status outside 101–699, `NotFound`, `WrongState` when it is
    /// answered, `Syntax` for a text that is no response.
    pub(in crate::agent) fn send_subscription_answer(
        &mut self,
        now: Instant,
        (nid, tid): (i32, Tid),
        status: u16,
        text: Option<&[u8]>,
    ) -> Result<(), Refusal> {
        if !(101..=699).contains(&status) {
            return Err(Refusal::BadParameter);
        }
        let draft = match text {
            Some(text) => Draft::parse(text)?,
            None => self.build_subscription_answer(now, (nid, tid), status)?,
        };
        let notifier = self.subscriptions.notifier(nid).ok_or(Refusal::NotFound)?;
        let draft = self.with_contact(tid, notifier.prepare_answer(tid, draft)?);
        let bytes = draft.to_bytes();
        let status = Message::parse(&bytes)?.status().ok_or(Refusal::Syntax("not an answer"))?;
        self.transactions.respond_freely(tid);
        self.note_subscription_answer(now, tid, status, draft.get("Expires"));
        self.respond(now, tid, status, Some(&bytes.into()));
        Ok(())
    }

    /// Request `tid` gets an answer with this status and Expires: if it belongs to a subscription,
    /// that goes on or is refused.
    pub(in crate::agent) fn note_subscription_answer(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
        expires: Option<&str>,
    ) {
        if let Some(nid) = self.subscriptions.by_tid(tid) {
            self.with_notifier(now, nid, |notifier, _| {
                notifier.on_answered(now, tid, status, expires);
            });
        }
    }

    /// The transaction of request `tid` is gone.
    pub(in crate::agent) fn forget_subscription_request(&mut self, now: Instant, tid: Tid) {
        if let Some(nid) = self.subscriptions.remove_tid(tid) {
            self.with_notifier(now, nid, |notifier, _| notifier.forget_request(tid));
        }
    }
}
