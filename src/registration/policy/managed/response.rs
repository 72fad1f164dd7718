//! What a final response, or its absence, does to the state and to the plan.

use super::{
    EndReason, FailureClass, Goal, LastOutcome, LastResponse, ManagedPolicy, PolicyContext,
};
use super::{challenge::authenticated, explain};
use crate::registration::granted::granted;
use crate::registration::{Activity, BlockReason, Reason, Registration};
use crate::request::expiry::{LONGEST_RETRY_AFTER, believable_grant, min_expires, retry_after};
use crate::request::target::registrar_uri;
use crate::sip::{Contact, Message, Uri, excerpt};
use crate::transaction::NoResponse;
use crate::transport::Transport;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A longer Security-Server is not repeated in our requests, which have to fit into a datagram.
const LONGEST_SECURITY_SERVER: usize = 1000;
/// Redirections followed in one attempt.
const REDIRECTIONS: u8 = 3;

/// A REGISTER and its final response.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// As it went out.
    pub request: &'a Message<'a>,
    /// The response.
    pub response: &'a Message<'a>,
    /// The response as it came.
    pub bytes: &'a [u8],
    /// Where the request went.
    pub server: SocketAddr,
    /// Our own address towards it.
    pub local: SocketAddr,
    /// Where the server saw us, if it said so.
    pub seen: Option<SocketAddr>,
    /// What carried it.
    pub transport: Transport,
}

impl Exchange<'_> {
    pub(super) fn status(&self) -> u16 {
        self.response.status().unwrap_or(0)
    }
}

/// What a final response is to the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseOutcome {
    /// Nothing yet: the attempt goes on at once.
    Resumed,
    /// 2xx.
    Accepted,
    /// 3xx that is not followed.
    Redirected,
    /// Any other failure.
    Rejected,
}

/// An attempt that has failed.
pub(super) struct Failed {
    /// Whether and when it is repeated.
    class: FailureClass,
    /// Why it is blocked, if it is not repeated before the credentials change.
    error: BlockReason,
}

impl Failed {
    pub(super) fn new(class: FailureClass) -> Self {
        Failed { class, error: BlockReason::Unanswerable }
    }

    pub(super) fn credentials(error: BlockReason) -> Self {
        Failed { class: FailureClass::Credentials, error }
    }
}

impl ManagedPolicy {
    /// Reads a final response. What follows at once is scheduled for now.
    pub fn on_response(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        exchange: Exchange<'_>,
    ) -> ResponseOutcome {
        let outcome = self.read_response(context, registration, exchange);
        if outcome != ResponseOutcome::Resumed {
            self.attempt_ends_at = None;
        }
        outcome
    }

    fn read_response(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        exchange: Exchange<'_>,
    ) -> ResponseOutcome {
        registration.final_response();
        self.note_response(exchange);
        let address_changed = self.address_changed(context, registration, exchange);
        let wait = retry_after(exchange.response).filter(|_| exchange.status() >= 300);
        self.last.retry_after = wait.map(|wait| context.now + wait);
        match exchange.status() {
            200..=299 => return self.accepted(context, registration, exchange, address_changed),
            300..=399 => return self.redirected(context, registration, exchange),
            401 | 407 => return self.challenged(context, registration, exchange),
            400 if address_changed && self.may_move(registration) => {
                // The registrar takes no Contact but where it sees us.
                self.counters.moves += 1;
                registration.schedule(context.now, Reason::AddressChanged);
                return ResponseOutcome::Resumed;
            }
            _ => {}
        }
        if self.is_met(registration, exchange) {
            return self.resume(context.now, registration);
        }
        self.rejected(context, registration, exchange)
    }

    /// Keeps what the response says of itself.
    fn note_response(&mut self, exchange: Exchange<'_>) {
        let Exchange { request, response, .. } = exchange;
        let (status, reason) = (exchange.status(), excerpt(response.reason()));
        self.last = LastResponse {
            outcome: LastOutcome::Response { status, reason },
            server: Some(exchange.server),
            authenticated: authenticated(request),
            meaning: String::new(),
            retry_after: None,
            refused: false,
        };
        let list = joined(response, "Security-Server").filter(|list| {
            list.len() <= LONGEST_SECURITY_SERVER && !self.options.security.is_empty()
        });
        if list.is_some() {
            self.security_server = list;
        }
    }

    /// Whether the next REGISTER of the same attempt does what the response wants.
    fn is_met(&mut self, registration: &mut Registration, exchange: Exchange<'_>) -> bool {
        let Exchange { request, response, .. } = exchange;
        match exchange.status() {
            423 => {
                let seconds = self.min_expires(registration, response);
                seconds.into_iter().for_each(|seconds| registration.raise_expires(seconds));
                seconds.is_some()
            }
            // A second binding without a reg-id would be one more place to be called at.
            439 if self.offers_outbound() && !self.is_second_flow() => {
                self.outbound_refused = true;
                self.last.meaning = "the first hop cannot do outbound".into();
                true
            }
            494 => request.header("Security-Verify").is_none() && self.security_server.is_some(),
            555 if self.options.push.is_some() && !self.push_refused => {
                self.push_refused = true;
                self.last.meaning = "the push service is not supported".into();
                true
            }
            _ => false,
        }
    }

    fn rejected(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        exchange: Exchange<'_>,
    ) -> ResponseOutcome {
        let (Exchange { request, response, .. }, status) = (exchange, exchange.status());
        let class = self.options.class(status, self.last.authenticated.is_some());
        let moves = registration.attempt().reason == Reason::AddressChanged;
        let alone = class != FailureClass::Temporary && !moves && !self.terminate_requested;
        if alone && registration.removes_old_contacts(request) {
            // The registrar may take no two Contacts: ours alone, before the refusal counts.
            registration.leave_old_contacts();
            return self.resume(context.now, registration);
        }
        let failed = match class {
            FailureClass::Credentials => self.refuse_credentials(context, registration),
            class => Failed::new(class),
        };
        if let Some(lacks) = joined(response, "Unsupported").filter(|_| status == 420) {
            self.last.meaning = format!("the server lacks the extension {}", excerpt(&lacks));
        }
        if self.last.meaning.is_empty() {
            self.last.meaning = explain::meaning(status, class).to_owned();
        }
        self.attempt_failed(context, registration, failed);
        ResponseOutcome::Rejected
    }

    /// There was no final response from `server`.
    pub fn on_no_response(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        server: Option<SocketAddr>,
        why: NoResponse,
    ) {
        registration.no_response();
        self.attempt_ends_at = None;
        let meaning = explain::no_response(&why).to_owned();
        let is_refused = why.is_tls_refused() || why == NoResponse::NoSecondServer;
        let outcome = LastOutcome::NoResponse(why);
        self.last = LastResponse { outcome, server, meaning, ..LastResponse::default() };
        self.counters.unanswered += 1;
        let class = match self.options.named_class(408) {
            None if is_refused => FailureClass::Fatal,
            _ => self.options.class(408, false),
        };
        self.attempt_failed(context, registration, Failed::new(class));
    }

    /// The same attempt goes on at once.
    pub(super) fn resume(
        &mut self,
        now: Instant,
        registration: &mut Registration,
    ) -> ResponseOutcome {
        registration.resume(now);
        if self.terminate_requested && !self.removes() {
            // There is no use in going on, but a binding is removed.
            let removes = registration.is_bound();
            self.remove_or_terminate(now, registration);
            return if removes { ResponseOutcome::Resumed } else { ResponseOutcome::Rejected };
        }
        ResponseOutcome::Resumed
    }

    fn accepted(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        exchange: Exchange<'_>,
        address_changed: bool,
    ) -> ResponseOutcome {
        let now = context.now;
        let Exchange { response, bytes, .. } = exchange;
        let attempt = registration.attempt();
        let sent_at = registration.sent_at().unwrap_or(now);
        self.last.retry_after = None;
        self.attempted = true;
        let asked = registration.expires();
        if asked == 0 {
            self.failures = 0;
            self.succeeded_at = Some(now);
            self.counters.accepted += 1;
            registration.accepted(now, response, 0);
            registration.rest();
            self.last_success = None;
            self.goal = Goal::Idle;
            self.ending = Some(EndReason::Asked);
            self.report(registration);
            if self.terminate_requested {
                self.remove_or_terminate(now, registration);
            }
            return ResponseOutcome::Accepted;
        }
        let sent = registration.sent_contacts().unwrap_or_default();
        let (seconds, known) = granted(response, &self.own_contact(registration, &sent), asked);
        drop(sent);
        let seconds = believable_grant(seconds, asked);
        registration.accepted(now, response, seconds);
        self.last_success = Some(Arc::from(bytes));
        (self.known, self.granted) = (Some(known), seconds);
        let is_outbound = |tag: &str| tag.eq_ignore_ascii_case("outbound");
        self.note_outbound(response.elements("Require").any(is_outbound));
        if seconds == 0 {
            self.last.meaning = "the server listed our Contact as expired".into();
            self.report(registration);
            self.counters.rejected += 1;
            self.attempt_failed(context, registration, Failed::new(FailureClass::Temporary));
            return ResponseOutcome::Rejected;
        }
        self.failures = 0;
        self.succeeded_at = Some(now);
        self.counters.accepted += 1;
        // More than asked is believed, but not relied on.
        let lasting = Duration::from_secs(seconds.min(asked).into());
        let refresh_at = self.refresh_moment(now, sent_at, lasting, context.entropy);
        registration.schedule(refresh_at, Reason::Refresh);
        self.ending = None;
        self.report(registration);
        // The response to a move that shows yet another address is not followed before the next
        // refresh.
        let moves = attempt.reason == Reason::AddressChanged;
        if address_changed && !moves && !self.terminate_requested {
            self.counters.moves += 1;
            self.refresh_at = Some(refresh_at);
            registration.schedule(now, Reason::AddressChanged);
        }
        if self.terminate_requested {
            self.remove_or_terminate(now, registration);
        }
        ResponseOutcome::Accepted
    }

    /// The attempt has failed: plans the next, or stops.
    pub(super) fn attempt_failed(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        failed: Failed,
    ) {
        let now = context.now;
        let attempt = registration.attempt();
        let Failed { class, error } = failed;
        self.failed_at = Some(now);
        self.check_expiry(now, registration);
        if *registration.activity() == Activity::Terminated {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        self.attempted = true;
        if matches!(self.last.outcome, LastOutcome::Response { status: 300.., .. }) {
            self.counters.rejected += 1;
        }
        self.redirected_to = None;
        if class != FailureClass::Temporary {
            // The program is asked again, in place of what it has answered being refused again.
            self.forget_program_answers();
        }
        let bound = registration.is_bound();
        if attempt.reason == Reason::AddressChanged && bound {
            // The server refused the move: the Contact stays where it is.
            self.nat.refused();
            self.failures = 0;
            let soonest = self.retry_after_at(context).unwrap_or(now + Duration::from_secs(1));
            let refresh_at = self.refresh_at.take().unwrap_or(now);
            registration.schedule(refresh_at.max(soonest), Reason::Refresh);
            if self.terminate_requested {
                self.remove_or_terminate(now, registration);
            }
            return;
        }
        let forbidden = self.last.status() == 403 && self.last.authenticated.is_some();
        self.last.refused = class == FailureClass::Credentials || forbidden;
        let retry_at = self.retry_at(context, class);
        let removes = self.removes();
        // Whatever the failure, the server keeps a binding until its end (RFC 3261 section 10.3).
        match retry_at {
            Some(at) if bound || !removes => registration.schedule(at, Reason::Retry),
            None if class == FailureClass::Credentials && !removes => registration.block(error),
            _ => {
                registration.rest();
                if !(bound && self.terminate_requested) {
                    self.goal = Goal::Idle;
                }
            }
        }
        self.report(registration);
        if self.terminate_requested {
            // A registration that was disposed of gets one try.
            registration.rest();
            self.remove_or_terminate(now, registration);
        }
    }

    /// Whether it has failed as often in a row as the options allow.
    pub(super) fn gave_up(&self) -> bool {
        self.options.retry_limit > 0 && self.failures >= self.options.retry_limit
    }

    fn retry_at(
        &mut self,
        context: &mut PolicyContext<'_>,
        class: FailureClass,
    ) -> Option<Instant> {
        if self.gave_up() {
            return None;
        }
        // What the server says wins over what the class says.
        if let Some(at) = self.retry_after_at(context) {
            return Some(at);
        }
        // 403 says more than that: a registrar may be full, whoever asks.
        let slowly = class == FailureClass::Fatal || self.last.status() == 403;
        let (options, failures) = (&self.options, self.failures);
        let factor = self.back_off_factor();
        let delay = match options.back_off(class, failures, factor, context.entropy) {
            None if slowly => options.slow_retry(context.entropy),
            delay => delay,
        };
        delay.map(|delay| context.now + delay)
    }

    /// A moment after Retry-After, later at random by up to the jitter, and never more than the
    /// longest Retry-After away.
    pub(super) fn retry_after_at(&self, context: &mut PolicyContext<'_>) -> Option<Instant> {
        let now = context.now;
        let asked = self.last.retry_after?.saturating_duration_since(now);
        let jitter = asked * u32::from(self.options.jitter) / 100;
        Some(now + context.entropy.between(asked, asked + jitter).min(LONGEST_RETRY_AFTER))
    }

    /// Whether our Contacts are to move to the address at which the server saw us.
    fn address_changed(
        &mut self,
        context: &PolicyContext<'_>,
        registration: &Registration,
        exchange: Exchange<'_>,
    ) -> bool {
        let Some(seen) = exchange.seen else { return false };
        let (nat, request) = (self.options.nat, exchange.request);
        let sent = registration.movable_addresses(request, nat, context.settings, exchange.local);
        self.nat.moves(exchange.server, seen, &sent)
    }

    /// Whether an attempt that was refused for its Contact goes on with another: once, and not
    /// where the server asks for a pause.
    fn may_move(&self, registration: &Registration) -> bool {
        let moves = registration.attempt().reason == Reason::AddressChanged;
        let is_wanted = self.goal == Goal::Bound && !self.terminate_requested;
        is_wanted && !moves && self.last.retry_after.is_none()
    }

    /// RFC 3261 section 10.2.8: the seconds to ask for after a 423, if that can be.
    fn min_expires(&mut self, registration: &Registration, response: &Message<'_>) -> Option<u32> {
        let asked = registration.expires();
        let minimum = min_expires(response, asked, self.options.largest_min_expires);
        if minimum.is_some() && registration.attempt().min_expires_raises < self.options.answers {
            return minimum;
        }
        self.last.meaning = match response.seconds("Min-Expires") {
            Some(_) if minimum.is_some() => "the server raises its minimum again and again".into(),
            Some(minimum) => {
                format!("the server wants at least {minimum} s, asked were {asked} s")
            }
            None => "the server does not say how long it wants".into(),
        };
        None
    }

    fn redirected(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        exchange: Exchange<'_>,
    ) -> ResponseOutcome {
        let target = exchange.response.contacts().find_map(|contact| {
            let Contact::Addr(addr) = contact else { return None };
            let uri = Uri::parse(addr.uri).ok()?;
            let is_sip = uri.scheme.eq_ignore_ascii_case("sip") || uri.is_secure();
            (is_sip && !uri.host.is_empty()).then(|| registrar_uri(&uri))
        });
        let follows = self.options.redirects && registration.attempt().redirections < REDIRECTIONS;
        if let Some(target) = target.filter(|_| follows) {
            self.redirected_to = Some(target);
            registration.redirected();
            self.forget_program_answers();
            return self.resume(context.now, registration);
        }
        self.last.meaning = match self.options.redirects {
            true => "the redirection leads nowhere".into(),
            false => "redirections are not followed".into(),
        };
        let class = self.options.class(exchange.status(), false);
        self.attempt_failed(context, registration, Failed::new(class));
        ResponseOutcome::Redirected
    }
}

pub(super) fn joined(response: &Message<'_>, name: &str) -> Option<String> {
    let all: Vec<&str> = response.elements(name).collect();
    (!all.is_empty()).then(|| all.join(", "))
}
