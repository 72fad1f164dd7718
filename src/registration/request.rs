//! The texts of REGISTER requests: the first, and the next made from the last.

use super::Registration;
use super::kept::contact_values;
use super::renewal::renewed;
use crate::auth::Credentials;
use crate::request::contact::{self, Automatic};
use crate::request::via::push_via;
use crate::request::{Entropy, Masquerade, Settings};
use crate::sip::{Draft, Field, Message, NameAddr, Uri, delta_seconds, push_number, split_list};
use std::net::SocketAddr;

impl Registration {
    /// The next REGISTER as the application gets it: made from the last one, or from the account
    /// if there is none. Nothing that is sent later changes by it, and no nonce is counted.
    pub fn build(
        &mut self,
        expires: u32,
        settings: &Settings,
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) -> Draft {
        let mut draft = self.next(expires, settings, entropy);
        if self.may_answer_in_advance() {
            self.preview_answers(&mut draft, credentials, entropy);
        }
        draft
    }

    /// The next REGISTER for sending at once: its answers to challenges are counted.
    pub fn build_to_send(
        &mut self,
        settings: &Settings,
        credentials: &Credentials,
        entropy: &mut Entropy,
    ) -> Draft {
        self.build_edited(settings, credentials, entropy, |_, _| {})
    }

    /// The same, with what `edit` changes before challenges are answered.
    pub(super) fn build_edited(
        &mut self,
        settings: &Settings,
        credentials: &Credentials,
        entropy: &mut Entropy,
        edit: impl FnOnce(&Registration, &mut Draft),
    ) -> Draft {
        let mut draft = self.next(self.expires(), settings, entropy);
        edit(self, &mut draft);
        if self.may_answer_in_advance() {
            self.answer_challenges(&mut draft, credentials, entropy);
        }
        draft
    }

    /// The Contacts of the last request; `None` without one, or for `*`.
    pub(super) fn last_contact_values(&self) -> Option<Vec<String>> {
        let draft = self.last_draft()?;
        let values = draft.lines().iter().filter(|line| line.field() == Field::Contact);
        let all: Vec<String> =
            values.flat_map(|line| split_list(draft.value(*line))).map(str::to_owned).collect();
        (!all.is_empty() && all.iter().all(|one| one != "*")).then_some(all)
    }

    /// Whether the last request was about all bindings (Contact `*`).
    pub(super) fn asks_for_all(&self) -> bool {
        self.last_draft()
            .is_some_and(|draft| draft.get("Contact").is_some_and(|one| one.trim() == "*"))
    }

    /// The addresses in those Contacts of `request` which may move to where the server sees us;
    /// `local` is ours towards it.
    pub(super) fn movable_addresses(
        &self,
        request: &Message<'_>,
        masquerade: Masquerade,
        settings: &Settings,
        local: SocketAddr,
    ) -> Vec<SocketAddr> {
        let every = masquerade == Masquerade::Every;
        let public = settings.public_host.is_some() || settings.public_port.is_some();
        let mut found = Vec::new();
        if masquerade == Masquerade::Off || (public && !every) {
            return found;
        }
        for value in request.elements("Contact") {
            let Ok(addr) = NameAddr::parse(value) else { continue };
            let Ok(uri) = Uri::parse(addr.uri) else { continue };
            let gone = addr.params.get("expires").and_then(delta_seconds) == Some(0);
            let Ok(ip) = uri.host.parse() else { continue };
            let address = SocketAddr::new(ip, uri.port.unwrap_or(uri.default_port()));
            // One with our host and a port that we do not listen on is of no use to anybody.
            let is_unreachable = ip == local.ip() && address.port() != local.port();
            if !gone && (every || is_unreachable || uri.params.get("line") == Some(self.line())) {
                found.push(address);
            }
        }
        found
    }

    fn last_draft(&self) -> Option<Draft> {
        self.last_text().and_then(Draft::reread)
    }

    /// The next REGISTER without answers to challenges.
    fn next(&self, expires: u32, settings: &Settings, entropy: &mut Entropy) -> Draft {
        let renewed = self.last_text().and_then(|last| renewed(last, expires, settings, entropy));
        renewed.unwrap_or_else(|| self.first(expires, settings, entropy))
    }

    fn first(&self, expires: u32, settings: &Settings, entropy: &mut Entropy) -> Draft {
        let account = self.account();
        let mut draft = Draft::request("REGISTER", account.target());
        draft.push_clean_with("Via", |text| push_via(text, settings, entropy));
        for (name, value) in account.extra(true) {
            draft.push(name, value);
        }
        draft.push_with("From", |text| {
            text.push_str(account.party());
            text.push_str(";tag=");
            entropy.push_token(text);
        });
        draft.push("To", account.party());
        draft.push_clean_with("Call-ID", |text| entropy.push_token(text));
        draft.push_clean("CSeq", "1 REGISTER");
        match account.contact() {
            None => draft.push_with("Contact", |text| {
                self.push_automatic_contact(text, settings);
                if expires == 0 {
                    text.push_str(";expires=0");
                }
            }),
            Some("") => {}
            Some(contact) => {
                draft.push_with("Contact", |text| {
                    contact::push_with_expires(text, contact, expires)
                });
            }
        }
        draft.push_clean("Max-Forwards", "70");
        draft.push("User-Agent", &*settings.user_agent);
        draft.push_clean_with("Expires", |text| push_number(text, expires));
        for (name, value) in account.extra(false) {
            draft.push(name, value);
        }
        draft
    }

    fn push_automatic_contact(&self, text: &mut String, settings: &Settings) {
        let parts = Automatic {
            scheme: self.account().scheme(),
            user: self.account().contact_user(),
            by_flow: false,
            line: Some(self.line()),
            transport: settings.transport.contact_param(),
            q: Some(self.account().q()),
            instance: settings.instance.as_deref(),
            name: settings.contact_name.as_deref(),
            params: None,
        };
        parts.push_to(text);
    }

    /// Whether the application has put the address into the Contact of `draft`, now or before.
    pub(super) fn changes_contact(&self, draft: &Draft) -> bool {
        let uri = |value: &str| NameAddr::parse(value).map(|addr| addr.uri.to_owned()).ok();
        let Some(now) = draft.get("Contact") else { return false };
        let last = self.last_text().and_then(|text| contact_values(text).next());
        let same = last.is_some_and(|last| last == now || uri(last) == uri(now));
        if same { self.has_explicit_address() } else { true }
    }

    /// Whether `request` removed old Contacts beside ours.
    pub(super) fn removes_old_contacts(&self, request: &Message<'_>) -> bool {
        let removed = |value: &str| {
            let expires = NameAddr::parse(value).ok().and_then(|one| one.params.get("expires"));
            expires.and_then(delta_seconds) == Some(0)
        };
        self.expires() > 0 && self.may_hold_contacts() && request.elements("Contact").any(removed)
    }
}
