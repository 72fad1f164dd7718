//! The only place that reads clocks and the system's random numbers.
//!
//! The system's clock for timers stands still while the machine sleeps; registrars, their bindings
//! and NATs go on. So the sleep is added to it. It is looked for only where it may have happened:
//! see [`count_sleep`].

use crate::net;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// How long the machine had slept before the first context was made.
static SLEPT_BEFORE: OnceLock<Duration> = OnceLock::new();
/// How long it has slept since, in whole seconds, as far as that was noticed. What is less is no
/// sleep: the two clocks that tell of one are not read at once.
static SLEPT: AtomicU64 = AtomicU64::new(0);

/// How long the machine has slept, as far as [`count_sleep`] has noticed.
pub(super) fn slept() -> Duration {
    Duration::from_secs(SLEPT.load(Ordering::Relaxed))
}

/// Looks whether the machine has slept. From then on [`now`] is later by that.
pub(super) fn count_sleep() {
    let Some(in_all) = net::suspended() else { return };
    count(&SLEPT, in_all.saturating_sub(*SLEPT_BEFORE.get_or_init(|| in_all)));
}

fn count(counted: &AtomicU64, slept: Duration) {
    counted.fetch_max(slept.as_secs(), Ordering::Relaxed);
}

/// The time that timers run by: it goes on while the machine sleeps.
#[allow(clippy::disallowed_methods, reason = "this is where time comes from")]
pub(super) fn now() -> Instant {
    Instant::now() + slept()
}

/// The time of day, for Date headers.
#[allow(clippy::disallowed_methods, reason = "this is where time comes from")]
pub(super) fn wall() -> SystemTime {
    SystemTime::now()
}

/// 256 bits from the operating system's generator; `None` when it has none.
pub(super) fn seed() -> Option<[u8; 32]> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).ok().map(|()| seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_counts_once_and_jitter_does_not() {
        let counted = AtomicU64::new(0);
        for (slept, seconds) in
            [(0, 0), (999, 0), (3_600_000, 3600), (3_600_003, 3600), (3_605_000, 3605), (0, 3605)]
        {
            count(&counted, Duration::from_millis(slept));
            assert_eq!(counted.load(Ordering::Relaxed), seconds, "{slept} ms");
        }
    }

    #[test]
    fn no_two_seeds_are_alike() {
        assert_ne!(super::seed().unwrap(), super::seed().unwrap());
    }
}
