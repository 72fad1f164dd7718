//! Requests from outside that belong to calls or begin them.

use super::super::incoming::ReceivedRequest;
use super::super::{Agent, Cid, Flow, Tid};
use crate::agent::dialog_users::{Decided, DialogKeys};
use crate::call::{Call, Placement};
use crate::messaging::Reception;
use crate::request::tag_of;
use crate::sip::Message;
use crate::transaction::Requester;
use crate::transport::{Opening, Target};
use std::time::Instant;

/// What became of a request that may be a call's.
pub(in crate::agent) enum Placed {
    /// It was, or is not answered.
    Taken,
    /// It is refused outside of the call; its sender may be known to have our tag.
    Refused(Reception, Requester),
    /// It was not.
    Elsewhere,
    /// There is no room for it.
    Full,
}

/// Call-ID, the tag of To and that of From.
fn dialog_ids<'a>(message: &Message<'a>) -> (&'a str, &'a str, &'a str) {
    let tag = |name| message.header(name).map_or("", tag_of);
    (message.call_id().unwrap_or(""), tag("To"), tag("From"))
}

/// Who knows our tag has received what we have sent.
fn proven(received: &ReceivedRequest<'_>) -> Requester {
    Requester { is_connected: true, ..received.requester }
}

impl Agent {
    /// Gives a request to the call that it belongs to, or begins one. `key`: that of its
    /// transaction.
    pub(in crate::agent) fn place(
        &mut self,
        now: Instant,
        received: &ReceivedRequest<'_>,
        key: &str,
    ) -> Placed {
        let request = received.message;
        let (call_id, to, from) = dialog_ids(request);
        let is_invite = request.method() == Some("INVITE");
        if to.is_empty() {
            if !is_invite {
                return Placed::Elsewhere;
            }
            let merged = self.calls.by_received(call_id, from);
            let merged = merged.and_then(|cid| self.calls.get(cid));
            let number = request.cseq().map_or(0, |cseq| cseq.number);
            if merged.is_some_and(|entry| entry.call.is_begun_by(number)) {
                return Placed::Refused(Reception::answered(false, 482), received.requester);
            }
            return self.begin_call(now, received, key);
        }
        let Some(cid) = self.calls.by_dialog(call_id, to) else { return Placed::Elsewhere };
        let length = received.bytes.len();
        if !self.transactions.have_room_for_proven(proven(received), length) {
            return Placed::Full;
        }
        let Some(entry) = self.calls.get_mut(cid) else { return Placed::Elsewhere };
        match entry.call.place(now, request) {
            Placement::Elsewhere => Placed::Elsewhere,
            Placement::Dropped => Placed::Taken,
            Placement::Refused { status, reason, retry_after } => {
                let is_reported = !is_invite;
                let status = Some(status);
                let reception = Reception { is_reported, status, reason, retry_after };
                Placed::Refused(reception, proven(received))
            }
            Placement::Taken => {
                self.on_call_request(now, cid, received, key);
                Placed::Taken
            }
        }
    }

    /// A request of the peer in the dialog of call `cid`.
    fn on_call_request(
        &mut self,
        now: Instant,
        cid: Cid,
        received: &ReceivedRequest<'_>,
        key: &str,
    ) {
        let requester = proven(received);
        let tid = self.serve_of_call(now, received, key, (requester, true));
        self.calls.insert_tid(tid, cid);
        let text = self.buffers.copy(received.bytes);
        self.with_call_over(now, cid, Some(received.flow), |call, context| {
            call.on_request(context, tid, received.message, text, requester);
        });
    }

    /// An INVITE outside of a dialog begins a call.
    fn begin_call(&mut self, now: Instant, received: &ReceivedRequest<'_>, key: &str) -> Placed {
        let (request, requester) = (received.message, received.requester);
        let length = received.bytes.len();
        let has_room = self.transactions.have_room(requester, length)
            && self.calls.have_room(requester, length);
        if !has_room {
            return Placed::Full;
        }
        let text = self.buffers.copy(received.bytes);
        let cid = self.next_serial();
        let tid = self.next_tid();
        let Decided { result: Some(call), actions, dids } =
            self.with_context(now, |context| Call::invited(context, tid, request, text, requester))
        else {
            return Placed::Elsewhere;
        };
        let Some(dialog) = call.dialog() else { return Placed::Elsewhere };
        let (our_tag, their_tag) = (dialog.local_tag(), dialog.remote_tag());
        let keys = DialogKeys::begun_by_peer(dialog.call_id(), our_tag, their_tag);
        self.serve(now, tid, received, key, (requester, false));
        self.transactions.respond_with_progress(tid);
        self.learn_local(received.reply_over.id);
        self.calls.insert(cid, call, keys, &dids, Some(received.flow));
        self.counted.calls_ever += 1;
        self.calls.take_place(cid, requester, length);
        self.calls.insert_tid(tid, cid);
        self.carry_out(now, cid, actions, None);
        Placed::Taken
    }

    /// A server transaction for a request of a call; its number.
    fn serve_of_call(
        &mut self,
        now: Instant,
        received: &ReceivedRequest<'_>,
        key: &str,
        (requester, is_proven): (Requester, bool),
    ) -> Tid {
        let tid = self.next_tid();
        self.serve(now, tid, received, key, (requester, is_proven));
        tid
    }

    fn serve(
        &mut self,
        now: Instant,
        tid: Tid,
        received: &ReceivedRequest<'_>,
        key: &str,
        (requester, is_proven): (Requester, bool),
    ) {
        let (is_invite, length) =
            (received.message.method() == Some("INVITE"), received.bytes.len());
        let flow = received.reply_over;
        match flow.transport.is_reliable() {
            true => {
                self.flows.acquire(flow.id);
            }
            // Our Contact has the address that leads there, which nobody may have asked for yet.
            false => {
                let target = Target::new(flow.transport, flow.remote);
                if let Opening::Ask(_, question) = self.flows.open(now, &target) {
                    self.transmits.push_back(question);
                }
            }
        }
        let (key, from) = (key.to_owned(), (requester, length));
        self.transactions.serve(tid, key, is_invite, flow, from, is_proven);
    }

    /// An ACK came over `flow` that is none to a response that refused an INVITE.
    pub(in crate::agent) fn on_ack(
        &mut self,
        now: Instant,
        flow: Flow,
        ack: &Message<'_>,
        bytes: &[u8],
    ) {
        let (call_id, to, _) = dialog_ids(ack);
        let Some(cid) = self.calls.by_dialog(call_id, to) else { return };
        let placed = self.calls.get_mut(cid).map(|entry| entry.call.place(now, ack));
        if placed != Some(Placement::Taken) {
            return;
        }
        let text = self.buffers.copy(bytes);
        self.with_call_over(now, cid, Some(flow), |call, context| call.on_ack(context, ack, text));
    }

    /// The unanswered INVITE `invite` is cancelled.
    pub(in crate::agent) fn on_call_cancelled(
        &mut self,
        now: Instant,
        invite: Tid,
        cancel: &ReceivedRequest<'_>,
    ) {
        let cid = self.calls.by_tid(invite).filter(|cid| {
            self.calls.get(*cid).is_some_and(|entry| entry.call.can_be_cancelled(invite))
        });
        let Some(cid) = cid else { return self.reply_stateless(cancel, 481) };
        let key = crate::transaction::server_key(cancel.message, "CANCEL");
        let has_room = self.transactions.have_room(cancel.requester, cancel.bytes.len());
        let tid = match key.filter(|_| has_room) {
            Some(key) => self.serve_of_call(now, cancel, &key, (cancel.requester, false)),
            None => {
                self.reply_stateless(cancel, 200);
                self.next_tid()
            }
        };
        self.transactions.respond_for_cancel(invite, tid);
        self.calls.insert_tid(tid, cid);
        let (from, text) = (cancel.requester, self.buffers.copy(cancel.bytes));
        self.with_call(now, cid, |call, context| {
            call.on_cancel(context, (invite, tid), (cancel.message, text), from);
        });
        if self.transactions.server_flow(tid).is_none() {
            self.on_call_server_ended(tid);
        }
    }

    /// Server transaction `tid` is gone.
    pub(in crate::agent) fn on_call_server_ended(&mut self, tid: Tid) {
        let Some(cid) = self.calls.by_tid(tid) else { return };
        let entry = self.calls.get_mut(cid);
        if entry.is_some_and(|entry| entry.call.on_server_ended(tid)) {
            self.calls.remove_tid(tid);
        }
    }
}
