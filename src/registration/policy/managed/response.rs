//! What an answer, or its absence, does to the state and to the plan.

use super::challenge::proven;
use super::own::granted;
use super::{Class, Ending, Goal, LastResponse, ManagedPolicy, Reason, State, backoff};
use crate::auth::Credentials;
use crate::registration::{Registration, RegistrationState};
use crate::request::{Entropy, Settings};
use crate::sip::{Message, excerpt};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A longer Security-Server is not repeated in our requests, which have to fit into a datagram.
const AGREEABLE: usize = 1000;

/// The REGISTER that was answered.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// As it went out.
    pub request: &'a Message<'a>,
    /// Where to.
    pub server: SocketAddr,
    /// Our own address on the way.
    pub local: SocketAddr,
    /// Where the server saw us, if it said so.
    pub seen: Option<SocketAddr>,
}

/// What the application is told of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet: the next REGISTER goes out at once.
    Again,
    /// 2xx.
    Accepted,
    /// 3xx that is not followed.
    Redirected,
    /// Any other failure.
    Rejected,
}

impl ManagedPolicy {
    /// Reads the final `response`. What follows at once is in [`ManagedPolicy::next`].
    #[allow(clippy::too_many_arguments)]
    pub fn heard(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        response: &Message<'_>,
        bytes: &[u8],
        sent: Sent<'_>,
        shared: &Credentials,
        settings: &Settings,
        entropy: &mut Entropy,
    ) -> Outcome {
        registration.answered = true;
        let status = response.status().unwrap_or(0);
        let proven = proven(sent.request);
        self.last = LastResponse {
            status,
            reason: excerpt(response.reason()),
            from: Some(sent.server),
            proven: proven.clone(),
            meaning: String::new(),
        };
        let offered = joined(response, "Security-Server").filter(|list| list.len() <= AGREEABLE);
        if let Some(list) = offered.filter(|_| !self.options.security.is_empty()) {
            self.verify = Some(list);
        }
        let moves = self.sees(registration, sent, settings);
        self.not_before = backoff::retry_after(response)
            .filter(|_| status >= 300)
            .map(|seconds| self.stretched(now, Duration::from_secs(seconds.into()), entropy));
        match status {
            200..=299 => return self.accepted(now, registration, response, bytes, sent, moves, entropy),
            300..=399 => return self.redirected(now, registration, response, entropy),
            401 | 407 => return self.challenged(now, registration, response, sent, shared, entropy),
            423 => {
                if let Some(min_expires) = self.min_expires(registration, response) {
                    registration.wanted = min_expires;
                    return self.again(now, registration, status);
                }
            }
            439 if self.offers_outbound() => {
                self.outbound_refused = true;
                self.last.meaning = "the first hop cannot do outbound".into();
                return self.again(now, registration, status);
            }
            494 if sent.request.header("Security-Verify").is_none() && self.verify.is_some() => {
                return self.again(now, registration, status);
            }
            555 if self.options.push.is_some() && !self.push_refused => {
                self.push_refused = true;
                self.last.meaning = "the push service is not supported".into();
                return self.again(now, registration, status);
            }
            _ => {}
        }
        let class = self.options.class(status, proven.is_some());
        let goes_on = self.step != Reason::Move && !self.ending;
        if class != Class::Temporary && goes_on && registration.leaves_old(sent.request) {
            // It may be that the registrar takes no two Contacts: the new one alone, before the refusal counts.
            return self.again(now, registration, status);
        }
        if class == Class::Credentials {
            self.refuse(registration, shared);
        }
        if let Some(lacks) = joined(response, "Unsupported").filter(|_| status == 420) {
            self.last.meaning = format!("the server lacks the extension {}", excerpt(&lacks));
        }
        if self.last.meaning.is_empty() {
            self.last.meaning = super::explain::meaning(status, class).to_owned();
        }
        self.failed(now, registration, class, entropy);
        Outcome::Rejected
    }

    /// There was no final answer; `why` is for a person.
    pub fn silent(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        server: Option<SocketAddr>,
        why: &str,
        entropy: &mut Entropy,
    ) {
        registration.answered = false;
        self.not_before = None;
        let reason = why.trim_end_matches('.').to_owned();
        let meaning = super::explain::silence(why).to_owned();
        self.last = LastResponse { status: 408, reason, from: server, meaning, ..LastResponse::default() };
        self.counters.unanswered += 1;
        self.failed(now, registration, self.options.class(408, false), entropy);
    }

    /// The same attempt goes on at once.
    pub(super) fn again(&mut self, now: Instant, registration: &mut Registration, status: u16) -> Outcome {
        registration.state = if matches!(status, 401 | 407) {
            RegistrationState::Challenged
        } else {
            RegistrationState::TooBrief
        };
        if self.ending && !matches!(self.goal, Goal::Gone { .. }) {
            // There is no use in going on, but a binding is removed.
            return if self.wind_up(now) { Outcome::Rejected } else { Outcome::Again };
        }
        self.next = Some((now, self.step));
        Outcome::Again
    }

    #[allow(clippy::too_many_arguments)]
    fn accepted(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        response: &Message<'_>,
        bytes: &[u8],
        sent: Sent<'_>,
        moves: bool,
        entropy: &mut Entropy,
    ) -> Outcome {
        self.briefs = 0;
        self.hops = 0;
        self.not_before = None;
        self.stalled = false;
        if registration.wanted == 0 {
            self.failures = 0;
            self.counters.accepted += 1;
            registration.taken(response, 0);
            registration.state = RegistrationState::Bound;
            self.last_ok = None;
            (self.until, self.refresh_at, self.next) = (None, None, None);
            self.goal = Goal::Idle;
            self.ending_of = Some(Ending::Asked);
            self.set(State::Unregistered);
            if self.ending {
                self.wind_up(now);
            }
            return Outcome::Accepted;
        }
        let asked = registration.wanted;
        let (seconds, known) = granted(response, sent.request, self.mark(registration), asked);
        registration.taken(response, seconds);
        registration.state = RegistrationState::Bound;
        self.last_ok = Some(Arc::from(bytes));
        self.known = Some(known);
        self.outbound_agreed = response.elements("Require").any(|one| one.eq_ignore_ascii_case("outbound"));
        if seconds == 0 {
            self.last.meaning = "the server listed our Contact as expired".into();
            self.until = None;
            self.set(State::Unregistered);
            self.counters.rejected += 1;
            self.failed(now, registration, Class::Temporary, entropy);
            return Outcome::Rejected;
        }
        self.failures = 0;
        self.counters.accepted += 1;
        let since = registration.sent.unwrap_or(now);
        let lasting = Duration::from_secs(seconds.into());
        self.until = Some(since + lasting);
        // More than asked is believed, but not relied on.
        let safe = lasting.min(Duration::from_secs(asked.into()));
        let at = self.refresh_moment(now, since, safe, entropy);
        self.refresh_at = Some(at);
        self.next = Some((at, Reason::Refresh));
        self.ending_of = None;
        self.set(State::Registered);
        // An answer to a move that shows yet another address is not followed before the next refresh.
        if moves && self.step != Reason::Move && !self.ending {
            self.counters.moves += 1;
            self.next = Some((now, Reason::Move));
        }
        if self.ending {
            self.wind_up(now);
        }
        Outcome::Accepted
    }

    /// The attempt is over without success: plans the next, or stops.
    pub(super) fn failed(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        class: Class,
        entropy: &mut Entropy,
    ) {
        if !matches!(registration.state, RegistrationState::Unproven { .. }) {
            registration.state = RegistrationState::Failed { retry_at: None };
        }
        self.failures = self.failures.saturating_add(1);
        // The next attempt has its own answers to challenges, floors and redirections.
        registration.answers = 0;
        (self.briefs, self.hops) = (0, 0);
        if self.last.status >= 300 && self.last.from.is_some() && registration.answered {
            self.counters.rejected += 1;
        }
        self.redirected = None;
        let bound = self.until.is_some_and(|until| until > now) && self.state == State::Registered;
        if self.step == Reason::Move && bound {
            self.nat.refused();
            self.failures = 0;
            self.step = Reason::Refresh;
            let soonest = self.not_before.unwrap_or(now + Duration::from_secs(1));
            let at = self.refresh_at.unwrap_or(now).max(soonest);
            self.next = Some((at, Reason::Refresh));
            if self.ending {
                self.wind_up(now);
            }
            return;
        }
        self.next = self.retry_at(now, class, entropy).map(|at| (at, Reason::Retry));
        let forbidden = self.last.status == 403 && self.last.proven.is_some();
        if (class == Class::Credentials || forbidden) && self.next.is_some() {
            // Tried again as the option says: by then they may be right, but the answer that was
            // refused is not repeated.
            registration.proof.forgive();
            registration.proof.forget_nonces();
        }
        let removing = matches!(self.goal, Goal::Gone { .. });
        self.stalled = class == Class::Credentials && self.next.is_none() && !removing;
        // What is no refusal leaves the binding until its end, tried again or not.
        let lasts = bound && class == Class::Temporary;
        if (self.next.is_none() && !lasts) || (removing && !bound) {
            self.next = None;
            if !self.stalled {
                self.goal = Goal::Idle;
            }
            // What the server may still hold does not count any more.
            self.until = None;
            self.set(State::Unregistered);
        } else if !bound {
            self.set(State::Unregistered);
        } else if self.next.is_none() && !self.ending {
            self.goal = Goal::Idle;
        }
        if self.ending {
            // One try is all that a registration that ends gets.
            self.next = None;
            self.wind_up(now);
        }
    }

    /// Whether it has failed as often in a row as the options allow.
    pub(super) fn gave_up(&self) -> bool {
        self.options.retry_limit > 0 && self.failures >= self.options.retry_limit
    }

    fn retry_at(&mut self, now: Instant, class: Class, entropy: &mut Entropy) -> Option<Instant> {
        if self.gave_up() {
            return None;
        }
        let options = &self.options;
        // What the server says wins over what the class says.
        self.not_before.or_else(|| {
            options.retries(class).then(|| {
                now + backoff::back_off(self.failures, options.retry_base, options.retry_max, entropy)
            })
        })
    }

    /// The server saw us at another address than our Contacts say: whether they move.
    fn sees(&mut self, registration: &Registration, sent: Sent<'_>, settings: &Settings) -> bool {
        let Some(seen) = sent.seen else { return false };
        let said = registration.said(sent.request, self.options.nat, settings);
        self.nat.moves(sent.server, seen, &said)
    }
}

fn joined(response: &Message<'_>, name: &str) -> Option<String> {
    let all: Vec<&str> = response.elements(name).collect();
    (!all.is_empty()).then(|| all.join(", "))
}
