//! What happens to registrations as JSON, one object on a line. The structs are the contract: a
//! field is added at the end and never taken away.

use crate::clock;
use register::engine::TappedMessage;
use register::engine::registerer::{Info, RegistererEventKind, RegistererState};
use register::trace::escaped;
use serde::Serialize;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

/// The name of an event: what became of a REGISTER, or the new state.
pub(crate) fn event_name(what: RegistererEventKind) -> &'static str {
    match what {
        RegistererEventKind::State(state) => state_name(state),
        RegistererEventKind::Trying => "trying",
        RegistererEventKind::Progress => "progress",
        RegistererEventKind::Accepted => "accepted",
        RegistererEventKind::Rejected => "rejected",
        RegistererEventKind::Redirected => "redirected",
        RegistererEventKind::Challenged(_) => "challenged",
    }
}

/// The name of a state.
pub(crate) fn state_name(state: RegistererState) -> &'static str {
    match state {
        RegistererState::Initial => "initial",
        RegistererState::Registered => "registered",
        RegistererState::Unregistered => "unregistered",
        RegistererState::Terminated => "terminated",
    }
}

/// Something that happened to a registration, and how it stands since then.
#[derive(Serialize)]
pub(crate) struct EventLine<'a> {
    time: String,
    event: &'static str,
    aor: &'a str,
    state: &'static str,
    status: u16,
    reason: &'a str,
    explain: &'a str,
    /// Seconds; 0: nothing.
    granted: u32,
    remaining_ms: u64,
    /// Until the next REGISTER that is sent by itself.
    next_ms: Option<u64>,
    retry_after_ms: Option<u64>,
    /// Where the last REGISTER went.
    target: Option<SocketAddr>,
    /// The address that the server sees us at.
    seen: Option<SocketAddr>,
    contact: Option<&'a str>,
    instance: Option<&'a str>,
    requests: u64,
    accepted: u64,
    rejected: u64,
    unanswered: u64,
    challenges: u64,
    moves: u64,
}

impl<'a> EventLine<'a> {
    /// `explain`: the sentence of the library about it.
    pub(crate) fn new(
        at: SystemTime,
        what: RegistererEventKind,
        aor: &'a str,
        info: &'a Info,
        explain: &'a str,
    ) -> Self {
        let counters = info.counters;
        EventLine {
            time: clock::rfc3339(at),
            event: event_name(what),
            aor,
            state: state_name(info.state),
            status: info.status,
            reason: &info.reason,
            explain,
            granted: info.granted,
            remaining_ms: milliseconds(info.remaining),
            next_ms: info.next.map(milliseconds),
            retry_after_ms: info.retry_after.map(milliseconds),
            target: info.target,
            seen: info.seen,
            contact: info.facts.own.as_deref(),
            instance: Some(info.instance.as_str()).filter(|instance| !instance.is_empty()),
            requests: counters.requests,
            accepted: counters.accepted,
            rejected: counters.rejected,
            unanswered: counters.unanswered,
            challenges: counters.challenges,
            moves: counters.moves,
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A message that went by: its first line.
#[derive(Serialize)]
pub(crate) struct MessageLine {
    time: String,
    event: &'static str,
    transport: &'static str,
    local: Option<SocketAddr>,
    remote: SocketAddr,
    start: String,
    bytes: usize,
}

impl MessageLine {
    /// A message that went by then.
    pub(crate) fn new(at: SystemTime, message: &TappedMessage<'_>) -> Self {
        let first = message.bytes.split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
        MessageLine {
            time: clock::rfc3339(at),
            event: if message.is_received { "received" } else { "sent" },
            transport: message.path.transport.via(),
            local: message.path.local,
            remote: message.path.remote,
            start: escaped(&String::from_utf8_lossy(first)).into_owned(),
            bytes: message.bytes.len(),
        }
    }
}

/// One line, with its end. Texts that others wrote cannot end it: JSON escapes control characters.
pub(crate) fn line(object: &impl Serialize) -> String {
    let mut line = serde_json::to_string(object).unwrap_or_default();
    line.push('\n');
    line
}
