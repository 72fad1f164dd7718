//! Requests from outside that begin subscriptions or belong to them.

use super::super::incoming::ReceivedRequest;
use super::super::{Agent, Sid, Tid};
use crate::agent::dialog_users::DialogKeys;
use crate::request::tag_of;
use crate::subscription::{Notifier, Resubscribed, asks_for_subscription, is_subscribing};
use crate::transaction::Requester;
use std::time::Instant;

/// A request, and the key of its server transaction.
type KeyedRequest<'r> = (&'r ReceivedRequest<'r>, &'r str);

impl Agent {
    /// A request has come whose server transaction has this key. Whether it begins a subscription
    /// or belongs to one: nothing else is done with it then.
    pub(in crate::agent) fn on_subscription_request(
        &mut self,
        now: Instant,
        received: &ReceivedRequest<'_>,
        key: &str,
    ) -> bool {
        let request = received.message;
        let (Some(call_id), Some(method)) = (request.call_id(), request.method()) else {
            return false;
        };
        let [local_tag, remote_tag] =
            ["To", "From"].map(|name| request.header(name).map_or("", tag_of));
        if local_tag.is_empty() {
            return is_subscribing(method) && self.on_first_subscribe(now, (received, key));
        }
        let Some(known) = self.subscriptions.by_dialog(call_id, local_tag) else { return false };
        // Who knows our tag has received what we have sent.
        let requester = Requester { is_connected: true, ..received.requester };
        let received = ReceivedRequest { requester, is_proven: true, ..*received };
        if !self.transactions.have_room_for_proven(requester, received.bytes.len()) {
            self.refuse_for_room(method, &received);
            return true;
        }
        let received = (&received, key);
        if let Some(notifier) = self.subscriptions.notifier(known) {
            if !notifier.is_in_dialog(request) {
                return false;
            }
            match method {
                "SUBSCRIBE" | "REFER" => {
                    if !self.subscriptions.grow(known, received.0.bytes.len()) {
                        self.refuse_for_room(method, received.0);
                        return true;
                    }
                    self.on_resubscribe(now, known, received);
                }
                "NOTIFY" => return false,
                _ => self.refuse_within_subscription(now, received),
            }
            return true;
        }
        let subscriber = self.subscriptions.subscriber(known);
        match method {
            "NOTIFY" => self.on_notify(now, known, received),
            _ if subscriber.is_some_and(|subscriber| subscriber.has_notifier(remote_tag)) => {
                self.refuse_within_subscription(now, received);
            }
            _ => return false,
        }
        true
    }

    /// A NOTIFY has come with the Call-ID and our tag of subscription `sid`.
    fn on_notify(&mut self, now: Instant, sid: Sid, (received, key): KeyedRequest<'_>) {
        let tid = self.next_tid();
        let tag = self.entropy.token();
        let text = self.keep_request(now, tid, (key.to_owned(), tag), received);
        let (notify, origin) = (received.message, received.requester.origin);
        let status = self.with_subscriber(now, sid, |subscriber, context| {
            subscriber.on_notify(context, tid, notify, (text, origin))
        });
        self.respond_automatically(now, tid, status.unwrap_or(481));
    }

    /// Another request than a NOTIFY or a refresh in a dialog of a subscription.
    fn refuse_within_subscription(&mut self, now: Instant, (received, key): KeyedRequest<'_>) {
        let method = received.message.method().unwrap_or("");
        let (tid, tag) = (self.next_tid(), self.entropy.token());
        let text = self.keep_request(now, tid, (key.to_owned(), tag), received);
        if method == "INVITE" {
            self.respond_automatically(now, tid, 100);
        }
        let is_of_calls = matches!(method, "INVITE" | "INFO" | "BYE");
        self.respond_automatically(now, tid, if is_of_calls { 481 } else { 501 });
        if method != "INVITE" {
            self.push_message_event(tid, received, text);
        }
    }

    /// A SUBSCRIBE or REFER outside of dialogs. Whether it begins a subscription, or is refused
    /// without a word to the application.
    fn on_first_subscribe(&mut self, now: Instant, (received, key): KeyedRequest<'_>) -> bool {
        let (request, requester) = (received.message, received.requester);
        if !asks_for_subscription(request) {
            return false;
        }
        let call_id = request.call_id().unwrap_or("");
        let remote_tag = request.header("From").map_or("", tag_of);
        let known = self.subscriptions.by_received(call_id, remote_tag);
        if known.is_some_and(|known| known.is_begun_by(request)) {
            self.reply_stateless(received, 482);
            return true;
        }
        let length = received.bytes.len();
        let is_full = !self.subscriptions.have_room(requester, length);
        if is_full || !self.transactions.have_room(requester, length) {
            self.refuse_for_room("SUBSCRIBE", received);
            return true;
        }
        let (nid, did, tag) = (self.next_serial(), self.next_serial(), self.entropy.token());
        let Some(notifier) = Notifier::new(now, request, did, &tag) else { return false };
        let keys = DialogKeys::begun_by_peer(call_id, &tag, remote_tag);
        let costs = (requester, received.bytes.len());
        self.counted.subscriptions_to_us_ever += 1;
        self.subscriptions.insert_notifier(nid, notifier, keys, costs);
        let tid = self.next_tid();
        self.take_subscribe(now, (nid, tid), (received, key));
        true
    }

    /// A SUBSCRIBE or REFER in the dialog of subscription `nid`.
    fn on_resubscribe(&mut self, now: Instant, nid: i32, received: KeyedRequest<'_>) {
        let tid = self.next_tid();
        match self.take_subscribe(now, (nid, tid), received) {
            Some(Resubscribed::Taken) | None => {}
            Some(Resubscribed::Late) => {
                self.respond_automatically(now, tid, 500);
            }
            Some(Resubscribed::Busy) => self.respond_changed(now, tid, 500, |draft| {
                draft.set_start("SIP/2.0 500 Retry Later");
                draft.push("Retry-After", "10");
            }),
        }
    }

    /// Request `tid` is kept for subscription `nid`, which is given it.
    fn take_subscribe(
        &mut self,
        now: Instant,
        (nid, tid): (i32, Tid),
        (received, key): KeyedRequest<'_>,
    ) -> Option<Resubscribed> {
        let tag = self.subscriptions.notifier(nid)?.local_tag().to_owned();
        let text = self.keep_request(now, tid, (key.to_owned(), tag), received);
        self.learn_local(received.reply_over.id);
        let (request, requester) = (received.message, received.requester);
        let taken = self.with_notifier(now, nid, |notifier, context| {
            notifier.on_subscribe(context, tid, request, (text, requester))
        });
        if taken == Some(Resubscribed::Taken) {
            self.subscriptions.insert_tid(tid, nid);
        }
        taken
    }
}
