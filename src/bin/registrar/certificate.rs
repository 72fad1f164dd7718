//! Certificates that are made on the spot, with Ed25519 keys (RFC 8410): for the TLS of this
//! registrar, and of any shape for tests.

use rustls::SignatureScheme;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use std::net::IpAddr;

/// A name in SubjectAltName.
#[derive(Debug, Clone)]
pub(crate) enum SubjectName {
    /// A DNS name.
    Dns(String),
    /// A URI.
    #[allow(dead_code, reason = "for tests")]
    Uri(String),
    /// An address.
    Ip(IpAddr),
}

/// What a certificate says.
#[derive(Debug, Clone)]
pub(crate) struct CertificateShape {
    /// 1 or 3.
    pub(crate) version: u8,
    /// Its common name; none is an empty subject.
    pub(crate) common_name: String,
    /// Valid from then on, as `20200101000000Z`.
    pub(crate) not_before: String,
    /// Valid until then.
    pub(crate) not_after: String,
    /// SubjectAltName.
    pub(crate) names: Vec<SubjectName>,
    /// ExtendedKeyUsage, as object identifiers.
    pub(crate) usages: Vec<&'static [u8]>,
    /// BasicConstraints.
    pub(crate) is_authority: Option<bool>,
}

/// A certificate in DER and its private key in PKCS #8.
#[derive(Clone)]
pub(crate) struct MadeCertificate {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
    subject: Vec<u8>,
}

const ED25519: &[u8] = &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70];

impl CertificateShape {
    /// A certificate of a server, valid from 2020 to 2120.
    pub(crate) fn of_server(common_name: &str, names: Vec<SubjectName>) -> Self {
        CertificateShape {
            version: 3,
            common_name: common_name.to_owned(),
            not_before: "20200101000000Z".to_owned(),
            not_after: "21200101000000Z".to_owned(),
            names,
            usages: Vec::new(),
            is_authority: None,
        }
    }

    /// Makes it with the key of `seed`, signed by `issuer` or by itself.
    pub(crate) fn make(&self, seed: [u8; 32], issuer: Option<&MadeCertificate>) -> MadeCertificate {
        let head = [0x30, 0x2e, 2, 1, 0].as_slice();
        let key = [head, ED25519, &[4, 0x22, 4, 0x20], &seed].concat();
        let subject = name(&self.common_name);
        let issuer_name = issuer.map_or(&subject, |issuer| &issuer.subject);
        let times = [time(&self.not_before), time(&self.not_after)].concat();
        let mut fields = Vec::new();
        if self.version == 3 {
            fields.extend(value(0xa0, &[2, 1, 2]));
        }
        fields.extend(value(2, &[&[1], &seed[..8]].concat())); // the serial number
        fields.extend_from_slice(ED25519);
        fields.extend_from_slice(issuer_name);
        fields.extend(value(0x30, &times));
        fields.extend_from_slice(&subject);
        fields.extend(public_key(&key));
        if self.version == 3 {
            fields.extend(value(0xa3, &value(0x30, &self.extensions())));
        }
        let to_be_signed = value(0x30, &fields);
        let signature = sign(issuer.map_or(&key, |issuer| &issuer.key), &to_be_signed);
        let signature = value(3, &[&[0][..], &signature].concat());
        let certificate = value(0x30, &[&to_be_signed, ED25519, &signature].concat());
        MadeCertificate { certificate, key, subject }
    }

    fn extensions(&self) -> Vec<u8> {
        let mut all = Vec::new();
        let mut add = |last: u8, content: Vec<u8>| {
            let fields = [value(6, &[0x55, 0x1d, last]), value(4, &content)].concat();
            all.extend(value(0x30, &fields));
        };
        if let Some(is_authority) = self.is_authority {
            let authority = if is_authority { value(1, &[0xff]) } else { Vec::new() };
            add(19, value(0x30, &authority));
        }
        if !self.names.is_empty() {
            let names = self.names.iter().flat_map(|name| match name {
                SubjectName::Dns(name) => value(0x82, name.as_bytes()),
                SubjectName::Uri(uri) => value(0x86, uri.as_bytes()),
                SubjectName::Ip(IpAddr::V4(ip)) => value(0x87, &ip.octets()),
                SubjectName::Ip(IpAddr::V6(ip)) => value(0x87, &ip.octets()),
            });
            add(17, value(0x30, &names.collect::<Vec<_>>()));
        }
        if !self.usages.is_empty() {
            let usages: Vec<u8> = self.usages.iter().flat_map(|usage| value(6, usage)).collect();
            add(37, value(0x30, &usages));
        }
        all
    }
}

impl MadeCertificate {
    /// The certificate as text (RFC 7468).
    pub(crate) fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }

    /// The private key as text.
    #[allow(dead_code, reason = "for tests")]
    pub(crate) fn key_pem(&self) -> String {
        pem("PRIVATE KEY", &self.key)
    }

    /// Its SubjectPublicKeyInfo.
    #[allow(dead_code, reason = "for tests")]
    pub(crate) fn public_key(&self) -> Vec<u8> {
        public_key(&self.key)
    }
}

/// One value of DER.
fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short @ ..0x80) => bytes.push(short),
        Ok(length) => bytes.extend([0x81, length]),
        Err(_) => bytes.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    bytes.extend_from_slice(content);
    bytes
}

/// A name with one attribute, the common name.
fn name(common_name: &str) -> Vec<u8> {
    if common_name.is_empty() {
        return value(0x30, &[]);
    }
    let attribute = [value(6, &[0x55, 4, 3]), value(0x0c, common_name.as_bytes())].concat();
    value(0x30, &value(0x31, &value(0x30, &attribute)))
}

/// UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 section 4.1.2.5).
fn time(text: &str) -> Vec<u8> {
    match text.split_at(2) {
        ("20", short) if short < "50" => value(0x17, short.as_bytes()),
        _ => value(0x18, text.as_bytes()),
    }
}

fn private_key(key: &[u8]) -> PrivateKeyDer<'_> {
    PrivateKeyDer::Pkcs8(key.into())
}

fn public_key(key: &[u8]) -> Vec<u8> {
    let key = any_supported_type(&private_key(key)).ok();
    let public = key.and_then(|key| key.public_key().map(|public| public.to_vec()));
    public.unwrap_or_default()
}

fn sign(key: &[u8], message: &[u8]) -> Vec<u8> {
    let key = any_supported_type(&private_key(key)).ok();
    let signer = key.and_then(|key| key.choose_scheme(&[SignatureScheme::ED25519]));
    signer.and_then(|signer| signer.sign(message).ok()).unwrap_or_default()
}

/// RFC 7468.
fn pem(label: &str, bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in bytes.chunks(48) {
        for chunk in line.chunks(3) {
            let octet = |at: usize| usize::from(chunk.get(at).copied().unwrap_or_default());
            let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
            for digit in 0..4 {
                let padding = digit > chunk.len();
                let digit = DIGITS[bits >> (18 - 6 * digit) & 63];
                text.push(if padding { '=' } else { char::from(digit) });
            }
        }
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
