//! Why TLS with a server was not established, or ended.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A failure of TLS and whom it was with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFailure {
    /// The name that the certificate had to be for.
    pub with: Arc<str>,
    /// What happened.
    pub error: TlsError,
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TLS with {}: {}", self.with, self.error)
    }
}

/// What is wrong with a connection over TLS. Its texts have no control characters, though some
/// quote a certificate of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsError {
    /// The certificate is no longer valid. Seconds since 1970.
    Expired(u64),
    /// The certificate is valid only from then on. Seconds since 1970.
    NotYetValid(u64),
    /// None of the roots signed it, and no certificate that was sent with it leads to one. Its
    /// issuer, as the certificate names it.
    UnknownIssuer(String),
    /// It is for other names, which these are.
    NotValidForName(Vec<String>),
    /// It is not for servers.
    WrongUsage,
    /// Its key is not the one that was demanded.
    PinDiffers,
    /// It cannot be used for the reason given.
    BadCertificate(&'static str),
    /// It or the handshake is signed in a way that is not accepted.
    UnsupportedSignature,
    /// A signature is wrong.
    BadSignature,
    /// The server demands a certificate and there is none.
    CertificateRequired,
    /// The server refuses our certificate, by this alert.
    CertificateRefused(&'static str),
    /// The server takes no version of TLS that we have.
    NoCommonVersion,
    /// The server takes no cipher suite that we have.
    NoCommonCipher,
    /// What was received is not TLS.
    NotTls,
    /// The peer closed the connection before the handshake was complete.
    ClosedInHandshake,
    /// The peer did not go on with the handshake.
    SilentInHandshake,
    /// The peer ended it by this alert.
    Alert(&'static str),
    /// The peer broke the rules of TLS.
    Protocol(String),
    /// A file of the settings cannot be used.
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The settings cannot be used.
    Settings(&'static str),
}

impl TlsError {
    /// Whether a person has to change a certificate or a setting before another try succeeds.
    pub fn is_permanent(&self) -> bool {
        !matches!(
            self,
            TlsError::ClosedInHandshake
                | TlsError::SilentInHandshake
                | TlsError::NotTls
                | TlsError::Alert(_)
                | TlsError::Protocol(_)
                | TlsError::File { .. }
        )
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TlsError::Expired(at) => write!(f, "certificate expired on {}", Day(*at)),
            TlsError::NotYetValid(at) => write!(f, "certificate not valid before {}", Day(*at)),
            TlsError::UnknownIssuer(issuer) if issuer.is_empty() => {
                f.write_str("certificate of an unknown issuer")
            }
            TlsError::UnknownIssuer(issuer) => {
                write!(f, "certificate of an unknown issuer, \"{issuer}\"")
            }
            TlsError::NotValidForName(names) if names.is_empty() => {
                f.write_str("certificate not valid for this name, nor for any")
            }
            TlsError::NotValidForName(names) => {
                write!(f, "certificate not valid for this name but for {}", names.join(", "))
            }
            TlsError::WrongUsage => f.write_str("certificate not meant for servers (wrong usage)"),
            TlsError::PinDiffers => f.write_str("the key of the certificate is not the pinned one"),
            TlsError::BadCertificate(what) => write!(f, "certificate refused: {what}"),
            TlsError::UnsupportedSignature => {
                f.write_str("signature or key of a kind that is not accepted")
            }
            TlsError::BadSignature => f.write_str("wrong signature, or by a key that is too short"),
            TlsError::CertificateRequired => {
                f.write_str("the server demands a certificate of ours")
            }
            TlsError::CertificateRefused(alert) => {
                write!(f, "the server refuses our certificate ({alert})")
            }
            TlsError::NoCommonVersion => f.write_str("no version of TLS in common"),
            TlsError::NoCommonCipher => f.write_str("no cipher or version of TLS in common"),
            TlsError::NotTls => f.write_str("the server does not speak TLS"),
            TlsError::ClosedInHandshake => f.write_str("connection closed in the handshake"),
            TlsError::SilentInHandshake => f.write_str("no answer in the handshake"),
            TlsError::Alert(alert) => write!(f, "ended by the server ({alert})"),
            TlsError::Protocol(what) => write!(f, "the server broke the protocol: {what}"),
            TlsError::File { path, reason } => write!(f, "{}: {reason}", path.display()),
            TlsError::Settings(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for TlsError {}

/// The day of a moment, in UTC: `2021-01-01`.
struct Day(u64);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = crate::sip::date::day_of(self.0);
        write!(f, "{year}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_whom_it_was_with_and_why() {
        let said = |error| TlsFailure { with: "sip.example.test".into(), error }.to_string();
        let expired = said(TlsError::Expired(1_609_459_200));
        assert_eq!(expired, "TLS with sip.example.test: certificate expired on 2021-01-01");
        let names = vec!["a.test".to_owned(), "b.test".to_owned()];
        let name = said(TlsError::NotValidForName(names));
        let text = "TLS with sip.example.test: certificate not valid for this name but for \
                    a.test, b.test";
        assert_eq!(name, text);
    }
}
