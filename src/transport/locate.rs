//! The ways to hosts: asked for once, shared by all who wait, believed for a moment.

use super::{HostPort, QueryId, Route};
use rustc_hash::FxHashMap;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long a way is believed: a name or an interface may change at any time, and asking costs little.
const BELIEVED: Duration = Duration::from_secs(1);
/// How long a server that was silent, or answered 503, comes behind the others of its domain (RFC 3263 section 4.3).
const SHUNNED: Duration = Duration::from_secs(300);
/// Servers shunned at a time.
const MOST_SHUNNED: usize = 1024;

#[derive(Debug)]
pub(crate) struct Routes<W> {
    /// Those of the last second.
    known: FxHashMap<HostPort, (Instant, Vec<Route>)>,
    waiting: HashMap<QueryId, (HostPort, Vec<W>)>,
    asked: HashMap<HostPort, QueryId>,
    shunned: HashMap<SocketAddr, Instant>,
}

/// Routes that were not tried yet.
#[derive(Debug, Default)]
pub struct Untried {
    best: Option<Route>,
    /// What comes after it, the best last.
    others: Vec<Route>,
}

impl Untried {
    /// The best of them, which is tried now.
    pub(crate) fn pop(&mut self) -> Option<Route> {
        std::mem::replace(&mut self.best, self.others.pop())
    }

    /// Whether there is none left.
    pub(crate) fn is_empty(&self) -> bool {
        self.best.is_none()
    }
}

impl<W> Default for Routes<W> {
    fn default() -> Self {
        Routes {
            known: FxHashMap::default(),
            waiting: HashMap::new(),
            asked: HashMap::new(),
            shunned: HashMap::new(),
        }
    }
}

impl<W> Routes<W> {
    /// The ways to `place`, if they were found within the last second: as [`Routes::to_try`].
    pub(crate) fn known(&self, now: Instant, place: &HostPort) -> Option<Untried> {
        let (_, routes) = self.known.get(place).filter(|(until, _)| *until > now)?;
        Some(self.to_try(now, routes))
    }

    /// Lets `id` wait for the answer; `true` when the question is still to be asked, as `query`.
    pub(crate) fn wait(&mut self, query: QueryId, place: HostPort, id: W) -> bool {
        if let Some((_, waiting)) = self.asked.get(&place).and_then(|asked| self.waiting.get_mut(asked)) {
            waiting.push(id);
            return false;
        }
        self.asked.insert(place.clone(), query);
        self.waiting.insert(query, (place, vec![id]));
        true
    }

    /// The question is answered: who waited for it.
    pub(crate) fn answered(&mut self, now: Instant, query: QueryId, routes: Option<&[Route]>) -> Vec<W> {
        let Some((place, waiting)) = self.waiting.remove(&query) else { return Vec::new() };
        self.asked.remove(&place);
        if let Some(routes) = routes {
            self.known.retain(|_, (until, _)| *until > now);
            self.known.insert(place, (now + BELIEVED, routes.to_vec()));
        }
        waiting
    }

    /// A server was silent, or said that it cannot serve.
    pub(crate) fn shun(&mut self, now: Instant, server: SocketAddr) {
        self.shunned.retain(|_, until| *until > now);
        if self.shunned.len() < MOST_SHUNNED {
            self.shunned.insert(server, now + SHUNNED);
        }
    }

    /// The routes in the order that they are tried: the servers that are shunned come after the others.
    pub(crate) fn to_try(&self, now: Instant, routes: &[Route]) -> Untried {
        if let [] | [_] = routes {
            return Untried { best: routes.first().copied(), others: Vec::new() };
        }
        let mut others = routes.to_vec();
        others.sort_by_key(|route| self.shunned.get(&route.remote).is_some_and(|until| *until > now));
        others.reverse();
        Untried { best: others.pop(), others }
    }

    /// A way turned out to be none: ask again next time.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }
}
