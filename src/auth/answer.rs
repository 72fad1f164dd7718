//! What was asked of us by challenges, and what we can answer: one nonce for each server and realm.

use super::Credentials;
use crate::auth::{Asked, Challenge, Login, Session, challenges, parameters};
use crate::request::Entropy;
use crate::request::target::request_line;
use crate::sip::{Draft, Field, Message, hex, unescape};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroU64;

/// Realms whose nonces are kept for one registration; the oldest goes first. A server that names another realm each time cannot make
/// the request grow until it fits into no datagram.
const REALMS: usize = 8;

/// Whose challenge it is: the names of the two headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Challenger {
    Registrar,
    Proxy,
}

impl Challenger {
    const ALL: [Challenger; 2] = [Challenger::Registrar, Challenger::Proxy];

    fn challenge(self) -> &'static str {
        match self {
            Challenger::Registrar => "WWW-Authenticate",
            Challenger::Proxy => "Proxy-Authenticate",
        }
    }

    fn answer(self) -> &'static str {
        match self {
            Challenger::Registrar => "Authorization",
            Challenger::Proxy => "Proxy-Authorization",
        }
    }

    fn info(self) -> &'static str {
        match self {
            Challenger::Registrar => "Authentication-Info",
            Challenger::Proxy => "Proxy-Authentication-Info",
        }
    }
}

/// What a 401 or 407 means for the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChallengeOutcome {
    /// At least one challenge can be answered.
    Answerable,
    /// There are no credentials for the user in this realm.
    NoCredentials {
        /// The realm.
        realm: String,
    },
    /// The server refused the answer to the same nonce: the credentials are wrong.
    Refused {
        /// The realm.
        realm: String,
        /// The digest username that was refused.
        username: String,
    },
    /// The HA1 at hand is for another algorithm.
    Mismatch {
        /// The realm.
        realm: String,
        /// The algorithm that the server wants.
        algorithm: &'static str,
    },
    /// No challenge that we know how to answer.
    Unknown(String),
}

impl ChallengeOutcome {
    /// For a person; empty when all is well.
    pub fn explain(&self, user: &str) -> String {
        match self {
            ChallengeOutcome::Answerable => String::new(),
            ChallengeOutcome::NoCredentials { realm } => {
                format!("There are no credentials for \"{user}\" in realm \"{realm}\".")
            }
            ChallengeOutcome::Refused { realm, username } => {
                format!("The credentials are wrong: \"{username}\" was refused in realm \"{realm}\".")
            }
            ChallengeOutcome::Mismatch { realm, algorithm } => {
                format!("The HA1 in realm \"{realm}\" is for another algorithm than {algorithm}.")
            }
            ChallengeOutcome::Unknown(why) => format!("The challenge cannot be answered: {why}."),
        }
    }
}

/// The nonces in use by one registration, and what became of their answers.
#[derive(Debug, Clone, Default)]
pub struct DigestState {
    /// One for most, so it has no room to grow.
    held: Box<[(Challenger, Session)]>,
    /// The login that was refused: it is not offered again.
    refused: Option<NonZeroU64>,
}

/// A mark by which the same login is known again without keeping it.
fn mark(login: &Login<'_>) -> NonZeroU64 {
    let mut hasher = DefaultHasher::new();
    login.hash(&mut hasher);
    NonZeroU64::new(hasher.finish()).unwrap_or(NonZeroU64::MIN)
}

/// A parameter of an Authorization-like line, as written inside its quotes.
fn parameter<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.trim_start().split_once(' ')?;
    find(rest, name)
}

fn find<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    parameters(text).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Whether `line` answers with this realm and nonce.
fn answers(line: &str, challenge: &Challenge<'_>) -> bool {
    parameter(line, "nonce") == Some(challenge.nonce) && parameter(line, "realm") == Some(challenge.realm)
}

/// Whether there can be an Authorization or Proxy-Authorization in `request`: its z is the rarest letter there is to look for.
fn may_answer(request: &[u8]) -> bool {
    memchr::memchr2_iter(b'z', b'Z', request).any(|z| {
        let before = request[..z].last_chunk::<7>();
        before.is_some_and(|before| before.eq_ignore_ascii_case(b"authori"))
    })
}

/// The values of `name`, an Authorization or Proxy-Authorization, in a request as this library writes it: a line for each, the name in full.
pub(crate) fn written<'a>(request: &'a [u8], name: &'static str) -> impl Iterator<Item = &'a str> {
    let mut rest = if may_answer(request) { request } else { b"" };
    std::iter::from_fn(move || {
        loop {
            let (line, behind) = rest.split_at(memchr::memchr(b'\n', rest)?);
            rest = &behind[1..];
            let (found, value) = line.split_at_checked(name.len()).unwrap_or_default();
            if let [b':', value @ ..] = value
                && found.eq_ignore_ascii_case(name.as_bytes())
            {
                return std::str::from_utf8(value.trim_ascii()).ok();
            }
            if line.len() < 2 {
                return None; // The body begins.
            }
        }
    })
}

/// The number among the lines of `draft` that an answer to a challenge gets: behind the last Contact, else behind CSeq.
fn place_of_answers(draft: &Draft) -> usize {
    let lines = draft.lines();
    let last = |field| lines.iter().rposition(|line| line.field() == field && line.name().len() > 1);
    match last(Field::Contact) {
        Some(contact) => contact + 1,
        None if lines.iter().any(|line| line.field() == Field::Contact) => 0,
        None => last(Field::CSeq).map_or(0, |cseq| cseq + 1),
    }
}

/// A cnonce as text.
fn digits(hex: &[u8; 32]) -> &str {
    std::str::from_utf8(hex).unwrap_or_default()
}

/// Writes the answer of `session` into `draft` as line number `at`, if the login of `user` gives one. The cnonce it is made with.
fn write_one(
    draft: &mut Draft,
    at: usize,
    challenger: Challenger,
    session: &Session,
    user: &str,
    logins: &Credentials,
    entropy: &mut Entropy,
) -> Option<[u8; 32]> {
    let challenge = session.challenge();
    let login =
        logins.find(user, &challenge.realm_text()).filter(|login| login.answers(challenge.algorithm))?;
    let (method, uri) = request_line(draft.start()).map(|(method, uri)| (method.len(), uri.len()))?;
    let cnonce = hex(entropy.bits());
    draft.insert_with(at, challenger.answer(), |draft, text| {
        let (method, rest) = draft.start().split_at(method);
        let asked = Asked { method, uri: rest.get(1..=uri).unwrap_or_default(), body: &draft.body };
        session.push_preview(text, &login, asked, digits(&cnonce), logins.recent().as_deref_mut());
    });
    Some(cnonce)
}

impl DigestState {
    /// Whether the login of `user` answers a challenge at hand, and was not refused.
    pub fn can_answer(&self, user: &str, logins: &Credentials) -> bool {
        self.held
            .iter()
            .any(|(_, session)| self.has_fresh_login(user, logins, &session.challenge().realm_text()))
    }

    /// Reads the challenges of a 401 or 407 to a request whose lines of a name are `asked`. In each realm the strongest that the login of `user` can answer is
    /// taken, unknown ones are skipped; nonces of other realms stay.
    pub fn challenged<'r, L: Iterator<Item = &'r str>>(
        &mut self,
        response: &Message<'_>,
        asked: impl Fn(&'static str) -> L,
        user: &str,
        logins: &Credentials,
    ) -> ChallengeOutcome {
        let mut demand = None;
        for challenger in Challenger::ALL {
            let mut chosen: Vec<(Challenge<'_>, Option<Login<'_>>)> = Vec::new();
            let read = |line| {
                let like_the_last = logins.recent().and_then(|mut recent| recent.challenge(line));
                let others = if like_the_last.is_some() { "" } else { line };
                like_the_last.map(Ok).into_iter().chain(challenges(others))
            };
            for challenge in response.lines(challenger.challenge()).flat_map(read) {
                let challenge = match challenge {
                    Ok(challenge) => challenge,
                    Err(why) => {
                        demand.get_or_insert_with(|| ChallengeOutcome::Unknown(why.to_string()));
                        continue;
                    }
                };
                let login = logins.find(user, &challenge.realm_text());
                if login.is_some_and(|login| !login.answers(challenge.algorithm)) {
                    if matches!(demand, None | Some(ChallengeOutcome::Unknown(_))) {
                        let algorithm = challenge.algorithm.name();
                        demand =
                            Some(ChallengeOutcome::Mismatch { realm: challenge.realm.to_owned(), algorithm });
                    }
                    continue;
                }
                match chosen.iter_mut().find(|(other, _)| other.realm == challenge.realm) {
                    Some((other, _)) if other.algorithm < challenge.algorithm => *other = challenge,
                    Some(_) => {}
                    None => chosen.push((challenge, login)),
                }
            }
            for (challenge, login) in chosen {
                let Some(login) = login else {
                    // Kept, so that it is answered as soon as there are credentials.
                    if demand != Some(ChallengeOutcome::Answerable) {
                        demand = Some(ChallengeOutcome::NoCredentials { realm: challenge.realm.to_owned() });
                    }
                    self.hold(challenger, challenge);
                    continue;
                };
                let again =
                    !challenge.stale && asked(challenger.answer()).any(|line| answers(line, &challenge));
                if again || self.was_refused_to(&login) {
                    self.refused = Some(mark(&login));
                    let (realm, username) = (challenge.realm.to_owned(), login.username.to_owned());
                    return ChallengeOutcome::Refused { realm, username };
                }
                self.hold(challenger, challenge);
                demand = Some(ChallengeOutcome::Answerable);
            }
        }
        demand.unwrap_or_else(|| ChallengeOutcome::Unknown("no challenge in it".to_owned()))
    }

    fn was_refused_to(&self, login: &Login<'_>) -> bool {
        self.refused.is_some_and(|refused| refused == mark(login))
    }

    fn hold(&mut self, challenger: Challenger, challenge: Challenge<'_>) {
        let same_realm = |held: &&mut (Challenger, Session)| {
            held.0 == challenger && held.1.challenge().realm == challenge.realm
        };
        match self.held.iter_mut().find(same_realm) {
            // The count goes on with the nonce.
            Some((_, session)) if session.challenge().nonce == challenge.nonce => {}
            Some((_, session)) => *session = Session::new(challenge),
            None => {
                let mut held = std::mem::take(&mut self.held).into_vec();
                if held.len() >= REALMS {
                    held.remove(0);
                }
                held.reserve_exact(1);
                held.push((challenger, Session::new(challenge)));
                self.held = held.into();
            }
        }
    }

    /// Whether the login of `user` that a stopped registration would use now is another than the one refused.
    pub fn has_fresh_login(&self, user: &str, logins: &Credentials, realm: &str) -> bool {
        logins.find(user, realm).is_some_and(|login| !self.was_refused_to(&login))
    }

    /// The server took an answer: `nextnonce` replaces the nonce, old refusals are forgotten.
    pub fn accepted(&mut self, response: &Message<'_>) {
        self.refused = None;
        if self.held.is_empty() {
            return;
        }
        for challenger in Challenger::ALL {
            let next = response.header(challenger.info()).and_then(|info| find(info, "nextnonce"));
            if let Some(next) = next.filter(|next| !next.is_empty())
                && let Some((_, session)) =
                    self.held.iter_mut().find(|held| held.0 == challenger && held.1.count() > 0)
            {
                session.next_nonce(next);
            }
        }
    }

    /// The login of `user` for this realm was refused, by whatever answer.
    pub(crate) fn refuse(&mut self, user: &str, logins: &Credentials, realm: &str) {
        self.refused = logins.find(user, realm).map(|login| mark(&login));
    }

    /// Whether a login was refused and none was accepted since.
    pub fn was_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// A user is asked for credentials again: what was refused may be tried once more.
    pub fn forgive(&mut self) {
        self.refused = None;
    }

    /// Writes the answers for every nonce at hand into `draft`, behind Contact, and counts them.
    pub fn write(&mut self, draft: &mut Draft, user: &str, logins: &Credentials, entropy: &mut Entropy) {
        if self.held.is_empty() {
            return;
        }
        let mut at = place_of_answers(draft);
        for (challenger, session) in &mut self.held {
            if let Some(cnonce) = write_one(draft, at, *challenger, session, user, logins, entropy) {
                session.answered(digits(&cnonce));
                at += 1;
            }
        }
    }

    /// The same, and leaves the nonces uncounted: the text may never be sent.
    pub fn preview(&self, draft: &mut Draft, user: &str, logins: &Credentials, entropy: &mut Entropy) {
        if self.held.is_empty() {
            return;
        }
        let mut at = place_of_answers(draft);
        for (challenger, session) in &self.held {
            if write_one(draft, at, *challenger, session, user, logins, entropy).is_some() {
                at += 1;
            }
        }
    }

    /// Answers again those lines of `draft` whose nonce is at hand, so that a text that was built earlier, edited, or sent twice goes
    /// out with a count of its own. Lines that are not ours stay as the application wrote them, and so do those that were previewed for
    /// this very text and are the next in turn; `as_built`: neither the text nor `logins` has changed since it was built.
    pub fn recount(
        &mut self,
        draft: &mut Draft,
        user: &str,
        logins: &Credentials,
        entropy: &mut Entropy,
        as_built: bool,
    ) {
        if self.held.is_empty() {
            return;
        }
        let start = draft.start().to_owned();
        let Some((method, uri)) = request_line(&start) else { return };
        let body = std::mem::take(&mut draft.body);
        draft.change(|name, value| {
            let challenger = Challenger::ALL
                .into_iter()
                .find(|challenger| name.eq_ignore_ascii_case(challenger.answer()))?;
            let ours = |held: &&mut (Challenger, Session)| {
                held.0 == challenger && answers(value, &held.1.challenge())
            };
            let (_, session) = self.held.iter_mut().find(ours)?;
            let login = logins.find(user, &session.challenge().realm_text())?;
            let same_user = parameter(value, "username").is_some_and(|text| unescape(text) == login.username);
            let ours = same_user && login.answers(session.challenge().algorithm);
            // The count is the last of what we write.
            let nc = || value.get(value.len().checked_sub(13)?..)?.strip_prefix(", nc=");
            if ours && as_built && nc().is_some_and(|nc| session.count_previewed(nc)) {
                return None;
            }
            ours.then(|| session.answer(&login, method, uri, &body, &entropy.token()))
        });
        draft.body = body;
    }

    /// Takes every Authorization and Proxy-Authorization out of `draft`.
    pub fn strip(draft: &mut Draft) {
        for challenger in Challenger::ALL {
            draft.remove(challenger.answer());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_in_a_request_are_its_lines_of_that_name_and_no_others() {
        let found = |text: &'static str, name| written(text.as_bytes(), name).collect::<Vec<_>>();
        let both = "REGISTER sip:z SIP/2.0\r\nVia: z9hG4bK1\r\nAuthorization: Digest a\r\nauthorization:b \r\n\
                    PROXY-AUTHORIZATION:  c\r\nX-Authorization: d\r\n\r\nAuthorization: e\r\n";
        assert_eq!(found(both, "Authorization"), ["Digest a", "b"]);
        assert_eq!(found(both, "Proxy-Authorization"), ["c"]);
        let none = "REGISTER sip:z SIP/2.0\r\nVia: z9hG4bK1\r\nTo: Zoe <sip:z@z>\r\n\r\nAuthorization: e\r\n";
        assert!(found(none, "Authorization").is_empty() && found("", "Authorization").is_empty());
        assert!(!may_answer(b"zuthori") && !may_answer(b"uthoriz") && may_answer(b"AUTHORIZ"));
    }
}
