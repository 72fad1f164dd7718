//! Datagrams that came by one system call.

use super::address;
use std::net::SocketAddr;
use std::os::fd::RawFd;

/// Datagrams taken by one system call.
const BATCH: usize = 32;
/// Room for the largest datagram; pages are touched only when one arrives.
const DATAGRAM: usize = 65_535;
/// From one room to the next: not by a power of two, so that the beginnings of all of them have place in the processor's cache.
const STRIDE: usize = 65_536 + 9 * 64;
/// Room for the name of a sender.
const NAME: libc::socklen_t = size_of::<libc::sockaddr_storage>() as libc::socklen_t;

/// Room for what one receive call brings, and what tells the kernel of it: made once, used again and again.
pub(crate) struct ReceiveBatch {
    room: Vec<u8>,
    names: Vec<libc::sockaddr_storage>,
    /// Pointed to by `heads`.
    _parts: Vec<libc::iovec>,
    heads: Vec<libc::mmsghdr>,
    count: usize,
}

// SAFETY: the pointers in it lead to what it owns itself.
unsafe impl Send for ReceiveBatch {}

impl ReceiveBatch {
    /// An empty batch: 2 MiB of address space, of memory only what arrives.
    pub(crate) fn new() -> ReceiveBatch {
        let mut room = vec![0; BATCH * STRIDE];
        // SAFETY: plain data for which zero is a value.
        let mut names: Vec<libc::sockaddr_storage> = vec![unsafe { std::mem::zeroed() }; BATCH];
        let part = |room: &mut [u8]| libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: DATAGRAM };
        let mut parts: Vec<_> = room.chunks_exact_mut(STRIDE).map(part).collect();
        let head = |(name, part): (&mut libc::sockaddr_storage, &mut libc::iovec)| {
            // SAFETY: plain data for which zero is a value.
            let mut head: libc::mmsghdr = unsafe { std::mem::zeroed() };
            head.msg_hdr.msg_name = (&raw mut *name).cast();
            head.msg_hdr.msg_namelen = NAME;
            head.msg_hdr.msg_iov = part;
            head.msg_hdr.msg_iovlen = 1;
            head
        };
        let heads = names.iter_mut().zip(&mut parts).map(head).collect();
        ReceiveBatch { room, names, _parts: parts, heads, count: 0 }
    }

    /// Takes what has arrived at the socket `fd`, in the place of what it holds.
    pub(super) fn fill(&mut self, fd: RawFd) {
        self.clear();
        // SAFETY: every head points to a name and one part, which live as long as the batch; each part is its own chunk of `room`.
        let count = unsafe {
            libc::recvmmsg(
                fd,
                self.heads.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        };
        // Negative: nothing there, or an ICMP error that the error queue tells in full.
        self.count = usize::try_from(count).unwrap_or(0);
    }

    /// Forgets what it holds.
    pub(crate) fn clear(&mut self) {
        for head in self.heads.iter_mut().take(self.count) {
            // The kernel has written how long the name is over how long it may be.
            head.msg_hdr.msg_namelen = NAME;
        }
        self.count = 0;
    }

    /// Sender and bytes of each datagram.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        let chunks = self.room.chunks_exact(STRIDE);
        let arrived = chunks.zip(self.names.iter().zip(&self.heads)).take(self.count);
        arrived.filter_map(|(room, (name, head))| {
            // SAFETY: the kernel wrote the name, of the family of this socket.
            let from = unsafe { address::read((&raw const *name).cast()) }?;
            Some((from, room.get(..head.msg_len as usize)?))
        })
    }
}
