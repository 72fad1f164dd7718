//! What an event is called in C, and the text that it has.

use super::ex_event::eXosip_event_type;
use crate::engine::EventKind;
use std::borrow::Cow;

/// The text of the success event, to the letter of the library that programs were written for.
const REGISTERED: &str = "User is successfully registred!";
/// How the text of every event of a failed registration begins.
const FAILED: &str = "Registration failed!";

/// The `textinfo` of an event that has `text` to say besides its kind.
pub(super) fn textinfo(kind: EventKind, text: &str) -> Cow<'_, str> {
    if let Some(known) = known_text(kind) {
        return known.into();
    }
    match (kind, begins(kind)) {
        (EventKind::RegistrationSuccess, _) => REGISTERED.into(),
        (_, None) => text.into(),
        (_, Some(begins)) if text.is_empty() => begins.into(),
        (_, Some(begins)) => format!("{begins} {text}").into(),
    }
}

/// How the text of another event begins that may have more to say.
fn begins(kind: EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::RegistrationFailure => FAILED,
        EventKind::MessageNew => "New request outside call received!",
        EventKind::MessageProceeding => "request outside call is being processed!",
        EventKind::MessageAnswered => "2xx received for request outside call!",
        EventKind::MessageRedirected => "3xx received for request outside call!",
        EventKind::MessageRequestFailure => "4xx received for request outside call!",
        EventKind::MessageServerFailure => "5xx received for request outside call!",
        EventKind::MessageGlobalFailure => "6xx received for request outside call!",
        _ => return None,
    })
}

/// The text of an event of a call or subscription, which programs know to the letter; `None` for
/// other events.
fn known_text(kind: EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::CallInvite => "New call received!",
        EventKind::CallReinvite => "INVITE within call received!",
        EventKind::CallNoAnswer => "No answer for this Call!",
        EventKind::CallProceeding => "Call is being processed!",
        EventKind::CallRinging => "Remote phone is ringing!",
        EventKind::CallAnswered => "Remote phone has answered!",
        EventKind::CallRedirected => "Call is redirected!",
        EventKind::CallRequestFailure => "4xx received for Call!",
        EventKind::CallServerFailure => "5xx received for Call!",
        EventKind::CallGlobalFailure => "6xx received for Call!",
        EventKind::CallAck => "ACK received!",
        EventKind::CallCancelled => "Call has been cancelled!",
        EventKind::CallMessageNew => "New request received!",
        EventKind::CallMessageProceeding => "request is being processed!",
        EventKind::CallMessageAnswered => "2xx received for request!",
        EventKind::CallMessageRedirected => "3xx received for request!",
        EventKind::CallMessageRequestFailure => "4xx received for request!",
        // For a 6xx too.
        EventKind::CallMessageServerFailure | EventKind::CallMessageGlobalFailure => {
            "5xx received for request!"
        }
        EventKind::CallClosed => "Bye Received!",
        EventKind::CallReleased => "Call Context is released!",
        EventKind::SubscriptionNoAnswer => "No answer for this SUBSCRIBE!",
        EventKind::SubscriptionProceeding => "SUBSCRIBE is being processed!",
        EventKind::SubscriptionAnswered => "2xx received for SUBSCRIBE!",
        EventKind::SubscriptionRedirected => "3xx received for SUBSCRIBE!",
        EventKind::SubscriptionRequestFailure => "4xx received for SUBSCRIBE!",
        // For a 6xx too.
        EventKind::SubscriptionServerFailure | EventKind::SubscriptionGlobalFailure => {
            "5xx received for SUBSCRIBE!"
        }
        EventKind::SubscriptionNotify => "NOTIFY request for subscription!",
        EventKind::InSubscriptionNew => "New incoming SUBSCRIBE!",
        EventKind::NotificationAnswered
        | EventKind::NotificationRedirected
        | EventKind::NotificationRequestFailure
        | EventKind::NotificationServerFailure
        | EventKind::NotificationGlobalFailure => "",
        _ => return None,
    })
}

/// Its number in C.
pub(super) fn kind(kind: EventKind) -> eXosip_event_type {
    match kind {
        EventKind::RegistrationSuccess => eXosip_event_type::EXOSIP_REGISTRATION_SUCCESS,
        EventKind::RegistrationFailure => eXosip_event_type::EXOSIP_REGISTRATION_FAILURE,
        EventKind::CallInvite => eXosip_event_type::EXOSIP_CALL_INVITE,
        EventKind::CallReinvite => eXosip_event_type::EXOSIP_CALL_REINVITE,
        EventKind::CallNoAnswer => eXosip_event_type::EXOSIP_CALL_NOANSWER,
        EventKind::CallProceeding => eXosip_event_type::EXOSIP_CALL_PROCEEDING,
        EventKind::CallRinging => eXosip_event_type::EXOSIP_CALL_RINGING,
        EventKind::CallAnswered => eXosip_event_type::EXOSIP_CALL_ANSWERED,
        EventKind::CallRedirected => eXosip_event_type::EXOSIP_CALL_REDIRECTED,
        EventKind::CallRequestFailure => eXosip_event_type::EXOSIP_CALL_REQUESTFAILURE,
        EventKind::CallServerFailure => eXosip_event_type::EXOSIP_CALL_SERVERFAILURE,
        EventKind::CallGlobalFailure => eXosip_event_type::EXOSIP_CALL_GLOBALFAILURE,
        EventKind::CallAck => eXosip_event_type::EXOSIP_CALL_ACK,
        EventKind::CallMessageNew => eXosip_event_type::EXOSIP_CALL_MESSAGE_NEW,
        EventKind::CallMessageProceeding => eXosip_event_type::EXOSIP_CALL_MESSAGE_PROCEEDING,
        EventKind::CallMessageAnswered => eXosip_event_type::EXOSIP_CALL_MESSAGE_ANSWERED,
        EventKind::CallMessageRedirected => eXosip_event_type::EXOSIP_CALL_MESSAGE_REDIRECTED,
        EventKind::CallMessageRequestFailure => {
            eXosip_event_type::EXOSIP_CALL_MESSAGE_REQUESTFAILURE
        }
        EventKind::CallMessageServerFailure => eXosip_event_type::EXOSIP_CALL_MESSAGE_SERVERFAILURE,
        EventKind::CallMessageGlobalFailure => eXosip_event_type::EXOSIP_CALL_MESSAGE_GLOBALFAILURE,
        EventKind::CallClosed => eXosip_event_type::EXOSIP_CALL_CLOSED,
        EventKind::CallReleased => eXosip_event_type::EXOSIP_CALL_RELEASED,
        EventKind::CallCancelled => eXosip_event_type::EXOSIP_CALL_CANCELLED,
        EventKind::MessageNew => eXosip_event_type::EXOSIP_MESSAGE_NEW,
        EventKind::MessageProceeding => eXosip_event_type::EXOSIP_MESSAGE_PROCEEDING,
        EventKind::MessageAnswered => eXosip_event_type::EXOSIP_MESSAGE_ANSWERED,
        EventKind::MessageRedirected => eXosip_event_type::EXOSIP_MESSAGE_REDIRECTED,
        EventKind::MessageRequestFailure => eXosip_event_type::EXOSIP_MESSAGE_REQUESTFAILURE,
        EventKind::MessageServerFailure => eXosip_event_type::EXOSIP_MESSAGE_SERVERFAILURE,
        EventKind::MessageGlobalFailure => eXosip_event_type::EXOSIP_MESSAGE_GLOBALFAILURE,
        EventKind::SubscriptionNoAnswer => eXosip_event_type::EXOSIP_SUBSCRIPTION_NOANSWER,
        EventKind::SubscriptionProceeding => eXosip_event_type::EXOSIP_SUBSCRIPTION_PROCEEDING,
        EventKind::SubscriptionAnswered => eXosip_event_type::EXOSIP_SUBSCRIPTION_ANSWERED,
        EventKind::SubscriptionRedirected => eXosip_event_type::EXOSIP_SUBSCRIPTION_REDIRECTED,
        EventKind::SubscriptionRequestFailure => {
            eXosip_event_type::EXOSIP_SUBSCRIPTION_REQUESTFAILURE
        }
        EventKind::SubscriptionServerFailure => {
            eXosip_event_type::EXOSIP_SUBSCRIPTION_SERVERFAILURE
        }
        EventKind::SubscriptionGlobalFailure => {
            eXosip_event_type::EXOSIP_SUBSCRIPTION_GLOBALFAILURE
        }
        EventKind::SubscriptionNotify => eXosip_event_type::EXOSIP_SUBSCRIPTION_NOTIFY,
        EventKind::InSubscriptionNew => eXosip_event_type::EXOSIP_IN_SUBSCRIPTION_NEW,
        EventKind::NotificationAnswered => eXosip_event_type::EXOSIP_NOTIFICATION_ANSWERED,
        EventKind::NotificationRedirected => eXosip_event_type::EXOSIP_NOTIFICATION_REDIRECTED,
        EventKind::NotificationRequestFailure => {
            eXosip_event_type::EXOSIP_NOTIFICATION_REQUESTFAILURE
        }
        EventKind::NotificationServerFailure => {
            eXosip_event_type::EXOSIP_NOTIFICATION_SERVERFAILURE
        }
        EventKind::NotificationGlobalFailure => {
            eXosip_event_type::EXOSIP_NOTIFICATION_GLOBALFAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_events_have_the_texts_that_programs_know() {
        assert_eq!(textinfo(EventKind::RegistrationSuccess, ""), "User is successfully registred!");
        assert_eq!(textinfo(EventKind::RegistrationFailure, ""), "Registration failed!");
        assert_eq!(textinfo(EventKind::RegistrationFailure, "Why."), "Registration failed! Why.");
        assert_eq!(textinfo(EventKind::InSubscriptionNew, ""), "New incoming SUBSCRIBE!");
    }

    #[test]
    fn events_outside_of_calls_have_the_texts_that_programs_know() {
        let new = textinfo(EventKind::MessageNew, "");
        assert_eq!(new, "New request outside call received!");
        let failed = textinfo(EventKind::MessageRequestFailure, "Why.");
        assert_eq!(failed, "4xx received for request outside call! Why.");
    }

    #[test]
    fn events_of_calls_have_the_texts_that_programs_know() {
        assert_eq!(textinfo(EventKind::CallRinging, "180"), "Remote phone is ringing!");
        let known = [
            EventKind::CallMessageServerFailure,
            EventKind::CallMessageGlobalFailure,
            EventKind::CallReleased,
        ];
        assert_eq!(
            known.map(|kind| textinfo(kind, "")),
            ["5xx received for request!", "5xx received for request!", "Call Context is released!",]
        );
        assert_eq!(known_text(EventKind::MessageNew), None);
    }
}
