//! What comes of the requests of subscriptions.

use super::super::{Agent, Text, Tid};
use super::table::SubscriptionRole;
use crate::sip::Message;
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
        self.with_role(now, key, |role, context| match role {
            SubscriptionRole::Subscriber(subscriber) => {
                subscriber.on_final(context, tid, message, (request, bytes));
            }
            SubscriptionRole::Notifier(notifier) => {
                notifier.on_final(context, tid, message, (request, bytes));
            }
        });
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
        self.with_role(now, key, |role, context| match role {
            SubscriptionRole::Subscriber(subscriber) => {
                subscriber.on_no_response(context, tid, request, why);
            }
            SubscriptionRole::Notifier(notifier) => {
                notifier.on_no_response(context, tid, request, why);
            }
        });
    }
}
