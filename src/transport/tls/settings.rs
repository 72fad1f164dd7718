//! How the connections of a context or of a registration use TLS.

use super::CipherList;
use std::path::PathBuf;

/// The settings of TLS. Files are read when a connection is made, not before.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TlsSettings {
    /// The server's certificate is checked: its issuer, its dates, its usage and its name.
    pub verify: bool,
    /// `*.example.org` in a certificate is valid for `sip.example.org`, against RFC 5922 section
    /// 7.2.
    pub wildcards: bool,
    /// The roots of the system count where [`TlsSettings::roots`] is not set.
    pub system_roots: bool,
    /// A file of root certificates in PEM, or a folder of such files.
    pub roots: Option<PathBuf>,
    /// What is shown to a server that asks for a certificate.
    pub client: Option<CertificateFiles>,
    /// What is shown to those who connect to us.
    pub server: Option<CertificateFiles>,
    /// The keys of the server that are accepted, or all: `sha256//` and the base64 of the hash of a
    /// SubjectPublicKeyInfo, several separated by `;`, or the name of a file that has the
    /// SubjectPublicKeyInfo in DER or PEM. It counts without `verify` too.
    pub pin: Option<String>,
    /// TLS 1.2 may be used.
    pub tls12: bool,
    /// TLS 1.3 may be used.
    pub tls13: bool,
    /// The cipher suites.
    pub ciphers: CipherList,
    /// `sip/2` is offered as the protocol inside (RFC 7301).
    pub alpn: bool,
}

/// The files of a certificate and of its private key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CertificateFiles {
    /// PEM with the certificate first and its issuers after it, or one certificate in DER.
    pub certificate: PathBuf,
    /// PEM or DER of a private key that is not encrypted.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// Both files, or neither. Errors: one is missing, in words.
    pub fn pair(
        certificate: Option<PathBuf>,
        key: Option<PathBuf>,
    ) -> Result<Option<CertificateFiles>, &'static str> {
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some(CertificateFiles { certificate, key })),
            (None, None) => Ok(None),
            (Some(_), None) => Err("there is a certificate without its private key"),
            (None, Some(_)) => Err("there is a private key without its certificate"),
        }
    }
}

impl TlsSettings {
    /// Everything is checked, by the roots of the system.
    pub fn verified() -> Self {
        TlsSettings {
            verify: true,
            wildcards: false,
            system_roots: true,
            roots: None,
            client: None,
            server: None,
            pin: None,
            tls12: true,
            tls13: true,
            ciphers: CipherList::default(),
            alpn: false,
        }
    }

    /// No certificate is checked.
    pub fn unverified() -> Self {
        TlsSettings { verify: false, ..TlsSettings::verified() }
    }

    /// The hashes of a [`TlsSettings::pin`] in base64, without padding; `None`: it is the name of a
    /// file.
    pub fn pinned_hashes(pin: &str) -> Option<Vec<&str>> {
        const HASH: &str = "sha256//";
        if !pin.starts_with(HASH) {
            return None;
        }
        let digits = pin.split(';').map(|one| one.trim().strip_prefix(HASH).unwrap_or_default());
        Some(digits.map(|digits| digits.trim_end_matches('=')).collect())
    }

    /// Whether each hash of `pin` can be one.
    pub fn is_pin(pin: &str) -> bool {
        let is_digit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
        let is_hash = |digits: &str| digits.len() == 43 && digits.bytes().all(is_digit);
        TlsSettings::pinned_hashes(pin).is_none_or(|hashes| hashes.into_iter().all(is_hash))
    }
}
