//! Answers to requests of the peer in a dialog (RFC 3261 sections 8.2.6, 12.1.1).

use super::Dialog;
use crate::request::Settings;
use crate::request::response::response_to;
use crate::sip::{Draft, Message, registered_reason};
use std::net::SocketAddr;

impl Dialog {
    /// The answer of `status` to `request`, which came from `from`. One that makes or keeps the
    /// dialog (101 to 299) has the recorded route and our Contact, still without address; the
    /// Contact of a redirection is the application's.
    pub fn answer(
        &self,
        request: &Message<'_>,
        from: SocketAddr,
        status: u16,
        settings: &Settings,
    ) -> Draft {
        let mut draft = response_to(request, from, status, self.local_tag(), &settings.user_agent);
        if registered_reason(status).is_none() {
            draft.set_start(&format!("SIP/2.0 {status} Unknown code"));
        }
        if (101..300).contains(&status) {
            let behind_vias = draft.headers().take_while(|(name, _)| *name == "Via").count();
            for (at, route) in request.elements("Record-Route").enumerate() {
                draft.insert(behind_vias + at, "Record-Route", route);
            }
            let mut contact = String::new();
            self.push_contact(&mut contact, settings);
            draft.insert_after("CSeq", "Contact", contact);
        }
        draft
    }
}
