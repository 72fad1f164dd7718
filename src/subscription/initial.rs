//! The first request of a subscription of ours: a SUBSCRIBE (RFC 6665 section 4.1.2.1), or a REFER
//! outside of dialogs (RFC 3515 section 2.4).

use crate::request::{Entropy, InitialRequest, Refusal, Settings};
use crate::sip::Draft;

/// What is subscribed to, for whom, and by which way.
#[derive(Debug, Clone, Copy)]
pub struct InitialSubscribe<'a> {
    /// To and Request-URI: a URI or name-addr.
    pub to: &'a str,
    /// From: a URI or name-addr.
    pub from: &'a str,
    /// A proxy that it goes through; empty: none.
    pub route: &'a str,
    /// The Event, as it is to stand there.
    pub event: &'a str,
    /// Seconds; negative: 0.
    pub expires: i32,
}

impl InitialSubscribe<'_> {
    /// Its text, with placeholders for what the way out decides. Errors: `BadParameter` without
    /// target, From or event; `Syntax` for a text that is no URI.
    pub fn draft(&self, settings: &Settings, entropy: &mut Entropy) -> Result<Draft, Refusal> {
        let &InitialSubscribe { to, from, route, event, expires } = self;
        if from.is_empty() || event.is_empty() {
            return Err(Refusal::BadParameter);
        }
        let expires = expires.max(0).to_string();
        let fields = [("Expires", &*expires), ("Event", event)];
        InitialRequest { method: "SUBSCRIBE", to, from, route }.draft(&fields, settings, entropy)
    }
}

/// Who is asked to refer to what, for whom, and by which way.
#[derive(Debug, Clone, Copy)]
pub struct InitialRefer<'a> {
    /// To and Request-URI: a URI or name-addr.
    pub to: &'a str,
    /// From: a URI or name-addr.
    pub from: &'a str,
    /// A proxy that it goes through; empty: none.
    pub route: &'a str,
    /// Refer-To, as it is to stand there.
    pub refer_to: &'a str,
}

impl InitialRefer<'_> {
    /// Its text, as that of a SUBSCRIBE. Errors: `BadParameter` without target, From or Refer-To;
    /// `Syntax` for a text that is no URI.
    pub fn draft(&self, settings: &Settings, entropy: &mut Entropy) -> Result<Draft, Refusal> {
        let &InitialRefer { to, from, route, refer_to } = self;
        if from.is_empty() || refer_to.is_empty() {
            return Err(Refusal::BadParameter);
        }
        let fields = [("Refer-To", refer_to)];
        InitialRequest { method: "REFER", to, from, route }.draft(&fields, settings, entropy)
    }
}
