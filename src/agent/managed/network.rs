//! When the network changes, bindings are renewed whose route to the server is another one.

use crate::agent::{Agent, Route, Timer, Transmit};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Addresses come and go in several steps, and a route of the kernel is believed for a second.
const SETTLE: Duration = Duration::from_millis(1500);

impl Agent {
    /// An interface has got or lost an address. The routes of managed registrations are looked up
    /// again a moment later.
    pub fn network_stirred(&mut self, now: Instant) {
        self.routes.forget();
        if !self.stirred && !self.managed_servers().is_empty() {
            self.stirred = true;
            self.timers.set(now + SETTLE, Timer::Interfaces);
        }
    }

    pub(in crate::agent) fn probe_routes(&mut self) {
        self.stirred = false;
        self.routes.forget();
        self.probes.clear();
        for server in self.managed_servers() {
            let query = self.next_query();
            self.probes.insert(query, server);
            let (host, port) = (server.ip().to_string(), server.port());
            self.transmits.push_back(Transmit::Route { query, host, port, servers: false });
        }
    }

    /// The route to `server` was looked up again; `None`: there is none.
    pub(in crate::agent) fn probed(&mut self, now: Instant, server: SocketAddr, routes: Option<Vec<Route>>) {
        let local = routes.and_then(|routes| routes.first().map(|route| route.local));
        if self.leads_elsewhere(server, local) {
            self.learned.remove(&server);
            for rid in self.managed_at(server) {
                self.move_managed(now, rid);
            }
        }
    }
}
