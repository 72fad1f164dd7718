//! The text of URIs (RFC 3261 section 19.1).

use super::list::{self, Tail};
use super::osip_uri::{osip_uri, osip_uri_header_t, osip_uri_param};
use super::part::Grammar;
use super::text::{self, Plain, find, split, trim};
use crate::abi::door::{Caller, Failure};
use crate::cmem::Kind;

impl Grammar for osip_uri {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let (scheme, rest) = split(text, b':').ok_or(Failure::Syntax)?;
        let letters = |b: &u8| b.is_ascii_alphanumeric() || b"+-.".contains(b);
        if !scheme.first().is_some_and(u8::is_ascii_alphabetic)
            || !scheme.iter().all(letters)
            || rest.is_empty()
        {
            return Err(Failure::Syntax);
        }
        c.store(&mut self.scheme, scheme)?;
        if !scheme.eq_ignore_ascii_case(b"sip") && !scheme.eq_ignore_ascii_case(b"sips") {
            return c.store(&mut self.string, rest);
        }
        let host = match split(rest, b'@') {
            Some((user, host)) => {
                self.read_user(user, c)?;
                host
            }
            None => rest,
        };
        let end = find(host, b';').unwrap_or(host.len());
        let end = find(&host[..end], b'?').unwrap_or(end);
        let (host, tail) = host.split_at(end);
        self.read_host(trim(host), c)?;
        let end = find(tail, b'?').unwrap_or(tail.len());
        // What is broken behind the host is left out, as a proxy would.
        self.read_params(&tail[..end], c).or_else(only_syntax)?;
        self.read_headers(&tail[end..], c).or_else(only_syntax)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        self.print(out, c, text::escape)
    }
}

/// Lets a syntax error pass.
fn only_syntax(failure: Failure) -> Result<(), Failure> {
    if failure == Failure::Syntax { Ok(()) } else { Err(failure) }
}

impl osip_uri {
    fn read_user(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let (user, password) = split(text, b':').map_or((text, None), |(user, word)| (user, Some(word)));
        if let Some(password) = password {
            if user.is_empty() {
                return Err(Failure::Syntax);
            }
            c.store_value(&mut self.password, &text::unescape(password), Kind::Bare)?;
        }
        if !user.is_empty() {
            c.store_value(&mut self.username, &text::unescape(user), Kind::Bare)?;
        }
        Ok(())
    }

    fn read_host(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let (host, port) = match text.strip_prefix(b"[") {
            Some(rest) => {
                let (address, behind) = split(rest, b']').ok_or(Failure::Syntax)?;
                (address, split(behind, b':').map(|(_, port)| port))
            }
            None => split(text, b':').map_or((text, None), |(host, port)| (host, Some(port))),
        };
        let (host, port) = (trim(host), port.map(trim));
        if host.is_empty() || port.is_some_and(<[u8]>::is_empty) {
            return Err(Failure::Syntax);
        }
        c.store_value(&mut self.host, host, Kind::Bare)?;
        port.map_or(Ok(()), |port| c.store_value(&mut self.port, port, Kind::Bare))
    }

    /// `;name=value;name`
    pub(super) fn read_params(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let mut tail = Tail::unknown();
        let mut rest = split(text, b';').map(|(_, params)| params);
        while let Some(params) = rest {
            let param;
            (param, rest) = split(params, b';').map_or((params, None), |(param, rest)| (param, Some(rest)));
            let (name, value) =
                split(param, b'=').map_or((param, None), |(name, value)| (name, Some(trim(value))));
            let name = trim(name);
            if name.is_empty() || value.is_some_and(<[u8]>::is_empty) {
                return Err(Failure::Syntax);
            }
            let value = value.map(text::unescape);
            text::add_param(&mut self.url_params, &mut tail, &text::unescape(name), value.as_deref(), c)?;
        }
        Ok(())
    }

    /// `?name=value&name=value`
    pub(super) fn read_headers(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let mut tail = Tail::unknown();
        for header in text.get(1..).unwrap_or_default().split(|b| *b == b'&') {
            let (name, value) =
                split(header, b'=').filter(|(name, _)| !name.is_empty()).ok_or(Failure::Syntax)?;
            let (name, value) = (text::unescape(name), text::unescape(value));
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
            out.extend_from_slice(scheme.ok_or(Failure::BadParameter)?);
            out.push(b':');
            out.extend_from_slice(string);
            return Ok(());
        }
        let host = c.need(self.host)?;
        out.extend_from_slice(scheme.unwrap_or(b"sip"));
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

/// Writes `host:port`, with brackets around an IPv6 address.
pub(crate) fn write_host(host: &[u8], port: Option<&[u8]>, out: &mut Vec<u8>) {
    if find(host, b':').is_some() {
        out.push(b'[');
        out.extend_from_slice(host);
        out.push(b']');
    } else {
        out.extend_from_slice(host);
    }
    if let Some(port) = port {
        out.push(b':');
        out.extend_from_slice(port);
    }
}
