//! What a call does by itself as time goes by.

use super::{Call, CallContext};
use std::time::Instant;

impl Call {
    /// Does what is due. Early calls do nothing.
    pub fn on_timeout(&mut self, context: &mut CallContext<'_>) {
        let now = context.now;
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if is_due(self.own_invite.as_ref().and_then(|invite| invite.poll_timeout())) {
            self.on_own_invite_timeout(context);
        }
        if is_due(self.peer_invite.as_ref().and_then(|invite| invite.poll_timeout())) {
            self.on_peer_invite_timeout(context);
        }
        self.answer_unanswered(context);
        if is_due(self.retriable.as_ref().map(|retriable| retriable.until)) {
            self.on_retry_timeout(context);
        }
        if is_due(self.session_due()) {
            self.on_session_due(context);
        }
        if is_due(self.release_at()) {
            self.release(context);
        }
    }
}
