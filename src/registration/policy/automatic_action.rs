//! The policy of the eXosip calls, as numbers and one function: when `eXosip_automatic_action` next has something to do.
//!
//! It fires only there. The moments count from when the last REGISTER was queued.

use std::time::Duration;

/// A binding is refreshed after 900 s at the latest.
pub const REFRESH_CAP: Duration = Duration::from_secs(900);
/// … or this long before its end, or after 90 % of its time, whichever is first.
pub const REFRESH_MARGIN: Duration = Duration::from_secs(6);
/// A request that failed is tried again after 120 s.
pub const FAILURE_RETRY: Duration = Duration::from_secs(120);
/// Challenges, and 423, are answered three times in a row.
pub const ANSWERS: u8 = 3;
/// An unregistration that never succeeded is forgotten after 75 s.
pub const FORGET: Duration = Duration::from_secs(75);
/// A Contact that was swapped because a server saw another address is not swapped for that reason again within 60 s.
pub const SWAP_GUARD: Duration = Duration::from_secs(60);
/// The longest Retry-After that is believed: one day.
pub const RETRY_AFTER_CAP: Duration = Duration::from_secs(86_400);
/// The largest Min-Expires that is followed: thirty days.
pub const MIN_EXPIRES_CAP: u32 = 30 * 86_400;

/// How long after its REGISTER a binding of `granted` seconds is refreshed: at 90 %, 6 s before its end, or after 900 s,
/// whichever is first; never before half of its time or 1 s.
pub fn refresh_after(granted: u32) -> Duration {
    let whole = Duration::from_secs(granted.into());
    let early = (whole * 9 / 10).min(whole.saturating_sub(REFRESH_MARGIN)).min(REFRESH_CAP);
    early.max((whole / 2).min(REFRESH_CAP)).max(Duration::from_secs(1))
}

/// How long after a failed REGISTER the next is tried, for a period of `granted` seconds.
pub fn retry_after_failure(granted: u32) -> Duration {
    refresh_after(granted).min(FAILURE_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refresh_is_at_nine_tenths_or_six_seconds_before_or_900() {
        let after = |granted| refresh_after(granted).as_secs_f64();
        assert_eq!(after(3600), 900.0);
        assert_eq!(after(1000), 900.0);
        assert_eq!(after(100), 90.0);
        assert_eq!(after(60), 54.0);
        assert_eq!(after(30), 24.0);
    }

    #[test]
    fn a_short_grant_is_no_storm() {
        let after = |granted| refresh_after(granted).as_secs_f64();
        assert_eq!(after(5), 2.5);
        assert_eq!(after(2), 1.0);
        assert_eq!(after(1), 1.0);
        assert_eq!(after(0), 1.0);
        assert_eq!(after(u32::MAX), 900.0);
    }

    #[test]
    fn a_failure_is_retried_after_120_s_or_at_the_refresh_point() {
        assert_eq!(retry_after_failure(3600), FAILURE_RETRY);
        assert_eq!(retry_after_failure(60).as_secs(), 54);
    }
}
