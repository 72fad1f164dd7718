//! Changes of the network as the kernel reports them (rtnetlink(7)): addresses, routes and links.

use parking_lot::Mutex;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};

/// What is subscribed to. Neighbours are not: they come and go without a change of ours.
const GROUPS: libc::c_int = libc::RTMGRP_LINK
    | libc::RTMGRP_IPV4_IFADDR
    | libc::RTMGRP_IPV6_IFADDR
    | libc::RTMGRP_IPV4_ROUTE
    | libc::RTMGRP_IPV6_ROUTE;
/// The flags of a link by which it carries packets or not. Wireless links report much else.
const LINK_FLAGS: libc::c_int = libc::IFF_UP | libc::IFF_RUNNING | libc::IFF_LOWER_UP;
/// The flags of an address by which packets leave from it or not. A router that announces its
/// prefix has each address reported anew, with another lifetime.
const ADDRESS_FLAGS: u8 =
    (libc::IFA_F_TENTATIVE | libc::IFA_F_DEPRECATED | libc::IFA_F_DADFAILED) as u8;
/// Links and addresses that are remembered, of each. What is reported of others counts as a change.
const MOST_KNOWN: usize = 256;
/// The length of `struct nlmsghdr`.
const HEADER: usize = 16;

/// A socket that is readable when the kernel reports something.
#[derive(Debug)]
pub(super) struct InterfaceWatch {
    socket: File,
    /// Only whoever drives the sockets reads.
    reports: Mutex<Reports>,
}

/// What was reported.
#[derive(Debug, Default)]
struct Reports {
    /// By index, the flags that count.
    links: LastReported,
    /// By link and address, the flags that count.
    addresses: LastReported,
}

/// What something was like when it was last reported.
#[derive(Debug, Default)]
struct LastReported(Vec<(Vec<u8>, u32)>);

impl InterfaceWatch {
    /// Opens it. Errors: the system does not allow it.
    pub(super) fn open() -> io::Result<InterfaceWatch> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // SAFETY: no pointers.
        let fd = unsafe { libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_ROUTE) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and has no other owner.
        let socket = unsafe { File::from_raw_fd(fd) };
        // SAFETY: all zero is a valid sockaddr_nl.
        let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
        address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
        address.nl_groups = GROUPS as u32;
        let length = size_of::<libc::sockaddr_nl>() as libc::socklen_t;
        // SAFETY: an address of this length that outlives the call.
        if unsafe { libc::bind(fd, (&raw const address).cast(), length) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(InterfaceWatch { socket, reports: Mutex::default() })
    }

    pub(super) fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Reads what was reported; whether something of it may change our way to a server. What that
    /// is, is not used: addresses are asked for where they matter.
    pub(super) fn drain(&self) -> bool {
        let mut reports = self.reports.lock();
        let (mut changed, mut buffer) = (false, [0; 8192]);
        for _ in 0..64 {
            match (&self.socket).read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => changed |= reports.are_changed_by(&buffer[..length]),
                // More was reported than fits. Something has changed then.
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => changed = true,
                Err(_) => break,
            }
        }
        changed
    }
}

impl Reports {
    /// Whether one of these messages of the kernel may change our way to a server.
    fn are_changed_by(&mut self, mut messages: &[u8]) -> bool {
        let mut changed = false;
        while let Some(length) = number(messages, 0) {
            let length = length as usize;
            let Some(body) = messages.get(HEADER..length) else { return true };
            let kind = messages.get(4..6).map(|kind| u16::from_ne_bytes([kind[0], kind[1]]));
            changed |= match kind {
                Some(libc::RTM_NEWADDR) => self.addresses.is_news(address(body)),
                Some(libc::RTM_DELADDR) => self.addresses.forget(address(body)),
                Some(libc::RTM_NEWLINK) => self.links.is_news(link(body)),
                Some(libc::RTM_DELLINK) => self.links.forget(link(body)),
                Some(libc::RTM_NEWROUTE | libc::RTM_DELROUTE) => is_route(body),
                _ => false,
            };
            // Each begins at a multiple of four bytes.
            messages = messages.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
        changed
    }
}

impl LastReported {
    /// Whether it is another than before; what cannot be read is.
    fn is_news(&mut self, reported: Option<(Vec<u8>, u32)>) -> bool {
        let Some((key, flags)) = reported else { return true };
        match self.0.iter_mut().find(|known| known.0 == key) {
            Some(known) => std::mem::replace(&mut known.1, flags) != flags,
            None => {
                if self.0.len() < MOST_KNOWN {
                    self.0.push((key, flags));
                }
                true
            }
        }
    }

    /// It is gone, which is always news.
    fn forget(&mut self, reported: Option<(Vec<u8>, u32)>) -> bool {
        self.0.retain(|known| reported.as_ref().is_none_or(|(key, _)| known.0 != *key));
        true
    }
}

/// The index of a `struct ifinfomsg` and the flags of it that count.
fn link(body: &[u8]) -> Option<(Vec<u8>, u32)> {
    Some((body.get(4..8)?.to_vec(), number(body, 8)? & LINK_FLAGS as u32))
}

/// The link and the address of a `struct ifaddrmsg`, and the flags of it that count.
fn address(body: &[u8]) -> Option<(Vec<u8>, u32)> {
    let (mut key, flags) = (body.get(4..8)?.to_vec(), body.get(2)? & ADDRESS_FLAGS);
    let mut attributes = body.get(8..)?;
    while let Some([low, high, kind_low, kind_high, rest @ ..]) = attributes.get(..) {
        let length = usize::from(u16::from_ne_bytes([*low, *high]));
        let kind = u16::from_ne_bytes([*kind_low, *kind_high]);
        let value = rest.get(..length.checked_sub(4)?)?;
        if matches!(kind, libc::IFA_ADDRESS | libc::IFA_LOCAL) {
            key.extend(value);
        }
        attributes = attributes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Some((key, flags.into()))
}

/// Whether a `struct rtmsg` is a route that packets to a server may take. The table `local`, and
/// routes of broadcasts and multicast, follow the addresses; a clone is what the kernel looked up.
fn is_route(body: &[u8]) -> bool {
    let (Some(table), Some(kind)) = (body.get(4), body.get(7)) else { return true };
    let is_clone = number(body, 8).is_some_and(|flags| flags & libc::RTM_F_CLONED != 0);
    let follows = matches!(
        *kind,
        libc::RTN_LOCAL | libc::RTN_BROADCAST | libc::RTN_ANYCAST | libc::RTN_MULTICAST
    );
    *table != libc::RT_TABLE_LOCAL && !follows && !is_clone
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, body: &[u8]) -> Vec<u8> {
        let mut message = ((HEADER + body.len()) as u32).to_ne_bytes().to_vec();
        message.extend(kind.to_ne_bytes());
        message.extend([0; 10]);
        message.extend(body);
        message.resize(message.len().next_multiple_of(4), 0);
        message
    }

    fn new_link(index: i32, flags: libc::c_int) -> Vec<u8> {
        let mut body = vec![0; 4];
        body.extend(index.to_ne_bytes());
        body.extend(flags.to_ne_bytes());
        body.extend([0; 4]);
        message(libc::RTM_NEWLINK, &body)
    }

    /// With its lifetime, as the kernel reports it.
    fn new_address(address: [u8; 4], flags: u8, lifetime: u32) -> Vec<u8> {
        let mut body = vec![libc::AF_INET as u8, 24, flags, 0];
        body.extend(3_i32.to_ne_bytes());
        for (kind, value) in [(libc::IFA_LOCAL, address), (6, lifetime.to_ne_bytes())] {
            body.extend(8_u16.to_ne_bytes());
            body.extend(kind.to_ne_bytes());
            body.extend(value);
        }
        message(libc::RTM_NEWADDR, &body)
    }

    fn route(table: u8, kind: u8, flags: u32) -> Vec<u8> {
        let mut body = vec![libc::AF_INET as u8, 0, 0, 0, table, 0, 0, kind];
        body.extend(flags.to_ne_bytes());
        message(libc::RTM_NEWROUTE, &body)
    }

    #[test]
    fn reading_reports_never_blocks() {
        // Where the system does not allow netlink there is nothing to test.
        if let Ok(watch) = InterfaceWatch::open() {
            watch.drain();
            assert!(watch.fd() >= 0);
        }
    }

    #[test]
    fn a_link_counts_when_it_begins_or_ceases_to_carry() {
        let mut reports = Reports::default();
        let (up, down) = (libc::IFF_UP | libc::IFF_RUNNING | libc::IFF_LOWER_UP, libc::IFF_UP);
        assert!(reports.are_changed_by(&new_link(3, up)), "the first report of it");
        for noise in [up, up | libc::IFF_PROMISC, up] {
            assert!(!reports.are_changed_by(&new_link(3, noise)));
        }
        assert!(reports.are_changed_by(&new_link(3, down)));
        assert!(reports.are_changed_by(&new_link(3, up)));
        let gone = new_link(3, up)[HEADER..].to_vec();
        assert!(reports.are_changed_by(&message(libc::RTM_DELLINK, &gone)));
        assert!(reports.are_changed_by(&new_link(3, up)));
        for index in 0..1000 {
            reports.are_changed_by(&new_link(index, up));
        }
        assert_eq!(reports.links.0.len(), MOST_KNOWN);
    }

    #[test]
    fn an_address_counts_when_it_comes_or_goes_and_not_for_its_lifetime() {
        let mut reports = Reports::default();
        let one = |flags, lifetime| new_address([10, 0, 0, 1], flags, lifetime);
        let tentative = libc::IFA_F_TENTATIVE as u8;
        assert!(reports.are_changed_by(&one(tentative, 60)));
        assert!(reports.are_changed_by(&one(0, 60)), "it is of use now");
        assert!(!reports.are_changed_by(&one(0, 3600)));
        assert!(reports.are_changed_by(&new_address([10, 0, 0, 2], 0, 60)));
        let gone = one(0, 60)[HEADER..].to_vec();
        assert!(reports.are_changed_by(&message(libc::RTM_DELADDR, &gone)));
        assert!(reports.are_changed_by(&one(0, 60)));
        for end in 0..gone.len() {
            reports.are_changed_by(&message(libc::RTM_NEWADDR, &gone[..end]));
        }
    }

    #[test]
    fn routes_of_packets_to_servers_count() {
        let counts =
            |table, kind, flags| Reports::default().are_changed_by(&route(table, kind, flags));
        let (main, local) = (libc::RT_TABLE_MAIN, libc::RT_TABLE_LOCAL);
        assert!(counts(main, libc::RTN_UNICAST, 0));
        assert!(counts(main, libc::RTN_UNREACHABLE, 0));
        assert!(counts(7, libc::RTN_UNICAST, 0), "policy routing");
        assert!(!counts(local, libc::RTN_UNICAST, 0));
        assert!(!counts(main, libc::RTN_MULTICAST, 0));
        assert!(!counts(main, libc::RTN_UNICAST, libc::RTM_F_CLONED));
    }

    #[test]
    fn each_message_of_a_report_counts_and_broken_ones_too() {
        let mut reports = Reports::default();
        let noise = route(libc::RT_TABLE_LOCAL, libc::RTN_LOCAL, 0);
        let neighbour = message(libc::RTM_NEWNEIGH, &[0; 12]);
        assert!(!reports.are_changed_by(&[noise.clone(), neighbour.clone()].concat()));
        let address = new_address([10, 0, 0, 1], 0, 60);
        assert!(reports.are_changed_by(&[noise, address, neighbour].concat()));
        assert!(reports.are_changed_by(&200_u32.to_ne_bytes()));
        assert!(reports.are_changed_by(&[0; 40]), "a length of nothing does not spin");
        assert!(!reports.are_changed_by(&[]));
    }
}
