//! A message being written: one text, ordered, editable.

mod printed;
mod reading;

pub use printed::{Printed, PrintedLine};

use super::field::Wanted;
use super::head::{ReadMessage, read_datagram};
use super::message::{Header, StartLine};
use super::{Field, SyntaxError, search};
use std::borrow::Cow;
use std::ops::Range;

/// An editable message. Header names compare without case, compact forms included; values are
/// single lines.
///
/// It is one text with the places of its lines: reading one, editing a line and printing it cost
/// next to no memory of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The first line and the header lines, each with its CRLF. Content-Length is not among them:
    /// [`Draft::to_bytes`] writes it last.
    head: String,
    /// The header lines in `head`, in order.
    lines: Vec<Line>,
    /// The body.
    pub body: Vec<u8>,
}

/// A header line: its place in the head of its draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    field: Field,
    start: usize,
    name_end: usize,
    /// Behind the value, before the CRLF.
    end: usize,
}

impl Line {
    /// Which header field it is.
    pub fn field(self) -> Field {
        self.field
    }

    /// The whole line, CRLF included.
    pub fn whole(self) -> Range<usize> {
        self.start..self.end + 2
    }

    /// The name as written, compact or not.
    pub fn name(self) -> Range<usize> {
        self.start..self.name_end
    }

    /// The value stands behind `: `.
    pub fn value(self) -> Range<usize> {
        self.name_end + 2..self.end
    }

    fn moved(&mut self, by: isize) {
        self.start = self.start.wrapping_add_signed(by);
        self.name_end = self.name_end.wrapping_add_signed(by);
        self.end = self.end.wrapping_add_signed(by);
    }
}

const LENGTH: &[u8] = b"Content-Length: ";
/// Room for a REGISTER with an answer to a challenge.
const USUAL_HEAD: usize = 896;
const USUAL_LINES: usize = 14;
/// Room for an answer to a challenge.
const USUAL_INSERT: usize = 384;
/// A longer text is mostly body.
const MAX_HEAD: usize = 4096;

impl Draft {
    /// A message without headers that begins with the line `start`.
    pub fn new(start: &str) -> Self {
        Draft::begun(&[start])
    }

    /// A request without headers: `method uri SIP/2.0`.
    pub fn request(method: &str, uri: &str) -> Self {
        Draft::begun(&[method, " ", uri, " SIP/2.0"])
    }

    /// A message without headers whose first line is made of `parts`.
    fn begun(parts: &[&str]) -> Self {
        let size: usize = parts.iter().map(|part| part.len()).sum();
        let mut head = String::with_capacity(USUAL_HEAD.max(size + 2));
        for part in parts {
            head.push_str(part);
        }
        end_line(&mut head, 0);
        Draft { head, lines: Vec::with_capacity(USUAL_LINES), body: Vec::new() }
    }

    /// Takes a message apart; it need not be normalised. Errors as for [`super::Message::parse`].
    pub fn parse(text: &[u8]) -> Result<Self, SyntaxError> {
        let mut room = Vec::new();
        read_datagram::<DraftReader<'_>>(text, &mut room).map(|reader| reader.draft)
    }

    /// The first line without CRLF.
    pub fn start(&self) -> &str {
        &self.head[..self.start_end()]
    }

    /// Replaces the first line.
    pub fn set_start(&mut self, start: &str) {
        let old = 0..self.start_end();
        self.splice(old, start, 0);
    }

    /// Each header line in order: name and value.
    pub fn headers(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> + ExactSizeIterator {
        self.lines.iter().map(|line| (&self.head[line.name()], &self.head[line.value()]))
    }

    /// The first line and the header lines as they are printed, each with its CRLF; Content-Length
    /// follows.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// The places of the header lines, in order.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The value of one of them.
    pub fn value(&self, line: Line) -> &str {
        &self.head[line.value()]
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.position(name).map(|at| self.value(self.lines[at]))
    }

    /// Where the first value of `name` stands in the head, and so in what is printed.
    pub fn place_of(&self, name: &str) -> Option<Range<usize>> {
        self.position(name).map(|at| self.lines[at].value())
    }

    /// Replaces the first `name` where it stands and drops the others; appends when there is none.
    pub fn set(&mut self, name: &str, value: impl AsRef<str>) {
        let value = value.as_ref();
        let Some(first) = self.position(name) else { return self.push(name, value) };
        self.replace(first, value);
        let wanted = Wanted::new(name);
        for at in (first + 1..self.lines.len()).rev() {
            if self.is(at, wanted) {
                self.drop_line(at);
            }
        }
    }

    /// Appends a line.
    pub fn push(&mut self, name: &str, value: impl AsRef<str>) {
        self.push_with(name, |text| text.push_str(value.as_ref()));
    }

    /// Appends a line whose value `write` appends to the text it is given. A Content-Length is not
    /// taken: it follows from the body.
    #[inline]
    pub fn push_with(&mut self, name: &str, write: impl FnOnce(&mut String)) {
        let field = Field::of(name.as_bytes());
        if field == Field::ContentLength {
            return;
        }
        let start = self.head.len();
        self.head.push_str(name);
        let name_end = self.head.len();
        self.head.push_str(": ");
        write(&mut self.head);
        let end = self.head.len();
        end_line(&mut self.head, start);
        self.lines.push(Line { field, start, name_end, end });
    }

    /// The same for a name and a value that are known to hold no line end, and a name that is not
    /// Content-Length.
    #[inline]
    pub fn push_clean_with(&mut self, name: &str, write: impl FnOnce(&mut String)) {
        let start = self.head.len();
        self.head.push_str(name);
        let name_end = self.head.len();
        self.head.push_str(": ");
        write(&mut self.head);
        let end = self.head.len();
        debug_assert!(!has_line_end(&self.head[start..]));
        self.head.push_str("\r\n");
        self.lines.push(Line { field: Field::of(name.as_bytes()), start, name_end, end });
    }

    /// The same for such a value at hand.
    #[inline]
    pub fn push_clean(&mut self, name: &str, value: &str) {
        self.push_clean_with(name, |text| text.push_str(value));
    }

    /// Inserts a line behind the last `anchor`, or appends when there is none.
    pub fn insert_after(&mut self, anchor: &str, name: &str, value: impl AsRef<str>) {
        let wanted = Wanted::new(anchor);
        let last = (0..self.lines.len()).rfind(|at| self.is(*at, wanted));
        self.insert(last.map_or(self.lines.len(), |last| last + 1), name, value.as_ref());
    }

    /// Inserts a line as number `at` of the header lines; appends where there are fewer.
    pub fn insert(&mut self, at: usize, name: &str, value: &str) {
        self.insert_with(at, name, |_, text| text.push_str(value));
    }

    /// The same for a value that `write`, which is shown the draft, appends to the text it is
    /// given.
    pub fn insert_with(&mut self, at: usize, name: &str, write: impl FnOnce(&Draft, &mut String)) {
        let field = Field::of(name.as_bytes());
        if field == Field::ContentLength {
            return;
        }
        let mut text = String::with_capacity(USUAL_INSERT);
        text.extend([name, ": "]);
        write(self, &mut text);
        end_line(&mut text, 0);
        let at = at.min(self.lines.len());
        let start = self.lines.get(at).map_or(self.head.len(), |next| next.start);
        self.head.insert_str(start, &text);
        for line in &mut self.lines[at..] {
            line.moved(text.len() as isize);
        }
        let (name_end, end) = (start + name.len(), start + text.len() - 2);
        self.lines.insert(at, Line { field, start, name_end, end });
    }

    /// Gives each header line another value where `change` has one, which is shown its name and
    /// value.
    pub fn change(&mut self, mut change: impl FnMut(&str, &str) -> Option<String>) {
        for at in 0..self.lines.len() {
            let line = self.lines[at];
            let changed = change(&self.head[line.name()], &self.head[line.value()]);
            if let Some(value) = changed {
                self.replace(at, &value);
            }
        }
    }

    /// Keeps the header lines that `keep` says, which is shown their names and values.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &str) -> bool) {
        for at in (0..self.lines.len()).rev() {
            let line = self.lines[at];
            if !keep(&self.head[line.name()], &self.head[line.value()]) {
                self.drop_line(at);
            }
        }
    }

    /// Drops every `name`; the number dropped.
    pub fn remove(&mut self, name: &str) -> usize {
        let (before, wanted) = (self.lines.len(), Wanted::new(name));
        for at in (0..before).rev() {
            if self.is(at, wanted) {
                self.drop_line(at);
            }
        }
        before - self.lines.len()
    }

    /// The text on the wire, Content-Length last before the body. A CR or LF inside a line has
    /// become a blank, so that no value can add a header.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.head.len() + self.body.len() + 28);
        text.extend_from_slice(self.head.as_bytes());
        self.push_end(&mut text);
        text
    }

    /// The text on the wire, with the octets of its head that are not UTF-8 (see
    /// [`super::octets`]).
    pub fn into_octets(mut self) -> Vec<u8> {
        let mut text = std::mem::take(&mut self.head).into_bytes();
        self.push_end(&mut text);
        super::octets::encode_message(&text).unwrap_or(text)
    }

    /// The same text without some of its header lines.
    pub fn to_bytes_without(&self, names: &[&str]) -> Vec<u8> {
        let left_out = |at: usize| names.iter().any(|name| self.is(at, Wanted::new(name)));
        // What stands between the lines that are left out.
        let mut pieces = Vec::with_capacity(names.len() + 1);
        let mut from = 0;
        for (_, line) in self.lines.iter().enumerate().filter(|(at, _)| left_out(*at)) {
            pieces.push(&self.head.as_bytes()[from..line.start]);
            from = line.end + 2;
        }
        pieces.push(&self.head.as_bytes()[from..]);
        let size: usize = pieces.iter().map(|piece| piece.len()).sum();
        let mut text = Vec::with_capacity(size + LENGTH.len() + 5 + self.body.len());
        for piece in pieces {
            text.extend_from_slice(piece);
        }
        self.push_end(&mut text);
        text
    }

    /// Appends what follows the head: Content-Length, the empty line, the body.
    pub fn push_end(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(LENGTH);
        text.extend_from_slice(self.length().as_bytes());
        text.extend_from_slice(b"\r\n\r\n");
        text.extend_from_slice(&self.body);
    }

    /// The value of Content-Length.
    fn length(&self) -> Cow<'static, str> {
        match self.body.len() {
            0 => "0".into(),
            length => length.to_string().into(),
        }
    }

    /// The number of the first line `name`.
    fn position(&self, name: &str) -> Option<usize> {
        let wanted = Wanted::new(name);
        (0..self.lines.len()).find(|at| self.is(*at, wanted))
    }

    /// Whether line number `at` is one of those.
    #[inline]
    fn is(&self, at: usize, wanted: Wanted<'_>) -> bool {
        let line = self.lines[at];
        wanted.is(line.field, &self.head[line.name()])
    }

    fn start_end(&self) -> usize {
        self.lines.first().map_or(self.head.len(), |line| line.start).saturating_sub(2)
    }

    fn replace(&mut self, at: usize, value: &str) {
        let old = self.lines[at].value();
        let by = self.splice(old, value, at + 1);
        self.lines[at].end = self.lines[at].end.wrapping_add_signed(by);
    }

    fn drop_line(&mut self, at: usize) {
        let line = self.lines.remove(at);
        self.splice(line.start..line.end + 2, "", at);
    }

    /// Puts `text` in the place of `old`; the lines from number `behind` on stand behind it. By how
    /// much they moved.
    fn splice(&mut self, old: Range<usize>, text: &str, behind: usize) -> isize {
        let text = one_line(text);
        let by = text.len() as isize - old.len() as isize;
        let start = old.start;
        // Two moves of what stands behind; `replace_range` goes byte by byte.
        self.head.drain(old);
        self.head.insert_str(start, &text);
        if by != 0 {
            for line in &mut self.lines[behind..] {
                line.moved(by);
            }
        }
        by
    }
}

/// A draft that is being read.
struct DraftReader<'a> {
    draft: Draft,
    text: &'a str,
    /// Lines of the text that follow one another as a draft has them, and are not copied yet.
    run: Range<usize>,
}

impl DraftReader<'_> {
    fn copy_run(&mut self) {
        self.draft.head.push_str(&self.text[self.run.clone()]);
        self.run.start = self.run.end;
    }
}

impl<'a> ReadMessage<'a> for DraftReader<'a> {
    fn begin(text: &'a str, start: StartLine<'a>, behind: usize) -> Self {
        let mut head = String::with_capacity(text.len().min(MAX_HEAD) + USUAL_INSERT);
        match start {
            StartLine::Request { method, uri } => head.extend([method, " ", uri, " SIP/2.0\r\n"]),
            StartLine::Status { code, reason } => {
                head.push_str(&format!("SIP/2.0 {code} {reason}\r\n"))
            }
        }
        let draft = Draft { head, lines: Vec::with_capacity(USUAL_LINES), body: Vec::new() };
        DraftReader { draft, text, run: behind..behind }
    }

    #[inline(always)]
    fn push(&mut self, header: Header<'a>, place: Range<usize>) {
        let Header { name, value, field } = header;
        if field == Field::ContentLength {
            return;
        }
        let line = &self.text.as_bytes()[place.clone()];
        let is_as_printed = line.len() == name.len() + value.len() + 4
            && line[name.len()..].starts_with(b": ")
            && line.ends_with(b"\r\n");
        if !is_as_printed || place.start != self.run.end {
            self.copy_run();
            self.run = place.clone();
        }
        let start = self.draft.head.len() + (place.start - self.run.start);
        let name_end = start + name.len();
        self.draft.lines.push(Line { field, start, name_end, end: name_end + 2 + value.len() });
        if is_as_printed {
            self.run.end = place.end;
        } else {
            self.draft.head.extend([name, ": ", value, "\r\n"]);
            self.run.start = place.end;
        }
    }

    fn end(&mut self, body: &'a [u8], _skipped: usize) {
        self.copy_run();
        self.draft.body = body.to_vec();
    }
}

fn has_line_end(text: &str) -> bool {
    search::find2(text.as_bytes(), [b'\r', b'\n']).is_some()
}

/// `text` with each CR or LF as a blank, fit for a header line.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if has_line_end(text) { text.replace(['\r', '\n'], " ").into() } else { text.into() }
}

/// Ends the line that stands in `head` from `start` on, with each CR or LF within as a blank.
fn end_line(head: &mut String, start: usize) {
    if has_line_end(&head[start..]) {
        let line = one_line(&head[start..]).into_owned();
        head.truncate(start);
        head.push_str(&line);
    }
    head.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_content_length_whatever_is_added() {
        let mut draft = Draft::request("REGISTER", "sip:acme.test");
        draft.push("Content-Length", "5");
        draft.set("l", "7");
        assert_eq!(
            draft.to_bytes(),
            b"REGISTER sip:acme.test SIP/2.0\r\nContent-Length: 0\r\n\r\n"
        );
    }
}
