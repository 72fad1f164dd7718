//! Calls: where each is found, and what they decide is carried out.

mod answers;
mod commands;
mod incoming;
mod responses;
mod table;

pub use commands::DescriptionOf;
pub(super) use incoming::Placed;
pub(super) use table::CallTable;

use super::{Agent, ApplicationEvent, Cid, Event, EventIds, EventKind, Text, Tid};
use crate::agent::parts::Parts;
use crate::call::{Call, CallAction, CallContext, CallEvent, CallEventKind};
use crate::request::response::within;
use crate::request::{Refusal, complete_answer, tag_of};
use crate::sip::Draft;
use crate::transaction::TransactionUser;
use crate::transport::{Destination, Flow, FlowId};
use std::time::Instant;

impl Agent {
    /// Calls `f` with call `cid`, and carries out what it decides. `None`: there is no such call.
    fn with_call<R>(
        &mut self,
        now: Instant,
        cid: Cid,
        f: impl FnOnce(&mut Call, &mut CallContext<'_>) -> R,
    ) -> Option<R> {
        self.with_call_over(now, cid, None, f)
    }

    /// The same for what came over a flow.
    fn with_call_over<R>(
        &mut self,
        now: Instant,
        cid: Cid,
        arrived: Option<Flow>,
        f: impl FnOnce(&mut Call, &mut CallContext<'_>) -> R,
    ) -> Option<R> {
        let mut entry = self.calls.take(cid)?;
        if let Some(flow) = arrived {
            entry.on_arrived(flow);
        }
        let decided = self.with_context(now, |context| f(&mut entry.call, context));
        self.calls.put_back(cid, entry, &decided.dids);
        self.carry_out(now, cid, decided.actions, arrived.map(|flow| flow.id));
        Some(decided.result)
    }

    /// Does what call `cid` has decided, in its order. `arrived`: what its last message came over.
    fn carry_out(
        &mut self,
        now: Instant,
        cid: Cid,
        actions: Vec<CallAction>,
        arrived: Option<FlowId>,
    ) {
        for action in actions {
            match action {
                CallAction::Send(tid, draft) => self.send_of_call(now, (cid, tid), draft),
                CallAction::AckAgain => self.ack_again(cid, arrived),
                CallAction::Cancel { invite, tid, header } => {
                    let header = header.as_ref().map(|(name, value)| (&**name, &**value));
                    self.calls.insert_tid(tid, cid);
                    if self.cancel(now, invite, tid, header).is_none() {
                        self.calls.remove_tid(tid);
                        if let Some(entry) = self.calls.get_mut(cid) {
                            entry.call.on_not_cancelled(tid);
                        }
                    }
                }
                CallAction::Respond { tid, status, draft, limit } => {
                    self.respond_of_call(now, tid, status, draft, limit);
                }
                CallAction::Acknowledged(tid) => self.transactions.prove(tid),
                CallAction::Permit(tid) => self.transactions.respond_once_more(tid),
                CallAction::RepeatSuccess(tid) => self.repeat_success(tid),
                CallAction::Event(event) => self.push_call_event(cid, event),
                CallAction::Forget(tid) => self.calls.remove_tid(tid),
                CallAction::Release => self.calls.remove(cid, &mut self.timers),
            }
        }
        self.calls.rearm(cid, &mut self.timers);
    }

    /// Sends a request of call `cid`.
    fn send_of_call(&mut self, now: Instant, (cid, tid): (Cid, Tid), draft: Draft) {
        self.calls.insert_tid(tid, cid);
        let is_invite = draft.method() == Some("INVITE");
        let parts = self.parts_of_call(cid, &draft);
        let user = (TransactionUser::Call(cid, tid), format!("call {cid}"));
        match self.start_of_user(now, user, draft, parts) {
            Ok(id) if is_invite => {
                if let Some(entry) = self.calls.get_mut(cid) {
                    entry.call.set_transaction(tid, id);
                }
            }
            Ok(_) => {}
            Err((request, why)) => self.call_failed(now, (cid, tid), Some(request), &why),
        }
    }

    /// What is read from a request of call `cid` before it is sent. A strict router stands in the
    /// Request-URI, and gets the request whatever Route says (RFC 3261 section 8.1.2). A peer whose
    /// Contact says so gets it where its own messages come from (RFC 5626 section 4.3).
    fn parts_of_call(&self, cid: Cid, draft: &Draft) -> Result<Parts, Refusal> {
        let given = Some(self.listening_transport());
        let is_in_dialog = draft.get("To").is_some_and(|to| !tag_of(to).is_empty());
        let is_strict = is_in_dialog
            && self.calls.get(cid).is_some_and(|entry| entry.call.is_routed_strictly());
        if !is_strict {
            let mut parts = Parts::read(draft, given)?;
            if let Some(flow) = self.flow_of_dialog(cid).filter(|_| is_in_dialog) {
                parts.destination = Destination::at_the_end_of(&flow);
                (parts.given, parts.missing_transport) = (Some(flow.transport), None);
            }
            return Ok(parts);
        }
        let mut direct = draft.clone();
        direct.remove("Route");
        Parts::read(&direct, given)
    }

    /// The flow that requests in the dialog of call `cid` go back by, whatever its target says.
    fn flow_of_dialog(&self, cid: Cid) -> Option<Flow> {
        let entry = self.calls.get(cid)?;
        let goes_back = entry.call.goes_by_its_flow(self.settings.reuse_flow);
        entry.flow().filter(|_| goes_back)
    }

    /// The ACK of the newest INVITE of call `cid` goes out again.
    fn ack_again(&mut self, cid: Cid, arrived: Option<FlowId>) {
        let ack = self.calls.get(cid).and_then(|entry| entry.ack());
        if let Some((flow, bytes)) = ack {
            self.reply_over(flow, arrived.unwrap_or(flow), bytes);
        }
    }

    /// A response to a request of the peer.
    fn respond_of_call(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
        draft: Draft,
        limit: Option<usize>,
    ) {
        let draft = within(self.with_contact(tid, draft), limit);
        let is_sent = draft.is_ok();
        let bytes: Text = draft.unwrap_or_else(|long| long).to_bytes().into();
        self.respond(now, tid, status, is_sent.then_some(&bytes));
    }

    /// Puts our address into the Contact of a response to request `tid`, where it has none yet.
    pub(in crate::agent) fn with_contact(&self, tid: Tid, mut draft: Draft) -> Draft {
        let flow = self.transactions.server_flow(tid).and_then(|flow| self.flows.get(flow));
        if let Some(flow) = flow {
            complete_answer(&mut draft, self.local(&flow), &self.settings);
        }
        draft
    }

    fn push_call_event(&mut self, cid: Cid, event: CallEvent) {
        let CallEvent { kind, did, tid, request, response, ack, origin, detail } = event;
        let ids = EventIds { tid, cid, did, ..EventIds::default() };
        let event = ApplicationEvent {
            ids,
            text: detail.into(),
            request,
            response,
            ack,
            reference: self.calls.get(cid).map_or(0, |entry| entry.call.reference()),
            origin,
            ..ApplicationEvent::new(event_kind(kind))
        };
        self.events.push_back(Event::Application(event));
    }

    /// Call `cid` has something to do.
    pub(super) fn on_call_timeout(&mut self, now: Instant, cid: Cid) {
        self.calls.on_deadline(cid);
        self.with_call(now, cid, |call, context| call.on_timeout(context));
    }
}

/// The kind of the application's event.
fn event_kind(kind: CallEventKind) -> EventKind {
    match kind {
        CallEventKind::Invite => EventKind::CallInvite,
        CallEventKind::Reinvite => EventKind::CallReinvite,
        CallEventKind::NoAnswer => EventKind::CallNoAnswer,
        CallEventKind::Proceeding => EventKind::CallProceeding,
        CallEventKind::Ringing => EventKind::CallRinging,
        CallEventKind::Answered => EventKind::CallAnswered,
        CallEventKind::Redirected => EventKind::CallRedirected,
        CallEventKind::RequestFailure => EventKind::CallRequestFailure,
        CallEventKind::ServerFailure => EventKind::CallServerFailure,
        CallEventKind::GlobalFailure => EventKind::CallGlobalFailure,
        CallEventKind::Ack => EventKind::CallAck,
        CallEventKind::Cancelled => EventKind::CallCancelled,
        CallEventKind::MessageNew => EventKind::CallMessageNew,
        CallEventKind::MessageProceeding => EventKind::CallMessageProceeding,
        CallEventKind::MessageAnswered => EventKind::CallMessageAnswered,
        CallEventKind::MessageRedirected => EventKind::CallMessageRedirected,
        CallEventKind::MessageRequestFailure => EventKind::CallMessageRequestFailure,
        CallEventKind::MessageServerFailure => EventKind::CallMessageServerFailure,
        CallEventKind::MessageGlobalFailure => EventKind::CallMessageGlobalFailure,
        CallEventKind::Closed => EventKind::CallClosed,
        CallEventKind::Released => EventKind::CallReleased,
    }
}
