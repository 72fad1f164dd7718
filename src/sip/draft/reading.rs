//! What is read from a draft: its first line and its CSeq.

use super::Draft;
use crate::sip::message::CSeq;

const VERSION: &str = "SIP/2.0 ";

impl Draft {
    /// The method of a request.
    pub fn method(&self) -> Option<&str> {
        let start = self.start();
        let method = start.split(' ').next().filter(|method| !method.is_empty());
        method.filter(|_| !start.starts_with(VERSION))
    }

    /// The status of a response.
    pub fn status(&self) -> Option<u16> {
        let code = self.start().strip_prefix(VERSION)?.get(..3)?;
        code.parse().ok().filter(|status| (100..700).contains(status))
    }

    /// The CSeq; `None` when absent or broken.
    pub fn cseq(&self) -> Option<CSeq<'_>> {
        CSeq::parse(self.get("CSeq")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_a_method_and_a_response_a_status() {
        let request = Draft::new("INVITE sip:bob@acme.test SIP/2.0");
        assert_eq!((request.method(), request.status()), (Some("INVITE"), None));
        let response = Draft::new("SIP/2.0 486 Busy Here");
        assert_eq!((response.method(), response.status()), (None, Some(486)));
        for start in ["SIP/2.0 099 Low", "SIP/2.0 700 High", "SIP/2.0 4", "SIP/2.0 4x6 No number"] {
            assert_eq!((Draft::new(start).method(), Draft::new(start).status()), (None, None));
        }
    }

    #[test]
    fn a_cseq_has_a_number_and_a_method() {
        let mut draft = Draft::request("BYE", "sip:bob@acme.test");
        assert_eq!(draft.cseq(), None);
        draft.push("CSeq", "21 BYE");
        assert_eq!(draft.cseq(), Some(CSeq { number: 21, method: "BYE" }));
        draft.set("CSeq", "BYE");
        assert_eq!(draft.cseq(), None);
    }
}
