//! From the pointer that C holds to the engine behind it.
//!
//! A context's pointer is a key into one table and never followed, so a pointer that is stale,
//! freed or noise gets an error code; and a context may be ended while another thread waits in it.

use super::ex_setup::eXosip_t;
use crate::abi::ffi::{Failure, ffi_guard};
use crate::cmem;
use crate::engine::{CancelGuard, CoreRefusal, Engine, Refusal};
use crate::trace::{self, TraceLevel};
use libc::c_int;
use parking_lot::{Mutex, RwLock};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What stands behind a context's pointer.
pub(crate) struct Context {
    pub(crate) engine: Engine,
    /// What the calls of eXosip2 remember between each other.
    pub(super) options: Mutex<ContextOptions>,
}

/// Options that the engine learns with a later call, or never.
#[derive(Clone)]
pub(super) struct ContextOptions {
    /// Option 8.
    pub(super) gateway4: Option<String>,
    /// Option 12.
    pub(super) gateway6: Option<String>,
    /// Option 20: 0, 1 or 2.
    pub(super) ipv6: c_int,
    /// Option 15.
    pub(super) dscp: u8,
    /// See `registerer_set_exclusive_port`.
    pub(super) exclusive: bool,
    /// Option 22 is 0.
    pub(super) accepts_connections: bool,
    /// What option 17 goes back to.
    pub(super) default_user_agent: String,
}

impl Context {
    /// What counts for the socket that is opened next: the families (option 20), the DSCP value,
    /// and whether connections are accepted.
    pub(crate) fn set_listening(&self, ipv6: c_int, dscp: u8, accepts_connections: bool) {
        let mut options = self.options.lock();
        (options.ipv6, options.dscp) = (ipv6, dscp);
        options.accepts_connections = accepts_connections;
    }

    /// Whether the socket that is opened next shares its port with nobody.
    pub(crate) fn set_exclusive_port(&self, exclusive: bool) {
        self.options.lock().exclusive = exclusive;
    }
}

type Table = BTreeMap<usize, Arc<Context>>;

static CONTEXTS: RwLock<Table> = RwLock::new(BTreeMap::new());
/// Counts the changes of the table, while it is locked for them.
static CHANGES: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// What the last call of this thread has found: the next one finds the same, as long as the
    /// table has not changed.
    static LAST: LastContext = const { LastContext(Cell::new(None)) };
}

/// The last context that a thread has found.
struct LastContext(Cell<Option<FoundContext>>);

impl Drop for LastContext {
    fn drop(&mut self) {
        // It may be the last to hold the context, which then ends. The thread that ends may be
        // about to be cancelled.
        let _uncancelled = CancelGuard::begin();
        drop(self.0.take());
    }
}

/// What the table says of a pointer.
pub(crate) struct FoundContext {
    pointer: usize,
    pub(crate) context: Arc<Context>,
    /// When it was read.
    changes: u64,
}

impl FoundContext {
    /// Does `body` on it; a panic marks it broken.
    pub(crate) fn with<R>(
        &self,
        body: impl FnOnce(&Context) -> Result<R, Refusal>,
    ) -> Result<R, Refusal> {
        let sentinel = Sentinel(&self.context.engine);
        let result = body(&self.context);
        drop(sentinel);
        result
    }

    fn is_current(&self) -> bool {
        self.changes == CHANGES.load(Ordering::Acquire)
    }

    /// What the last call has found, if it is still so; it is another call's no more.
    fn last() -> Option<FoundContext> {
        // In an exit handler there is no memory of this thread any more.
        let last = LAST.try_with(|last| last.0.take()).ok().flatten()?;
        if !last.is_current() {
            last.let_go();
            return None;
        }
        Some(last)
    }

    /// Leaves it to the next call. A context that was ended meanwhile is let go.
    #[inline(never)] // Every function of a context ends with it.
    pub(crate) fn leave(self) {
        if !self.is_current() {
            self.let_go();
        } else if let Ok(Some(other)) = LAST.try_with(|last| last.0.replace(Some(self))) {
            // That of a call within this one.
            other.let_go();
        }
    }

    /// Where it is the last to hold the context, this ends it.
    #[cold]
    fn let_go(self) {
        let _uncancelled = CancelGuard::begin();
        drop(self);
    }
}

/// The table is held for an instant only. One that cannot be had belongs to a thread that was in it
/// when this process was forked, and that does not exist here.
const AN_INSTANT: Duration = Duration::from_secs(1);

/// Changes the table; `None` where it cannot be had.
fn change<R>(how: impl FnOnce(&mut Table) -> R) -> Option<R> {
    let mut table = CONTEXTS.try_write_for(AN_INSTANT)?;
    let result = how(&mut table);
    CHANGES.fetch_add(1, Ordering::Release);
    Some(result)
}

/// Memory for a context. An engine still known under this address belonged to a context that was
/// freed without eXosip_quit: it is ended.
pub(crate) fn allocate() -> *mut eXosip_t {
    // One word, so that the address is nobody else's; nothing ever reads it.
    let block = cmem::alloc_zeroed(size_of::<usize>()).cast::<eXosip_t>();
    close(block);
    block
}

/// Starts an engine behind `context`, in place of one that is there.
pub(super) fn open(context: *mut eXosip_t) -> Result<c_int, Refusal> {
    open_with(context, Engine::new)
}

/// The same with an engine that is made so.
pub(crate) fn open_with(
    context: *mut eXosip_t,
    make: impl FnOnce() -> Result<Engine, Refusal>,
) -> Result<c_int, Refusal> {
    if context.is_null() {
        return Err(CoreRefusal::BadParameter.into());
    }
    let engine = make()?;
    let default_user_agent = engine.settings(|settings| settings.user_agent.clone())?;
    let options = ContextOptions {
        gateway4: None,
        gateway6: None,
        ipv6: 0,
        dscp: 0x1A,
        exclusive: false,
        accepts_connections: false,
        default_user_agent,
    };
    let fresh = Arc::new(Context { engine, options: Mutex::new(options) });
    let old = change(|table| table.insert(context.addr(), fresh)).ok_or(CoreRefusal::Undefined)?;
    if let Some(old) = old {
        old.engine.quit();
    }
    Ok(0)
}

/// Ends the engine behind `context`, if there is one; whether there was. The table is free again
/// before the engine's thread is joined.
pub(crate) fn close(context: *mut eXosip_t) -> bool {
    // Listeners are called for the end while the context can still be asked.
    if let Ok(found) = find(context) {
        found.context.engine.unregister_all();
    }
    let old = change(|table| table.remove(&context.addr())).flatten();
    let was_there = old.is_some();
    if let Some(old) = old {
        old.engine.quit();
    }
    // Nor does this one hold it any longer.
    drop(FoundContext::last());
    was_there
}

/// The context behind a pointer.
pub(crate) fn find(context: *const eXosip_t) -> Result<FoundContext, Refusal> {
    let pointer = context.addr();
    if let Some(found) = FoundContext::last().filter(|found| found.pointer == pointer) {
        return Ok(found);
    }
    if context.is_null() {
        return Err(CoreRefusal::BadParameter.into());
    }
    let table = CONTEXTS.try_read_for(AN_INSTANT).ok_or(Refusal::Ended)?;
    let context = table.get(&pointer).cloned().ok_or(Refusal::Ended)?;
    Ok(FoundContext { pointer, context, changes: CHANGES.load(Ordering::Acquire) })
}

/// The boundary of a function without context: a refusal or a panic becomes what failure looks like
/// in C, and the thread is not cancelled meanwhile.
pub(crate) fn entry<R: From<Failure>>(
    name: &'static str,
    body: impl FnOnce() -> Result<R, Refusal>,
) -> R {
    let _uncancelled = CancelGuard::begin();
    brief_entry(name, body)
}

/// [`entry`] for a body that mostly comes to no cancelation point, and protects its thread where it
/// does.
pub(super) fn brief_entry<R: From<Failure>>(
    name: &'static str,
    body: impl FnOnce() -> Result<R, Refusal>,
) -> R {
    ffi_guard(name, || body().map_err(|refusal| refused(name, refusal)))
}

/// The boundary of a function of a context. A panic marks the context broken, because what it left
/// half-done is not to be trusted.
pub(crate) fn on<R: From<Failure>>(
    name: &'static str,
    pointer: *const eXosip_t,
    body: impl FnOnce(&Context) -> Result<R, Refusal>,
) -> R {
    let _uncancelled = CancelGuard::begin();
    on_briefly(name, pointer, body)
}

/// [`on`] for a body that mostly comes to no cancelation point, and protects its thread where it
/// does.
pub(crate) fn on_briefly<R: From<Failure>>(
    name: &'static str,
    pointer: *const eXosip_t,
    body: impl FnOnce(&Context) -> Result<R, Refusal>,
) -> R {
    brief_entry(name, || {
        let found = find(pointer)?;
        let result = found.with(body);
        found.leave();
        result
    })
}

/// Marks the engine broken when a panic passes by.
struct Sentinel<'a>(&'a Engine);

impl Drop for Sentinel<'_> {
    #[inline(never)] // Every function of a context ends with it.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.mark_broken();
        }
    }
}

/// One warning in the trace.
pub(crate) fn warn(text: &str) {
    if trace::enabled(TraceLevel::Warning) {
        let _uncancelled = CancelGuard::begin();
        trace::log(TraceLevel::Warning, "eXosip", line!(), text);
    }
}

/// Writes a refusal to the trace and gives it its number.
#[cold]
fn refused(name: &'static str, refusal: Refusal) -> Failure {
    let (failure, reason) = match refusal {
        Refusal::Core(CoreRefusal::BadParameter) => (Failure::BadParameter, "OSIP_BADPARAMETER"),
        Refusal::Core(CoreRefusal::WrongState) => (Failure::WrongState, "OSIP_WRONG_STATE"),
        Refusal::Core(CoreRefusal::Syntax(reason)) => (Failure::Syntax, reason),
        Refusal::Core(CoreRefusal::NotFound) => (Failure::NotFound, "OSIP_NOTFOUND"),
        Refusal::Core(CoreRefusal::NoNetwork) => {
            (Failure::NoNetwork, "OSIP_NO_NETWORK: nothing listens")
        }
        Refusal::Core(CoreRefusal::RetryLimit) => (Failure::RetryLimit, "OSIP_RETRY_LIMIT"),
        Refusal::Core(CoreRefusal::NoReliability) => (Failure::WrongFormat, "OSIP_WRONG_FORMAT"),
        Refusal::Core(CoreRefusal::Undefined) => (Failure::Undefined, "OSIP_UNDEFINED_ERROR"),
        Refusal::Ended | Refusal::Forked => (Failure::NotInitialized, "OSIP_API_NOT_INITIALIZED"),
        Refusal::Broken => {
            (Failure::Undefined, "the context is broken since a panic was caught in it")
        }
    };
    warn(&format!("{name}: {reason}"));
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_breaks_its_context_until_it_is_initialised_again() {
        let context = allocate();
        assert_eq!(open(context), Ok(0));
        assert_eq!(on::<c_int>("test", context, |_| panic!("on purpose")), -1);
        let settings = || on::<c_int>("test", context, |context| context.engine.settings(|_| 0));
        assert_eq!(settings(), -1);
        assert_eq!(open(context), Ok(0));
        assert_eq!(settings(), 0);
        close(context);
        assert_eq!(settings(), -7);
        // SAFETY: made by `allocate`, and nothing of ours follows it.
        unsafe { cmem::release(context.cast()) };
    }

    #[test]
    fn what_a_thread_remembers_of_a_context_ends_with_it_whoever_ends_it() {
        let (context, other) = (allocate(), allocate());
        assert_eq!((open(context), open(other)), (Ok(0), Ok(0)));
        let call = |context| on::<c_int>("test", context, |found| Ok(found.engine.event_fd()));
        assert_eq!((call(context), call(context)), (call(context), call(context)));
        assert_ne!(call(context), call(other), "the last one is not any other");
        call(context);
        let memory = Arc::downgrade(&find(context).unwrap().context);
        call(context);
        let place = context.addr();
        std::thread::scope(|s| {
            s.spawn(|| close(std::ptr::without_provenance_mut(place)));
        });
        assert_eq!(call(context), -7);
        assert_eq!(memory.strong_count(), 0);
        close(other);
        // SAFETY: as above.
        unsafe {
            cmem::release(context.cast());
            cmem::release(other.cast());
        }
    }

    #[test]
    fn a_call_within_a_call_finds_its_own_context() {
        let (context, other) = (allocate(), allocate());
        assert_eq!((open(context), open(other)), (Ok(0), Ok(0)));
        let fd = |context| on::<c_int>("test", context, |found| Ok(found.engine.event_fd()));
        let within = |outer, inner| on::<c_int>("test", outer, |_| Ok(fd(inner)));
        for _ in 0..2 {
            assert_eq!(within(context, other), fd(other));
            assert_eq!(within(context, context), fd(context));
        }
        let ended = on::<c_int>("test", context, |_| {
            close(context);
            Ok(fd(context))
        });
        assert_eq!((ended, fd(context)), (-7, -7));
        close(other);
        // SAFETY: as above.
        unsafe {
            cmem::release(context.cast());
            cmem::release(other.cast());
        }
    }

    #[test]
    fn an_ended_context_is_known_no_more() {
        let context = allocate();
        assert_eq!(open(context), Ok(0));
        let old = find(context).unwrap().context;
        close(context);
        assert!(find(context).is_err());
        assert_eq!(old.engine.settings(|_| ()), Err(Refusal::Ended));
        // SAFETY: as above.
        unsafe { cmem::release(context.cast()) };
    }
}
