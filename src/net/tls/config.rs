//! From settings to what rustls needs.

use super::files::FilesRead;
use super::identity;
use super::pin::Pins;
use super::roots::Roots;
use super::verifier::CertificateVerifier;
use crate::transport::{CertificateFiles, CipherSuite, TlsError, TlsSettings};
use rustls::client::ResolvesClientCert;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::ResolvesServerCert;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ServerConfig, SignatureScheme, SupportedProtocolVersion};
use std::cell::Cell;
use std::sync::Arc;

thread_local! {
    /// Whether a server has asked for a certificate since it was last set. rustls tells the
    /// resolver, which all sessions of a configuration share, and no one else; it does so inside
    /// of the call that processes what was received.
    static WAS_ASKED: Cell<bool> = const { Cell::new(false) };
}

/// Calls `process`; with what it returns, whether the server has asked for a certificate.
pub(super) fn noticing_requests<T>(process: impl FnOnce() -> T) -> (T, bool) {
    WAS_ASKED.set(false);
    let result = process();
    (result, WAS_ASKED.get())
}

/// The certificate of a client, if it has one.
#[derive(Debug)]
struct ClientIdentity(Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for ClientIdentity {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        WAS_ASKED.set(true);
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        // Otherwise rustls would not ask.
        true
    }
}

/// What a client does with these settings. The files that were read are noted in `files`.
pub(super) fn client_config(
    settings: &TlsSettings,
    files: &mut FilesRead,
) -> Result<ClientConfig, TlsError> {
    let provider = provider(settings)?;
    let verifier = CertificateVerifier {
        verify: settings.verify,
        wildcards: settings.wildcards,
        roots: Roots::load(settings, files)?,
        pins: settings.pin.as_deref().map(|pin| Pins::load(pin, files)).transpose()?,
        algorithms: provider.signature_verification_algorithms,
    };
    let identity = settings.client.as_ref().map(|of| identity::load(of, files)).transpose()?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(settings)?)
        .map_err(|_| TlsError::Settings("no cipher is left for the versions of TLS"))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(Arc::new(ClientIdentity(identity.map(Arc::new))));
    if settings.alpn {
        config.alpn_protocols = vec![b"sip/2".to_vec()];
    }
    Ok(config)
}

/// What a server does that shows the certificate in `identity`.
pub(super) fn server_config(
    settings: &TlsSettings,
    identity: &CertificateFiles,
    files: &mut FilesRead,
) -> Result<ServerConfig, TlsError> {
    let identity = SingleCertAndKey::from(identity::load(identity, files)?);
    let identity: Arc<dyn ResolvesServerCert> = Arc::new(identity);
    let config = ServerConfig::builder_with_provider(provider(settings)?)
        .with_protocol_versions(&versions(settings)?)
        .map_err(|_| TlsError::Settings("no cipher is left for the versions of TLS"))?
        .with_no_client_auth()
        .with_cert_resolver(identity);
    Ok(config)
}

fn versions(settings: &TlsSettings) -> Result<Vec<&'static SupportedProtocolVersion>, TlsError> {
    let of = |wanted, version| if wanted { vec![version] } else { Vec::new() };
    let versions = [of(settings.tls13, &TLS13), of(settings.tls12, &TLS12)].concat();
    if versions.is_empty() {
        return Err(TlsError::Settings("TLS 1.2 and TLS 1.3 are both forbidden"));
    }
    Ok(versions)
}

fn provider(settings: &TlsSettings) -> Result<Arc<CryptoProvider>, TlsError> {
    let mut provider = ring::default_provider();
    provider
        .cipher_suites
        .retain(|suite| named(suite.suite()).is_some_and(|suite| settings.ciphers.allows(suite)));
    if settings.ciphers.is_empty() || provider.cipher_suites.is_empty() {
        return Err(TlsError::Settings("none of the ciphers in the list of ciphers is supported"));
    }
    Ok(Arc::new(provider))
}

fn named(suite: rustls::CipherSuite) -> Option<CipherSuite> {
    use rustls::CipherSuite as Theirs;
    Some(match suite {
        Theirs::TLS13_AES_256_GCM_SHA384 => CipherSuite::Aes256GcmSha384,
        Theirs::TLS13_AES_128_GCM_SHA256 => CipherSuite::Aes128GcmSha256,
        Theirs::TLS13_CHACHA20_POLY1305_SHA256 => CipherSuite::Chacha20Poly1305Sha256,
        Theirs::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 => CipherSuite::EcdheEcdsaAes256GcmSha384,
        Theirs::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 => CipherSuite::EcdheEcdsaAes128GcmSha256,
        Theirs::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 => {
            CipherSuite::EcdheEcdsaChacha20Poly1305Sha256
        }
        Theirs::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 => CipherSuite::EcdheRsaAes256GcmSha384,
        Theirs::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 => CipherSuite::EcdheRsaAes128GcmSha256,
        Theirs::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => {
            CipherSuite::EcdheRsaChacha20Poly1305Sha256
        }
        _ => return None,
    })
}
