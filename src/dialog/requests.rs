//! The requests of ours in a dialog (RFC 3261 section 12.2.1.1).

use super::Dialog;
use crate::request::contact::Automatic;
use crate::request::via::{following, push_via};
use crate::request::{Entropy, Settings, push_wire_user};
use crate::sip::{Draft, Message, NameAddr, Uri, push_number};

impl Dialog {
    /// The next request of this method, with placeholders for what the way out decides. It takes
    /// its number whether it is sent or not.
    pub fn request(&mut self, method: &str, settings: &Settings, entropy: &mut Entropy) -> Draft {
        self.local_cseq = following(self.local_cseq);
        let mut draft = self.begin(method, self.local_cseq, settings, entropy);
        // RFC 3261 table 2: neither has a Contact.
        if !matches!(method, "BYE" | "CANCEL") {
            draft.push_with("Contact", |text| self.push_contact(text, settings));
        }
        end(&mut draft, settings);
        draft
    }

    /// A request of ours in the dialog was sent with this number, which the application has chosen.
    pub fn on_request_sent(&mut self, number: u32) {
        self.local_cseq = self.local_cseq.max(number);
    }

    /// The ACK for a 2xx to `invite`, an INVITE of ours as it was sent (RFC 3261 section 13.2.2.4):
    /// with its number, its Contact and its answer to the challenge of a proxy.
    pub fn ack(&self, invite: &Message<'_>, settings: &Settings, entropy: &mut Entropy) -> Draft {
        let number = invite.cseq().map_or(self.local_cseq, |cseq| cseq.number);
        let mut draft = self.begin("ACK", number, settings, entropy);
        if let Some(contact) = invite.header("Contact") {
            draft.push("Contact", contact);
        }
        for answer in invite.lines("Proxy-Authorization") {
            draft.push("Proxy-Authorization", answer);
        }
        end(&mut draft, settings);
        draft
    }

    /// Request line, Via, Route, From, To, Call-ID, CSeq.
    fn begin(
        &self,
        method: &str,
        number: u32,
        settings: &Settings,
        entropy: &mut Entropy,
    ) -> Draft {
        let addressed = self.route_set.addressed(&self.target);
        let mut draft = Draft::request(method, &addressed.request_uri);
        draft.push_with("Via", |text| push_via(text, settings, entropy));
        for route in addressed.routes {
            draft.push("Route", route);
        }
        if let Some(last) = addressed.last {
            draft.push("Route", last);
        }
        draft.push("From", &*self.local);
        draft.push("To", &*self.remote);
        draft.push("Call-ID", &*self.call_id);
        draft.push_with("CSeq", |text| {
            push_number(text, number);
            text.extend([" ", method]);
        });
        draft
    }

    /// Appends our Contact, still without address: its user is that of our own URI.
    pub fn push_contact(&self, text: &mut String, settings: &Settings) {
        let local = NameAddr::parse(&self.local).ok().and_then(|local| Uri::parse(local.uri).ok());
        let mut user = String::new();
        let has_user = local.is_some_and(|uri| push_wire_user(&mut user, &uri));
        let user = has_user.then_some(&*user);
        Automatic::in_dialog(self.contact_scheme(), user, settings).push_to(text);
    }
}

/// What every request ends with.
fn end(draft: &mut Draft, settings: &Settings) {
    draft.push("Max-Forwards", "70");
    draft.push("User-Agent", &*settings.user_agent);
}
