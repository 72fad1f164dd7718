//! Commands for calls; what becomes of a message that is sent: [`Engine::send`].

use super::{
    Action, Cid, CoreRefusal, DescriptionOf, Did, Engine, InitialInvite, Refusal, Terminated, Tid,
    WithinDialog,
};

impl Engine {
    /// See [`crate::agent::Agent::build_initial_invite`].
    pub fn build_initial_invite(&self, ask: InitialInvite<'_>) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, _, _| core.agent.build_initial_invite(ask))
    }

    /// See [`crate::agent::Agent::send_initial_invite`].
    pub fn send_initial_invite<M: Send + 'static>(
        &self,
        text: &[u8],
        message: &mut Option<M>,
    ) -> Result<Cid, Refusal> {
        self.send(message, |agent, now| {
            agent.send_initial_invite(now, text).map(|(cid, transaction)| (cid, Some(transaction)))
        })
    }

    /// See [`crate::agent::Agent::build_ack`].
    pub fn build_ack(&self, id: i32) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, now, _| core.agent.build_ack(now, id))
    }

    /// See [`crate::agent::Agent::send_ack`].
    pub fn send_ack<M: Send + 'static>(
        &self,
        id: i32,
        text: Option<&[u8]>,
        message: &mut Option<M>,
    ) -> Result<(), Refusal> {
        self.send(message, |agent, now| agent.send_ack(now, id, text).map(|()| ((), None)))
    }

    /// See [`crate::agent::Agent::build_dialog_request`].
    pub fn build_dialog_request(
        &self,
        did: Did,
        ask: WithinDialog<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, now, _| core.agent.build_dialog_request(now, did, ask))
    }

    /// See [`crate::agent::Agent::send_dialog_request`].
    pub fn send_dialog_request<M: Send + 'static>(
        &self,
        did: Did,
        text: &[u8],
        message: &mut Option<M>,
    ) -> Result<(), Refusal> {
        self.send_within(message, |agent, now| agent.send_dialog_request(now, did, text))
    }

    /// See [`crate::agent::Agent::terminate_call`].
    pub fn terminate_call(
        &self,
        cid: Cid,
        did: Did,
        header: Option<(&str, &str)>,
    ) -> Result<Terminated, Refusal> {
        self.shared().command(|core, now, _| core.agent.terminate_call(now, cid, did, header))
    }

    /// See [`crate::agent::Agent::build_prack`].
    pub fn build_prack(&self, tid: Tid, response: Option<&[u8]>) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, now, _| core.agent.build_prack(now, tid, response))
    }

    /// See [`crate::agent::Agent::send_prack`].
    pub fn send_prack<M: Send + 'static>(
        &self,
        tid: Tid,
        text: &[u8],
        message: &mut Option<M>,
    ) -> Result<(), Refusal> {
        self.send_within(message, |agent, now| agent.send_prack(now, tid, text))
    }

    /// See [`crate::agent::Agent::set_call_reference`].
    pub fn set_call_reference(&self, id: i32, reference: usize) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| core.agent.set_call_reference(id, reference))
    }

    /// See [`crate::agent::Agent::call_reference`].
    pub fn call_reference(&self, cid: Cid) -> Result<Option<usize>, Refusal> {
        self.shared().command(|core, _, _| Ok::<_, CoreRefusal>(core.agent.call_reference(cid)))
    }

    /// See [`crate::agent::Agent::refer_to`].
    pub fn refer_to(&self, did: Did) -> Result<String, Refusal> {
        self.shared().command(|core, _, _| core.agent.refer_to(did))
    }

    /// See [`crate::agent::Agent::find_by_replaces`].
    pub fn find_by_replaces(&self, text: &str) -> Result<Cid, Refusal> {
        self.shared().command(|core, _, _| core.agent.find_by_replaces(text))
    }

    /// See [`crate::agent::Agent::call_description`].
    pub fn call_description(&self, of: DescriptionOf) -> Result<Option<Vec<u8>>, Refusal> {
        self.shared().command(|core, _, _| Ok::<_, CoreRefusal>(core.agent.call_description(of)))
    }

    /// See [`crate::agent::Agent::default_action_for_call`].
    pub fn default_action_for_call(&self, tid: Tid, status: u16) -> Result<Action, Refusal> {
        self.shared().command(|core, now, _| core.agent.default_action_for_call(now, tid, status))
    }
}
