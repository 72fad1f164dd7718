//! `<osipparser2/headers/osip_authentication_info.h>`: the Authentication-Info header field.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::challenge;
use crate::abi::osipparser2::cstruct::{HeaderField, cstruct};
use libc::{c_char, c_int};

/// What a server adds to a good answer (RFC 7616 section 3.5).
#[derive(Debug)]
#[repr(C)]
pub struct osip_authentication_info {
    /// The scheme, or NULL.
    pub auth_type: *mut c_char,
    /// The nonce of the next request, quotes included, like all quoted values here.
    pub nextnonce: *mut c_char,
    /// The `qop` parameter, or NULL.
    pub qop_options: *mut c_char,
    /// The server's proof, or NULL.
    pub rspauth: *mut c_char,
    /// The client's nonce, or NULL.
    pub cnonce: *mut c_char,
    /// The `nc` parameter, or NULL.
    pub nonce_count: *mut c_char,
    /// NTLM and Kerberos.
    pub snum: *mut c_char,
    /// NTLM and Kerberos.
    pub srand: *mut c_char,
    /// The realm, or NULL.
    pub realm: *mut c_char,
    /// NTLM and Kerberos.
    pub targetname: *mut c_char,
    /// As in the challenge, or NULL.
    pub opaque: *mut c_char,
}
/// What a server adds to a good answer (RFC 7616 section 3.5).
pub type osip_authentication_info_t = osip_authentication_info;

cstruct!(osip_authentication_info: auth_type, nextnonce, qop_options, rspauth, cnonce, nonce_count, snum, srand, realm, targetname, opaque);

impl HeaderField for osip_authentication_info {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let mut slots: [(&[u8], &mut *mut c_char); 10] = [
            (b"qop", &mut self.qop_options),
            (b"nextnonce", &mut self.nextnonce),
            (b"rspauth", &mut self.rspauth),
            (b"cnonce", &mut self.cnonce),
            (b"nc", &mut self.nonce_count),
            (b"snum", &mut self.snum),
            (b"srand", &mut self.srand),
            (b"targetname", &mut self.targetname),
            (b"realm", &mut self.realm),
            (b"opaque", &mut self.opaque),
        ];
        challenge::read_info(text, &mut self.auth_type, &mut slots, c)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        let values: [(&[u8], *mut c_char); 10] = [
            (b"qop", self.qop_options),
            (b"nextnonce", self.nextnonce),
            (b"rspauth", self.rspauth),
            (b"cnonce", self.cnonce),
            (b"nc", self.nonce_count),
            (b"snum", self.snum),
            (b"srand", self.srand),
            (b"targetname", self.targetname),
            (b"realm", self.realm),
            (b"opaque", self.opaque),
        ];
        challenge::write_info(self.auth_type, &values, out, c)
    }
}

/// Makes an empty Authentication-Info. The caller frees it with osip_authentication_info_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `authentication_info`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_init(
    authentication_info: *mut *mut osip_authentication_info_t,
) -> c_int {
    ffi!(|c| c.init(authentication_info))
}

/// Frees a Authentication-Info with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_free(
    authentication_info: *mut osip_authentication_info_t,
) {
    ffi!(|c| c.free(authentication_info))
}

/// Reads a Authentication-Info from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_parse(
    authentication_info: *mut osip_authentication_info_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(authentication_info, hvalue))
}

/// Prints a Authentication-Info; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_to_str(
    authentication_info: *const osip_authentication_info_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(authentication_info, dest))
}

/// Copies a Authentication-Info; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_clone(
    authentication_info: *const osip_authentication_info_t,
    dest: *mut *mut osip_authentication_info_t,
) -> c_int {
    ffi!(|c| c.clone_to(authentication_info, dest))
}

/// The auth type of a Authentication-Info, as it stands there; NULL when there is none. It stays
/// the Authentication-Info's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_get_auth_type(
    authentication_info: *mut osip_authentication_info_t,
) -> *mut c_char {
    ffi!(|c| c.field(authentication_info, |it| it.auth_type))
}

/// Sets the auth type of a Authentication-Info, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_set_auth_type(
    authentication_info: *mut osip_authentication_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authentication_info, |it| &mut it.auth_type, value))
}

/// The nextnonce of a Authentication-Info, as it stands there; NULL when there is none. It stays
/// the Authentication-Info's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_get_nextnonce(
    authentication_info: *mut osip_authentication_info_t,
) -> *mut c_char {
    ffi!(|c| c.field(authentication_info, |it| it.nextnonce))
}

/// Sets the nextnonce of a Authentication-Info, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_set_nextnonce(
    authentication_info: *mut osip_authentication_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authentication_info, |it| &mut it.nextnonce, value))
}

/// The qop options of a Authentication-Info, as it stands there; NULL when there is none. It stays
/// the Authentication-Info's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_get_qop_options(
    authentication_info: *mut osip_authentication_info_t,
) -> *mut c_char {
    ffi!(|c| c.field(authentication_info, |it| it.qop_options))
}

/// Sets the qop options of a Authentication-Info, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_set_qop_options(
    authentication_info: *mut osip_authentication_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authentication_info, |it| &mut it.qop_options, value))
}

/// The rspauth of a Authentication-Info, as it stands there; NULL when there is none. It stays the
/// Authentication-Info's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_get_rspauth(
    authentication_info: *mut osip_authentication_info_t,
) -> *mut c_char {
    ffi!(|c| c.field(authentication_info, |it| it.rspauth))
}

/// Sets the rspauth of a Authentication-Info, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_set_rspauth(
    authentication_info: *mut osip_authentication_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authentication_info, |it| &mut it.rspauth, value))
}

/// The cnonce of a Authentication-Info, as it stands there; NULL when there is none. It stays the
/// Authentication-Info's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_get_cnonce(
    authentication_info: *mut osip_authentication_info_t,
) -> *mut c_char {
    ffi!(|c| c.field(authentication_info, |it| it.cnonce))
}

/// Sets the cnonce of a Authentication-Info, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_set_cnonce(
    authentication_info: *mut osip_authentication_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authentication_info, |it| &mut it.cnonce, value))
}

/// The nonce count of a Authentication-Info, as it stands there; NULL when there is none. It stays
/// the Authentication-Info's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_get_nonce_count(
    authentication_info: *mut osip_authentication_info_t,
) -> *mut c_char {
    ffi!(|c| c.field(authentication_info, |it| it.nonce_count))
}

/// Sets the nonce count of a Authentication-Info, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_set_nonce_count(
    authentication_info: *mut osip_authentication_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authentication_info, |it| &mut it.nonce_count, value))
}

/// The snum of a Authentication-Info, as it stands there; NULL when there is none. It stays the
/// Authentication-Info's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_get_snum(
    authentication_info: *mut osip_authentication_info_t,
) -> *mut c_char {
    ffi!(|c| c.field(authentication_info, |it| it.snum))
}

/// Sets the snum of a Authentication-Info, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_set_snum(
    authentication_info: *mut osip_authentication_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authentication_info, |it| &mut it.snum, value))
}

/// The srand of a Authentication-Info, as it stands there; NULL when there is none. It stays the
/// Authentication-Info's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_get_srand(
    authentication_info: *mut osip_authentication_info_t,
) -> *mut c_char {
    ffi!(|c| c.field(authentication_info, |it| it.srand))
}

/// Sets the srand of a Authentication-Info, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_set_srand(
    authentication_info: *mut osip_authentication_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authentication_info, |it| &mut it.srand, value))
}

/// The realm of a Authentication-Info, as it stands there; NULL when there is none. It stays the
/// Authentication-Info's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_get_realm(
    authentication_info: *mut osip_authentication_info_t,
) -> *mut c_char {
    ffi!(|c| c.field(authentication_info, |it| it.realm))
}

/// Sets the realm of a Authentication-Info, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_set_realm(
    authentication_info: *mut osip_authentication_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authentication_info, |it| &mut it.realm, value))
}

/// The targetname of a Authentication-Info, as it stands there; NULL when there is none. It stays
/// the Authentication-Info's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_get_targetname(
    authentication_info: *mut osip_authentication_info_t,
) -> *mut c_char {
    ffi!(|c| c.field(authentication_info, |it| it.targetname))
}

/// Sets the targetname of a Authentication-Info, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_set_targetname(
    authentication_info: *mut osip_authentication_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authentication_info, |it| &mut it.targetname, value))
}

/// The opaque of a Authentication-Info, as it stands there; NULL when there is none. It stays the
/// Authentication-Info's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_get_opaque(
    authentication_info: *mut osip_authentication_info_t,
) -> *mut c_char {
    ffi!(|c| c.field(authentication_info, |it| it.opaque))
}

/// Sets the opaque of a Authentication-Info, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authentication_info_set_opaque(
    authentication_info: *mut osip_authentication_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authentication_info, |it| &mut it.opaque, value))
}
