//! Tickets with which a server takes up an earlier session: one for each flow.

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// Flows whose tickets are kept; the oldest go first.
const FLOWS: usize = 256;

/// What makes a flow: the settings by their number, the domain, the server's address.
pub(super) type TicketKey = (u64, Arc<str>, SocketAddr);

/// What a server gave us for one flow.
#[derive(Default)]
struct FlowTickets {
    group: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    /// The newest: each is used once.
    tls13: Option<Tls13ClientSessionValue>,
}

#[derive(Default)]
struct Flows {
    of: FxHashMap<TicketKey, FlowTickets>,
    /// The oldest first.
    order: VecDeque<TicketKey>,
}

/// The tickets of a context.
#[derive(Default)]
pub(super) struct TicketStore(Mutex<Flows>);

impl TicketStore {
    /// Those of one flow, as rustls wants them.
    pub(super) fn for_flow(self: &Arc<Self>, key: TicketKey) -> Arc<dyn ClientSessionStore> {
        Arc::new(FlowTicketStore { key, store: Arc::clone(self) })
    }

    /// How many flows have some.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().of.len()
    }
}

struct FlowTicketStore {
    key: TicketKey,
    store: Arc<TicketStore>,
}

impl FlowTicketStore {
    fn change(&self, change: impl FnOnce(&mut FlowTickets)) {
        let flows = &mut *self.store.0.lock();
        if !flows.of.contains_key(&self.key) {
            if flows.order.len() == FLOWS {
                if let Some(oldest) = flows.order.pop_front() {
                    flows.of.remove(&oldest);
                }
            }
            flows.order.push_back(self.key.clone());
        }
        change(flows.of.entry(self.key.clone()).or_default());
    }

    fn look_up<T>(&self, look_up: impl FnOnce(&mut FlowTickets) -> Option<T>) -> Option<T> {
        self.store.0.lock().of.get_mut(&self.key).and_then(look_up)
    }
}

impl fmt::Debug for FlowTicketStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowTicketStore").field("key", &self.key).finish_non_exhaustive()
    }
}

impl ClientSessionStore for FlowTicketStore {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        self.change(|tickets| tickets.group = Some(group));
    }

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.look_up(|tickets| tickets.group)
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.change(|tickets| tickets.tls12 = Some(value));
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.look_up(|tickets| tickets.tls12.clone())
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        self.look_up(|tickets| tickets.tls12.take());
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.change(|tickets| tickets.tls13 = Some(value));
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.look_up(|tickets| tickets.tls13.take())
    }
}
