//! The credentials of a context by number: each is one block of memory, and none is looked for by a walk.

use super::CredentialText;
use crate::auth::{Algorithm, Login, Recent, Secret};
use crate::request::Refusal;
use rustc_hash::FxHasher;
use std::cell::{RefCell, RefMut};
use std::hash::Hasher;
use std::mem;

/// No number.
const NONE: u32 = u32::MAX;

/// Credentials by user and realm, compared without case; those of one realm from the newest to the oldest.
#[derive(Default)]
pub(crate) struct CredentialStore {
    keys: Slab<Key>,
    by_user: Index,
    realms: Slab<Realm>,
    by_name: Index,
    /// Gone when any of them changes.
    recent: RefCell<Recent>,
}

struct Key {
    /// The user of From, the digest username where that is another, and the secret, one behind the other.
    text: Box<[u8]>,
    /// Where the first two end in it.
    user_end: u32,
    login_end: u32,
    realm: u32,
    /// Its neighbours in the realm.
    older: u32,
    newer: u32,
    is_ha1: bool,
}

impl Key {
    /// What a free place holds.
    fn gone() -> Self {
        let (user_end, login_end, realm, older, newer) = (0, 0, NONE, NONE, NONE);
        Key { text: Box::default(), user_end, login_end, realm, older, newer, is_ha1: false }
    }

    fn user(&self) -> &[u8] {
        &self.text[..self.user_end as usize]
    }

    fn login(&self) -> Login<'_> {
        let (names, secret) = self.text.split_at(self.login_end as usize);
        let (user, own) = names.split_at(self.user_end as usize);
        let username = text(if own.is_empty() { user } else { own });
        let secret =
            if self.is_ha1 { Secret::Ha1(Algorithm::Md5, text(secret)) } else { Secret::Password(secret) };
        Login { username, secret }
    }
}

/// What came in as text.
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

struct Realm {
    name: Box<str>,
    newest: u32,
}

impl CredentialStore {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_user.count
    }

    /// What the last answers were hashed from.
    pub(crate) fn recent(&self) -> Option<RefMut<'_, Recent>> {
        self.recent.try_borrow_mut().ok()
    }

    /// Adds a credential for `realm`, or replaces the one of the same username. Errors: `BadParameter` for texts beyond 4 GiB.
    pub(crate) fn add(&mut self, given: CredentialText<'_>, realm: &str) -> Result<(), Refusal> {
        let (user, login) = (given.username.as_bytes(), given.userid.as_bytes());
        let login = if login == user { b"" } else { login };
        let is_ha1 = given.password.is_empty();
        let secret = if is_ha1 { given.ha1.as_bytes() } else { given.password };
        let end = |length: usize| u32::try_from(length).map_err(|_| Refusal::BadParameter);
        let (user_end, login_end) = (end(user.len())?, end(user.len() + login.len())?);
        self.remove(given.username, realm);
        self.recent = RefCell::default();
        let realm = match self.realm(realm) {
            Some(known) => known,
            None => {
                let new = self.realms.put(Realm { name: realm.into(), newest: NONE });
                self.by_name.insert(new, |id| hash(self.realms.get(id).name.as_bytes()));
                new
            }
        };
        let text = [user, login, secret].concat().into();
        let older = self.realms.get(realm).newest;
        let id = self.keys.put(Key { text, user_end, login_end, realm, older, newer: NONE, is_ha1 });
        self.realms.get_mut(realm).newest = id;
        if older != NONE {
            self.keys.get_mut(older).newer = id;
        }
        self.by_user.insert(id, |id| key_hash(self.keys.get(id)));
        Ok(())
    }

    /// Removes the credential of this username and realm; whether there was one.
    pub(crate) fn remove(&mut self, user: &str, realm: &str) -> bool {
        let Some(id) = self.of(user, self.realm(realm)) else { return false };
        self.recent = RefCell::default();
        self.by_user.remove(id, key_hash(self.keys.get(id)));
        let Key { realm, older, newer, .. } = self.keys.take(id, Key::gone());
        if older != NONE {
            self.keys.get_mut(older).newer = newer;
        }
        match newer {
            NONE => self.realms.get_mut(realm).newest = older,
            newer => self.keys.get_mut(newer).older = older,
        }
        if self.realms.get(realm).newest == NONE {
            self.by_name.remove(realm, hash(self.realms.get(realm).name.as_bytes()));
            self.realms.take(realm, Realm { name: Box::default(), newest: NONE });
        }
        true
    }

    /// The login for a challenge of `realm` to the user of From: see [`super::Credentials::find`].
    pub(crate) fn find(&self, user: &str, realm: &str) -> Option<Login<'_>> {
        // Programs with one credential for all their users have nothing to look for.
        if let [only] = &*self.keys.all
            && only.realm != NONE
        {
            let name = &*self.realms.get(only.realm).name;
            return (name.is_empty() || name.eq_ignore_ascii_case(realm)).then(|| only.login());
        }
        self.find_among(user, realm)
    }

    /// The same among any number.
    fn find_among(&self, user: &str, realm: &str) -> Option<Login<'_>> {
        let named = self.realm(realm);
        let any = || self.realm("");
        let newest = |realm: u32| self.realms.get(realm).newest;
        let id = self
            .of(user, named)
            .or_else(|| self.of(user, any()))
            .or_else(|| named.map(newest))
            .or_else(|| any().map(newest))?;
        Some(self.keys.get(id).login())
    }

    /// Whether that login is for this realm by name.
    pub(crate) fn names_realm(&self, user: &str, realm: &str) -> bool {
        let named = self.realm(realm);
        named.is_some() && (self.of(user, named).is_some() || self.of(user, self.realm("")).is_none())
    }

    fn realm(&self, name: &str) -> Option<u32> {
        self.by_name.find(hash(name.as_bytes()), |id| self.realms.get(id).name.eq_ignore_ascii_case(name))
    }

    fn of(&self, user: &str, realm: Option<u32>) -> Option<u32> {
        let (user, realm) = (user.as_bytes(), realm?);
        self.by_user.find(hash(user) ^ realm, |id| {
            let key = self.keys.get(id);
            key.realm == realm && key.user().eq_ignore_ascii_case(user)
        })
    }
}

/// The programs that give credentials are trusted not to make them collide.
fn hash(text: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    // The bit in which small letters differ from capital ones is set in all of them, and in whatever else there is.
    let (words, rest) = text.as_chunks::<8>();
    for word in words {
        hasher.write_u64(u64::from_le_bytes(*word) | 0x2020_2020_2020_2020);
    }
    hasher.write_u64(rest.iter().fold(0, |word, byte| word << 8 | u64::from(byte | 0x20)));
    hasher.finish() as u32
}

fn key_hash(key: &Key) -> u32 {
    hash(key.user()) ^ key.realm
}

/// Things by number; the numbers of those that are gone are given again.
struct Slab<T> {
    all: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { all: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    fn get(&self, id: u32) -> &T {
        &self.all[id as usize]
    }

    fn get_mut(&mut self, id: u32) -> &mut T {
        &mut self.all[id as usize]
    }

    fn put(&mut self, thing: T) -> u32 {
        if let Some(id) = self.free.pop() {
            self.all[id as usize] = thing;
            return id;
        }
        self.all.push(thing);
        // Memory ends before the numbers do.
        (self.all.len() - 1) as u32
    }

    /// Takes a thing out and leaves `gone` in its place.
    fn take(&mut self, id: u32, gone: T) -> T {
        self.free.push(id);
        mem::replace(self.get_mut(id), gone)
    }
}

/// Finds numbers by a hash of what they stand for, which only the caller knows: chains of numbers, five to ten bytes for each.
#[derive(Default)]
struct Index {
    /// Where each chain begins; a power of two of them.
    first: Vec<u32>,
    /// What follows each number in its chain.
    next: Vec<u32>,
    count: usize,
}

impl Index {
    fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mut id = *self.first.get(self.chain(hash))?;
        while id != NONE && !is_it(id) {
            id = self.next[id as usize];
        }
        (id != NONE).then_some(id)
    }

    fn chain(&self, hash: u32) -> usize {
        hash as usize & self.first.len().wrapping_sub(1)
    }

    fn insert(&mut self, id: u32, hash: impl Fn(u32) -> u32) {
        if self.count == self.first.len() {
            let more = vec![NONE; (self.count * 2).max(8)];
            for mut id in mem::replace(&mut self.first, more) {
                while id != NONE {
                    let next = self.next[id as usize];
                    self.link(id, hash(id));
                    id = next;
                }
            }
        }
        if self.next.len() <= id as usize {
            self.next.resize(id as usize + 1, NONE);
        }
        self.count += 1;
        self.link(id, hash(id));
    }

    fn link(&mut self, id: u32, hash: u32) {
        let chain = self.chain(hash);
        self.next[id as usize] = mem::replace(&mut self.first[chain], id);
    }

    /// `id` is in the chain of this hash.
    fn remove(&mut self, id: u32, hash: u32) {
        let (chain, next) = (self.chain(hash), self.next[id as usize]);
        let mut before = self.first[chain];
        if before == id {
            self.first[chain] = next;
        } else {
            while self.next[before as usize] != id {
                before = self.next[before as usize];
            }
            self.next[before as usize] = next;
        }
        self.count -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn given<'a>(username: &'a str, userid: &'a str) -> CredentialText<'a> {
        CredentialText { username, userid, password: b"secret", ha1: "", realm: "" }
    }

    #[test]
    fn a_credential_is_found_after_any_number_of_others_came_and_went() {
        let (mut ring, mut known) = (CredentialStore::default(), BTreeMap::new());
        let mut draw = 1u32;
        for step in 0..20_000 {
            draw = draw.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (user, realm) = (format!("u{}", (draw >> 8) % 300), format!("R{}", (draw >> 20) % 5));
            if draw >> 30 == 0 {
                assert_eq!(ring.remove(&user, &realm), known.remove(&(realm, user)).is_some());
            } else {
                let login = format!("{step}");
                ring.add(given(&user, &login), &realm.to_lowercase()).unwrap();
                known.insert((realm, user), step);
            }
        }
        assert_eq!(ring.len(), known.len());
        for ((realm, user), step) in &known {
            let found = ring.find(&user.to_uppercase(), realm).unwrap();
            assert_eq!(found.username, step.to_string());
        }
        for realm in 0..5 {
            let realm = format!("R{realm}");
            let newest = known.iter().filter(|((name, _), _)| *name == realm).map(|(_, step)| *step).max();
            let found = ring.find("nobody", &realm).map(|login| login.username.to_owned());
            assert_eq!(found, newest.map(|step: i32| step.to_string()));
        }
        for (realm, user) in known.keys() {
            assert!(ring.remove(user, realm) && !ring.remove(user, realm));
        }
        assert!(ring.len() == 0 && ring.find("u1", "R1").is_none());
    }

    #[test]
    fn an_only_credential_is_found_as_among_others() {
        const NAMES: [&str; 4] = ["", "acme", "ACME", "other"];
        for (own, asked) in NAMES.into_iter().flat_map(|own| NAMES.map(|asked| (own, asked))) {
            let mut ring = CredentialStore::default();
            let same = |ring: &CredentialStore| {
                for user in ["alice", "ALICE", "bob", ""] {
                    assert_eq!(ring.find(user, asked), ring.find_among(user, asked), "{own} {asked}");
                }
            };
            ring.add(given("alice", "alice"), own).unwrap();
            same(&ring);
            assert!(ring.remove("alice", own));
            same(&ring);
            ring.add(given("bob", "other"), own).unwrap();
            same(&ring);
        }
    }

    #[test]
    fn what_was_made_with_a_credential_is_not_kept_longer_than_that() {
        let mut ring = CredentialStore::default();
        let changes: [fn(&mut CredentialStore); 3] = [
            |ring| ring.add(given("bob", "bob"), "acme").unwrap(),
            |ring| ring.add(given("alice", "other"), "acme").unwrap(),
            |ring| assert!(ring.remove("alice", "acme")),
        ];
        ring.add(given("alice", "alice"), "acme").unwrap();
        for change in changes {
            assert!(ring.recent().unwrap().challenge("Digest realm=\"acme\", nonce=\"1\"").is_some());
            assert!(!ring.recent().unwrap().is_empty());
            change(&mut ring);
            assert!(ring.recent().unwrap().is_empty());
        }
    }

    #[test]
    fn what_is_gone_leaves_its_places_to_what_comes() {
        let mut ring = CredentialStore::default();
        for n in 0..1000 {
            let (user, realm) = (format!("u{n}"), format!("r{n}"));
            ring.add(given(&user, &user), &realm).unwrap();
            assert!(ring.remove(&user, &realm));
        }
        assert!(ring.keys.all.len() == 1 && ring.realms.all.len() == 1);
    }

    #[test]
    fn a_credential_takes_no_more_than_its_text_and_some_fifty_bytes() {
        assert!(size_of::<Key>() <= 40);
        let mut ring = CredentialStore::default();
        for n in 0..1000 {
            ring.add(given(&format!("user{n:04}"), &format!("user{n:04}")), "acme").unwrap();
        }
        assert!(ring.keys.all.iter().all(|key| key.text.len() == 14));
        assert_eq!(
            (ring.by_user.first.len(), ring.by_user.next.len(), ring.realms.all.len()),
            (1024, 1000, 1)
        );
    }
}
