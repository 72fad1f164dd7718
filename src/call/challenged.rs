//! Requests of ours that are sent again: with an answer to a challenge.

use super::machine::{CallState, EndedCall};
use super::own_invite::{OwnInvite, OwnInvitePhase};
use super::{Call, CallAction, CallContext};
use crate::auth::{AuthError, ChallengeOutcome, DigestState};
use crate::request::Refusal;
use crate::request::via::renew;
use crate::sip::{Draft, Message};
use crate::transaction::Tid;
use std::time::{Duration, Instant};

/// Requests sent again since the last 2xx.
const MAX_RETRIES: u8 = 3;
/// A challenge that is not answered within this time is forgotten.
const UNANSWERED_CHALLENGE: Duration = Duration::from_secs(120);

/// A request of ours that may be sent again.
#[derive(Debug)]
pub(super) struct ChallengedRequest {
    tid: Tid,
    pub(super) until: Instant,
    method: Box<str>,
    /// The request as it was sent, with the Route that it followed; `None`: it was sent again.
    draft: Option<Draft>,
    /// An automatic action sends it again.
    is_automatic: bool,
    is_initial: bool,
}

/// Retries.
impl Call {
    /// Our INVITE `tid`, which was sent as `request`, was refused. Whether the application, or an
    /// automatic action, may send it again.
    pub(super) fn on_refused(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        response: &Message<'_>,
        request: &[u8],
    ) -> bool {
        self.on_challenge(context, (tid, "INVITE"), response, request)
    }

    /// A request of ours got `response`, which may be a challenge. Whether it waits to be sent
    /// again.
    pub(super) fn on_challenge(
        &mut self,
        context: &mut CallContext<'_>,
        (tid, method): (Tid, &str),
        response: &Message<'_>,
        request: &[u8],
    ) -> bool {
        if !matches!(response.status(), Some(401 | 407)) {
            return false;
        }
        let (user, credentials) = (&self.user, context.credentials);
        let digest = &mut self.digest;
        let outcome = Call::read(request, |sent| {
            digest.challenged(response, |name| sent.lines(name), user, credentials)
        });
        let (is_answerable, waits) = match outcome {
            Some(ChallengeOutcome::Answerable) => (true, true),
            Some(ChallengeOutcome::Failed(AuthError::NoCredentials { .. })) => (false, true),
            _ => (false, false),
        };
        let draft = Draft::reread(request).filter(|_| waits);
        let Some(mut draft) = draft else { return false };
        let invite = self.own_invite.as_ref().filter(|invite| invite.tid == tid);
        let is_initial = invite.is_some_and(|invite| invite.is_initial);
        let route = invite.and_then(|invite| invite.route.as_deref());
        if let Some(route) = route.filter(|_| draft.get("Route").is_none()) {
            draft.insert_after("Via", "Route", route);
        }
        let is_automatic = is_answerable && method != "BYE" && self.retries < MAX_RETRIES;
        let until = context.now + UNANSWERED_CHALLENGE;
        let (method, draft) = (method.into(), Some(draft));
        self.replace_challenged(
            context,
            ChallengedRequest { tid, until, method, draft, is_automatic, is_initial },
        );
        true
    }

    fn replace_challenged(&mut self, context: &mut CallContext<'_>, by: ChallengedRequest) {
        if let Some(before) = self.challenged.replace(Box::new(by)) {
            self.forget_request(context, before.tid);
        }
    }

    /// The number of a request of ours is not needed any more, unless it is that of our newest
    /// INVITE.
    pub(super) fn forget_request(&self, context: &mut CallContext<'_>, tid: Tid) {
        let is_invite = self.own_invite.as_ref().is_some_and(|invite| invite.tid == tid);
        let is_challenged =
            self.challenged.as_ref().is_some_and(|challenged| challenged.tid == tid);
        if !is_invite && !is_challenged {
            context.actions.push(CallAction::Forget(tid));
        }
    }

    /// A challenge was not answered in time.
    pub(super) fn on_challenge_timeout(&mut self, context: &mut CallContext<'_>) {
        if let Some(challenged) = self.challenged.take() {
            self.forget_request(context, challenged.tid);
        }
    }

    /// The request that an automatic action sends again.
    pub fn automatic_retry(&self) -> Option<Tid> {
        let challenged = self.challenged.as_ref()?;
        (challenged.is_automatic && challenged.draft.is_some()).then_some(challenged.tid)
    }

    /// Whether an automatic action may send a request again; it asks only once for each.
    pub fn take_automatic_retry(&mut self) -> Option<Tid> {
        let tid = self.automatic_retry()?;
        if let Some(challenged) = &mut self.challenged {
            challenged.is_automatic = false;
        }
        Some(tid)
    }

    /// Sends request `tid` again, with answers to its challenges. One that was sent again already
    /// is not sent once more. Errors: `NotFound` for any other, `RetryLimit`, `Undefined` where
    /// there are no credentials.
    pub fn retry(&mut self, context: &mut CallContext<'_>, tid: Tid) -> Result<(), Refusal> {
        let Some(challenged) = self.challenged.as_mut().filter(|one| one.tid == tid) else {
            return Err(Refusal::NotFound);
        };
        if challenged.draft.is_none() {
            return Ok(());
        }
        if self.retries >= MAX_RETRIES {
            return Err(Refusal::RetryLimit);
        }
        if !self.digest.can_answer(&self.user, context.credentials) {
            return Err(Refusal::Undefined);
        }
        let (method, is_initial) = (challenged.method.clone(), challenged.is_initial);
        if !is_initial && &*method == "INVITE" && (self.is_calling() || self.has_ended()) {
            return Err(Refusal::WrongState);
        }
        let Some(challenged) = &mut self.challenged else { return Err(Refusal::NotFound) };
        let Some(mut draft) = challenged.draft.take() else { return Ok(()) };
        self.retries += 1;
        DigestState::strip(&mut draft);
        renew(&mut draft, context.settings, context.entropy);
        self.send_again(context, &method, is_initial, draft);
        Ok(())
    }

    /// Sends `draft`, which was sent before and has a new Via.
    pub(super) fn send_again(
        &mut self,
        context: &mut CallContext<'_>,
        method: &str,
        is_initial: bool,
        mut draft: Draft,
    ) {
        if let Some(live) = self.any_dialog_mut().filter(|_| !is_initial) {
            let number = live.dialog.local_cseq().saturating_add(1);
            live.dialog.on_request_sent(number);
            draft.set("CSeq", format!("{number} {method}"));
        }
        let (user, credentials) = (&self.user, context.credentials);
        self.digest.write(&mut draft, user, credentials, context.entropy);
        if method != "INVITE" {
            self.send(context, method, draft);
            return;
        }
        if is_initial {
            self.begin_again();
        }
        self.send_invite(context, is_initial, draft);
    }

    /// Sends an INVITE of ours.
    pub(super) fn send_invite(
        &mut self,
        context: &mut CallContext<'_>,
        is_initial: bool,
        draft: Draft,
    ) -> Tid {
        let tid = (context.new_tid)();
        let invite = OwnInvite::new(context.now, tid, is_initial, &draft);
        if let Some(before) = self.own_invite.replace(Box::new(invite)) {
            self.forget_request(context, before.tid);
        }
        context.actions.push(CallAction::Send(tid, draft));
        tid
    }

    /// The INVITE that begins it is sent again: a dialog that a refusal has ended is not revived.
    fn begin_again(&mut self) {
        if matches!(&self.state, CallState::Terminated(EndedCall { .. })) {
            self.state = CallState::Inviting;
        }
        if let Some(invite) = &mut self.own_invite {
            invite.phase = OwnInvitePhase::Over;
        }
    }
}
