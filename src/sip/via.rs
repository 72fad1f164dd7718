//! Via (RFC 3261 section 20.42, RFC 3581).

use super::params::{cut, find, same_word, trim};
use super::uri::{host_port, port_number};
use super::{Params, SyntaxError};

/// One Via element.
#[derive(Debug, Clone, Copy)]
pub struct Via<'a> {
    /// `UDP`, `TCP`, `TLS` …
    pub transport: &'a str,
    /// sent-by host, an IPv6 address without its brackets; empty where only a port is written.
    pub host: &'a str,
    /// sent-by port.
    pub port: Option<u16>,
    /// All parameters.
    pub params: Params<'a>,
    branch: Option<&'a str>,
    /// Where the server saw the request come from (RFC 3261 section 18.2.1).
    pub received: Option<&'a str>,
    /// The port it came from (RFC 3581); empty where a request asks for it.
    pub rport: Option<&'a str>,
}

impl<'a> Via<'a> {
    /// Parses one element. Blanks are allowed around every separator.
    pub fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        let rest = match text.strip_prefix("SIP/2.0/") {
            Some(rest) => rest,
            None => behind_protocol(text).ok_or(SyntaxError { what: "Via: protocol is not SIP/2.0" })?,
        };
        let rest = trim(rest);
        let blank = rest.bytes().position(|b| matches!(b, b' ' | b'\t')).filter(|at| *at > 0);
        let (transport, rest) =
            rest.split_at(blank.ok_or(SyntaxError { what: "Via: no transport or no host" })?);
        let (sent_by, params) = rest.split_at(find(rest, b';').unwrap_or(rest.len()));
        let (host, port) = match trim(sent_by).strip_prefix(':') {
            // Some servers lose the host of our Via on the way back; the branch is what an answer is known by.
            Some(port) => ("", port_number(port).ok()),
            None => host_port(sent_by)?,
        };
        let (mut branch, mut received, mut rport) = (None, None, None);
        let params = Params::new(params);
        for (name, value) in params.iter() {
            let found = match name {
                _ if same_word(name, "rport") => &mut rport,
                _ if same_word(name, "branch") => &mut branch,
                _ if same_word(name, "received") => &mut received,
                _ => continue,
            };
            found.get_or_insert(value.unwrap_or(""));
        }
        Ok(Via { transport, host, port, params, branch, received, rport })
    }
    /// The `branch` parameter.
    pub fn branch(&self) -> Option<&'a str> {
        self.branch
    }
}

/// What stands behind `SIP/2.0/`, with blanks around its parts or in small letters.
fn behind_protocol(text: &str) -> Option<&str> {
    let (name, rest) = cut(text, b'/')?;
    let (version, rest) = cut(rest, b'/').unwrap_or((rest, ""));
    (trim(name).eq_ignore_ascii_case("SIP") && trim(version) == "2.0").then_some(rest)
}
