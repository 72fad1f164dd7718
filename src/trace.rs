//! Levels and sinks of log lines. Nothing is printed by default; `REGISTER_TRACE=1…7` in the
//! environment prints to standard error.

use parking_lot::RwLock;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Once};
use std::time::SystemTime;

/// How serious a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum TraceLevel {
    /// The program cannot go on.
    Fatal = 0,
    /// A defect of the library.
    Bug = 1,
    /// Something is wrong that the program or its user should know.
    Error = 2,
    /// Something unusual that was handled.
    Warning = 3,
    /// What happens: one line for each message.
    Info1 = 4,
    /// More of it.
    Info2 = 5,
    /// Whole messages.
    Info3 = 6,
    /// All there is.
    Info4 = 7,
}

/// One line for a sink.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// How serious.
    pub level: TraceLevel,
    /// The module that wrote it, or the file that C names.
    pub file: &'a str,
    /// Its line.
    pub line: u32,
    /// The text, without line end. Each further line of it begins with four blanks, and no other
    /// control character but a tab is in it.
    pub text: &'a str,
}

/// Gets lines. Called without any lock of ours.
pub type Sink = Arc<dyn Fn(&Record<'_>) + Send + Sync>;

/// One bit for each level; [`UNREAD`] while the environment was not read yet.
static MASK: AtomicU32 = AtomicU32::new(UNREAD);
static SINK: RwLock<Option<Sink>> = RwLock::new(None);
static ENVIRONMENT: Once = Once::new();
const UNREAD: u32 = 1 << 31;
/// What each further line of a text begins with: no sink begins a line of its own so.
const INDENT: &str = "    ";

/// Sends every line up to `level` to `sink`, or stops with `None`. Overrides the environment.
pub fn set_sink(level: TraceLevel, sink: Option<Sink>) {
    read_environment();
    let mask = if sink.is_some() { up_to(level as u32) } else { 0 };
    let before = {
        let mut current = SINK.write();
        MASK.store(mask, Ordering::Relaxed);
        std::mem::replace(&mut *current, sink)
    };
    // Dropping it may run code of the application: the lock is free.
    drop(before);
}

/// Switches one level on or off, as `osip_trace_enable_level` and `osip_trace_disable_level`.
pub fn set_level(level: TraceLevel, on: bool) {
    read_environment();
    if on {
        MASK.fetch_or(bit(level), Ordering::Relaxed);
    } else {
        MASK.fetch_and(!bit(level), Ordering::Relaxed);
    }
}

/// Whether a line of this level would be taken: one atomic load.
pub fn enabled(level: TraceLevel) -> bool {
    let mut mask = MASK.load(Ordering::Relaxed);
    if mask & UNREAD != 0 {
        read_environment();
        mask = MASK.load(Ordering::Relaxed);
    }
    mask & bit(level) != 0
}

/// Gives a line to the sink. Call it without a lock. The text is never read as a format, and what
/// it quotes of a message can neither look like another line nor command a terminal.
pub fn log(level: TraceLevel, file: &str, line: u32, text: &str) {
    if !enabled(level) {
        return;
    }
    let sink = SINK.read().clone();
    if let Some(sink) = sink {
        sink(&Record { level, file, line, text: &escaped(text) });
    }
}

/// The text with its further lines indented and control characters escaped.
pub fn escaped(text: &str) -> Cow<'_, str> {
    let text = text.trim_end_matches(['\r', '\n']);
    if !text.chars().any(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 64);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                out.push(c);
                out.push_str(INDENT);
            }
            '\t' => out.push(c),
            c if is_unprintable(c) => {
                let _ = write!(out, "{}", c.escape_default());
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a character ends a line, commands a terminal or turns the direction of a text: C0, C1,
/// and the separators and directional formatting of Unicode.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn bit(level: TraceLevel) -> u32 {
    1 << level as u32
}

fn up_to(level: u32) -> u32 {
    (1 << (level + 1)) - 1
}

/// Reads `REGISTER_TRACE`, once in the life of the process.
fn read_environment() {
    ENVIRONMENT.call_once(|| {
        let mask = wanted(std::env::var("REGISTER_TRACE").ok().as_deref());
        if mask != 0 {
            *SINK.write() = Some(Arc::new(print));
        }
        MASK.store(mask, Ordering::Relaxed);
    });
}

/// The levels that `REGISTER_TRACE` asks for; none for what is no number from 1 to 7.
fn wanted(value: Option<&str>) -> u32 {
    let level = value.and_then(|v| v.trim().parse().ok()).filter(|n| (1..=7).contains(n));
    level.map_or(0, up_to)
}

fn print(record: &Record<'_>) {
    let line = line(record, now());
    // Standard error may be closed: that is no reason to fail.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

#[allow(
    clippy::disallowed_methods,
    reason = "a log line shows the time of day; nothing is decided by it"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

/// `13:05:59.123 INFO1 | engine:17 | text`, the time of day in UTC.
fn line(record: &Record<'_>, at: SystemTime) -> String {
    let name = match record.level {
        TraceLevel::Fatal => "FATAL",
        TraceLevel::Bug => "BUG",
        TraceLevel::Error => "ERROR",
        TraceLevel::Warning => "WARNING",
        TraceLevel::Info1 => "INFO1",
        TraceLevel::Info2 => "INFO2",
        TraceLevel::Info3 => "INFO3",
        TraceLevel::Info4 => "INFO4",
    };
    let ms = at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_millis() % 86_400_000);
    let (s, ms) = (ms / 1000, ms % 1000);
    let Record { file, line, text, .. } = record;
    format!(
        "{:02}:{:02}:{:02}.{ms:03} {name} | {file}:{line} | {text}\n",
        s / 3600,
        s / 60 % 60,
        s % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;
    use std::time::Duration;

    /// One test for all that is process-wide, so that tests do not disturb each other.
    #[test]
    fn a_sink_gets_the_levels_it_asked_for_and_the_text_as_it_is() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&lines);
        let me = std::thread::current().id();
        let sink = move |r: &Record<'_>| {
            if std::thread::current().id() == me {
                // A sink may call this module: no lock is held.
                set_level(TraceLevel::Info4, false);
                taken.lock().push((r.level, r.text.to_owned()));
            }
        };
        set_sink(TraceLevel::Error, Some(Arc::new(sink)));
        assert!(
            enabled(TraceLevel::Fatal)
                && enabled(TraceLevel::Error)
                && !enabled(TraceLevel::Warning)
        );
        log(TraceLevel::Error, "trace", 1, "100 %s %n");
        log(TraceLevel::Warning, "trace", 2, "not wanted");
        set_level(TraceLevel::Info1, true);
        log(TraceLevel::Info1, "trace", 3, "wanted");
        set_level(TraceLevel::Info1, false);
        log(TraceLevel::Info1, "trace", 4, "no more");
        let expected =
            [(TraceLevel::Error, "100 %s %n".to_owned()), (TraceLevel::Info1, "wanted".to_owned())];
        assert_eq!(*lines.lock(), expected);
        set_sink(TraceLevel::Info4, None);
        log(TraceLevel::Fatal, "trace", 5, "without a sink");
        assert_eq!(lines.lock().len(), 2);
        assert_eq!(Arc::strong_count(&lines), 1, "the sink is dropped");
    }

    #[test]
    fn no_line_of_a_message_looks_like_a_line_of_the_log() {
        let forged = "13:05:59.123 ERROR | engine:1 | forged";
        let message = format!("<- peer 99 bytes\nMESSAGE sip:a SIP/2.0\r\n\r\n{forged}\r\n");
        let text = escaped(&message);
        assert_eq!(
            text,
            format!("<- peer 99 bytes\n    MESSAGE sip:a SIP/2.0\n    \n    {forged}")
        );
        let other_ends = ['\r', '\x0b', '\x0c', '\u{85}', '\u{2028}', '\u{2029}'];
        for end in other_ends {
            let text = escaped(&format!("a{end}{forged}")).into_owned();
            assert!(!text.contains(end), "{text:?}");
        }
    }

    #[test]
    fn control_characters_of_c0_and_c1_are_escaped() {
        assert_eq!(escaped("a\x1b[2Jb\r\nc\td\0"), "a\\u{1b}[2Jb\n    c\td\\u{0}");
        let controls = (0..0x20).chain(0x7f..0xa0).filter(|c| !matches!(c, 9 | 10));
        for c in controls.filter_map(char::from_u32) {
            assert_eq!(escaped(&format!("a{c}b")), format!("a{}b", c.escape_default()));
        }
        assert_eq!(escaped("a\u{202e}b"), "a\\u{202e}b", "right to left");
        assert!(matches!(escaped("Telef\u{f3}nica 100 %s"), Cow::Borrowed(_)));
    }

    #[test]
    fn the_environment_sets_the_level_by_a_number_from_1_to_7() {
        assert_eq!(wanted(None), 0);
        assert_eq!(wanted(Some("")), 0);
        assert_eq!(wanted(Some("8")), 0);
        assert_eq!(wanted(Some("-1")), 0);
        assert_eq!(wanted(Some("3")), 0b1111);
        assert_eq!(wanted(Some(" 7 ")), 0b1111_1111);
    }

    #[test]
    fn a_line_shows_time_level_source_and_text() {
        let record = Record { level: TraceLevel::Warning, file: "engine", line: 17, text: "slow" };
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(86_400_000 * 3 + 47_159_123);
        assert_eq!(line(&record, at), "13:05:59.123 WARNING | engine:17 | slow\n");
    }
}
