//! A subscription to us, and when it has something to do (RFC 6665 section 4.2).

use super::exchange::{Identity, RequestExchange};
use super::state::state_text;
use super::subscriber::LINGER;
use super::{SubscriptionAction, SubscriptionContext, SubscriptionEvent, SubscriptionState};
use crate::dialog::Dialog;
use crate::request::tag_of;
use crate::sip::{Message, Text, delta_seconds};
use crate::transaction::{Did, Tid};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The seconds of a SUBSCRIBE that names none, or none that can be read.
const DEFAULT_EXPIRES: u32 = 600;
/// The same of a REFER.
const DEFAULT_EXPIRES_OF_REFER: u32 = 120;
/// No more seconds than this are granted.
const MAX_EXPIRES: u32 = 0x7fff_ffff;
/// The Event of a SUBSCRIBE that has none.
const DEFAULT_EVENT: &str = "presence";

/// One subscription to us: a SUBSCRIBE or REFER of the peer outside of calls, and all that comes of
/// it.
#[derive(Debug)]
pub struct Notifier {
    pub(super) did: Did,
    pub(super) dialog: Dialog,
    /// The Event of its NOTIFYs.
    pub(super) event: Box<str>,
    pub(super) identity: Identity,
    /// The number of the SUBSCRIBE that has begun it.
    initial_cseq: u32,
    pub(super) expires_at: Instant,
    /// The same before the SUBSCRIBE that has no final answer.
    pub(super) expired_before: Instant,
    /// The last SUBSCRIBE or REFER, while its transaction is there.
    pub(super) last: Option<ReceivedSubscribe>,
    /// Its number, while it has no final answer.
    pub(super) unanswered: Option<Tid>,
    pub(super) refused_at: Option<Instant>,
    pub(super) notify: RequestExchange,
    /// The NOTIFY that says that it has ended.
    pub(super) last_notify: Option<Tid>,
    /// What the events of it say: it has ended once the peer has unsubscribed.
    pub(super) state: SubscriptionState,
    pub(super) is_action_awaited: bool,
    /// A description of dialogs waits until the NOTIFY under way is answered.
    pub(super) is_description_due: bool,
    /// How many descriptions of dialogs were sent (RFC 4235 section 4.1.1).
    pub(super) dialog_info_version: u32,
}

/// A SUBSCRIBE or REFER of the peer.
#[derive(Debug)]
pub(super) struct ReceivedSubscribe {
    pub(super) tid: Tid,
    pub(super) text: Text,
    pub(super) from: SocketAddr,
}

/// Whether this request begins or refreshes a subscription.
pub fn is_subscribing(method: &str) -> bool {
    matches!(method, "SUBSCRIBE" | "REFER")
}

/// Whether `request`, a SUBSCRIBE or REFER, asks for a subscription that can be served: it has a
/// Contact, and does not say that it wants none (RFC 4488 section 4).
pub fn asks_for_subscription(request: &Message<'_>) -> bool {
    let wanted = request.header("Refer-Sub").map(|value| value.split(';').next().unwrap_or(""));
    let is_wanted = wanted.is_none_or(|word| word.trim_ascii().eq_ignore_ascii_case("true"));
    request.header("Contact").is_some() && (is_wanted || request.method() != Some("REFER"))
}

/// The seconds that `request` asks for.
fn asked(request: &Message<'_>) -> u32 {
    let default = match request.method() {
        Some("REFER") => DEFAULT_EXPIRES_OF_REFER,
        _ => DEFAULT_EXPIRES,
    };
    request.header("Expires").and_then(delta_seconds).unwrap_or(default).min(MAX_EXPIRES)
}

impl Notifier {
    /// The subscription that `request`, which is in no dialog, asks for. `None`: its addresses
    /// cannot be read.
    pub fn new(now: Instant, request: &Message<'_>, did: Did, local_tag: &str) -> Option<Notifier> {
        let dialog = Dialog::of_request(request, local_tag)?;
        let event = match request.method() {
            Some("REFER") => "refer",
            _ => request.header("Event").filter(|event| !event.is_empty()).unwrap_or(DEFAULT_EVENT),
        };
        Some(Notifier {
            did,
            event: event.into(),
            identity: Identity::of(dialog.local()),
            dialog,
            initial_cseq: request.cseq()?.number,
            expires_at: now,
            expired_before: now,
            last: None,
            unanswered: None,
            refused_at: None,
            notify: RequestExchange::default(),
            last_notify: None,
            state: SubscriptionState::default(),
            is_action_awaited: false,
            is_description_due: false,
            dialog_info_version: 0,
        })
    }

    /// The number of its dialog.
    pub fn did(&self) -> Did {
        self.did
    }

    /// Our tag.
    pub fn local_tag(&self) -> &str {
        self.dialog.local_tag()
    }

    /// The number of the last request of the peer, while its transaction is there.
    pub fn last_tid(&self) -> Option<Tid> {
        self.last.as_ref().map(|one| one.tid)
    }

    /// Request `tid` of the peer, if it is the last one, and its transaction is there.
    pub(super) fn received(&self, tid: Tid) -> Option<&ReceivedSubscribe> {
        self.last.as_ref().filter(|one| one.tid == tid)
    }

    /// The Event of request `tid`, if it is there and has one.
    pub fn asked_event(&self, tid: Tid) -> Option<String> {
        let received = self.received(tid)?;
        let mut room = Vec::new();
        let request = Message::read(&received.text, &mut room).ok()?;
        request.header("Event").map(str::to_owned)
    }

    /// Whether a request of the peer, which has found it by Call-ID and our tag, is in its dialog.
    pub fn is_in_dialog(&self, request: &Message<'_>) -> bool {
        let tag = request.header("From").map_or("", tag_of);
        self.refused_at.is_none() && self.dialog.remote_tag() == tag
    }

    /// Whether `request`, which has its Call-ID, its From tag, and no To tag, is the one that has
    /// begun it, come by another way (RFC 3261 section 8.2.2.2).
    pub fn is_begun_by(&self, request: &Message<'_>) -> bool {
        request.cseq().is_some_and(|cseq| cseq.number == self.initial_cseq)
    }

    /// The time is over that it was granted.
    pub(super) fn has_expired(&self, now: Instant) -> bool {
        self.state.is_terminated() || self.expires_at <= now
    }

    /// The whole seconds that are left of it.
    pub(super) fn seconds_left(&self, now: Instant) -> u64 {
        let left = self.expires_at.saturating_duration_since(now);
        (left + Duration::from_millis(500)).as_secs()
    }

    /// Subscription-State of a NOTIFY that says this of it.
    pub(super) fn state_for(&self, now: Instant, status: i32, reason: i32) -> String {
        let has_expired = self.has_expired(now);
        state_text(status, reason, if has_expired { None } else { Some(self.seconds_left(now)) })
    }

    /// It goes on for as long as `request` asks.
    pub(super) fn extend(&mut self, now: Instant, request: &Message<'_>) {
        let asked = asked(request);
        self.expired_before = self.expires_at;
        self.expires_at = now + Duration::from_secs(asked.into());
        self.state = match asked {
            0 => SubscriptionState::TIMED_OUT,
            _ => SubscriptionState::default(),
        };
    }

    pub(super) fn push_event(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        mut event: SubscriptionEvent,
    ) {
        event.state = self.state;
        context.actions.push(SubscriptionAction::Event(event));
    }

    /// When nothing more is expected of it, if nothing happens until then.
    pub(super) fn over_at(&self) -> Option<Instant> {
        if self.unanswered.is_some() || self.notify.pending.is_some() {
            return None;
        }
        Some(self.refused_at.unwrap_or(self.expires_at) + LINGER)
    }

    /// When it next has something to do.
    pub fn poll_timeout(&self) -> Option<Instant> {
        [self.over_at(), self.notify.poll_timeout()].into_iter().flatten().min()
    }

    /// An instant has come that [`Notifier::poll_timeout`] has named.
    pub fn on_timeout(&mut self, context: &mut SubscriptionContext<'_>) {
        self.notify.on_timeout(context.now);
        if self.over_at().is_some_and(|at| at <= context.now) {
            context.actions.push(SubscriptionAction::Release);
        }
    }
}
