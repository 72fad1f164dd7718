//! All publications of one context.

use super::publication::Publication;
use crate::sip::Draft;
use crate::transaction::{Deadline, PublicationId, Tid, Timer, TimerQueue};
use rustc_hash::FxHashMap;
use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

/// By what the application names a publication: what it publishes for, and the event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublicationKey {
    aor: Box<str>,
    event: Box<str>,
}

impl PublicationKey {
    /// The publication that `draft`, a PUBLISH for `aor`, belongs to. Case counts in neither.
    pub fn of(aor: &str, draft: &Draft) -> Self {
        let event = draft.get("Event").unwrap_or("").trim_ascii();
        let [aor, event] = [aor, event].map(|text| text.to_ascii_lowercase().into());
        PublicationKey { aor, event }
    }
}

#[derive(Debug)]
struct PublicationEntry {
    key: PublicationKey,
    publication: Publication,
    /// Its deadline among the timers.
    deadline: Option<Deadline>,
    /// The numbers by which its attempt is found.
    tids: Vec<Tid>,
}

/// The publications, by number, by key and by the number of the attempt that goes on.
#[derive(Debug, Default)]
pub struct Publications {
    entries: FxHashMap<PublicationId, PublicationEntry>,
    keys: FxHashMap<PublicationKey, PublicationId>,
    attempts: FxHashMap<Tid, PublicationId>,
    /// Those that an automatic action has something to do for.
    due: VecDeque<PublicationId>,
    /// Those that wait for credentials.
    blocked: BTreeSet<PublicationId>,
    last_id: u64,
}

impl Publications {
    /// The publication of this key, which is made if there is none.
    pub fn find_or_insert(
        &mut self,
        key: PublicationKey,
        publication: impl FnOnce() -> Publication,
    ) -> PublicationId {
        if let Some(id) = self.keys.get(&key) {
            return *id;
        }
        self.last_id += 1;
        let id = PublicationId(self.last_id);
        self.keys.insert(key.clone(), id);
        let publication = publication();
        let entry = PublicationEntry { key, publication, deadline: None, tids: Vec::new() };
        self.entries.insert(id, entry);
        id
    }

    /// How many there are, and have been.
    pub fn counted(&self) -> (usize, u64) {
        (self.entries.len(), self.last_id)
    }

    /// Publication `id`. What was changed in it is to be followed by [`Self::replan`].
    pub fn get_mut(&mut self, id: PublicationId) -> Option<&mut Publication> {
        self.entries.get_mut(&id).map(|entry| &mut entry.publication)
    }

    /// The publication whose attempt that goes on had a PUBLISH of this number.
    pub fn of_attempt(&self, tid: Tid) -> Option<PublicationId> {
        self.attempts.get(&tid).copied()
    }

    /// Publication `id` has changed: its deadline, and by what it is found.
    pub fn replan(&mut self, id: PublicationId, timers: &mut TimerQueue) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let publication = &entry.publication;
        let next = publication.due().into_iter().chain(publication.forgotten_at()).min();
        timers.rearm(&mut entry.deadline, next.map(|at| (at, Timer::Publication(id))));
        if publication.attempt().is_none_or(|attempt| attempt.is_first()) {
            for tid in std::mem::take(&mut entry.tids) {
                self.attempts.remove(&tid);
            }
        }
        if let Some(attempt) = publication.attempt().filter(|one| !entry.tids.contains(&one.tid)) {
            self.attempts.insert(attempt.tid, id);
            entry.tids.push(attempt.tid);
        }
        if publication.is_blocked() {
            self.blocked.insert(id);
        } else {
            self.blocked.remove(&id);
        }
    }

    /// The deadline of publication `id` has come.
    pub fn on_timeout(&mut self, now: Instant, id: PublicationId, timers: &mut TimerQueue) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.deadline = None;
        let forgotten_at = entry.publication.forgotten_at();
        if forgotten_at.is_some_and(|at| at <= now) {
            return self.remove(id, timers);
        }
        let next = forgotten_at.map(|at| (at, Timer::Publication(id)));
        timers.rearm(&mut entry.deadline, next);
        self.due.push_back(id);
    }

    /// Publication `id` is over.
    pub fn remove(&mut self, id: PublicationId, timers: &mut TimerQueue) {
        let Some(mut entry) = self.entries.remove(&id) else { return };
        timers.rearm(&mut entry.deadline, None);
        self.keys.remove(&entry.key);
        self.blocked.remove(&id);
        for tid in entry.tids {
            self.attempts.remove(&tid);
        }
    }

    /// Whether an automatic action has something to do.
    pub fn are_due(&self) -> bool {
        !self.due.is_empty()
    }

    /// The next that an automatic action has something to do for.
    pub fn take_due(&mut self) -> Option<PublicationId> {
        self.due.pop_front()
    }

    /// Whether any waits for credentials.
    pub fn are_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// Those that wait for credentials.
    pub fn blocked(&self) -> Vec<PublicationId> {
        self.blocked.iter().copied().collect()
    }
}
