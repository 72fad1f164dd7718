//! The first INVITE of a call of ours.

use crate::request::{Entropy, InitialRequest, Refusal, Settings};
use crate::sip::Draft;

/// Whom an INVITE calls, for whom, and by which way.
#[derive(Debug, Clone, Copy)]
pub struct InitialInvite<'a> {
    /// To and Request-URI: a URI or name-addr.
    pub to: &'a str,
    /// From: a URI or name-addr.
    pub from: &'a str,
    /// A proxy that it goes through; empty: none.
    pub route: &'a str,
    /// Its Subject; empty: none.
    pub subject: &'a str,
}

impl InitialInvite<'_> {
    /// Its text, with placeholders for what the way out decides. Errors: `BadParameter` without
    /// anybody to call; `Syntax` for a text that is no URI, or that only a loose router could call.
    pub fn draft(&self, settings: &Settings, entropy: &mut Entropy) -> Result<Draft, Refusal> {
        let &InitialInvite { to, from, route, subject } = self;
        let subject = [("Subject", subject)];
        let fields = if self.subject.is_empty() { &[][..] } else { &subject };
        InitialRequest { method: "INVITE", to, from, route }.draft(fields, settings, entropy)
    }
}
