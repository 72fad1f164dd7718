//! The trace between C and this library: lines of `osip_trace`, and the sinks that C gives: a FILE,
//! a function with a va_list, the system log.

use super::ctypes::{osip_trace_func_t, osip_trace_level_t};
use crate::abi::ffi::Failure;
use crate::engine::CancelGuard;
use crate::trace::{self, Record, Sink, TraceLevel};
use libc::{FILE, c_char, c_int};
use std::ffi::{CStr, CString};
use std::sync::Arc;

// Of src/c/trace.c.
unsafe extern "C" {
    fn register_trace_connect(
        is_on: unsafe extern "C" fn(osip_trace_level_t) -> c_int,
        line: unsafe extern "C" fn(*const c_char, c_int, osip_trace_level_t, *const c_char),
    );
    fn register_call_trace_function(
        function: *mut osip_trace_func_t,
        file: *const c_char,
        line: c_int,
        level: osip_trace_level_t,
        text: *const c_char,
    );
}

/// Has the lines of `osip_trace` come here. Before this was called, they go nowhere.
pub(crate) fn connect() {
    // SAFETY: functions that live for good.
    unsafe { register_trace_connect(is_on, take_line) };
}

unsafe extern "C" fn is_on(number: osip_trace_level_t) -> c_int {
    c_int::from(level(number).is_some_and(trace::enabled))
}

/// A line of `osip_trace`, with its values in it.
unsafe extern "C" fn take_line(
    file: *const c_char,
    line: c_int,
    number: osip_trace_level_t,
    text: *const c_char,
) {
    let _uncancelled = CancelGuard::begin();
    ffi!(|c| {
        let level = level(number).ok_or(Failure::BadParameter)?;
        let text = String::from_utf8_lossy(c.need(text)?);
        let file = String::from_utf8_lossy(c.text(file).unwrap_or_default());
        trace::log(level, &file, line.unsigned_abs(), text.trim_end());
        Ok(())
    })
}

/// `osip_trace(file, line, level, stream, format, …)` for a program that is linked with the static
/// library: it has the format without its values. In the shared library this name leads to
/// register_osip_trace of src/c/trace.c.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn osip_trace(
    file: *const c_char,
    line: c_int,
    number: osip_trace_level_t,
    _stream: *mut FILE,
    format: *const c_char,
) -> c_int {
    // SAFETY: texts by the caller's promise.
    if unsafe { is_on(number) } != 0 {
        // SAFETY: the same.
        unsafe { take_line(file, line, number, format) };
    }
    0
}

const LEVELS: [TraceLevel; 8] = [
    TraceLevel::Fatal,
    TraceLevel::Bug,
    TraceLevel::Error,
    TraceLevel::Warning,
    TraceLevel::Info1,
    TraceLevel::Info2,
    TraceLevel::Info3,
    TraceLevel::Info4,
];

/// The level of that number.
pub(super) fn level(number: osip_trace_level_t) -> Option<TraceLevel> {
    LEVELS.get(number as usize).copied()
}

/// Switches on exactly the levels below `end`.
pub(super) fn only_below(end: osip_trace_level_t) {
    connect();
    for level in LEVELS {
        trace::set_level(level, (level as osip_trace_level_t) < end);
    }
}

/// Sends the levels below `end` to `sink`.
pub(super) fn start(end: osip_trace_level_t, sink: Option<Sink>) {
    trace::set_sink(TraceLevel::Info4, sink);
    only_below(end);
}

/// A pointer of the application's, which says by giving it that any thread may use it.
struct Given<T>(*mut T);
// SAFETY: stdio streams lock themselves; see above.
unsafe impl<T> Send for Given<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Given<T> {}

fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', " ")).unwrap_or_default()
}

/// Writes each line to a stream; NULL is standard output.
pub(super) fn to_file(file: *mut FILE) -> Sink {
    let file = Given(file);
    Arc::new(move |record: &Record<'_>| {
        let whole = &file;
        let line = line(record);
        // SAFETY: the application keeps the stream open while it is the trace's; a line is one
        // call, ended by NUL.
        unsafe {
            if whole.0.is_null() {
                libc::printf(c"%s".as_ptr(), line.as_ptr());
                libc::fflush(std::ptr::null_mut());
            } else {
                libc::fputs(line.as_ptr(), whole.0);
                libc::fflush(whole.0);
            }
        }
    })
}

/// `| INFO1 | 2026-11-21 00:29:01.349 <agent:   17> text`
fn line(record: &Record<'_>) -> CString {
    const NAMES: [&str; 8] =
        [" FATAL ", "  BUG  ", " ERROR ", "WARNING", " INFO1 ", " INFO2 ", " INFO3 ", " INFO4 "];
    let Record { level, file, line, text } = record;
    c_text(&format!(
        "|{}| {} <{file}:{line:>5}> {}\n",
        NAMES[*level as usize],
        now(),
        text.trim_end()
    ))
}

/// The local time of day.
fn now() -> String {
    // SAFETY: both write plain structs of ours; zero bytes are valid ones.
    let (time, date) = unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        let mut date: libc::tm = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut time);
        libc::localtime_r(&raw const time.tv_sec, &raw mut date);
        (time, date)
    };
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}",
        date.tm_year + 1900,
        date.tm_mon + 1,
        date.tm_mday,
        date.tm_hour,
        date.tm_min,
        date.tm_sec,
        time.tv_nsec / 1_000_000
    )
}

/// Writes each line to the system log. `ident` NULL: the program's name.
pub(super) fn to_syslog(ident: Option<&CStr>) -> Sink {
    if let Some(ident) = ident {
        // openlog keeps the pointer for good.
        let ident: &'static CStr = Box::leak(ident.to_owned().into_boxed_c_str());
        // SAFETY: a text that lives for good.
        unsafe { libc::openlog(ident.as_ptr(), libc::LOG_CONS | libc::LOG_PID, libc::LOG_DAEMON) };
    }
    Arc::new(|record: &Record<'_>| {
        const PRIORITIES: [c_int; 8] = [
            libc::LOG_CRIT,
            libc::LOG_CRIT,
            libc::LOG_ERR,
            libc::LOG_WARNING,
            libc::LOG_INFO,
            libc::LOG_INFO,
            libc::LOG_DEBUG,
            libc::LOG_DEBUG,
        ];
        let text = c_text(&format!("<{}: {}> {}", record.file, record.line, record.text));
        // SAFETY: a format with one text, which ends with NUL.
        unsafe { libc::syslog(PRIORITIES[record.level as usize], c"%s".as_ptr(), text.as_ptr()) };
    })
}

/// Calls the application's function with each line and its line end, as the value of the format
/// `%s`.
pub(super) fn to_function(function: *mut osip_trace_func_t) -> Option<Sink> {
    if function.is_null() {
        return None;
    }
    let function = Given(function);
    Some(Arc::new(move |record: &Record<'_>| {
        let whole = &function;
        let (file, text) = (c_text(record.file), c_text(&format!("{}\n", record.text)));
        let line = c_int::try_from(record.line).unwrap_or(c_int::MAX);
        // SAFETY: by its type in C, such a function; all that it gets lives until it returns.
        unsafe {
            register_call_trace_function(
                whole.0,
                file.as_ptr(),
                line,
                record.level as osip_trace_level_t,
                text.as_ptr(),
            );
        }
    }))
}
