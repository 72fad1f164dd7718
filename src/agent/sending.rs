//! Requests on their way: each a transaction, from the queue over its targets to its response.

use super::parts::Parts;
use super::{Agent, ApplicationEvent, Event, EventKind, LogLevel, Rid, Route, Text, TransactionId};
use super::{EventIds, Policy, Transmit};
use crate::messaging::request::complete_request;
use crate::registration::RegistrationOutcome;
use crate::registration::policy::automatic_action;
use crate::request::{Local, Refusal};
use crate::sip::{Draft, date};
use crate::transaction::{Abandoned, Branch, ClientFired, NoResponse, Timer, TransactionUser, Transmission};
use crate::transport::HostPort;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

/// A target that says nothing for so long is left for the next, if there is one: four transmissions.
const SILENCE: Duration = Duration::from_millis(7500);

impl Agent {
    /// Queues `draft` for registration `rid`. `by_application`: the application sent it.
    pub(super) fn dispatch(
        &mut self,
        now: Instant,
        rid: Rid,
        draft: Draft,
        by_application: bool,
    ) -> Result<TransactionId, Refusal> {
        let parts = Parts::read(&draft)?;
        self.dispatch_parts(now, rid, draft, parts, by_application)
    }

    /// The same with what was read from it before.
    pub(super) fn dispatch_parts(
        &mut self,
        now: Instant,
        rid: Rid,
        draft: Draft,
        mut parts: Parts,
        by_application: bool,
    ) -> Result<TransactionId, Refusal> {
        let entry = self.registrations.get_mut(&rid).ok_or(Refusal::NotFound)?;
        if std::mem::replace(&mut entry.last_cseq, parts.cseq.0) == parts.cseq.0 {
            // The same message once more: a server must not take it for a retransmission.
            parts.branch = None;
        }
        let id = self.transactions.next_id();
        entry.registration.request_sent(now, id, &draft, parts.asks, by_application);
        match &mut entry.policy {
            Policy::Automatic(_) if entry.registration.expires() == 0 => {
                self.timers.set(now + automatic_action::FORGET, Timer::Unregistered(rid));
            }
            Policy::Managed(managed) if by_application => {
                entry.registration.keep_unsent(&draft);
                managed.policy.on_application_register(&entry.registration);
            }
            _ => {}
        }
        self.replan(rid);
        // REGISTERs count among the numbers that other transactions are told by.
        self.next_tid();
        Ok(self.start(now, TransactionUser::Registration(rid), draft, parts))
    }

    /// Queues `draft` for its user.
    pub(super) fn start(
        &mut self,
        now: Instant,
        user: TransactionUser,
        draft: Draft,
        parts: Parts,
    ) -> TransactionId {
        let Parts { target, cseq, branch, .. } = parts;
        self.counted.transactions_ever += 1;
        let id = self.transactions.queue(now, user, draft, cseq, branch);
        match self.routes.known(now, &target) {
            Some(untried) => {
                self.transactions.set_targets(id, untried);
                if !self.send_to_next_target(now, id) {
                    self.no_address(now, id);
                }
            }
            None => self.find_route(id, target),
        }
        id
    }

    fn find_route(&mut self, id: TransactionId, target: HostPort) {
        self.transactions.arm(id, &mut self.timers);
        self.keep_unsent(id);
        let query = self.next_query();
        if self.routes.wait(query, target.clone(), id) {
            let servers = !target.explicit && self.settings.servers;
            let (host, port) = (target.host.to_string(), target.port);
            self.transmits.push_back(Transmit::Route { query, host, port, servers });
        }
    }

    /// A REGISTER that has not left is what the next is made from.
    fn keep_unsent(&mut self, id: TransactionId) {
        if let Some(TransactionUser::Registration(rid)) = self.transactions.user(id)
            && let Some(draft) = self.transactions.request(id)
            && let Some(entry) = self.registrations.get_mut(&rid)
        {
            entry.registration.keep_unsent(draft);
        }
    }

    /// The routes for a waiting request are known, or there are none.
    pub(super) fn on_routes(&mut self, now: Instant, id: TransactionId, outcome: Result<&[Route], &str>) {
        match outcome {
            Ok(routes) => {
                self.transactions.set_targets(id, self.routes.to_try(now, routes));
                if self.transactions.user(id).is_some() && !self.send_to_next_target(now, id) {
                    self.no_address(now, id);
                }
            }
            Err(why) => {
                let why = NoResponse::NotResolved(why.to_owned());
                self.give_up(now, id, why);
            }
        }
    }

    fn no_address(&mut self, now: Instant, id: TransactionId) {
        self.give_up(now, id, NoResponse::NoAddress);
    }

    /// Sends request `id` to its next target; `false` when there is none left.
    fn send_to_next_target(&mut self, now: Instant, id: TransactionId) -> bool {
        let Some(user) = self.transactions.user(id) else { return false };
        let entropy = &mut self.entropy;
        let Some(next) = self.transactions.next_target(id, || entropy.bits()) else { return false };
        let route = next.route;
        let written = match user {
            TransactionUser::Registration(rid) => self.write_register(now, rid, next),
            TransactionUser::Messaging(_) => Some(self.write_request(next)),
            TransactionUser::None => None,
        };
        let Some((wire, call_id)) = written else { return false };
        self.transactions.sent(now, id, wire.clone(), call_id, &mut self.timers);
        self.transmits.push_back(Transmit::Datagram { to: route.remote, bytes: wire });
        if let TransactionUser::Registration(rid) = user {
            self.set_server(now, rid, Some(route.remote));
            if self.managed(rid).is_some() {
                self.left_from(route.remote, route.local);
            }
        }
        true
    }

    /// A REGISTER as it goes out, and where its Call-ID stands in it.
    fn write_register(&mut self, now: Instant, rid: Rid, next: Transmission) -> Option<(Text, Range<usize>)> {
        let Transmission { route, request, branch } = next;
        let learned = self.learned.get(&route.remote).copied();
        let entry = self.registrations.get_mut(&rid)?;
        let wall = self.wall.filter(|_| self.settings.date);
        let date = wall.map(|(then, wall)| date::date(wall + now.saturating_duration_since(then)));
        let local = match entry.policy.managed() {
            Some(managed) => managed.policy.local(route.local, route.remote, learned),
            None => {
                let masquerade = self.settings.masquerade;
                Local { address: route.local, learned, masquerade, keep_route: false, replaces: false }
            }
        };
        let (scratch, settings) = (&mut self.scratch, &self.settings);
        let registration = &mut entry.registration;
        let ready = registration.complete(scratch, &request, local, settings, branch.as_deref(), date);
        let call_id = ready.call_id.clone();
        Some((registration.completed(ready), call_id))
    }

    /// A request outside of registrations as it goes out, and where its Call-ID stands in it.
    fn write_request(&self, next: Transmission) -> (Text, Range<usize>) {
        let Transmission { route, mut request, branch } = next;
        let learned = self.learned.get(&route.remote).copied();
        let masquerade = self.settings.masquerade;
        let local = Local { address: route.local, learned, masquerade, keep_route: false, replaces: false };
        complete_request(&mut request, local, &self.settings, branch.as_deref());
        let call_id = request.place_of("Call-ID").unwrap_or_default();
        (request.to_bytes().into(), call_id)
    }

    /// The target of the request cannot serve, is not there, or is silent: another one of the same
    /// attempt is asked, where there is one and the registration is a managed one (RFC 3263
    /// section 4.3). All of them share the 32 s of the attempt.
    pub(super) fn fails_over(&mut self, now: Instant, id: TransactionId) -> bool {
        let Some(TransactionUser::Registration(rid)) = self.transactions.user(id) else { return false };
        let Some(route) = self.transactions.route_with_alternative(id) else { return false };
        if self.managed(rid).is_none() {
            return false;
        }
        self.routes.shun(now, route.remote);
        self.send_to_next_target(now, id)
    }

    /// A timer of client transaction `id` is due.
    pub(super) fn on_client_timeout(&mut self, now: Instant, id: TransactionId) {
        match self.transactions.on_client_timeout(now, id, &mut self.timers) {
            Some(ClientFired::Retransmit(silence)) => {
                if silence >= SILENCE && self.fails_over(now, id) {
                    return;
                }
                if let Some((to, bytes)) = self.transactions.retransmission(id) {
                    self.transmits.push_back(Transmit::Datagram { to, bytes });
                }
            }
            Some(ClientFired::TimedOut) => {
                let why = self.transactions.why_unanswered(id);
                if let Some(route) = self.transactions.route(id) {
                    self.routes.shun(now, route.remote);
                }
                self.give_up(now, id, why);
            }
            Some(ClientFired::Released) => self.events.push_back(Event::Released(id)),
            None => {}
        }
    }

    /// There will be no final response.
    fn give_up(&mut self, now: Instant, id: TransactionId, why: NoResponse) {
        self.keep_unsent(id);
        let Some(Abandoned { user, request }) = self.abandon(id) else { return };
        self.routes.forget();
        match user {
            TransactionUser::Registration(rid) => {
                let Some(entry) = self.registrations.get_mut(&rid) else { return };
                match &mut entry.policy {
                    Policy::Managed(_) => self.managed_timeout(now, rid, request, why),
                    Policy::Automatic(automatic) => {
                        let outcome = automatic.on_timeout(&mut entry.registration, why);
                        self.push_registration_event(rid, outcome, request, None);
                        self.after_answer(rid);
                    }
                }
            }
            TransactionUser::Messaging(tid) => {
                self.request_failed(tid, request, &format!("{why}."));
            }
            TransactionUser::None => {}
        }
    }

    /// Ends transaction `id` without a final response.
    pub(super) fn abandon(&mut self, id: TransactionId) -> Option<Abandoned> {
        let abandoned = self.transactions.abandon(id, &mut self.timers)?;
        self.events.push_back(Event::Released(id));
        Some(abandoned)
    }

    /// The network could not deliver `bytes` to `to`.
    pub(super) fn undelivered(
        &mut self,
        now: Instant,
        to: SocketAddr,
        reason: &str,
        fatal: bool,
        bytes: &[u8],
    ) {
        self.log(LogLevel::Warning, format!("not delivered to {to}: {reason}"));
        let Some(branch) = Branch::find(bytes) else {
            // What has no branch is a keep-alive, of which all came back.
            if matches!(bytes.len(), 4 | 20) {
                self.keep_alive_undelivered(now, to);
            }
            return;
        };
        let Some(id) = self.transactions.find_pending(&branch) else { return };
        if self.transactions.route(id).is_none_or(|route| route.remote != to) {
            return;
        }
        self.transactions.set_trouble(id, reason);
        // With another target, or a policy that tries again, there is no use in waiting; without them
        // the registrar may come back within 64·T1.
        let user = self.transactions.user(id);
        let is_managed =
            matches!(user, Some(TransactionUser::Registration(rid)) if self.managed(rid).is_some());
        let goes_on = self.fails_over(now, id) || self.send_to_next_target(now, id);
        if !goes_on && (fatal || is_managed) {
            let error = reason.to_owned();
            self.give_up(now, id, NoResponse::Transport { remote: to, error });
        }
    }

    /// Puts a registration event into the queue.
    pub(super) fn push_registration_event(
        &mut self,
        rid: Rid,
        outcome: RegistrationOutcome,
        request: Option<Text>,
        response: Option<Text>,
    ) {
        let kind = match outcome.success {
            true => EventKind::RegistrationSuccess,
            false => EventKind::RegistrationFailure,
        };
        let (ids, text) = (EventIds::default(), outcome.reason.to_string().into());
        let event = ApplicationEvent { kind, rid, ids, text, request, response };
        self.events.push_back(Event::Application(event));
    }
}
