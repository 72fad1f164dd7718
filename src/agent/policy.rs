//! What `eXosip_automatic_action` does for what the eXosip calls made.

use super::managed::{flow_name, second_flow_of};
use super::{Agent, Flow, LogLevel, Policy, RegistrationEntry, Rid};
use crate::registration::Activity;
use crate::transaction::Timer;
use std::time::Instant;

/// REGISTERs that one automatic action sends, because responses wait meanwhile. The next call goes
/// on.
const MAX_REGISTERS_PER_ACTION: usize = 256;

impl Agent {
    /// Does what is due: refreshes, answers to challenges and 423, retries after failures, other
    /// addresses in Contacts. Costs next to nothing when nothing is due, however many registrations
    /// there are.
    pub fn automatic_action(&mut self, now: Instant) {
        if self.listening.is_none() {
            return;
        }
        if std::mem::take(&mut self.credentials_changed) {
            for rid in self.blocked_automatic.iter().copied().collect::<Vec<_>>() {
                self.unblock_automatic(now, rid);
            }
            self.requests.on_credentials(&self.credentials);
            self.unblock_publications(now);
        }
        self.handle_timeout(now);
        self.answer_challenges(now);
        self.retry_calls(now);
        self.publish_due(now);
        self.act_for_subscriptions(now);
        for _ in 0..MAX_REGISTERS_PER_ACTION {
            let Some(rid) = self.actions_due.pop_front() else { return };
            let entry = self.registrations.get(&rid);
            // What was planned may have been sent by the application meanwhile.
            let due = entry.and_then(|entry| entry.registration.scheduled());
            if due.is_some_and(|(at, _)| at <= now) {
                self.act(now, rid);
            }
        }
    }

    /// Whether [`Self::automatic_action`] has something to do.
    pub fn is_due(&self, now: Instant) -> bool {
        self.listening.is_some()
            && (self.credentials_changed
                || self.requests.are_challenged()
                || self.calls.has_retries()
                || self.publications.are_due()
                || self.subscriptions.is_action_due()
                || !self.actions_due.is_empty()
                || self.timers.next().is_some_and(|at| at <= now))
    }

    /// Whether an automatic action has something to do for a registration, a request or a
    /// publication.
    pub fn has_action_due(&self) -> bool {
        let is_blocked = || {
            !self.blocked_automatic.is_empty()
                || self.requests.are_blocked()
                || self.publications.are_blocked()
        };
        let any = !self.actions_due.is_empty()
            || self.requests.are_challenged()
            || self.calls.has_retries()
            || self.publications.are_due()
            || self.subscriptions.is_action_due()
            || self.credentials_changed && is_blocked();
        any && self.listening.is_some()
    }

    /// An automatic action has something to do for `rid`.
    pub(super) fn on_refresh(&mut self, rid: Rid) {
        if let Some(entry) = self.registrations.get_mut(&rid) {
            entry.deadline = None;
            self.actions_due.push_back(rid);
        }
    }

    /// Sends the REGISTER that is due for `rid`.
    fn act(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Policy::Automatic(automatic) = &mut entry.policy else { return };
        automatic.on_due(&entry.registration);
        let sent = self.draft_to_send(rid).and_then(|draft| self.dispatch(now, rid, draft, false));
        if let Err(refusal) = sent {
            self.log(LogLevel::Error, format!("registration {rid} cannot be sent: {refusal:?}"));
            if let Some(entry) = self.registrations.get_mut(&rid) {
                if let Policy::Automatic(automatic) = &mut entry.policy {
                    automatic.on_not_sent(now, &mut entry.registration);
                }
            }
            self.replan(rid);
        }
    }

    /// Credentials may have come for a registration that is blocked for want of them.
    pub(super) fn unblock_automatic(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let Policy::Automatic(automatic) = &mut entry.policy else { return };
        if automatic.on_credentials(now, &mut entry.registration, &self.credentials) {
            self.blocked_automatic.remove(&rid);
            self.replan(rid);
        }
    }

    /// A final response came, or none: plans what is next.
    pub(super) fn after_answer(&mut self, rid: Rid) {
        if let Some(entry) = self.registrations.get_mut(&rid) {
            if matches!(entry.registration.activity(), Activity::Blocked { .. }) {
                self.blocked_automatic.insert(rid);
            }
            entry.registrars.on_changed(&mut self.registrars, &entry.registration);
            self.replan(rid);
        }
    }

    /// The server at the other end of `flow` has said where it sees us.
    pub(super) fn seen_by_server(&mut self, rid: Rid, flow: &Flow) {
        let mut local = self.local(flow);
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let is_news = entry.registration.note_seen();
        if !is_news || !(entry.policy.is_managed() || entry.registration.has_own_contacts()) {
            return;
        }
        if let Some(managed) = entry.policy.managed() {
            local = managed.policy.local(flow, local.learned);
        }
        if entry.registration.has_unreachable_contact(local, &self.settings) {
            let address = local.learned.unwrap_or(local.contact());
            let why = "the Contact has our host and a port that we do not listen on";
            let text = format!("{}: {why}: it is replaced by {address}", flow_name(rid));
            self.log(LogLevel::Warning, text);
        }
    }

    /// Plans another Contact where the server saw us at another address than the binding has.
    pub(super) fn check_address(&mut self, now: Instant, rid: Rid, flow: Flow) {
        let local = self.local(&flow);
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        if let Policy::Automatic(automatic) = &mut entry.policy {
            if entry.registration.wants_other_address(local, &self.settings) {
                automatic.on_address_changed(now, &mut entry.registration);
            }
        }
    }

    /// Plans another Contact where the server refused one that is not where it saw us.
    pub(super) fn check_refused_contact(&mut self, now: Instant, rid: Rid, flow: Flow) {
        let local = self.local(&flow);
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        if let Policy::Automatic(automatic) = &mut entry.policy {
            if entry.registration.expires() > 0
                && entry.registration.refused_other_address(local, &self.settings)
            {
                automatic.on_contact_refused(now, &mut entry.registration);
            }
        }
    }

    /// The network has changed: what was learnt of it is forgotten, and every binding is renewed
    /// with the next automatic action, from whatever address it then leaves. Managed registrations
    /// are renewed at once. This one command walks all registrations.
    ///
    /// All connections are closed.
    pub fn network_changed(&mut self, now: Instant) {
        let connections = self.flows.connections();
        let dropped = self.drop_connections(now, connections);
        self.flows.on_interfaces_changed();
        self.locator.on_interfaces_changed(now);
        self.learned.clear();
        for rid in self.registrations.keys().copied().collect::<Vec<_>>() {
            self.renew_moved(now, rid);
        }
        self.fail_dropped(now, dropped);
    }

    /// Puts the moment of the next automatic action among those that are due.
    pub(super) fn replan(&mut self, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let next = match &entry.policy {
            Policy::Automatic(automatic) => automatic.due(&entry.registration),
            Policy::Managed(_) => None,
        };
        self.timers.rearm(&mut entry.deadline, next.map(|at| (at, Timer::Refresh(rid))));
        if entry.registration.is_pending() && !self.blocked_automatic.is_empty() {
            self.blocked_automatic.remove(&rid);
        }
    }

    /// Removes a registration; the response to its pending request makes no event. Whether there
    /// was one.
    pub(super) fn forget(&mut self, rid: Rid) -> bool {
        let mut second_left = None;
        if self.managed(rid).is_some_and(|managed| managed.policy.has_second_flow()) {
            second_left = self.left_binding_of_flow(second_flow_of(rid));
            self.forget(second_flow_of(rid));
        }
        let Some(entry) = self.registrations.remove(&rid) else { return false };
        let RegistrationEntry { mut registration, policy, mut deadline, flow, .. } = *entry;
        let (registrars, mut servers) = (entry.registrars, entry.servers);
        registrars.release(&mut self.registrars);
        let transaction = registration.transaction();
        self.timers.rearm(&mut deadline, None);
        servers.forget(&mut self.timers);
        self.out_of_reach.remove(&rid);
        if let Policy::Managed(managed) = policy {
            self.ended_by_removal(rid, &mut registration, managed, second_left);
        }
        self.blocked_automatic.remove(&rid);
        if let Some((flow, clock)) = flow.zip(self.latest_now) {
            self.leave_flow(clock, flow, rid);
        }
        if let Some(id) = transaction {
            self.transactions.orphan(id);
        }
        true
    }

    /// Forgets a registration whose removal never succeeded within its time.
    pub(super) fn forget_unregistered(&mut self, now: Instant, rid: Rid) {
        let over = self.registrations.get(&rid).is_some_and(|entry| match &entry.policy {
            Policy::Automatic(automatic) => automatic.is_over(now, &entry.registration),
            Policy::Managed(_) => false,
        });
        if over {
            self.log(
                LogLevel::Info,
                format!("registration {rid} was to be removed; it is forgotten"),
            );
            self.forget(rid);
        }
    }
}
