//! What the kernel tells of the interfaces (rtnetlink(7)).

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};

/// A socket that is readable when an interface has got or lost an address.
#[derive(Debug)]
pub(super) struct Links(File);

impl Links {
    /// Opens it. Errors: the system has none to give.
    pub(super) fn open() -> io::Result<Links> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // SAFETY: no pointers.
        let fd = unsafe { libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_ROUTE) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and nobody else's.
        let links = Links(unsafe { File::from_raw_fd(fd) });
        // SAFETY: all zero is a valid sockaddr_nl.
        let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
        address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
        address.nl_groups = (libc::RTMGRP_IPV4_IFADDR | libc::RTMGRP_IPV6_IFADDR) as u32;
        let length = size_of::<libc::sockaddr_nl>() as libc::socklen_t;
        // SAFETY: an address of this length that outlives the call.
        if unsafe { libc::bind(fd, (&raw const address).cast(), length) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(links)
    }

    pub(super) fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Takes what was told; whether there was something. What it says in detail is asked anew where it matters.
    pub(super) fn drain(&self) -> bool {
        let mut told = false;
        for _ in 0..64 {
            match (&self.0).read(&mut [0; 8192]) {
                Ok(0) => break,
                // ENOBUFS: more was told than fits. Something has changed then.
                Ok(_) => told = true,
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => told = true,
                Err(_) => break,
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calm_network_tells_nothing() {
        // Where netlink is not to be had there is nothing to test.
        if let Ok(links) = Links::open() {
            links.drain();
            assert!(links.fd() >= 0);
        }
    }
}
