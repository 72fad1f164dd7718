//! Server transactions (RFC 3261 section 17.2) over an unreliable transport.

use super::{T1, T2, T4, TIMER_F};
use std::time::{Duration, Instant};

/// Where a server transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No final answer yet.
    Proceeding,
    /// A final answer was sent; retransmissions of the request get it again.
    Completed,
    /// The ACK to a final answer came: further ones are absorbed.
    Confirmed,
    /// Gone.
    Terminated,
}

/// What a timer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerFired {
    /// Timer G: send the final answer to the INVITE again.
    Retransmit,
    /// Timer H, I or J: the transaction is gone.
    Ended,
}

/// One request from outside, INVITE or not.
#[derive(Debug, Clone)]
pub struct Server {
    invite: bool,
    state: State,
    /// Timer G, INVITE only.
    retransmit: Option<Instant>,
    interval: Duration,
    /// Timer H, I or J once answered.
    end: Option<Instant>,
}

impl Server {
    /// A request came in; `invite` chooses between the two machines of section 17.2.
    pub fn new(invite: bool) -> Self {
        Server { invite, state: State::Proceeding, retransmit: None, interval: T1, end: None }
    }

    /// Whether a final answer is still owed.
    pub fn is_unanswered(&self) -> bool {
        self.state == State::Proceeding
    }

    /// The final answer was sent: an INVITE's is repeated until its ACK comes, others wait for retransmissions of the request.
    pub fn answered(&mut self, now: Instant) {
        self.state = State::Completed;
        self.end = Some(now + TIMER_F);
        self.retransmit = self.invite.then(|| now + T1);
    }

    /// An ACK came. Only the first to an answered INVITE changes anything.
    pub fn acknowledged(&mut self, now: Instant) {
        if self.invite && self.state == State::Completed {
            self.state = State::Confirmed;
            self.retransmit = None;
            self.end = Some(now + T4);
        }
    }

    /// When [`Server::handle_timeout`] is next wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Terminated => None,
            _ => self.retransmit.into_iter().chain(self.end).min(),
        }
    }

    /// Fires the timer that is due; `None` when it is early.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<ServerFired> {
        if self.end.is_some_and(|end| now >= end) {
            self.state = State::Terminated;
            (self.retransmit, self.end) = (None, None);
            return Some(ServerFired::Ended);
        }
        if self.retransmit.is_none_or(|at| now < at) {
            return None;
        }
        self.interval = (self.interval * 2).min(T2);
        self.retransmit = Some(now + self.interval);
        Some(ServerFired::Retransmit)
    }
}
