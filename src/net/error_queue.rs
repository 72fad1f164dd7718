//! The socket's error queue: ICMP errors with the datagram they are about (ip(7), IP_RECVERR).

use super::address;
use super::udp::UdpSocket;
use crate::transport::{IcmpError, TransportError};
use std::net::SocketAddr;

/// Errors taken in one go; the rest waits for the next.
const BATCH: usize = 32;
/// What is kept of a datagram that came back: enough to find the branch of any REGISTER.
const BYTES: usize = 4096;

/// A datagram of ours that was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeliveryError {
    /// Its destination.
    pub(crate) to: SocketAddr,
    /// Why.
    pub(crate) error: TransportError,
    /// As much of it as came back.
    pub(crate) bytes: Vec<u8>,
}

impl UdpSocket {
    /// Takes the errors that wait, when poll(2) has reported one.
    pub(crate) fn take_errors(&self) -> Vec<DeliveryError> {
        let mut errors = Vec::new();
        for _ in 0..BATCH {
            match self.next_error() {
                Some(Some(error)) => errors.push(error),
                Some(None) => {}
                None => break,
            }
        }
        // An error without an entry in the queue would keep poll(2) from sleeping.
        self.take_error();
        errors
    }

    /// The next entry: `None` when the queue is empty, `Some(None)` for one of no interest.
    fn next_error(&self) -> Option<Option<DeliveryError>> {
        let mut bytes = [0u8; BYTES];
        // u64 for the alignment that control messages want.
        let mut control = [0u64; 64];
        let mut part = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: BYTES };
        // SAFETY: both are plain data for which zero is a value.
        let (mut name, mut head): (libc::sockaddr_storage, libc::msghdr) =
            unsafe { std::mem::zeroed() };
        head.msg_name = (&raw mut name).cast();
        head.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        head.msg_iov = &raw mut part;
        head.msg_iovlen = 1;
        head.msg_control = control.as_mut_ptr().cast();
        head.msg_controllen = size_of_val(&control) as _;
        // SAFETY: `head` points to a name, one part and a control buffer with their sizes; all
        // outlive the call.
        let length = unsafe {
            libc::recvmsg(self.fd(), &raw mut head, libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT)
        };
        let length = usize::try_from(length).ok()?;
        // SAFETY: the kernel wrote the destination's address, or left the zeros, which are no IP
        // family.
        let to = unsafe { address::read((&raw const name).cast()) };
        // SAFETY: `head` is as recvmsg left it and its control buffer lives.
        let extended = unsafe { extended_error(&head) };
        Some(to.zip(extended).map(|(to, (error, offender))| DeliveryError {
            to,
            error: delivery_error(&error, offender),
            bytes: bytes[..length.min(BYTES)].to_vec(),
        }))
    }
}

/// Finds the extended error among the control messages, and who sent it.
///
/// # Safety
/// `head` was filled by recvmsg(2) and its control buffer is alive.
unsafe fn extended_error(
    head: &libc::msghdr,
) -> Option<(libc::sock_extended_err, Option<SocketAddr>)> {
    // SAFETY: the caller promises that `head` is as said.
    let mut cmsg = unsafe { libc::CMSG_FIRSTHDR(head) };
    while !cmsg.is_null() {
        // SAFETY: FIRSTHDR and NXTHDR give only headers that lie inside the buffer.
        let (level, kind, len) =
            unsafe { ((*cmsg).cmsg_level, (*cmsg).cmsg_type, (*cmsg).cmsg_len as u64) };
        let ours = (level == libc::SOL_IP && kind == libc::IP_RECVERR)
            || (level == libc::SOL_IPV6 && kind == libc::IPV6_RECVERR);
        // SAFETY: arithmetic only.
        let (with_error, with_offender) = unsafe {
            let error = size_of::<libc::sock_extended_err>() as u32;
            (
                u64::from(libc::CMSG_LEN(error)),
                u64::from(libc::CMSG_LEN(error + size_of::<libc::sockaddr_in>() as u32)),
            )
        };
        if ours && len >= with_error {
            // SAFETY: the message is long enough to hold the error.
            let data = unsafe { libc::CMSG_DATA(cmsg) }.cast::<libc::sock_extended_err>();
            // SAFETY: as above.
            let error = unsafe { data.read_unaligned() };
            // SAFETY: the buffer has space for the largest address behind it, and the kernel writes
            // an address as long as its family says.
            let offender = (len >= with_offender)
                .then(|| unsafe { address::read(data.add(1).cast()) })
                .flatten();
            return Some((error, offender));
        }
        // SAFETY: `head` and `cmsg` are as above.
        cmsg = unsafe { libc::CMSG_NXTHDR(head, cmsg) };
    }
    None
}

/// What an entry of the queue means.
fn delivery_error(error: &libc::sock_extended_err, offender: Option<SocketAddr>) -> TransportError {
    let errno = error.ee_errno as i32;
    let is_v6 = match error.ee_origin {
        libc::SO_EE_ORIGIN_ICMP => false,
        libc::SO_EE_ORIGIN_ICMP6 => true,
        _ => return TransportError::Temporary { errno },
    };
    TransportError::Icmp(IcmpError {
        errno,
        is_v6,
        kind: error.ee_type,
        code: error.ee_code,
        path_mtu: (errno == libc::EMSGSIZE).then_some(error.ee_info),
        from: offender.map(|offender| offender.ip()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Bind, Poller, SendResult};
    use super::*;
    use std::time::Duration;

    fn refused(bind: &str, dual: bool, towards: &str) -> (SocketAddr, DeliveryError) {
        let open = |ip: &str, dual| {
            let address = SocketAddr::new(ip.parse().unwrap(), 0);
            UdpSocket::bind(Bind { address, dual, dscp: 0, exclusive: false }).unwrap()
        };
        let socket = open(bind, dual);
        let closed = open(towards, false).local();
        assert_eq!(socket.send(closed, b"REGISTER"), SendResult::Sent);
        let poller = Poller::new().unwrap();
        assert!(poller.wait(Some(&socket), false, Some(Duration::from_secs(5))).error);
        let mut errors = socket.take_errors();
        let quiet = poller.wait(Some(&socket), false, Some(Duration::ZERO));
        assert!(!quiet.error && !quiet.readable, "the error is reported once");
        assert_eq!(errors.len(), 1);
        (closed, errors.remove(0))
    }

    #[test]
    fn a_closed_port_is_reported_with_address_reason_and_datagram() {
        let (closed, error) = refused("127.0.0.1", false, "127.0.0.1");
        assert_eq!(error.to, closed);
        assert_eq!(
            error.error.to_string(),
            "Connection refused (ICMP port unreachable from 127.0.0.1)"
        );
        assert_eq!(error.bytes, b"REGISTER");
    }

    #[test]
    fn a_closed_port_is_reported_over_ipv6() {
        let (closed, error) = refused("::1", false, "::1");
        assert_eq!(error.to, closed);
        assert_eq!(
            error.error.to_string(),
            "Connection refused (ICMPv6 port unreachable from ::1)"
        );
        assert_eq!(error.bytes, b"REGISTER");
    }

    #[test]
    fn a_dual_stack_socket_reports_an_ipv4_destination_as_ipv4() {
        let (closed, error) = refused("::", true, "127.0.0.1");
        assert_eq!(error.to, closed);
        assert_eq!(
            error.error.to_string(),
            "Connection refused (ICMP port unreachable from 127.0.0.1)"
        );
    }
}
