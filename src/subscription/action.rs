//! What a subscription decides, and what it is given for that.

use super::SubscriptionState;
use crate::dialog::UserContext;
use crate::sip::{Draft, Text};
use crate::transaction::{Did, RequestOrigin, Tid};

/// The number of a subscription of ours, from 1.
pub type Sid = i32;

/// What a subscription is given besides what has happened, and what it decides.
pub type SubscriptionContext<'a> = UserContext<'a, SubscriptionAction>;

/// Something that a subscription wants done.
#[derive(Debug)]
pub enum SubscriptionAction {
    /// A request of ours is sent, under this number.
    Send(Tid, Draft),
    /// An event for the application.
    Event(SubscriptionEvent),
    /// The same as of a request outside of dialogs: the application has removed the subscription.
    MessageEvent(SubscriptionEvent),
    /// This dialog means nothing any more.
    Forget(Did),
    /// An automatic action has something to do for it.
    AwaitAutomaticAction,
    /// Something odd was handled.
    Warn(&'static str),
    /// It is over: nothing is kept of it.
    Release,
}

/// An event of a subscription.
#[derive(Debug)]
pub struct SubscriptionEvent {
    /// What happened.
    pub kind: SubscriptionEventKind,
    /// The dialog; 0: none.
    pub did: Did,
    /// The transaction, or 0.
    pub tid: Tid,
    /// What the newest NOTIFY has said.
    pub state: SubscriptionState,
    /// The request.
    pub request: Option<Text>,
    /// The response.
    pub response: Option<Text>,
    /// Whom the request comes from; `None`: it is ours.
    pub origin: Option<RequestOrigin>,
    /// What there is to say besides, for a person.
    pub detail: String,
}

impl SubscriptionEvent {
    /// An event that says nothing else.
    pub(super) fn new(kind: SubscriptionEventKind, did: Did, tid: Tid) -> SubscriptionEvent {
        let (request, response, origin) = (None, None, None);
        let (state, detail) = (SubscriptionState::default(), String::new());
        SubscriptionEvent { kind, did, tid, state, request, response, origin, detail }
    }
}

/// The kind of an event of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubscriptionEventKind {
    /// It has expired.
    NoAnswer,
    /// A provisional response to a SUBSCRIBE or REFER.
    Proceeding,
    /// 2xx.
    Answered,
    /// 3xx.
    Redirected,
    /// 4xx, or no response.
    RequestFailure,
    /// 5xx.
    ServerFailure,
    /// 6xx.
    GlobalFailure,
    /// A NOTIFY.
    Notify,
    /// A SUBSCRIBE or REFER of the peer.
    Subscribed,
    /// 2xx to a NOTIFY of ours.
    NotificationAnswered,
    /// 3xx.
    NotificationRedirected,
    /// 4xx, or no response.
    NotificationRequestFailure,
    /// 5xx.
    NotificationServerFailure,
    /// 6xx.
    NotificationGlobalFailure,
}

impl SubscriptionEventKind {
    /// That of a final response.
    pub(super) fn of_final(status: u16) -> SubscriptionEventKind {
        match status / 100 {
            2 => SubscriptionEventKind::Answered,
            3 => SubscriptionEventKind::Redirected,
            4 => SubscriptionEventKind::RequestFailure,
            5 => SubscriptionEventKind::ServerFailure,
            _ => SubscriptionEventKind::GlobalFailure,
        }
    }

    /// That of a final response to a NOTIFY of ours.
    pub(super) fn of_final_to_notify(status: u16) -> SubscriptionEventKind {
        match status / 100 {
            2 => SubscriptionEventKind::NotificationAnswered,
            3 => SubscriptionEventKind::NotificationRedirected,
            4 => SubscriptionEventKind::NotificationRequestFailure,
            5 => SubscriptionEventKind::NotificationServerFailure,
            _ => SubscriptionEventKind::NotificationGlobalFailure,
        }
    }
}
