//! One request on its way: what is kept of it, what is read from it, and the branch that its answers are known by.

use super::routes::{Routes, Untried};
use super::timers::{Armed, Timers};
use super::{Rid, Route, Text, Tid, TransactionId};
use crate::registration::{Asks, Outline, Place, Refusal, push_hex};
use crate::sip::Draft;
use crate::transaction::{Client, State};
use std::borrow::Cow;
use std::ops::Range;

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

/// One request that waits for its answer.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) owner: Owner,
    pub(super) branch: u128,
    pub(super) cseq: u32,
    /// Its place in the agent's timers.
    pub(super) armed: Option<Armed>,
    pub(super) client: Client,
    pub(super) method: Cow<'static, str>,
    /// The number in the branch of `draft`, if no request was sent with it.
    pub(super) fresh: Option<u128>,
    /// The request before its addresses are known, while there may be other targets for it.
    pub(super) draft: Option<Draft>,
    /// The request as last sent.
    pub(super) wire: Option<Text>,
    /// Where its Call-ID stands in that.
    pub(super) call_id: Range<usize>,
    /// The routes not tried yet.
    pub(super) untried: Untried,
    pub(super) route: Option<Route>,
    /// How often what servers have seen, and the settings, had changed when it was written.
    pub(super) written: (u32, u32),
    /// What the network said of it, for a person.
    pub(super) trouble: Option<String>,
}

impl Transaction {
    /// Puts the next deadline among the timers.
    pub(super) fn arm(&mut self, timers: &mut Timers, id: TransactionId) {
        let next = self.client.poll_timeout();
        if self.armed.map(|armed| armed.at) == next {
            return;
        }
        self.disarm(timers, id);
        let is_first = self.client.state() == State::Trying && self.client.is_first_wait();
        self.armed = next.map(|next| timers.arm(next, id, is_first));
    }

    /// Lets go what it holds.
    pub(super) fn empty(&mut self) {
        (self.draft, self.wire, self.trouble) = (None, None, None);
        self.untried = Untried::default();
    }

    /// Takes its deadline back.
    #[inline(always)]
    pub(super) fn disarm(&mut self, timers: &mut Timers, id: TransactionId) {
        if let Some(armed) = self.armed.take() {
            timers.disarm(armed, id);
        }
    }

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
        let outline = Outline::of(draft);
        Parts::read(&outline, outline.asks(), routes)
    }

    /// The same of a request that we have just made, and that nobody has changed.
    pub(super) fn of_fresh(draft: &Draft, routes: &mut Routes) -> Result<Self, Refusal> {
        let outline = Outline::of(draft);
        Parts::read_fresh(&outline, outline.asks(), routes)
    }

    /// The same of one that is known to ask for `expires` seconds.
    pub(super) fn of_known(draft: &Draft, expires: u32, routes: &mut Routes) -> Result<Self, Refusal> {
        Parts::read_fresh(&Outline::of(draft), Asks::for_seconds(expires), routes)
    }

    fn read_fresh(outline: &Outline<'_>, asks: Asks, routes: &mut Routes) -> Result<Self, Refusal> {
        // The Via that we make ends with it.
        let branch = outline.via.and_then(|via| via.get(via.len().checked_sub(39)?..));
        Ok(Parts { fresh: branch.and_then(branch_number), ..Parts::read(outline, asks, routes)? })
    }

    fn read(outline: &Outline<'_>, asks: Asks, routes: &mut Routes) -> Result<Self, Refusal> {
        let place = outline.leads().and_then(|leads| routes.place(leads));
        let place = place.ok_or(Refusal::Syntax("no destination"))?;
        let cseq = outline.cseq.unwrap_or("");
        let (number, method) = cseq.split_once(char::is_whitespace).ok_or(Refusal::Syntax("CSeq"))?;
        let cseq = number.parse().map_err(|_| Refusal::Syntax("CSeq"))?;
        let method = match method.trim() {
            "REGISTER" => "REGISTER".into(),
            other => other.to_owned().into(),
        };
        Ok(Parts { place, cseq, method, asks, fresh: None })
    }
}

/// The branch with this number.
pub(super) fn branch_text(number: u128) -> String {
    let mut text = String::with_capacity(39);
    text.push_str("z9hG4bK");
    push_hex(&mut text, number);
    text
}

/// What each of these hex digits is worth, in whatever case; a few instructions for all of them.
fn worths(text: &[u8; 32]) -> Option<[u8; 32]> {
    let (mut worths, mut all) = ([0; 32], true);
    for (worth, byte) in worths.iter_mut().zip(text) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 6;
        all &= letter | (byte.wrapping_sub(b'0') < 10);
        *worth = (byte & 0x0f) + if letter { 9 } else { 0 };
    }
    all.then_some(worths)
}

/// The number that eight hex digits of these worths write.
fn eight_digits(worths: [u8; 8]) -> u64 {
    let worth = u64::from_be_bytes(worths);
    let worth = (worth | worth >> 4) & 0x00ff_00ff_00ff_00ff;
    let worth = (worth | worth >> 8) & 0x0000_ffff_0000_ffff;
    (worth | worth >> 16) & 0xffff_ffff
}

/// The number in a branch of ours; `None` for any other text.
pub(super) fn branch_number(branch: &str) -> Option<u128> {
    let (cookie, hex) = branch.as_bytes().split_first_chunk::<7>()?;
    let worths = worths(hex.try_into().ok()?)?;
    let ([a, b, c, d], []) = worths.as_chunks::<8>() else { return None };
    let half = |high: [u8; 8], low: [u8; 8]| eight_digits(high) << 32 | eight_digits(low);
    let number = u128::from(half(*a, *b)) << 64 | u128::from(half(*c, *d));
    cookie.eq_ignore_ascii_case(b"z9hG4bK").then_some(number)
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
    fn a_branch_has_the_digits_of_the_language_wherever_a_byte_stands() {
        for byte in 0..=0x7f_u8 {
            for (at, other) in (0..32).flat_map(|at| ["0", "9", "a", "F"].map(|other| (at, other))) {
                let mut hex = other.repeat(32);
                hex.replace_range(at..=at, &char::from(byte).to_string());
                let number = u128::from_str_radix(&hex, 16).ok().filter(|_| byte != b'+');
                assert_eq!(branch_number(&format!("z9hG4bK{hex}")), number, "{hex:?}");
            }
        }
        assert_eq!(worths(&[0xe4; 32]), None);
        let mixed = branch_number("z9hG4bK0123456789abcdefFEDCBA9876543210");
        assert_eq!(mixed, Some(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210));
    }

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
