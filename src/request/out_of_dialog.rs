//! The texts of requests outside of dialogs and registrations.

use crate::request::contact::Automatic;
use crate::request::via::push_via;
use crate::request::{Entropy, Party, Refusal, Settings, is_token};
use crate::sip::{Draft, NameAddr, Uri, split_list};

/// What a request outside of dialogs and registrations asks.
#[derive(Debug, Clone, Copy)]
pub struct OutOfDialog<'a> {
    /// `MESSAGE`, `OPTIONS` …
    pub method: &'a str,
    /// To and Request-URI: a URI or name-addr.
    pub to: &'a str,
    /// From: a URI or name-addr.
    pub from: &'a str,
    /// A proxy that it goes through; empty: none.
    pub route: &'a str,
}

impl OutOfDialog<'_> {
    /// Its text, with placeholders for what the way out decides. Errors: a text that is no URI, a
    /// method that is no token.
    pub fn draft(&self, settings: &Settings, entropy: &mut Entropy) -> Result<Draft, Refusal> {
        if !is_token(self.method) {
            return Err(Refusal::Syntax("method"));
        }
        let (to, from) = (Party::parse(self.to)?, Party::parse(self.from)?);
        let mut draft = Draft::request(self.method, &to.uri);
        draft.push_with("Via", |text| push_via(text, settings, entropy));
        if let Some(route) = split_list(self.route).next() {
            let route = NameAddr::parse(route)?;
            let lr = if Uri::parse(route.uri)?.params.get("lr").is_some() { "" } else { ";lr" };
            draft.push("Route", format!("<{}{lr}>", route.uri));
        }
        draft.push("From", format!("{};tag={}", from.text, entropy.token()));
        draft.push("To", &*to.text);
        draft.push("Call-ID", entropy.token());
        draft.push("CSeq", format!("20 {}", self.method));
        match self.method {
            // RFC 3261 section 11.1.
            "OPTIONS" => draft.push("Accept", "application/sdp"),
            // RFC 3903 section 4: a PUBLISH needs no Contact. It says which device publishes.
            "PUBLISH" if settings.instance.is_some() => draft.push_with("Contact", |text| {
                let (scheme, user) = (from.scheme(), from.user.as_deref());
                Automatic::in_dialog(scheme, user, settings).push_to(text);
            }),
            _ => {}
        }
        draft.push("Max-Forwards", "70");
        draft.push("User-Agent", &*settings.user_agent);
        for (name, value) in &to.extra {
            draft.push(name, value);
        }
        Ok(draft)
    }
}
