//! NOTIFYs of a subscription of ours (RFC 6665 section 4.1.3).

use super::state::expires_of;
use super::subscriber::FORKS;
use super::{
    Subscriber, SubscriptionAction, SubscriptionContext, SubscriptionEvent, SubscriptionEventKind,
};
use crate::dialog::Dialog;
use crate::request::tag_of;
use crate::sip::{Message, Text};
use crate::transaction::{RequestOrigin, Tid};
use std::time::Duration;

/// Notifiers that one SUBSCRIBE may reach.
const MAX_FORKS: usize = 32;

impl Subscriber {
    /// NOTIFY `tid` has come, with our Call-ID and tag. The status that it is answered with: 200,
    /// or 481 where it belongs to none of our dialogs.
    pub fn on_notify(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        tid: Tid,
        notify: &Message<'_>,
        (request, origin): (Text, RequestOrigin),
    ) -> u16 {
        let Some(place) = self.notified_dialog(context, notify) else { return 481 };
        let known = &mut self.dialogs[place];
        known.has_target |= known.dialog.move_target(notify);
        let did = known.did;
        match notify.header("Subscription-State") {
            Some(value) => {
                known.state.on_notify(value);
                self.state = known.state;
                if self.state.is_terminated() {
                    self.end_dialog(context, place);
                } else {
                    self.on_state(context, place, value);
                }
            }
            None => {
                let text = "a NOTIFY has no Subscription-State: its subscription goes on";
                context.actions.push(SubscriptionAction::Warn(text));
            }
        }
        let mut event = SubscriptionEvent::new(SubscriptionEventKind::Notify, did, tid);
        (event.request, event.origin) = (Some(request), Some(origin));
        self.push_event(context, event);
        self.release_if_over(context);
        200
    }

    /// The dialog that a NOTIFY belongs to, or makes.
    fn notified_dialog(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        notify: &Message<'_>,
    ) -> Option<usize> {
        if self.is_removed() {
            return None;
        }
        let tag = notify.header("From").map_or("", tag_of);
        if let Some(place) = self.place_of_tag(tag) {
            let known = &mut self.dialogs[place];
            if !known.dialog.is_confirmed() {
                known.dialog.confirm();
            }
            return Some(place);
        }
        let is_late = context.now > self.initial_at + FORKS;
        let has_ended = self.ended_tags.iter().any(|ended| **ended == *tag);
        let forks = self.dialogs.len() + self.ended_tags.len();
        if is_late || has_ended || self.is_refused || forks >= MAX_FORKS {
            return None;
        }
        let dialog = Dialog::of_notify(&self.local, self.initial_cseq, notify)?;
        Some(self.insert(context, dialog, false))
    }

    /// The subscription goes on, as this Subscription-State says: it may end sooner than was known.
    fn on_state(&mut self, context: &mut SubscriptionContext<'_>, place: usize, value: &str) {
        let (now, is_refer) = (context.now, self.is_refer);
        let known = &mut self.dialogs[place];
        if is_refer {
            // Nobody refreshes it: each NOTIFY does.
            let whole = Duration::from_secs(self.kept.expires().into());
            known.plan(now, whole, false);
        }
        let left = expires_of(value).filter(|left| now + *left < known.expires_at);
        if let Some(left) = left.filter(|_| known.ends_at.is_none()) {
            known.plan(now, left, !is_refer && known.asked > 0);
        }
    }
}
