//! What calls and subscriptions, the users with dialogs, need of the agent alike.

use super::parts::Parts;
use super::{Agent, Did, LogLevel, Refusal, Text, TransactionId, following_tid};
use crate::dialog::UserContext;
use crate::sip::Draft;
use crate::transaction::{NoResponse, TransactionUser};
use std::time::Instant;

/// What came of a call of a user.
pub(super) struct Decided<A, R> {
    pub(super) result: R,
    /// What the user wants done.
    pub(super) actions: Vec<A>,
    /// The numbers of new dialogs.
    pub(super) dids: Vec<Did>,
}

/// What a dialog is found by.
pub(super) fn dialog_key(call_id: &str, tag: &str) -> Box<str> {
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
            credentials: &self.credentials,
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
