//! The policy of the eXosip calls: what `eXosip_automatic_action` does next, and when.
//!
//! Nothing is sent outside of it. Its moments count from when the last REGISTER was sent.

use crate::auth::{ChallengeOutcome, Credentials, authorization_lines};
use crate::registration::granted::{KnownBy, OwnContact};
use crate::registration::{
    Activity, BlockReason, EventReason, Reason, Registration, RegistrationOutcome,
};
use crate::request::expiry::{LARGEST_MIN_EXPIRES, believable_grant, min_expires, retry_after};
use crate::request::{Entropy, Refusal};
use crate::sip::Message;
use crate::transaction::NoResponse;
use std::time::{Duration, Instant};

/// A binding is refreshed after 900 s at the latest.
pub const REFRESH_CAP: Duration = Duration::from_secs(900);
/// … or this long before its end, or after 90 % of its time, whichever is first.
pub const REFRESH_MARGIN: Duration = Duration::from_secs(6);
/// A request that failed is tried again after 120 s.
pub const FAILURE_RETRY: Duration = Duration::from_secs(120);
/// A server that could not be connected to is tried again after 2 s, then 3, 4 and so on …
pub const FIRST_RECONNECT: Duration = Duration::from_secs(2);
/// … up to 60 s, each time up to a fifth more or less.
pub const LONGEST_RECONNECT: Duration = Duration::from_secs(60);
/// Challenges, and 423, are answered three times in a row.
pub const ANSWERS: u8 = 3;
/// An unregistration that never succeeded is forgotten after 75 s.
pub const FORGET: Duration = Duration::from_secs(75);
/// A Contact whose address was replaced is left alone for 60 s, whatever the server sees.
pub const ADDRESS_CHANGE_PAUSE: Duration = Duration::from_secs(60);

/// What the policy keeps beside one [`Registration`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutomaticAction {
    /// When a Contact was last replaced by one at another address.
    address_changed_at: Option<Instant>,
    /// The seconds that were last granted, or first asked for: failed requests are repeated as
    /// often as a binding of that time is refreshed.
    period: u32,
    /// Challenges and 423 answered since the last 2xx, in whatever attempts.
    answers: u8,
    /// Attempts in a row that could not be connected.
    not_connected: u8,
}

impl AutomaticAction {
    /// The policy for a registration that was just made.
    pub fn new(registration: &Registration) -> Self {
        let period = registration.expires();
        AutomaticAction { address_changed_at: None, period, answers: 0, not_connected: 0 }
    }

    /// The seconds that the last 2xx granted, or that were first asked for.
    pub fn period(&self) -> u32 {
        self.period
    }

    /// Reads the final `response` to `request`, which is the text that was sent.
    pub fn on_response(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        response: &Message<'_>,
        request: &[u8],
        credentials: &Credentials,
    ) -> RegistrationOutcome {
        self.response_came(registration);
        self.not_connected = 0;
        registration.final_response();
        match response.status().unwrap_or(0) {
            200..=299 => self.accepted(now, registration, response),
            401 | 407 => self.challenged(now, registration, response, request, credentials),
            423 => self.interval_too_brief(now, registration, response),
            _ => {
                self.refused(now, registration, response);
                RegistrationOutcome::failed(EventReason::Response)
            }
        }
    }

    /// There was no final response.
    pub fn on_timeout(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        why: NoResponse,
        entropy: &mut Entropy,
    ) -> RegistrationOutcome {
        self.response_came(registration);
        registration.no_response();
        self.retry(registration, Reason::Retry);
        if matches!(why, NoResponse::NotConnected { .. }) {
            let wait = FIRST_RECONNECT + Duration::from_secs(self.not_connected.into());
            let wait = wait.min(LONGEST_RECONNECT);
            self.not_connected = self.not_connected.saturating_add(1);
            if registration.scheduled().is_some() {
                let wait = entropy.between(wait * 4 / 5, wait * 6 / 5);
                registration.schedule(now + wait, Reason::Retry);
            }
        }
        RegistrationOutcome::failed(EventReason::NoResponse(why))
    }

    /// The REGISTER under way goes to another server of the domain: what that one asks is answered
    /// as often as what the first asked.
    pub fn moves_on(&mut self) {
        self.answers = 0;
    }

    /// The REGISTER that was due could not be made: it is tried again as after any failure.
    pub fn on_not_sent(&mut self, now: Instant, registration: &mut Registration) {
        registration.not_sent(now);
        self.retry(registration, Reason::Retry);
    }

    /// The network has changed: the binding is renewed with the next automatic action.
    pub fn on_network_changed(&mut self, now: Instant, registration: &mut Registration) {
        let planned = registration.scheduled().map(|(_, reason)| reason);
        if matches!(planned, Some(Reason::Refresh | Reason::NetworkChanged)) {
            registration.schedule(now, Reason::AddressChanged);
        }
    }

    /// The connection of the binding is lost: it is renewed with the first automatic action from
    /// `at` on, or when it is to be refreshed anyhow. A retry that is planned keeps its moment,
    /// unless it follows a REGISTER that failed by just that.
    pub fn on_flow_lost(&mut self, registration: &mut Registration, at: Instant, has_failed: bool) {
        match registration.scheduled() {
            Some((_, Reason::Retry)) if has_failed => registration.schedule(at, Reason::Retry),
            Some((planned, Reason::Refresh | Reason::AddressChanged)) => {
                registration.schedule(at.min(planned), Reason::NetworkChanged);
            }
            _ => {}
        }
    }

    /// There may be a way to the server again: what failed is tried with the next automatic action.
    pub fn on_way_out(&mut self, now: Instant, registration: &mut Registration) {
        if matches!(registration.scheduled(), Some((_, Reason::Retry))) {
            registration.schedule(now, Reason::Retry);
        }
    }

    /// The server saw us at another address than the binding has: that is replaced with the next
    /// automatic action, unless that was done just now.
    pub fn on_address_changed(&mut self, now: Instant, registration: &mut Registration) {
        let paused = self.address_changed_at.is_some_and(|at| now < at + ADDRESS_CHANGE_PAUSE);
        if !paused {
            self.on_network_changed(now, registration);
        }
    }

    /// The registrar refused a Contact that is not where it saw us: the next automatic action sends
    /// one that is, unless that was done just now or another moment is asked for.
    pub fn on_contact_refused(&mut self, now: Instant, registration: &mut Registration) {
        let paused = self.address_changed_at.is_some_and(|at| now < at + ADDRESS_CHANGE_PAUSE);
        if !paused && matches!(registration.scheduled(), Some((_, Reason::Retry))) {
            self.address_changed_at = Some(now);
            registration.schedule(now, Reason::AddressChanged);
        }
    }

    /// Credentials came: if they are others than those refused, the last challenge is answered with
    /// the next automatic action. Whether they are.
    pub fn on_credentials(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        credentials: &Credentials,
    ) -> bool {
        let fresh = registration.has_fresh_credentials(credentials);
        if fresh {
            registration.forgive_credentials();
            self.answers = 0;
            registration.schedule(registration.sent_at().unwrap_or(now), Reason::Challenge);
        }
        fresh
    }

    /// The REGISTER that was due is about to be sent: counts it if it is an answer.
    pub fn on_due(&mut self, registration: &Registration) {
        let answers =
            matches!(registration.scheduled(), Some((_, Reason::Challenge | Reason::MinExpires)));
        if answers && self.answers < ANSWERS {
            self.answers += 1;
        }
    }

    /// The application wants the last challenge answered: whether there is one.
    /// Errors: `RetryLimit` after [`ANSWERS`] in a row or when the credentials were refused,
    /// `Undefined` without credentials.
    pub fn answer(&mut self, registration: &Registration) -> Result<bool, Refusal> {
        if let Activity::Blocked { error } = registration.activity() {
            let limit = *error == BlockReason::RetryLimit || registration.was_refused();
            return Err(if limit { Refusal::RetryLimit } else { Refusal::Undefined });
        }
        if !matches!(registration.scheduled(), Some((_, Reason::Challenge))) {
            return Ok(false);
        }
        if self.answers >= ANSWERS {
            return Err(Refusal::RetryLimit);
        }
        self.answers += 1;
        Ok(true)
    }

    /// When `eXosip_automatic_action` next has something to do.
    pub fn due(&self, registration: &Registration) -> Option<Instant> {
        registration.scheduled().map(|(at, _)| at)
    }

    /// Whether the binding was to be removed, and the request for that is too old to hope for.
    pub fn is_over(&self, now: Instant, registration: &Registration) -> bool {
        let old = registration.sent_at().is_some_and(|sent_at| now >= sent_at + FORGET);
        registration.expires() == 0 && !registration.is_pending() && old
    }

    /// The REGISTER under way has its response, or will have none.
    fn response_came(&mut self, registration: &Registration) {
        if registration.replaced_contact() {
            self.address_changed_at = registration.sent_at();
        }
    }

    fn accepted(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        response: &Message<'_>,
    ) -> RegistrationOutcome {
        self.answers = 0;
        let asked = registration.expires();
        if asked == 0 {
            registration.accepted(now, response, 0);
            registration.rest();
            return RegistrationOutcome::accepted(true);
        }
        let seconds = granted(registration, response).or_else(|| response.seconds("Expires"));
        let seconds = believable_grant(seconds.unwrap_or(asked), asked);
        registration.accepted(now, response, seconds);
        if seconds == 0 {
            // A binding that is granted for no time is tried again as a failure is.
            self.period = asked;
            self.retry(registration, Reason::Retry);
        } else {
            self.period = seconds;
            let sent_at = registration.sent_at().unwrap_or(now);
            registration.schedule(sent_at + refresh_after(seconds), Reason::Refresh);
        }
        RegistrationOutcome::accepted(false)
    }

    fn challenged(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        response: &Message<'_>,
        request: &[u8],
        credentials: &Credentials,
    ) -> RegistrationOutcome {
        let answers = |name| authorization_lines(request, name);
        let outcome = registration.challenged(response, answers, credentials);
        let reason = match outcome {
            ChallengeOutcome::Answerable if self.answers < ANSWERS => {
                registration.schedule(registration.sent_at().unwrap_or(now), Reason::Challenge);
                EventReason::Response
            }
            ChallengeOutcome::Answerable if registration.expires() > 0 => {
                self.retry(registration, Reason::Challenge);
                EventReason::TooManyChallenges
            }
            ChallengeOutcome::Answerable => {
                registration.block(BlockReason::RetryLimit);
                EventReason::TooManyChallenges
            }
            ChallengeOutcome::Failed(error) => {
                registration.block(BlockReason::from(&error));
                EventReason::Challenge(error)
            }
        };
        RegistrationOutcome::failed(reason)
    }

    /// RFC 3261 section 10.2.8: asks again for the time that the server names, if that can be.
    fn interval_too_brief(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        response: &Message<'_>,
    ) -> RegistrationOutcome {
        let asked = registration.expires();
        if let Some(seconds) = min_expires(response, asked, LARGEST_MIN_EXPIRES) {
            registration.set_expires(seconds);
            if self.answers < ANSWERS {
                let at = registration.sent_at().unwrap_or(now);
                registration.schedule(at, Reason::MinExpires);
            } else {
                self.retry(registration, Reason::MinExpires);
            }
            return RegistrationOutcome::failed(EventReason::Response);
        }
        self.refused(now, registration, response);
        RegistrationOutcome::failed(match response.seconds("Min-Expires") {
            Some(minimum) => EventReason::MinExpires { minimum, asked },
            None => EventReason::Response,
        })
    }

    fn refused(&mut self, now: Instant, registration: &mut Registration, response: &Message<'_>) {
        match retry_after(response).filter(|_| registration.expires() > 0) {
            Some(wait) => registration.schedule(now + wait, Reason::Retry),
            None => self.retry(registration, Reason::Retry),
        }
    }

    /// Plans the next REGISTER after a failure. An unregistration is not repeated.
    fn retry(&self, registration: &mut Registration, reason: Reason) {
        match registration.sent_at().filter(|_| registration.expires() > 0) {
            Some(at) => registration.schedule(at + retry_after_failure(self.period), reason),
            None => registration.rest(),
        }
    }
}

/// The `expires` of our binding in a 2xx.
fn granted(registration: &Registration, response: &Message<'_>) -> Option<u32> {
    let sent = registration.sent_contacts().unwrap_or_default();
    let own = OwnContact { instance: None, reg_id: 0, line: registration.line(), sent: &sent };
    // A binding that only stands alone may be anybody's.
    let found = own.find(response.elements("Contact")).filter(|one| one.known != KnownBy::Alone);
    found.and_then(|found| found.expires)
}

/// How long after its REGISTER a binding of `granted` seconds is refreshed: at 90 %, 6 s before its
/// end, or after 900 s, whichever is first; never before half of its time or 1 s.
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
    fn a_short_grant_is_refreshed_once_a_second_at_most() {
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
