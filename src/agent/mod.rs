//! All registrations of one context behind five verbs: `handle_input`, `handle_timeout`,
//! `poll_timeout`, `poll_transmit`, `poll_event`.
//!
//! It never sleeps, locks, opens, resolves, reads a clock or draws random numbers: time comes in as
//! an argument, randomness from a seed. Its only caller keeps one order: mutate once, drain
//! transmits, drain events, ask for the next timeout.
//!
//! A registration is found by its rid, a transaction by its branch, the next deadline at the top
//! of a heap: nothing walks all registrations per packet or per tick.

mod calls;
mod commands;
mod connections;
mod dialog_users;
mod failover;
mod flows;
mod incoming;
mod input;
mod invites;
mod keepalive;
mod managed;
mod parts;
mod policy;
mod publications;
mod registrars;
mod requests;
mod sending;
mod subscriptions;
mod types;

pub use crate::auth::{
    AccountLogin, AkaResponse, Algorithm, CredentialText, ProgramAnswer, ProgramChallenge,
    ProgramScheme, tokens_hidden,
};
pub use crate::call::Terminated;
pub use crate::call::invite::InitialInvite;
pub use crate::call::within::WithinDialog;
pub use crate::registration::policy::managed::{
    FailureClass, KeepAlive, KnownBy, ManagedOptions, OptionsChange, OptionsError,
    PendingChallenge, Push, RegistererState,
};
pub use crate::registration::{InitialRegister, LeftBinding};
pub use crate::request::{Masquerade, OutOfDialog, Refusal, Settings};
pub use crate::sip::{Text, excerpt};
pub use crate::subscription::{
    InitialPublish, InitialRefer, InitialSubscribe, Sid, SubscriptionState,
};
pub use crate::transaction::{Cid, Did, EventIds, RequestOrigin, Rid, Tid, TransactionId};
pub use crate::transport::{
    AddressFamilies, CertificateFiles, CipherList, DnsError, DomainService, DomainServices, Flow,
    FlowId, IcmpError, Input, Listening, NaptrRecord, QueryId, RecordKind, Records, ServicesError,
    SrvRecord, Target, TlsError, TlsFailure, TlsSettings, Transmit, Transport, TransportError,
    TransportSet, services_of, uri_of_number,
};
pub use calls::DescriptionOf;
pub use managed::{Info, MOST_ENDED, RegistererCounts, RegistererEvent, RegistererEventKind};
pub use types::{Action, ApplicationEvent, Event, EventKind, LogLevel, Serials, Statistics};

use crate::auth::Credentials;
use crate::messaging::{IncomingRequests, OutgoingRequests};
use crate::registration::policy::automatic_action::AutomaticAction;
use crate::registration::{Registration, WriteScratch};
use crate::request::Entropy;
use crate::sip::BufferPool;
use crate::sip::octets::encode_message;
use crate::subscription::Publications;
use crate::transaction::{Deadline, Timer, TimerQueue, Transactions};
use crate::transport::{FlowLosses, FlowTable, Locator, ReflexiveAddrs};
use calls::CallTable;
use connections::Connecting;
use failover::ServerChoice;
use keepalive::KeptFlows;
use managed::{EndedRegistration, ManagedRegistration, RateLimiter};
use registrars::{RegistrarAddresses, RegistrarsOfOne};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Instant, SystemTime};
use subscriptions::SubscriptionTable;

/// All registrations, transactions, credentials and events of one context.
#[derive(Debug)]
pub struct Agent {
    settings: Settings,
    entropy: Entropy,
    listening: Option<Listening>,
    /// What the network can carry.
    network: TransportSet,
    wall: Option<(Instant, SystemTime)>,
    credentials: Credentials,
    registrations: FxHashMap<Rid, Box<RegistrationEntry>>,
    /// Where they live.
    registrars: RegistrarAddresses,
    /// Where requests are written.
    scratch: WriteScratch,
    /// What responses are copied to for their events.
    buffers: BufferPool,
    transactions: Transactions,
    /// All deadlines, of the protocol and of policies.
    timers: TimerQueue,
    /// Requests of ours outside of registrations.
    requests: OutgoingRequests,
    /// Event state of ours at servers.
    publications: Publications,
    /// Requests from outside.
    incoming: IncomingRequests,
    /// INVITE sessions.
    calls: CallTable,
    subscriptions: SubscriptionTable,
    /// Where URIs lead.
    locator: Locator<TransactionId>,
    /// The deadline of the look-ups among the timers.
    locating: Option<Deadline>,
    flows: FlowTable,
    /// Requests that wait until a flow is open.
    opening: FxHashMap<FlowId, Vec<TransactionId>>,
    connecting: Connecting,
    /// Connections lost in a row.
    losses: FlowLosses,
    /// Where servers have seen us.
    learned: ReflexiveAddrs,
    keep_alives: KeptFlows,
    /// The registrations that an automatic action has something to do for.
    actions_due: VecDeque<Rid>,
    /// Registrations of the eXosip calls that are blocked for want of credentials.
    blocked_automatic: FxHashSet<Rid>,
    credentials_changed: bool,
    /// The limits on requests of managed registrations.
    rate_limiter: RateLimiter,
    /// How many managed registrations are not terminated.
    managed_alive: usize,
    /// How many of them have a second flow, which is among the registrations too.
    second_flows: usize,
    /// How many of them are in which state.
    registerer_counts: RegistererCounts,
    /// Managed registrations that are blocked for want of credentials.
    blocked_managed: BTreeSet<Rid>,
    /// Managed registrations that are terminated, with what there was to say about it.
    ended: FxHashMap<Rid, EndedRegistration>,
    /// The same, first to end first.
    ended_in_order: VecDeque<Rid>,
    /// The interfaces have changed, and are given a moment to settle.
    is_settling: bool,
    /// Registrations whose last REGISTER did not leave for want of a way to any server.
    out_of_reach: BTreeSet<Rid>,
    /// The instance id that was made for want of another.
    instance: Option<Arc<str>>,
    /// The `now` of the last command: one without a time sets a timer that is due at once to it.
    latest_now: Option<Instant>,
    transmits: VecDeque<Transmit>,
    events: VecDeque<Event>,
    counted: Statistics,
    last_tid: Tid,
    /// The transaction that a call or subscription has started last.
    last_started: Option<TransactionId>,
    /// Numbers of calls, dialogs and subscriptions.
    serials: Arc<Serials>,
}

/// A registration and what the agent keeps beside it.
#[derive(Debug)]
struct RegistrationEntry {
    registration: Registration,
    policy: Policy,
    /// The CSeq number of its last REGISTER; 0 before any.
    last_cseq: u32,
    /// Its deadline among the timers.
    deadline: Option<Deadline>,
    /// What its last REGISTER went over, or the one before while a server is tried that was not
    /// the one of the binding; kept alive.
    flow: Option<FlowId>,
    registrars: RegistrarsOfOne,
    /// Which of the servers of its domain are tried.
    servers: ServerChoice,
}

/// Who decides when its REGISTERs are sent.
#[derive(Debug)]
enum Policy {
    /// The eXosip calls.
    Automatic(AutomaticAction),
    /// The registration itself.
    Managed(Box<ManagedRegistration>),
}

impl Policy {
    fn is_managed(&self) -> bool {
        matches!(self, Policy::Managed(_))
    }

    fn managed(&self) -> Option<&ManagedRegistration> {
        match self {
            Policy::Managed(managed) => Some(managed),
            Policy::Automatic(_) => None,
        }
    }

    fn managed_mut(&mut self) -> Option<&mut ManagedRegistration> {
        match self {
            Policy::Managed(managed) => Some(managed),
            Policy::Automatic(_) => None,
        }
    }
}

impl RegistrationEntry {
    fn new(registration: Registration, policy: Policy) -> Self {
        let (last_cseq, deadline, flow) = (0, None, None);
        let (registrars, servers) = (RegistrarsOfOne::default(), ServerChoice::default());
        RegistrationEntry { registration, policy, last_cseq, deadline, flow, registrars, servers }
    }
}

impl Agent {
    /// An agent that draws its tokens from `seed`.
    pub fn new(seed: [u8; 32]) -> Self {
        Agent {
            settings: Settings::default(),
            entropy: Entropy::new(seed),
            listening: None,
            network: TransportSet::UDP,
            wall: None,
            credentials: Credentials::default(),
            registrations: FxHashMap::default(),
            registrars: RegistrarAddresses::default(),
            scratch: WriteScratch::default(),
            buffers: BufferPool::default(),
            transactions: Transactions::default(),
            requests: OutgoingRequests::default(),
            publications: Publications::default(),
            incoming: IncomingRequests::default(),
            calls: CallTable::default(),
            subscriptions: SubscriptionTable::default(),
            locator: Locator::default(),
            locating: None,
            flows: FlowTable::default(),
            opening: FxHashMap::default(),
            connecting: Connecting::default(),
            losses: FlowLosses::default(),
            learned: ReflexiveAddrs::default(),
            keep_alives: KeptFlows::default(),
            timers: TimerQueue::default(),
            actions_due: VecDeque::new(),
            blocked_automatic: FxHashSet::default(),
            credentials_changed: false,
            rate_limiter: RateLimiter::default(),
            managed_alive: 0,
            second_flows: 0,
            registerer_counts: RegistererCounts::default(),
            blocked_managed: BTreeSet::new(),
            ended: FxHashMap::default(),
            ended_in_order: VecDeque::new(),
            is_settling: false,
            out_of_reach: BTreeSet::new(),
            instance: None,
            latest_now: None,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            counted: Statistics::default(),
            last_tid: 0,
            last_started: None,
            serials: Arc::default(),
        }
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The settings, to change.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// The transport is open on this address, or closed.
    pub fn set_listening(&mut self, listening: Option<Listening>) {
        self.listening = listening;
        self.settings.transport = self.listening_transport();
        self.flows.on_interfaces_changed();
    }

    /// What the network can carry; UDP alone where nothing else is said.
    pub fn set_transports(&mut self, transports: TransportSet) {
        self.network = transports;
    }

    /// Numbers of calls, dialogs and subscriptions come from there from now on, which contexts may
    /// share.
    pub fn set_serials(&mut self, serials: Arc<Serials>) {
        self.serials = serials;
    }

    /// The wall clock at `now`, for Date headers.
    pub fn set_wall_clock(&mut self, now: Instant, wall: SystemTime) {
        self.wall = Some((now, wall));
    }

    /// Counters.
    pub fn statistics(&self) -> Statistics {
        let transactions = self.transactions.len();
        let (publications, publications_ever) = self.publications.counted();
        let (ours, to_us) = self.subscriptions.counts();
        Statistics {
            transactions,
            registrations: self.registrations.len() - self.second_flows,
            calls: self.calls(),
            publications,
            publications_ever,
            subscriptions: ours,
            subscriptions_to_us: to_us,
            ..self.counted
        }
    }

    /// Fires every timer that is due, of the protocol and of policies. Early or repeated calls do
    /// nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.pop(now) {
            match timer {
                Timer::ClientA(id)
                | Timer::ClientB(id)
                | Timer::ClientD(id)
                | Timer::ClientM(id)
                | Timer::ClientE(id)
                | Timer::ClientF(id)
                | Timer::ClientK(id) => self.on_client_timeout(now, id),
                Timer::ServerG(tid)
                | Timer::ServerH(tid)
                | Timer::ServerI(tid)
                | Timer::ServerJ(tid)
                | Timer::ServerL(tid) => self.on_server_timeout(now, tid),
                Timer::Call(cid) => self.on_call_timeout(now, cid),
                Timer::Subscription(key) => self.on_subscription_timeout(now, key),
                Timer::Unanswered(tid) => self.on_unanswered(now, tid),
                Timer::Challenged(tid) => self.requests.on_timeout(tid),
                Timer::Publication(id) => self.publications.on_timeout(now, id, &mut self.timers),
                Timer::Refresh(rid) => self.on_refresh(rid),
                Timer::Unregistered(rid) => self.forget_unregistered(now, rid),
                Timer::Managed(rid) => self.on_managed_timeout(now, rid),
                Timer::Failback(rid) => self.on_failback(now, rid),
                Timer::RateLimit => {
                    self.rate_limiter.armed = None;
                    self.on_rate_limit(now);
                }
                Timer::Credentials => self.unblock_managed(now),
                Timer::KeepAlive(flow) => self.on_keep_alive_timeout(now, flow),
                Timer::Connect(flow) => self.on_connect_timeout(now, flow),
                Timer::UnusedFlow(flow) => self.on_unused_flow(now, flow),
                Timer::Locate => self.on_locate_timeout(now),
                Timer::Interfaces => self.on_interfaces_settled(now),
            }
        }
    }

    /// When `handle_timeout` is next wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// What to send next.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        let mut transmit = self.transmits.pop_front()?;
        if let Transmit::Send { bytes, .. } = &mut transmit {
            encode(bytes);
        }
        Some(transmit)
    }

    /// Whether there is something more to send.
    pub fn has_transmits(&self) -> bool {
        !self.transmits.is_empty()
    }

    /// What happened next.
    pub fn poll_event(&mut self) -> Option<Event> {
        let mut event = self.events.pop_front()?;
        if let Event::Application(event) = &mut event {
            let is_from_outside = event.origin.is_some();
            let ours = if is_from_outside { &mut event.response } else { &mut event.request };
            ours.iter_mut().for_each(encode);
            if !is_from_outside {
                event.ack.iter_mut().for_each(encode);
            }
        }
        Some(event)
    }

    /// The next number that the application knows a transaction by: from 1 in each context.
    fn next_tid(&mut self) -> Tid {
        following_tid(&mut self.last_tid)
    }

    /// A number for a call, a dialog or a subscription from outside.
    fn next_serial(&self) -> i32 {
        self.serials.next()
    }

    fn log(&mut self, level: LogLevel, text: impl Into<String>) {
        self.events.push_back(Event::Log(level, text.into()));
    }
}

/// The number behind `last`, which it becomes.
fn following_tid(last: &mut Tid) -> Tid {
    *last = last.checked_add(1).unwrap_or(1);
    *last
}

/// Within the agent the octets of a message that are not UTF-8 are decoded, see
/// [`crate::sip::octets`].
fn encode(message: &mut Text) {
    if let Some(octets) = encode_message(message) {
        *message = octets.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::policy::managed::ManagedPolicy;

    #[test]
    fn a_registration_at_rest_is_small() {
        let size = size_of::<Registration>() + size_of::<Policy>();
        assert!(size <= 288, "{size}");
        assert!(size_of::<ManagedPolicy>() <= 1200, "{}", size_of::<ManagedPolicy>());
    }
}
