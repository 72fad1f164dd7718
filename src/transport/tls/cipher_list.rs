//! Names of cipher suites, as OpenSSL and IANA write them.

/// The suites that there are. All have forward secrecy and authenticated encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CipherSuite {
    /// RFC 8446.
    Aes256GcmSha384,
    /// RFC 8446.
    Aes128GcmSha256,
    /// RFC 8446.
    Chacha20Poly1305Sha256,
    /// RFC 5289.
    EcdheEcdsaAes256GcmSha384,
    /// RFC 5289.
    EcdheEcdsaAes128GcmSha256,
    /// RFC 7905.
    EcdheEcdsaChacha20Poly1305Sha256,
    /// RFC 5289.
    EcdheRsaAes256GcmSha384,
    /// RFC 5289.
    EcdheRsaAes128GcmSha256,
    /// RFC 7905.
    EcdheRsaChacha20Poly1305Sha256,
}

/// A suite, its name in OpenSSL's lists, and the one that IANA gave it.
const NAMES: [(CipherSuite, &str, &str); 9] = [
    (CipherSuite::Aes256GcmSha384, "TLS_AES_256_GCM_SHA384", "TLS13-AES-256-GCM-SHA384"),
    (CipherSuite::Aes128GcmSha256, "TLS_AES_128_GCM_SHA256", "TLS13-AES-128-GCM-SHA256"),
    (
        CipherSuite::Chacha20Poly1305Sha256,
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS13-CHACHA20-POLY1305-SHA256",
    ),
    (
        CipherSuite::EcdheEcdsaAes256GcmSha384,
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    ),
    (
        CipherSuite::EcdheEcdsaAes128GcmSha256,
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    ),
    (
        CipherSuite::EcdheEcdsaChacha20Poly1305Sha256,
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
    (
        CipherSuite::EcdheRsaAes256GcmSha384,
        "ECDHE-RSA-AES256-GCM-SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ),
    (
        CipherSuite::EcdheRsaAes128GcmSha256,
        "ECDHE-RSA-AES128-GCM-SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ),
    (
        CipherSuite::EcdheRsaChacha20Poly1305Sha256,
        "ECDHE-RSA-CHACHA20-POLY1305",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
];

impl CipherSuite {
    fn named(word: &str) -> Option<CipherSuite> {
        let is = |name: &str| name.eq_ignore_ascii_case(word);
        NAMES.iter().find(|(_, openssl, iana)| is(openssl) || is(iana)).map(|(suite, ..)| *suite)
    }

    /// Whether it is one of TLS 1.3; the others are of TLS 1.2.
    pub fn is_tls13(self) -> bool {
        matches!(
            self,
            CipherSuite::Aes256GcmSha384
                | CipherSuite::Aes128GcmSha256
                | CipherSuite::Chacha20Poly1305Sha256
        )
    }
}

/// Which cipher suites may be used.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct CipherList {
    /// Those of a version that are named restrict it; a version of which none is named is not
    /// restricted.
    named: Vec<CipherSuite>,
    /// Suites are named, and there is none of them.
    has_only_unknown: bool,
}

impl CipherList {
    /// Reads a list in OpenSSL's syntax. With it the words that have no effect: whatever is no
    /// name of a suite that there is.
    pub fn parse(text: &str) -> (CipherList, Vec<String>) {
        let mut list = CipherList::default();
        let mut ignored = Vec::new();
        let (mut names, mut classes) = (0, 0);
        for word in text.split([':', ',', ';', ' ']).filter(|word| !word.is_empty()) {
            if let Some(suite) = CipherSuite::named(word) {
                list.named.push(suite);
                continue;
            }
            if is_like_a_name(word) {
                names += 1;
            } else if !word.starts_with(['!', '-', '@']) {
                classes += 1;
            }
            ignored.push(word.to_owned());
        }
        list.has_only_unknown = list.named.is_empty() && names > 0 && classes == 0;
        (list, ignored)
    }

    /// Whether nothing is left that could be used.
    pub fn is_empty(&self) -> bool {
        self.has_only_unknown
    }

    /// Whether `suite` may be used.
    pub fn allows(&self, suite: CipherSuite) -> bool {
        let mut same_version =
            self.named.iter().filter(|named| named.is_tls13() == suite.is_tls13()).peekable();
        same_version.peek().is_none() || same_version.any(|named| *named == suite)
    }
}

/// `AES128-SHA` is like the name of a suite, `HIGH`, `!aNULL` and `kRSA+AES` are not.
fn is_like_a_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.contains(['-', '_'])
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_that_is_named_excludes_the_others_of_its_version() {
        let (list, ignored) = CipherList::parse("ECDHE-RSA-AES128-GCM-SHA256:!aNULL:AES128-SHA");
        assert_eq!(ignored, ["!aNULL", "AES128-SHA"]);
        assert!(list.allows(CipherSuite::EcdheRsaAes128GcmSha256));
        assert!(!list.allows(CipherSuite::EcdheRsaAes256GcmSha384));
        assert!(list.allows(CipherSuite::Aes256GcmSha384), "TLS 1.3 is not restricted");
        assert!(!list.is_empty());
    }

    #[test]
    fn classes_and_nonsense_do_not_restrict() {
        for text in ["", "HIGH:!aNULL:@STRENGTH", "nonsense", "ALL", "DEFAULT:AES128-SHA"] {
            let (list, _) = CipherList::parse(text);
            assert!(!list.is_empty(), "{text}");
            assert!(NAMES.iter().all(|(suite, ..)| list.allows(*suite)), "{text}");
        }
    }

    #[test]
    fn a_list_of_suites_that_there_are_not_leaves_nothing() {
        assert!(CipherList::parse("AES128-SHA:DES-CBC3-SHA").0.is_empty());
        assert!(CipherList::parse("TLS_RSA_WITH_AES_128_CBC_SHA").0.is_empty());
    }

    #[test]
    fn names_of_iana_are_known_too() {
        let (list, ignored) =
            CipherList::parse("TLS_CHACHA20_POLY1305_SHA256 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
        assert!(ignored.is_empty());
        assert!(!list.allows(CipherSuite::Aes128GcmSha256));
        assert!(list.allows(CipherSuite::EcdheRsaAes256GcmSha384));
    }
}
