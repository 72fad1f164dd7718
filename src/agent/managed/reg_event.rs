//! The event `reg` (RFC 3680) for managed registrations: a subscription that the application knows
//! nothing of.

use super::Agent;
use crate::agent::dialog_users::DialogKeys;
use crate::agent::{InitialSubscribe, LogLevel, Rid, Sid};
use crate::auth::ChallengePolicy;
use crate::registration::policy::managed::PolicyContext;
use crate::sip::Message;
use crate::subscription::{Subscriber, SubscriptionEvent, SubscriptionEventKind};
use std::time::Instant;

/// Seconds that are asked for (RFC 3680 section 4.4).
const EXPIRES: i32 = 3761;

/// The subscription of one registration.
#[derive(Debug, Default)]
pub(in crate::agent) struct RegEventSubscription {
    /// The one that goes on.
    current: Option<Sid>,
    /// The server does not take it: it is not asked again before the next binding.
    is_refused: bool,
}

impl RegEventSubscription {
    /// Whether there is one that goes on.
    pub(super) fn is_current(&self) -> bool {
        self.current.is_some()
    }
}

impl Agent {
    /// Subscribes where it is wanted, and ends the subscription where it is not.
    pub(super) fn update_reg_event(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        let wants = managed.policy.wants_reg_event(&entry.registration);
        let is_wanted = managed.policy.options().reg_event && managed.policy.wants_binding();
        if !entry.registration.is_bound() {
            managed.reg_event.is_refused = false;
        }
        match managed.reg_event.current {
            Some(_) if !is_wanted => self.end_reg_event(now, rid),
            None if wants && !managed.reg_event.is_refused => self.subscribe_to_reg(now, rid),
            _ => {}
        }
    }

    fn subscribe_to_reg(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        let options = managed.policy.options();
        let from = options.from.as_deref().unwrap_or(&options.aor);
        let ask =
            InitialSubscribe { to: &options.aor, from, route: "", event: "reg", expires: EXPIRES };
        let route = managed.policy.subscription_route(&entry.registration);
        let challenges = managed.policy.subscription_challenges();
        let mut draft = match ask.draft(&self.settings, &mut self.entropy) {
            Ok(draft) => draft,
            Err(refusal) => {
                managed.reg_event.is_refused = true;
                let text = format!("registration {rid} cannot subscribe to reg: {refusal}");
                return self.log(LogLevel::Warning, text);
            }
        };
        if !route.is_empty() {
            draft.insert_after("Via", "Route", route);
        }
        draft.push("Accept", "application/reginfo+xml");
        let sid = self.next_serial();
        self.counted.subscriptions_ever += 1;
        let mut subscriber = Subscriber::new(now, &mut draft);
        subscriber.set_challenge_policy(challenges.at_least(self.credentials.weakest_algorithm()));
        let call_id = draft.get("Call-ID").unwrap_or("");
        let keys = DialogKeys::begun_by_us(call_id, subscriber.local_tag());
        self.subscriptions.insert_subscriber(sid, subscriber, keys);
        self.subscriptions.set_owner(sid, rid);
        if let Some(managed) = self.managed_mut(rid) {
            managed.policy.on_subscribed();
            managed.reg_event.current = Some(sid);
        }
        self.with_subscriber(now, sid, |subscriber, context| {
            subscriber.send_initial(context, draft);
        });
    }

    /// The challenges to the subscription of `rid` are to be answered by other rules.
    pub(super) fn set_reg_event_challenges(
        &mut self,
        now: Instant,
        rid: Rid,
        challenges: ChallengePolicy,
    ) {
        if let Some(sid) = self.managed(rid).and_then(|managed| managed.reg_event.current) {
            self.with_subscriber(now, sid, |subscriber, _| {
                subscriber.set_challenge_policy(challenges);
            });
        }
    }

    /// The program wants no binding or no subscription any more: nothing is sent, and the NOTIFYs
    /// that still come are refused (RFC 6665 section 4.1.3).
    fn end_reg_event(&mut self, now: Instant, rid: Rid) {
        let current = self.managed_mut(rid).and_then(|managed| managed.reg_event.current.take());
        if let Some(sid) = current {
            let _ =
                self.with_subscriber(now, sid, |subscriber, context| subscriber.remove(context));
        }
    }

    /// The registration of `reg_event` is over.
    pub(super) fn forget_reg_event(&mut self, reg_event: RegEventSubscription) {
        if let Some((sid, now)) = reg_event.current.zip(self.latest_now) {
            let _ =
                self.with_subscriber(now, sid, |subscriber, context| subscriber.remove(context));
        }
    }

    /// Subscription `sid` of registration `rid` is over.
    pub(in crate::agent) fn reg_event_released(&mut self, rid: Rid, sid: Sid) {
        if let Some(managed) = self.managed_mut(rid) {
            managed.reg_event.current.take_if(|current| *current == sid);
        }
    }

    /// Something became of subscription `sid` of a registration.
    pub(in crate::agent) fn on_reg_event(
        &mut self,
        now: Instant,
        sid: Sid,
        event: SubscriptionEvent,
    ) {
        let Some(rid) = self.subscriptions.owner(sid) else { return };
        if event.kind == SubscriptionEventKind::Notify {
            return self.on_reginfo(now, rid, event.request.as_ref().map_or(&[], |text| text));
        }
        let status = event.response.and_then(|text| Message::parse(&text).ok()?.status());
        let is_refused = matches!(
            status,
            Some(400 | 403..=405 | 416 | 420 | 485 | 489 | 501 | 505 | 513 | 600..=699)
        );
        if let (true, Some(managed)) = (is_refused, self.managed_mut(rid)) {
            managed.reg_event.is_refused = true;
            let status = status.unwrap_or(0);
            let text = format!("registration {rid}: the event reg is refused with {status}");
            self.log(LogLevel::Info, text);
        }
    }

    fn on_reginfo(&mut self, now: Instant, rid: Rid, notify: &[u8]) {
        let mut room = Vec::new();
        let Ok(notify) = Message::read(notify, &mut room) else { return };
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Some(managed) = entry.policy.managed_mut() else { return };
        let mut context = PolicyContext {
            now,
            settings: &self.settings,
            credentials: &self.credentials,
            entropy: &mut self.entropy,
        };
        managed.policy.on_reginfo(&mut context, &mut entry.registration, notify.body);
        self.note_now(now);
        self.run(now, rid);
    }
}
