//! The agent with all that is under the one lock, and the law by which it is driven.

use super::Keepsake;
use super::after::{After, Tap};
use super::clock;
use super::events::Events;
use super::network::Network;
use crate::agent::{Agent, Event, Input, Notice, QueryId, Route, Text, TransactionId, Transmit, Weight};
use crate::net::{Answer, Found, How, Resolver};
use crate::trace::Level;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

/// Datagrams and questions handled in one hold of the lock; the driver goes on with the rest.
const IN_ONE_GO: usize = 256;
/// Keepsakes that outlive their transactions: a program reads its message after sending it, however soon that failed.
const SPENT: usize = 64;
/// How often in one hold of the lock the agent may react to what became of its own transmissions.
const ROUNDS: usize = 8;

/// Who waits for a name: the agent's question and the port.
pub(super) type Ticket = (QueryId, u16);

/// Everything under the lock.
pub(super) struct Core {
    pub(super) agent: Agent,
    pub(super) network: Option<Network>,
    pub(super) names: Resolver<Ticket>,
    pub(super) keepsakes: FxHashMap<TransactionId, Keepsake>,
    /// Who sees copies of messages.
    pub(super) tap: Option<Tap>,
    spent: VecDeque<Keepsake>,
    unfinished: bool,
    /// Empty between two drains, which share its room.
    notices: Vec<Notice>,
}

/// What became of a transmission at once.
pub(super) enum Fate {
    /// It was not sent.
    Lost { to: SocketAddr, bytes: Text, reason: String, fatal: bool },
    /// The question is answered.
    Routed(QueryId, Result<Vec<Route>, String>),
}

impl Core {
    /// A core that does not listen yet.
    pub(super) fn new(agent: Agent, names: Resolver<Ticket>) -> Core {
        Core {
            agent,
            network: None,
            names,
            keepsakes: FxHashMap::default(),
            tap: None,
            spent: VecDeque::new(),
            unfinished: false,
            notices: Vec::new(),
        }
    }

    /// Tells the agent the time of day, where it wants to know.
    pub(super) fn tell_wall_clock(&mut self, now: Instant) {
        if self.agent.settings().date {
            self.agent.set_wall_clock(now, clock::wall());
        }
    }

    /// The second and third part of the law: drains transmits, drains events.
    pub(super) fn drain(&mut self, now: Instant, events: &Events, after: &mut After) {
        let mut left = IN_ONE_GO;
        self.unfinished = true;
        for _ in 0..ROUNDS {
            let mut fates = Vec::new();
            let gather = events.comes_back();
            while left > 0
                && let Some(transmit) = self.agent.poll_transmit()
            {
                left -= 1;
                // Many go out by one system call.
                let more = gather || left > 0 && self.agent.has_transmits();
                fates.extend(self.carry_out(now, transmit, more, after));
            }
            if let Some(network) = self.network.as_mut().filter(|network| !gather && network.gathers()) {
                fates.extend(network.flush(now, after));
            }
            if fates.is_empty() {
                self.unfinished = left == 0;
                break;
            }
            for fate in fates {
                self.react(now, fate);
            }
        }
        while let Some(event) = self.agent.poll_event() {
            match event {
                Event::Application(notice) => self.notices.push(notice),
                Event::Released(id) => {
                    self.spent.extend(self.keepsakes.remove(&id));
                    if self.spent.len() > SPENT
                        && let Some(oldest) = self.spent.pop_front()
                    {
                        after.let_go(oldest);
                    }
                }
                Event::Registerer(news) => {
                    after.tell_listeners();
                    if events.listeners.push(news) > 0 {
                        after.log(Level::Error, line!(), || {
                            "the listeners are too slow: news are dropped".to_owned()
                        });
                    }
                }
                Event::Log(weight, text) => after.log(level(weight), line!(), || text),
            }
        }
        if self.notices.is_empty() {
            return;
        }
        after.announce(self.notices.len());
        let lost = events.push(self.notices.drain(..));
        self.notices.shrink_to(IN_ONE_GO);
        if lost > 0 {
            after.log(Level::Error, line!(), || format!("nobody fetches the events: {lost} are dropped"));
        }
    }

    /// Whether an automatic action has something to do, or to send what nobody else is about to.
    pub(super) fn is_due(&self, now: Instant, events: &Events) -> bool {
        let waits = || self.network.as_ref().is_some_and(Network::gathers) && !events.comes_back();
        self.unfinished || self.agent.is_due(now) || waits()
    }

    /// The fourth part of the law: when the driver has to come back.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        if self.unfinished { Some(now) } else { self.agent.poll_timeout() }
    }

    /// Tells the driver of the sockets, if it sleeps too long for what is wanted now.
    pub(super) fn rearm(&mut self, now: Instant, after: &mut After) {
        let until = self.deadline(now);
        if let Some(network) = &mut self.network {
            network.rearm(now, until, after);
        }
    }

    /// Sends what waited for the socket.
    pub(super) fn flush(&mut self, now: Instant, after: &mut After) {
        let failed = self.network.as_mut().map(|network| network.flush(now, after)).unwrap_or_default();
        for fate in failed {
            self.react(now, fate);
        }
    }

    /// Passes the answer of the resolver on to all who asked.
    pub(super) fn named(&mut self, now: Instant, name: &str, found: Found) {
        let answer = found.into_answer(|servers| self.agent.order_servers(servers));
        for (query, port) in self.names.answered(now, name, answer.clone()) {
            let outcome = self.routes(now, answer.clone(), port);
            self.agent.handle_input(now, Input::Routed { query, outcome });
        }
    }

    fn carry_out(&mut self, now: Instant, transmit: Transmit, gather: bool, after: &mut After) -> Vec<Fate> {
        match (transmit, &mut self.network) {
            (Transmit::Datagram { to, bytes }, Some(network)) => network.send(now, to, bytes, gather, after),
            (Transmit::Datagram { to, bytes }, None) => {
                vec![Fate::Lost { to, bytes, reason: CLOSED.to_owned(), fatal: true }]
            }
            (Transmit::Route { query, .. }, None) => vec![Fate::Routed(query, Err(CLOSED.to_owned()))],
            (Transmit::Route { query, host, port, servers }, Some(network)) => {
                let reuse = self.agent.settings().reuse_names;
                let how = How { family: network.link.flow.family(), servers, reuse };
                let answer = self.names.ask(now, &host, how, (query, port));
                answer.map(|answer| Fate::Routed(query, self.routes(now, answer, port))).into_iter().collect()
            }
        }
    }

    fn react(&mut self, now: Instant, fate: Fate) {
        match fate {
            Fate::Lost { to, bytes, reason, fatal } => {
                self.agent.handle_input(now, Input::Undelivered { to, reason, fatal, bytes: &bytes });
            }
            Fate::Routed(query, outcome) => {
                self.agent.handle_input(now, Input::Routed { query, outcome });
            }
        }
    }

    /// Adds to each address the one of ours that the kernel uses towards it; addresses without a way are left out.
    fn routes(&mut self, now: Instant, answer: Answer, port: u16) -> Result<Vec<Route>, String> {
        let Some(network) = &mut self.network else { return Err(CLOSED.to_owned()) };
        let mut routes = Vec::new();
        let mut why = String::new();
        for mut remote in answer? {
            if remote.port() == 0 {
                remote.set_port(port);
            }
            match network.paths.local(now, remote) {
                Ok(local) => routes.push(Route { remote, local }),
                Err(reason) => why = reason,
            }
        }
        if routes.is_empty() { Err(why) } else { Ok(routes) }
    }
}

const CLOSED: &str = "no transport is open";

fn level(weight: Weight) -> Level {
    match weight {
        Weight::Error => Level::Error,
        Weight::Warning => Level::Warning,
        Weight::Info => Level::Info1,
    }
}
