//! Keep-alives: CR LF CR LF to each registrar, one for all registrations that live there (RFC 5626 section 3.5.1's ping).

use super::{Agent, Rid, Timer, Transmit};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// The servers that are kept alive: how many registrations need each, and when its ping is due.
#[derive(Debug, Default)]
pub(super) struct KeepAlives {
    servers: HashMap<SocketAddr, (usize, Option<Instant>)>,
}

impl Agent {
    /// The last REGISTER of `rid` went to `server` (`None`: the registration is over).
    pub(super) fn set_server(&mut self, now: Instant, rid: Rid, server: Option<SocketAddr>) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let before = std::mem::replace(&mut entry.server, server);
        if before == server {
            return;
        }
        if let Some(before) = before {
            self.release_server(before);
        }
        if let Some(server) = server {
            self.keep_alives.servers.entry(server).or_default().0 += 1;
            self.plan_keep_alive(now, server);
        }
    }

    /// One registration less needs `server`.
    pub(super) fn release_server(&mut self, server: SocketAddr) {
        let Some((count, due)) = self.keep_alives.servers.get_mut(&server) else { return };
        *count -= 1;
        if *count == 0 {
            if let Some(due) = *due {
                self.timers.remove(&(due, Timer::KeepAlive(server)));
            }
            self.keep_alives.servers.remove(&server);
        }
    }

    fn plan_keep_alive(&mut self, now: Instant, server: SocketAddr) {
        let Some((_, due)) = self.keep_alives.servers.get_mut(&server) else { return };
        if due.is_none()
            && let Some(period) = self.settings.keep_alive
        {
            *due = Some(now + period);
            self.timers.insert((now + period, Timer::KeepAlive(server)));
        }
    }

    /// The keep-alive of `server` is due.
    pub(super) fn keep_alive(&mut self, now: Instant, server: SocketAddr) {
        let Some((_, due)) = self.keep_alives.servers.get_mut(&server) else { return };
        *due = None;
        if self.settings.keep_alive.is_some() && self.listening.is_some() {
            self.transmits.push_back(Transmit::Datagram { to: server, bytes: Arc::from(&b"\r\n\r\n"[..]) });
        }
        self.plan_keep_alive(now, server);
    }

    /// The period changed: every server's ping is planned anew.
    pub fn replan_keep_alives(&mut self, now: Instant) {
        let servers: Vec<SocketAddr> = self.keep_alives.servers.keys().copied().collect();
        for server in servers {
            if let Some((_, due)) = self.keep_alives.servers.get_mut(&server)
                && let Some(due) = due.take()
            {
                self.timers.remove(&(due, Timer::KeepAlive(server)));
            }
            self.plan_keep_alive(now, server);
        }
    }
}
