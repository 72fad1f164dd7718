//! Commands for calls.
//!
//! What is sent comes as text, and with the message that the application gave, because a program
//! reads its message after sending it. The message is taken where it is sent, and kept until its
//! answer is there; an ACK has none, and is kept for a while. It is dropped without any lock.

use super::{
    Action, Cid, CoreRefusal, DescriptionOf, Did, Engine, InitialInvite, Refusal, Terminated, Tid,
    TransactionId, WithinDialog,
};
use crate::agent::Agent;
use std::time::Instant;

impl Engine {
    /// See [`Agent::build_initial_invite`].
    pub fn build_initial_invite(&self, ask: InitialInvite<'_>) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, _, _| core.agent.build_initial_invite(ask))
    }

    /// See [`Agent::send_initial_invite`].
    pub fn send_initial_invite<M: Send + 'static>(
        &self,
        text: &[u8],
        message: &mut Option<M>,
    ) -> Result<Cid, Refusal> {
        self.send_with_transaction(message, |agent, now| agent.send_initial_invite(now, text))
    }

    /// See [`Agent::build_ack`].
    pub fn build_ack(&self, id: i32) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, now, _| core.agent.build_ack(now, id))
    }

    /// See [`Agent::send_ack`].
    pub fn send_ack<M: Send + 'static>(
        &self,
        id: i32,
        text: Option<&[u8]>,
        message: &mut Option<M>,
    ) -> Result<(), Refusal> {
        self.shared().command(|core, now, deferred| {
            core.agent.send_ack(now, id, text)?;
            if let Some(message) = message.take() {
                core.keep_for_a_while(Box::new(message), deferred);
            }
            Ok::<_, CoreRefusal>(())
        })
    }

    /// See [`Agent::build_dialog_request`].
    pub fn build_dialog_request(
        &self,
        did: Did,
        ask: WithinDialog<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, now, _| core.agent.build_dialog_request(now, did, ask))
    }

    /// See [`Agent::send_dialog_request`].
    pub fn send_dialog_request<M: Send + 'static>(
        &self,
        did: Did,
        text: &[u8],
        message: &mut Option<M>,
    ) -> Result<(), Refusal> {
        self.send_with_transaction(message, |agent, now| {
            agent.send_dialog_request(now, did, text).map(|transaction| ((), transaction))
        })
    }

    /// See [`Agent::terminate_call`].
    pub fn terminate_call(
        &self,
        cid: Cid,
        did: Did,
        header: Option<(&str, &str)>,
    ) -> Result<Terminated, Refusal> {
        self.shared().command(|core, now, _| core.agent.terminate_call(now, cid, did, header))
    }

    /// See [`Agent::build_prack`].
    pub fn build_prack(&self, tid: Tid, response: Option<&[u8]>) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, now, _| core.agent.build_prack(now, tid, response))
    }

    /// See [`Agent::send_prack`].
    pub fn send_prack<M: Send + 'static>(
        &self,
        tid: Tid,
        text: &[u8],
        message: &mut Option<M>,
    ) -> Result<(), Refusal> {
        self.send_with_transaction(message, |agent, now| {
            agent.send_prack(now, tid, text).map(|transaction| ((), transaction))
        })
    }

    /// See [`Agent::set_call_reference`].
    pub fn set_call_reference(&self, id: i32, reference: usize) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| core.agent.set_call_reference(id, reference))
    }

    /// See [`Agent::call_reference`].
    pub fn call_reference(&self, cid: Cid) -> Result<Option<usize>, Refusal> {
        self.shared().command(|core, _, _| Ok::<_, CoreRefusal>(core.agent.call_reference(cid)))
    }

    /// See [`Agent::refer_to`].
    pub fn refer_to(&self, did: Did) -> Result<String, Refusal> {
        self.shared().command(|core, _, _| core.agent.refer_to(did))
    }

    /// See [`Agent::find_by_replaces`].
    pub fn find_by_replaces(&self, text: &str) -> Result<Cid, Refusal> {
        self.shared().command(|core, _, _| core.agent.find_by_replaces(text))
    }

    /// See [`Agent::call_description`].
    pub fn call_description(&self, of: DescriptionOf) -> Result<Option<Vec<u8>>, Refusal> {
        self.shared().command(|core, _, _| Ok::<_, CoreRefusal>(core.agent.call_description(of)))
    }

    /// See [`Agent::default_action_for_call`].
    pub fn default_action_for_call(&self, tid: Tid, status: u16) -> Result<Action, Refusal> {
        self.shared().command(|core, now, _| core.agent.default_action_for_call(now, tid, status))
    }

    pub(super) fn send_with_transaction<R, M: Send + 'static>(
        &self,
        message: &mut Option<M>,
        send: impl FnOnce(&mut Agent, Instant) -> Result<(R, TransactionId), CoreRefusal>,
    ) -> Result<R, Refusal> {
        self.shared().command(|core, now, _| {
            let (result, transaction) = send(&mut core.agent, now)?;
            if let Some(message) = message.take() {
                core.retain(transaction, Box::new(message));
            }
            Ok::<_, CoreRefusal>(result)
        })
    }
}
