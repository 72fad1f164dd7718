//! Choices that are drawn from the input of a fuzz target.

/// The input that is left. Once it is used up, every choice is the first.
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `end`, which is at most 256 and not 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    /// Whether something happens that happens once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    /// One of `choices`.
    pub fn one<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    pub fn number(&mut self) -> u32 {
        u32::from_be_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    /// The next bytes, as many as the first of them says: at most 255 times `unit`.
    pub fn slice(&mut self, unit: usize) -> &'a [u8] {
        let length = usize::from(self.byte()) * unit;
        let (slice, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        slice
    }

    /// The next bytes as text, in which what is no text or a control character is left out.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.slice(1)).chars().filter(|c| !c.is_control()).collect()
    }
}
