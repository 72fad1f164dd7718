//! What comes in: answers find their transaction, everything else changes nothing.

use super::vias::ViaInfo;
use super::{Agent, Input, Rid, Route, Text, TransactionId, Weight};
use crate::sip::{Message, StartLine};
use crate::transaction::{Heard, TransactionUser};
use std::net::SocketAddr;
use std::time::Instant;

impl Agent {
    /// A datagram, an ICMP error, a route.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Datagram { from, bytes } => self.datagram(now, from, bytes),
            Input::Undelivered { to, reason, fatal, bytes } => {
                self.undelivered(now, to, &reason, fatal, bytes)
            }
            Input::Routed { query, outcome } => {
                if let Some(server) = self.probes.remove(&query) {
                    return self.probed(now, server, outcome.ok());
                }
                let waiting = self.routes.answered(now, query, outcome.as_deref().ok());
                for id in waiting {
                    self.routed(now, id, outcome.as_deref().map_err(String::as_str));
                }
            }
        }
    }

    fn datagram(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        // Keep-alive answers: line ends (RFC 5626), or STUN, whose first two bits are 0.
        if bytes.iter().all(|b| matches!(b, b'\r' | b'\n')) {
            return;
        }
        if bytes.first().is_some_and(|b| *b < 4) {
            return self.stun_answer(now, from, bytes);
        }
        let mut room = Vec::new();
        let message = match Message::read(bytes, &mut room) {
            Ok(message) => message,
            Err(error) => {
                return self.note(
                    Weight::Warning,
                    format!("dropped {} bytes from {from}: {}", bytes.len(), error.what),
                );
            }
        };
        match message.start {
            StartLine::Request { method, .. } => self.request(now, from, method, &message, bytes),
            StartLine::Status { code, .. } => self.response(now, from, code, &message, bytes),
        }
    }

    /// RFC 3261 section 17.1.3: an answer belongs to the request with its branch and CSeq method. One whose CSeq number or Call-ID is
    /// another is no answer of the server's to us either.
    fn response(&mut self, now: Instant, from: SocketAddr, code: u16, message: &Message<'_>, bytes: &[u8]) {
        let ViaInfo { branch, seen } = self.vias.read(message, &mut self.learned);
        let Some(id) = branch.and_then(|branch| self.matching(message, branch)) else {
            // One more to what was answered is absorbed (section 17.1.2.2).
            if !branch.is_some_and(|branch| self.answered.has(branch)) {
                self.note(
                    Weight::Info,
                    format!("dropped a {code} from {from}: it answers no request of ours"),
                );
            }
            return;
        };
        if code == 503 && self.fails_over(now, id) {
            return self
                .note(Weight::Info, format!("{from} says 503: the next server of its domain is asked"));
        }
        let Some(transaction) = self.transactions.get_mut(&id) else { return };
        let owner = transaction.owner;
        let heard = transaction.client.handle_response(now, code);
        if heard != Heard::Final {
            let request = transaction.wire.clone();
            match owner {
                TransactionUser::Request(tid) if heard == Heard::Provisional => {
                    self.request_progress(tid, code, request, bytes);
                }
                TransactionUser::Registration(rid) if heard == Heard::Provisional => {
                    self.managed_progress(rid, message)
                }
                _ => {}
            }
            return self.arm(id);
        }
        let Some(mut transaction) = self.take_out(id) else { return };
        self.answered.add(transaction.client.poll_timeout().unwrap_or(now), id, transaction.branch);
        let Some(request) = transaction.wire.take() else { return };
        let route = transaction.route.as_ref();
        if let Some(route) = route.filter(|_| code == 503) {
            self.routes.shun(now, route.remote);
        }
        let seen = seen.filter(|seen| route.is_some_and(|route| self.learn(route, *seen)));
        // A Contact written with what is still known of our address needs no other.
        let settled = transaction.written == (self.learned.changes(), self.settings_changed);
        match owner {
            TransactionUser::Registration(rid) => {
                self.registration_answered(now, rid, (route, seen, settled), message, request, bytes)
            }
            TransactionUser::Request(tid) => self.request_answered(now, tid, message, request, bytes),
            TransactionUser::Nobody => {}
        }
        self.recycle(transaction);
    }

    /// `way`: the route, where the server has seen us, and whether our Contact can be there already.
    fn registration_answered(
        &mut self,
        now: Instant,
        rid: Rid,
        way: (Option<&Route>, Option<SocketAddr>, bool),
        message: &Message<'_>,
        request: Text,
        bytes: &[u8],
    ) {
        let (route, seen, settled) = way;
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        entry.pending = None;
        if let (true, Some(route)) = (entry.managed.is_some(), route) {
            return self.managed_answered(now, rid, *route, seen, message, request, bytes);
        }
        let verdict = entry.registration.answered(now, message, &request, &self.credentials);
        let (gone, response) = (verdict.gone, self.buffers.copy(bytes));
        self.tell(rid, verdict, Some(request), Some(response));
        if gone {
            self.forget(rid);
            return;
        }
        if let Some(route) = route.filter(|_| !settled) {
            self.consider_swap(now, rid, *route);
        }
        self.after_answer(rid);
    }

    fn matching(&self, message: &Message<'_>, branch: u128) -> Option<TransactionId> {
        let id = *self.branches.get(&branch)?;
        let transaction = self.transactions.get(&id)?;
        let cseq = message.cseq()?;
        let ours = cseq.number == transaction.cseq && transaction.is_asked(cseq.method, message.call_id());
        ours.then_some(id)
    }

    /// Learns that this server sees us at `seen`, and whether that can be.
    fn learn(&mut self, route: &Route, seen: SocketAddr) -> bool {
        self.learned.learn(route.remote, Some(route.local), seen)
    }
}
