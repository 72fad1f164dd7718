//! CANCELs of INVITEs of ours (RFC 3261 section 9.1).

use super::client_transaction::ClientMachine;
use super::invite_requests::cancel_of;
use super::{TimerQueue, TransactionId, TransactionUser, Transactions};
use crate::transport::{Target, TargetQueue};
use std::time::Instant;

impl Transactions {
    /// Queues the CANCEL of INVITE `id`, for `user`, with this User-Agent and one more header
    /// field. It goes where the INVITE went. `None` where there is nothing to cancel: before any
    /// provisional response, behind the final one, and where it was cancelled before.
    pub fn cancel(
        &mut self,
        now: Instant,
        id: TransactionId,
        user: TransactionUser,
        (user_agent, header): (&str, Option<(&str, &str)>),
        timers: &mut TimerQueue,
    ) -> Option<TransactionId> {
        let invite = self.pending_mut(id)?;
        let (sent, _) = invite.sent.as_ref()?;
        let draft = cancel_of(sent, Some(user_agent), header)?;
        let (cseq, branch) = ((invite.cseq, "CANCEL".into()), invite.branch.clone());
        let target = invite.targets.current()?.clone();
        let target = Target { remote: invite.flow?.remote, ..target };
        let ClientMachine::Invite(machine) = &mut invite.machine else { return None };
        if !machine.client.cancel(now) {
            return None;
        }
        invite.arm(id, timers);
        let cancel = self.queue(now, user, draft, cseq, branch);
        self.set_targets(cancel, TargetQueue::one(target));
        Some(cancel)
    }

    /// The connection of request `id` is gone. Whether it goes on all the same: an INVITE that
    /// somebody works on, whose response may come over another one (RFC 3261 section 18.2.2).
    pub fn outlives_flow(&mut self, id: TransactionId) -> bool {
        let invite = self.pending_mut(id).filter(|one| one.machine.is_proceeding_invite());
        invite.map(|invite| invite.held = None).is_some()
    }
}
