//! Keep-alives: one for all registrations that live at a registrar. CR LF CR LF (RFC 5626 section 3.5.1), or STUN binding requests
//! (section 3.5.2) whose answers show when the address that a NAT gave us has changed.

use super::{Agent, LogLevel, Rid, Text, Timer, Transmit};
use crate::registration::policy::managed::KeepAlive;
use crate::transaction::Deadline;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A STUN request is sent this often …
const TRIES: u32 = 4;
/// … waiting this long for the first answer, and twice as long each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// A flow that was given up is not given up again sooner.
const REVIVAL: Duration = Duration::from_secs(30);

/// The servers that are kept alive.
#[derive(Debug, Default)]
pub(super) struct KeepAlives {
    servers: FxHashMap<SocketAddr, Server>,
}

/// One of them.
#[derive(Debug, Default)]
struct Server {
    /// Registrations that live there.
    users: usize,
    due: Option<Deadline>,
    /// Those that look after themselves.
    managed: BTreeSet<Rid>,
    /// Those of them that want no keep-alive, or have no binding.
    quiet: BTreeSet<Rid>,
    /// What one of them wants instead of the context's.
    period: Option<Duration>,
    stun: bool,
    /// What the server wants (Flow-Timer).
    flow_timer: Option<Duration>,
    /// The STUN request that waits for its answer, and how often it was sent.
    asked: Option<([u8; 12], u32)>,
    /// It answers STUN.
    answers: bool,
    mapped: Option<SocketAddr>,
    revived: Option<Instant>,
    /// Our address on the way there; `None`: there was no way.
    local: Option<SocketAddr>,
}

impl Agent {
    /// The last REGISTER of `rid` went to `server` (`None`: the registration is over).
    pub(super) fn set_server(&mut self, now: Instant, rid: Rid, server: Option<SocketAddr>) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let before = std::mem::replace(&mut entry.server, server);
        if before == server {
            return;
        }
        let wish = entry.policy.managed().map(|managed| {
            let options = managed.policy.options();
            (options.keep_alive, options.keep_alive_period)
        });
        if let Some(before) = before {
            self.release_server(before, rid);
        }
        let Some(address) = server else { return };
        let server = self.keep_alives.servers.entry(address).or_default();
        server.users += 1;
        if let Some((how, period)) = wish {
            server.managed.insert(rid);
            if how == KeepAlive::Off {
                server.quiet.insert(rid);
            }
            server.stun |= how == KeepAlive::Stun;
            if !period.is_zero() {
                server.period = Some(server.period.map_or(period, |other| other.min(period)));
            }
        }
        if server.due.is_none() {
            self.plan_keep_alive(now, address);
        }
    }

    /// Whether `rid`, which looks after itself, has a binding whose way is to be kept open.
    pub(super) fn keep_flow(&mut self, now: Instant, rid: Rid, bound: bool) {
        let Some(entry) = self.registrations.get(&rid) else { return };
        let (Some(managed), Some(address)) = (entry.policy.managed(), entry.server) else { return };
        let wanted = bound && managed.policy.options().keep_alive != KeepAlive::Off;
        let Some(server) = self.keep_alives.servers.get_mut(&address) else { return };
        if wanted {
            server.quiet.remove(&rid);
            self.plan_keep_alive(now, address);
        } else {
            server.quiet.insert(rid);
        }
    }

    /// `rid` does not need `server` any more.
    pub(super) fn release_server(&mut self, address: SocketAddr, rid: Rid) {
        let Some(server) = self.keep_alives.servers.get_mut(&address) else { return };
        server.users -= 1;
        server.managed.remove(&rid);
        server.quiet.remove(&rid);
        if server.users == 0 {
            if let Some(due) = server.due {
                self.timers.cancel(due);
            }
            self.keep_alives.servers.remove(&address);
        }
    }

    fn plan_keep_alive(&mut self, now: Instant, address: SocketAddr) {
        let Some(server) = self.keep_alives.servers.get_mut(&address) else { return };
        if server.due.is_some() || server.users == server.quiet.len() {
            return;
        }
        let wait = match server.asked {
            Some((_, tries)) => FIRST_WAIT * (1 << (tries - 1).min(8)),
            None => {
                let chosen = server.flow_timer.or(server.period).or(self.settings.keep_alive);
                let Some(period) = chosen else { return };
                // RFC 5626 section 4.4.1: 80 to 100 % of what the server wants.
                match server.flow_timer {
                    Some(timer) => self.entropy.between(timer * 4 / 5, timer),
                    None => period,
                }
            }
        };
        server.due = Some(self.timers.set(now + wait, Timer::KeepAlive(address)));
    }

    /// The keep-alive of `address`, or the answer to it, is due.
    pub(super) fn keep_alive(&mut self, now: Instant, address: SocketAddr) {
        let Some(server) = self.keep_alives.servers.get_mut(&address) else { return };
        server.due = None;
        if server.users == server.quiet.len() {
            server.asked = None;
            return;
        }
        let mut dead = false;
        if self.listening.is_some() {
            let bytes: Option<Text> = match server.asked {
                Some((_, TRIES..)) => {
                    server.asked = None;
                    dead = server.answers;
                    // One that never answered does not know STUN.
                    server.stun = server.answers;
                    server.answers = false;
                    None
                }
                Some((id, tries)) => {
                    server.asked = Some((id, tries + 1));
                    Some(binding_request(id))
                }
                None if server.stun => {
                    let mut id = [0; 12];
                    id.copy_from_slice(&self.entropy.bits().to_le_bytes()[..12]);
                    server.asked = Some((id, 1));
                    Some(binding_request(id))
                }
                None => Some(Arc::new(b"\r\n\r\n".to_vec())),
            };
            if let Some(bytes) = bytes {
                self.transmits.push_back(Transmit::Datagram { to: address, bytes });
            }
        }
        if dead {
            self.revive_flow(now, address, "the keep-alives get no answer");
        }
        self.plan_keep_alive(now, address);
    }

    /// The period changed: every server's ping is planned anew.
    pub fn replan_keep_alives(&mut self, now: Instant) {
        let servers: Vec<SocketAddr> = self.keep_alives.servers.keys().copied().collect();
        for server in servers {
            self.replan_keep_alive(now, server);
        }
    }

    fn replan_keep_alive(&mut self, now: Instant, address: SocketAddr) {
        let due = self.keep_alives.servers.get_mut(&address).and_then(|server| server.due.take());
        if let Some(due) = due {
            self.timers.cancel(due);
        }
        self.plan_keep_alive(now, address);
    }

    /// The server named its patience in a 2xx (RFC 5626 section 4.4.1).
    pub(super) fn flow_timer(&mut self, now: Instant, address: SocketAddr, seconds: Option<u32>) {
        let Some(server) = self.keep_alives.servers.get_mut(&address) else { return };
        let timer = seconds.filter(|seconds| *seconds > 0).map(|seconds| Duration::from_secs(seconds.into()));
        if server.flow_timer != timer {
            server.flow_timer = timer;
            self.replan_keep_alive(now, address);
        }
    }

    /// A datagram that begins like STUN came.
    pub(super) fn stun_answer(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        let Some(server) = self.keep_alives.servers.get_mut(&from) else { return };
        let Some((id, _)) = server.asked else { return };
        let Some(mapped) = binding_response(bytes, id) else { return };
        server.asked = None;
        server.answers = true;
        let changed = server.mapped.is_some_and(|before| before != mapped);
        let local = server.local;
        // Only a change counts: until then Via tells as much.
        if (changed && self.learned.learn(from, local, mapped)) || server.mapped.is_none() {
            server.mapped = Some(mapped);
        }
        if changed && server.mapped == Some(mapped) {
            self.revive_flow(now, from, "the public address has changed");
        }
        self.replan_keep_alive(now, from);
    }

    /// The network says that nobody is there.
    pub(super) fn keep_alive_undelivered(&mut self, now: Instant, to: SocketAddr) {
        self.revive_flow(now, to, "a keep-alive could not be delivered");
    }

    /// The flow to `address` is not what it was: those that look after themselves register anew.
    fn revive_flow(&mut self, now: Instant, address: SocketAddr, why: &str) {
        let Some(server) = self.keep_alives.servers.get_mut(&address) else { return };
        if server.managed.is_empty() || server.revived.is_some_and(|at| now < at + REVIVAL) {
            return;
        }
        server.revived = Some(now);
        let rids: Vec<Rid> = server.managed.iter().copied().collect();
        self.log(LogLevel::Info, format!("{address}: {why}; {} registrations are renewed", rids.len()));
        for rid in rids {
            self.renew_managed(now, rid);
        }
    }

    /// A REGISTER that looks after itself left for `address` from `local`.
    pub(super) fn left_from(&mut self, address: SocketAddr, local: SocketAddr) {
        if let Some(server) = self.keep_alives.servers.get_mut(&address) {
            server.local = Some(local);
        }
    }

    /// The way to `address` is this now: whether it is another one than before. No way is nothing to act on yet.
    pub(super) fn leads_elsewhere(&mut self, address: SocketAddr, local: Option<SocketAddr>) -> bool {
        let Some(server) = self.keep_alives.servers.get_mut(&address) else { return false };
        let before = std::mem::replace(&mut server.local, local);
        local.is_some() && before != local
    }

    /// The servers that registrations which look after themselves live at.
    pub(super) fn managed_servers(&self) -> Vec<SocketAddr> {
        let servers = self.keep_alives.servers.iter().filter(|(_, server)| !server.managed.is_empty());
        servers.map(|(address, _)| *address).collect()
    }

    /// Those of them that live at `address`.
    pub(super) fn managed_at(&self, address: SocketAddr) -> Vec<Rid> {
        let server = self.keep_alives.servers.get(&address);
        server.map(|server| server.managed.iter().copied().collect()).unwrap_or_default()
    }
}

/// RFC 5389 section 6: the magic cookie.
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

fn binding_request(id: [u8; 12]) -> Text {
    let head = [0, 1, 0, 0];
    [&head[..], &COOKIE, &id].concat().into()
}

/// The mapped address in a success response to request `id`.
fn binding_response(bytes: &[u8], id: [u8; 12]) -> Option<SocketAddr> {
    let (head, mut rest) = bytes.split_at_checked(20)?;
    if head[..2] != [1, 1] || head[4..8] != COOKIE || head[8..] != id {
        return None;
    }
    let mut plain = None;
    while let Some((attribute, behind)) = rest.split_at_checked(4) {
        let kind = u16::from_be_bytes([attribute[0], attribute[1]]);
        let length = usize::from(u16::from_be_bytes([attribute[2], attribute[3]]));
        let value = behind.get(..length)?;
        match kind {
            0x0020 => return address(value, Some(head)),
            0x0001 => plain = address(value, None),
            _ => {}
        }
        rest = behind.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    plain
}

/// Sections 15.1 and 15.2; `mask`: the header, for XOR-MAPPED-ADDRESS.
fn address(value: &[u8], mask: Option<&[u8]>) -> Option<SocketAddr> {
    let mask = mask.and_then(|head| head.get(4..20)).unwrap_or(&[0; 16]);
    let port = u16::from_be_bytes([value.get(2)? ^ mask[0], value.get(3)? ^ mask[1]]);
    let raw: Vec<u8> = value.get(4..)?.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    let ip: IpAddr = match value.get(1)? {
        1 => Ipv4Addr::from(<[u8; 4]>::try_from(raw).ok()?).into(),
        2 => Ipv6Addr::from(<[u8; 16]>::try_from(raw).ok()?).into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 section 2.2 has this mapped address and transaction id.
    #[test]
    fn the_mapped_address_of_rfc_5769_is_read() {
        let id = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];
        let mut bytes = vec![1, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42];
        bytes.extend(id);
        bytes.extend([0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
        assert_eq!(binding_response(&bytes, id), "192.0.2.1:32853".parse().ok());
        assert_eq!(binding_response(&bytes, [0; 12]), None, "an answer to another request");
        for end in 0..bytes.len() {
            assert_eq!(binding_response(&bytes[..end], id), None);
        }
    }
}
