//! Lines on standard error: with `<N>` before them (sd-daemon(3)) where that is the journal, as
//! they are otherwise.

use crate::clock;
use register::sip::one_printable_line;
use register::trace::{self, TraceLevel};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::linux::fs::MetadataExt as _;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How serious a line is: the numbers of syslog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum LogPriority {
    Error = 3,
    Warning = 4,
    Notice = 5,
    Info = 6,
    Debug = 7,
}

static MOST: AtomicU8 = AtomicU8::new(LogPriority::Info as u8);
static IS_JOURNAL: AtomicBool = AtomicBool::new(false);

/// Writes lines up to `most`, those of the library too: its warnings, and with `Debug` a line for
/// each message.
pub(crate) fn begin(most: LogPriority) {
    MOST.store(most as u8, Ordering::Relaxed);
    let stream = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    let error = std::fs::metadata("/proc/self/fd/2");
    let own = error.map(|file| format!("{}:{}", file.st_dev(), file.st_ino()));
    IS_JOURNAL.store(own.is_ok_and(|own| own == stream), Ordering::Relaxed);
    let level = if most == LogPriority::Debug { TraceLevel::Info1 } else { TraceLevel::Warning };
    trace::set_sink(
        level,
        Some(Arc::new(|record| {
            let priority = match record.level {
                TraceLevel::Fatal | TraceLevel::Bug | TraceLevel::Error => LogPriority::Error,
                TraceLevel::Warning => LogPriority::Warning,
                _ => LogPriority::Debug,
            };
            if priority <= LogPriority::Warning {
                LIBRARY.say(priority, record.text.to_owned(), || record.text.to_owned());
            } else {
                say(priority, record.text);
            }
        })),
    );
}

/// Writes one line.
pub(crate) fn say(priority: LogPriority, text: &str) {
    if priority as u8 <= MOST.load(Ordering::Relaxed) {
        let line = line(priority, text, IS_JOURNAL.load(Ordering::Relaxed));
        // There is nowhere to say that this failed.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }
}

fn line(priority: LogPriority, text: &str, is_journal: bool) -> String {
    let text = one_printable_line(text);
    if is_journal { format!("<{}>{text}\n", priority as u8) } else { format!("{text}\n") }
}

/// Lines of one kind in a second; the others are counted.
const LINES_PER_SECOND: usize = 20;
/// Different lines that are counted in a second.
const MOST_KINDS: usize = 100;

/// Lines about single accounts.
pub(crate) static ACCOUNTS: LineLimiter = LineLimiter::new("accounts");
/// Lines of the library that are no mere reports.
static LIBRARY: LineLimiter = LineLimiter::new("lines");

/// A second has passed: says how many lines were left out.
pub(crate) fn on_second() {
    let now = clock::now();
    [&ACCOUNTS, &LIBRARY].into_iter().for_each(|limiter| limiter.flush(now));
}

/// Writes few lines in a second, and how many it leaves out: when a server is gone, a hundred
/// thousand accounts have the same to say.
pub(crate) struct LineLimiter {
    what: &'static str,
    state: Mutex<LimiterState>,
}

struct LimiterState {
    begun: Option<Instant>,
    written: usize,
    left_out: BTreeMap<String, usize>,
}

impl LineLimiter {
    const fn new(what: &'static str) -> LineLimiter {
        let state = LimiterState { begun: None, written: 0, left_out: BTreeMap::new() };
        LineLimiter { what, state: Mutex::new(state) }
    }

    /// Writes a line, or counts it as one of its kind.
    pub(crate) fn say(&self, priority: LogPriority, kind: String, line: impl FnOnce() -> String) {
        if self.admits(kind, clock::now()) {
            say(priority, &line());
        }
    }

    fn admits(&self, kind: String, now: Instant) -> bool {
        self.flush(now);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.written < LINES_PER_SECOND {
            state.written += 1;
            return true;
        }
        let is_known = state.left_out.contains_key(&kind) || state.left_out.len() < MOST_KINDS;
        let kind = if is_known { kind } else { "various".to_owned() };
        *state.left_out.entry(kind).or_default() += 1;
        false
    }

    fn flush(&self, now: Instant) {
        for (kind, count) in self.take_left_out(now) {
            say(LogPriority::Warning, &format!("{count} more {}: {kind}", self.what));
        }
    }

    /// What was left out in the second that is over.
    fn take_left_out(&self, now: Instant) -> BTreeMap<String, usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |begun| now.saturating_duration_since(begun) >= Duration::from_secs(1);
        if !state.begun.is_none_or(is_over) {
            return BTreeMap::new();
        }
        (state.begun, state.written) = (Some(now), 0);
        std::mem::take(&mut state.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_priority_for_the_journal_alone_and_stays_one_line() {
        assert_eq!(line(LogPriority::Warning, "a\nb", true), "<4>a?b\n");
        assert_eq!(line(LogPriority::Info, "a", false), "a\n");
    }

    #[test]
    fn a_flood_of_lines_is_counted_and_a_quiet_second_admits_them_again() {
        let limiter = LineLimiter::new("lines");
        let begin = clock::now();
        let admitted = (0..50_000).filter(|_| limiter.admits("gone".to_owned(), begin)).count();
        assert_eq!(admitted, LINES_PER_SECOND);
        for number in 0..1000 {
            limiter.admits(format!("{number}"), begin);
        }
        let left_out = limiter.take_left_out(begin + Duration::from_secs(1));
        assert_eq!(left_out.get("gone"), Some(&(50_000 - LINES_PER_SECOND)));
        assert!(left_out.len() <= MOST_KINDS + 1);
        assert_eq!(left_out.values().sum::<usize>(), 51_000 - LINES_PER_SECOND);
        assert!(limiter.admits("gone".to_owned(), begin + Duration::from_secs(1)));
    }
}
