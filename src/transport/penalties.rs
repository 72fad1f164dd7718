//! The servers that failed lately, which are tried behind the others (RFC 3263 section 4.3).

use super::Transport;
use super::random::{RandomSource, duration_between};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long a server is put behind the others: at its first failure, its second one and so on.
const PENALTIES: [Duration; 5] = [
    Duration::from_secs(60),
    Duration::from_secs(120),
    Duration::from_secs(240),
    Duration::from_secs(480),
    Duration::from_secs(900),
];
/// Servers remembered.
const MAX_SERVERS: usize = 1024;

/// One list for all that a context sends.
#[derive(Debug, Default)]
pub(crate) struct Penalties {
    servers: HashMap<(Transport, SocketAddr), Penalty>,
}

#[derive(Debug, Clone, Copy)]
struct Penalty {
    until: Instant,
    failures: usize,
}

impl Penalties {
    /// The server was silent, could not be reached, or answered 503. `retry_after` is what the
    /// answer says.
    pub(crate) fn add(
        &mut self,
        now: Instant,
        server: (Transport, SocketAddr),
        retry_after: Option<Duration>,
        random: &mut RandomSource<'_>,
    ) {
        if self.servers.len() >= MAX_SERVERS && !self.servers.contains_key(&server) {
            self.servers.retain(|_, penalty| penalty.until > now);
            if self.servers.len() >= MAX_SERVERS {
                return;
            }
        }
        let before = self.servers.get(&server).copied();
        // Requests that failed together are one failure.
        if before.is_some_and(|before| now < before.until && retry_after.is_none()) {
            return;
        }
        let failures = before.map_or(0, |before| before.failures);
        let wait = retry_after.unwrap_or_else(|| {
            let wait = PENALTIES[failures.min(PENALTIES.len() - 1)];
            duration_between(random, wait * 4 / 5, wait * 6 / 5)
        });
        self.servers.insert(server, Penalty { until: now + wait, failures: failures + 1 });
    }

    /// The server answered: nothing is held against it.
    pub(crate) fn clear(&mut self, server: (Transport, SocketAddr)) {
        if !self.servers.is_empty() {
            self.servers.remove(&server);
        }
    }

    /// Whether the server is put behind the others.
    pub(crate) fn has(&self, now: Instant, server: (Transport, SocketAddr)) -> bool {
        !self.servers.is_empty() && self.until(now, server).is_some()
    }

    /// Until when it is.
    pub(crate) fn until(&self, now: Instant, server: (Transport, SocketAddr)) -> Option<Instant> {
        self.servers.get(&server).map(|penalty| penalty.until).filter(|until| now < *until)
    }
}

#[cfg(test)]
mod tests;
