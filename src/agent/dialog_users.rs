//! What calls and subscriptions, the users with dialogs, need of the agent alike.

use super::parts::Parts;
use super::{Agent, Did, LogLevel, Refusal, Text, TransactionId, following_tid};
use crate::auth::Credentials;
use crate::dialog::UserContext;
use crate::sip::Draft;
use crate::transaction::{NoResponse, TransactionUser};
use std::collections::HashMap;
use std::time::Instant;

/// What came of a call of a user.
pub(super) struct Decided<A, R> {
    pub(super) result: R,
    /// What the user wants done.
    pub(super) actions: Vec<A>,
    /// The numbers of new dialogs.
    pub(super) dids: Vec<Did>,
}

/// What the dialogs of a user are found by.
#[derive(Debug)]
pub(super) struct DialogKeys {
    /// With our tag.
    ours: Box<str>,
    /// With the peer's, where its request has begun them.
    theirs: Option<Box<str>>,
}

impl DialogKeys {
    /// Those of dialogs that a request of ours with this tag begins.
    pub(super) fn begun_by_us(call_id: &str, tag: &str) -> DialogKeys {
        DialogKeys { ours: dialog_key(call_id, tag), theirs: None }
    }

    /// Those of a dialog that a request of the peer begins.
    pub(super) fn begun_by_peer(call_id: &str, our_tag: &str, their_tag: &str) -> DialogKeys {
        let theirs = Some(dialog_key(call_id, their_tag));
        DialogKeys { ours: dialog_key(call_id, our_tag), theirs }
    }
}

/// The numbers of users by Call-ID and a tag of their dialogs. Others choose these in part, so the
/// hash has a secret.
#[derive(Debug, Default)]
pub(super) struct DialogIndex {
    /// By our tag.
    ours: HashMap<Box<str>, i32>,
    /// Those that a request of the peer has begun, by its tag.
    theirs: HashMap<Box<str>, i32>,
}

impl DialogIndex {
    pub(super) fn insert(&mut self, keys: &DialogKeys, user: i32) {
        self.ours.insert(keys.ours.clone(), user);
        if let Some(key) = &keys.theirs {
            self.theirs.insert(key.clone(), user);
        }
    }

    /// The user of the dialog with this Call-ID and our tag.
    pub(super) fn by_our_tag(&self, call_id: &str, tag: &str) -> Option<i32> {
        self.ours.get(&dialog_key(call_id, tag)).copied()
    }

    /// The user that a request with this Call-ID and tag of the peer has begun.
    pub(super) fn by_their_tag(&self, call_id: &str, tag: &str) -> Option<i32> {
        self.theirs.get(&dialog_key(call_id, tag)).copied()
    }

    /// The user is over. Another one may have taken its place.
    pub(super) fn remove(&mut self, keys: &DialogKeys, user: i32) {
        if self.ours.get(&keys.ours) == Some(&user) {
            self.ours.remove(&keys.ours);
        }
        if let Some(key) = &keys.theirs {
            if self.theirs.get(key) == Some(&user) {
                self.theirs.remove(key);
            }
        }
    }
}

fn dialog_key(call_id: &str, tag: &str) -> Box<str> {
    // Neither can hold a line end.
    [call_id, "\n", tag].concat().into()
}

impl Agent {
    /// Calls `f` with what a user is given.
    pub(super) fn with_context<A, R>(
        &mut self,
        now: Instant,
        f: impl FnOnce(&mut UserContext<'_, A>) -> R,
    ) -> Decided<A, R> {
        self.with_context_of(now, None, f)
    }

    /// The same for a user with credentials of its own.
    pub(super) fn with_context_of<A, R>(
        &mut self,
        now: Instant,
        own: Option<&Credentials>,
        f: impl FnOnce(&mut UserContext<'_, A>) -> R,
    ) -> Decided<A, R> {
        let (last_tid, serials) = (&mut self.last_tid, &self.serials);
        let mut dids = Vec::new();
        let mut new_tid = || following_tid(last_tid);
        let mut new_did = || {
            let did = serials.next();
            dids.push(did);
            did
        };
        let mut context = UserContext {
            now,
            settings: &self.settings,
            entropy: &mut self.entropy,
            credentials: own.unwrap_or(&self.credentials),
            new_tid: &mut new_tid,
            new_did: &mut new_did,
            actions: Vec::new(),
        };
        let result = f(&mut context);
        let actions = context.actions;
        Decided { result, actions, dids }
    }

    /// Error: `NoNetwork` while no transport is open.
    pub(super) fn check_listening(&self) -> Result<(), Refusal> {
        self.listening.map(|_| ()).ok_or(Refusal::NoNetwork)
    }

    /// A request of the application, and what is read from it before it is sent. Errors: those of
    /// the two.
    pub(super) fn parse_request(&self, text: &[u8]) -> Result<(Draft, Parts), Refusal> {
        let draft = Draft::parse(text)?;
        let parts = Parts::read(&draft, Some(self.listening_transport()))?;
        Ok((draft, parts))
    }

    /// Sends a request of `user`, whose parts were read. Error: its text and why it is not sent,
    /// which is logged; `name` is that of the user there.
    pub(super) fn start_of_user(
        &mut self,
        now: Instant,
        (user, name): (TransactionUser, String),
        draft: Draft,
        parts: Result<Parts, Refusal>,
    ) -> Result<TransactionId, (Text, NoResponse)> {
        match parts {
            Ok(parts) => {
                let id = self.start(now, user, draft, parts);
                self.last_started = Some(id);
                Ok(id)
            }
            Err(refusal) => {
                let why = format!("a request of {name} cannot be sent: {refusal}");
                self.log(LogLevel::Error, why.clone());
                Err((draft.to_bytes().into(), NoResponse::NotSent(why)))
            }
        }
    }

    /// The transaction that `command` of the application starts, beside its result.
    pub(super) fn started_by<R>(
        &mut self,
        command: impl FnOnce(&mut Agent) -> Result<R, Refusal>,
    ) -> Result<(R, TransactionId), Refusal> {
        self.last_started = None;
        let result = command(self)?;
        Ok((result, self.last_started.unwrap_or(TransactionId(0))))
    }
}
