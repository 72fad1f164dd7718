//! From the pointer that C holds to the engine behind it.
//!
//! A context's pointer is a key into one table and never followed, so a pointer that is stale, freed or noise gets an
//! error code; and a context may be ended while another thread waits in it.

use super::ex_setup::eXosip_t;
use super::sent::Sent;
use crate::abi::door::{Failure, door};
use crate::abi::osipparser2::osip_message::osip_message_t;
use crate::cmem;
use crate::engine::{Engine, Refusal};
use crate::trace::{self, Level};
use libc::c_int;
use parking_lot::{Mutex, RwLock, RwLockWriteGuard};
use std::collections::BTreeMap;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

/// What stands behind a context's pointer.
pub(crate) struct Context {
    pub(crate) engine: Engine,
    /// What the calls of this face remember between each other.
    pub(super) face: Mutex<Face>,
    pub(super) sent: Mutex<Sent>,
}

/// Options that the engine learns with a later call, or never.
#[derive(Clone)]
pub(super) struct Face {
    /// Option 8.
    pub(super) gateway4: Option<String>,
    /// Option 12.
    pub(super) gateway6: Option<String>,
    /// Option 20: 0, 1 or 2.
    pub(super) ipv6: c_int,
    /// Option 15.
    pub(super) dscp: u8,
    /// What option 17 goes back to.
    pub(super) default_user_agent: String,
}

type Table = BTreeMap<usize, Arc<Context>>;

static CONTEXTS: RwLock<Table> = RwLock::new(BTreeMap::new());

/// The table is held for an instant only. One that cannot be had belongs to a thread that was in it when this process
/// was forked, and that does not exist here.
const AN_INSTANT: Duration = Duration::from_secs(1);

fn table() -> Option<RwLockWriteGuard<'static, Table>> {
    CONTEXTS.try_write_for(AN_INSTANT)
}

/// Memory for a context. An engine still known under this address belonged to a context that was freed without
/// eXosip_quit: it is ended.
pub(super) fn allocate() -> *mut eXosip_t {
    // One word, so that the address is nobody else's; nothing ever reads it.
    let block = cmem::alloc_zeroed(size_of::<usize>()).cast::<eXosip_t>();
    close(block);
    block
}

/// Starts an engine behind `context`, in place of one that is there.
pub(super) fn open(context: *mut eXosip_t) -> Result<c_int, Refusal> {
    if context.is_null() {
        return Err(Refusal::BadParameter);
    }
    let engine = Engine::new()?;
    let default_user_agent = engine.settings(|settings| settings.user_agent.clone())?;
    let face = Face { gateway4: None, gateway6: None, ipv6: 0, dscp: 0x1A, default_user_agent };
    let fresh = Arc::new(Context { engine, face: Mutex::new(face), sent: Mutex::default() });
    let old = table().ok_or(Refusal::Undefined)?.insert(context.addr(), fresh);
    if let Some(old) = old {
        old.engine.quit();
    }
    Ok(0)
}

/// Ends the engine behind `context`, if there is one. The table is free again before the engine's thread is joined.
pub(super) fn close(context: *mut eXosip_t) {
    // Listeners hear of the end while the context can still be asked.
    if let Ok(context) = find(context) {
        context.engine.wind_up();
    }
    let old = table().and_then(|mut table| table.remove(&context.addr()));
    if let Some(old) = old {
        old.engine.quit();
    }
}

/// The context behind a pointer.
pub(super) fn find(context: *const eXosip_t) -> Result<Arc<Context>, Refusal> {
    if context.is_null() {
        return Err(Refusal::BadParameter);
    }
    let table = CONTEXTS.try_read_for(AN_INSTANT).ok_or(Refusal::NotInitialized)?;
    table.get(&context.addr()).cloned().ok_or(Refusal::NotInitialized)
}

/// The boundary of a function without context: a refusal or a panic becomes what failure looks like in C.
pub(crate) fn entry<R: From<Failure>>(name: &'static str, body: impl FnOnce() -> Result<R, Refusal>) -> R {
    door(name, || body().map_err(|refusal| refused(name, refusal)))
}

/// The boundary of a function of a context. A panic marks the context broken, because what it left half-done is not
/// to be trusted.
pub(crate) fn on<R: From<Failure>>(
    name: &'static str,
    pointer: *const eXosip_t,
    body: impl FnOnce(&Context) -> Result<R, Refusal>,
) -> R {
    entry(name, || {
        let context = find(pointer)?;
        let _sentinel = Sentinel(&context.engine);
        body(&context)
    })
}

/// Marks the engine broken when a panic passes by.
struct Sentinel<'a>(&'a Engine);

impl Drop for Sentinel<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.mark_broken();
        }
    }
}

/// The answer of a function that is exported but not served: nothing pretends.
pub(super) fn refuse<R: From<Failure>>(name: &'static str) -> R {
    warn(&format!("{name} is not served by libregister"));
    R::from(Failure::Undefined)
}

/// Like [`refuse`], for a function that gives a message out.
///
/// # Safety
/// `out` is NULL or may be written.
pub(super) unsafe fn refuse_out(name: &'static str, out: *mut *mut osip_message_t) -> c_int {
    // SAFETY: the caller's promise.
    if let Some(out) = unsafe { out.as_mut() } {
        *out = ptr::null_mut();
    }
    refuse(name)
}

/// One warning in the trace.
pub(crate) fn warn(text: &str) {
    if trace::enabled(Level::Warning) {
        trace::log(Level::Warning, "eXosip", line!(), text);
    }
}

/// Tells a refusal in the trace and gives it its number.
fn refused(name: &'static str, refusal: Refusal) -> Failure {
    let (failure, reason) = match refusal {
        Refusal::BadParameter => (Failure::BadParameter, "OSIP_BADPARAMETER"),
        Refusal::WrongState => (Failure::WrongState, "OSIP_WRONG_STATE"),
        Refusal::Syntax(reason) => (Failure::Syntax, reason),
        Refusal::NotFound => (Failure::NotFound, "OSIP_NOTFOUND"),
        Refusal::NoNetwork => (Failure::NoNetwork, "OSIP_NO_NETWORK: nothing listens"),
        Refusal::NotInitialized => (Failure::NotInitialized, "OSIP_API_NOT_INITIALIZED"),
        Refusal::RetryLimit => (Failure::RetryLimit, "OSIP_RETRY_LIMIT"),
        Refusal::Undefined => (Failure::Undefined, "OSIP_UNDEFINED_ERROR"),
        Refusal::Broken => (Failure::Undefined, "the context is broken since a panic was caught in it"),
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
    fn an_ended_context_is_known_no_more() {
        let context = allocate();
        assert_eq!(open(context), Ok(0));
        let old = find(context).unwrap();
        close(context);
        assert!(find(context).is_err());
        assert_eq!(old.engine.settings(|_| ()), Err(Refusal::NotInitialized));
        // SAFETY: as above.
        unsafe { cmem::release(context.cast()) };
    }
}
