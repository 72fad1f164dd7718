//! Host names, looked up by the system's resolver on a thread of its own.

use super::{Family, address, spawn_quiet, srv, udp, words};
use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Addresses, best first (port 0: the one asked for), or why there is none, in words.
pub(crate) type Answer = Result<Vec<SocketAddr>, String>;
/// Called on the resolver's thread for each answer; has to pass it to [`Resolver::answered`].
pub(crate) type Deliver = Arc<dyn Fn(&str, Answer) + Send + Sync>;

/// How long an answer is reused. The system's resolver does not tell the TTL, and has a cache of its own where one is wanted.
const REUSED: Duration = Duration::from_secs(5);
/// Names remembered or asked at once.
const NAMES: usize = 1024;
/// Addresses taken of one name.
const ADDRESSES: usize = 16;
/// What stands before a domain to ask for its SIP servers (RFC 3263 section 4.2).
const SERVICE: &str = "_sip._udp.";
/// The longest name of DNS (RFC 1035 section 2.3.4).
const LONGEST: usize = 255;

/// How a name is looked up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    /// The addresses that are of use.
    pub(crate) family: Family,
    /// The name is that of a domain whose SIP servers are looked for first.
    pub(crate) servers: bool,
    /// An answer that is still fresh will do.
    pub(crate) reuse: bool,
}

enum Entry<T> {
    Asked(Vec<T>),
    Known(Answer, Instant),
}

/// Questions under way and answers still fresh. `T` is what the asker wants back with an answer.
///
/// Dropping it lets the thread go: it ends after the look-up it is in, which nobody waits for.
pub(crate) struct Resolver<T> {
    names: HashMap<String, Entry<T>>,
    deliver: Deliver,
    worker: Option<Worker>,
}

struct Worker {
    questions: Sender<(String, Family)>,
    over: Arc<AtomicBool>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

impl<T> Resolver<T> {
    /// A resolver without a thread, which starts with the first name.
    pub(crate) fn new(deliver: Deliver) -> Resolver<T> {
        Resolver { names: HashMap::new(), deliver, worker: None }
    }

    /// The answer, if it is known; else `ticket` comes back from [`Resolver::answered`]. `host` is a name or an address without
    /// brackets. Never blocks.
    pub(crate) fn ask(&mut self, now: Instant, host: &str, how: How, ticket: T) -> Option<Answer> {
        let How { family, servers, reuse } = how;
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Some(literal(ip, family));
        }
        if host.is_empty() || host.len() > LONGEST || host.contains('\0') {
            return Some(Err("this is no host name".to_owned()));
        }
        let name = if servers { format!("{SERVICE}{host}") } else { host.to_owned() }.to_ascii_lowercase();
        match self.names.get_mut(&name) {
            Some(Entry::Known(answer, until)) if reuse && now < *until => return Some(answer.clone()),
            Some(Entry::Asked(tickets)) => {
                tickets.push(ticket);
                return None;
            }
            _ => {}
        }
        if self.names.len() >= NAMES {
            self.names.retain(|_, entry| matches!(entry, Entry::Asked(_)));
            if self.names.len() >= NAMES {
                return Some(Err(format!("{host}: too many names are being looked up")));
            }
        }
        if let Err(e) = self.send((name.clone(), family)) {
            return Some(Err(format!("{host}: no thread for the look-up: {}", words(&e))));
        }
        self.names.insert(name, Entry::Asked(vec![ticket]));
        None
    }

    /// Remembers an answer; the tickets of those who asked.
    pub(crate) fn answered(&mut self, now: Instant, name: &str, answer: Answer) -> Vec<T> {
        match self.names.insert(name.to_owned(), Entry::Known(answer, now + REUSED)) {
            Some(Entry::Asked(tickets)) => tickets,
            _ => Vec::new(),
        }
    }

    fn send(&mut self, question: (String, Family)) -> io::Result<()> {
        // A thread that is gone (its delivery panicked) is replaced.
        let question = match &self.worker {
            Some(worker) => match worker.questions.send(question) {
                Ok(()) => return Ok(()),
                Err(back) => back.0,
            },
            None => question,
        };
        let (questions, inbox) = channel();
        let over = Arc::new(AtomicBool::new(false));
        let (deliver, stop) = (Arc::clone(&self.deliver), Arc::clone(&over));
        spawn_quiet("register-names", move || answer_all(&inbox, &stop, &deliver))?;
        let _ = questions.send(question);
        self.worker = Some(Worker { questions, over });
        Ok(())
    }
}

fn answer_all(inbox: &Receiver<(String, Family)>, stop: &AtomicBool, deliver: &Deliver) {
    for (name, family) in inbox {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let answer = match name.strip_prefix(SERVICE) {
            Some(domain) => look_up_servers(&name, domain, family),
            None => look_up(&name, family),
        };
        if stop.load(Ordering::Relaxed) {
            break;
        }
        deliver(&name, answer);
    }
}

fn literal(ip: IpAddr, family: Family) -> Answer {
    let ip = if family == Family::V6 { ip } else { ip.to_canonical() };
    if family.takes(ip) { Ok(vec![SocketAddr::new(ip, 0)]) } else { Err(udp::mismatch(ip)) }
}

/// The addresses of the servers that the SRV records at `name` tell, in their order; those of `domain` itself where there are none.
fn look_up_servers(name: &str, domain: &str, family: Family) -> Answer {
    let mut found = Vec::new();
    let mut why = None;
    for server in srv::look_up(name) {
        match look_up(&server.host, family) {
            Ok(addresses) => {
                found.extend(addresses.into_iter().map(|address| SocketAddr::new(address.ip(), server.port)));
            }
            Err(reason) => why = Some(reason),
        }
    }
    found.truncate(ADDRESSES);
    match why {
        _ if !found.is_empty() => Ok(found),
        Some(reason) => Err(reason),
        None => look_up(domain, family),
    }
}

/// Asks getaddrinfo(3), which may take as long as it likes, for A, AAAA or both, in the order of RFC 6724.
fn look_up(name: &str, family: Family) -> Answer {
    let host = CString::new(name).map_err(|_| "this is no host name".to_owned())?;
    // SAFETY: plain data for which zero is a value.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_socktype = libc::SOCK_DGRAM;
    hints.ai_family = match family {
        Family::V4 => libc::AF_INET,
        Family::V6 => libc::AF_INET6,
        Family::Dual => libc::AF_UNSPEC,
    };
    let mut list = std::ptr::null_mut();
    // SAFETY: `host` ends with NUL, `hints` lives here, and `list` gets a list that is given back below.
    let code = unsafe { libc::getaddrinfo(host.as_ptr(), std::ptr::null(), &raw const hints, &raw mut list) };
    if code != 0 {
        return Err(format!("{name}: {}", failure(code)));
    }
    let mut found = Vec::new();
    let mut next = list;
    while !next.is_null() && found.len() < ADDRESSES {
        // SAFETY: an entry of the list, which lives until freeaddrinfo.
        let entry = unsafe { &*next };
        // SAFETY: NULL or a socket address of its family's size.
        let ip = unsafe { address::read(entry.ai_addr) };
        if let Some(ip) = ip.filter(|a| family.takes(a.ip()) && !found.contains(a)) {
            found.push(ip);
        }
        next = entry.ai_next;
    }
    // SAFETY: the list that getaddrinfo gave, once.
    unsafe { libc::freeaddrinfo(list) };
    if found.is_empty() { Err(format!("{name}: no address")) } else { Ok(found) }
}

fn failure(code: libc::c_int) -> String {
    if code == libc::EAI_SYSTEM {
        return words(&io::Error::last_os_error());
    }
    // SAFETY: gai_strerror gives a text of the C library that is never freed.
    unsafe { CStr::from_ptr(libc::gai_strerror(code)) }.to_string_lossy().into_owned()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    type Answers = Receiver<(String, Answer)>;

    fn resolver() -> (Resolver<u32>, Answers) {
        let (sent, answers) = channel();
        let deliver = move |name: &str, answer: Answer| sent.send((name.to_owned(), answer)).unwrap();
        (Resolver::new(Arc::new(deliver)), answers)
    }

    fn how(family: Family) -> How {
        How { family, servers: false, reuse: true }
    }

    fn next(answers: &Answers) -> (String, Answer) {
        answers.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    fn at(ip: &str) -> SocketAddr {
        SocketAddr::new(ip.parse().unwrap(), 0)
    }

    #[test]
    fn an_address_is_answered_at_once_without_a_thread() {
        let (mut names, _) = resolver();
        let now = Instant::now();
        assert_eq!(names.ask(now, "192.0.2.1", how(Family::V4), 1), Some(Ok(vec![at("192.0.2.1")])));
        assert_eq!(names.ask(now, "2001:db8::1", how(Family::Dual), 1), Some(Ok(vec![at("2001:db8::1")])));
        assert!(names.worker.is_none());
    }

    #[test]
    fn an_address_of_the_other_family_is_refused_in_words() {
        let (mut names, _) = resolver();
        let refused = |answer: Option<Answer>| answer.unwrap().unwrap_err();
        let now = Instant::now();
        assert_eq!(
            refused(names.ask(now, "2001:db8::1", how(Family::V4), 1)),
            "2001:db8::1 is an IPv6 address and the socket is for IPv4 only"
        );
        assert_eq!(
            refused(names.ask(now, "192.0.2.1", how(Family::V6), 1)),
            "192.0.2.1 is an IPv4 address and the socket is for IPv6 only"
        );
    }

    #[test]
    fn a_name_is_asked_once_for_all_who_want_it_and_remembered_for_five_seconds() {
        let (mut names, answers) = resolver();
        let now = Instant::now();
        assert_eq!(names.ask(now, "localhost", how(Family::V4), 1), None);
        assert_eq!(names.ask(now, "LocalHost", how(Family::V4), 2), None);
        let (name, answer) = next(&answers);
        assert_eq!(answer, Ok(vec![at("127.0.0.1")]));
        assert_eq!(names.answered(now, &name, answer.clone()), [1, 2]);
        let later = now + Duration::from_millis(4999);
        assert_eq!(names.ask(later, "localhost", how(Family::V4), 3), Some(answer));
        assert_eq!(names.ask(now + REUSED, "localhost", how(Family::V4), 4), None);
        assert_eq!(next(&answers).0, "localhost");
        assert!(answers.try_recv().is_err());
    }

    #[test]
    fn a_name_that_cannot_exist_fails_in_words() {
        let (mut names, answers) = resolver();
        assert_eq!(names.ask(Instant::now(), "nonexistent.invalid", how(Family::V4), 1), None);
        let why = next(&answers).1.unwrap_err();
        assert!(why.starts_with("nonexistent.invalid: ") && why.len() > 21, "{why}");
    }

    #[test]
    fn what_is_no_name_is_refused_at_once() {
        let (mut names, _) = resolver();
        for host in ["", "a\0b", &"a".repeat(256)] {
            assert!(names.ask(Instant::now(), host, how(Family::V4), 1).unwrap().is_err());
        }
    }

    #[test]
    fn letting_go_does_not_wait_for_a_look_up() {
        let (sent, entered) = channel();
        let (release, held) = channel::<()>();
        let held = parking_lot::Mutex::new(held);
        let deliver = move |_: &str, _: Answer| {
            sent.send(()).unwrap();
            let _ = held.lock().recv();
        };
        let mut names = Resolver::new(Arc::new(deliver));
        assert_eq!(names.ask(Instant::now(), "localhost", how(Family::V4), 1), None);
        entered.recv().unwrap();
        drop(names);
        drop(release);
    }

    #[test]
    fn a_domain_without_servers_is_looked_up_itself() {
        let (mut names, answers) = resolver();
        let servers = How { servers: true, ..how(Family::V4) };
        assert_eq!(names.ask(Instant::now(), "localhost", servers, 1), None);
        let (name, answer) = next(&answers);
        assert_eq!((name.as_str(), answer), ("_sip._udp.localhost", Ok(vec![at("127.0.0.1")])));
    }

    #[test]
    fn without_reuse_a_fresh_answer_is_asked_for_again() {
        let (mut names, answers) = resolver();
        let now = Instant::now();
        let anew = How { reuse: false, ..how(Family::V4) };
        assert_eq!(names.ask(now, "localhost", anew, 1), None);
        let (name, answer) = next(&answers);
        names.answered(now, &name, answer);
        assert_eq!(names.ask(now, "localhost", anew, 2), None);
    }
}
