//! Descriptors that the application gives away.

use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// Whether `fd` is a descriptor of this process.
pub(crate) fn is_descriptor(fd: RawFd) -> bool {
    // SAFETY: no pointers; a number that is no descriptor gives an error.
    unsafe { libc::fcntl(fd, libc::F_GETFD) >= 0 }
}

/// Takes over `fd`, which is a descriptor: from now on it is ours to close.
pub(crate) fn take_descriptor(fd: RawFd) -> OwnedFd {
    // SAFETY: the application has given it to us, as the documentation of eXosip_set_socket says,
    // and does not close it any more.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
