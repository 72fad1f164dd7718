//! What an answer, or its absence, does to the state and to the plan.

use super::own::granted;
use super::{Aim, Class, Ending, Last, Registerer, State, Step, retry};
use crate::digest::parameters;
use crate::registration::proof::Demand;
use crate::registration::{Credentials, Entropy, Registration, Settings, Standing, legacy};
use crate::sip::{Contact, Message, Uri};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Redirections followed in a row.
const HOPS: u8 = 3;
/// Longer than this no reason phrase or realm is quoted.
const QUOTED: usize = 80;
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

impl Registerer {
    /// Reads the final `response`. What follows at once is in [`Registerer::next`].
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
        self.last = Last {
            status,
            reason: short(response.reason()),
            from: Some(sent.server),
            proven: proven.clone(),
            meaning: String::new(),
        };
        let offered = joined(response, "Security-Server").filter(|list| list.len() <= AGREEABLE);
        if let Some(list) = offered.filter(|_| !self.options.security.is_empty()) {
            self.verify = Some(list);
        }
        let moves = self.sees(registration, sent, settings);
        self.not_before = retry::retry_after(response)
            .filter(|_| status >= 300)
            .map(|seconds| self.stretched(now, Duration::from_secs(seconds.into()), entropy));
        match status {
            200..=299 => return self.accepted(now, registration, response, bytes, sent, moves, entropy),
            300..=399 => return self.redirected(now, registration, response, entropy),
            401 | 407 => return self.challenged(now, registration, response, sent, shared, entropy),
            423 => {
                if let Some(floor) = self.floor(registration, response) {
                    registration.wanted = floor;
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
        if class == Class::Credentials {
            self.refuse(registration, shared);
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
        self.last = Last { status: 408, reason, from: server, meaning, ..Last::default() };
        self.counters.unanswered += 1;
        self.failed(now, registration, self.options.class(408, false), entropy);
    }

    /// The same attempt goes on at once.
    fn again(&mut self, now: Instant, registration: &mut Registration, status: u16) -> Outcome {
        registration.standing =
            if matches!(status, 401 | 407) { Standing::Challenged } else { Standing::TooBrief };
        if self.ending && !matches!(self.aim, Aim::Gone { .. }) {
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
            registration.standing = Standing::Bound;
            self.last_ok = None;
            (self.until, self.refresh_at, self.next) = (None, None, None);
            self.aim = Aim::Idle;
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
        registration.standing = Standing::Bound;
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
        self.next = Some((at, Step::Refresh));
        self.ending_of = None;
        self.set(State::Registered);
        // An answer to a move that shows yet another address is not followed before the next refresh.
        if moves && self.step != Step::Move && !self.ending {
            self.counters.moves += 1;
            self.next = Some((now, Step::Move));
        }
        if self.ending {
            self.wind_up(now);
        }
        Outcome::Accepted
    }

    fn challenged(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        response: &Message<'_>,
        sent: Sent<'_>,
        shared: &Credentials,
        entropy: &mut Entropy,
    ) -> Outcome {
        let status = response.status().unwrap_or(0);
        if let Some(stranger) = self.stranger(response, registration.ask.user(), shared) {
            self.last.meaning = format!(
                "the server it was redirected to asks in realm \"{}\", which is not ours",
                short(&stranger)
            );
            self.not_before = None;
            self.failed(now, registration, Class::Fatal, entropy);
            return Outcome::Rejected;
        }
        let user = registration.ask.user();
        let logins = self.logins.as_deref().unwrap_or(shared);
        let demand = registration.proof.challenged(response, sent.request, user, logins);
        let class = match demand {
            Demand::Answerable if registration.answers < self.options.answers => {
                registration.answers += 1;
                self.counters.challenges += 1;
                return self.again(now, registration, status);
            }
            Demand::Answerable => {
                self.last.meaning = format!(
                    "the server asks again after {} answers: the user name or password is probably wrong",
                    registration.answers
                );
                self.refuse(registration, shared);
                Class::Credentials
            }
            Demand::NoCredentials { realm } => {
                self.last.meaning = format!("there are no credentials for realm \"{}\"", short(&realm));
                registration.standing = Standing::Unproven { realm: Some(realm) };
                Class::Credentials
            }
            Demand::Refused { realm, .. } => {
                self.last.meaning = "the user name or password is wrong".into();
                registration.standing = Standing::Unproven { realm: Some(realm) };
                Class::Credentials
            }
            Demand::Mismatch { realm, algorithm } => {
                self.last.meaning = format!(
                    "the HA1 in realm \"{}\" is for another algorithm than {algorithm}",
                    short(&realm)
                );
                let logins = self.logins.as_deref().unwrap_or(shared);
                registration.proof.refuse(user, logins, &realm);
                registration.standing = Standing::Unproven { realm: Some(realm) };
                Class::Credentials
            }
            Demand::Unknown(why) => {
                self.last.meaning = format!("the challenge cannot be answered: {}", short(&why));
                Class::Fatal
            }
        };
        self.not_before = None;
        self.failed(now, registration, class, entropy);
        Outcome::Rejected
    }

    /// What the request was proven with is wrong: only other credentials for its realm help.
    fn refuse(&self, registration: &mut Registration, shared: &Credentials) {
        let realm = self.last.proven.as_ref().map(|(_, realm)| realm.clone());
        if let Some(realm) = &realm {
            let (user, logins) = (registration.ask.user(), self.logins.as_deref().unwrap_or(shared));
            registration.proof.refuse(user, logins, realm);
        }
        registration.standing = Standing::Unproven { realm };
    }

    /// The realm of a challenge that our credentials must not follow to: a redirected registrar's, unless they name it.
    fn stranger(&mut self, response: &Message<'_>, user: &str, shared: &Credentials) -> Option<String> {
        let lines = response.lines("WWW-Authenticate").chain(response.lines("Proxy-Authenticate"));
        let realms: Vec<String> = lines
            .flat_map(crate::digest::challenges)
            .flatten()
            .map(|one| one.realm_text().into_owned())
            .collect();
        if self.redirected.is_none() {
            for realm in realms {
                if self.home_realms.len() < 4 && !self.home_realms.contains(&realm) {
                    self.home_realms.push(realm);
                }
            }
            return None;
        }
        let logins = self.logins.as_deref().unwrap_or(shared);
        realms.into_iter().find(|realm| !self.home_realms.contains(realm) && !logins.names_realm(user, realm))
    }

    /// RFC 3261 section 10.2.8: the floor to ask for, if there is one that can be met.
    fn floor(&mut self, registration: &Registration, response: &Message<'_>) -> Option<u32> {
        let floor = response.seconds("Min-Expires");
        let asked = registration.wanted;
        let fits = floor.filter(|floor| asked > 0 && *floor > asked && *floor <= legacy::MIN_EXPIRES_CAP);
        if fits.is_some() && self.briefs < self.options.answers {
            self.briefs += 1;
            return fits;
        }
        self.last.meaning = match floor {
            Some(_) if fits.is_some() => "the server raises its minimum again and again".into(),
            Some(floor) => format!("the server wants at least {floor} s, asked were {asked} s"),
            None => "the server does not say how long it wants".into(),
        };
        None
    }

    fn redirected(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        response: &Message<'_>,
        entropy: &mut Entropy,
    ) -> Outcome {
        let target = response.contacts().find_map(|contact| {
            let Contact::Addr(addr) = contact else { return None };
            let uri = Uri::parse(addr.uri).ok()?;
            let plain = uri.scheme.eq_ignore_ascii_case("sip") || uri.is_secure();
            (plain && !uri.host.is_empty()).then(|| crate::registration::text::request_uri(&uri))
        });
        if let Some(target) = target.filter(|_| self.options.redirects && self.hops < HOPS) {
            self.hops += 1;
            self.redirected = Some(target);
            // What proved us there is none of the next server's business.
            registration.proof = Default::default();
            return self.again(now, registration, 300);
        }
        self.last.meaning = match self.options.redirects {
            true => "the redirection leads nowhere".into(),
            false => "redirections are not followed".into(),
        };
        self.failed(now, registration, self.options.class(response.status().unwrap_or(300), false), entropy);
        Outcome::Redirected
    }

    /// The attempt is over without success: plans the next, or stops.
    fn failed(&mut self, now: Instant, registration: &mut Registration, class: Class, entropy: &mut Entropy) {
        if !matches!(registration.standing, Standing::Unproven { .. }) {
            registration.standing = Standing::Failed { retry_at: None };
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
        if self.step == Step::Move && bound {
            self.nat.refused();
            self.failures = 0;
            self.step = Step::Refresh;
            let soonest = self.not_before.unwrap_or(now + Duration::from_secs(1));
            let at = self.refresh_at.unwrap_or(now).max(soonest);
            self.next = Some((at, Step::Refresh));
            if self.ending {
                self.wind_up(now);
            }
            return;
        }
        self.next = self.retry_at(now, class, entropy).map(|at| (at, Step::Retry));
        if class == Class::Credentials && self.next.is_some() {
            // Tried again as the option says: by then they may be right.
            registration.proof.forgive();
        }
        let removing = matches!(self.aim, Aim::Gone { .. });
        self.stalled = class == Class::Credentials && self.next.is_none() && !removing;
        // What is no refusal leaves the binding until its end, tried again or not.
        let lasts = bound && class == Class::Temporary;
        if (self.next.is_none() && !lasts) || (removing && !bound) {
            self.next = None;
            if !self.stalled {
                self.aim = Aim::Idle;
            }
            // What the server may still hold does not count any more.
            self.until = None;
            self.set(State::Unregistered);
        } else if !bound {
            self.set(State::Unregistered);
        } else if self.next.is_none() && !self.ending {
            self.aim = Aim::Idle;
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
            options
                .retries(class)
                .then(|| now + retry::back_off(self.failures, options.retry_base, options.retry_max, entropy))
        })
    }

    /// The server saw us at another address than our Contacts say: whether they move.
    fn sees(&mut self, registration: &Registration, sent: Sent<'_>, settings: &Settings) -> bool {
        let Some(seen) = sent.seen else { return false };
        let said = registration.said(sent.request, self.options.nat, settings);
        self.nat.moves(sent.server, seen, &said)
    }
}

/// User and realm of the first answer to a challenge in `request`.
fn proven(request: &Message<'_>) -> Option<(String, String)> {
    let line = request.header("Authorization").or_else(|| request.header("Proxy-Authorization"))?;
    let (_, rest) = line.split_once(' ')?;
    let find = |name: &str| {
        let found = parameters(rest).find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| short(&crate::sip::unescape(value)))
    };
    Some((find("username")?, find("realm")?))
}

fn joined(response: &Message<'_>, name: &str) -> Option<String> {
    let all: Vec<&str> = response.elements(name).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// What fits into a sentence: one line of printable characters.
pub fn short(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(QUOTED).collect()
}
