//! Addresses that a program gives for names: EXOSIP_OPT_ADD_DNS_CACHE and its reverse.

use super::context::Context;
use super::ex_option::eXosip_dns_cache;
use crate::engine::{AddressFamilies, CoreRefusal, Refusal};
use libc::{c_char, c_void};
use std::ffi::CStr;
use std::net::IpAddr;

/// Keeps the address of a host, or fills it in where there is none.
///
/// # Safety
/// `value` is NULL or points to a struct eXosip_dns_cache.
pub(super) unsafe fn add(context: &Context, value: *mut c_void) -> Result<(), Refusal> {
    // SAFETY: the caller's promise.
    let entry = unsafe { value.cast::<eXosip_dns_cache>().as_mut() };
    let entry = entry.ok_or(CoreRefusal::BadParameter)?;
    let host =
        text(&entry.host).filter(|host| !host.is_empty()).ok_or(CoreRefusal::BadParameter)?;
    let given = text(&entry.ip).ok_or(CoreRefusal::BadParameter)?;
    if !given.is_empty() {
        let given = given.trim_start_matches('[').trim_end_matches(']');
        let ip: IpAddr = given.parse().map_err(|_| CoreRefusal::BadParameter)?;
        return context.engine.give_address(host, ip);
    }
    let families = match context.options.lock().ipv6 {
        0 => AddressFamilies::V4,
        1 => AddressFamilies::V6,
        _ => AddressFamilies::Both,
    };
    let found = context.engine.find_address(host, families)?.to_string();
    // An address is shorter than the field, which is filled with NUL.
    entry.ip.fill(0);
    for (to, from) in entry.ip.iter_mut().zip(found.bytes()) {
        *to = from as c_char;
    }
    Ok(())
}

/// Forgets the address of a host.
///
/// # Safety
/// As for [`add`].
pub(super) unsafe fn delete(context: &Context, value: *const c_void) -> Result<(), Refusal> {
    // SAFETY: the caller's promise.
    let entry = unsafe { value.cast::<eXosip_dns_cache>().as_ref() };
    let entry = entry.ok_or(CoreRefusal::BadParameter)?;
    let host =
        text(&entry.host).filter(|host| !host.is_empty()).ok_or(CoreRefusal::BadParameter)?;
    context.engine.take_back_address(host)
}

/// The text of a field, which ends with NUL.
fn text(field: &[c_char]) -> Option<&str> {
    // SAFETY: c_char has the size and alignment of u8, and any value is one.
    let bytes = unsafe { std::slice::from_raw_parts(field.as_ptr().cast::<u8>(), field.len()) };
    CStr::from_bytes_until_nul(bytes).ok()?.to_str().ok()
}
