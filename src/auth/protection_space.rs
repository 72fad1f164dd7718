//! A realm that asks for credentials, and the nonce in use for it.

use super::authorization::{Challenger, answers, parameter};
use super::session::AUTH_INT;
use super::{AuthorizedRequest, Challenge, Credentials, Login, Session};
use crate::request::Entropy;
use crate::request::target::request_line;
use crate::sip::{Draft, hex, unescape};
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU32;

/// Exchanges that brought a new realm, after which the nonce of a realm that was not asked for
/// again is dropped: one such exchange may be a server that was replaced.
const MAX_UNASKED: u8 = 2;

/// A realm of the registrar or of a proxy (RFC 7235 section 2.2), with its nonce.
#[derive(Debug, Clone)]
pub(super) struct ProtectionSpace {
    challenger: Challenger,
    /// A challenge for it came since the last success …
    is_asked: bool,
    /// … and was the first.
    is_new: bool,
    /// Exchanges that succeeded, and brought a new realm, since it was last asked for.
    unasked: u8,
    /// The fingerprint of the answer that was last previewed and is not counted yet.
    previewed: Option<NonZeroU32>,
    session: Session,
}

impl ProtectionSpace {
    pub(super) fn new(challenger: Challenger, challenge: Challenge<'_>) -> Self {
        let session = Session::new(challenge);
        let (is_asked, is_new, unasked, previewed) = (true, true, 0, None);
        ProtectionSpace { challenger, is_asked, is_new, unasked, previewed, session }
    }

    pub(super) fn is_for(&self, challenger: Challenger) -> bool {
        self.challenger == challenger
    }

    pub(super) fn is(&self, challenger: Challenger, realm: &str) -> bool {
        self.challenger == challenger && self.challenge().realm == realm
    }

    /// Whether `authorization`, a line for this challenger, is an answer with its nonce.
    pub(super) fn is_answered_by(&self, challenger: Challenger, authorization: &str) -> bool {
        self.challenger == challenger && answers(authorization, &self.challenge())
    }

    /// The challenge in use.
    pub(super) fn challenge(&self) -> Challenge<'_> {
        self.session.challenge()
    }

    /// The credentials that answer it.
    pub(super) fn login<'a>(
        &self,
        user: &str,
        credentials: &'a Credentials,
        own_only: bool,
    ) -> Option<Login<'a>> {
        let challenge = self.challenge();
        let login = credentials.find(user, &challenge.realm_text(), own_only);
        login.filter(|login| login.answers(challenge.algorithm))
    }

    /// Whether `challenge` refuses the answer that was given for this space last, if that was in
    /// the request.
    pub(super) fn is_refused_by(
        &self,
        challenge: &Challenge<'_>,
        new_nonce_is_refusal: bool,
    ) -> bool {
        // Where the nonce is older than this exchange, a new one says that only the nonce is wrong.
        let is_first = self.is_asked && self.session.count() == 1;
        self.session.count() > 0
            && !challenge.stale
            && (challenge.nonce == self.challenge().nonce || new_nonce_is_refusal && is_first)
    }

    /// Another challenge for it came. With the same nonce the count goes on.
    pub(super) fn ask(&mut self, challenge: Challenge<'_>) {
        self.is_asked = true;
        if self.challenge().nonce != challenge.nonce {
            self.session = Session::new(challenge);
            self.previewed = None;
        }
    }

    /// Another attempt begins: the nonce is an old one.
    pub(super) fn begin_attempt(&mut self) {
        self.is_asked = false;
    }

    /// Authentication-Info of this challenger names another nonce. Whether it is for this space.
    pub(super) fn next_nonce(&mut self, challenger: Challenger, nonce: &str) -> bool {
        let is_answered = self.challenger == challenger && self.session.count() > 0;
        if is_answered {
            self.session.next_nonce(nonce);
            self.previewed = None;
        }
        is_answered
    }

    /// Whether this exchange was the first that it was asked for in.
    pub(super) fn is_new(&self) -> bool {
        self.is_new
    }

    /// The exchange succeeded; it asked for a realm that had not been asked for before, or not.
    pub(super) fn succeed(&mut self, brought_new_realm: bool) {
        match self.is_asked {
            true => self.unasked = 0,
            false => self.unasked += u8::from(brought_new_realm),
        }
        (self.is_asked, self.is_new) = (false, false);
    }

    /// Whether the next request carries an answer for it unasked. A server without nonces asks each
    /// time, and is answered when it does.
    pub(super) fn lasts(&self) -> bool {
        self.unasked < MAX_UNASKED && !self.challenge().nonce.is_empty()
    }

    /// Writes the answer of `login` into `draft` as line number `at`, and counts it.
    pub(super) fn write(
        &mut self,
        draft: &mut Draft,
        at: usize,
        login: &Login<'_>,
        entropy: &mut Entropy,
    ) {
        if let Some(cnonce) = self.push(draft, at, login, entropy) {
            self.count_answer(digits(&cnonce));
        }
    }

    /// The same, and remembers what was written in place of counting it.
    pub(super) fn preview(
        &mut self,
        draft: &mut Draft,
        at: usize,
        login: &Login<'_>,
        entropy: &mut Entropy,
    ) {
        if self.push(draft, at, login, entropy).is_none() {
            return;
        }
        let Some((method, uri)) = request_line(draft.start()) else { return };
        let request = AuthorizedRequest { method, uri, body: &draft.body };
        let value = draft.value(draft.lines()[at]);
        self.previewed = Some(self.fingerprint(login, request, value));
    }

    fn push(
        &self,
        draft: &mut Draft,
        at: usize,
        login: &Login<'_>,
        entropy: &mut Entropy,
    ) -> Option<[u8; 32]> {
        let (method, uri) = request_line(draft.start())?;
        let (method, uri) = (method.len(), uri.len());
        let cnonce = hex(entropy.bits());
        draft.insert_with(at, self.challenger.authorization(), |draft, text| {
            let (method, rest) = draft.start().split_at(method);
            let uri = rest.get(1..=uri).unwrap_or_default();
            let request = AuthorizedRequest { method, uri, body: &draft.body };
            self.session.push_preview(text, login, request, digits(&cnonce));
        });
        Some(cnonce)
    }

    /// Counts an answer that is about to be sent: `authorization`, if that is just what was
    /// previewed; else another one for the same user, which is returned.
    pub(super) fn count_sent(
        &mut self,
        authorization: &str,
        login: &Login<'_>,
        request: AuthorizedRequest<'_>,
        entropy: &mut Entropy,
    ) -> Option<String> {
        if self.previewed == Some(self.fingerprint(login, request, authorization)) {
            self.count_answer(parameter(authorization, "cnonce").unwrap_or_default());
            return None;
        }
        let username = parameter(authorization, "username").map(unescape)?;
        (username == login.username).then(|| {
            let mut text = String::with_capacity(authorization.len());
            let cnonce = hex(entropy.bits());
            self.session.push_preview(&mut text, login, request, digits(&cnonce));
            self.count_answer(digits(&cnonce));
            text
        })
    }

    /// By what the line `authorization` of this request and login is known again.
    fn fingerprint(
        &self,
        login: &Login<'_>,
        request: AuthorizedRequest<'_>,
        authorization: &str,
    ) -> NonZeroU32 {
        let AuthorizedRequest { method, uri, body } = request;
        let body = if self.session.qop() == Some(AUTH_INT) { body } else { b"" };
        fingerprint(&(login, method, uri, body, authorization))
    }

    fn count_answer(&mut self, cnonce: &str) {
        self.session.count_answer(cnonce);
        self.previewed = None;
    }
}

/// A cnonce as text.
fn digits(hex: &[u8; 32]) -> &str {
    std::str::from_utf8(hex).unwrap_or_default()
}

/// A number by which the same thing is known again without keeping it. It finds out edits, and
/// withstands nobody who looks for another text with the same number.
fn fingerprint(value: &impl Hash) -> NonZeroU32 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    NonZeroU32::new((hasher.finish() >> 16) as u32).unwrap_or(NonZeroU32::MIN)
}

/// By what a login is known again as the one that was refused in this realm, which is as written in
/// a challenge.
#[inline(never)] // It is called in many places.
pub(super) fn login_fingerprint(login: &Login<'_>, realm: &str) -> NonZeroU32 {
    fingerprint(&(login, &*unescape(realm)))
}
