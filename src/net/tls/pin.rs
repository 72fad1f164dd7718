//! Keys of servers that are demanded by their value.

use super::files::FilesRead;
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
                hashes.contains(&hash)
            }
            Pins::Key(key) => key == public_key,
        }
    }
}

/// The base64 of RFC 4648 section 4, without the padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | usize::from(chunk.get(at).copied().unwrap_or_default())
        });
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[bits >> (18 - 6 * digit) & 63]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (bytes, text) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
