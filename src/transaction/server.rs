//! Server transactions (RFC 3261 section 17.2, with RFC 6026).

use super::branch::COOKIE;
use super::{T1, T2, T4, TIMER_F};
use crate::sip::{Message, NameAddr};
use std::time::{Duration, Instant};

/// Where a server transaction is in figures 7 and 8 of RFC 3261.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ServerState {
    /// No final response yet.
    Proceeding,
    /// A final response was sent; retransmissions of the request get it again.
    Completed,
    /// A 2xx to an INVITE was sent, whose user sends it again: retransmissions of the INVITE are
    /// absorbed (RFC 6026).
    Accepted,
    /// The ACK to a final response came: further ones are absorbed.
    Confirmed,
    /// Gone.
    Terminated,
}

/// A timer of figures 7 and 8 of RFC 3261.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerTimer {
    /// Send the final response to the INVITE again.
    G,
    /// There is no ACK; the transaction is gone.
    H,
    /// No further ACK is absorbed; the transaction is gone.
    I,
    /// No retransmission of the request is answered any more; the transaction is gone.
    J,
    /// No retransmission of the INVITE is absorbed any more; the transaction is gone.
    L,
}

/// The server transaction of one request, INVITE or not.
#[derive(Debug, Clone)]
pub struct Server {
    is_invite: bool,
    /// The flow retransmits by itself: timer G is not needed, and I and J are zero.
    is_reliable: bool,
    /// Timer G is set where it is needed.
    repeats: bool,
    state: ServerState,
    /// Timer G, INVITE only.
    retransmit: Option<Instant>,
    interval: Duration,
    /// Timer H, I, J or L once answered.
    end: Option<Instant>,
}

impl Server {
    /// A request came in; `is_invite` chooses between the two machines of section 17.2.
    pub fn new(is_invite: bool, is_reliable: bool) -> Self {
        let state = ServerState::Proceeding;
        let (retransmit, end, interval) = (None, None, T1);
        Server { is_invite, is_reliable, repeats: true, state, retransmit, interval, end }
    }

    /// The same without timer G: a response is sent again only when the request comes again, so
    /// that a forged request has nobody get several.
    pub fn without_repeats(self) -> Self {
        Server { repeats: false, ..self }
    }

    /// Whether a final response is still owed.
    pub fn is_unanswered(&self) -> bool {
        self.state == ServerState::Proceeding
    }

    /// The final response was sent: an INVITE's is repeated until its ACK comes, others wait for
    /// retransmissions of the request.
    pub fn answered(&mut self, now: Instant) {
        self.state = ServerState::Completed;
        let is_over = self.is_reliable && !self.is_invite;
        self.end = Some(if is_over { now } else { now + TIMER_F });
        let repeats = self.is_invite && !self.is_reliable && self.repeats;
        self.retransmit = repeats.then(|| now + T1);
    }

    /// A 2xx was sent. That to an INVITE is for its user to send again, until its ACK comes, which
    /// is no part of this transaction.
    pub fn accepted(&mut self, now: Instant) {
        if !self.is_invite {
            return self.answered(now);
        }
        self.state = ServerState::Accepted;
        self.end = Some(now + TIMER_F);
    }

    /// Whether a 2xx to an INVITE was sent.
    pub fn is_accepted(&self) -> bool {
        self.state == ServerState::Accepted
    }

    /// An ACK came. Only the first to an answered INVITE changes anything.
    pub fn acknowledged(&mut self, now: Instant) {
        if self.is_invite && self.state == ServerState::Completed {
            self.state = ServerState::Confirmed;
            self.retransmit = None;
            self.end = Some(if self.is_reliable { now } else { now + T4 });
        }
    }

    /// The next timer, and when it fires.
    pub fn poll_timeout(&self) -> Option<(Instant, ServerTimer)> {
        let end = match (self.state, self.is_invite) {
            (ServerState::Confirmed, _) => ServerTimer::I,
            (ServerState::Accepted, _) => ServerTimer::L,
            (_, true) => ServerTimer::H,
            (_, false) => ServerTimer::J,
        };
        match (self.state, self.retransmit, self.end) {
            (ServerState::Terminated, ..) => None,
            (_, Some(at), Some(until)) if at < until => Some((at, ServerTimer::G)),
            (_, _, until) => until.map(|until| (until, end)),
        }
    }

    /// Fires the timer that is due; `None` when it is early.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<ServerTimer> {
        let (_, timer) = self.poll_timeout().filter(|(at, _)| now >= *at)?;
        if timer == ServerTimer::G && self.end.is_some_and(|end| now < end) {
            self.interval = (self.interval * 2).min(T2);
            self.retransmit = Some(now + self.interval);
            return Some(ServerTimer::G);
        }
        self.state = ServerState::Terminated;
        (self.retransmit, self.end) = (None, None);
        Some(if timer == ServerTimer::G { ServerTimer::H } else { timer })
    }
}

/// What makes two datagrams the same request (RFC 3261 section 17.2.3). The longer form is for
/// branches without the cookie, or with nothing behind it.
pub fn server_key(request: &Message<'_>, method: &str) -> Option<String> {
    let method = if method == "ACK" { "INVITE" } else { method };
    let via = request.top_via().ok()?;
    let port = via.port.unwrap_or(5060);
    let host = via.host.to_ascii_lowercase();
    match via.branch() {
        Some(branch) if branch.len() > COOKIE.len() && branch.starts_with(COOKIE) => {
            Some(format!("{branch} {host}:{port} {method}"))
        }
        branch => {
            let from = NameAddr::parse(request.header("From")?).ok()?;
            let tag = from.params.get("tag").unwrap_or("");
            let (call_id, cseq) = (request.call_id()?, request.cseq()?.number);
            let branch = branch.unwrap_or("");
            Some(format!("{branch} {host}:{port} {method} {tag} {call_id} {cseq}"))
        }
    }
}
