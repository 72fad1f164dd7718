//! NOTIFYs and other requests of ours in the dialog of a subscription to us (RFC 6665 section
//! 4.2.2).

use super::exchange::FinalResponse;
use super::notifier::Notifier;
use super::state::is_terminated;
use super::subscriber::number_of;
use super::subscriber_responses::ends_subscription;
use super::{
    SubscriptionAction, SubscriptionContext, SubscriptionEvent, SubscriptionEventKind,
    SubscriptionState,
};
use crate::request::via::following;
use crate::request::{HiddenFields, Refusal, is_token, keep_added};
use crate::sip::{Draft, Message, Text};
use crate::transaction::{NoResponse, Tid};

impl Notifier {
    /// Whether a request of ours can be sent. Errors: `NotFound` once it was refused, `WrongState`
    /// while a NOTIFY has no final response.
    fn check_idle(&self) -> Result<(), Refusal> {
        if self.refused_at.is_some() {
            return Err(Refusal::NotFound);
        }
        self.notify.pending.map_or(Ok(()), |_| Err(Refusal::WrongState))
    }

    /// The text of a request of this method. Nothing changes. Errors: `NotFound` once it was
    /// refused, `WrongState` while a NOTIFY is pending, `Syntax` for a method that is no token.
    pub fn build_request(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        method: &str,
    ) -> Result<Draft, Refusal> {
        self.check_idle()?;
        if !is_token(method) {
            return Err(Refusal::Syntax("method"));
        }
        let mut draft = self.dialog.clone().request(method, context.settings, context.entropy);
        self.identity.preview(context, &mut draft);
        Ok(draft)
    }

    /// The text of a NOTIFY that says this of the subscription, by the numbers of
    /// [`SubscriptionState`]. Errors: as [`Notifier::build_request`].
    pub fn build_notify(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        status: i32,
        reason: i32,
    ) -> Result<Draft, Refusal> {
        let mut draft = self.build_request(context, "NOTIFY")?;
        draft.push("Subscription-State", self.state_for(context.now, status, reason));
        Ok(draft)
    }

    /// Sends `draft`; a NOTIFY gets Event and Subscription-State where it has none. Errors: as
    /// [`Notifier::build_request`].
    pub fn send_request(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        mut draft: Draft,
    ) -> Result<(), Refusal> {
        self.check_idle()?;
        if draft.method() == Some("NOTIFY") {
            keep_added(&mut draft);
            if draft.get("Subscription-State").is_none() {
                let state = self.state_for(context.now, SubscriptionState::ACTIVE, 0);
                draft.push("Subscription-State", state);
            }
            if draft.get("Event").is_none() {
                draft.push("Event", &*self.event);
            }
        }
        self.identity.count_sent(context, &mut draft);
        self.send(context, draft);
        Ok(())
    }

    fn send(&mut self, context: &mut SubscriptionContext<'_>, draft: Draft) {
        let tid = (context.new_tid)();
        self.dialog.on_request_sent(number_of(&draft));
        if draft.method() == Some("NOTIFY") {
            self.notify.begin(tid);
            let state = draft.get("Subscription-State");
            self.last_notify = state.filter(|state| is_terminated(state)).map(|_| tid);
        }
        context.actions.push(SubscriptionAction::Send(tid, draft));
    }

    /// The final response to request `tid`, which was sent as `request`, came as `bytes`.
    pub fn on_final(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        tid: Tid,
        message: &Message<'_>,
        (request, bytes): (Text, Text),
    ) {
        if self.notify.pending != Some(tid) {
            return;
        }
        self.notify.pending = None;
        let status = message.status().unwrap_or(0);
        let response = FinalResponse { tid, status, message, request: &request, bytes: &bytes };
        let mut detail = String::new();
        match status {
            200..=299 => {
                self.notify.on_accepted();
                self.identity.digest.accepted(message);
            }
            401 | 407 => {
                let identity = &mut self.identity;
                detail =
                    self.notify.on_challenge(context, identity, response, &HiddenFields::default());
            }
            _ => {}
        }
        let kind = SubscriptionEventKind::of_final_to_notify(status);
        let mut event = SubscriptionEvent::new(kind, self.did, tid);
        (event.request, event.response, event.detail) = (Some(request), Some(bytes), detail);
        self.push_event(context, event);
        let is_over = match status {
            200..=299 => self.last_notify == Some(tid),
            _ => ends_subscription(status),
        };
        if is_over {
            context.actions.push(SubscriptionAction::Release);
        } else if self.notify.has_automatic_retry() && !self.is_action_awaited {
            self.is_action_awaited = true;
            context.actions.push(SubscriptionAction::AwaitAutomaticAction);
        }
    }

    /// There will be no response to request `tid`.
    pub fn on_no_response(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        tid: Tid,
        request: Option<Text>,
        why: &NoResponse,
    ) {
        if self.notify.pending != Some(tid) {
            return;
        }
        let kind = SubscriptionEventKind::NotificationRequestFailure;
        let mut event = SubscriptionEvent::new(kind, self.did, tid);
        (event.request, event.detail) = (request, format!("{why}."));
        self.push_event(context, event);
        context.actions.push(SubscriptionAction::Release);
    }

    /// An automatic action: answers challenges.
    pub fn automatic_action(&mut self, context: &mut SubscriptionContext<'_>) {
        self.is_action_awaited = false;
        if let Some(tid) = self.notify.take_automatic_retry() {
            let _ = self.retry(context, tid);
        }
    }

    /// Sends NOTIFY `tid`, which was challenged, again with answers. One that was sent again
    /// already is not sent once more. Errors: `NotFound` for any other, `RetryLimit`, `Undefined`
    /// where there are no credentials.
    pub fn retry(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        tid: Tid,
    ) -> Result<(), Refusal> {
        let identity = &mut self.identity;
        let Some(mut draft) = self.notify.retry(context, identity, tid)? else { return Ok(()) };
        let number = following(self.dialog.local_cseq());
        draft.set("CSeq", format!("{number} NOTIFY"));
        identity.write(context, &mut draft);
        self.send(context, draft);
        Ok(())
    }
}
