//! What was read and hashed last: the challenges of one registrar mostly differ in their nonce alone, their answers share the hash of A2,
//! and those that are given with one login share that of A1.

use super::algorithm::Hex;
use super::{Algorithm, Challenge, challenges};
use std::ops::Range;

/// The last challenge, and the hashes of A1 and A2 of the last answer, kept for the next. It holds the password that it was made with:
/// whoever keeps it drops it when that goes.
#[derive(Default)]
pub struct Recent {
    challenge: Option<Line>,
    pub(crate) a1: Kept,
    pub(crate) a2: Kept,
}

impl Recent {
    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.challenge.is_none() && self.a1.hash.is_none() && self.a2.hash.is_none()
    }

    /// The challenge in `line`, if there is one in it, no more, and it can be answered.
    pub fn challenge<'a>(&mut self, line: &'a str) -> Option<Challenge<'a>> {
        if let Some(like) = self.challenge.as_ref().and_then(|last| last.like(line)) {
            return Some(like);
        }
        let mut all = challenges(line);
        let (Some(Ok(challenge)), None) = (all.next(), all.next()) else { return None };
        self.challenge = Line::of(line, &challenge);
        Some(challenge)
    }
}

/// A header line with one challenge.
struct Line {
    text: Box<str>,
    /// Where its parts stand in it.
    realm: Range<usize>,
    nonce: Range<usize>,
    opaque: Option<Range<usize>>,
    /// The rest of it.
    known: Challenge<'static>,
}

impl Line {
    fn of(line: &str, challenge: &Challenge<'_>) -> Option<Self> {
        let place = |part: &str| {
            let start = (part.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
            let place = start..start + part.len();
            (line.get(place.clone()) == Some(part)).then_some(place)
        };
        let nonce = place(challenge.nonce)?;
        let quoted = line[..nonce.start].ends_with('"') && line[nonce.end..].starts_with('"');
        let opaque = match challenge.opaque {
            Some(opaque) => Some(place(opaque)?),
            None => None,
        };
        let line = Line {
            text: line.into(),
            realm: place(challenge.realm)?,
            nonce,
            opaque,
            known: Challenge { realm: "", nonce: "", opaque: None, ..*challenge },
        };
        (quoted && line.text.len() <= LONGEST).then_some(line)
    }

    /// The challenge in `line`, if that is this one with another nonce.
    fn like<'a>(&self, line: &'a str) -> Option<Challenge<'a>> {
        let (before, behind) = (&self.text[..self.nonce.start], &self.text[self.nonce.end..]);
        let nonce = line.strip_prefix(before)?.strip_suffix(behind)?;
        if memchr::memchr2(b'"', b'\\', nonce.as_bytes()).is_some() {
            return None;
        }
        let part = |place: &Range<usize>| {
            let before = place.start < self.nonce.start;
            let start = if before { place.start } else { line.len() - (self.text.len() - place.start) };
            line.get(start..start + place.len())
        };
        let opaque = match &self.opaque {
            Some(opaque) => Some(part(opaque)?),
            None => None,
        };
        Some(Challenge { realm: part(&self.realm)?, nonce, opaque, ..self.known })
    }
}

/// Never shown.
impl std::fmt::Debug for Recent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}

/// The longest text of each kind that is kept.
const LONGEST: usize = 512;

/// A text that was hashed.
#[derive(Default)]
pub(crate) struct Kept {
    text: Vec<u8>,
    hash: Option<(Algorithm, Hex)>,
}

impl Kept {
    /// The hash of `pieces`, one behind the other.
    pub(crate) fn hash(kept: Option<&mut Kept>, algorithm: Algorithm, pieces: &[&[u8]]) -> Hex {
        let algorithm = algorithm.plain();
        let Some(kept) = kept else { return algorithm.hash(pieces) };
        if let Some((known, hash)) = kept.hash
            && known == algorithm
            && is_made_of(&kept.text, pieces)
        {
            return hash;
        }
        let hash = algorithm.hash(pieces);
        kept.text.clear();
        kept.hash = None;
        if pieces.iter().map(|piece| piece.len()).sum::<usize>() <= LONGEST {
            pieces.iter().for_each(|piece| kept.text.extend_from_slice(piece));
            kept.hash = Some((algorithm, hash));
        }
        hash
    }
}

/// Whether `text` is `pieces`, one behind the other.
fn is_made_of(text: &[u8], pieces: &[&[u8]]) -> bool {
    let mut rest = Some(text);
    for piece in pieces {
        rest = rest.and_then(|rest| rest.strip_prefix(*piece));
    }
    rest.is_some_and(<[u8]>::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_the_same_whatever_was_read_before() {
        const PARTS: [&str; 9] = [
            "realm=\"a b\"",
            "realm=c",
            "nonce=\"",
            "nonce=",
            "opaque=\"\"",
            "opaque=x",
            "algorithm=MD5",
            "qop=\"auth,auth-int\"",
            "Digest realm=d",
        ];
        const NONCES: [&str; 7] = ["1", "22", "", "\"", "\\\"", ", stale=true", "\u{e9}"];
        let (mut draw, mut recent, mut like) = (1_u64, Recent::default(), 0);
        let mut next = |most: usize| {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (draw >> 33) as usize % most
        };
        let mut begin = String::new();
        for round in 0..100_000 {
            // The same challenge a few times, with one nonce and another.
            if round % 4 == 0 {
                begin = String::from("Digest ");
                for _ in 0..next(6) {
                    begin.push_str([PARTS[next(PARTS.len())], ", "].concat().as_str());
                }
                begin.push_str([PARTS[2], PARTS[3]][next(2)]);
            }
            let (nonce, end) =
                (NONCES[next(NONCES.len())], ["\"", "\", qop=auth, realm=\"z\", opaque=\"o\"", ""][next(3)]);
            let line = [&begin, nonce, end].concat();
            like += usize::from(recent.challenge.as_ref().is_some_and(|last| last.like(&line).is_some()));
            let mut all = challenges(&line);
            let only = all.next().and_then(Result::ok).filter(|_| all.next().is_none());
            assert_eq!(recent.challenge(&line), only, "{line}");
        }
        assert!(like > 1000, "{like}");
    }

    #[test]
    fn what_is_kept_is_what_would_be_hashed() {
        let long = [b'x'; LONGEST + 1];
        let texts: [&[&[u8]]; 8] = [
            &[b"REGISTER", b":", b"sip:a"],
            &[b"REGISTER", b":", b"sip:ab"],
            &[b"REGISTER:sip:a"],
            &[b"REGISTER", b":", b"sip:"],
            &[],
            &[b""],
            &[&long],
            &[&long[1..]],
        ];
        let algorithms = [Algorithm::Md5, Algorithm::Md5Sess, Algorithm::Sha256, Algorithm::Sha512_256];
        let mut kept = Kept::default();
        for (first, second) in texts.iter().flat_map(|first| texts.map(|second| (first, second))) {
            for (one, other) in algorithms.into_iter().flat_map(|one| algorithms.map(|other| (one, other))) {
                for (algorithm, pieces) in [(one, *first), (other, second), (other, second)] {
                    let hash = Kept::hash(Some(&mut kept), algorithm, pieces);
                    assert_eq!(hash.as_bytes(), algorithm.hash(pieces).as_bytes());
                }
                assert!(kept.text.len() <= LONGEST);
            }
        }
    }
}
