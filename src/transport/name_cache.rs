//! What the DNS has answered: the only cache of names, and the questions that are under way.

use super::{DnsError, QueryId, RecordKind, Records};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// Names remembered or asked for at once.
const MAX_NAMES: usize = 4096;
/// Names that the application gives an address for.
const MAX_GIVEN: usize = 1024;
/// A TTL outside of this counts as the nearer end.
const TTL: RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_secs(86_400);
/// How long it counts that a domain has no NAPTR or SRV records.
const NEGATIVE_TTL: Duration = Duration::from_secs(30);
/// How long it counts that a name has no addresses, or that its look-up has failed.
const FAILURE_TTL: Duration = Duration::from_secs(5);
/// How long behind its TTL an answer is used when the look-up fails (RFC 8767) …
const MAX_STALENESS: Duration = Duration::from_secs(600);
/// … and how long after that failure the name is not asked for again (RFC 8767 section 5).
const STALE_TTL: Duration = Duration::from_secs(30);
/// A question that has no answer for so long is asked again by the next who needs it.
const QUERY_LOST_AFTER: Duration = Duration::from_secs(30);

/// One who waits for answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LookupId(pub(super) u64);

/// Which answers are good enough for one who reads them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Freshness {
    /// The time.
    pub(crate) now: Instant,
    /// What has come since [`NameCache::serial`] gave this is good enough …
    pub(crate) since: u64,
    /// … and so is what has come before, while its TTL lasts.
    pub(crate) is_reused: bool,
}

/// Answers and questions by name.
#[derive(Debug, Default)]
pub(crate) struct NameCache {
    names: HashMap<Box<str>, Vec<CacheEntry>>,
    queries: HashMap<QueryId, (Box<str>, RecordKind)>,
    /// Questions that wait to be asked.
    unasked: VecDeque<(QueryId, String, RecordKind)>,
    last_query: u64,
    /// How many answers have come.
    serial: u64,
    /// Addresses that the application gave for names.
    given: HashMap<Box<str>, IpAddr>,
}

#[derive(Debug)]
struct CacheEntry {
    kind: RecordKind,
    outcome: Option<CachedAnswer>,
    /// The last records, until when they are used in place of a failure.
    stale: Option<(Records, Instant)>,
    asked: Option<(QueryId, Instant)>,
    waiting: Vec<LookupId>,
}

#[derive(Debug)]
struct CachedAnswer {
    /// `Ok`: the records are those in `stale`.
    result: Result<(), DnsError>,
    serial: u64,
    fresh_until: Instant,
}

/// Names whose address the application gives: they are not looked up.
impl NameCache {
    /// `name` leads to `ip` from now on. Error: there are too many such names.
    pub(crate) fn give(&mut self, name: &str, ip: IpAddr) -> Result<(), DnsError> {
        let name = normal(name);
        if self.given.len() >= MAX_GIVEN && !self.given.contains_key(&*name) {
            return Err(DnsError::Busy);
        }
        self.given.insert((&*name).into(), ip);
        Ok(())
    }

    /// The address that was given for `name`.
    pub(crate) fn given(&self, name: &str) -> Option<IpAddr> {
        if self.given.is_empty() { None } else { self.given.get(&*normal(name)).copied() }
    }

    /// `name` is looked up again. Whether an address was given for it.
    pub(crate) fn take_back(&mut self, name: &str) -> bool {
        self.given.remove(&*normal(name)).is_some()
    }
}

impl NameCache {
    /// How many answers have come: see [`Freshness::since`].
    pub(crate) fn serial(&self) -> u64 {
        self.serial
    }

    /// The answer to a question, if there is one that is fresh enough.
    pub(crate) fn get(
        &self,
        name: &str,
        kind: RecordKind,
        freshness: Freshness,
    ) -> Option<Result<&Records, &DnsError>> {
        let entries = self.names.get(&*normal(name))?;
        let entry = entries.iter().find(|entry| entry.kind == kind)?;
        let outcome = entry.outcome.as_ref()?;
        let Freshness { now, since, is_reused } = freshness;
        if outcome.serial <= since && !(is_reused && now < outcome.fresh_until) {
            return None;
        }
        let records = entry.stale.as_ref();
        Some(match &outcome.result {
            Ok(()) => records.map(|(records, _)| records).ok_or(&DnsError::NoData),
            Err(error) => match records {
                Some((records, until)) if is_reused && now < *until => Ok(records),
                _ => Err(error),
            },
        })
    }

    /// The last answer, where it may stand for one that does not come (RFC 8767): records, or that
    /// a domain has no NAPTR or SRV records.
    pub(crate) fn stale(
        &self,
        name: &str,
        kind: RecordKind,
        freshness: Freshness,
    ) -> Option<Result<&Records, &DnsError>> {
        let entries = self.names.get(&*normal(name))?;
        let entry = entries.iter().find(|entry| entry.kind == kind)?;
        let Freshness { now, is_reused, .. } = freshness;
        let answer = match (&entry.stale, &entry.outcome) {
            (Some((records, until)), _) => (now < *until).then_some(Ok(records)),
            (None, Some(CachedAnswer { result: Err(error), fresh_until, .. })) => {
                let counts = is_service(kind) && is_final(error);
                (counts && now < *fresh_until + MAX_STALENESS).then_some(Err(error))
            }
            _ => None,
        };
        answer.filter(|_| is_reused)
    }

    /// Whether `lookup` waits for the answer to a question.
    pub(crate) fn is_awaited(&self, name: &str, kind: RecordKind, lookup: LookupId) -> bool {
        let mut entries = self.names.get(&*normal(name)).into_iter().flatten();
        entries.any(|entry| entry.kind == kind && entry.waiting.contains(&lookup))
    }

    /// Asks, if nobody has yet, and lets `lookup` wait for the answer.
    pub(crate) fn ask(
        &mut self,
        now: Instant,
        name: &str,
        kind: RecordKind,
        lookup: LookupId,
    ) -> Result<(), DnsError> {
        let name = normal(name);
        if !self.names.contains_key(&*name) {
            self.make_room(now)?;
            self.names.insert((&*name).into(), Vec::new());
        }
        let Some(entries) = self.names.get_mut(&*name) else { return Err(DnsError::Busy) };
        let at = match entries.iter().position(|entry| entry.kind == kind) {
            Some(at) => at,
            None => {
                let (outcome, stale, asked) = (None, None, None);
                entries.push(CacheEntry { kind, outcome, stale, asked, waiting: Vec::new() });
                entries.len() - 1
            }
        };
        let entry = &mut entries[at];
        if !entry.waiting.contains(&lookup) {
            entry.waiting.push(lookup);
        }
        if let Some((lost, at)) = entry.asked {
            if now < at + QUERY_LOST_AFTER {
                return Ok(());
            }
            self.queries.remove(&lost);
        }
        self.last_query += 1;
        let query = QueryId(self.last_query);
        entry.asked = Some((query, now));
        self.queries.insert(query, ((&*name).into(), kind));
        self.unasked.push_back((query, name.into_owned(), kind));
        Ok(())
    }

    /// Asks the questions once more that somebody waits for: the network is another one, and the
    /// C library may still wait for the name servers of the old one.
    pub(crate) fn ask_again(&mut self, now: Instant) {
        let mut waiting = Vec::new();
        for (name, entries) in &self.names {
            let asked = entries.iter().filter(|one| one.asked.is_some() && !one.waiting.is_empty());
            waiting.extend(asked.map(|entry| (name.clone(), entry.kind)));
        }
        waiting.sort_unstable();
        for (name, kind) in waiting {
            let entries = self.names.get_mut(&name).into_iter().flatten();
            let Some(entry) = entries.into_iter().find(|entry| entry.kind == kind) else {
                continue;
            };
            self.last_query += 1;
            let query = QueryId(self.last_query);
            entry.asked = Some((query, now));
            self.unasked.push_back((query, name.clone().into_string(), kind));
            self.queries.insert(query, (name, kind));
        }
    }

    /// The next question to the network.
    pub(crate) fn poll_query(&mut self) -> Option<(QueryId, String, RecordKind)> {
        self.unasked.pop_front()
    }

    /// Keeps an answer; those who waited for it.
    pub(crate) fn on_records(
        &mut self,
        now: Instant,
        query: QueryId,
        answer: Result<Records, DnsError>,
    ) -> Vec<LookupId> {
        let Some((name, kind)) = self.queries.remove(&query) else { return Vec::new() };
        let entries = self.names.get_mut(&name).into_iter().flatten();
        let Some(entry) = entries.into_iter().find(|entry| entry.kind == kind) else {
            return Vec::new();
        };
        let is_last = entry.asked.is_some_and(|(last, _)| last == query);
        if !is_last && answer.is_err() {
            // The same was asked once more since: that answer counts.
            return Vec::new();
        }
        self.serial += 1;
        if is_last {
            entry.asked = None;
        }
        entry.keep(now, answer, self.serial);
        std::mem::take(&mut entry.waiting)
    }

    /// The network is another one: its names may be others, so each is asked for again.
    pub(crate) fn expire(&mut self, now: Instant) {
        for outcome in self.names.values_mut().flatten().filter_map(|entry| entry.outcome.as_mut())
        {
            outcome.fresh_until = outcome.fresh_until.min(now);
        }
    }

    /// Makes room for one more name. What is asked for stays.
    fn make_room(&mut self, now: Instant) -> Result<(), DnsError> {
        if self.names.len() >= MAX_NAMES {
            self.names.retain(|_, entries| entries.iter().any(|entry| entry.is_of_use(now)));
        }
        if self.names.len() >= MAX_NAMES {
            self.names.retain(|_, entries| entries.iter().any(|entry| entry.asked.is_some()));
        }
        if self.names.len() >= MAX_NAMES { Err(DnsError::Busy) } else { Ok(()) }
    }
}

impl CacheEntry {
    fn keep(&mut self, now: Instant, answer: Result<Records, DnsError>, serial: u64) {
        let (result, ttl) = match answer {
            Ok(records) if fits(&records, self.kind) => {
                let ttl = records.ttl().clamp(*TTL.start(), *TTL.end());
                self.stale = Some((records, now + ttl + MAX_STALENESS));
                (Ok(()), ttl)
            }
            Ok(_) => (Err(DnsError::Malformed("records of another kind")), FAILURE_TTL),
            Err(error) if is_final(&error) => {
                self.stale = None;
                (Err(error), if is_service(self.kind) { NEGATIVE_TTL } else { FAILURE_TTL })
            }
            Err(error) => {
                self.stale = self.stale.take().filter(|(_, until)| now < *until);
                (Err(error), if self.stale.is_some() { STALE_TTL } else { FAILURE_TTL })
            }
        };
        self.outcome = Some(CachedAnswer { result, serial, fresh_until: now + ttl });
    }

    fn is_of_use(&self, now: Instant) -> bool {
        let is_fresh = self.outcome.as_ref().is_some_and(|outcome| now < outcome.fresh_until);
        self.asked.is_some()
            || is_fresh
            || self.stale.as_ref().is_some_and(|(_, until)| now < *until)
    }
}

/// Whether records of this kind say which servers a domain has.
pub(super) fn is_service(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Naptr | RecordKind::Srv)
}

/// Whether `records` can answer a question for `kind`.
fn fits(records: &Records, kind: RecordKind) -> bool {
    match records {
        Records::Naptr { .. } => kind == RecordKind::Naptr,
        Records::Srv { .. } => kind == RecordKind::Srv,
        Records::Addresses { .. } => matches!(kind, RecordKind::A | RecordKind::Aaaa),
    }
}

/// Whether a name server that knows the name has said so (RFC 2308 section 2), or none needs to be
/// asked. Anything else is a failure of the look-up.
pub(super) fn is_final(error: &DnsError) -> bool {
    use DnsError::{InvalidName, NoData, NotFound, NotOffered};
    matches!(error, InvalidName | NotFound | NoData | NotOffered)
}

/// Names are equal in any case, with or without a dot at the end (RFC 1035 section 2.3.3).
fn normal(name: &str) -> Cow<'_, str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    // The name of an interface is another one in another case.
    if !name.contains('%') && name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(name.to_ascii_lowercase());
    }
    Cow::Borrowed(name)
}

#[cfg(test)]
mod tests;
