//! The application answers requests of calls.

use super::super::{Agent, Cid, Tid};
use crate::call::answer::answer_status;
use crate::request::Refusal;
use crate::sip::Draft;
use std::time::Instant;

impl Agent {
    /// The text of an answer to request `tid` of a call. Errors: `BadParameter` for a negative tid
    /// or a status outside 101–699; `NotFound`; `WrongState` for an INVITE that is answered.
    pub fn build_call_answer(
        &mut self,
        now: Instant,
        tid: Tid,
        status: i32,
    ) -> Result<Vec<u8>, Refusal> {
        let cid = self.answerable(tid, status)?;
        let built = self.with_call(now, cid, |call, context| {
            call.build_answer(context, tid, status).map(Draft::into_octets)
        });
        built.unwrap_or(Err(Refusal::NotFound))
    }

    /// Answers request `tid` of a call by `text`, or with the plain response of `status`. What the
    /// text says counts. Errors: `BadParameter` for a negative tid, a status outside 101–699, or an
    /// INVITE that is to be accepted without a text; `NotFound`; `WrongState` when it is answered;
    /// `Syntax` for a text that is no response.
    pub fn send_call_answer(
        &mut self,
        now: Instant,
        tid: Tid,
        status: i32,
        text: Option<&[u8]>,
    ) -> Result<(), Refusal> {
        let cid = self.answerable(tid, status)?;
        let entry = self.calls.get(cid).ok_or(Refusal::NotFound)?;
        let is_invite = entry.call.check_answerable(tid)?;
        let draft = match text {
            Some(text) => Draft::parse(text)?,
            None => {
                let built = self
                    .with_call(now, cid, |call, context| call.default_answer(context, tid, status));
                built.unwrap_or(Err(Refusal::NotFound))?
            }
        };
        let draft = self.with_contact(tid, draft);
        let status = draft.status().ok_or(Refusal::Syntax("not an answer"))?;
        // What the application says by its own will is sent, however little the caller is known;
        // and a call that it takes is one of a caller that it knows.
        match is_invite {
            true if status < 300 => self.transactions.respond_freely(tid),
            true => self.transactions.respond_once_more(tid),
            false => {}
        }
        let sent =
            self.with_call(now, cid, |call, context| call.send_answer(context, tid, status, draft));
        sent.unwrap_or(Err(Refusal::NotFound))
    }

    /// The call of request `tid`. Errors: `BadParameter`, `NotFound`.
    fn answerable(&self, tid: Tid, status: i32) -> Result<Cid, Refusal> {
        answer_status(status)?;
        if tid < 0 {
            return Err(Refusal::BadParameter);
        }
        self.calls.by_tid(tid).ok_or(Refusal::NotFound)
    }
}
