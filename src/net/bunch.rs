//! Datagrams that go out by one system call.
//!
//! Many of one length to one place in a row go as one text that the kernel cuts into datagrams (UDP_SEGMENT, Linux 4.18): it then takes
//! them through its layers once, which takes about half of what sending costs. On the wire there is a datagram each; whoever looks on this host,
//! before the cut, sees one packet.

use super::UdpFlow;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;

/// Datagrams sent by one system call.
pub(crate) const SENT_AT_ONCE: usize = 32;
/// So many of one length in a row are given to the kernel as one text.
const FEWEST: usize = 8;
/// Longer ones might not fit the path's MTU, where the kernel refuses to cut; and so [`SENT_AT_ONCE`] of them are no more than it takes.
const LONGEST: usize = 1200;

/// What tells the kernel to cut a text after so many bytes, as cmsg(3) has it.
#[repr(C, align(8))]
struct Cut {
    head: libc::cmsghdr,
    after: u16,
    /// As far as the next would begin.
    _rest: [u16; 3],
}

impl Cut {
    const fn new() -> Self {
        let head = libc::cmsghdr {
            cmsg_len: (size_of::<libc::cmsghdr>() + size_of::<u16>()) as _,
            cmsg_level: libc::SOL_UDP,
            cmsg_type: libc::UDP_SEGMENT,
        };
        Self { head, after: 0, _rest: [0; 3] }
    }
}

impl UdpFlow {
    /// Hands over the first of `datagrams`, [`SENT_AT_ONCE`] at most; how many the kernel has. What [`UdpFlow::send`] says of the next one
    /// is why it is none of them, if anything is wrong with it. `cut`: the kernel may cut.
    pub(crate) fn send_some<'d>(
        &self,
        datagrams: impl Iterator<Item = (SocketAddr, &'d [u8])>,
        cut: bool,
    ) -> usize {
        let mut names = [const { None }; SENT_AT_ONCE];
        let mut cuts = [const { Cut::new() }; SENT_AT_ONCE / FEWEST];
        // SAFETY: plain data for which zero is a value.
        let (mut parts, mut heads): ([libc::iovec; SENT_AT_ONCE], [libc::mmsghdr; SENT_AT_ONCE]) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
        let mut wanted = [None; SENT_AT_ONCE];
        let reachable = datagrams.take_while(|(to, _)| self.family.takes(to.ip()));
        let mut count = 0;
        for ((to, bytes), (part, wanted)) in reachable.zip(parts.iter_mut().zip(&mut wanted)) {
            *part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
            *wanted = Some((to, bytes.len()));
            count += 1;
        }
        let cut = cut && self.cuts.load(Ordering::Relaxed);
        let (mut at, mut used, mut cuts) = (0, 0, cuts.iter_mut());
        while let Some(Some((to, length))) = wanted.get(at).copied() {
            let name = names[used].insert(self.target(to));
            let head = &mut heads[used].msg_hdr;
            head.msg_name = name.as_ptr().cast_mut().cast();
            head.msg_namelen = name.len();
            head.msg_iov = &raw mut parts[at];
            head.msg_iovlen = 1;
            let alike = || wanted[at..count].iter().take_while(|other| **other == wanted[at]).count();
            if cut
                && (1..=LONGEST).contains(&length)
                && let alike = alike()
                && alike >= FEWEST
                && let Some(cut) = cuts.next()
            {
                cut.after = length as u16;
                head.msg_iovlen = alike;
                head.msg_control = (&raw mut *cut).cast();
                head.msg_controllen = size_of::<Cut>() as _;
            }
            at += head.msg_iovlen;
            used += 1;
        }
        let flags = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;
        // SAFETY: so many heads, each with its own name, cut and parts, which live as long as the call; what they lead to is only read.
        let sent = unsafe { libc::sendmmsg(self.fd(), heads.as_mut_ptr(), used as _, flags) };
        let Ok(sent) = usize::try_from(sent) else {
            if heads[0].msg_hdr.msg_iovlen > 1 && !may_pass(&io::Error::last_os_error()) {
                // Not on this way: from now on each goes alone.
                self.cuts.store(false, Ordering::Relaxed);
            }
            return 0;
        };
        heads[..sent].iter().map(|head| head.msg_hdr.msg_iovlen).sum()
    }
}

/// Whether the same may well be sent later: the error is no answer to the wish to cut.
fn may_pass(error: &io::Error) -> bool {
    const ANSWERS: [i32; 5] = [libc::EINVAL, libc::EIO, libc::EMSGSIZE, libc::EOPNOTSUPP, libc::ENOPROTOOPT];
    !error.raw_os_error().is_some_and(|code| ANSWERS.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::super::{Batch, Bind, Waker};
    use super::*;
    use std::time::Duration;

    fn flow(address: &str, dual: bool) -> UdpFlow {
        UdpFlow::bind(Bind { address: format!("{address}:0").parse().unwrap(), dual, dscp: 26 }).unwrap()
    }

    fn received(flow: &UdpFlow) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let mut batch = Batch::new();
        while Waker::new().unwrap().wait(flow, false, Some(Duration::from_millis(50))).readable {
            flow.receive(&mut batch);
            all.extend(batch.iter().map(|(_, bytes)| bytes.to_vec()));
        }
        all
    }

    /// All of `texts`, some at once.
    fn send_all(from: &UdpFlow, to: &UdpFlow, texts: &[Vec<u8>], cut: bool) {
        let mut rest = texts;
        while !rest.is_empty() {
            let sent = from.send_some(rest.iter().map(|text| (to.local(), &text[..])), cut);
            assert!((1..=SENT_AT_ONCE).contains(&sent));
            rest = &rest[sent..];
        }
    }

    #[test]
    fn datagrams_that_go_out_together_arrive_in_order_whatever_the_family() {
        let to: Vec<_> = [("127.0.0.1", false), ("[::1]", false)].map(|(ip, dual)| flow(ip, dual)).into();
        let from = flow("[::]", true);
        let texts: Vec<[u8; 1]> = (0..SENT_AT_ONCE as u8 + 4).map(|n| [n]).collect();
        let datagrams = || texts.iter().map(|text| (to[usize::from(text[0] % 2)].local(), &text[..]));
        assert_eq!(from.send_some(datagrams(), true), SENT_AT_ONCE);
        assert_eq!(from.send_some(datagrams().skip(SENT_AT_ONCE), true), 4);
        for (at, flow) in to.iter().enumerate() {
            let arrived: Vec<u8> = received(flow).into_iter().map(|text| text[0]).collect();
            let wanted = (0..texts.len() as u8).filter(|n| usize::from(n % 2) == at);
            assert_eq!(arrived, wanted.collect::<Vec<_>>());
        }
        assert_eq!(to[0].send_some(datagrams().skip(1), true), 0, "an address that it cannot reach");
    }

    #[test]
    fn what_is_of_one_length_arrives_as_so_many_datagrams() {
        let lengths = [
            vec![700; SENT_AT_ONCE + 3],
            vec![LONGEST; SENT_AT_ONCE],
            vec![LONGEST + 1; FEWEST],
            [vec![5; FEWEST], vec![4], vec![5; FEWEST - 1], vec![6; FEWEST + 1], vec![1]].concat(),
            vec![0; FEWEST],
        ];
        for (ip, dual) in [("127.0.0.1", false), ("[::1]", false), ("[::]", true)] {
            let (from, to) = (flow(ip, dual), flow(if dual { "127.0.0.1" } else { ip }, false));
            for (lengths, cut) in lengths.iter().flat_map(|lengths| [(lengths, true), (lengths, false)]) {
                let text = |(number, length): (usize, &usize)| vec![number as u8; *length];
                let texts: Vec<_> = lengths.iter().enumerate().map(text).collect();
                send_all(&from, &to, &texts, cut);
                assert!(received(&to) == texts, "{lengths:?} from {ip}");
            }
        }
    }

    /// How many datagrams come by each receive call where the kernel may leave together what it was given together (UDP_GRO).
    fn received_together(from: &UdpFlow, count: usize, cut: bool) -> Vec<usize> {
        let to = flow("127.0.0.1", false);
        to.set(libc::SOL_UDP, libc::UDP_GRO, 1).unwrap();
        send_all(from, &to, &vec![b"text".to_vec(); count], cut);
        received(&to).iter().map(|text| text.len() / 4).collect()
    }

    #[test]
    fn many_of_one_length_go_as_one_and_few_do_not_nor_where_that_is_not_wanted() {
        let from = flow("127.0.0.1", false);
        assert_eq!(received_together(&from, FEWEST, true), [FEWEST]);
        assert_eq!(received_together(&from, SENT_AT_ONCE + 2, true), [SENT_AT_ONCE, 1, 1]);
        assert_eq!(received_together(&from, FEWEST - 1, true), [1; FEWEST - 1]);
        assert_eq!(received_together(&from, FEWEST, false), [1; FEWEST]);
    }

    #[test]
    fn where_the_kernel_does_not_cut_each_goes_alone_from_then_on() {
        let (from, to) = (flow("127.0.0.1", false), flow("127.0.0.1", false));
        assert!(from.cuts.load(Ordering::Relaxed));
        // It cuts nothing that has no checksum.
        from.set(libc::SOL_SOCKET, libc::SO_NO_CHECK, 1).unwrap();
        let texts = vec![b"text".to_vec(); FEWEST];
        assert_eq!(from.send_some(texts.iter().map(|text| (to.local(), &text[..])), true), 0);
        send_all(&from, &to, &texts, true);
        assert_eq!(received(&to), texts);
    }

    #[test]
    fn an_error_of_an_earlier_datagram_does_not_end_it() {
        assert!(may_pass(&io::Error::from_raw_os_error(libc::ECONNREFUSED)));
        assert!(may_pass(&io::ErrorKind::WouldBlock.into()));
        assert!(!may_pass(&io::Error::from_raw_os_error(libc::EIO)));
    }
}
