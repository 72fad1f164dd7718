//! One sentence for a person: what happened last, why, what happens next.

use super::{FailureClass, LastOutcome, ManagedPolicy, RegistererState};
use crate::registration::{Activity, Reason, Registration};
use crate::transaction::NoResponse;
use crate::transport::{DnsError, LocateError};
use std::time::{Duration, Instant};

const UNTIL_CREDENTIALS: &str = "not trying again until the credentials change";

/// Why there is no binding any more, where the last response does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The program asked for the removal of the binding.
    Asked,
    /// The binding has ended by itself.
    Expired,
    /// The program disposed of the registration.
    Disposed,
    /// The program removed it without asking the server.
    Taken,
    /// The program ended, and did not wait any longer.
    Quit,
    /// The registrar says so by the event `reg`: it is to be registered anew.
    Deactivated,
    /// It says that it has expired.
    ExpiredThere,
    /// It wants it back after a while.
    Probation,
    /// It says that somebody has removed it.
    Unregistered,
    /// It does not want it back.
    Rejected,
}

impl EndReason {
    fn words(self) -> &'static str {
        match self {
            EndReason::Asked => "the program asked for the removal of the binding",
            EndReason::Expired => "the binding has expired",
            EndReason::Disposed => "the program disposed of the registration",
            EndReason::Taken => "the program took the registration away without telling the server",
            EndReason::Deactivated => "the registrar says that it has deactivated the binding",
            EndReason::ExpiredThere => "the registrar says that the binding has expired",
            EndReason::Probation => "the registrar says that it wants the binding back later",
            EndReason::Unregistered => "the registrar says that somebody removed the binding",
            EndReason::Rejected => "the registrar says that it has rejected the binding",
            EndReason::Quit => "the program ended before the server had answered",
        }
    }
}

/// What the absence of a response means, in words; empty where it says that already.
pub(super) fn no_response(why: &NoResponse) -> &'static str {
    match why {
        NoResponse::Timeout { .. } | NoResponse::AttemptTimeout { .. } => {
            "the server is down, or the way to it or back"
        }
        NoResponse::ResolutionTimeout => "the name server does not answer",
        NoResponse::NotLocated(LocateError::Dns { error: DnsError::Timeout, .. }) => {
            "the name server does not answer"
        }
        _ if why.is_tls_refused() => "a certificate or a setting has to change first",
        _ => "",
    }
}

/// What a failure means, in words.
pub(super) fn meaning(status: u16, class: FailureClass) -> &'static str {
    match (status, class) {
        (403, FailureClass::Credentials) => "the user name or password is wrong",
        (403, _) => "this user may not register there",
        (400, _) => "the server does not understand the request",
        (404, _) => "the server does not know this user",
        (405 | 501, _) => "the server is no registrar",
        (416, _) => "the server does not serve this kind of address",
        (420, _) => "the server lacks an extension",
        (439, _) => "the first hop cannot do outbound",
        (480 | 486 | 500 | 503 | 600, _) => "the server cannot do it now",
        (408 | 504, _) => "a server on the way did not answer",
        (494, _) => "the server wants a security agreement that we cannot make",
        (555, _) => "the push service is not supported",
        (_, FailureClass::Credentials) => "the server does not accept the credentials",
        (_, FailureClass::Temporary) => "it may work later",
        (_, FailureClass::Fatal) => "the server refuses it",
    }
}

impl ManagedPolicy {
    /// One sentence: what happened last, why, and what happens next.
    pub fn explain(&self, registration: &Registration, now: Instant) -> String {
        let mut text = self.happened(registration);
        let meaning = Some(self.last.meaning.as_str()).filter(|meaning| !meaning.is_empty());
        let whys: Vec<&str> =
            meaning.into_iter().chain(self.ending.map(EndReason::words)).collect();
        if !whys.is_empty() {
            text.push_str(": ");
            text.push_str(&whys.join(", and "));
        }
        let follows = self.follows(registration, now);
        if !follows.is_empty() {
            text.push_str("; ");
            text.push_str(&follows);
        }
        text
    }

    fn happened(&self, registration: &Registration) -> String {
        let last = &self.last;
        let initial = self.own_state(registration) == RegistererState::Initial;
        let mut text = match (&last.outcome, last.server) {
            (LastOutcome::None, _) if self.options.adopted && !initial => {
                return "Taken over from the eXosip calls".to_owned();
            }
            (LastOutcome::None, _) => return "No response yet".to_owned(),
            (LastOutcome::Response { status, reason }, Some(server)) => {
                format!("{status} {reason} from {server}")
            }
            _ => last.reason(),
        };
        let authenticated = last.authenticated.as_ref().filter(|_| last.status() >= 300);
        if let Some((user, realm)) = authenticated {
            text.push_str(&format!(" after {user} answered realm \"{realm}\""));
        }
        text
    }

    fn follows(&self, registration: &Registration, now: Instant) -> String {
        let left = |at: Instant| seconds(at.saturating_duration_since(now));
        let lasting = registration.expires_at().filter(|at| *at > now).map(left);
        match (registration.activity(), lasting) {
            (Activity::Terminated, Some(left)) => {
                format!("it is over, the binding was left to expire within {left}")
            }
            (Activity::Terminated, None) => "it is over, nothing more is sent".into(),
            (Activity::Requesting { .. }, _) if self.removes() => "being removed".into(),
            (Activity::Requesting { .. }, Some(lasting)) => {
                format!("being renewed, the binding lasts another {lasting}")
            }
            (Activity::Requesting { .. }, None) => "a REGISTER awaits its answer".into(),
            (Activity::Queued { .. }, _) => "the next REGISTER waits for its turn".into(),
            (Activity::Scheduled { at, attempt }, lasting) => {
                let retries = attempt.reason == Reason::Retry;
                let at = *at;
                match lasting {
                    _ if retries => {
                        let asked = self.last.retry_after.is_some_and(|asked| asked <= at);
                        let asked = if asked { ", as the server asked" } else { "" };
                        let still =
                            lasting.map(|left| format!("the binding lasts another {left}, "));
                        format!("{}trying again in {}{asked}", still.unwrap_or_default(), left(at))
                    }
                    Some(lasting) => {
                        format!("registered for another {lasting}, to be renewed in {}", left(at))
                    }
                    None => format!("the next REGISTER goes out in {}", left(at)),
                }
            }
            (Activity::AwaitingAnswer { until, .. }, lasting) => {
                let lasting = lasting.map(|left| format!("the binding lasts another {left}, "));
                let awaited = self.awaited_answer(left(*until));
                format!("{}{awaited}", lasting.unwrap_or_default())
            }
            (Activity::Blocked { .. }, None) => UNTIL_CREDENTIALS.to_owned(),
            (Activity::Blocked { .. }, Some(lasting)) => {
                format!("registered for another {lasting}, {UNTIL_CREDENTIALS}")
            }
            (Activity::Idle, Some(lasting)) => {
                format!("registered for another {lasting}, not renewed by itself")
            }
            (Activity::Idle, None) => self.why_idle(registration),
        }
    }

    fn why_idle(&self, registration: &Registration) -> String {
        match self.own_state(registration) {
            RegistererState::Initial => "not registered, nothing was asked for".into(),
            _ if self.ending == Some(EndReason::Rejected) => "not trying again by itself".into(),
            _ if self.last.status() / 100 == 2 => {
                "not registered until the program asks for it".into()
            }
            _ if self.gave_up() => {
                let plural = if self.failures == 1 { "" } else { "s" };
                format!("not trying again after {} failure{plural}", self.failures)
            }
            _ => "not trying again by itself".into(),
        }
    }
}

/// Whole seconds, up, so that a moment to come is never "0 s".
fn seconds(wait: Duration) -> String {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    format!("{whole} s")
}
