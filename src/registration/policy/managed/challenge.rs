//! What a server demands before it accepts: a proof, a longer time, another place.

use super::response::{Outcome, Sent};
use super::{Class, ManagedPolicy};
use crate::auth::{AuthError, ChallengeOutcome, Credentials, parameters};
use crate::registration::policy::automatic_action;
use crate::registration::{Registration, RegistrationState};
use crate::request::Entropy;
use crate::request::target::request_uri;
use crate::sip::{Contact, Message, Uri, excerpt};
use std::time::Instant;

/// Redirections followed in a row.
const HOPS: u8 = 3;

impl ManagedPolicy {
    pub(super) fn challenged(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        response: &Message<'_>,
        sent: Sent<'_>,
        shared: &Credentials,
        entropy: &mut Entropy,
    ) -> Outcome {
        let status = response.status().unwrap_or(0);
        if let Some(foreign_realm) = self.foreign_realm(response, registration.ask.user(), shared) {
            self.last.meaning = format!(
                "the server it was redirected to asks in realm \"{}\", which is not ours",
                excerpt(&foreign_realm)
            );
            self.not_before = None;
            self.failed(now, registration, Class::Fatal, entropy);
            return Outcome::Rejected;
        }
        let user = registration.ask.user();
        let logins = self.logins.as_deref().unwrap_or(shared);
        let demand = registration.proof.challenged(response, |name| sent.request.lines(name), user, logins);
        let class = match demand {
            ChallengeOutcome::Answerable if registration.answers < self.options.answers => {
                registration.answers += 1;
                self.counters.challenges += 1;
                return self.again(now, registration, status);
            }
            ChallengeOutcome::Answerable => {
                // Each of them was new, or called the last nonce too old.
                self.last.meaning = format!("the server asks again after {} answers", registration.answers);
                Class::Temporary
            }
            ChallengeOutcome::Failed(AuthError::NoCredentials { realm, .. }) => {
                self.last.meaning = format!("there are no credentials for realm \"{}\"", excerpt(&realm));
                registration.state = RegistrationState::Unproven { realm: Some(realm) };
                Class::Credentials
            }
            ChallengeOutcome::Failed(AuthError::Refused { realm, .. }) => {
                self.last.meaning = "the user name or password is wrong".into();
                registration.state = RegistrationState::Unproven { realm: Some(realm) };
                Class::Credentials
            }
            ChallengeOutcome::Failed(error @ AuthError::AlgorithmMismatch { .. }) => {
                self.last.meaning = error.to_string();
                let realm = error.realm().unwrap_or_default().to_owned();
                let logins = self.logins.as_deref().unwrap_or(shared);
                registration.proof.refuse(user, logins, &realm);
                registration.state = RegistrationState::Unproven { realm: Some(realm) };
                Class::Credentials
            }
            ChallengeOutcome::Failed(error) => {
                self.last.meaning = error.to_string();
                Class::Fatal
            }
        };
        self.not_before = None;
        self.failed(now, registration, class, entropy);
        Outcome::Rejected
    }

    /// What the request was proven with is wrong: only other credentials for its realm help.
    pub(super) fn refuse(&self, registration: &mut Registration, shared: &Credentials) {
        let realm = self.last.proven.as_ref().map(|(_, realm)| realm.clone());
        if let Some(realm) = &realm {
            let (user, logins) = (registration.ask.user(), self.logins.as_deref().unwrap_or(shared));
            registration.proof.refuse(user, logins, realm);
        }
        registration.state = RegistrationState::Unproven { realm };
    }

    /// The realm of a challenge that our credentials must not follow to: a redirected registrar's, unless they name it.
    fn foreign_realm(&mut self, response: &Message<'_>, user: &str, shared: &Credentials) -> Option<String> {
        let lines = response.lines("WWW-Authenticate").chain(response.lines("Proxy-Authenticate"));
        let realms: Vec<String> = lines
            .flat_map(crate::auth::challenges)
            .flatten()
            .map(|one| one.realm_text().into_owned())
            .collect();
        if self.redirected.is_none() {
            for realm in realms {
                if self.home_realms.len() < 4 && !self.home_realms.contains(&realm) {
                    self.home_realms.push(realm);
                }
            }
            return None;
        }
        let logins = self.logins.as_deref().unwrap_or(shared);
        realms.into_iter().find(|realm| !self.home_realms.contains(realm) && !logins.names_realm(user, realm))
    }

    /// RFC 3261 section 10.2.8: the min_expires to ask for, if there is one that can be met.
    pub(super) fn min_expires(&mut self, registration: &Registration, response: &Message<'_>) -> Option<u32> {
        let min_expires = response.seconds("Min-Expires");
        let asked = registration.wanted;
        let fits = min_expires.filter(|min_expires| {
            asked > 0 && *min_expires > asked && *min_expires <= automatic_action::MIN_EXPIRES_CAP
        });
        if fits.is_some() && self.briefs < self.options.answers {
            self.briefs += 1;
            return fits;
        }
        self.last.meaning = match min_expires {
            Some(_) if fits.is_some() => "the server raises its minimum again and again".into(),
            Some(min_expires) => format!("the server wants at least {min_expires} s, asked were {asked} s"),
            None => "the server does not say how long it wants".into(),
        };
        None
    }

    pub(super) fn redirected(
        &mut self,
        now: Instant,
        registration: &mut Registration,
        response: &Message<'_>,
        entropy: &mut Entropy,
    ) -> Outcome {
        let target = response.contacts().find_map(|contact| {
            let Contact::Addr(addr) = contact else { return None };
            let uri = Uri::parse(addr.uri).ok()?;
            let plain = uri.scheme.eq_ignore_ascii_case("sip") || uri.is_secure();
            (plain && !uri.host.is_empty()).then(|| request_uri(&uri))
        });
        if let Some(target) = target.filter(|_| self.options.redirects && self.hops < HOPS) {
            self.hops += 1;
            self.redirected = Some(target);
            // What proved us there is none of the next server's business.
            registration.proof.forgive();
            registration.proof.forget_nonces();
            return self.again(now, registration, 300);
        }
        self.last.meaning = match self.options.redirects {
            true => "the redirection next_hop nowhere".into(),
            false => "redirections are not followed".into(),
        };
        self.failed(now, registration, self.options.class(response.status().unwrap_or(300), false), entropy);
        Outcome::Redirected
    }
}

/// User and realm of the first answer to a challenge in `request`.
pub(super) fn proven(request: &Message<'_>) -> Option<(String, String)> {
    let line = request.header("Authorization").or_else(|| request.header("Proxy-Authorization"))?;
    let (_, rest) = line.split_once(' ')?;
    let find = |name: &str| {
        let found = parameters(rest).find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| excerpt(&crate::sip::unescape(value)))
    };
    Some((find("username")?, find("realm")?))
}
