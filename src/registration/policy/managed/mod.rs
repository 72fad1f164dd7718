//! The policy of the managed face: a registration that looks after itself.
//!
//! It decides what is sent and when; the binding underneath is the [`Registration`] that the eXosip calls use. Time and dice come in
//! as arguments. What it decides is carried out by `agent`, which asks for [`ManagedPolicy::next`] and tells what was heard.

mod backoff;
mod challenge;
mod explain;
mod nat;
mod options;
mod own;
mod request;
mod response;
mod schedule;

pub use backoff::{Class, RETRY_AFTER_CAP, back_off};
pub use explain::Ending;
pub use options::{KeepAlive, Options, Push, Wrong};
pub use own::{Facts, Known};
pub use response::{Outcome, Sent};
pub use schedule::Due;

use crate::auth::{AccountLogin, Credentials};
use crate::registration::{Registration, RegistrationState};
use crate::request::{Entropy, Masquerade};
use nat::Nat;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where a registration stands; the transitions are those of [`State::may_become`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing was heard yet.
    Initial,
    /// The server holds the binding.
    Registered,
    /// It does not.
    Unregistered,
    /// It is over: nothing more is sent.
    Terminated,
}

impl State {
    /// Whether `next` may follow.
    pub fn may_become(self, next: State) -> bool {
        match self {
            State::Initial => next != State::Initial,
            State::Registered => matches!(next, State::Unregistered | State::Terminated),
            State::Unregistered => matches!(next, State::Registered | State::Terminated),
            State::Terminated => false,
        }
    }
}

/// What the registration works towards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Nothing: the application decides, or has to.
    Idle,
    /// A binding that lasts.
    Bound,
    /// No binding; `all`: none of anybody's for this address-of-record.
    Gone {
        /// Contact `*`.
        all: bool,
    },
}

/// Why the next REGISTER is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The application asked for it.
    Asked,
    /// The binding is renewed.
    Refresh,
    /// The last one failed.
    Retry,
    /// The Contact moves to the address that the server sees.
    Move,
    /// The network, the mapping or the flow has changed.
    Moved,
}

/// The last thing that was heard, or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastResponse {
    /// The status; 408 for silence, 0 before anything.
    pub status: u16,
    /// The reason phrase, or why there was no answer.
    pub reason: String,
    /// Who said it.
    pub from: Option<SocketAddr>,
    /// User and realm that the request was proven with.
    pub proven: Option<(String, String)>,
    /// What it means, for a person; may be empty.
    pub meaning: String,
}

/// Numbers since the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// REGISTERs sent, retransmissions aside.
    pub requests: u64,
    /// 2xx.
    pub accepted: u64,
    /// Other final answers that ended an attempt.
    pub rejected: u64,
    /// Attempts without a final answer.
    pub unanswered: u64,
    /// Challenges answered.
    pub challenges: u64,
    /// Times the Contact moved.
    pub moves: u64,
}

/// The policy beside one [`Registration`].
#[derive(Debug)]
pub struct ManagedPolicy {
    options: Options,
    /// The Request-URI.
    registrar: String,
    /// `urn:uuid:…` of `+sip.instance`; empty: none.
    instance: Arc<str>,
    logins: Option<Box<Credentials>>,
    state: State,
    changes: Vec<State>,
    goal: Goal,
    /// It ends as soon as it can.
    ending: bool,
    /// The next REGISTER waits for its turn among others.
    waiting: bool,
    /// What is sent next by itself.
    next: Option<(Instant, Reason)>,
    /// Why the REGISTER under way was sent.
    step: Reason,
    /// When the binding ends.
    until: Option<Instant>,
    /// When it is refreshed, whatever happens meanwhile.
    refresh_at: Option<Instant>,
    /// Failures in a row.
    failures: u32,
    briefs: u8,
    hops: u8,
    /// Until when the server asked for peace.
    not_before: Option<Instant>,
    /// It waits for other credentials.
    stalled: bool,
    last: LastResponse,
    /// How it came to where it stands, where `last` does not say it.
    ending_of: Option<Ending>,
    /// Until when the binding stands of one that is over.
    left_behind: Option<Instant>,
    known: Option<Known>,
    nat: Nat,
    /// 439: the first hop cannot do outbound.
    outbound_refused: bool,
    /// The registrar does outbound.
    outbound_agreed: bool,
    /// 555.
    push_refused: bool,
    /// Security-Server of the last answer that had one.
    verify: Option<String>,
    /// A redirection is followed.
    redirected: Option<String>,
    /// Realms that asked before any redirection.
    home_realms: Vec<String>,
    /// The Contacts of a registration that was taken over.
    kept_contacts: Option<Vec<String>>,
    last_ok: Option<Arc<[u8]>>,
    counters: Counters,
}

impl ManagedPolicy {
    /// The policy for options that were checked; `instance`: `urn:uuid:…`, or empty.
    pub fn new(mut options: Options, instance: Arc<str>) -> Self {
        let logins = std::mem::take(&mut options.logins);
        let registrar = std::mem::take(&mut options.registrar);
        ManagedPolicy {
            registrar,
            instance,
            logins: (!logins.is_empty()).then(|| Box::new(Credentials::of_account(logins))),
            state: State::Initial,
            changes: Vec::new(),
            goal: Goal::Idle,
            ending: false,
            waiting: false,
            next: None,
            step: Reason::Asked,
            until: None,
            refresh_at: None,
            failures: 0,
            briefs: 0,
            hops: 0,
            not_before: None,
            stalled: false,
            last: LastResponse::default(),
            ending_of: None,
            left_behind: None,
            known: None,
            nat: Nat::default(),
            outbound_refused: false,
            outbound_agreed: false,
            push_refused: false,
            verify: None,
            redirected: None,
            home_realms: Vec::new(),
            kept_contacts: None,
            last_ok: None,
            counters: Counters::default(),
            options,
        }
    }

    /// Takes over `registration`, made by the eXosip calls: state, binding and texts are its own.
    pub fn adopt(registration: &Registration, now: Instant, nat: Masquerade) -> Self {
        // One that was last asked to end has nothing left to say how long it is wanted for.
        let wanted = Some(registration.wanted()).filter(|wanted| *wanted > 0);
        let mut this = ManagedPolicy::new(Options::adopted(wanted, nat), Arc::from(""));
        let removes = registration.is_pending() && wanted.is_none();
        this.kept_contacts = registration.own_contacts();
        if let Some(until) = registration.until.filter(|until| *until > now && registration.granted > 0) {
            this.until = Some(until);
            this.state = State::Registered;
            this.goal = if removes { Goal::Gone { all: false } } else { Goal::Bound };
            let sent = registration.sent.unwrap_or(now);
            let left = until.saturating_duration_since(sent);
            let at = (sent + left * 9 / 10).max(now);
            this.refresh_at = Some(at);
            this.next = (!registration.is_pending()).then_some((at, Reason::Refresh));
        } else if registration.is_pending() || *registration.state() != RegistrationState::Fresh {
            this.goal = if wanted.is_none() { Goal::Gone { all: false } } else { Goal::Bound };
            if !registration.is_pending() {
                this.set(State::Unregistered);
                this.next = (this.goal == Goal::Bound).then_some((now, Reason::Retry));
            }
        }
        this
    }

    /// The state.
    pub fn state(&self) -> State {
        self.state
    }

    /// What it was told.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// State changes since the last call, in order.
    pub fn take_changes(&mut self) -> Vec<State> {
        std::mem::take(&mut self.changes)
    }

    /// Whether it has its own credentials or those of the context count.
    pub fn logins<'a>(&'a self, shared: &'a Credentials) -> &'a Credentials {
        self.logins.as_deref().unwrap_or(shared)
    }

    /// Other credentials for this account alone.
    pub fn set_logins(&mut self, logins: Vec<AccountLogin>) {
        self.logins = (!logins.is_empty()).then(|| Box::new(Credentials::of_account(logins)));
    }

    /// Whether it stopped for want of credentials.
    pub fn is_stalled(&self) -> bool {
        self.stalled
    }

    /// Whether it is being disposed of.
    pub fn is_ending(&self) -> bool {
        self.ending
    }

    /// Whether its next REGISTER waits for its turn.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// What it works towards.
    pub fn goal(&self) -> Goal {
        self.goal
    }

    /// When something is due: the next REGISTER, or the end of the binding.
    pub fn wake(&self) -> Option<Instant> {
        let end = self.until.filter(|_| self.state == State::Registered);
        match (self.next.map(|next| next.0), end) {
            (Some(next), Some(end)) => Some(next.min(end)),
            (next, end) => next.or(end),
        }
    }

    /// The next REGISTER that is sent by itself.
    pub fn next(&self) -> Option<(Instant, Reason)> {
        self.next
    }

    /// When the binding ends.
    pub fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Until when the server asked not to be asked.
    pub fn not_before(&self) -> Option<Instant> {
        self.not_before
    }

    /// What was heard last.
    pub fn last(&self) -> &LastResponse {
        &self.last
    }

    /// Numbers since the beginning.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// By what our binding was found in the last 2xx.
    pub fn known(&self) -> Option<Known> {
        self.known
    }

    /// The address that the server last saw us at.
    pub fn seen(&self) -> Option<SocketAddr> {
        self.nat.seen
    }

    /// The instance id, `urn:uuid:…`; empty: none.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// What the last 2xx says besides.
    pub fn facts(&self, registration: &Registration) -> Facts {
        let Some(bytes) = &self.last_ok else { return Facts::default() };
        let text = crate::sip::normalise(bytes);
        crate::sip::Message::parse(&text)
            .map(|message| Facts::read(&message, registration.bound().as_deref(), self.mark(registration)))
            .unwrap_or_default()
    }

    /// Whether push notifications were refused by the server (555).
    pub fn push_refused(&self) -> bool {
        self.push_refused
    }

    fn mark<'a>(&'a self, registration: &'a Registration) -> own::Mark<'a> {
        let instance = (!self.instance.is_empty()).then_some(&*self.instance);
        own::Mark { instance, reg_id: self.options.reg_id, line: &registration.line }
    }

    fn offers_outbound(&self) -> bool {
        self.options.reg_id > 0 && !self.instance.is_empty() && !self.outbound_refused
    }

    fn set(&mut self, state: State) {
        if self.state.may_become(state) {
            self.state = state;
            self.changes.push(state);
        }
    }

    /// A moment after `now` + `wait`, stretched at random by up to the jitter.
    fn stretched(&self, now: Instant, wait: Duration, entropy: &mut Entropy) -> Instant {
        now + entropy.between(wait, wait + wait * u32::from(self.options.jitter) / 100)
    }
}
