//! When something is done without being asked for: only in `automatic_action`, for registrations made through the eXosip calls.

use super::{Agent, LogLevel, Rid, Route};
use crate::registration::RegistrationState;
use crate::request::Local;
use crate::transaction::Timer;
use std::time::Instant;

/// REGISTERs that one automatic action sends: what arrives meanwhile waits for it. The next call goes on.
const AT_ONCE: usize = 256;

impl Agent {
    /// Does what is due: refreshes, answers to challenges and 423, retries after failures, swaps of a Contact. Costs next to nothing
    /// when nothing is due, however many registrations there are.
    pub fn automatic_action(&mut self, now: Instant) {
        if self.listening.is_none() {
            return;
        }
        if std::mem::take(&mut self.credentials_changed) {
            for rid in self.unproven.iter().copied().collect::<Vec<_>>() {
                self.adopt_fresh_login(rid);
            }
        }
        self.handle_timeout(now);
        self.answer_challenges(now);
        for _ in 0..AT_ONCE {
            let Some(rid) = self.due.pop_front() else { return };
            let entry = self.registrations.get(&rid);
            // What was planned may have been sent by the application meanwhile.
            if entry.is_some_and(|entry| entry.registration.due().is_some_and(|at| at <= now)) {
                self.act(now, rid);
            }
        }
    }

    /// Whether [`Self::automatic_action`] has something to do.
    pub fn is_due(&self, now: Instant) -> bool {
        self.listening.is_some()
            && (self.credentials_changed
                || self.requests.are_challenged()
                || !self.due.is_empty()
                || self.timers.next().is_some_and(|at| at <= now))
    }

    /// An automatic action has something to do for `rid`.
    pub(super) fn on_refresh(&mut self, rid: Rid) {
        if let Some(entry) = self.registrations.get_mut(&rid) {
            entry.due = None;
            self.due.push_back(rid);
        }
    }

    /// Sends the REGISTER that is due for `rid`.
    fn act(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        if entry.registration.is_pending() {
            return;
        }
        if entry.registration.is_answer_due() && entry.registration.count_answer().is_err() {
            return;
        }
        let sent = self.draft_to_send(rid).and_then(|draft| self.dispatch(now, rid, draft, false));
        if let Err(refusal) = sent {
            self.log(LogLevel::Error, format!("registration {rid} cannot be sent: {refusal:?}"));
            if let Some(entry) = self.registrations.get_mut(&rid) {
                entry.registration.not_sent(now);
            }
            self.replan(rid);
        }
    }

    /// Credentials may have come for a registration that stopped for want of them.
    pub(super) fn adopt_fresh_login(&mut self, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        if entry.registration.has_fresh_login(&self.credentials) {
            entry.registration.retry_with_fresh_login();
            self.unproven.remove(&rid);
            self.replan(rid);
        }
    }

    /// An answer came, or none: plans what is next.
    pub(super) fn after_answer(&mut self, rid: Rid) {
        if let Some(entry) = self.registrations.get(&rid) {
            if matches!(entry.registration.state(), RegistrationState::Unproven { .. }) {
                self.unproven.insert(rid);
            }
            self.replan(rid);
        }
    }

    /// The server saw us at another address than the binding says: swap.
    pub(super) fn consider_swap(&mut self, now: Instant, rid: Rid, route: Route) {
        let learned = self.learned.get(&route.remote).copied();
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let masquerade = self.settings.masquerade;
        let local = Local { address: route.local, learned, masquerade, keep_route: false, replaces: false };
        if entry.registration.wants_swap(local, &self.settings) {
            entry.registration.swap(now);
        }
    }

    /// The network has changed: what was learnt of it is forgotten, and every binding is renewed with the next automatic action, from
    /// whatever address it then leaves; those that look after themselves move at once. This one command walks all registrations.
    pub fn network_changed(&mut self, now: Instant) {
        self.routes.forget();
        self.learned.clear();
        for rid in self.registrations.keys().copied().collect::<Vec<_>>() {
            let Some(entry) = self.registrations.get_mut(&rid) else { continue };
            if entry.managed.is_some() {
                self.move_managed(now, rid);
            } else {
                entry.registration.renew_soon();
                self.replan(rid);
            }
        }
    }

    /// Puts the moment of the next automatic action among those that are due.
    pub(super) fn replan(&mut self, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let next = if entry.managed.is_some() { None } else { entry.registration.due() };
        self.timers.rearm(&mut entry.due, next.map(|at| (at, Timer::Refresh(rid))));
        if entry.registration.is_pending() && !self.unproven.is_empty() {
            self.unproven.remove(&rid);
        }
    }

    /// Takes a registration out; its pending request goes on alone. Whether there was one.
    pub(super) fn forget(&mut self, rid: Rid) -> bool {
        let Some(mut entry) = self.registrations.remove(&rid) else { return false };
        self.timers.rearm(&mut entry.due, None);
        if let Some(managed) = entry.managed {
            self.ended_by_removal(rid, &entry.registration, managed);
        }
        self.unproven.remove(&rid);
        if let Some(server) = entry.server {
            self.release_server(server, rid);
        }
        if let Some(id) = entry.pending {
            self.transactions.orphan(id);
        }
        true
    }

    /// An unregistration that was never answered with success is over after its time.
    pub(super) fn forget_unregistered(&mut self, now: Instant, rid: Rid) {
        let entry = self.registrations.get(&rid).filter(|entry| entry.managed.is_none());
        let over = entry.is_some_and(|entry| entry.registration.is_over(now));
        if over {
            self.log(LogLevel::Info, format!("registration {rid} was to be removed; it is forgotten"));
            self.forget(rid);
        }
    }
}
