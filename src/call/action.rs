//! What a call decides, and what it is given for that.

use crate::dialog::UserContext;
use crate::sip::{Draft, Text};
use crate::transaction::{Did, RequestOrigin, Tid, TransactionId};

/// What a call is given besides what has happened, and what it decides.
pub type CallContext<'a> = UserContext<'a, CallAction>;

/// Something that a call wants done.
#[derive(Debug)]
pub enum CallAction {
    /// A request of ours is sent, under this number; an ACK under that of its INVITE.
    Send(Tid, Draft),
    /// The ACK of our newest INVITE goes out again, byte for byte.
    AckAgain,
    /// A pending INVITE of ours is cancelled; the CANCEL has this number, and may have one more
    /// header field.
    Cancel {
        /// The INVITE.
        invite: TransactionId,
        /// The number of the CANCEL.
        tid: Tid,
        /// Name and value.
        header: Option<(String, String)>,
    },
    /// A request of the peer is answered.
    Respond {
        /// The request.
        tid: Tid,
        /// The status of the response.
        status: u16,
        /// The response, whose Contact may have no address yet.
        draft: Draft,
        /// The most bytes that it may have; `None`: there is no limit.
        limit: Option<usize>,
    },
    /// The ACK to our 2xx to this INVITE has come.
    Acknowledged(Tid),
    /// One response to this request goes out, however little its sender is known.
    Permit(Tid),
    /// Our 2xx to this INVITE goes out again.
    RepeatSuccess(Tid),
    /// An event for the application.
    Event(CallEvent),
    /// This number of a transaction means nothing any more.
    Forget(Tid),
    /// The call is over: nothing is kept of it.
    Release,
}

/// An event of a call.
#[derive(Debug)]
pub struct CallEvent {
    /// What happened.
    pub kind: CallEventKind,
    /// The dialog; 0: none, -1: it is gone.
    pub did: Did,
    /// The transaction, or 0.
    pub tid: Tid,
    /// Its request.
    pub request: Option<Text>,
    /// The response.
    pub response: Option<Text>,
    /// The ACK.
    pub ack: Option<Text>,
    /// Whom the request comes from; `None`: it is ours.
    pub origin: Option<RequestOrigin>,
    /// What there is to say besides, for a person.
    pub detail: String,
}

impl CallEvent {
    /// An event that says nothing else.
    pub(super) fn new(kind: CallEventKind, did: Did, tid: Tid) -> CallEvent {
        let (request, response, ack) = (None, None, None);
        CallEvent { kind, did, tid, request, response, ack, origin: None, detail: String::new() }
    }
}

/// The kind of an event of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallEventKind {
    /// An INVITE began it.
    Invite,
    /// An INVITE came within it.
    Reinvite,
    /// There is no final answer to an INVITE.
    NoAnswer,
    /// 100 to 179 to an INVITE of ours.
    Proceeding,
    /// 180 to 199.
    Ringing,
    /// 2xx.
    Answered,
    /// 3xx.
    Redirected,
    /// 4xx.
    RequestFailure,
    /// 5xx.
    ServerFailure,
    /// 6xx.
    GlobalFailure,
    /// The ACK to our 2xx.
    Ack,
    /// The peer has cancelled its INVITE.
    Cancelled,
    /// Another request of the peer.
    MessageNew,
    /// A provisional response to another request of ours.
    MessageProceeding,
    /// 2xx to it.
    MessageAnswered,
    /// 3xx.
    MessageRedirected,
    /// 4xx, or no response.
    MessageRequestFailure,
    /// 5xx.
    MessageServerFailure,
    /// 6xx.
    MessageGlobalFailure,
    /// It has ended.
    Closed,
    /// It is forgotten.
    Released,
}

impl CallEventKind {
    /// That of a final response to a request of ours.
    pub(super) fn of_final(is_invite: bool, status: u16) -> CallEventKind {
        match (is_invite, status / 100) {
            (true, 2) => CallEventKind::Answered,
            (true, 3) => CallEventKind::Redirected,
            (true, 4) => CallEventKind::RequestFailure,
            (true, 5) => CallEventKind::ServerFailure,
            (true, _) => CallEventKind::GlobalFailure,
            (false, 2) => CallEventKind::MessageAnswered,
            (false, 3) => CallEventKind::MessageRedirected,
            (false, 4) => CallEventKind::MessageRequestFailure,
            (false, 5) => CallEventKind::MessageServerFailure,
            (false, _) => CallEventKind::MessageGlobalFailure,
        }
    }
}
