//! One request on its way: what is kept of it, what is read from it, and the branch that its answers are known by.

use super::routes::{Routes, Untried};
use super::timers::{Armed, Timers, Wait};
use super::{Rid, Route, Tid, TransactionId};
use crate::registration::{Asks, Outline, Place, Refusal, push_hex};
use crate::sip::Draft;
use crate::transaction::{Client, State};
use std::borrow::Cow;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;

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
    pub(super) armed: Option<Armed>,
    /// Gone once answered: what absorbs duplicates for another while is kept small.
    pub(super) open: Option<Box<Open>>,
}

impl Transaction {
    /// Puts the next deadline among the timers.
    pub(super) fn arm(&mut self, timers: &mut Timers, id: TransactionId) {
        let Some(open) = self.open.as_deref() else { return };
        let next = open.client.poll_timeout();
        if self.armed.map(|armed| armed.at) == next {
            return;
        }
        if let Some(before) = self.armed {
            timers.disarm(before, id);
        }
        let wait = match open.client.state() {
            State::Trying if open.client.is_first_wait() => Some(Wait::First),
            State::Completed => Some(Wait::Last),
            _ => None,
        };
        self.armed = next.map(|next| timers.arm(next, id, wait));
    }
}

/// What is needed to repeat a request and to know its answers.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) client: Client,
    pub(super) method: Cow<'static, str>,
    /// The number in the branch of `draft`, if no request was sent with it.
    pub(super) fresh: Option<u128>,
    /// The request before its addresses are known, while there may be other targets for it.
    pub(super) draft: Option<Draft>,
    /// The request as last sent.
    pub(super) wire: Option<Arc<[u8]>>,
    /// Where its Call-ID stands in that.
    pub(super) call_id: Range<usize>,
    /// The routes not tried yet.
    pub(super) untried: Untried,
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
    pub(super) method: Cow<'static, str>,
    pub(super) asks: Asks,
    /// The number in its branch, if that was drawn for this request and no other was sent with it.
    pub(super) fresh: Option<u128>,
}

impl Parts {
    /// Reads `draft`, whose place may be known from before.
    pub(super) fn of(draft: &Draft, routes: &mut Routes) -> Result<Self, Refusal> {
        Parts::read(&Outline::of(draft), routes)
    }

    /// The same of a request that we have just made, and that nobody has changed.
    pub(super) fn of_fresh(draft: &Draft, routes: &mut Routes) -> Result<Self, Refusal> {
        let outline = Outline::of(draft);
        // The Via that we make ends with it.
        let branch = outline.via.and_then(|via| via.get(via.len().checked_sub(39)?..));
        Ok(Parts { fresh: branch.and_then(branch_number), ..Parts::read(&outline, routes)? })
    }

    fn read(outline: &Outline<'_>, routes: &mut Routes) -> Result<Self, Refusal> {
        let place = outline.leads().and_then(|leads| routes.place(leads));
        let place = place.ok_or(Refusal::Syntax("no destination"))?;
        let cseq = outline.cseq.unwrap_or("");
        let (number, method) = cseq.split_once(char::is_whitespace).ok_or(Refusal::Syntax("CSeq"))?;
        let cseq = number.parse().map_err(|_| Refusal::Syntax("CSeq"))?;
        let method = match method.trim() {
            "REGISTER" => "REGISTER".into(),
            other => other.to_owned().into(),
        };
        Ok(Parts { place, cseq, method, asks: outline.asks(), fresh: None })
    }
}

impl Open {
    /// Whether an answer with this method in its CSeq and this Call-ID can be one to the request as last sent.
    pub(super) fn is_asked(&self, method: &str, call_id: Option<&str>) -> bool {
        let ours = self.wire.as_deref().and_then(|wire| wire.get(self.call_id.clone()));
        *method == *self.method && ours.is_some() && ours == call_id.map(str::as_bytes)
    }

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

/// What each byte is worth as a hex digit; more than 15 for one that is none.
const HEX: [u8; 256] = {
    let mut worth = [0xff; 256];
    let mut digit = 0;
    while digit < 16 {
        worth[b"0123456789abcdef"[digit] as usize] = digit as u8;
        worth[b"0123456789ABCDEF"[digit] as usize] = digit as u8;
        digit += 1;
    }
    worth
};

/// The number in a branch of ours; `None` for any other text.
pub(super) fn branch_number(branch: &str) -> Option<u128> {
    let (cookie, hex) = branch.as_bytes().split_at_checked(7)?;
    let (high, low) = hex.split_at_checked(16).filter(|(_, low)| low.len() == 16)?;
    let mut odd = 0;
    let mut half = |hex: &[u8]| {
        let digits = hex.iter().map(|byte| HEX[usize::from(*byte)]);
        digits.fold(0_u64, |number, digit| {
            odd |= digit;
            number << 4 | u64::from(digit)
        })
    };
    let number = u128::from(half(high)) << 64 | u128::from(half(low));
    (odd < 16 && cookie.eq_ignore_ascii_case(b"z9hG4bK")).then_some(number)
}

/// The branch in a request of ours, of which only the beginning may have come back.
pub(super) fn branch_in(bytes: &[u8]) -> Option<u128> {
    let head = &bytes[..bytes.len().min(2048)];
    let at = head.windows(14).position(|window| window == b"branch=z9hG4bK")? + 7;
    std::str::from_utf8(head.get(at..at + 39)?).ok().and_then(branch_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_of_ours_is_known_by_its_number() {
        for number in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210] {
            let text = branch_text(number);
            assert_eq!(branch_number(&text), Some(number));
            assert_eq!(
                branch_number(&text.to_uppercase()),
                Some(number),
                "a server may have changed the case"
            );
            for at in 0..text.len() {
                for odd in ["", "+", "x", " ", "é", "00"] {
                    let mut other = text.clone();
                    other.replace_range(at..=at, odd);
                    assert_eq!(branch_number(&other), None, "{other}");
                }
            }
        }
    }
}
