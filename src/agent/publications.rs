//! Publications: the commands of the application, what comes back, and what an automatic action
//! does for them.

use super::parts::Parts;
use super::{Action, Agent, LogLevel, Text, Tid, TransactionId, following_tid};
use crate::request::{Refusal, keep_added};
use crate::sip::{Draft, Message};
use crate::subscription::{InitialPublish, Publication, PublicationKey};
use crate::transaction::{NoResponse, PublicationId, TransactionUser};
use std::time::Instant;

/// PUBLISHes that one automatic action sends, because responses wait meanwhile. The next call goes
/// on.
const MAX_PUBLISHES_PER_ACTION: usize = 256;

impl Agent {
    /// The text of a PUBLISH. Nothing is sent or kept. Errors: `NoNetwork`, `BadParameter` without
    /// target, From or event, and for a body without its type or the reverse, `Syntax`.
    pub fn build_publish(&mut self, ask: InitialPublish<'_>) -> Result<Vec<u8>, Refusal> {
        let draft = ask.draft(&self.settings, &mut self.entropy);
        if matches!(draft, Err(Refusal::BadParameter)) || self.listening.is_some() {
            return Ok(draft?.into_octets());
        }
        Err(Refusal::NoNetwork)
    }

    /// Publishes `text` for `aor`: as new event state, or in the place of what was published there
    /// for the same event. Events of its responses have the number returned. There is no
    /// transaction yet where an earlier PUBLISH of this publication awaits its answer.
    ///
    /// Errors: `NoNetwork`, `BadParameter` without Call-ID, `Syntax` for a text that is no PUBLISH
    /// with Via, From, To, CSeq and Expires, `WrongState` when too many wait already.
    pub fn publish(
        &mut self,
        now: Instant,
        text: &[u8],
        aor: &str,
    ) -> Result<(Tid, Option<TransactionId>), Refusal> {
        self.check_listening()?;
        let (mut draft, parts) = self.parse_request(text)?;
        if draft.method() != Some("PUBLISH") || parts.cseq.1 != "PUBLISH" {
            return Err(Refusal::Syntax("not a PUBLISH"));
        }
        if draft.get("Expires").is_none() {
            return Err(Refusal::Syntax("no Expires"));
        }
        keep_added(&mut draft);
        let tid = self.next_tid();
        let key = PublicationKey::of(aor, &draft);
        let id = self.publications.find_or_insert(key, || Publication::new(now, &draft));
        match self.publications.get_mut(id) {
            Some(publication) if publication.is_pending() => {
                publication.wait(tid, draft)?;
                Ok((tid, None))
            }
            _ => Ok((tid, self.begin_publish(now, id, (tid, draft)))),
        }
    }

    /// Sends what the application publishes.
    fn begin_publish(
        &mut self,
        now: Instant,
        id: PublicationId,
        given: (Tid, Draft),
    ) -> Option<TransactionId> {
        let (tid, credentials) = (given.0, &self.credentials);
        let publication = self.publications.get_mut(id)?;
        let draft = publication.publish(now, given, credentials, &mut self.entropy);
        self.start_publish(now, id, (tid, draft))
    }

    fn start_publish(
        &mut self,
        now: Instant,
        id: PublicationId,
        (tid, draft): (Tid, Draft),
    ) -> Option<TransactionId> {
        self.publications.replan(id, &mut self.timers);
        match Parts::read(&draft, Some(self.listening_transport())) {
            Ok(parts) => Some(self.start(now, TransactionUser::Publication(id, tid), draft, parts)),
            Err(refusal) => {
                self.log(LogLevel::Error, format!("a PUBLISH cannot be sent: {refusal}"));
                let why = NoResponse::NotSent(refusal.to_string());
                self.publication_failed(now, (id, tid), Some(draft.to_bytes().into()), &why);
                None
            }
        }
    }

    /// The final response to PUBLISH `tid` came.
    pub(super) fn publication_answered(
        &mut self,
        now: Instant,
        (id, tid): (PublicationId, Tid),
        message: &Message<'_>,
        sent: Text,
        bytes: &[u8],
    ) {
        let credentials = &self.credentials;
        let outcome = self.publications.get_mut(id).zip(Message::parse(&sent).ok()).map(
            |(publication, request)| publication.on_response(now, message, &request, credentials),
        );
        let outcome = outcome.unwrap_or_default();
        let kind = super::requests::answer_kind(message.status().unwrap_or(0));
        let response = self.buffers.copy(bytes);
        self.push_request_event(tid, kind, Some(sent), Some(response), &outcome.explained);
        self.after_publish(now, id, outcome.is_over);
    }

    /// There will be no response to PUBLISH `tid`.
    pub(super) fn publication_failed(
        &mut self,
        now: Instant,
        (id, tid): (PublicationId, Tid),
        request: Option<Text>,
        why: &NoResponse,
    ) {
        if let Some(publication) = self.publications.get_mut(id) {
            publication.on_no_response();
        }
        self.push_failed_request(tid, request, why);
        self.after_publish(now, id, false);
    }

    /// What the application has published meanwhile goes out, in the place of anything else that
    /// was to be sent.
    fn after_publish(&mut self, now: Instant, id: PublicationId, is_over: bool) {
        let waiting = self.publications.get_mut(id).and_then(Publication::next_waiting);
        if let Some(given) = waiting {
            self.begin_publish(now, id, given);
        } else if is_over {
            self.publications.remove(id, &mut self.timers);
        } else {
            self.publications.replan(id, &mut self.timers);
        }
    }

    /// Answers the challenge that an event of PUBLISH `tid` reported. `None`: it is none, or is
    /// over. Errors: `WrongState` when it was answered, `RetryLimit`, `Undefined` without
    /// credentials.
    pub(super) fn answer_publish(
        &mut self,
        now: Instant,
        tid: Tid,
    ) -> Option<Result<Action, Refusal>> {
        let id = self.publications.of_attempt(tid)?;
        let publication = self.publications.get_mut(id)?;
        if let Err(refusal) = publication.answer(tid, &self.credentials) {
            return Some(Err(refusal));
        }
        self.publish_again(now, id);
        Some(Ok(Action::Sent))
    }

    /// Sends what is due for publications: refreshes, answers to challenges, 412 and 423, retries
    /// after failures.
    pub(super) fn publish_due(&mut self, now: Instant) {
        for _ in 0..MAX_PUBLISHES_PER_ACTION {
            let Some(id) = self.publications.take_due() else { return };
            self.publish_again(now, id);
        }
    }

    /// Credentials may have come for publications that wait for some.
    pub(super) fn unblock_publications(&mut self, now: Instant) {
        for id in self.publications.blocked() {
            let publication = self.publications.get_mut(id);
            if publication.is_some_and(|publication| publication.unblock(&self.credentials)) {
                self.publish_again(now, id);
            }
        }
    }

    /// Sends what is due for publication `id`, if anything is.
    fn publish_again(&mut self, now: Instant, id: PublicationId) {
        let last_tid = &mut self.last_tid;
        let next_tid = || following_tid(last_tid);
        let (settings, credentials, entropy) =
            (&self.settings, &self.credentials, &mut self.entropy);
        let next = self.publications.get_mut(id).and_then(|publication| {
            publication.next_request(now, next_tid, settings, credentials, entropy)
        });
        match next {
            Some(request) => {
                self.start_publish(now, id, request);
            }
            None => self.publications.replan(id, &mut self.timers),
        }
    }
}
