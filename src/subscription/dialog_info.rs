//! The dialogs of our calls, described to who has subscribed to them (RFC 4235).

use super::notifier::Notifier;
use super::{SubscriptionContext, SubscriptionState};
use crate::sip::same_word;
use std::fmt::Write;

/// A dialog of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogDescription {
    /// Its Call-ID.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// The peer's tag.
    pub remote_tag: String,
    /// The address of the peer: a URI.
    pub remote_uri: String,
    /// Our INVITE has made it.
    pub is_initiator: bool,
    /// A 2xx has confirmed it.
    pub is_confirmed: bool,
}

/// The status that a SUBSCRIBE with this Event gets where only the dialogs of calls are served.
pub fn dialog_status(event: Option<&str>) -> u16 {
    let package = event.map(|event| event.split(';').next().unwrap_or("").trim_ascii());
    match package {
        None | Some("") => 400,
        Some(package) if same_word(package, "dialog") => 202,
        Some(_) => 489,
    }
}

/// The document with this version: all dialogs of `entity`, our URI.
pub fn dialog_info(version: u32, entity: &str, dialogs: &[DialogDescription]) -> String {
    let mut text = String::from("<?xml version=\"1.0\"?>\r\n");
    let entity = escaped(entity);
    let _ = write!(
        text,
        "<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\"\r\n\
         \tversion=\"{version}\" state=\"full\"\r\n\tentity=\"{entity}\">\r\n"
    );
    for dialog in dialogs {
        let [id, local_tag, remote_tag, remote] =
            [&dialog.call_id, &dialog.local_tag, &dialog.remote_tag, &dialog.remote_uri]
                .map(|text| escaped(text));
        let direction = if dialog.is_initiator { "initiator" } else { "recipient" };
        let state = if dialog.is_confirmed { "confirmed" } else { "early" };
        let _ = write!(
            text,
            "<dialog id=\"{id}\" call-id=\"{id}\"\r\n\
             \tlocal-tag=\"{local_tag}\" remote-tag=\"{remote_tag}\" direction=\"{direction}\">\r\n\
             <state>{state}</state>\r\n<remote>\r\n<identity>{remote}</identity>\r\n</remote>\r\n\
             </dialog>\r\n"
        );
    }
    text.push_str("</dialog-info>\r\n");
    text
}

/// `text` as it stands in XML; control characters are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_control()) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}

impl Notifier {
    /// Sends a NOTIFY that describes all dialogs of our calls, each with the next version. While
    /// another NOTIFY is under way it is due once that is answered.
    pub fn describe_dialogs(
        &mut self,
        context: &mut SubscriptionContext<'_>,
        dialogs: &[DialogDescription],
    ) {
        self.is_description_due = self.notify.pending.is_some();
        let Ok(mut draft) = self.build_notify(context, SubscriptionState::ACTIVE, 0) else {
            return;
        };
        let text = dialog_info(self.dialog_info_version, self.dialog.local_uri(), dialogs);
        self.dialog_info_version = self.dialog_info_version.wrapping_add(1);
        draft.push("Content-Type", "application/dialog-info+xml");
        draft.body = text.into_bytes();
        let _ = self.send_request(context, draft);
    }

    /// Whether a description waits that can be sent now: a NOTIFY that is to be sent again, with
    /// answers to a challenge, comes first.
    pub fn has_description_due(&self) -> bool {
        let is_idle = self.notify.pending.is_none() && !self.notify.has_automatic_retry();
        self.is_description_due && is_idle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_escaped_and_names_its_version() {
        let dialog = DialogDescription {
            call_id: "a&b".to_owned(),
            local_tag: "1\"".to_owned(),
            remote_tag: "<2>".to_owned(),
            remote_uri: "sip:o'b@h".to_owned(),
            is_initiator: true,
            is_confirmed: false,
        };
        let text = dialog_info(7, "sip:a\r\n@h", &[dialog]);
        assert!(text.contains("version=\"7\" state=\"full\"\r\n\tentity=\"sip:a@h\""));
        assert!(text.contains("<dialog id=\"a&amp;b\" call-id=\"a&amp;b\"\r\n"));
        assert!(text.contains("local-tag=\"1&quot;\" remote-tag=\"&lt;2&gt;\" direction=\"init"));
        assert!(text.contains("<state>early</state>"));
        assert!(text.contains("<identity>sip:o&apos;b@h</identity>"));
        assert!(text.ends_with("</dialog-info>\r\n"));
    }

    #[test]
    fn only_the_dialog_package_is_served() {
        assert_eq!(dialog_status(Some("Dialog ;id=1")), 202);
        assert_eq!(dialog_status(Some("dialogs")), 489);
        assert_eq!(dialog_status(None), 400);
    }
}
