//! The commands of the application for calls. Each returns at once, and one that is refused has
//! changed nothing.

use super::super::{Action, Agent, Cid, Did, Tid, TransactionId};
use crate::agent::dialog_users::DialogKeys;
use crate::call::invite::InitialInvite;
use crate::call::replaces::{self, Replaces};
use crate::call::within::WithinDialog;
use crate::call::{Call, CallAction, Terminated};
use crate::request::{Party, Refusal, tag_of};
use crate::sip::Draft;
use std::time::Instant;

/// Which session description of a call is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescriptionOf {
    /// Ours in this dialog.
    Local(Did),
    /// The peer's.
    Remote(Did),
    /// Ours before that.
    PreviousLocal(Did),
    /// Ours in this transaction.
    LocalOf(Tid),
    /// The peer's in it.
    RemoteOf(Tid),
}

/// A CSeq that names another method than the request line would have the transaction go wrong.
fn check_method(draft: &Draft) -> Result<&str, Refusal> {
    let method = draft.cseq().map(|cseq| cseq.method).filter(|of| draft.method() == Some(*of));
    method.ok_or(Refusal::Syntax("CSeq: not the method of the request"))
}

impl Agent {
    /// The text of an INVITE that begins a call. Nothing is sent or kept. Errors: `BadParameter`
    /// without anybody to call, `NoNetwork`, `Syntax`.
    pub fn build_initial_invite(&mut self, ask: InitialInvite<'_>) -> Result<Vec<u8>, Refusal> {
        if ask.to.is_empty() {
            return Err(Refusal::BadParameter);
        }
        if self.listening.is_none() {
            // Of the texts, programs know that the first one is looked at before.
            Party::parse(ask.to)?;
            return Err(Refusal::NoNetwork);
        }
        Ok(ask.draft(&self.settings, &mut self.entropy)?.into_octets())
    }

    /// Sends the INVITE `text`: the number of its call. Errors: `NoNetwork`, `BadParameter`
    /// without Call-ID, `Syntax` for a text that is no INVITE with Via, From, To and CSeq.
    pub fn send_initial_invite(
        &mut self,
        now: Instant,
        text: &[u8],
    ) -> Result<(Cid, TransactionId), Refusal> {
        self.check_listening()?;
        let (draft, _) = self.parse_request(text)?;
        if check_method(&draft)? != "INVITE" {
            return Err(Refusal::Syntax("not an INVITE"));
        }
        let tag = tag_of(draft.get("From").unwrap_or(""));
        let keys = DialogKeys::begun_by_us(draft.get("Call-ID").unwrap_or(""), tag);
        let (cid, tid) = (self.next_serial(), self.next_tid());
        let call = Call::inviting(now, tid, &draft);
        self.calls.insert(cid, call, keys, &[], None);
        self.counted.calls_ever += 1;
        self.started_by(|agent| {
            agent.carry_out(now, cid, vec![CallAction::Send(tid, draft)], None);
            Ok(cid)
        })
    }

    /// The text of the ACK for the 2xx to INVITE `id`, or to the newest INVITE of dialog `id`; of
    /// two that are meant the one that is not acknowledged. Errors: `BadParameter` for an id below
    /// 1 and for what is no INVITE of ours, `NotFound` where there is no 2xx.
    pub fn build_ack(&mut self, now: Instant, id: i32) -> Result<Vec<u8>, Refusal> {
        let cid = self.acknowledged_call(id)?;
        let built = self.with_call(now, cid, |call, context| call.build_ack(context));
        let (_, draft) = built.flatten().ok_or(Refusal::NotFound)?;
        Ok(draft.into_octets())
    }

    /// Sends the ACK `text`, or what [`Agent::build_ack`] gives. Errors: as there, and `Syntax`.
    pub fn send_ack(&mut self, now: Instant, id: i32, text: Option<&[u8]>) -> Result<(), Refusal> {
        let cid = self.acknowledged_call(id)?;
        let draft = match text {
            Some(text) => {
                let (draft, _) = self.parse_request(text)?;
                if check_method(&draft)? != "ACK" {
                    return Err(Refusal::Syntax("not an ACK"));
                }
                Some(draft)
            }
            None => None,
        };
        let sent = self.with_call(now, cid, |call, context| {
            let draft = match draft {
                Some(draft) => draft,
                None => call.build_ack(context).ok_or(Refusal::NotFound)?.1,
            };
            call.send_ack(context, draft);
            Ok(())
        });
        sent.unwrap_or(Err(Refusal::NotFound))
    }

    /// The call whose INVITE of ours `id` means: a transaction or a dialog.
    fn acknowledged_call(&self, id: i32) -> Result<Cid, Refusal> {
        if id < 1 {
            return Err(Refusal::BadParameter);
        }
        let state = |cid: &Cid| self.calls.get(*cid).and_then(|entry| entry.call.acknowledgeable());
        let by_tid = self.calls.by_tid(id);
        let of_tid = by_tid.filter(|cid| state(cid).is_some_and(|(tid, _)| tid == id));
        let of_did = self.calls.by_did(id).filter(|cid| state(cid).is_some());
        match (of_tid, of_did) {
            (Some(of_tid), Some(of_did)) if state(&of_tid).is_some_and(|(_, is_done)| is_done) => {
                Ok(of_did)
            }
            (Some(cid), _) | (None, Some(cid)) => Ok(cid),
            (None, None) if by_tid.is_some_and(|cid| !self.is_own_invite(cid, id)) => {
                Err(Refusal::BadParameter)
            }
            (None, None) => Err(Refusal::NotFound),
        }
    }

    fn is_own_invite(&self, cid: Cid, tid: Tid) -> bool {
        self.calls.get(cid).is_some_and(|entry| entry.call.has_own_invite(tid))
    }

    /// The text of a request in dialog `did`. Errors: `BadParameter` for a did below 1, without a
    /// method and for what a NOTIFY cannot say; `NotFound`; `WrongState` while a request of this
    /// method is under way in either direction, `Syntax`.
    pub fn build_dialog_request(
        &mut self,
        now: Instant,
        did: Did,
        ask: WithinDialog<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        if did < 1 || ask.method.is_empty() {
            return Err(Refusal::BadParameter);
        }
        let cid = self.calls.by_did(did).ok_or(Refusal::NotFound)?;
        let built = self.with_call(now, cid, |call, context| {
            call.build_request(context, ask).map(Draft::into_octets)
        });
        built.unwrap_or(Err(Refusal::NotFound))
    }

    /// Sends `text` in dialog `did`. Errors: `BadParameter` for a did below 1, `NotFound`,
    /// `WrongState` as for [`Agent::build_dialog_request`], `Syntax`.
    pub fn send_dialog_request(
        &mut self,
        now: Instant,
        did: Did,
        text: &[u8],
    ) -> Result<TransactionId, Refusal> {
        if did < 1 {
            return Err(Refusal::BadParameter);
        }
        let cid = self.calls.by_did(did).ok_or(Refusal::NotFound)?;
        let draft = self.own_draft(text)?;
        let started = self.started_by(|agent| {
            let sent = agent.with_call(now, cid, |call, context| call.send_request(context, draft));
            sent.ok_or(Refusal::NotFound)?
        });
        started.map(|(_, transaction)| transaction)
    }

    /// A request of the application in a dialog.
    fn own_draft(&self, text: &[u8]) -> Result<Draft, Refusal> {
        self.check_listening()?;
        let (draft, _) = self.parse_request(text)?;
        match check_method(&draft)? {
            "ACK" | "CANCEL" | "REGISTER" => Err(Refusal::Syntax("not a request in a dialog")),
            _ => Ok(draft),
        }
    }

    /// Ends the call of dialog `did`, or call `cid`; what is sent for that has this further header
    /// field. Errors: `BadParameter` where both are below 1, `NotFound`, `WrongState` for a call
    /// that has ended or is cancelled already.
    pub fn terminate_call(
        &mut self,
        now: Instant,
        cid: Cid,
        did: Did,
        header: Option<(&str, &str)>,
    ) -> Result<Terminated, Refusal> {
        let cid = match (did, cid) {
            (1.., _) => {
                let cid = self.calls.by_did(did).ok_or(Refusal::NotFound)?;
                let call = self.calls.get(cid).map(|entry| &entry.call);
                call.filter(|call| !call.has_ended()).ok_or(Refusal::NotFound)?;
                cid
            }
            (_, 1..) => cid,
            _ => return Err(Refusal::BadParameter),
        };
        let ended = self.with_call(now, cid, |call, context| call.terminate(context, header));
        ended.unwrap_or(Err(Refusal::NotFound))
    }

    /// The text of the PRACK for the reliable provisional response `response` to INVITE `tid`, or
    /// for the last. Errors: `BadParameter` for a negative tid and for what is no INVITE of ours,
    /// `NotFound`, `WrongState` behind the final response and where it was sent already,
    /// `NoReliability` for a response without RSeq.
    pub fn build_prack(
        &mut self,
        now: Instant,
        tid: Tid,
        response: Option<&[u8]>,
    ) -> Result<Vec<u8>, Refusal> {
        let cid = self.call_of(tid)?;
        let built = self.with_call(now, cid, |call, context| {
            call.build_prack(context, tid, response).map(Draft::into_octets)
        });
        built.unwrap_or(Err(Refusal::NotFound))
    }

    /// Sends the PRACK `text` for INVITE `tid`. Errors: as for [`Agent::build_prack`], and
    /// `Syntax`.
    pub fn send_prack(
        &mut self,
        now: Instant,
        tid: Tid,
        text: &[u8],
    ) -> Result<TransactionId, Refusal> {
        let cid = self.call_of(tid)?;
        let draft = self.own_draft(text)?;
        let started = self.started_by(|agent| {
            let sent =
                agent.with_call(now, cid, |call, context| call.send_prack(context, tid, draft));
            sent.ok_or(Refusal::NotFound)?
        });
        started.map(|(_, transaction)| transaction)
    }

    fn call_of(&self, tid: Tid) -> Result<Cid, Refusal> {
        if tid < 0 {
            return Err(Refusal::BadParameter);
        }
        self.calls.by_tid(tid).ok_or(Refusal::NotFound)
    }

    /// The application gives `reference` for the call of dialog `id`, or for call `id`. Error:
    /// `NotFound`.
    pub fn set_call_reference(&mut self, id: i32, reference: usize) -> Result<(), Refusal> {
        let cid = self.calls.by_did(id).unwrap_or(id);
        let entry = self.calls.get_mut(cid).ok_or(Refusal::NotFound)?;
        entry.call.set_reference(reference);
        Ok(())
    }

    /// What the application gave for call `cid`; `None`: there is no such call.
    pub fn call_reference(&self, cid: Cid) -> Option<usize> {
        self.calls.get(cid).map(|entry| entry.call.reference())
    }

    /// How many calls there are, those included that have ended and are not released.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// The value of a Refer-To that has another call replace that of dialog `did` (RFC 3891).
    /// Errors: `BadParameter` for a did below 1, `NotFound`.
    pub fn refer_to(&self, did: Did) -> Result<String, Refusal> {
        if did < 1 {
            return Err(Refusal::BadParameter);
        }
        let dialog = self.calls.by_did(did).and_then(|cid| self.calls.get(cid)?.call.dialog());
        dialog.map(replaces::refer_to).ok_or(Refusal::NotFound)
    }

    /// The call that the value of a Replaces names (RFC 3891). Errors: `Syntax`, `NotFound`,
    /// `WrongState` for a confirmed dialog where an early one is asked for, `BadParameter` for an
    /// early one that the peer has begun.
    pub fn find_by_replaces(&self, text: &str) -> Result<Cid, Refusal> {
        let wanted = Replaces::parse(text)?;
        let of_tag = |tag: &str| {
            let cid = self.calls.by_dialog(wanted.call_id(), tag)?;
            let dialog = self.calls.get(cid)?.call.dialog()?;
            wanted.is_of(dialog).then_some((cid, dialog))
        };
        let (cid, dialog) = wanted.tags().into_iter().find_map(of_tag).ok_or(Refusal::NotFound)?;
        wanted.check(dialog).map(|()| cid)
    }

    /// A session description of a call.
    pub fn call_description(&self, of: DescriptionOf) -> Option<Vec<u8>> {
        let cid = match of {
            DescriptionOf::Local(did)
            | DescriptionOf::Remote(did)
            | DescriptionOf::PreviousLocal(did) => self.calls.by_did(did),
            DescriptionOf::LocalOf(tid) | DescriptionOf::RemoteOf(tid) => self.calls.by_tid(tid),
        };
        let described = self.calls.get(cid?)?.call.described();
        let description = match of {
            DescriptionOf::Local(_) => described.local(),
            DescriptionOf::Remote(_) => described.remote(),
            DescriptionOf::PreviousLocal(_) => described.previous_local(),
            DescriptionOf::LocalOf(tid) => described.local_of(tid),
            DescriptionOf::RemoteOf(tid) => described.remote_of(tid),
        };
        description.map(<[u8]>::to_vec)
    }

    /// Does what an event of request `tid` with `status` asks for: answers a challenge, follows a
    /// redirection. Errors: `NotFound` when the request is forgotten, `RetryLimit`, `Undefined` for
    /// the redirection of another request than an INVITE and where there are no credentials,
    /// `Syntax` for a redirection that has no Contact to go to.
    pub fn default_action_for_call(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
    ) -> Result<Action, Refusal> {
        let is_redirected = (300..400).contains(&status);
        if !is_redirected && !matches!(status, 401 | 407) {
            return Ok(Action::Nothing);
        }
        let unknown = if is_redirected { Refusal::Undefined } else { Refusal::NotFound };
        let cid = self.calls.by_tid(tid).ok_or(unknown)?;
        let sent = self.with_call(now, cid, |call, context| call.retry(context, tid));
        let sent = sent.unwrap_or(Err(Refusal::NotFound));
        match sent {
            Err(Refusal::NotFound) if is_redirected => Err(Refusal::Undefined),
            sent => sent.map(|()| Action::Sent),
        }
    }

    /// Sends again what an automatic action is due for.
    pub(in crate::agent) fn retry_calls(&mut self, now: Instant) {
        for cid in std::mem::take(&mut self.calls.retriable) {
            let tid = self.calls.get_mut(cid).and_then(|entry| entry.call.take_automatic_retry());
            if let Some(tid) = tid {
                let _ = self.with_call(now, cid, |call, context| call.retry(context, tid));
            }
        }
    }
}
