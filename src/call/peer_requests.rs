//! Requests of the peer within a dialog: where they belong, BYE, and those that the application
//! answers.

use super::answer::answer_to;
use super::machine::{CallState, EndedBy, PeerRequest, PeerRequestState, origin};
use super::negotiated::Sender;
use super::peer_invite::without_contact;
use super::{Call, CallAction, CallContext, CallEvent, CallEventKind};
use crate::dialog::Order;
use crate::request::response::automatic_response_to;
use crate::request::tag_of;
use crate::sip::{Draft, Message, Text};
use crate::transaction::{Requester, Tid, reply_limit};
use std::time::{Duration, Instant};

/// A request that asks whether we are there still is answered in the application's place after
/// this.
const PING_UNANSWERED: Duration = Duration::from_millis(500);
/// Any other.
const UNANSWERED: Duration = Duration::from_secs(10);
/// What a REFER or NOTIFY keeps a dialog for.
const SUBSCRIBED: Duration = Duration::from_secs(60);
/// A NOTIFY cannot keep it longer than that.
const MAX_SUBSCRIBED: u32 = 600;
/// Requests of the peer that wait for their answer at a time.
const MAX_UNANSWERED: usize = 64;
/// The same with those that were answered, until their transactions are over.
const MAX_PEER_REQUESTS: usize = 512;

/// What becomes of a request of the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// It belongs to the call.
    Taken,
    /// It does not.
    Elsewhere,
    /// It is not answered.
    Dropped,
    /// It is answered so, without the call.
    Refused {
        /// The status.
        status: u16,
        /// Another reason phrase than the usual.
        reason: Option<&'static str>,
        /// It may be sent again after so many seconds.
        retry_after: Option<u32>,
    },
}

impl Placement {
    fn refused(status: u16) -> Placement {
        Placement::Refused { status, reason: None, retry_after: None }
    }
}

/// Requests of the peer.
impl Call {
    /// Where `request` belongs, whose ids may be those of the call's dialog (RFC 3261 section
    /// 12.2.2).
    pub fn place(&mut self, now: Instant, request: &Message<'_>) -> Placement {
        let method = request.method().unwrap_or("");
        let tag = |name| request.header(name).map_or("", tag_of);
        let (call_id, ours, theirs) = (request.call_id().unwrap_or(""), tag("To"), tag("From"));
        let is_kept = match &self.state {
            CallState::Terminated(ended) => match method {
                "BYE" => ended.by_own_bye,
                "ACK" => true,
                "NOTIFY" => self.is_subscribed(now),
                _ => false,
            },
            _ => true,
        };
        let Some(live) = self.any_dialog_mut().filter(|_| is_kept) else {
            return Placement::Elsewhere;
        };
        if !live.dialog.matches(call_id, ours, theirs) {
            if method == "ACK" || !live.dialog.may_have_branch(call_id, ours) {
                return Placement::Elsewhere;
            }
            live.dialog.take_branch(request);
        }
        match live.dialog.on_request(request) {
            Order::Next => {}
            Order::Repeated => return Placement::Dropped,
            Order::Late => {
                let (status, reason) = (500, None);
                return Placement::Refused { status, reason, retry_after: Some(10) };
            }
        }
        if method == "INVITE" && self.has_unanswered_invite() {
            let (status, reason) = (500, Some("Retry Later"));
            return Placement::Refused { status, reason, retry_after: Some(10) };
        }
        if method == "INVITE" && self.is_calling() {
            return Placement::refused(491);
        }
        let unanswered = self.peer_requests.iter().filter(|one| one.unanswered().is_some()).count();
        let is_full = unanswered >= MAX_UNANSWERED && method != "BYE";
        if is_full || self.peer_requests.len() >= MAX_PEER_REQUESTS {
            return Placement::refused(503);
        }
        Placement::Taken
    }

    /// Request `tid` of the peer belongs to the call.
    pub fn on_request(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        request: &Message<'_>,
        text: Text,
        from: Requester,
    ) {
        let method = request.method().unwrap_or("");
        match method {
            "INVITE" => return self.on_peer_invite(context, (tid, false), request, text, from),
            "BYE" => return self.on_bye(context, tid, request, text, from),
            "NOTIFY" => self.on_notify(context.now, |name| request.header(name)),
            _ => {}
        }
        match method {
            "UPDATE" => self.described.on_message(tid, Sender::Peer, request),
            "PRACK" => {
                if let Some(invite) = self.peer_invite.as_ref().map(|invite| invite.tid) {
                    self.described.on_message(invite, Sender::Peer, request);
                }
            }
            _ => {}
        }
        let is_ping = method == "OPTIONS" || (method == "UPDATE" && request.body.is_empty());
        let wait = if is_ping { PING_UNANSWERED } else { UNANSWERED };
        self.peer_requests.push(PeerRequest {
            tid,
            method: method.into(),
            requester: from,
            state: PeerRequestState::Unanswered {
                request: text.clone(),
                limit: context.now + wait,
            },
        });
        let did = self.shown_did(context.now);
        let event = CallEvent {
            request: Some(text),
            origin: origin(from),
            ..CallEvent::new(CallEventKind::MessageNew, did, tid)
        };
        self.push_event(context, event);
    }

    /// The peer hangs up.
    fn on_bye(
        &mut self,
        context: &mut CallContext<'_>,
        tid: Tid,
        request: &Message<'_>,
        text: Text,
        from: Requester,
    ) {
        let has_crossed = self.has_ended();
        let is_answered = has_crossed || context.settings.answers_bye;
        let did = self.shown_did(context.now);
        let mut answer = None;
        if let Some(live) = self.any_dialog().filter(|_| is_answered) {
            let to = (from.address, &live.dialog);
            let draft = answer_to(request, to.0, 200, to.1, context.settings);
            let (draft, limit) = (without_contact(draft), reply_limit(from, text.len()));
            answer = Some(Text::new(draft.to_bytes()));
            context.actions.push(CallAction::Respond { tid, status: 200, draft, limit });
        }
        let state = match &answer {
            Some(answer) => PeerRequestState::Answered(answer.clone()),
            None => {
                let limit = context.now + UNANSWERED;
                PeerRequestState::Unanswered { request: text.clone(), limit }
            }
        };
        self.peer_requests.push(PeerRequest { tid, method: "BYE".into(), requester: from, state });
        if has_crossed {
            return;
        }
        for kind in [CallEventKind::MessageNew, CallEventKind::Closed] {
            let event = CallEvent {
                request: Some(text.clone()),
                response: answer.clone(),
                origin: origin(from),
                ..CallEvent::new(kind, did, tid)
            };
            self.push_event(context, event);
        }
        self.end(EndedBy::PeerBye);
        if self.has_unanswered_invite() {
            self.refuse_peer_invite(context, 487, None);
        }
        if self.is_calling() {
            if let Some(invite) = &mut self.own_invite {
                invite.want_cancel(None);
            }
            self.cancel_as_wanted(context);
        }
    }

    /// A NOTIFY says how long the subscription of a REFER goes on.
    pub(super) fn on_notify<'a>(&mut self, now: Instant, header: impl Fn(&str) -> Option<&'a str>) {
        let Some(state) = header("Subscription-State") else { return };
        let (word, params) = state.split_at(state.find(';').unwrap_or(state.len()));
        let word = word.trim();
        let goes_on = word.eq_ignore_ascii_case("active") || word.eq_ignore_ascii_case("pending");
        let expires = crate::sip::Params::new(params).get("expires").map(str::parse::<u32>);
        let wait = match expires {
            Some(Ok(seconds)) if seconds < MAX_SUBSCRIBED => Duration::from_secs(seconds.into()),
            _ => SUBSCRIBED,
        };
        let live = self.any_dialog_mut().filter(|live| live.is_subscribed());
        if let Some(live) = live {
            live.set_subscribed(goes_on.then(|| now + wait));
        }
    }

    /// A REFER was accepted: its NOTIFYs come, also behind a BYE, unless there are none (RFC 4488).
    pub(super) fn on_refer_accepted(&mut self, now: Instant, refer_sub: Option<&str>) {
        let has_none = refer_sub.is_some_and(|value| {
            value.split(';').next().is_some_and(|word| word.trim().eq_ignore_ascii_case("false"))
        });
        if let Some(live) = self.any_dialog_mut().filter(|_| !has_none) {
            live.set_subscribed(Some(now + SUBSCRIBED));
        }
    }

    /// Answers what the application has left unanswered for too long.
    pub(super) fn answer_unanswered(&mut self, context: &mut CallContext<'_>) {
        let now = context.now;
        while let Some(at) = self
            .peer_requests
            .iter()
            .position(|request| request.limit().is_some_and(|limit| limit <= now))
        {
            self.answer_in_its_place(context, at);
        }
    }

    /// Answers all that the application has left unanswered: nobody could do so later.
    pub(super) fn answer_all(&mut self, context: &mut CallContext<'_>) {
        if self.has_unanswered_invite() {
            self.refuse_peer_invite(context, 480, None);
        }
        while let Some(at) =
            self.peer_requests.iter().position(|request| request.unanswered().is_some())
        {
            self.answer_in_its_place(context, at);
        }
    }

    fn answer_in_its_place(&mut self, context: &mut CallContext<'_>, at: usize) {
        let Some(live) = self.any_dialog() else {
            self.peer_requests.remove(at);
            return;
        };
        let Some(request) = self.peer_requests.get(at) else { return };
        let (tid, from) = (request.tid, request.requester);
        let answered = request.unanswered().and_then(|text| {
            let (dialog, settings) = (&live.dialog, context.settings);
            Call::read(text, |message| {
                let status = match &*request.method {
                    "OPTIONS" | "BYE" => 200,
                    "UPDATE" if message.body.is_empty() => 200,
                    _ => 480,
                };
                let draft = if &*request.method == "OPTIONS" {
                    let (tag, agent) = (dialog.local_tag(), &settings.user_agent);
                    automatic_response_to(message, from.address, status, tag, agent)
                } else {
                    answer_to(message, from.address, status, dialog, settings)
                };
                let draft = if &*request.method == "BYE" { without_contact(draft) } else { draft };
                (status, draft, reply_limit(from, text.len()))
            })
        });
        match answered {
            Some((status, draft, limit)) => {
                self.record_answer(context, at, &draft, status);
                context.actions.push(CallAction::Respond { tid, status, draft, limit });
            }
            None => {
                self.peer_requests.remove(at);
            }
        }
    }

    /// The request at this place got its final response.
    pub(super) fn record_answer(
        &mut self,
        context: &mut CallContext<'_>,
        at: usize,
        draft: &Draft,
        status: u16,
    ) {
        let Some(request) = self.peer_requests.get_mut(at) else { return };
        let answered = request.answer(Text::new(draft.to_bytes()));
        let (method, tid) = (request.method.clone(), request.tid);
        match (&*method, self.peer_invite.as_ref().map(|invite| invite.tid)) {
            ("UPDATE", _) if status >= 300 => self.described.on_refused(tid),
            ("UPDATE", _) => self.describe(tid, Sender::Us, &draft.to_bytes()),
            ("PRACK", Some(invite)) if status < 300 => {
                self.describe(invite, Sender::Us, &draft.to_bytes());
            }
            _ => {}
        }
        let Some(text) = answered.filter(|_| (200..300).contains(&status)) else { return };
        let now = context.now;
        Call::read(&text, |message| match &*method {
            "REFER" => {
                let refer_sub = draft.get("Refer-Sub").or(message.header("Refer-Sub"));
                self.on_refer_accepted(now, refer_sub);
            }
            "UPDATE" => {
                if let Some(live) = self.live_mut() {
                    live.dialog.refresh_target(message);
                }
            }
            _ => {}
        });
    }

    /// No response to request `tid` of the peer can be sent any more. Whether its number is of no
    /// use to the application either.
    pub fn on_server_ended(&mut self, tid: Tid) -> bool {
        // Programs answer a BYE, or the CANCEL, once more when its event comes; over a
        // connection its transaction is gone by then.
        let is_end = |one: &PeerRequest| matches!(&*one.method, "BYE" | "CANCEL");
        if self.peer_requests.iter().any(|one| one.tid == tid && is_end(one)) {
            return false;
        }
        self.peer_requests.retain(|request| request.tid != tid);
        self.peer_invite.as_ref().is_none_or(|invite| invite.tid != tid)
    }
}
