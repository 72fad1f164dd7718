//! Every exported function is called with every pointer NULL, and survives.
//!
//! The functions are found by name in the library just built and called with more zeros than any of
//! them takes, which the calling conventions of x86-64 and AArch64 allow. Each call has a process
//! of its own.

use std::ffi::{CString, c_int, c_void};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Ten words: no exported function takes more.
type Any = unsafe extern "C" fn(
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
    usize,
) -> usize;

struct Library(*mut c_void);

impl Library {
    fn open() -> Self {
        let path = CString::new(crate::support::library().as_os_str().as_bytes()).unwrap();
        // SAFETY: a NUL-terminated path.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        assert!(!handle.is_null());
        Self(handle)
    }

    fn function(&self, name: &str) -> Any {
        let symbol = CString::new(name).unwrap();
        // SAFETY: a handle and a NUL-terminated name.
        let address = unsafe { libc::dlsym(self.0, symbol.as_ptr()) };
        assert!(!address.is_null(), "{name}");
        // SAFETY: abi/exports.txt says it is a function; see the top of this file.
        unsafe { std::mem::transmute::<*mut c_void, Any>(address) }
    }

    fn call(&self, name: &str, first: usize, rest: usize) -> usize {
        // SAFETY: see the top of this file.
        unsafe { self.function(name)(first, rest, rest, rest, rest, rest, rest, rest, rest, rest) }
    }
}

/// Runs `body` in a child, at most five seconds; the answer is its wait status, 0 for a good end.
fn in_a_child(body: impl FnOnce()) -> c_int {
    // SAFETY: the child calls the library and leaves without returning.
    unsafe {
        match libc::fork() {
            0 => {
                libc::alarm(5);
                let done = catch_unwind(AssertUnwindSafe(body));
                libc::_exit(c_int::from(done.is_err()))
            }
            child => {
                assert!(child > 0);
                let mut status = 0;
                assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
                status
            }
        }
    }
}

fn functions() -> Vec<String> {
    let list = fs::read_to_string(crate::support::root().join("abi/exports.txt")).unwrap();
    let names = list.lines().filter_map(|line| line.strip_prefix("T "));
    // It takes no pointer and ends the thread that calls.
    let names: Vec<String> =
        names.filter(|name| *name != "osip_thread_exit").map(str::to_owned).collect();
    assert!(names.len() > 90, "{}", names.len());
    names
}

#[test]
fn every_pointer_may_be_null() {
    let library = Library::open();
    let failed = |name: &String| in_a_child(|| _ = library.call(name, 0, 0)) != 0;
    let failed: Vec<String> = functions().into_iter().filter(failed).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// The functions of a context, by the prototypes of eXosip2 5.3, but for those that wait without
/// limit.
fn of_a_context() -> Vec<String> {
    let list = fs::read_to_string(crate::support::root().join("abi/eXosip-5.3-names.txt")).unwrap();
    let takes_context = |line: &&str| line.contains("(struct eXosip_t *");
    let names = list
        .lines()
        .filter(takes_context)
        .filter_map(|line| line.split('\t').next())
        .map(str::to_owned);
    names.filter(|name| name != "eXosip_event_get").collect()
}

fn contexts_survive(context: impl Fn(&Library) -> usize) {
    let library = Library::open();
    let failed = |name: &String| {
        in_a_child(|| {
            let context = context(&library);
            library.call(name, context, 0);
            library.call("eXosip_quit", context, 0);
        }) != 0
    };
    let failed: Vec<String> = of_a_context().into_iter().filter(failed).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn every_other_pointer_may_be_null_where_the_context_is_there() {
    contexts_survive(|library| {
        let context = library.call("eXosip_malloc", 0, 0);
        assert_eq!(library.call("eXosip_init", context, 0), 0);
        context
    });
}

#[test]
fn a_context_that_never_was_is_refused() {
    contexts_survive(|_| 0x1234_5678);
}

#[test]
fn a_context_that_was_freed_is_refused() {
    contexts_survive(|library| {
        let context = library.call("eXosip_malloc", 0, 0);
        assert_eq!(library.call("eXosip_init", context, 0), 0);
        library.call("eXosip_quit", context, 0);
        // SAFETY: the program owns the block after eXosip_quit.
        unsafe { libc::free(context as *mut c_void) };
        context
    });
}
