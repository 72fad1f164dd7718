//! Datagrams that are received by one system call, recvmmsg(2).

use super::address;
use std::net::SocketAddr;
use std::os::fd::RawFd;

/// Datagrams taken by one call.
const BATCH: usize = 32;
/// The largest datagram; memory is used only for what arrives.
const DATAGRAM: usize = 65_535;
/// From one buffer to the next. It is no power of two, so that the beginnings of all buffers fit
/// into the processor's cache.
const STRIDE: usize = 65_536 + 9 * 64;
/// The size of a sender's address.
const NAME: libc::socklen_t = size_of::<libc::sockaddr_storage>() as libc::socklen_t;

/// The buffers of one receive call and the structs that describe them to the kernel, made once.
pub(crate) struct ReceiveBatch {
    buffers: Vec<u8>,
    names: Vec<libc::sockaddr_storage>,
    /// `heads` points to these.
    _parts: Vec<libc::iovec>,
    heads: Vec<libc::mmsghdr>,
    count: usize,
}

// SAFETY: the pointers in it point to what it owns itself.
unsafe impl Send for ReceiveBatch {}

impl ReceiveBatch {
    /// An empty batch: 2 MiB of address space.
    pub(crate) fn new() -> ReceiveBatch {
        let mut buffers = vec![0; BATCH * STRIDE];
        // SAFETY: plain data for which zero is a value.
        let mut names: Vec<libc::sockaddr_storage> = vec![unsafe { std::mem::zeroed() }; BATCH];
        let part = |buffer: &mut [u8]| libc::iovec {
            iov_base: buffer.as_mut_ptr().cast(),
            iov_len: DATAGRAM,
        };
        let mut parts: Vec<_> = buffers.chunks_exact_mut(STRIDE).map(part).collect();
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
        ReceiveBatch { buffers, names, _parts: parts, heads, count: 0 }
    }

    /// Receives what has arrived at the socket `fd`, in place of what it holds.
    pub(super) fn fill(&mut self, fd: RawFd) {
        self.clear();
        // SAFETY: every head points to a name and one part, which live as long as the batch; each
        // part is its own chunk of `buffers`.
        let count = unsafe {
            libc::recvmmsg(
                fd,
                self.heads.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT as _,
                std::ptr::null_mut(),
            )
        };
        // Negative: nothing is there, or an ICMP error, which the error queue has in full.
        self.count = usize::try_from(count).unwrap_or(0);
    }

    /// Empties it.
    pub(crate) fn clear(&mut self) {
        for head in self.heads.iter_mut().take(self.count) {
            // The kernel has written how long the name is where it read how long it may be.
            head.msg_hdr.msg_namelen = NAME;
        }
        self.count = 0;
    }

    /// Sender and bytes of each datagram.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        let chunks = self.buffers.chunks_exact(STRIDE);
        let arrived = chunks.zip(self.names.iter().zip(&self.heads)).take(self.count);
        arrived.filter_map(|(buffer, (name, head))| {
            // SAFETY: the kernel wrote the name, of this socket's family.
            let from = unsafe { address::read((&raw const *name).cast()) }?;
            Some((from, buffer.get(..head.msg_len as usize)?))
        })
    }
}
