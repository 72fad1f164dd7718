//! Where bytes stand in a line or a value.
//!
//! `memchr` chooses the instructions for this machine at run time, behind a pointer to a function.
//! That pays for long texts; to find something in a short one takes less than such a call. So the
//! instructions are those that every processor of the architecture has, in line.

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod baseline {
    use memchr::arch::x86_64::sse2::memchr::{One, Three, Two};

    #[inline]
    pub(crate) fn find(text: &[u8], byte: u8) -> Option<usize> {
        One::new(byte)?.find(text)
    }

    #[inline]
    pub(crate) fn find2(text: &[u8], [one, other]: [u8; 2]) -> Option<usize> {
        Two::new(one, other)?.find(text)
    }

    #[inline]
    pub(crate) fn find3(text: &[u8], [one, other, third]: [u8; 3]) -> Option<usize> {
        Three::new(one, other, third)?.find(text)
    }
}

/// Elsewhere `memchr` knows at compile time what there is.
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
mod baseline {
    pub(crate) fn find(text: &[u8], byte: u8) -> Option<usize> {
        memchr::memchr(byte, text)
    }

    pub(crate) fn find2(text: &[u8], [one, other]: [u8; 2]) -> Option<usize> {
        memchr::memchr2(one, other, text)
    }

    pub(crate) fn find3(text: &[u8], [one, other, third]: [u8; 3]) -> Option<usize> {
        memchr::memchr3(one, other, third, text)
    }
}

pub(crate) use baseline::{find, find2, find3};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_first_in_texts_of_any_length() {
        for length in 0..=100 {
            let mut text = vec![b'a'; length];
            for at in 0..length {
                text[at..].fill(b';');
                assert_eq!(find(&text, b';'), Some(at), "{text:?}");
                assert_eq!(find2(&text, [b'=', b';']), Some(at), "{text:?}");
                assert_eq!(find3(&text, [0xff, b';', b'=']), Some(at), "{text:?}");
                text[at..].fill(b'a');
            }
            assert_eq!(find(&text, b';'), None);
            assert_eq!(find2(&text, [b'=', b';']), None);
            assert_eq!(find3(&text, [0xff, b';', b'=']), None);
        }
    }
}
