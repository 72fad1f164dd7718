//! Requests from outside: a server transaction each, told to the application, and answered in its place when it does not.

use super::{Agent, Event, Ids, Kind, Notice, Text, Tid, Timer, Transmit, Weight};
use crate::messaging::response::{ALLOW, answer, reply_address};
use crate::request::Refusal;
use crate::sip::{Draft, Message, NameAddr};
use crate::transaction::{Server, ServerFired};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// An OPTIONS that the application does not answer gets 200: a registrar's ping must not take the binding down.
const OPTIONS_PATIENCE: Duration = Duration::from_millis(500);
/// Any other request gets 480.
const PATIENCE: Duration = Duration::from_secs(10);
/// After a provisional answer the application has this long.
const PROVISIONAL_PATIENCE: Duration = Duration::from_secs(180);

const COOKIE: &str = "z9hG4bK";

/// One request from outside.
#[derive(Debug)]
pub(super) struct Incoming {
    server: Server,
    key: Box<str>,
    method: Box<str>,
    /// The request; gone once answered.
    request: Option<Text>,
    from: SocketAddr,
    reply_to: SocketAddr,
    /// Our To tag.
    tag: Box<str>,
    /// The last answer, for retransmissions of the request.
    response: Option<Text>,
    /// When the agent answers in the application's place.
    patience: Option<Instant>,
    ids: Ids,
    armed: Option<Instant>,
    /// Its bytes in `incoming_shares`.
    counted: usize,
}

/// What happens to a new request by itself.
struct Reception {
    kind: Option<Kind>,
    /// An answer at once.
    status: Option<u16>,
}

/// What is done with a request at once, and what the application is told (behaviour of the library that programs were written for).
fn reception(method: &str, request: &Message<'_>) -> Reception {
    let in_dialog = request
        .header("To")
        .and_then(|to| NameAddr::parse(to).ok())
        .is_some_and(|to| to.params.get("tag").is_some_and(|tag| !tag.is_empty()));
    let (kind, status) = match method {
        "INVITE" if in_dialog => (None, Some(481)),
        "INVITE" => (Some(Kind::CallInvite), None),
        "BYE" | "INFO" => (Some(Kind::MessageNew), Some(481)),
        "SUBSCRIBE" if in_dialog => (Some(Kind::MessageNew), Some(481)),
        "SUBSCRIBE" if request.header("Contact").is_none() => (Some(Kind::MessageNew), Some(400)),
        "SUBSCRIBE" | "REFER" => (Some(Kind::InSubscriptionNew), None),
        _ => (Some(Kind::MessageNew), None),
    };
    Reception { kind, status }
}

/// Whether this answer would begin a call or a subscription, or promise one: the application would be left alone with it.
fn begins(method: &str, status: u16) -> bool {
    matches!(method, "INVITE" | "SUBSCRIBE" | "REFER") && (101..300).contains(&status)
}

/// What makes two datagrams the same request (RFC 3261 section 17.2.3); the second form is for branches without the magic cookie,
/// or with nothing behind it.
fn key(request: &Message<'_>, method: &str) -> Option<String> {
    let method = if method == "ACK" { "INVITE" } else { method };
    let via = request.top_via().ok()?;
    let port = via.port.unwrap_or(5060);
    let host = via.host.to_ascii_lowercase();
    match via.branch() {
        Some(branch) if branch.len() > COOKIE.len() && branch.starts_with(COOKIE) => {
            Some(format!("{branch} {host}:{port} {method}"))
        }
        branch => {
            let from =
                NameAddr::parse(request.header("From")?).ok()?.params.get("tag").unwrap_or("").to_owned();
            let (call_id, cseq) = (request.call_id()?, request.cseq()?.number);
            let branch = branch.unwrap_or("");
            Some(format!("{branch} {host}:{port} {method} {from} {call_id} {cseq}"))
        }
    }
}

impl Agent {
    /// A request came in.
    pub(super) fn request(
        &mut self,
        now: Instant,
        from: SocketAddr,
        method: &str,
        request: &Message<'_>,
        bytes: &[u8],
    ) {
        let whole = ["From", "To", "Call-ID", "CSeq"].iter().all(|name| request.header(name).is_some());
        let (Some(key), Ok(via), true) = (key(request, method), request.top_via(), whole) else {
            return self.note(
                Weight::Warning,
                format!("dropped a request from {from}: no Via, From, To, Call-ID or CSeq"),
            );
        };
        let reply_to = reply_address(&via, from);
        if let Some(tid) = self.incoming_keys.get(key.as_str()).copied() {
            return self.repeated(now, tid, method);
        }
        match method {
            "ACK" => return,
            "CANCEL" => return self.cancel(now, from, reply_to, request),
            _ if request.cseq().is_none() => return self.reply_stateless(from, reply_to, request, 400),
            _ => {}
        }
        if !self.incoming_shares.have_room(from, bytes.len()) {
            self.note(Weight::Warning, format!("too many requests: 503 to {from}"));
            return self.reply_stateless(from, reply_to, request, 503);
        }
        let tid = self.next_tid();
        let Reception { kind, status } = reception(method, request);
        let invite = method == "INVITE";
        let mut ids = Ids { tid, ..Ids::default() };
        match kind {
            Some(Kind::CallInvite) => {
                (ids.cid, ids.did) = (self.next_serial(), self.next_serial());
            }
            Some(Kind::InSubscriptionNew) => {
                (ids.nid, ids.did) = (self.next_serial(), self.next_serial());
            }
            _ => {}
        }
        let patience = if method == "OPTIONS" { OPTIONS_PATIENCE } else { PATIENCE };
        let text = self.buffers.copy(bytes);
        self.incoming_keys.insert(key.as_str().into(), tid);
        let tag = self.entropy.token().into();
        let incoming = Incoming {
            server: Server::new(invite),
            key: key.into(),
            method: method.into(),
            request: Some(text.clone()),
            from,
            reply_to,
            tag,
            response: None,
            patience: Some(now + patience),
            ids,
            armed: None,
            counted: 0,
        };
        self.incoming.insert(tid, incoming);
        self.incoming_shares.take(from);
        self.count_bytes(tid);
        let trying = invite.then(|| self.answer_now(now, tid, 100)).flatten();
        if let Some(status) = status {
            self.answer_now(now, tid, status);
        }
        self.arm_incoming(tid);
        if let Some(kind) = kind {
            let text_info = format!("New {method} request.");
            let notice =
                Notice { kind, rid: 0, ids, text: text_info.into(), request: Some(text), response: trying };
            self.events.push_back(Event::Application(notice));
        }
    }

    /// The text of an answer to request `tid`. Errors: `BadParameter` for a tid below 1 or a status outside 200–699, `NotFound`,
    /// `WrongState` when it is answered, `Undefined` for an answer that begins what nobody would serve: a SUBSCRIBE or REFER accepted, a call.
    pub fn build_answer(&mut self, tid: Tid, status: u16) -> Result<Vec<u8>, Refusal> {
        let incoming = self.incoming.get(&tid);
        if incoming.is_some_and(|one| begins(&one.method, status)) {
            return Err(Refusal::Undefined);
        }
        if tid < 1 || !(200..=699).contains(&status) {
            return Err(Refusal::BadParameter);
        }
        incoming
            .ok_or(Refusal::NotFound)?
            .answer(status, &self.settings.user_agent)
            .map(|draft| draft.to_bytes())
            .ok_or(Refusal::WrongState)
    }

    /// Answers request `tid` with `text`, or with the plain answer of `status`. Errors: `BadParameter` for a tid below 1, a status
    /// outside 101–699 or a provisional one without text; `NotFound`; `WrongState` when it is answered; `Undefined` as
    /// [`Agent::build_answer`]; `Syntax` for a text that is no answer.
    pub fn send_answer(
        &mut self,
        now: Instant,
        tid: Tid,
        status: u16,
        text: Option<&[u8]>,
    ) -> Result<(), Refusal> {
        let incoming = self.incoming.get(&tid);
        let begun = incoming.is_some_and(|one| begins(&one.method, status));
        if tid < 1 || !(101..=699).contains(&status) || (status < 200 && text.is_none() && !begun) {
            return Err(Refusal::BadParameter);
        }
        let incoming = incoming.ok_or(Refusal::NotFound)?;
        if !incoming.server.is_unanswered() {
            return Err(Refusal::WrongState);
        }
        if begun {
            return Err(Refusal::Undefined);
        }
        let draft = match text {
            Some(text) => Draft::parse(text)?,
            None => incoming.answer(status, &self.settings.user_agent).ok_or(Refusal::WrongState)?,
        };
        let bytes = draft.to_bytes();
        let status = Message::parse(&bytes)?.status().ok_or(Refusal::Syntax("not an answer"))?;
        if begins(&incoming.method, status) {
            return Err(Refusal::Undefined);
        }
        self.reply(now, tid, status, bytes.into());
        self.arm_incoming(tid);
        Ok(())
    }

    /// The plain answer of `status`, sent now; its text.
    fn answer_now(&mut self, now: Instant, tid: Tid, status: u16) -> Option<Text> {
        let mut draft = self.incoming.get(&tid)?.answer(status, &self.settings.user_agent)?;
        if status == 200 {
            draft.push("Allow", ALLOW);
        }
        let bytes: Text = draft.to_bytes().into();
        self.reply(now, tid, status, bytes.clone());
        Some(bytes)
    }

    fn reply(&mut self, now: Instant, tid: Tid, status: u16, bytes: Text) {
        let Some(incoming) = self.incoming.get_mut(&tid) else { return };
        incoming.response = Some(bytes.clone());
        if status >= 200 {
            incoming.server.answered(now);
            incoming.patience = None;
            incoming.request = None;
        } else if status > 100 {
            incoming.patience = Some(now + PROVISIONAL_PATIENCE);
        }
        self.transmits.push_back(Transmit::Datagram { to: incoming.reply_to, bytes });
        self.count_bytes(tid);
    }

    /// What is kept for request `tid` has changed.
    fn count_bytes(&mut self, tid: Tid) {
        let Some(incoming) = self.incoming.get_mut(&tid) else { return };
        let texts = [&incoming.request, &incoming.response].into_iter().flatten();
        // The key stands in the index too.
        let bytes = 2 * incoming.key.len() + texts.map(|text| text.len()).sum::<usize>();
        let before = std::mem::replace(&mut incoming.counted, bytes);
        self.incoming_shares.recount(incoming.from, before, bytes);
    }

    /// A request that is known came again: it gets its last answer again; an ACK ends an INVITE's retransmissions.
    fn repeated(&mut self, now: Instant, tid: Tid, method: &str) {
        let Some(incoming) = self.incoming.get_mut(&tid) else { return };
        if method == "ACK" {
            incoming.server.acknowledged(now);
            return self.arm_incoming(tid);
        }
        if let Some(bytes) = incoming.response.clone() {
            self.transmits.push_back(Transmit::Datagram { to: incoming.reply_to, bytes });
        }
    }

    /// RFC 3261 section 9.2: an INVITE that is not answered yet gets 487, anything else is not there to be cancelled.
    fn cancel(&mut self, now: Instant, from: SocketAddr, reply_to: SocketAddr, request: &Message<'_>) {
        let invite = key(request, "INVITE").and_then(|key| self.incoming_keys.get(key.as_str()).copied());
        let Some(tid) = invite else { return self.reply_stateless(from, reply_to, request, 481) };
        self.reply_stateless(from, reply_to, request, 200);
        let Some(incoming) = self.incoming.get(&tid).filter(|one| one.server.is_unanswered()) else { return };
        let (ids, text) = (incoming.ids, incoming.request.clone());
        let response = self.answer_now(now, tid, 487);
        self.arm_incoming(tid);
        let info = "The INVITE was cancelled.".to_owned();
        let notice =
            Notice { kind: Kind::CallCancelled, rid: 0, ids, text: info.into(), request: text, response };
        self.events.push_back(Event::Application(notice));
    }

    /// An answer that nothing is kept for.
    fn reply_stateless(&mut self, from: SocketAddr, to: SocketAddr, request: &Message<'_>, status: u16) {
        let tag = self.entropy.token();
        let bytes = answer(request, from, status, &tag, &self.settings.user_agent).to_bytes().into();
        self.transmits.push_back(Transmit::Datagram { to, bytes });
    }

    /// A deadline of request `tid` is due.
    pub(super) fn incoming_timeout(&mut self, now: Instant, tid: Tid) {
        let Some(incoming) = self.incoming.get_mut(&tid) else { return };
        incoming.armed = None;
        match incoming.server.handle_timeout(now) {
            Some(ServerFired::Retransmit) => {
                if let Some(bytes) = incoming.response.clone() {
                    self.transmits.push_back(Transmit::Datagram { to: incoming.reply_to, bytes });
                }
            }
            Some(ServerFired::Ended) => {
                if let Some(gone) = self.incoming.remove(&tid) {
                    self.incoming_shares.release(gone.from, gone.counted);
                    self.incoming_keys.remove(&gone.key);
                }
                return;
            }
            None if incoming.patience.is_some_and(|until| now >= until) => {
                let status = if &*incoming.method == "OPTIONS" { 200 } else { 480 };
                let note = format!("the application did not answer a {} request: {status}", incoming.method);
                self.answer_now(now, tid, status);
                self.note(Weight::Info, note);
            }
            None => {}
        }
        self.arm_incoming(tid);
    }

    fn arm_incoming(&mut self, tid: Tid) {
        let Some(incoming) = self.incoming.get_mut(&tid) else { return };
        let next = incoming.server.poll_timeout().into_iter().chain(incoming.patience).min();
        let before = std::mem::replace(&mut incoming.armed, next);
        if before != next {
            if let Some(before) = before {
                self.timers.remove(&(before, Timer::Incoming(tid)));
            }
            if let Some(next) = next {
                self.timers.insert((next, Timer::Incoming(tid)));
            }
        }
    }
}

impl Incoming {
    /// The plain answer of `status`; `None` once answered.
    fn answer(&self, status: u16, user_agent: &str) -> Option<Draft> {
        let text = crate::sip::normalise(self.request.as_deref()?).into_owned();
        let request = Message::parse(&text).ok()?;
        Some(answer(&request, self.from, status, &self.tag, user_agent))
    }
}
