//! Subscriptions: where each is found, and what they decide is carried out.

mod answers;
mod automatic;
mod commands;
mod incoming;
mod notifies;
mod responses;
mod table;

pub(super) use table::SubscriptionTable;

use self::table::SubscriptionRole;
use super::parts::Parts;
use super::{Agent, ApplicationEvent, Event, EventIds, EventKind, LogLevel, Sid, Tid};
use crate::sip::Draft;
use crate::subscription::{
    Notifier, Subscriber, SubscriptionAction, SubscriptionContext, SubscriptionEvent,
    SubscriptionEventKind,
};
use crate::transaction::TransactionUser;
use std::time::Instant;

/// Subscriptions that one automatic action acts for, because responses wait meanwhile. The next
/// call goes on.
const MAX_PER_ACTION: usize = 256;

impl Agent {
    /// Calls `f` with subscription `key`, and carries out what it decides. `None`: there is no such
    /// subscription.
    fn with_role<R>(
        &mut self,
        now: Instant,
        key: i32,
        f: impl FnOnce(&mut SubscriptionRole, &mut SubscriptionContext<'_>) -> R,
    ) -> Option<R> {
        let mut entry = self.subscriptions.take(key)?;
        let rid = self.subscriptions.owner(key);
        let managed = rid.and_then(|rid| self.managed_mut(rid));
        let own = managed.and_then(|managed| managed.policy.lend_credentials());
        let decided =
            self.with_context_of(now, own.as_deref(), |context| f(&mut entry.role, context));
        let managed = rid.and_then(|rid| self.managed_mut(rid));
        if let (Some(managed), Some(own)) = (managed, own) {
            managed.policy.return_credentials(own);
        }
        self.subscriptions.put_back(key, entry, &decided.dids);
        self.do_for_subscription(now, key, decided.actions);
        Some(decided.result)
    }

    /// The same for one of ours.
    pub(in crate::agent) fn with_subscriber<R>(
        &mut self,
        now: Instant,
        sid: Sid,
        f: impl FnOnce(&mut Subscriber, &mut SubscriptionContext<'_>) -> R,
    ) -> Option<R> {
        let result = self.with_role(now, sid, |role, context| match role {
            SubscriptionRole::Subscriber(subscriber) => Some(f(subscriber, context)),
            SubscriptionRole::Notifier(_) => None,
        });
        result.flatten()
    }

    /// The same for one to us.
    fn with_notifier<R>(
        &mut self,
        now: Instant,
        nid: i32,
        f: impl FnOnce(&mut Notifier, &mut SubscriptionContext<'_>) -> R,
    ) -> Option<R> {
        let result = self.with_role(now, nid, |role, context| match role {
            SubscriptionRole::Notifier(notifier) => Some(f(notifier, context)),
            SubscriptionRole::Subscriber(_) => None,
        });
        result.flatten()
    }

    /// Does what subscription `key` has decided, in its order.
    fn do_for_subscription(&mut self, now: Instant, key: i32, actions: Vec<SubscriptionAction>) {
        let owner = self.subscriptions.owner(key);
        let mut acts = false;
        for action in actions {
            match action {
                // The application knows nothing of it.
                SubscriptionAction::Event(event) if owner.is_some() => {
                    self.on_reg_event(now, key, event);
                }
                SubscriptionAction::MessageEvent(_) if owner.is_some() => {}
                SubscriptionAction::AwaitAutomaticAction if owner.is_some() => acts = true,
                SubscriptionAction::Send(tid, draft) => {
                    self.send_of_subscription(now, (key, tid), draft);
                }
                SubscriptionAction::Event(event) => {
                    let ids = match self.subscriptions.notifier(key) {
                        Some(_) => EventIds { nid: key, ..EventIds::default() },
                        None => EventIds { sid: key, ..EventIds::default() },
                    };
                    self.push_subscription_event(event_kind(event.kind), ids, event);
                }
                SubscriptionAction::MessageEvent(event) => {
                    let kind = kind_of_message(event.kind);
                    self.push_subscription_event(kind, EventIds::default(), event);
                }
                SubscriptionAction::Forget(did) => self.subscriptions.forget_dialog(did),
                SubscriptionAction::AwaitAutomaticAction => self.subscriptions.await_action(key),
                SubscriptionAction::Warn(text) => {
                    self.log(LogLevel::Warning, format!("subscription {key}: {text}"));
                }
                SubscriptionAction::Release => {
                    self.subscriptions.remove(key, &mut self.timers);
                    if let Some(rid) = owner {
                        self.reg_event_released(rid, key);
                    }
                }
            }
        }
        self.subscriptions.rearm(key, &mut self.timers);
        if acts {
            self.with_subscriber(now, key, |subscriber, context| {
                subscriber.automatic_action(context);
            });
        }
    }

    /// Sends a request of subscription `key`.
    fn send_of_subscription(&mut self, now: Instant, (key, tid): (i32, Tid), draft: Draft) {
        let given = match self.subscriptions.owner(key) {
            Some(rid) => self.given_transport(rid),
            None => Some(self.listening_transport()),
        };
        let parts = Parts::read(&draft, given);
        let user = (TransactionUser::Subscription(key, tid), format!("subscription {key}"));
        self.subscriptions.request_started(key);
        if let Err((request, why)) = self.start_of_user(now, user, draft, parts) {
            self.subscription_failed(now, (key, tid), Some(request), &why);
        }
    }

    fn push_subscription_event(
        &mut self,
        kind: EventKind,
        ids: EventIds,
        event: SubscriptionEvent,
    ) {
        let SubscriptionEvent { did, tid, state, request, response, origin, detail, .. } = event;
        let is_of_subscription = ids.sid > 0 || ids.nid > 0;
        let did = if is_of_subscription { did } else { 0 };
        let event = ApplicationEvent {
            ids: EventIds { tid, did, ..ids },
            text: detail.into(),
            request,
            response,
            subscription: if is_of_subscription { state } else { Default::default() },
            origin,
            ..ApplicationEvent::new(kind)
        };
        self.events.push_back(Event::Application(event));
    }

    /// Subscription `key` has something to do.
    pub(super) fn on_subscription_timeout(&mut self, now: Instant, key: i32) {
        self.subscriptions.on_deadline(key);
        self.with_role(now, key, |role, context| match role {
            SubscriptionRole::Subscriber(subscriber) => subscriber.on_timeout(context),
            SubscriptionRole::Notifier(notifier) => notifier.on_timeout(context),
        });
    }

    /// What an automatic action does for subscriptions.
    pub(super) fn act_for_subscriptions(&mut self, now: Instant) {
        for _ in 0..MAX_PER_ACTION {
            let Some(key) = self.subscriptions.next_action() else { return };
            self.with_role(now, key, |role, context| match role {
                SubscriptionRole::Subscriber(subscriber) => subscriber.automatic_action(context),
                SubscriptionRole::Notifier(notifier) => notifier.automatic_action(context),
            });
        }
    }
}

/// The kind of the application's event.
fn event_kind(kind: SubscriptionEventKind) -> EventKind {
    match kind {
        SubscriptionEventKind::NoAnswer => EventKind::SubscriptionNoAnswer,
        SubscriptionEventKind::Proceeding => EventKind::SubscriptionProceeding,
        SubscriptionEventKind::Answered => EventKind::SubscriptionAnswered,
        SubscriptionEventKind::Redirected => EventKind::SubscriptionRedirected,
        SubscriptionEventKind::RequestFailure => EventKind::SubscriptionRequestFailure,
        SubscriptionEventKind::ServerFailure => EventKind::SubscriptionServerFailure,
        SubscriptionEventKind::GlobalFailure => EventKind::SubscriptionGlobalFailure,
        SubscriptionEventKind::Notify => EventKind::SubscriptionNotify,
        SubscriptionEventKind::Subscribed => EventKind::InSubscriptionNew,
        SubscriptionEventKind::NotificationAnswered => EventKind::NotificationAnswered,
        SubscriptionEventKind::NotificationRedirected => EventKind::NotificationRedirected,
        SubscriptionEventKind::NotificationRequestFailure => EventKind::NotificationRequestFailure,
        SubscriptionEventKind::NotificationServerFailure => EventKind::NotificationServerFailure,
        SubscriptionEventKind::NotificationGlobalFailure => EventKind::NotificationGlobalFailure,
    }
}

/// The same where the application has removed the subscription.
fn kind_of_message(kind: SubscriptionEventKind) -> EventKind {
    match kind {
        SubscriptionEventKind::Proceeding => EventKind::MessageProceeding,
        SubscriptionEventKind::Answered => EventKind::MessageAnswered,
        SubscriptionEventKind::Redirected => EventKind::MessageRedirected,
        SubscriptionEventKind::ServerFailure => EventKind::MessageServerFailure,
        SubscriptionEventKind::GlobalFailure => EventKind::MessageGlobalFailure,
        _ => EventKind::MessageRequestFailure,
    }
}
