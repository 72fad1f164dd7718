//! Server location: where a URI leads, as RFC 3263 says, from NAPTR, SRV and address records that
//! are asked for one by one.

use super::destination::Destination;
use super::dice::Dice;
use super::name_cache::{Freshness, LookupId, NameCache};
use super::penalties::Penalties;
use super::resolution::{LocateSettings, Resolution};
use super::{DnsError, QueryId, Records, Target, Transmit, Transport, TransportError};
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// NAPTR and SRV records that have not come by then are taken for none: some networks drop such
/// questions.
const SERVICES_WAIT: Duration = Duration::from_secs(5);
/// What has come by then is used.
const LOOKUP_LIMIT: Duration = Duration::from_secs(10);
/// Destinations looked up at once.
const MAX_LOOKUPS: usize = 1024;

/// Why no target was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocateError {
    /// A name has no address.
    Dns {
        /// The name.
        name: String,
        /// Why.
        error: DnsError,
    },
    /// The domain says that it does not offer the service (RFC 2782, a target of ".").
    NotOffered(String),
    /// The domain names servers for TLS only, which we have not.
    OffersTlsOnly(String),
    /// A `sips:` URI demands TLS, which we have not or which is excluded by the URI itself.
    SipsNeedsTls,
    /// The URI names a transport that we do not have.
    UnsupportedTransport,
    /// The address is of a family that is switched off.
    Unreachable(TransportError),
}

impl fmt::Display for LocateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocateError::Dns { name, error } => write!(f, "{name}: {error}"),
            LocateError::NotOffered(domain) => write!(f, "{domain} does not offer SIP"),
            LocateError::OffersTlsOnly(domain) => write!(f, "{domain} offers TLS only"),
            LocateError::SipsNeedsTls => f.write_str("sips needs TLS"),
            LocateError::UnsupportedTransport => {
                f.write_str("the transport of the URI is not supported")
            }
            LocateError::Unreachable(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LocateError {}

/// Targets that were not tried yet, in the order in which they are.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct TargetQueue {
    next: Option<Target>,
    /// What comes after it, the best last, and whether it is another address of the server before.
    others: Vec<(Target, bool)>,
}

impl TargetQueue {
    /// A queue of one.
    pub(crate) fn one(target: Target) -> Self {
        TargetQueue { next: Some(target), others: Vec::new() }
    }

    /// The best of them, which is tried now.
    pub(crate) fn pop(&mut self) -> Option<Target> {
        let next = self.others.pop().map(|(target, _)| target);
        std::mem::replace(&mut self.next, next)
    }

    /// The best of them, and with a connection the other addresses of its server, which are tried
    /// beside it (RFC 8305).
    pub(crate) fn pop_server(&mut self) -> Option<(Target, Vec<Target>)> {
        let mut more = self.others.last().is_some_and(|(_, same)| *same);
        let (first, mut addresses) = (self.pop()?, Vec::new());
        while more && first.transport.is_reliable() {
            more = self.others.last().is_some_and(|(_, same)| *same);
            addresses.extend(self.pop());
        }
        Some((first, addresses))
    }

    /// Whether there is none left.
    pub(crate) fn is_empty(&self) -> bool {
        self.next.is_none()
    }
}

/// Of targets with the number of their server.
impl From<Vec<(usize, Target)>> for TargetQueue {
    fn from(targets: Vec<(usize, Target)>) -> Self {
        let mut before = None;
        let mut others: Vec<(Target, bool)> = Vec::with_capacity(targets.len());
        for (server, target) in targets {
            others.push((target, before.replace(server) == Some(server)));
        }
        others.reverse();
        TargetQueue { next: others.pop().map(|(target, _)| target), others }
    }
}

/// What [`Locator::locate`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Located {
    /// Where to send, the best first; at least one.
    Ready(TargetQueue),
    /// Names have to be looked up first: [`Locator::on_records`] or [`Locator::on_timeout`] returns
    /// them.
    Waiting,
    /// There is nothing to send to.
    Failed(LocateError),
}

/// What became of one who waited.
pub(crate) type LocateOutcome<W> = (W, Result<TargetQueue, LocateError>);

/// Answers where URIs lead. `W` is who waits.
#[derive(Debug)]
pub(crate) struct Locator<W> {
    cache: NameCache,
    /// The servers that failed lately.
    penalties: Penalties,
    lookups: HashMap<LookupId, Lookup<W>>,
    by_key: HashMap<LookupKey, LookupId>,
    deadlines: BTreeSet<(Instant, LookupId)>,
    last_lookup: u64,
}

/// A destination that is looked up for all who wait for it.
#[derive(Debug)]
struct Lookup<W> {
    key: LookupKey,
    /// See [`Freshness::since`].
    since: u64,
    began: Instant,
    deadline: Instant,
    waiting: Vec<W>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct LookupKey {
    destination: Destination<'static>,
    settings: LocateSettings,
}

impl LookupKey {
    fn new(destination: &Destination<'_>, settings: LocateSettings) -> Self {
        LookupKey { destination: destination.clone().into_owned(), settings }
    }
}

impl<W> Default for Locator<W> {
    fn default() -> Self {
        Locator {
            cache: NameCache::default(),
            penalties: Penalties::default(),
            lookups: HashMap::new(),
            by_key: HashMap::new(),
            deadlines: BTreeSet::new(),
            last_lookup: 0,
        }
    }
}

impl<W> Locator<W> {
    /// Where `destination` leads. `waiter` waits if that is not known yet.
    pub(crate) fn locate(
        &mut self,
        now: Instant,
        destination: &Destination<'_>,
        settings: LocateSettings,
        waiter: W,
        dice: &mut Dice<'_>,
    ) -> Located {
        let since = self.cache.serial();
        let freshness = Freshness { now, since, is_reused: settings.is_reused };
        let mut pass = Resolution::new(&self.cache, &self.penalties, freshness, settings);
        match pass.targets(destination, dice) {
            Some(Ok(targets)) => return Located::Ready(targets),
            Some(Err(error)) => return Located::Failed(error),
            None => {}
        }
        let key = LookupKey::new(destination, settings);
        if let Some(lookup) = self.by_key.get(&key).and_then(|id| self.lookups.get_mut(id)) {
            lookup.waiting.push(waiter);
            return Located::Waiting;
        }
        if self.lookups.len() >= MAX_LOOKUPS {
            return Located::Failed(busy(destination));
        }
        self.last_lookup += 1;
        let id = LookupId(self.last_lookup);
        let deadline = now + SERVICES_WAIT;
        let waiting = vec![waiter];
        self.by_key.insert(key.clone(), id);
        self.deadlines.insert((deadline, id));
        self.lookups.insert(id, Lookup { key, since, began: now, deadline, waiting });
        match self.advance(now, id, dice).pop() {
            None => Located::Waiting,
            Some((_, Ok(targets))) => Located::Ready(targets),
            Some((_, Err(error))) => Located::Failed(error),
        }
    }

    /// The network has answered a question. Those whose targets are known now, or never will be.
    pub(crate) fn on_records(
        &mut self,
        now: Instant,
        query: QueryId,
        answer: Result<Records, DnsError>,
        dice: &mut Dice<'_>,
    ) -> Vec<LocateOutcome<W>> {
        let mut found = Vec::new();
        for lookup in self.cache.on_records(now, query, answer) {
            found.append(&mut self.advance(now, lookup, dice));
        }
        found
    }

    /// When [`Locator::on_timeout`] is wanted.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Goes on without what has not come in time, as [`Locator::on_records`].
    pub(crate) fn on_timeout(
        &mut self,
        now: Instant,
        dice: &mut Dice<'_>,
    ) -> Vec<LocateOutcome<W>> {
        let mut found = Vec::new();
        while let Some((at, id)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.deadlines.remove(&(at, id));
            let Some(lookup) = self.lookups.get_mut(&id) else { continue };
            if lookup.deadline < lookup.began + LOOKUP_LIMIT {
                lookup.deadline = lookup.began + LOOKUP_LIMIT;
                self.deadlines.insert((lookup.deadline, id));
            }
            found.append(&mut self.advance(now, id, dice));
        }
        found
    }

    /// The next question to the network.
    pub(crate) fn poll_query(&mut self) -> Option<Transmit> {
        let (query, name, kind) = self.cache.poll_query()?;
        Some(Transmit::Query { query, name, kind })
    }

    /// The network is another one: names are asked for again.
    pub(crate) fn on_interfaces_changed(&mut self, now: Instant) {
        self.cache.expire(now);
    }

    /// A server was silent, could not be reached, or answered 503, perhaps with Retry-After.
    pub(crate) fn on_server_failed(
        &mut self,
        now: Instant,
        (transport, remote): (Transport, SocketAddr),
        retry_after: Option<Duration>,
        dice: &mut Dice<'_>,
    ) {
        self.penalties.add(now, (transport, remote), retry_after, dice);
    }

    /// A server answered.
    pub(crate) fn on_server_answered(&mut self, transport: Transport, remote: SocketAddr) {
        self.penalties.clear((transport, remote));
    }

    /// Asks what is missing for a look-up, or ends it: those who waited.
    fn advance(
        &mut self,
        now: Instant,
        id: LookupId,
        dice: &mut Dice<'_>,
    ) -> Vec<LocateOutcome<W>> {
        let Some(lookup) = self.lookups.get(&id) else { return Vec::new() };
        let services_over = now >= lookup.began + SERVICES_WAIT;
        let all_over = now >= lookup.began + LOOKUP_LIMIT;
        let settings = lookup.key.settings;
        let freshness = Freshness { now, since: lookup.since, is_reused: settings.is_reused };
        let destination = &lookup.key.destination;
        let mut refused = Vec::new();
        let first = loop {
            let pass = Resolution::new(&self.cache, &self.penalties, freshness, settings);
            let mut pass = pass.give_up(services_over, all_over, &refused);
            if let Some(result) = pass.targets(destination, dice) {
                break result;
            }
            // A question that cannot be asked has no answer, which may lead to other questions.
            let mut more = pass.into_missing();
            more.retain(|(name, kind)| self.cache.ask(now, name, *kind, id).is_err());
            if more.is_empty() {
                return Vec::new();
            }
            refused.extend(more);
        };
        let mut found = Vec::new();
        let Some(lookup) = self.lookups.remove(&id) else { return found };
        self.by_key.remove(&lookup.key);
        self.deadlines.remove(&(lookup.deadline, id));
        let destination = &lookup.key.destination;
        let mut first = Some(first);
        for waiter in lookup.waiting {
            // Each draws lots of its own among the servers of one priority.
            let result = first.take().or_else(|| {
                let pass = Resolution::new(&self.cache, &self.penalties, freshness, settings);
                let mut pass = pass.give_up(services_over, all_over, &refused);
                pass.targets(destination, dice)
            });
            found.extend(result.map(|result| (waiter, result)));
        }
        found
    }
}

fn busy(destination: &Destination<'_>) -> LocateError {
    LocateError::Dns { name: destination.host.to_string(), error: DnsError::Busy }
}

#[cfg(test)]
mod tests;
