//! Commands for requests outside of dialogs, and for the network as a whole.

use super::deferred::{Deferred, RetainedMessage, Tap};
use super::locked::Locked;
use super::{
    Action, CoreRefusal, Engine, InitialPublish, OutOfDialog, Refusal, Tid, TransactionId,
};
use crate::agent::Agent;
use std::time::Instant;

impl Engine {
    /// See [`Agent::build_request`].
    pub fn build_request(&self, ask: OutOfDialog<'_>) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, _, _| core.agent.build_request(ask))
    }

    /// Does `send`, which sends the text of `message`. Because a program reads its message after
    /// sending it, the message is taken where it was sent: it is kept until the transaction that
    /// `send` gives ends, or for a while where there is none, and then dropped without any lock.
    pub(super) fn send<R, M: Send + 'static>(
        &self,
        message: &mut Option<M>,
        send: impl FnOnce(&mut Agent, Instant) -> Result<(R, Option<TransactionId>), CoreRefusal>,
    ) -> Result<R, Refusal> {
        self.shared().command(|core, now, deferred| {
            let (result, transaction) = send(&mut core.agent, now)?;
            match (message.take(), transaction) {
                (Some(message), Some(transaction)) => core.retain(transaction, Box::new(message)),
                (Some(message), None) => core.keep_for_a_while(Box::new(message), deferred),
                (None, _) => {}
            }
            Ok::<_, CoreRefusal>(result)
        })
    }

    /// The same for a command that starts a transaction, and has no other result.
    pub(super) fn send_within<M: Send + 'static>(
        &self,
        message: &mut Option<M>,
        send: impl FnOnce(&mut Agent, Instant) -> Result<TransactionId, CoreRefusal>,
    ) -> Result<(), Refusal> {
        self.send(message, |agent, now| send(agent, now).map(|id| ((), Some(id))))
    }

    /// Keeps a message that came with an event, and that somebody may be reading, until many others
    /// have come after it.
    pub(crate) fn keep_for_a_while(&self, message: RetainedMessage) {
        let mut deferred = Deferred::default();
        // In a context that has ended it is dropped.
        let keeps = |core: &mut Locked, _| {
            core.keep_for_a_while(message, &mut deferred);
        };
        let _ = self.shared().locked(keeps);
        self.shared().run_deferred(deferred, false);
    }

    /// See [`Agent::send_request`] and, for `message`, `Engine::send`.
    pub fn send_request<M: Send + 'static>(
        &self,
        text: &[u8],
        message: &mut Option<M>,
    ) -> Result<Tid, Refusal> {
        self.send(message, |agent, now| {
            agent.send_request(now, text).map(|(tid, transaction)| (tid, Some(transaction)))
        })
    }

    /// See [`Agent::build_publish`].
    pub fn build_publish(&self, ask: InitialPublish<'_>) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, _, _| core.agent.build_publish(ask))
    }

    /// See [`Agent::publish`] and, for `message`, `Engine::send`.
    pub fn publish<M: Send + 'static>(
        &self,
        text: &[u8],
        aor: &str,
        message: &mut Option<M>,
    ) -> Result<Tid, Refusal> {
        self.send(message, |agent, now| agent.publish(now, text, aor))
    }

    /// See [`Agent::default_action_for_request`].
    pub fn default_action_for_request(&self, tid: Tid, status: u16) -> Result<Action, Refusal> {
        self.shared()
            .command(|core, now, _| core.agent.default_action_for_request(now, tid, status))
    }

    /// See [`Agent::network_changed`]. Errors: `WrongState` while nothing is open.
    pub fn network_changed(&self) -> Result<(), Refusal> {
        self.shared().command(|core, now, _| {
            if !core.is_listening() {
                return Err(CoreRefusal::WrongState);
            }
            core.agent.network_changed(now);
            Ok(())
        })
    }

    /// Gives `tap` a copy of every SIP message from now on; `None`: ends that. It is called without
    /// any lock of ours, by the thread that sent the message, or that drives the sockets for what
    /// arrives: one in [`Engine::event_wait`], or the network thread.
    pub fn set_tap(&self, tap: Option<Tap>) -> Result<(), Refusal> {
        let before =
            self.shared().command(|core, _, _| Ok::<_, CoreRefusal>(core.replace_tap(tap)))?;
        // Dropping it may run code of the application: no lock is held.
        drop(before);
        Ok(())
    }
}
