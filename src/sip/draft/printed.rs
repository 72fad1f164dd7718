//! What a draft was printed as, read again: each line is looked at once.

use super::{Draft, Field, LENGTH, Line, USUAL_LINES};
use crate::sip::params::find_colon;
use crate::sip::search;

/// A text that a draft was printed as. It gives its header lines in order; what is behind them is
/// known when they were read.
#[derive(Debug, Clone)]
pub struct Printed<'a> {
    text: &'a [u8],
    /// Its beginning, as far as it is UTF-8: at least all lines.
    head: &'a str,
    start_end: usize,
    /// Where the next line begins.
    at: usize,
}

/// A header line of such a text.
#[derive(Debug, Clone, Copy)]
pub struct PrintedLine<'a> {
    /// Which header field it is.
    pub field: Field,
    /// With its CRLF.
    text: &'a str,
    name_end: usize,
}

impl<'a> Printed<'a> {
    /// Reads the first line. `None` for a text that has none.
    pub fn new(text: &'a [u8]) -> Option<Self> {
        let head = match std::str::from_utf8(text) {
            Ok(head) => head,
            // A body may be anything.
            Err(error) => std::str::from_utf8(&text[..error.valid_up_to()]).ok()?,
        };
        let end = search::find(head.as_bytes(), b'\n')?;
        Some(Printed { text, head, start_end: end.checked_sub(1)?, at: end + 1 })
    }

    /// The first line without CRLF.
    pub fn start(&self) -> &'a str {
        &self.head[..self.start_end]
    }

    /// The body, once all lines were read. `None`: no draft was printed so.
    pub fn body(&self) -> Option<&'a [u8]> {
        let rest = self.text[self.at..].strip_prefix(LENGTH)?;
        let (_, behind) = rest.split_at(search::find(rest, b'\n')? + 1);
        behind.strip_prefix(b"\r\n")
    }
}

impl<'a> Iterator for Printed<'a> {
    type Item = PrintedLine<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<PrintedLine<'a>> {
        let rest = &self.head.as_bytes()[self.at..];
        let end = search::find(rest, b'\n')? + 1;
        let name_end = find_colon(&rest[..end])?;
        // Content-Length is the last line, and not one of ours.
        let [b':', b' ', .., b'\r', b'\n'] = rest[name_end..end] else { return None };
        if name_end == LENGTH.len() - 2 && rest.starts_with(LENGTH) {
            return None;
        }
        let text = self.head.get(self.at..self.at + end)?;
        self.at += end;
        Some(PrintedLine { field: Field::of(&rest[..name_end]), text, name_end })
    }
}

impl<'a> PrintedLine<'a> {
    /// Its name as written.
    pub fn name(self) -> &'a str {
        &self.text[..self.name_end]
    }

    /// Its value.
    pub fn value(self) -> &'a str {
        &self.text[self.name_end + 2..self.text.len() - 2]
    }

    /// As it stands in a head from `start` on.
    fn at(self, start: usize) -> Line {
        let end = start + self.text.len() - 2;
        Line { field: self.field, start, name_end: start + self.name_end, end }
    }
}

impl Draft {
    /// Takes a text apart that a draft was printed as. `None` for any other text.
    pub fn reread(text: &[u8]) -> Option<Self> {
        let mut printed = Printed::new(text)?;
        let mut lines = Vec::with_capacity(USUAL_LINES);
        while let Some(line) = printed.next() {
            lines.push(line.at(printed.at - line.text.len()));
        }
        let body = printed.body()?.to_vec();
        Some(Draft { head: printed.head[..printed.at].to_owned(), lines, body })
    }

    /// Appends a line as it was printed.
    pub fn push_printed(&mut self, line: PrintedLine<'_>) {
        self.lines.push(line.at(self.head.len()));
        self.head.push_str(line.text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_read_again_from_what_it_was_printed_as() {
        let mut draft = Draft::request("REGISTER", "sip:acme.test");
        let same = |draft: &Draft| {
            let text = draft.to_bytes();
            assert_eq!(Draft::reread(&text).as_ref(), Some(draft));
        };
        same(&draft);
        draft.push("Call-ID", "a:b: c");
        draft.push("X-Empty", "");
        draft.push("X", "two\r\nlines");
        same(&draft);
        draft.body = b"Content-Length: 7\r\n\r\nmore".to_vec();
        draft.insert(0, "Via", "SIP/2.0/UDP h");
        same(&draft);
        assert_eq!(Draft::reread(&draft.to_bytes()), Draft::parse(&draft.to_bytes()).ok());
        let text = draft.to_bytes();
        let mut printed = Printed::new(&text).unwrap();
        let mut copy = Draft::new(printed.start());
        printed.by_ref().for_each(|line| copy.push_printed(line));
        copy.body = printed.body().unwrap().to_vec();
        assert_eq!(copy, draft);
        let kept = Draft::reread(&draft.to_bytes_without(&["Via"])).unwrap();
        draft.remove("Via");
        assert_eq!(kept, draft);
    }

    #[test]
    fn what_was_not_printed_by_a_draft_is_not_read_so() {
        for text in [
            "",
            "\r\n\r\n",
            "A\r\n\r\n",
            "A\r\nB\r\nContent-Length: 0\r\n\r\n",
            "A\r\nB:c\r\nContent-Length: 0\r\n\r\n",
        ] {
            assert_eq!(Draft::reread(text.as_bytes()), None, "{text:?}");
        }
    }
}
