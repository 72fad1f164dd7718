//! Names that are being looked up, and answers that are fresh enough to be used again.

use super::dns;
use super::error_text::error_text;
use super::thread::spawn_without_signals;
use super::udp::{self, Family};
use crate::transport::{DnsError, RecordKind, Records, SrvRecord};
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

/// Addresses, best first (port 0: the one asked for), or why there is none, in words.
pub(crate) type Answer = Result<Vec<SocketAddr>, String>;
/// Called on a thread of the resolver for each name; has to pass on to [`Resolver::answered`] what
/// the answer is by then.
pub(crate) type Deliver = Arc<dyn Fn(&str, LookedUp) + Send + Sync>;

/// Names remembered or asked at once.
const NAMES: usize = 1024;
/// Names looked up at once: one that takes long does not hold up the others.
const THREADS: usize = 8;
/// What stands before a domain to ask for its SIP servers (RFC 3263 section 4.2).
const SERVICE: &str = "_sip._udp.";

/// LookUp a name is looked up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LookUp {
    /// The addresses that are of use.
    pub(crate) family: Family,
    /// The name is that of a domain whose SIP servers are looked for first.
    pub(crate) servers: bool,
    /// An answer that is still fresh will do.
    pub(crate) reuse: bool,
}

/// What was found for a name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LookedUp {
    /// The addresses of the name itself.
    Addresses(Answer),
    /// The servers of the domain, in no order yet, and the answer for each.
    Servers(Vec<SrvRecord>, HashMap<String, Answer>),
}

impl LookedUp {
    /// Addresses in the order in which they are tried. `order` is given the servers of a domain.
    pub(crate) fn into_answer(self, order: impl FnOnce(&mut [SrvRecord])) -> Answer {
        let (mut servers, answers) = match self {
            LookedUp::Addresses(answer) => return answer,
            LookedUp::Servers(servers, answers) => (servers, answers),
        };
        order(&mut servers);
        let mut addresses = Vec::new();
        let mut why = DnsError::NoData.to_string();
        for server in servers {
            match answers.get(&server.target) {
                Some(Ok(found)) => {
                    addresses.extend(found.iter().map(|address| SocketAddr::new(address.ip(), server.port)));
                }
                Some(Err(reason)) => why.clone_from(reason),
                None => {}
            }
        }
        addresses.truncate(dns::ADDRESSES);
        if addresses.is_empty() { Err(why) } else { Ok(addresses) }
    }
}

enum Entry<T> {
    Asked(Vec<T>),
    Known(Answer, Instant),
}

/// Questions under way and answers still fresh. `T` is what the asker wants back with an answer.
///
/// When it is dropped nothing is delivered any more; look-ups under way are not waited for.
pub(crate) struct Resolver<T> {
    names: HashMap<String, Entry<T>>,
    deliver: Deliver,
    pool: Arc<Mutex<Pool>>,
}

/// The names that wait for a thread, and the threads, each of which ends when no name waits.
#[derive(Debug, Default)]
struct Pool {
    waiting: VecDeque<(String, Family)>,
    threads: usize,
    closed: bool,
}

impl<T> Drop for Resolver<T> {
    fn drop(&mut self) {
        let mut pool = self.pool.lock();
        pool.closed = true;
        pool.waiting.clear();
    }
}

impl<T> Resolver<T> {
    /// A resolver without a thread: the first name starts one.
    pub(crate) fn new(deliver: Deliver) -> Resolver<T> {
        Resolver { names: HashMap::new(), deliver, pool: Arc::default() }
    }

    /// The answer, if it is known; else `asker` comes back from [`Resolver::answered`]. `host` is a
    /// name or an address without brackets. Never blocks.
    pub(crate) fn ask(&mut self, now: Instant, host: &str, look_up: LookUp, asker: T) -> Option<Answer> {
        let LookUp { family, servers, reuse } = look_up;
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Some(literal(ip, family));
        }
        if host.is_empty() || host.len() > dns::LONGEST || host.contains('\0') {
            return Some(Err(DnsError::InvalidName.to_string()));
        }
        let name = if servers { format!("{SERVICE}{host}") } else { host.to_owned() }.to_ascii_lowercase();
        match self.names.get_mut(&name) {
            Some(Entry::Known(answer, until)) if reuse && now < *until => return Some(answer.clone()),
            Some(Entry::Asked(askers)) => {
                askers.push(asker);
                return None;
            }
            _ => {}
        }
        if self.names.len() >= NAMES {
            self.names.retain(|_, entry| matches!(entry, Entry::Asked(_)));
            if self.names.len() >= NAMES {
                return Some(Err(format!("{host}: {}", DnsError::Busy)));
            }
        }
        if let Err(e) = self.start((name.clone(), family)) {
            return Some(Err(format!("{host}: no thread for the look-up: {}", error_text(&e))));
        }
        self.names.insert(name, Entry::Asked(vec![asker]));
        None
    }

    /// Remembers an answer; the askers of those who asked.
    pub(crate) fn answered(&mut self, now: Instant, name: &str, answer: Answer) -> Vec<T> {
        match self.names.insert(name.to_owned(), Entry::Known(answer, now + dns::ADDRESS_TTL)) {
            Some(Entry::Asked(askers)) => askers,
            _ => Vec::new(),
        }
    }

    /// Has a thread look `question` up. Errors: there is none, and none can be started.
    fn start(&mut self, question: (String, Family)) -> io::Result<()> {
        {
            let mut pool = self.pool.lock();
            pool.waiting.push_back(question);
            if pool.threads == THREADS {
                return Ok(());
            }
            pool.threads += 1;
        }
        let mut worker = Worker { pool: Arc::clone(&self.pool), counted: true };
        let deliver = Arc::clone(&self.deliver);
        let started = spawn_without_signals("register-names", move || worker.run(&deliver));
        let mut pool = self.pool.lock();
        match started {
            Err(error) if pool.threads == 0 => {
                pool.waiting.pop_back();
                Err(error)
            }
            // Without a new one, those that are there come to it.
            _ => Ok(()),
        }
    }
}

/// A thread of the pool.
struct Worker {
    pool: Arc<Mutex<Pool>>,
    /// The pool counts it.
    counted: bool,
}

impl Worker {
    fn run(&mut self, deliver: &Deliver) {
        while let Some((name, family)) = self.next() {
            let found = match name.strip_prefix(SERVICE) {
                Some(domain) => look_up_servers(&name, domain, family),
                None => LookedUp::Addresses(look_up(&name, family)),
            };
            if self.pool.lock().closed {
                break;
            }
            deliver(&name, found);
        }
    }

    /// The next name. Without one it is not counted any more, in one hold of the lock: whoever
    /// comes behind starts another thread.
    fn next(&mut self) -> Option<(String, Family)> {
        let mut pool = self.pool.lock();
        let next = pool.waiting.pop_front();
        if next.is_none() {
            pool.threads -= 1;
            self.counted = false;
        }
        next
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.counted {
            self.pool.lock().threads -= 1;
        }
    }
}

fn literal(ip: IpAddr, family: Family) -> Answer {
    let ip = if family == Family::V6 { ip } else { ip.to_canonical() };
    if family.takes(ip) { Ok(vec![SocketAddr::new(ip, 0)]) } else { Err(udp::mismatch(ip)) }
}

/// The servers that the SRV records at `name` list; the addresses of `domain` itself where there
/// are none.
fn look_up_servers(name: &str, domain: &str, family: Family) -> LookedUp {
    let Ok(Records::Srv { records, .. }) = dns::query(name, RecordKind::Srv) else {
        return LookedUp::Addresses(look_up(domain, family));
    };
    let mut answers = HashMap::new();
    for server in &records {
        if !answers.contains_key(&server.target) {
            answers.insert(server.target.clone(), look_up(&server.target, family));
        }
    }
    LookedUp::Servers(records, answers)
}

fn look_up(name: &str, family: Family) -> Answer {
    dns::addresses(name, family).map_err(|error| format!("{name}: {error}"))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests;
