//! What the DNS helpers give out: the struct of <osip2/osip.h>, and which of them are kept.

use super::ex_setup::{osip_naptr, osip_srv_record};
use crate::cmem;
use crate::engine::{
    CoreRefusal, DomainService, DomainServices, NaptrRecord, Refusal, ServicesError,
    ServicesLookup, ServicesQuestion, holds_until,
};
use libc::{c_char, c_int, c_void, timeval};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ptr;
use std::time::{Duration, Instant};

/// Structs that are kept, as many as addresses are given for names.
const MOST_KEPT: usize = 1024;
/// Nobody is in here for longer.
const LONGEST_USE: Duration = Duration::from_secs(1);
/// Servers in a record.
const SERVERS: usize = 10;

// `srv_state` and `naptr_state`, see <osip2/osip.h>.
const SRV_COMPLETED: c_int = 3;
const SRV_NOT_SUPPORTED: c_int = 4;
const NAPTR_IN_PROGRESS: c_int = 1;
const NAPTR_SRV_DONE: c_int = 4;
const NAPTR_RETRY_LATER: c_int = 5;
const NAPTR_NOT_SUPPORTED: c_int = 6;

/// `osip_srv_entry_t`
#[repr(C)]
struct ServerOfC {
    srv: [c_char; 512],
    priority: c_int,
    weight: c_int,
    rweight: c_int,
    port: c_int,
    ipaddress: [c_char; 512],
    srv_is_broken: timeval,
}

/// `osip_srv_record_t`
#[repr(C)]
struct ServersOfC {
    name: [c_char; 1024],
    srv_state: c_int,
    flag: [c_char; 256],
    protocol: [c_char; 1024],
    regexp: [c_char; 1024],
    replacement: [c_char; 1024],
    order: c_int,
    preference: c_int,
    index: c_int,
    srventry: [ServerOfC; SERVERS],
}

/// `osip_naptr_t`
#[repr(C)]
struct NaptrOfC {
    domain: [c_char; 512],
    aus: [c_char; 64],
    naptr_state: c_int,
    /// The number of the look-up that fills it, as a pointer; never followed.
    arg: *mut c_void,
    keep_in_cache: c_int,
    /// UDP, TCP, TLS, DTLS.
    by_transport: [ServersOfC; 4],
    sctp: ServersOfC,
    number: ServersOfC,
}

/// The structs that are kept, and the look-ups under way. Who has it may write to the structs.
#[derive(Default)]
struct Helpers {
    kept: HashMap<Box<str>, KeptNaptr>,
    lookups: HashMap<usize, ServicesLookup>,
    last_lookup: usize,
}

struct KeptNaptr {
    /// As an address: whoever has [`Helpers`] may use it.
    struct_at: usize,
    /// Until when what it says holds; `None` while it is looked up.
    holds_until: Option<Instant>,
}

static HELPERS: Mutex<Option<Helpers>> = Mutex::new(None);

/// Errors: a process was forked from one in which another thread was in here.
fn with_helpers<R>(body: impl FnOnce(&mut Helpers) -> R) -> Result<R, Refusal> {
    let mut helpers = HELPERS.try_lock_for(LONGEST_USE).ok_or(CoreRefusal::Undefined)?;
    Ok(body(helpers.get_or_insert_default()))
}

/// See `eXosip_dnsutils_naptr`.
pub(super) fn look_up(domain: &str, keep: c_int) -> Result<*mut osip_naptr, Refusal> {
    let key = domain.to_ascii_lowercase().into_boxed_str();
    with_helpers(|helpers| {
        if let Some(at) = helpers.kept.get(&key).map(|kept| kept.struct_at) {
            // SAFETY: a kept struct is never freed, and this is the only one that changes it.
            let naptr = unsafe { &mut *ptr::with_exposed_provenance_mut::<NaptrOfC>(at) };
            let holds = helpers.kept[&key].holds_until.is_none_or(holds_until);
            if keep >= 0 && !holds {
                helpers.begin(naptr, domain);
                if let Some(kept) = helpers.kept.get_mut(&key) {
                    kept.holds_until = None;
                }
            }
            let is_there = naptr.naptr_state < NAPTR_RETRY_LATER || keep >= 0;
            let naptr = ptr::from_mut(naptr).cast();
            return if is_there { Ok(naptr) } else { Err(CoreRefusal::NotFound.into()) };
        }
        if keep < 0 {
            return Err(CoreRefusal::NotFound.into());
        }
        let at = cmem::alloc_zeroed(size_of::<NaptrOfC>()).cast::<NaptrOfC>();
        // SAFETY: NULL, or fresh memory of this size, all zero, which is a valid struct.
        let naptr = unsafe { at.as_mut() }.ok_or(CoreRefusal::Undefined)?;
        put(&mut naptr.domain, domain);
        if keep > 0 && helpers.kept.len() < MOST_KEPT {
            naptr.keep_in_cache = keep;
            let struct_at = at.expose_provenance();
            helpers.kept.insert(key, KeptNaptr { struct_at, holds_until: None });
        }
        helpers.begin(naptr, domain);
        Ok(at.cast())
    })?
}

/// See `eXosip_dnsutils_dns_process`.
///
/// # Safety
/// `record` is NULL or a struct of ours that was not released.
pub(super) unsafe fn process(record: *mut osip_naptr, waits: bool) -> Result<c_int, Refusal> {
    if record.is_null() {
        return Err(CoreRefusal::BadParameter.into());
    }
    let record = record.cast::<NaptrOfC>();
    let lookup = with_helpers(|helpers| {
        // SAFETY: the caller's promise.
        let number = unsafe { (*record).arg }.addr();
        helpers.lookups.get(&number).cloned()
    })?;
    // The lock is free while this waits.
    let Some((found, holds_until)) = lookup.and_then(|lookup| lookup.answer(waits)) else {
        return Ok(0);
    };
    with_helpers(|helpers| {
        // SAFETY: the caller's promise.
        let naptr = unsafe { &mut *record };
        // Another thread may have been faster.
        if helpers.lookups.remove(&naptr.arg.addr()).is_some() {
            naptr.arg = ptr::null_mut();
            fill(naptr, found);
            let at = record.addr();
            let mut kept = helpers.kept.values_mut();
            if naptr.keep_in_cache > 0 {
                if let Some(kept) = kept.find(|kept| kept.struct_at == at) {
                    kept.holds_until = Some(holds_until);
                }
            }
        }
    })?;
    Ok(0)
}

/// See `eXosip_dnsutils_rotate_srv`.
///
/// # Safety
/// `record` is NULL or a record of a struct of ours.
pub(super) unsafe fn rotate(record: *mut osip_srv_record) -> Result<c_int, Refusal> {
    // SAFETY: the caller's promise.
    let record =
        unsafe { record.cast::<ServersOfC>().as_mut() }.ok_or(CoreRefusal::BadParameter)?;
    let servers = record.srventry.iter().take_while(|server| server.srv[0] != 0).count();
    let servers = c_int::try_from(servers).map_err(|_| CoreRefusal::Undefined)?;
    if servers == 0 {
        return Err(CoreRefusal::Undefined.into());
    }
    record.index = record.index.wrapping_add(1).rem_euclid(servers);
    Ok(servers - 1)
}

/// See `eXosip_dnsutils_release`.
///
/// # Safety
/// `record` is NULL or a struct of ours that was not released.
pub(super) unsafe fn release(record: *mut osip_naptr) {
    // SAFETY: the caller's promise.
    let Some(naptr) = (unsafe { record.cast::<NaptrOfC>().as_ref() }) else { return };
    if naptr.keep_in_cache > 0 {
        return;
    }
    // A look-up that cannot be given up now is one that nobody asks for.
    let _ = with_helpers(|helpers| helpers.lookups.remove(&naptr.arg.addr()));
    // SAFETY: it is the caller's, and one of our blocks.
    unsafe { cmem::release(record.cast()) };
}

impl Helpers {
    /// Has `naptr` filled with what is known of `domain` by and by.
    fn begin(&mut self, naptr: &mut NaptrOfC, domain: &str) {
        let question = match domain.split_once('!') {
            // Other name servers than those of the system cannot be asked.
            Some((below, number)) => {
                let number = number.split('!').next().unwrap_or("");
                let digits: String = number.chars().filter(char::is_ascii_digit).collect();
                put(&mut naptr.aus, &digits);
                ServicesQuestion::Number(below.to_owned(), digits)
            }
            None => ServicesQuestion::Domain(domain.to_owned()),
        };
        let Some(lookup) = ServicesLookup::begin(question) else {
            naptr.naptr_state = NAPTR_RETRY_LATER;
            return;
        };
        self.last_lookup = self.last_lookup.wrapping_add(1).max(1);
        self.lookups.insert(self.last_lookup, lookup);
        naptr.arg = ptr::without_provenance_mut(self.last_lookup);
        naptr.naptr_state = NAPTR_IN_PROGRESS;
    }
}

fn fill(naptr: &mut NaptrOfC, found: Result<DomainServices, ServicesError>) {
    let DomainServices { by_transport, uri, .. } = match found {
        Ok(found) => found,
        Err(error) => {
            naptr.naptr_state = match error {
                ServicesError::Later => NAPTR_RETRY_LATER,
                ServicesError::Nothing(_) => NAPTR_NOT_SUPPORTED,
            };
            return;
        }
    };
    for (into, service) in naptr.by_transport.iter_mut().zip(&by_transport) {
        fill_servers(into, service.as_ref());
    }
    if let Some(record) = uri {
        fill_record(&mut naptr.number, &record);
    }
    naptr.naptr_state = NAPTR_SRV_DONE;
}

fn fill_servers(into: &mut ServersOfC, service: Option<&DomainService>) {
    into.index = 0;
    into.srventry.iter_mut().for_each(|server| server.srv[0] = 0);
    let Some(DomainService { record, servers }) = service else {
        into.srv_state = SRV_NOT_SUPPORTED;
        return;
    };
    fill_record(into, record);
    into.srv_state = if servers.is_empty() { 0 } else { SRV_COMPLETED };
    for (at, (into, server)) in into.srventry.iter_mut().zip(servers).enumerate() {
        put(&mut into.srv, &server.target);
        into.priority = server.priority.into();
        into.weight = server.weight.into();
        // What a program sorts by, the greatest first among those of one priority.
        into.rweight = c_int::try_from(SERVERS - at).unwrap_or(0);
        into.port = server.port.into();
    }
}

fn fill_record(into: &mut ServersOfC, record: &NaptrRecord) {
    put(&mut into.name, &record.replacement);
    put(&mut into.flag, &record.flags);
    put(&mut into.protocol, &record.services);
    put(&mut into.regexp, &record.regexp);
    put(&mut into.replacement, &record.replacement);
    (into.order, into.preference) = (record.order.into(), record.preference.into());
}

/// Copies what fits of `text`, and a NUL.
fn put<const N: usize>(into: &mut [c_char; N], text: &str) {
    let octets = text.bytes().take(N - 1).take_while(|octet| *octet != 0).chain([0]);
    for (to, octet) in into.iter_mut().zip(octets) {
        *to = c_char::from_ne_bytes([octet]); // signed or not, by the machine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_structs_are_those_of_libosip2() {
        assert_eq!(size_of::<NaptrOfC>(), 90_168);
        assert_eq!(size_of::<ServersOfC>(), 14_928);
        assert_eq!(size_of::<ServerOfC>(), 1056);
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_and_ends() {
        let mut into = [1; 4];
        put(&mut into, "abcdef");
        assert_eq!(into, [97, 98, 99, 0]);
        put(&mut into, "");
        assert_eq!(into[0], 0);
    }
}
