//! What may be sent to a sender whose address may be forged: no more datagrams than came, and no
//! more bytes of our own making than three times those that came. Whoever is at that address may
//! have sent nothing.

use super::Requester;

/// An answer that we make by ourselves has so many times the bytes of its request at most.
const AMPLIFICATION: usize = 3;

/// The datagrams that one server transaction may still send to an address that may be forged.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReplyAllowance {
    request_bytes: usize,
    datagrams: usize,
    /// A provisional response leaves one for the final response.
    reserves_final: bool,
}

impl ReplyAllowance {
    /// That for a request of so many bytes; `None`: there is no limit.
    pub(super) fn of(requester: Requester, bytes: usize) -> Option<ReplyAllowance> {
        let allowance = ReplyAllowance { request_bytes: bytes, datagrams: 1, reserves_final: true };
        requester.may_be_forged().then_some(allowance)
    }

    /// The first response is a provisional one, which is sent at once; the final one comes when the
    /// application makes it, or when the request comes again.
    pub(super) fn spend_on_progress(&mut self) {
        self.reserves_final = false;
    }

    /// One more response is sent, whatever was sent before.
    pub(super) fn add(&mut self) {
        self.datagrams += 1;
    }

    /// The request came again as so many bytes. A shorter one is no retransmission: it would get a
    /// long answer for few bytes.
    pub(super) fn on_repeated(&mut self, bytes: usize) {
        if bytes >= self.request_bytes {
            self.datagrams += 1;
        }
    }

    /// Takes the datagram of a response, if there is one for it.
    pub(super) fn take(&mut self, is_final: bool) -> bool {
        let is_sent = self.datagrams > usize::from(!is_final && self.reserves_final);
        self.datagrams -= usize::from(is_sent);
        is_sent
    }
}

/// The most bytes of an answer of our own to a request of so many; `None`: there is no limit.
pub fn reply_limit(requester: Requester, bytes: usize) -> Option<usize> {
    requester.may_be_forged().then_some(bytes * AMPLIFICATION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::RequestOrigin;

    #[test]
    fn each_request_allows_one_response_and_one_stays_for_the_final() {
        let address = ([192, 0, 2, 1], 5060).into();
        let mut requester =
            Requester { origin: RequestOrigin::Other, address, is_connected: false };
        let mut allowance = ReplyAllowance::of(requester, 100).unwrap();
        assert!(!allowance.take(false), "the final response needs it");
        allowance.on_repeated(99);
        assert!(!allowance.take(false), "that was no retransmission");
        allowance.on_repeated(100);
        assert!(allowance.take(false) && !allowance.take(false));
        assert!(allowance.take(true) && !allowance.take(true));
        assert_eq!(reply_limit(requester, 100), Some(300));
        requester.is_connected = true;
        assert!(ReplyAllowance::of(requester, 100).is_none());
        assert_eq!(reply_limit(requester, 100), None);
    }
}
