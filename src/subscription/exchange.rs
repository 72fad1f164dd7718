//! Requests of one kind, one at a time, and how each is sent again: with answers to challenges, or
//! for longer.

use super::SubscriptionContext;
use crate::auth::{AuthError, ChallengeOutcome, DigestState, again};
use crate::request::{HiddenFields, Refusal, user_of};
use crate::sip::{Draft, Message, Text};
use crate::transaction::Tid;
use std::time::{Duration, Instant};

/// Requests sent again since the last 2xx.
const MAX_RETRIES: u8 = 3;
/// A challenge that is not answered within this time is forgotten.
const UNANSWERED_CHALLENGE: Duration = Duration::from_secs(120);

/// Who proves itself to challengers, and with which nonces.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) user: Box<str>,
    pub(super) digest: DigestState,
}

impl Identity {
    /// That of the sender in `from`.
    pub(super) fn of(from: &str) -> Identity {
        Identity { user: user_of(from).into(), digest: DigestState::default() }
    }

    /// Writes answers to the challenges at hand into `draft`, which is sent.
    pub(super) fn write(&mut self, context: &mut SubscriptionContext<'_>, draft: &mut Draft) {
        self.digest.write(draft, &self.user, context.credentials, context.entropy);
    }

    /// The same into a text that may never be sent.
    pub(super) fn preview(&mut self, context: &mut SubscriptionContext<'_>, draft: &mut Draft) {
        self.digest.preview(draft, &self.user, context.credentials, context.entropy);
    }

    /// `draft`, which may have been previewed, is sent.
    pub(super) fn count_sent(&mut self, context: &mut SubscriptionContext<'_>, draft: &mut Draft) {
        self.digest.count_sent(draft, &self.user, context.credentials, context.entropy);
    }
}

/// A final response to a request of ours, and what it answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct FinalResponse<'r> {
    pub(super) tid: Tid,
    pub(super) status: u16,
    pub(super) message: &'r Message<'r>,
    /// The request as it was sent …
    pub(super) request: &'r Text,
    /// … and this as it came.
    pub(super) bytes: &'r Text,
}

/// Requests of which one at a time awaits its response.
#[derive(Debug, Default)]
pub(super) struct RequestExchange {
    /// The one that does.
    pub(super) pending: Option<Tid>,
    /// How often one was sent again since the last 2xx.
    retries: u8,
    /// It asks for as long as a 423 wants; it does so once.
    has_raised_expires: bool,
    refused: Option<Box<RefusedRequest>>,
}

/// A request that may be sent again.
#[derive(Debug)]
struct RefusedRequest {
    tid: Tid,
    until: Instant,
    /// The request as it was sent, with the Route that it followed; `None`: it was sent again, or
    /// must not be.
    draft: Option<Draft>,
    /// An automatic action sends it again.
    is_automatic: bool,
    /// A challenge is the reason.
    is_challenged: bool,
    /// The credentials at hand are wrong.
    has_wrong_credentials: bool,
}

impl RefusedRequest {
    fn is_sent_again(&self) -> bool {
        self.draft.is_none() && !self.has_wrong_credentials
    }
}

impl RequestExchange {
    /// Request `tid` is sent. It is known a while that one was sent again.
    pub(super) fn begin(&mut self, tid: Tid) {
        self.pending = Some(tid);
        self.refused.take_if(|refused| !refused.is_sent_again());
    }

    /// There was a 2xx.
    pub(super) fn on_accepted(&mut self) {
        (self.retries, self.has_raised_expires) = (0, false);
    }

    /// A 401 or 407 came to a request that was built with `hidden`. What there is to say of it.
    pub(super) fn on_challenge(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        identity: &mut Identity,
        response: FinalResponse<'_>,
        hidden: &HiddenFields,
    ) -> String {
        let mut room = Vec::new();
        let Ok(sent) = Message::read(response.request, &mut room) else { return String::new() };
        let (user, credentials) = (&identity.user, context.credentials);
        let lines = |name| sent.lines(name);
        let outcome = identity.digest.challenged(response.message, lines, user, credentials);
        let (is_answerable, waits, detail) = match &outcome {
            ChallengeOutcome::Answerable => (true, true, String::new()),
            ChallengeOutcome::Failed(error) => {
                (false, matches!(error, AuthError::NoCredentials { .. }), error.sentence())
            }
        };
        self.refused = Some(Box::new(RefusedRequest {
            tid: response.tid,
            until: context.now + UNANSWERED_CHALLENGE,
            draft: if waits { hidden.restored(response.request) } else { None },
            is_automatic: is_answerable && self.retries < MAX_RETRIES,
            is_challenged: true,
            has_wrong_credentials: !waits,
        }));
        detail
    }

    /// A 423 came to a request that asked for `asked` seconds: the seconds that an automatic action
    /// asks for in the next, if it does.
    pub(super) fn on_too_brief(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        response: FinalResponse<'_>,
        hidden: &HiddenFields,
        asked: u32,
    ) -> Option<u32> {
        let wanted = response.message.seconds("Min-Expires").filter(|wanted| *wanted > asked)?;
        if self.has_raised_expires || self.retries >= MAX_RETRIES {
            return None;
        }
        let mut draft = hidden.restored(response.request)?;
        draft.set("Expires", wanted.to_string());
        self.has_raised_expires = true;
        self.refused = Some(Box::new(RefusedRequest {
            tid: response.tid,
            until: context.now + UNANSWERED_CHALLENGE,
            draft: Some(draft),
            is_automatic: true,
            is_challenged: false,
            has_wrong_credentials: false,
        }));
        Some(wanted)
    }

    /// When it does not wait any longer.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.refused.as_ref().map(|refused| refused.until)
    }

    /// Nobody has sent the refused request again in time.
    pub(super) fn on_timeout(&mut self, now: Instant) {
        if self.poll_timeout().is_some_and(|until| until <= now) {
            self.refused = None;
        }
    }

    /// Whether an automatic action sends the refused request again.
    pub(super) fn has_automatic_retry(&self) -> bool {
        self.refused.as_ref().is_some_and(|refused| refused.is_automatic && refused.draft.is_some())
    }

    /// The number of the refused request that an automatic action sends again; it tries once.
    pub(super) fn take_automatic_retry(&mut self) -> Option<Tid> {
        let refused =
            self.refused.as_mut().filter(|one| one.is_automatic && one.draft.is_some())?;
        refused.is_automatic = false;
        Some(refused.tid)
    }

    /// Whether request `tid` is the refused one.
    pub(super) fn knows(&self, tid: Tid) -> bool {
        self.refused.as_ref().is_some_and(|refused| refused.tid == tid)
    }

    /// Request `tid` once more, with a new Via and the next CSeq, and answers to its challenges;
    /// `None`: it was sent again already. Errors: `NotFound` for any other, `RetryLimit`,
    /// `Undefined` where there are no credentials.
    pub(super) fn retry(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        identity: &mut Identity,
        tid: Tid,
    ) -> Result<Option<Draft>, Refusal> {
        let refused = self.refused.as_mut().filter(|refused| refused.tid == tid);
        let refused = refused.ok_or(Refusal::NotFound)?;
        if refused.is_sent_again() {
            return Ok(None);
        }
        if refused.has_wrong_credentials || self.retries >= MAX_RETRIES {
            return Err(Refusal::RetryLimit);
        }
        let can_answer = || identity.digest.can_answer(&identity.user, context.credentials);
        if refused.is_challenged && !can_answer() {
            return Err(Refusal::Undefined);
        }
        let Some(draft) = refused.draft.take() else { return Ok(None) };
        self.retries += 1;
        Ok(Some(again(draft, context.settings, context.entropy)))
    }
}
