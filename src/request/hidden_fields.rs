//! What a request is built with and the wire does not show.

use super::contact;
use crate::sip::Draft;

/// The Route that a request followed, which may be hidden from the wire, and its Contact while that
/// had no address: a request that is sent again has both as they were built.
#[derive(Debug, Clone, Default)]
pub struct HiddenFields {
    route: Option<Box<str>>,
    contact: Option<Box<str>>,
}

impl HiddenFields {
    /// Those of `draft`, before it is sent.
    pub fn of(draft: &Draft) -> Self {
        let contact = draft.get("Contact").filter(|contact| contact::is_open(contact));
        HiddenFields { route: draft.get("Route").map(Into::into), contact: contact.map(Into::into) }
    }

    /// The Contact without address; `None`: there is none, or the application gave its own.
    pub fn contact(&self) -> Option<&str> {
        self.contact.as_deref()
    }

    /// The request that was `sent`, as it was built.
    pub fn restored(&self, sent: &[u8]) -> Option<Draft> {
        let mut draft = Draft::reread(sent)?;
        if let Some(route) = self.route.as_deref().filter(|_| draft.get("Route").is_none()) {
            draft.insert_after("Via", "Route", route);
        }
        if let Some(contact) = &self.contact {
            draft.set("Contact", contact);
        }
        Some(draft)
    }
}
