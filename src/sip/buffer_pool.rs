//! Octets of messages that several owners share, and the pool that uses their memory again.

use std::collections::VecDeque;
use std::sync::Arc;

/// A message or keep-alive as it is on the wire, shared; not always UTF-8.
pub type Text = Arc<Vec<u8>>;

/// How many texts are kept to be written again: as many as a busy program has under way.
const MAX_TEXTS: usize = 256;
/// Longer texts are not kept.
const MAX_CAPACITY: usize = 2048;
/// How many texts are looked at to find a free one.
const MAX_TRIES: usize = 3;

/// Texts whose memory is used again. One that nobody else holds is free, so none is given back.
/// The one that was written first is mostly the first to be free.
#[derive(Debug, Default)]
pub struct BufferPool(VecDeque<Text>);

impl BufferPool {
    /// A text that says `bytes`.
    pub fn copy(&mut self, bytes: &[u8]) -> Text {
        self.write(|text| text.extend_from_slice(bytes)).0
    }

    /// A text that `write` writes from its beginning, and what `write` returns.
    #[inline(always)]
    pub(crate) fn write<R>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> R) -> (Text, R) {
        let mut text = self.take_free();
        let bytes = Arc::make_mut(&mut text);
        bytes.clear();
        let result = write(bytes);
        if self.0.len() < MAX_TEXTS && text.capacity() <= MAX_CAPACITY {
            self.0.push_back(Arc::clone(&text));
        }
        (text, result)
    }

    /// A text that nobody else holds.
    fn take_free(&mut self) -> Text {
        for _ in 0..MAX_TRIES.min(self.0.len()) {
            let Some(text) = self.0.pop_front() else { break };
            if Arc::strong_count(&text) == 1 {
                return text;
            }
            // Whoever holds it takes long: it is looked at again last.
            self.0.push_back(text);
        }
        Text::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_again_when_nobody_holds_it() {
        let mut buffers = BufferPool::default();
        let first = buffers.copy(b"first");
        let at = Arc::as_ptr(&first);
        let second = buffers.copy(b"second");
        assert_eq!((&first[..], &second[..]), (&b"first"[..], &b"second"[..]));
        drop(first);
        let third = buffers.copy(b"3");
        assert_eq!((Arc::as_ptr(&third), &third[..]), (at, &b"3"[..]));
        assert_eq!(&second[..], b"second");
    }

    #[test]
    fn sheets_that_are_held_for_long_are_not_in_the_way_of_others() {
        let mut buffers = BufferPool::default();
        let held: Vec<Text> = (0..MAX_TRIES - 1).map(|_| buffers.copy(b"held")).collect();
        let at = Arc::as_ptr(&buffers.copy(b"free"));
        assert_eq!(Arc::as_ptr(&buffers.copy(b"again")), at);
        assert!(held.iter().all(|text| text[..] == *b"held"));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut buffers = BufferPool::default();
        let held: Vec<Text> = (0..2 * MAX_TEXTS).map(|_| buffers.copy(b"x")).collect();
        assert_eq!(buffers.0.len(), MAX_TEXTS);
        drop(held);
        let mut buffers = BufferPool::default();
        buffers.copy(&[0; MAX_CAPACITY + 1]);
        assert_eq!(buffers.0.len(), 0);
    }
}
