//! What responses make of a subscription of ours (RFC 6665 section 4.1.2).

use super::exchange::FinalResponse;
use super::subscriber::LINGER;
use super::{Subscriber, SubscriptionContext, SubscriptionEvent, SubscriptionEventKind};
use crate::dialog::Dialog;
use crate::request::{HiddenFields, tag_of};
use crate::sip::{Message, Text};
use crate::transaction::{Did, NoResponse, Tid};
use std::time::Duration;

/// Retry-After where the notifier says nothing.
const RETRY_AFTER: Duration = Duration::from_secs(32);

/// Whether this response ends the subscription (RFC 6665 section 4.1.2.2; RFC 5057 section 5.1).
pub(super) fn ends_subscription(status: u16) -> bool {
    matches!(status, 404 | 405 | 410 | 416 | 480..=485 | 489 | 501 | 604)
}

/// Whether a 2xx to a REFER says that there is no subscription (RFC 4488 section 4).
fn refuses_subscription(response: &Message<'_>) -> bool {
    let value = response.header("Refer-Sub").unwrap_or("");
    value.split(';').next().is_some_and(|word| word.trim_ascii().eq_ignore_ascii_case("false"))
}

impl Subscriber {
    /// A provisional response to request `tid`, which was sent as `request`, came as `bytes`.
    pub fn on_provisional(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        tid: Tid,
        response: &Message<'_>,
        (request, bytes): (Option<Text>, Text),
    ) {
        let status = response.status().unwrap_or(0);
        if self.is_removed() || (self.is_refer && status == 100) {
            return;
        }
        let mut did = self.did_of(tid);
        if status > 100 && self.initial.pending == Some(tid) {
            self.on_early(context, response, request.as_ref());
            did = self.first_did();
        }
        let mut event = SubscriptionEvent::new(SubscriptionEventKind::Proceeding, did, tid);
        (event.request, event.response) = (request, Some(bytes));
        self.push_event(context, event);
    }

    /// The dialog that request `tid` is sent in; else that of the events of those outside.
    fn did_of(&self, tid: Tid) -> Did {
        let within = self.dialogs.iter().find(|one| one.exchange.pending == Some(tid));
        within.map_or_else(|| self.first_did(), |one| one.did)
    }

    /// A 101 to 199 to the first request makes an early dialog, or moves it to another branch.
    fn on_early(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        response: &Message<'_>,
        request: Option<&Text>,
    ) {
        let tag = response.header("To").map_or("", tag_of);
        if tag.is_empty() || self.place_of_tag(tag).is_some() {
            return;
        }
        let Some(dialog) = dialog_of(request.map_or(&[], |request| request), response) else {
            return;
        };
        let has_target = response.contacts().next().is_some();
        if self.dialogs.is_empty() {
            self.insert(context, dialog, has_target);
        } else if let Some(early) = self.dialogs.iter_mut().find(|one| !one.dialog.is_confirmed()) {
            (early.dialog, early.has_target) = (dialog, has_target);
        }
    }

    /// The final response to request `tid`, which was sent as `request`, came as `bytes`.
    pub fn on_final(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        tid: Tid,
        message: &Message<'_>,
        (request, bytes): (Text, Text),
    ) {
        let status = message.status().unwrap_or(0);
        let response = FinalResponse { tid, status, message, request: &request, bytes: &bytes };
        let within = self.dialogs.iter().position(|one| one.exchange.pending == Some(tid));
        match within {
            Some(place) => self.on_refresh_response(context, place, response),
            None if self.initial.pending == Some(tid) => {
                self.on_initial_response(context, response);
            }
            None => {}
        }
    }

    /// The final response to a request outside of dialogs.
    fn on_initial_response(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        response: FinalResponse<'_>,
    ) {
        self.initial.pending = None;
        if (200..300).contains(&response.status) {
            self.initial.on_accepted();
            self.identity.digest.accepted(response.message);
            let did = if self.is_removed() { 0 } else { self.on_accepted(context, response) };
            return self.push_final_event(context, did, response, String::new());
        }
        self.is_refused = true;
        let (did, asked) = (self.first_did(), self.kept.expires());
        let mut detail = String::new();
        match response.status {
            _ if self.is_removed() => {}
            401 | 407 => {
                let (identity, hidden) = (&mut self.identity, &self.hidden);
                detail = self.initial.on_challenge(context, identity, response, hidden);
            }
            423 => {
                let longer = self.initial.on_too_brief(context, response, &self.hidden, asked);
                longer.into_iter().for_each(|seconds| self.kept.set_expires(seconds));
            }
            _ => {}
        }
        if self.initial.has_automatic_retry() {
            self.await_action(context);
        }
        self.push_final_event(context, did, response, detail);
    }

    /// A 2xx to a request outside of dialogs: the did of the dialog that it makes or confirms.
    fn on_accepted(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        response: FinalResponse<'_>,
    ) -> Did {
        let message = response.message;
        if self.is_refer && refuses_subscription(message) {
            return 0;
        }
        let tag = message.header("To").map_or("", tag_of);
        if tag.is_empty() || self.ended_tags.iter().any(|ended| **ended == *tag) {
            return 0;
        }
        let place = match self.place_of_tag(tag) {
            Some(place) => Some(place),
            None => dialog_of(response.request, message).map(|dialog| {
                match self.dialogs.iter().position(|one| !one.dialog.is_confirmed()) {
                    Some(place) => {
                        self.dialogs[place].dialog = dialog;
                        place
                    }
                    None => self.insert(context, dialog, false),
                }
            }),
        };
        let Some(place) = place else { return 0 };
        self.dialogs[place].dialog.confirm();
        self.on_granted(context, place, message);
        self.dialogs[place].did
    }

    /// A 2xx to a SUBSCRIBE in a dialog, or to the one that has made it.
    fn on_granted(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        place: usize,
        response: &Message<'_>,
    ) {
        let known = &mut self.dialogs[place];
        known.has_target |= known.dialog.move_target(response);
        let granted = response.seconds("Expires").unwrap_or(known.asked);
        if known.asked == 0 || granted == 0 {
            known.ends_at = Some(context.now + LINGER);
            (known.refresh_at, known.is_due) = (None, false);
            return;
        }
        known.ends_at = None;
        known.plan(known.sent_at, Duration::from_secs(granted.into()), !self.is_refer);
    }

    /// The final response to a SUBSCRIBE in a dialog.
    fn on_refresh_response(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        place: usize,
        response: FinalResponse<'_>,
    ) {
        let (is_removed, known) = (self.is_removed(), &mut self.dialogs[place]);
        let did = known.did;
        known.exchange.pending = None;
        let mut detail = String::new();
        match response.status {
            _ if is_removed => {}
            200..=299 => {
                known.exchange.on_accepted();
                self.identity.digest.accepted(response.message);
                self.on_granted(context, place, response.message);
            }
            401 | 407 => {
                let identity = &mut self.identity;
                detail = known.exchange.on_challenge(
                    context,
                    identity,
                    response,
                    &HiddenFields::default(),
                );
            }
            423 => {
                let asked = known.asked;
                let longer =
                    known.exchange.on_too_brief(context, response, &HiddenFields::default(), asked);
                longer.into_iter().for_each(|seconds| self.kept.set_expires(seconds));
            }
            _ => {}
        }
        self.push_final_event(context, did, response, detail);
        if is_removed || response.status < 300 {
            return;
        }
        if self.dialogs[place].exchange.has_automatic_retry() {
            self.await_action(context);
        } else if ends_subscription(response.status) {
            self.end_dialog(context, place);
            self.release_if_over(context);
        } else {
            let wait = response.message.retry_after();
            let wait = wait.map(|wait| Duration::from_secs(wait.seconds.into()));
            self.try_later(context, place, wait);
        }
    }

    /// A refresh has failed: an automatic action tries again, unless the subscription ends before.
    fn try_later(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        place: usize,
        wait: Option<Duration>,
    ) {
        let is_refer = self.is_refer;
        let known = &mut self.dialogs[place];
        let at = context.now + wait.unwrap_or(RETRY_AFTER);
        let is_tried = !is_refer && known.asked > 0 && at < known.expires_at;
        (known.refresh_at, known.is_due) = (is_tried.then_some(at), false);
    }

    fn push_final_event(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        did: Did,
        response: FinalResponse<'_>,
        detail: String,
    ) {
        let kind = SubscriptionEventKind::of_final(response.status);
        let mut event = SubscriptionEvent::new(kind, did, response.tid);
        event.request = Some(response.request.clone());
        event.response = Some(response.bytes.clone());
        event.detail = detail;
        self.push_event(context, event);
    }

    /// There will be no response to request `tid`.
    pub fn on_no_response(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        tid: Tid,
        request: Option<Text>,
        why: &NoResponse,
    ) {
        let within = self.dialogs.iter().position(|one| one.exchange.pending == Some(tid));
        if within.is_none() && self.initial.pending != Some(tid) {
            return;
        }
        let kind = SubscriptionEventKind::RequestFailure;
        let mut event = SubscriptionEvent::new(kind, self.did_of(tid), tid);
        (event.request, event.detail) = (request, format!("{why}."));
        self.push_event(context, event);
        if let Some(place) = within {
            self.dialogs[place].exchange.pending = None;
            return self.try_later(context, place, None);
        }
        self.initial.pending = None;
        self.is_refused = true;
        // What has sent NOTIFYs has taken the SUBSCRIBE.
        while let Some(place) = self.dialogs.iter().position(|one| !one.dialog.is_confirmed()) {
            self.end_dialog(context, place);
        }
        self.release_if_over(context);
    }
}

/// The dialog that `response` makes of the request that was sent so.
fn dialog_of(request: &[u8], response: &Message<'_>) -> Option<Dialog> {
    let mut room = Vec::new();
    let request = Message::read(request, &mut room).ok()?;
    Dialog::of_response(&request, response)
}
