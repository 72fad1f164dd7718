//! Which session descriptions the two sides have exchanged last (RFC 3264, RFC 6337).
//!
//! Offers and answers are not checked: the body belongs to the application. What is kept is the
//! last description of each side in each exchange.

use super::sdp_body::sdp_of;
use crate::sip::Message;
use crate::transaction::Tid;

/// As many exchanges are kept: the one that holds, the one before it, and one that was refused or
/// is under way beside them.
const MAX_EXCHANGES: usize = 3;
/// Once an exchange is whole, it and the one before it are.
const MAX_AT_REST: usize = 2;

/// Who has sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// We have.
    Us,
    /// The peer has.
    Peer,
}

/// The descriptions of one INVITE, with its responses, PRACKs and ACK, or of one UPDATE.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OfferAnswer {
    tid: Tid,
    /// An INVITE begins anew; until an UPDATE is answered, what was before it holds.
    is_update: bool,
    is_refused: bool,
    local: Option<Box<[u8]>>,
    remote: Option<Box<[u8]>>,
}

/// The descriptions that were exchanged in one dialog.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Negotiated(Vec<OfferAnswer>);

impl Negotiated {
    /// A message that may hold a description was sent or has come: an INVITE, UPDATE, PRACK or ACK,
    /// or a 1xx or 2xx to one of them. `tid` is the number of the INVITE, for its PRACKs and its
    /// ACK too, or of the UPDATE.
    pub fn on_message(&mut self, tid: Tid, sender: Sender, message: &Message<'_>) {
        let description = sdp_of(message);
        match (message.method(), message.status()) {
            (Some("INVITE"), _) => self.begin(tid, false),
            (Some("UPDATE"), _) if description.is_some() => self.begin(tid, true),
            (Some("ACK" | "PRACK"), _) => {}
            (_, Some(101..300)) if may_answer(message) => {}
            _ => return,
        }
        let Some(exchange) = self.0.iter_mut().rfind(|exchange| exchange.tid == tid) else {
            return;
        };
        let Some(description) = description else { return };
        let side = match sender {
            Sender::Us => &mut exchange.local,
            Sender::Peer => &mut exchange.remote,
        };
        if side.as_deref() != Some(description) {
            *side = Some(description.into());
        }
        let is_newest = self.0.last().is_some_and(|newest| newest.tid == tid && newest.is_whole());
        if is_newest && self.0.len() > MAX_AT_REST {
            self.0.retain(|exchange| !exchange.is_refused);
            self.0.drain(..self.0.len().saturating_sub(MAX_AT_REST));
            self.0.shrink_to_fit();
        }
    }

    /// Request `tid` was refused, or never answered: what held before it holds on (RFC 3261 section
    /// 14.1).
    pub fn on_refused(&mut self, tid: Tid) {
        for exchange in self.0.iter_mut().filter(|exchange| exchange.tid == tid) {
            exchange.is_refused = true;
        }
    }

    /// Our description in the newest exchange.
    pub fn local(&self) -> Option<&[u8]> {
        held(self.holding(), Sender::Us)
    }

    /// The peer's description in the newest exchange.
    pub fn remote(&self) -> Option<&[u8]> {
        held(self.holding(), Sender::Peer)
    }

    /// Our description in the exchange before the newest.
    pub fn previous_local(&self) -> Option<&[u8]> {
        held(self.holding().skip(1), Sender::Us)
    }

    /// Our description in the exchange of request `tid`.
    pub fn local_of(&self, tid: Tid) -> Option<&[u8]> {
        self.of(tid)?.side(Sender::Us)
    }

    /// The peer's description in the exchange of request `tid`.
    pub fn remote_of(&self, tid: Tid) -> Option<&[u8]> {
        self.of(tid)?.side(Sender::Peer)
    }

    /// Our last description that was not refused, whatever came after it: what an INVITE repeats
    /// that changes nothing (RFC 4028 section 7.4).
    pub fn last_local(&self) -> Option<&[u8]> {
        self.holding().find_map(|exchange| exchange.side(Sender::Us))
    }

    fn of(&self, tid: Tid) -> Option<&OfferAnswer> {
        self.0.iter().rfind(|exchange| exchange.tid == tid)
    }

    /// The exchanges that were not refused, the newest first.
    fn holding(&self) -> impl Iterator<Item = &OfferAnswer> {
        self.0.iter().rev().filter(|exchange| !exchange.is_refused)
    }

    fn begin(&mut self, tid: Tid, is_update: bool) {
        if self.of(tid).is_some() {
            return;
        }
        if self.0.len() >= MAX_EXCHANGES {
            // What was refused is of interest for its own event alone.
            let refused = self.0.iter().position(|exchange| exchange.is_refused);
            self.0.remove(refused.unwrap_or(0));
        }
        let exchange = OfferAnswer { tid, is_update, is_refused: false, local: None, remote: None };
        self.0.reserve_exact(1);
        self.0.push(exchange);
    }
}

/// Whether a response belongs to a request that makes offers or answers.
fn may_answer(response: &Message<'_>) -> bool {
    response.cseq().is_some_and(|cseq| matches!(cseq.method, "INVITE" | "UPDATE" | "PRACK"))
}

/// The description of one side in the first of these exchanges; in those before, as long as they
/// follow an UPDATE that has none of it.
fn held<'a>(exchanges: impl Iterator<Item = &'a OfferAnswer>, of: Sender) -> Option<&'a [u8]> {
    for exchange in exchanges {
        match exchange.side(of) {
            None if exchange.is_update => {}
            found => return found,
        }
    }
    None
}

impl OfferAnswer {
    fn is_whole(&self) -> bool {
        self.local.is_some() && self.remote.is_some()
    }

    fn side(&self, of: Sender) -> Option<&[u8]> {
        match of {
            Sender::Us => self.local.as_deref(),
            Sender::Peer => self.remote.as_deref(),
        }
    }
}
