//! Where each call is found: by its number, that of its dialog, those of its transactions, and by
//! the ids of its dialog.

use crate::agent::dialog_users::{DialogIndex, DialogKeys};
use crate::call::Call;
use crate::dialog::Dialog;
use crate::sip::Text;
use crate::transaction::{
    Cid, Deadline, Did, Place, Requester, ServerShares, Share, Tid, Timer, TimerQueue,
};
use crate::transport::{Flow, FlowId};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// The calls of a context.
#[derive(Debug, Default)]
pub(in crate::agent) struct CallTable {
    calls: FxHashMap<Cid, CallEntry>,
    dids: FxHashMap<Did, Cid>,
    tids: FxHashMap<Tid, Cid>,
    dialogs: DialogIndex,
    /// What each source has of the calls that stand.
    shares: CallShares,
    /// Calls with a request that an automatic action sends again.
    pub(super) retriable: VecDeque<Cid>,
}

/// A call and what is kept beside it.
#[derive(Debug)]
pub(super) struct CallEntry {
    pub(super) call: Box<Call>,
    /// Its deadline among the timers.
    deadline: Option<Deadline>,
    /// What the last message of the peer came over.
    flow: Option<Flow>,
    /// The ACK of our newest INVITE as it left, and the flow that it went over.
    ack: Option<(FlowId, Text)>,
    /// The numbers of its dialogs; those of retries before included.
    dids: Vec<Did>,
    /// The numbers of its transactions that are known.
    tids: Vec<Tid>,
    /// Where it stands in `dialogs`.
    keys: DialogKeys,
    /// Its place among the calls that others have begun.
    place: Option<Place>,
}

/// Calls of the peers at a time, from registrars, and as many from all others; each source has half
/// at most.
const MAX_CALLS: Share = Share { places: 32_768, bytes: 256 << 20 };
/// A call that stands takes so much beside the bytes of its INVITE.
const CALL_BYTES: usize = 2048;

/// The shares of calls.
#[derive(Debug)]
struct CallShares(ServerShares);

impl Default for CallShares {
    fn default() -> Self {
        CallShares(ServerShares::new(MAX_CALLS))
    }
}

impl CallEntry {
    /// What the last message of the peer came over.
    pub(super) fn flow(&self) -> Option<Flow> {
        self.flow
    }

    /// A message of the peer came over `flow`.
    pub(super) fn on_arrived(&mut self, flow: Flow) {
        self.flow = Some(flow);
    }

    /// An ACK for INVITE `tid` has left over `flow` as these bytes; that of our branch is kept.
    pub(super) fn on_ack_left(&mut self, tid: Tid, flow: FlowId, bytes: Text) {
        if self.call.is_acknowledged_by(tid, &bytes) {
            self.ack = Some((flow, bytes));
        }
    }

    /// The ACK of our newest INVITE as it left, and the flow that it went over.
    pub(super) fn ack(&self) -> Option<(FlowId, Text)> {
        self.ack.clone()
    }
}

impl CallTable {
    /// Whether the peer may begin a call by an INVITE of so many bytes.
    pub(super) fn have_room(&self, requester: Requester, bytes: usize) -> bool {
        self.shares.0.have_room(requester, bytes + CALL_BYTES)
    }

    /// Call `cid` was begun by the peer.
    pub(super) fn take_place(&mut self, cid: Cid, requester: Requester, bytes: usize) {
        if let Some(entry) = self.calls.get_mut(&cid) {
            entry.place = Some(self.shares.0.take(requester, bytes + CALL_BYTES));
        }
    }

    /// Adds a call. `flow`: what the INVITE of the peer that begins it came over.
    pub(super) fn insert(
        &mut self,
        cid: Cid,
        call: Call,
        keys: DialogKeys,
        dids: &[Did],
        flow: Option<Flow>,
    ) {
        self.dialogs.insert(&keys, cid);
        let entry = CallEntry {
            call: Box::new(call),
            deadline: None,
            flow,
            ack: None,
            dids: Vec::new(),
            tids: Vec::new(),
            keys,
            place: None,
        };
        self.put_back(cid, entry, dids);
    }

    /// Takes a call out, so that it can be called beside the tables.
    #[inline(never)] // It is called in many places.
    pub(super) fn take(&mut self, cid: Cid) -> Option<CallEntry> {
        self.calls.remove(&cid)
    }

    /// Puts it back, with new dialogs.
    pub(super) fn put_back(&mut self, cid: Cid, mut entry: CallEntry, dids: &[Did]) {
        for did in dids {
            self.dids.insert(*did, cid);
            entry.dids.push(*did);
        }
        if entry.call.acknowledgeable().is_none() {
            entry.ack = None;
        }
        if entry.call.automatic_retry().is_some() {
            self.retriable.push_back(cid);
        }
        self.calls.insert(cid, entry);
    }

    /// The dialogs of those that have one, newest call first.
    pub(in crate::agent) fn dialogs(&self) -> Vec<&Dialog> {
        let all = self.calls.iter().filter_map(|(cid, entry)| Some((*cid, entry.call.dialog()?)));
        let mut dialogs: Vec<_> = all.collect();
        dialogs.sort_unstable_by_key(|(cid, _)| std::cmp::Reverse(*cid));
        dialogs.into_iter().map(|(_, dialog)| dialog).collect()
    }

    pub(super) fn get(&self, cid: Cid) -> Option<&CallEntry> {
        self.calls.get(&cid)
    }

    pub(super) fn get_mut(&mut self, cid: Cid) -> Option<&mut CallEntry> {
        self.calls.get_mut(&cid)
    }

    /// How many there are.
    pub(in crate::agent) fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether an automatic action has something to send again.
    pub(in crate::agent) fn has_retries(&self) -> bool {
        !self.retriable.is_empty()
    }

    /// The call with this dialog, if that is of use still.
    pub(super) fn by_did(&self, did: Did) -> Option<Cid> {
        let cid = *self.dids.get(&did)?;
        let call = &self.calls.get(&cid)?.call;
        call.has_did(did).then_some(cid)
    }

    /// The call of this transaction.
    pub(super) fn by_tid(&self, tid: Tid) -> Option<Cid> {
        self.tids.get(&tid).copied()
    }

    /// The call of the dialog with this Call-ID and our tag.
    pub(super) fn by_dialog(&self, call_id: &str, tag: &str) -> Option<Cid> {
        self.dialogs.by_our_tag(call_id, tag)
    }

    /// The call that an INVITE with this Call-ID and tag of the peer has begun.
    pub(super) fn by_received(&self, call_id: &str, tag: &str) -> Option<Cid> {
        self.dialogs.by_their_tag(call_id, tag)
    }

    pub(super) fn insert_tid(&mut self, tid: Tid, cid: Cid) {
        if self.tids.insert(tid, cid).is_none() {
            if let Some(entry) = self.calls.get_mut(&cid) {
                entry.tids.push(tid);
            }
        }
    }

    pub(super) fn remove_tid(&mut self, tid: Tid) {
        let Some(cid) = self.tids.remove(&tid) else { return };
        if let Some(entry) = self.calls.get_mut(&cid) {
            entry.tids.retain(|known| *known != tid);
        }
    }

    /// The deadline of a call has come.
    pub(super) fn on_deadline(&mut self, cid: Cid) {
        if let Some(entry) = self.calls.get_mut(&cid) {
            entry.deadline = None;
        }
    }

    /// Puts the deadline of a call among the timers.
    pub(super) fn rearm(&mut self, cid: Cid, timers: &mut TimerQueue) {
        if let Some(entry) = self.calls.get_mut(&cid) {
            let next = entry.call.poll_timeout().map(|at| (at, Timer::Call(cid)));
            timers.rearm(&mut entry.deadline, next);
        }
    }

    /// A call is over.
    pub(super) fn remove(&mut self, cid: Cid, timers: &mut TimerQueue) {
        let Some(mut entry) = self.calls.remove(&cid) else { return };
        timers.rearm(&mut entry.deadline, None);
        if let Some(place) = entry.place {
            self.shares.0.release(place);
        }
        for did in entry.dids {
            self.dids.remove(&did);
        }
        for tid in entry.tids {
            self.tids.remove(&tid);
        }
        self.dialogs.remove(&entry.keys, cid);
    }
}
