//! The only place that reads clocks and the system's random numbers.

use std::time::{Instant, SystemTime};

/// The time that timers run by.
#[allow(clippy::disallowed_methods, reason = "this is where time comes from")]
pub(super) fn now() -> Instant {
    Instant::now()
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
    #[test]
    fn no_two_seeds_are_alike() {
        assert_ne!(super::seed().unwrap(), super::seed().unwrap());
    }
}
