//! INVITEs of ours: their responses, and the ACK.

use super::machine::{CallState, EndedBy, LiveDialog, OwnRequest};
use super::negotiated::Sender;
use super::session_timer::allows_update;
use super::{Call, CallAction, CallContext, CallEvent, CallEventKind};
use crate::dialog::Dialog;
use crate::request::{HiddenFields, tag_of};
use crate::sip::{Draft, Message, Text};
use crate::transaction::{NoResponse, TIMER_F, Tid, TransactionId};
use std::time::{Duration, Instant};

/// Without a final response an INVITE is given up so long after it was sent, or after its last
/// provisional response above 100.
pub(super) const NO_ANSWER: Duration = Duration::from_secs(180);
/// Other branches whose 2xx is acknowledged; a forger cannot make us send more.
const MAX_BRANCHES: usize = 8;

/// An INVITE of ours.
#[derive(Debug)]
pub(super) struct OwnInvite {
    pub(super) tid: Tid,
    pub(super) transaction: Option<TransactionId>,
    purpose: InvitePurpose,
    pub(super) phase: OwnInvitePhase,
    pub(super) cancel: CancelPlan,
    /// A provisional response has come: it may be cancelled (RFC 3261 section 9.1).
    pub(super) has_progress: bool,
    /// As it was sent, as long as it may be needed.
    pub(super) sent: Option<Text>,
    pub(super) hidden: HiddenFields,
    /// The last response.
    pub(super) response: Option<Text>,
    /// The tags of other branches that have answered with 2xx.
    branches: Vec<Box<str>>,
}

/// Why an INVITE of ours is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InvitePurpose {
    /// It begins the call.
    Initial,
    /// The application offers another session (RFC 3261 section 14.1).
    Change,
    /// It refreshes the session (RFC 4028), and nobody has asked for it.
    Refresh,
}

/// Where an INVITE of ours is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnInvitePhase {
    /// It has no final response, and is given up then.
    Calling { limit: Instant },
    /// It was answered with 2xx, which may come again until then.
    Answered { until: Instant, is_acknowledged: bool },
    /// Nothing more comes of it.
    Over,
}

/// Whether an INVITE of ours is cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CancelPlan {
    No,
    /// As soon as there is a provisional response; with this header field.
    Wanted(Option<(String, String)>),
    Sent,
}

impl OwnInvite {
    pub(super) fn new(now: Instant, tid: Tid, purpose: InvitePurpose, draft: &Draft) -> Self {
        OwnInvite {
            tid,
            transaction: None,
            purpose,
            phase: OwnInvitePhase::Calling { limit: now + NO_ANSWER },
            cancel: CancelPlan::No,
            has_progress: false,
            sent: None,
            hidden: HiddenFields::of(draft),
            response: None,
            branches: Vec::new(),
        }
    }

    pub(super) fn purpose(&self) -> InvitePurpose {
        self.purpose
    }

    /// Whether it began the call.
    pub(super) fn is_initial(&self) -> bool {
        self.purpose == InvitePurpose::Initial
    }

    fn is_refresh(&self) -> bool {
        self.purpose == InvitePurpose::Refresh
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match self.phase {
            OwnInvitePhase::Calling { limit } => Some(limit),
            OwnInvitePhase::Answered { until, .. } => Some(until),
            OwnInvitePhase::Over => None,
        }
    }

    /// It is cancelled as soon as there is a provisional response, with this header field, unless
    /// that was said before.
    pub(super) fn want_cancel(&mut self, header: Option<(String, String)>) {
        if self.cancel == CancelPlan::No {
            self.cancel = CancelPlan::Wanted(header);
        }
    }

    /// Nothing of it can be asked for any more.
    pub(super) fn forget(&mut self) {
        self.phase = OwnInvitePhase::Over;
        (self.sent, self.response) = (None, None);
        self.hidden = HiddenFields::default();
        self.branches = Vec::new();
    }
}

/// Responses to INVITEs of ours.
impl Call {
    /// A provisional response to request `tid`, which was sent as `request`.
    pub fn on_provisional(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        response: &Message<'_>,
        request: Option<Text>,
        bytes: Text,
    ) {
        let code = response.status().unwrap_or(0);
        let Some(invite) = self.own_invite.as_mut().filter(|invite| invite.tid == tid) else {
            return self.on_request_progress(context, tid, request, bytes);
        };
        let OwnInvitePhase::Calling { limit } = &mut invite.phase else { return };
        if code > 100 && !self.is_given_up {
            *limit = context.now + NO_ANSWER;
        }
        invite.has_progress = true;
        invite.response = Some(bytes.clone());
        if let Some(request) = &request {
            invite.sent = Some(request.clone());
        }
        let is_initial = invite.is_initial();
        if code > 100 && is_initial {
            self.update_dialog(context, response);
        }
        if code > 100 {
            self.peer_allows_update |= allows_update(response);
            self.described.on_message(tid, Sender::Peer, response);
        }
        self.cancel_as_wanted(context);
        if self.is_given_up || self.has_ended() {
            return;
        }
        let kind = match code {
            180..=199 => CallEventKind::Ringing,
            _ => CallEventKind::Proceeding,
        };
        let did = self.shown_did(context.now);
        let event = CallEvent { request, response: Some(bytes), ..CallEvent::new(kind, did, tid) };
        self.push_event(context, event);
    }

    /// A response above 100 to the INVITE that began the call makes a dialog, or changes it.
    fn update_dialog(&mut self, context: &mut CallContext<'_>, response: &Message<'_>) {
        let Some(sent) = self.own_invite.as_ref().and_then(|invite| invite.sent.clone()) else {
            return;
        };
        Call::read(&sent, |request| match &mut self.state {
            CallState::Inviting => {
                if let Some(dialog) = Dialog::of_response(request, response) {
                    let live = LiveDialog::new((context.new_did)(), dialog);
                    self.state = CallState::Early(live);
                }
            }
            CallState::Early(live) | CallState::Established(live) => {
                live.dialog.on_response(request, response);
            }
            CallState::Terminated(_) => {}
        });
    }

    /// The CANCEL that could not be sent before is sent.
    pub(super) fn cancel_as_wanted(&mut self, context: &mut CallContext<'_>) {
        let Some(invite) = &mut self.own_invite else { return };
        if !invite.has_progress || !matches!(invite.cancel, CancelPlan::Wanted(_)) {
            return;
        }
        let CancelPlan::Wanted(header) = std::mem::replace(&mut invite.cancel, CancelPlan::Sent)
        else {
            return;
        };
        let Some(transaction) = invite.transaction else { return };
        let tid = (context.new_tid)();
        self.own_requests.push(OwnRequest { tid, method: "CANCEL".into() });
        context.actions.push(CallAction::Cancel { invite: transaction, tid, header });
    }

    /// A CANCEL could not be sent: nothing comes of it.
    pub fn on_not_cancelled(&mut self, tid: Tid) {
        self.own_requests.retain(|request| request.tid != tid);
    }

    /// The final response to request `tid`, which was sent as `request`; `ack`: that of a refused
    /// INVITE, which was sent already.
    pub fn on_final(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        response: &Message<'_>,
        (request, ack): (Text, Option<Text>),
        bytes: Text,
    ) {
        let code = response.status().unwrap_or(0);
        let invite = self.own_invite.as_mut().filter(|invite| invite.tid == tid);
        let Some(invite) = invite else {
            return self.on_request_answered(context, tid, response, request, bytes);
        };
        if !matches!(invite.phase, OwnInvitePhase::Calling { .. }) {
            return;
        }
        invite.sent = Some(request.clone());
        invite.response = Some(bytes.clone());
        let is_initial = invite.is_initial();
        if code < 300 {
            let until = context.now + TIMER_F;
            invite.phase = OwnInvitePhase::Answered { until, is_acknowledged: false };
            return self.on_invite_answered(context, response, (request, bytes));
        }
        let was_cancelled = invite.cancel != CancelPlan::No;
        invite.phase = OwnInvitePhase::Over;
        self.described.on_refused(tid);
        // One that the application has cancelled is over.
        let is_cancelled = was_cancelled || self.is_given_up || self.has_ended();
        let may_retry = !is_cancelled && self.on_refused(context, tid, response, &request);
        let (did, is_told) = (self.shown_did(context.now), !self.is_given_up && !self.has_ended());
        if is_told {
            let kind = CallEventKind::of_final(true, code);
            let (request, response) = (Some(request), Some(bytes));
            let event = CallEvent { request, response, ack, ..CallEvent::new(kind, did, tid) };
            self.push_event(context, event);
        }
        if is_initial && self.is_given_up {
            self.own_requests.clear();
            self.release(context);
        } else if is_initial && !self.has_ended() {
            self.end(if may_retry { EndedBy::Challenge } else { EndedBy::Refusal });
        }
    }

    /// A 2xx to our newest INVITE.
    fn on_invite_answered(
        &mut self,
        context: &mut CallContext<'_>,
        response: &Message<'_>,
        (request, bytes): (Text, Text),
    ) {
        let Some(invite) = &self.own_invite else { return };
        let (tid, is_initial) = (invite.tid, invite.is_initial());
        self.retries = 0;
        self.digest.accepted(response);
        // Nobody waits for it any more: it was cancelled before there was any response, given up,
        // or the peer has ended it with a BYE.
        let is_unwanted = matches!(invite.cancel, CancelPlan::Wanted(_)) || self.is_given_up;
        if is_unwanted || (is_initial && self.has_ended()) {
            return self.refuse_answer(context, response, &request);
        }
        if self.has_ended() {
            // The BYE has overtaken it.
            if let Some((_, ack)) = self.build_ack(context) {
                self.send_ack(context, ack);
            }
            return;
        }
        self.update_dialog(context, response);
        self.described.on_message(tid, Sender::Peer, response);
        self.peer_allows_update |= allows_update(response);
        self.begin_session(context, &request, response);
        if is_initial {
            self.establish();
        }
        let did = self.shown_did(context.now);
        let kind = CallEventKind::Answered;
        let (request, response) = (Some(request), Some(bytes));
        self.push_event(context, CallEvent { request, response, ..CallEvent::new(kind, did, tid) });
    }

    /// Acknowledges a 2xx that nobody wants, and ends the call that it makes.
    fn refuse_answer(
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
        let Some(tid) = self.own_invite.as_ref().map(|invite| invite.tid) else { return };
        let tag = response.header("To").map_or("", tag_of);
        if let Some(invite) = &mut self.own_invite {
            if invite.branches.len() >= MAX_BRANCHES || invite.branches.iter().any(|b| **b == *tag)
            {
                return;
            }
            invite.branches.push(tag.into());
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
        let is_branch_known = invite.branches.iter().any(|branch| **branch == *tag);
        let is_ours = self.any_dialog().is_some_and(|live| live.dialog.remote_tag() == tag)
            || is_branch_known;
        if !is_ours {
            return self.acknowledge_and_end(context, response, request);
        }
        match invite.phase {
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

    /// There will be no response to request `tid`.
    pub fn on_no_response(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        request: Option<Text>,
        why: &NoResponse,
    ) {
        let Some(invite) = self.own_invite.as_mut().filter(|invite| invite.tid == tid) else {
            return self.on_request_failed(context, tid, request, why);
        };
        let is_initial = invite.is_initial();
        invite.forget();
        self.described.on_refused(tid);
        if self.is_given_up {
            self.own_requests.clear();
            return self.release(context);
        }
        if self.has_ended() {
            return;
        }
        let did = self.shown_did(context.now);
        let detail = format!("{why}.");
        let event =
            CallEvent { request, detail, ..CallEvent::new(CallEventKind::NoAnswer, did, tid) };
        self.push_event(context, event);
        if is_initial {
            self.end(EndedBy::NoAnswer);
        }
    }

    /// The ACK for the 2xx to our newest INVITE, and the number of that. `None`: there is no 2xx
    /// to be acknowledged.
    pub fn build_ack(&self, context: &mut CallContext<'_>) -> Option<(Tid, Draft)> {
        let invite = self.own_invite.as_ref()?;
        if !matches!(invite.phase, OwnInvitePhase::Answered { .. }) {
            return None;
        }
        let dialog = &self.any_dialog()?.dialog;
        let sent = invite.sent.as_deref()?;
        let draft = Call::read(sent, |request| {
            let mut ack = dialog.ack(request, context.settings, context.entropy);
            if let Some(contact) = invite.hidden.contact() {
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
        if let Some(invite) = &mut self.own_invite
            && let OwnInvitePhase::Answered { is_acknowledged, .. } = &mut invite.phase
        {
            *is_acknowledged = true;
            // Nothing more is read from it.
            invite.response = None;
        }
    }

    /// The number of our newest INVITE whose 2xx can be acknowledged, and whether it was.
    pub fn acknowledgeable(&self) -> Option<(Tid, bool)> {
        let invite = self.own_invite.as_ref()?;
        match invite.phase {
            OwnInvitePhase::Answered { is_acknowledged, .. } => Some((invite.tid, is_acknowledged)),
            _ => None,
        }
    }

    /// Whether that is the number of our newest INVITE.
    pub fn has_own_invite(&self, tid: Tid) -> bool {
        self.own_invite.as_ref().is_some_and(|invite| invite.tid == tid)
    }

    /// The time of our newest INVITE is over.
    pub(super) fn on_own_invite_timeout(&mut self, context: &mut CallContext<'_>) {
        let has_ended = self.has_ended();
        let Some(invite) = &mut self.own_invite else { return };
        let tid = invite.tid;
        match invite.phase {
            OwnInvitePhase::Calling { .. } if !self.is_given_up => {
                let (request, response) = (invite.sent.clone(), invite.response.clone());
                // 64·T1 behind the CANCEL the transaction is over by itself.
                invite.phase = OwnInvitePhase::Calling { limit: context.now + 2 * TIMER_F };
                invite.want_cancel(None);
                let is_initial = invite.is_initial();
                let did = self.shown_did(context.now);
                self.cancel_as_wanted(context);
                if has_ended {
                    self.is_given_up = true;
                    return;
                }
                let kind = CallEventKind::NoAnswer;
                let event = CallEvent { request, response, ..CallEvent::new(kind, did, tid) };
                self.push_event(context, event);
                self.is_given_up = is_initial;
                if is_initial {
                    self.end(EndedBy::NoAnswer);
                }
            }
            OwnInvitePhase::Calling { .. } => {
                invite.forget();
                self.own_requests.clear();
                self.release(context);
            }
            OwnInvitePhase::Answered { is_acknowledged: false, .. } if !has_ended => {
                let ack = self.build_ack(context);
                if let Some((tid, ack)) = ack {
                    context.actions.push(CallAction::Send(tid, ack));
                }
                let is_refresh = self.own_invite.as_ref().is_some_and(|one| one.is_refresh());
                if let Some(invite) = &mut self.own_invite {
                    invite.forget();
                }
                if !is_refresh {
                    self.hang_up(context);
                }
            }
            OwnInvitePhase::Answered { .. } => invite.forget(),
            OwnInvitePhase::Over => {}
        }
    }
}
