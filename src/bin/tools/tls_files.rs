//! The files of TLS that options name. The engine reads them when a connection is made; what is
//! wrong with them is said before.

use memchr::memmem::find;
use register::transport::TlsSettings;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use zeroize::Zeroizing;

/// So many bytes are read of a file.
const LONGEST: u64 = 16 << 20;
/// What DER of a certificate or key begins with: the tag of a SEQUENCE.
const SEQUENCE: u8 = 0x30;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsFile {
    /// Root certificates; may be a folder.
    Roots,
    Certificate,
    Key,
    /// The hash of a public key, or a file that has the key.
    Pin,
}

impl TlsFile {
    /// Whether the file, or the hash, can be used. Errors: why not, in words without its name.
    pub(crate) fn check(self, path: &Path) -> Result<(), String> {
        if self == TlsFile::Pin && path.to_str().is_some_and(is_hash) {
            return Ok(());
        }
        let bytes = match self {
            TlsFile::Roots if path.is_dir() => {
                return path.read_dir().map(drop).map_err(|error| error.to_string());
            }
            _ => read(path).map_err(|error| error.to_string())?,
        };
        let (label, what) = match self {
            TlsFile::Roots | TlsFile::Certificate => ("-----BEGIN CERTIFICATE-----", "certificate"),
            TlsFile::Key => ("PRIVATE KEY-----", "private key"),
            TlsFile::Pin => ("-----BEGIN PUBLIC KEY-----", "public key"),
        };
        if self == TlsFile::Key && find(&bytes, b"ENCRYPTED").is_some() {
            return Err("the private key is encrypted; only one that is not can be used".to_owned());
        }
        let has_one = find(&bytes, label.as_bytes()).is_some() || bytes.first() == Some(&SEQUENCE);
        if has_one { Ok(()) } else { Err(format!("there is no {what} in it")) }
    }
}

/// Whether it is a hash; whether that is well-formed is checked with the other options.
pub(crate) fn is_hash(pin: &str) -> bool {
    TlsSettings::pinned_hashes(pin).is_some()
}

fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}
