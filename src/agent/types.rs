//! What goes into the agent and what comes out.

use super::{EventIds, RequestOrigin, Rid, TransactionId};
use crate::sip::Text;
use crate::subscription::SubscriptionState;
use std::borrow::Cow;
use std::sync::atomic::{AtomicI32, Ordering};

/// How serious a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Something is wrong that the application or its user should know.
    Error,
    /// Something odd that was handled.
    Warning,
    /// What happens.
    Info,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// For the application's event queue.
    Application(ApplicationEvent),
    /// A transaction is gone, or has all that the application gets of it: what was kept for it may
    /// go.
    Released(TransactionId),
    /// Of a managed registration, for its listeners.
    Registerer(super::RegistererEvent),
    /// For the trace.
    Log(LogLevel, String),
}

/// The kind of an application event; the numbers are `eXosip_event_type_t`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum EventKind {
    /// A 2xx to a REGISTER.
    RegistrationSuccess = 0,
    /// Any other final answer, or none.
    RegistrationFailure = 1,
    /// An INVITE came.
    CallInvite = 2,
    /// An INVITE within a call came.
    CallReinvite = 3,
    /// There is no final answer to an INVITE.
    CallNoAnswer = 4,
    /// A 100 to 179 to an INVITE of ours.
    CallProceeding = 5,
    /// A 180 to 199 to it.
    CallRinging = 6,
    /// A 2xx to it.
    CallAnswered = 7,
    /// A 3xx.
    CallRedirected = 8,
    /// A 4xx.
    CallRequestFailure = 9,
    /// A 5xx.
    CallServerFailure = 10,
    /// A 6xx.
    CallGlobalFailure = 11,
    /// The ACK to our 2xx came.
    CallAck = 12,
    /// An INVITE was cancelled before it was answered.
    CallCancelled = 13,
    /// Another request within a call came.
    CallMessageNew = 14,
    /// A provisional answer to a request of ours within a call.
    CallMessageProceeding = 15,
    /// A 2xx to it.
    CallMessageAnswered = 16,
    /// A 3xx.
    CallMessageRedirected = 17,
    /// A 4xx, or no answer.
    CallMessageRequestFailure = 18,
    /// A 5xx.
    CallMessageServerFailure = 19,
    /// A 6xx.
    CallMessageGlobalFailure = 20,
    /// A call has ended.
    CallClosed = 21,
    /// A call is forgotten.
    CallReleased = 22,
    /// A request outside of a dialog came.
    MessageNew = 23,
    /// A provisional answer to a request outside of a dialog.
    MessageProceeding = 24,
    /// A 2xx to it.
    MessageAnswered = 25,
    /// A 3xx.
    MessageRedirected = 26,
    /// A 4xx, or no answer.
    MessageRequestFailure = 27,
    /// A 5xx.
    MessageServerFailure = 28,
    /// A 6xx.
    MessageGlobalFailure = 29,
    /// A subscription of ours has expired.
    SubscriptionNoAnswer = 30,
    /// A provisional answer to a SUBSCRIBE or REFER of ours.
    SubscriptionProceeding = 31,
    /// A 2xx to it.
    SubscriptionAnswered = 32,
    /// A 3xx.
    SubscriptionRedirected = 33,
    /// A 4xx, or no answer.
    SubscriptionRequestFailure = 34,
    /// A 5xx.
    SubscriptionServerFailure = 35,
    /// A 6xx.
    SubscriptionGlobalFailure = 36,
    /// A NOTIFY of a subscription of ours came.
    SubscriptionNotify = 37,
    /// A SUBSCRIBE or REFER came.
    InSubscriptionNew = 38,
    /// A 2xx to a NOTIFY of ours.
    NotificationAnswered = 41,
    /// A 3xx.
    NotificationRedirected = 42,
    /// A 4xx, or no answer.
    NotificationRequestFailure = 43,
    /// A 5xx.
    NotificationServerFailure = 44,
    /// A 6xx.
    NotificationGlobalFailure = 45,
}

/// One application event as text; `abi` makes the C structs of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationEvent {
    /// What happened.
    pub kind: EventKind,
    /// The registration, or 0.
    pub rid: Rid,
    /// The other numbers.
    pub ids: EventIds,
    /// What there is to say besides the kind, for a person; may be empty.
    pub text: Cow<'static, str>,
    /// The request as sent.
    pub request: Option<Text>,
    /// The answer, if there was one.
    pub response: Option<Text>,
    /// The ACK to it, if it is one to an INVITE.
    pub ack: Option<Text>,
    /// What the application gave for the call; 0: nothing.
    pub reference: usize,
    /// What is known of the subscription.
    pub subscription: SubscriptionState,
    /// Whom the request comes from; `None`: it is one of ours.
    pub origin: Option<RequestOrigin>,
    /// The transaction that the request was of, where this event says how it ended: by its final
    /// response, or without one.
    pub ended: Option<TransactionId>,
}

impl ApplicationEvent {
    /// An event of this kind that says nothing else.
    pub fn new(kind: EventKind) -> Self {
        ApplicationEvent {
            kind,
            rid: 0,
            ids: EventIds::default(),
            text: Cow::Borrowed(""),
            request: None,
            response: None,
            ack: None,
            reference: 0,
            subscription: SubscriptionState::default(),
            origin: None,
            ended: None,
        }
    }
}

/// Where the numbers of calls, dialogs and subscriptions come from, from 1.
#[derive(Debug, Default)]
pub struct Serials(AtomicI32);

impl Serials {
    /// Before any.
    pub const fn new() -> Self {
        Serials(AtomicI32::new(0))
    }

    /// The next number.
    pub fn next(&self) -> i32 {
        let next = |last: i32| Some(last.checked_add(1).unwrap_or(1));
        let last = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        last.unwrap_or_default().checked_add(1).unwrap_or(1)
    }
}

/// What `default_action` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A request was sent.
    Sent,
    /// There was nothing to do.
    Nothing,
}

/// Counters of one context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Client transactions alive now.
    pub transactions: usize,
    /// Client transactions ever.
    pub transactions_ever: u64,
    /// Registrations alive now.
    pub registrations: usize,
    /// Registrations ever.
    pub registrations_ever: u64,
    /// Calls alive now.
    pub calls: usize,
    /// Calls ever.
    pub calls_ever: u64,
    /// Publications alive now.
    pub publications: usize,
    /// Publications ever.
    pub publications_ever: u64,
    /// Subscriptions of ours alive now.
    pub subscriptions: usize,
    /// Subscriptions of ours ever.
    pub subscriptions_ever: u64,
    /// Subscriptions to us alive now.
    pub subscriptions_to_us: usize,
    /// Subscriptions to us ever.
    pub subscriptions_to_us_ever: u64,
}
