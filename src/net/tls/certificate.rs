//! What a certificate says (RFC 5280 section 4.1), of any version: webpki reads version 3 alone,
//! and shows neither names of all kinds nor the key.

use super::der::{self, DerReader, DerValue};
use super::names::sip_domain;
use std::net::IpAddr;

/// Names of one certificate that are shown to a person.
const SHOWN_NAMES: usize = 5;
/// Characters of a name that are shown.
const SHOWN_CHARS: usize = 80;

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
/// id-kp (RFC 5280 section 4.2.1.12), to which a number is added.
const KEY_PURPOSE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3];
const SERVER_AUTH: u8 = 1;
/// RFC 5924.
const SIP_DOMAIN: u8 = 20;
const ANY_PURPOSE: &[u8] = &[0x55, 0x1d, 37, 0];

/// A certificate that was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Certificate<'a> {
    /// What is signed.
    pub(super) signed: &'a [u8],
    /// 1 to 3.
    pub(super) version: u8,
    /// The content of its issuer's name.
    pub(super) issuer: &'a [u8],
    /// The content of its subject's name.
    pub(super) subject: &'a [u8],
    /// Valid from then on, in seconds since 1970.
    pub(super) not_before: u64,
    /// Valid until then, in seconds since 1970.
    pub(super) not_after: u64,
    /// Its key, as a whole SubjectPublicKeyInfo.
    pub(super) public_key: &'a [u8],
    /// The content of the identifier of its signature's algorithm.
    pub(super) algorithm: &'a [u8],
    /// Its signature.
    pub(super) signature: &'a [u8],
    extensions: DerReader<'a>,
}

/// A name in SubjectAltName (RFC 5280 section 4.2.1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AltName<'a> {
    /// dNSName.
    Dns(&'a str),
    /// uniformResourceIdentifier.
    Uri(&'a str),
    /// iPAddress.
    Ip(IpAddr),
}

impl<'a> Certificate<'a> {
    /// Reads it; `None`: it is none.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Certificate<'a>> {
        let mut outer = DerReader::new(bytes);
        let mut certificate = outer.inside(der::SEQUENCE)?;
        let to_be_signed = certificate.optional(der::SEQUENCE)?;
        let algorithm = certificate.content(der::SEQUENCE)?;
        let (0, signature) = certificate.content(der::BIT_STRING)?.split_first()? else {
            return None;
        };
        if !outer.is_empty() || !certificate.is_empty() {
            return None;
        }
        let mut fields = DerReader::new(to_be_signed.content);
        let version = match fields.content(0xa0) {
            None => 1,
            Some(version) => match DerReader::new(version).content(der::INTEGER)? {
                [number @ 0..=2] => number + 1,
                _ => return None,
            },
        };
        fields.content(der::INTEGER)?; // serial number
        // Both places name the same algorithm (RFC 5280 section 4.1.1.2).
        if fields.content(der::SEQUENCE)? != algorithm {
            return None;
        }
        let issuer = fields.content(der::SEQUENCE)?;
        let mut validity = fields.inside(der::SEQUENCE)?;
        let not_before = der::seconds(validity.value()?)?;
        let not_after = der::seconds(validity.value()?)?;
        let subject = fields.content(der::SEQUENCE)?;
        let public_key = fields.optional(der::SEQUENCE)?.whole;
        // Unique identifiers, which nobody uses.
        let _ = (fields.optional(0x81), fields.optional(0x82));
        let extensions = match fields.content(0xa3) {
            Some(extensions) => DerReader::new(extensions).inside(der::SEQUENCE)?,
            None => DerReader::new(&[]),
        };
        Some(Certificate {
            signed: to_be_signed.whole,
            version,
            issuer,
            subject,
            not_before,
            not_after,
            public_key,
            algorithm,
            signature,
            extensions,
        })
    }

    /// The content of an extension.
    fn extension(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        self.extensions.values().find_map(|extension| {
            let mut fields = DerReader::new(extension.content);
            let oid = fields.content(der::OID)?;
            fields.optional(der::BOOLEAN); // critical
            let value = fields.content(der::OCTET_STRING)?;
            (oid == wanted).then_some(value)
        })
    }

    /// The names in SubjectAltName that are of a kind we know.
    pub(super) fn alt_names(&self) -> impl Iterator<Item = AltName<'a>> {
        let names = self.extension(SUBJECT_ALT_NAME);
        let names = names.and_then(|names| DerReader::new(names).inside(der::SEQUENCE));
        names.into_iter().flat_map(DerReader::values).filter_map(alt_name)
    }

    /// Whether there is a SubjectAltName at all.
    pub(super) fn has_alt_names(&self) -> bool {
        self.extension(SUBJECT_ALT_NAME).is_some()
    }

    /// The common names of its subject.
    pub(super) fn common_names(&self) -> impl Iterator<Item = &'a str> {
        attributes(self.subject).filter(|(kind, _)| *kind == COMMON_NAME).map(|(_, text)| text)
    }

    /// Whether it is for servers: for none in particular, for TLS servers (RFC 5280 section
    /// 4.2.1.12), for SIP domains (RFC 5924), or for all purposes.
    pub(super) fn is_for_servers(&self) -> bool {
        let Some(usages) = self.extension(EXTENDED_KEY_USAGE) else { return true };
        let usages = DerReader::new(usages).inside(der::SEQUENCE);
        usages.into_iter().flat_map(DerReader::values).any(|usage| {
            let purpose = usage.content.strip_prefix(KEY_PURPOSE);
            usage.tag == der::OID
                && (usage.content == ANY_PURPOSE
                    || matches!(purpose, Some([SERVER_AUTH | SIP_DOMAIN])))
        })
    }

    /// Its issuer for a person: the common name, else whatever there is.
    pub(super) fn issuer_text(&self) -> String {
        let common = attributes(self.issuer).filter(|(kind, _)| *kind == COMMON_NAME).last();
        let name = common.or_else(|| attributes(self.issuer).last());
        name.map(|(_, text)| printable(text)).unwrap_or_default()
    }

    /// The names that it is for, for a person: those that count beside the others it has.
    pub(super) fn name_texts(&self) -> Vec<String> {
        let has_sip_domains = self.alt_names().any(|name| sip_domain(name).is_some());
        let is_dns = |name| matches!(name, AltName::Dns(_));
        let has_domains = has_sip_domains || self.alt_names().any(is_dns);
        let names = self.alt_names().filter_map(|name| match name {
            AltName::Dns(domain) => (!has_sip_domains).then(|| printable(domain)),
            AltName::Uri(uri) => sip_domain(name).map(|_| printable(uri)),
            AltName::Ip(ip) => Some(ip.to_string()),
        });
        let mut names: Vec<String> = names.collect();
        if !has_domains {
            names.extend(self.common_names().map(printable));
        }
        names.truncate(SHOWN_NAMES);
        names
    }
}

fn alt_name(name: DerValue<'_>) -> Option<AltName<'_>> {
    let text = || std::str::from_utf8(name.content).ok().filter(|text| text.is_ascii());
    match name.tag {
        0x82 => text().map(AltName::Dns),
        0x86 => text().map(AltName::Uri),
        0x87 => {
            let v4 = <[u8; 4]>::try_from(name.content).ok().map(IpAddr::from);
            let v6 = || <[u8; 16]>::try_from(name.content).ok().map(IpAddr::from);
            v4.or_else(v6).map(AltName::Ip)
        }
        _ => None,
    }
}

/// The attributes of a name whose values are text in ASCII or UTF-8: what they are, and the text.
fn attributes(name: &[u8]) -> impl Iterator<Item = (&[u8], &str)> {
    let sets = DerReader::new(name).values().filter(|set| set.tag == der::SET);
    sets.flat_map(|set| DerReader::new(set.content).values()).filter_map(|attribute| {
        let mut fields = DerReader::new(attribute.content);
        let kind = fields.content(der::OID)?;
        let text = std::str::from_utf8(fields.value()?.content).ok()?;
        Some((kind, text))
    })
}

/// What others wrote, for a person: bounded, and without control characters.
fn printable(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).map(|c| if c.is_control() { '?' } else { c }).collect()
}
