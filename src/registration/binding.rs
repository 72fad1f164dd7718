//! One registration: what was asked, what the server holds, and where it stands.

use super::account::{Account, Line, RequestUriCache};
use super::kept::{ContactSpan, kept};
use super::policy::automatic_action;
use super::{InitialRegister, WireRequest};
use crate::auth::{ChallengePolicy, Credentials, DigestState};
use crate::request::{Asks, Entropy, Refusal};
use crate::sip::{Draft, Text};
use std::borrow::Cow;
use std::time::Instant;

/// Where a registration stands after its last request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationState {
    /// Nothing was sent yet.
    Fresh,
    /// A REGISTER awaits its final answer.
    Pending,
    /// The server holds the binding, or answered a query.
    Bound,
    /// Challenged, and an answer is at hand.
    Challenged,
    /// Challenged without credentials, or they were refused: nothing is sent until others are given.
    Unproven {
        /// The realm to find credentials for; `None` when no challenge could be understood.
        realm: Option<String>,
    },
    /// 423 with a min_expires that can be met.
    TooBrief,
    /// Any other final answer, or none.
    Failed {
        /// What Retry-After said.
        retry_at: Option<Instant>,
    },
}

/// What the server holds of our Contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bound {
    /// Nothing.
    Not,
    /// Those of the last request, as that was sent.
    AsSent,
    /// These, though the last request had others.
    Is(Box<str>),
}

/// One binding of one address-of-record, made by `eXosip_register_build_initial_register`.
#[derive(Debug, Clone)]
pub struct Registration {
    pub(super) ask: Account,
    /// The value of `line` by which our Contact is known again.
    pub(super) line: Line,
    /// Seconds to ask for next time.
    pub(super) wanted: u32,
    /// Seconds that the binding lasts, as last granted or asked.
    pub(super) granted: u32,
    /// The last request as text, without what the next gets anew.
    pub(super) template: Option<Box<[u8]>>,
    /// The Contacts that the server holds, a list.
    pub(super) bound: Bound,
    /// The Contacts of the last request, in `template`.
    pub(super) offered: ContactSpan,
    /// When a Contact was last swapped.
    pub(super) swapped: Option<Instant>,
    pub(super) swap_due: bool,
    pub(super) proof: DigestState,
    /// Challenges and 423 answered since the last 2xx.
    pub(super) answers: u8,
    pub(super) state: RegistrationState,
    /// The last request got a final answer.
    pub(super) answered: bool,
    /// When the last request was queued.
    pub(super) sent: Option<Instant>,
    /// The application gave the automatic Contact an address of its own, which stays.
    pub(super) contact_is_theirs: bool,
    /// When the binding ends, counted from the request that got it.
    pub(super) until: Option<Instant>,
}

impl Registration {
    /// A registration for what was asked; nothing is sent. Errors: `BadParameter` for an empty From or proxy, `Syntax`.
    pub fn new(
        ask: InitialRegister<'_>,
        targets: &mut RequestUriCache,
        entropy: &mut Entropy,
    ) -> Result<Self, Refusal> {
        let parts = Account::new(&ask, targets)?;
        let wanted = u32::try_from(ask.expires).unwrap_or(0);
        Ok(Registration {
            ask: parts,
            line: Line::new(entropy.word()),
            wanted,
            granted: wanted,
            template: None,
            bound: Bound::Not,
            offered: ContactSpan::Nothing,
            swapped: None,
            swap_due: false,
            proof: DigestState::default(),
            answers: 0,
            state: RegistrationState::Fresh,
            answered: false,
            sent: None,
            contact_is_theirs: false,
            until: None,
        })
    }

    /// Another than the address-of-record asks (`from`, a third-party REGISTER): who proves itself.
    pub fn asked_by(&mut self, from: &str) {
        self.ask.prove_as(&crate::request::user_of(from));
    }

    /// Which challenges are answered from now on.
    pub fn set_challenge_policy(&mut self, policy: ChallengePolicy) {
        self.proof.set_policy(policy);
    }

    /// The request under way was taken back.
    pub fn abandoned(&mut self) {
        self.answered = false;
        self.state = RegistrationState::Failed { retry_at: None };
    }

    /// Its next request could not be made: it is tried again as after any failure.
    pub fn not_sent(&mut self, now: Instant) {
        self.abandoned();
        self.sent = Some(now);
    }

    /// Where it stands.
    pub fn state(&self) -> &RegistrationState {
        &self.state
    }

    /// Whether no request was made for it yet.
    pub fn is_new(&self) -> bool {
        self.template.is_none()
    }

    /// Whether a REGISTER awaits its final answer.
    pub fn is_pending(&self) -> bool {
        self.state == RegistrationState::Pending
    }

    /// The seconds that the next REGISTER asks for.
    pub fn wanted(&self) -> u32 {
        self.wanted
    }

    /// The seconds that the server last granted.
    pub fn granted(&self) -> u32 {
        self.granted
    }

    /// Whether the nonces at hand are offered unasked: not after a request that was never answered.
    pub(super) fn may_preload(&self) -> bool {
        match &self.state {
            RegistrationState::Failed { .. } => self.answered,
            _ => true,
        }
    }

    /// `draft` is on its way: what it `asks` for is what is wanted from now on. `by_application`: the application sent it, so that
    /// credentials that were refused are tried once more.
    pub fn queued(&mut self, now: Instant, draft: &Draft, asks: Asks, by_application: bool) {
        self.wanted = asks.expires.unwrap_or(self.wanted);
        if by_application {
            self.contact_is_theirs = asks.addressed && self.contact_was_changed(draft);
        }
        self.sent = Some(now);
        self.state = RegistrationState::Pending;
        self.swap_due = false;
        if by_application {
            self.proof.forgive();
        }
    }

    /// The request waits for its way, or has found none: the next is made from it all the same.
    pub fn waits(&mut self, draft: &Draft) {
        self.hold_bound();
        self.template = Some(kept(draft));
        self.offered = ContactSpan::Nothing;
    }

    /// The Contacts that the server holds, as a comma list.
    pub(super) fn bound(&self) -> Option<Cow<'_, str>> {
        match &self.bound {
            Bound::Not => None,
            Bound::AsSent => self.offered(),
            Bound::Is(text) => Some(Cow::Borrowed(text)),
        }
    }

    /// The Contacts of the last request, as a comma list.
    pub(super) fn offered(&self) -> Option<Cow<'_, str>> {
        self.offered.of(self.template.as_deref()?)
    }

    /// Another request comes in the place of the last: what the server holds is kept apart.
    fn hold_bound(&mut self) {
        if self.bound == Bound::AsSent {
            self.bound = self.bound().map_or(Bound::Not, |text| Bound::Is(text.into()));
        }
    }

    /// The request has its addresses. What goes out.
    pub fn completed(&mut self, now: Instant, ready: WireRequest<'_>) -> Text {
        // What is the same in both requests need not be kept apart.
        if !ready.settled {
            self.hold_bound();
        }
        match &mut self.template {
            Some(last) if last.len() == ready.template.len() => last.copy_from_slice(ready.template),
            last => *last = Some(ready.template.into()),
        }
        self.offered = ready.offered;
        if ready.swapped {
            self.swapped = Some(now);
        }
        ready.wire
    }

    /// Counts the answers to challenges in `draft`, see [`DigestState::count_sent`].
    pub fn count_sent(&mut self, draft: &mut Draft, logins: &Credentials, entropy: &mut Entropy) {
        self.proof.count_sent(draft, self.ask.user(), logins, entropy);
    }

    /// A server saw us elsewhere than the binding says: swap with the next automatic action, unless that was done just now.
    pub fn swap(&mut self, now: Instant) {
        let guarded = self.swapped.is_some_and(|at| now < at + automatic_action::SWAP_GUARD);
        self.swap_due = self.state == RegistrationState::Bound && !guarded;
    }

    /// The address it was sent from may be gone: send again with the next automatic action.
    pub fn renew_soon(&mut self) {
        self.swap_due = self.state == RegistrationState::Bound;
    }

    /// Whether credentials that came since may help a registration that stopped for want of them.
    pub fn has_fresh_login(&self, logins: &Credentials) -> bool {
        match &self.state {
            RegistrationState::Unproven { realm: Some(realm) } => {
                self.proof.has_fresh_login(self.ask.user(), logins, realm)
            }
            _ => false,
        }
    }

    /// Whether it was to be removed, and the request for that is too old to hope for.
    pub fn is_over(&self, now: Instant) -> bool {
        let old = self.sent.is_some_and(|sent| now >= sent + automatic_action::FORGET);
        self.wanted == 0 && !self.is_pending() && old
    }

    /// Whether it stopped because the server refused its credentials.
    pub fn was_refused(&self) -> bool {
        self.proof.was_refused()
    }

    /// Other credentials came: the last challenge is answered with the next automatic action.
    pub fn retry_with_fresh_login(&mut self) {
        self.proof.forgive();
        self.answers = 0;
        self.state = RegistrationState::Challenged;
    }

    /// One more challenge or 423 is answered; `RetryLimit` after [`automatic_action::ANSWERS`] in a row.
    pub fn count_answer(&mut self) -> Result<(), Refusal> {
        if self.answers >= automatic_action::ANSWERS {
            return Err(Refusal::RetryLimit);
        }
        self.answers += 1;
        Ok(())
    }

    /// When `eXosip_automatic_action` next has something to do for it.
    pub fn due(&self) -> Option<Instant> {
        let sent = self.sent?;
        let failure =
            || (self.wanted > 0).then(|| sent + automatic_action::retry_after_failure(self.granted));
        match &self.state {
            RegistrationState::Fresh | RegistrationState::Pending | RegistrationState::Unproven { .. } => {
                None
            }
            RegistrationState::Bound if self.wanted == 0 => None,
            RegistrationState::Bound if self.swap_due => Some(sent),
            RegistrationState::Bound => Some(sent + automatic_action::refresh_after(self.granted)),
            RegistrationState::Challenged | RegistrationState::TooBrief
                if self.answers < automatic_action::ANSWERS =>
            {
                Some(sent)
            }
            RegistrationState::Challenged | RegistrationState::TooBrief => failure(),
            RegistrationState::Failed { retry_at: Some(at) } if self.wanted > 0 => Some(*at),
            RegistrationState::Failed { .. } => failure(),
        }
    }

    /// What an automatic action due now is: an answer that counts against the limit, or not.
    pub fn is_answer_due(&self) -> bool {
        matches!(self.state, RegistrationState::Challenged | RegistrationState::TooBrief)
            && self.answers < automatic_action::ANSWERS
    }
}
