//! The numbers by which transactions and their users are known.

/// The number of a registration, from 1; handed out process-wide by the caller.
pub type Rid = i32;

/// The number that the application knows a transaction outside of registrations by, from 1.
pub type Tid = i32;

/// The number of a call, from 1.
pub type Cid = i32;

/// The number of a dialog, from 1.
pub type Did = i32;

/// A publication; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicationId(pub u64);

/// A client transaction; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionId(pub u64);

/// Whose transaction it is (RFC 3261 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionUser {
    /// A REGISTER of this registration.
    Registration(Rid),
    /// A request outside of dialogs and registrations.
    Messaging(Tid),
    /// A request of this call.
    Call(Cid, Tid),
    /// A PUBLISH of this publication.
    Publication(PublicationId, Tid),
    /// A request of this subscription, of ours or to us.
    Subscription(i32, Tid),
    /// The user is gone: its end is reported to none.
    None,
}

/// The numbers in an application event that are not a registration's; 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventIds {
    /// The transaction; 0 for registrations.
    pub tid: Tid,
    /// The call.
    pub cid: Cid,
    /// The dialog.
    pub did: Did,
    /// The subscription of ours.
    pub sid: i32,
    /// The incoming subscription.
    pub nid: i32,
}
