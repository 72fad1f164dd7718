//! Which signatures of roots are accepted, in chains that OpenSSL has made.

use super::super::check_certificate;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// 1 January 2030.
const NOW: u64 = 1_893_456_000;

fn verdict(text: &str) -> Result<(), String> {
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<_, _>>().unwrap();
    let [leaf, root] = &chain[..] else { panic!("a leaf and its root") };
    check_certificate(&[leaf], &[root], "sip.example.test", NOW).map_err(|error| error.to_string())
}

#[test]
fn signatures_by_rsa_and_ecdsa_are_accepted() {
    for chain in [
        include_str!("certificates/rsa_2048_sha_256.pem"),
        include_str!("certificates/rsa_4096_sha_512.pem"),
        include_str!("certificates/p_256_sha_256.pem"),
        include_str!("certificates/p_384_sha_384.pem"),
    ] {
        assert_eq!(verdict(chain), Ok(()), "{chain}");
    }
}

#[test]
fn signatures_that_are_too_weak_or_not_known_are_named() {
    let kind = "signature or key of a kind that is not accepted";
    let short = "wrong signature, or by a key that is too short";
    for (chain, text) in [
        (include_str!("certificates/rsa_2048_sha_1.pem"), kind),
        (include_str!("certificates/p_521_sha_512.pem"), kind),
        (include_str!("certificates/rsa_1024_sha_256.pem"), short),
    ] {
        assert_eq!(verdict(chain), Err(text.to_owned()), "{chain}");
    }
}
