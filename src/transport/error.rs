//! Why something could not be sent, or a flow is gone.

use super::tls::TlsFailure;
use crate::sip::FramingError;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

/// Why a flow cannot be used, or why what was sent over it did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransportError {
    /// No transport is open.
    NotOpen,
    /// The socket is for the other address family.
    WrongFamily(IpAddr),
    /// No address of ours leads there, by this error of the system.
    NoRoute {
        /// Where to.
        to: IpAddr,
        /// The number of the error.
        errno: i32,
    },
    /// Nobody listens at the address.
    Refused,
    /// The network or the host cannot be reached.
    Unreachable,
    /// The peer ended the connection without notice.
    Reset,
    /// The peer closed the connection.
    Closed,
    /// The connection was not made in time, or the peer acknowledges nothing any more.
    TimedOut,
    /// The message is larger than the transport carries.
    TooLong,
    /// The peer does not read, and more waits for it than may.
    QueueFull,
    /// The peer sent what leaves open where its next message begins.
    Framing(FramingError),
    /// A router or the destination itself sent an ICMP error.
    Icmp(IcmpError),
    /// The system has no memory for it, or a local filter forbids it: the next try may succeed.
    Temporary {
        /// The number of the error.
        errno: i32,
    },
    /// The peer answered keep-alives and does so no more.
    KeepAlivesUnanswered,
    /// We ended the connection, because the network is another one.
    NetworkChanged,
    /// TLS could not be established, or broke.
    Tls(Arc<TlsFailure>),
    /// Another error of the system.
    Other {
        /// The number of the error.
        errno: i32,
    },
}

impl TransportError {
    /// Whether the same would fail again, so that there is no use in waiting for an answer.
    ///
    /// Anybody can send an ICMP error, and what it says may pass: that one is never permanent.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, TransportError::Icmp(_) | TransportError::Temporary { .. })
    }

    /// Whether TLS with the peer fails until a person changes a certificate or a setting.
    pub fn is_tls_refused(&self) -> bool {
        matches!(self, TransportError::Tls(failure) if failure.error.is_permanent())
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransportError::NotOpen => f.write_str("no transport is open"),
            TransportError::WrongFamily(ip) if ip.is_ipv4() => {
                write!(f, "{ip} is an IPv4 address and the socket is for IPv6 only")
            }
            TransportError::WrongFamily(ip) => {
                write!(f, "{ip} is an IPv6 address and the socket is for IPv4 only")
            }
            TransportError::NoRoute { to, errno } => {
                write!(f, "{} towards {to}", SystemText(*errno))
            }
            TransportError::Refused => f.write_str("Connection refused"),
            TransportError::Unreachable => f.write_str("Network is unreachable"),
            TransportError::Reset => f.write_str("Connection reset by peer"),
            TransportError::Closed => f.write_str("Connection closed by peer"),
            TransportError::TimedOut => f.write_str("Connection timed out"),
            TransportError::TooLong => f.write_str("Message too long"),
            TransportError::QueueFull => f.write_str("the peer does not read what it is sent"),
            TransportError::Framing(error) => error.fmt(f),
            TransportError::Icmp(error) => error.fmt(f),
            TransportError::KeepAlivesUnanswered => f.write_str("the keep-alives get no answer"),
            TransportError::NetworkChanged => f.write_str("the network has changed"),
            TransportError::Tls(failure) => failure.fmt(f),
            TransportError::Temporary { errno } | TransportError::Other { errno } => {
                SystemText(*errno).fmt(f)
            }
        }
    }
}

impl std::error::Error for TransportError {}

/// The system's text for an error number, without Rust's "(os error 111)".
struct SystemText(i32);

impl fmt::Display for SystemText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = io::Error::from_raw_os_error(self.0).to_string();
        f.write_str(text.split(" (os error").next().unwrap_or_default())
    }
}

/// An ICMP error (RFC 792, RFC 4443) about a datagram of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IcmpError {
    /// The error number that the system makes of it.
    pub errno: i32,
    /// It is one of ICMPv6.
    pub is_v6: bool,
    /// Its type.
    pub kind: u8,
    /// Its code.
    pub code: u8,
    /// The MTU of the path, where the datagram was larger.
    pub path_mtu: Option<u32>,
    /// Who sent it.
    pub from: Option<IpAddr>,
}

impl IcmpError {
    fn meaning(&self) -> Option<&'static str> {
        Some(match (self.is_v6, self.kind, self.code) {
            (false, 3, 0) => "network unreachable",
            (false, 3, 1) | (true, 1, 3) => "host unreachable",
            (false, 3, 2) => "protocol unreachable",
            (false, 3, 3) | (true, 1, 4) => "port unreachable",
            (false, 3, 4) => "fragmentation needed",
            (false, 3, 9 | 10 | 13) | (true, 1, 1) => "administratively prohibited",
            (false, 3, _) | (true, 1, 2 | 5 | 6) => "destination unreachable",
            (true, 1, 0) => "no route to destination",
            (true, 2, _) => "packet too big",
            (false, 11, _) | (true, 3, _) => "time exceeded",
            (false, 12, _) | (true, 4, _) => "parameter problem",
            _ => return None,
        })
    }
}

impl fmt::Display for IcmpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = if self.is_v6 { "ICMPv6" } else { "ICMP" };
        write!(f, "{} ({protocol} ", SystemText(self.errno))?;
        match self.meaning() {
            Some(meaning) => f.write_str(meaning)?,
            None => write!(f, "type {} code {}", self.kind, self.code)?,
        }
        if let Some(mtu) = self.path_mtu {
            write!(f, ", path MTU {mtu}")?;
        }
        if let Some(from) = self.from {
            write!(f, " from {from}")?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: i32 = 111;

    fn icmp(is_v6: bool, kind: u8, code: u8) -> IcmpError {
        IcmpError { errno: REFUSED, is_v6, kind, code, path_mtu: None, from: None }
    }

    #[test]
    fn an_icmp_error_is_shown_with_its_meaning_and_its_sender() {
        let from = Some([192, 0, 2, 1].into());
        let error = TransportError::Icmp(IcmpError { from, ..icmp(false, 3, 3) });
        let text = "Connection refused (ICMP port unreachable from 192.0.2.1)";
        assert_eq!(error.to_string(), text);
        let large = IcmpError { errno: 90, path_mtu: Some(1280), ..icmp(true, 2, 0) };
        let text = "Message too long (ICMPv6 packet too big, path MTU 1280)";
        assert_eq!(large.to_string(), text);
        assert_eq!(icmp(false, 40, 2).to_string(), "Connection refused (ICMP type 40 code 2)");
    }

    #[test]
    fn what_anybody_can_send_or_may_pass_is_not_permanent() {
        assert!(!TransportError::Icmp(icmp(false, 3, 3)).is_permanent());
        assert!(!TransportError::Temporary { errno: 105 }.is_permanent());
        let route = TransportError::NoRoute { to: [192, 0, 2, 1].into(), errno: 101 };
        for error in [TransportError::Refused, TransportError::TooLong, route.clone()] {
            assert!(error.is_permanent());
        }
        assert_eq!(route.to_string(), "Network is unreachable towards 192.0.2.1");
    }
}
