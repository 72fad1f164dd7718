use super::*;
use crate::instants::at;
use crate::transport::tests::{addr, random};

fn server() -> (Transport, SocketAddr) {
    (Transport::Udp, addr("192.0.2.1:5060"))
}

/// The middle of each range: each wait is just what the table says.
fn middle() -> impl FnMut() -> u64 {
    || 1 << 63
}

#[test]
fn a_server_that_fails_again_waits_longer() {
    let (mut penalties, mut now) = (Penalties::default(), 0);
    for seconds in [60, 120, 240, 480, 900, 900] {
        penalties.add(at(now), server(), None, &mut middle());
        penalties.add(at(now + 1), server(), None, &mut middle());
        now += seconds * 1000;
        assert!(penalties.has(at(now - 1), server()), "{seconds}");
        assert!(!penalties.has(at(now), server()), "{seconds}");
    }
    penalties.clear(server());
    penalties.add(at(now), server(), None, &mut middle());
    assert_eq!(penalties.until(at(now), server()), Some(at(now + 60_000)), "it had answered");
}

#[test]
fn retry_after_says_how_long() {
    let mut penalties = Penalties::default();
    penalties.add(at(0), server(), None, &mut middle());
    penalties.add(at(0), server(), Some(Duration::from_secs(5)), &mut middle());
    assert_eq!(penalties.until(at(0), server()), Some(at(5000)));
}

#[test]
fn a_wait_lies_between_80_and_120_percent() {
    for (drawn, ms) in [(0, 48_000), (u64::MAX, 72_000)] {
        let mut penalties = Penalties::default();
        penalties.add(at(0), server(), None, &mut || drawn);
        assert_eq!(penalties.until(at(0), server()), Some(at(ms)));
    }
}

#[test]
fn a_server_that_failed_is_another_one_by_another_transport() {
    let mut penalties = Penalties::default();
    penalties.add(at(0), server(), None, &mut random(0));
    assert!(penalties.has(at(1), server()));
    assert!(!penalties.has(at(1), (Transport::Tcp, server().1)));
    assert!(!penalties.has(at(1), (Transport::Udp, addr("192.0.2.2:5060"))));
}

#[test]
fn no_more_than_a_thousand_servers_are_remembered() {
    let mut penalties = Penalties::default();
    let numbered = |n: usize| {
        let ip = [10, 0, (n >> 8) as u8, n as u8];
        (Transport::Udp, SocketAddr::from((ip, 5060)))
    };
    for n in 0..=MAX_SERVERS {
        penalties.add(at(0), numbered(n), None, &mut middle());
    }
    assert_eq!(
        (penalties.servers.len(), penalties.has(at(1), numbered(MAX_SERVERS))),
        (MAX_SERVERS, false)
    );
    penalties.add(at(60_000), numbered(MAX_SERVERS), None, &mut middle());
    assert_eq!(penalties.servers.len(), 1, "those whose time is over go first");
}
