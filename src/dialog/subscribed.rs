//! Dialogs of subscriptions: what NOTIFYs and SUBSCRIBEs make of them (RFC 6665 section 4.4.1).

use super::{Dialog, RouteSet, target_of};
use crate::sip::{Message, NameAddr};

impl Dialog {
    /// The dialog that `notify`, the first of a notifier, makes with a SUBSCRIBE of ours, which had
    /// the From `local` and this number. It is confirmed. `None`: its addresses or
    /// its Record-Route cannot be read.
    pub fn of_notify(local: &str, local_cseq: u32, notify: &Message<'_>) -> Option<Dialog> {
        let remote = notify.header("From")?;
        let notifier = NameAddr::parse(remote).ok()?;
        Some(Dialog {
            call_id: notify.call_id()?.into(),
            local: local.into(),
            remote: remote.into(),
            local_cseq,
            remote_cseq: notify.cseq().map(|cseq| cseq.number),
            route_set: RouteSet::of_request(notify)?,
            target: target_of(notify).unwrap_or_else(|| notifier.uri.into()),
            is_caller: true,
            is_confirmed: true,
            is_secure: notifier.uri.to_ascii_lowercase().starts_with("sips:"),
        })
    }

    /// Our own URI, as From of our requests has it.
    pub fn local_uri(&self) -> &str {
        NameAddr::parse(self.local()).map_or("", |party| party.uri)
    }

    /// SUBSCRIBEs, NOTIFYs and their 2xx are target refreshes: the Contact of `message`, if it has
    /// one, is the target from now on. Whether it has one.
    pub fn move_target(&mut self, message: &Message<'_>) -> bool {
        let target = target_of(message);
        let has_target = target.is_some();
        if let Some(target) = target {
            self.target = target;
        }
        has_target
    }
}
