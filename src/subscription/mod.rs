//! Event subscriptions (RFC 6665): those of ours, where we are the subscriber, and those to us,
//! where we are the notifier; and event state that is published (RFC 3903).
//!
//! A subscription is a transaction user: it is given responses, requests and instants, and what
//! it decides is a list of `SubscriptionAction`s that its caller carries out. It sends nothing
//! itself.

mod action;
mod attempt;
mod dialog_info;
mod exchange;
mod initial;
mod kept_request;
mod notifier;
mod notifier_answers;
mod notifier_notifies;
mod publication;
mod publications;
mod publish;
mod state;
mod subscriber;
mod subscriber_notified;
mod subscriber_refresh;
mod subscriber_responses;
mod subscriber_timeouts;

pub use action::{
    Sid, SubscriptionAction, SubscriptionContext, SubscriptionEvent, SubscriptionEventKind,
};
pub use attempt::PublishAttempt;
pub use dialog_info::{DialogDescription, dialog_info, dialog_status};
pub use initial::{InitialRefer, InitialSubscribe};
pub use notifier::{Notifier, asks_for_subscription, is_subscribing};
pub use notifier_answers::Resubscribed;
pub use publication::{Publication, PublishOutcome};
pub use publications::{PublicationKey, Publications};
pub use publish::InitialPublish;
pub use state::SubscriptionState;
pub use subscriber::Subscriber;
