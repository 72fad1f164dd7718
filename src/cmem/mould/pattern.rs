//! Which texts have the shape of a model: all is as in the model but the values, and those are of the model's kind.

/// What a value is made of, so that it may become another value of its kind without anything around it being read differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Letters, digits, `+`, `-`, `.` and `_`, which separate, quote and escape nothing in any grammar.
    Bare = 1,
    /// A quoted string without escapes, its quotes included, where the quotes shield it from every grammar.
    Quoted = 2,
    /// The rest of a line without blanks at its ends, where nothing looks into it.
    Line = 4,
}

/// Of which kinds each byte may be.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut at = b' ';
    while at <= b'~' {
        let bare = at.is_ascii_alphanumeric() || matches!(at, b'+' | b'-' | b'.' | b'_');
        let quoted = !matches!(at, b'"' | b'\\');
        classes[at as usize] = Kind::Line as u8
            | if bare { Kind::Bare as u8 } else { 0 }
            | if quoted { Kind::Quoted as u8 } else { 0 };
        at += 1;
    }
    classes
};

/// Bytes that are looked at together.
const SIXTEEN: usize = 16;

impl Kind {
    pub(super) fn has(self, byte: u8) -> bool {
        CLASSES[usize::from(byte)] & self as u8 != 0
    }

    /// As [`Self::has`] for each of them, in a form that the compiler makes a few instructions of.
    pub(super) fn has_all(self, bytes: &[u8; SIXTEEN]) -> bool {
        match self {
            Self::Bare => all(bytes, |byte| {
                ((byte | 0x20).wrapping_sub(b'a') < 26)
                    | (byte.wrapping_sub(b'0') < 10)
                    | (byte == b'+')
                    | (byte == b'-')
                    | (byte == b'.')
                    | (byte == b'_')
            }),
            Self::Quoted => {
                all(bytes, |byte| (byte.wrapping_sub(b' ') < 95) & (byte != b'"') & (byte != b'\\'))
            }
            Self::Line => all(bytes, |byte| byte.wrapping_sub(b' ') < 95),
        }
    }

    /// The quotes at each end of a value.
    pub(super) fn quotes(self) -> usize {
        usize::from(self == Self::Quoted)
    }

    /// Where the value that begins at `start` ends, perhaps at `guess`; up to `from` it is known to be of this kind.
    fn end(self, text: &[u8], start: usize, mut from: usize, guess: usize) -> Option<usize> {
        while from + SIXTEEN <= guess
            && let Some(bytes) = text.get(from..).and_then(|rest| rest.first_chunk())
            && self.has_all(bytes)
        {
            from += SIXTEEN;
        }
        let rest = text.get(from..)?;
        let end = from + rest.iter().position(|byte| !self.has(*byte)).unwrap_or(rest.len());
        self.is_whole(text.get(start..end)?).then_some(end)
    }

    /// Whether a run of bytes of this kind is a value.
    fn is_whole(self, run: &[u8]) -> bool {
        let blank = |byte: Option<&u8>| byte == Some(&b' ');
        !run.is_empty() && !(self == Self::Line && (blank(run.first()) || blank(run.last())))
    }

    /// A value of this kind as odd as may be, quotes included; each number has its own.
    pub(super) fn other(self, number: usize) -> Vec<u8> {
        match self {
            Self::Bare => format!("Z9+{number}-._"),
            Self::Quoted => format!("\" ,;<a@b:%41>?=*(){number}\""),
            Self::Line => format!("\"<a@b:%41>,;=?\\ {number} \""),
        }
        .into_bytes()
    }

    /// Whether `text` is a value of this kind; a quoted one has its quotes.
    pub(super) fn fits(self, text: &[u8]) -> bool {
        let inner = match self {
            Self::Quoted => text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")),
            _ => Some(text),
        };
        inner.is_some_and(|inner| self.is_whole(inner) && inner.iter().all(|byte| self.has(*byte)))
    }
}

/// Whether each of these bytes `has` it.
fn all(bytes: &[u8; SIXTEEN], has: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(true, |all, byte| all & has(*byte))
}

/// Where a value stands in a text, without its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

/// How many values a text may have.
pub(super) const MOST_SPANS: usize = 48;

/// So many bytes may be read from where a value begins, however short it is.
pub(super) const AHEAD: usize = 40;

/// A model, which is the last text of this shape, and its values.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The text, and behind it some room to read ahead.
    model: Vec<u8>,
    length: usize,
    spans: Vec<Span>,
    /// From where to where the values of the text are that was looked at last.
    places: Vec<(usize, usize)>,
}

impl Pattern {
    /// `None`: values overlap or touch, or there are too many. All of them are clear.
    pub(super) fn new(model: &[u8], mut spans: Vec<Span>) -> Option<Self> {
        spans.sort_by_key(|span| span.start);
        let apart = spans.windows(2).all(|pair| pair[0].end < pair[1].start);
        (apart && spans.len() <= MOST_SPANS).then(|| {
            let places = spans.iter().map(|span| (span.start, span.end)).collect();
            let mut pattern = Self { model: Vec::new(), length: 0, spans, places };
            pattern.move_to(model);
            pattern
        })
    }

    pub(super) fn model(&self) -> &[u8] {
        &self.model[..self.length]
    }

    pub(super) fn kinds(&self) -> impl ExactSizeIterator<Item = Kind> {
        self.spans.iter().map(|span| span.kind)
    }

    /// The values of the model, quotes included.
    pub(super) fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.spans
            .iter()
            .map(|span| &self.model[span.start - span.kind.quotes()..span.end + span.kind.quotes()])
    }

    /// Bytes of each value of the model, quotes included.
    pub(super) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.spans.iter().map(|span| span.end - span.start + 2 * span.kind.quotes())
    }

    /// The same, and the model from there on, at least [`AHEAD`] bytes.
    pub(super) fn values_ahead(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let ahead = |span: &Span| &self.model[span.start - span.kind.quotes()..];
        self.lengths().zip(self.spans.iter().map(ahead))
    }

    /// The number of a value of the model.
    pub(super) fn position(&self, span: Span) -> Option<usize> {
        self.spans.iter().position(|known| known.start == span.start)
    }

    /// Finds the values of `text`; `None` for a text of another shape. Where it is as the model nothing is looked at twice.
    pub(super) fn find(&mut self, text: &[u8]) -> Option<()> {
        let model = &self.model[..self.length];
        let mut spans = self.spans.as_slice();
        let mut places = self.places.iter_mut();
        let (mut of_model, mut of_text) = (0_usize, 0_usize);
        loop {
            let moved = of_text.wrapping_sub(of_model);
            let same = same_start(model.get(of_model..)?, text.get(of_text..)?);
            (of_model, of_text) = (of_model + same, of_text + same);
            while let [span, rest @ ..] = spans
                && span.end < of_model
            {
                *places.next()? = (span.start.wrapping_add(moved), span.end.wrapping_add(moved));
                spans = rest;
            }
            let [span, rest @ ..] = spans else {
                return (of_model == model.len() && of_text == text.len()).then_some(());
            };
            if of_model < span.start {
                return None;
            }
            let start = span.start.wrapping_add(moved);
            let guess = span.end.wrapping_add(of_text.wrapping_sub(of_model));
            let end = span.kind.end(text, start, of_text, guess)?;
            *places.next()? = (start, end);
            (of_model, of_text, spans) = (span.end, end, rest);
        }
    }

    /// Makes a text, whose values [`Self::find`] has found, the model.
    #[inline(always)]
    pub(super) fn move_to(&mut self, text: &[u8]) {
        self.model.clear();
        self.model.extend_from_slice(text);
        self.model.extend_from_slice(&[0; AHEAD]);
        self.length = text.len();
        for (span, (start, end)) in self.spans.iter_mut().zip(&self.places) {
            (span.start, span.end) = (*start, *end);
        }
    }

    /// Writes a text of this shape with `value(i)` in the place of value `i`, quotes included.
    pub(super) fn write<'v>(
        &self,
        out: &mut Vec<u8>,
        value: impl Fn(usize) -> Option<&'v [u8]>,
    ) -> Option<()> {
        let (model, mut done) = (self.model(), 0);
        for (i, Span { start, end, kind }) in self.spans.iter().enumerate() {
            let value = value(i).filter(|value| kind.fits(value))?;
            out.extend_from_slice(&model[done..start - kind.quotes()]);
            out.extend_from_slice(value);
            done = end + kind.quotes();
        }
        out.extend_from_slice(&model[done..]);
        Some(())
    }
}

impl Span {
    /// Whether the value begins and ends where its kind of bytes does.
    pub(super) fn is_clear(&self, model: &[u8]) -> bool {
        let Self { start, end, .. } = *self;
        let begins =
            start.checked_sub(1).and_then(|at| model.get(at)).is_some_and(|before| match self.kind {
                Kind::Bare => !Kind::Bare.has(*before),
                Kind::Quoted => *before == b'"',
                Kind::Line => matches!(before, b' ' | b':'),
            });
        let ends = match self.kind {
            Kind::Quoted => model.get(end) == Some(&b'"'),
            _ => end < model.len(),
        };
        begins && ends && self.kind.end(model, start, start, start) == Some(end)
    }
}

/// How many bytes at the start are the same: eight at a time.
pub fn same_start(a: &[u8], b: &[u8]) -> usize {
    let mut same = 0;
    for (a, b) in a.as_chunks().0.iter().zip(b.as_chunks().0) {
        let differing = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differing != 0 {
            return same + differing.trailing_zeros() as usize / 8;
        }
        same += 8;
    }
    same + a[same..].iter().zip(&b[same..]).take_while(|(a, b)| a == b).count()
}
