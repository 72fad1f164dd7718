//! Requests of ours within a dialog, other than INVITEs, and the end that the application asks for.

use super::machine::{CallState, EndedBy, Terminated};
use super::negotiated::Sender;
use super::own_invite::InvitePurpose;
use super::within::{WithinDialog, prack, rack_of};
use super::{Call, CallAction, CallContext, CallEvent, CallEventKind};
use crate::request::{Refusal, keep_added};
use crate::sip::{Draft, Message, Text};
use crate::transaction::{NoResponse, Tid};

/// Requests of ours.
impl Call {
    /// A request of ours in its dialog. Errors: `NotFound` without one, `WrongState` while another
    /// of this method is under way in either direction, and those of [`WithinDialog::draft`].
    pub fn build_request(
        &mut self,
        context: &mut CallContext<'_>,
        ask: WithinDialog<'_>,
    ) -> Result<Draft, Refusal> {
        self.check_sendable(context, ask.method)?;
        let (user, credentials) = (self.user.clone(), context.credentials);
        let live = self.any_dialog_mut().ok_or(Refusal::NotFound)?;
        let mut draft = ask.draft(&mut live.dialog, context.settings, context.entropy)?;
        self.digest.preview(&mut draft, &user, credentials, context.entropy);
        Ok(draft)
    }

    /// Whether a request of this method may be sent now.
    fn check_sendable(&self, context: &CallContext<'_>, method: &str) -> Result<(), Refusal> {
        let is_kept = method == "NOTIFY" && self.is_subscribed(context.now);
        if self.live().is_none() && !is_kept {
            return Err(Refusal::NotFound);
        }
        let is_under_way = match method {
            "INVITE" => self.is_calling() || self.has_unanswered_invite(),
            _ => {
                self.own_requests.iter().any(|request| *request.method == *method)
                    || self
                        .peer_requests
                        .iter()
                        .any(|request| *request.method == *method && request.unanswered().is_some())
            }
        };
        if is_under_way { Err(Refusal::WrongState) } else { Ok(()) }
    }

    /// Sends a request of ours in its dialog; its number. Errors as for [`Call::build_request`].
    pub fn send_request(
        &mut self,
        context: &mut CallContext<'_>,
        mut draft: Draft,
    ) -> Result<Tid, Refusal> {
        let method = draft.method().unwrap_or("").to_owned();
        self.check_sendable(context, &method)?;
        if method == "NOTIFY" {
            keep_added(&mut draft);
            // RFC 3515 section 2.4.4: a call has no other subscription than that of a REFER.
            if draft.get("Event").is_none() {
                draft.push("Event", "refer");
            }
        }
        self.authorize(context, &mut draft);
        if let (Some(live), Some(cseq)) = (self.any_dialog_mut(), draft.cseq()) {
            live.dialog.on_request_sent(cseq.number);
        }
        match &*method {
            "INVITE" => Ok(self.send_invite(context, InvitePurpose::Change, draft)),
            "BYE" => {
                let tid = self.send(context, "BYE", draft);
                self.end(EndedBy::Bye);
                Ok(tid)
            }
            method => {
                if method == "NOTIFY" {
                    let now = context.now;
                    self.on_notify(now, |name| draft.get(name));
                }
                let text = (method == "UPDATE").then(|| draft.to_bytes());
                let tid = self.send(context, method, draft);
                if let Some(text) = text {
                    self.describe(tid, Sender::Us, &text);
                }
                Ok(tid)
            }
        }
    }

    /// A provisional response to a request of ours that is no INVITE: an event for OPTIONS.
    pub(super) fn on_request_progress(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        request: Option<Text>,
        bytes: Text,
    ) {
        let is_options =
            |one: &super::machine::OwnRequest| one.tid == tid && &*one.method == "OPTIONS";
        if self.own_requests.iter().any(is_options) {
            let did = self.shown_did(context.now);
            let kind = CallEventKind::MessageProceeding;
            let response = Some(bytes);
            self.push_event(
                context,
                CallEvent { request, response, ..CallEvent::new(kind, did, tid) },
            );
        }
    }

    /// The final response to a request of ours that is no INVITE.
    pub(super) fn on_request_final(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        response: &Message<'_>,
        request: Text,
        bytes: Text,
    ) {
        let at = self.own_requests.iter().position(|request| request.tid == tid);
        let Some(at) = at else { return };
        let method = self.own_requests.remove(at).method;
        let code = response.status().unwrap_or(0);
        if code < 300 {
            self.retries = 0;
            self.digest.accepted(response);
            match &*method {
                "REFER" => {
                    let asked =
                        |request: &Message<'_>| request.header("Refer-Sub").map(str::to_owned);
                    let asked = Call::read(&request, asked).flatten();
                    let refer_sub = response.header("Refer-Sub").or(asked.as_deref());
                    self.on_refer_accepted(context.now, refer_sub);
                }
                "UPDATE" => {
                    Call::read(&request, |request| {
                        if let Some(live) = self.live_mut() {
                            live.dialog.on_response(request, response);
                        }
                    });
                    self.described.on_message(tid, Sender::Peer, response);
                    self.begin_session(context, &request, response);
                }
                "PRACK" => {
                    if let Some(invite) = self.own_invite.as_ref().map(|invite| invite.tid) {
                        self.described.on_message(invite, Sender::Peer, response);
                    }
                }
                _ => {}
            }
        } else if &*method == "UPDATE" {
            self.described.on_refused(tid);
        }
        if !self.on_challenge(context, (tid, &method), response, &request) {
            self.forget_request(context, tid);
        }
        // A CANCEL that the application has not asked for has no event.
        if self.has_ended() && &*method == "CANCEL" {
            return;
        }
        let did = self.shown_did(context.now);
        let kind = CallEventKind::of_final(false, code);
        let (request, response) = (Some(request), Some(bytes));
        self.push_event(context, CallEvent { request, response, ..CallEvent::new(kind, did, tid) });
    }

    /// There will be no response to a request of ours that is no INVITE.
    pub(super) fn on_request_failed(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        request: Option<Text>,
        why: &NoResponse,
    ) {
        let at = self.own_requests.iter().position(|request| request.tid == tid);
        let Some(at) = at else { return };
        let method = self.own_requests.remove(at).method;
        if &*method == "UPDATE" {
            self.described.on_refused(tid);
        }
        self.forget_request(context, tid);
        if self.has_ended() && &*method == "CANCEL" {
            return;
        }
        let did = self.shown_did(context.now);
        let (kind, detail) = (CallEventKind::MessageRequestFailure, format!("{why}."));
        self.push_event(context, CallEvent { request, detail, ..CallEvent::new(kind, did, tid) });
    }

    /// The application ends the call: what is sent may have this further header field. Errors:
    /// `WrongState` when it has ended, or is cancelled already.
    pub fn terminate(
        &mut self,
        context: &mut CallContext<'_>,
        header: Option<(&str, &str)>,
    ) -> Result<Terminated, Refusal> {
        if self.has_ended() {
            return Err(Refusal::WrongState);
        }
        if self.has_unanswered_invite() {
            let is_early = matches!(self.state, CallState::Early(_));
            if let Some(invite) = &self.peer_invite {
                context.actions.push(CallAction::Permit(invite.tid));
            }
            self.refuse_peer_invite(context, 603, header);
            if is_early {
                self.end(EndedBy::Refusal);
            } else {
                self.send_bye(context, header);
            }
            return Ok(Terminated::Ended);
        }
        if matches!(self.state, CallState::Established(_)) {
            self.send_bye(context, header);
            return Ok(Terminated::Ended);
        }
        let Some(invite) = &mut self.own_invite else { return Err(Refusal::WrongState) };
        if !invite.is_calling() || invite.is_cancelled() {
            return Err(Refusal::WrongState);
        }
        let header = header.map(|(name, value)| (name.to_owned(), value.to_owned()));
        invite.want_cancel(header);
        self.cancel_as_wanted(context);
        Ok(Terminated::Cancelled)
    }

    /// The PRACK for a reliable provisional response to INVITE `tid`: `response`, or the last.
    /// Errors: `BadParameter` for what is no INVITE of ours, `WrongState` behind its final response
    /// and where it was made already, `NoReliability`, `NotFound`.
    pub fn build_prack(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        response: Option<&[u8]>,
    ) -> Result<Draft, Refusal> {
        let invite = self.own_invite.as_ref().filter(|invite| invite.tid == tid);
        let invite = invite.ok_or(Refusal::BadParameter)?;
        if !invite.is_calling() {
            return Err(Refusal::WrongState);
        }
        let (sent, last) = (invite.sent().cloned(), invite.response().cloned());
        let text = response.or(last.as_deref().map(Vec::as_slice)).ok_or(Refusal::NotFound)?;
        let sent = sent.ok_or(Refusal::NotFound)?;
        let rack = Call::read(text, rack_of).flatten().ok_or(Refusal::NoReliability)?;
        if self.acknowledged_racks.iter().any(|known| **known == *rack) {
            return Err(Refusal::WrongState);
        }
        let (user, credentials) = (self.user.clone(), context.credentials);
        let live = self.live_mut().ok_or(Refusal::NotFound)?;
        let built = Call::read(&sent, |invite| {
            Call::read(text, |response| {
                prack(&mut live.dialog, invite, response, context.settings, context.entropy)
            })
        });
        let mut draft = built.flatten().flatten().ok_or(Refusal::NoReliability)?;
        self.digest.preview(&mut draft, &user, credentials, context.entropy);
        Ok(draft)
    }

    /// Sends a PRACK for a response to INVITE `tid`; its number. Errors: `BadParameter` for what is
    /// no INVITE of ours, `WrongState` behind its final response.
    pub fn send_prack(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        mut draft: Draft,
    ) -> Result<Tid, Refusal> {
        let invite = self.own_invite.as_ref().filter(|invite| invite.tid == tid);
        let invite = invite.ok_or(Refusal::BadParameter)?;
        if !invite.is_calling() {
            return Err(Refusal::WrongState);
        }
        if let Some(rack) = draft.get("RAck") {
            if self.acknowledged_racks.len() >= MAX_RACKS {
                self.acknowledged_racks.remove(0);
            }
            self.acknowledged_racks.push(rack.into());
        }
        self.authorize(context, &mut draft);
        self.describe(tid, Sender::Us, &draft.to_bytes());
        Ok(self.send(context, "PRACK", draft))
    }
}

/// Reliable provisional responses whose PRACK is remembered.
const MAX_RACKS: usize = 16;
