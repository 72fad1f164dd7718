//! Requests of ours in the dialog of a call.

use crate::dialog::Dialog;
use crate::request::{Entropy, Refusal, Settings, is_token, tag_of};
use crate::sip::{Draft, Message};

/// What a request in a dialog asks.
#[derive(Debug, Clone, Copy)]
pub struct WithinDialog<'a> {
    /// `BYE`, `INFO`, `INVITE` …
    pub method: &'a str,
    /// Refer-To as it is to stand there (RFC 3515 section 2.1); `None` or empty: none.
    pub refer_to: Option<&'a str>,
    /// What a NOTIFY says of its subscription: 1 pending, 2 active, 3 terminated; `None`: nothing.
    pub subscription_status: Option<i32>,
}

impl<'a> WithinDialog<'a> {
    /// A request of this method and nothing more.
    pub fn plain(method: &'a str) -> Self {
        WithinDialog { method, refer_to: None, subscription_status: None }
    }

    /// Its text, with placeholders for what the way out decides. Errors: `BadParameter` without a
    /// method or for a status that is none of those; `Syntax` for a method that is no token. No
    /// number is taken then.
    pub fn draft(
        &self,
        dialog: &mut Dialog,
        settings: &Settings,
        entropy: &mut Entropy,
    ) -> Result<Draft, Refusal> {
        if self.method.is_empty() {
            return Err(Refusal::BadParameter);
        }
        if !is_token(self.method) {
            return Err(Refusal::Syntax("method"));
        }
        let state = self.subscription_status.map(subscription_state).transpose()?;
        let mut draft = dialog.request(self.method, settings, entropy);
        if self.method == "OPTIONS" {
            draft.push("Accept", "application/sdp");
        }
        if let Some(refer_to) = self.refer_to.filter(|refer_to| !refer_to.is_empty()) {
            draft.push("Refer-To", refer_to);
        }
        if let Some(state) = state {
            draft.push("Subscription-State", state);
        }
        Ok(draft)
    }
}

/// Subscription-State of a NOTIFY (RFC 6665 section 4.1.3). Errors: `BadParameter`.
fn subscription_state(status: i32) -> Result<&'static str, Refusal> {
    match status {
        1 => Ok("pending;expires=180"),
        2 => Ok("active;expires=180"),
        3 => Ok("terminated;reason=noresource"),
        _ => Err(Refusal::BadParameter),
    }
}

/// RAck of the PRACK for a reliable provisional response (RFC 3262 section 7.2). `None`: it has no
/// RSeq, or no CSeq.
pub fn rack_of(response: &Message<'_>) -> Option<String> {
    let number: u32 = response.header("RSeq")?.parse().ok()?;
    let cseq = response.cseq()?;
    Some(format!("{number} {} {}", cseq.number, cseq.method))
}

/// The PRACK for a reliable provisional response to `invite`. It goes to the branch that the
/// response came from, even if that is not the dialog's any more. `None`: the response is not
/// reliable.
pub fn prack(
    dialog: &mut Dialog,
    invite: &Message<'_>,
    response: &Message<'_>,
    settings: &Settings,
    entropy: &mut Entropy,
) -> Option<Draft> {
    let rack = rack_of(response)?;
    let tag = response.header("To").map_or("", tag_of);
    let mut draft = if tag.is_empty() || tag == dialog.remote_tag() {
        dialog.request("PRACK", settings, entropy)
    } else {
        let mut branch = dialog.of_other_branch(invite, response)?;
        let draft = branch.request("PRACK", settings, entropy);
        dialog.on_request_sent(branch.local_cseq());
        draft
    };
    draft.push("RAck", rack);
    Some(draft)
}
