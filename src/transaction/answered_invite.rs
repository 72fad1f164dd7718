//! What is kept of an INVITE of ours that has its final response.

use super::client::ResponseKind;
use super::client_transaction::{ClientEntry, ClientMachine};
use super::{
    Branch, InviteClient, Received, Timer, TimerQueue, TransactionId, TransactionUser, Transactions,
};
use crate::sip::{CSeq, Message, Text};
use crate::transport::FlowId;
use std::ops::Range;
use std::time::Instant;

/// An INVITE of ours in the states Completed and Accepted.
#[derive(Debug)]
pub(super) struct AnsweredInvite {
    pub(super) user: TransactionUser,
    pub(super) machine: InviteClient,
    pub(super) cseq: u32,
    pub(super) branch: Branch,
    /// The flow that it was sent over, and its ACK is.
    pub(super) flow: FlowId,
    /// Its ACK, sent again for each copy of the response; the INVITE itself where that is a 2xx.
    pub(super) text: Text,
    /// Where the Call-ID stands in it.
    pub(super) call_id: Range<usize>,
}

impl AnsweredInvite {
    /// Whether `response`, which has this CSeq, is one to the INVITE as sent.
    pub(super) fn is_answered_by(&self, response: &Message<'_>, cseq: CSeq<'_>) -> bool {
        let call_id = self.text.get(self.call_id.clone());
        cseq.number == self.cseq
            && cseq.method == "INVITE"
            && call_id.is_some()
            && call_id == response.call_id().map(str::as_bytes)
    }

    /// Takes one more response with this status code.
    pub(super) fn on_response(&mut self, now: Instant, status: u16) -> Received {
        match self.machine.handle_response(now, status) {
            ResponseKind::Repeated if status < 300 => {
                Received::AnsweredAgain(self.user, self.text.clone())
            }
            ResponseKind::Repeated => Received::Acknowledge(self.flow, self.text.clone()),
            _ => Received::Absorbed,
        }
    }
}

impl Transactions {
    /// INVITE `id` goes on to its next target, because this one has refused it by `response`: the
    /// ACK to that, and the flow that it goes over. Copies of the response are acknowledged apart
    /// from what becomes of the INVITE.
    pub fn acknowledge_refusal(
        &mut self,
        now: Instant,
        id: TransactionId,
        response: &Message<'_>,
        timers: &mut TimerQueue,
    ) -> Option<(FlowId, Text)> {
        let transaction = self.pending_mut(id)?;
        let ClientMachine::Invite(invite) = &transaction.machine else { return None };
        let mut machine = invite.client.clone();
        machine.handle_response(now, response.status()?);
        let (end, _) = machine.poll_timeout()?;
        let refused = transaction.answered(machine, response)?;
        let refused = AnsweredInvite { user: TransactionUser::None, ..refused };
        // It has another branch at the next target.
        transaction.branch = None;
        let (flow, ack, branch) = (refused.flow, refused.text.clone(), refused.branch.clone());
        let refused_id = self.insert(ClientEntry::Answered(Box::new(refused)));
        self.branches.insert(branch, refused_id);
        timers.set(end, Timer::ClientD(refused_id));
        Some((flow, ack))
    }
}
