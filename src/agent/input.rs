//! What comes in: responses find their transaction, everything else changes nothing.

use super::flows::is_keep_alive;
use super::{Agent, Event, Flow, FlowId, Input, LogLevel, Policy, Rid, Text, TransactionId};
use crate::sip::{Message, StartLine, Via};
use crate::transaction::{Answered, Branch, Received, TransactionUser};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// A response to a request of ours, or to none.
struct ReceivedResponse<'a> {
    message: &'a Message<'a>,
    /// As it was on the wire.
    bytes: &'a [u8],
    /// Its top Via, if that can be read.
    via: Option<&'a Via<'a>>,
    /// What it came over.
    flow: Flow,
}

/// How long a server that has answered with 503 asks to be left alone.
fn unavailable_for(response: &Message<'_>) -> Option<Duration> {
    let after = response.retry_after()?;
    Some(Duration::from_secs(after.seconds.into())).filter(|wait| !wait.is_zero())
}

impl Agent {
    /// A message, what became of a flow, the answer to a question, a change of the network,
    /// the end of a sleep of the machine.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Message { flow, bytes } => self.on_message(now, flow, bytes),
            Input::Opened { flow, local } => self.on_opened(now, flow, local),
            Input::Failed { flow, error, bytes } => self.on_failed(now, flow, error, bytes),
            Input::Records { query, answer } => self.on_records(now, query, answer),
            Input::Interfaces => self.on_interfaces_changed(now),
            Input::Resumed { slept } => self.on_resumed(now, slept),
        }
    }

    fn on_message(&mut self, now: Instant, flow: FlowId, bytes: &[u8]) {
        let Some(flow) = self.flows.get(flow) else { return };
        if bytes.is_empty() {
            return;
        }
        if flow.transport.is_reliable() {
            self.flows.on_received(now, flow.id);
        }
        if is_keep_alive(bytes) {
            return self.on_keep_alive_answer(now, flow, bytes);
        }
        let mut buffer = Vec::new();
        let message = match Message::read(bytes, &mut buffer) {
            Ok(message) => message,
            Err(error) => {
                let text =
                    format!("dropped {} bytes from {}: {}", bytes.len(), flow.remote, error.what);
                return self.log(LogLevel::Warning, text);
            }
        };
        if message.skipped > 0 {
            let (skipped, from) = (message.skipped, flow.remote);
            let text = format!("skipped {skipped} lines without a colon in a message from {from}");
            self.log(LogLevel::Warning, text);
        }
        match message.start {
            StartLine::Request { method, .. } => {
                self.on_request(now, flow, method, &message, bytes)
            }
            StartLine::Status { code, .. } => {
                let via = message.top_via().ok();
                let (message, via) = (&message, via.as_ref());
                self.on_response(now, code, &ReceivedResponse { message, bytes, via, flow });
            }
        }
    }

    /// RFC 3261 section 17.1.3: a response belongs to the request with its branch and CSeq method.
    fn on_response(&mut self, now: Instant, code: u16, response: &ReceivedResponse<'_>) {
        let ReceivedResponse { message, via, flow, .. } = response;
        let (branch, from) = (via.and_then(Via::branch).map(Branch::parse), flow.remote);
        let find = |agent: &Agent| agent.transactions.find(branch.as_ref()?, message);
        let id = find(self);
        let Some(id) = id else {
            let text = format!("dropped a {code} from {from}: it answers no request of ours");
            return self.log(LogLevel::Info, text);
        };
        self.on_flow_answered(id);
        if code == 503 && self.fails_over(now, id, unavailable_for(message)) {
            let text = format!("{from} says 503: the next server of its domain is asked");
            self.log(LogLevel::Info, text);
            // An INVITE has left a transaction behind, which acknowledges the 503.
            let Some(past) = find(self) else { return };
            let received = self.transactions.on_response(now, past, message, &mut self.timers);
            if let Received::Reply(over, ack) = received {
                self.reply_over(over, flow.id, ack);
            }
            return;
        }
        match self.transactions.on_response(now, id, message, &mut self.timers) {
            Received::Unknown | Received::Absorbed => {}
            Received::Reply(over, text) => self.reply_over(over, flow.id, text),
            Received::AnsweredAgain(TransactionUser::Call(cid, tid), request) => {
                self.call_answered_again(now, (cid, tid), message, &request, *flow);
            }
            Received::AnsweredAgain(..) => {}
            Received::Provisional(user, request) => {
                self.on_provisional(now, user, request, response);
            }
            Received::Final(answered) => self.on_final(now, id, answered, response),
        }
    }

    /// A provisional response to a request of `user` came.
    fn on_provisional(
        &mut self,
        now: Instant,
        user: TransactionUser,
        request: Option<Text>,
        response: &ReceivedResponse<'_>,
    ) {
        let ReceivedResponse { message, bytes, flow, .. } = *response;
        match user {
            TransactionUser::Messaging(tid) => self.request_progress(tid, request, bytes),
            TransactionUser::Call(cid, tid) => {
                self.call_progress(now, (cid, tid), message, request, (bytes, flow));
            }
            TransactionUser::Subscription(key, tid) => {
                self.subscription_progress(now, (key, tid), message, request, bytes);
            }
            TransactionUser::Registration(rid) => self.managed_progress(rid, message),
            TransactionUser::Publication(..) | TransactionUser::None => {}
        }
    }

    /// The final response to the request of transaction `id` came.
    fn on_final(
        &mut self,
        now: Instant,
        id: TransactionId,
        answered: Answered,
        response: &ReceivedResponse<'_>,
    ) {
        let ReceivedResponse { message, bytes, via, flow } = *response;
        let Answered { user, request, ack, flow: over, released } = answered;
        if let Some(ack) = &ack {
            self.reply_over(over.id, flow.id, ack.clone());
        }
        if let Some(released) = released {
            self.release_flow(now, released);
        }
        if message.status() == Some(503) {
            self.on_server_failed(now, over, unavailable_for(message));
        } else {
            self.locator.on_server_answered(over.transport, over.remote);
        }
        let seen = via.and_then(reflexive);
        let seen = seen.filter(|seen| self.learned.learn(&over, Some(over.local), *seen));
        let before = self.events.len();
        match user {
            TransactionUser::Registration(rid) => {
                self.on_register_response(now, rid, (over, seen), message, (request, bytes));
            }
            TransactionUser::Messaging(tid) => {
                self.request_answered(now, tid, message, request, bytes);
            }
            TransactionUser::Call(cid, tid) => {
                self.call_answered(now, (cid, tid), message, (request, ack), (bytes, flow));
            }
            TransactionUser::Publication(id, tid) => {
                self.publication_answered(now, (id, tid), message, request, bytes);
            }
            TransactionUser::Subscription(key, tid) => {
                self.subscription_answered(now, (key, tid), message, request, bytes);
            }
            TransactionUser::None => {}
        }
        self.note_end(before, id);
        if matches!(user, TransactionUser::Call(..)) {
            // RFC 6026 keeps the transaction of an INVITE for what may come again; what the
            // application gave for it is done with.
            self.events.push_back(Event::Released(id));
        }
    }

    /// Of the events since there were `before`, the first that has a request says how transaction
    /// `id` ended.
    pub(super) fn note_end(&mut self, before: usize, id: TransactionId) {
        let since = self.events.range_mut(before.min(self.events.len())..);
        let event = since.filter_map(|event| match event {
            Event::Application(event) => Some(event),
            _ => None,
        });
        if let Some(event) = event.into_iter().find(|event| event.request.is_some()) {
            event.ended = Some(id);
        }
    }

    /// The final response to a REGISTER: its flow, where the server has seen us, request and
    /// response.
    fn on_register_response(
        &mut self,
        now: Instant,
        rid: Rid,
        (flow, seen): (Flow, Option<SocketAddr>),
        message: &Message<'_>,
        (request, bytes): (Text, &[u8]),
    ) {
        if seen.is_some() {
            self.seen_by_server(rid, &flow);
        }
        self.on_server_response(now, rid, &flow, message.status().unwrap_or(0));
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Policy::Automatic(automatic) = &mut entry.policy else {
            return self.managed_answered(now, rid, (flow, seen), message, request, bytes);
        };
        let (registration, credentials) = (&mut entry.registration, &self.credentials);
        let outcome = automatic.on_response(now, registration, message, &request, credentials);
        if outcome.success {
            entry.registrars.on_accepted(&mut self.registrars, registration, flow.remote.ip());
        }
        let (removed, response) = (outcome.removed, self.buffers.copy(bytes));
        self.push_registration_event(rid, outcome, Some(request), Some(response));
        if flow.transport.is_reliable() {
            self.set_flow_timer(now, flow.id, message.seconds("Flow-Timer"));
        }
        if removed {
            self.forget(rid);
            return;
        }
        if message.status() == Some(400) && message.retry_after().is_none() {
            self.check_refused_contact(now, rid, flow);
        }
        self.check_address(now, rid, flow);
        self.after_answer(rid);
    }
}

/// Where the server has seen us: what `received` and `rport` say (RFC 3581 section 4), if the Via
/// has one of them.
fn reflexive(via: &Via<'_>) -> Option<SocketAddr> {
    let Via { received, rport, .. } = *via;
    if received.is_none() && rport.is_none_or(str::is_empty) {
        return None;
    }
    let host = received.unwrap_or(via.host);
    let ip: IpAddr = host.parse().or_else(|_| host.trim_matches(['[', ']', '"']).parse()).ok()?;
    let port = match rport.filter(|port| !port.is_empty()) {
        Some(port) => port.parse().unwrap_or(0),
        None => via.port.unwrap_or(5060),
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(via: &str) -> Option<SocketAddr> {
        reflexive(&Via::parse(via).unwrap())
    }

    #[test]
    fn received_and_rport_say_where_the_server_has_seen_us() {
        for host in ["192.0.2.1", "[2001:db8::1]", "2001:db8::1", "\"192.0.2.1\""] {
            let ip: IpAddr = host.trim_matches(['[', ']', '"']).parse().unwrap();
            let via = format!("SIP/2.0/UDP h:5062;rport=5070;branch=x;received={host}");
            assert_eq!(seen(&via), Some(SocketAddr::new(ip, 5070)), "{host}");
            let via = format!("SIP/2.0/UDP h:5062;branch=x;received={host}");
            assert_eq!(seen(&via), Some(SocketAddr::new(ip, 5062)), "{host}");
        }
        assert_eq!(seen("SIP/2.0/UDP 192.0.2.1;rport=7"), "192.0.2.1:7".parse().ok());
        assert_eq!(seen("SIP/2.0/UDP 192.0.2.1;rport"), None);
        assert_eq!(seen("SIP/2.0/UDP h;received=acme.test"), None);
    }
}
