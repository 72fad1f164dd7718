//! What kind of failure a response is, and how long to wait after it.

use super::ManagedOptions;
use crate::request::Entropy;
use std::time::Duration;

/// What kind of failure a response, or its absence, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureClass {
    /// It may work later.
    Temporary,
    /// The credentials are wrong or missing: it works once they change.
    Credentials,
    /// It will not work.
    Fatal,
}

impl FailureClass {
    /// The usual class of a status. `authenticated`: the request answered a challenge.
    pub fn of(status: u16, authenticated: bool) -> FailureClass {
        match status {
            401 | 407 => FailureClass::Credentials,
            403 if authenticated => FailureClass::Credentials,
            // These are about the server, the path or the moment.
            408 | 423 | 429 | 430 | 480 | 482 | 486 | 491 | 494 => FailureClass::Temporary,
            501 | 505 | 513 | 555 => FailureClass::Fatal,
            500..=600 => FailureClass::Temporary,
            _ => FailureClass::Fatal,
        }
    }
}

/// RFC 5626 section 4.5: after `failures` in a row, 50–100 % of `base` doubled that often, or of
/// `max` if that is less.
pub fn back_off(failures: u32, base: Duration, max: Duration, entropy: &mut Entropy) -> Duration {
    let whole =
        base.saturating_mul(1_u32.checked_shl(failures.min(24)).unwrap_or(u32::MAX)).min(max);
    entropy.between(whole / 2, whole)
}

impl ManagedOptions {
    /// How long after the last of so many `failures` in a row the next attempt is made, where those
    /// of this class are repeated. `factor`: by how much the base is longer.
    pub(super) fn back_off(
        &self,
        class: FailureClass,
        failures: u32,
        factor: u32,
        entropy: &mut Entropy,
    ) -> Option<Duration> {
        let base = self.retry_base.saturating_mul(factor);
        let delay = || back_off(failures, base, self.retry_max, entropy);
        self.retries(class).then(delay)
    }

    /// Whether a failure of this class is tried again with the back-off.
    pub(super) fn retries(&self, class: FailureClass) -> bool {
        match class {
            FailureClass::Temporary => self.retry_temporary,
            FailureClass::Fatal => self.retry_fatal,
            FailureClass::Credentials => self.retry_credentials,
        }
    }

    /// How long after a refusal that seems to be final the next attempt is made, so that one stray
    /// answer does not end the service of a device for ever; `None`: there is none.
    pub(super) fn slow_retry(&self, entropy: &mut Entropy) -> Option<Duration> {
        let whole = Duration::from_secs(self.fatal_retry.into());
        (!whole.is_zero()).then(|| entropy.between(whole / 2, whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_from_30_s_to_half_an_hour_and_is_random() {
        let mut entropy = Entropy::new([1; 32]);
        let (base, max) = (Duration::from_secs(30), Duration::from_secs(1800));
        for (failures, whole) in [(1, 60), (2, 120), (3, 240), (6, 1800), (60, 1800)] {
            let draws: Vec<_> = (0..200)
                .map(|_| back_off(failures, base, max, &mut entropy).as_secs_f64())
                .collect();
            let whole = f64::from(whole);
            assert!(draws.iter().all(|wait| (whole / 2.0..=whole).contains(wait)));
            let mean = draws.iter().sum::<f64>() / 200.0;
            assert!((mean - whole * 0.75).abs() < whole * 0.05, "{mean}");
        }
    }

    #[test]
    fn classes_are_those_of_the_table() {
        assert_eq!(FailureClass::of(403, true), FailureClass::Credentials);
        assert_eq!(FailureClass::of(403, false), FailureClass::Fatal);
        for status in [408, 480, 500, 502, 503, 504, 600] {
            assert_eq!(FailureClass::of(status, false), FailureClass::Temporary, "{status}");
        }
        for status in [400, 404, 405, 420, 439, 501, 555, 603, 604, 606] {
            assert_eq!(FailureClass::of(status, true), FailureClass::Fatal, "{status}");
        }
    }
}
