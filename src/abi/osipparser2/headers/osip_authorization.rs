//! `<osipparser2/headers/osip_authorization.h>`: the Authorization header field: credentials.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::challenge;
use crate::abi::osipparser2::cstruct::{HeaderField, cstruct};
use libc::{c_char, c_int};

/// Credentials (RFC 7616 section 3.4).
#[derive(Debug)]
#[repr(C)]
pub struct osip_authorization {
    /// The scheme: `Digest`.
    pub auth_type: *mut c_char,
    /// The user, quotes included, like all quoted values here.
    pub username: *mut c_char,
    /// The realm.
    pub realm: *mut c_char,
    /// The nonce.
    pub nonce: *mut c_char,
    /// The Request-URI.
    pub uri: *mut c_char,
    /// The proof.
    pub response: *mut c_char,
    /// Not used by Digest.
    pub digest: *mut c_char,
    /// The algorithm, or NULL for MD5.
    pub algorithm: *mut c_char,
    /// The client's nonce, or NULL.
    pub cnonce: *mut c_char,
    /// What the challenge gave, or NULL.
    pub opaque: *mut c_char,
    /// The `qop` parameter, or NULL.
    pub message_qop: *mut c_char,
    /// The `nc` parameter, or NULL.
    pub nonce_count: *mut c_char,
    /// NTLM and Kerberos.
    pub version: *mut c_char,
    /// NTLM and Kerberos.
    pub targetname: *mut c_char,
    /// NTLM and Kerberos.
    pub gssapi_data: *mut c_char,
    /// NTLM and Kerberos.
    pub crand: *mut c_char,
    /// NTLM and Kerberos.
    pub cnum: *mut c_char,
    /// Not used.
    pub auth_param: *mut c_char,
}
/// Credentials (RFC 7616 section 3.4).
pub type osip_authorization_t = osip_authorization;

cstruct!(osip_authorization: auth_type, username, realm, nonce, uri, response, digest, algorithm, cnonce, opaque, message_qop, nonce_count, version, targetname, gssapi_data, crand, cnum, auth_param);

impl HeaderField for osip_authorization {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let mut slots: [(&[u8], &mut *mut c_char); 16] = [
            (b"username", &mut self.username),
            (b"realm", &mut self.realm),
            (b"nonce", &mut self.nonce),
            (b"uri", &mut self.uri),
            (b"response", &mut self.response),
            (b"digest", &mut self.digest),
            (b"algorithm", &mut self.algorithm),
            (b"cnonce", &mut self.cnonce),
            (b"opaque", &mut self.opaque),
            (b"qop", &mut self.message_qop),
            (b"nc", &mut self.nonce_count),
            (b"version", &mut self.version),
            (b"targetname", &mut self.targetname),
            (b"gssapi-data", &mut self.gssapi_data),
            (b"crand", &mut self.crand),
            (b"cnum", &mut self.cnum),
        ];
        challenge::read(text, &mut self.auth_type, &mut slots, c)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        let values: [(&[u8], *mut c_char); 16] = [
            (b"username", self.username),
            (b"realm", self.realm),
            (b"nonce", self.nonce),
            (b"uri", self.uri),
            (b"response", self.response),
            (b"digest", self.digest),
            (b"algorithm", self.algorithm),
            (b"cnonce", self.cnonce),
            (b"opaque", self.opaque),
            (b"qop", self.message_qop),
            (b"nc", self.nonce_count),
            (b"version", self.version),
            (b"targetname", self.targetname),
            (b"gssapi-data", self.gssapi_data),
            (b"crand", self.crand),
            (b"cnum", self.cnum),
        ];
        challenge::write(self.auth_type, &values, out, c)
    }
}

/// Makes an empty set of credentials. The caller frees it with osip_authorization_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `authorization`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_init(
    authorization: *mut *mut osip_authorization_t,
) -> c_int {
    ffi!(|c| c.init(authorization))
}

/// Frees a set of credentials with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_free(authorization: *mut osip_authorization_t) {
    ffi!(|c| c.free(authorization))
}

/// Reads a set of credentials from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_parse(
    authorization: *mut osip_authorization_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(authorization, hvalue))
}

/// Prints a set of credentials; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_to_str(
    authorization: *const osip_authorization_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(authorization, dest))
}

/// Copies a set of credentials; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_clone(
    authorization: *const osip_authorization_t,
    dest: *mut *mut osip_authorization_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, std::ptr::null_mut())?;
        c.need(c.get(authorization)?.auth_type)?;
        c.clone_to(authorization, dest)
    })
}

/// The auth type of a set of credentials, as it stands there; NULL when there is none. It stays the
/// set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_auth_type(
    authorization: *const osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.auth_type))
}

/// Sets the auth type of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_auth_type(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.auth_type, value))
}

/// The username of a set of credentials, as it stands there; NULL when there is none. It stays the
/// set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_username(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.username))
}

/// Sets the username of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_username(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.username, value))
}

/// The realm of a set of credentials, as it stands there; NULL when there is none. It stays the set
/// of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_realm(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.realm))
}

/// Sets the realm of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_realm(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.realm, value))
}

/// The nonce of a set of credentials, as it stands there; NULL when there is none. It stays the set
/// of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_nonce(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.nonce))
}

/// Sets the nonce of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_nonce(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.nonce, value))
}

/// The uri of a set of credentials, as it stands there; NULL when there is none. It stays the set
/// of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_uri(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.uri))
}

/// Sets the uri of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_uri(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.uri, value))
}

/// The response of a set of credentials, as it stands there; NULL when there is none. It stays the
/// set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_response(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.response))
}

/// Sets the response of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_response(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.response, value))
}

/// The digest of a set of credentials, as it stands there; NULL when there is none. It stays the
/// set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_digest(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.digest))
}

/// Sets the digest of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_digest(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.digest, value))
}

/// The algorithm of a set of credentials, as it stands there; NULL when there is none. It stays the
/// set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_algorithm(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.algorithm))
}

/// Sets the algorithm of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_algorithm(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.algorithm, value))
}

/// The cnonce of a set of credentials, as it stands there; NULL when there is none. It stays the
/// set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_cnonce(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.cnonce))
}

/// Sets the cnonce of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_cnonce(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.cnonce, value))
}

/// The opaque of a set of credentials, as it stands there; NULL when there is none. It stays the
/// set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_opaque(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.opaque))
}

/// Sets the opaque of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_opaque(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.opaque, value))
}

/// The message qop of a set of credentials, as it stands there; NULL when there is none. It stays
/// the set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_message_qop(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.message_qop))
}

/// Sets the message qop of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_message_qop(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.message_qop, value))
}

/// The nonce count of a set of credentials, as it stands there; NULL when there is none. It stays
/// the set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_nonce_count(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.nonce_count))
}

/// Sets the nonce count of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_nonce_count(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.nonce_count, value))
}

/// The version of a set of credentials, as it stands there; NULL when there is none. It stays the
/// set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_version(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.version))
}

/// Sets the version of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_version(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.version, value))
}

/// The targetname of a set of credentials, as it stands there; NULL when there is none. It stays
/// the set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_targetname(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.targetname))
}

/// Sets the targetname of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_targetname(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.targetname, value))
}

/// The gssapi data of a set of credentials, as it stands there; NULL when there is none. It stays
/// the set of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_gssapi_data(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.gssapi_data))
}

/// Sets the gssapi data of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_gssapi_data(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.gssapi_data, value))
}

/// The crand of a set of credentials, as it stands there; NULL when there is none. It stays the set
/// of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_crand(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.crand))
}

/// Sets the crand of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_crand(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.crand, value))
}

/// The cnum of a set of credentials, as it stands there; NULL when there is none. It stays the set
/// of credentials's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_get_cnum(
    authorization: *mut osip_authorization_t,
) -> *mut c_char {
    ffi!(|c| c.field(authorization, |it| it.cnum))
}

/// Sets the cnum of a set of credentials, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_authorization_set_cnum(
    authorization: *mut osip_authorization_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(authorization, |it| &mut it.cnum, value))
}
