//! INVITEs of ours, and where each is.

use crate::request::HiddenFields;
use crate::sip::{Draft, Text};
use crate::transaction::{TIMER_F, Tid, TransactionId};
use std::time::{Duration, Instant};

/// Without a final response an INVITE is given up so long after it was sent, or after its last
/// provisional response above 100.
pub(super) const NO_ANSWER: Duration = Duration::from_secs(180);
/// Other branches whose 2xx is acknowledged; a forger cannot make us send more.
const MAX_BRANCHES: usize = 8;

/// An INVITE of ours.
#[derive(Debug)]
pub(super) struct OwnInvite {
    pub(super) tid: Tid,
    transaction: Option<TransactionId>,
    purpose: InvitePurpose,
    phase: OwnInvitePhase,
    cancel: CancelPlan,
    /// A provisional response has come: it may be cancelled (RFC 3261 section 9.1).
    has_progress: bool,
    /// As it was sent, as long as it may be needed.
    sent: Option<Text>,
    hidden: HiddenFields,
    /// The last response.
    response: Option<Text>,
    /// The tags of other branches that have answered with 2xx.
    branches: Vec<Box<str>>,
}

/// Why an INVITE of ours is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InvitePurpose {
    /// It begins the call.
    Initial,
    /// The application offers another session (RFC 3261 section 14.1).
    Change,
    /// It refreshes the session (RFC 4028), and nobody has asked for it.
    Refresh,
}

/// Where an INVITE of ours is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnInvitePhase {
    /// It has no final response, and is given up then.
    Calling { limit: Instant },
    /// It has no final response in time, and is cancelled; there are no further events of it. The
    /// call is released then.
    GivenUp { until: Instant },
    /// It was answered with 2xx, which may come again until then.
    Answered { until: Instant, is_acknowledged: bool },
    /// Nothing more comes of it.
    Over,
}

/// Whether an INVITE of ours is cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CancelPlan {
    No,
    /// As soon as there is a provisional response; with this header field.
    Wanted(Option<(String, String)>),
    Sent,
}

impl OwnInvite {
    pub(super) fn new(now: Instant, tid: Tid, purpose: InvitePurpose, draft: &Draft) -> Self {
        OwnInvite {
            tid,
            transaction: None,
            purpose,
            phase: OwnInvitePhase::Calling { limit: now + NO_ANSWER },
            cancel: CancelPlan::No,
            has_progress: false,
            sent: None,
            hidden: HiddenFields::of(draft),
            response: None,
            branches: Vec::new(),
        }
    }

    pub(super) fn purpose(&self) -> InvitePurpose {
        self.purpose
    }

    /// Whether it began the call.
    pub(super) fn is_initial(&self) -> bool {
        self.purpose == InvitePurpose::Initial
    }

    pub(super) fn is_refresh(&self) -> bool {
        self.purpose == InvitePurpose::Refresh
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match self.phase {
            OwnInvitePhase::Calling { limit } => Some(limit),
            OwnInvitePhase::GivenUp { until } | OwnInvitePhase::Answered { until, .. } => {
                Some(until)
            }
            OwnInvitePhase::Over => None,
        }
    }

    /// Whether it has no final response.
    pub(super) fn is_calling(&self) -> bool {
        matches!(self.phase, OwnInvitePhase::Calling { .. }) || self.is_given_up()
    }

    pub(super) fn is_given_up(&self) -> bool {
        matches!(self.phase, OwnInvitePhase::GivenUp { .. })
    }

    pub(super) fn phase(&self) -> OwnInvitePhase {
        self.phase
    }

    /// It goes out as this transaction.
    pub(super) fn set_transaction(&mut self, transaction: TransactionId) {
        self.transaction = Some(transaction);
    }

    /// As it was sent, as long as it may be needed.
    pub(super) fn sent(&self) -> Option<&Text> {
        self.sent.as_ref()
    }

    /// The last response.
    pub(super) fn response(&self) -> Option<&Text> {
        self.response.as_ref()
    }

    /// Its Route and Contact as they were built.
    pub(super) fn hidden(&self) -> &HiddenFields {
        &self.hidden
    }

    /// A provisional response of status `code` has come to what was sent as `request`. Whether it
    /// is for this phase.
    pub(super) fn on_provisional(
        &mut self,
        now: Instant,
        code: u16,
        (request, response): (Option<&Text>, &Text),
    ) -> bool {
        match &mut self.phase {
            OwnInvitePhase::Calling { limit } if code > 100 => *limit = now + NO_ANSWER,
            OwnInvitePhase::Calling { .. } | OwnInvitePhase::GivenUp { .. } => {}
            OwnInvitePhase::Answered { .. } | OwnInvitePhase::Over => return false,
        }
        self.has_progress = true;
        self.response = Some(response.clone());
        self.sent = request.or(self.sent.as_ref()).cloned();
        true
    }

    /// The final response has come to what was sent as `request`.
    pub(super) fn on_final(&mut self, request: &Text, response: &Text) {
        (self.sent, self.response) = (Some(request.clone()), Some(response.clone()));
    }

    /// It was answered with 2xx at `now`.
    pub(super) fn accept(&mut self, now: Instant) {
        self.phase = OwnInvitePhase::Answered { until: now + TIMER_F, is_acknowledged: false };
    }

    /// The ACK of its 2xx is sent.
    pub(super) fn acknowledge(&mut self) {
        if let OwnInvitePhase::Answered { is_acknowledged, .. } = &mut self.phase {
            *is_acknowledged = true;
            // Nothing more is read from it.
            self.response = None;
        }
    }

    /// It has no final response in time, and is cancelled. `goes_on`: the call does, and waits for
    /// the response as before.
    pub(super) fn on_silence(&mut self, now: Instant, goes_on: bool) {
        // 64·T1 behind the CANCEL the transaction is over by itself.
        let until = now + 2 * TIMER_F;
        self.phase = match goes_on {
            true => OwnInvitePhase::Calling { limit: until },
            false => OwnInvitePhase::GivenUp { until },
        };
        self.want_cancel(None);
    }

    /// Nothing more comes of it.
    pub(super) fn finish(&mut self) {
        self.phase = OwnInvitePhase::Over;
    }

    /// Whether another branch with this tag has answered with 2xx.
    pub(super) fn has_branch(&self, tag: &str) -> bool {
        self.branches.iter().any(|branch| **branch == *tag)
    }

    /// Another branch has answered with 2xx. Whether that is acknowledged.
    pub(super) fn add_branch(&mut self, tag: &str) -> bool {
        let is_new = self.branches.len() < MAX_BRANCHES && !self.has_branch(tag);
        if is_new {
            self.branches.push(tag.into());
        }
        is_new
    }

    /// It is cancelled as soon as there is a provisional response, with this header field, unless
    /// that was said before.
    pub(super) fn want_cancel(&mut self, header: Option<(String, String)>) {
        if self.cancel == CancelPlan::No {
            self.cancel = CancelPlan::Wanted(header);
        }
    }

    /// Whether it is cancelled, or is as soon as that can be.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel != CancelPlan::No
    }

    /// Whether its CANCEL waits for a provisional response.
    pub(super) fn awaits_cancel(&self) -> bool {
        matches!(self.cancel, CancelPlan::Wanted(_))
    }

    /// The transaction to cancel now, and the header field of the CANCEL.
    pub(super) fn take_cancel(&mut self) -> Option<(TransactionId, Option<(String, String)>)> {
        if !self.has_progress || !self.awaits_cancel() {
            return None;
        }
        let before = std::mem::replace(&mut self.cancel, CancelPlan::Sent);
        let CancelPlan::Wanted(header) = before else { return None };
        self.transaction.map(|transaction| (transaction, header))
    }

    /// Nothing of it can be asked for any more.
    pub(super) fn forget(&mut self) {
        self.phase = OwnInvitePhase::Over;
        (self.sent, self.response) = (None, None);
        self.hidden = HiddenFields::default();
        self.branches = Vec::new();
    }
}
