//! The trace of the process, for programs of `<registerer.h>` alone.

use super::registerer_trace_callback;
use crate::abi::exosip2::context::entry;
use crate::engine::{CancelGuard, CoreRefusal};
use crate::trace::{self, Record, Sink, TraceLevel};
use libc::{c_int, c_void};
use std::ffi::CString;
use std::sync::Arc;

/// Has `callback` called with each line of the trace of this process up to `level`, in place of
/// where the lines went before; NULL ends that. `level` is one of enum registerer_trace_level, or
/// another number from 1 to 7, as REGISTER_TRACE in the environment has it: without either nothing
/// is written anywhere. The trace of all contexts is one, and osip_trace writes to it too.
///
/// It is called by any thread, by several at once, and holds no lock; it may make any call but this.
/// Neither passwords nor their hashes are in the trace, at no level.
///
/// Returns 0; REGISTERER_BAD_PARAMETER for a level that is none.
///
/// # Safety
/// `callback` is NULL, or may be called with `user` until it is replaced and the calls under way
/// have returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_set_trace(
    level: c_int,
    callback: registerer_trace_callback,
    user: *mut c_void,
) -> c_int {
    entry("registerer_set_trace", || {
        let level = level_of(level).ok_or(CoreRefusal::BadParameter)?;
        let argument = UserArg(user);
        let sink = callback.map(|callback| -> Sink {
            Arc::new(move |record: &Record<'_>| {
                let _uncancelled = CancelGuard::begin();
                let line = CString::new(record.text).unwrap_or_default();
                // SAFETY: the caller of registerer_set_trace has promised it; the text lives as
                // long as the call.
                unsafe { callback(record.level as c_int, line.as_ptr(), argument.pointer()) };
            })
        });
        trace::set_sink(level, sink);
        Ok(0)
    })
}

/// A pointer of the application, to be given back on another thread.
#[derive(Clone, Copy)]
struct UserArg(*mut c_void);

// SAFETY: nothing here follows it; the application, which gets it back, has promised that it may be
// used there.
unsafe impl Send for UserArg {}
// SAFETY: as above.
unsafe impl Sync for UserArg {}

impl UserArg {
    fn pointer(self) -> *mut c_void {
        self.0
    }
}

/// A level by its number.
fn level_of(number: c_int) -> Option<TraceLevel> {
    Some(match number {
        1 => TraceLevel::Bug,
        2 => TraceLevel::Error,
        3 => TraceLevel::Warning,
        4 => TraceLevel::Info1,
        5 => TraceLevel::Info2,
        6 => TraceLevel::Info3,
        7 => TraceLevel::Info4,
        _ => return None,
    })
}
