//! From the errors of rustls to those that an application gets.

use crate::transport::TlsError;
use rustls::{AlertDescription, CertificateError, InvalidMessage, PeerIncompatible};

/// How far a connection had come when something went wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    /// The peer has sent something that was TLS.
    pub(super) has_spoken: bool,
    /// The server asked for a certificate.
    pub(super) was_asked: bool,
    /// There was one to show.
    pub(super) has_certificate: bool,
}

/// What `error` means at that moment.
pub(super) fn tls_error(error: rustls::Error, at: Progress) -> TlsError {
    use rustls::Error;
    match error {
        Error::InvalidCertificate(error) => certificate_error(error),
        Error::AlertReceived(alert) => alert_error(alert, at),
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled,
        ) => TlsError::NoCommonVersion,
        Error::PeerIncompatible(_) => TlsError::NoCommonCipher,
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType
            | InvalidMessage::UnknownProtocolVersion
            | InvalidMessage::MessageTooLarge
            | InvalidMessage::InvalidEmptyPayload,
        ) if !at.has_spoken => TlsError::NotTls,
        Error::PeerMisbehaved(_) | Error::InvalidMessage(_) => {
            TlsError::Protocol(error.to_string())
        }
        Error::NoCertificatesPresented => TlsError::BadCertificate("the server presents none"),
        other => TlsError::Protocol(other.to_string()),
    }
}

fn certificate_error(error: CertificateError) -> TlsError {
    match error {
        CertificateError::ExpiredContext { not_after, .. } => {
            TlsError::Expired(not_after.as_secs())
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            TlsError::NotYetValid(not_before.as_secs())
        }
        CertificateError::BadSignature => TlsError::BadSignature,
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            TlsError::UnsupportedSignature
        }
        CertificateError::Other(other) => match other.0.downcast_ref::<TlsError>() {
            Some(ours) => ours.clone(),
            None => TlsError::BadCertificate("it cannot be used"),
        },
        _ => TlsError::BadCertificate("it cannot be read"),
    }
}

fn alert_error(alert: AlertDescription, at: Progress) -> TlsError {
    use AlertDescription as Alert;
    let is_about_certificate = matches!(
        alert,
        Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
    );
    match alert {
        Alert::CertificateRequired => TlsError::CertificateRequired,
        // TLS 1.2 has no alert of its own for a certificate that is missing.
        Alert::HandshakeFailure if at.was_asked && !at.has_certificate => {
            TlsError::CertificateRequired
        }
        _ if is_about_certificate && at.was_asked && at.has_certificate => {
            TlsError::CertificateRefused(alert_name(alert))
        }
        _ if is_about_certificate && at.was_asked => TlsError::CertificateRequired,
        Alert::ProtocolVersion => TlsError::NoCommonVersion,
        Alert::HandshakeFailure | Alert::InsufficientSecurity if !at.was_asked => {
            TlsError::NoCommonCipher
        }
        _ => TlsError::Alert(alert_name(alert)),
    }
}

/// As RFC 8446 section 6 names it.
fn alert_name(alert: AlertDescription) -> &'static str {
    use AlertDescription as Alert;
    match alert {
        Alert::CloseNotify => "close_notify",
        Alert::UnexpectedMessage => "unexpected_message",
        Alert::BadRecordMac => "bad_record_mac",
        Alert::RecordOverflow => "record_overflow",
        Alert::HandshakeFailure => "handshake_failure",
        Alert::BadCertificate => "bad_certificate",
        Alert::UnsupportedCertificate => "unsupported_certificate",
        Alert::CertificateRevoked => "certificate_revoked",
        Alert::CertificateExpired => "certificate_expired",
        Alert::CertificateUnknown => "certificate_unknown",
        Alert::IllegalParameter => "illegal_parameter",
        Alert::UnknownCA => "unknown_ca",
        Alert::AccessDenied => "access_denied",
        Alert::DecodeError => "decode_error",
        Alert::DecryptError => "decrypt_error",
        Alert::ProtocolVersion => "protocol_version",
        Alert::InsufficientSecurity => "insufficient_security",
        Alert::InternalError => "internal_error",
        Alert::UserCanceled => "user_canceled",
        Alert::MissingExtension => "missing_extension",
        Alert::UnsupportedExtension => "unsupported_extension",
        Alert::UnrecognisedName => "unrecognized_name",
        Alert::CertificateRequired => "certificate_required",
        Alert::NoApplicationProtocol => "no_application_protocol",
        _ => "an alert that is not known",
    }
}
