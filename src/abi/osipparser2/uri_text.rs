//! The text of URIs (RFC 3261 section 19.1).

use super::cstruct::HeaderField;
use super::list::{self, Tail};
use super::osip_uri::{osip_uri, osip_uri_header_t, osip_uri_param};
use super::search::{end_at, find, split};
use super::text::{self, Plain, trim, unescaped};
use crate::abi::ffi::{Caller, Failure};
use crate::cmem::append;

impl HeaderField for osip_uri {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let (scheme, rest) = text.split_at(text::span(text, &text::SCHEME));
        let [b':', rest @ ..] = rest else { return Err(Failure::Syntax) };
        if !scheme.first().is_some_and(u8::is_ascii_alphabetic) || rest.is_empty() {
            return Err(Failure::Syntax);
        }
        self.scheme = c.new_text(scheme)?.into_raw();
        if !is_sip(scheme) {
            self.string = c.new_text(rest)?.into_raw();
            return Ok(());
        }
        let mut host = rest;
        // Where nothing of these stands before `@`, there is neither a password nor an escape.
        let stop = end_at(rest, 0, [b'@', b':', b'%']);
        let end = end_at(rest, stop, [b'@']);
        if end < rest.len() {
            let user = &rest[..end];
            if stop < end {
                self.read_user(user, c)?;
            } else if !user.is_empty() {
                self.username = c.new_text(user)?.into_raw();
            }
            host = &rest[end + 1..];
        }
        let SentBy { host, port, rest: tail } = sent_by(host, [b';', b'?'])?;
        self.host = c.new_text(host)?.into_raw();
        if let Some(port) = port {
            self.port = c.new_text(port)?.into_raw();
        }
        if tail.is_empty() {
            return Ok(());
        }
        let end = end_at(tail, 0, [b'?']);
        // What is broken behind the host is left out, as a proxy would.
        self.read_params(&tail[..end], c).or_else(only_syntax)?;
        if end < tail.len() {
            self.read_headers(&tail[end..], c).or_else(only_syntax)?;
        }
        Ok(())
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        self.print(out, c, text::escape)
    }
}

/// Most write it in small letters.
fn is_sip(scheme: &[u8]) -> bool {
    matches!(scheme, b"sip" | b"sips")
        || scheme.eq_ignore_ascii_case(b"sip")
        || scheme.eq_ignore_ascii_case(b"sips")
}

/// Lets a syntax error pass.
fn only_syntax(failure: Failure) -> Result<(), Failure> {
    if failure == Failure::Syntax { Ok(()) } else { Err(failure) }
}

impl osip_uri {
    fn read_user(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let mut user = text;
        if let Some((before, password)) = split(text, b':') {
            if before.is_empty() {
                return Err(Failure::Syntax);
            }
            user = before;
            self.password = c.new_text(&unescaped(password))?.into_raw();
        }
        if !user.is_empty() {
            self.username = c.new_text(&unescaped(user))?.into_raw();
        }
        Ok(())
    }

    /// `;name=value;name`
    pub(super) fn read_params(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let mut tail = Tail::unknown();
        let mut rest = split(text, b';').map(|(_, params)| params);
        while let Some(params) = rest {
            let stop = end_at(params, 0, [b'=', b';']);
            let end = end_at(params, stop, [b';']);
            rest = params.get(end + 1..);
            let (name, value) =
                (trim(&params[..stop]), (end > stop).then(|| trim(&params[stop + 1..end])));
            if name.is_empty() || value.is_some_and(<[u8]>::is_empty) {
                return Err(Failure::Syntax);
            }
            let (name, value) = (unescaped(name), value.map(unescaped));
            text::add_param(&mut self.url_params, &mut tail, &name, value.as_deref(), c)?;
        }
        Ok(())
    }

    /// `?name=value&name=value`
    pub(super) fn read_headers(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let mut tail = Tail::unknown();
        for header in text.get(1..).unwrap_or_default().split(|b| *b == b'&') {
            let (name, value) =
                split(header, b'=').filter(|(name, _)| !name.is_empty()).ok_or(Failure::Syntax)?;
            let (name, value) = (unescaped(name), unescaped(value));
            text::add_param(&mut self.url_headers, &mut tail, &name, Some(&value), c)?;
        }
        Ok(())
    }

    /// Prints the URI with `escape` for what may need it.
    pub(crate) fn print(
        &self,
        out: &mut Vec<u8>,
        c: Caller<'_>,
        escape: impl Fn(&[u8], &Plain, &mut Vec<u8>),
    ) -> Result<(), Failure> {
        let scheme = c.text(self.scheme);
        if let Some(string) = c.text(self.string) {
            append(out, scheme.ok_or(Failure::BadParameter)?);
            out.push(b':');
            append(out, string);
            return Ok(());
        }
        let host = c.need(self.host)?;
        append(out, scheme.unwrap_or(b"sip"));
        out.push(b':');
        if let Some(user) = c.text(self.username) {
            escape(user, &text::USER, out);
            if let Some(password) = c.text(self.password) {
                out.push(b':');
                escape(password, &text::PASSWORD, out);
            }
            out.push(b'@');
        }
        write_host(host, c.text(self.port), out);
        for param in list::items::<osip_uri_param>(&self.url_params, c) {
            let Some(name) = c.text(param.gname) else { continue };
            out.push(b';');
            escape(name, &text::URI_PARAM, out);
            if let Some(value) = c.text(param.gvalue) {
                out.push(b'=');
                escape(value, &text::URI_PARAM, out);
            }
        }
        let mut mark = b'?';
        for header in list::items::<osip_uri_header_t>(&self.url_headers, c) {
            let Some(name) = c.text(header.gname) else { continue };
            out.push(std::mem::replace(&mut mark, b'&'));
            escape(name, &text::URI_HEADER, out);
            out.push(b'=');
            escape(c.text(header.gvalue).unwrap_or_default(), &text::URI_HEADER, out);
        }
        Ok(())
    }
}

/// `host`, `host:port` or `[host]:port`, and what follows.
pub(crate) struct SentBy<'t> {
    /// Without brackets.
    pub(crate) host: &'t [u8],
    pub(crate) port: Option<&'t [u8]>,
    pub(crate) rest: &'t [u8],
}

/// Reads host and port up to one of `stops`. Error: one of them is empty.
#[inline(always)]
pub(crate) fn sent_by(text: &[u8], stops: [u8; 2]) -> Result<SentBy<'_>, Failure> {
    let colon = end_at(text, 0, [b':', stops[0], stops[1]]);
    let end = end_at(text, colon, stops);
    let (host, port) = match trim(&text[..end]) {
        [b'[', rest @ ..] => {
            let (host, behind) = split(rest, b']').ok_or(Failure::Syntax)?;
            (host, split(behind, b':').map(|(_, port)| port))
        }
        _ => (&text[..colon], text.get(colon + 1..end)),
    };
    let (host, port) = (trim(host), port.map(trim));
    if host.is_empty() || port.is_some_and(<[u8]>::is_empty) {
        Err(Failure::Syntax)
    } else {
        Ok(SentBy { host, port, rest: &text[end..] })
    }
}

/// Writes `host:port`, with brackets around an IPv6 address.
pub(crate) fn write_host(host: &[u8], port: Option<&[u8]>, out: &mut Vec<u8>) {
    if find(host, b':').is_some() {
        out.push(b'[');
        append(out, host);
        out.push(b']');
    } else {
        append(out, host);
    }
    if let Some(port) = port {
        out.push(b':');
        append(out, port);
    }
}
