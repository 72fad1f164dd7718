//! What comes of INVITEs of ours: their responses, and their time.

use super::machine::{CallState, EndedBy, LiveDialog, OwnRequest};
use super::negotiated::Sender;
use super::own_invite::OwnInvitePhase;
use super::session_timer::allows_update;
use super::{Call, CallAction, CallContext, CallEvent, CallEventKind};
use crate::dialog::Dialog;
use crate::sip::{Message, Text};
use crate::transaction::{NoResponse, Tid};

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
        if !invite.on_provisional(context.now, code, (request.as_ref(), &bytes)) {
            return;
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
        if self.has_ended() {
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
    pub(super) fn update_dialog(&mut self, context: &mut CallContext<'_>, response: &Message<'_>) {
        let Some(sent) = self.own_invite.as_ref().and_then(|invite| invite.sent().cloned()) else {
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
        let Some((transaction, header)) = invite.take_cancel() else { return };
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
            return self.on_request_final(context, tid, response, request, bytes);
        };
        if !invite.is_calling() {
            return;
        }
        invite.on_final(&request, &bytes);
        let (is_initial, was_given_up) = (invite.is_initial(), invite.is_given_up());
        if code < 300 {
            // Nobody waits for it any more.
            let is_unwanted = was_given_up || invite.awaits_cancel();
            invite.accept(context.now);
            return self.on_invite_accepted(context, response, (request, bytes), is_unwanted);
        }
        let was_cancelled = invite.is_cancelled();
        invite.finish();
        self.described.on_refused(tid);
        // One that the application has cancelled is over.
        let is_cancelled = was_cancelled || self.has_ended();
        let may_retry = !is_cancelled && self.keep_refused_invite(context, tid, response, &request);
        let did = self.shown_did(context.now);
        if !self.has_ended() {
            let kind = CallEventKind::of_final(true, code);
            let (request, response) = (Some(request), Some(bytes));
            let event = CallEvent { request, response, ack, ..CallEvent::new(kind, did, tid) };
            self.push_event(context, event);
        }
        if is_initial && was_given_up {
            self.own_requests.clear();
            self.release(context);
        } else if is_initial && !self.has_ended() {
            self.end(if may_retry { EndedBy::Challenge } else { EndedBy::Refusal });
        }
    }

    /// A 2xx to our newest INVITE; `is_unwanted`: it was cancelled before there was any response,
    /// or given up.
    fn on_invite_accepted(
        &mut self,
        context: &mut CallContext<'_>,
        response: &Message<'_>,
        (request, bytes): (Text, Text),
        is_unwanted: bool,
    ) {
        let Some(invite) = &self.own_invite else { return };
        let (tid, is_initial) = (invite.tid, invite.is_initial());
        self.retries = 0;
        self.digest.accepted(response);
        // The peer may have ended it with a BYE.
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
        let (is_initial, was_given_up) = (invite.is_initial(), invite.is_given_up());
        invite.forget();
        self.described.on_refused(tid);
        if was_given_up {
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

    /// Whether that is the number of our newest INVITE.
    pub fn has_own_invite(&self, tid: Tid) -> bool {
        self.own_invite.as_ref().is_some_and(|invite| invite.tid == tid)
    }

    /// The time of our newest INVITE is over.
    pub(super) fn on_own_invite_timeout(&mut self, context: &mut CallContext<'_>) {
        let has_ended = self.has_ended();
        let Some(invite) = &mut self.own_invite else { return };
        let tid = invite.tid;
        match invite.phase() {
            OwnInvitePhase::Calling { .. } => {
                let (request, response) = (invite.sent().cloned(), invite.response().cloned());
                let is_initial = invite.is_initial();
                invite.on_silence(context.now, !is_initial && !has_ended);
                let did = self.shown_did(context.now);
                self.cancel_as_wanted(context);
                if has_ended {
                    return;
                }
                let kind = CallEventKind::NoAnswer;
                let event = CallEvent { request, response, ..CallEvent::new(kind, did, tid) };
                self.push_event(context, event);
                if is_initial {
                    self.end(EndedBy::NoAnswer);
                }
            }
            OwnInvitePhase::GivenUp { .. } => {
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
