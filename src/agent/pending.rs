//! One request on its way: what is kept of it, what is read from it, and the branch that its answers are known by.

use super::{Rid, Route, Tid};
use crate::registration::{Place, Refusal, push_hex, request_place};
use crate::sip::Draft;
use crate::transaction::Client;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// Whose transaction it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A REGISTER of this registration.
    Registration(Rid),
    /// A request outside of dialogs and registrations.
    Request(Tid),
    /// The registration was removed meanwhile: nobody is told.
    Nobody,
}

/// One request.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) owner: Owner,
    pub(super) branch: u128,
    pub(super) cseq: u32,
    /// Its place in the agent's timers.
    pub(super) armed: Option<Instant>,
    /// Gone once answered: what absorbs duplicates for another while is kept small.
    pub(super) open: Option<Box<Open>>,
}

/// What is needed to repeat a request and to know its answers.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) client: Client,
    pub(super) method: Box<str>,
    pub(super) call_id: Box<str>,
    /// The number in the branch of `draft`, if no request was sent with it.
    pub(super) fresh: Option<u128>,
    /// The request before its addresses are known, while there may be other targets for it.
    pub(super) draft: Option<Draft>,
    /// The request as last sent.
    pub(super) wire: Option<Arc<[u8]>>,
    /// The routes not tried yet, best last.
    pub(super) untried: Vec<Route>,
    pub(super) route: Option<Route>,
    /// The address at which its target had seen us when it was written, under these settings.
    pub(super) written: (Option<SocketAddr>, u32),
    /// What the network said of it, for a person.
    pub(super) trouble: Option<String>,
}

/// What is read from a request before anything changes.
pub(super) struct Parts {
    pub(super) place: Place,
    pub(super) cseq: u32,
    pub(super) method: Box<str>,
    pub(super) call_id: Box<str>,
    /// The number in its branch, if that was drawn for this request and no other was sent with it.
    pub(super) fresh: Option<u128>,
}

impl Parts {
    pub(super) fn of(draft: &Draft) -> Result<Self, Refusal> {
        let place = request_place(draft).ok_or(Refusal::Syntax("no destination"))?;
        let cseq = draft.get("CSeq").unwrap_or("");
        let (number, method) = cseq.split_once(char::is_whitespace).ok_or(Refusal::Syntax("CSeq"))?;
        let cseq = number.parse().map_err(|_| Refusal::Syntax("CSeq"))?;
        let call_id = draft.get("Call-ID").unwrap_or("").into();
        Ok(Parts { place, cseq, method: method.trim().into(), call_id, fresh: None })
    }

    /// The same of a request that we have just made, and that nobody has changed.
    pub(super) fn of_fresh(draft: &Draft) -> Result<Self, Refusal> {
        // The Via that we make ends with it.
        let branch = draft.get("Via").and_then(|via| via.get(via.len().checked_sub(39)?..));
        Ok(Parts { fresh: branch.and_then(branch_number), ..Parts::of(draft)? })
    }
}

impl Open {
    /// Why there was no answer, in words.
    pub(super) fn silence(&self) -> String {
        let trouble = self.trouble.as_ref().map(|trouble| format!(" ({trouble})")).unwrap_or_default();
        match self.route {
            Some(route) => format!("No answer from {} within 32 s{trouble}.", route.remote),
            None => "The registrar's name was not resolved within 32 s.".to_owned(),
        }
    }
}

/// The branch with this number.
pub(super) fn branch_text(number: u128) -> String {
    let mut text = String::with_capacity(39);
    text.push_str("z9hG4bK");
    push_hex(&mut text, number);
    text
}

/// The number in a branch of ours; `None` for any other text.
pub(super) fn branch_number(branch: &str) -> Option<u128> {
    let hex = branch.get(..7).filter(|cookie| cookie.eq_ignore_ascii_case("z9hG4bK")).and(branch.get(7..))?;
    if hex.len() != 32 || hex.starts_with('+') {
        return None;
    }
    let half = |hex: &str| u64::from_str_radix(hex, 16).ok().map(u128::from);
    let (high, low) = hex.split_at_checked(16).filter(|(_, low)| !low.starts_with('+'))?;
    Some(half(high)? << 64 | half(low)?)
}

/// The branch in a request of ours, of which only the beginning may have come back.
pub(super) fn branch_in(bytes: &[u8]) -> Option<u128> {
    let head = &bytes[..bytes.len().min(2048)];
    let at = head.windows(14).position(|window| window == b"branch=z9hG4bK")? + 7;
    std::str::from_utf8(head.get(at..at + 39)?).ok().and_then(branch_number)
}
