//! What is kept of an INVITE of ours at a target that has given its final response, or that the
//! INVITE has moved on from.

use super::client::{ClientTimer, ResponseKind};
use super::client_transaction::{ClientEntry, ClientMachine, ClientTransaction};
use super::invite_requests::{ack_to, cancel_of};
use super::{
    Branch, ClientState, InviteClient, Received, TimerQueue, TransactionUser, Transactions,
};
use crate::sip::{CSeq, Draft, Message, Text};
use crate::transport::FlowId;
use std::ops::Range;
use std::time::Instant;

/// An INVITE of ours that awaits nothing at its target any more.
#[derive(Debug)]
pub(super) struct PastInvite {
    user: TransactionUser,
    machine: InviteClient,
    cseq: u32,
    pub(super) branch: Branch,
    /// The flow that it was sent over, and its ACK is.
    flow: FlowId,
    /// Its ACK, sent again for each copy of a response that refuses it; else the INVITE.
    text: Text,
    /// Where the Call-ID stands in it.
    call_id: Range<usize>,
    /// Its Route, until the ACK is made.
    route: Option<Box<str>>,
}

impl PastInvite {
    /// The INVITE of `transaction` at its present target, if it is one that was sent.
    pub(super) fn of(transaction: &ClientTransaction) -> Option<PastInvite> {
        let ClientMachine::Invite(invite) = &transaction.machine else { return None };
        let (text, call_id) = transaction.sent.clone()?;
        Some(PastInvite {
            user: transaction.user,
            machine: invite.client.clone(),
            cseq: transaction.cseq,
            branch: transaction.branch.clone()?,
            flow: transaction.flow?.id,
            text,
            call_id,
            route: invite.route.clone(),
        })
    }

    /// What is kept of `transaction`, whose machine has taken its final response, `response`; with
    /// the ACK to be sent, if it is one that refuses it.
    pub(super) fn answered(
        transaction: &ClientTransaction,
        response: &Message<'_>,
    ) -> Option<(PastInvite, Option<Text>)> {
        let mut past = PastInvite::of(transaction)?;
        let is_refused = past.machine.state() == ClientState::Completed;
        let ack = if is_refused { Some(past.acknowledge(response)?) } else { None };
        Some((past, ack))
    }

    /// Whether `response`, which has this CSeq, is one to the INVITE as sent.
    pub(super) fn is_answered_by(&self, response: &Message<'_>, cseq: CSeq<'_>) -> bool {
        let call_id = self.text.get(self.call_id.clone());
        cseq.number == self.cseq
            && cseq.method == "INVITE"
            && call_id.is_some()
            && call_id == response.call_id().map(str::as_bytes)
    }

    /// Takes one more response. Where the INVITE has moved on a provisional one is a call that
    /// nobody waits for: it is cancelled.
    pub(super) fn on_response(&mut self, now: Instant, response: &Message<'_>) -> Received {
        let status = response.status().unwrap_or(0);
        let kind = self.machine.handle_response(now, status);
        let text = match (kind, self.machine.state()) {
            (ResponseKind::Final | ResponseKind::Repeated, ClientState::Accepted) => {
                return Received::AnsweredAgain(self.user, self.text.clone());
            }
            (ResponseKind::Repeated, _) => Some(self.text.clone()),
            (ResponseKind::Final, _) => self.acknowledge(response),
            (ResponseKind::Provisional, _) => {
                self.machine.cancel(now);
                cancel_of(&self.text, None, None).map(|cancel| cancel.to_bytes().into())
            }
            (ResponseKind::Absorbed, _) => None,
        };
        text.map_or(Received::Absorbed, |text| Received::Reply(self.flow, text))
    }

    /// Makes the ACK to `response`, which is all that is kept from here on.
    fn acknowledge(&mut self, response: &Message<'_>) -> Option<Text> {
        let ack: Draft = ack_to(&self.text, self.route.take().as_deref(), response)?;
        (self.text, self.call_id) = (ack.to_bytes().into(), ack.place_of("Call-ID")?);
        Some(self.text.clone())
    }

    /// The timer by which it is forgotten, if that is later than `now`.
    pub(super) fn end_behind(&self, now: Instant) -> Option<(Instant, ClientTimer)> {
        self.machine.poll_timeout().filter(|(end, _)| *end > now)
    }
}

impl Transactions {
    /// An INVITE has moved on from a target that it was sent to: what comes from there is none of
    /// its responses any more. It may be late, and then is acknowledged or cancelled.
    pub(super) fn leave_behind(
        &mut self,
        now: Instant,
        mut past: PastInvite,
        timers: &mut TimerQueue,
    ) {
        past.machine.stop_repeating();
        let Some((end, timer)) = past.end_behind(now) else { return };
        let branch = past.branch.clone();
        let id = self.insert(ClientEntry::Past(Box::new(past)));
        self.branches.insert(branch, id);
        timers.set(end, timer.of(id));
    }
}
