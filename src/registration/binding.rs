//! One registration: the account, the last REGISTER, what the server holds, and what is done next.
//!
//! Only this file, with `credentials`, sets a field of a [`Registration`].

mod credentials;

use super::account::Account;
use super::kept::{ContactSpan, kept};
use super::wire::WireRequest;
use super::{Activity, Attempt, BlockReason, InitialRegister, Reason};
use crate::auth::DigestState;
use crate::request::{Asks, Entropy, Refusal};
use crate::sip::{Draft, Message, Text};
use crate::transaction::TransactionId;
use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A longer text is not kept: it did not fit into a datagram.
const MAX_KEPT_TEXT: usize = 64_000;

/// The binding that the server holds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bound {
    contacts: Contacts,
    expires_at: Instant,
}

/// The Contacts of a binding.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Contacts {
    /// Those of the last REGISTER.
    AsSent,
    /// This comma list, though the last REGISTER had others. Empty: none that has to be removed.
    Text(Box<str>),
}

/// What the server may go on to hold of a registration that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftBinding {
    /// The binding that it has granted, whose removal it has not confirmed.
    Granted,
    /// One of a REGISTER that it has not answered.
    Unanswered,
}

/// One binding of one address-of-record (RFC 3261 section 10).
///
/// It is registered exactly while a binding is held, whatever becomes of a refresh.
#[derive(Debug, Clone)]
pub struct Registration {
    account: Account,
    /// Seconds to ask for in the next REGISTER.
    expires: u32,
    bound: Option<Bound>,
    /// The Contacts of a binding that no longer counts, which the server may still hold.
    unconfirmed: Option<Box<str>>,
    /// When the last REGISTER was sent, or could not be.
    sent_at: Option<Instant>,
    /// The last REGISTER as text, without what the next one gets anew.
    last: Option<Box<[u8]>>,
    /// Where our Contacts stand in it.
    last_contacts: ContactSpan,
    /// The address that our Contacts were given in it.
    contact_address: Option<SocketAddr>,
    /// The last REGISTER got no final response.
    unanswered: bool,
    /// The last REGISTER removed a Contact at another address.
    replaced_contact: bool,
    /// The application gave our Contact its address, which stays.
    explicit_address: bool,
    /// A server has said where it sees us.
    is_seen: bool,
    digest: DigestState,
    activity: Activity,
}

impl Registration {
    /// A registration for an account; nothing is sent.
    /// Errors: `BadParameter` for an empty From or proxy, `Syntax`.
    pub fn new(initial: InitialRegister<'_>, entropy: &mut Entropy) -> Result<Self, Refusal> {
        Ok(Registration {
            account: Account::new(&initial, entropy)?,
            expires: u32::try_from(initial.expires).unwrap_or(0),
            bound: None,
            unconfirmed: None,
            sent_at: None,
            last: None,
            last_contacts: ContactSpan::Nothing,
            contact_address: None,
            unanswered: false,
            replaced_contact: false,
            explicit_address: false,
            is_seen: false,
            digest: DigestState::default(),
            activity: Activity::Idle,
        })
    }

    /// `from` authenticates instead of the address-of-record: a third-party REGISTER.
    pub fn authenticate_as(&mut self, from: &str) {
        self.account.authenticate_as(&crate::request::user_of(from));
    }

    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    pub(super) fn line(&self) -> &str {
        self.account.line()
    }

    pub(super) fn has_explicit_address(&self) -> bool {
        self.explicit_address
    }

    /// Whether Contacts of the application are sent.
    pub fn has_own_contacts(&self) -> bool {
        self.explicit_address || self.account.contact().is_some()
    }

    /// Whether a server has said where it sees us.
    pub(super) fn is_seen(&self) -> bool {
        self.is_seen
    }

    /// A server has said where it sees us; whether that is news.
    pub fn note_seen(&mut self) -> bool {
        !std::mem::replace(&mut self.is_seen, true)
    }

    /// What it does now.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// Whether the server holds a binding.
    pub fn is_bound(&self) -> bool {
        self.bound.is_some()
    }

    /// What the server holds, as far as it is known, if nothing more is sent. `None`: nothing.
    pub fn left_binding(&self) -> Option<LeftBinding> {
        let is_unanswered = self.unanswered || self.transaction().is_some();
        let may_have_bound = is_unanswered && self.expires > 0;
        if self.is_bound() {
            Some(LeftBinding::Granted)
        } else if self.unconfirmed.is_some()
            || may_have_bound && self.last_contacts != ContactSpan::Nothing
        {
            Some(LeftBinding::Unanswered)
        } else {
            None
        }
    }

    /// When the binding ends.
    pub fn expires_at(&self) -> Option<Instant> {
        self.bound.as_ref().map(|bound| bound.expires_at)
    }

    /// The seconds that the next REGISTER asks for.
    pub fn expires(&self) -> u32 {
        self.expires
    }

    /// Whether no REGISTER was made for it yet.
    pub fn is_new(&self) -> bool {
        self.last.is_none()
    }

    /// Whether a REGISTER awaits its final response.
    pub fn is_pending(&self) -> bool {
        matches!(self.activity, Activity::Requesting { .. })
    }

    /// The transaction of the REGISTER under way.
    pub fn transaction(&self) -> Option<TransactionId> {
        match self.activity {
            Activity::Requesting { transaction, .. } => Some(transaction),
            _ => None,
        }
    }

    /// When the last REGISTER was sent, or could not be.
    pub fn sent_at(&self) -> Option<Instant> {
        self.sent_at
    }

    /// The next REGISTER that is sent by itself: when, and why.
    pub fn scheduled(&self) -> Option<(Instant, Reason)> {
        match self.activity {
            Activity::Scheduled { at, attempt } => Some((at, attempt.reason)),
            _ => None,
        }
    }

    /// The attempt that the next or the present REGISTER belongs to.
    pub fn attempt(&self) -> Attempt {
        match self.activity {
            Activity::Requesting { attempt, .. }
            | Activity::Scheduled { attempt, .. }
            | Activity::AwaitingAnswer { attempt, .. }
            | Activity::Queued { attempt } => attempt,
            _ => Attempt::new(Reason::Application),
        }
    }

    fn attempt_mut(&mut self) -> Option<&mut Attempt> {
        match &mut self.activity {
            Activity::Requesting { attempt, .. }
            | Activity::Scheduled { attempt, .. }
            | Activity::AwaitingAnswer { attempt, .. }
            | Activity::Queued { attempt } => Some(attempt),
            _ => None,
        }
    }

    /// Whether nonces at hand are answered in the next REGISTER without a new challenge: not after
    /// a REGISTER without final response.
    pub(super) fn may_answer_in_advance(&self) -> bool {
        !self.unanswered
    }

    /// Whether the last REGISTER removed a Contact at another address.
    pub fn replaced_contact(&self) -> bool {
        self.replaced_contact
    }

    /// The last REGISTER as text, without what the next one gets anew.
    pub(super) fn last_text(&self) -> Option<&[u8]> {
        self.last.as_deref()
    }

    /// The Contacts that the server holds or may still hold, a comma list.
    pub(super) fn held_contacts(&self) -> Option<Cow<'_, str>> {
        let contacts = match self.bound.as_ref().map(|bound| &bound.contacts) {
            Some(Contacts::AsSent) => self.sent_contacts(),
            Some(Contacts::Text(text)) => Some(Cow::Borrowed(&**text)),
            None => self.unconfirmed.as_deref().map(Cow::Borrowed),
        };
        contacts.filter(|contacts| !contacts.is_empty())
    }

    /// Whether the server may hold Contacts that would have to be removed.
    pub(super) fn may_hold_contacts(&self) -> bool {
        match self.bound.as_ref().map(|bound| &bound.contacts) {
            Some(Contacts::AsSent) => self.last_contacts != ContactSpan::Nothing,
            Some(Contacts::Text(text)) => !text.is_empty(),
            None => self.unconfirmed.is_some(),
        }
    }

    /// The address that our Contacts have at the server; `None`: it is not known without reading
    /// them.
    pub(super) fn contact_address(&self) -> Option<SocketAddr> {
        match self.bound.as_ref()?.contacts {
            Contacts::AsSent if !self.has_own_contacts() => self.contact_address,
            _ => None,
        }
    }

    /// The Contacts of the last REGISTER, a comma list.
    pub(super) fn sent_contacts(&self) -> Option<Cow<'_, str>> {
        self.last_contacts.of(self.last.as_deref()?)
    }

    /// The last text is about to be replaced by one with other Contacts.
    fn keep_held_contacts(&mut self) {
        let text = self.held_contacts().map(|text| Box::from(&*text));
        if let Some(Bound { contacts: contacts @ Contacts::AsSent, .. }) = &mut self.bound {
            *contacts = Contacts::Text(text.unwrap_or_default());
        }
    }

    // What is sent.

    /// The next REGISTER asks for these seconds.
    pub fn set_expires(&mut self, seconds: u32) {
        self.expires = seconds;
    }

    /// `draft` is sent by `transaction`, and `asks` is what it says about our binding.
    /// `by_application`: the application sent it, so that refused credentials are tried once more.
    pub fn request_sent(
        &mut self,
        now: Instant,
        transaction: TransactionId,
        draft: &Draft,
        asks: Asks,
        by_application: bool,
    ) {
        self.expires = asks.expires.unwrap_or(self.expires);
        let mut attempt = self.attempt();
        if by_application {
            self.explicit_address = asks.addressed && self.changes_contact(draft);
            self.digest.forgive();
            attempt.reason = Reason::Application;
        }
        self.replaced_contact = false;
        self.sent_at = Some(now);
        self.activity = Activity::Requesting { transaction, attempt };
    }

    /// The REGISTER under way leaves at this moment: what it is granted counts from here.
    pub fn transmitted(&mut self, now: Instant) {
        self.sent_at = Some(now);
    }

    /// The REGISTER under way goes to another server, which may ask for as much as the first: a
    /// nonce at hand is no answer to it yet.
    pub fn moves_on(&mut self) {
        self.digest.forgive();
        if let Some(attempt) = self.attempt_mut() {
            (attempt.answers, attempt.min_expires_raises) = (0, 0);
        }
    }

    /// The REGISTER has no address yet, or got none: the next one is made from it all the same.
    pub fn keep_unsent(&mut self, draft: &Draft) {
        self.keep_held_contacts();
        self.last = Some(kept(draft));
        self.last_contacts = ContactSpan::Nothing;
        self.contact_address = None;
    }

    /// The REGISTER has its addresses and goes out as the text that is returned.
    pub fn completed(&mut self, request: WireRequest<'_>) -> Text {
        // What is the same in both requests need not be kept apart.
        if !request.same_contacts {
            self.keep_held_contacts();
        }
        match &mut self.last {
            Some(last) if last.len() == request.kept.len() => last.copy_from_slice(request.kept),
            last => *last = Some(request.kept.into()),
        }
        self.last_contacts = request.contacts;
        self.contact_address = Some(request.contact_address);
        self.replaced_contact = request.replaces_contact;
        request.wire
    }

    // What comes back.

    /// A final response came.
    pub fn final_response(&mut self) {
        self.unanswered = false;
    }

    /// The next REGISTER could not be made.
    pub fn not_sent(&mut self, now: Instant) {
        self.sent_at = Some(now);
        self.unanswered = true;
    }

    /// There will be no final response.
    pub fn no_response(&mut self) {
        self.unanswered = true;
        if self.last.as_ref().is_some_and(|text| text.len() > MAX_KEPT_TEXT) {
            self.last = None;
        }
    }

    /// A 2xx grants our binding `seconds`; 0: it does not exist any more.
    pub fn accepted(&mut self, now: Instant, response: &Message<'_>, seconds: u32) {
        self.digest.accepted(response);
        self.unconfirmed = None;
        let expires_at = self.sent_at.unwrap_or(now) + Duration::from_secs(seconds.into());
        self.bound = (seconds > 0).then_some(Bound { contacts: Contacts::AsSent, expires_at });
    }

    /// One more challenge is answered in this attempt.
    pub fn count_answer(&mut self) {
        if let Some(attempt) = self.attempt_mut() {
            attempt.answers += 1;
        }
    }

    /// One more 423 is followed in this attempt, which asks for these seconds now.
    pub fn raise_expires(&mut self, seconds: u32) {
        self.expires = seconds;
        if let Some(attempt) = self.attempt_mut() {
            attempt.min_expires_raises += 1;
        }
    }

    /// One more redirection is followed in this attempt. The nonces are no business of the next
    /// server.
    pub fn redirected(&mut self) {
        self.forget_nonces();
        if let Some(attempt) = self.attempt_mut() {
            attempt.redirections += 1;
        }
    }

    /// The server says that the binding ends then, sooner than it was granted.
    pub fn shorten(&mut self, expires_at: Instant) {
        if let Some(bound) = &mut self.bound {
            bound.expires_at = bound.expires_at.min(expires_at);
        }
    }

    /// The binding has ended by itself: there is nothing to remove.
    pub fn binding_expired(&mut self) {
        (self.bound, self.unconfirmed) = (None, None);
    }

    /// The binding does not count any more. Its Contacts are still removed beside others.
    pub fn binding_lost(&mut self) {
        if self.bound.is_some() {
            self.unconfirmed = self.held_contacts().map(|text| Box::from(&*text));
            self.bound = None;
        }
    }

    /// Contacts at other addresses are left to expire, because a REGISTER that removed one beside
    /// ours was refused.
    pub fn leave_old_contacts(&mut self) {
        self.unconfirmed = None;
        if let Some(bound) = &mut self.bound {
            bound.contacts = Contacts::Text(Box::default());
        }
    }

    // What is done next.

    /// A new attempt begins at this moment.
    pub fn schedule(&mut self, at: Instant, reason: Reason) {
        self.activity = Activity::Scheduled { at, attempt: Attempt::new(reason) };
    }

    /// The present attempt goes on at this moment.
    pub fn resume(&mut self, at: Instant) {
        self.activity = Activity::Scheduled { at, attempt: self.attempt() };
    }

    /// The present attempt goes on once the program has answered a challenge.
    pub fn await_answer(&mut self, until: Instant) {
        self.activity = Activity::AwaitingAnswer { until, attempt: self.attempt() };
    }

    /// Until when the program may answer a challenge.
    pub fn answer_awaited_until(&self) -> Option<Instant> {
        match self.activity {
            Activity::AwaitingAnswer { until, .. } => Some(until),
            _ => None,
        }
    }

    /// The REGISTER that is due waits until the limits on requests in flight allow it.
    pub fn queue(&mut self) {
        self.activity = Activity::Queued { attempt: self.attempt() };
    }

    /// Nothing is planned.
    pub fn rest(&mut self) {
        self.activity = Activity::Idle;
    }

    /// Nothing is sent until the credentials change.
    pub fn block(&mut self, error: BlockReason) {
        self.activity = Activity::Blocked { error };
    }

    /// Nothing is sent any more.
    pub fn terminate(&mut self) {
        self.activity = Activity::Terminated;
    }

    /// Gives the REGISTER under way up: its transaction, whose response nobody waits for any more.
    pub fn abandon(&mut self) -> Option<TransactionId> {
        let transaction = self.transaction()?;
        self.unanswered = true;
        self.rest();
        Some(transaction)
    }
}
