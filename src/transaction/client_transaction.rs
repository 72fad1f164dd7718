//! One client transaction: what it sends, where, and what is kept of it.

use super::client::{ClientTimer, NonInviteClient, ResponseKind};
use super::invite_requests::routes;
use super::past_invite::PastInvite;
use super::{
    Branch, ClientState, Deadline, InviteClient, Timer, TimerQueue, TransactionId, TransactionUser,
};
use crate::sip::{CSeq, Draft, Message, Text};
use crate::transport::{Flow, FlowId, TargetQueue, TransportError};
use std::borrow::Cow;
use std::ops::Range;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) enum ClientEntry {
    /// It awaits its final response.
    Pending(Box<ClientTransaction>),
    /// It has its final response: further ones with this branch are absorbed until timer K.
    Completed(Branch),
    /// The same for an INVITE, until timer D or M; or it has moved on from this target.
    Past(Box<PastInvite>),
}

impl ClientTimer {
    /// The same of this transaction.
    pub(super) fn of(self, id: TransactionId) -> Timer {
        match self {
            ClientTimer::A => Timer::ClientA(id),
            ClientTimer::B => Timer::ClientB(id),
            ClientTimer::D => Timer::ClientD(id),
            ClientTimer::M => Timer::ClientM(id),
            ClientTimer::E => Timer::ClientE(id),
            ClientTimer::F => Timer::ClientF(id),
            ClientTimer::K => Timer::ClientK(id),
        }
    }
}

/// The machine of section 17.1 that the method calls for.
#[derive(Debug)]
pub(super) enum ClientMachine {
    NonInvite(NonInviteClient),
    Invite(Box<InviteMachine>),
}

#[derive(Debug)]
pub(super) struct InviteMachine {
    pub(super) client: InviteClient,
    /// The Route of the INVITE, which may be hidden from the wire; its ACK shows it.
    pub(super) route: Option<Box<str>>,
}

impl ClientMachine {
    /// That for `request`, which is queued now.
    pub(super) fn queue(now: Instant, method: &str, request: &Draft) -> ClientMachine {
        if method == "INVITE" {
            let (client, route) = (InviteClient::queue(now), routes(request));
            return ClientMachine::Invite(Box::new(InviteMachine { client, route }));
        }
        ClientMachine::NonInvite(NonInviteClient::queue(now))
    }

    pub(super) fn handed_over(&mut self, now: Instant) {
        match self {
            ClientMachine::NonInvite(client) => client.handed_over(now),
            ClientMachine::Invite(invite) => invite.client.handed_over(now),
        }
    }

    pub(super) fn sent(&mut self, now: Instant, is_reliable: bool) {
        match self {
            ClientMachine::NonInvite(client) => client.sent(now, is_reliable),
            ClientMachine::Invite(invite) => invite.client.sent(now, is_reliable),
        }
    }

    pub(super) fn sent_at(&self) -> Instant {
        match self {
            ClientMachine::NonInvite(client) => client.sent_at(),
            ClientMachine::Invite(invite) => invite.client.sent_at(),
        }
    }

    pub(super) fn silence(&self, now: Instant) -> Duration {
        match self {
            ClientMachine::NonInvite(client) => client.silence(now),
            ClientMachine::Invite(invite) => invite.client.silence(now),
        }
    }

    pub(super) fn handle_response(&mut self, now: Instant, status: u16) -> ResponseKind {
        match self {
            ClientMachine::NonInvite(client) => client.handle_response(now, status),
            ClientMachine::Invite(invite) => invite.client.handle_response(now, status),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> Option<ClientTimer> {
        match self {
            ClientMachine::NonInvite(client) => client.handle_timeout(now),
            ClientMachine::Invite(invite) => invite.client.handle_timeout(now),
        }
    }

    fn poll_timeout(&self) -> Option<(Instant, ClientTimer)> {
        match self {
            ClientMachine::NonInvite(client) => client.poll_timeout(),
            ClientMachine::Invite(invite) => invite.client.poll_timeout(),
        }
    }

    /// Whether it is an INVITE that somebody works on: it goes nowhere else any more.
    pub(super) fn is_proceeding_invite(&self) -> bool {
        matches!(self, ClientMachine::Invite(invite)
            if invite.client.state() == ClientState::Proceeding)
    }
}

#[derive(Debug)]
pub(super) struct ClientTransaction {
    pub(super) user: TransactionUser,
    pub(super) machine: ClientMachine,
    pub(super) armed: Option<Deadline>,
    pub(super) cseq: u32,
    pub(super) method: Cow<'static, str>,
    /// That of the request as it stands, then of the request as last sent.
    pub(super) branch: Option<Branch>,
    /// The request before its addresses are known, while there may be other targets for it.
    pub(super) request: Option<Draft>,
    /// The request as last sent, and where its Call-ID stands in it.
    pub(super) sent: Option<(Text, Range<usize>)>,
    pub(super) targets: TargetQueue,
    /// It was sent once more to a target whose connection was lost.
    pub(super) is_repeated: bool,
    /// The flow that it was last sent over.
    pub(super) flow: Option<Flow>,
    /// The flow that it uses: the same, or the one to the next target, which is not open yet.
    pub(super) held: Option<FlowId>,
    /// What the network said of it last.
    pub(super) trouble: Option<TransportError>,
}

impl ClientTransaction {
    pub(super) fn arm(&mut self, id: TransactionId, timers: &mut TimerQueue) {
        let next = self.machine.poll_timeout().map(|(at, timer)| (at, timer.of(id)));
        timers.rearm(&mut self.armed, next);
    }

    pub(super) fn waits_for(&self, flow: FlowId) -> bool {
        self.held == Some(flow) && self.flow.is_none_or(|sent_over| sent_over.id != flow)
    }

    /// Whether `response`, which has this CSeq, is one to the request as last sent (RFC 3261
    /// section 17.1.3). One with another CSeq number or Call-ID is no response of the server's to
    /// us either.
    pub(super) fn is_answered_by(&self, response: &Message<'_>, cseq: CSeq<'_>) -> bool {
        let Some((wire, call_id)) = &self.sent else { return false };
        let call_id = wire.get(call_id.clone());
        cseq.number == self.cseq
            && *cseq.method == *self.method
            && call_id.is_some()
            && call_id == response.call_id().map(str::as_bytes)
    }

    /// It has its final response, which is `response`: what is kept of it, the request as sent, and
    /// the ACK to be sent.
    pub(super) fn complete(
        &mut self,
        response: &Message<'_>,
    ) -> Option<(ClientEntry, Text, Option<Text>)> {
        let (kept, ack) = match PastInvite::answered(self, response) {
            Some((past, ack)) => (ClientEntry::Past(Box::new(past)), ack),
            None => (ClientEntry::Completed(self.branch.take()?), None),
        };
        Some((kept, self.sent.take()?.0, ack))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_transaction_is_small() {
        assert!(size_of::<ClientEntry>() <= 32, "{}", size_of::<ClientEntry>());
        let machine = size_of::<ClientMachine>();
        assert_eq!(machine, size_of::<NonInviteClient>());
    }
}
