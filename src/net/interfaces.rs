//! Changes of the interfaces' addresses, as the kernel reports them (rtnetlink(7)).

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};

/// A socket that is readable when an interface has got or lost an address.
#[derive(Debug)]
pub(super) struct InterfaceWatch(File);

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
        let watch = InterfaceWatch(unsafe { File::from_raw_fd(fd) });
        // SAFETY: all zero is a valid sockaddr_nl.
        let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
        address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
        address.nl_groups = (libc::RTMGRP_IPV4_IFADDR | libc::RTMGRP_IPV6_IFADDR) as u32;
        let length = size_of::<libc::sockaddr_nl>() as libc::socklen_t;
        // SAFETY: an address of this length that outlives the call.
        if unsafe { libc::bind(fd, (&raw const address).cast(), length) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(watch)
    }

    pub(super) fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Reads what was reported; whether there was something. The details are not used: addresses
    /// are asked for where they matter.
    pub(super) fn drain(&self) -> bool {
        let mut changed = false;
        for _ in 0..64 {
            match (&self.0).read(&mut [0; 8192]) {
                Ok(0) => break,
                // ENOBUFS: more was reported than fits. Something has changed then.
                Ok(_) => changed = true,
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => changed = true,
                Err(_) => break,
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_reports_never_blocks() {
        // Where the system does not allow netlink there is nothing to test.
        if let Ok(watch) = InterfaceWatch::open() {
            watch.drain();
            assert!(watch.fd() >= 0);
        }
    }
}
