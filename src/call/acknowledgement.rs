//! The ACK of a 2xx to an INVITE of ours (RFC 3261 section 13.2.2.4), and the end of a dialog that
//! nobody wants.

use super::machine::EndedBy;
use super::negotiated::Sender;
use super::own_invite::OwnInvitePhase;
use super::{Call, CallAction, CallContext};
use crate::dialog::Dialog;
use crate::request::tag_of;
use crate::sip::{Draft, Message};
use crate::transaction::Tid;

/// Acknowledgements.
impl Call {
    /// Acknowledges a 2xx that nobody wants, and ends the call that it makes.
    pub(super) fn refuse_answer(
        &mut self,
        context: &mut CallContext<'_>,
        response: &Message<'_>,
        request: &[u8],
    ) {
        self.update_dialog(context, response);
        self.mark_acknowledged();
        self.acknowledge_and_end(context, response, request);
        if !self.has_ended() {
            self.end(EndedBy::Bye);
        }
    }

    /// An ACK and a BYE go to the branch that has sent `response`, a 2xx to our `request`.
    fn acknowledge_and_end(
        &mut self,
        context: &mut CallContext<'_>,
        response: &Message<'_>,
        request: &[u8],
    ) {
        let Some(invite) = &mut self.own_invite else { return };
        let tid = invite.tid;
        if !invite.add_branch(response.header("To").map_or("", tag_of)) {
            return;
        }
        let own = self.any_dialog().map(|live| &live.dialog);
        let drafts = Call::read(request, |request| {
            let from =
                |message: &Message<'_>| message.header("From").map(tag_of).map(str::to_owned);
            if from(request) != from(response) {
                return None;
            }
            let mut dialog = match own {
                Some(own) => own.of_other_branch(request, response),
                None => Dialog::of_response(request, response),
            }?;
            let ack = dialog.ack(request, context.settings, context.entropy);
            let bye = dialog.request("BYE", context.settings, context.entropy);
            Some((ack, bye))
        });
        if let Some((ack, mut bye)) = drafts.flatten() {
            let (user, credentials) = (&self.user, context.credentials);
            self.digest.write(&mut bye, user, credentials, context.entropy);
            context.actions.push(CallAction::Send(tid, ack));
            // Its answer is no event.
            let bye_tid = (context.new_tid)();
            context.actions.push(CallAction::Send(bye_tid, bye));
            context.actions.push(CallAction::Forget(bye_tid));
        }
    }

    /// A further 2xx to INVITE `tid`: the same again, or that of another branch.
    pub fn on_answered_again(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        response: &Message<'_>,
        request: &[u8],
    ) {
        let Some(invite) = self.own_invite.as_ref().filter(|invite| invite.tid == tid) else {
            return;
        };
        let tag = response.header("To").map_or("", tag_of);
        let is_branch_known = invite.has_branch(tag);
        let is_ours = self.any_dialog().is_some_and(|live| live.dialog.remote_tag() == tag)
            || is_branch_known;
        if !is_ours {
            return self.acknowledge_and_end(context, response, request);
        }
        match invite.phase() {
            _ if is_branch_known => {}
            OwnInvitePhase::Answered { is_acknowledged: true, .. } => {
                context.actions.push(CallAction::AckAgain);
            }
            // Of a refresh that we have sent by ourselves the application may know nothing.
            OwnInvitePhase::Answered { .. } if invite.is_refresh() => {
                if let Some((_, ack)) = self.build_ack(context) {
                    self.send_ack(context, ack);
                }
            }
            _ => {}
        }
    }

    /// The ACK for the 2xx to our newest INVITE, and the number of that. `None`: there is no 2xx
    /// to be acknowledged.
    pub fn build_ack(&self, context: &mut CallContext<'_>) -> Option<(Tid, Draft)> {
        let invite = self.own_invite.as_ref()?;
        if !matches!(invite.phase(), OwnInvitePhase::Answered { .. }) {
            return None;
        }
        let dialog = &self.any_dialog()?.dialog;
        let sent = invite.sent()?;
        let draft = Call::read(sent, |request| {
            let mut ack = dialog.ack(request, context.settings, context.entropy);
            if let Some(contact) = invite.hidden().contact() {
                ack.set("Contact", contact);
            }
            ack
        })?;
        Some((invite.tid, draft))
    }

    /// The ACK `draft` is sent for our newest INVITE.
    pub fn send_ack(&mut self, context: &mut CallContext<'_>, draft: Draft) {
        let Some(tid) = self.own_invite.as_ref().map(|invite| invite.tid) else { return };
        self.mark_acknowledged();
        if !draft.body.is_empty() {
            self.describe(tid, Sender::Us, &draft.to_bytes());
        }
        context.actions.push(CallAction::Send(tid, draft));
    }

    fn mark_acknowledged(&mut self) {
        if let Some(invite) = &mut self.own_invite {
            invite.acknowledge();
        }
    }

    /// The number of our newest INVITE whose 2xx can be acknowledged, and whether it was.
    pub fn acknowledgeable(&self) -> Option<(Tid, bool)> {
        let invite = self.own_invite.as_ref()?;
        match invite.phase() {
            OwnInvitePhase::Answered { is_acknowledged, .. } => Some((invite.tid, is_acknowledged)),
            _ => None,
        }
    }
}
