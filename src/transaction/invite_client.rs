//! The INVITE client transaction (RFC 3261 section 17.1.1, with RFC 6026).

use super::client::{ClientState, ClientTimer, ResponseKind};
use super::{T1, TIMER_D, TIMER_F};
use std::time::{Duration, Instant};

/// One INVITE client transaction.
///
/// Timers B and M are 64·T1, as timer F is. Where a provisional response came there is no limit to
/// the wait for the final one, until the INVITE is cancelled.
#[derive(Debug, Clone)]
pub struct InviteClient {
    state: ClientState,
    /// Timer A; `None` while nothing is to be retransmitted.
    a: Option<Instant>,
    interval: Duration,
    /// Timer B, then D or M; while proceeding the end of the wait behind a CANCEL.
    end: Option<Instant>,
    /// When it was first sent to this target.
    since: Instant,
    /// The flow retransmits by itself: timer A is not needed, and D is zero.
    is_reliable: bool,
    is_cancelled: bool,
}

impl InviteClient {
    /// Queues an INVITE: timer B runs from here, so that a name that never resolves ends too.
    pub fn queue(now: Instant) -> Self {
        InviteClient {
            state: ClientState::Waiting,
            a: None,
            interval: T1,
            end: Some(now + TIMER_F),
            since: now,
            is_reliable: false,
            is_cancelled: false,
        }
    }

    /// The transport layer has the INVITE for another target, or for one with connections: timer B
    /// runs from here, for each of them (RFC 3263 section 4.3: it is another transaction).
    pub fn handed_over(&mut self, now: Instant) {
        (self.state, self.a) = (ClientState::Waiting, None);
        self.end = Some(now + TIMER_F);
    }

    /// When it was first sent to this target.
    pub fn sent_at(&self) -> Instant {
        self.since
    }

    /// The INVITE was handed to a flow for the first time, or to the flow of another target.
    pub fn sent(&mut self, now: Instant, is_reliable: bool) {
        self.state = ClientState::Calling;
        self.interval = T1;
        self.a = (!is_reliable).then(|| now + T1);
        self.since = now;
        self.is_reliable = is_reliable;
    }

    /// For how long this target has said nothing at all.
    pub fn silence(&self, now: Instant) -> Duration {
        match self.state {
            ClientState::Calling => now.saturating_duration_since(self.since),
            _ => Duration::ZERO,
        }
    }

    /// The state.
    pub fn state(&self) -> ClientState {
        self.state
    }

    /// The INVITE is cancelled, which it can be once a provisional response has come: without a
    /// final response it ends 64·T1 later (RFC 3261 section 9.1). Whether it is cancelled now, for
    /// the first time.
    pub fn cancel(&mut self, now: Instant) -> bool {
        let is_first = self.state == ClientState::Proceeding && !self.is_cancelled;
        if is_first {
            self.is_cancelled = true;
            self.end = Some(now + TIMER_F);
        }
        is_first
    }

    /// It has moved on to another target: nothing is sent again to this one.
    pub fn stop_repeating(&mut self) {
        self.a = None;
    }

    /// The next timer, and when it fires.
    pub fn poll_timeout(&self) -> Option<(Instant, ClientTimer)> {
        let (timer, end) = (self.end_timer()?, self.end?);
        match self.a {
            Some(a) if a < end => Some((a, ClientTimer::A)),
            _ => Some((end, timer)),
        }
    }

    /// What the end is that there is in this state.
    fn end_timer(&self) -> Option<ClientTimer> {
        match self.state {
            ClientState::Completed => Some(ClientTimer::D),
            ClientState::Accepted => Some(ClientTimer::M),
            ClientState::Terminated => None,
            _ => Some(ClientTimer::B),
        }
    }

    /// Fires the timer that is due; `None` when it is early.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<ClientTimer> {
        let (_, timer) = self.poll_timeout().filter(|(at, _)| now >= *at)?;
        if timer == ClientTimer::A && self.end.is_some_and(|end| now < end) {
            self.interval *= 2;
            self.a = Some(now + self.interval);
            return Some(ClientTimer::A);
        }
        // Where the clock has passed both there is no use in sending once more.
        let end = self.end_timer();
        (self.state, self.a, self.end) = (ClientState::Terminated, None, None);
        end
    }

    /// Takes the response with this status code.
    pub fn handle_response(&mut self, now: Instant, status: u16) -> ResponseKind {
        match (self.state, status) {
            (ClientState::Calling, ..200) => {
                (self.state, self.a, self.end) = (ClientState::Proceeding, None, None);
                ResponseKind::Provisional
            }
            (ClientState::Proceeding, ..200) => ResponseKind::Provisional,
            (ClientState::Calling | ClientState::Proceeding, 200..300) => {
                (self.state, self.a) = (ClientState::Accepted, None);
                self.end = Some(now + TIMER_F);
                ResponseKind::Final
            }
            (ClientState::Calling | ClientState::Proceeding, _) => {
                (self.state, self.a) = (ClientState::Completed, None);
                self.end = Some(if self.is_reliable { now } else { now + TIMER_D });
                ResponseKind::Final
            }
            (ClientState::Accepted, 200..300) | (ClientState::Completed, 300..) => {
                ResponseKind::Repeated
            }
            _ => ResponseKind::Absorbed,
        }
    }
}
