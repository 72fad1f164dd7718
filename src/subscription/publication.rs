//! One publication: event state of ours at a server, found there by its entity tag (RFC 3903).

use super::attempt::{NextPublish, PublicationActivity, PublishAttempt};
use super::publish::DEFAULT_EXPIRES;
use crate::auth::{ChallengeOutcome, Credentials, DigestState, again};
use crate::request::expiry::{LARGEST_MIN_EXPIRES, believable_grant, min_expires, retry_after};
use crate::request::via::following;
use crate::request::{Entropy, Refusal, Settings, user_of};
use crate::sip::{Draft, Message, delta_seconds};
use crate::transaction::Tid;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Challenges answered in one attempt.
const ANSWERS: u8 = 3;
/// Event state is refreshed after 900 s at the latest.
const REFRESH_CAP: Duration = Duration::from_secs(900);
/// A PUBLISH that failed is tried again after 120 s.
const FAILURE_RETRY: Duration = Duration::from_secs(120);
/// PUBLISHes of the application that wait for one that is not answered.
const MOST_WAITING: usize = 64;
/// A removal that never succeeded is forgotten after 75 s.
const FORGET: Duration = Duration::from_secs(75);
/// Which event state a PUBLISH is about.
const IF_MATCH: &str = "SIP-If-Match";
/// What says something about a body.
const BODY_FIELDS: [&str; 5] =
    ["Content-Type", "Content-Encoding", "Content-Disposition", "Content-Language", "MIME-Version"];

/// Event state of ours, from its first PUBLISH until it is removed.
#[derive(Debug)]
pub struct Publication {
    user: Box<str>,
    /// The last PUBLISH of the application: all that was on it, without entity tag and answers to
    /// challenges.
    last: Box<[u8]>,
    /// The server has said that it has the event state of `last`.
    is_held: bool,
    cseq: u32,
    /// The SIP-ETag of the last 2xx that had one.
    tag: Option<Box<str>>,
    /// When the server forgets the event state, as far as it has said.
    expires_at: Option<Instant>,
    /// The seconds that the next PUBLISH asks for.
    asked: u32,
    /// The seconds that were last granted, or first asked for.
    period: u32,
    sent_at: Instant,
    digest: DigestState,
    activity: PublicationActivity,
    /// What the application has published while a PUBLISH awaited its answer.
    waiting: VecDeque<(Tid, Draft)>,
}

/// What an answer was for a publication.
#[derive(Debug, Default)]
pub struct PublishOutcome {
    /// The event state was removed, as asked.
    pub is_over: bool,
    /// What there is to say of a challenge that is not answered, for a person.
    pub explained: String,
}

impl Publication {
    /// Before its first PUBLISH, which is to be sent as `draft`.
    pub fn new(now: Instant, draft: &Draft) -> Self {
        Publication {
            user: user_of(draft.get("From").unwrap_or("")).into(),
            last: Box::default(),
            is_held: false,
            cseq: 0,
            tag: None,
            expires_at: None,
            asked: DEFAULT_EXPIRES,
            period: DEFAULT_EXPIRES,
            sent_at: now,
            digest: DigestState::default(),
            activity: PublicationActivity::Idle,
            waiting: VecDeque::new(),
        }
    }

    /// Whether a PUBLISH awaits its answer.
    pub fn is_pending(&self) -> bool {
        matches!(self.activity, PublicationActivity::Requesting(_))
    }

    /// The attempt that goes on or waits for something.
    pub fn attempt(&self) -> Option<PublishAttempt> {
        match self.activity {
            PublicationActivity::Idle => None,
            PublicationActivity::Scheduled { attempt, .. } => attempt,
            PublicationActivity::Requesting(attempt)
            | PublicationActivity::Blocked { attempt, .. } => Some(attempt),
        }
    }

    /// Whether it waits for credentials.
    pub fn is_blocked(&self) -> bool {
        matches!(self.activity, PublicationActivity::Blocked { .. })
    }

    /// The application publishes `draft`, which waits until the PUBLISH under way is answered.
    /// Error: `WrongState`, too many wait.
    pub fn wait(&mut self, tid: Tid, draft: Draft) -> Result<(), Refusal> {
        if self.waiting.len() >= MOST_WAITING {
            return Err(Refusal::WrongState);
        }
        self.waiting.push_back((tid, draft));
        Ok(())
    }

    /// What the application has published meanwhile, the oldest first.
    pub fn next_waiting(&mut self) -> Option<(Tid, Draft)> {
        self.waiting.pop_front()
    }

    /// The application publishes `draft`, whatever was to be sent: what goes out for it.
    ///
    /// It gets the next number and the entity tag, where it has none of its own, and answers to the
    /// challenges at hand.
    pub fn publish(
        &mut self,
        now: Instant,
        (tid, mut draft): (Tid, Draft),
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) -> Draft {
        if self.asked == 0 && now >= self.sent_at + FORGET {
            self.forget_state();
        }
        let is_first = self.last.is_empty();
        self.asked = asks(&draft);
        if self.asked > 0 {
            self.drop_expired(now);
            self.period = self.asked;
        }
        self.user = user_of(draft.get("From").unwrap_or("")).into();
        self.last = draft.to_bytes_without(&["Authorization", "Proxy-Authorization"]).into();
        self.is_held = false;
        let was_refused = self.digest.was_refused();
        self.digest.forgive();
        if is_first {
            self.cseq = number(&draft);
        } else {
            self.cseq = following(self.cseq);
            draft.set("CSeq", format!("{} PUBLISH", self.cseq));
        }
        if let Some(tag) = self.tag.as_deref().filter(|_| draft.get(IF_MATCH).is_none()) {
            draft.push(IF_MATCH, tag);
        }
        let has_answers = |name| draft.get(name).is_some();
        let is_given = has_answers("Authorization") || has_answers("Proxy-Authorization");
        if !was_refused && !is_given {
            self.digest.write(&mut draft, &self.user, credentials, entropy);
        }
        self.sent(now, PublishAttempt::new(tid));
        draft
    }

    /// What is to be sent by itself at `now`, as a request of this number.
    pub fn next_request(
        &mut self,
        now: Instant,
        tid: impl FnOnce() -> Tid,
        settings: &Settings,
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) -> Option<(Tid, Draft)> {
        let PublicationActivity::Scheduled { at, why, attempt } = self.activity else {
            return None;
        };
        if at > now {
            return None;
        }
        let tid = tid();
        let mut attempt = match attempt {
            Some(attempt) => PublishAttempt { tid, ..attempt },
            None => {
                self.digest.forgive();
                PublishAttempt::new(tid)
            }
        };
        if why == NextPublish::Challenge {
            attempt.answers += 1;
        }
        if self.asked > 0 {
            self.drop_expired(now);
        }
        let mut draft = Draft::reread(&self.last)?;
        draft.set("CSeq", format!("{} PUBLISH", self.cseq));
        let mut draft = again(draft, settings, entropy);
        self.cseq = following(self.cseq);
        if asks(&draft) != self.asked {
            draft.set("Expires", self.asked.to_string());
        }
        if let Some(tag) = &self.tag {
            draft.set(IF_MATCH, &**tag);
        }
        // RFC 3903 section 4.4: a refresh has no body.
        if self.is_held && draft.get(IF_MATCH).is_some() {
            for name in BODY_FIELDS {
                draft.remove(name);
            }
            draft.body.clear();
        }
        self.digest.write(&mut draft, &self.user, credentials, entropy);
        self.sent(now, attempt);
        Some((attempt.tid, draft))
    }

    fn sent(&mut self, now: Instant, attempt: PublishAttempt) {
        self.sent_at = now;
        self.activity = PublicationActivity::Requesting(attempt);
    }

    /// The final response to the PUBLISH under way, which was `sent` so.
    pub fn on_response(
        &mut self,
        now: Instant,
        response: &Message<'_>,
        sent: &Message<'_>,
        credentials: &Credentials,
    ) -> PublishOutcome {
        let PublicationActivity::Requesting(mut attempt) = self.activity else {
            return PublishOutcome::default();
        };
        let status = response.status().unwrap_or(0);
        match status {
            200..=299 => return self.accepted(response),
            401 | 407 => return self.challenged(response, sent, attempt, credentials),
            412 => {
                let had_tag = sent.header(IF_MATCH).is_some();
                self.forget_state();
                if self.asked == 0 {
                    // There is nothing to remove.
                    return PublishOutcome { is_over: true, ..PublishOutcome::default() };
                }
                if had_tag && !std::mem::replace(&mut attempt.is_repeated, true) {
                    self.schedule(self.sent_at, NextPublish::WithoutTag, Some(attempt));
                    return PublishOutcome::default();
                }
            }
            423 if !attempt.is_raised => {
                if let Some(seconds) = min_expires(response, self.asked, LARGEST_MIN_EXPIRES) {
                    (self.asked, self.period, attempt.is_raised) = (seconds, seconds, true);
                    self.schedule(self.sent_at, NextPublish::LongerTime, Some(attempt));
                    return PublishOutcome::default();
                }
            }
            _ => {}
        }
        self.retry(retry_after(response).map(|wait| now + wait));
        PublishOutcome::default()
    }

    /// There will be no response to the PUBLISH under way.
    pub fn on_no_response(&mut self) {
        if self.is_pending() {
            self.retry(None);
        }
    }

    fn accepted(&mut self, response: &Message<'_>) -> PublishOutcome {
        self.digest.accepted(response);
        self.activity = PublicationActivity::Idle;
        if self.asked == 0 {
            self.forget_state();
            return PublishOutcome { is_over: true, ..PublishOutcome::default() };
        }
        if let Some(tag) = response.header("SIP-ETag").filter(|tag| !tag.is_empty()) {
            self.tag = Some(tag.into());
        }
        self.is_held = true;
        let granted = response.seconds("Expires").filter(|seconds| *seconds > 0);
        self.period = believable_grant(granted.unwrap_or(self.asked), self.asked);
        self.expires_at = Some(self.sent_at + Duration::from_secs(self.period.into()));
        let at = self.sent_at + refresh_after(self.period);
        self.schedule(at, NextPublish::Refresh, None);
        PublishOutcome::default()
    }

    fn challenged(
        &mut self,
        response: &Message<'_>,
        sent: &Message<'_>,
        attempt: PublishAttempt,
        credentials: &Credentials,
    ) -> PublishOutcome {
        // What was answered unasked may be challenged for any reason: it refuses nothing.
        let was_asked = attempt.answers > 0;
        let answers = |name| sent.lines(name).filter(move |_| was_asked);
        let outcome = self.digest.challenged(response, answers, &self.user, credentials);
        let has_answered = match &outcome {
            ChallengeOutcome::Answerable if attempt.answers < ANSWERS => {
                self.schedule(self.sent_at, NextPublish::Challenge, Some(attempt));
                return PublishOutcome::default();
            }
            ChallengeOutcome::Answerable => true,
            ChallengeOutcome::Failed(_) => self.digest.was_refused(),
        };
        self.activity = PublicationActivity::Blocked { attempt, has_answered };
        let explained = match outcome {
            ChallengeOutcome::Answerable => String::new(),
            ChallengeOutcome::Failed(error) => error.sentence(),
        };
        PublishOutcome { explained, ..PublishOutcome::default() }
    }

    /// The application wants the challenge to PUBLISH `tid` answered: then the next request is due.
    /// Errors: `WrongState` when it was answered already, `RetryLimit`, `Undefined` without
    /// credentials.
    pub fn answer(&mut self, tid: Tid, credentials: &Credentials) -> Result<(), Refusal> {
        match self.activity {
            _ if self.attempt().is_none_or(|attempt| attempt.tid != tid) => {
                Err(Refusal::WrongState)
            }
            PublicationActivity::Scheduled { why: NextPublish::Challenge, .. } => Ok(()),
            PublicationActivity::Blocked { has_answered: true, .. }
                if !self.digest.can_answer(&self.user, credentials) =>
            {
                Err(Refusal::RetryLimit)
            }
            PublicationActivity::Blocked { attempt, .. } if attempt.answers < ANSWERS => {
                self.unblock(credentials).then_some(()).ok_or(Refusal::Undefined)
            }
            PublicationActivity::Blocked { .. } => Err(Refusal::RetryLimit),
            _ => Err(Refusal::WrongState),
        }
    }

    /// Credentials came: if the last challenge can be answered now, that is due. Whether it can.
    pub fn unblock(&mut self, credentials: &Credentials) -> bool {
        let PublicationActivity::Blocked { attempt, .. } = self.activity else { return false };
        let can_answer =
            attempt.answers < ANSWERS && self.digest.can_answer(&self.user, credentials);
        if can_answer {
            self.schedule(self.sent_at, NextPublish::Challenge, Some(attempt));
        }
        can_answer
    }

    /// When an automatic action has something to do for it.
    pub fn due(&self) -> Option<Instant> {
        match self.activity {
            PublicationActivity::Scheduled { at, .. } => Some(at),
            _ => None,
        }
    }

    /// When it is forgotten: its removal was never answered, or refused.
    pub fn forgotten_at(&self) -> Option<Instant> {
        (self.asked == 0 && !self.is_pending()).then(|| self.sent_at + FORGET)
    }

    /// Plans the next PUBLISH after a failure: at the moment that the server names, else when event
    /// state of this time would be refreshed, after 120 s at the latest. A removal is not repeated.
    fn retry(&mut self, named: Option<Instant>) {
        if self.asked == 0 {
            self.activity = PublicationActivity::Idle;
            return;
        }
        let wait = refresh_after(self.period).min(FAILURE_RETRY);
        self.schedule(named.unwrap_or(self.sent_at + wait), NextPublish::Retry, None);
    }

    fn schedule(&mut self, at: Instant, why: NextPublish, attempt: Option<PublishAttempt>) {
        self.activity = PublicationActivity::Scheduled { at, why, attempt };
    }

    /// What the server has forgotten is published as if it were new.
    fn drop_expired(&mut self, now: Instant) {
        if self.expires_at.is_some_and(|at| at <= now) {
            self.forget_state();
        }
    }

    /// The server has no event state of ours.
    fn forget_state(&mut self) {
        (self.tag, self.is_held, self.expires_at) = (None, false, None);
        if let Some(mut last) = Draft::reread(&self.last).filter(|last| !last.start().is_empty()) {
            if last.remove(IF_MATCH) > 0 {
                self.last = last.to_bytes().into();
            }
        }
    }
}

/// The seconds that a PUBLISH asks for.
fn asks(draft: &Draft) -> u32 {
    let expires = draft.get("Expires").map(str::trim_ascii).unwrap_or_default();
    let is_negative = expires.starts_with('-');
    if is_negative { 0 } else { delta_seconds(expires).unwrap_or(DEFAULT_EXPIRES) }
}

fn number(draft: &Draft) -> u32 {
    draft.cseq().map_or(0, |cseq| cseq.number)
}

/// How long after its PUBLISH event state of `granted` seconds is refreshed: at 90 %, or after
/// 900 s; never before 1 s.
fn refresh_after(granted: u32) -> Duration {
    let early = Duration::from_secs(granted.into()) * 9 / 10;
    early.min(REFRESH_CAP).max(Duration::from_secs(1))
}
