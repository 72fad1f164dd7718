//! Lines on standard error: with `<N>` before them (sd-daemon(3)) where that is the journal, as
//! they are otherwise.

use register::sip::one_printable_line;
use register::trace::{self, TraceLevel};
use std::io::Write as _;
use std::os::linux::fs::MetadataExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

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
            say(priority, record.text);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_priority_for_the_journal_alone_and_stays_one_line() {
        assert_eq!(line(LogPriority::Warning, "a\nb", true), "<4>a?b\n");
        assert_eq!(line(LogPriority::Info, "a", false), "a\n");
    }
}
