//! The server transactions of a context, and what is sent again for them.

use super::{Deadline, Server, ServerTimer, Tid, Timer, TimerQueue, Transactions};
use crate::sip::Text;
use crate::transport::{Flow, FlowId};
use std::time::Instant;

/// What a timer of a server transaction did.
#[derive(Debug, PartialEq, Eq)]
pub enum ServerFired {
    /// Timer G: the final response is to be sent again.
    Retransmit(FlowId, Text),
    /// Timer H, I or J: the transaction is gone, and does not use this flow any more.
    Ended(FlowId),
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
}

impl ServerTransaction {
    fn arm(&mut self, tid: Tid, timers: &mut TimerQueue) {
        let next = self.machine.poll_timeout().map(|(at, timer)| {
            let timer = match timer {
                ServerTimer::G => Timer::ServerG(tid),
                ServerTimer::H => Timer::ServerH(tid),
                ServerTimer::I => Timer::ServerI(tid),
                ServerTimer::J => Timer::ServerJ(tid),
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

    /// A request came in, whose responses go over `flow`.
    pub fn serve(&mut self, tid: Tid, key: String, is_invite: bool, flow: Flow) {
        let key: Box<str> = key.into();
        self.server_keys.insert(key.clone(), tid);
        let machine = Server::new(is_invite, flow.transport.is_reliable());
        let flow = flow.id;
        let transaction = ServerTransaction { machine, armed: None, key, flow, response: None };
        self.servers.insert(tid, transaction);
    }

    /// Whether request `tid` awaits its final response.
    pub fn is_unanswered(&self, tid: Tid) -> bool {
        self.servers.get(&tid).is_some_and(|transaction| transaction.machine.is_unanswered())
    }

    /// Responds to request `tid`; the flow that the response goes over.
    pub fn respond(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
        bytes: &Text,
        timers: &mut TimerQueue,
    ) -> Option<FlowId> {
        let transaction = self.servers.get_mut(&tid)?;
        transaction.response = Some(bytes.clone());
        if status >= 200 {
            transaction.machine.answered(now);
            transaction.arm(tid, timers);
        }
        Some(transaction.flow)
    }

    /// The last response to request `tid`, which came again.
    pub fn last_response(&self, tid: Tid) -> Option<(FlowId, Text)> {
        let transaction = self.servers.get(&tid)?;
        Some((transaction.flow, transaction.response.clone()?))
    }

    /// The ACK to the final response of request `tid` came.
    pub fn acknowledge(&mut self, now: Instant, tid: Tid, timers: &mut TimerQueue) {
        if let Some(transaction) = self.servers.get_mut(&tid) {
            transaction.machine.acknowledged(now);
            transaction.arm(tid, timers);
        }
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
        Some(ServerFired::Ended(gone.flow))
    }
}
