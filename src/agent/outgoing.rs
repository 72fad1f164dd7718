//! Requests on their way: a transaction each, from the queue over its route to its answer.

use super::parts::Parts;
use super::{Agent, Event, Ids, Kind, Notice, Rid, Route, Text, Tid, TransactionId, Transmit, Weight, date};
use crate::messaging::request::complete_request;
use crate::registration::Verdict;
use crate::registration::policy::automatic_action;
use crate::request::{Local, Refusal};
use crate::sip::Draft;
use crate::transaction::{Client, Fired};
use crate::transaction::{Transaction, TransactionUser, branch_in, branch_text, enough, is_too_much};
use crate::transport::HostPort;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A target that says nothing for so long is left for the next, if there is one: four transmissions.
const SILENT: Duration = Duration::from_millis(7500);
/// Places of transactions that are over, for others: malloc keeps few of their size at hand.
const PLACES: usize = 256;

impl Agent {
    /// Queues `draft`, which was made just now, for `rid`. `by_application`: the application sent it.
    pub(super) fn dispatch(
        &mut self,
        now: Instant,
        rid: Rid,
        draft: Draft,
        by_application: bool,
    ) -> Result<TransactionId, Refusal> {
        let parts = Parts::of_fresh(&draft, &mut self.routes)?;
        self.dispatch_parts(now, rid, draft, parts, by_application)
    }

    /// The same for any `draft`, with what was read from it before.
    pub(super) fn dispatch_parts(
        &mut self,
        now: Instant,
        rid: Rid,
        draft: Draft,
        parts: Parts,
        by_application: bool,
    ) -> Result<TransactionId, Refusal> {
        let id = TransactionId(self.next_id());
        let entry = self.registrations.get_mut(&rid).ok_or(Refusal::NotFound)?;
        entry.registration.queued(now, &draft, parts.asks, by_application);
        entry.pending = Some(id);
        match entry.managed.as_deref_mut() {
            Some(managed) if by_application => {
                entry.registration.waits(&draft);
                managed.policy.on_application_register(&entry.registration);
            }
            _ => {}
        }
        if entry.registration.wanted() == 0 && entry.managed.is_none() {
            self.timers.forget(now + automatic_action::FORGET, rid);
        }
        self.replan(rid);
        // REGISTERs count among the numbers that other transactions are told by.
        self.next_tid();
        self.start(now, id, TransactionUser::Registration(rid), draft, parts);
        Ok(id)
    }

    /// Queues `draft` for request `tid`.
    pub(super) fn dispatch_request(
        &mut self,
        now: Instant,
        tid: Tid,
        draft: Draft,
    ) -> Result<TransactionId, Refusal> {
        let parts = Parts::of(&draft, &mut self.routes)?;
        let id = TransactionId(self.next_id());
        self.start(now, id, TransactionUser::Request(tid), draft, parts);
        Ok(id)
    }

    fn start(&mut self, now: Instant, id: TransactionId, owner: TransactionUser, draft: Draft, parts: Parts) {
        let Parts { place, cseq, method, fresh, .. } = parts;
        self.counted.transactions_ever += 1;
        let known = self.routes.known(now, &place);
        let waits = known.is_none();
        let mut transaction = self.boxed(Transaction {
            owner,
            branch: 0,
            cseq,
            armed: None,
            client: Client::queue(now),
            method,
            fresh,
            draft: Some(draft),
            wire: None,
            call_id: 0..0,
            untried: known.unwrap_or_default(),
            route: None,
            written: (0, 0),
            trouble: None,
        });
        let sent = !waits && self.send_next(now, id, &mut transaction);
        self.transactions.insert(id, transaction);
        if waits {
            self.find_route(id, place);
        } else if !sent {
            self.no_address(now, id);
        }
    }

    /// On the heap, in the place of one that is over.
    fn boxed(&mut self, transaction: Transaction) -> Box<Transaction> {
        match self.over.pop() {
            Some(mut place) => {
                *place = transaction;
                place
            }
            None => Box::new(transaction),
        }
    }

    /// Keeps the place of a transaction that is over for another one.
    pub(super) fn recycle(&mut self, mut transaction: Box<Transaction>) {
        if self.over.len() < PLACES {
            transaction.empty();
            self.over.push(transaction);
        }
    }

    fn find_route(&mut self, id: TransactionId, place: HostPort) {
        self.arm(id);
        self.keep_unsent(id);
        let query = super::QueryId(self.next_id());
        if self.routes.wait(query, place.clone(), id) {
            let servers = !place.explicit && self.settings.servers;
            let (host, port) = (place.host.to_string(), place.port);
            self.transmits.push_back(Transmit::Route { query, host, port, servers });
        }
    }

    /// A REGISTER that has not left is what the next is made from.
    fn keep_unsent(&mut self, id: TransactionId) {
        if let Some(transaction) = self.transactions.get(&id)
            && let TransactionUser::Registration(rid) = transaction.owner
            && let Some(draft) = transaction.draft.as_ref()
            && let Some(entry) = self.registrations.get_mut(&rid)
        {
            entry.registration.waits(draft);
        }
    }

    /// The routes for a waiting request are known, or there are none.
    pub(super) fn routed(&mut self, now: Instant, id: TransactionId, outcome: Result<&[Route], &str>) {
        match outcome {
            Ok(routes) => {
                let untried = self.routes.to_try(now, routes);
                let Some(transaction) = self.transactions.get_mut(&id) else { return };
                transaction.untried = untried;
                if !self.try_next(now, id) {
                    self.no_address(now, id);
                }
            }
            Err(why) => {
                let why = format!("{why}.");
                self.give_up(now, id, &why);
            }
        }
    }

    fn no_address(&mut self, now: Instant, id: TransactionId) {
        self.give_up(now, id, "There is no address for the registrar.");
    }

    /// Sends request `id` to its next target; `false` when there is none left.
    fn try_next(&mut self, now: Instant, id: TransactionId) -> bool {
        let Some(mut transaction) = self.transactions.remove(&id) else { return false };
        let sent = self.send_next(now, id, &mut transaction);
        self.transactions.insert(id, transaction);
        sent
    }

    /// The same for what stands apart from the others. A request to another target is another transaction on the wire (RFC 3263
    /// section 4.3): it gets a branch of its own.
    fn send_next(&mut self, now: Instant, id: TransactionId, transaction: &mut Transaction) -> bool {
        let owner = transaction.owner;
        if transaction.untried.is_empty() {
            return false;
        }
        let moves = transaction.route.is_some();
        transaction.route = transaction.untried.pop();
        let Some(route) = &transaction.route else { return false };
        let last = transaction.untried.is_empty();
        let draft = if last { transaction.draft.take() } else { transaction.draft.clone() };
        let Some(mut draft) = draft else { return false };
        let fresh = transaction.fresh.take().filter(|branch| !self.branches.contains_key(branch));
        let branch = fresh.unwrap_or_else(|| self.entropy.bits());
        let drawn = fresh.is_none().then(|| branch_text(branch));
        let drawn = drawn.as_deref();
        let learned = self.learned.get(&route.remote).copied();
        let local = Local {
            address: route.local,
            learned,
            masquerade: self.settings.masquerade,
            keep_route: false,
            replaces: false,
        };
        let (wire, call_id): (Text, _) = match owner {
            TransactionUser::Registration(rid) => {
                let Some(entry) = self.registrations.get_mut(&rid) else { return false };
                let wall = self.wall.filter(|_| self.settings.date);
                let date = wall.map(|(then, wall)| date::date(wall + now.saturating_duration_since(then)));
                let local = match entry.managed.as_deref() {
                    Some(managed) => managed.policy.local(route.local, route.remote, learned),
                    None => local,
                };
                let (scratch, settings) = (&mut self.scratch, &self.settings);
                let ready = entry.registration.complete(scratch, &draft, local, settings, drawn, date);
                let call_id = ready.call_id.clone();
                (entry.registration.completed(now, ready), call_id)
            }
            TransactionUser::Request(_) => {
                complete_request(&mut draft, local, &self.settings, drawn);
                (draft.to_bytes().into(), draft.place_of("Call-ID").unwrap_or_default())
            }
            TransactionUser::Nobody => return false,
        };
        if moves {
            self.branches.remove(&transaction.branch);
        }
        self.branches.insert(branch, id);
        transaction.branch = branch;
        transaction.written = (self.learned.changes(), self.settings_changed);
        transaction.wire = Some(wire.clone());
        transaction.call_id = call_id;
        transaction.client.sent(now);
        self.transmits.push_back(Transmit::Datagram { to: route.remote, bytes: wire });
        if let TransactionUser::Registration(rid) = owner {
            self.set_server(now, rid, Some(route.remote));
            if self.managed(rid).is_some() {
                self.left_from(route.remote, route.local);
            }
        }
        transaction.arm(&mut self.timers, id);
        true
    }

    /// The target of the request cannot serve, is not there, or is silent: another one of the same attempt is asked, where there is one and the
    /// registration looks after itself (RFC 3263 section 4.3). All of them share the 32 s of the attempt.
    pub(super) fn fails_over(&mut self, now: Instant, id: TransactionId) -> bool {
        let Some(transaction) = self.transactions.get(&id) else { return false };
        let TransactionUser::Registration(rid) = transaction.owner else { return false };
        let Some(route) = transaction.route.filter(|_| !transaction.untried.is_empty()) else { return false };
        if self.managed(rid).is_none() {
            return false;
        }
        self.routes.shun(now, route.remote);
        self.try_next(now, id)
    }

    /// Puts the transaction's next deadline among the timers.
    pub(super) fn arm(&mut self, id: TransactionId) {
        if let Some(transaction) = self.transactions.get_mut(&id) {
            transaction.arm(&mut self.timers, id);
        }
    }

    /// A timer of the transaction is due.
    pub(super) fn transaction_timeout(&mut self, now: Instant, id: TransactionId) {
        let Some(transaction) = self.transactions.get_mut(&id) else { return };
        transaction.armed = None;
        match transaction.client.handle_timeout(now) {
            Some(Fired::Retransmit) => {
                if transaction.client.silence(now) >= SILENT && self.fails_over(now, id) {
                    return;
                }
                if let Some(transaction) = self.transactions.get(&id)
                    && let (Some(route), Some(wire)) = (transaction.route, transaction.wire.clone())
                {
                    self.transmits.push_back(Transmit::Datagram { to: route.remote, bytes: wire });
                }
            }
            Some(Fired::TimedOut) => {
                let why = transaction.silence();
                if let Some(route) = transaction.route {
                    self.routes.shun(now, route.remote);
                }
                return self.give_up(now, id, &why);
            }
            Some(Fired::Ended) => return self.end(id),
            None => {}
        }
        self.arm(id);
    }

    /// There will be no answer: the application is told, with `why` for a person.
    fn give_up(&mut self, now: Instant, id: TransactionId, why: &str) {
        self.keep_unsent(id);
        let Some(transaction) = self.transactions.get_mut(&id) else { return };
        let (wire, draft) = (transaction.wire.take(), transaction.draft.take());
        let request = wire.or_else(|| draft.map(|draft| draft.to_bytes().into()));
        let owner = transaction.owner;
        self.end(id);
        self.routes.forget();
        match owner {
            TransactionUser::Registration(rid) => {
                let Some(entry) = self.registrations.get_mut(&rid) else { return };
                entry.pending = None;
                if entry.managed.is_some() {
                    return self.managed_silent(now, rid, request, why);
                }
                let verdict = entry.registration.unanswered(why);
                self.tell(rid, verdict, request, None);
                self.after_answer(rid);
            }
            TransactionUser::Request(tid) => self.request_failed(tid, request, why),
            TransactionUser::Nobody => {}
        }
    }

    /// The transaction is gone: whatever was kept for it may go.
    pub(super) fn end(&mut self, id: TransactionId) {
        if let Some(transaction) = self.take_out(id) {
            self.recycle(transaction);
            self.events.push_back(Event::Ended(id));
        }
    }

    /// Takes a request out that waits no more: neither an answer nor a timer finds it.
    pub(super) fn take_out(&mut self, id: TransactionId) -> Option<Box<Transaction>> {
        let mut transaction = self.transactions.remove(&id)?;
        transaction.disarm(&mut self.timers, id);
        if self.branches.get(&transaction.branch) == Some(&id) {
            self.branches.remove(&transaction.branch);
        }
        if is_too_much(self.transactions.capacity(), self.transactions.len()) {
            self.transactions.shrink_to(enough(self.transactions.len()));
            self.branches.shrink_to(enough(self.branches.len()));
        }
        Some(transaction)
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
        self.note(Weight::Warning, format!("not delivered to {to}: {reason}"));
        let Some(branch) = branch_in(bytes) else {
            // What has no branch is a keep-alive, of which all came back.
            if matches!(bytes.len(), 4 | 20) {
                self.keep_alive_undelivered(now, to);
            }
            return;
        };
        let Some(id) = self.branches.get(&branch).copied() else { return };
        let Some(transaction) = self.transactions.get_mut(&id) else { return };
        let owner = transaction.owner;
        if transaction.route.is_none_or(|route| route.remote != to) {
            return;
        }
        transaction.trouble = Some(reason.to_owned());
        // With another target, or a policy that tries again, there is no use in waiting; without them the registrar may come back
        // within 64·T1.
        let looked_after = matches!(owner, TransactionUser::Registration(rid) if self.managed(rid).is_some());
        if !self.fails_over(now, id) && !self.try_next(now, id) && (fatal || looked_after) {
            self.give_up(now, id, &format!("The request could not be sent to {to}: {reason}."));
        }
    }

    /// Puts a registration event into the queue.
    pub(super) fn tell(&mut self, rid: Rid, verdict: Verdict, request: Option<Text>, response: Option<Text>) {
        let kind = if verdict.success { Kind::RegistrationSuccess } else { Kind::RegistrationFailure };
        self.events.push_back(Event::Application(Notice {
            kind,
            rid,
            ids: Ids::default(),
            text: verdict.text,
            request,
            response,
        }));
    }
}
