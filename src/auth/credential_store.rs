//! The credentials of a context: one block of memory each; none is looked for by a walk over all.

use super::slab::{Index, NONE, Slab};
use super::{Algorithm, CredentialText, Login, Secret};
use crate::request::Refusal;
use crate::sip::same_word;
use zeroize::Zeroize;

/// Credentials by user and realm, compared without case; those of one realm from the newest to the
/// oldest.
#[derive(Default)]
pub(super) struct CredentialStore {
    credentials: Slab<Credential>,
    /// By the user of From: all credentials of one user stand in one chain.
    by_user: Index,
    realms: Slab<Realm>,
    by_realm: Index,
}

struct Credential {
    /// The user of From, the digest username where that is another, and the secret, one behind the
    /// other.
    text: Box<[u8]>,
    /// Where the first two end in it.
    user_end: u32,
    username_end: u32,
    realm: u32,
    /// Its neighbours in the realm.
    older: u32,
    newer: u32,
    is_ha1: bool,
}

impl Drop for Credential {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl Credential {
    /// What stands in a free place.
    fn vacant() -> Self {
        let (user_end, username_end, realm, older, newer) = (0, 0, NONE, NONE, NONE);
        let text = Box::default();
        Credential { text, user_end, username_end, realm, older, newer, is_ha1: false }
    }

    fn user(&self) -> &[u8] {
        &self.text[..self.user_end as usize]
    }

    fn is_of(&self, user: &str) -> bool {
        let (own, user) = (self.user(), user.as_bytes());
        own.len() == user.len() && (own == user || own.eq_ignore_ascii_case(user))
    }

    fn login(&self) -> Login<'_> {
        let (names, secret) = self.text.split_at(self.username_end as usize);
        let (user, username) = names.split_at(self.user_end as usize);
        let username = text(if username.is_empty() { user } else { username });
        let secret = match self.is_ha1 {
            true => Secret::Ha1(Algorithm::Md5, text(secret)),
            false => Secret::Password(secret),
        };
        Login { username, secret }
    }
}

/// Bytes that came in as text.
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

struct Realm {
    name: Box<str>,
    newest: u32,
}

impl CredentialStore {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_user.len()
    }

    /// Adds a credential for `realm`, or replaces the one of the same username. Errors:
    /// `BadParameter` for texts beyond 4 GiB.
    pub(super) fn add(&mut self, new: CredentialText<'_>, realm: &str) -> Result<(), Refusal> {
        let (user, username) = (new.username.as_bytes(), new.userid.as_bytes());
        let username = if username == user { b"" } else { username };
        let is_ha1 = new.password.is_empty();
        let secret = if is_ha1 { new.ha1.as_bytes() } else { new.password };
        let end = |length: usize| u32::try_from(length).map_err(|_| Refusal::BadParameter);
        let (user_end, username_end) = (end(user.len())?, end(user.len() + username.len())?);
        self.remove(new.username, realm);
        let realm = match self.realm(realm) {
            Some(known) => known,
            None => {
                let id = self.realms.insert(Realm { name: realm.into(), newest: NONE });
                self.by_realm.insert(id, |id| hash(self.realms.get(id).name.as_bytes()));
                id
            }
        };
        // One allocation of its final size: a secret leaves no copies by growing.
        let text = [user, username, secret].concat().into_boxed_slice();
        let older = self.realms.get(realm).newest;
        let newer = NONE;
        let credential = Credential { text, user_end, username_end, realm, older, newer, is_ha1 };
        let id = self.credentials.insert(credential);
        self.realms.get_mut(realm).newest = id;
        if older != NONE {
            self.credentials.get_mut(older).newer = id;
        }
        self.by_user.insert(id, |id| hash(self.credentials.get(id).user()));
        Ok(())
    }

    /// Removes the credential of this username and realm; whether there was one.
    pub(super) fn remove(&mut self, user: &str, realm: &str) -> bool {
        let realm = self.realm(realm);
        let same_realm = |credential: &Credential| Some(credential.realm) == realm;
        let found = self.of_user(user).find(|id| same_realm(self.credentials.get(*id)));
        let Some(id) = found else { return false };
        self.by_user.remove(id, hash(self.credentials.get(id).user()));
        let removed = self.credentials.remove(id, Credential::vacant());
        let (realm, older, newer) = (removed.realm, removed.older, removed.newer);
        if older != NONE {
            self.credentials.get_mut(older).newer = newer;
        }
        match newer {
            NONE => self.realms.get_mut(realm).newest = older,
            newer => self.credentials.get_mut(newer).older = older,
        }
        if self.realms.get(realm).newest == NONE {
            self.by_realm.remove(realm, hash(self.realms.get(realm).name.as_bytes()));
            self.realms.remove(realm, Realm { name: Box::default(), newest: NONE });
        }
        true
    }

    /// The login for a challenge of `realm` to the user of From: see [`super::Credentials::find`].
    pub(super) fn find(&self, user: &str, realm: &str, own_only: bool) -> Option<Login<'_>> {
        let (mut of_user, mut has_own) = (None, own_only);
        for id in self.of_user(user) {
            has_own = true;
            let credential = self.credentials.get(id);
            let name = &*self.realms.get(credential.realm).name;
            if same_word(name, realm) {
                return Some(credential.login());
            }
            if name.is_empty() {
                of_user = Some(id);
            }
        }
        let newest = |realm: u32| self.realms.get(realm).newest;
        let of_others = || self.realm(realm).or_else(|| self.realm("")).map(newest);
        let id = if has_own { of_user } else { of_others() };
        id.map(|id| self.credentials.get(id).login())
    }

    /// Whether `user` has a credential for this realm by name.
    pub(super) fn names_realm(&self, user: &str, realm: &str) -> bool {
        let realm = self.realm(realm);
        realm.is_some()
            && self.of_user(user).any(|id| Some(self.credentials.get(id).realm) == realm)
    }

    fn realm(&self, name: &str) -> Option<u32> {
        let mut chain = self.by_realm.chain(hash(name.as_bytes()));
        chain.find(|id| same_word(&self.realms.get(*id).name, name))
    }

    /// The credentials of this user.
    fn of_user(&self, user: &str) -> impl Iterator<Item = u32> {
        let chain = self.by_user.chain(hash(user.as_bytes()));
        chain.filter(move |id| self.credentials.get(*id).is_of(user))
    }
}

/// A hash that does not tell small letters from capital ones.
///
/// The programs that give credentials are trusted not to make them collide, but their names often
/// differ in a few digits alone: each bit has to reach the low ones.
fn hash(text: &[u8]) -> u32 {
    const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
    // The bit in which they differ is set in all of them, and in whatever else there is.
    const CASE: u64 = 0x2020_2020_2020_2020;
    let mix = |hash: u64, word: u64| {
        let product = u128::from(hash ^ word) * u128::from(SEED);
        product as u64 ^ (product >> 64) as u64
    };
    let (mut hash, mut rest) = (SEED, text);
    while let Some((word, behind)) = rest.split_first_chunk() {
        hash = mix(hash, u64::from_le_bytes(*word) | CASE);
        rest = behind;
    }
    let last = rest.iter().fold(text.len() as u64, |word, byte| word << 8 | u64::from(byte | 0x20));
    mix(hash, last) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn credential<'a>(username: &'a str, userid: &'a str) -> CredentialText<'a> {
        CredentialText { username, userid, password: b"secret", ha1: "", realm: "" }
    }

    #[test]
    fn a_credential_is_found_after_any_number_of_others_came_and_went() {
        let (mut store, mut known) = (CredentialStore::default(), BTreeMap::new());
        let mut draw = 1u32;
        for step in 0..20_000 {
            draw = draw.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (user, realm) =
                (format!("u{}", (draw >> 8) % 300), format!("R{}", (draw >> 20) % 5));
            if draw >> 30 == 0 {
                assert_eq!(store.remove(&user, &realm), known.remove(&(realm, user)).is_some());
            } else {
                let login = format!("{step}");
                store.add(credential(&user, &login), &realm.to_lowercase()).unwrap();
                known.insert((realm, user), step);
            }
        }
        assert_eq!(store.len(), known.len());
        for ((realm, user), step) in &known {
            let found = store.find(&user.to_uppercase(), realm, false).unwrap();
            assert_eq!(found.username, step.to_string());
        }
        for realm in 0..5 {
            let realm = format!("R{realm}");
            let newest =
                known.iter().filter(|((name, _), _)| *name == realm).map(|(_, step)| *step).max();
            let found = store.find("nobody", &realm, false).map(|login| login.username.to_owned());
            assert_eq!(found, newest.map(|step: i32| step.to_string()));
        }
        for (realm, user) in known.keys() {
            assert!(store.remove(user, realm) && !store.remove(user, realm));
        }
        assert!(store.len() == 0 && store.find("u1", "R1", false).is_none());
    }

    #[test]
    fn names_that_differ_in_a_few_digits_are_spread_over_the_chains() {
        let mut store = CredentialStore::default();
        for n in 0..10_000 {
            let user = format!("user{n:05}");
            store.add(credential(&user, &user), "acme").unwrap();
        }
        let in_chain = |n| store.by_user.chain(hash(format!("user{n:05}").as_bytes())).count();
        assert!((0..10_000).map(in_chain).sum::<usize>() < 30_000);
        assert_eq!(hash(b"ALICE and others"), hash(b"alice AND OTHERS"));
    }

    #[test]
    fn what_is_gone_leaves_its_places_to_what_comes() {
        let mut store = CredentialStore::default();
        for n in 0..1000 {
            let (user, realm) = (format!("u{n}"), format!("r{n}"));
            store.add(credential(&user, &user), &realm).unwrap();
            assert!(store.remove(&user, &realm));
        }
        assert!(store.credentials.places().len() == 1 && store.realms.places().len() == 1);
    }

    #[test]
    fn a_credential_takes_no_more_than_its_text_and_some_fifty_bytes() {
        assert!(size_of::<Credential>() <= 40);
        let mut store = CredentialStore::default();
        for n in 0..1000 {
            store.add(credential(&format!("user{n:04}"), &format!("user{n:04}")), "acme").unwrap();
        }
        assert!(store.credentials.places().iter().all(|one| one.text.len() == 14));
        assert_eq!((store.by_user.sizes(), store.realms.places().len()), ((1024, 1000), 1));
    }
}
