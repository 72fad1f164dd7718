//! The client transactions of a context, and what is sent again for them.

use super::client_outcome::{
    Abandoned, Answered, ClientFired, Received, ServerAddresses, Transmission,
};
use super::client_transaction::{ClientEntry, ClientMachine, ClientTransaction};
use super::past_invite::PastInvite;
use super::server_transactions::{ProvenShares, ServerTransaction};
use super::shrink::{is_oversized, shrunk_capacity};
use super::{
    Branch, ClientTimer, NoResponse, ResponseKind, ServerShares, Tid, TimerQueue, TransactionId,
    TransactionUser,
};
use crate::sip::{Draft, Message, Text};
use crate::transport::{Flow, FlowId, Target, TargetQueue, TransportError};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::time::Instant;

/// All transactions of one context.
#[derive(Debug, Default)]
pub struct Transactions {
    clients: FxHashMap<TransactionId, ClientEntry>,
    pub(super) branches: FxHashMap<Branch, TransactionId>,
    /// Those of CANCELs, which are the same as those of their INVITEs.
    cancel_branches: FxHashMap<Branch, TransactionId>,
    pub(super) servers: FxHashMap<Tid, ServerTransaction>,
    pub(super) server_keys: HashMap<Box<str>, Tid>,
    pub(super) server_shares: ServerShares,
    /// The shares of those who are known to receive what we send: they have our tag.
    pub(super) proven_shares: ProvenShares,
    last_id: u64,
}

/// Client transactions.
impl Transactions {
    /// How many there are, those included that absorb further responses.
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// The number that the next transaction will have.
    pub fn next_id(&self) -> TransactionId {
        TransactionId(self.last_id + 1)
    }

    /// Queues `request`, which has this CSeq and Via branch.
    pub fn queue(
        &mut self,
        now: Instant,
        user: TransactionUser,
        request: Draft,
        cseq: (u32, Cow<'static, str>),
        branch: Option<Branch>,
    ) -> TransactionId {
        let (cseq, method) = cseq;
        let is_free = |branch: &Branch| !self.branches_of(&method).contains_key(branch);
        let transaction = ClientTransaction {
            user,
            machine: ClientMachine::queue(now, &method, &request),
            armed: None,
            cseq,
            branch: branch.filter(is_free),
            method,
            request: Some(request),
            sent: None,
            targets: TargetQueue::default(),
            is_repeated: false,
            flow: None,
            held: None,
            trouble: None,
        };
        self.insert(ClientEntry::Pending(Box::new(transaction)))
    }

    pub(super) fn insert(&mut self, entry: ClientEntry) -> TransactionId {
        self.last_id += 1;
        let id = TransactionId(self.last_id);
        self.clients.insert(id, entry);
        id
    }

    fn pending(&self, id: TransactionId) -> Option<&ClientTransaction> {
        match self.clients.get(&id)? {
            ClientEntry::Pending(transaction) => Some(transaction),
            ClientEntry::Completed(_) | ClientEntry::Past(_) => None,
        }
    }

    pub(super) fn pending_mut(&mut self, id: TransactionId) -> Option<&mut ClientTransaction> {
        match self.clients.get_mut(&id)? {
            ClientEntry::Pending(transaction) => Some(transaction),
            ClientEntry::Completed(_) | ClientEntry::Past(_) => None,
        }
    }

    /// Where the transactions of this method are found: a response to a CANCEL and one to its
    /// INVITE differ in the method of their CSeq alone (RFC 3261 section 17.1.3).
    fn branches_of(&self, method: &str) -> &FxHashMap<Branch, TransactionId> {
        if method == "CANCEL" { &self.cancel_branches } else { &self.branches }
    }

    /// Whose transaction it is; `None` for one that awaits no response.
    pub fn user(&self, id: TransactionId) -> Option<TransactionUser> {
        self.pending(id).map(|transaction| transaction.user)
    }

    /// Whose transaction it is, and how long its request is before its addresses are known.
    pub fn unsent(&self, id: TransactionId) -> Option<(TransactionUser, usize)> {
        let transaction = self.pending(id)?;
        let request = transaction.request.as_ref();
        let length = request.map_or(0, |request| request.head().len() + request.body.len());
        Some((transaction.user, length))
    }

    /// Its end is reported to no user.
    pub fn orphan(&mut self, id: TransactionId) {
        if let Some(transaction) = self.pending_mut(id) {
            transaction.user = TransactionUser::None;
        }
    }

    /// The request before its addresses were known.
    pub fn request(&self, id: TransactionId) -> Option<&Draft> {
        self.pending(id)?.request.as_ref()
    }

    /// The targets to try, in order; waits for timer F at most.
    pub fn set_targets(&mut self, id: TransactionId, targets: TargetQueue) {
        if let Some(transaction) = self.pending_mut(id) {
            transaction.targets = targets;
        }
    }

    /// Its targets.
    pub fn targets(&self, id: TransactionId) -> Option<&TargetQueue> {
        self.pending(id).map(|transaction| &transaction.targets)
    }

    /// Puts its next timer into the queue.
    pub fn arm(&mut self, id: TransactionId, timers: &mut TimerQueue) {
        if let Some(transaction) = self.pending_mut(id) {
            transaction.arm(id, timers);
        }
    }

    /// The connection to `target` that it was sent over is lost, and the server may have ended it
    /// before the request came: it is sent there once more. Whether it is, which it is only once.
    pub fn repeat(&mut self, id: TransactionId, target: Target) -> bool {
        let Some(transaction) = self.pending_mut(id) else { return false };
        let is_over = transaction.is_repeated || transaction.machine.is_proceeding_invite();
        if transaction.request.is_none() || is_over {
            return false;
        }
        transaction.is_repeated = true;
        transaction.targets.repeat(target);
        true
    }

    /// The flow that it was last sent over.
    pub fn flow(&self, id: TransactionId) -> Option<Flow> {
        self.pending(id)?.flow
    }

    /// Whether there are targets that were not tried yet, and may be. An INVITE that somebody works
    /// on would ring a second time there.
    pub fn has_alternative(&self, id: TransactionId) -> bool {
        self.pending(id).is_some_and(|transaction| {
            !transaction.targets.is_empty() && !transaction.machine.is_proceeding_invite()
        })
    }

    /// The next target, and the flow that is not used any more; `None` when there is none left. A
    /// response from the target before is none to this transaction from here on, and timer F
    /// begins anew.
    pub fn next_target(
        &mut self,
        now: Instant,
        id: TransactionId,
        timers: &mut TimerQueue,
    ) -> Option<(ServerAddresses, Option<FlowId>)> {
        let Some(ClientEntry::Pending(transaction)) = self.clients.get_mut(&id) else {
            return None;
        };
        let is_next = transaction.targets.has_begun();
        let target = transaction.targets.pop_server()?;
        let past = if is_next { PastInvite::of(transaction) } else { None };
        if is_next {
            transaction.trouble = None;
        }
        if is_next || target.0.transport.is_reliable() {
            transaction.machine.handed_over(now);
        }
        // A CANCEL, whose branch is that of its INVITE, has one target.
        if transaction.flow.is_some() {
            if let Some(sent) = transaction.branch.take() {
                self.branches.remove(&sent);
            }
        }
        let released = transaction.held.take();
        if let Some(past) = past {
            self.leave_behind(now, past, timers);
        }
        Some((target, released))
    }

    /// It uses `flow` from here on, and waits until that is open.
    pub fn hold(&mut self, id: TransactionId, flow: FlowId) {
        if let Some(transaction) = self.pending_mut(id) {
            transaction.held = Some(flow);
        }
    }

    /// Whether it waits until `flow` is open.
    pub fn waits_for(&self, id: TransactionId, flow: FlowId) -> bool {
        self.pending(id).is_some_and(|transaction| transaction.waits_for(flow))
    }

    /// What goes over the open `flow`. A request to another target is another transaction on the
    /// wire (RFC 3263 section 4.3): it gets a branch of its own.
    pub fn transmission(
        &mut self,
        id: TransactionId,
        flow: Flow,
        draw: impl FnOnce() -> u128,
    ) -> Option<Transmission> {
        let Some(ClientEntry::Pending(transaction)) = self.clients.get_mut(&id) else {
            return None;
        };
        transaction.flow = Some(flow);
        transaction.held = Some(flow.id);
        // Over a connection it may have to be sent once more.
        let is_last = transaction.targets.is_empty() && !flow.transport.is_reliable();
        let request =
            if is_last { transaction.request.take() } else { transaction.request.clone() }?;
        let kept = transaction.branch.take();
        let drawn = kept.is_none();
        let branch = kept.unwrap_or_else(|| Branch::Drawn(draw()));
        let text = drawn.then(|| {
            let mut text = String::with_capacity(39);
            branch.push_to(&mut text);
            text
        });
        let branches = match &*transaction.method {
            "CANCEL" => &mut self.cancel_branches,
            _ => &mut self.branches,
        };
        branches.insert(branch.clone(), id);
        transaction.branch = Some(branch);
        Some(Transmission { flow, request, branch: text })
    }

    /// The flow that it uses, or waits for.
    pub fn held(&self, id: TransactionId) -> Option<FlowId> {
        self.pending(id)?.held
    }

    /// Those that use a flow that `is_meant` or wait for it, in the order in which they were
    /// queued.
    pub fn holding(&self, is_meant: impl Fn(FlowId) -> bool) -> Vec<TransactionId> {
        self.pending_where(|one| one.held.is_some_and(&is_meant))
    }

    /// When it was first sent to its present target.
    pub fn sent_at(&self, id: TransactionId) -> Option<Instant> {
        self.pending(id).map(|transaction| transaction.machine.sent_at())
    }

    /// Those that were last sent over a flow that `is_meant` and use it, in the order in which they
    /// were queued.
    pub fn sent_over(&self, is_meant: impl Fn(FlowId) -> bool) -> Vec<TransactionId> {
        self.pending_where(|one| {
            one.held.is_some_and(|flow| is_meant(flow) && !one.waits_for(flow))
        })
    }

    fn pending_where(&self, is_meant: impl Fn(&ClientTransaction) -> bool) -> Vec<TransactionId> {
        let all = self.clients.iter().filter_map(|(id, entry)| match entry {
            ClientEntry::Pending(transaction) if is_meant(transaction) => Some(*id),
            _ => None,
        });
        let mut ids: Vec<TransactionId> = all.collect();
        ids.sort_unstable();
        ids
    }

    /// The request was handed to its flow as `wire`, where its Call-ID stands at `call_id`. Whether
    /// it awaits a response, as all but an ACK do.
    pub fn sent(
        &mut self,
        now: Instant,
        id: TransactionId,
        wire: Text,
        call_id: Range<usize>,
        timers: &mut TimerQueue,
    ) -> bool {
        let Some(transaction) = self.pending_mut(id) else { return false };
        transaction.sent = Some((wire, call_id));
        let is_awaiting = transaction.method != "ACK";
        if is_awaiting {
            let is_reliable = transaction.flow.is_some_and(|flow| flow.transport.is_reliable());
            transaction.machine.sent(now, is_reliable);
            transaction.arm(id, timers);
        }
        is_awaiting
    }

    /// What is sent again, and over which flow. Nothing while the one to the next target opens.
    pub fn retransmission(&self, id: TransactionId) -> Option<(FlowId, Text)> {
        let transaction = self.pending(id)?;
        let (wire, _) = transaction.sent.as_ref()?;
        let flow = transaction.flow.filter(|flow| transaction.held == Some(flow.id))?;
        Some((flow.id, wire.clone()))
    }

    /// The transaction that `response`, with this branch in its top Via, is one to.
    pub fn find(&self, branch: &Branch, response: &Message<'_>) -> Option<TransactionId> {
        let cseq = response.cseq()?;
        let id = *self.branches_of(cseq.method).get(branch)?;
        let is_answered = match self.clients.get(&id)? {
            ClientEntry::Pending(one) => one.is_answered_by(response, cseq),
            ClientEntry::Completed(_) => true,
            ClientEntry::Past(one) => one.is_answered_by(response, cseq),
        };
        is_answered.then_some(id)
    }

    /// The transaction of the request with this method and branch that awaits its response.
    pub fn find_pending(&self, method: &str, branch: &Branch) -> Option<TransactionId> {
        let id = *self.branches_of(method).get(branch)?;
        self.pending(id).map(|_| id)
    }

    /// Takes `response` to transaction `id`.
    pub fn on_response(
        &mut self,
        now: Instant,
        id: TransactionId,
        response: &Message<'_>,
        timers: &mut TimerQueue,
    ) -> Received {
        let status = response.status().unwrap_or(0);
        let Some(entry) = self.clients.get_mut(&id) else { return Received::Unknown };
        let transaction = match entry {
            ClientEntry::Pending(transaction) => transaction,
            ClientEntry::Completed(_) => return Received::Absorbed,
            ClientEntry::Past(invite) => return invite.on_response(now, response),
        };
        let user = transaction.user;
        match transaction.machine.handle_response(now, status) {
            ResponseKind::Absorbed | ResponseKind::Repeated => return Received::Absorbed,
            ResponseKind::Provisional => {
                transaction.arm(id, timers);
                return Received::Provisional(
                    user,
                    transaction.sent.as_ref().map(|sent| sent.0.clone()),
                );
            }
            ResponseKind::Final => {}
        }
        transaction.arm(id, timers);
        let (flow, released) = (transaction.flow, transaction.held);
        let Some((kept, request, ack)) = transaction.complete(response) else {
            self.forget(id);
            return Received::Absorbed;
        };
        *entry = kept;
        match flow {
            Some(flow) => Received::Final(Answered { user, request, ack, flow, released }),
            None => Received::Absorbed,
        }
    }

    /// Fires the timer of transaction `id` that is due.
    pub fn on_client_timeout(
        &mut self,
        now: Instant,
        id: TransactionId,
        timers: &mut TimerQueue,
    ) -> Option<ClientFired> {
        let transaction = match self.clients.get_mut(&id)? {
            ClientEntry::Pending(transaction) => transaction,
            ClientEntry::Past(invite) => {
                if let Some((end, timer)) = invite.end_behind(now) {
                    timers.set(end, timer.of(id));
                    return None;
                }
                self.forget(id);
                return Some(ClientFired::Released);
            }
            ClientEntry::Completed(_) => {
                self.forget(id);
                return Some(ClientFired::Released);
            }
        };
        transaction.armed = None;
        let silence = transaction.machine.silence(now);
        let is_proceeding = transaction.machine.is_proceeding_invite();
        let fired = transaction.machine.handle_timeout(now);
        transaction.arm(id, timers);
        match fired? {
            ClientTimer::A | ClientTimer::E => Some(ClientFired::Retransmit(silence)),
            ClientTimer::B if is_proceeding => Some(ClientFired::Unfinished),
            ClientTimer::B | ClientTimer::F => Some(ClientFired::TimedOut),
            ClientTimer::D | ClientTimer::K | ClientTimer::M => Some(ClientFired::Released),
        }
    }

    /// What the network said of transaction `id`.
    pub fn set_trouble(&mut self, id: TransactionId, trouble: TransportError) {
        if let Some(transaction) = self.pending_mut(id) {
            transaction.trouble = Some(trouble);
        }
    }

    /// Why there was no final response when timer F fired.
    pub fn timeout(&self, id: TransactionId) -> NoResponse {
        let transaction = self.pending(id);
        match transaction.and_then(|transaction| transaction.flow) {
            Some(flow) => {
                let error = transaction.and_then(|transaction| transaction.trouble.clone());
                NoResponse::Timeout { remote: flow.remote, error }
            }
            None => NoResponse::ResolutionTimeout,
        }
    }

    /// Ends transaction `id` without a final response.
    pub fn abandon(&mut self, id: TransactionId, timers: &mut TimerQueue) -> Option<Abandoned> {
        let ClientEntry::Pending(mut transaction) = self.forget(id)? else { return None };
        timers.rearm(&mut transaction.armed, None);
        let unsent = transaction.request.take();
        let request = match transaction.sent.take() {
            Some((wire, _)) => Some(wire),
            None => unsent.map(|draft| draft.to_bytes().into()),
        };
        Some(Abandoned { user: transaction.user, request, released: transaction.held })
    }

    fn forget(&mut self, id: TransactionId) -> Option<ClientEntry> {
        let entry = self.clients.remove(&id)?;
        let branch = match &entry {
            ClientEntry::Pending(transaction) => transaction.branch.as_ref(),
            ClientEntry::Completed(branch) => Some(branch),
            ClientEntry::Past(invite) => Some(&invite.branch),
        };
        if let Some(branch) = branch {
            for branches in [&mut self.branches, &mut self.cancel_branches] {
                if branches.get(branch) == Some(&id) {
                    branches.remove(branch);
                }
            }
        }
        if is_oversized(self.clients.capacity(), self.clients.len()) {
            self.clients.shrink_to(shrunk_capacity(self.clients.len()));
            for branches in [&mut self.branches, &mut self.cancel_branches] {
                branches.shrink_to(shrunk_capacity(branches.len()));
            }
        }
        Some(entry)
    }
}
