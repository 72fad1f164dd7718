//! Questions to the DNS, each asked by a thread that hands over the answer.

use super::dns;
use super::error_text::error_text;
use super::thread::spawn_without_signals;
use crate::transport::{DnsError, QueryId, RecordKind, Records};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

/// Called on a thread of the resolver with the answer to each question.
pub(crate) type Deliver = Arc<dyn Fn(QueryId, Result<Records, DnsError>) + Send + Sync>;

/// Questions that wait for a thread.
const WAITING: usize = 1024;
/// Questions asked at once: one that takes long does not hold up the others.
const THREADS: usize = 8;

/// Questions under way. It remembers no answer: whoever asks does.
///
/// When it is dropped nothing is delivered any more; look-ups under way are not waited for.
pub(crate) struct Resolver {
    deliver: Deliver,
    pool: Arc<Mutex<Pool>>,
}

/// What is asked.
#[derive(Debug)]
struct DnsQuery {
    query: QueryId,
    name: String,
    kind: RecordKind,
}

/// The questions that wait for a thread, and the threads, each of which ends when none waits.
#[derive(Debug, Default)]
struct Pool {
    waiting: VecDeque<DnsQuery>,
    threads: usize,
    closed: bool,
}

impl Drop for Resolver {
    fn drop(&mut self) {
        let mut pool = self.pool.lock();
        pool.closed = true;
        pool.waiting.clear();
    }
}

impl Resolver {
    /// A resolver without a thread: the first question starts one.
    pub(crate) fn new(deliver: Deliver) -> Resolver {
        Resolver { deliver, pool: Arc::default() }
    }

    /// Asks for the records of `kind` at `name`; never blocks. Errors: it cannot be asked, and
    /// nothing is delivered.
    pub(crate) fn ask(
        &mut self,
        query: QueryId,
        name: String,
        kind: RecordKind,
    ) -> Result<(), DnsError> {
        {
            let mut pool = self.pool.lock();
            if pool.waiting.len() >= WAITING {
                return Err(DnsError::Busy);
            }
            pool.waiting.push_back(DnsQuery { query, name, kind });
            if pool.threads == THREADS {
                return Ok(());
            }
            pool.threads += 1;
        }
        self.start().map_err(|error| {
            DnsError::System(format!("no thread for the look-up: {}", error_text(&error)))
        })
    }

    /// Starts a thread. Errors: there is none, and the last question is not asked.
    fn start(&mut self) -> io::Result<()> {
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
        while let Some(DnsQuery { query, name, kind }) = self.next() {
            let answer = dns::query(&name, kind);
            if self.pool.lock().closed {
                break;
            }
            deliver(query, answer);
        }
    }

    /// The next question. Without one it is not counted any more, in one hold of the lock: whoever
    /// comes behind starts another thread.
    fn next(&mut self) -> Option<DnsQuery> {
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

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests;
