//! A certificate of ours and its private key, from files.

use super::certificate::Certificate;
use super::der::{self, DerReader};
use super::files::FilesRead;
use crate::transport::{CertificateFiles, TlsError};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::path::Path;
use zeroize::Zeroize;

/// Reads both files. Errors say which of them is wrong, and in what way.
pub(super) fn load(
    from: &CertificateFiles,
    files: &mut FilesRead,
) -> Result<CertifiedKey, TlsError> {
    let chain = certificates(&from.certificate, files)?;
    let wrong = |path: &Path, reason: &str| {
        Err(TlsError::File { path: path.to_owned(), reason: reason.to_owned() })
    };
    let Some(leaf) = chain.first().and_then(|leaf| Certificate::parse(leaf)) else {
        return wrong(&from.certificate, "there is no certificate in it");
    };
    let bytes = files.read(&from.key)?;
    if is_encrypted(&bytes) {
        return wrong(&from.key, "the private key is encrypted; only one that is not can be used");
    }
    let Some(mut key) = private_key(&bytes) else {
        return wrong(&from.key, "there is no private key in it");
    };
    let signing = any_supported_type(&key);
    key.zeroize();
    let Ok(signing) = signing else {
        return wrong(&from.key, "the private key is of a kind that cannot be used");
    };
    let public_key = signing.public_key();
    if public_key.is_some_and(|key| key.as_ref() != leaf.public_key) {
        let certificate = from.certificate.display();
        return wrong(&from.key, &format!("the private key is not that of {certificate}"));
    }
    Ok(CertifiedKey::new(chain, signing))
}

/// The certificate and its issuers; or one in DER.
fn certificates(
    path: &Path,
    files: &mut FilesRead,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bytes = files.read(path)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
    if !chain.is_empty() {
        return Ok(chain);
    }
    Ok(vec![CertificateDer::from(bytes.to_vec())])
}

/// PEM of RFC 7468 or of RFC 1421; or EncryptedPrivateKeyInfo (RFC 5958), which begins with a
/// SEQUENCE where any other key has its version.
fn is_encrypted(bytes: &[u8]) -> bool {
    let has = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
    let in_pem = has(b"BEGIN ENCRYPTED PRIVATE KEY") || has(b"Proc-Type: 4,ENCRYPTED");
    let inside = DerReader::new(bytes).inside(der::SEQUENCE);
    let first = inside.and_then(|mut inside| inside.value());
    in_pem || first.is_some_and(|first| first.tag == der::SEQUENCE)
}

fn private_key(bytes: &[u8]) -> Option<PrivateKeyDer<'static>> {
    if let Ok(key) = PrivateKeyDer::from_pem_slice(bytes) {
        return Some(key);
    }
    PrivateKeyDer::try_from(bytes).ok().map(|key| key.clone_key())
}
