//! Whether a server's certificate is believed.
//!
//! webpki decides about chains, signatures, dates and constraints. What is decided here are shapes
//! of certificates that it refuses or does not know and that home-made servers have: a self-signed
//! certificate that is itself configured as a root, one of version 1 signed by a configured root,
//! the key usages of RFC 5924, and the names of RFC 5922. The signature of the handshake is checked
//! in any case, also where certificates are not.

use super::certificate::Certificate;
use super::names::{NO_NAME, PeerName, is_valid_for, server_name};
use super::pin::Pins;
use super::roots::Roots;
use crate::transport::TlsError;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{
    CertificateError, DigitallySignedStruct, OtherError, PeerMisbehaved, SignatureScheme,
};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use webpki::{
    EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage, RawPublicKeyEntity,
    RequiredEkuNotFoundContext,
};

/// The checks that the settings of a connection ask for.
#[derive(Debug)]
pub(super) struct CertificateVerifier {
    /// Issuer, dates, usage and name are checked.
    pub(super) verify: bool,
    /// Names with `*.` are accepted.
    pub(super) wildcards: bool,
    /// Who may sign.
    pub(super) roots: Arc<Roots>,
    /// Which keys are accepted; `None`: all.
    pub(super) pins: Option<Pins>,
    /// What signatures are accepted.
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

impl CertificateVerifier {
    /// Whether `leaf`, the certificate of the server `name`, is believed at the time `now`.
    pub(super) fn check(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), TlsError> {
        let certificate = read(leaf)?;
        if self.pins.as_ref().is_some_and(|pins| !pins.accept(certificate.public_key)) {
            return Err(TlsError::PinDiffers);
        }
        if !self.verify {
            return Ok(());
        }
        self.check_chain(&certificate, leaf, intermediates, now)?;
        let name = match name {
            ServerName::DnsName(domain) => PeerName::Domain(domain.as_ref()),
            ServerName::IpAddress(ip) => PeerName::Address(IpAddr::from(*ip)),
            _ => return Err(TlsError::NotValidForName(certificate.name_texts())),
        };
        if is_valid_for(&certificate, name, self.wildcards) {
            Ok(())
        } else {
            Err(TlsError::NotValidForName(certificate.name_texts()))
        }
    }

    fn check_chain(
        &self,
        certificate: &Certificate<'_>,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), TlsError> {
        let anchors = &self.roots.anchors;
        let refused = EndEntityCert::try_from(leaf).and_then(|end_entity| {
            let algorithms = self.algorithms.all;
            end_entity
                .verify_for_usage(algorithms, anchors, intermediates, now, ForServers, None, None)
                .map(|_| ())
        });
        let is_self_issued = certificate.issuer == certificate.subject;
        let is_root = || is_self_issued && self.roots.configured.contains(leaf);
        match refused {
            Ok(()) => Ok(()),
            Err(webpki::Error::CaUsedAsEndEntity | webpki::Error::UnsupportedCertVersion)
                if is_root() =>
            {
                check_dates_and_usage(certificate, now)
            }
            Err(webpki::Error::UnsupportedCertVersion) if certificate.version == 1 => {
                self.check_version_1(certificate)?;
                check_dates_and_usage(certificate, now)
            }
            Err(webpki::Error::CaUsedAsEndEntity) if is_self_issued => {
                Err(TlsError::UnknownIssuer(certificate.issuer_text()))
            }
            Err(error) => Err(chain_error(error, certificate)),
        }
    }

    /// A certificate of version 1 has no extensions, so that no intermediate can vouch for it.
    fn check_version_1(&self, certificate: &Certificate<'_>) -> Result<(), TlsError> {
        let unknown = || TlsError::UnknownIssuer(certificate.issuer_text());
        let roots = self.roots.configured.iter().filter_map(|root| Certificate::parse(root));
        let mut found = Err(unknown());
        for root in roots.filter(|root| root.subject == certificate.issuer) {
            found = self.check_signature(certificate, root.public_key);
            if found.is_ok() {
                break;
            }
        }
        found
    }

    fn check_signature(
        &self,
        certificate: &Certificate<'_>,
        public_key: &[u8],
    ) -> Result<(), TlsError> {
        let key = SubjectPublicKeyInfoDer::from(public_key);
        let key = RawPublicKeyEntity::try_from(&key).map_err(|_| TlsError::UnsupportedSignature)?;
        let algorithms = self.algorithms.all.iter();
        let named = algorithms
            .filter(|algorithm| algorithm.signature_alg_id().as_ref() == certificate.algorithm);
        let mut result = Err(TlsError::UnsupportedSignature);
        for algorithm in named {
            match key.verify_signature(*algorithm, certificate.signed, certificate.signature) {
                Ok(()) => return Ok(()),
                Err(webpki::Error::InvalidSignatureForPublicKey) => {
                    result = Err(TlsError::BadSignature);
                }
                Err(_) => {}
            }
        }
        result
    }
}

/// Whether a server with the certificate that comes first in `chain` would be believed to be
/// `name` at the time `now`, in seconds since 1970, where `roots` are configured. All are in DER.
pub fn check_certificate(
    chain: &[&[u8]],
    roots: &[&[u8]],
    name: &str,
    now: u64,
) -> Result<(), TlsError> {
    let owned = |bytes: &&[u8]| CertificateDer::from(bytes.to_vec());
    let [leaf, intermediates @ ..] = chain else {
        return Err(TlsError::BadCertificate("there is none"));
    };
    let intermediates: Vec<_> = intermediates.iter().map(owned).collect();
    let name = server_name(name).ok_or(TlsError::Settings(NO_NAME))?;
    let verifier = CertificateVerifier {
        verify: true,
        wildcards: false,
        roots: Arc::new(Roots::new(roots.iter().map(owned).collect())),
        pins: None,
        algorithms: ring::default_provider().signature_verification_algorithms,
    };
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
    verifier.check(&owned(leaf), &intermediates, &name, now)
}

impl ServerCertVerifier for CertificateVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.check(end_entity, intermediates, server_name, now) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(error) => Err(alerting(error, now).into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let public_key = public_key(certificate)?;
        let key = RawPublicKeyEntity::try_from(&public_key).map_err(|_| unreadable())?;
        let scheme = signature.scheme;
        let algorithms = self.algorithms.mapping.iter().find(|(known, _)| *known == scheme);
        let (_, algorithms) =
            algorithms.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        let is_valid = |algorithm: &&dyn rustls::pki_types::SignatureVerificationAlgorithm| {
            key.verify_signature(*algorithm, message, signature.signature()).is_ok()
        };
        if algorithms.iter().any(is_valid) {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(CertificateError::BadSignature.into())
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let public_key = public_key(certificate)?;
        verify_tls13_signature_with_raw_key(message, &public_key, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn read<'a>(certificate: &'a CertificateDer<'_>) -> Result<Certificate<'a>, TlsError> {
    let unreadable = TlsError::BadCertificate("it cannot be read");
    Certificate::parse(certificate).ok_or(unreadable)
}

fn public_key<'a>(
    certificate: &'a CertificateDer<'_>,
) -> Result<SubjectPublicKeyInfoDer<'a>, rustls::Error> {
    let certificate = Certificate::parse(certificate).ok_or_else(unreadable)?;
    Ok(SubjectPublicKeyInfoDer::from(certificate.public_key))
}

fn unreadable() -> rustls::Error {
    CertificateError::BadEncoding.into()
}

/// What webpki checks of a chain and of no single certificate that is trusted.
fn check_dates_and_usage(certificate: &Certificate<'_>, now: UnixTime) -> Result<(), TlsError> {
    if now.as_secs() < certificate.not_before {
        return Err(TlsError::NotYetValid(certificate.not_before));
    }
    if now.as_secs() > certificate.not_after {
        return Err(TlsError::Expired(certificate.not_after));
    }
    if certificate.is_for_servers() { Ok(()) } else { Err(TlsError::WrongUsage) }
}

/// The usages are checked at the certificate of the server, by [`Certificate::is_for_servers`]; an
/// intermediate that is for clients alone cannot vouch for a server either.
struct ForServers;

impl ExtendedKeyUsageValidator for ForServers {
    fn validate(&self, usages: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        const ACCEPTED: [&[usize]; 3] = [
            &[1, 3, 6, 1, 5, 5, 7, 3, 1],  // id-kp-serverAuth
            &[1, 3, 6, 1, 5, 5, 7, 3, 20], // id-kp-sipDomain
            &[2, 5, 29, 37, 0],            // anyExtendedKeyUsage
        ];
        let mut present = Vec::new();
        for usage in usages {
            let usage = usage?.to_decoded_oid();
            if ACCEPTED.contains(&&usage[..]) {
                return Ok(());
            }
            present.push(usage);
        }
        if present.is_empty() {
            return Ok(());
        }
        let context = RequiredEkuNotFoundContext { required: KeyUsage::server_auth(), present };
        Err(webpki::Error::RequiredEkuNotFoundContext(context))
    }
}

fn chain_error(error: webpki::Error, certificate: &Certificate<'_>) -> TlsError {
    use webpki::Error;
    match error {
        Error::CertExpired { not_after, .. } => TlsError::Expired(not_after.as_secs()),
        Error::CertNotValidYet { not_before, .. } => TlsError::NotYetValid(not_before.as_secs()),
        Error::UnknownIssuer => TlsError::UnknownIssuer(certificate.issuer_text()),
        Error::RequiredEkuNotFoundContext(_) => TlsError::WrongUsage,
        Error::InvalidSignatureForPublicKey => TlsError::BadSignature,
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            TlsError::UnsupportedSignature
        }
        Error::CaUsedAsEndEntity => {
            TlsError::BadCertificate("it is that of a certificate authority, not of a server")
        }
        Error::NameConstraintViolation => {
            TlsError::BadCertificate("its issuer may not sign for this name")
        }
        Error::UnsupportedCriticalExtension => {
            TlsError::BadCertificate("it has a critical extension that is not known")
        }
        _ => TlsError::BadCertificate("it is malformed or against RFC 5280"),
    }
}

/// The error for rustls, which sends the alert that fits: for what has no alert of its own,
/// certificate_unknown.
fn alerting(error: TlsError, time: UnixTime) -> CertificateError {
    let seconds = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    match error {
        TlsError::Expired(at) => CertificateError::ExpiredContext { time, not_after: seconds(at) },
        TlsError::NotYetValid(at) => {
            CertificateError::NotValidYetContext { time, not_before: seconds(at) }
        }
        other => CertificateError::Other(OtherError(Arc::new(other))),
    }
}
