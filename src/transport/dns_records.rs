//! Questions to the DNS, their answers and why there is none.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// What is asked for at a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKind {
    /// The transports of a domain (RFC 3403, RFC 3263 section 4.1).
    Naptr,
    /// The servers of a domain for one transport (RFC 2782, RFC 3263 section 4.2).
    Srv,
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
}

/// A NAPTR record (RFC 3403 section 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NaptrRecord {
    /// Records of a lower order come first.
    pub order: u16,
    /// Among those of one order, records of a lower preference come first.
    pub preference: u16,
    /// How to go on; `s` says that `replacement` is asked for SRV records.
    pub flags: String,
    /// The service and transport, as `SIP+D2U` for SIP over UDP.
    pub services: String,
    /// A substitution, which SIP does not use (RFC 3263 section 4.1).
    pub regexp: String,
    /// The next name to ask for; empty for the root.
    pub replacement: String,
}

/// An SRV record (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SrvRecord {
    /// Servers of a lower priority come first.
    pub priority: u16,
    /// The share of requests among servers of one priority.
    pub weight: u16,
    /// The port of the server.
    pub port: u16,
    /// The name of the server.
    pub target: String,
}

/// The records at a name, of which there is at least one, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    /// Answers [`RecordKind::Naptr`].
    Naptr {
        /// How long they hold.
        ttl: Duration,
        /// The records.
        records: Vec<NaptrRecord>,
    },
    /// Answers [`RecordKind::Srv`].
    Srv {
        /// How long they hold.
        ttl: Duration,
        /// The records.
        records: Vec<SrvRecord>,
    },
    /// Answers [`RecordKind::A`] and [`RecordKind::Aaaa`].
    Addresses {
        /// How long they hold.
        ttl: Duration,
        /// The addresses, best first (RFC 6724).
        addresses: Vec<IpAddr>,
        /// The number of the interface that those of IPv6 links among them are reached by (RFC
        /// 4007); 0: none is named.
        zone: u32,
    },
}

impl Records {
    /// How long they hold.
    pub fn ttl(&self) -> Duration {
        match self {
            Records::Naptr { ttl, .. }
            | Records::Srv { ttl, .. }
            | Records::Addresses { ttl, .. } => *ttl,
        }
    }
}

/// Why there are no records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsError {
    /// The text cannot be a name of the DNS.
    InvalidName,
    /// The name does not exist (RFC 1035 section 4.1.1, code 3).
    NotFound,
    /// The name exists, without records of this kind.
    NoData,
    /// The domain says that it does not offer the service (RFC 2782, a target of ".").
    NotOffered,
    /// A name server failed (code 2).
    ServerFailure,
    /// A name server refused the question, by this code.
    Refused(u8),
    /// No name server answered in time.
    Timeout,
    /// No name server can be reached.
    Unreachable,
    /// The answer breaks the rules of RFC 1035: which.
    Malformed(&'static str),
    /// Too many names are being looked up.
    Busy,
    /// The system failed otherwise, in its words.
    System(String),
}

impl fmt::Display for DnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Where getaddrinfo(3) has words for it, they are glibc's, which administrators know.
        match self {
            DnsError::InvalidName => f.write_str("this is no host name"),
            DnsError::NotFound => f.write_str("Name or service not known"),
            DnsError::NoData => f.write_str("No address associated with hostname"),
            DnsError::NotOffered => f.write_str("the domain does not offer this service"),
            DnsError::ServerFailure => f.write_str("Non-recoverable failure in name resolution"),
            DnsError::Refused(code) => {
                write!(f, "the name server refused the question (code {code})")
            }
            DnsError::Timeout => f.write_str("Temporary failure in name resolution"),
            DnsError::Unreachable => f.write_str("no name server can be reached"),
            DnsError::Malformed(what) => write!(f, "malformed DNS answer: {what}"),
            DnsError::Busy => f.write_str("too many names are being looked up"),
            DnsError::System(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for DnsError {}
