//! Requests from outside: a server transaction each, an event for the application, and answered in
//! its place when it does not.

use super::{
    Agent, ApplicationEvent, Event, EventIds, EventKind, Flow, FlowId, LogLevel, Text, Tid,
};
use crate::messaging::response::{reply_address, response_to};
use crate::messaging::{Begins, Reception, reception};
use crate::request::Refusal;
use crate::sip::{Draft, Message, excerpt};
use crate::transaction::{ServerFired, server_key};
use std::net::SocketAddr;
use std::time::Instant;

impl Agent {
    /// A request came in.
    pub(super) fn on_request(
        &mut self,
        now: Instant,
        flow: Flow,
        method: &str,
        request: &Message<'_>,
        bytes: &[u8],
    ) {
        let from = flow.remote;
        let whole =
            ["From", "To", "Call-ID", "CSeq"].iter().all(|name| request.header(name).is_some());
        let (Some(key), Ok(via), true) = (server_key(request, method), request.top_via(), whole)
        else {
            let text = format!("dropped a request from {from}: no Via, From, To, Call-ID or CSeq");
            return self.log(LogLevel::Warning, text);
        };
        let reply_over = self.reply_flow(flow, reply_address(&via, from));
        if let Some(tid) = self.transactions.server(&key) {
            return self.on_repeated_request(now, tid, method);
        }
        match method {
            "ACK" => return,
            "CANCEL" => return self.on_cancel(now, (flow, reply_over), request),
            _ if request.cseq().is_none() => {
                return self.reply_stateless((flow, reply_over), request, 400);
            }
            _ => {}
        }
        if !self.incoming.have_room(from, bytes.len()) {
            self.log(LogLevel::Warning, format!("too many requests: 503 to {from}"));
            return self.reply_stateless((flow, reply_over), request, 503);
        }
        let tid = self.next_tid();
        let Reception { begins, status } = reception(method, request);
        let mut ids = EventIds { tid, ..EventIds::default() };
        let kind = match begins {
            Some(Begins::Call) => {
                (ids.cid, ids.did) = (self.next_serial(), self.next_serial());
                Some(EventKind::CallInvite)
            }
            Some(Begins::Subscription) => {
                (ids.nid, ids.did) = (self.next_serial(), self.next_serial());
                Some(EventKind::InSubscriptionNew)
            }
            Some(Begins::Message) => Some(EventKind::MessageNew),
            None => None,
        };
        let text = self.buffers.copy(bytes);
        let (tag, key_bytes, is_invite) = (self.entropy.token(), key.len(), method == "INVITE");
        self.flows.acquire(reply_over.id);
        self.transactions.serve(tid, key, is_invite, reply_over);
        let (kept, timers) = ((method, text.clone()), &mut self.timers);
        self.incoming.insert(now, ids, from, kept, (tag, key_bytes), timers);
        let trying = is_invite.then(|| self.respond_automatically(now, tid, 100)).flatten();
        if let Some(status) = status {
            self.respond_automatically(now, tid, status);
        }
        if let Some(kind) = kind {
            let info = format!("New {} request.", excerpt(method));
            self.push_incoming_event(kind, ids, info, Some(text), trying);
        }
    }

    fn push_incoming_event(
        &mut self,
        kind: EventKind,
        ids: EventIds,
        text: String,
        request: Option<Text>,
        response: Option<Text>,
    ) {
        let event = ApplicationEvent { kind, rid: 0, ids, text: text.into(), request, response };
        self.events.push_back(Event::Application(event));
    }

    /// The text of a response to request `tid`. Errors: `BadParameter` for a tid below 1 or a
    /// status outside 200–699, `NotFound`, `WrongState` when it is answered, `Undefined` for a
    /// response that begins what nobody would serve: a SUBSCRIBE or REFER accepted, a call.
    pub fn build_answer(&mut self, tid: Tid, status: u16) -> Result<Vec<u8>, Refusal> {
        if self.incoming.would_begin(tid, status) {
            return Err(Refusal::Undefined);
        }
        if tid < 1 || !(200..=699).contains(&status) {
            return Err(Refusal::BadParameter);
        }
        if !self.incoming.contains(tid) {
            return Err(Refusal::NotFound);
        }
        let response = self.incoming.response(tid, status, &self.settings.user_agent);
        response.map(|draft| draft.to_octets()).ok_or(Refusal::WrongState)
    }

    /// Answers request `tid` with `text`, or with the plain response of `status`. Errors:
    /// `BadParameter` for a tid below 1, a status outside 101–699 or a provisional one without
    /// text; `NotFound`; `WrongState` when it is answered; `Undefined` as [`Agent::build_answer`];
    /// `Syntax` for a text that is no response.
    pub fn send_answer(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
        text: Option<&[u8]>,
    ) -> Result<(), Refusal> {
        let begins = self.incoming.would_begin(tid, status);
        if tid < 1 || !(101..=699).contains(&status) || (status < 200 && text.is_none() && !begins)
        {
            return Err(Refusal::BadParameter);
        }
        if !self.incoming.contains(tid) {
            return Err(Refusal::NotFound);
        }
        if !self.transactions.is_unanswered(tid) {
            return Err(Refusal::WrongState);
        }
        if begins {
            return Err(Refusal::Undefined);
        }
        let draft = match text {
            Some(text) => Draft::parse(text)?,
            None => {
                let plain = self.incoming.response(tid, status, &self.settings.user_agent);
                plain.ok_or(Refusal::WrongState)?
            }
        };
        let bytes = draft.to_bytes();
        let status = Message::parse(&bytes)?.status().ok_or(Refusal::Syntax("not an answer"))?;
        if self.incoming.would_begin(tid, status) {
            return Err(Refusal::Undefined);
        }
        self.respond(now, tid, status, bytes.into());
        Ok(())
    }

    /// Refuses request `tid` soon, unless the application does: it tried an answer that was
    /// `Undefined`, and may not look at that.
    pub fn refuse_soon(&mut self, now: Instant, tid: Tid) {
        self.incoming.refuse_soon(now, tid, &mut self.timers);
    }

    /// The plain response of `status`, sent now; its text.
    fn respond_automatically(&mut self, now: Instant, tid: Tid, status: u16) -> Option<Text> {
        let draft = self.incoming.automatic_response(tid, status, &self.settings.user_agent)?;
        let bytes: Text = draft.to_bytes().into();
        self.respond(now, tid, status, bytes.clone());
        Some(bytes)
    }

    fn respond(&mut self, now: Instant, tid: Tid, status: u16, bytes: Text) {
        let timers = &mut self.timers;
        let Some(flow) = self.transactions.respond(now, tid, status, &bytes, timers) else {
            return;
        };
        self.incoming.on_response_sent(now, tid, status, bytes.len(), timers);
        self.transmit_response(flow, bytes);
    }

    /// A request that came over a connection is answered over it, or not at all.
    fn transmit_response(&mut self, flow: FlowId, bytes: Text) {
        if self.flows.get(flow).is_some() {
            return self.transmit(flow, bytes);
        }
        self.log(LogLevel::Info, "a response is not sent: the connection of its request is gone");
    }

    /// A request that is known came again: it gets its last response again; an ACK ends an INVITE's
    /// retransmissions.
    fn on_repeated_request(&mut self, now: Instant, tid: Tid, method: &str) {
        if method == "ACK" {
            return self.transactions.acknowledge(now, tid, &mut self.timers);
        }
        if let Some((flow, bytes)) = self.transactions.last_response(tid) {
            self.transmit_response(flow, bytes);
        }
    }

    /// RFC 3261 section 9.2: an INVITE that is not answered yet gets 487, anything else is not
    /// there to be cancelled.
    fn on_cancel(&mut self, now: Instant, flows: (Flow, Flow), request: &Message<'_>) {
        let invite = server_key(request, "INVITE").and_then(|key| self.transactions.server(&key));
        let Some(tid) = invite else { return self.reply_stateless(flows, request, 481) };
        self.reply_stateless(flows, request, 200);
        if !self.transactions.is_unanswered(tid) {
            return;
        }
        let Some((ids, text)) = self.incoming.cancelled(tid) else { return };
        let response = self.respond_automatically(now, tid, 487);
        let info = "The INVITE was cancelled.".to_owned();
        self.push_incoming_event(EventKind::CallCancelled, ids, info, text, response);
    }

    /// A response that nothing is kept for, to a request that came over the first flow.
    fn reply_stateless(&mut self, (flow, over): (Flow, Flow), request: &Message<'_>, status: u16) {
        let tag = self.entropy.token();
        let response = response_to(request, flow.remote, status, &tag, &self.settings.user_agent);
        self.transmit(over.id, response.to_bytes().into());
    }

    /// The flow of the response to a request that came over `flow` and wants it at `to` (RFC 3261
    /// section 18.2.2). Over a connection it goes back where the request came from.
    fn reply_flow(&mut self, flow: Flow, to: SocketAddr) -> Flow {
        if to == flow.remote || flow.transport.is_reliable() {
            return flow;
        }
        let id = self.flows.incoming(flow.transport, flow.local, to);
        self.flows.get(id).unwrap_or(flow)
    }

    /// A timer of server transaction `tid` is due.
    pub(super) fn on_server_timeout(&mut self, now: Instant, tid: Tid) {
        match self.transactions.on_server_timeout(now, tid, &mut self.timers) {
            Some(ServerFired::Retransmit(flow, bytes)) => self.transmit_response(flow, bytes),
            Some(ServerFired::Ended(flow)) => {
                self.incoming.remove(tid, &mut self.timers);
                self.release_flow(now, flow);
            }
            None => {}
        }
    }

    /// The application has not answered request `tid`.
    pub(super) fn on_unanswered(&mut self, now: Instant, tid: Tid) {
        let Some((status, method)) = self.incoming.on_timeout(tid) else { return };
        let method = excerpt(method);
        let text = format!("the application did not answer a {method} request: {status}");
        self.respond_automatically(now, tid, status);
        self.log(LogLevel::Info, text);
    }
}
