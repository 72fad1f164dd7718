//! The non-INVITE client transaction (RFC 3261 section 17.1.2), and what it has in common with that
//! of an INVITE.

use super::{T1, T2, T4, TIMER_F};
use std::time::{Duration, Instant};

/// Where a transaction is in figures 5 and 6 of RFC 3261, the former with RFC 6026.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientState {
    /// The request waits for its target; nothing was sent yet.
    Waiting,
    /// An INVITE was sent; no response yet.
    Calling,
    /// Another request was sent; no response yet.
    Trying,
    /// A provisional response came.
    Proceeding,
    /// A final response came; further ones are absorbed, or acknowledged again.
    Completed,
    /// A 2xx to an INVITE came; further ones are for its user.
    Accepted,
    /// Gone.
    Terminated,
}

/// A timer of figures 5 and 6 of RFC 3261.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientTimer {
    /// Send the INVITE again, byte for byte.
    A,
    /// There is no final response to the INVITE; the transaction is gone.
    B,
    /// There is nothing more to acknowledge; the transaction is gone.
    D,
    /// No further 2xx is passed on; the transaction is gone.
    M,
    /// Send the request again, byte for byte.
    E,
    /// There is no final response; the transaction is gone.
    F,
    /// There is nothing more to absorb; the transaction is gone.
    K,
}

/// What a response is to the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseKind {
    /// 1xx.
    Provisional,
    /// The first final response.
    Final,
    /// One more final response to an INVITE, which is acknowledged, or a 2xx for its user.
    Repeated,
    /// A duplicate, or too late.
    Absorbed,
}

/// One non-INVITE client transaction.
#[derive(Debug, Clone)]
pub struct NonInviteClient {
    state: ClientState,
    /// Timer E; `None` while nothing is to be retransmitted.
    e: Option<Instant>,
    interval: Duration,
    /// Timer F, and timer K once completed.
    end: Instant,
    /// When it was first sent to this target.
    since: Instant,
    /// The flow retransmits by itself: timers E and K are not needed.
    is_reliable: bool,
}

impl NonInviteClient {
    /// Queues a request: timer F runs from here, so that a name that never resolves ends too.
    pub fn queue(now: Instant) -> Self {
        let (state, end) = (ClientState::Waiting, now + TIMER_F);
        NonInviteClient { state, e: None, interval: T1, end, since: now, is_reliable: false }
    }

    /// The transport layer has the request for another target, or for one with connections: timer F
    /// runs from here, for each of them (RFC 3263 section 4.3: it is another transaction).
    pub fn handed_over(&mut self, now: Instant) {
        (self.state, self.e) = (ClientState::Waiting, None);
        self.end = now + TIMER_F;
    }

    /// When it was first sent to this target.
    pub fn sent_at(&self) -> Instant {
        self.since
    }

    /// The request was handed to a flow for the first time, or to the flow of another target.
    pub fn sent(&mut self, now: Instant, is_reliable: bool) {
        self.state = ClientState::Trying;
        self.interval = T1;
        self.e = (!is_reliable).then(|| now + T1);
        self.since = now;
        self.is_reliable = is_reliable;
    }

    /// For how long this target has said nothing at all.
    pub fn silence(&self, now: Instant) -> Duration {
        match self.state {
            ClientState::Trying => now.saturating_duration_since(self.since),
            _ => Duration::ZERO,
        }
    }

    /// The state.
    pub fn state(&self) -> ClientState {
        self.state
    }

    /// The next timer, and when it fires.
    pub fn poll_timeout(&self) -> Option<(Instant, ClientTimer)> {
        match (self.state, self.e) {
            (ClientState::Terminated, _) => None,
            (ClientState::Completed, _) => Some((self.end, ClientTimer::K)),
            (_, Some(e)) if e < self.end => Some((e, ClientTimer::E)),
            _ => Some((self.end, ClientTimer::F)),
        }
    }

    /// Fires the timer that is due; `None` when it is early.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<ClientTimer> {
        let (at, timer) = self.poll_timeout()?;
        if now < at {
            return None;
        }
        if now >= self.end && timer == ClientTimer::E {
            // The clock has passed both: there is no use in sending once more.
            self.terminate();
            return Some(ClientTimer::F);
        }
        match timer {
            ClientTimer::E => {
                let proceeding = self.state == ClientState::Proceeding;
                self.interval = if proceeding { T2 } else { (self.interval * 2).min(T2) };
                self.e = Some(now + self.interval);
            }
            _ => self.terminate(),
        }
        Some(timer)
    }

    /// Takes the response with this status code.
    pub fn handle_response(&mut self, now: Instant, status: u16) -> ResponseKind {
        match self.state {
            ClientState::Trying | ClientState::Proceeding if status < 200 => {
                self.state = ClientState::Proceeding;
                ResponseKind::Provisional
            }
            ClientState::Trying | ClientState::Proceeding => {
                self.state = ClientState::Completed;
                self.e = None;
                self.end = if self.is_reliable { now } else { now + T4 };
                ResponseKind::Final
            }
            _ => ResponseKind::Absorbed,
        }
    }

    fn terminate(&mut self) {
        self.state = ClientState::Terminated;
        self.e = None;
    }
}
