//! SUBSCRIBEs and REFERs of the peer, and our answers (RFC 6665 section 4.2.1).

use super::notifier::{Notifier, ReceivedSubscribe};
use super::{SubscriptionContext, SubscriptionEvent, SubscriptionEventKind, SubscriptionState};
use crate::dialog::Order;
use crate::request::{Refusal, Settings, keep_added};
use crate::sip::{Draft, Message, Text, delta_seconds};
use crate::transaction::{Requester, Tid};
use std::time::{Duration, Instant};

/// What is done with a SUBSCRIBE or REFER in a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resubscribed {
    /// It becomes an event of the application, which answers.
    Taken,
    /// It is refused with 500: its CSeq is lower than the last.
    Late,
    /// It is refused with 500 and Retry-After: the one before is not answered.
    Busy,
}

impl Notifier {
    /// SUBSCRIBE or REFER `tid` has come: the first, or one in the dialog.
    pub fn on_subscribe(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        tid: Tid,
        request: &Message<'_>,
        (text, requester): (Text, Requester),
    ) -> Resubscribed {
        if self.dialog.on_request(request) == Order::Late {
            return Resubscribed::Late;
        }
        if self.unanswered.is_some() {
            return Resubscribed::Busy;
        }
        self.dialog.move_target(request);
        self.extend(context.now, request);
        let from = requester.address;
        // The one before it is answered.
        self.last = Some(ReceivedSubscribe { tid, text: text.clone(), from });
        self.unanswered = Some(tid);
        let mut event = SubscriptionEvent::new(SubscriptionEventKind::Subscribed, self.did, tid);
        (event.request, event.origin) = (Some(text), Some(requester.origin));
        self.push_event(context, event);
        Resubscribed::Taken
    }

    /// The answer of `status` to request `tid`. Errors: `WrongState` where a later one has come.
    pub fn build_answer(
        &self,
        now: Instant,
        tid: Tid,
        status: u16,
        settings: &Settings,
    ) -> Result<Draft, Refusal> {
        let received = self.received(tid).ok_or(Refusal::WrongState)?;
        let mut room = Vec::new();
        let request = Message::read(&received.text, &mut room)?;
        let mut draft = self.dialog.answer(&request, received.from, status, settings);
        if request.method() == Some("SUBSCRIBE") {
            if status == 202 {
                draft.set_start("SIP/2.0 202 Accepted subscription");
            }
            draft.insert_after("CSeq", "Event", &*self.event);
        }
        if (200..300).contains(&status) {
            draft.push("Expires", self.seconds_left(now).to_string());
        }
        Ok(draft)
    }

    /// The answer `draft` to request `tid`, as it is sent. Errors: `WrongState` where there is a
    /// final answer already.
    pub fn prepare_answer(&self, tid: Tid, mut draft: Draft) -> Result<Draft, Refusal> {
        if self.unanswered != Some(tid) {
            return Err(Refusal::WrongState);
        }
        keep_added(&mut draft);
        Ok(draft)
    }

    /// Request `tid` is answered so, by the application or in its place.
    pub fn on_answered(&mut self, now: Instant, tid: Tid, status: u16, expires: Option<&str>) {
        if status < 200 || self.unanswered != Some(tid) {
            return;
        }
        self.unanswered = None;
        if status >= 300 {
            if self.dialog.is_confirmed() {
                // It goes on as it was.
                self.expires_at = self.expired_before;
                self.state = SubscriptionState::default();
            } else {
                self.refused_at = Some(now);
            }
            return;
        }
        self.dialog.confirm();
        if let Some(granted) = expires.and_then(delta_seconds).filter(|_| !self.has_expired(now)) {
            self.expires_at = now + Duration::from_secs(granted.into());
        }
    }

    /// The transaction of request `tid` is gone.
    pub fn forget_request(&mut self, tid: Tid) {
        self.last.take_if(|one| one.tid == tid);
    }
}
