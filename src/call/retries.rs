//! Requests of ours that are sent again: with an answer to a challenge, with a longer session
//! interval, or elsewhere.

use super::machine::{CallState, EndedCall};
use super::negotiated::Sender;
use super::own_invite::{InvitePurpose, OwnInvite};
use super::session_timer::with_longer_interval;
use super::{Call, CallAction, CallContext};
use crate::auth::{AuthError, ChallengeOutcome, again};
use crate::request::Refusal;
use crate::request::via::following;
use crate::sip::{Draft, Message};
use crate::transaction::Tid;
use std::time::{Duration, Instant};

/// Requests sent again since the last 2xx.
const MAX_RETRIES: u8 = 3;
/// What is not sent again within this time is forgotten.
const RETRY_WITHIN: Duration = Duration::from_secs(120);

/// A request of ours whose response has it sent again, if the application wants so.
#[derive(Debug)]
pub(super) struct RetriableRequest {
    tid: Tid,
    /// It is forgotten then.
    pub(super) until: Instant,
    method: Box<str>,
    /// Why it was sent; `None`: it is no INVITE.
    purpose: Option<InvitePurpose>,
    reason: RetryReason,
    state: RetryState,
}

/// What has become of a request that may be sent again.
#[derive(Debug)]
enum RetryState {
    /// It is to be sent as `draft`; `is_automatic`: an automatic action does so, and tries once.
    Waiting { draft: Draft, is_automatic: bool },
    /// The response names no other way to send it: a 3xx without a Contact to go to.
    Impossible,
    /// It was sent again.
    Sent,
}

/// Why a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RetryReason {
    /// 401, 407: with credentials.
    Challenge,
    /// 3xx: elsewhere.
    Redirection,
    /// 422: with a longer session interval (RFC 4028 section 7.3).
    Interval,
}

/// Retries.
impl Call {
    /// Our INVITE `tid`, which was sent as `request`, was refused. Whether the application, or an
    /// automatic action, may send it again.
    pub(super) fn keep_refused_invite(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        response: &Message<'_>,
        request: &[u8],
    ) -> bool {
        let (settings, now) = (context.settings, context.now);
        let status = response.status().unwrap_or(0);
        let reason = match status {
            300..=399 => RetryReason::Redirection,
            422 => RetryReason::Interval,
            _ => return self.on_challenge(context, (tid, "INVITE"), response, request),
        };
        let Some(draft) = self.as_built(tid, request) else { return false };
        let purpose = self.purpose_of(tid);
        let draft = match reason {
            RetryReason::Redirection if purpose != Some(InvitePurpose::Initial) => None,
            RetryReason::Redirection => self.redirection.follow(draft, response, settings),
            _ => with_longer_interval(draft, response),
        };
        let is_redirected = reason == RetryReason::Redirection;
        let waits = draft.is_some() || is_redirected;
        let is_automatic = is_redirected || self.retries < MAX_RETRIES;
        let state = draft
            .map_or(RetryState::Impossible, |draft| RetryState::Waiting { draft, is_automatic });
        let (until, method) = (now + RETRY_WITHIN, "INVITE".into());
        let refused = RetriableRequest { tid, until, method, purpose, reason, state };
        self.replace_retriable(context, refused);
        waits
    }

    /// Request `tid`, which was sent so, as it was built.
    fn as_built(&self, tid: Tid, request: &[u8]) -> Option<Draft> {
        match self.own_invite.as_ref().filter(|invite| invite.tid == tid) {
            Some(invite) => invite.hidden().restored(request),
            None => Draft::reread(request),
        }
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
        let draft = self.as_built(tid, request).filter(|_| waits);
        let Some(draft) = draft else { return false };
        let purpose = self.purpose_of(tid);
        let is_automatic = is_answerable && method != "BYE" && self.retries < MAX_RETRIES;
        let state = RetryState::Waiting { draft, is_automatic };
        let (until, method) = (context.now + RETRY_WITHIN, method.into());
        let reason = RetryReason::Challenge;
        let challenged = RetriableRequest { tid, until, method, purpose, reason, state };
        self.replace_retriable(context, challenged);
        true
    }

    /// Why request `tid` was sent, if it is our newest INVITE.
    fn purpose_of(&self, tid: Tid) -> Option<InvitePurpose> {
        let invite = self.own_invite.as_ref().filter(|invite| invite.tid == tid);
        invite.map(|invite| invite.purpose())
    }

    fn replace_retriable(&mut self, context: &mut CallContext<'_>, by: RetriableRequest) {
        if let Some(before) = self.retriable.replace(Box::new(by)) {
            self.forget_request(context, before.tid);
        }
    }

    /// The number of a request of ours is not needed any more, unless it is that of our newest
    /// INVITE.
    pub(super) fn forget_request(&self, context: &mut CallContext<'_>, tid: Tid) {
        let is_invite = self.own_invite.as_ref().is_some_and(|invite| invite.tid == tid);
        let is_retriable = self.retriable.as_ref().is_some_and(|one| one.tid == tid);
        if !is_invite && !is_retriable {
            context.actions.push(CallAction::Forget(tid));
        }
    }

    /// What may be sent again was not, in time.
    pub(super) fn on_retry_timeout(&mut self, context: &mut CallContext<'_>) {
        if let Some(retriable) = self.retriable.take() {
            self.forget_request(context, retriable.tid);
        }
    }

    /// The request that an automatic action sends again.
    pub fn automatic_retry(&self) -> Option<Tid> {
        let retriable = self.retriable.as_ref()?;
        let is_due = matches!(retriable.state, RetryState::Waiting { is_automatic: true, .. });
        is_due.then_some(retriable.tid)
    }

    /// Whether an automatic action may send a request again; it asks only once for each.
    pub fn take_automatic_retry(&mut self) -> Option<Tid> {
        let tid = self.automatic_retry()?;
        let state = self.retriable.as_mut().map(|retriable| &mut retriable.state);
        if let Some(RetryState::Waiting { is_automatic, .. }) = state {
            *is_automatic = false;
        }
        Some(tid)
    }

    /// Sends request `tid` again, with answers to its challenges, or where a 3xx says. One that was
    /// sent again already is not sent once more. Errors: `NotFound` for any other, `RetryLimit`,
    /// `Undefined` where there are no credentials, `Syntax` where a 3xx has no Contact to go to.
    pub fn retry(&mut self, context: &mut CallContext<'_>, tid: Tid) -> Result<(), Refusal> {
        let retriable = self.retriable.as_ref().filter(|one| one.tid == tid);
        let retriable = retriable.ok_or(Refusal::NotFound)?;
        let reason = retriable.reason;
        match retriable.state {
            RetryState::Waiting { .. } => {}
            RetryState::Impossible => return Err(Refusal::Syntax("no Contact to go to")),
            RetryState::Sent => return Ok(()),
        }
        if self.retries >= MAX_RETRIES && reason != RetryReason::Redirection {
            return Err(Refusal::RetryLimit);
        }
        let can_answer = || self.digest.can_answer(&self.user, context.credentials);
        if reason == RetryReason::Challenge && !can_answer() {
            return Err(Refusal::Undefined);
        }
        let (method, purpose) = (retriable.method.clone(), retriable.purpose);
        let is_in_dialog = purpose.is_some_and(|purpose| purpose != InvitePurpose::Initial);
        if is_in_dialog && (self.is_calling() || self.has_ended()) {
            return Err(Refusal::WrongState);
        }
        let Some(retriable) = &mut self.retriable else { return Err(Refusal::NotFound) };
        let before = std::mem::replace(&mut retriable.state, RetryState::Sent);
        let RetryState::Waiting { draft, .. } = before else { return Ok(()) };
        if reason != RetryReason::Redirection {
            self.retries += 1;
        }
        let draft = again(draft, context.settings, context.entropy);
        self.send_again(context, &method, purpose, draft);
        Ok(())
    }

    /// Sends `draft`, which was sent before and has a new Via.
    fn send_again(
        &mut self,
        context: &mut CallContext<'_>,
        method: &str,
        purpose: Option<InvitePurpose>,
        mut draft: Draft,
    ) {
        let is_initial = purpose == Some(InvitePurpose::Initial);
        if let Some(live) = self.any_dialog_mut().filter(|_| !is_initial) {
            let number = following(live.dialog.local_cseq());
            live.dialog.on_request_sent(number);
            draft.set("CSeq", format!("{number} {method}"));
        }
        let (user, credentials) = (&self.user, context.credentials);
        self.digest.write(&mut draft, user, credentials, context.entropy);
        let Some(purpose) = purpose else {
            self.send(context, method, draft);
            return;
        };
        if is_initial {
            self.begin_again(context);
        }
        self.send_invite(context, purpose, draft);
    }

    /// Sends an INVITE of ours.
    pub(super) fn send_invite(
        &mut self,
        context: &mut CallContext<'_>,
        purpose: InvitePurpose,
        draft: Draft,
    ) -> Tid {
        let tid = (context.new_tid)();
        let invite = OwnInvite::new(context.now, tid, purpose, &draft);
        self.describe(tid, Sender::Us, &draft.to_bytes());
        if let Some(before) = self.own_invite.replace(Box::new(invite)) {
            self.forget_request(context, before.tid);
        }
        context.actions.push(CallAction::Send(tid, draft));
        tid
    }

    /// The INVITE that begins it is sent again: a dialog that a refusal has ended is not revived.
    fn begin_again(&mut self, context: &mut CallContext<'_>) {
        self.answer_all(context);
        if matches!(&self.state, CallState::Terminated(EndedCall { .. })) {
            self.state = CallState::Inviting;
        }
        if let Some(invite) = &mut self.own_invite {
            invite.finish();
        }
    }
}
