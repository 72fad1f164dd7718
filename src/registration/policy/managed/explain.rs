//! One sentence for a person: what happened last, why, what happens next.

use super::{Class, Goal, ManagedPolicy, Reason, State};
use crate::registration::Registration;
use std::time::{Duration, Instant};

/// How a registration came to its end, where that was not the server's last answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The program asked for the removal of the binding.
    Asked,
    /// The binding has ended by itself.
    Expired,
    /// The program disposed of the registration.
    Disposed,
    /// The program took it away without asking the server.
    Taken,
    /// The program ended, and did not wait any longer.
    Quit,
}

impl Ending {
    fn words(self) -> &'static str {
        match self {
            Ending::Asked => "the program asked for the removal of the binding",
            Ending::Expired => "the binding has expired",
            Ending::Disposed => "the program disposed of the registration",
            Ending::Taken => "the program took the registration away without telling the server",
            Ending::Quit => "the program ended before the server had answered",
        }
    }
}

/// What the absence of an answer means, in words; empty where the reason says it already.
pub(super) fn silence(why: &str) -> &'static str {
    match why {
        _ if why.starts_with("No answer") => "the server is down, or the way to it or back",
        _ if why.contains("not resolved") => "the name server does not answer",
        _ => "",
    }
}

/// What a failure means, in words.
pub(super) fn meaning(status: u16, class: Class) -> &'static str {
    match (status, class) {
        (403, Class::Credentials) => "the user name or password is wrong",
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
        (_, Class::Credentials) => "the server does not accept the credentials",
        (_, Class::Temporary) => "it may work later",
        (_, Class::Fatal) => "the server refuses it for good",
    }
}

impl ManagedPolicy {
    /// One sentence: what happened last, why, and what happens next.
    pub fn explain(&self, registration: &Registration, now: Instant) -> String {
        let mut text = self.happened();
        let meaning = Some(self.last.meaning.as_str()).filter(|meaning| !meaning.is_empty());
        let whys: Vec<&str> = meaning.into_iter().chain(self.ending_of.map(Ending::words)).collect();
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

    fn happened(&self) -> String {
        let last = &self.last;
        if last.status == 0 {
            let taken_over = self.options.adopted && self.state != State::Initial;
            return if taken_over { "Taken over from the eXosip calls" } else { "Nothing was heard yet" }
                .to_owned();
        }
        let silent = last.status == 408 && (last.from.is_none() || last.reason.contains(' '));
        let mut text = match last.from {
            Some(from) if !silent || last.reason == "Request Timeout" => {
                format!("{} {} from {from}", last.status, last.reason)
            }
            _ => last.reason.clone(),
        };
        if let Some((user, realm)) = last.proven.as_ref().filter(|_| last.status >= 300) {
            text.push_str(&format!(" after {user} answered realm \"{realm}\""));
        }
        text
    }

    fn follows(&self, registration: &Registration, now: Instant) -> String {
        let left = |at: Instant| seconds(at.saturating_duration_since(now));
        let lasting = self.until.filter(|until| *until > now && self.state == State::Registered).map(left);
        match (self.state, self.next) {
            (State::Terminated, _) => match self.left_behind.filter(|until| *until > now).map(left) {
                Some(left) => format!("it is over, the binding was left to expire within {left}"),
                None => "it is over, nothing more is sent".into(),
            },
            _ if registration.is_pending() => match (self.goal, lasting) {
                (Goal::Gone { .. }, _) => "being removed".into(),
                (_, Some(lasting)) => format!("being renewed, the binding lasts another {lasting}"),
                _ => "a REGISTER awaits its answer".into(),
            },
            _ if self.waiting => "the next REGISTER waits for its turn".into(),
            (_, Some((at, Reason::Retry))) => {
                let asked = if self.not_before == Some(at) { ", as the server asked" } else { "" };
                let still = lasting.map(|lasting| format!("the binding lasts another {lasting}, "));
                format!("{}trying again in {}{asked}", still.unwrap_or_default(), left(at))
            }
            (State::Registered, Some((at, _))) => {
                let lasting = lasting.unwrap_or_default();
                format!("registered for another {lasting}, to be renewed in {}", left(at))
            }
            (_, Some((at, _))) => format!("the next REGISTER goes out in {}", left(at)),
            _ if self.stalled => "not trying again until the credentials change".into(),
            (State::Registered, None) => {
                format!("registered for another {}, not renewed by itself", lasting.unwrap_or_default())
            }
            (State::Initial, None) => "not registered, nothing was asked for".into(),
            (State::Unregistered, None) if self.last.status / 100 == 2 => {
                "not registered until the program asks for it".into()
            }
            (State::Unregistered, None) if self.gave_up() => {
                let plural = if self.failures == 1 { "" } else { "s" };
                format!("not trying again after {} failure{plural}", self.failures)
            }
            (State::Unregistered, None) => "not trying again by itself".into(),
        }
    }
}

/// Whole seconds, up, so that a moment to come is never "0 s".
fn seconds(wait: Duration) -> String {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    format!("{whole} s")
}
