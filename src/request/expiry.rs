//! How long something lasts at a server, as its answers say.

use crate::sip::Message;
use std::time::Duration;

/// The longest Retry-After that is believed: one day.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(86_400);
/// The largest Min-Expires that is followed where nothing else is set: a year.
pub const LARGEST_MIN_EXPIRES: u32 = 365 * 86_400;
/// Nothing is counted on for longer than so many times what was asked for.
const LARGEST_GRANT: u32 = 24;

/// What Retry-After says; 0 and what is no number count as absent.
pub fn retry_after(response: &Message<'_>) -> Option<Duration> {
    let wait = Duration::from_secs(response.retry_after()?.seconds.into());
    (!wait.is_zero()).then_some(wait.min(LONGEST_RETRY_AFTER))
}

/// The seconds to ask for after a 423 to a request for `asked` seconds (RFC 3261 section 10.2.8).
/// `None`: it names none that a longer request could meet, or more than `largest`.
pub fn min_expires(response: &Message<'_>, asked: u32, largest: u32) -> Option<u32> {
    let longer = |seconds: &u32| asked > 0 && *seconds > asked && *seconds <= largest;
    response.seconds("Min-Expires").filter(longer)
}

/// The seconds that a grant of `seconds` to a request for `asked` seconds counts for. A server
/// may grant more than was asked for, but nothing lasts for years because of a broken number.
pub fn believable_grant(seconds: u32, asked: u32) -> u32 {
    seconds.min(asked.saturating_mul(LARGEST_GRANT))
}
