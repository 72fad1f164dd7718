//! Requests from outside: what happens to a new one by itself, and what is kept until it is
//! answered.

use crate::request::response::{automatic_response_to, response_to};
use crate::sip::{Draft, Message, NameAddr, Text, normalise, same_word};
use crate::transaction::{Deadline, Requester, Tid, Timer, TimerQueue, reply_limit};
use rustc_hash::FxHashMap;
use std::time::{Duration, Instant};

/// An OPTIONS that the application does not answer gets 200: a registrar's ping must not take the
/// binding down.
const OPTIONS_UNANSWERED: Duration = Duration::from_millis(500);
/// Any other request gets 480.
const UNANSWERED: Duration = Duration::from_secs(10);
/// After a provisional response the application has this long.
const UNANSWERED_AFTER_PROVISIONAL: Duration = Duration::from_secs(180);

/// What happens to a new request by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reception {
    /// Whether it becomes an event of the application.
    pub is_reported: bool,
    /// The status of a response at once.
    pub status: Option<u16>,
    /// Its reason phrase, where that is not the usual one.
    pub reason: Option<&'static str>,
    /// The request may come again after so many seconds.
    pub retry_after: Option<u32>,
}

impl Reception {
    /// A response of this status at once, and whether the application gets an event.
    pub fn answered(is_reported: bool, status: u16) -> Reception {
        Reception { is_reported, status: Some(status), reason: None, retry_after: None }
    }
}

/// What is done with a request at once, and its event: the behaviour that
/// programs were written for.
pub fn reception(method: &str, request: &Message<'_>) -> Reception {
    let in_dialog = request
        .header("To")
        .and_then(|to| NameAddr::parse(to).ok())
        .is_some_and(|to| to.params.get("tag").is_some_and(|tag| !tag.is_empty()));
    let (is_reported, status) = match method {
        // One outside of a dialog begins a call, unless its addresses cannot be read.
        "INVITE" => (false, Some(if in_dialog { 481 } else { 400 })),
        "OPTIONS" | "UPDATE" | "PRACK" if in_dialog => (true, Some(481)),
        "BYE" | "INFO" => (true, Some(481)),
        "SUBSCRIBE" | "REFER" if in_dialog => (true, Some(481)),
        "SUBSCRIBE" | "REFER" if request.header("Contact").is_none() => (true, Some(400)),
        _ => (true, None),
    };
    Reception { is_reported, status, reason: None, retry_after: None }
}

/// An answer to a SUBSCRIBE names the event, which is presence where none is named.
fn push_event(draft: &mut Draft, request: &Message<'_>) {
    if request.method() == Some("SUBSCRIBE") {
        draft.push("Event", request.header("Event").unwrap_or("presence"));
    }
}

/// One request from outside.
#[derive(Debug)]
struct IncomingRequest {
    method: Box<str>,
    /// The request; gone once answered.
    request: Option<Text>,
    requester: Requester,
    /// Our To tag.
    tag: Box<str>,
    /// When it is answered in the application's place.
    unanswered: Option<Deadline>,
}

/// The requests from outside that are known.
#[derive(Debug, Default)]
pub struct IncomingRequests {
    requests: FxHashMap<Tid, IncomingRequest>,
}

impl IncomingRequests {
    /// Keeps a new request, whose responses have this To tag.
    pub fn insert(
        &mut self,
        now: Instant,
        tid: Tid,
        requester: Requester,
        (method, request): (&str, Text),
        tag: String,
        timers: &mut TimerQueue,
    ) {
        let wait = if method == "OPTIONS" { OPTIONS_UNANSWERED } else { UNANSWERED };
        let mut kept = IncomingRequest {
            method: method.into(),
            request: Some(request),
            requester,
            tag: tag.into(),
            unanswered: None,
        };
        timers.rearm(&mut kept.unanswered, Some((now + wait, Timer::Unanswered(tid))));
        self.requests.insert(tid, kept);
    }

    /// Whether request `tid` is known.
    pub fn contains(&self, tid: Tid) -> bool {
        self.requests.contains_key(&tid)
    }

    /// The plain response of `status` to request `tid`; `None` once answered.
    pub fn response(&self, tid: Tid, status: u16, user_agent: &str) -> Option<Draft> {
        let one = self.requests.get(&tid)?;
        let text = normalise(one.request.as_deref()?).into_owned();
        let request = Message::parse(&text).ok()?;
        let from = one.requester.address;
        let mut draft = response_to(&request, from, status, &one.tag, user_agent);
        push_event(&mut draft, &request);
        let asks_for_none = request.header("Refer-Sub").is_some_and(|value| {
            value.split(';').next().is_some_and(|word| same_word(word.trim_ascii(), "false"))
        });
        if &*one.method == "REFER" && (200..300).contains(&status) && asks_for_none {
            // RFC 4488 section 4: there is no subscription.
            draft.push("Refer-Sub", "false");
        }
        Some(draft)
    }

    /// The same as it is sent by itself.
    pub fn automatic_response(&self, tid: Tid, status: u16, user_agent: &str) -> Option<Draft> {
        let one = self.requests.get(&tid)?;
        let text = normalise(one.request.as_deref()?).into_owned();
        let request = Message::parse(&text).ok()?;
        let from = one.requester.address;
        let mut draft = automatic_response_to(&request, from, status, &one.tag, user_agent);
        push_event(&mut draft, &request);
        Some(draft)
    }

    /// The most bytes of an answer to request `tid` that the application does not make.
    pub fn reply_limit(&self, tid: Tid) -> Option<usize> {
        let one = self.requests.get(&tid)?;
        reply_limit(one.requester, one.request.as_ref()?.len())
    }

    /// There is a response of `status`.
    pub fn on_responded(&mut self, now: Instant, tid: Tid, status: u16, timers: &mut TimerQueue) {
        let Some(one) = self.requests.get_mut(&tid) else { return };
        if status >= 200 {
            timers.rearm(&mut one.unanswered, None);
            one.request = None;
        } else if status > 100 {
            let until = now + UNANSWERED_AFTER_PROVISIONAL;
            timers.rearm(&mut one.unanswered, Some((until, Timer::Unanswered(tid))));
        }
    }

    /// The application has not answered request `tid` in time: the status of the response in its
    /// place, and the method.
    pub fn on_timeout(&mut self, tid: Tid) -> Option<(u16, &str)> {
        let one = self.requests.get_mut(&tid)?;
        one.unanswered = None;
        Some((if &*one.method == "OPTIONS" { 200 } else { 480 }, &one.method))
    }

    /// The transaction of request `tid` is gone.
    pub fn remove(&mut self, tid: Tid, timers: &mut TimerQueue) {
        if let Some(mut gone) = self.requests.remove(&tid) {
            timers.rearm(&mut gone.unanswered, None);
        }
    }
}
