//! How soon registrations come back whose connection was lost (RFC 5626 section 4.5), so that a
//! server that ends each connection is not asked again and again.

use super::Transport;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

/// A connection that has lived for so long was a good one.
const GOOD_LIFE: Duration = Duration::from_secs(60);
/// After a first loss everybody is back within this time.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// After the second loss in a row, at most; doubled with each.
const BASE: Duration = Duration::from_secs(30);
pub(crate) const LONGEST_LOSS_WAIT: Duration = Duration::from_secs(1800);
/// By how much such a wait may be longer, where another flow is up (RFC 5626 section 4.5).
const LONGEST_FACTOR: u32 = 3;
/// Servers remembered.
const MAX_SERVERS: usize = 1024;

/// A server, and whether what is lost is the connection for second flows, which is one of its own.
type LosingServer = (Transport, SocketAddr, bool);

/// Connections lost in a row, by server.
#[derive(Debug, Default)]
pub(crate) struct FlowLosses {
    servers: HashMap<LosingServer, Losses>,
}

#[derive(Debug, Clone, Copy)]
struct Losses {
    /// How many in a row.
    count: u32,
    /// They count until then.
    until: Instant,
}

impl FlowLosses {
    /// A connection to `server` that was opened at `opened_at` is lost. When those who used it come
    /// back, from `now` on: each at some moment in this range.
    pub(crate) fn on_lost(
        &mut self,
        now: Instant,
        server: LosingServer,
        opened_at: Option<Instant>,
    ) -> Range<Duration> {
        if self.servers.len() >= MAX_SERVERS {
            self.servers.retain(|_, losses| now < losses.until);
        }
        let was_good = opened_at.is_some_and(|at| now >= at + GOOD_LIFE);
        let before = self.servers.get(&server).filter(|losses| !was_good && now < losses.until);
        let count = before.map_or(0, |losses| losses.count);
        let (wait, longest) = match count.checked_sub(1) {
            None => (Duration::ZERO..FIRST_WAIT, FIRST_WAIT),
            Some(doublings) => {
                let whole = BASE.saturating_mul(1 << doublings.min(16)).min(LONGEST_LOSS_WAIT);
                (whole / 2..whole, (whole * LONGEST_FACTOR).min(LONGEST_LOSS_WAIT))
            }
        };
        if self.servers.len() < MAX_SERVERS || self.servers.contains_key(&server) {
            let losses = Losses { count: count + 1, until: now + longest + GOOD_LIFE };
            self.servers.insert(server, losses);
        }
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instants::at;
    use crate::transport::tests::addr;

    fn wait(losses: &mut FlowLosses, opened: u64, lost: u64) -> [u128; 2] {
        let server = (Transport::Tcp, addr("192.0.2.1:5060"), false);
        let wait = losses.on_lost(at(lost), server, Some(at(opened)));
        [wait.start.as_millis(), wait.end.as_millis()]
    }

    #[test]
    fn each_loss_in_a_row_doubles_the_wait_up_to_half_an_hour() {
        let (mut losses, mut now) = (FlowLosses::default(), 0);
        for whole in [0, 30, 60, 120, 240, 480, 960, 1800, 1800, 1800] {
            let [low, high] = wait(&mut losses, now, now + 1000);
            let wanted = if whole == 0 { [0, 2000] } else { [whole * 500, whole * 1000] };
            assert_eq!([low, high], wanted);
            now += 1000 + high as u64;
        }
    }

    #[test]
    fn a_connection_that_lived_for_a_minute_was_a_good_one() {
        let mut losses = FlowLosses::default();
        assert_eq!(wait(&mut losses, 0, 1000), [0, 2000]);
        assert_eq!(wait(&mut losses, 2000, 61_999), [15_000, 30_000]);
        assert_eq!(wait(&mut losses, 80_000, 140_000), [0, 2000]);
        assert_eq!(wait(&mut losses, 141_000, 142_000), [15_000, 30_000]);
    }

    #[test]
    fn a_loss_long_ago_is_forgotten() {
        let mut losses = FlowLosses::default();
        assert_eq!(wait(&mut losses, 0, 1000), [0, 2000]);
        assert_eq!(wait(&mut losses, 60_000, 63_000), [0, 2000]);
        assert_eq!(wait(&mut losses, 64_000, 65_000), [15_000, 30_000]);
    }

    #[test]
    fn no_more_than_a_thousand_servers_are_remembered() {
        let mut losses = FlowLosses::default();
        for n in 0..3000_u16 {
            let server = SocketAddr::from(([10, 0, (n >> 8) as u8, n as u8], 5060));
            losses.on_lost(at(0), (Transport::Tcp, server, false), None);
        }
        assert_eq!(losses.servers.len(), MAX_SERVERS);
    }
}
