//! Calls: what comes of their requests, and the commands of the application.

use super::{Agent, Cid, Flow, FlowId, Text, Tid};
use crate::sip::Message;
use crate::transaction::NoResponse;
use std::time::Instant;

impl Agent {
    /// A provisional response to request `tid` of call `cid` came.
    pub(super) fn call_progress(
        &mut self,
        _now: Instant,
        (_cid, _tid): (Cid, Tid),
        _message: &Message<'_>,
        _request: Option<Text>,
        (_bytes, _flow): (&[u8], Flow),
    ) {
    }

    /// The final response to request `tid` of call `cid` came over `flow`; where it refuses an
    /// INVITE, its ACK was sent.
    pub(super) fn call_answered(
        &mut self,
        _now: Instant,
        (_cid, _tid): (Cid, Tid),
        _message: &Message<'_>,
        (_request, _ack): (Text, Option<Text>),
        (_bytes, _flow): (&[u8], Flow),
    ) {
    }

    /// A further 2xx to INVITE `tid` of call `cid` came: the same again, or that of another branch.
    pub(super) fn call_answered_again(
        &mut self,
        _now: Instant,
        (_cid, _tid): (Cid, Tid),
        _message: &Message<'_>,
        _request: Text,
        (_bytes, _flow): (&[u8], Flow),
    ) {
    }

    /// The ACK of a 2xx has left over `flow` as these bytes.
    pub(super) fn call_ack_left(
        &mut self,
        _now: Instant,
        (_cid, _tid): (Cid, Tid),
        _flow: FlowId,
        _bytes: Text,
    ) {
    }

    /// An ACK came over `flow` that is none to a response that refused an INVITE.
    pub(super) fn on_ack(&mut self, _now: Instant, _flow: Flow, _ack: &Message<'_>, _bytes: &[u8]) {
    }

    /// Call `cid` has something to do.
    pub(super) fn on_call_timeout(&mut self, _now: Instant, _cid: Cid) {}

    /// There will be no response to request `tid` of call `cid`.
    pub(super) fn call_failed(
        &mut self,
        _now: Instant,
        (_cid, _tid): (Cid, Tid),
        _request: Option<Text>,
        _why: &NoResponse,
    ) {
    }
}
