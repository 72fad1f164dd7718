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
    /// The port it came from (RFC 3581); empty where a request asks for it. Some servers append it
    /// to the `rport` that asks: the last that has a value counts.
    pub rport: Option<&'a str>,
}

impl<'a> Via<'a> {
    /// Parses one element. Blanks are allowed around every separator.
    pub fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        let rest = match text.strip_prefix("SIP/2.0/") {
            Some(rest) => rest,
            None => {
                behind_protocol(text).ok_or(SyntaxError { what: "Via: protocol is not SIP/2.0" })?
            }
        };
        let rest = trim(rest);
        let blank = rest.bytes().position(|b| matches!(b, b' ' | b'\t')).filter(|at| *at > 0);
        let (transport, rest) =
            rest.split_at(blank.ok_or(SyntaxError { what: "Via: no transport or no host" })?);
        let (sent_by, params) = rest.split_at(find(rest, b';').unwrap_or(rest.len()));
        let sent_by = trim(sent_by);
        let (host, port) = match sent_by.strip_prefix(':') {
            // Some servers lose the host of our Via on the way back; the branch is what an answer
            // is known by.
            Some(port) => ("", port_number(port).ok()),
            None => host_port(sent_by)?,
        };
        let params = Params::new(params);
        let via = Via { transport, host, port, params, branch: None, received: None, rport: None };
        Ok(if find(params.as_str(), b'"').is_some() { via.with_any() } else { via.with_plain() })
    }

    /// Finds those of its parameters that are asked for, where no quoted string is among them: each
    /// ends with the next `;`.
    fn with_plain(mut self) -> Self {
        let mut rest = self.params.as_str();
        while let Some(text) = rest.strip_prefix(';') {
            let end = find(text, b';').unwrap_or(text.len());
            let (one, behind) = text.split_at(end);
            rest = behind;
            // As most write them.
            if let Some(branch) = one.strip_prefix("branch=") {
                self.branch.get_or_insert(trim(branch));
            } else if let Some(rport) = one.strip_prefix("rport=") {
                self.take_rport(trim(rport));
            } else if let Some(received) = one.strip_prefix("received=") {
                self.received.get_or_insert(trim(received));
            } else {
                self.take(Params::new(one));
            }
        }
        self
    }

    /// The same for any.
    fn with_any(mut self) -> Self {
        self.take(self.params);
        self
    }

    /// Of those that are written twice the first counts, but for `rport`.
    fn take(&mut self, params: Params<'a>) {
        for (name, value) in params.iter() {
            let found = match name {
                _ if same_word(name, "rport") => {
                    self.take_rport(value.unwrap_or(""));
                    continue;
                }
                _ if same_word(name, "branch") => &mut self.branch,
                _ if same_word(name, "received") => &mut self.received,
                _ => continue,
            };
            found.get_or_insert(value.unwrap_or(""));
        }
    }

    fn take_rport(&mut self, value: &'a str) {
        if !value.is_empty() || self.rport.is_none() {
            self.rport = Some(value);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_parameters_are_found_as_any_are() {
        const PIECES: [&str; 14] = [
            ";",
            "branch=",
            "rport=",
            "received=",
            "Branch",
            "RPORT",
            "=",
            " ",
            "z9hG4bK1",
            "5070",
            "a",
            "\t",
            "192.0.2.1",
            "\u{e9}",
        ];
        let found =
            |via: Via<'_>| [via.branch, via.received, via.rport].map(|one| one.map(str::to_owned));
        let mut draw = 1_u64;
        let mut branches = 0;
        for _ in 0..200_000 {
            let mut text = String::from("SIP/2.0/UDP h;");
            draw = draw
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let mut left = draw >> 20;
            for _ in 0..left % 10 {
                left /= 10;
                text.push_str(PIECES[(left % 14) as usize]);
                left /= 14;
            }
            let via = Via::parse(&text).unwrap();
            let none = Via { branch: None, received: None, rport: None, ..via };
            assert_eq!(found(none.with_plain()), found(none.with_any()), "{text:?}");
            branches += usize::from(via.branch().is_some_and(|branch| !branch.is_empty()));
        }
        assert!(branches > 1000);
    }
}
