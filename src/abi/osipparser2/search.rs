//! Where bytes stand in a text.
//!
//! Most of what is searched is shorter than a cache line: there, the call of a function that is
//! chosen for this machine costs more than the search itself. So 16 bytes are compared at once, in
//! line, with what every processor of the architecture has.

/// How many bytes are compared at once.
const WINDOW: usize = 16;

/// Where one of `bytes` stands first.
#[inline(always)]
pub(crate) fn find_any<const N: usize>(text: &[u8], bytes: [u8; N]) -> Option<usize> {
    let mut at = 0;
    while let Some(window) = text[at..].first_chunk::<WINDOW>() {
        if let Some(found) = first(hits(window, bytes)) {
            return Some(at + found);
        }
        at += WINDOW;
    }
    let Some(end) = text.last_chunk::<WINDOW>() else { return find_in_short(text, bytes) };
    // The last window overlaps the one before, where nothing was found.
    if at == text.len() { None } else { Some(text.len() - WINDOW + first(hits(end, bytes))?) }
}

/// Where one of `bytes` stands first from `start` on; the length of the text for nowhere.
#[inline(always)]
pub(crate) fn end_at<const N: usize>(text: &[u8], start: usize, bytes: [u8; N]) -> usize {
    match text.get(start) {
        Some(byte) if !bytes.contains(byte) => {
            find_any(&text[start..], bytes).map_or(text.len(), |found| start + found)
        }
        _ => start,
    }
}

/// The same for fewer bytes than a window has: its two ends are compared, which may overlap.
#[inline(always)]
fn find_in_short<const N: usize>(text: &[u8], bytes: [u8; N]) -> Option<usize> {
    if let (Some(start), Some(end)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        let both =
            u128::from(u64::from_le_bytes(*start)) | u128::from(u64::from_le_bytes(*end)) << 64;
        let found = first(hits(&both.to_le_bytes(), bytes))?;
        return Some(if found < 8 { found } else { text.len() + found - 16 });
    }
    text.iter().position(|byte| bytes.contains(byte))
}

/// The position of the lowest bit that is set.
#[inline(always)]
fn first(hits: u32) -> Option<usize> {
    (hits != 0).then(|| hits.trailing_zeros() as usize)
}

/// A bit for each byte of the window that is one of `bytes`.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn hits<const N: usize>(window: &[u8; WINDOW], bytes: [u8; N]) -> u32 {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
        _mm_setzero_si128,
    };
    // SAFETY: every x86-64 processor has SSE2; 16 bytes are read, which need not be aligned.
    unsafe {
        let window = _mm_loadu_si128(window.as_ptr().cast());
        let mut is_hit = _mm_setzero_si128();
        for byte in bytes {
            is_hit = _mm_or_si128(is_hit, _mm_cmpeq_epi8(window, _mm_set1_epi8(byte as i8)));
        }
        _mm_movemask_epi8(is_hit) as u32
    }
}

/// A bit for each byte of the window that is one of `bytes`.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn hits<const N: usize>(window: &[u8; WINDOW], bytes: [u8; N]) -> u32 {
    window.iter().rev().fold(0, |hits, byte| hits << 1 | u32::from(bytes.contains(byte)))
}

/// Where `byte` stands first.
#[inline(always)]
pub(crate) fn find(text: &[u8], byte: u8) -> Option<usize> {
    find_any(text, [byte])
}

/// What stands before and behind the first `byte`.
#[inline(always)]
pub(crate) fn split(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    find(text, byte).map(|at| (&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_anywhere_in_texts_of_any_length() {
        for length in 0..=40 {
            let mut text = vec![b'a'; length];
            for at in 0..length {
                text[at] = b';';
                assert_eq!(find(&text, b';'), Some(at), "{text:?}");
                assert_eq!(find_any(&text, [b'=', 0xff, b';']), Some(at), "{text:?}");
                text[at..].fill(b'=');
                assert_eq!(find(&text, b';'), None, "{text:?}");
                assert_eq!(find_any(&text, [b';', b'=']), Some(at), "{text:?}");
                text[at..].fill(b'a');
            }
            assert_eq!(end_at(&text, length / 2, [b';']), length);
        }
    }

    #[test]
    fn a_search_that_begins_at_its_end_finds_that() {
        assert_eq!(end_at(b"a;b;c", 0, [b';', b'=']), 1);
        assert_eq!(end_at(b"a;b;c", 1, [b';']), 1);
        assert_eq!(end_at(b"a;b;c", 2, [b';']), 3);
        assert_eq!(end_at(b"a;b;c", 5, [b';']), 5);
    }
}
