//! Random waits from the context's seed.

use std::time::Duration;

/// Gives the next 64 random bits of the context's seed.
pub(crate) type RandomSource<'a> = dyn FnMut() -> u64 + 'a;

/// A duration between the two, each as likely as another; `low` when there is none between them.
pub(crate) fn duration_between(
    random: &mut RandomSource<'_>,
    low: Duration,
    high: Duration,
) -> Duration {
    let span = u64::try_from(high.saturating_sub(low).as_nanos()).unwrap_or(u64::MAX);
    if span == 0 {
        return low;
    }
    let part = (u128::from(random()) * (u128::from(span) + 1)) >> 64;
    low + Duration::from_nanos(u64::try_from(part).unwrap_or(span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_lies_between_its_bounds() {
        let (low, high) = (Duration::from_secs(8), Duration::from_secs(10));
        assert_eq!(duration_between(&mut || 0, low, high), low);
        assert_eq!(duration_between(&mut || u64::MAX, low, high), high);
        assert_eq!(duration_between(&mut || 1 << 63, low, high), Duration::from_secs(9));
        assert_eq!(duration_between(&mut || 7, high, low), high);
    }
}
