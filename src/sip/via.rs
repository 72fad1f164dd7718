//! Via (RFC 3261 section 20.42, RFC 3581).

use super::params::{cut, find, trim};
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
    /// `branch`, `received`, `rport` …
    pub params: Params<'a>,
}

impl<'a> Via<'a> {
    /// Parses one element. Blanks are allowed around every separator.
    pub fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        let protocol = SyntaxError { what: "Via: protocol is not SIP/2.0" };
        let (name, rest) = cut(text, b'/').unwrap_or((text, ""));
        let (version, rest) = cut(rest, b'/').unwrap_or((rest, ""));
        if !trim(name).eq_ignore_ascii_case("SIP") || trim(version) != "2.0" {
            return Err(protocol);
        }
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
        Ok(Via { transport, host, port, params: Params::new(params) })
    }
    /// The `branch` parameter.
    pub fn branch(&self) -> Option<&'a str> {
        self.params.get("branch")
    }
}
