//! Nonces that outlive the request that was challenged: the next request of the same user to the
//! same server answers them unasked (RFC 3261 section 22.3).

use super::DigestState;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Users and servers whose nonces are remembered; the oldest go first.
const MAX_REMEMBERED: usize = 1024;

/// Who proves itself, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Prover {
    user: Box<str>,
    server: Box<str>,
}

impl Prover {
    /// This user towards the server that a request is addressed to.
    pub fn new(user: &str, server: &str) -> Self {
        Prover { user: user.into(), server: server.to_ascii_lowercase().into() }
    }

    /// The user.
    pub fn user(&self) -> &str {
        &self.user
    }
}

/// What servers have asked of users, and what became of the answers.
#[derive(Debug, Default)]
pub struct RememberedNonces {
    states: FxHashMap<Prover, DigestState>,
    in_order: VecDeque<Prover>,
}

impl RememberedNonces {
    /// What is remembered.
    pub fn get(&self, prover: &Prover) -> Option<&DigestState> {
        self.states.get(prover)
    }

    /// The same, to change.
    pub fn get_mut(&mut self, prover: &Prover) -> Option<&mut DigestState> {
        self.states.get_mut(prover)
    }

    /// The same; nothing yet for a server that asks for the first time.
    pub fn entry(&mut self, prover: &Prover) -> &mut DigestState {
        if !self.states.contains_key(prover) {
            if self.in_order.len() >= MAX_REMEMBERED {
                if let Some(oldest) = self.in_order.pop_front() {
                    self.states.remove(&oldest);
                }
            }
            self.in_order.push_back(prover.clone());
        }
        self.states.entry(prover.clone()).or_default()
    }
}
