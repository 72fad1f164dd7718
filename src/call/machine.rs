//! The state of a call, and when it has something to do.

use super::negotiated::{Negotiated, Sender};
use super::own_invite::{InvitePurpose, OwnInvite};
use super::peer_invite::PeerInvite;
use super::redirect::Redirection;
use super::retries::RetriableRequest;
use super::session::SessionClock;
use super::{CallAction, CallContext, CallEvent, CallEventKind};
use crate::auth::DigestState;
use crate::dialog::Dialog;
use crate::request::{tag_of, user_of};
use crate::sip::{Draft, Message, Text};
use crate::transaction::{Did, RequestOrigin, Requester, Tid, TransactionId};
use std::time::{Duration, Instant};

/// A call is forgotten so long after the last event of it.
const LINGER: Duration = Duration::from_secs(5);
/// So long where the application may want to send the INVITE again: with credentials, or elsewhere.
const LINGER_FOR_RETRY: Duration = Duration::from_secs(32);
/// The did in an event of a dialog that is gone.
pub(super) const GONE: Did = -1;

/// One call: an INVITE of ours or of the peer, and all that comes of it.
#[derive(Debug)]
pub struct Call {
    /// What the application gave for it; 0: nothing.
    reference: usize,
    pub(super) state: CallState,
    /// The newest INVITE of ours.
    pub(super) own_invite: Option<Box<OwnInvite>>,
    /// The newest of the peer.
    pub(super) peer_invite: Option<Box<PeerInvite>>,
    /// Other requests of ours that have no final response.
    pub(super) own_requests: Vec<OwnRequest>,
    /// Other requests of the peer, while a response may have to be sent again.
    pub(super) peer_requests: Vec<PeerRequest>,
    /// The newest request of ours that may be sent again with other credentials or elsewhere.
    pub(super) retriable: Option<Box<RetriableRequest>>,
    pub(super) digest: DigestState,
    /// Who we are for challengers.
    pub(super) user: Box<str>,
    /// Requests that were sent again since the last 2xx.
    pub(super) retries: u8,
    /// Whom the INVITE that began it comes from; `None`: it is ours.
    pub(super) begun_by: Option<RequestOrigin>,
    /// The descriptions that were exchanged.
    pub(super) described: Negotiated,
    /// The targets that the INVITE which began it has had.
    pub(super) redirection: Redirection,
    /// The peer takes UPDATE (RFC 3311 section 4).
    pub(super) peer_allows_update: bool,
    /// RAck of the PRACKs that were sent.
    pub(super) acknowledged_racks: Vec<Box<str>>,
    last_event: Instant,
}

/// Where a call is in its life.
#[derive(Debug)]
pub(super) enum CallState {
    /// Our INVITE has made no dialog yet.
    Inviting,
    /// The INVITE that begins it has no final answer.
    Early(Box<LiveDialog>),
    /// That INVITE was answered with 2xx.
    Established(Box<LiveDialog>),
    /// It has ended; what is under way still is waited for.
    Terminated(EndedCall),
}

/// A dialog with the number that the application knows it by.
#[derive(Debug)]
pub(super) struct LiveDialog {
    pub(super) did: Did,
    pub(super) dialog: Dialog,
    /// A REFER keeps it until then, for its NOTIFYs.
    subscribed_until: Option<Instant>,
    session: Option<SessionClock>,
}

impl LiveDialog {
    pub(super) fn new(did: Did, dialog: Dialog) -> Box<LiveDialog> {
        Box::new(LiveDialog { did, dialog, subscribed_until: None, session: None })
    }

    /// Whether a REFER may keep it.
    pub(super) fn is_subscribed(&self) -> bool {
        self.subscribed_until.is_some()
    }

    /// A REFER keeps it until then, for its NOTIFYs, or no more.
    pub(super) fn set_subscribed(&mut self, until: Option<Instant>) {
        self.subscribed_until = until;
    }

    /// Its session timer.
    pub(super) fn session(&self) -> Option<SessionClock> {
        self.session
    }

    /// Its session timer begins anew, goes on so, or has ended.
    pub(super) fn set_session(&mut self, session: Option<SessionClock>) {
        self.session = session;
    }
}

/// What is left of a call that has ended.
#[derive(Debug)]
pub(super) struct EndedCall {
    /// Its dialog, for what still comes in it.
    pub(super) live: Option<Box<LiveDialog>>,
    /// The did that its last event has.
    released_did: Did,
    /// A BYE of ours has ended it.
    pub(super) by_own_bye: bool,
    linger: Duration,
}

/// A request of ours within a dialog, or a CANCEL.
#[derive(Debug)]
pub(super) struct OwnRequest {
    pub(super) tid: Tid,
    pub(super) method: Box<str>,
}

/// A request of the peer within a dialog.
#[derive(Debug)]
pub(super) struct PeerRequest {
    pub(super) tid: Tid,
    pub(super) method: Box<str>,
    pub(super) requester: Requester,
    pub(super) state: PeerRequestState,
}

/// Whether a request of the peer is answered.
#[derive(Debug)]
pub(super) enum PeerRequestState {
    /// It is not; that is done in the application's place then.
    Unanswered { request: Text, limit: Instant },
    /// This is its final response.
    Answered(Text),
}

impl PeerRequest {
    /// The request as it came, while it is not answered.
    pub(super) fn unanswered(&self) -> Option<&Text> {
        match &self.state {
            PeerRequestState::Unanswered { request, .. } => Some(request),
            PeerRequestState::Answered(_) => None,
        }
    }

    /// When it is answered in the application's place.
    pub(super) fn limit(&self) -> Option<Instant> {
        match self.state {
            PeerRequestState::Unanswered { limit, .. } => Some(limit),
            PeerRequestState::Answered(_) => None,
        }
    }

    /// It has a provisional response: the application has more time, until then.
    pub(super) fn extend(&mut self, until: Instant) {
        if let PeerRequestState::Unanswered { limit, .. } = &mut self.state {
            *limit = until;
        }
    }

    /// It gets this final response; the request, unless that was there already.
    pub(super) fn answer(&mut self, answer: Text) -> Option<Text> {
        match std::mem::replace(&mut self.state, PeerRequestState::Answered(answer)) {
            PeerRequestState::Unanswered { request, .. } => Some(request),
            PeerRequestState::Answered(_) => None,
        }
    }
}

/// What ending a call has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminated {
    /// The INVITE is cancelled, now or as soon as there is a response.
    Cancelled,
    /// It has ended.
    Ended,
}

/// How a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndedBy {
    /// A BYE of ours.
    Bye,
    PeerBye,
    Refusal,
    /// A refusal that the application may answer with another INVITE.
    Challenge,
    NoAnswer,
}

impl Call {
    pub(super) fn new(now: Instant, state: CallState, user: Box<str>) -> Call {
        Call {
            reference: 0,
            state,
            own_invite: None,
            peer_invite: None,
            own_requests: Vec::new(),
            peer_requests: Vec::new(),
            retriable: None,
            digest: DigestState::default(),
            user,
            retries: 0,
            begun_by: None,
            described: Negotiated::default(),
            redirection: Redirection::default(),
            peer_allows_update: false,
            acknowledged_racks: Vec::new(),
            last_event: now,
        }
    }

    /// A call that the INVITE `draft` of ours begins, which is about to be sent.
    pub fn inviting(now: Instant, tid: Tid, draft: &Draft) -> Call {
        let user = user_of(draft.get("From").unwrap_or("")).into();
        let mut call = Call::new(now, CallState::Inviting, user);
        let invite = OwnInvite::new(now, tid, InvitePurpose::Initial, draft);
        call.own_invite = Some(Box::new(invite));
        call.describe(tid, Sender::Us, &draft.to_bytes());
        call
    }

    /// What the application gave for it; 0: nothing.
    pub fn reference(&self) -> usize {
        self.reference
    }

    /// The application gives this for it.
    pub fn set_reference(&mut self, reference: usize) {
        self.reference = reference;
    }

    /// The request of ours with this number is that transaction.
    pub fn set_transaction(&mut self, tid: Tid, transaction: TransactionId) {
        if let Some(invite) = self.own_invite.as_mut().filter(|invite| invite.tid == tid) {
            invite.set_transaction(transaction);
        }
    }

    /// The number of its dialog, while that is of use to the application.
    pub fn did(&self) -> Option<Did> {
        self.live().map(|live| live.did)
    }

    /// Whether that is the number of its dialog; it lives on behind a BYE where a REFER keeps it.
    pub fn has_did(&self, did: Did) -> bool {
        self.did() == Some(did)
            || self.any_dialog().is_some_and(|live| live.did == did && live.is_subscribed())
    }

    /// Whether an INVITE of the peer with this number is under way or was answered: one that comes
    /// by another way is the same request (RFC 3261 section 8.2.2.2).
    pub fn is_begun_by(&self, cseq: u32) -> bool {
        self.peer_invite.as_ref().is_some_and(|invite| invite.is_initial && invite.cseq == cseq)
    }

    /// Whether the bytes are the ACK of the 2xx to INVITE `tid` of ours, of our branch.
    pub fn is_acknowledged_by(&self, tid: Tid, ack: &[u8]) -> bool {
        self.acknowledgeable() == Some((tid, true))
            && self.any_dialog().is_some_and(|live| {
                let tag = |ack: &Message<'_>| {
                    ack.header("To").map(tag_of) == Some(live.dialog.remote_tag())
                };
                Call::read(ack, tag).unwrap_or(false)
            })
    }

    /// Its dialog, while there is one.
    pub fn dialog(&self) -> Option<&Dialog> {
        self.live().map(|live| &live.dialog)
    }

    /// Whether requests in its dialog go where their Request-URI says, whatever Route says.
    pub fn is_routed_strictly(&self) -> bool {
        self.any_dialog().is_some_and(|live| live.dialog.is_routed_strictly())
    }

    /// Whether requests in its dialog go where the peer's messages come from; `always`: also where
    /// its Contact does not ask for it, as long as no proxy has recorded a route.
    pub fn goes_by_its_flow(&self, always: bool) -> bool {
        self.any_dialog().is_some_and(|live| {
            let is_direct = live.dialog.route_set().is_empty();
            live.dialog.goes_by_its_flow() || (always && is_direct)
        })
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, CallState::Terminated(_))
    }

    pub(super) fn live(&self) -> Option<&LiveDialog> {
        match &self.state {
            CallState::Early(live) | CallState::Established(live) => Some(live),
            CallState::Inviting | CallState::Terminated(_) => None,
        }
    }

    pub(super) fn live_mut(&mut self) -> Option<&mut LiveDialog> {
        match &mut self.state {
            CallState::Early(live) | CallState::Established(live) => Some(live),
            CallState::Inviting | CallState::Terminated(_) => None,
        }
    }

    /// The dialog, that of a call that has ended too.
    pub(super) fn any_dialog(&self) -> Option<&LiveDialog> {
        match &self.state {
            CallState::Early(live) | CallState::Established(live) => Some(live),
            CallState::Terminated(ended) => ended.live.as_deref(),
            CallState::Inviting => None,
        }
    }

    pub(super) fn any_dialog_mut(&mut self) -> Option<&mut LiveDialog> {
        match &mut self.state {
            CallState::Early(live) | CallState::Established(live) => Some(live),
            CallState::Terminated(ended) => ended.live.as_deref_mut(),
            CallState::Inviting => None,
        }
    }

    /// Whether a REFER keeps the dialog of a call that has ended.
    pub(super) fn is_subscribed(&self, now: Instant) -> bool {
        let until = self.any_dialog().and_then(|live| live.subscribed_until);
        until.is_some_and(|until| now < until)
    }

    /// The did in events.
    pub(super) fn shown_did(&self, now: Instant) -> Did {
        match &self.state {
            CallState::Inviting => 0,
            CallState::Early(live) | CallState::Established(live) => live.did,
            CallState::Terminated(ended) => match &ended.live {
                Some(live) if self.is_subscribed(now) => live.did,
                Some(_) => GONE,
                None => 0,
            },
        }
    }

    /// The application gets an event.
    pub(super) fn push_event(&mut self, context: &mut CallContext<'_>, event: CallEvent) {
        self.last_event = context.now;
        context.actions.push(CallAction::Event(event));
    }

    /// A 2xx to the INVITE that began it was sent, or has come.
    pub(super) fn establish(&mut self) {
        let state = std::mem::replace(&mut self.state, CallState::Inviting);
        self.state = match state {
            CallState::Early(live) => CallState::Established(live),
            other => other,
        };
    }

    /// It ends now.
    pub(super) fn end(&mut self, by: EndedBy) {
        let live = match std::mem::replace(&mut self.state, CallState::Inviting) {
            CallState::Early(live) | CallState::Established(live) => Some(live),
            CallState::Terminated(ended) => ended.live,
            CallState::Inviting => None,
        };
        let is_refused = matches!(by, EndedBy::Refusal | EndedBy::Challenge);
        let released_did = if is_refused && live.is_some() { GONE } else { 0 };
        let linger = if by == EndedBy::Challenge { LINGER_FOR_RETRY } else { LINGER };
        let by_own_bye = by == EndedBy::Bye;
        self.state = CallState::Terminated(EndedCall { live, released_did, by_own_bye, linger });
    }

    /// Nothing more is waited for.
    pub(super) fn release(&mut self, context: &mut CallContext<'_>) {
        self.answer_all(context);
        let did = match &self.state {
            CallState::Terminated(ended) => ended.released_did,
            _ => 0,
        };
        let origin = self.begun_by;
        self.push_event(
            context,
            CallEvent { origin, ..CallEvent::new(CallEventKind::Released, did, 0) },
        );
        context.actions.push(CallAction::Release);
    }

    /// When it is released, if nothing happens until then.
    pub(super) fn release_at(&self) -> Option<Instant> {
        let CallState::Terminated(ended) = &self.state else { return None };
        let is_pending = !self.own_requests.is_empty()
            || self.is_calling()
            || self.peer_invite.as_ref().is_some_and(|invite| invite.is_under_way())
            || self.peer_requests.iter().any(|request| request.unanswered().is_some());
        if is_pending {
            return None;
        }
        let subscribed = ended.live.as_ref().and_then(|live| live.subscribed_until);
        let at = self.last_event + ended.linger;
        Some(subscribed.map_or(at, |until| until.max(at)))
    }

    /// When it next has something to do.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let own = self.own_invite.as_ref().and_then(|invite| invite.poll_timeout());
        let peer = self.peer_invite.as_ref().and_then(|invite| invite.poll_timeout());
        let requests = self.peer_requests.iter().filter_map(PeerRequest::limit).min();
        let retry = self.retriable.as_ref().map(|retriable| retriable.until);
        let session = self.session_due();
        [own, peer, requests, retry, session, self.release_at()].into_iter().flatten().min()
    }

    /// Whether the INVITE of the peer has no final answer.
    pub(super) fn has_unanswered_invite(&self) -> bool {
        self.peer_invite.as_ref().is_some_and(|invite| invite.is_unanswered())
    }

    /// Whether an INVITE of ours has no final response.
    pub(super) fn is_calling(&self) -> bool {
        self.own_invite.as_ref().is_some_and(|invite| invite.is_calling())
    }

    /// A request of ours is sent: it answers the challenges at hand anew.
    pub(super) fn authorize(&mut self, context: &mut CallContext<'_>, draft: &mut Draft) {
        let (user, credentials) = (&self.user, context.credentials);
        self.digest.count_sent(draft, user, credentials, context.entropy);
    }

    /// Sends another request of ours in its dialog than an INVITE.
    pub(super) fn send(
        &mut self,
        context: &mut CallContext<'_>,
        method: &str,
        draft: Draft,
    ) -> Tid {
        let tid = (context.new_tid)();
        self.own_requests.push(OwnRequest { tid, method: method.into() });
        context.actions.push(CallAction::Send(tid, draft));
        tid
    }

    /// Sends a BYE in its dialog, with this further header field, and ends.
    pub(super) fn send_bye(&mut self, context: &mut CallContext<'_>, header: Option<(&str, &str)>) {
        let Some(live) = self.any_dialog_mut() else { return };
        let mut draft = live.dialog.request("BYE", context.settings, context.entropy);
        if let Some((name, value)) = header {
            draft.push(name, value);
        }
        let (user, credentials) = (&self.user, context.credentials);
        self.digest.write(&mut draft, user, credentials, context.entropy);
        self.send(context, "BYE", draft);
        self.end(EndedBy::Bye);
    }

    /// Ends by a BYE of ours that nobody asked for, and says so.
    pub(super) fn hang_up(&mut self, context: &mut CallContext<'_>) {
        self.send_bye(context, None);
        if !self.has_ended() {
            // The 2xx that nobody could acknowledge made no dialog either.
            self.end(EndedBy::NoAnswer);
        }
        self.push_event(context, CallEvent::new(CallEventKind::Closed, GONE, 0));
    }

    /// A message of an INVITE or UPDATE may hold a session description.
    pub(super) fn describe(&mut self, tid: Tid, sender: Sender, text: &[u8]) {
        let described = &mut self.described;
        Call::read(text, |message| described.on_message(tid, sender, message));
    }

    /// The descriptions that were exchanged.
    pub fn described(&self) -> &Negotiated {
        &self.described
    }

    /// The request as it came, or as it was sent, handed to `read`.
    pub(super) fn read<R>(text: &[u8], read: impl FnOnce(&Message<'_>) -> R) -> Option<R> {
        let mut room = Vec::new();
        Message::read(text, &mut room).ok().map(|message| read(&message))
    }
}

/// The origin that events of the peer's requests have.
pub(super) fn origin(requester: Requester) -> Option<RequestOrigin> {
    Some(requester.origin)
}
