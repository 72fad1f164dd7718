//! The flows of one context: which are open, from what address of ours, and how many use them.

use super::{Flow, FlowId, Target, Transmit, Transport};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A connection that nobody has used for so long is closed: 64·T1.
pub(crate) const UNUSED: Duration = Duration::from_secs(32);
/// How long our address towards a UDP target counts before it is asked for again.
const LOCAL_FRESH: Duration = Duration::from_secs(1);
/// Flows over UDP remembered that nobody uses. Whoever sends us a datagram makes one.
const MOST_UNUSED: usize = 256;

/// All flows.
#[derive(Debug, Default)]
pub(crate) struct FlowTable {
    last_id: u64,
    flows: FxHashMap<FlowId, FlowEntry>,
    /// Whoever sends us datagrams chooses keys, but no more than [`MOST_UNUSED`] are there.
    by_target: FxHashMap<Target, FlowId>,
    /// Flows over UDP that had no user at some time, the first to go first. It may name flows that
    /// have users again or are gone.
    unused: VecDeque<FlowId>,
}

#[derive(Debug)]
struct FlowEntry {
    target: Target,
    /// Our address as last reported; counts once `is_opened`.
    local: SocketAddr,
    is_opened: bool,
    question: OpenRequest,
    /// Until then `local` need not be asked for again. Streams never do.
    fresh_until: Option<Instant>,
    /// There was no route when the network had changed: whatever comes next is another flow.
    was_cut_off: bool,
    users: usize,
    /// When a stream lost its last user.
    unused_since: Option<Instant>,
    /// When a stream was opened …
    opened_at: Option<Instant>,
    /// … and when something last came over it.
    received_at: Option<Instant>,
    /// How much of a CR LF CR LF has come in pieces.
    line_ends: u8,
    /// It stands in the queue of unused flows …
    is_queued: bool,
    /// … and was used since it was put there.
    was_touched: bool,
    /// Another flow has its place: it goes with its last user.
    is_replaced: bool,
}

/// Whether the network was asked to open a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenRequest {
    None,
    /// Somebody waits for the answer.
    Request,
    /// Only to see whether the local address has changed.
    Check,
}

/// What [`FlowTable::open`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opening {
    /// It is open.
    Open(Flow),
    /// The network was asked already: the answer comes to [`FlowTable::on_opened`] or
    /// [`FlowTable::on_failed`].
    Pending(FlowId),
    /// The network is to be asked this.
    Ask(FlowId, Transmit),
}

/// What there was to a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectionLife {
    /// Where it led.
    pub(crate) target: Target,
    /// When it was opened.
    pub(crate) opened_at: Option<Instant>,
    /// Something has come over it.
    pub(crate) was_used: bool,
}

/// What line ends between messages are (RFC 5626 section 4.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineEnds {
    /// CR LF: the answer to a keep-alive.
    pub(crate) is_pong: bool,
    /// CR LF CR LF: a keep-alive, which wants an answer.
    pub(crate) is_ping: bool,
}

/// What the news about a flow mean for those who use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlowDecision {
    /// Nothing.
    None,
    /// What waits for it can be sent.
    Ready(Flow),
    /// Our address is another one. What waits is sent over `by`, and whoever holds a binding moves
    /// there: [`FlowTable::acquire`] the new, [`FlowTable::release`] the old.
    Replaced { by: Flow },
    /// What waits cannot be sent. The flow may open again.
    NotOpened,
    /// The connection is gone, and so is the flow. All its users need another one.
    Lost,
}

impl FlowTable {
    /// The flow to `target`, with one user more.
    pub(crate) fn open(&mut self, now: Instant, target: &Target) -> Opening {
        let id = match self.by_target.get(target) {
            Some(id) => *id,
            None => self.insert(target.clone(), unspecified()),
        };
        self.acquire(id);
        let Some(entry) = self.flows.get_mut(&id) else { return Opening::Pending(id) };
        if entry.is_fresh(now) {
            return Opening::Open(entry.flow(id));
        }
        let was_asked = entry.question != OpenRequest::None;
        entry.question = OpenRequest::Request;
        if was_asked { Opening::Pending(id) } else { Opening::Ask(id, entry.transmit(id)) }
    }

    /// A flow to `target` that is tried beside another, without users; `None`: there is one
    /// already.
    pub(crate) fn attempt(&mut self, target: &Target) -> Option<(FlowId, Transmit)> {
        if self.by_target.contains_key(target) {
            return None;
        }
        let id = self.insert(target.clone(), unspecified());
        let entry = self.flows.get_mut(&id)?;
        entry.question = OpenRequest::Request;
        Some((id, entry.transmit(id)))
    }

    /// The connection to `target`, if it is open.
    pub(crate) fn connection(&self, target: &Target) -> Option<Flow> {
        let id = *self.by_target.get(target)?;
        self.flows.get(&id).filter(|entry| entry.is_opened).map(|entry| entry.flow(id))
    }

    /// All connections, those included that are being made, in the order in which they were asked
    /// for.
    pub(crate) fn connections(&self) -> Vec<Flow> {
        let all = self.flows.iter().filter(|(_, entry)| entry.target.transport.is_reliable());
        let mut flows: Vec<Flow> = all.map(|(id, entry)| entry.flow(*id)).collect();
        flows.sort_unstable_by_key(|flow| flow.id);
        flows
    }

    /// Something came over a connection.
    pub(crate) fn on_received(&mut self, now: Instant, id: FlowId) {
        if let Some(entry) = self.flows.get_mut(&id) {
            entry.received_at = Some(now);
        }
    }

    /// Line ends came over a connection, between messages: what they are.
    pub(crate) fn on_line_ends(&mut self, id: FlowId, bytes: &[u8]) -> LineEnds {
        let (mut is_pong, mut is_ping) = (false, false);
        let Some(entry) = self.flows.get_mut(&id) else { return LineEnds { is_pong, is_ping } };
        for byte in bytes {
            entry.line_ends = match (entry.line_ends, byte) {
                (0, b'\r') => 1,
                (1, b'\n') => 2,
                (2, b'\r') => 3,
                (3, b'\n') => {
                    is_ping = true;
                    0
                }
                (_, b'\r') => 1,
                _ => 0,
            };
        }
        // What ends here with a whole CR LF is not continued.
        if entry.line_ends == 2 {
            is_pong = true;
            entry.line_ends = 0;
        }
        LineEnds { is_pong, is_ping }
    }

    /// When something last came over a connection.
    pub(crate) fn received_at(&self, id: FlowId) -> Option<Instant> {
        self.flows.get(&id)?.received_at
    }

    /// What is known of a connection, for when it is lost.
    pub(crate) fn connection_life(&self, id: FlowId) -> Option<ConnectionLife> {
        let entry = self.flows.get(&id)?;
        let (target, opened_at) = (entry.target.clone(), entry.opened_at);
        Some(ConnectionLife { target, opened_at, was_used: entry.received_at.is_some() })
    }

    /// The flow that something came over from `remote`. For UDP each call names one; for a
    /// connection, the one when it is accepted.
    pub(crate) fn incoming(
        &mut self,
        by: Transport,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> FlowId {
        let target = Target::new(by, remote);
        if let Some(id) = self.by_target.get(&target) {
            if let Some(entry) = self.flows.get_mut(id) {
                entry.was_touched = true;
            }
            return *id;
        }
        let id = self.insert(target, local);
        if let Some(entry) = self.flows.get_mut(&id) {
            entry.is_opened = by.is_reliable();
        }
        self.queue_unused(id);
        id
    }

    /// What the network is asked to learn our address on a flow that a peer has used; `None`: it is
    /// known, or was asked for.
    pub(crate) fn ask_local(&mut self, id: FlowId) -> Option<Transmit> {
        let entry = self.flows.get_mut(&id)?;
        if !entry.local.ip().is_unspecified() || entry.question != OpenRequest::None {
            return None;
        }
        entry.question = OpenRequest::Request;
        Some(entry.transmit(id))
    }

    /// The flow, where it is open or a peer has used it.
    pub(crate) fn get(&self, id: FlowId) -> Option<Flow> {
        self.flows.get(&id).map(|entry| entry.flow(id))
    }

    /// The flow has one user more.
    pub(crate) fn acquire(&mut self, id: FlowId) -> Option<Flow> {
        let entry = self.flows.get_mut(&id)?;
        entry.users += 1;
        entry.unused_since = None;
        Some(entry.flow(id))
    }

    /// The flow has one user less. Returns when [`FlowTable::on_timeout`] is wanted, if it is.
    pub(crate) fn release(&mut self, now: Instant, id: FlowId) -> Option<Instant> {
        let entry = self.flows.get_mut(&id)?;
        entry.users = entry.users.saturating_sub(1);
        if entry.users > 0 {
            return None;
        }
        if entry.target.transport.is_reliable() {
            entry.unused_since = Some(now);
            return Some(now + UNUSED);
        }
        if entry.is_replaced {
            self.flows.remove(&id);
        } else {
            self.queue_unused(id);
        }
        None
    }

    /// Closes a connection that nobody has used for [`UNUSED`].
    pub(crate) fn on_timeout(&mut self, now: Instant, id: FlowId) -> Option<Transmit> {
        let since = self.flows.get(&id)?.unused_since?;
        if now < since + UNUSED {
            return None;
        }
        self.remove(id);
        Some(Transmit::Close { flow: id })
    }

    /// The network opened a flow, and our address on it is `local`.
    pub(crate) fn on_opened(
        &mut self,
        now: Instant,
        id: FlowId,
        local: SocketAddr,
    ) -> FlowDecision {
        let Some(entry) = self.flows.get_mut(&id) else { return FlowDecision::None };
        let question = std::mem::replace(&mut entry.question, OpenRequest::None);
        if entry.is_replaced {
            return FlowDecision::None;
        }
        if question == OpenRequest::Check && entry.target.transport.is_reliable() {
            if entry.local.ip() == local.ip() && !entry.was_cut_off {
                return FlowDecision::None;
            }
            // What is sent would still leave from the address that leads nowhere any more.
            self.remove(id);
            return FlowDecision::Lost;
        }
        let is_other = entry.is_opened && (entry.local != local || entry.was_cut_off);
        if !is_other {
            entry.set_opened(now, local);
            return FlowDecision::Ready(entry.flow(id));
        }
        entry.is_replaced = true;
        let (target, is_unused) = (entry.target.clone(), entry.users == 0);
        if is_unused {
            self.flows.remove(&id);
        }
        let new = self.insert(target, local);
        self.queue_unused(new);
        let Some(entry) = self.flows.get_mut(&new) else { return FlowDecision::None };
        entry.set_opened(now, local);
        FlowDecision::Replaced { by: entry.flow(new) }
    }

    /// The network could not open a flow, lost it, or could not deliver a datagram.
    pub(crate) fn on_failed(&mut self, id: FlowId) -> FlowDecision {
        let Some(entry) = self.flows.get_mut(&id) else { return FlowDecision::None };
        if entry.target.transport.is_reliable() {
            self.remove(id);
            return FlowDecision::Lost;
        }
        let question = std::mem::replace(&mut entry.question, OpenRequest::None);
        match question {
            // What an ICMP error is about is for the transaction to say.
            OpenRequest::None => return FlowDecision::None,
            OpenRequest::Check | OpenRequest::Request => entry.was_cut_off = entry.is_opened,
        }
        entry.fresh_until = None;
        FlowDecision::NotOpened
    }

    /// No address of ours leads to the other end. Whether that is the answer for a connection,
    /// which stays: what comes over it when there is a way again is to come over another one.
    pub(crate) fn on_cut_off(&mut self, id: FlowId) -> bool {
        let Some(entry) = self.flows.get_mut(&id) else { return false };
        let is_asked = entry.question == OpenRequest::Check;
        if !is_asked || !entry.target.transport.is_reliable() {
            return false;
        }
        entry.question = OpenRequest::None;
        entry.was_cut_off = true;
        true
    }

    /// Addresses, routes or links of ours came or went: no local address counts any more.
    pub(crate) fn on_interfaces_changed(&mut self) {
        for entry in self.flows.values_mut() {
            entry.fresh_until = None;
        }
    }

    /// Questions whether the flows in use have another local address.
    pub(crate) fn check_local_addresses(&mut self) -> Vec<Transmit> {
        let mut questions = Vec::new();
        for (id, entry) in &mut self.flows {
            let is_checked = entry.users > 0 && entry.is_opened && !entry.is_replaced;
            let is_idle = entry.question == OpenRequest::None;
            if is_checked && is_idle {
                entry.question = OpenRequest::Check;
                questions.push((*id, entry.transmit(*id)));
            }
        }
        questions.sort_unstable_by_key(|(id, _)| *id);
        questions.into_iter().map(|(_, question)| question).collect()
    }

    fn insert(&mut self, target: Target, local: SocketAddr) -> FlowId {
        self.last_id += 1;
        let id = FlowId(self.last_id);
        self.by_target.insert(target.clone(), id);
        let entry = FlowEntry {
            target,
            local,
            is_opened: false,
            question: OpenRequest::None,
            fresh_until: None,
            was_cut_off: false,
            users: 0,
            unused_since: None,
            opened_at: None,
            received_at: None,
            line_ends: 0,
            is_queued: false,
            was_touched: false,
            is_replaced: false,
        };
        self.flows.insert(id, entry);
        id
    }

    /// The flow is gone.
    pub(crate) fn remove(&mut self, id: FlowId) {
        if let Some(entry) = self.flows.remove(&id).filter(|entry| !entry.is_replaced) {
            self.by_target.remove(&entry.target);
        }
    }

    /// Puts a flow over UDP without users among those that go when there are too many.
    fn queue_unused(&mut self, id: FlowId) {
        let Some(entry) = self.flows.get_mut(&id) else { return };
        if entry.target.transport.is_reliable() {
            return;
        }
        if std::mem::replace(&mut entry.is_queued, true) {
            entry.was_touched = true;
            return;
        }
        while self.unused.len() >= MOST_UNUSED {
            self.drop_unused();
        }
        self.unused.push_back(id);
    }

    /// Takes the first of the queue out, unless it was used since it came there.
    fn drop_unused(&mut self) {
        let Some(id) = self.unused.pop_front() else { return };
        let Some(entry) = self.flows.get_mut(&id) else { return };
        if entry.users > 0 {
            entry.is_queued = false;
        } else if std::mem::take(&mut entry.was_touched) {
            self.unused.push_back(id);
        } else {
            self.remove(id);
        }
    }
}

impl FlowEntry {
    fn flow(&self, id: FlowId) -> Flow {
        let Target { transport, remote, .. } = self.target;
        Flow { id, transport, local: self.local, remote }
    }

    fn transmit(&self, flow: FlowId) -> Transmit {
        Transmit::Open { flow, target: self.target.clone() }
    }

    fn is_fresh(&self, now: Instant) -> bool {
        let is_reliable = self.target.transport.is_reliable();
        self.is_opened && (is_reliable || self.fresh_until.is_some_and(|until| now < until))
    }

    fn set_opened(&mut self, now: Instant, local: SocketAddr) {
        self.local = local;
        self.is_opened = true;
        self.fresh_until = Some(now + LOCAL_FRESH);
        self.opened_at = self.opened_at.or(Some(now));
    }
}

/// The local address of a flow before the network has reported it.
fn unspecified() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 0))
}

#[cfg(test)]
mod tests;
