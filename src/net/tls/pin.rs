//! Keys of servers that are demanded by their value.

use super::files::FilesRead;
use crate::sip::base64;
use crate::transport::{TlsError, TlsSettings};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use std::path::Path;

/// The keys that are accepted.
#[derive(Debug)]
pub(super) enum Pins {
    /// The base64 of the hashes of SubjectPublicKeyInfos, without padding.
    Hashes(Vec<String>),
    /// A SubjectPublicKeyInfo.
    Key(Vec<u8>),
}

impl Pins {
    /// Reads hashes, or the file that `text` names.
    pub(super) fn load(text: &str, files: &mut FilesRead) -> Result<Pins, TlsError> {
        if let Some(hashes) = TlsSettings::pinned_hashes(text) {
            return Ok(Pins::Hashes(hashes.into_iter().map(str::to_owned).collect()));
        }
        let bytes = files.read(Path::new(text))?;
        let key = SubjectPublicKeyInfoDer::from_pem_slice(&bytes);
        Ok(Pins::Key(key.map_or_else(|_| bytes.to_vec(), |key| key.as_ref().to_vec())))
    }

    /// Whether the key of a certificate is one of them.
    pub(super) fn accept(&self, public_key: &[u8]) -> bool {
        match self {
            Pins::Hashes(hashes) => {
                let hash = base64(&Sha256::digest(public_key));
                hashes.iter().any(|one| one == hash.trim_end_matches('='))
            }
            Pins::Key(key) => key == public_key,
        }
    }
}
