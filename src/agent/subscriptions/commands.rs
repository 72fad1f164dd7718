//! The commands of the application for subscriptions. Each returns at once, and one that is refused
//! has changed nothing.

use super::super::{Action, Agent, InitialRefer, InitialSubscribe, Sid, Tid, TransactionId};
use super::table::SubscriptionRole;
use crate::agent::dialog_users::DialogKeys;
use crate::request::{Party, Refusal};
use crate::subscription::Subscriber;
use crate::transaction::Did;
use std::time::Instant;

impl Agent {
    /// The text of the first SUBSCRIBE of a subscription. Nothing is sent or kept. Errors:
    /// `BadParameter` without target, From or event; `Syntax`; `NoNetwork`.
    pub fn build_initial_subscribe(
        &mut self,
        ask: InitialSubscribe<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        self.check_initial([ask.to, ask.from, ask.event])?;
        Ok(ask.draft(&self.settings, &mut self.entropy)?.into_octets())
    }

    /// The same of a REFER outside of dialogs.
    pub fn build_initial_refer(&mut self, ask: InitialRefer<'_>) -> Result<Vec<u8>, Refusal> {
        self.check_initial([ask.to, ask.from, ask.refer_to])?;
        Ok(ask.draft(&self.settings, &mut self.entropy)?.into_octets())
    }

    fn check_initial(&self, texts: [&str; 3]) -> Result<(), Refusal> {
        if texts.contains(&"") {
            return Err(Refusal::BadParameter);
        }
        Party::parse(texts[0])?;
        self.check_listening()
    }

    /// Sends `text`, which begins a subscription. Errors: `BadParameter` without Call-ID, `Syntax`
    /// for a text that is no request with Via, From, To and CSeq or is sent by other calls,
    /// `NoNetwork`.
    pub fn send_initial_subscribe(
        &mut self,
        now: Instant,
        text: &[u8],
    ) -> Result<(Sid, TransactionId), Refusal> {
        let (mut draft, _) = self.parse_request(text)?;
        self.check_listening()?;
        if matches!(draft.method(), Some("REGISTER" | "INVITE" | "ACK" | "CANCEL")) {
            return Err(Refusal::Syntax("neither a SUBSCRIBE nor a REFER"));
        }
        let sid = self.next_serial();
        self.counted.subscriptions_ever += 1;
        let subscriber = Subscriber::new(now, &mut draft);
        let call_id = draft.get("Call-ID").unwrap_or("");
        let keys = DialogKeys::begun_by_us(call_id, subscriber.local_tag());
        self.subscriptions.insert_subscriber(sid, subscriber, keys);
        self.started_by(|agent| {
            agent.with_subscriber(now, sid, |subscriber, context| {
                subscriber.send_initial(context, draft);
            });
            Ok(sid)
        })
    }

    fn subscription_of_ours(&self, id: i32) -> Result<(Sid, Option<Did>), Refusal> {
        if id < 1 {
            return Err(Refusal::BadParameter);
        }
        let found = self.subscriptions.by_id(id).ok_or(Refusal::NotFound)?;
        // One of a managed registration is no business of the application.
        self.subscriptions.owner(found.0).map_or(Ok(found), |_| Err(Refusal::NotFound))
    }

    /// The text of the next SUBSCRIBE in dialog `id`, or in the first of subscription `id`. Nothing
    /// changes. Errors: `BadParameter` below 1, `NotFound`, `WrongState` while one is pending,
    /// `Syntax` where the notifier has sent no Contact.
    pub fn build_subscription_refresh(
        &mut self,
        now: Instant,
        id: i32,
    ) -> Result<Vec<u8>, Refusal> {
        let (sid, did) = self.subscription_of_ours(id)?;
        let built = self.with_subscriber(now, sid, |subscriber, context| {
            subscriber.build_refresh(context, did)
        });
        Ok(built.ok_or(Refusal::NotFound)??.into_octets())
    }

    /// Sends `text` in dialog `id`, or in the first of subscription `id`; what it lacks of Event
    /// and Expires is added. Errors: as [`Agent::build_subscription_refresh`], and as
    /// [`Agent::send_initial_subscribe`] for the text.
    pub fn send_subscription_refresh(
        &mut self,
        now: Instant,
        id: i32,
        text: &[u8],
    ) -> Result<TransactionId, Refusal> {
        let (sid, did) = self.subscription_of_ours(id)?;
        let (draft, _) = self.parse_request(text)?;
        self.check_listening()?;
        let started = self.started_by(|agent| {
            let sent = agent.with_subscriber(now, sid, |subscriber, context| {
                subscriber.send_refresh(context, did, draft)
            });
            sent.ok_or(Refusal::NotFound)?
        });
        started.map(|(_, transaction)| transaction)
    }

    /// Removes subscription `id`, or the one of dialog `id`, with all its dialogs; nothing is sent.
    /// Errors: `BadParameter` below 1, `NotFound`.
    pub fn remove_subscription(&mut self, now: Instant, id: i32) -> Result<(), Refusal> {
        let (sid, _) = self.subscription_of_ours(id)?;
        let removed =
            self.with_subscriber(now, sid, |subscriber, context| subscriber.remove(context));
        removed.ok_or(Refusal::NotFound)?
    }

    /// Answers the challenge that an event of request `tid` of subscription `key` with `status`
    /// reported. Errors: `NotFound` when the request is over, `RetryLimit`, `Undefined` for a
    /// redirection and where there are no credentials.
    pub fn default_action_for_subscription(
        &mut self,
        now: Instant,
        (key, tid): (i32, Tid),
        status: u16,
    ) -> Result<Action, Refusal> {
        match status {
            401 | 407 => {}
            300..=399 => return Err(Refusal::Undefined),
            _ => return Ok(Action::Nothing),
        }
        let sent = self.with_role(now, key, |role, context| match role {
            SubscriptionRole::Subscriber(subscriber) => subscriber.retry(context, tid),
            SubscriptionRole::Notifier(notifier) => notifier.retry(context, tid),
        });
        sent.ok_or(Refusal::NotFound)?.map(|()| Action::Sent)
    }
}
