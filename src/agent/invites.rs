//! What INVITEs of ours have beside other requests: CANCEL and ACK.

use super::{Agent, Cid, Event, FlowId, LogLevel, Text, Tid, TransactionId};
use crate::transaction::{NoResponse, TransactionUser};
use std::time::Instant;

impl Agent {
    /// Cancels request `invite` of a call, with one more header field. The events of the CANCEL
    /// have the number `tid`. `None` where there is nothing to cancel, see
    /// [`crate::transaction::Transactions::cancel`].
    pub(super) fn cancel(
        &mut self,
        now: Instant,
        invite: TransactionId,
        tid: Tid,
        header: Option<(&str, &str)>,
    ) -> Option<TransactionId> {
        let TransactionUser::Call(cid, _) = self.transactions.user(invite)? else { return None };
        self.note_now(now);
        let (user, extra) = (TransactionUser::Call(cid, tid), (&*self.settings.user_agent, header));
        let id = self.transactions.cancel(now, invite, user, extra, &mut self.timers)?;
        self.counted.transactions_ever += 1;
        if !self.send_to_next_target(now, id) {
            self.give_up(now, id, NoResponse::NoAddress);
        }
        Some(id)
    }

    /// The ACK of a 2xx, which is transaction `id`, has left over `flow`: no response comes to it.
    pub(super) fn on_ack_left(&mut self, now: Instant, id: TransactionId, flow: FlowId) {
        let Some(ack) = self.abandon(now, id) else { return };
        self.events.push_back(Event::Released(id));
        if let (TransactionUser::Call(cid, tid), Some(bytes)) = (ack.user, ack.request) {
            self.call_ack_left((cid, tid), flow, bytes);
        }
    }

    /// Sends what belongs to an INVITE over `flow`, as that was sent; where it is gone, over the
    /// one that the response has `arrived` by.
    pub(super) fn reply_over(&mut self, flow: FlowId, arrived: FlowId, text: Text) {
        let is_open = self.flows.get(flow).is_some();
        self.transmit(if is_open { flow } else { arrived }, text);
    }

    /// There will be no response to a request of a call; an ACK, which awaits none, did not leave.
    pub(super) fn on_call_request_failed(
        &mut self,
        now: Instant,
        (cid, tid): (Cid, Tid),
        request: Option<Text>,
        why: &NoResponse,
    ) {
        if request.as_ref().is_some_and(|request| request.starts_with(b"ACK ")) {
            return self.log(LogLevel::Warning, format!("an ACK was not sent: {why}"));
        }
        self.call_failed(now, (cid, tid), request, why);
    }
}

#[cfg(test)]
mod tests;
