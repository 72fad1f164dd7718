//! What a REGISTER of a managed registration has beyond one of the eXosip calls.

use super::option_tags::OptionTagsField;
use super::{Goal, ManagedPolicy, PolicyContext};
use crate::auth::{Credentials, push_initial_authorization};
use crate::registration::Registration;
use crate::request::{Settings, contact};
use crate::sip::{Draft, NameAddr, Uri, split_list};

impl ManagedPolicy {
    /// The next REGISTER, with its answers to challenges counted.
    pub fn build(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
    ) -> Draft {
        if self.options.adopted {
            if let Some(contacts) = registration.last_contact_values() {
                // As last sent, by whichever calls.
                self.adopted_contacts = Some(contacts);
            }
        }
        let credentials = self.credentials.as_deref().unwrap_or(context.credentials);
        let (settings, policy) = (context.settings, &*self);
        let edit = |registration: &Registration, draft: &mut Draft| {
            policy.edit(draft, registration, settings);
        };
        let mut draft = registration.build_edited(settings, credentials, context.entropy, edit);
        if let Some(program) = &mut self.program {
            program.answers.write(&mut draft, context.entropy);
        }
        if self.options.initial_authorization && self.redirected_to.is_none() {
            self.name_user(&mut draft, registration.account().user(), credentials);
        }
        draft
    }

    /// Names the user in a request that has no answer to a challenge (TS 24.229 section 5.1.1.2).
    /// The realm is that of the credentials, else the domain of the registrar.
    fn name_user(&self, draft: &mut Draft, user: &str, credentials: &Credentials) {
        let options = &self.options;
        let registrar = Uri::parse(&self.registrar).map(|uri| uri.host);
        let realm = Some(&*options.realm).filter(|realm| !realm.is_empty());
        let realm = realm.unwrap_or(registrar.unwrap_or_default());
        // Other credentials may have come since.
        let login = credentials.find(user, realm, true);
        let username = login.map_or(&*options.username, |login| login.username);
        push_initial_authorization(draft, username, realm);
    }

    /// Makes a REGISTER of the eXosip calls one of this policy.
    fn edit(&self, draft: &mut Draft, registration: &Registration, settings: &Settings) {
        let first = registration.is_new();
        let options = &self.options;
        if let Some(target) = &self.redirected_to {
            draft.set_start(&format!("REGISTER {target} SIP/2.0"));
        } else if !options.adopted {
            draft.set_start(&format!("REGISTER {} SIP/2.0", self.registrar));
        }
        self.edit_contacts(draft, registration, settings);
        if options.adopted {
            return;
        }
        if let (true, Some(from)) = (first, &options.from) {
            let tag =
                draft.get("From").and_then(|from| NameAddr::parse(from).ok()?.params.get("tag"));
            let from = from.trim();
            let from = if from.contains('<') { from.to_owned() } else { format!("<{from}>") };
            let from = format!("{from};tag={}", tag.unwrap_or(""));
            draft.set("From", from);
        }
        if first {
            let others = options.headers.iter();
            for (name, value) in others.filter(|(name, _)| OptionTagsField::named(name).is_none()) {
                if name.eq_ignore_ascii_case("User-Agent") {
                    draft.set(name, value.as_str());
                } else {
                    draft.push(name, value.as_str());
                }
            }
        }
        if options.route.is_empty() || self.redirected_to.is_some() {
            draft.remove("Route");
        } else {
            let routes: Vec<String> = split_list(&options.route).map(loose).collect();
            draft.set("Route", routes.join(", "));
        }
        let mut supported: Vec<&str> = Vec::new();
        supported.extend(options.path.then_some("path"));
        supported.extend(self.offers_outbound().then_some("outbound"));
        supported.extend(options.gruu.then_some("gruu"));
        // RFC 3329 section 2.3.1: from the first request on, so that no proxy ignores the offer.
        let agreement = security_tags(&options.security);
        supported.extend(agreement.iter().filter(|tag| **tag == "sec-agree"));
        self.set_option_tags(draft, OptionTagsField::Supported, &supported);
        self.set_option_tags(draft, OptionTagsField::Require, &agreement);
        self.set_option_tags(draft, OptionTagsField::ProxyRequire, &agreement);
        set_or_remove(draft, "Security-Client", options.security.clone());
        let verify = self.security_server.as_deref().filter(|_| !options.security.is_empty());
        set_or_remove(draft, "Security-Verify", verify.unwrap_or_default().to_owned());
    }

    /// Our Contacts, in the place of those that were there; what is removed is what the server
    /// holds.
    fn edit_contacts(&self, draft: &mut Draft, registration: &Registration, settings: &Settings) {
        let options = &self.options;
        if self.goal == (Goal::Unbound { all: true }) {
            draft.set("Contact", "*");
            return;
        }
        let expires = registration.expires();
        let held = registration.held_contacts().filter(|_| expires == 0);
        let starred = draft.get("Contact") == Some("*");
        if held.is_none() && options.adopted && self.adopted_contacts.is_none() && !starred {
            return;
        }
        let values: Vec<String> = if let Some(held) = held {
            split_list(&held).map(str::to_owned).collect()
        } else if let Some(contacts) = &self.adopted_contacts {
            contacts.clone()
        } else if options.contacts.is_empty() {
            vec![self.automatic_contact(registration, settings)]
        } else {
            let one = options.contacts.len() == 1;
            options.contacts.iter().map(|text| self.explicit(text, one)).collect()
        };
        let with = |value: &String| contact::with_expires(value, expires);
        draft.set("Contact", values.iter().map(with).collect::<Vec<_>>().join(", "));
    }

    /// The Contact that we make, still without its address.
    fn automatic_contact(&self, registration: &Registration, settings: &Settings) -> String {
        let account = registration.account();
        let user = account.contact_user().map(|user| format!("{user}@")).unwrap_or_default();
        let name = settings.contact_name.as_deref();
        let name = name.map(|name| format!("{} ", crate::sip::quote(name))).unwrap_or_default();
        let (scheme, line) = (account.scheme(), registration.line());
        let (address, params) = (contact::NO_ADDRESS, self.uri_params());
        let q = self.options.q.as_ref().map(|q| format!(";q={q}")).unwrap_or_default();
        let header = self.header_params();
        format!("{name}<{scheme}:{user}{address};line={line}{params}>{q}{header}")
    }

    /// A Contact that the application gave, with the parameters that belong to it.
    fn explicit(&self, text: &str, alone: bool) -> String {
        let Ok(addr) = NameAddr::parse(text) else { return text.to_owned() };
        let display = addr.display.map(|name| format!("{name} ")).unwrap_or_default();
        let parsed = Uri::parse(addr.uri).ok().filter(|uri| !uri.host.is_empty());
        let sip = parsed.is_some();
        let uri = if sip { self.uri_params() } else { String::new() };
        // RFC 5626 section 6: no more than one Contact of a request has a reg-id.
        let own = sip && alone;
        let header = if own { self.header_params() } else { self.options.contact_params.clone() };
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

    fn header_params(&self) -> String {
        let mut text = String::new();
        if !self.instance.is_empty() {
            text.push_str(&format!(";+sip.instance=\"<{}>\"", self.instance));
        }
        if self.offers_outbound() {
            text.push_str(&format!(";reg-id={}", self.options.reg_id));
        }
        text.push_str(&self.options.contact_params);
        text
    }
}

/// The option tags of the agreements that these mechanisms of Security-Client ask for: that of RFC
/// 3329 for the signalling, and with the parameter `mediasec` that for the media plane (TS 24.229
/// section 5.1.1.2, draft-dawes-sipcore-mediasec-parameter).
fn security_tags(mechanisms: &str) -> Vec<&'static str> {
    let is_media = |one: &str| {
        let params = one.split_once(';').map_or("", |(_, params)| params);
        params.split(';').any(|param| param.trim().eq_ignore_ascii_case("mediasec"))
    };
    let mut tags = Vec::new();
    for one in split_list(mechanisms).filter(|one| !one.is_empty()) {
        let tag = if is_media(one) { "mediasec" } else { "sec-agree" };
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// A preloaded Route with `;lr`, without which it would not be followed.
pub(super) fn loose(text: &str) -> String {
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
