//! The policy of a managed registration: it registers, refreshes and retries by itself.
//!
//! It decides what is sent and when; the binding underneath is the [`Registration`] that the eXosip
//! calls use too. Time and randomness come in as arguments. `agent` carries out what it decides.

mod ask;
mod backoff;
mod challenge;
mod change;
mod explain;
mod nat;
mod option_tags;
mod options;
mod reg_event;
mod request;
mod response;
mod schedule;
mod two_flows;

pub use crate::registration::{Facts, KnownBy};
pub use ask::PendingChallenge;
pub use backoff::{FailureClass, back_off};
pub use change::OptionsChange;
pub use explain::EndReason;
pub use options::{KeepAlive, ManagedOptions, OptionsError, Push};
pub use response::{Exchange, ResponseOutcome};
pub use schedule::Decision;
pub use two_flows::SECOND_FLOW_CHALLENGES;

use crate::auth::{AccountLogin, Credentials};
use crate::registration::granted::OwnContact;
use crate::registration::{Activity, Reason, Registration};
use crate::request::{Entropy, Masquerade, Settings};
use crate::sip::{Message, normalise};
use crate::transaction::NoResponse;
use ask::ProgramState;
use nat::Nat;
use reg_event::RegEventHistory;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use two_flows::TwoFlows;

/// The state of a managed registration; see [`RegistererState::may_become`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistererState {
    /// No attempt has ended yet.
    Initial,
    /// The server holds the binding.
    Registered,
    /// It does not.
    Unregistered,
    /// It is over: nothing more is sent.
    Terminated,
}

impl RegistererState {
    /// Whether `next` may follow.
    pub fn may_become(self, next: RegistererState) -> bool {
        match self {
            RegistererState::Initial => next != RegistererState::Initial,
            RegistererState::Registered => {
                matches!(next, RegistererState::Unregistered | RegistererState::Terminated)
            }
            RegistererState::Unregistered => {
                matches!(next, RegistererState::Registered | RegistererState::Terminated)
            }
            RegistererState::Terminated => false,
        }
    }
}

/// What the registration works towards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Nothing: the application decides.
    Idle,
    /// A binding that is refreshed.
    Bound,
    /// No binding.
    Unbound {
        /// None of anybody's for this address-of-record: Contact `*`.
        all: bool,
    },
}

/// The last final response, or its absence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastResponse {
    outcome: LastOutcome,
    /// Where the REGISTER went.
    server: Option<SocketAddr>,
    /// User and realm of the answer to a challenge that the REGISTER had.
    authenticated: Option<(String, String)>,
    /// What it means, for a person; may be empty.
    meaning: String,
    /// Until when the server wants no REGISTER (Retry-After).
    retry_after: Option<Instant>,
    /// It refused the credentials.
    refused: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum LastOutcome {
    /// No REGISTER was sent yet.
    #[default]
    None,
    Response {
        status: u16,
        reason: String,
    },
    NoResponse(NoResponse),
}

impl LastResponse {
    /// The status; 408 without a response, 0 before the first.
    pub fn status(&self) -> u16 {
        match &self.outcome {
            LastOutcome::None => 0,
            LastOutcome::Response { status, .. } => *status,
            LastOutcome::NoResponse(_) => 408,
        }
    }

    /// Why there was no response, where there was none.
    pub fn no_response(&self) -> Option<&NoResponse> {
        match &self.outcome {
            LastOutcome::NoResponse(why) => Some(why),
            LastOutcome::None | LastOutcome::Response { .. } => None,
        }
    }

    /// The reason phrase, or why there was no response.
    pub fn reason(&self) -> String {
        match &self.outcome {
            LastOutcome::None => String::new(),
            LastOutcome::Response { reason, .. } => reason.clone(),
            LastOutcome::NoResponse(why) => why.to_string().trim_end_matches('.').to_owned(),
        }
    }
}

/// Numbers since the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// REGISTERs sent, retransmissions aside.
    pub requests: u64,
    /// 2xx.
    pub accepted: u64,
    /// Other final responses that ended an attempt.
    pub rejected: u64,
    /// Attempts without a final response.
    pub unanswered: u64,
    /// Challenges answered.
    pub challenges: u64,
    /// Times the Contact moved to the address that the server saw.
    pub moves: u64,
}

impl Counters {
    /// Those of two flows together.
    pub fn and(self, other: Counters) -> Counters {
        Counters {
            requests: self.requests + other.requests,
            accepted: self.accepted + other.accepted,
            rejected: self.rejected + other.rejected,
            unanswered: self.unanswered + other.unanswered,
            challenges: self.challenges + other.challenges,
            moves: self.moves + other.moves,
        }
    }
}

/// What the policy is given with each call.
#[derive(Debug)]
pub struct PolicyContext<'a> {
    /// The present instant.
    pub now: Instant,
    /// The settings of the agent.
    pub settings: &'a Settings,
    /// The credentials of the agent, for accounts without their own.
    pub credentials: &'a Credentials,
    /// Random numbers.
    pub entropy: &'a mut Entropy,
}

/// The policy beside one [`Registration`].
#[derive(Debug)]
pub struct ManagedPolicy {
    options: ManagedOptions,
    /// The Request-URI.
    registrar: String,
    /// `urn:uuid:…` of `+sip.instance`; empty: none.
    instance: Arc<str>,
    /// The credentials of this account alone.
    credentials: Option<Arc<Credentials>>,
    goal: Goal,
    /// The application disposed of it: it terminates as soon as the binding is removed.
    terminate_requested: bool,
    /// An attempt has ended.
    attempted: bool,
    /// The state that was last put among `changes`.
    reported: RegistererState,
    /// State changes that were not fetched yet.
    changes: Vec<RegistererState>,
    /// Failed attempts in a row.
    failures: u32,
    last: LastResponse,
    /// Why there is no binding, where `last` does not say it.
    ending: Option<EndReason>,
    known: Option<KnownBy>,
    /// The seconds that the last 2xx granted.
    granted: u32,
    nat: Nat,
    /// When the binding is refreshed if the server refuses to move our Contact.
    refresh_at: Option<Instant>,
    /// The first hop does not support outbound (439).
    outbound_refused: bool,
    /// The registrar supports outbound.
    outbound_agreed: bool,
    /// What it is among two flows.
    flows: TwoFlows,
    /// The push service is not supported (555).
    push_refused: bool,
    /// Security-Server of the last response that had one.
    security_server: Option<String>,
    /// The Request-URI of a redirection that is followed.
    redirected_to: Option<String>,
    /// Realms of challenges before any redirection.
    realms: Vec<String>,
    /// What documents of the event `reg` have said.
    reg_event: Option<Box<RegEventHistory>>,
    /// What the program is asked to answer, and has answered.
    program: Option<Box<ProgramState>>,
    /// The Contacts of a registration that was taken over.
    adopted_contacts: Option<Vec<String>>,
    last_success: Option<Arc<[u8]>>,
    /// When an attempt last succeeded, and when one last failed.
    succeeded_at: Option<Instant>,
    failed_at: Option<Instant>,
    /// When the attempt under way is given up; `None`: Timer F decides.
    attempt_ends_at: Option<Instant>,
    counters: Counters,
}

impl ManagedPolicy {
    /// The policy for options that were checked; `instance`: `urn:uuid:…`, or empty.
    pub fn new(mut options: ManagedOptions, instance: Arc<str>) -> Self {
        let logins = std::mem::take(&mut options.logins);
        let registrar = std::mem::take(&mut options.registrar);
        let mut policy = ManagedPolicy {
            options,
            registrar,
            instance,
            credentials: None,
            goal: Goal::Idle,
            terminate_requested: false,
            attempted: false,
            reported: RegistererState::Initial,
            changes: Vec::new(),
            failures: 0,
            last: LastResponse::default(),
            ending: None,
            known: None,
            granted: 0,
            nat: Nat::default(),
            refresh_at: None,
            outbound_refused: false,
            outbound_agreed: false,
            flows: TwoFlows::default(),
            push_refused: false,
            security_server: None,
            redirected_to: None,
            realms: Vec::new(),
            reg_event: None,
            program: None,
            adopted_contacts: None,
            last_success: None,
            succeeded_at: None,
            failed_at: None,
            attempt_ends_at: None,
            counters: Counters::default(),
        };
        policy.set_credentials(logins);
        policy
    }

    /// The policy for a registration that the eXosip calls made: its state, binding and texts stay.
    /// `granted`: the seconds that the last 2xx granted.
    pub fn adopt(
        registration: &mut Registration,
        granted: u32,
        now: Instant,
        nat: Masquerade,
    ) -> Self {
        // One that was last asked to end does not say how long a binding is wanted for.
        let expires = Some(registration.expires()).filter(|expires| *expires > 0);
        let mut policy = ManagedPolicy::new(ManagedOptions::adopted(expires, nat), Arc::from(""));
        let sent_at = registration.sent_at();
        policy.adopted_contacts = registration.last_contact_values();
        let removes = expires.is_none();
        let pending = registration.is_pending();
        if let Some(expires_at) = registration.expires_at().filter(|at| *at > now) {
            policy.reported = RegistererState::Registered;
            policy.attempted = true;
            policy.granted = granted;
            policy.goal =
                if pending && removes { Goal::Unbound { all: false } } else { Goal::Bound };
            let since = sent_at.unwrap_or(now);
            let at = since + expires_at.saturating_duration_since(since) * 9 / 10;
            if !pending {
                registration.schedule(at.max(now), Reason::Refresh);
            }
            return policy;
        }
        registration.binding_lost();
        if sent_at.is_some() {
            policy.goal = if removes { Goal::Unbound { all: false } } else { Goal::Bound };
            if !pending {
                policy.attempted = true;
                policy.report(registration);
                match policy.goal {
                    Goal::Bound => registration.schedule(now, Reason::Retry),
                    _ => registration.rest(),
                }
            }
        }
        policy
    }

    /// The state. That of a first flow is that of the whole: registered while either is.
    pub fn state(&self, registration: &Registration) -> RegistererState {
        match self.own_state(registration) {
            own @ (RegistererState::Terminated | RegistererState::Registered) => own,
            _ if self.has_second_flow() && self.is_other_flow_bound() => {
                RegistererState::Registered
            }
            own => own,
        }
    }

    /// The state of this flow alone.
    pub fn own_state(&self, registration: &Registration) -> RegistererState {
        match registration.activity() {
            Activity::Terminated => RegistererState::Terminated,
            _ if registration.is_bound() => RegistererState::Registered,
            _ if self.attempted => RegistererState::Unregistered,
            _ => RegistererState::Initial,
        }
    }

    /// Puts the state among the changes, if it is another than before.
    fn report(&mut self, registration: &Registration) {
        let state = self.state(registration);
        if self.reported.may_become(state) {
            self.reported = state;
            self.changes.push(state);
        }
    }

    /// State changes since the last call, in order.
    pub fn take_changes(&mut self) -> Vec<RegistererState> {
        std::mem::take(&mut self.changes)
    }

    /// The options.
    pub fn options(&self) -> &ManagedOptions {
        &self.options
    }

    /// The credentials of this account, or `shared` where it has none of its own.
    pub fn credentials<'a>(&'a self, shared: &'a Credentials) -> &'a Credentials {
        self.credentials.as_deref().unwrap_or(shared)
    }

    /// Other credentials for this account alone.
    pub fn set_credentials(&mut self, logins: Vec<AccountLogin>) {
        self.credentials = (!logins.is_empty()).then(|| Arc::new(Credentials::of_account(logins)));
    }

    /// Whether the application disposed of it.
    pub fn is_terminating(&self) -> bool {
        self.terminate_requested
    }

    /// Until when the server wants no REGISTER (Retry-After).
    pub fn retry_after(&self) -> Option<Instant> {
        self.last.retry_after
    }

    /// The last final response, or its absence.
    pub fn last(&self) -> &LastResponse {
        &self.last
    }

    /// Numbers since the beginning.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// When a REGISTER was last accepted.
    pub fn succeeded_at(&self) -> Option<Instant> {
        self.succeeded_at
    }

    /// When an attempt last failed, with or without a response.
    pub fn failed_at(&self) -> Option<Instant> {
        self.failed_at
    }

    /// The seconds that the binding was granted; 0 without one.
    pub fn granted(&self, registration: &Registration) -> u32 {
        if registration.is_bound() { self.granted } else { 0 }
    }

    /// By what our binding was found in the last 2xx.
    pub fn known(&self) -> Option<KnownBy> {
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

    /// What the last 2xx says about bindings.
    pub fn facts(&self, registration: &Registration) -> Facts {
        let Some(bytes) = &self.last_success else { return Facts::default() };
        let text = normalise(bytes);
        let sent = registration.held_contacts().unwrap_or_default();
        let own = self.own_contact(registration, &sent);
        Message::parse(&text).map(|message| Facts::read(&message, &own)).unwrap_or_default()
    }

    /// Whether push notifications were refused by the server (555).
    pub fn push_refused(&self) -> bool {
        self.push_refused
    }

    /// What our Contact looks like; `sent`: as it was sent.
    fn own_contact<'a>(&'a self, registration: &'a Registration, sent: &'a str) -> OwnContact<'a> {
        let instance = (!self.instance.is_empty()).then_some(&*self.instance);
        let reg_id = self.options.reg_id;
        OwnContact { instance, reg_id, line: registration.line(), sent }
    }

    fn offers_outbound(&self) -> bool {
        self.options.reg_id > 0 && !self.instance.is_empty() && !self.outbound_refused
    }

    fn removes(&self) -> bool {
        matches!(self.goal, Goal::Unbound { .. })
    }
}
