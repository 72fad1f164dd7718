//! The session timer (RFC 4028): how long a session lives without being refreshed, and who
//! refreshes it.

use crate::sip::{Draft, Message, Params, delta_seconds, same_word, split_list};
use std::time::{Duration, Instant};

/// No session expires sooner (RFC 4028 section 4).
const MIN_INTERVAL: u32 = 90;
/// A session ends this long before it expires, or a third of its interval if that is less (section
/// 10).
const BEFORE_EXPIRY: Duration = Duration::from_secs(32);
/// Half of the interval is over when a refresh is due (section 7.4), and this.
const BEHIND_HALF: Duration = Duration::from_secs(1);

/// The side of a transaction that refreshes the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refresher {
    Uac,
    Uas,
}

/// Session-Expires (RFC 4028 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SessionExpires {
    seconds: u32,
    refresher: Option<Refresher>,
}

/// The timer of a session, as the last 2xx to an INVITE or UPDATE has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTimer {
    seconds: u32,
    we_refresh: bool,
    /// What a server has demanded at least.
    least: Option<u32>,
}

impl SessionTimer {
    /// The timer that our 2xx to `request` begins, which gets what it needs for that: Session-
    /// Expires as the request asks for, and Require where the caller understands it (RFC 4028
    /// section 9). `None`: the request asks for none, or the 2xx, as the application has made it,
    /// has no `timer` in Supported.
    pub fn of_our_2xx(request: &Message<'_>, answer: &mut Draft) -> Option<Self> {
        let asked = SessionExpires::of(request.header("Session-Expires")?)?;
        if !has_option(values(answer, ["Supported", "k"]), "timer") {
            return None;
        }
        let is_supported = has_option(request.lines("Supported"), "timer");
        // Only a caller that understands the timer can refresh.
        let refresher = asked.refresher.filter(|_| is_supported).unwrap_or(Refresher::Uas);
        let given = answer.get("Session-Expires").and_then(SessionExpires::of);
        let granted = match given {
            Some(given) => given.with_refresher(Refresher::Uas),
            None => SessionExpires { refresher: Some(refresher), ..asked },
        };
        if given != Some(granted) {
            answer.set("Session-Expires", granted.text());
        }
        if is_supported && !has_option(values(answer, ["Require", "Require"]), "timer") {
            answer.push("Require", "timer");
        }
        let we_refresh = granted.refresher != Some(Refresher::Uac);
        Some(SessionTimer::new(granted.seconds, we_refresh, None))
    }

    /// The timer that a 2xx to `request`, which is ours, begins. `None`: one of the two does not
    /// speak of it.
    pub fn of_their_2xx(request: &Message<'_>, response: &Message<'_>) -> Option<Self> {
        SessionExpires::of(request.header("Session-Expires")?)?;
        let granted = SessionExpires::of(response.header("Session-Expires")?)?;
        let we_refresh = granted.refresher != Some(Refresher::Uas);
        Some(SessionTimer::new(granted.seconds, we_refresh, request.seconds("Min-SE")))
    }

    fn new(seconds: u32, we_refresh: bool, least: Option<u32>) -> Self {
        SessionTimer { seconds: seconds.max(MIN_INTERVAL), we_refresh, least }
    }

    /// Whether we refresh the session, and not the peer.
    pub fn we_refresh(self) -> bool {
        self.we_refresh
    }

    /// The session interval.
    pub fn interval(self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    /// When a session that was `refreshed` then is to be refreshed again.
    pub fn refresh_at(self, refreshed: Instant) -> Instant {
        refreshed + self.interval() / 2 + BEHIND_HALF
    }

    /// When a session that was `refreshed` then is ended with BYE: the peer, if it is to refresh,
    /// has not done so in time; we have got no 2xx until it has expired (RFC 4028 section 10).
    pub fn expires_at(self, refreshed: Instant) -> Instant {
        let before = BEFORE_EXPIRY.min(self.interval() / 3);
        refreshed + self.interval() - if self.we_refresh { Duration::ZERO } else { before }
    }

    /// Makes `draft`, an INVITE or UPDATE of ours, one that refreshes the session.
    pub fn put_on(self, draft: &mut Draft) {
        let refresher = Some(if self.we_refresh { Refresher::Uac } else { Refresher::Uas });
        let asks = SessionExpires { seconds: self.seconds, refresher };
        draft.set("Session-Expires", asks.text());
        if let Some(least) = self.least {
            draft.set("Min-SE", least.to_string());
        }
        if !has_option(values(draft, ["Supported", "k"]), "timer") {
            draft.push("Supported", "timer");
        }
    }
}

impl SessionExpires {
    fn of(value: &str) -> Option<Self> {
        let params = value.find(';').map_or("", |at| &value[at..]);
        let refresher = Params::new(params).get("refresher").and_then(|name| match name {
            _ if same_word(name, "uac") => Some(Refresher::Uac),
            _ if same_word(name, "uas") => Some(Refresher::Uas),
            _ => None,
        });
        Some(SessionExpires { seconds: delta_seconds(value)?, refresher })
    }

    fn with_refresher(self, refresher: Refresher) -> Self {
        SessionExpires { refresher: self.refresher.or(Some(refresher)), ..self }
    }

    fn text(self) -> String {
        let refresher = match self.refresher {
            Some(Refresher::Uac) => ";refresher=uac",
            Some(Refresher::Uas) => ";refresher=uas",
            None => "",
        };
        format!("{}{refresher}", self.seconds)
    }
}

/// `request`, which was answered with 422, with the shortest interval that the server takes (RFC
/// 4028 section 7.3). `None`: it asked for no timer, or for one that is as long already.
pub fn with_longer_interval(mut request: Draft, response: &Message<'_>) -> Option<Draft> {
    let least = response.seconds("Min-SE")?;
    let asked = SessionExpires::of(request.get("Session-Expires")?)?;
    if least <= asked.seconds {
        return None;
    }
    let asks = SessionExpires { seconds: least, ..asked };
    request.set("Session-Expires", asks.text());
    request.set("Min-SE", least.to_string());
    Some(request)
}

/// Whether `message` of the peer allows UPDATE (RFC 3311 section 4).
pub fn allows_update(message: &Message<'_>) -> bool {
    message.elements("Allow").any(|method| method == "UPDATE")
}

/// Whether the option tag stands in one of these header values.
fn has_option<'a>(values: impl Iterator<Item = &'a str>, tag: &str) -> bool {
    values.flat_map(split_list).any(|option| same_word(option, tag))
}

/// The values of a header field of `draft`, by both of its names.
fn values<'d>(draft: &'d Draft, names: [&'d str; 2]) -> impl Iterator<Item = &'d str> {
    let is = move |name: &str| names.iter().any(|one| same_word(one, name));
    draft.headers().filter(move |(name, _)| is(name)).map(|(_, value)| value)
}
