//! The commands of the application for registrations of the eXosip calls. Each returns at once, and
//! one that is refused has changed nothing.

use super::parts::Parts;
use super::{Action, Agent, LogLevel, Policy, RegistrationEntry, Rid, Timer, TransactionId};
use super::{CredentialText, Refusal};
use crate::auth::Algorithm;
use crate::registration::policy::automatic_action::AutomaticAction;
use crate::registration::{InitialRegister, Reason, Registration};
use crate::sip::{Draft, excerpt};
use std::net::IpAddr;
use std::time::Instant;

impl Agent {
    /// Makes registration `rid` and the text of its first REGISTER. Nothing is sent.
    /// Errors: `NoNetwork` while no transport is open, `BadParameter` for an empty From or proxy,
    /// `Syntax`.
    pub fn build_initial_register(
        &mut self,
        rid: Rid,
        ask: InitialRegister<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        self.check_listening()?;
        let mut registration = Registration::new(ask, &mut self.entropy)?;
        if let Some(contact) = ask.unreadable_contact() {
            let contact = excerpt(contact);
            let why = format!("the Contact \"{contact}\" is no address: ours is sent");
            self.log(LogLevel::Warning, format!("registration {rid}: {why}"));
        }
        let expires = registration.expires();
        let draft =
            registration.build(expires, &self.settings, &self.credentials, &mut self.entropy);
        let text = draft.into_octets();
        self.counted.registrations_ever += 1;
        let policy = Policy::Automatic(AutomaticAction::new(&registration));
        self.registrations.insert(rid, Box::new(RegistrationEntry::new(registration, policy)));
        Ok(text)
    }

    /// The text of the next REGISTER of `rid`, asking for `expires` seconds (negative: 0). Changes
    /// nothing.
    /// Errors: `BadParameter` for a rid below 1, `NotFound`, `WrongState` while a REGISTER is
    /// pending, `NoNetwork`.
    pub fn build_register(&mut self, rid: Rid, expires: i32) -> Result<Vec<u8>, Refusal> {
        let registration = &self.idle(rid)?.registration;
        let mut expires = u32::try_from(expires).unwrap_or(0);
        if matches!(registration.scheduled(), Some((_, Reason::MinExpires))) && expires > 0 {
            expires = expires.max(registration.expires());
        }
        let (settings, logins) = (&self.settings, &self.credentials);
        let entry = self.registrations.get_mut(&rid).ok_or(Refusal::NotFound)?;
        let draft = entry.registration.build(expires, settings, logins, &mut self.entropy);
        let text = draft.into_octets();
        Ok(text)
    }

    /// Sends `text`, or what `build_register` gives for the expiry last asked for. What the text
    /// says counts: its Expires is what later REGISTERs ask for, its header fields stay in them.
    /// Errors: as `build_register`; `BadParameter` without Call-ID, `Syntax` for a text that is no
    /// request with Via, From, To and CSeq.
    pub fn send_register(
        &mut self,
        now: Instant,
        rid: Rid,
        text: Option<&[u8]>,
    ) -> Result<TransactionId, Refusal> {
        self.idle(rid)?;
        match text {
            Some(text) => {
                // What is refused has changed nothing, a nonce count included.
                let mut draft = Draft::parse(text)?;
                let parts = Parts::read(&draft, self.given_transport(rid))?;
                if let Some(entry) = self.registrations.get_mut(&rid) {
                    let (logins, entropy) = (&self.credentials, &mut self.entropy);
                    entry.registration.count_sent(&mut draft, logins, entropy);
                }
                self.dispatch_parts(now, rid, draft, parts, true)
            }
            None => {
                let draft = self.draft_to_send(rid)?;
                self.dispatch(now, rid, draft, true)
            }
        }
    }

    /// Forgets a registration. Nothing is sent, and the response to a pending REGISTER is ignored.
    /// Errors: `BadParameter` for a rid below 1, `NotFound`.
    pub fn remove(&mut self, rid: Rid) -> Result<(), Refusal> {
        if rid < 1 {
            return Err(Refusal::BadParameter);
        }
        self.forget(rid).then_some(()).ok_or(Refusal::NotFound)
    }

    /// Answers the challenge that an event of `rid` with `status` reported. A managed registration
    /// does that itself.
    /// Errors: `Undefined` for a redirection, which is not followed, and without credentials;
    /// `RetryLimit` after three answers or when the credentials were refused; `WrongState` when it
    /// was answered already; `BadParameter`, `NotFound`.
    pub fn default_action(
        &mut self,
        now: Instant,
        rid: Rid,
        status: u16,
    ) -> Result<Action, Refusal> {
        match status {
            401 | 407 => {}
            300..=399 => return Err(Refusal::Undefined),
            _ => return Ok(Action::Nothing),
        }
        self.idle(rid)?;
        self.unblock_automatic(now, rid);
        let entry = self.registrations.get_mut(&rid).ok_or(Refusal::NotFound)?;
        let answers = match &mut entry.policy {
            Policy::Automatic(automatic) => automatic.answer(&entry.registration)?,
            Policy::Managed(managed) => managed.policy.answer(&entry.registration)?,
        };
        if !answers {
            return Ok(Action::Nothing);
        }
        let draft = self.draft_to_send(rid)?;
        self.dispatch(now, rid, draft, false).map(|_| Action::Sent)
    }

    /// Adds a credential, or replaces the one of the same username and realm.
    /// Errors: `BadParameter`.
    pub fn add_credential(&mut self, credential: CredentialText<'_>) -> Result<(), Refusal> {
        self.credentials.add(credential)?;
        self.credentials_changed = true;
        if let Some(now) = self.latest_now.filter(|_| !self.blocked_managed.is_empty()) {
            self.timers.set(now, Timer::Credentials);
        }
        Ok(())
    }

    /// Removes the credential of this username and realm. Errors: `BadParameter`, `NotFound`.
    pub fn remove_credential(&mut self, username: &str, realm: &str) -> Result<(), Refusal> {
        self.credentials.remove(username, realm)
    }

    /// The name `host` leads to `ip` from now on, whatever the DNS says of it.
    /// Error: `Undefined`, there are too many such names.
    pub fn give_address(&mut self, host: &str, ip: IpAddr) -> Result<(), Refusal> {
        self.locator.give_address(host, ip).map_err(|_| Refusal::Undefined)
    }

    /// The address that was given for the name `host`.
    pub fn given_address(&self, host: &str) -> Option<IpAddr> {
        self.locator.given_address(host)
    }

    /// The name `host` is looked up again. Error: `Undefined`, no address was given for it.
    pub fn take_back_address(&mut self, host: &str) -> Result<(), Refusal> {
        self.locator.take_back_address(host).then_some(()).ok_or(Refusal::Undefined)
    }

    /// From now on no challenge for a weaker algorithm is answered.
    pub fn set_weakest_algorithm(&mut self, algorithm: Algorithm) {
        self.credentials.set_weakest_algorithm(algorithm);
        // One with credentials of its own is not asked to look at those of the context.
        for entry in self.registrations.values_mut() {
            if let Some(managed) = entry.policy.managed() {
                let policy = managed.policy.options().challenge_policy();
                entry.registration.set_challenge_policy(policy.at_least(Some(algorithm)));
            }
        }
    }

    /// Removes all credentials.
    pub fn clear_credentials(&mut self) {
        self.credentials.clear();
    }

    /// The registration, if a REGISTER may be built and sent for it now.
    fn idle(&self, rid: Rid) -> Result<&RegistrationEntry, Refusal> {
        if rid < 1 {
            return Err(Refusal::BadParameter);
        }
        let entry = self.registrations.get(&rid).ok_or(Refusal::NotFound)?;
        if entry.registration.is_pending() {
            return Err(Refusal::WrongState);
        }
        self.check_listening()?;
        Ok(entry)
    }

    /// The next REGISTER of `rid`, with its answers to challenges counted.
    pub(super) fn draft_to_send(&mut self, rid: Rid) -> Result<Draft, Refusal> {
        let entry = self.registrations.get_mut(&rid).ok_or(Refusal::NotFound)?;
        Ok(entry.registration.build_to_send(&self.settings, &self.credentials, &mut self.entropy))
    }
}
