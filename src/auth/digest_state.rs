//! The nonces in use, and what became of the answers given with them.

use super::authorization::{Challenger, find_parameter, insertion_point, remove_authorizations};
use super::protection_space::{ProtectionSpace, login_fingerprint};
use super::{Algorithm, AuthError, AuthorizedRequest, Challenge, Credentials, Login, challenges};
use crate::request::target::request_line;
use crate::request::via::renew;
use crate::request::{Entropy, Settings};
use crate::sip::{Draft, Message, unescape};
use std::num::NonZeroU32;

/// Protection spaces that are kept for one user; the oldest goes first. A server that names another
/// realm each time cannot make the request grow until it fits into no datagram.
const MAX_PROTECTION_SPACES: usize = 8;

/// What a 401 or 407 means for the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChallengeOutcome {
    /// At least one challenge is new and can be answered.
    Answerable,
    /// None can, or none is new.
    Failed(AuthError),
}

/// Which challenges are answered, and with whose credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChallengePolicy {
    /// A challenge for a weaker algorithm is not answered.
    pub weakest_algorithm: Algorithm,
    /// Only credentials of the user itself are used, never those of another user for the realm.
    pub own_credentials_only: bool,
    /// A new nonce in the place of the one that was just answered says that the credentials are
    /// wrong, unless it comes with `stale=true` (RFC 7616 section 3.3).
    pub new_nonce_is_refusal: bool,
}

impl Default for ChallengePolicy {
    /// That of the eXosip calls.
    fn default() -> Self {
        ChallengePolicy {
            weakest_algorithm: Algorithm::Md5,
            own_credentials_only: false,
            new_nonce_is_refusal: false,
        }
    }
}

impl ChallengePolicy {
    /// The same, and no algorithm weaker than `weakest`.
    pub fn at_least(mut self, weakest: Option<Algorithm>) -> Self {
        if let Some(weakest) = weakest {
            self.weakest_algorithm = weakest.plain().max(self.weakest_algorithm.plain());
        }
        self
    }

    /// A `-sess` form is as strong as its plain form.
    pub(crate) fn allows(&self, algorithm: Algorithm, credentials: &Credentials) -> bool {
        let weakest = credentials.weakest_algorithm().map(Algorithm::plain);
        Some(algorithm.plain()) >= weakest.max(Some(self.weakest_algorithm.plain()))
    }
}

/// The nonces in use by one registration or request, and what became of the answers.
#[derive(Debug, Clone, Default)]
pub struct DigestState {
    /// One for most, so it has no room to grow.
    spaces: Box<[ProtectionSpace]>,
    /// The fingerprint of the login that was refused: it is not offered again.
    refused: Option<NonZeroU32>,
    policy: ChallengePolicy,
}

/// The challenges that one challenger makes in one response.
#[derive(Default)]
struct Chosen<'a> {
    /// The strongest of each realm that can be answered, with its login.
    challenges: Vec<(Challenge<'a>, Option<Login<'a>>)>,
}

impl<'a> Chosen<'a> {
    fn add(&mut self, challenge: Challenge<'a>, login: Option<Login<'a>>) {
        match self.challenges.iter_mut().find(|(other, _)| other.realm == challenge.realm) {
            Some((other, _)) if other.algorithm < challenge.algorithm => *other = challenge,
            Some(_) => {}
            None => self.challenges.push((challenge, login)),
        }
    }
}

impl DigestState {
    /// No nonces yet.
    pub fn new(policy: ChallengePolicy) -> Self {
        DigestState { policy, ..DigestState::default() }
    }

    /// Which challenges are answered.
    pub fn policy(&self) -> ChallengePolicy {
        self.policy
    }

    /// From now on challenges are answered so.
    pub fn set_policy(&mut self, policy: ChallengePolicy) {
        self.policy = policy;
    }

    /// Reads the challenges of a 401 or 407 to a request whose lines of a name are
    /// `authorizations`.
    ///
    /// In each realm the strongest that the login of `user` can answer is taken, unknown ones are
    /// skipped; nonces of other realms stay. Beside a new challenge, one that repeats a nonce is
    /// answered again with the next count. Where nothing is new the credentials are refused.
    pub fn challenged<'r, L: Iterator<Item = &'r str>>(
        &mut self,
        response: &Message<'_>,
        authorizations: impl Fn(&'static str) -> L,
        user: &str,
        credentials: &Credentials,
    ) -> ChallengeOutcome {
        let (mut answerable, mut error) = (false, AuthError::NoChallenge);
        let mut refused = None;
        for challenger in Challenger::ALL {
            let chosen = self.choose(response, challenger, user, credentials, &mut error);
            for (challenge, login) in chosen.challenges {
                match login {
                    Some(login) => {
                        let answered = || authorizations(challenger.authorization());
                        if self.refuses(challenger, &challenge, &login, answered) {
                            refused.get_or_insert(login_fingerprint(&login, challenge.realm));
                            let username = login.username.to_owned();
                            let realm = challenge.realm.to_owned();
                            worsen(&mut error, AuthError::Refused { realm, username });
                        } else {
                            answerable = true;
                        }
                    }
                    // Its nonce is kept, so that it is answered as soon as there are credentials.
                    None => {
                        let (user, realm) = (user.to_owned(), challenge.realm.to_owned());
                        worsen(&mut error, AuthError::NoCredentials { user, realm });
                    }
                }
                self.keep(challenger, challenge);
            }
        }
        if answerable {
            return ChallengeOutcome::Answerable;
        }
        if refused.is_some() {
            self.refused = refused;
        }
        ChallengeOutcome::Failed(error)
    }

    /// The challenges of `challenger` that can be answered, or could be with credentials. What is
    /// wrong with the others is in `error`.
    fn choose<'a>(
        &self,
        response: &'a Message<'_>,
        challenger: Challenger,
        user: &str,
        credentials: &'a Credentials,
        error: &mut AuthError,
    ) -> Chosen<'a> {
        let mut chosen = Chosen::default();
        for challenge in response.lines(challenger.challenge()).flat_map(challenges) {
            let challenge = match challenge {
                Ok(challenge) => challenge,
                Err(why) => {
                    worsen(error, AuthError::Unanswerable(why));
                    continue;
                }
            };
            let (realm, algorithm) = (challenge.realm, challenge.algorithm);
            let own_only = self.policy.own_credentials_only;
            let login = credentials.find(user, &challenge.realm_text(), own_only);
            if !self.policy.allows(algorithm, credentials) {
                let realm = realm.to_owned();
                worsen(error, AuthError::WeakAlgorithm { realm, algorithm });
            } else if login.is_some_and(|login| !login.answers(algorithm)) {
                let realm = realm.to_owned();
                worsen(error, AuthError::AlgorithmMismatch { realm, algorithm });
            } else {
                chosen.add(challenge, login);
            }
        }
        chosen
    }

    /// Whether `challenge` says that `login` is wrong: it was answered with it already.
    fn refuses<'r, L: Iterator<Item = &'r str>>(
        &self,
        challenger: Challenger,
        challenge: &Challenge<'_>,
        login: &Login<'_>,
        authorizations: impl Fn() -> L,
    ) -> bool {
        if self.was_refused_to(login, challenge.realm) {
            return true;
        }
        let space = self.spaces.iter().find(|space| space.is(challenger, challenge.realm));
        space.is_some_and(|space| {
            space.is_refused_by(challenge, self.policy.new_nonce_is_refusal)
                && authorizations().any(|line| space.is_answered_by(challenger, line))
        })
    }

    fn was_refused_to(&self, login: &Login<'_>, realm: &str) -> bool {
        self.refused.is_some_and(|refused| refused == login_fingerprint(login, realm))
    }

    /// Keeps the nonce of `challenge`.
    fn keep(&mut self, challenger: Challenger, challenge: Challenge<'_>) {
        let is_same = |space: &&mut ProtectionSpace| space.is(challenger, challenge.realm);
        if let Some(space) = self.spaces.iter_mut().find(is_same) {
            return space.ask(challenge);
        }
        let mut spaces = std::mem::take(&mut self.spaces).into_vec();
        if spaces.len() >= MAX_PROTECTION_SPACES {
            spaces.remove(0);
        }
        spaces.reserve_exact(1);
        spaces.push(ProtectionSpace::new(challenger, challenge));
        self.spaces = spaces.into();
    }

    fn login<'a>(
        &self,
        user: &str,
        credentials: &'a Credentials,
        realm: &str,
    ) -> Option<Login<'a>> {
        credentials.find(user, &unescape(realm), self.policy.own_credentials_only)
    }

    /// Whether the login of `user` answers a challenge at hand, and was not refused.
    pub fn can_answer(&self, user: &str, credentials: &Credentials) -> bool {
        self.spaces.iter().any(|space| {
            let login = space.login(user, credentials, self.policy.own_credentials_only);
            login.is_some_and(|login| !self.was_refused_to(&login, space.challenge().realm))
        })
    }

    /// Whether the login of `user` that a stopped registration would use now is another than the
    /// one refused. `realm` is as written in the challenge.
    pub fn has_fresh_login(&self, user: &str, credentials: &Credentials, realm: &str) -> bool {
        let login = self.login(user, credentials, realm);
        login.is_some_and(|login| !self.was_refused_to(&login, realm))
    }

    /// The server took an answer: `nextnonce` replaces the nonce, old refusals are forgotten, and
    /// so are the nonces of realms that are not asked for any more.
    pub fn accepted(&mut self, response: &Message<'_>) {
        self.refused = None;
        if self.spaces.is_empty() {
            return;
        }
        for challenger in Challenger::ALL {
            let info = response.header(challenger.info());
            let next = info.and_then(|info| find_parameter(info, "nextnonce"));
            if let Some(next) = next.filter(|next| !next.is_empty()) {
                self.spaces.iter_mut().any(|space| space.next_nonce(challenger, next));
            }
        }
        let brought_new_realm = self.spaces.iter().any(ProtectionSpace::is_new);
        self.spaces.iter_mut().for_each(|space| space.succeed(brought_new_realm));
        if !self.spaces.iter().all(ProtectionSpace::lasts) {
            let mut spaces = std::mem::take(&mut self.spaces).into_vec();
            spaces.retain(ProtectionSpace::lasts);
            self.spaces = spaces.into();
        }
    }

    /// The login of `user` for this realm was refused, by whatever answer.
    pub(crate) fn refuse(&mut self, user: &str, credentials: &Credentials, realm: &str) {
        let login = self.login(user, credentials, realm);
        self.refused = login.map(|login| login_fingerprint(&login, realm));
    }

    /// Whether a login was refused and none was accepted since.
    pub fn was_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Another attempt begins, or other credentials came: what was refused may be tried again, and
    /// a nonce at hand is an old one.
    pub fn forgive(&mut self) {
        self.refused = None;
        self.spaces.iter_mut().for_each(ProtectionSpace::begin_attempt);
    }

    /// The next request carries no answers until it is challenged again.
    pub fn forget_nonces(&mut self) {
        self.spaces = Box::default();
    }

    /// Writes the answers for every nonce at hand into `draft`, behind Contact, and counts them.
    pub fn write(
        &mut self,
        draft: &mut Draft,
        user: &str,
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) {
        self.for_each_answer(draft, user, credentials, |space, draft, at, login| {
            space.write(draft, at, login, entropy);
        });
    }

    /// The same, and leaves the nonces uncounted: the text may never be sent. The lines are known
    /// again when it is.
    pub fn preview(
        &mut self,
        draft: &mut Draft,
        user: &str,
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) {
        self.for_each_answer(draft, user, credentials, |space, draft, at, login| {
            space.preview(draft, at, login, entropy);
        });
    }

    /// Calls `write` with each space that can be answered, the number of its line, and its login.
    fn for_each_answer(
        &mut self,
        draft: &mut Draft,
        user: &str,
        credentials: &Credentials,
        mut write: impl FnMut(&mut ProtectionSpace, &mut Draft, usize, &Login<'_>),
    ) {
        if self.spaces.is_empty() {
            return;
        }
        let mut at = insertion_point(draft);
        let own_only = self.policy.own_credentials_only;
        // Authorization stands before Proxy-Authorization, whichever was asked for first.
        for challenger in Challenger::ALL {
            for space in self.spaces.iter_mut().filter(|space| space.is_for(challenger)) {
                if let Some(login) = space.login(user, credentials, own_only) {
                    write(space, draft, at, &login);
                    at += 1;
                }
            }
        }
    }

    /// Counts the answers in `draft`, which is about to be sent.
    ///
    /// A line that is just as it was last previewed, for the same request and login, is kept to the
    /// letter. Any other line for a nonce at hand is answered anew, so that a text that was built
    /// earlier, edited, or sent twice goes out with a count of its own. Lines that are not ours
    /// stay as the application wrote them.
    pub fn count_sent(
        &mut self,
        draft: &mut Draft,
        user: &str,
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) {
        if self.spaces.is_empty() {
            return;
        }
        let start = draft.start().to_owned();
        let Some((method, uri)) = request_line(&start) else { return };
        let body = std::mem::take(&mut draft.body);
        let request = AuthorizedRequest { method, uri, body: &body };
        let own_only = self.policy.own_credentials_only;
        draft.change(|name, value| {
            let challenger = Challenger::of_authorization(name)?;
            let mut spaces = self.spaces.iter_mut();
            let space = spaces.find(|space| space.is_answered_by(challenger, value))?;
            let login = space.login(user, credentials, own_only)?;
            space.count_sent(value, &login, request, entropy)
        });
        draft.body = body;
    }

    /// Takes every Authorization and Proxy-Authorization out of `draft`.
    pub fn strip(draft: &mut Draft) {
        remove_authorizations(draft);
    }
}

/// The same request once more: a new Via and the next CSeq, no answers to challenges.
pub fn again(mut draft: Draft, settings: &Settings, entropy: &mut Entropy) -> Draft {
    DigestState::strip(&mut draft);
    renew(&mut draft, settings, entropy);
    draft
}

/// Keeps the error that is nearest to an answer; of several such the first.
fn worsen(error: &mut AuthError, other: AuthError) {
    if other.rank() > error.rank() {
        *error = other;
    }
}
