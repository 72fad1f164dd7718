//! What a publication does, and does next.

use crate::transaction::Tid;
use std::time::Instant;

/// One try to publish: a PUBLISH of the application or of an automatic action, and what repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishAttempt {
    /// The number that the events of its last PUBLISH have.
    pub tid: Tid,
    /// Challenges answered.
    pub(super) answers: u8,
    /// A 412 was followed.
    pub(super) is_repeated: bool,
    /// A 423 was followed.
    pub(super) is_raised: bool,
}

impl PublishAttempt {
    /// The first PUBLISH of an attempt.
    pub fn new(tid: Tid) -> Self {
        PublishAttempt { tid, answers: 0, is_repeated: false, is_raised: false }
    }

    /// Whether nothing was repeated in it.
    pub(super) fn is_first(self) -> bool {
        self == PublishAttempt::new(self.tid)
    }
}

/// Why the next PUBLISH is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextPublish {
    /// The event state would end.
    Refresh,
    /// The last one failed.
    Retry,
    /// A challenge is answered.
    Challenge,
    /// The server does not know the entity tag.
    WithoutTag,
    /// The server wants a longer time.
    LongerTime,
}

/// What a publication does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PublicationActivity {
    /// Nothing.
    Idle,
    /// A PUBLISH awaits its answer.
    Requesting(PublishAttempt),
    /// The next automatic action from this moment on sends one, which goes on with this attempt or,
    /// without one, begins another.
    Scheduled { at: Instant, why: NextPublish, attempt: Option<PublishAttempt> },
    /// A challenge cannot be answered before there are other credentials. `has_answered`: as often
    /// as is allowed, or those at hand were refused.
    Blocked { attempt: PublishAttempt, has_answered: bool },
}
