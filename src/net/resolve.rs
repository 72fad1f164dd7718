//! Questions to the DNS, each asked by a thread that hands over the answer.
//!
//! A look-up of the C library blocks its thread for as long as the name servers are silent. So the
//! threads become more while questions wait behind such look-ups, and no name waits for another.

use super::dns;
use super::error_text::error_text;
use super::fork;
use super::resolve_queue::{DnsQuery, QueryQueue};
use super::thread::spawn_small_without_signals;
use crate::transport::{DnsError, QueryId, RecordKind, Records};
use parking_lot::{Condvar, Mutex};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Called on a thread of the resolver with the answer to each question.
pub(crate) type Deliver = Arc<dyn Fn(QueryId, Result<Records, DnsError>) + Send + Sync>;

/// What asks, and blocks meanwhile.
type Ask = Box<dyn Fn(&str, RecordKind) -> Result<Records, DnsError> + Send + Sync>;

/// Questions asked at once while answers come quickly.
const THREADS: usize = 16;
/// Questions asked at once while name servers are silent.
const MOST_THREADS: usize = 1024;
/// Where a question has waited for so long, there are twice as many threads.
const LONGEST_WAIT: Duration = Duration::from_millis(50);

/// Questions under way. It remembers no answer: whoever asks does.
///
/// When it is dropped nothing is delivered any more; look-ups under way are not waited for.
pub(crate) struct Resolver {
    shared: Arc<PoolShared>,
    /// The process whose threads ask, see [`fork::generation`].
    process: u32,
}

/// What the threads share.
struct PoolShared {
    deliver: Deliver,
    ask: Ask,
    pool: Mutex<Pool>,
    /// The pool is closed.
    closing: Condvar,
}

/// The questions that wait for a thread, and the threads, each of which ends when none waits.
#[derive(Debug, Default)]
struct Pool {
    queue: QueryQueue,
    threads: usize,
    /// A thread watches how long questions wait.
    is_watched: bool,
    is_closed: bool,
}

impl Drop for Resolver {
    fn drop(&mut self) {
        // In a forked process there are no threads, and whoever held the lock is not there either.
        if self.process != fork::generation() {
            return;
        }
        let mut pool = self.shared.pool.lock();
        pool.is_closed = true;
        pool.queue = QueryQueue::default();
        self.shared.closing.notify_all();
    }
}

impl Resolver {
    /// A resolver without a thread: the first question starts one.
    pub(crate) fn new(deliver: Deliver) -> Resolver {
        Resolver::asking_by(Box::new(dns::query), deliver)
    }

    fn asking_by(ask: Ask, deliver: Deliver) -> Resolver {
        let (pool, closing) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(PoolShared { deliver, ask, pool, closing });
        Resolver { shared, process: fork::generation() }
    }

    /// Asks for the records of `kind` at `name`; never blocks. Errors: it cannot be asked, and
    /// nothing is delivered.
    pub(crate) fn ask(
        &mut self,
        query: QueryId,
        name: String,
        kind: RecordKind,
    ) -> Result<(), DnsError> {
        let starts = {
            let mut pool = self.shared.pool.lock();
            pool.queue.push(DnsQuery::new(query, name, kind))?;
            let starts = pool.threads < THREADS;
            pool.threads += usize::from(starts);
            starts
        };
        if !starts {
            self.shared.watch();
            return Ok(());
        }
        let started = self.shared.start();
        let mut pool = self.shared.pool.lock();
        match started {
            Err(error) if pool.threads == 0 => {
                pool.queue.remove(query);
                let error = error_text(&error);
                Err(DnsError::System(format!("no thread for the look-up: {error}")))
            }
            // Without a new one, those that are there come to it.
            _ => Ok(()),
        }
    }
}

impl PoolShared {
    /// Starts a thread that the pool counts already. Errors: there is none.
    fn start(self: &Arc<Self>) -> io::Result<()> {
        // It is not counted any more where it does not start.
        let mut worker = Worker { shared: Arc::clone(self), is_counted: true };
        spawn_small_without_signals("register-names", move || worker.run()).map(drop)
    }

    /// Has a thread watch how long questions wait, if none does. Without one, they wait longer.
    fn watch(self: &Arc<Self>) {
        if std::mem::replace(&mut self.pool.lock().is_watched, true) {
            return;
        }
        let shared = Arc::clone(self);
        if spawn_small_without_signals("register-names", move || shared.grow()).is_err() {
            self.pool.lock().is_watched = false;
        }
    }

    /// Starts more threads until no question waits for long.
    fn grow(self: Arc<Self>) {
        let mut pool = self.pool.lock();
        while !pool.is_closed {
            let Some(first) = pool.queue.first() else { break };
            self.closing.wait_for(&mut pool, LONGEST_WAIT);
            if pool.queue.first() != Some(first) {
                continue;
            }
            let more = pool.threads.min(MOST_THREADS - pool.threads).min(pool.queue.len());
            pool.threads += more;
            drop(pool);
            for _ in 0..more {
                // The system may have no more threads: those that are there go on.
                let _ = self.start();
            }
            pool = self.pool.lock();
        }
        pool.is_watched = false;
    }
}

/// A thread of the pool.
struct Worker {
    shared: Arc<PoolShared>,
    /// The pool counts it.
    is_counted: bool,
}

impl Worker {
    fn run(&mut self) {
        while let Some(asked) = self.next() {
            let (query, answer) = (asked.query, (self.shared.ask)(&asked.name, asked.kind));
            let mut pool = self.shared.pool.lock();
            if pool.is_closed {
                break;
            }
            pool.queue.answered(asked, &answer);
            drop(pool);
            (self.shared.deliver)(query, answer);
        }
    }

    /// The next question. Without one it is not counted any more, in one hold of the lock: whoever
    /// comes behind starts another thread.
    fn next(&mut self) -> Option<DnsQuery> {
        let mut pool = self.shared.pool.lock();
        let next = pool.queue.pop();
        if next.is_none() {
            pool.threads -= 1;
            self.is_counted = false;
        }
        next
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.is_counted {
            self.shared.pool.lock().threads -= 1;
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests;
