//! Datagrams that are sent by one system call, sendmmsg(2).

use super::udp::UdpSocket;
use std::net::SocketAddr;

/// Datagrams given to one call.
pub(crate) const SEND_BATCH: usize = 32;

impl UdpSocket {
    /// Sends the first of `datagrams`, at most [`SEND_BATCH`], and returns how many the kernel
    /// took.
    ///
    /// When it took fewer than there were, [`UdpSocket::send`] for the next one gives the reason.
    pub(crate) fn send_batch<'d>(
        &self,
        datagrams: impl Iterator<Item = (SocketAddr, &'d [u8])>,
    ) -> usize {
        let mut names = [const { None }; SEND_BATCH];
        // SAFETY: plain data for which zero is a value.
        let (mut parts, mut heads): ([libc::iovec; SEND_BATCH], [libc::mmsghdr; SEND_BATCH]) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
        let reachable = datagrams.take_while(|(to, _)| self.family.takes(to.ip()));
        let places = heads.iter_mut().zip(parts.iter_mut().zip(&mut names));
        let mut count = 0;
        for ((to, bytes), (head, (part, name))) in reachable.zip(places) {
            *part =
                libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
            let name = name.insert(self.target(to));
            head.msg_hdr.msg_name = name.as_ptr().cast_mut().cast();
            head.msg_hdr.msg_namelen = name.len();
            head.msg_hdr.msg_iov = part;
            head.msg_hdr.msg_iovlen = 1;
            count += 1;
        }
        let flags = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;
        // SAFETY: `count` heads, each with its own name and part, which live as long as the call;
        // what they point to is only read.
        let sent = unsafe { libc::sendmmsg(self.fd(), heads.as_mut_ptr(), count, flags as _) };
        usize::try_from(sent).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bind, Poller, ReceiveBatch};
    use super::*;
    use std::time::Duration;

    fn socket(address: &str, dual: bool) -> UdpSocket {
        UdpSocket::bind(Bind {
            address: format!("{address}:0").parse().unwrap(),
            dual,
            dscp: 26,
            exclusive: false,
        })
        .unwrap()
    }

    fn received(socket: &UdpSocket) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let mut batch = ReceiveBatch::new();
        while Poller::new()
            .unwrap()
            .wait(Some(socket), false, Some(Duration::from_millis(50)))
            .readable
        {
            socket.receive(&mut batch);
            all.extend(batch.iter().map(|(_, bytes)| bytes.to_vec()));
        }
        all
    }

    fn send_all(from: &UdpSocket, to: &UdpSocket, texts: &[Vec<u8>]) {
        let mut rest = texts;
        while !rest.is_empty() {
            let sent = from.send_batch(rest.iter().map(|text| (to.local(), &text[..])));
            assert!((1..=SEND_BATCH).contains(&sent));
            rest = &rest[sent..];
        }
    }

    #[test]
    fn datagrams_of_one_batch_arrive_in_order_in_both_families() {
        let to: Vec<_> =
            [("127.0.0.1", false), ("[::1]", false)].map(|(ip, dual)| socket(ip, dual)).into();
        let from = socket("[::]", true);
        let texts: Vec<[u8; 1]> = (0..SEND_BATCH as u8 + 4).map(|n| [n]).collect();
        let datagrams =
            || texts.iter().map(|text| (to[usize::from(text[0] % 2)].local(), &text[..]));
        assert_eq!(from.send_batch(datagrams()), SEND_BATCH);
        assert_eq!(from.send_batch(datagrams().skip(SEND_BATCH)), 4);
        for (at, socket) in to.iter().enumerate() {
            let arrived: Vec<u8> = received(socket).into_iter().map(|text| text[0]).collect();
            let wanted = (0..texts.len() as u8).filter(|n| usize::from(n % 2) == at);
            assert_eq!(arrived, wanted.collect::<Vec<_>>());
        }
        assert_eq!(to[0].send_batch(datagrams().skip(1)), 0, "an address that it cannot reach");
    }

    #[test]
    fn datagrams_of_any_length_arrive_as_they_were_sent() {
        let lengths = [
            vec![700; SEND_BATCH + 3],
            vec![1200; SEND_BATCH],
            vec![1500; 8],
            [vec![5; 8], vec![4], vec![5; 7], vec![6; 9], vec![1]].concat(),
            vec![0; 8],
        ];
        for (ip, dual) in [("127.0.0.1", false), ("[::1]", false), ("[::]", true)] {
            let (from, to) = (socket(ip, dual), socket(if dual { "127.0.0.1" } else { ip }, false));
            for lengths in &lengths {
                let text = |(number, length): (usize, &usize)| vec![number as u8; *length];
                let texts: Vec<_> = lengths.iter().enumerate().map(text).collect();
                send_all(&from, &to, &texts);
                assert!(received(&to) == texts, "{lengths:?} from {ip}");
            }
        }
    }

    #[test]
    fn datagrams_of_one_length_leave_as_packets_of_their_own() {
        let (from, to) = (socket("127.0.0.1", false), socket("127.0.0.1", false));
        // With UDP_GRO, datagrams that left the sender as one packet are received as one text.
        to.set(libc::SOL_UDP, libc::UDP_GRO, 1).unwrap();
        let texts = vec![b"text".to_vec(); SEND_BATCH];
        send_all(&from, &to, &texts);
        assert_eq!(received(&to), texts);
    }
}
