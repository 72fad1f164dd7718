//! Why a request got no final response.

use crate::transport::{LocateError, TransportError};
use std::fmt;
use std::net::SocketAddr;

/// Why a request got no final response; `Display` says it for a person, without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoResponse {
    /// Timer F fired.
    Timeout {
        /// Where the request went last.
        remote: SocketAddr,
        /// What the network reported meanwhile.
        error: Option<TransportError>,
    },
    /// The time that the application gives an attempt was over.
    AttemptTimeout {
        /// The seconds that it had.
        seconds: u32,
    },
    /// Timer F fired before the request could be sent.
    ResolutionTimeout,
    /// The next hop was not located (RFC 3263).
    NotLocated(LocateError),
    /// No address is left to send to.
    NoAddress,
    /// It is of a second flow over UDP, and there is no server but the one of the first.
    NoSecondServer,
    /// No flow could be opened to the last target.
    NotOpened(TransportError),
    /// No connection could be made to the last target.
    NotConnected {
        /// Its address.
        remote: SocketAddr,
        /// Why.
        error: TransportError,
    },
    /// The connection that the request went over is gone.
    ConnectionLost {
        /// Where it led.
        remote: SocketAddr,
        /// Why.
        error: TransportError,
    },
    /// The transport could not deliver the request.
    Transport {
        /// Where the request went.
        remote: SocketAddr,
        /// What the network said.
        error: TransportError,
    },
    /// No transport is open.
    NoTransport,
    /// The request could not be made: why.
    NotSent(String),
}

impl NoResponse {
    /// Whether TLS with the server fails until a person changes a certificate or a setting.
    pub fn is_tls_refused(&self) -> bool {
        let (NoResponse::NotConnected { error, .. } | NoResponse::ConnectionLost { error, .. }) =
            self
        else {
            return false;
        };
        error.is_tls_refused()
    }
}

impl fmt::Display for NoResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoResponse::Timeout { remote, error: None } => {
                write!(f, "No answer from {remote} within 32 s")
            }
            NoResponse::Timeout { remote, error: Some(error) } => {
                write!(f, "No answer from {remote} within 32 s ({error})")
            }
            NoResponse::AttemptTimeout { seconds } => {
                write!(f, "No final answer within {seconds} s, which is all that an attempt has")
            }
            NoResponse::ResolutionTimeout => {
                f.write_str("The registrar's name was not resolved within 32 s")
            }
            NoResponse::NotLocated(error) => error.fmt(f),
            NoResponse::NoAddress => f.write_str("There is no address for the registrar"),
            NoResponse::NoSecondServer => {
                f.write_str("There is no other server, and over UDP a second flow needs one")
            }
            NoResponse::NotOpened(error) => error.fmt(f),
            NoResponse::NotConnected { remote, error: TransportError::TimedOut } => {
                write!(f, "no connection to {remote} within 10 s")
            }
            NoResponse::NotConnected { remote, error }
            | NoResponse::ConnectionLost { remote, error } => write_connection(f, remote, error),
            NoResponse::Transport { remote, error } => {
                write!(f, "The request could not be sent to {remote}: {error}")
            }
            NoResponse::NoTransport => f.write_str("no transport is open"),
            NoResponse::NotSent(why) => write!(f, "the REGISTER cannot be sent: {why}"),
        }
    }
}

/// What became of a connection.
fn write_connection(
    f: &mut fmt::Formatter<'_>,
    remote: &SocketAddr,
    error: &TransportError,
) -> fmt::Result {
    match error {
        TransportError::Refused => write!(f, "connection refused by {remote}"),
        TransportError::Closed => write!(f, "connection closed by {remote}"),
        TransportError::Reset => write!(f, "connection reset by {remote}"),
        TransportError::TimedOut => write!(f, "connection to {remote} timed out"),
        TransportError::Unreachable => write!(f, "{remote} cannot be reached"),
        TransportError::KeepAlivesUnanswered => {
            write!(f, "connection to {remote} is dead: the keep-alives get no answer")
        }
        TransportError::Tls(failure) => write!(f, "{failure}"),
        error => write!(f, "connection to {remote}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{TlsError, TlsFailure};

    #[test]
    fn what_became_of_a_connection_is_said_with_its_other_end() {
        let remote: SocketAddr = "192.0.2.1:5061".parse().unwrap();
        let failure =
            TlsFailure { with: "sip.example.test".into(), error: TlsError::Expired(1_609_459_200) };
        let tls = "TLS with sip.example.test: certificate expired on 2021-01-01";
        for (error, words) in [
            (TransportError::Refused, "connection refused by 192.0.2.1:5061"),
            (TransportError::Reset, "connection reset by 192.0.2.1:5061"),
            (TransportError::Closed, "connection closed by 192.0.2.1:5061"),
            (TransportError::Unreachable, "192.0.2.1:5061 cannot be reached"),
            (TransportError::NotOpen, "connection to 192.0.2.1:5061: no transport is open"),
            (TransportError::Tls(failure.into()), tls),
        ] {
            let not_connected = NoResponse::NotConnected { remote, error: error.clone() };
            assert_eq!(not_connected.to_string(), words);
            assert_eq!(NoResponse::ConnectionLost { remote, error }.to_string(), words);
        }
        let error = TransportError::TimedOut;
        let slow = NoResponse::NotConnected { remote, error: error.clone() };
        assert_eq!(slow.to_string(), "no connection to 192.0.2.1:5061 within 10 s");
        let lost = NoResponse::ConnectionLost { remote, error };
        assert_eq!(lost.to_string(), "connection to 192.0.2.1:5061 timed out");
    }
}
