//! `<osipparser2/osip_port.h>`: memory, text and trace.

use super::ctypes::{
    osip_free_func_t, osip_malloc_func_t, osip_realloc_func_t, osip_trace_func_t,
    osip_trace_level_t,
};
use super::text::{self, is_space};
use super::tracing;
use crate::abi::cancelable::{nanosleep, was_interrupted};
use crate::abi::ffi::{Caller, Failure};
use crate::cmem::{self, CText, FreeFunc, MallocFunc, ReallocFunc};
use crate::engine::CancelGuard;
use crate::trace;
use libc::{FILE, c_char, c_int, c_uint, c_ulong, c_void};
use std::ffi::CStr;

/// Sets what the library allocates with; NULL for malloc, realloc and free. Call it before
/// everything else, with three functions that belong together. Like those they are no cancelation
/// points.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_set_allocators(
    malloc_func: *mut osip_malloc_func_t,
    realloc_func: *mut osip_realloc_func_t,
    free_func: *mut osip_free_func_t,
) {
    // SAFETY: by their types in C, NULL or functions of these types, and called before everything
    // else.
    unsafe {
        cmem::set_functions(
            std::mem::transmute::<*mut c_void, Option<MallocFunc>>(malloc_func),
            std::mem::transmute::<*mut c_void, Option<ReallocFunc>>(realloc_func),
            std::mem::transmute::<*mut c_void, Option<FreeFunc>>(free_func),
        );
    }
}

/// A random number of 31 bits from the operating system; 0 where that fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_build_random_number() -> c_uint {
    let _uncancelled = CancelGuard::begin();
    ffi!(|_c| {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).map_err(|_| Failure::Undefined)?;
        Ok(c_uint::from_ne_bytes(bytes) >> 1)
    })
}

/// Sleeps for so many microseconds; not at all for 0 and less. A cancelation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn osip_usleep(useconds: c_int) {
    if useconds < 0 {
        return;
    }
    let mut left = libc::timespec {
        tv_sec: (useconds / 1_000_000).into(),
        tv_nsec: (useconds % 1_000_000 * 1000).into(),
    };
    // SAFETY: a time of ours, which is also where the rest goes when a signal comes in between.
    while unsafe { nanosleep(&raw const left, &raw mut left) } != 0 && was_interrupted() {}
}

/// The number at the start of a text, as atoi; -1 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_atoi(number: *const c_char) -> c_int {
    ffi!(|c| {
        let text = c.text(number).ok_or(Failure::Undefined)?.trim_ascii_start();
        let (sign, digits) = match text.split_first() {
            Some((b'-', digits)) => (-1, digits),
            Some((b'+', digits)) => (1, digits),
            _ => (1, text),
        };
        let digits = digits.iter().take_while(|b| b.is_ascii_digit());
        let value =
            digits.fold(0_i64, |n, b| n.saturating_mul(10).saturating_add(i64::from(b - b'0')));
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a number that is too large wraps, as with atoi"
        )]
        Ok((sign * value) as c_int)
    })
}

/// Compares without case up to `most` bytes, as C does; NULL comes before all texts.
fn compare(c: Caller<'_>, a: *const c_char, b: *const c_char, most: usize) -> c_int {
    let (Some(a), Some(b)) = (c.text(a), c.text(b)) else {
        return c_int::from(!a.is_null()) - c_int::from(!b.is_null());
    };
    let at = |text: &[u8], at: usize| {
        c_int::from(text.get(at).copied().unwrap_or(0).to_ascii_lowercase())
    };
    (0..most.min(a.len().max(b.len()))).map(|i| at(a, i) - at(b, i)).find(|d| *d != 0).unwrap_or(0)
}

/// Compares two texts without case: 0 if they are equal. NULL comes before all texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_strcasecmp(s1: *const c_char, s2: *const c_char) -> c_int {
    ffi!(|c| Ok(compare(c, s1, s2, usize::MAX)))
}

/// Compares the first `len` bytes of two texts without case: 0 if they are equal. NULL comes before
/// all texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_strncasecmp(
    s1: *const c_char,
    s2: *const c_char,
    len: usize,
) -> c_int {
    ffi!(|c| Ok(if len == 0 { 0 } else { compare(c, s1, s2, len) }))
}

/// Where `needle` stands in `haystack`, without case; NULL where it does not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_strcasestr(
    haystack: *const c_char,
    needle: *const c_char,
) -> *mut c_char {
    ffi!(|c| {
        let (text, wanted) = (c.need(haystack)?, c.need(needle)?);
        let is_here = |at: &usize| {
            text[*at..].get(..wanted.len()).is_some_and(|t| t.eq_ignore_ascii_case(wanted))
        };
        let at = (0..=text.len()).find(is_here).ok_or(Failure::NotFound)?;
        Ok(haystack.wrapping_add(at).cast_mut())
    })
}

/// Writes `bytes` and a NUL. `to` has the room.
fn put(to: *mut c_char, bytes: &[u8]) {
    // SAFETY: every caller's contract is that `to` has room for the bytes and the NUL; source and
    // target may overlap.
    unsafe {
        std::ptr::copy(bytes.as_ptr(), to.cast::<u8>(), bytes.len());
        to.add(bytes.len()).write(0);
    }
}

/// Copies at most `len` bytes and a NUL; `dest` has room for len + 1. Returns `dest`, or NULL for
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_strncpy(
    dest: *mut c_char,
    src: *const c_char,
    len: usize,
) -> *mut c_char {
    ffi!(|c| {
        c.get(dest)?;
        put(dest, first(c, src, len)?);
        Ok(dest)
    })
}

/// The text at `src`, which need not end with NUL when it is `len` bytes long.
fn first<'a>(c: Caller<'a>, src: *const c_char, len: usize) -> Result<&'a [u8], Failure> {
    c.get(src)?;
    // SAFETY: `src` is a text of at most `len` bytes, or longer and then readable that far, by the
    // functions' contract.
    let found = unsafe { libc::strnlen(src, len) };
    c.bytes(src, found)
}

/// A copy of a text, for osip_free; NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_strdup(ch: *const c_char) -> *mut c_char {
    ffi!(|c| Ok(CText::new(c.need(ch)?)?.into_raw()))
}

/// A copy without the quotes around it, for osip_free; NULL for NULL. Backslashes stay; see
/// osip_dequote.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_strdup_without_quote(ch: *const c_char) -> *mut c_char {
    ffi!(|c| {
        let text = c.need(ch)?;
        let plain = text.strip_prefix(b"\"").map(|rest| &rest[..rest.len().saturating_sub(1)]);
        Ok(CText::new(plain.unwrap_or(text))?.into_raw())
    })
}

/// Makes the letters A to Z small, in place. Returns 0 or OSIP_BADPARAMETER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_tolower(word: *mut c_char) -> c_int {
    ffi!(|c| {
        put(word, &c.need(word)?.to_ascii_lowercase());
        Ok(0)
    })
}

/// Takes blanks and line ends off both ends, in place. Returns 0, or OSIP_UNDEFINED_ERROR for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_clrspace(word: *mut c_char) -> c_int {
    ffi!(|c| {
        put(word, text::trim(c.text(word).ok_or(Failure::Undefined)?));
        Ok(0)
    })
}

/// Copies what stands at `buf` before `end_separator` to `dest`, for osip_free, and puts the place
/// behind the separator into `next`; a line end before it is the end.
///
/// Returns 0; OSIP_UNDEFINED_ERROR where nothing stands before the separator or there is none: then
/// `next` is NULL, and `dest` stays as it was; OSIP_BADPARAMETER for NULL; OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __osip_set_next_token(
    dest: *mut *mut c_char,
    buf: *mut c_char,
    end_separator: c_int,
    next: *mut *mut c_char,
) -> c_int {
    ffi!(|c| {
        let text = c.need(buf)?;
        let (dest, next) = (c.get_mut(dest)?, c.get_mut(next)?);
        *next = std::ptr::null_mut();
        let is_end = |byte: &u8| c_int::from(*byte) == end_separator || b"\r\n".contains(byte);
        let end = text.iter().position(is_end).filter(|end| *end > 0);
        let end = end.filter(|end| c_int::from(text[*end]) == end_separator);
        let end = end.ok_or(Failure::Undefined)?;
        *dest = CText::new(&text[..end])?.into_raw();
        *next = buf.wrapping_add(end + 1);
        Ok(0)
    })
}

/// Where the next quote stands that no backslash escapes; NULL where there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __osip_quote_find(qstring: *const c_char) -> *const c_char {
    ffi!(|c| {
        let text = c.need(qstring)?;
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            match byte {
                b'"' => return Ok(qstring.wrapping_add(at)),
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        Err(Failure::NotFound)
    })
}

/// A copy in quotes, with quotes and backslashes escaped and line ends made blanks, for osip_free;
/// NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_enquote(s: *const c_char) -> *mut c_char {
    ffi!(|c| {
        let mut quoted = vec![b'"'];
        for byte in c.need(s)? {
            match byte {
                b'"' | b'\\' => quoted.extend([b'\\', *byte]),
                b'\r' | b'\n' => quoted.push(b' '),
                _ => quoted.push(*byte),
            }
        }
        quoted.push(b'"');
        Ok(CText::new(&quoted)?.into_raw())
    })
}

/// Takes the quotes off a text and its backslashes out, in place; a text without quotes stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_dequote(s: *mut c_char) {
    ffi!(|c| {
        let Some(quoted) = c.need(s)?.strip_prefix(b"\"") else { return Ok(()) };
        let mut plain = Vec::with_capacity(quoted.len());
        let mut rest = quoted.iter();
        while let Some(byte) = rest.next() {
            match byte {
                b'"' if rest.as_slice().is_empty() => {}
                b'\\' => plain.extend(rest.next()),
                _ => plain.push(*byte),
            }
        }
        put(s, &plain);
        Ok(())
    })
}

/// A number for a text, the same in every run; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_hash(str: *const c_char) -> c_ulong {
    ffi!(|c| {
        let step = |hash: u32, byte: &u8| hash.wrapping_mul(33).wrapping_add(u32::from(*byte));
        Ok(c.need(str)?.iter().fold(5381, step).into())
    })
}

/// Copies a text to `dst`, which has the room. Returns where its NUL is, to go on from; NULL for
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_str_append(dst: *mut c_char, src: *const c_char) -> *mut c_char {
    ffi!(|c| {
        c.get(dst)?;
        let text = c.need(src)?;
        put(dst, text);
        Ok(dst.wrapping_add(text.len()))
    })
}

/// Copies at most `len` bytes of a text to `dst`, which has the room. Returns where its NUL is;
/// NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_strn_append(
    dst: *mut c_char,
    src: *const c_char,
    len: usize,
) -> *mut c_char {
    ffi!(|c| {
        c.get(dst)?;
        let text = first(c, src, len)?;
        put(dst, text);
        Ok(dst.wrapping_add(text.len()))
    })
}

/// Copies at most `len` bytes without the blanks around them, and a NUL; `dst` has room for len +
/// 1.
///
/// Returns `dst`; NULL for NULL, or for no `len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_clrncpy(
    dst: *mut c_char,
    src: *const c_char,
    len: usize,
) -> *mut c_char {
    ffi!(|c| {
        c.get(dst)?;
        if len == 0 {
            return Err(Failure::BadParameter);
        }
        let text = first(c, src, len)?;
        let start = text.iter().position(|b| !is_space(*b)).unwrap_or(text.len());
        put(dst, text::trim(&text[start..]));
        Ok(dst)
    })
}

/// Calls a function with each line of the levels below `level`; NULL stops the trace.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_trace_initialize_func(
    level: osip_trace_level_t,
    func: *mut osip_trace_func_t,
) {
    ffi!(|_c| {
        tracing::start(level, tracing::to_function(func));
        Ok(())
    })
}

/// Sends the lines of the levels below `level` to the system log, as `ident`; NULL for the
/// program's name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_trace_initialize_syslog(
    level: osip_trace_level_t,
    ident: *mut c_char,
) {
    ffi!(|_c| {
        // SAFETY: not NULL, and a text by the contract of the function.
        let ident = (!ident.is_null()).then(|| unsafe { CStr::from_ptr(ident) });
        tracing::start(level, Some(tracing::to_syslog(ident)));
        Ok(())
    })
}

/// Writes the lines of the levels below `level` to a stream, which stays open meanwhile; NULL for
/// standard output.
///
/// Level 0 stops the trace. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_trace_initialize(
    level: osip_trace_level_t,
    file: *mut FILE,
) -> c_int {
    ffi!(|_c| {
        tracing::start(level, Some(tracing::to_file(file)));
        Ok(0)
    })
}

/// Switches on the levels below `level`, and the others off.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_trace_enable_until_level(level: osip_trace_level_t) {
    ffi!(|_c| {
        tracing::only_below(level);
        Ok(())
    })
}

/// Switches a level on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_trace_enable_level(level: osip_trace_level_t) {
    ffi!(|_c| {
        tracing::connect();
        trace::set_level(tracing::level(level).ok_or(Failure::BadParameter)?, true);
        Ok(())
    })
}

/// Switches a level off.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_trace_disable_level(level: osip_trace_level_t) {
    ffi!(|_c| {
        trace::set_level(tracing::level(level).ok_or(Failure::BadParameter)?, false);
        Ok(())
    })
}

/// Whether a level is on: LOG_TRUE or LOG_FALSE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_is_trace_level_activate(level: osip_trace_level_t) -> c_int {
    ffi!(|_c| Ok(c_int::from(tracing::level(level).is_some_and(trace::enabled))))
}

/// What a return code means, in words. Not to be freed; never NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_strerror(err: c_int) -> *const c_char {
    let words = match err {
        0.. => c"success",
        -1 => c"undefined error",
        -2 => c"bad parameter",
        -3 => c"wrong state",
        -4 => c"allocation failure",
        -5 => c"syntax error",
        -6 => c"not found",
        -7 => c"api not initialized",
        -10 => c"no network",
        -11 => c"busy port",
        -12 => c"unknown host",
        -30 => c"disk full",
        -31 => c"no rights",
        -32 => c"file not found",
        -50 => c"time out",
        -51 => c"too much call",
        -52 => c"wrong format",
        -53 => c"no common codec",
        _ => c"undefined",
    };
    words.as_ptr()
}
