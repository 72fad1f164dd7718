//! One request on its way: what is kept of it, what is read from it, and the branch that its answers are known by.

use super::timers::{Armed, Timers};
use super::{Client, Rid, State, Tid, TransactionId};
use crate::sip::{Draft, Text};
use crate::transport::{Route, Untried};
use std::borrow::Cow;
use std::ops::Range;

/// Whose transaction it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransactionUser {
    /// A REGISTER of this registration.
    Registration(Rid),
    /// A request outside of dialogs and registrations.
    Request(Tid),
    /// The registration was removed meanwhile: nobody is told.
    Nobody,
}

/// One request that waits for its answer.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub(crate) owner: TransactionUser,
    pub(crate) branch: u128,
    pub(crate) cseq: u32,
    /// Its place in the agent's timers.
    pub(crate) armed: Option<Armed>,
    pub(crate) client: Client,
    pub(crate) method: Cow<'static, str>,
    /// The number in the branch of `draft`, if no request was sent with it.
    pub(crate) fresh: Option<u128>,
    /// The request before its addresses are known, while there may be other targets for it.
    pub(crate) draft: Option<Draft>,
    /// The request as last sent.
    pub(crate) wire: Option<Text>,
    /// Where its Call-ID stands in that.
    pub(crate) call_id: Range<usize>,
    /// The routes not tried yet.
    pub(crate) untried: Untried,
    pub(crate) route: Option<Route>,
    /// How often what servers have seen, and the settings, had changed when it was written.
    pub(crate) written: (u32, u32),
    /// What the network said of it, for a person.
    pub(crate) trouble: Option<String>,
}

impl Transaction {
    /// Puts the next deadline among the timers.
    pub(crate) fn arm(&mut self, timers: &mut Timers, id: TransactionId) {
        let next = self.client.poll_timeout();
        if self.armed.map(|armed| armed.at) == next {
            return;
        }
        self.disarm(timers, id);
        let is_first = self.client.state() == State::Trying && self.client.is_first_wait();
        self.armed = next.map(|next| timers.arm(next, id, is_first));
    }

    /// Lets go what it holds.
    pub(crate) fn empty(&mut self) {
        (self.draft, self.wire, self.trouble) = (None, None, None);
        self.untried = Untried::default();
    }

    /// Takes its deadline back.
    #[inline(always)]
    pub(crate) fn disarm(&mut self, timers: &mut Timers, id: TransactionId) {
        if let Some(armed) = self.armed.take() {
            timers.disarm(armed, id);
        }
    }

    /// Whether an answer with this method in its CSeq and this Call-ID can be one to the request as last sent.
    pub(crate) fn is_asked(&self, method: &str, call_id: Option<&str>) -> bool {
        let ours = self.wire.as_deref().and_then(|wire| wire.get(self.call_id.clone()));
        *method == *self.method && ours.is_some() && ours == call_id.map(str::as_bytes)
    }

    /// Why there was no answer, in words.
    pub(crate) fn silence(&self) -> String {
        let trouble = self.trouble.as_ref().map(|trouble| format!(" ({trouble})")).unwrap_or_default();
        match self.route {
            Some(route) => format!("No answer from {} within 32 s{trouble}.", route.remote),
            None => "The registrar's name was not resolved within 32 s.".to_owned(),
        }
    }
}
