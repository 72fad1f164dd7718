//! Requests of ours outside of dialogs and registrations: MESSAGE, OPTIONS and any other method but
//! REGISTER.

use crate::auth::{AuthError, ChallengeOutcome, Credentials, DigestState, again};
use crate::request::{Entropy, Refusal, Settings, user_of};
use crate::sip::{Draft, Message};
use crate::transaction::{Tid, Timer, TimerQueue};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Challenges answered to one request.
const ANSWERS: u8 = 3;
/// A challenge that is not answered within this time is forgotten.
const UNANSWERED_CHALLENGE: Duration = Duration::from_secs(120);

/// A request that was sent, until its final response; past that only while a challenge waits to be
/// answered.
#[derive(Debug)]
struct OutgoingRequest {
    user: Box<str>,
    /// The Route that the request followed, which may be hidden from the wire.
    route: Option<Box<str>>,
    digest: DigestState,
    /// Challenges answered.
    answers: u8,
    /// The request as it was sent, while it waits for the answer to its challenge.
    challenged: Option<Draft>,
    /// The challenge can be answered with the credentials at hand.
    is_answerable: bool,
}

/// The requests of ours that are known.
#[derive(Debug, Default)]
pub struct OutgoingRequests {
    requests: FxHashMap<Tid, OutgoingRequest>,
    /// Those whose challenge an automatic action answers.
    challenged: VecDeque<Tid>,
}

impl OutgoingRequests {
    /// Keeps request `tid`, which is to be sent as `draft`.
    pub fn insert(&mut self, tid: Tid, draft: &Draft) {
        let request = OutgoingRequest {
            user: user_of(draft.get("From").unwrap_or("")).into(),
            route: draft.get("Route").map(Into::into),
            digest: DigestState::default(),
            answers: 0,
            challenged: None,
            is_answerable: false,
        };
        self.requests.insert(tid, request);
    }

    /// Request `tid` is over.
    pub fn remove(&mut self, tid: Tid) {
        self.requests.remove(&tid);
    }

    /// A 401 or 407 came to request `tid`, which was `sent` so: what is said of it to a person. Any
    /// other final response ends in [`OutgoingRequests::remove`].
    pub fn on_challenge(
        &mut self,
        now: Instant,
        tid: Tid,
        (response, sent): (&Message<'_>, &[u8]),
        credentials: &Credentials,
        timers: &mut TimerQueue,
    ) -> String {
        let Some(request) = self.requests.get_mut(&tid) else { return String::new() };
        let Ok(parsed) = Message::parse(sent) else {
            self.requests.remove(&tid);
            return String::new();
        };
        let outcome = request.digest.challenged(
            response,
            |name| parsed.lines(name),
            &request.user,
            credentials,
        );
        let may_answer = request.answers < ANSWERS;
        request.is_answerable = outcome == ChallengeOutcome::Answerable && may_answer;
        let (may_wait, explained) = match &outcome {
            ChallengeOutcome::Answerable => (true, String::new()),
            ChallengeOutcome::Failed(error) => {
                (matches!(error, AuthError::NoCredentials { .. }), error.sentence())
            }
        };
        let waits = may_answer && may_wait;
        request.challenged = if waits { request.with_route(sent) } else { None };
        if waits {
            timers.set(now + UNANSWERED_CHALLENGE, Timer::Challenged(tid));
            self.challenged.push_back(tid);
        } else {
            self.requests.remove(&tid);
        }
        explained
    }

    /// The challenge to request `tid` was not answered in time.
    pub fn on_timeout(&mut self, tid: Tid) {
        if self.requests.get(&tid).is_some_and(|request| request.challenged.is_some()) {
            self.requests.remove(&tid);
        }
    }

    /// Whether a challenge waits for an automatic action.
    pub fn are_challenged(&self) -> bool {
        !self.challenged.is_empty()
    }

    /// The requests whose challenges an automatic action answers.
    pub fn take_challenged(&mut self) -> VecDeque<Tid> {
        std::mem::take(&mut self.challenged)
    }

    /// Request `tid` once more, with the answer to its challenge. Errors: `NotFound` when the
    /// request is over, `WrongState` when no challenge waits, `Undefined` where there are no
    /// credentials.
    pub fn answer(
        &mut self,
        tid: Tid,
        settings: &Settings,
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) -> Result<Draft, Refusal> {
        let request = self.requests.get_mut(&tid).ok_or(Refusal::NotFound)?;
        if request.challenged.is_none() {
            return Err(Refusal::WrongState);
        }
        if !request.is_answerable && !request.digest.can_answer(&request.user, credentials) {
            return Err(Refusal::Undefined);
        }
        let last = request.challenged.take().ok_or(Refusal::WrongState)?;
        request.answers += 1;
        let mut draft = again(last, settings, entropy);
        request.digest.write(&mut draft, &request.user, credentials, entropy);
        Ok(draft)
    }
}

impl OutgoingRequest {
    /// The request that was `sent`, with the Route that it followed.
    fn with_route(&self, sent: &[u8]) -> Option<Draft> {
        let mut draft = Draft::reread(sent)?;
        if let Some(route) = self.route.as_deref().filter(|_| draft.get("Route").is_none()) {
            draft.insert_after("Via", "Route", route);
        }
        Some(draft)
    }
}
