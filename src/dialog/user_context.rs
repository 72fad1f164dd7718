//! What a transaction user with dialogs is given, and what it decides.

use crate::auth::Credentials;
use crate::request::{Entropy, Settings};
use crate::transaction::{Did, Tid};
use std::time::Instant;

/// What a call or a subscription is given besides what has happened, and what it decides.
pub struct UserContext<'a, A> {
    /// The present instant.
    pub now: Instant,
    /// The settings in force.
    pub settings: &'a Settings,
    /// Where tokens come from.
    pub entropy: &'a mut Entropy,
    /// Who may prove itself.
    pub credentials: &'a Credentials,
    /// Draws the number of a transaction.
    pub new_tid: &'a mut dyn FnMut() -> Tid,
    /// Draws the number of a dialog.
    pub new_did: &'a mut dyn FnMut() -> Did,
    /// What is to be done, in this order.
    pub actions: Vec<A>,
}

impl<A: std::fmt::Debug> std::fmt::Debug for UserContext<'_, A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserContext").field("actions", &self.actions).finish_non_exhaustive()
    }
}
