//! What comes of the requests of calls.

use super::super::{Agent, Cid, Flow, FlowId, Text, Tid};
use crate::sip::Message;
use crate::transaction::NoResponse;
use std::time::Instant;

impl Agent {
    /// A provisional response to request `tid` of call `cid` came.
    pub(in crate::agent) fn call_progress(
        &mut self,
        now: Instant,
        (cid, tid): (Cid, Tid),
        message: &Message<'_>,
        request: Option<Text>,
        (bytes, flow): (&[u8], Flow),
    ) {
        let bytes = self.buffers.copy(bytes);
        self.with_call_over(now, cid, Some(flow), |call, context| {
            call.on_provisional(context, tid, message, request, bytes);
        });
    }

    /// The final response to request `tid` of call `cid` came over `flow`; where it refuses an
    /// INVITE, its ACK was sent.
    pub(in crate::agent) fn call_answered(
        &mut self,
        now: Instant,
        (cid, tid): (Cid, Tid),
        message: &Message<'_>,
        (request, ack): (Text, Option<Text>),
        (bytes, flow): (&[u8], Flow),
    ) {
        let bytes = self.buffers.copy(bytes);
        self.with_call_over(now, cid, Some(flow), |call, context| {
            call.on_final(context, tid, message, (request, ack), bytes);
        });
    }

    /// A further 2xx to INVITE `tid` of call `cid` came: the same again, or that of another branch.
    pub(in crate::agent) fn call_answered_again(
        &mut self,
        now: Instant,
        (cid, tid): (Cid, Tid),
        message: &Message<'_>,
        request: &Text,
        flow: Flow,
    ) {
        self.with_call_over(now, cid, Some(flow), |call, context| {
            call.on_answered_again(context, tid, message, request);
        });
    }

    /// The ACK of a 2xx has left over `flow` as these bytes.
    pub(in crate::agent) fn call_ack_left(
        &mut self,
        (cid, tid): (Cid, Tid),
        flow: FlowId,
        bytes: Text,
    ) {
        if let Some(entry) = self.calls.get_mut(cid) {
            entry.on_ack_left(tid, flow, bytes);
        }
    }

    /// There will be no response to request `tid` of call `cid`.
    pub(in crate::agent) fn call_failed(
        &mut self,
        now: Instant,
        (cid, tid): (Cid, Tid),
        request: Option<Text>,
        why: &NoResponse,
    ) {
        self.with_call(now, cid, |call, context| {
            call.on_no_response(context, tid, request, why);
        });
    }
}
