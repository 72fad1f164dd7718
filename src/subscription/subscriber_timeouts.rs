//! What the time brings to a subscription of ours.

use super::{
    Subscriber, SubscriptionAction, SubscriptionContext, SubscriptionEvent, SubscriptionEventKind,
};

impl Subscriber {
    /// An instant has come that [`Subscriber::poll_timeout`] has named.
    pub fn on_timeout(&mut self, context: &mut SubscriptionContext<'_>) {
        let now = context.now;
        if self.over_at().is_some_and(|at| at <= now) {
            context.actions.push(SubscriptionAction::Release);
            return;
        }
        if self.is_removed() {
            return;
        }
        self.initial.on_timeout(now);
        let mut place = 0;
        while place < self.dialogs.len() {
            let known = &mut self.dialogs[place];
            known.exchange.on_timeout(now);
            let has_ended = known.end_at().is_some_and(|at| at <= now);
            if has_ended && known.exchange.pending.is_none() {
                self.on_expired(context, place);
                continue;
            }
            if !known.is_due && known.refresh_at.is_some_and(|at| at <= now) {
                known.is_due = true;
                self.await_action(context);
            }
            place += 1;
        }
    }

    /// Nothing more is expected of this dialog. The application gets an event where it has not
    /// ended it itself.
    fn on_expired(&mut self, context: &mut SubscriptionContext<'_>, place: usize) {
        let known = &self.dialogs[place];
        let (did, is_event) = (known.did, known.ends_at.is_none());
        if is_event {
            let kind = SubscriptionEventKind::NoAnswer;
            self.push_event(context, SubscriptionEvent::new(kind, did, 0));
        }
        self.end_dialog(context, place);
        self.release_if_over(context);
    }
}
