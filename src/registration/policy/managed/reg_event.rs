//! What the registrar says of the binding between two REGISTERs: the event `reg` (RFC 3680).

use super::{EndReason, Goal, ManagedPolicy, PolicyContext, back_off};
use crate::auth::{ChallengePolicy, Credentials};
use crate::registration::{ContactEvent, ContactInfo, Reason, Reginfo, Registration};
use crate::request::expiry::LONGEST_RETRY_AFTER;
use crate::sip::{NameAddr, Params, Uri, split_list};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A binding that ends again within this time is not registered anew at once.
const SOON: Duration = Duration::from_secs(60);

/// What is kept of the documents.
#[derive(Debug, Default)]
pub(super) struct RegEventHistory {
    /// The version of the newest.
    version: Option<u32>,
    /// When one last said that the binding is gone, and how often in a row.
    ended: Option<(Instant, u32)>,
}

impl ManagedPolicy {
    /// Whether the event `reg` is wanted now.
    pub fn wants_reg_event(&self, registration: &Registration) -> bool {
        let is_quiet = self.wants_binding() && !self.is_busy(registration);
        self.options.reg_event && is_quiet && registration.is_bound()
    }

    /// Whether the program still wants a binding.
    pub fn wants_binding(&self) -> bool {
        self.goal == Goal::Bound && !self.terminate_requested
    }

    /// The Route of a SUBSCRIBE: Service-Route (RFC 3608), else that of the options, else the
    /// registrar, where it is not at the domain of the address-of-record. Empty: none.
    pub fn subscription_route(&self, registration: &Registration) -> String {
        let served = self.facts(registration).service_route;
        if !served.is_empty() {
            return served.join(", ");
        }
        if !self.options.route.is_empty() {
            let routes: Vec<_> =
                split_list(&self.options.route).map(super::request::loose).collect();
            return routes.join(", ");
        }
        let aor = NameAddr::parse(&self.options.aor).ok().and_then(|aor| Uri::parse(aor.uri).ok());
        let registrar = Uri::parse(&self.registrar).ok();
        match (aor, registrar) {
            (Some(aor), Some(registrar))
                if (aor.host, aor.port) != (registrar.host, registrar.port) =>
            {
                super::request::loose(&format!("<{}>", self.registrar))
            }
            _ => String::new(),
        }
    }

    /// Who answers the challenges of a SUBSCRIBE.
    pub fn subscription_challenges(&self) -> ChallengePolicy {
        self.options.challenge_policy()
    }

    /// Gives the credentials of this account away for the time of a call.
    pub fn lend_credentials(&mut self) -> Option<Arc<Credentials>> {
        self.credentials.take()
    }

    /// Takes them back.
    pub fn return_credentials(&mut self, credentials: Arc<Credentials>) {
        self.credentials = Some(credentials);
    }

    /// The event is subscribed to anew: the numbers of its documents begin again.
    pub fn on_subscribed(&mut self) {
        self.reg_event.get_or_insert_default().version = None;
    }

    /// A NOTIFY has this body. What follows is scheduled.
    pub fn on_reginfo(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        body: &[u8],
    ) {
        let sent = registration.held_contacts().unwrap_or_default();
        let own = self.own_contact(registration, &sent);
        let is_aor = |aor: &str| self.is_aor(aor);
        let Some(info) = Reginfo::read(body, is_aor, |uri| own.is_uri(uri)) else { return };
        drop(sent);
        // RFC 3680 section 5.1: an older document says nothing.
        let history = self.reg_event.get_or_insert_default();
        let versions = info.version.zip(history.version);
        if versions.is_some_and(|(version, newest)| version <= newest) {
            return;
        }
        history.version = info.version.or(history.version);
        // The response to a REGISTER under way says more.
        match info.contact.filter(|_| self.wants_reg_event(registration)) {
            Some(contact) if contact.is_active => self.shortened(context, registration, contact),
            Some(contact) => self.ended_there(context, registration, contact),
            None => {}
        }
    }

    /// Whether `uri` is our address-of-record, which has no parameters (RFC 3261 section 10.3).
    fn is_aor(&self, uri: &str) -> bool {
        let (params, headers) = (Params::default(), None);
        let bare = |uri| Uri::parse(uri).map(|uri| Uri { params, headers, ..uri });
        let own = NameAddr::parse(&self.options.aor).map_or(&*self.options.aor, |aor| aor.uri);
        match (bare(uri), bare(own)) {
            (Ok(uri), Ok(own)) => uri.equivalent(&own),
            _ => uri == own,
        }
    }

    /// The server holds the binding, for a shorter time maybe.
    fn shortened(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        contact: ContactInfo,
    ) {
        let now = context.now;
        let Some(left) = contact.expires.filter(|_| contact.event == ContactEvent::Shortened)
        else {
            return;
        };
        if registration.expires_at().is_some_and(|at| now + left < at) {
            registration.shorten(now + left);
            let at = self.refresh_moment(now, now, left, context.entropy);
            match registration.scheduled() {
                Some((planned, _)) if planned <= at => {}
                _ => registration.schedule(at, Reason::Refresh),
            }
        }
    }

    /// The server holds the binding no more (RFC 3680 section 5.1).
    fn ended_there(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        contact: ContactInfo,
    ) {
        let now = context.now;
        registration.binding_expired();
        self.last_success = None;
        let (why, at) = match contact.event {
            ContactEvent::Rejected => (EndReason::Rejected, None),
            ContactEvent::Unregistered => (EndReason::Unregistered, None),
            ContactEvent::Probation => {
                let wait = contact.retry_after.map(|wait| wait.min(LONGEST_RETRY_AFTER));
                self.last.retry_after = wait.map(|wait| now + wait);
                (EndReason::Probation, Some(self.back_later(context)))
            }
            ContactEvent::Expired => (EndReason::ExpiredThere, Some(self.back_soon(context))),
            _ => (EndReason::Deactivated, Some(self.back_soon(context))),
        };
        self.ending = Some(why);
        match at {
            Some(at) => registration.schedule(at, Reason::Retry),
            None => {
                registration.rest();
                self.goal = Goal::Idle;
                self.set_wanted(false);
            }
        }
        self.report(registration);
    }

    /// When a binding that the server has ended is registered anew: at once, unless that goes on
    /// and on.
    fn back_soon(&mut self, context: &mut PolicyContext<'_>) -> Instant {
        let now = context.now;
        let history = self.reg_event.get_or_insert_default();
        let times = match history.ended {
            Some((before, times)) if now < before + SOON => times.saturating_add(1),
            _ => 0,
        };
        history.ended = Some((now, times));
        let options = &self.options;
        match times {
            0 => now,
            _ => now + back_off(times, options.retry_base, options.retry_max, context.entropy),
        }
    }

    /// When it is where the server wants a pause.
    fn back_later(&mut self, context: &mut PolicyContext<'_>) -> Instant {
        let options = &self.options;
        let wait = back_off(1, options.retry_base, options.retry_max, context.entropy);
        self.retry_after_at(context).unwrap_or(context.now + wait)
    }
}
