//! The numbers by which transactions and their users are known.

/// The number of a registration, from 1; handed out process-wide by the caller.
pub type Rid = i32;

/// The number that the application knows a transaction outside of registrations by, from 1.
pub type Tid = i32;

/// A client transaction; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionId(pub u64);
