//! Commands that answer requests from outside. A program may take the functions of a call for a
//! request outside of dialogs, and the other way round: the number says which it is.

use super::{CoreRefusal, Engine, Refusal, Tid};
use crate::agent::Agent;
use std::time::Instant;

impl Engine {
    /// See [`Agent::build_call_answer`] and [`Agent::build_answer`].
    pub fn build_answer(&self, tid: Tid, status: i32) -> Result<Vec<u8>, Refusal> {
        self.shared().command(|core, now, _| {
            let agent = &mut core.agent;
            match agent.build_call_answer(now, tid, status) {
                Err(CoreRefusal::NotFound) if tid > 0 => {
                    let status = u16::try_from(status).map_err(|_| CoreRefusal::BadParameter)?;
                    agent.build_answer(now, tid, status)
                }
                result => result,
            }
        })
    }

    /// See [`Agent::send_call_answer`], [`Agent::send_answer`] and, for `message`,
    /// `Engine::send`.
    pub fn send_answer<M: Send + 'static>(
        &self,
        (tid, status): (Tid, i32),
        text: Option<&[u8]>,
        message: &mut Option<M>,
    ) -> Result<(), Refusal> {
        self.send(message, |agent, now| {
            answer(agent, now, (tid, status), text).map(|()| ((), None))
        })
    }
}

fn answer(
    agent: &mut Agent,
    now: Instant,
    (tid, status): (Tid, i32),
    text: Option<&[u8]>,
) -> Result<(), CoreRefusal> {
    match agent.send_call_answer(now, tid, status, text) {
        Err(CoreRefusal::NotFound) if tid > 0 => {
            let status = u16::try_from(status).map_err(|_| CoreRefusal::BadParameter)?;
            agent.send_answer(now, tid, status, text)
        }
        result => result,
    }
}
