//! Requests of ours outside of dialogs and registrations: MESSAGE, OPTIONS and any other method but
//! REGISTER.

use crate::auth::{
    AuthError, ChallengeOutcome, Credentials, DigestState, Prover, RememberedNonces, again,
};
use crate::request::{Entropy, HiddenFields, Refusal, Settings, user_of};
use crate::sip::{Draft, Message};
use crate::transaction::{Tid, Timer, TimerQueue};
use rustc_hash::FxHashMap;
use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// Challenges answered to one request.
const ANSWERS: u8 = 3;
/// A challenge that is not answered within this time is forgotten.
const UNANSWERED_CHALLENGE: Duration = Duration::from_secs(120);

/// A request that was sent, until its final response; past that for a while where that is a
/// challenge.
#[derive(Debug)]
struct OutgoingRequest {
    prover: Prover,
    hidden: HiddenFields,
    /// Challenges answered.
    answers: u8,
    progress: RequestProgress,
}

#[derive(Debug)]
enum RequestProgress {
    /// It awaits its response.
    Sent,
    /// It was challenged. `request`: as it was sent; `is_known`: credentials answer such a
    /// challenge, if there are any.
    Challenged { request: Draft, is_known: bool },
    /// Its challenge was answered: it goes on under another number.
    Answered,
}

/// The requests of ours that are known.
#[derive(Debug, Default)]
pub struct OutgoingRequests {
    requests: FxHashMap<Tid, OutgoingRequest>,
    nonces: RememberedNonces,
    /// Those whose challenge an automatic action answers.
    challenged: VecDeque<Tid>,
    /// Those whose challenge waits for credentials.
    blocked: BTreeSet<Tid>,
}

impl OutgoingRequests {
    /// Keeps request `tid`, which is to be sent as `draft` to this server. It gets answers to what
    /// the server has asked before, unless the application has given some or they were refused.
    pub fn insert(
        &mut self,
        tid: Tid,
        (draft, server): (&mut Draft, &str),
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) {
        let prover = Prover::new(&user_of(draft.get("From").unwrap_or("")), server);
        let hidden = HiddenFields::of(draft);
        if let Some(nonces) = self.nonces.get_mut(&prover) {
            let has_answers = |name| draft.get(name).is_some();
            let is_given = has_answers("Authorization") || has_answers("Proxy-Authorization");
            let was_refused = nonces.was_refused();
            nonces.forgive();
            if !was_refused && !is_given {
                nonces.write(draft, prover.user(), credentials, entropy);
            }
        }
        let progress = RequestProgress::Sent;
        self.requests.insert(tid, OutgoingRequest { prover, hidden, answers: 0, progress });
    }

    /// Request `tid` is over.
    pub fn remove(&mut self, tid: Tid) {
        self.blocked.remove(&tid);
        self.requests.remove(&tid);
    }

    /// Request `tid` is over: this is its final response.
    pub fn on_final(&mut self, tid: Tid, response: &Message<'_>) {
        let is_success = response.status().is_some_and(|status| (200..300).contains(&status));
        if let Some(request) = self.requests.remove(&tid).filter(|_| is_success) {
            if let Some(nonces) = self.nonces.get_mut(&request.prover) {
                nonces.accepted(response);
            }
        }
    }

    /// A 401 or 407 came to request `tid`, which was `sent` so: what is said of it to a person. Any
    /// other final response ends in [`OutgoingRequests::on_final`].
    pub fn on_challenge(
        &mut self,
        now: Instant,
        tid: Tid,
        (response, sent): (&Message<'_>, &[u8]),
        credentials: &Credentials,
        timers: &mut TimerQueue,
    ) -> String {
        let Some(request) = self.requests.get_mut(&tid) else { return String::new() };
        let Some((parsed, draft)) = Message::parse(sent).ok().zip(request.hidden.restored(sent))
        else {
            self.requests.remove(&tid);
            return String::new();
        };
        let nonces = self.nonces.entry(&request.prover);
        // What was answered unasked may be challenged for any reason: it refuses nothing.
        let was_asked = request.answers > 0;
        let answers = |name| parsed.lines(name).filter(move |_| was_asked);
        let outcome = nonces.challenged(response, answers, request.prover.user(), credentials);
        let (is_known, explained) = match &outcome {
            ChallengeOutcome::Answerable => (true, String::new()),
            ChallengeOutcome::Failed(error) => (is_known(error), error.sentence()),
        };
        let is_answerable = outcome == ChallengeOutcome::Answerable;
        if is_answerable && request.answers < ANSWERS {
            self.challenged.push_back(tid);
        } else if is_known && request.answers < ANSWERS {
            self.blocked.insert(tid);
        }
        request.progress = RequestProgress::Challenged { request: draft, is_known };
        timers.set(now + UNANSWERED_CHALLENGE, Timer::Challenged(tid));
        explained
    }

    /// The time is over in which the challenge to request `tid` may be answered.
    pub fn on_timeout(&mut self, tid: Tid) {
        self.remove(tid);
    }

    /// Whether a challenge waits for an automatic action.
    pub fn are_challenged(&self) -> bool {
        !self.challenged.is_empty()
    }

    /// Whether a challenge waits for credentials.
    pub fn are_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// The requests whose challenges an automatic action answers.
    pub fn take_challenged(&mut self) -> VecDeque<Tid> {
        std::mem::take(&mut self.challenged)
    }

    /// There are other credentials: the challenges that waited for some are answered next, where
    /// that can be done now.
    pub fn on_credentials(&mut self, credentials: &Credentials) {
        for tid in std::mem::take(&mut self.blocked) {
            if self.may_answer(tid, credentials).is_ok() {
                self.challenged.push_back(tid);
            } else {
                self.blocked.insert(tid);
            }
        }
    }

    /// Whether the challenge to request `tid` can be answered. Errors as of
    /// [`OutgoingRequests::answer`].
    fn may_answer(&self, tid: Tid, credentials: &Credentials) -> Result<(), Refusal> {
        let request = self.requests.get(&tid).ok_or(Refusal::NotFound)?;
        let RequestProgress::Challenged { is_known, .. } = request.progress else {
            return Err(Refusal::WrongState);
        };
        let nonces = self.nonces.get(&request.prover);
        let can_answer =
            |nonces: &DigestState| nonces.can_answer(request.prover.user(), credentials);
        if request.answers >= ANSWERS {
            Err(Refusal::RetryLimit)
        } else if is_known && nonces.is_some_and(can_answer) {
            Ok(())
        } else if nonces.is_some_and(DigestState::was_refused) {
            Err(Refusal::RetryLimit)
        } else {
            Err(Refusal::Undefined)
        }
    }

    /// Request `tid` once more as number `next`, with the answer to its challenge. Errors:
    /// `NotFound` when the request is over, `WrongState` when its challenge was answered,
    /// `RetryLimit`, `Undefined` where there are no credentials.
    pub fn answer(
        &mut self,
        (tid, next): (Tid, impl FnOnce() -> Tid),
        settings: &Settings,
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) -> Result<(Tid, Draft), Refusal> {
        self.may_answer(tid, credentials)?;
        let request = self.requests.get_mut(&tid).ok_or(Refusal::NotFound)?;
        let progress = std::mem::replace(&mut request.progress, RequestProgress::Answered);
        let RequestProgress::Challenged { request: last, .. } = progress else {
            return Err(Refusal::WrongState);
        };
        let repeated = OutgoingRequest {
            prover: request.prover.clone(),
            hidden: request.hidden.clone(),
            answers: request.answers + 1,
            progress: RequestProgress::Sent,
        };
        let mut draft = again(last, settings, entropy);
        let nonces = self.nonces.entry(&repeated.prover);
        nonces.write(&mut draft, repeated.prover.user(), credentials, entropy);
        let next = next();
        self.blocked.remove(&tid);
        self.requests.insert(next, repeated);
        Ok((next, draft))
    }
}

/// Whether there may be credentials that answer such a challenge.
fn is_known(error: &AuthError) -> bool {
    matches!(error, AuthError::NoCredentials { .. } | AuthError::Refused { .. })
}
