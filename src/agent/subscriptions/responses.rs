//! What comes of the requests of subscriptions.

use super::super::requests::answer_kind;
use super::super::{Agent, Text, Tid};
use super::table::SubscriptionRole;
use crate::sip::Message;
use crate::subscription::is_subscribing;
use crate::transaction::NoResponse;
use std::time::Instant;

impl Agent {
    /// A provisional response to request `tid` of subscription `key` came.
    pub(in crate::agent) fn subscription_progress(
        &mut self,
        now: Instant,
        (key, tid): (i32, Tid),
        message: &Message<'_>,
        request: Option<Text>,
        bytes: &[u8],
    ) {
        let bytes = self.buffers.copy(bytes);
        self.with_subscriber(now, key, |subscriber, context| {
            subscriber.on_provisional(context, tid, message, (request, bytes));
        });
    }

    /// The final response to request `tid` of subscription `key` came.
    pub(in crate::agent) fn subscription_answered(
        &mut self,
        now: Instant,
        (key, tid): (i32, Tid),
        message: &Message<'_>,
        request: Text,
        bytes: &[u8],
    ) {
        let bytes = self.buffers.copy(bytes);
        if self.has_ended_unanswered((key, tid), &request) {
            if self.subscriptions.owner(key).is_some() {
                return self.subscriptions.request_ended(key);
            }
            let kind = answer_kind(message.status().unwrap_or(0));
            return self.push_request_event(tid, kind, Some(request), Some(bytes), "");
        }
        self.with_role(now, key, |role, context| match role {
            SubscriptionRole::Subscriber(subscriber) => {
                subscriber.on_final(context, tid, message, (request, bytes));
            }
            SubscriptionRole::Notifier(notifier) => {
                notifier.on_final(context, tid, message, (request, bytes));
            }
        });
        self.subscriptions.request_ended(key);
        self.notify_of_dialogs_if_due(now, key);
    }

    /// There will be no response to request `tid` of subscription `key`.
    pub(in crate::agent) fn subscription_failed(
        &mut self,
        now: Instant,
        (key, tid): (i32, Tid),
        request: Option<Text>,
        why: &NoResponse,
    ) {
        let text = request.as_ref().map_or(&[][..], |request| request);
        if self.has_ended_unanswered((key, tid), text) {
            if self.subscriptions.owner(key).is_none() {
                self.push_failed_request(tid, request, why);
            }
            return self.subscriptions.request_ended(key);
        }
        self.with_role(now, key, |role, context| match role {
            SubscriptionRole::Subscriber(subscriber) => {
                subscriber.on_no_response(context, tid, request, why);
            }
            SubscriptionRole::Notifier(notifier) => {
                notifier.on_no_response(context, tid, request, why);
            }
        });
        self.subscriptions.request_ended(key);
    }

    /// Whether `request`, which was sent as `tid`, is a SUBSCRIBE or REFER of ours whose dialog has
    /// ended before its response: the application gets that as of a request outside of dialogs.
    fn has_ended_unanswered(&self, (key, tid): (i32, Tid), request: &[u8]) -> bool {
        let is_awaited = match self.subscriptions.subscriber(key) {
            Some(subscriber) => subscriber.awaits(tid),
            None => self.subscriptions.notifier(key).is_some(),
        };
        let method = request.split(|byte| *byte == b' ').next().unwrap_or(&[]);
        !is_awaited && std::str::from_utf8(method).is_ok_and(is_subscribing)
    }
}
