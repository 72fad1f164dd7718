//! A subscription of ours, and when it has something to do.

use super::exchange::{Identity, RequestExchange};
use super::kept_request::KeptRequest;
use super::{SubscriptionAction, SubscriptionContext, SubscriptionEvent, SubscriptionState};
use crate::auth::ChallengePolicy;
use crate::dialog::Dialog;
use crate::request::{HiddenFields, keep_added, tag_of};
use crate::sip::Draft;
use crate::transaction::{Did, Tid};
use std::time::{Duration, Instant};

/// NOTIFYs of other forks are taken so long after the SUBSCRIBE, and a subscription that was not
/// accepted is kept so long.
pub(super) const FORKS: Duration = Duration::from_secs(64);
/// 64·T1: so long after its end a subscription is kept.
pub(super) const LINGER: Duration = Duration::from_secs(32);
/// The least lead of a refresh before the end, where that is more than a tenth of the whole.
const LEAST_LEAD: Duration = Duration::from_secs(6);
/// No refresh comes sooner than this after the SUBSCRIBE before it.
const LEAST_PERIOD: Duration = Duration::from_secs(1);

/// One subscription of ours: a SUBSCRIBE or REFER outside of calls, and all that comes of it.
#[derive(Debug)]
pub struct Subscriber {
    pub(super) is_refer: bool,
    pub(super) identity: Identity,
    /// From of all requests, with our tag.
    pub(super) local: Box<str>,
    /// Of the first request.
    pub(super) hidden: HiddenFields,
    /// What the application put on its last SUBSCRIBE.
    pub(super) kept: KeptRequest,
    /// The requests outside of dialogs.
    pub(super) initial: RequestExchange,
    /// The CSeq number of the last of those, and when it was sent.
    pub(super) initial_cseq: u32,
    pub(super) initial_at: Instant,
    /// The last of those was refused, and makes no dialogs any more.
    pub(super) is_refused: bool,
    pub(super) dialogs: Vec<SubscribedDialog>,
    /// The tags of dialogs that have ended, while others may come.
    pub(super) ended_tags: Vec<Box<str>>,
    /// What the newest NOTIFY has said.
    pub(super) state: SubscriptionState,
    /// The application has removed it: until then NOTIFYs of it are expected.
    pub(super) removed_until: Option<Instant>,
    /// An automatic action has been asked for.
    pub(super) is_action_awaited: bool,
}

/// The dialog with one notifier.
#[derive(Debug)]
pub(super) struct SubscribedDialog {
    pub(super) did: Did,
    pub(super) dialog: Dialog,
    /// What its newest NOTIFY has said.
    pub(super) state: SubscriptionState,
    pub(super) exchange: RequestExchange,
    /// The seconds that the newest SUBSCRIBE asks for, and when it was sent.
    pub(super) asked: u32,
    pub(super) sent_at: Instant,
    pub(super) expires_at: Instant,
    /// When an automatic action refreshes it.
    pub(super) refresh_at: Option<Instant>,
    /// It does so now.
    pub(super) is_due: bool,
    /// The application has ended it: it is kept until then for its last NOTIFY.
    pub(super) ends_at: Option<Instant>,
    /// The notifier has said where it is reached.
    pub(super) has_target: bool,
}

impl SubscribedDialog {
    /// It goes on for `period` from `start`.
    pub(super) fn plan(&mut self, start: Instant, period: Duration, is_refreshed: bool) {
        let lead = (period / 10).max(LEAST_LEAD);
        let age = period.saturating_sub(lead).max(period / 2).max(LEAST_PERIOD);
        self.expires_at = start + period;
        self.refresh_at = is_refreshed.then_some(start + age);
        self.is_due = false;
    }

    /// When it has something to do besides its requests.
    fn poll_timeout(&self) -> Option<Instant> {
        let refresh = self.refresh_at.filter(|_| !self.is_due);
        let end = self.end_at().filter(|_| self.exchange.pending.is_none());
        [refresh, end, self.exchange.poll_timeout()].into_iter().flatten().min()
    }

    /// When nothing more is expected of it; `None`: it is early.
    pub(super) fn end_at(&self) -> Option<Instant> {
        let expired = self.dialog.is_confirmed().then(|| self.expires_at + LINGER);
        self.ends_at.or(expired)
    }
}

impl Subscriber {
    /// The subscription that `draft`, a SUBSCRIBE or REFER which is about to be sent, begins.
    pub fn new(now: Instant, draft: &mut Draft) -> Subscriber {
        keep_added(draft);
        let from = draft.get("From").unwrap_or("");
        Subscriber {
            is_refer: draft.method() == Some("REFER"),
            identity: Identity::of(from),
            local: from.into(),
            hidden: HiddenFields::of(draft),
            kept: KeptRequest::of(draft),
            initial: RequestExchange::default(),
            initial_cseq: 0,
            initial_at: now,
            is_refused: false,
            dialogs: Vec::new(),
            ended_tags: Vec::new(),
            state: SubscriptionState::default(),
            removed_until: None,
            is_action_awaited: false,
        }
    }

    /// Which of its challenges are answered.
    pub fn set_challenge_policy(&mut self, policy: ChallengePolicy) {
        self.identity.digest.set_policy(policy);
    }

    /// Our tag.
    pub fn local_tag(&self) -> &str {
        tag_of(&self.local)
    }

    /// Whether the notifier with this tag is known.
    pub fn has_notifier(&self, tag: &str) -> bool {
        !self.is_removed() && self.place_of_tag(tag).is_some()
    }

    /// Sends a request outside of dialogs.
    pub fn send_initial(&mut self, context: &mut SubscriptionContext<'_>, draft: Draft) -> Tid {
        let tid = (context.new_tid)();
        self.initial.begin(tid);
        self.initial_cseq = number_of(&draft);
        self.initial_at = context.now;
        self.is_refused = false;
        context.actions.push(SubscriptionAction::Send(tid, draft));
        tid
    }

    /// Whether request `tid` has no final response, and its dialog has not ended.
    pub fn awaits(&self, tid: Tid) -> bool {
        let within = || self.dialogs.iter().any(|one| one.exchange.pending == Some(tid));
        self.initial.pending == Some(tid) || within()
    }

    /// Whether the application has removed it.
    pub fn is_removed(&self) -> bool {
        self.removed_until.is_some()
    }

    pub(super) fn place_of_did(&self, did: Did) -> Option<usize> {
        self.dialogs.iter().position(|one| one.did == did)
    }

    pub(super) fn place_of_tag(&self, tag: &str) -> Option<usize> {
        self.dialogs.iter().position(|one| one.dialog.remote_tag() == tag)
    }

    /// The did in events of the requests outside of dialogs; 0: there is none.
    pub(super) fn first_did(&self) -> Did {
        self.dialogs.first().map_or(0, |one| one.did)
    }

    /// Adds a dialog.
    pub(super) fn insert(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        dialog: Dialog,
        has_target: bool,
    ) -> usize {
        let asked = self.kept.expires();
        // What another notifier has said of its end is not said of this one.
        let is_known = !self.state.is_terminated();
        let state = if is_known { self.state } else { SubscriptionState::default() };
        let mut added = SubscribedDialog {
            did: (context.new_did)(),
            dialog,
            state,
            exchange: RequestExchange::default(),
            asked,
            sent_at: self.initial_at,
            expires_at: self.initial_at,
            refresh_at: None,
            is_due: false,
            ends_at: None,
            has_target,
        };
        let is_refreshed = !self.is_refer && asked > 0;
        added.plan(self.initial_at, Duration::from_secs(asked.into()), is_refreshed);
        self.dialogs.push(added);
        self.dialogs.len() - 1
    }

    /// A dialog has ended.
    pub(super) fn end_dialog(&mut self, context: &mut SubscriptionContext<'_>, place: usize) {
        let gone = self.dialogs.remove(place);
        context.actions.push(SubscriptionAction::Forget(gone.did));
        if context.now <= self.initial_at + FORKS {
            self.ended_tags.push(gone.dialog.remote_tag().into());
        }
    }

    /// Nothing is kept of it once its last dialog has ended.
    pub(super) fn release_if_over(&mut self, context: &mut SubscriptionContext<'_>) {
        if self.dialogs.is_empty() && self.initial.pending.is_none() {
            context.actions.push(SubscriptionAction::Release);
        }
    }

    /// The application gets an event of it, or of a request of one that it has removed; with the
    /// state of the event's dialog, or the newest where that has none.
    pub(super) fn push_event(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        mut event: SubscriptionEvent,
    ) {
        let place = self.place_of_did(event.did);
        event.state = place.map_or(self.state, |place| self.dialogs[place].state);
        context.actions.push(match self.is_removed() {
            true => SubscriptionAction::MessageEvent(event),
            false => SubscriptionAction::Event(event),
        });
    }

    /// An automatic action has something to do.
    pub(super) fn await_action(&mut self, context: &mut SubscriptionContext<'_>) {
        if !std::mem::replace(&mut self.is_action_awaited, true) {
            context.actions.push(SubscriptionAction::AwaitAutomaticAction);
        }
    }

    /// When nothing more is expected of one that has no confirmed dialog.
    fn unaccepted_until(&self) -> Option<Instant> {
        let is_alive = self.dialogs.iter().any(|one| one.dialog.is_confirmed());
        (!is_alive && self.initial.pending.is_none()).then_some(self.initial_at + FORKS)
    }

    /// When it is over, if nothing happens until then.
    pub(super) fn over_at(&self) -> Option<Instant> {
        let is_pending = self.initial.pending.is_some()
            || self.dialogs.iter().any(|one| one.exchange.pending.is_some());
        match self.removed_until {
            Some(_) if is_pending => None,
            Some(until) => Some(until),
            None => self.unaccepted_until(),
        }
    }

    /// When it next has something to do.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.is_removed() {
            return self.over_at();
        }
        let dialogs = self.dialogs.iter().filter_map(SubscribedDialog::poll_timeout).min();
        [self.over_at(), self.initial.poll_timeout(), dialogs].into_iter().flatten().min()
    }
}

/// The CSeq number of `draft`.
pub(super) fn number_of(draft: &Draft) -> u32 {
    draft.cseq().map_or(0, |cseq| cseq.number)
}
