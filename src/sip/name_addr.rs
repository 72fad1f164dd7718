//! `"Display" <uri>;params`, in From, To, Contact, Route (RFC 3261 section 20.10).

use super::params::{cut, find, quote, quoted_end, trim};
use super::search;
use super::{Params, SyntaxError};

/// A name-addr or addr-spec with its header parameters.
#[derive(Debug, Clone, Copy)]
pub struct NameAddr<'a> {
    /// The display name as written (quotes kept), if any.
    pub display: Option<&'a str>,
    /// The URI text inside the brackets, or the bare URI up to its first `;` or `?`… as RFC 3261
    /// section 20.10 reads it.
    pub uri: &'a str,
    /// Header parameters.
    pub params: Params<'a>,
}

impl<'a> NameAddr<'a> {
    /// Parses one element (no comma list). The URI itself is not parsed here.
    pub fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        let text = trim(text);
        let (display, uri, params) = match opening_bracket(text) {
            Some(at) => {
                let (uri, params) = cut(&text[at + 1..], b'>')
                    .ok_or(SyntaxError { what: "address: no > behind <" })?;
                (Some(trim(&text[..at])).filter(|d| !d.is_empty()), uri, trim(params))
            }
            None if search::find(text.as_bytes(), b'"').is_some() => {
                return Err(SyntaxError { what: "address: display name without <" });
            }
            None => {
                // Without brackets a `;` ends the URI: the parameters are the header's (section
                // 20.10).
                let end = search::find2(text.as_bytes(), [b';', b'?']).unwrap_or(text.len());
                let params = search::find(&text.as_bytes()[end..], b';');
                (None, &text[..end], params.map_or("", |n| &text[end + n..]))
            }
        };
        let uri = trim(uri);
        if uri.is_empty() {
            return Err(SyntaxError { what: "address: no URI" });
        }
        if !params.is_empty() && !params.starts_with(';') {
            return Err(SyntaxError { what: "address: text behind >" });
        }
        Ok(NameAddr { display, uri, params: Params::new(params) })
    }

    /// Whether the display name is tokens or one quoted string, as it must be on the wire (RFC 3261
    /// section 25.1).
    pub fn has_valid_display(&self) -> bool {
        let Some(display) = self.display else { return true };
        let is_token = |b: u8| b.is_ascii_alphanumeric() || b" -.!%*_+`'~".contains(&b);
        match display.starts_with('"') {
            true => {
                display.len() > 1
                    && display.ends_with('"')
                    && quoted_end(display.as_bytes(), 0) == display.len()
            }
            false => display.bytes().all(is_token),
        }
    }
}

/// A URI or name-addr that a person has written, as a header field holds it: with a display name
/// that needs it in quotes, and in brackets where a `;` before its `@` belongs to the user part
/// (RFC 3261 section 19.1.1). `is_uri`: a text without brackets is a URI with all that it says.
pub fn well_formed(text: &str, is_uri: bool) -> String {
    let text = trim(text);
    let at = find(text, b'@').unwrap_or(0);
    let in_user_part = || find(text, b';').is_some_and(|semicolon| semicolon < at);
    if !text.contains(['<', '"']) && (is_uri || in_user_part()) {
        return format!("<{text}>");
    }
    match NameAddr::parse(text) {
        Ok(addr) if !addr.has_valid_display() => {
            let display = quote(addr.display.unwrap_or(""));
            format!("{display} <{}>{}", addr.uri, addr.params.as_str())
        }
        _ => text.to_owned(),
    }
}

/// The `<` that opens the URI: the first outside quoted strings.
fn opening_bracket(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        i += search::find3(&bytes[i..], [b'"', b'<', b';'])?;
        match bytes[i] {
            b'"' => i = quoted_end(bytes, i),
            b'<' => return Some(i),
            // Behind a bare URI; what follows are parameters, whose texts may hold brackets.
            _ => return None,
        }
    }
    None
}

/// One element of a Contact header field.
#[derive(Debug, Clone, Copy)]
pub enum Contact<'a> {
    /// `*`
    Star,
    /// An address.
    Addr(NameAddr<'a>),
}

impl<'a> Contact<'a> {
    /// Parses one element.
    pub fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        if trim(text) == "*" { Ok(Contact::Star) } else { NameAddr::parse(text).map(Contact::Addr) }
    }
}
