//! The structs that stand in the lists of a session description.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{CStruct, cstruct};
use crate::abi::osipparser2::list;
use crate::abi::osipparser2::osip_list::osip_list_t;
use libc::{c_char, c_int};

/// A bandwidth: `b=`.
#[derive(Debug)]
#[repr(C)]
pub struct sdp_bandwidth {
    /// `AS`, `CT` …
    pub b_bwtype: *mut c_char,
    /// The number.
    pub b_bandwidth: *mut c_char,
}
/// A bandwidth: `b=`.
pub type sdp_bandwidth_t = sdp_bandwidth;

cstruct!(sdp_bandwidth: b_bwtype, b_bandwidth);

/// When the session is active: `t=`, with the `r=` behind it.
#[derive(Debug)]
#[repr(C)]
pub struct sdp_time_descr {
    /// From; 0 for always.
    pub t_start_time: *mut c_char,
    /// Until; 0 for ever.
    pub t_stop_time: *mut c_char,
    /// `r=`: texts.
    pub r_repeats: osip_list_t,
}
/// When the session is active: `t=`, with the `r=` behind it.
pub type sdp_time_descr_t = sdp_time_descr;

// SAFETY: no texts, an empty list.
unsafe impl CStruct for sdp_time_descr {
    fn free_parts(&mut self, c: Caller<'_>) {
        c.free_texts([self.t_start_time, self.t_stop_time]);
        list::free_texts(&self.r_repeats, c);
    }

    fn fill_from(&mut self, from: &Self, c: Caller<'_>) -> Result<(), Failure> {
        self.t_start_time = c.copy(from.t_start_time)?;
        self.t_stop_time = c.copy(from.t_stop_time)?;
        list::push_texts(&mut self.r_repeats, list::texts(&from.r_repeats, c), c)
    }
}

/// A key: `k=`.
#[derive(Debug)]
#[repr(C)]
pub struct sdp_key {
    /// `prompt`, `clear`, `base64` or `uri`.
    pub k_keytype: *mut c_char,
    /// The key, or where it is; NULL for none.
    pub k_keydata: *mut c_char,
}
/// A key: `k=`.
pub type sdp_key_t = sdp_key;

cstruct!(sdp_key: k_keytype, k_keydata);

/// An attribute: `a=`.
#[derive(Debug)]
#[repr(C)]
pub struct sdp_attribute {
    /// Its name.
    pub a_att_field: *mut c_char,
    /// What stands behind the first colon; NULL without one.
    pub a_att_value: *mut c_char,
}
/// An attribute: `a=`.
pub type sdp_attribute_t = sdp_attribute;

cstruct!(sdp_attribute: a_att_field, a_att_value);

/// Where media go: `c=`.
#[derive(Debug)]
#[repr(C)]
pub struct sdp_connection {
    /// `IN`
    pub c_nettype: *mut c_char,
    /// `IP4` or `IP6`
    pub c_addrtype: *mut c_char,
    /// The host.
    pub c_addr: *mut c_char,
    /// The first number behind the address: for IPv4 the TTL. NULL for none.
    pub c_addr_multicast_ttl: *mut c_char,
    /// The second number behind the address: for IPv4 how many addresses. NULL for none.
    pub c_addr_multicast_int: *mut c_char,
}
/// Where media go: `c=`.
pub type sdp_connection_t = sdp_connection;

cstruct!(sdp_connection: c_nettype, c_addrtype, c_addr, c_addr_multicast_ttl,
    c_addr_multicast_int);

/// Makes an empty bandwidth. The caller frees it with sdp_bandwidth_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_bandwidth_init(elem: *mut *mut sdp_bandwidth_t) -> c_int {
    ffi!(|c| c.init(elem))
}

/// Frees a bandwidth with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_bandwidth_free(elem: *mut sdp_bandwidth_t) {
    ffi!(|c| c.free(elem))
}

/// Makes an empty time. The caller frees it with sdp_time_descr_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_time_descr_init(elem: *mut *mut sdp_time_descr_t) -> c_int {
    ffi!(|c| c.init(elem))
}

/// Frees a time with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_time_descr_free(elem: *mut sdp_time_descr_t) {
    ffi!(|c| c.free(elem))
}

/// Makes an empty key. The caller frees it with sdp_key_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_key_init(elem: *mut *mut sdp_key_t) -> c_int {
    ffi!(|c| c.init(elem))
}

/// Frees a key with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_key_free(elem: *mut sdp_key_t) {
    ffi!(|c| c.free(elem))
}

/// Makes an empty attribute. The caller frees it with sdp_attribute_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_attribute_init(elem: *mut *mut sdp_attribute_t) -> c_int {
    ffi!(|c| c.init(elem))
}

/// Frees an attribute with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_attribute_free(elem: *mut sdp_attribute_t) {
    ffi!(|c| c.free(elem))
}

/// Makes an empty connection. The caller frees it with sdp_connection_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_connection_init(elem: *mut *mut sdp_connection_t) -> c_int {
    ffi!(|c| c.init(elem))
}

/// Frees a connection with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_connection_free(elem: *mut sdp_connection_t) {
    ffi!(|c| c.free(elem))
}
