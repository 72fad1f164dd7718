//! INVITEs of the peer: what happens until they are answered, and until the answer is
//! acknowledged.

use super::answer::answer_to;
use super::machine::{CallState, EndedBy, GONE, LiveDialog, PeerRequest, PeerRequestState, origin};
use super::negotiated::{Negotiated, Sender};
use super::own_invite::NO_ANSWER;
use super::session_timer::allows_update;
use super::{Call, CallAction, CallContext, CallEvent, CallEventKind};
use crate::dialog::Dialog;
use crate::request::user_of;
use crate::sip::{Draft, Message, Text};
use crate::transaction::{Requester, T1, T2, TIMER_F, Tid, reply_limit};
use std::time::{Duration, Instant};

/// An INVITE of the peer.
#[derive(Debug)]
pub(super) struct PeerInvite {
    pub(super) tid: Tid,
    pub(super) cseq: u32,
    /// It began the call.
    pub(super) is_initial: bool,
    pub(super) requester: Requester,
    /// The request, until nothing can be asked of it.
    pub(super) request: Option<Text>,
    /// Our last response.
    response: Option<Text>,
    phase: PeerInvitePhase,
}

/// Where an INVITE of the peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PeerInvitePhase {
    /// The application has not answered it, and is not waited for longer than that.
    Unanswered { limit: Instant },
    /// Our 2xx has no ACK (RFC 3261 section 13.3.1.4).
    Accepted {
        /// It goes out again then.
        repeat_at: Instant,
        interval: Duration,
        /// It is given up then.
        until: Instant,
    },
    /// The ACK has come, or it was refused.
    Over,
}

impl PeerInvite {
    fn new(
        now: Instant,
        (tid, is_initial): (Tid, bool),
        request: &Message<'_>,
        text: Text,
        from: Requester,
    ) -> Self {
        PeerInvite {
            tid,
            cseq: request.cseq().map_or(0, |cseq| cseq.number),
            is_initial,
            requester: from,
            request: Some(text),
            response: None,
            phase: PeerInvitePhase::Unanswered { limit: now + NO_ANSWER },
        }
    }

    /// Whether the application has not answered it.
    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self.phase, PeerInvitePhase::Unanswered { .. })
    }

    /// This is our last response.
    pub(super) fn set_response(&mut self, response: Text) {
        self.response = Some(response);
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.phase != PeerInvitePhase::Over
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match self.phase {
            PeerInvitePhase::Unanswered { limit } => Some(limit),
            PeerInvitePhase::Accepted { repeat_at, until, .. } => Some(repeat_at.min(until)),
            PeerInvitePhase::Over => None,
        }
    }

    /// Our response of `status` in `dialog`.
    pub(super) fn answer(
        &self,
        context: &CallContext<'_>,
        status: u16,
        dialog: &Dialog,
    ) -> Option<Draft> {
        let text = self.request.as_deref()?;
        let from = self.requester.address;
        Call::read(text, |request| answer_to(request, from, status, dialog, context.settings))
    }

    /// The most bytes of a response that the application does not make.
    pub(super) fn limit(&self) -> Option<usize> {
        reply_limit(self.requester, self.request.as_ref().map_or(0, |text| text.len()))
    }
}

/// INVITEs of the peer.
impl Call {
    /// A call that INVITE `tid` of the peer begins. `None`: it makes no dialog.
    pub fn invited(
        context: &mut CallContext<'_>,
        tid: Tid,
        request: &Message<'_>,
        text: Text,
        from: Requester,
    ) -> Option<Call> {
        let dialog = Dialog::of_request(request, &context.entropy.token())?;
        let user = user_of(dialog.local()).into();
        let did = (context.new_did)();
        let live = LiveDialog::new(did, dialog);
        let mut call = Call::new(context.now, CallState::Early(live), user);
        call.begun_by = origin(from);
        call.on_peer_invite(context, (tid, true), request, text, from);
        Some(call)
    }

    /// An INVITE of the peer is to be answered by the application; it gets its 100.
    pub(super) fn on_peer_invite(
        &mut self,
        context: &mut CallContext<'_>,
        (tid, is_initial): (Tid, bool),
        request: &Message<'_>,
        text: Text,
        from: Requester,
    ) {
        let mut invite = PeerInvite::new(context.now, (tid, is_initial), request, text, from);
        let Some(live) = self.live() else { return };
        let did = live.did;
        let draft = answer_to(request, from.address, 100, &live.dialog, context.settings);
        let limit = invite.limit();
        invite.response = Some(draft.to_bytes().into());
        let kind = if is_initial { CallEventKind::Invite } else { CallEventKind::Reinvite };
        let event = CallEvent {
            request: invite.request.clone(),
            response: invite.response.clone(),
            origin: origin(from),
            ..CallEvent::new(kind, did, tid)
        };
        self.described.on_message(tid, Sender::Peer, request);
        self.peer_allows_update |= allows_update(request);
        if let Some(before) = self.peer_invite.replace(Box::new(invite)) {
            context.actions.push(CallAction::Forget(before.tid));
        }
        context.actions.push(CallAction::Respond { tid, status: 100, draft, limit });
        self.push_event(context, event);
    }

    /// Our 2xx of INVITE `tid` was sent as `answer`: it is repeated until its ACK comes.
    pub(super) fn accept(&mut self, context: &mut CallContext<'_>, answer: Text) {
        let Some(invite) = &mut self.peer_invite else { return };
        let (now, is_initial) = (context.now, invite.is_initial);
        let tid = invite.tid;
        invite.response = Some(answer.clone());
        invite.phase =
            PeerInvitePhase::Accepted { repeat_at: now + T1, interval: T1, until: now + TIMER_F };
        let request = invite.request.clone();
        self.describe(tid, Sender::Us, &answer);
        if let (Some(live), Some(text)) = (self.live_mut(), request) {
            Call::read(&text, |request| {
                live.dialog.confirm();
                if !is_initial {
                    live.dialog.refresh_target(request);
                }
            });
        }
        self.establish();
    }

    /// An ACK in its dialog came. The first for an INVITE that we have accepted is an event.
    pub fn on_ack(&mut self, context: &mut CallContext<'_>, ack: &Message<'_>, text: Text) {
        let did = self.shown_did(context.now);
        let has_ended = self.has_ended();
        let Some(invite) = &mut self.peer_invite else { return };
        let is_for_it = ack.cseq().is_some_and(|cseq| cseq.number == invite.cseq);
        if !is_for_it || !matches!(invite.phase, PeerInvitePhase::Accepted { .. }) {
            return;
        }
        invite.phase = PeerInvitePhase::Over;
        let (request, response) = (invite.request.take(), invite.response.take());
        let (tid, origin) = (invite.tid, origin(invite.requester));
        self.described.on_message(tid, Sender::Peer, ack);
        context.actions.push(CallAction::Acknowledged(tid));
        if !has_ended {
            let kind = CallEventKind::Ack;
            let ack = Some(text);
            let event =
                CallEvent { request, response, ack, origin, ..CallEvent::new(kind, did, tid) };
            self.push_event(context, event);
        }
    }

    /// Whether INVITE `invite` is of this call and can be cancelled.
    pub fn can_be_cancelled(&self, invite: Tid) -> bool {
        self.has_unanswered_invite()
            && self.any_dialog().is_some()
            && self.peer_invite.as_ref().is_some_and(|one| one.tid == invite)
    }

    /// The peer has cancelled INVITE `invite` by CANCEL `tid`, which came as `text`. Of a call that
    /// has ended there are no further events.
    pub fn on_cancel(
        &mut self,
        context: &mut CallContext<'_>,
        (invite, tid): (Tid, Tid),
        cancel: (&Message<'_>, Text),
        from: Requester,
    ) {
        if !self.can_be_cancelled(invite) {
            return;
        }
        let is_initial = self.peer_invite.as_ref().is_some_and(|one| one.is_initial);
        let has_ended = self.has_ended();
        let Some(live) = self.any_dialog() else { return };
        let (message, text) = cancel;
        let did = live.did;
        let draft = answer_to(message, from.address, 200, &live.dialog, context.settings);
        let (draft, limit) = (without_contact(draft), reply_limit(from, text.len()));
        self.peer_requests.push(PeerRequest {
            tid,
            method: "CANCEL".into(),
            requester: from,
            state: PeerRequestState::Answered(Text::new(draft.to_bytes())),
        });
        context.actions.push(CallAction::Respond { tid, status: 200, draft, limit });
        let kind = CallEventKind::Cancelled;
        let event = CallEvent {
            request: Some(text),
            origin: origin(from),
            ..CallEvent::new(kind, did, tid)
        };
        if !has_ended {
            self.push_event(context, event);
        }
        self.refuse_peer_invite(context, 487, None);
        if is_initial && !has_ended {
            self.end(EndedBy::Refusal);
        }
    }

    /// The unanswered INVITE of the peer is refused with a plain response of ours, with this
    /// further header field; that closes the call where it began it.
    pub(super) fn refuse_peer_invite(
        &mut self,
        context: &mut CallContext<'_>,
        status: u16,
        header: Option<(&str, &str)>,
    ) {
        let (Some(invite), Some(live)) = (&self.peer_invite, self.any_dialog()) else { return };
        let Some(mut draft) = invite.answer(context, status, &live.dialog) else { return };
        if let Some((name, value)) = header {
            draft.push(name, value);
        }
        let limit = invite.limit();
        self.send_refusal(context, status, draft, limit);
    }

    /// The INVITE of the peer is refused by `draft`.
    pub(super) fn send_refusal(
        &mut self,
        context: &mut CallContext<'_>,
        status: u16,
        draft: Draft,
        limit: Option<usize>,
    ) {
        let Some(invite) = &mut self.peer_invite else { return };
        invite.phase = PeerInvitePhase::Over;
        let (tid, is_initial, origin) = (invite.tid, invite.is_initial, origin(invite.requester));
        let (request, response) = (invite.request.take(), Some(draft.to_bytes().into()));
        invite.response = response.clone();
        match is_initial {
            // The call is over, and its descriptions may be long.
            true => self.described = Negotiated::default(),
            false => self.described.on_refused(tid),
        }
        context.actions.push(CallAction::Respond { tid, status, draft, limit });
        if is_initial && !self.has_ended() {
            let kind = CallEventKind::Closed;
            let event = CallEvent { request, response, origin, ..CallEvent::new(kind, GONE, tid) };
            self.push_event(context, event);
        }
    }

    /// The time of the INVITE of the peer is over, or our 2xx goes out again.
    pub(super) fn on_peer_invite_timeout(&mut self, context: &mut CallContext<'_>) {
        let Some(invite) = &mut self.peer_invite else { return };
        let (now, tid) = (context.now, invite.tid);
        match &mut invite.phase {
            PeerInvitePhase::Unanswered { .. } => self.on_invite_ignored(context),
            PeerInvitePhase::Accepted { until, .. } if *until <= now => {
                invite.phase = PeerInvitePhase::Over;
                (invite.request, invite.response) = (None, None);
                if !self.has_ended() {
                    self.hang_up(context);
                }
            }
            PeerInvitePhase::Accepted { repeat_at, interval, .. } => {
                *interval = (*interval * 2).min(T2);
                *repeat_at = now + *interval;
                context.actions.push(CallAction::RepeatSuccess(tid));
            }
            PeerInvitePhase::Over => {}
        }
    }

    /// The application has never answered the INVITE of the peer.
    fn on_invite_ignored(&mut self, context: &mut CallContext<'_>) {
        let did = self.shown_did(context.now);
        let (Some(invite), Some(live)) = (&self.peer_invite, self.any_dialog()) else { return };
        let draft = invite.answer(context, 480, &live.dialog);
        let Some(invite) = &mut self.peer_invite else { return };
        let (tid, is_initial) = (invite.tid, invite.is_initial);
        let limit = invite.limit();
        invite.phase = PeerInvitePhase::Over;
        let (request, response) = (invite.request.take(), invite.response.take());
        let origin = origin(invite.requester);
        if let Some(draft) = draft {
            context.actions.push(CallAction::Permit(tid));
            context.actions.push(CallAction::Respond { tid, status: 480, draft, limit });
        }
        let kind = CallEventKind::NoAnswer;
        let event = CallEvent { request, response, origin, ..CallEvent::new(kind, did, tid) };
        self.push_event(context, event);
        if is_initial {
            self.end(EndedBy::NoAnswer);
            self.release(context);
        }
    }
}

/// A response that establishes nothing has no Contact.
pub(super) fn without_contact(mut draft: Draft) -> Draft {
    draft.remove("Contact");
    draft.remove("Record-Route");
    draft
}
