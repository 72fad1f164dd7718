//! What the application put on its last SUBSCRIBE, for those that are sent in its place.

use crate::request::contact::is_open;
use crate::sip::{Draft, delta_seconds};

/// Header fields that each request has of its own.
const OWN: [&str; 14] = [
    "Via",
    "Route",
    "Record-Route",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Max-Forwards",
    "User-Agent",
    "Authorization",
    "Proxy-Authorization",
    "Content-Length",
    "Refer-To",
    "Refer-Sub",
];

/// Expires where the application says nothing.
const DEFAULT_EXPIRES: u32 = 3600;

/// The header fields and the body of the last SUBSCRIBE or REFER that the application sent, without
/// those that each request has of its own.
#[derive(Debug)]
pub(super) struct KeptRequest {
    text: Box<[u8]>,
    /// The seconds that it asks for.
    expires: u32,
}

impl KeptRequest {
    /// What `draft`, which is about to be sent, leaves for later ones.
    pub(super) fn of(draft: &Draft) -> KeptRequest {
        let mut kept = Draft::new("SUBSCRIBE sip: SIP/2.0");
        for (name, value) in draft.headers() {
            let is_own = OWN.iter().any(|own| own.eq_ignore_ascii_case(name));
            // Ours has an address only on its way out.
            let is_automatic = is("Contact", "m", name) && is_open(value);
            if !is_own && !is_automatic {
                kept.push(name, value);
            }
        }
        kept.body.clone_from(&draft.body);
        KeptRequest::from_draft(&kept)
    }

    fn from_draft(kept: &Draft) -> KeptRequest {
        let expires = kept.get("Expires").and_then(expires_in).unwrap_or(DEFAULT_EXPIRES);
        KeptRequest { text: kept.to_bytes().into(), expires }
    }

    fn read(&self) -> Draft {
        Draft::reread(&self.text).unwrap_or_else(|| Draft::new("SUBSCRIBE sip: SIP/2.0"))
    }

    /// The Event of the subscription.
    pub(super) fn event(&self) -> Option<String> {
        self.read().get("Event").map(str::to_owned)
    }

    /// The seconds that it asks for; they may be set in the place of what it says.
    pub(super) fn expires(&self) -> u32 {
        self.expires
    }

    /// Asks for so many seconds from now on.
    pub(super) fn set_expires(&mut self, seconds: u32) {
        let mut kept = self.read();
        kept.set("Expires", seconds.to_string());
        *self = KeptRequest::from_draft(&kept);
    }

    /// Appends all of it to `draft`, the next request.
    pub(super) fn put_on(&self, draft: &mut Draft) {
        let kept = self.read();
        for (name, value) in kept.headers() {
            if is("Contact", "m", name) {
                draft.set("Contact", value);
            } else {
                draft.push(name, value);
            }
        }
        draft.body = kept.body;
    }

    /// Appends what a request has that the application builds for itself: the first Supported, and
    /// Call-Info.
    pub(super) fn put_some_on(&self, draft: &mut Draft) {
        let kept = self.read();
        if let Some(supported) = kept.get("Supported") {
            draft.push("Supported", supported);
        }
        for (_, info) in kept.headers().filter(|(name, _)| is("Call-Info", "", name)) {
            draft.push("Call-Info", info);
        }
    }
}

/// Seconds in an Expires; below 0 is 0.
pub(super) fn expires_in(value: &str) -> Option<u32> {
    let negative = value.trim_ascii().strip_prefix('-').and_then(delta_seconds);
    negative.map_or_else(|| delta_seconds(value), |_| Some(0))
}

fn is(full: &str, compact: &str, name: &str) -> bool {
    name.eq_ignore_ascii_case(full) || name.eq_ignore_ascii_case(compact)
}
