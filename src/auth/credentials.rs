//! User names, passwords and HA1s, of a context or of one account.

use super::credential_store::CredentialStore;
use super::{Algorithm, Login, Secret};
use crate::request::Refusal;
use crate::sip::excerpt;
use std::borrow::Cow;
use zeroize::Zeroize;

/// One credential as the application gave it; empty texts count as absent.
#[derive(Clone, Copy)]
pub struct CredentialText<'a> {
    /// Compared with the user part of From, without case.
    pub username: &'a str,
    /// The digest username.
    pub userid: &'a str,
    /// The password, in whatever encoding; wins over `ha1`.
    pub password: &'a [u8],
    /// MD5 of `userid:realm:password` in hex.
    pub ha1: &'a str,
    /// The realm, with or without quotes; empty: any.
    pub realm: &'a str,
}

impl std::fmt::Debug for CredentialText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialText").field("realm", &self.realm).finish_non_exhaustive()
    }
}

/// One credential of a single account, for [`Credentials::of_account`]. Its secrets are wiped when
/// it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountLogin {
    /// The digest username.
    pub username: Box<str>,
    /// The realm, without quotes; empty: any.
    pub realm: Box<str>,
    /// The password, in whatever encoding; wins over `ha1`. It may be empty.
    pub password: Option<Box<[u8]>>,
    /// H(username:realm:password) in hex, for each algorithm it is known for.
    pub ha1: Vec<(Algorithm, Box<str>)>,
}

impl Drop for AccountLogin {
    fn drop(&mut self) {
        self.password.zeroize();
        for (_, digits) in &mut self.ha1 {
            digits.zeroize();
        }
    }
}

impl AccountLogin {
    /// Whether each has a user and a secret that can be one. Errors: what is wrong, in words.
    pub fn check(logins: &[AccountLogin]) -> Result<(), String> {
        for login in logins {
            let plain = |text: &str| !text.chars().any(char::is_control);
            if login.username.is_empty() || !plain(&login.username) || !plain(&login.realm) {
                return Err(
                    "a credential has no user, or one or a realm that is not one line".to_owned()
                );
            }
            if login.password.is_none() && login.ha1.is_empty() {
                return Err(format!(
                    "the user \"{}\" has neither password nor HA1",
                    excerpt(&login.username)
                ));
            }
            for (algorithm, text) in &login.ha1 {
                let digits = if algorithm.name().starts_with("MD5") { 32 } else { 64 };
                if text.len() != digits || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(format!(
                        "the HA1 for {} is not {digits} hex digits",
                        algorithm.name()
                    ));
                }
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for AccountLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountLogin").field("realm", &self.realm).finish_non_exhaustive()
    }
}

/// All credentials of a context or of one account, found by user and realm. The newest entry wins.
#[derive(Default)]
pub struct Credentials {
    store: Option<Box<CredentialStore>>,
    weakest_algorithm: Option<Algorithm>,
    /// Those of a single account: no table is worth its memory there.
    account: Box<[AccountLogin]>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let stored = self.store.as_deref().map_or(0, CredentialStore::len);
        let entries = stored + self.account.len();
        f.debug_struct("Credentials").field("entries", &entries).finish_non_exhaustive()
    }
}

/// A realm without the quotes that it may be given with.
fn unquoted(realm: &str) -> Cow<'_, str> {
    if realm.starts_with('"') { crate::sip::unquote(realm) } else { Cow::Borrowed(realm) }
}

impl Credentials {
    /// The credentials of one account alone; they are found by realm, whatever the user of From.
    pub fn of_account(logins: Vec<AccountLogin>) -> Self {
        Credentials { account: logins.into(), ..Credentials::default() }
    }

    /// Whether the user, or the account, has a credential for this realm by name.
    pub fn names_realm(&self, user: &str, realm: &str) -> bool {
        if realm.is_empty() {
            return false;
        }
        if !self.account.is_empty() {
            return self.account.iter().any(|login| login.realm.eq_ignore_ascii_case(realm));
        }
        self.store.as_ref().is_some_and(|store| store.names_realm(user, &unquoted(realm)))
    }

    /// Adds a credential, or replaces the one of the same username and realm; they compare without
    /// case. Errors: `BadParameter` without username, userid, or any secret.
    pub fn add(&mut self, text: CredentialText<'_>) -> Result<(), Refusal> {
        if text.username.is_empty()
            || text.userid.is_empty()
            || (text.password.is_empty() && text.ha1.is_empty())
        {
            return Err(Refusal::BadParameter);
        }
        self.store.get_or_insert_default().add(text, &unquoted(text.realm))
    }

    /// Removes the credential of this username and realm (empty: the one stored without realm).
    /// Errors: `BadParameter` without username, `NotFound`.
    pub fn remove(&mut self, username: &str, realm: &str) -> Result<(), Refusal> {
        if username.is_empty() {
            return Err(Refusal::BadParameter);
        }
        let store = self.store.as_mut();
        let removed = store.is_some_and(|store| store.remove(username, &unquoted(realm)));
        if removed { Ok(()) } else { Err(Refusal::NotFound) }
    }

    /// Removes all.
    pub fn clear(&mut self) {
        (self.store, self.account) = (None, Box::default());
    }

    /// None of them answers a challenge for a weaker algorithm.
    pub fn set_weakest_algorithm(&mut self, algorithm: Algorithm) {
        self.weakest_algorithm = Some(algorithm);
    }

    /// See [`Credentials::set_weakest_algorithm`].
    pub fn weakest_algorithm(&self) -> Option<Algorithm> {
        self.weakest_algorithm
    }

    /// The login for a challenge of `realm` to the user of From: that of user and realm, else that
    /// of the user without realm.
    ///
    /// A user without any credential of its own gets the newest one for this realm, else the newest
    /// one without realm, unless `own_only`. A user with credentials of its own is never
    /// authenticated by another's: its registrar would otherwise choose whose password it gets a
    /// hash of.
    pub fn find(&self, user: &str, realm: &str, own_only: bool) -> Option<Login<'_>> {
        if self.account.is_empty() {
            return self.store.as_ref()?.find(user, &unquoted(realm), own_only);
        }
        let mut account = self.account.iter();
        let named = account.clone().find(|login| login.realm.eq_ignore_ascii_case(realm));
        let login = named.or_else(|| account.find(|login| login.realm.is_empty()))?;
        let secret = match &login.password {
            Some(password) => Secret::Password(password),
            None => Secret::Ha1s(&login.ha1),
        };
        Some(Login { username: &login.username, secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(store: &mut Credentials, username: &str, userid: &str, realm: &str) {
        let text = CredentialText { username, userid, password: b"secret", ha1: "", realm };
        store.add(text).unwrap();
    }

    fn found(store: &Credentials, user: &str, realm: &str) -> Option<String> {
        store.find(user, realm, false).map(|login| login.username.to_owned())
    }

    #[test]
    fn user_and_realm_win_over_user_alone_over_realm_alone() {
        let mut store = Credentials::default();
        put(&mut store, "bob", "by-realm", "acme");
        assert_eq!(found(&store, "alice", "acme").as_deref(), Some("by-realm"));
        assert_eq!(found(&store, "alice", "other"), None);
        put(&mut store, "alice", "by-user", "");
        assert_eq!(found(&store, "alice", "acme").as_deref(), Some("by-user"));
        assert_eq!(found(&store, "carol", "other").as_deref(), Some("by-user"));
        put(&mut store, "ALICE", "by-both", "\"Acme\"");
        assert_eq!(found(&store, "alice", "acme").as_deref(), Some("by-both"));
    }

    #[test]
    fn a_user_with_credentials_of_its_own_is_not_given_those_of_another() {
        let mut store = Credentials::default();
        put(&mut store, "alice", "alice", "acme");
        put(&mut store, "carol", "carol", "");
        let own = |store: &Credentials, user: &str, realm: &str| {
            store.find(user, realm, true).map(|login| login.username.to_owned())
        };
        assert_eq!(found(&store, "bob", "acme").as_deref(), Some("alice"));
        assert_eq!(own(&store, "bob", "acme"), None);
        assert_eq!(own(&store, "bob", "other"), None);
        put(&mut store, "bob", "bob", "elsewhere");
        assert_eq!(found(&store, "bob", "acme"), None);
        assert_eq!(found(&store, "BOB", "other"), None);
        assert_eq!(own(&store, "Bob", "Elsewhere").as_deref(), Some("bob"));
        assert_eq!(own(&store, "carol", "acme").as_deref(), Some("carol"));
        assert!(!store.names_realm("bob", "acme") && store.names_realm("bob", "elsewhere"));
        assert_eq!(store.remove("bob", "elsewhere"), Ok(()));
        assert_eq!(found(&store, "bob", "acme").as_deref(), Some("alice"));
    }

    #[test]
    fn the_same_username_and_realm_replaces() {
        let mut store = Credentials::default();
        put(&mut store, "alice", "old", "acme");
        put(&mut store, "Alice", "new", "ACME");
        assert_eq!(format!("{store:?}"), "Credentials { entries: 1, .. }");
        assert_eq!(found(&store, "alice", "acme").as_deref(), Some("new"));
        assert_eq!(store.remove("alice", ""), Err(Refusal::NotFound));
        assert_eq!(store.remove("alice", "acme"), Ok(()));
        assert_eq!(found(&store, "alice", "acme"), None);
    }

    #[test]
    fn a_password_wins_over_ha1() {
        let mut store = Credentials::default();
        let text =
            CredentialText { username: "a", userid: "a", password: b"pw", ha1: "MD5", realm: "" };
        store.add(text).unwrap();
        assert_eq!(store.find("a", "r", false).unwrap().secret, Secret::Password(b"pw"));
    }
}
