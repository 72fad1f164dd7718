//! Questions to the DNS by the C library's resolver, one at a time: each takes as long as it likes.

use super::error_text::error_text;
use super::udp::Family;
use super::{address, dns_message};
use crate::transport::{DnsError, RecordKind, Records};
use std::ffi::CString;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::raw::{c_char, c_int, c_uchar};
use std::time::Duration;

/// Addresses taken of one name.
const ADDRESSES: usize = 16;
/// getaddrinfo(3) does not tell a TTL, and the system has a cache of its own where one is wanted.
const ADDRESS_TTL: Duration = Duration::from_secs(5);
/// What is read of an answer; the C library asks over TCP for one that does not fit into a
/// datagram.
const ANSWER: usize = 8192;
/// The longest name of the DNS (RFC 1035 section 2.3.4).
const MAX_NAME: usize = 255;

unsafe extern "C" {
    /// See src/c/resolver.c.
    fn register_dns_query(
        name: *const c_char,
        kind: c_int,
        answer: *mut c_uchar,
        size: c_int,
    ) -> c_int;
}

/// Asks for the records of `kind` at `name`, which needs no dot at its end.
///
/// Addresses come from getaddrinfo(3), so that /etc/hosts and whatever else nsswitch.conf(5) names
/// are asked too; NAPTR and SRV records come from the name servers.
pub fn query(name: &str, kind: RecordKind) -> Result<Records, DnsError> {
    let family = match kind {
        RecordKind::Naptr | RecordKind::Srv => return ask(name, kind),
        RecordKind::A => Family::V4,
        RecordKind::Aaaa => Family::V6,
    };
    let (addresses, zone) = addresses(name, family)?;
    Ok(Records::Addresses { ttl: ADDRESS_TTL, addresses, zone })
}

fn ask(name: &str, kind: RecordKind) -> Result<Records, DnsError> {
    let name = c_name(name)?;
    let mut answer = vec![0_u8; ANSWER];
    let code = c_int::from(dns_message::code(kind));
    // SAFETY: `name` ends with NUL, and `answer` has the size that is given.
    let length =
        unsafe { register_dns_query(name.as_ptr(), code, answer.as_mut_ptr(), ANSWER as c_int) };
    match usize::try_from(length) {
        Ok(length) => dns_message::parse(&answer[..length.min(ANSWER)], kind),
        Err(_) => Err(match length {
            -1 => DnsError::InvalidName,
            -3 => DnsError::Unreachable,
            _ => DnsError::Timeout,
        }),
    }
}

/// The addresses of `name` that `family` reaches, at least one, in the order of RFC 6724, and the
/// interface of the first that belongs to a link. `name` may be such an address with its zone.
fn addresses(name: &str, family: Family) -> Result<(Vec<IpAddr>, u32), DnsError> {
    let host = c_name(name)?;
    // SAFETY: plain data for which zero is a value.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_socktype = libc::SOCK_DGRAM;
    hints.ai_family = match family {
        Family::V4 => libc::AF_INET,
        Family::V6 => libc::AF_INET6,
        Family::Dual => libc::AF_UNSPEC,
    };
    let mut list = std::ptr::null_mut();
    // SAFETY: `host` ends with NUL, `hints` lives here, and `list` gets a list that is freed below.
    let code = unsafe {
        libc::getaddrinfo(host.as_ptr(), std::ptr::null(), &raw const hints, &raw mut list)
    };
    if code != 0 {
        return Err(failure(code));
    }
    let (mut found, mut zone) = (Vec::new(), 0);
    let mut next = list;
    while !next.is_null() && found.len() < ADDRESSES {
        // SAFETY: an entry of the list, which lives until freeaddrinfo.
        let entry = unsafe { &*next };
        // SAFETY: NULL or a socket address of its family's size.
        let address = unsafe { address::read(entry.ai_addr) };
        if let Some(SocketAddr::V6(address)) = address.filter(|_| zone == 0) {
            zone = address.scope_id();
        }
        let ip = address.map(|address| address.ip());
        if let Some(ip) = ip.filter(|ip| family.takes(*ip) && !found.contains(ip)) {
            found.push(ip);
        }
        next = entry.ai_next;
    }
    // SAFETY: the list that getaddrinfo gave, once.
    unsafe { libc::freeaddrinfo(list) };
    if found.is_empty() { Err(DnsError::NoData) } else { Ok((found, zone)) }
}

fn c_name(name: &str) -> Result<CString, DnsError> {
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(DnsError::InvalidName);
    }
    CString::new(name).map_err(|_| DnsError::InvalidName)
}

/// The error of getaddrinfo(3).
fn failure(code: c_int) -> DnsError {
    match code {
        libc::EAI_NONAME => DnsError::NotFound,
        libc::EAI_NODATA => DnsError::NoData,
        libc::EAI_AGAIN => DnsError::Timeout,
        libc::EAI_FAIL => DnsError::ServerFailure,
        libc::EAI_SYSTEM => DnsError::System(error_text(&io::Error::last_os_error())),
        libc::EAI_MEMORY => {
            DnsError::System(error_text(&io::Error::from_raw_os_error(libc::ENOMEM)))
        }
        _ => DnsError::System(format!("getaddrinfo: error {code}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_name_in_etc_hosts_are_found_by_family() {
        let addresses = vec![IpAddr::from([127, 0, 0, 1])];
        let expected = Records::Addresses { ttl: ADDRESS_TTL, addresses, zone: 0 };
        assert_eq!(query("localhost", RecordKind::A), Ok(expected));
    }

    #[test]
    fn the_zone_of_an_address_is_the_number_of_its_interface() {
        let addresses = vec![IpAddr::from([0xfe80, 0, 0, 0, 0, 0, 0, 1])];
        let expected = Records::Addresses { ttl: ADDRESS_TTL, addresses, zone: 1 };
        assert_eq!(query("fe80::1%1", RecordKind::Aaaa), Ok(expected));
        assert!(query("fe80::1%nonexistent", RecordKind::Aaaa).is_err());
    }

    #[test]
    fn what_cannot_be_a_name_is_refused_without_asking() {
        for name in ["", "a\0b", &"a".repeat(256)] {
            for kind in [RecordKind::Naptr, RecordKind::Srv, RecordKind::A, RecordKind::Aaaa] {
                assert_eq!(query(name, kind), Err(DnsError::InvalidName));
            }
        }
        let long_label = format!("{}.test", "a".repeat(64));
        assert_eq!(query(&long_label, RecordKind::Srv), Err(DnsError::InvalidName));
    }
}
