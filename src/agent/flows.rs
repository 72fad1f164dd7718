//! The flows of a context: opened for requests, replaced when our address is another one, closed
//! when nobody uses them.

use super::{Agent, LogLevel, Policy, Rid, Timer, TransactionId, Transmit};
use crate::request::Local;
use crate::transaction::{Branch, NoResponse, TransactionUser};
use crate::transport::{Flow, FlowDecision, FlowId, Transport, TransportError};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Addresses and routes come and go in several steps: this long after the first our own addresses
/// are asked for again.
const SETTLE: Duration = Duration::from_millis(1500);
/// After a sleep of the machine that was so long a NAT may have forgotten us, or a server the
/// connection.
const LONG_SLEEP: Duration = Duration::from_secs(30);

impl Agent {
    /// The flow of what came from `remote` to our address `local`, or was sent the other way.
    pub fn flow_of(
        &mut self,
        transport: Transport,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> FlowId {
        self.flows.incoming(transport, local, remote)
    }

    /// The flow `id`, while it is of use.
    pub fn flow(&self, id: FlowId) -> Option<Flow> {
        self.flows.get(id)
    }

    /// What Via and automatic Contacts say over `flow`.
    #[inline]
    pub(super) fn local(&self, flow: &Flow) -> Local {
        Local {
            transport: flow.transport,
            address: flow.local,
            contact_port: self.listening.and_then(|listening| listening.contact_port),
            learned: self.learned.get(flow).copied(),
            masquerade: self.settings.masquerade,
            keep_route: false,
            replaces: false,
        }
    }

    /// Something of ours that goes over this flow will have a Contact: asks for our address on it
    /// where the socket has none of its own.
    pub(super) fn learn_local(&mut self, id: FlowId) {
        self.transmits.extend(self.flows.ask_local(id));
    }

    /// The flow has one user less.
    pub(super) fn release_flow(&mut self, now: Instant, flow: FlowId) {
        if let Some(at) = self.flows.release(now, flow) {
            self.timers.set(at, Timer::UnusedFlow(flow));
        }
    }

    /// A connection may have been unused for long enough.
    pub(super) fn on_unused_flow(&mut self, now: Instant, flow: FlowId) {
        self.transmits.extend(self.flows.on_timeout(now, flow));
    }

    /// The network opened a flow.
    pub(super) fn on_opened(&mut self, now: Instant, id: FlowId, local: SocketAddr) {
        let before = self.flows.get(id);
        match self.flows.on_opened(now, id, local) {
            FlowDecision::Ready(flow) => {
                self.on_connected(now, flow);
                for waiting in self.take_waiting(id) {
                    self.send_over(now, waiting, flow);
                }
            }
            FlowDecision::Replaced { by } => self.on_replaced(now, id, by),
            FlowDecision::Lost => {
                if let Some(flow) = before {
                    self.leave_connection(now, flow);
                }
            }
            FlowDecision::None | FlowDecision::NotOpened => {}
        }
    }

    /// The requests that wait until `flow` is open.
    pub(super) fn take_waiting(&mut self, flow: FlowId) -> Vec<TransactionId> {
        let mut waiting = self.opening.remove(&flow).unwrap_or_default();
        waiting.retain(|id| self.transactions.waits_for(*id, flow));
        waiting
    }

    /// Our address towards a server is another one, or there is a way to it again: what waits goes
    /// over the new flow, and bindings move there, those of the eXosip calls with the next
    /// automatic action.
    fn on_replaced(&mut self, now: Instant, old: FlowId, by: Flow) {
        self.learned.remove(&by);
        let waiting = self.take_waiting(old);
        for id in &waiting {
            self.flows.acquire(by.id);
            self.transactions.hold(*id, by.id);
            self.release_flow(now, old);
        }
        let users = self.registrations_over(|flow| flow == old);
        for rid in &users {
            self.set_flow(now, *rid, Some(by.id));
        }
        for id in &waiting {
            self.send_over(now, *id, by);
        }
        for rid in users {
            let pending =
                self.registrations.get(&rid).and_then(|entry| entry.registration.transaction());
            // What was just sent has left from the new address.
            if pending.is_none_or(|pending| !waiting.contains(&pending)) {
                self.renew_moved(now, rid);
            }
        }
    }

    /// The network of `rid` is another one: it registers anew, where it is one of the eXosip calls
    /// with the next automatic action.
    pub(super) fn renew_moved(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        match &mut entry.policy {
            Policy::Managed(_) => self.move_managed(now, rid),
            Policy::Automatic(automatic) => {
                automatic.on_network_changed(now, &mut entry.registration);
                self.replan(rid);
            }
        }
    }

    /// The registrations whose last REGISTER went over a flow that `is_meant`. This one walks all
    /// of them, for flows that are gone.
    pub(super) fn registrations_over(&self, is_meant: impl Fn(FlowId) -> bool) -> Vec<Rid> {
        let all = self.registrations.iter().filter(|(_, entry)| entry.flow.is_some_and(&is_meant));
        let mut rids: Vec<Rid> = all.map(|(rid, _)| *rid).collect();
        rids.sort_unstable();
        rids
    }

    /// A flow could not be opened, is gone, or did not deliver a datagram.
    pub(super) fn on_failed(
        &mut self,
        now: Instant,
        id: FlowId,
        error: TransportError,
        bytes: &[u8],
    ) {
        let Some(flow) = self.flows.get(id) else { return };
        // A connection may refuse one message and stay.
        let is_about_message = !bytes.is_empty() || matches!(error, TransportError::Icmp(_));
        if is_about_message {
            return self.on_undelivered(now, flow, error, bytes);
        }
        if matches!(error, TransportError::NoRoute { .. }) && self.flows.on_cut_off(id) {
            return;
        }
        if self.on_attempt_failed(now, flow, &error) {
            return;
        }
        let is_connection = flow.transport.is_reliable();
        let life = if is_connection { self.flows.connection_life(id) } else { None };
        match self.flows.on_failed(id) {
            FlowDecision::Lost => self.on_lost(now, flow, life, &error),
            FlowDecision::None => {}
            _ => {
                for waiting in self.take_waiting(id) {
                    if !self.send_to_next_target(now, waiting) {
                        self.give_up(now, waiting, NoResponse::NotOpened(error.clone()));
                    }
                }
            }
        }
    }

    /// The network could not deliver a datagram, of which `bytes` came back.
    fn on_undelivered(&mut self, now: Instant, flow: Flow, error: TransportError, bytes: &[u8]) {
        let remote = flow.remote;
        self.log(LogLevel::Warning, format!("not delivered to {remote}: {error}"));
        let Some(branch) = Branch::find(bytes) else {
            if is_keep_alive(bytes) && !flow.transport.is_reliable() {
                self.on_keep_alive_failed(now, flow.id, bytes);
            }
            return;
        };
        let method = bytes.split(|byte| *byte == b' ').next().unwrap_or_default();
        let method = std::str::from_utf8(method).unwrap_or_default();
        let Some(id) = self.transactions.find_pending(method, &branch) else { return };
        if self.transactions.flow(id).is_none_or(|sent| sent.remote != remote) {
            return;
        }
        self.transactions.set_trouble(id, error.clone());
        // With another target, or a policy that tries again, there is no use in waiting; without
        // them the registrar may come back within 64·T1.
        let user = self.transactions.user(id);
        let is_managed =
            matches!(user, Some(TransactionUser::Registration(rid)) if self.managed(rid).is_some());
        let goes_on = self.fails_over(now, id, None);
        if !goes_on && (error.is_permanent() || is_managed) {
            self.give_up(now, id, NoResponse::Transport { remote, error });
        }
    }

    /// Addresses, routes or links of ours came or went: bindings move once all has settled, if
    /// their flow is another one then.
    pub(super) fn on_interfaces_changed(&mut self, now: Instant) {
        self.flows.on_interfaces_changed();
        self.locator.on_interfaces_changed(now);
        let has_connections = self.listening_transport().is_reliable();
        let waits = !self.out_of_reach.is_empty() || self.locator.is_waiting();
        let is_used = !self.registrations.is_empty() || has_connections || waits;
        if is_used && !self.is_settling {
            self.is_settling = true;
            self.timers.set(now + SETTLE, Timer::Interfaces);
        }
    }

    /// The machine slept. Mappings of NATs and connections do not outlast a long sleep, and often
    /// it wakes in another network: every binding is renewed then.
    pub(super) fn on_resumed(&mut self, now: Instant, slept: Duration) {
        let seconds = slept.as_secs();
        self.log(LogLevel::Info, format!("the machine slept for {seconds} s"));
        if slept >= LONG_SLEEP {
            self.network_changed(now);
        }
        self.on_interfaces_changed(now);
    }

    /// The interfaces have settled: flows are asked for their local address, names once more for
    /// their records, and what could not leave is sent.
    pub(super) fn on_interfaces_settled(&mut self, now: Instant) {
        self.is_settling = false;
        self.transmits.extend(self.flows.check_local_addresses());
        self.locator.ask_again(now);
        self.ask_names();
        self.retry_out_of_reach(now);
    }

    /// Sends `bytes` over `flow`.
    pub(super) fn transmit(&mut self, flow: FlowId, bytes: super::Text) {
        self.transmits.push_back(Transmit::Send { flow, bytes });
    }
}

/// Line ends (RFC 5626), or STUN, whose first two bits are 0 where those of SIP are not.
pub(super) fn is_keep_alive(bytes: &[u8]) -> bool {
    let is_crlf = bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
    bytes.first().is_some_and(|first| is_crlf || *first < 4)
}
