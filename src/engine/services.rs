//! Look-ups of the services of a domain, each by a thread of its own: whoever wants the answer may
//! wait for it, or come back.

use super::clock;
use crate::agent::{DomainServices, ServicesError, services_of, uri_of_number};
use crate::net::{self, dns, spawn_small_without_signals};
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Look-ups under way at once.
const MOST_LOOKUPS: usize = 64;
/// The longest wait: name servers that are silent are asked several times, for five names.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// What is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServicesQuestion {
    /// The services of this domain.
    Domain(String),
    /// The URI of a telephone number of these digits below this domain.
    Number(String, String),
}

/// The answer to a question, and until when it holds.
pub(super) type ServicesAnswer = (Result<DomainServices, ServicesError>, Instant);

/// A look-up. It goes on when this is dropped, and its answer goes nowhere then.
#[derive(Debug, Clone)]
pub struct ServicesLookup {
    shared: Arc<LookupState>,
    process: u32,
}

#[derive(Debug, Default)]
struct LookupState {
    answer: Mutex<Option<ServicesAnswer>>,
    answered: Condvar,
}

impl ServicesLookup {
    /// Begins to look `question` up. `None`: too many look-ups are under way, or there is no
    /// thread.
    pub fn begin(question: ServicesQuestion) -> Option<Self> {
        if UNDER_WAY.fetch_add(1, Ordering::Relaxed) >= MOST_LOOKUPS {
            UNDER_WAY.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let shared = Arc::<LookupState>::default();
        let theirs = Arc::clone(&shared);
        let started = spawn_small_without_signals("register-names", move || {
            let found = look_up(&question);
            let ttl = match &found {
                Ok(services) => services.ttl,
                Err(ServicesError::Nothing(ttl)) => *ttl,
                Err(ServicesError::Later) => Duration::ZERO,
            };
            *theirs.answer.lock() = Some((found, clock::now() + ttl));
            theirs.answered.notify_all();
            UNDER_WAY.fetch_sub(1, Ordering::Relaxed);
        });
        if started.is_err() {
            UNDER_WAY.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(ServicesLookup { shared, process: net::generation() })
    }

    /// The answer, if it has come; with `waits` once it has come, at most a minute later. In a
    /// process forked from the one that asked it never does.
    pub fn answer(&self, waits: bool) -> Option<ServicesAnswer> {
        if self.process != net::generation() {
            return Some((Err(ServicesError::Later), clock::now()));
        }
        let mut answer = self.shared.answer.lock();
        if waits {
            let is_open = |answer: &mut Option<ServicesAnswer>| answer.is_none();
            self.shared.answered.wait_while_for(&mut answer, is_open, LONGEST_WAIT);
            return Some(answer.clone().unwrap_or((Err(ServicesError::Later), clock::now())));
        }
        answer.clone()
    }
}

/// Whether an answer still holds.
pub fn holds_until(moment: Instant) -> bool {
    clock::now() < moment
}

fn look_up(question: &ServicesQuestion) -> Result<DomainServices, ServicesError> {
    let bits = clock::seed().unwrap_or_default();
    let mut words =
        bits.chunks_exact(4).map(|word| word.iter().fold(0, |n, b| n << 8 | u32::from(*b))).cycle();
    match question {
        ServicesQuestion::Domain(domain) => {
            services_of(domain, &dns::query, &mut || words.next().unwrap_or(0))
        }
        ServicesQuestion::Number(domain, digits) => uri_of_number(domain, digits, &dns::query),
    }
}
