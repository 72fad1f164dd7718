//! Requests from outside: a server transaction each, an event for the application, and answered in
//! its place when it does not.

use super::calls::Placed;
use super::{
    Agent, ApplicationEvent, Event, EventIds, EventKind, Flow, FlowId, LogLevel, Text, Tid,
};
use crate::messaging::{Reception, reception};
use crate::request::Refusal;
use crate::request::response::{automatic_response_to, reply_address, within};
use crate::sip::{Draft, Message, excerpt};
use crate::transaction::{RequestOrigin, Requester, ServerFired, reply_limit, server_key};
use std::net::SocketAddr;
use std::time::Instant;

/// A request from outside.
pub(super) struct ReceivedRequest<'a> {
    pub(super) message: &'a Message<'a>,
    /// As it was on the wire.
    pub(super) bytes: &'a [u8],
    pub(super) requester: Requester,
    /// Its sender knows a tag of ours, so it has received what we have sent.
    pub(super) is_proven: bool,
    /// What it came over …
    pub(super) flow: Flow,
    /// … and what its responses go over.
    pub(super) reply_over: Flow,
}

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
        let (from, length) = (flow.remote, bytes.len());
        let requester = self.requester(&flow);
        if self.settings.registrars_only && requester.origin == RequestOrigin::Other {
            let text = format!("dropped a request from {from}: no registration lives there");
            return self.log(LogLevel::Info, text);
        }
        let whole =
            ["From", "To", "Call-ID", "CSeq"].iter().all(|name| request.header(name).is_some());
        let (Some(key), Ok(via), true) = (server_key(request, method), request.top_via(), whole)
        else {
            let text = format!("dropped a request from {from}: no Via, From, To, Call-ID or CSeq");
            return self.log(LogLevel::Warning, text);
        };
        if let Some(tid) = self.transactions.server(&key) {
            let is_known = self.on_repeated_request(now, tid, method, length);
            if is_known {
                return;
            }
        }
        if method == "ACK" {
            return self.on_ack(now, flow, request, bytes);
        }
        let reply_over = self.reply_flow(flow, reply_address(&via, from));
        let (message, is_proven) = (request, false);
        let received = ReceivedRequest { message, bytes, requester, is_proven, flow, reply_over };
        if method == "CANCEL" {
            return self.on_cancel(now, &received);
        }
        if request.cseq().is_none() {
            return self.reply_stateless(&received, 400);
        }
        if !self.on_subscription_request(now, &received, &key) {
            self.on_other_request(now, received, key);
        }
    }

    /// A request that begins no subscription and belongs to none: a call takes it, or it is kept
    /// for the application, answered as its method asks for.
    fn on_other_request(&mut self, now: Instant, received: ReceivedRequest<'_>, key: String) {
        let (request, requester) = (received.message, received.requester);
        let method = request.method().unwrap_or("");
        let (reception, requester) = match self.place(now, &received, &key) {
            Placed::Taken => return,
            Placed::Full => return self.refuse_for_room(method, &received),
            Placed::Refused(reception, by) => (reception, by),
            Placed::Elsewhere => (reception(method, request), requester),
        };
        if !self.transactions.have_room(requester, received.bytes.len()) {
            return self.refuse_for_room(method, &received);
        }
        let tid = self.next_tid();
        let Reception { is_reported, status, reason, retry_after } = reception;
        let (tag, received) = (self.entropy.token(), ReceivedRequest { requester, ..received });
        let text = self.keep_request(now, tid, (key, tag), &received);
        if method == "INVITE" {
            self.respond_automatically(now, tid, 100);
        }
        if let Some(status) = status {
            self.respond_changed(now, tid, status, |draft| {
                if let Some(reason) = reason {
                    draft.set_start(&format!("SIP/2.0 {status} {reason}"));
                }
                if let Some(seconds) = retry_after {
                    draft.push("Retry-After", seconds.to_string());
                }
            });
        }
        if is_reported {
            self.push_message_event(tid, &received, text);
        }
    }

    /// There is no room for a request.
    pub(super) fn refuse_for_room(&mut self, method: &str, request: &ReceivedRequest<'_>) {
        let (from, origin) = (request.flow.remote, request.requester.origin);
        // A registrar that pings would take the binding down for a 503.
        let is_ping = method == "OPTIONS" && origin == RequestOrigin::Registrar;
        let status = if is_ping { 200 } else { 503 };
        self.log(LogLevel::Warning, format!("too many requests: {status} to {from}"));
        self.reply_stateless(request, status);
    }

    /// Keeps request `tid` until it is answered; its text. The key of its transaction, and the tag
    /// of ours that its responses have.
    pub(super) fn keep_request(
        &mut self,
        now: Instant,
        tid: Tid,
        (key, tag): (String, String),
        received: &ReceivedRequest<'_>,
    ) -> Text {
        let ReceivedRequest { message, bytes, requester, is_proven, reply_over, .. } = *received;
        let (text, method) = (self.buffers.copy(bytes), message.method().unwrap_or(""));
        let (is_invite, from) = (method == "INVITE", (requester, bytes.len()));
        self.flows.acquire(reply_over.id);
        self.transactions.serve(tid, key, is_invite, reply_over, from, is_proven);
        let (kept, timers) = ((method, text.clone()), &mut self.timers);
        self.incoming.insert(now, tid, requester, kept, tag, timers);
        text
    }

    /// Who sent what came over `flow`.
    pub(super) fn requester(&self, flow: &Flow) -> Requester {
        let address = flow.remote;
        let origin = match self.registrars.contains(address.ip()) {
            true => RequestOrigin::Registrar,
            false => RequestOrigin::Other,
        };
        Requester { origin, address, is_connected: flow.transport.is_reliable() }
    }

    /// Request `tid`, which has this text, becomes an event of the application.
    pub(super) fn push_message_event(
        &mut self,
        tid: Tid,
        received: &ReceivedRequest<'_>,
        text: Text,
    ) {
        let event = ApplicationEvent {
            ids: EventIds { tid, ..EventIds::default() },
            request: Some(text),
            origin: Some(received.requester.origin),
            ..ApplicationEvent::new(EventKind::MessageNew)
        };
        self.events.push_back(Event::Application(event));
    }

    /// The text of a response to request `tid`. Errors: `BadParameter` for a tid below 1 or a
    /// status outside 200–699 (for a SUBSCRIBE or REFER that began a subscription 101–699),
    /// `NotFound`, `WrongState` when it is answered.
    pub fn build_answer(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
    ) -> Result<Vec<u8>, Refusal> {
        if let Some(nid) = self.subscriptions.by_tid(tid) {
            let draft = self.build_subscription_answer(now, (nid, tid), status)?;
            return Ok(draft.into_octets());
        }
        if tid < 1 {
            return Err(Refusal::BadParameter);
        }
        if !self.incoming.contains(tid) {
            return Err(Refusal::NotFound);
        }
        if !(200..=699).contains(&status) {
            return Err(Refusal::BadParameter);
        }
        let response = self.incoming.response(tid, status, &self.settings.user_agent);
        response.map(|draft| draft.into_octets()).ok_or(Refusal::WrongState)
    }

    /// Answers request `tid` with `text`, or with the plain response of `status`. Errors:
    /// `BadParameter` for a tid below 1, a status outside 101–699 or, but for subscriptions, a
    /// provisional one without text; `NotFound`; `WrongState` when it is answered; `Syntax` for a
    /// text that is no response.
    pub fn send_answer(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
        text: Option<&[u8]>,
    ) -> Result<(), Refusal> {
        if let Some(nid) = self.subscriptions.by_tid(tid) {
            return self.send_subscription_answer(now, (nid, tid), status, text);
        }
        if tid < 1 || !(101..=699).contains(&status) || (status < 200 && text.is_none()) {
            return Err(Refusal::BadParameter);
        }
        if !self.incoming.contains(tid) {
            return Err(Refusal::NotFound);
        }
        if !self.transactions.is_unanswered(tid) {
            return Err(Refusal::WrongState);
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
        self.respond(now, tid, status, Some(&bytes.into()));
        Ok(())
    }

    /// The plain response of `status`, sent now or when the request comes again.
    pub(super) fn respond_automatically(&mut self, now: Instant, tid: Tid, status: u16) {
        self.respond_changed(now, tid, status, |_| {});
    }

    /// The same, changed.
    pub(super) fn respond_changed(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
        change: impl FnOnce(&mut Draft),
    ) {
        let limit = self.incoming.reply_limit(tid);
        let agent = &self.settings.user_agent;
        let Some(mut draft) = self.incoming.automatic_response(tid, status, agent) else { return };
        change(&mut draft);
        self.note_subscription_answer(now, tid, status, None);
        let draft = within(draft, limit);
        let is_sent = draft.is_ok();
        let bytes: Text = draft.unwrap_or_else(|long| long).to_bytes().into();
        self.respond(now, tid, status, is_sent.then_some(&bytes));
    }

    /// Responds to request `tid`; without `bytes` its sender gets nothing.
    pub(super) fn respond(&mut self, now: Instant, tid: Tid, status: u16, bytes: Option<&Text>) {
        let timers = &mut self.timers;
        let flow = self.transactions.respond(now, tid, status, bytes, timers);
        self.incoming.on_responded(now, tid, status, timers);
        if let Some((flow, bytes)) = flow.zip(bytes) {
            self.transmit_response(flow, bytes.clone());
        }
    }

    /// A request that came over a connection is answered over it, or not at all.
    fn transmit_response(&mut self, flow: FlowId, bytes: Text) {
        if self.flows.get(flow).is_some() {
            return self.transmit(flow, bytes);
        }
        self.log(LogLevel::Info, "a response is not sent: the connection of its request is gone");
    }

    /// A request that is known came again: it gets its last response again; an ACK ends the
    /// retransmissions of the response to an INVITE. Whether that is all there is to it: the ACK of
    /// a 2xx is a request of its own.
    fn on_repeated_request(&mut self, now: Instant, tid: Tid, method: &str, length: usize) -> bool {
        if method == "ACK" {
            return self.transactions.acknowledge(now, tid, &mut self.timers);
        }
        if let Some((flow, bytes)) = self.transactions.on_repeated(tid, length) {
            self.transmit_response(flow, bytes);
        }
        true
    }

    /// The 2xx to INVITE `tid` is sent again, if it may be.
    pub(super) fn repeat_success(&mut self, tid: Tid) {
        if let Some((flow, bytes)) = self.transactions.repeat_success(tid) {
            self.transmit_response(flow, bytes);
        }
    }

    /// RFC 3261 section 9.2: an INVITE that is not answered yet gets 487, anything else is not
    /// there to be cancelled.
    fn on_cancel(&mut self, now: Instant, cancel: &ReceivedRequest<'_>) {
        let key = server_key(cancel.message, "INVITE");
        let invite = key.and_then(|key| self.transactions.server(&key));
        let of_call = invite.filter(|tid| self.transactions.is_unanswered(*tid));
        match of_call {
            Some(invite) => self.on_call_cancelled(now, invite, cancel),
            None => self.reply_stateless(cancel, 481),
        }
    }

    /// A response that nothing is kept for.
    pub(super) fn reply_stateless(&mut self, to: &ReceivedRequest<'_>, status: u16) {
        let (tag, from) = (self.entropy.token(), to.flow.remote);
        let user_agent = &self.settings.user_agent;
        let draft = automatic_response_to(to.message, from, status, &tag, user_agent);
        match within(draft, reply_limit(to.requester, to.bytes.len())) {
            Ok(draft) => self.transmit(to.reply_over.id, draft.to_bytes().into()),
            Err(_) => self.log(LogLevel::Info, format!("no {status} to {from}: it is too long")),
        }
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
                self.on_call_server_ended(tid);
                self.forget_subscription_request(now, tid);
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
