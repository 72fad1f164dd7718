//! Where each subscription is found: by its number, those of its dialogs, and the ids of those.

use crate::agent::dialog_users::{DialogIndex, DialogKeys};
use crate::subscription::{Notifier, Sid, Subscriber};
use crate::transaction::{
    Deadline, Did, Place, Requester, Rid, ServerShares, Share, Tid, Timer, TimerQueue,
};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Subscriptions to us that are kept for registrars, and as many for all others; one source has
/// half of them at most.
const MAX_NOTIFIERS: usize = 32_768;
/// Bytes that are kept for either.
const MAX_NOTIFIER_BYTES: usize = 96 << 20;
/// What one costs beside its last SUBSCRIBE, about.
const NOTIFIER_BYTES: usize = 1024;

/// The subscriptions of a context.
#[derive(Debug)]
pub(in crate::agent) struct SubscriptionTable {
    entries: FxHashMap<i32, SubscriptionEntry>,
    dids: FxHashMap<Did, i32>,
    /// The requests of the peers, while their transactions are there.
    tids: FxHashMap<Tid, i32>,
    dialogs: DialogIndex,
    /// How many there are to us …
    notifiers: usize,
    /// … and what they take of the memory.
    shares: ServerShares,
    /// Those that an automatic action has something to do for.
    actions_due: VecDeque<i32>,
    /// The managed registrations of those of ours that the application knows nothing of.
    owners: FxHashMap<Sid, Owner>,
}

/// The managed registration of a subscription of ours. It is known while the subscription is kept,
/// and while a request of it awaits its response.
#[derive(Debug)]
struct Owner {
    rid: Rid,
    /// Requests that await their final response.
    pending: usize,
}

impl Default for SubscriptionTable {
    fn default() -> Self {
        SubscriptionTable {
            entries: FxHashMap::default(),
            dids: FxHashMap::default(),
            tids: FxHashMap::default(),
            dialogs: DialogIndex::default(),
            notifiers: 0,
            shares: ServerShares::new(Share { places: MAX_NOTIFIERS, bytes: MAX_NOTIFIER_BYTES }),
            actions_due: VecDeque::new(),
            owners: FxHashMap::default(),
        }
    }
}

/// Which side of a subscription we are (RFC 6665 section 3).
#[derive(Debug)]
pub(super) enum SubscriptionRole {
    /// It is ours.
    Subscriber(Box<Subscriber>),
    /// It is to us.
    Notifier(Box<Notifier>),
}

/// A subscription and what is kept beside it.
#[derive(Debug)]
pub(super) struct SubscriptionEntry {
    pub(super) role: SubscriptionRole,
    /// Its deadline among the timers.
    deadline: Option<Deadline>,
    /// The numbers of its dialogs.
    dids: Vec<Did>,
    /// Where it stands in `dialogs`.
    keys: DialogKeys,
    /// What it has of the shares, if it is to us.
    place: Option<Place>,
}

impl SubscriptionTable {
    /// Adds a subscription of ours.
    pub(in crate::agent) fn insert_subscriber(
        &mut self,
        sid: Sid,
        subscriber: Subscriber,
        keys: DialogKeys,
    ) {
        self.dialogs.insert(&keys, sid);
        let (dids, role) = (Vec::new(), SubscriptionRole::Subscriber(Box::new(subscriber)));
        let entry = SubscriptionEntry { role, deadline: None, dids, keys, place: None };
        self.entries.insert(sid, entry);
    }

    /// Subscription `sid` of ours belongs to registration `rid`.
    pub(in crate::agent) fn set_owner(&mut self, sid: Sid, rid: Rid) {
        self.owners.insert(sid, Owner { rid, pending: 0 });
    }

    /// The registration that a subscription of ours belongs to; also of one that is over, until the
    /// last response to it.
    pub(in crate::agent) fn owner(&self, sid: Sid) -> Option<Rid> {
        self.owners.get(&sid).map(|owner| owner.rid)
    }

    /// A request of subscription `key` is sent.
    pub(super) fn request_started(&mut self, key: i32) {
        if let Some(owner) = self.owners.get_mut(&key) {
            owner.pending += 1;
        }
    }

    /// A request of subscription `key` has its final response, or gets none.
    pub(super) fn request_ended(&mut self, key: i32) {
        if let Some(owner) = self.owners.get_mut(&key) {
            owner.pending = owner.pending.saturating_sub(1);
            self.forget_owner_if_over(key);
        }
    }

    /// Nothing more comes of a subscription that is over and has no request under way.
    fn forget_owner_if_over(&mut self, key: i32) {
        let is_over = |owner: &Owner| owner.pending == 0 && !self.entries.contains_key(&key);
        if self.owners.get(&key).is_some_and(is_over) {
            self.owners.remove(&key);
        }
    }

    /// Whether there is room for a subscription to us that a request of so many bytes begins.
    pub(super) fn have_room(&self, requester: Requester, bytes: usize) -> bool {
        self.shares.have_room(requester, NOTIFIER_BYTES + bytes)
    }

    /// A request of so many bytes has come for a subscription to us, which keeps what it says until
    /// the next one. Whether there is room for that.
    pub(super) fn grow(&mut self, nid: i32, bytes: usize) -> bool {
        let place = self.entries.get_mut(&nid).and_then(|entry| entry.place.as_mut());
        place.is_none_or(|place| self.shares.grow(place, NOTIFIER_BYTES + bytes))
    }

    /// Adds a subscription to us, which a request of so many bytes begins.
    pub(super) fn insert_notifier(
        &mut self,
        nid: i32,
        notifier: Notifier,
        keys: DialogKeys,
        (requester, bytes): (Requester, usize),
    ) {
        self.dialogs.insert(&keys, nid);
        self.dids.insert(notifier.did(), nid);
        let dids = vec![notifier.did()];
        let entry = SubscriptionEntry {
            role: SubscriptionRole::Notifier(Box::new(notifier)),
            deadline: None,
            dids,
            keys,
            place: Some(self.shares.take(requester, NOTIFIER_BYTES + bytes)),
        };
        self.entries.insert(nid, entry);
        self.notifiers += 1;
    }

    /// Takes a subscription out, so that it can be called beside the tables.
    #[inline(never)] // It is called in many places.
    pub(super) fn take(&mut self, key: i32) -> Option<SubscriptionEntry> {
        self.entries.remove(&key)
    }

    /// Puts it back, with new dialogs.
    pub(super) fn put_back(&mut self, key: i32, mut entry: SubscriptionEntry, dids: &[Did]) {
        for did in dids {
            self.dids.insert(*did, key);
            entry.dids.push(*did);
        }
        self.entries.insert(key, entry);
    }

    /// How many there are of ours that the application has not removed, and to us.
    pub(in crate::agent) fn counts(&self) -> (usize, usize) {
        let roles = self.entries.values().map(|entry| &entry.role);
        let ours = roles.filter(|role| match role {
            SubscriptionRole::Subscriber(subscriber) => !subscriber.is_removed(),
            SubscriptionRole::Notifier(_) => false,
        });
        (ours.count(), self.notifiers)
    }

    /// The subscription of ours with this number.
    pub(super) fn subscriber(&self, sid: Sid) -> Option<&Subscriber> {
        match &self.entries.get(&sid)?.role {
            SubscriptionRole::Subscriber(subscriber) => Some(subscriber),
            SubscriptionRole::Notifier(_) => None,
        }
    }

    /// The subscription to us with this number.
    pub(super) fn notifier(&self, nid: i32) -> Option<&Notifier> {
        match &self.entries.get(&nid)?.role {
            SubscriptionRole::Notifier(notifier) => Some(notifier),
            SubscriptionRole::Subscriber(_) => None,
        }
    }

    /// The subscription of ours with this number, or the one of this dialog, which is named then.
    pub(super) fn by_id(&self, id: i32) -> Option<(Sid, Option<Did>)> {
        let (sid, did) = match self.dids.get(&id) {
            Some(sid) => (*sid, Some(id)),
            None => (id, None),
        };
        self.subscriber(sid).map(|_| (sid, did))
    }

    /// The subscription to us with this dialog.
    pub(super) fn by_did(&self, did: Did) -> Option<i32> {
        let nid = *self.dids.get(&did)?;
        self.notifier(nid).map(|_| nid)
    }

    /// The subscription of this request of the peer.
    pub(in crate::agent) fn by_tid(&self, tid: Tid) -> Option<i32> {
        self.tids.get(&tid).copied()
    }

    /// The subscription of the dialog with this Call-ID and our tag.
    pub(super) fn by_dialog(&self, call_id: &str, tag: &str) -> Option<i32> {
        self.dialogs.by_our_tag(call_id, tag)
    }

    /// The subscription to us with this Call-ID and tag of the peer.
    pub(super) fn by_received(&self, call_id: &str, tag: &str) -> Option<&Notifier> {
        self.notifier(self.dialogs.by_their_tag(call_id, tag)?)
    }

    /// Request `tid` of the peer belongs to this subscription.
    pub(super) fn insert_tid(&mut self, tid: Tid, nid: i32) {
        self.tids.insert(tid, nid);
    }

    /// The transaction of request `tid` is gone: the subscription that it belonged to.
    pub(super) fn remove_tid(&mut self, tid: Tid) -> Option<i32> {
        self.tids.remove(&tid)
    }

    /// A dialog of a subscription has ended.
    pub(super) fn forget_dialog(&mut self, did: Did) {
        let Some(key) = self.dids.remove(&did) else { return };
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.dids.retain(|known| *known != did);
        }
    }

    /// An automatic action has something to do for it.
    pub(super) fn await_action(&mut self, key: i32) {
        self.actions_due.push_back(key);
    }

    /// Whether an automatic action has something to do.
    pub(in crate::agent) fn is_action_due(&self) -> bool {
        !self.actions_due.is_empty()
    }

    /// The next one that an automatic action has something to do for.
    pub(super) fn next_action(&mut self) -> Option<i32> {
        self.actions_due.pop_front()
    }

    /// Puts the deadline of a subscription among the timers.
    pub(super) fn rearm(&mut self, key: i32, timers: &mut TimerQueue) {
        if let Some(entry) = self.entries.get_mut(&key) {
            let next = match &entry.role {
                SubscriptionRole::Subscriber(subscriber) => subscriber.poll_timeout(),
                SubscriptionRole::Notifier(notifier) => notifier.poll_timeout(),
            };
            let next = next.map(|at| (at, Timer::Subscription(key)));
            timers.rearm(&mut entry.deadline, next);
        }
    }

    /// The deadline of a subscription has come.
    pub(super) fn on_deadline(&mut self, key: i32) {
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.deadline = None;
        }
    }

    /// A subscription is over.
    pub(super) fn remove(&mut self, key: i32, timers: &mut TimerQueue) {
        let Some(mut entry) = self.entries.remove(&key) else { return };
        timers.rearm(&mut entry.deadline, None);
        for did in entry.dids {
            self.dids.remove(&did);
        }
        if let SubscriptionRole::Notifier(notifier) = &entry.role {
            if let Some(tid) = notifier.last_tid() {
                self.tids.remove(&tid);
            }
        }
        if let Some(place) = entry.place {
            self.notifiers -= 1;
            self.shares.release(place);
        }
        self.dialogs.remove(&entry.keys, key);
        self.forget_owner_if_over(key);
    }
}
