//! Sinks of the trace that C gives us: a FILE, a function with a va_list, the system log.

use super::ctypes::{osip_trace_func_t, osip_trace_level_t};
use crate::abi::door::Failure;
use crate::trace::{self, Record, Sink, TraceLevel};
use libc::{FILE, c_char, c_int, c_uint, c_void};
use std::ffi::{CStr, CString};
use std::sync::Arc;

/// What the function type stands for; a va_list is passed as a pointer on x86-64 and on AArch64.
type Function = unsafe extern "C" fn(*const c_char, c_int, osip_trace_level_t, *const c_char, *mut c_void);

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
        // SAFETY: the application keeps the stream open while it is the trace's; a line is one call, ended by NUL.
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
    c_text(&format!("|{}| {} <{file}:{line:>5}> {}\n", NAMES[*level as usize], now(), text.trim_end()))
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

/// Calls the application's function with each line and its line end, as the value of the format `%s`.
pub(super) fn to_function(function: *mut osip_trace_func_t) -> Option<Sink> {
    // SAFETY: by its type in C, NULL or such a function; Option has NULL for None.
    let function = unsafe { std::mem::transmute::<*mut c_void, Option<Function>>(function) }?;
    Some(Arc::new(move |record: &Record<'_>| {
        let (file, text) = (c_text(record.file), c_text(&format!("{}\n", record.text)));
        let line = c_int::try_from(record.line).unwrap_or(c_int::MAX);
        let mut value = text.as_ptr();
        let mut values = Values::one(&mut value);
        // SAFETY: a function of that type; all that it gets lives until it returns.
        unsafe {
            function(file.as_ptr(), line, record.level as c_uint, c"%s".as_ptr(), (&raw mut values).cast());
        }
    }))
}

/// A va_list of x86-64 (System V ABI 3.5.7) whose registers are used up, so that the next value is in memory.
#[cfg(not(target_arch = "aarch64"))]
#[repr(C)]
struct Values {
    gp_offset: c_uint,
    fp_offset: c_uint,
    overflow: *mut c_void,
    registers: *mut c_void,
}

#[cfg(not(target_arch = "aarch64"))]
impl Values {
    fn one(value: &mut *const c_char) -> Self {
        let overflow = std::ptr::from_mut(value).cast();
        Self { gp_offset: 48, fp_offset: 176, overflow, registers: std::ptr::null_mut() }
    }
}

/// A va_list of AArch64 (AAPCS64 appendix B) whose registers are used up.
#[cfg(target_arch = "aarch64")]
#[repr(C)]
struct Values {
    stack: *mut c_void,
    gr_top: *mut c_void,
    vr_top: *mut c_void,
    gr_offs: c_int,
    vr_offs: c_int,
}

#[cfg(target_arch = "aarch64")]
impl Values {
    fn one(value: &mut *const c_char) -> Self {
        let stack = std::ptr::from_mut(value).cast();
        Self { stack, gr_top: std::ptr::null_mut(), vr_top: std::ptr::null_mut(), gr_offs: 0, vr_offs: 0 }
    }
}

/// What `osip_trace` does once its values are a va_list.
///
/// # Safety
/// As vsnprintf: the values are those that the format asks for.
unsafe extern "C" fn formatted(
    file: *const c_char,
    line: c_int,
    number: osip_trace_level_t,
    _stream: *mut FILE,
    format: *const c_char,
    values: *mut c_void,
) {
    unsafe extern "C" {
        fn vsnprintf(to: *mut c_char, size: usize, format: *const c_char, values: *mut c_void) -> c_int;
    }
    door!(|c| {
        let level = level(number).filter(|level| trace::enabled(*level)).ok_or(Failure::BadParameter)?;
        c.need(format)?;
        let mut buffer = [0_u8; 2048];
        // SAFETY: room for the size given; the rest is the caller's promise.
        let written = unsafe { vsnprintf(buffer.as_mut_ptr().cast(), buffer.len(), format, values) };
        let length = usize::try_from(written).unwrap_or(0).min(buffer.len() - 1);
        let text = String::from_utf8_lossy(&buffer[..length]);
        let file = String::from_utf8_lossy(c.text(file).unwrap_or_default());
        trace::log(level, &file, line.unsigned_abs(), text.trim_end());
        Ok(())
    })
}

/// `osip_trace(file, line, level, stream, format, …)`: turns its values into a va_list (System V ABI 3.5.7).
#[cfg(target_arch = "x86_64")]
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub(super) unsafe extern "C" fn osip_trace() {
    std::arch::naked_asm!(
        "sub rsp, 216",
        // The register save area at rsp + 32: six words, of which the format was the fifth, and eight vectors.
        "mov [rsp + 72], r9",
        "test al, al",
        "je 2f",
        "movaps [rsp + 80], xmm0",
        "movaps [rsp + 96], xmm1",
        "movaps [rsp + 112], xmm2",
        "movaps [rsp + 128], xmm3",
        "movaps [rsp + 144], xmm4",
        "movaps [rsp + 160], xmm5",
        "movaps [rsp + 176], xmm6",
        "movaps [rsp + 192], xmm7",
        "2:",
        // The va_list at rsp.
        "mov dword ptr [rsp], 40",
        "mov dword ptr [rsp + 4], 48",
        "lea rax, [rsp + 224]",
        "mov [rsp + 8], rax",
        "lea rax, [rsp + 32]",
        "mov [rsp + 16], rax",
        "mov r9, rsp",
        "call {formatted}",
        "xor eax, eax",
        "add rsp, 216",
        "ret",
        formatted = sym formatted,
    )
}

/// `osip_trace(file, line, level, stream, format, …)`: turns its values into a va_list (AAPCS64 appendix B).
#[cfg(target_arch = "aarch64")]
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub(super) unsafe extern "C" fn osip_trace() {
    std::arch::naked_asm!(
        "stp x29, x30, [sp, #-208]!",
        "mov x29, sp",
        // The registers that may hold values: x5 to x7 up to sp + 72, q0 to q7 from sp + 80 on.
        "stp x5, x6, [sp, #48]",
        "str x7, [sp, #64]",
        "stp q0, q1, [sp, #80]",
        "stp q2, q3, [sp, #112]",
        "stp q4, q5, [sp, #144]",
        "stp q6, q7, [sp, #176]",
        // The va_list at sp + 16.
        "add x9, sp, #208",
        "str x9, [sp, #16]",
        "add x10, sp, #72",
        "str x10, [sp, #24]",
        "str x9, [sp, #32]",
        "mov w11, #-24",
        "str w11, [sp, #40]",
        "mov w11, #-128",
        "str w11, [sp, #44]",
        "add x5, sp, #16",
        "bl {formatted}",
        "mov w0, wzr",
        "ldp x29, x30, [sp], #208",
        "ret",
        formatted = sym formatted,
    )
}
