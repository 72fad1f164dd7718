//! A message being written: owned, ordered, editable.

use super::message::{Header, StartLine, same_name};
use super::{Message, SyntaxError, normalise};

/// An editable message. Header names compare without case, compact forms included; values are single lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// The first line without CRLF.
    pub start: String,
    /// Name and value in order. Content-Length is not among them: [`Draft::to_bytes`] writes it last.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Draft {
    /// A request without headers: `method uri SIP/2.0`.
    pub fn request(method: &str, uri: &str) -> Self {
        Draft { start: format!("{method} {uri} SIP/2.0"), headers: Vec::new(), body: Vec::new() }
    }
    /// Takes a message apart; it need not be normalised. Errors as for [`Message::parse`].
    pub fn parse(text: &[u8]) -> Result<Self, SyntaxError> {
        let text = normalise(text);
        let message = Message::parse(&text)?;
        let start = match message.start {
            StartLine::Request { method, uri } => format!("{method} {uri} SIP/2.0"),
            StartLine::Status { code, reason } => format!("SIP/2.0 {code} {reason}"),
        };
        let kept = message.headers.iter().filter(|h| !same_name(h.name, "Content-Length"));
        let headers = kept.map(|Header { name, value }| (name.to_string(), value.to_string())).collect();
        Ok(Draft { start, headers, body: message.body.to_vec() })
    }
    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| same_name(n, name)).map(|(_, value)| value.as_str())
    }
    /// Replaces the first `name` where it stands and drops the others; appends when there is none.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let Some(first) = self.headers.iter().position(|(n, _)| same_name(n, name)) else {
            return self.push(name, value);
        };
        self.headers[first].1 = value.into();
        let mut index = 0;
        self.headers.retain(|(n, _)| {
            index += 1;
            index <= first + 1 || !same_name(n, name)
        });
    }
    /// Appends a line.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.to_string(), value.into()));
    }
    /// Inserts a line behind the last `anchor`, or appends when there is none.
    pub fn insert_after(&mut self, anchor: &str, name: &str, value: impl Into<String>) {
        let last = self.headers.iter().rposition(|(n, _)| same_name(n, anchor));
        let at = last.map_or(self.headers.len(), |last| last + 1);
        self.headers.insert(at, (name.to_string(), value.into()));
    }
    /// Drops every `name`; the number dropped.
    pub fn remove(&mut self, name: &str) -> usize {
        let before = self.headers.len();
        self.headers.retain(|(n, _)| !same_name(n, name));
        before - self.headers.len()
    }
    /// The text on the wire, Content-Length last before the body. A CR or LF inside a line becomes a blank, so that no value
    /// can add a header.
    pub fn to_bytes(&self) -> Vec<u8> {
        let size: usize = self.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        let mut text = Vec::with_capacity(self.start.len() + size + self.body.len() + 40);
        put(&mut text, &self.start);
        text.extend_from_slice(b"\r\n");
        for (name, value) in self.headers.iter().filter(|(name, _)| !same_name(name, "Content-Length")) {
            put(&mut text, name);
            text.extend_from_slice(b": ");
            put(&mut text, value);
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(format!("Content-Length: {}\r\n\r\n", self.body.len()).as_bytes());
        text.extend_from_slice(&self.body);
        text
    }
}

fn put(text: &mut Vec<u8>, line: &str) {
    text.extend(line.bytes().map(|b| if matches!(b, b'\r' | b'\n') { b' ' } else { b }));
}
