//! What comes in: responses find their transaction, everything else changes nothing.

use super::{Agent, Input, LogLevel, Policy, Rid, Route, Text};
use crate::sip::{Message, StartLine, Via};
use crate::transaction::{Branch, Received, TransactionUser};
use std::net::{IpAddr, SocketAddr};
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
                    self.on_routes(now, id, outcome.as_deref().map_err(String::as_str));
                }
            }
        }
    }

    fn datagram(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        // Answers to keep-alives: line ends (RFC 5626), or STUN, whose first two bits are 0.
        if bytes.iter().all(|b| matches!(b, b'\r' | b'\n')) {
            return;
        }
        if bytes.first().is_some_and(|b| *b < 4) {
            return self.stun_answer(now, from, bytes);
        }
        let mut buffer = Vec::new();
        let message = match Message::read(bytes, &mut buffer) {
            Ok(message) => message,
            Err(error) => {
                let text = format!("dropped {} bytes from {from}: {}", bytes.len(), error.what);
                return self.log(LogLevel::Warning, text);
            }
        };
        match message.start {
            StartLine::Request { method, .. } => self.on_request(now, from, method, &message, bytes),
            StartLine::Status { code, .. } => self.on_response(now, from, code, &message, bytes),
        }
    }

    /// RFC 3261 section 17.1.3: a response belongs to the request with its branch and CSeq method.
    fn on_response(
        &mut self,
        now: Instant,
        from: SocketAddr,
        code: u16,
        message: &Message<'_>,
        bytes: &[u8],
    ) {
        let via = message.top_via().ok();
        let branch = via.as_ref().and_then(Via::branch).map(Branch::parse);
        let id = branch.and_then(|branch| self.transactions.find(&branch, message));
        let Some(id) = id else {
            let text = format!("dropped a {code} from {from}: it answers no request of ours");
            return self.log(LogLevel::Info, text);
        };
        if code == 503 && self.fails_over(now, id) {
            let text = format!("{from} says 503: the next server of its domain is asked");
            return self.log(LogLevel::Info, text);
        }
        match self.transactions.on_response(now, id, code, &mut self.timers) {
            Received::Unknown | Received::Absorbed => {}
            Received::Provisional(TransactionUser::Messaging(tid), request) => {
                self.request_progress(tid, code, request, bytes);
            }
            Received::Provisional(TransactionUser::Registration(rid), _) => {
                self.managed_progress(rid, message);
            }
            Received::Provisional(TransactionUser::None, _) => {}
            Received::Final(user, request, route) => {
                if let Some(route) = route.filter(|_| code == 503) {
                    self.routes.shun(now, route.remote);
                }
                let seen = via.as_ref().and_then(reflexive);
                let seen = seen.filter(|seen| {
                    route.is_some_and(|route| self.learned.learn(route.remote, Some(route.local), *seen))
                });
                match user {
                    TransactionUser::Registration(rid) => {
                        self.on_register_response(now, rid, (route, seen), message, (request, bytes));
                    }
                    TransactionUser::Messaging(tid) => {
                        self.request_answered(now, tid, message, request, bytes);
                    }
                    TransactionUser::None => {}
                }
            }
        }
    }

    /// The final response to a REGISTER: its route, where the server has seen us, request and response.
    fn on_register_response(
        &mut self,
        now: Instant,
        rid: Rid,
        (route, seen): (Option<Route>, Option<SocketAddr>),
        message: &Message<'_>,
        (request, bytes): (Text, &[u8]),
    ) {
        let Some(route) = route else { return };
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Policy::Automatic(automatic) = &mut entry.policy else {
            return self.managed_answered(now, rid, (route, seen), message, request, bytes);
        };
        let (registration, credentials) = (&mut entry.registration, &self.credentials);
        let outcome = automatic.on_response(now, registration, message, &request, credentials);
        let (removed, response) = (outcome.removed, self.buffers.copy(bytes));
        self.push_registration_event(rid, outcome, Some(request), Some(response));
        if removed {
            self.forget(rid);
            return;
        }
        self.check_address(now, rid, route);
        self.after_answer(rid);
    }
}

/// Where the server has seen us: what `received` and `rport` say (RFC 3581 section 4), if the Via has
/// one of them.
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
    fn received_and_rport_tell_where_the_server_has_seen_us() {
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
