//! The server transactions of a context, and what is sent again for them.

use super::reply_allowance::ReplyAllowance;
use super::{
    Deadline, Place, Requester, Server, ServerShares, ServerTimer, Share, Tid, Timer, TimerQueue,
    Transactions,
};
use crate::sip::Text;
use crate::transport::{Flow, FlowId};
use std::time::Instant;

/// What a timer of a server transaction did.
#[derive(Debug, PartialEq, Eq)]
pub enum ServerFired {
    /// Timer G: the final response is to be sent again.
    Retransmit(FlowId, Text),
    /// Timer H, I, J or L: the transaction is gone, and does not use this flow any more.
    Ended(FlowId),
}

/// Server transactions of proven peers kept at a time. What one of them does costs it a call that
/// the application has taken, and the address of it is not forged.
const MAX_PROVEN: Share = Share { places: 65_536, bytes: 128 << 20 };

/// The shares of proven peers.
#[derive(Debug)]
pub(super) struct ProvenShares(ServerShares);

impl Default for ProvenShares {
    fn default() -> Self {
        ProvenShares(ServerShares::new(MAX_PROVEN))
    }
}

#[derive(Debug)]
pub(super) struct ServerTransaction {
    machine: Server,
    armed: Option<Deadline>,
    key: Box<str>,
    /// The flow that responses are sent over.
    flow: FlowId,
    /// The last response, for retransmissions of the request.
    response: Option<Text>,
    place: Place,
    /// The place is one of those of proven peers.
    is_proven: bool,
    /// Bytes of the request, whose user keeps it until it is answered.
    request_bytes: usize,
    /// `None`: responses are sent freely.
    allowance: Option<ReplyAllowance>,
}

impl ServerTransaction {
    /// The bytes that are kept for it. The tables hold its key twice.
    fn kept_bytes(&self) -> usize {
        let is_owed = self.machine.is_unanswered();
        let request = if is_owed { self.request_bytes } else { 0 };
        2 * self.key.len() + request + self.response.as_ref().map_or(0, |text| text.len())
    }

    /// The last response, with its flow, if it may be sent now.
    fn take_response(&mut self) -> Option<(FlowId, Text)> {
        let response = self.response.clone()?;
        let is_final = !self.machine.is_unanswered();
        let is_sent = self.allowance.as_mut().is_none_or(|allowance| allowance.take(is_final));
        is_sent.then_some((self.flow, response))
    }

    fn arm(&mut self, tid: Tid, timers: &mut TimerQueue) {
        let next = self.machine.poll_timeout().map(|(at, timer)| {
            let timer = match timer {
                ServerTimer::G => Timer::ServerG(tid),
                ServerTimer::H => Timer::ServerH(tid),
                ServerTimer::I => Timer::ServerI(tid),
                ServerTimer::J => Timer::ServerJ(tid),
                ServerTimer::L => Timer::ServerL(tid),
            };
            (at, timer)
        });
        timers.rearm(&mut self.armed, next);
    }
}

/// Server transactions.
impl Transactions {
    /// The transaction of the request with this key, see [`super::server_key`].
    pub fn server(&self, key: &str) -> Option<Tid> {
        self.server_keys.get(key).copied()
    }

    /// Whether a request of so many bytes may come in.
    pub fn have_room(&self, requester: Requester, bytes: usize) -> bool {
        self.server_shares.have_room(requester, bytes)
    }

    /// Whether one of a proven peer may.
    pub fn have_room_for_proven(&self, requester: Requester, bytes: usize) -> bool {
        self.proven_shares.0.have_room(requester, bytes)
    }

    /// A request of so many bytes came in, whose responses go over `flow`; `is_proven`: its sender
    /// has received what we have sent.
    pub fn serve(
        &mut self,
        tid: Tid,
        key: String,
        is_invite: bool,
        flow: Flow,
        (requester, bytes): (Requester, usize),
        is_proven: bool,
    ) {
        let shares = match is_proven {
            true => &mut self.proven_shares.0,
            false => &mut self.server_shares,
        };
        let place = shares.take(requester, 2 * key.len() + bytes);
        let key: Box<str> = key.into();
        self.server_keys.insert(key.clone(), tid);
        let mut machine = Server::new(is_invite, flow.transport.is_reliable());
        let allowance = ReplyAllowance::of(requester, bytes);
        if allowance.is_some() {
            machine = machine.without_repeats();
        }
        let transaction = ServerTransaction {
            machine,
            armed: None,
            place,
            is_proven,
            key,
            flow: flow.id,
            response: None,
            request_bytes: bytes,
            allowance,
        };
        self.servers.insert(tid, transaction);
    }

    /// The application responds to request `tid` by its own will: its response, and what is sent
    /// again of it, is not limited by what came.
    pub fn respond_freely(&mut self, tid: Tid) {
        if let Some(transaction) = self.servers.get_mut(&tid) {
            transaction.allowance = None;
        }
    }

    /// INVITE `tid` begins a call: its 100 goes out at once (RFC 3261 section 17.2.1), in the place
    /// of a final response that nobody but us makes.
    pub fn respond_with_progress(&mut self, tid: Tid) {
        let allowance = self.servers.get_mut(&tid).and_then(|one| one.allowance.as_mut());
        if let Some(allowance) = allowance {
            allowance.spend_on_progress();
        }
    }

    /// One response to request `tid` goes out, whatever was sent before.
    pub fn respond_once_more(&mut self, tid: Tid) {
        if let Some(allowance) = self.servers.get_mut(&tid).and_then(|one| one.allowance.as_mut()) {
            allowance.add();
        }
    }

    /// The response to INVITE `invite` that CANCEL `cancel` has brought about goes out in the place
    /// of the one to the CANCEL, where only one may: that one comes when the CANCEL comes again.
    pub fn respond_for_cancel(&mut self, invite: Tid, cancel: Tid) {
        let lacks = |tid: &Tid| {
            let allowance = self.servers.get(tid).and_then(|one| one.allowance.as_ref());
            allowance.is_some_and(|allowance| !allowance.clone().take(true))
        };
        if !lacks(&invite) || lacks(&cancel) {
            return;
        }
        if let Some(allowance) =
            self.servers.get_mut(&cancel).and_then(|one| one.allowance.as_mut())
        {
            allowance.take(true);
            self.respond_once_more(invite);
        }
    }

    /// The flow that responses to request `tid` go over.
    pub fn server_flow(&self, tid: Tid) -> Option<FlowId> {
        self.servers.get(&tid).map(|transaction| transaction.flow)
    }

    /// The last response to request `tid`.
    pub fn response(&self, tid: Tid) -> Option<&Text> {
        self.servers.get(&tid)?.response.as_ref()
    }

    /// Whether request `tid` awaits its final response.
    pub fn is_unanswered(&self, tid: Tid) -> bool {
        self.servers.get(&tid).is_some_and(|transaction| transaction.machine.is_unanswered())
    }

    /// Responds to request `tid` with `bytes`; without them its sender gets nothing. The flow that
    /// the response goes over; `None`: it is not sent, or only when the request comes again.
    pub fn respond(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
        bytes: Option<&Text>,
        timers: &mut TimerQueue,
    ) -> Option<FlowId> {
        let transaction = self.servers.get_mut(&tid)?;
        transaction.response = bytes.cloned();
        match status {
            ..200 => {}
            200..300 => transaction.machine.accepted(now),
            _ => transaction.machine.answered(now),
        }
        transaction.arm(tid, timers);
        let kept = transaction.kept_bytes();
        let shares = match transaction.is_proven {
            true => &mut self.proven_shares.0,
            false => &mut self.server_shares,
        };
        shares.recount(&mut transaction.place, kept);
        transaction.take_response().map(|(flow, _)| flow)
    }

    /// Request `tid` came again, as so many bytes: the last response to it, if it is sent again. A
    /// 2xx to an INVITE is not: see [`Transactions::repeat_success`].
    pub fn on_repeated(&mut self, tid: Tid, bytes: usize) -> Option<(FlowId, Text)> {
        let transaction = self.servers.get_mut(&tid)?;
        if let Some(allowance) = &mut transaction.allowance {
            allowance.on_repeated(bytes);
        }
        if transaction.machine.is_accepted() {
            return None;
        }
        transaction.take_response()
    }

    /// The 2xx to INVITE `tid`, which its user sends again until the ACK comes.
    pub fn repeat_success(&mut self, tid: Tid) -> Option<(FlowId, Text)> {
        self.servers.get_mut(&tid).filter(|one| one.machine.is_accepted())?.take_response()
    }

    /// The ACK to the 2xx to INVITE `tid` has come: its sender is proven, and the 2xx is not sent
    /// again.
    pub fn prove(&mut self, tid: Tid) {
        let Some(transaction) = self.servers.get_mut(&tid) else { return };
        transaction.response = None;
        let (kept, requester) = (transaction.kept_bytes(), transaction.place.requester());
        if transaction.is_proven || !self.proven_shares.0.have_room(requester, kept) {
            return;
        }
        let place = self.proven_shares.0.take(requester, kept);
        let before = std::mem::replace(&mut transaction.place, place);
        transaction.is_proven = true;
        self.server_shares.release(before);
    }

    /// An ACK with the key of INVITE `tid` came. Whether it is the one to its final response: that
    /// to a 2xx belongs to no transaction (RFC 6026 section 7.1).
    pub fn acknowledge(&mut self, now: Instant, tid: Tid, timers: &mut TimerQueue) -> bool {
        let Some(transaction) = self.servers.get_mut(&tid) else { return false };
        transaction.machine.acknowledged(now);
        transaction.arm(tid, timers);
        !transaction.machine.is_accepted()
    }

    /// Fires the timer of request `tid` that is due.
    pub fn on_server_timeout(
        &mut self,
        now: Instant,
        tid: Tid,
        timers: &mut TimerQueue,
    ) -> Option<ServerFired> {
        let transaction = self.servers.get_mut(&tid)?;
        transaction.armed = None;
        let fired = transaction.machine.handle_timeout(now);
        transaction.arm(tid, timers);
        if fired? == ServerTimer::G {
            let response = transaction.response.clone()?;
            return Some(ServerFired::Retransmit(transaction.flow, response));
        }
        let gone = self.servers.remove(&tid)?;
        self.server_keys.remove(&gone.key);
        match gone.is_proven {
            true => self.proven_shares.0.release(gone.place),
            false => self.server_shares.release(gone.place),
        }
        Some(ServerFired::Ended(gone.flow))
    }
}
