//! Digest with passwords of AKA (RFC 3310, RFC 4169).

use super::Algorithm;
use crate::sip::base64;
use md5::{Digest, Md5};
use zeroize::{Zeroize, Zeroizing};

/// The block of MD5.
const BLOCK: usize = 64;

/// The constant of RFC 4169 section 3.
const LABEL: &[u8] = b"http-digest-akav2-password";

/// What a SIM card answers to RAND and AUTN. It is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct AkaResponse {
    /// RES, 4 to 16 bytes.
    pub res: Zeroizing<Vec<u8>>,
    /// The integrity key; AKAv2 needs it.
    pub ik: Option<Zeroizing<[u8; 16]>>,
    /// The cipher key; AKAv2 needs it.
    pub ck: Option<Zeroizing<[u8; 16]>>,
}

impl std::fmt::Debug for AkaResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AkaResponse").finish_non_exhaustive()
    }
}

impl AkaResponse {
    /// The password for `algorithm`: RES (RFC 3310 section 3.3), or the base64 of
    /// HMAC-MD5(RES||IK||CK, label) (RFC 4169 section 3). `None`: something is missing or too long.
    pub(super) fn password(&self, algorithm: Algorithm) -> Option<Zeroizing<Vec<u8>>> {
        if !(4..=16).contains(&self.res.len()) {
            return None;
        }
        if algorithm == Algorithm::AkaV1Md5 {
            return Some(self.res.clone());
        }
        let (ik, ck) = (self.ik.as_ref()?, self.ck.as_ref()?);
        let mut key = Zeroizing::new([0; BLOCK]);
        let bytes = self.res.iter().chain(&ik[..]).chain(&ck[..]);
        key.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let mut hash = hmac_md5(&key, LABEL);
        let password = base64(&hash).into_bytes();
        hash.zeroize();
        Some(Zeroizing::new(password))
    }
}

/// HMAC (RFC 2104) with MD5 and a key that is filled up with zeros.
fn hmac_md5(key: &[u8; BLOCK], text: &[u8]) -> [u8; 16] {
    let mut padded = Zeroizing::new(key.map(|byte| byte ^ 0x36));
    let inner = Md5::new_with_prefix(&padded[..]).chain_update(text).finalize();
    padded.iter_mut().zip(key).for_each(|(to, byte)| *to = byte ^ 0x5c);
    Md5::new_with_prefix(&padded[..]).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_md5_is_that_of_rfc_2104() {
        let key = |text: &[u8]| std::array::from_fn(|at| text.get(at).copied().unwrap_or(0));
        let hex = |hash: [u8; 16]| hash.map(|byte| format!("{byte:02x}")).concat();
        let hi = hmac_md5(&key(&[0x0b; 16]), b"Hi There");
        assert_eq!(hex(hi), "9294727a3638bb1c13f48ef8158bfc9d");
        let jefe = hmac_md5(&key(b"Jefe"), b"what do ya want for nothing?");
        assert_eq!(hex(jefe), "750c783e6ab0b503eaa86e310a5db738");
        let dd = hmac_md5(&key(&[0xaa; 16]), &[0xdd; 50]);
        assert_eq!(hex(dd), "56be34521d144c88dbb8c733f0e8b3f6");
    }

    /// What `hashlib` and `hmac` of Python 3 make of the same bytes.
    #[test]
    fn the_password_of_akav2_is_made_of_res_ik_and_ck() {
        let response = AkaResponse {
            res: Zeroizing::new((1..=8).collect()),
            ik: Some(Zeroizing::new([0x11; 16])),
            ck: Some(Zeroizing::new([0x22; 16])),
        };
        let v2 = response.password(Algorithm::AkaV2Md5).unwrap();
        assert_eq!(std::str::from_utf8(&v2), Ok("7u9Y1QpWzk3EHEUN0C4QBg=="));
        let v1 = response.password(Algorithm::AkaV1Md5).unwrap();
        assert_eq!(v1[..], [1, 2, 3, 4, 5, 6, 7, 8]);
        let without = AkaResponse { ck: None, ..response.clone() };
        assert_eq!(without.password(Algorithm::AkaV2Md5), None);
        for length in [0, 3, 17] {
            let res = Zeroizing::new(vec![1; length]);
            let other = AkaResponse { res, ..response.clone() };
            assert_eq!(other.password(Algorithm::AkaV1Md5), None);
        }
    }
}
