//! The one retry engine: what kind of failure it was, and how long to wait.

use crate::request::Entropy;
use crate::sip::Message;
use std::time::Duration;

/// The longest Retry-After that is believed: one day.
pub const RETRY_AFTER_CAP: u32 = 86_400;

/// What kind of failure an answer, or its absence, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It may work later.
    Temporary,
    /// The credentials are wrong or missing: it works once they change.
    Credentials,
    /// It will not work.
    Fatal,
}

impl Class {
    /// The usual class of a status. `proven`: the request answered a challenge.
    pub fn of(status: u16, proven: bool) -> Class {
        match status {
            401 | 407 => Class::Credentials,
            403 if proven => Class::Credentials,
            // Said of the server, the way or the moment.
            408 | 423 | 429 | 430 | 480 | 482 | 486 | 491 | 494 => Class::Temporary,
            501 | 505 | 513 | 555 => Class::Fatal,
            500..=600 => Class::Temporary,
            _ => Class::Fatal,
        }
    }
}

/// RFC 5626 section 4.5: after `failures` in a row, 50–100 % of `base` doubled that often, at most of `max`.
pub fn back_off(failures: u32, base: Duration, max: Duration, entropy: &mut Entropy) -> Duration {
    let whole = base.saturating_mul(1_u32.checked_shl(failures.min(24)).unwrap_or(u32::MAX)).min(max);
    entropy.between(whole / 2, whole)
}

/// What Retry-After of a failed answer says, seconds; 0 and nonsense count as absent.
pub(super) fn retry_after(response: &Message<'_>) -> Option<u32> {
    response.retry_after().map(|after| after.seconds.min(RETRY_AFTER_CAP)).filter(|seconds| *seconds > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_from_30_s_to_half_an_hour_and_is_random() {
        let mut entropy = Entropy::new([1; 32]);
        let (base, max) = (Duration::from_secs(30), Duration::from_secs(1800));
        for (failures, whole) in [(1, 60), (2, 120), (3, 240), (6, 1800), (60, 1800)] {
            let draws: Vec<_> =
                (0..200).map(|_| back_off(failures, base, max, &mut entropy).as_secs_f64()).collect();
            let whole = f64::from(whole);
            assert!(draws.iter().all(|wait| (whole / 2.0..=whole).contains(wait)));
            let mean = draws.iter().sum::<f64>() / 200.0;
            assert!((mean - whole * 0.75).abs() < whole * 0.05, "{mean}");
        }
    }

    #[test]
    fn classes_are_those_of_the_table() {
        assert_eq!(Class::of(403, true), Class::Credentials);
        assert_eq!(Class::of(403, false), Class::Fatal);
        for status in [408, 480, 500, 502, 503, 504, 600] {
            assert_eq!(Class::of(status, false), Class::Temporary, "{status}");
        }
        for status in [400, 404, 405, 420, 439, 501, 555, 603, 604, 606] {
            assert_eq!(Class::of(status, true), Class::Fatal, "{status}");
        }
    }
}
