//! The registrar without socket and clock: a message in, messages out (RFC 3261 section 10.3). What
//! is for others it passes on to where they are registered.

mod auth;
mod bindings;
mod proxy;
mod reply;
mod settings;

use auth::{Auth, Verdict};
use bindings::{Bindings, asks_for_outbound};
use proxy::Unroutable;
pub(crate) use reply::Reply;
pub(crate) use settings::{ExpiresIn, Fault, Settings};

use register::sip::{CSeq, Message, NameAddr, StartLine, Uri, normalise};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

const ALLOW: &str = "REGISTER, OPTIONS";
/// Timer J: how long an answer is kept for retransmissions.
const ANSWERS_KEPT: Duration = Duration::from_secs(32);
/// Answers kept at most; the oldest go first.
const MOST_ANSWERS: usize = 1 << 16;

/// A whole registrar. Times count from any moment that the caller likes, and never run backwards.
pub(crate) struct Registrar {
    settings: Settings,
    auth: Auth,
    bindings: Bindings,
    random: u64,
    tags: u64,
    silent: u32,
    /// Answers by branch, sent-by and method.
    answered: HashMap<String, (SocketAddr, Vec<u8>)>,
    order: VecDeque<(Duration, String)>,
    counts: BTreeMap<u16, u64>,
    log: Vec<String>,
}

/// What becomes of a request.
enum Decision {
    Answer(Answer),
    Forward(Reply),
    /// An ACK of an answer of our own.
    Ignore,
}

/// An answer being decided: status, header lines, and the reason for the log.
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    why: String,
}

impl Answer {
    fn new(status: u16, why: impl Into<String>) -> Self {
        Answer { status, headers: Vec::new(), why: why.into() }
    }
    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

impl Registrar {
    pub(crate) fn new(settings: Settings) -> Self {
        Registrar {
            auth: Auth::new(settings.seed),
            bindings: Bindings::default(),
            random: settings.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            tags: 0,
            silent: settings.silent,
            answered: HashMap::new(),
            order: VecDeque::new(),
            counts: BTreeMap::new(),
            log: Vec::new(),
            settings,
        }
    }

    /// What to send for a datagram that came at `now`.
    pub(crate) fn handle(
        &mut self,
        now: Duration,
        from: SocketAddr,
        datagram: &[u8],
    ) -> Vec<Reply> {
        if datagram.iter().all(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Vec::new(); // a keep-alive
        }
        if self.silent > 0 {
            self.silent -= 1;
            return self.unanswered(from, "ignored: still silent");
        }
        if self.happens(self.settings.loss) {
            return self.unanswered(from, "lost on the way in");
        }
        let text = normalise(datagram);
        let message = match Message::parse(&text) {
            Ok(message) => message,
            Err(error) => return self.unanswered(from, error.what),
        };
        let StartLine::Request { method, .. } = message.start else {
            return match proxy::response(&self.settings, &message) {
                Ok(response) => self.forward(from, &message, response),
                Err(why) => self.unanswered(from, why),
            };
        };
        let Ok(via) = message.top_via() else { return self.unanswered(from, "dropped: no Via") };
        self.forget_answers(now);
        let port = via.port.unwrap_or(0);
        let key = via
            .branch()
            .map(|branch| format!("{branch} {}:{port} {method}", via.host.to_ascii_lowercase()));
        if let Some((to, bytes)) = key.as_ref().and_then(|key| self.answered.get(key)).cloned() {
            self.note(|| format!("{method} from {from}: a retransmission, answered as before"));
            return self.send(to, bytes);
        }
        let answer = match self.decide(now, from, method, &message) {
            Decision::Answer(answer) => answer,
            Decision::Forward(request) => return self.forward(from, &message, request),
            Decision::Ignore => return Vec::new(),
        };
        *self.counts.entry(answer.status).or_default() += 1;
        self.note(|| {
            let to = message.header("To").unwrap_or("?");
            let cseq = message.header("CSeq").unwrap_or("?");
            format!("{to} CSeq {cseq} from {from} -> {} {}", answer.status, answer.why)
        });
        self.tags += 1;
        let tag = format!("{:x}-{:x}", self.settings.seed, self.tags);
        let seen = self.settings.received.unwrap_or(from);
        let bytes = reply::response(&message, seen, &tag, answer.status, &answer.headers);
        let to = match self.settings.transport.is_reliable() {
            true => from,
            false => reply::destination(&via, from),
        };
        if let Some(key) = key {
            self.order.push_back((now, key.clone()));
            self.answered.insert(key, (to, bytes.clone()));
        }
        self.send(to, bytes)
    }

    /// The lines logged since the last call.
    pub(crate) fn drain_log(&mut self) -> impl Iterator<Item = String> {
        self.log.drain(..)
    }

    /// How often each status was given, retransmissions not counted.
    pub(crate) fn counts(&self) -> &BTreeMap<u16, u64> {
        &self.counts
    }

    /// The Contact URIs of `aor` (`user@host`) with the seconds they have left.
    #[allow(dead_code)] // for tests in the same process
    pub(crate) fn bindings(&self, aor: &str, now: Duration) -> Vec<(String, u64)> {
        self.bindings.of(aor, now).map(|(uri, _, left)| (uri.to_string(), left)).collect()
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        // A caller that drains the log never leaves so many lines.
        if self.settings.log && self.log.len() < 10_000 {
            self.log.push(line());
        }
    }

    fn unanswered(&mut self, from: SocketAddr, why: &str) -> Vec<Reply> {
        self.note(|| format!("datagram from {from} not answered: {why}"));
        Vec::new()
    }

    /// True in `percent` of a hundred cases (xorshift).
    fn happens(&mut self, percent: u32) -> bool {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        percent > 0 && (self.random >> 16) % 100 < u64::from(percent)
    }

    /// Passes on a request or a response.
    fn forward(&mut self, from: SocketAddr, message: &Message<'_>, on: Reply) -> Vec<Reply> {
        self.note(|| {
            let what = match message.start {
                StartLine::Request { method, uri } => format!("{method} {uri}"),
                StartLine::Status { code, reason } => format!("{code} {reason}"),
            };
            let cseq = message.header("CSeq").unwrap_or("?");
            format!("{what} CSeq {cseq} from {from} -> {}", on.to)
        });
        self.send(on.to, on.bytes)
    }

    fn send(&mut self, to: SocketAddr, bytes: Vec<u8>) -> Vec<Reply> {
        if self.happens(self.settings.loss) {
            return self.unanswered(to, "the answer was lost");
        }
        let times = if self.happens(self.settings.duplicate) { 2 } else { 1 };
        vec![Reply { after: self.settings.delay, to, bytes }; times]
    }

    fn forget_answers(&mut self, now: Duration) {
        while let Some((at, key)) = self.order.front() {
            if self.order.len() < MOST_ANSWERS && *at + ANSWERS_KEPT > now {
                break;
            }
            self.answered.remove(key);
            self.order.pop_front();
        }
    }

    fn decide(
        &mut self,
        now: Duration,
        from: SocketAddr,
        method: &str,
        request: &Message<'_>,
    ) -> Decision {
        let decision = match self.next(now, from, method, request) {
            Ok(Some(on)) => Decision::Forward(on),
            Ok(None) => Decision::Answer(self.serve(now, from, method, request)),
            Err(refusal) => Decision::Answer(refusal),
        };
        match decision {
            // What it acknowledges was an answer of our own too.
            Decision::Answer(_) if method == "ACK" => Decision::Ignore,
            decision => decision,
        }
    }

    /// The request as it goes on, or nothing where it is for the registrar itself.
    fn next(
        &mut self,
        now: Duration,
        from: SocketAddr,
        method: &str,
        request: &Message<'_>,
    ) -> Result<Option<Reply>, Answer> {
        if address_of_record(request).is_none() {
            return Err(Answer::new(400, "To is missing or broken"));
        }
        if !matches!(request.cseq(), Some(CSeq { method: m, .. }) if m == method) {
            return Err(Answer::new(400, "CSeq is missing, broken or of another method"));
        }
        if request.call_id().is_none_or(str::is_empty) || request.header("From").is_none() {
            return Err(Answer::new(400, "no Call-ID or no From"));
        }
        let begins = !matches!(method, "ACK" | "CANCEL") && proxy::tag_of(request, "To").is_none();
        if let Some(fault) = if begins { self.fault() } else { None } {
            return Err(fault);
        }
        if !is_for_others(request) {
            return Ok(None);
        }
        proxy::request(&self.settings, &self.bindings, now, from, request)
            .map(Some)
            .map_err(|Unroutable(status, why)| Answer::new(status, why))
    }

    /// The answer to a request for the registrar itself.
    fn serve(
        &mut self,
        now: Duration,
        from: SocketAddr,
        method: &str,
        request: &Message<'_>,
    ) -> Answer {
        match method {
            "REGISTER" => {}
            "OPTIONS" => return Answer::new(200, "alive").with("Allow", ALLOW),
            _ => return Answer::new(405, "only REGISTER and OPTIONS").with("Allow", ALLOW),
        }
        let Some(uri) = address_of_record(request) else {
            return Answer::new(400, "To is missing or broken");
        };
        if let Some(required) = request.header("Require") {
            return Answer::new(420, "nothing is supported that could be required")
                .with("Unsupported", required);
        }
        if self.settings.auth {
            match self.auth.check(&self.settings, now, request) {
                Verdict::Proven(user) if self.settings.own_only && uri.user != Some(&*user) => {
                    return Answer::new(403, "not the user's own address-of-record");
                }
                Verdict::Proven(_) => {}
                Verdict::Refused(status, why) => return Answer::new(status, why),
                Verdict::Challenge { why, stale, nonce } => {
                    let nonce = nonce.unwrap_or_else(|| self.auth.nonce(now));
                    let headers = self.auth.challenges(&self.settings, &nonce, stale);
                    let status = if self.settings.proxy_auth { 407 } else { 401 };
                    return Answer { status, headers, why: why.into() };
                }
            }
        }
        let aor = aor(&uri);
        if let Err(refused) = self.bindings.update(&self.settings, now, from, &aor, request) {
            let answer = Answer::new(refused.status, refused.why);
            return if refused.status == 423 {
                answer.with("Min-Expires", self.settings.min_expires)
            } else {
                answer
            };
        }
        let mut answer = self.current_bindings(now, &aor);
        if self.settings.outbound && asks_for_outbound(request) {
            answer = answer.with("Require", "outbound");
        }
        if self.settings.next_nonce && self.settings.auth {
            let name = if self.settings.proxy_auth {
                "Proxy-Authentication-Info"
            } else {
                "Authentication-Info"
            };
            answer = answer.with(name, format!("nextnonce=\"{}\"", self.auth.nonce(now)));
        }
        answer
    }

    /// The next answer that `--fault` wants.
    fn fault(&mut self) -> Option<Answer> {
        let fault = self.settings.faults.iter_mut().find(|f| f.left != Some(0))?;
        fault.left = fault.left.map(|left| left - 1);
        let mut answer = Answer::new(fault.status, "--fault");
        if let Some(seconds) = fault.retry_after {
            answer = answer.with("Retry-After", seconds);
        }
        match &self.settings.redirect {
            Some(target) if fault.status / 100 == 3 => {
                Some(answer.with("Contact", format!("<{target}>")))
            }
            _ => Some(answer),
        }
    }

    fn current_bindings(&self, now: Duration, aor: &str) -> Answer {
        let Settings { expires_in, strip_contact_params, .. } = self.settings;
        let mut answer = Answer::new(200, "");
        if self.settings.foreign_contact {
            answer = answer.with("Contact", "<sip:another@192.0.2.99:5060>;expires=1800");
        }
        let (mut number, mut longest) = (0, 0);
        for (uri, params, left) in self.bindings.of(aor, now) {
            let (uri, params) = match strip_contact_params {
                true => (uri.split(';').next().unwrap_or(uri), ""),
                false => (uri, params),
            };
            let expires = if expires_in == ExpiresIn::Contact {
                format!(";expires={left}")
            } else {
                String::new()
            };
            answer = answer.with("Contact", format!("<{uri}>{params}{expires}"));
            (number, longest) = (number + 1, longest.max(left));
        }
        if expires_in == ExpiresIn::Header {
            answer = answer.with("Expires", longest);
        }
        answer.why = match number {
            0 => "no binding".into(),
            1 => format!("1 binding, {longest} s"),
            _ => format!("{number} bindings, at most {longest} s"),
        };
        answer
    }
}

/// Whether a request is for a user that may be registered here, or goes on by a route.
fn is_for_others(request: &Message<'_>) -> bool {
    let StartLine::Request { method, uri } = request.start else { return false };
    let names_a_user = Uri::parse(uri).is_ok_and(|uri| uri.user.is_some());
    method != "REGISTER" && (names_a_user || request.header("Route").is_some())
}

/// The URI of To.
fn address_of_record<'a>(request: &Message<'a>) -> Option<Uri<'a>> {
    Uri::parse(NameAddr::parse(request.header("To")?).ok()?.uri).ok()
}

/// The key of an address-of-record: no scheme, port or parameters, the host without case.
fn aor(uri: &Uri<'_>) -> String {
    let host = uri.host.to_ascii_lowercase();
    uri.user.map_or(host.clone(), |user| format!("{user}@{host}"))
}
