//! Requests on their way: each a transaction, from the queue over its targets to its response.

use super::managed::{is_second_flow, registration_of_flow};
use super::parts::Parts;
use super::{AddressFamilies, LogLevel, Policy, Text, TransactionId, Transport};
use super::{
    Agent, ApplicationEvent, DnsError, Event, EventIds, EventKind, Flow, QueryId, Records, Rid,
};
use crate::registration::RegistrationOutcome;
use crate::registration::policy::automatic_action;
use crate::request::complete_request;
use crate::request::{Local, MissingTransport, Refusal};
use crate::sip::{Draft, date, message_without_zones};
use crate::transaction::{
    Abandoned, ClientFired, NoResponse, Timer, TransactionUser, Transmission,
};
use crate::transport::{
    Destination, LocateError, LocateOutcome, LocateSettings, Located, TargetQueue, TransportSet,
};
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

/// A longer request does not go over UDP where the path's MTU is not known (RFC 3261 section
/// 18.1.1).
const MAX_UDP_REQUEST: usize = 1300;
/// A target that says nothing for so long is left for the next, if there is one: four
/// transmissions.
const TARGET_SILENCE_LIMIT: Duration = Duration::from_millis(7500);

impl Agent {
    /// Queues `draft` for registration `rid`. `by_application`: the application sent it.
    pub(super) fn dispatch(
        &mut self,
        now: Instant,
        rid: Rid,
        draft: Draft,
        by_application: bool,
    ) -> Result<TransactionId, Refusal> {
        let parts = Parts::read(&draft, self.given_transport(rid))?;
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
        self.rate_limiter.leave(rid);
        entry.servers.on_request();
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
        // REGISTERs count among the numbers that other transactions are named by.
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
        let Parts { mut destination, given, missing_transport, cseq, branch, .. } = parts;
        self.note_now(now);
        self.counted.transactions_ever += 1;
        let id = self.transactions.queue(now, user, draft, cseq, branch);
        match missing_transport {
            // What is to be kept from others on its way never goes in the clear.
            Some(missing @ MissingTransport::Tls) => {
                self.log(LogLevel::Warning, format!("{missing}: the request is not sent"));
                self.on_located(now, id, Err(LocateError::SipsNeedsTls));
                return id;
            }
            Some(missing) => {
                let by = self.listening_transport().via();
                self.log(LogLevel::Warning, format!("{missing}: the request goes by {by}"))
            }
            None => {}
        }
        let settings = self.locate_settings(user, given, &destination);
        if settings.fixed == Some(Transport::Udp) && !settings.transports.udp {
            let why = "the context does not listen on UDP".to_owned();
            self.give_up(now, id, NoResponse::NotSent(why));
            return id;
        }
        if given == Some(Transport::Tls) && destination.port == Some(5060) {
            // Programs of the eXosip calls write the port of UDP where they mean that of TLS.
            destination.port = Some(Transport::Tls.default_port());
        }
        let entropy = &mut self.entropy;
        match self.locator.locate(now, &destination, settings, id, &mut || entropy.word()) {
            Located::Ready(targets) => self.on_located(now, id, Ok(targets)),
            Located::Failed(error) => self.on_located(now, id, Err(error)),
            Located::Waiting => {
                self.wait(id);
                self.awaits_name(id);
            }
        }
        self.ask_names();
        id
    }

    /// How the servers of a request are located. `given`: the transport that it goes by whatever
    /// its URI says.
    fn locate_settings(
        &self,
        user: TransactionUser,
        given: Option<Transport>,
        destination: &Destination<'_>,
    ) -> LocateSettings {
        let own = self.registration_of(user).filter(|_| given.is_none());
        let own = own.and_then(|rid| self.managed(rid));
        let (transports, fixed) = match given {
            Some(given) => (TransportSet::only(given), Some(given)),
            None => (self.transports(), own.and_then(|own| own.policy.options().transport)),
        };
        // A connection needs no socket of its family beforehand.
        let is_connection = || fixed.map_or(destination.wants_connection(), Transport::is_reliable);
        let is_free = given.is_none() && is_connection();
        let listening = self.listening.filter(|_| !is_free);
        LocateSettings {
            transports,
            fixed,
            families: listening.map_or(AddressFamilies::Both, |listening| listening.families),
            has_services: self.settings.servers,
            is_reused: self.settings.reuse_names,
            takes_stale: self.is_asked_for(user),
        }
    }

    /// The registration that a request is of, or for.
    pub(super) fn registration_of(&self, user: TransactionUser) -> Option<Rid> {
        match user {
            TransactionUser::Registration(rid) => Some(rid),
            TransactionUser::Subscription(sid, _) => self.subscriptions.owner(sid),
            _ => None,
        }
    }

    /// The transport of the eXosip calls.
    pub(super) fn listening_transport(&self) -> Transport {
        self.listening.map_or(Transport::Udp, |listening| listening.transport)
    }

    /// The transport of the REGISTERs of `rid`, whatever their URIs say; `None`: those count.
    pub(super) fn given_transport(&self, rid: Rid) -> Option<Transport> {
        let managed = self.managed(rid).map(|managed| managed.policy.options());
        match managed {
            Some(options) if !options.adopted => None,
            _ => Some(self.listening_transport()),
        }
    }

    /// The transports of registrations that choose for themselves. Connections need no port; UDP
    /// needs a socket that listens.
    fn transports(&self) -> TransportSet {
        let is_udp = self.listening_transport() == Transport::Udp;
        TransportSet { udp: is_udp && self.network.udp, ..self.network }
    }

    /// Passes the questions of the locator on, and puts its deadline among the timers.
    pub(super) fn ask_names(&mut self) {
        while let Some(question) = self.locator.poll_query() {
            self.transmits.push_back(question);
        }
        let deadline = self.locator.deadline().map(|at| (at, Timer::Locate));
        self.timers.rearm(&mut self.locating, deadline);
    }

    /// The network has answered a question.
    pub(super) fn on_records(
        &mut self,
        now: Instant,
        query: QueryId,
        answer: Result<Records, DnsError>,
    ) {
        let entropy = &mut self.entropy;
        let located = self.locator.on_records(now, query, answer, &mut || entropy.word());
        self.on_all_located(now, located);
    }

    /// Answers to questions have not come in time.
    pub(super) fn on_locate_timeout(&mut self, now: Instant) {
        self.locating = None;
        let entropy = &mut self.entropy;
        let located = self.locator.on_timeout(now, &mut || entropy.word());
        self.on_all_located(now, located);
    }

    fn on_all_located(&mut self, now: Instant, located: Vec<LocateOutcome<TransactionId>>) {
        for (id, result) in located {
            self.on_located(now, id, result);
        }
        self.ask_names();
    }

    /// The targets of a request are known, or there are none.
    fn on_located(
        &mut self,
        now: Instant,
        id: TransactionId,
        result: Result<TargetQueue, LocateError>,
    ) {
        // It may have ended meanwhile.
        let Some((user, length)) = self.transactions.unsent(id) else { return };
        match result {
            Ok(_) if !self.may_leave(now, id) => {}
            Ok(mut targets) => {
                self.arrange_targets(id, &mut targets);
                let own = self.registration_of(user);
                if targets.is_empty() && own.is_some_and(is_second_flow) {
                    return self.give_up(now, id, NoResponse::NoSecondServer);
                }
                if length > MAX_UDP_REQUEST {
                    self.prefer_connections(now, user, &mut targets);
                }
                self.transactions.set_targets(id, targets);
                if !self.send_to_next_target(now, id) {
                    self.give_up(now, id, NoResponse::NoAddress);
                }
            }
            Err(error) => self.give_up(now, id, NoResponse::NotLocated(error)),
        }
    }

    /// A request that is too large for UDP goes by TCP to each server that takes it there (RFC 3261
    /// section 18.1.1), where the registration leaves the transport open.
    fn prefer_connections(&self, now: Instant, user: TransactionUser, targets: &mut TargetQueue) {
        let TransactionUser::Registration(rid) = user else { return };
        let own = self.managed(rid).map(|managed| managed.policy.options());
        let is_open = own.is_some_and(|own| !own.adopted && own.transport.is_none());
        if is_open && self.transports().tcp {
            targets.prefer_connections(|server| self.locator.penalty_until(now, server).is_some());
        }
    }

    /// Request `id` waits for a name or a flow.
    fn wait(&mut self, id: TransactionId) {
        self.transactions.arm(id, &mut self.timers);
        self.keep_unsent(id);
    }

    /// A REGISTER that has not left is what the next is made from.
    fn keep_unsent(&mut self, id: TransactionId) {
        if let Some(TransactionUser::Registration(rid)) = self.transactions.user(id) {
            if let Some(draft) = self.transactions.request(id) {
                if let Some(entry) = self.registrations.get_mut(&rid) {
                    entry.registration.keep_unsent(draft);
                }
            }
        }
    }

    /// Sends request `id` to its next target, once the flow there is open; `false` when there is
    /// none left.
    pub(super) fn send_to_next_target(&mut self, now: Instant, id: TransactionId) -> bool {
        let next = self.transactions.next_target(now, id, &mut self.timers);
        let Some((server, released)) = next else { return false };
        let flow = self.open_flow(now, id, server);
        if let Some(released) = released {
            self.release_flow(now, released);
        }
        match flow {
            Some(flow) => self.send_over(now, id, flow),
            None => self.wait(id),
        }
        true
    }

    /// Sends request `id` over `flow`, which is open.
    pub(super) fn send_over(&mut self, now: Instant, id: TransactionId, flow: Flow) {
        let Some(user) = self.transactions.user(id) else { return };
        let entropy = &mut self.entropy;
        let next = self.transactions.transmission(id, flow, || entropy.bits());
        let written = next.and_then(|next| match user {
            TransactionUser::Registration(rid) => self.write_register(now, rid, next),
            TransactionUser::Messaging(_)
            | TransactionUser::Call(..)
            | TransactionUser::Publication(..)
            | TransactionUser::Subscription(..) => Some(self.write_request(user, next)),
            TransactionUser::None => None,
        });
        let Some((mut wire, mut call_id)) = written else {
            return self.give_up(now, id, NoResponse::NoAddress);
        };
        if matches!(flow.remote, SocketAddr::V6(remote) if remote.scope_id() != 0) {
            if let Some((text, place)) = message_without_zones(&wire, call_id.clone()) {
                (wire, call_id) = (text.into(), place);
            }
        }
        let timers = &mut self.timers;
        let is_awaiting = self.transactions.sent(now, id, wire.clone(), call_id, timers);
        self.transmit(flow.id, wire);
        if let TransactionUser::Registration(rid) = user {
            self.register_left(now, rid, id, flow.id);
        }
        if !is_awaiting {
            self.on_ack_left(now, id, flow.id);
        }
    }

    /// A REGISTER as it goes out, and where its Call-ID stands in it.
    fn write_register(
        &mut self,
        now: Instant,
        rid: Rid,
        next: Transmission,
    ) -> Option<(Text, Range<usize>)> {
        let Transmission { flow, mut request, branch } = next;
        let mut local = self.local(&flow);
        let entry = self.registrations.get_mut(&rid)?;
        entry.registrars.on_sent(&mut self.registrars, flow.remote.ip());
        let wall = self.wall.filter(|_| self.settings.date);
        let date = wall.map(|(then, wall)| date::date(wall + now.saturating_duration_since(then)));
        if let Some(managed) = entry.policy.managed() {
            let contact_port = local.contact_port.filter(|_| managed.policy.options().adopted);
            local = Local { contact_port, ..managed.policy.local(&flow, local.learned) };
            managed.policy.take_out_secure_tokens(&mut request, flow.transport);
        }
        let (scratch, settings) = (&mut self.scratch, &self.settings);
        let registration = &mut entry.registration;
        let ready =
            registration.complete(scratch, &request, local, settings, branch.as_deref(), date);
        let call_id = ready.call_id.clone();
        Some((registration.completed(ready), call_id))
    }

    /// A request outside of registrations as it goes out, and where its Call-ID stands in it.
    fn write_request(&self, user: TransactionUser, next: Transmission) -> (Text, Range<usize>) {
        let Transmission { flow, mut request, branch } = next;
        // That of a subscription of a registration is none that the application has given.
        let keep_route = self.registration_of(user).is_some();
        let local = Local { keep_route, ..self.local(&flow) };
        complete_request(&mut request, local, &self.settings, branch.as_deref());
        let call_id = request.place_of("Call-ID").unwrap_or_default();
        (request.to_bytes().into(), call_id)
    }

    /// A timer of client transaction `id` is due.
    pub(super) fn on_client_timeout(&mut self, now: Instant, id: TransactionId) {
        match self.transactions.on_client_timeout(now, id, &mut self.timers) {
            Some(ClientFired::Retransmit(silence)) => {
                let Some((flow, bytes)) = self.transactions.retransmission(id) else { return };
                if silence < TARGET_SILENCE_LIMIT || !self.fails_over(now, id, None) {
                    self.transmit(flow, bytes);
                }
            }
            Some(ClientFired::TimedOut) => {
                let (flow, sent_at) = (self.transactions.flow(id), self.transactions.sent_at(id));
                if let Some(flow) = flow {
                    self.on_server_failed(now, flow, None);
                }
                if !self.fails_over(now, id, None) {
                    let why = self.transactions.timeout(id);
                    self.give_up(now, id, why);
                }
                if let Some(flow) = flow {
                    self.close_silent(now, flow, sent_at);
                }
            }
            Some(ClientFired::Unfinished) => {
                let why = self.transactions.timeout(id);
                self.give_up(now, id, why);
            }
            Some(ClientFired::Released) => self.events.push_back(Event::Released(id)),
            None => {}
        }
    }

    /// There will be no final response.
    pub(super) fn give_up(&mut self, now: Instant, id: TransactionId, why: NoResponse) {
        self.keep_unsent(id);
        self.note_out_of_reach(id, &why);
        let failed = self.register_over(id);
        let Some(Abandoned { user, request, .. }) = self.abandon(now, id) else { return };
        let before = self.events.len();
        match user {
            TransactionUser::Registration(rid) => {
                let Some(entry) = self.registrations.get_mut(&rid) else { return };
                match &mut entry.policy {
                    Policy::Managed(_) => self.managed_timeout(now, rid, request, why),
                    Policy::Automatic(automatic) => {
                        let (registration, entropy) = (&mut entry.registration, &mut self.entropy);
                        let outcome = automatic.on_timeout(now, registration, why, entropy);
                        self.push_registration_event(rid, outcome, request, None);
                        self.after_answer(rid);
                    }
                }
            }
            TransactionUser::Messaging(tid) => self.request_failed(tid, request, &why),
            TransactionUser::Call(cid, tid) => {
                self.on_call_request_failed(now, (cid, tid), request, &why);
            }
            TransactionUser::Publication(id, tid) => {
                self.publication_failed(now, (id, tid), request, &why);
            }
            TransactionUser::Subscription(key, tid) => {
                self.subscription_failed(now, (key, tid), request, &why);
            }
            TransactionUser::None => {}
        }
        self.note_end(before, id);
        self.events.push_back(Event::Released(id));
        if let Some((rid, flow)) = failed {
            self.on_register_failed(now, rid, flow);
        }
    }

    /// Ends transaction `id` without a final response. The caller has [`Event::Released`] follow.
    pub(super) fn abandon(&mut self, now: Instant, id: TransactionId) -> Option<Abandoned> {
        let abandoned = self.transactions.abandon(id, &mut self.timers)?;
        if let Some(released) = abandoned.released {
            self.release_flow(now, released);
        }
        Some(abandoned)
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
        let rid = registration_of_flow(rid);
        let event =
            ApplicationEvent { rid, ids, text, request, response, ..ApplicationEvent::new(kind) };
        self.events.push_back(Event::Application(event));
    }
}
