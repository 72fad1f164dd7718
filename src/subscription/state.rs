//! Subscription-State (RFC 6665 section 8.4).

use crate::sip::{Params, delta_seconds, same_word};
use std::time::Duration;

/// What the newest NOTIFY of a subscription has said, by the numbers of `eXosip_ss_t` and
/// `eXosip_ss_reason_t`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SubscriptionState {
    /// 0 unknown, 1 pending, 2 active, 3 terminated.
    pub status: i32,
    /// 0 deactivated, 1 probation, 2 rejected, 3 timeout, 4 giveup, 5 noresource.
    pub reason: i32,
}

/// The reasons in the order of their numbers.
const REASONS: [&str; 6] =
    ["deactivated", "probation", "rejected", "timeout", "giveup", "noresource"];

impl SubscriptionState {
    pub(super) const PENDING: i32 = 1;
    pub(super) const ACTIVE: i32 = 2;
    pub(super) const TERMINATED: i32 = 3;

    /// What is said once the peer has unsubscribed.
    pub(super) const TIMED_OUT: SubscriptionState =
        SubscriptionState { status: SubscriptionState::TERMINATED, reason: 3 };

    /// Whether it has ended.
    pub fn is_terminated(self) -> bool {
        self.status == SubscriptionState::TERMINATED
    }

    /// A NOTIFY has this Subscription-State: a word that is not known leaves it as it was.
    pub(super) fn on_notify(&mut self, value: &str) {
        let (word, params) = parts(value);
        let words = [
            ("pending", SubscriptionState::PENDING),
            ("active", SubscriptionState::ACTIVE),
            ("terminated", SubscriptionState::TERMINATED),
        ];
        let Some((_, status)) = words.into_iter().find(|(known, _)| same_word(word, known)) else {
            return;
        };
        let reason = params.get("reason").unwrap_or("");
        let reason = REASONS.iter().position(|known| same_word(reason, known)).unwrap_or(0);
        *self = SubscriptionState { status, reason: i32::try_from(reason).unwrap_or(0) };
    }
}

/// How long the subscription goes on, as this Subscription-State says.
pub(super) fn expires_of(value: &str) -> Option<Duration> {
    let seconds = parts(value).1.get("expires").and_then(delta_seconds)?;
    Some(Duration::from_secs(seconds.into()))
}

/// Whether this Subscription-State says that the subscription has ended.
pub(super) fn is_terminated(value: &str) -> bool {
    same_word(parts(value).0, "terminated")
}

/// Subscription-State of a NOTIFY of ours, with the seconds that are left; `None`: the time is
/// over.
pub(super) fn state_text(status: i32, reason: i32, left: Option<u64>) -> String {
    let ended = |reason: i32| {
        let reason = usize::try_from(reason).ok().and_then(|reason| REASONS.get(reason));
        format!("terminated;reason={}", reason.unwrap_or(&"noresource"))
    };
    match (status, left) {
        (SubscriptionState::TERMINATED, _) => ended(reason),
        (_, None) => ended(SubscriptionState::TIMED_OUT.reason),
        (SubscriptionState::ACTIVE, Some(left)) => format!("active;expires={left}"),
        (_, Some(left)) => format!("pending;expires={left}"),
    }
}

fn parts(value: &str) -> (&str, Params<'_>) {
    let (word, params) = value.split_at(value.find(';').unwrap_or(value.len()));
    (word.trim_ascii(), Params::new(params))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(value: &str) -> (i32, i32) {
        let mut state = SubscriptionState { status: 2, reason: 0 };
        state.on_notify(value);
        (state.status, state.reason)
    }

    #[test]
    fn a_state_is_a_whole_word_in_any_case() {
        assert_eq!(state("Pending;expires=5"), (1, 0));
        assert_eq!(state("terminated ;reason=giveup;retry-after=3"), (3, 4));
        assert_eq!(state("TERMINATED;Reason=NoResource"), (3, 5));
        assert_eq!(state("terminated;reason=else"), (3, 0));
        for unknown in ["activeX", "waiting", "", ";reason=giveup"] {
            assert_eq!(state(unknown), (2, 0));
        }
        assert_eq!(expires_of("active ; expires=60"), Some(Duration::from_secs(60)));
        assert_eq!(expires_of("active"), None);
    }
}
