//! Commands for requests outside of registrations, and for the network as a whole.

use super::deferred::{RetainedMessage, Tap};
use super::{Action, CoreRefusal, Engine, InitialPublish, OutOfDialog, Refusal, Tid};

impl Engine {
    /// See [`crate::agent::Agent::build_request`].
    pub fn build_request(&self, ask: OutOfDialog<'_>) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, _, _| core.agent.build_request(ask))
    }

    /// See [`crate::agent::Agent::send_request`]. `retained` is kept until the transaction ends,
    /// and dropped without any lock, at once on a refusal.
    pub fn send_request(
        &self,
        text: &[u8],
        mut retained: Option<RetainedMessage>,
    ) -> Result<Tid, Refusal> {
        // Borrowed, so that on a refusal it is dropped here, when no lock is held.
        let message = &mut retained;
        self.shared().command(|core, now, _| {
            let (tid, transaction) = core.agent.send_request(now, text)?;
            if let Some(message) = message.take() {
                core.retain(transaction, message);
            }
            Ok::<_, CoreRefusal>(tid)
        })
    }

    /// See [`crate::agent::Agent::build_publish`].
    pub fn build_publish(&self, ask: InitialPublish<'_>) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, _, _| core.agent.build_publish(ask))
    }

    /// See [`crate::agent::Agent::publish`]. `retained` as in [`Self::send_request`].
    pub fn publish(
        &self,
        text: &[u8],
        aor: &str,
        mut retained: Option<RetainedMessage>,
    ) -> Result<Tid, Refusal> {
        let message = &mut retained;
        self.shared().command(|core, now, deferred| {
            let (tid, transaction) = core.agent.publish(now, text, aor)?;
            match (message.take(), transaction) {
                (Some(message), Some(transaction)) => core.retain(transaction, message),
                (Some(message), None) => core.keep_for_a_while(message, deferred),
                (None, _) => {}
            }
            Ok::<_, CoreRefusal>(tid)
        })
    }

    /// See [`crate::agent::Agent::default_action_for_request`].
    pub fn default_action_for_request(&self, tid: Tid, status: u16) -> Result<Action, Refusal> {
        self.shared()
            .command(|core, now, _| core.agent.default_action_for_request(now, tid, status))
    }

    /// See [`crate::agent::Agent::network_changed`]. Errors: `WrongState` while nothing is open.
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
