//! Server location: where a URI leads, as RFC 3263 says, from NAPTR, SRV and address records that
//! are asked for one by one.

use super::destination::Destination;
use super::name_cache::{self, Freshness, LookupId, NameCache};
use super::penalties::Penalties;
use super::random::RandomSource;
use super::resolution::{LocateSettings, Missing, Patience, Resolution};
use super::target_queue::TargetQueue;
use super::{DnsError, QueryId, Records, Transmit, Transport, TransportError};
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// Records past their TTL are used where nothing has come for so long (RFC 8767 section 5).
const STALE_WAIT: Duration = Duration::from_millis(1800);
/// NAPTR and SRV records that have not come so long after they were asked for are taken for none:
/// some networks drop such questions. The C library asks the second name server after 5 s.
const SERVICES_WAIT: Duration = Duration::from_secs(6);
/// What has come by then is used.
const LOOKUP_LIMIT: Duration = Duration::from_secs(10);
/// Where nothing that is of use has come by then, but something has, that is waited for once more
/// as long: with the first name server dead, each of two questions takes 5 s.
const LATEST_LIMIT: Duration = Duration::from_secs(20);
/// Destinations looked up at once.
const MAX_LOOKUPS: usize = 4096;

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
    /// When NAPTR or SRV records were last asked for.
    services_asked: Instant,
    /// A name server has answered a question of it.
    is_answered: bool,
    deadline: Instant,
    waiting: Vec<W>,
}

impl<W> Lookup<W> {
    /// What is waited for at `now`.
    fn patience(&self, now: Instant) -> Patience<'static> {
        Patience {
            takes_stale: self.key.settings.takes_stale || now >= self.began + STALE_WAIT,
            are_services_over: now >= self.services_asked + SERVICES_WAIT,
            is_over: now >= self.began + LOOKUP_LIMIT,
            refused: &[],
        }
    }

    /// When its patience next ends, after `now`.
    fn next_deadline(&self, now: Instant) -> Option<Instant> {
        let began = [STALE_WAIT, LOOKUP_LIMIT, LATEST_LIMIT].map(|wait| self.began + wait);
        let all = began.into_iter().chain([self.services_asked + SERVICES_WAIT]);
        all.filter(|at| *at > now).min()
    }

    /// Whether it goes on without a target at `now`.
    fn goes_on(&self, now: Instant) -> bool {
        self.is_answered && now < self.began + LATEST_LIMIT
    }
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
        random: &mut RandomSource<'_>,
    ) -> Located {
        let since = self.cache.serial();
        let freshness = Freshness { now, since, is_reused: settings.is_reused };
        let patience = Patience { takes_stale: settings.takes_stale, ..Patience::default() };
        let pass = Resolution::new(&self.cache, &self.penalties, freshness, settings);
        let mut pass = pass.with(patience);
        match pass.targets(destination, random) {
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
        let deadline = now + STALE_WAIT;
        self.by_key.insert(key.clone(), id);
        self.deadlines.insert((deadline, id));
        let lookup = Lookup {
            key,
            since,
            began: now,
            services_asked: now,
            is_answered: false,
            deadline,
            waiting: vec![waiter],
        };
        self.lookups.insert(id, lookup);
        match self.advance(now, id, random).pop() {
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
        random: &mut RandomSource<'_>,
    ) -> Vec<LocateOutcome<W>> {
        let mut found = Vec::new();
        let is_answered = answer.as_ref().err().is_none_or(name_cache::is_final);
        for lookup in self.cache.on_records(now, query, answer) {
            if let Some(lookup) = self.lookups.get_mut(&lookup) {
                lookup.is_answered |= is_answered;
            }
            found.append(&mut self.advance(now, lookup, random));
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
        random: &mut RandomSource<'_>,
    ) -> Vec<LocateOutcome<W>> {
        let mut found = Vec::new();
        while let Some((at, id)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.deadlines.remove(&(at, id));
            found.append(&mut self.advance(now, id, random));
        }
        found
    }

    /// `name` leads to `ip` from now on, whatever the DNS says of it. Error: there are too many
    /// such names.
    pub(crate) fn give_address(&mut self, name: &str, ip: IpAddr) -> Result<(), DnsError> {
        self.cache.give(name, ip)
    }

    /// The address that was given for `name`.
    pub(crate) fn given_address(&self, name: &str) -> Option<IpAddr> {
        self.cache.given(name)
    }

    /// `name` is looked up again. Whether an address was given for it.
    pub(crate) fn take_back_address(&mut self, name: &str) -> bool {
        self.cache.take_back(name)
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

    /// Whether somebody waits for a name.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.lookups.is_empty()
    }

    /// The network is another one and has settled: what is waited for is asked once more.
    pub(crate) fn ask_again(&mut self, now: Instant) {
        self.cache.ask_again(now);
    }

    /// A server was silent, could not be reached, or answered 503, perhaps with Retry-After.
    pub(crate) fn on_server_failed(
        &mut self,
        now: Instant,
        (transport, remote): (Transport, SocketAddr),
        retry_after: Option<Duration>,
        random: &mut RandomSource<'_>,
    ) {
        self.penalties.add(now, (transport, remote), retry_after, random);
    }

    /// Until when a server is tried behind the others, if it is.
    pub(crate) fn penalty_until(
        &self,
        now: Instant,
        server: (Transport, SocketAddr),
    ) -> Option<Instant> {
        self.penalties.until(now, server)
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
        random: &mut RandomSource<'_>,
    ) -> Vec<LocateOutcome<W>> {
        let mut refused = Vec::new();
        loop {
            let Some(lookup) = self.lookups.get(&id) else { return Vec::new() };
            let patience = Patience { refused: &refused, ..lookup.patience(now) };
            let mut pass = self.pass(now, lookup, patience);
            match pass.targets(&lookup.key.destination, random) {
                Some(Err(LocateError::Dns { .. })) if patience.is_over && lookup.goes_on(now) => {
                    let patience = Patience { is_over: false, ..patience };
                    pass = self.pass(now, lookup, patience);
                    if let Some(first) = pass.targets(&lookup.key.destination, random) {
                        return self.finish(now, id, first, patience, random);
                    }
                }
                Some(first) => {
                    let outdated = pass.into_outdated();
                    for (name, kind) in outdated {
                        let _ = self.cache.ask(now, &name, kind, id);
                    }
                    return self.finish(now, id, first, patience, random);
                }
                None => {}
            }
            // A question that cannot be asked has no answer, which may lead to other questions.
            let more = self.ask_missing(now, id, pass.into_missing());
            if more.is_empty() {
                return Vec::new();
            }
            refused.extend(more);
        }
    }

    fn pass<'a>(
        &'a self,
        now: Instant,
        lookup: &Lookup<W>,
        patience: Patience<'a>,
    ) -> Resolution<'a> {
        let settings = lookup.key.settings;
        let freshness = Freshness { now, since: lookup.since, is_reused: settings.is_reused };
        Resolution::new(&self.cache, &self.penalties, freshness, settings).with(patience)
    }

    /// Asks what is missing for a look-up; those questions that cannot be asked.
    fn ask_missing(&mut self, now: Instant, id: LookupId, missing: Vec<Missing>) -> Vec<Missing> {
        let Some(lookup) = self.lookups.get_mut(&id) else { return Vec::new() };
        let (mut refused, mut asks_services) = (Vec::new(), false);
        for (name, kind) in missing {
            let is_new = !self.cache.is_awaited(&name, kind, id);
            if self.cache.ask(now, &name, kind, id).is_err() {
                refused.push((name, kind));
            } else if is_new {
                asks_services |= name_cache::is_service(kind);
            }
        }
        if asks_services {
            lookup.services_asked = now;
        }
        if let Some(next) = lookup.next_deadline(now) {
            self.deadlines.remove(&(lookup.deadline, id));
            self.deadlines.insert((next, id));
            lookup.deadline = next;
        }
        refused
    }

    /// Ends a look-up, of which `first` is what the first who waits gets.
    fn finish(
        &mut self,
        now: Instant,
        id: LookupId,
        first: Result<TargetQueue, LocateError>,
        patience: Patience<'_>,
        random: &mut RandomSource<'_>,
    ) -> Vec<LocateOutcome<W>> {
        let Some(mut lookup) = self.lookups.remove(&id) else { return Vec::new() };
        self.by_key.remove(&lookup.key);
        self.deadlines.remove(&(lookup.deadline, id));
        let mut first = Some(first);
        let mut found = Vec::new();
        for waiter in std::mem::take(&mut lookup.waiting) {
            // Each draws lots of its own among the servers of one priority.
            let result = first.take().or_else(|| {
                self.pass(now, &lookup, patience).targets(&lookup.key.destination, random)
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
