//! Commands for subscriptions; what becomes of a message that is sent: [`Engine::send`].

use super::{Action, Did, Engine, InitialRefer, InitialSubscribe, Refusal, Sid, Tid};

impl Engine {
    /// See [`crate::agent::Agent::build_initial_subscribe`].
    pub fn build_initial_subscribe(&self, ask: InitialSubscribe<'_>) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, _, _| core.agent.build_initial_subscribe(ask))
    }

    /// See [`crate::agent::Agent::build_initial_refer`].
    pub fn build_initial_refer(&self, ask: InitialRefer<'_>) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, _, _| core.agent.build_initial_refer(ask))
    }

    /// See [`crate::agent::Agent::send_initial_subscribe`].
    pub fn send_initial_subscribe<M: Send + 'static>(
        &self,
        text: &[u8],
        message: &mut Option<M>,
    ) -> Result<Sid, Refusal> {
        self.send(message, |agent, now| {
            agent.send_initial_subscribe(now, text).map(|(sid, id)| (sid, Some(id)))
        })
    }

    /// See [`crate::agent::Agent::build_subscription_refresh`].
    pub fn build_subscription_refresh(&self, id: i32) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, now, _| core.agent.build_subscription_refresh(now, id))
    }

    /// See [`crate::agent::Agent::send_subscription_refresh`].
    pub fn send_subscription_refresh<M: Send + 'static>(
        &self,
        id: i32,
        text: &[u8],
        message: &mut Option<M>,
    ) -> Result<(), Refusal> {
        self.send_within(message, |agent, now| agent.send_subscription_refresh(now, id, text))
    }

    /// See [`crate::agent::Agent::remove_subscription`].
    pub fn remove_subscription(&self, id: i32) -> Result<(), Refusal> {
        self.shared().command(|core, now, _| core.agent.remove_subscription(now, id))
    }

    /// See [`crate::agent::Agent::check_request`].
    pub fn check_request(&self, tid: Tid) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| core.agent.check_request(tid))
    }

    /// See [`crate::agent::Agent::build_notify`].
    pub fn build_notify(&self, did: Did, status: i32, reason: i32) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, now, _| core.agent.build_notify(now, did, status, reason))
    }

    /// See [`crate::agent::Agent::build_notifier_request`].
    pub fn build_notifier_request(&self, did: Did, method: &str) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, now, _| core.agent.build_notifier_request(now, did, method))
    }

    /// See [`crate::agent::Agent::send_notifier_request`].
    pub fn send_notifier_request<M: Send + 'static>(
        &self,
        did: Did,
        text: &[u8],
        message: &mut Option<M>,
    ) -> Result<(), Refusal> {
        self.send_within(message, |agent, now| agent.send_notifier_request(now, did, text))
    }

    /// See [`crate::agent::Agent::remove_notifier`].
    pub fn remove_notifier(&self, did: Did) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| core.agent.remove_notifier(did))
    }

    /// See [`crate::agent::Agent::describe_dialogs`].
    pub fn describe_dialogs(&self, ids: (i32, Did), tid: Tid) -> Result<(), Refusal> {
        self.shared().command(|core, now, _| core.agent.describe_dialogs(now, ids, tid))
    }

    /// See [`crate::agent::Agent::default_action_for_subscription`].
    pub fn default_action_for_subscription(
        &self,
        id: (i32, Tid),
        status: u16,
    ) -> Result<Action, Refusal> {
        self.shared()
            .command(|core, now, _| core.agent.default_action_for_subscription(now, id, status))
    }
}
