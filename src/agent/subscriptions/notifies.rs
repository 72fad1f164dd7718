//! Requests of ours in the dialogs of subscriptions to us.

use super::super::{Agent, TransactionId};
use crate::request::Refusal;
use crate::transaction::Did;
use std::time::Instant;

impl Agent {
    pub(super) fn subscription_to_us(&self, did: Did) -> Result<i32, Refusal> {
        if did < 1 {
            return Err(Refusal::BadParameter);
        }
        self.subscriptions.by_did(did).ok_or(Refusal::NotFound)
    }

    /// The text of a NOTIFY in dialog `did` that says this of the subscription, by the numbers of
    /// [`crate::subscription::SubscriptionState`]. Nothing changes. Errors: `BadParameter` below 1,
    /// `NotFound`, `WrongState` while a NOTIFY is pending.
    pub fn build_notify(
        &mut self,
        now: Instant,
        did: Did,
        status: i32,
        reason: i32,
    ) -> Result<Vec<u8>, Refusal> {
        let nid = self.subscription_to_us(did)?;
        let built = self.with_notifier(now, nid, |notifier, context| {
            notifier.build_notify(context, status, reason)
        });
        Ok(built.ok_or(Refusal::NotFound)??.into_octets())
    }

    /// The text of a request of this method in dialog `did`. Nothing changes. Errors:
    /// `BadParameter` without a method or below 1, `NotFound`, `WrongState` while a NOTIFY is
    /// pending, `Syntax` for a method that is no token.
    pub fn build_notifier_request(
        &mut self,
        now: Instant,
        did: Did,
        method: &str,
    ) -> Result<Vec<u8>, Refusal> {
        if method.is_empty() {
            return Err(Refusal::BadParameter);
        }
        let nid = self.subscription_to_us(did)?;
        let built = self
            .with_notifier(now, nid, |notifier, context| notifier.build_request(context, method));
        Ok(built.ok_or(Refusal::NotFound)??.into_octets())
    }

    /// Sends `text` in dialog `did`; what a NOTIFY lacks of Event and Subscription-State is added.
    /// Errors: `BadParameter` below 1 or without Call-ID, `NotFound`, `WrongState` while a NOTIFY
    /// is pending, `Syntax` for a text that is no request, `NoNetwork`.
    pub fn send_notifier_request(
        &mut self,
        now: Instant,
        did: Did,
        text: &[u8],
    ) -> Result<TransactionId, Refusal> {
        let nid = self.subscription_to_us(did)?;
        let (draft, _) = self.parse_request(text)?;
        self.check_listening()?;
        let started = self.started_by(|agent| {
            let sent = agent
                .with_notifier(now, nid, |notifier, context| notifier.send_request(context, draft));
            sent.ok_or(Refusal::NotFound)?
        });
        started.map(|(_, transaction)| transaction)
    }

    /// Forgets the subscription of dialog `did`; nothing is sent. Errors: `BadParameter` below 1,
    /// `NotFound`.
    pub fn remove_notifier(&mut self, did: Did) -> Result<(), Refusal> {
        let nid = self.subscription_to_us(did)?;
        self.subscriptions.remove(nid, &mut self.timers);
        Ok(())
    }
}
