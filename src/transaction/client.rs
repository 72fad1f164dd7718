//! The non-INVITE client transaction (RFC 3261 section 17.1.2).

use super::{T1, T2, T4, TIMER_F};
use std::time::{Duration, Instant};

/// Where a transaction is in figure 6 of RFC 3261.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The request waits for its route; nothing was sent yet.
    Waiting,
    /// Sent; no answer yet.
    Trying,
    /// A provisional answer came.
    Proceeding,
    /// A final answer came; further ones are absorbed.
    Completed,
    /// Gone.
    Terminated,
}

/// What a timer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fired {
    /// Timer E: send the request again, byte for byte.
    Retransmit,
    /// Timer F: no final answer; the transaction is gone.
    TimedOut,
    /// Timer K: nothing more to absorb; the transaction is gone.
    Ended,
}

/// What an answer is to the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// 1xx.
    Provisional,
    /// The first final answer.
    Final,
    /// A duplicate, or too late.
    Absorbed,
}

/// One non-INVITE client transaction over an unreliable transport.
#[derive(Debug, Clone)]
pub struct Client {
    state: State,
    /// Timer E; `None` while nothing is to be retransmitted.
    e: Option<Instant>,
    interval: Duration,
    /// Timer F, and timer K once completed.
    end: Instant,
    /// When it was first sent to this target.
    since: Instant,
}

impl Client {
    /// Queues a request: timer F runs from here, so that a name that never resolves ends too.
    pub fn queue(now: Instant) -> Self {
        Client { state: State::Waiting, e: None, interval: T1, end: now + TIMER_F, since: now }
    }

    /// The request was handed to the transport for the first time, or again to another target.
    pub fn sent(&mut self, now: Instant) {
        self.state = State::Trying;
        self.interval = T1;
        self.e = Some(now + T1);
        self.since = now;
    }

    /// For how long this target has said nothing at all.
    pub fn silence(&self, now: Instant) -> Duration {
        if self.state == State::Trying { now.saturating_duration_since(self.since) } else { Duration::ZERO }
    }

    /// The state.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether timer E waits for T1: it did not fire yet for this target.
    pub fn is_first_wait(&self) -> bool {
        self.interval == T1
    }

    /// Whether a final answer is still awaited.
    pub fn is_pending(&self) -> bool {
        matches!(self.state, State::Waiting | State::Trying | State::Proceeding)
    }

    /// When [`Client::handle_timeout`] is next wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Terminated => None,
            _ => Some(self.e.map_or(self.end, |e| e.min(self.end))),
        }
    }

    /// Fires the timer that is due, F and K before E; `None` when it is early.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Fired> {
        if self.state == State::Terminated {
            return None;
        }
        if now >= self.end {
            let fired = if self.state == State::Completed { Fired::Ended } else { Fired::TimedOut };
            self.state = State::Terminated;
            self.e = None;
            return Some(fired);
        }
        if self.e.is_none_or(|e| now < e) {
            return None;
        }
        self.interval = if self.state == State::Proceeding { T2 } else { (self.interval * 2).min(T2) };
        self.e = Some(now + self.interval);
        Some(Fired::Retransmit)
    }

    /// Takes the answer with this status code.
    pub fn handle_response(&mut self, now: Instant, status: u16) -> Heard {
        match self.state {
            State::Trying | State::Proceeding if status < 200 => {
                self.state = State::Proceeding;
                Heard::Provisional
            }
            State::Trying | State::Proceeding => {
                self.state = State::Completed;
                self.e = None;
                self.end = now + T4;
                Heard::Final
            }
            _ => Heard::Absorbed,
        }
    }

    /// Ends it at once: the transport failed for good.
    pub fn abandon(&mut self) {
        self.state = State::Terminated;
        self.e = None;
    }
}
