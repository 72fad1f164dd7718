//! The first PUBLISH of a publication.

use crate::request::{Entropy, OutOfDialog, Refusal, Settings};
use crate::sip::Draft;

/// What is asked for where nothing is said: an hour.
pub(super) const DEFAULT_EXPIRES: u32 = 3600;

/// Whose event state is published, by whom, and what it is.
#[derive(Debug, Clone, Copy)]
pub struct InitialPublish<'a> {
    /// To and Request-URI: a URI or name-addr.
    pub to: &'a str,
    /// From: a URI or name-addr.
    pub from: &'a str,
    /// A proxy that it goes through; empty: none.
    pub route: &'a str,
    /// The Event header.
    pub event: &'a str,
    /// The Expires header; empty: an hour.
    pub expires: &'a str,
    /// The Content-Type; empty: there is no body.
    pub content_type: &'a str,
    /// The event state; empty: there is no body.
    pub body: &'a [u8],
}

impl InitialPublish<'_> {
    /// Its text, with placeholders for what the way out decides. Errors: `BadParameter` without
    /// Event, and for a body without its type or the reverse; `Syntax` for a text that is no URI.
    pub fn draft(&self, settings: &Settings, entropy: &mut Entropy) -> Result<Draft, Refusal> {
        let Self { to, from, route, event, expires, content_type, body } = *self;
        let is_half = content_type.is_empty() != body.is_empty();
        if to.is_empty() || from.is_empty() || event.is_empty() || is_half {
            return Err(Refusal::BadParameter);
        }
        let ask = OutOfDialog { method: "PUBLISH", to, from, route };
        let mut draft = ask.draft(settings, entropy)?;
        // What the URI asks for behind its `?` is not said twice.
        draft.remove("Expires");
        draft.remove("Event");
        let default = DEFAULT_EXPIRES.to_string();
        draft.push("Expires", if expires.is_empty() { &default } else { expires });
        draft.push("Event", event);
        // RFC 3261 section 20.15: there is no body without a media type.
        if content_type.contains('/') {
            draft.push("Content-Type", content_type);
            draft.body = body.to_vec();
        }
        Ok(draft)
    }
}
