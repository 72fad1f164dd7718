//! The certificates that are trusted to sign others.

use super::files::FilesRead;
use crate::transport::{TlsError, TlsSettings};
use parking_lot::Mutex;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, TrustAnchor};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the system's roots may be: what is looked at to see whether they have changed.
const SYSTEM_PLACES: [&str; 6] = [
    "/etc/ssl/certs",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
];

/// Trusted certificates.
#[derive(Debug, Default)]
pub(super) struct Roots {
    /// What webpki needs of them.
    pub(super) anchors: Vec<TrustAnchor<'static>>,
    /// Those that the settings name, whole.
    pub(super) configured: Vec<CertificateDer<'static>>,
}

/// The roots of the system, once for all contexts: there are well over a hundred.
static SYSTEM: Mutex<Option<(FilesRead, Arc<Roots>)>> = Mutex::new(None);

impl Roots {
    /// The roots that `settings` ask for; the files that were read are noted in `files`.
    pub(super) fn load(
        settings: &TlsSettings,
        files: &mut FilesRead,
    ) -> Result<Arc<Roots>, TlsError> {
        match &settings.roots {
            _ if !settings.verify => Ok(Arc::default()),
            Some(path) => Roots::configured(path, files).map(Arc::new),
            None if settings.system_roots => Ok(Roots::of_system(files)),
            None => Err(TlsError::Settings("there are no root certificates to verify with")),
        }
    }

    fn configured(path: &Path, files: &mut FilesRead) -> Result<Roots, TlsError> {
        let configured: Vec<CertificateDer<'static>> = if path.is_dir() {
            let list = files.list(path)?;
            list.iter().filter_map(|file| files.read(file).ok()).flat_map(pem).collect()
        } else {
            let bytes = files.read(path)?;
            let certificates = pem(&bytes);
            let is_der =
                certificates.is_empty() && anchor(&CertificateDer::from(&bytes[..])).is_some();
            if is_der { vec![CertificateDer::from(bytes.to_vec())] } else { certificates }
        };
        let roots = Roots::new(configured);
        if roots.anchors.is_empty() {
            let reason = "there is no root certificate in it".to_owned();
            return Err(TlsError::File { path: path.to_owned(), reason });
        }
        Ok(roots)
    }

    /// The roots `configured`, as far as they can be.
    pub(super) fn new(configured: Vec<CertificateDer<'static>>) -> Roots {
        let anchors = configured.iter().filter_map(anchor).collect();
        Roots { anchors, configured }
    }

    fn of_system(files: &mut FilesRead) -> Arc<Roots> {
        let variables = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
        let named = variables.into_iter().filter_map(std::env::var_os).map(PathBuf::from);
        let places = || SYSTEM_PLACES.iter().map(PathBuf::from);
        for place in places().chain(named) {
            files.note(&place);
        }
        let mut system = SYSTEM.lock();
        if let Some((read, roots)) = &*system {
            if read.are_current() {
                return Arc::clone(roots);
            }
        }
        let mut read = FilesRead::default();
        places().for_each(|place| read.note(&place));
        let found = rustls_native_certs::load_native_certs().certs;
        let anchors = found.iter().filter_map(anchor).collect();
        let roots = Arc::new(Roots { anchors, configured: Vec::new() });
        *system = Some((read, Arc::clone(&roots)));
        roots
    }
}

/// All certificates in a text; what is none is passed over.
fn pem(bytes: impl AsRef<[u8]>) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(bytes.as_ref()).filter_map(Result::ok).collect()
}

fn anchor(certificate: &CertificateDer<'_>) -> Option<TrustAnchor<'static>> {
    Some(webpki::anchor_from_trusted_cert(certificate).ok()?.to_owned())
}
