//! Answers to requests of the peer in a call (RFC 3261 sections 8.2.6, 12.1.1).

use crate::dialog::Dialog;
use crate::request::{Refusal, Settings};
use crate::sip::{Draft, Message};
use std::net::SocketAddr;

/// The status of an answer that the application gives: 100 is not for it. Errors: `BadParameter`.
pub fn answer_status(status: i32) -> Result<u16, Refusal> {
    let status = u16::try_from(status).ok().filter(|status| (101..700).contains(status));
    status.ok_or(Refusal::BadParameter)
}

/// The answer of `status` to `request` in `dialog`, which came from `from`. One that makes or keeps
/// a dialog (101 to 299) has the recorded route and our Contact, still without address; the Contact
/// of a redirection is the application's.
pub fn answer_to(
    request: &Message<'_>,
    from: SocketAddr,
    status: u16,
    dialog: &Dialog,
    settings: &Settings,
) -> Draft {
    let mut draft = dialog.answer(request, from, status, settings);
    if request.method() == Some("SUBSCRIBE") {
        if let Some(event) = request.header("Event") {
            draft.push("Event", event);
        }
    }
    draft
}
