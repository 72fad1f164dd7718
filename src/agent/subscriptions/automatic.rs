//! Subscriptions to the dialogs of our calls, which need no word of the application (RFC 4235).

use super::super::{Agent, Tid};
use crate::dialog::Dialog;
use crate::request::Refusal;
use crate::subscription::{DialogDescription, Notifier, dialog_status};
use crate::transaction::Did;
use std::time::Instant;

impl Agent {
    /// Answers SUBSCRIBE `tid` of subscription `nid` with dialog `did`, and sends a NOTIFY with the
    /// dialogs of our calls; any other event than `dialog` is refused. What was answered before is
    /// not answered again. Errors: `BadParameter` for a number below 1, `NotFound`.
    pub fn describe_dialogs(
        &mut self,
        now: Instant,
        (nid, did): (i32, Did),
        tid: Tid,
    ) -> Result<(), Refusal> {
        if nid < 1 {
            return Err(Refusal::BadParameter);
        }
        if self.subscription_to_us(did)? != nid {
            return Err(Refusal::NotFound);
        }
        let notifier = self.subscriptions.notifier(nid).ok_or(Refusal::NotFound)?;
        let status = dialog_status(notifier.asked_event(tid).as_deref());
        let _ = self.send_subscription_answer(now, (nid, tid), status, None);
        if status >= 300 {
            return Ok(());
        }
        self.notify_of_dialogs(now, nid);
        Ok(())
    }

    fn notify_of_dialogs(&mut self, now: Instant, nid: i32) {
        let dialogs = self.dialogs_of_calls();
        self.with_notifier(now, nid, |notifier, context| {
            notifier.describe_dialogs(context, &dialogs);
        });
    }

    /// A NOTIFY of subscription `nid` is answered: what has waited for that is sent.
    pub(super) fn notify_of_dialogs_if_due(&mut self, now: Instant, nid: i32) {
        if self.subscriptions.notifier(nid).is_some_and(Notifier::has_description_due) {
            self.notify_of_dialogs(now, nid);
        }
    }

    /// The dialogs of our calls, newest first.
    fn dialogs_of_calls(&self) -> Vec<DialogDescription> {
        let described = |dialog: &Dialog| DialogDescription {
            call_id: dialog.call_id().to_owned(),
            local_tag: dialog.local_tag().to_owned(),
            remote_tag: dialog.remote_tag().to_owned(),
            remote_uri: dialog.remote_uri().to_owned(),
            is_initiator: dialog.is_caller(),
            is_confirmed: dialog.is_confirmed(),
        };
        self.calls.dialogs().into_iter().map(described).collect()
    }
}
