//! All registrations of one context behind five verbs: `handle_input`, `handle_timeout`, `poll_timeout`, `poll_transmit`,
//! `poll_event`.
//!
//! It never sleeps, locks, opens, resolves, reads a clock or rolls dice: time comes in as an argument, randomness from a seed.
//! Its only caller holds to one law: mutate once, drain transmits, drain events, ask for the next timeout.
//!
//! A registration is found by its rid, a transaction by its branch, the next deadline at the head of a sorted row: nothing
//! walks all registrations per packet or per tick.

mod commands;
mod incoming;
mod input;
mod keepalive;
mod managed;
mod outgoing;
mod parts;
mod policy;
mod requests;
mod types;
mod vias;

pub use crate::auth::CredentialText;
pub use crate::messaging::OutOfDialog;
pub use crate::registration::InitialRegister;
pub use crate::request::{Masquerade, Refusal, Settings};
pub use crate::sip::Text;
pub use crate::transaction::{Rid, Tid, TransactionId};
pub use crate::transport::{Input, QueryId, Route, Transmit};
pub use managed::{Info, MOST_ENDED, News, What};
pub use types::{Action, Event, Ids, Kind, Notice, Statistics, Weight};

/// What the modern face is told and tells, for the engine and what stands before it.
pub mod modern {
    pub use crate::auth::{AccountLogin, Algorithm};
    pub use crate::registration::policy::managed::{Class, KeepAlive, Known, Options, Push, State, Wrong};
    pub use crate::sip::excerpt as short;
}

use crate::auth::Credentials;
use crate::messaging::shares::Shares;
use crate::registration::{Registration, RequestUriCache, WriteScratch};
use crate::request::Entropy;
use crate::sip::{BufferPool, Draft, date};
use crate::transaction::{Answered, Due, Timer, Timers, Transaction, earlier};
use crate::transport::{ReflexiveAddrs, Routes};
use incoming::Incoming;
use keepalive::KeepAlives;
use managed::{Ended, ManagedRegistration, RateLimiter};
use requests::Request;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};
use vias::Vias;

/// All registrations, transactions, credentials and events of one context.
#[derive(Debug)]
pub struct Agent {
    settings: Settings,
    /// How often they may have been changed.
    settings_changed: u32,
    entropy: Entropy,
    listening: Option<SocketAddr>,
    wall: Option<(Instant, SystemTime)>,
    credentials: Credentials,
    registrations: FxHashMap<Rid, Box<Entry>>,
    /// The REGISTER that was built last: most are sent as they were built, and are then neither read nor answered again. Gone when
    /// credentials change.
    built: Option<(Rid, Draft)>,
    targets: RequestUriCache,
    /// Where its text and those of all others are written.
    scratch: WriteScratch,
    /// The places of transactions that are over.
    #[allow(clippy::vec_box, reason = "the boxes are what is kept")]
    over: Vec<Box<Transaction>>,
    /// What answers are copied to for their events.
    buffers: BufferPool,
    /// Requests that wait for their answers …
    transactions: FxHashMap<TransactionId, Box<Transaction>>,
    branches: FxHashMap<u128, TransactionId>,
    /// … and those that have theirs.
    answered: Answered,
    /// Requests outside of registrations that were sent or wait for the answer to their challenge.
    requests: FxHashMap<Tid, Request>,
    /// Those whose challenge automatic action answers.
    challenged: VecDeque<Tid>,
    /// Requests from outside.
    incoming: FxHashMap<Tid, Incoming>,
    incoming_keys: HashMap<Box<str>, Tid>,
    /// What is kept of them, and for whom.
    incoming_shares: Shares,
    routes: Routes<TransactionId>,
    /// Where servers have seen us.
    learned: ReflexiveAddrs,
    vias: Vias,
    keep_alives: KeepAlives,
    /// Protocol deadlines: these fire by themselves.
    timers: Timers,
    /// Policy deadlines: these fire in `automatic_action` only.
    due: Due,
    /// Registrations that stopped for want of credentials; looked at when credentials change.
    unproven: FxHashSet<Rid>,
    credentials_changed: bool,
    /// Whose turn it is among those that look after themselves.
    rate_limiter: RateLimiter,
    managed_alive: usize,
    /// Those of them that stopped for want of credentials.
    stalled: BTreeSet<Rid>,
    /// Those that are over, with what there was to say about it.
    ended: FxHashMap<Rid, Ended>,
    /// The same, first to end first.
    ended_in_order: VecDeque<Rid>,
    /// Questions whether the way to a server has changed.
    probes: FxHashMap<QueryId, SocketAddr>,
    /// The interfaces have changed, and are given a moment to settle.
    stirred: bool,
    /// The instance id that was made for want of another.
    instance: Option<Arc<str>>,
    /// A moment that has been.
    clock: Option<Instant>,
    transmits: VecDeque<Transmit>,
    events: VecDeque<Event>,
    counted: Statistics,
    next_id: u64,
    last_tid: Tid,
    last_serial: i32,
}

/// A registration and what the agent keeps beside it.
#[derive(Debug)]
struct Entry {
    registration: Registration,
    pending: Option<TransactionId>,
    /// Its place in `due`.
    due: Option<Instant>,
    /// Where its last REGISTER went; kept alive.
    server: Option<SocketAddr>,
    /// The policy of one that looks after itself.
    managed: Option<Box<ManagedRegistration>>,
}

impl Entry {
    fn new(registration: Registration, managed: Option<Box<ManagedRegistration>>) -> Self {
        Entry { registration, pending: None, due: None, server: None, managed }
    }
}

impl Agent {
    /// An agent that draws its tokens from `seed`.
    pub fn new(seed: [u8; 32]) -> Self {
        Agent {
            settings: Settings::default(),
            settings_changed: 0,
            entropy: Entropy::new(seed),
            listening: None,
            wall: None,
            credentials: Credentials::default(),
            registrations: FxHashMap::default(),
            built: None,
            scratch: WriteScratch::default(),
            over: Vec::new(),
            targets: RequestUriCache::default(),
            buffers: BufferPool::default(),
            transactions: FxHashMap::default(),
            branches: FxHashMap::default(),
            answered: Answered::default(),
            requests: FxHashMap::default(),
            challenged: VecDeque::new(),
            incoming: FxHashMap::default(),
            incoming_keys: HashMap::new(),
            incoming_shares: Shares::default(),
            routes: Routes::default(),
            learned: ReflexiveAddrs::default(),
            vias: Vias::default(),
            keep_alives: KeepAlives::default(),
            timers: Timers::default(),
            due: Due::default(),
            unproven: FxHashSet::default(),
            credentials_changed: false,
            rate_limiter: RateLimiter::default(),
            managed_alive: 0,
            stalled: BTreeSet::new(),
            ended: FxHashMap::default(),
            ended_in_order: VecDeque::new(),
            probes: FxHashMap::default(),
            stirred: false,
            instance: None,
            clock: None,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            counted: Statistics::default(),
            next_id: 0,
            last_tid: 0,
            last_serial: 0,
        }
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The settings, to change.
    pub fn settings_mut(&mut self) -> &mut Settings {
        self.settings_changed = self.settings_changed.wrapping_add(1);
        &mut self.settings
    }

    /// The transport is open on this address (which may be a wildcard), or closed.
    pub fn set_listening(&mut self, local: Option<SocketAddr>) {
        self.listening = local;
        self.routes.forget();
    }

    /// The wall clock at `now`, for Date headers.
    pub fn set_wall_clock(&mut self, now: Instant, wall: SystemTime) {
        self.wall = Some((now, wall));
    }

    /// Counters.
    pub fn statistics(&self) -> Statistics {
        let transactions = self.transactions.len() + self.answered.len();
        Statistics { transactions, registrations: self.registrations.len(), ..self.counted }
    }

    /// Fires every protocol timer that is due. Early or repeated calls do nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(id) = self.answered.pop_due(now) {
            self.events.push_back(Event::Ended(id));
        }
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::Transaction(id) => self.transaction_timeout(now, id),
                Timer::KeepAlive(server) => self.keep_alive(now, server),
                Timer::Forget(rid) => self.forget_unregistered(now, rid),
                Timer::Request(tid) => self.forget_request(tid),
                Timer::Incoming(tid) => self.incoming_timeout(now, tid),
                Timer::Managed(rid) => self.registerer_timeout(now, rid),
                Timer::Turn => self.next_turns(now),
                Timer::Credentials => self.revive_stalled(now),
                Timer::Stirred => self.probe_routes(),
            }
        }
    }

    /// When `handle_timeout` is next wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        earlier(self.timers.next_at(), self.answered.next_at())
    }

    /// What to send next.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// Whether there is something more to send.
    pub fn has_transmits(&self) -> bool {
        !self.transmits.is_empty()
    }

    /// What happened next.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// A number for a transaction or a query.
    fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// The next number that the application knows a transaction by: from 1 in each context.
    fn next_tid(&mut self) -> Tid {
        self.last_tid = self.last_tid.checked_add(1).unwrap_or(1);
        self.last_tid
    }

    /// A number for a call, a dialog or a subscription from outside.
    fn next_serial(&mut self) -> i32 {
        self.last_serial = self.last_serial.checked_add(1).unwrap_or(1);
        self.last_serial
    }

    fn note(&mut self, weight: Weight, text: impl Into<String>) {
        self.events.push_back(Event::Note(weight, text.into()));
    }
}
