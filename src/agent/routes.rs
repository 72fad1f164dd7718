//! The ways to hosts: asked for once, shared by all who wait, believed for a moment.

use super::{QueryId, Route, TransactionId};
use crate::registration::Place;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long a way is believed: a name or an interface may change at any time, and asking costs little.
const BELIEVED: Duration = Duration::from_secs(1);
/// How long a server that was silent, or answered 503, comes behind the others of its domain (RFC 3263 section 4.3).
const SHUNNED: Duration = Duration::from_secs(300);
/// Servers shunned at a time.
const MOST_SHUNNED: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Routes {
    known: HashMap<Place, (Instant, Vec<Route>)>,
    waiting: HashMap<QueryId, (Place, Vec<TransactionId>)>,
    asked: HashMap<Place, QueryId>,
    shunned: HashMap<SocketAddr, Instant>,
}

impl Routes {
    /// The ways to `place`, if they were found within the last second: as [`Routes::to_try`].
    pub(super) fn known(&self, now: Instant, place: &Place) -> Option<Vec<Route>> {
        let (_, routes) = self.known.get(place).filter(|(until, _)| *until > now)?;
        Some(self.to_try(now, routes))
    }

    /// Lets `id` wait for the answer; `true` when the question is still to be asked, as `query`.
    pub(super) fn wait(&mut self, query: QueryId, place: Place, id: TransactionId) -> bool {
        if let Some((_, waiting)) = self.asked.get(&place).and_then(|asked| self.waiting.get_mut(asked)) {
            waiting.push(id);
            return false;
        }
        self.asked.insert(place.clone(), query);
        self.waiting.insert(query, (place, vec![id]));
        true
    }

    /// The question is answered: who waited for it.
    pub(super) fn answered(
        &mut self,
        now: Instant,
        query: QueryId,
        routes: Option<&[Route]>,
    ) -> Vec<TransactionId> {
        let Some((place, waiting)) = self.waiting.remove(&query) else { return Vec::new() };
        self.asked.remove(&place);
        if let Some(routes) = routes {
            self.known.retain(|_, (until, _)| *until > now);
            self.known.insert(place, (now + BELIEVED, routes.to_vec()));
        }
        waiting
    }

    /// A server was silent, or said that it cannot serve.
    pub(super) fn shun(&mut self, now: Instant, server: SocketAddr) {
        self.shunned.retain(|_, until| *until > now);
        if self.shunned.len() < MOST_SHUNNED {
            self.shunned.insert(server, now + SHUNNED);
        }
    }

    /// The routes in the order that they are taken from the end: the servers that are shunned come after the others.
    pub(super) fn to_try(&self, now: Instant, routes: &[Route]) -> Vec<Route> {
        let mut routes = routes.to_vec();
        if routes.len() > 1 {
            routes.sort_by_key(|route| self.shunned.get(&route.remote).is_some_and(|until| *until > now));
            routes.reverse();
        }
        routes
    }

    /// A way turned out to be none: ask again next time.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}
