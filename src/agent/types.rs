//! What goes into the agent and what comes out.

use super::{EventIds, RequestOrigin, Rid, TransactionId};
use crate::sip::Text;
use std::borrow::Cow;

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
    /// A transaction is gone: what was kept for it may go.
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
    /// An INVITE was cancelled before it was answered.
    CallCancelled = 13,
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
    /// A SUBSCRIBE or REFER came.
    InSubscriptionNew = 38,
}

impl EventKind {
    /// Whether it reports a request that somebody sent us, as opposed to what became of one of
    /// ours.
    pub fn is_from_outside(self) -> bool {
        matches!(
            self,
            EventKind::CallInvite
                | EventKind::CallCancelled
                | EventKind::MessageNew
                | EventKind::InSubscriptionNew
        )
    }
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
    /// Whom the request comes from; `None`: it is one of ours.
    pub origin: Option<RequestOrigin>,
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
}
