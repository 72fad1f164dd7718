//! Via (RFC 3261 section 20.42, RFC 3581).

use super::params::trim;
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
        let mut parts = text.splitn(3, '/').map(trim);
        let (name, version) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        if !name.eq_ignore_ascii_case("SIP") || version != "2.0" {
            return Err(SyntaxError { what: "Via: protocol is not SIP/2.0" });
        }
        let (transport, rest) = parts
            .next()
            .and_then(|rest| rest.split_once([' ', '\t']))
            .filter(|(transport, _)| !transport.is_empty())
            .ok_or(SyntaxError { what: "Via: no transport or no host" })?;
        let (sent_by, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
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
