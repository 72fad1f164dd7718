//! When the network changes: bindings whose way to their server is another one move at once, the others stay.

use crate::agent::{Agent, Route, Timer, Transmit};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Addresses come and go in several steps, and what the kernel said of a way is believed for a second.
const SETTLE: Duration = Duration::from_millis(1500);

impl Agent {
    /// An interface has got or lost an address. Those that look after themselves ask for their addrs anew, once all has settled.
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

    /// The way to `server` is known anew, or there is none.
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
