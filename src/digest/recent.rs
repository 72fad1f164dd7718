//! What was hashed last: the answers of one context mostly share the hash of A2, and those that are given with one login that of A1.

use super::Algorithm;
use super::algorithm::Hex;

/// The hash of A1 and that of A2 of the last answer, kept for the next. It holds the password that it was made with: whoever keeps it
/// drops it when that goes.
#[derive(Default)]
pub struct Recent {
    pub(super) a1: Kept,
    pub(super) a2: Kept,
}

/// Never shown.
impl std::fmt::Debug for Recent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}

/// The longest text that is kept.
const LONGEST: usize = 512;

/// A text that was hashed.
#[derive(Default)]
pub(super) struct Kept {
    text: Vec<u8>,
    hash: Option<(Algorithm, Hex)>,
}

impl Kept {
    /// The hash of `pieces`, one behind the other.
    pub(super) fn hash(kept: Option<&mut Kept>, algorithm: Algorithm, pieces: &[&[u8]]) -> Hex {
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
