//! What a REGISTER of the managed face has beyond one of the eXosip calls.

use super::{Goal, ManagedPolicy};
use crate::auth::Credentials;
use crate::registration::Registration;
use crate::request::contact;
use crate::request::{Entropy, Settings};
use crate::sip::{Draft, NameAddr, Uri, split_list};
use std::borrow::Cow;

impl ManagedPolicy {
    /// The next REGISTER, with its answers to challenges counted.
    pub fn build(
        &mut self,
        registration: &mut Registration,
        settings: &Settings,
        shared: &Credentials,
        entropy: &mut Entropy,
    ) -> Draft {
        if self.options.adopted
            && let Some(own) = registration.own_contacts()
        {
            // As last sent, by whichever face.
            self.kept_contacts = Some(own);
        }
        let instance = self.instance.clone();
        let registerer = &*self;
        let first = registration.is_new();
        let line = registration.line;
        let bound = registration.bound().map(Cow::into_owned);
        let ask = &registration.ask;
        let party = (ask.scheme(), ask.contact_user().map(Box::from));
        let shape = |draft: &mut Draft, expires: u32| {
            registerer.shape(draft, expires, first, &line, bound.as_deref(), party, &instance, settings);
        };
        let logins = self.logins.as_deref().unwrap_or(shared);
        registration.build_shaped(settings, logins, entropy, shape)
    }

    #[allow(clippy::too_many_arguments)]
    fn shape(
        &self,
        draft: &mut Draft,
        expires: u32,
        first: bool,
        line: &str,
        bound: Option<&str>,
        party: (&str, Option<Box<str>>),
        instance: &str,
        settings: &Settings,
    ) {
        let options = &self.options;
        if let Some(target) = &self.redirected {
            draft.set_start(&format!("REGISTER {target} SIP/2.0"));
        } else if !options.adopted {
            draft.set_start(&format!("REGISTER {} SIP/2.0", self.registrar));
        }
        self.shape_contacts(draft, expires, line, bound, party, instance, settings);
        if options.adopted {
            return;
        }
        if let (true, Some(from)) = (first, &options.from) {
            let tag = draft.get("From").and_then(|from| NameAddr::parse(from).ok()?.params.get("tag"));
            let from = from.trim();
            let from = if from.contains('<') { from.to_owned() } else { format!("<{from}>") };
            let from = format!("{from};tag={}", tag.unwrap_or(""));
            draft.set("From", from);
        }
        if first {
            for (name, value) in &options.headers {
                if name.eq_ignore_ascii_case("User-Agent") {
                    draft.set(name, value.as_str());
                } else {
                    draft.push(name, value.as_str());
                }
            }
        }
        if options.route.is_empty() || self.redirected.is_some() {
            draft.remove("Route");
        } else {
            let routes: Vec<String> = split_list(&options.route).map(loose).collect();
            draft.set("Route", routes.join(", "));
        }
        let mut supported: Vec<&str> = Vec::new();
        supported.extend(options.path.then_some("path"));
        supported.extend(self.offers_outbound().then_some("outbound"));
        supported.extend(options.gruu.then_some("gruu"));
        supported.extend((!options.security.is_empty()).then_some("sec-agree"));
        set_or_remove(draft, "Supported", supported.join(", "));
        set_or_remove(draft, "Security-Client", options.security.clone());
        let verify = if options.security.is_empty() { "" } else { self.verify.as_deref().unwrap_or("") };
        set_or_remove(draft, "Security-Verify", verify.to_owned());
        // RFC 3329 section 2.3.1: from the first request on, so that nobody on the way passes the offer over.
        let agree = if options.security.is_empty() { "" } else { "sec-agree" };
        set_or_remove(draft, "Require", agree.to_owned());
        set_or_remove(draft, "Proxy-Require", agree.to_owned());
    }

    /// Our Contacts, in the place of those that were there; what is removed is what the server holds.
    #[allow(clippy::too_many_arguments)]
    fn shape_contacts(
        &self,
        draft: &mut Draft,
        expires: u32,
        line: &str,
        bound: Option<&str>,
        (scheme, user): (&str, Option<Box<str>>),
        instance: &str,
        settings: &Settings,
    ) {
        let options = &self.options;
        if self.goal == (Goal::Gone { all: true }) {
            draft.set("Contact", "*");
            return;
        }
        let bound = bound.filter(|_| expires == 0);
        let starred = draft.get("Contact") == Some("*");
        if bound.is_none() && options.adopted && self.kept_contacts.is_none() && !starred {
            return;
        }
        let values: Vec<String> = if let Some(bound) = bound {
            split_list(bound).map(str::to_owned).collect()
        } else if let Some(kept) = &self.kept_contacts {
            kept.clone()
        } else if options.contacts.is_empty() {
            let user = user.map(|user| format!("{user}@")).unwrap_or_default();
            let (host, port) = (contact::NO_HOST, contact::NO_PORT);
            let name = settings.contact_name.as_deref().map(|name| format!("{} ", crate::sip::quote(name)));
            let name = name.unwrap_or_default();
            let uri = format!("{scheme}:{user}{host}:{port};line={line}{}", self.uri_params());
            let q = options.q.as_ref().map(|q| format!(";q={q}")).unwrap_or_default();
            vec![format!("{name}<{uri}>{q}{}", self.header_params(instance))]
        } else {
            let one = options.contacts.len() == 1;
            options.contacts.iter().map(|text| self.explicit(text, instance, one)).collect()
        };
        let with = |value: &String| contact::with_expires(value, expires);
        draft.set("Contact", values.iter().map(with).collect::<Vec<_>>().join(", "));
    }

    /// A Contact that the application gave, with what belongs to it.
    fn explicit(&self, text: &str, instance: &str, alone: bool) -> String {
        let Ok(addr) = NameAddr::parse(text) else { return text.to_owned() };
        let display = addr.display.map(|name| format!("{name} ")).unwrap_or_default();
        let parsed = Uri::parse(addr.uri).ok().filter(|uri| !uri.host.is_empty());
        let sip = parsed.is_some();
        let uri = if sip { self.uri_params() } else { String::new() };
        // RFC 5626 section 6: no more than one Contact of a request has a reg-id.
        let header =
            if sip && alone { self.header_params(instance) } else { self.options.contact_params.clone() };
        // Headers of a URI stand behind its parameters.
        let behind = parsed.and_then(|uri| uri.headers).map_or(0, |headers| headers.len() + 1);
        let (address, headers) = addr.uri.split_at(addr.uri.len() - behind);
        format!("{display}<{address}{uri}{headers}>{}{header}", addr.params.as_str())
    }

    /// `;ob` (RFC 5626 section 5.4) and the push parameters (RFC 8599 section 4).
    fn uri_params(&self) -> String {
        let mut text = String::new();
        if self.offers_outbound() {
            text.push_str(";ob");
        }
        if let Some(push) = self.options.push.as_ref().filter(|_| !self.push_refused) {
            text.push_str(&format!(";pn-provider={}", push.provider));
            for (name, value) in [("pn-prid", &push.prid), ("pn-param", &push.param)] {
                if !value.is_empty() {
                    text.push_str(&format!(";{name}={value}"));
                }
            }
        }
        text
    }

    fn header_params(&self, instance: &str) -> String {
        let mut text = String::new();
        if !instance.is_empty() {
            text.push_str(&format!(";+sip.instance=\"<{instance}>\""));
        }
        if self.offers_outbound() {
            text.push_str(&format!(";reg-id={}", self.options.reg_id));
        }
        text.push_str(&self.options.contact_params);
        text
    }
}

/// A preloaded Route with `;lr`, without which it would not be followed.
fn loose(text: &str) -> String {
    let Ok(addr) = NameAddr::parse(text) else { return text.to_owned() };
    let lr = Uri::parse(addr.uri).is_ok_and(|uri| uri.params.get("lr").is_some());
    format!("<{}{}>", addr.uri, if lr { "" } else { ";lr" })
}

fn set_or_remove(draft: &mut Draft, name: &str, value: String) {
    if value.is_empty() {
        draft.remove(name);
    } else {
        draft.set(name, value);
    }
}
