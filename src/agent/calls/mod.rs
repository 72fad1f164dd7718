//! Calls: what comes of their requests, and the commands of the application.

use super::{Agent, Cid, Text, Tid};
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
        _bytes: &[u8],
    ) {
    }

    /// The final response to request `tid` of call `cid` came.
    pub(super) fn call_answered(
        &mut self,
        _now: Instant,
        (_cid, _tid): (Cid, Tid),
        _message: &Message<'_>,
        _request: Text,
        _bytes: &[u8],
    ) {
    }

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
