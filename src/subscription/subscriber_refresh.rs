//! SUBSCRIBEs in the dialogs of a subscription of ours: those of the application, and those that an
//! automatic action sends (RFC 6665 section 4.1.2.2).

use super::kept_request::{KeptRequest, expires_in};
use super::subscriber::number_of;
use super::{Subscriber, SubscriptionAction, SubscriptionContext};
use crate::request::via::following;
use crate::request::{Refusal, keep_added};
use crate::sip::Draft;
use crate::transaction::{Did, Tid};
use std::time::Duration;

impl Subscriber {
    /// The dialog that a request to `did`, or to all of it, goes to. Errors: `NotFound`,
    /// `WrongState` while the SUBSCRIBE before has no final response, `Syntax` while it is not
    /// known where the notifier is.
    fn refreshed_dialog(&self, did: Option<Did>) -> Result<usize, Refusal> {
        if self.is_removed() {
            return Err(Refusal::NotFound);
        }
        let place = match did {
            Some(did) => self.place_of_did(did),
            None => self.dialogs.iter().position(|one| one.ends_at.is_none()),
        };
        if self.initial.pending.is_some() && (place.is_some() || did.is_none()) {
            return Err(Refusal::WrongState);
        }
        let place = place.ok_or(Refusal::NotFound)?;
        let known = &self.dialogs[place];
        match (known.exchange.pending.is_some(), known.has_target) {
            (true, _) => Err(Refusal::WrongState),
            (_, false) => Err(Refusal::Syntax("the notifier has sent no Contact")),
            _ => Ok(place),
        }
    }

    /// The text of the next SUBSCRIBE in dialog `did`, or in the first. Nothing changes. Errors:
    /// `NotFound`, `WrongState` while one is pending, `Syntax` without a Contact of the notifier.
    pub fn build_refresh(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        did: Option<Did>,
    ) -> Result<Draft, Refusal> {
        let place = self.refreshed_dialog(did)?;
        let mut dialog = self.dialogs[place].dialog.clone();
        let mut draft = dialog.request("SUBSCRIBE", context.settings, context.entropy);
        self.kept.put_some_on(&mut draft);
        self.identity.preview(context, &mut draft);
        Ok(draft)
    }

    /// Sends `draft` in dialog `did`, or in the first, with Event and Expires where it has none.
    /// Errors: as [`Subscriber::build_refresh`].
    pub fn send_refresh(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        did: Option<Did>,
        mut draft: Draft,
    ) -> Result<Tid, Refusal> {
        let place = self.refreshed_dialog(did)?;
        keep_added(&mut draft);
        self.add_missing(&mut draft);
        self.identity.count_sent(context, &mut draft);
        let asked = draft.get("Expires").and_then(expires_in).unwrap_or(0);
        if asked > 0 {
            self.kept = KeptRequest::of(&draft);
        }
        Ok(self.send_within(context, place, asked, draft))
    }

    /// Adds Event and Expires where `draft` has none.
    fn add_missing(&self, draft: &mut Draft) {
        if draft.get("Expires").is_none() {
            draft.push("Expires", self.kept.expires().to_string());
        }
        if draft.get("Event").is_none() {
            let of_refer = || self.is_refer.then(|| "refer".to_owned());
            if let Some(event) = self.kept.event().or_else(of_refer) {
                draft.push("Event", event);
            }
        }
    }

    fn send_within(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        place: usize,
        asked: u32,
        draft: Draft,
    ) -> Tid {
        let tid = (context.new_tid)();
        let known = &mut self.dialogs[place];
        known.exchange.begin(tid);
        known.dialog.on_request_sent(number_of(&draft));
        (known.asked, known.sent_at) = (asked, context.now);
        (known.refresh_at, known.is_due) = (None, false);
        context.actions.push(SubscriptionAction::Send(tid, draft));
        tid
    }

    /// An automatic action: answers challenges, and refreshes what is due.
    pub fn automatic_action(&mut self, context: &mut SubscriptionContext<'_>) {
        self.is_action_awaited = false;
        if let Some(tid) = self.initial.take_automatic_retry() {
            let _ = self.retry(context, tid);
        }
        for place in 0..self.dialogs.len() {
            let known = &mut self.dialogs[place];
            let retried = known.exchange.take_automatic_retry();
            let is_due = known.is_due && known.exchange.pending.is_none();
            if let Some(tid) = retried {
                let _ = self.retry(context, tid);
            } else if is_due {
                self.refresh(context, place);
            }
        }
    }

    /// Sends the last SUBSCRIBE of the application once more in this dialog, with all that it had.
    fn refresh(&mut self, context: &mut SubscriptionContext<'_>, place: usize) {
        let dialog = &mut self.dialogs[place].dialog;
        let mut draft = dialog.request("SUBSCRIBE", context.settings, context.entropy);
        self.kept.put_on(&mut draft);
        self.add_missing(&mut draft);
        self.identity.write(context, &mut draft);
        let asked = self.kept.expires();
        self.send_within(context, place, asked, draft);
    }

    /// Sends request `tid`, which was refused, again, with answers to its challenges. One that was
    /// sent again already is not sent once more. Errors: `NotFound` for any other, `RetryLimit`,
    /// `Undefined` where there are no credentials.
    pub fn retry(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        tid: Tid,
    ) -> Result<(), Refusal> {
        let identity = &mut self.identity;
        if self.initial.knows(tid) {
            let Some(mut draft) = self.initial.retry(context, identity, tid)? else {
                return Ok(());
            };
            identity.write(context, &mut draft);
            self.send_initial(context, draft);
            return Ok(());
        }
        let place = self.dialogs.iter().position(|one| one.exchange.knows(tid));
        let place = place.ok_or(Refusal::NotFound)?;
        let known = &mut self.dialogs[place];
        let Some(mut draft) = known.exchange.retry(context, identity, tid)? else {
            return Ok(());
        };
        let number = following(known.dialog.local_cseq());
        draft.set("CSeq", format!("{number} SUBSCRIBE"));
        identity.write(context, &mut draft);
        let asked = draft.get("Expires").and_then(expires_in).unwrap_or(0);
        self.send_within(context, place, asked, draft);
        Ok(())
    }

    /// The application removes all of it: nothing is sent, and its NOTIFYs are refused until it
    /// would have expired.
    /// Error: `NotFound`, it was removed before.
    pub fn remove(&mut self, context: &mut SubscriptionContext<'_>) -> Result<(), Refusal> {
        if self.is_removed() {
            return Err(Refusal::NotFound);
        }
        let asked = Duration::from_secs(self.kept.expires().into());
        let ends = self.dialogs.iter().map(|one| one.ends_at.unwrap_or(one.expires_at));
        let until = ends.max().unwrap_or(self.initial_at + asked);
        for one in &self.dialogs {
            context.actions.push(SubscriptionAction::Forget(one.did));
        }
        self.removed_until = Some(until.max(context.now));
        Ok(())
    }
}
