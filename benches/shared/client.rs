//! A C program's use of the library, written in Rust so that it can be timed.

use super::api::{self, Event, Message};
use super::measure::{self, Cost, Watch};
use libc::{c_int, c_void};
use std::ffi::{CStr, CString};
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::ptr;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// Nothing happens for so long: what is still under way is lost.
const SILENCE: Duration = Duration::from_secs(40);

/// One context and its accounts.
pub(crate) struct Client {
    context: *mut c_void,
    proxy: CString,
    /// Of each rid, from the first on: when its last REGISTER was sent.
    begun: Vec<Instant>,
    /// The rid of the first account; the others follow.
    first: c_int,
    /// Where a From is written, as a C program does in an array of its own.
    from: String,
}

/// What became of many registrations.
pub(crate) struct Outcome {
    pub(crate) cost: Cost,
    /// Answered with a success.
    pub(crate) done: usize,
    /// Answered otherwise, or reported as without answer.
    pub(crate) failed: usize,
    /// From send to the event of the success, in microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Client {
    pub(crate) fn new(registrar: SocketAddr) -> io::Result<Self> {
        // SAFETY: the texts end with NUL, the option's value is an int that lives through the call,
        // and the context is one of eXosip_malloc.
        let (context, listening) = unsafe {
            let context = api::eXosip_malloc();
            check("eXosip_init", api::eXosip_init(context))?;
            let never: c_int = 0;
            api::eXosip_set_option(context, api::KEEP_ALIVE, ptr::from_ref(&never).cast());
            let (user, password, realm) =
                (c"bench".as_ptr(), c"secret".as_ptr(), c"bench".as_ptr());
            api::eXosip_add_authentication_info(context, user, user, password, ptr::null(), realm);
            let local = c"127.0.0.1".as_ptr();
            let udp = libc::IPPROTO_UDP;
            (context, api::eXosip_listen_addr(context, udp, local, 0, libc::AF_INET, 0))
        };
        check("eXosip_listen_addr", listening)?;
        let proxy = CString::new(format!("sip:{registrar}"))?;
        Ok(Self { context, proxy, begun: Vec::new(), first: 0, from: String::new() })
    }

    /// Registers so many new accounts, `window` of them in flight.
    pub(crate) fn register(&mut self, accounts: usize, window: usize) -> io::Result<Outcome> {
        self.begun.reserve(accounts);
        self.many(accounts, window, |client, _| client.register_new())
    }

    /// Registers the first account again and again, one REGISTER after the other: p50 and p99 in
    /// microseconds.
    pub(crate) fn one_at_a_time(&mut self, count: usize) -> io::Result<(f64, f64)> {
        let mut times = Vec::with_capacity(count);
        for i in 0..count + 50 {
            self.renew_one(self.first, 3600)?;
            let event = self.wait(SILENCE);
            let came = measure::clock();
            if self.taken(event) != Some(EventKind::Registered(self.first)) {
                return Err(io::Error::other("no success"));
            }
            if i >= 50 {
                times.push(came.duration_since(self.begun[0]).as_nanos() as u64);
            }
        }
        Ok(measure::percentiles(times))
    }

    /// Waits for so many renewals, which only eXosip_automatic_action asks for, every 10 ms. The
    /// clock begins with the first.
    pub(crate) fn renewals(&mut self) -> io::Result<Outcome> {
        while !matches!(self.next(Duration::from_millis(10)), Some(EventKind::Registered(_))) {
            if measure::clock().duration_since(self.begun[0]) > SILENCE {
                return Err(io::Error::other("no renewal"));
            }
        }
        let watch = Watch::start();
        let (mut done, mut failed) = (1, 0);
        let mut last = measure::clock();
        while done + failed < self.begun.len() && measure::clock().duration_since(last) < SILENCE {
            match self.next(Duration::from_millis(10)) {
                Some(EventKind::Registered(_)) => done += 1,
                Some(EventKind::Failed) => failed += 1,
                Some(EventKind::Challenged) => {}
                None => continue,
            }
            last = measure::clock();
        }
        Ok(Outcome { cost: watch.stop(done), done, failed, p50: 0.0, p99: 0.0 })
    }

    /// One call of eXosip_automatic_action, as an application makes it.
    pub(crate) fn automatic_action(&self) {
        // SAFETY: a live context.
        unsafe {
            api::eXosip_lock(self.context);
            api::eXosip_automatic_action(self.context);
            api::eXosip_unlock(self.context);
        }
    }

    /// Registers so many new accounts from `threads` threads at once; this one fetches the events.
    pub(crate) fn register_from(
        &mut self,
        threads: usize,
        accounts: usize,
        window: usize,
    ) -> io::Result<Outcome> {
        let semaphore = Semaphore { free: Mutex::new(window), freed: Condvar::new() };
        let begun: Vec<Mutex<Option<Instant>>> =
            (0..accounts + 1).map(|_| Mutex::new(None)).collect();
        let first = self.unused_rid()? + 1;
        let (context, proxy) = (Shared(self.context), &self.proxy);
        let mut times = Vec::with_capacity(accounts);
        let (mut done, mut failed) = (0, 0);
        let watch = Watch::start();
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let (semaphore, begun, context) = (&semaphore, &begun, &context);
                scope.spawn(move || {
                    for i in 0..accounts / threads {
                        semaphore.acquire();
                        let from = CString::new(format!("sip:user{thread}x{i:05}@bench.test"));
                        let begin = measure::clock();
                        // SAFETY: a live context and texts that live through the call.
                        let rid =
                            unsafe { register_first(context.0, &from.unwrap_or_default(), proxy) };
                        let at = usize::try_from(rid - first).unwrap_or(0).min(accounts);
                        *lock(&begun[at]) = Some(begin);
                    }
                });
            }
            while done + failed < accounts / threads * threads {
                match self.next(SILENCE) {
                    Some(EventKind::Registered(rid)) => {
                        done += 1;
                        semaphore.release();
                        // The answer may overtake the note of its thread: then there is nothing to
                        // measure.
                        let at = usize::try_from(rid - first).unwrap_or(0).min(accounts);
                        let begin = *lock(&begun[at]);
                        let end = measure::clock();
                        times
                            .extend(begin.map(|begin| end.duration_since(begin).as_nanos() as u64));
                    }
                    Some(EventKind::Failed) => failed += 1,
                    Some(EventKind::Challenged) => {}
                    None => break,
                }
            }
        });
        let (p50, p99) = measure::percentiles(times);
        Ok(Outcome { cost: watch.stop(done), done, failed, p50, p99 })
    }

    /// Begins `count` registrations by `begin`, `window` of them in flight, and waits for all.
    fn many(
        &mut self,
        count: usize,
        window: usize,
        mut begin: impl FnMut(&mut Self, usize) -> io::Result<()>,
    ) -> io::Result<Outcome> {
        let mut times = Vec::with_capacity(count);
        let (mut begun, mut done, mut failed) = (0, 0, 0);
        let watch = Watch::start();
        while done + failed < count {
            while begun < count && begun - done - failed < window {
                begin(self, begun)?;
                begun += 1;
            }
            match self.next(SILENCE) {
                Some(EventKind::Registered(rid)) => {
                    done += 1;
                    let begin = self.begun[(rid - self.first) as usize];
                    times.push(measure::clock().duration_since(begin).as_nanos() as u64);
                }
                Some(EventKind::Failed) => failed += 1,
                Some(EventKind::Challenged) => {}
                None => break,
            }
        }
        let cost = watch.stop(done);
        let (p50, p99) = measure::percentiles(times);
        Ok(Outcome { cost, done, failed, p50, p99 })
    }

    fn register_new(&mut self) -> io::Result<()> {
        self.from.clear();
        write!(self.from, "sip:user{:05}@bench.test\0", self.begun.len())
            .map_err(io::Error::other)?;
        let from = CStr::from_bytes_with_nul(self.from.as_bytes()).map_err(io::Error::other)?;
        let begin = measure::clock();
        // SAFETY: a live context and texts that live through the call.
        let rid = unsafe { register_first(self.context, from, &self.proxy) };
        check("eXosip_register_send_register", rid)?;
        if self.begun.is_empty() {
            self.first = rid;
        }
        self.begun.push(begin);
        Ok(())
    }

    fn renew_one(&mut self, rid: c_int, expires: c_int) -> io::Result<()> {
        let mut message = ptr::null_mut();
        // SAFETY: the message goes from the library to the library.
        let sent = unsafe {
            api::eXosip_lock(self.context);
            api::eXosip_register_build_register(self.context, rid, expires, &mut message);
            self.begun[(rid - self.first) as usize] = measure::clock();
            let sent = api::eXosip_register_send_register(self.context, rid, message);
            api::eXosip_unlock(self.context);
            sent
        };
        check("eXosip_register_send_register", sent)
    }

    /// The rid of a registration made now, and thrown away.
    fn unused_rid(&self) -> io::Result<c_int> {
        let mut message: *mut Message = ptr::null_mut();
        let from = c"sip:nobody@bench.test".as_ptr();
        let (context, proxy) = (self.context, self.proxy.as_ptr());
        // SAFETY: texts that end with NUL; the message goes from the library to the library.
        let rid = unsafe {
            let none = ptr::null();
            let rid = api::eXosip_register_build_initial_register(
                context,
                from,
                proxy,
                none,
                60,
                &mut message,
            );
            api::osip_message_free(message);
            rid
        };
        check("eXosip_register_build_initial_register", rid).map(|()| rid)
    }

    /// One pass of a C program's event loop; `None` when nothing came in time.
    fn next(&self, time: Duration) -> Option<EventKind> {
        self.taken(self.wait(time))
    }

    fn wait(&self, time: Duration) -> *mut Event {
        let milliseconds = c_int::try_from(time.as_millis()).unwrap_or(c_int::MAX);
        // SAFETY: a live context.
        unsafe { api::eXosip_event_wait(self.context, 0, milliseconds) }
    }

    /// Looks at an event of [`Self::wait`] as a program does, and frees it.
    fn taken(&self, event: *mut Event) -> Option<EventKind> {
        // SAFETY: what event_wait returns is NULL or an event whose messages are NULL or whole; it
        // is freed once.
        unsafe {
            self.automatic_action();
            let read = event.as_ref()?;
            let status = read.response.as_ref().map_or(0, |response| response.status_code);
            let kind = match read.kind {
                api::SUCCESS => EventKind::Registered(read.rid),
                api::FAILURE if status == 401 => EventKind::Challenged,
                _ => EventKind::Failed,
            };
            api::eXosip_event_free(event);
            Some(kind)
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: the context of eXosip_malloc, not used afterwards; its memory is malloc's.
        unsafe {
            api::eXosip_quit(self.context);
            libc::free(self.context);
        }
    }
}

/// What an event event.
#[derive(PartialEq, Eq)]
enum EventKind {
    Registered(c_int),
    Challenged,
    Failed,
}

/// A context that several threads use.
struct Shared(*mut c_void);
// SAFETY: the library locks it.
unsafe impl Sync for Shared {}

/// Limits how many registrations are under way.
struct Semaphore {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Semaphore {
    fn acquire(&self) {
        let mut free = lock(&self.free);
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        *free -= 1;
    }

    fn release(&self) {
        *lock(&self.free) += 1;
        self.freed.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Builds and sends the first REGISTER of `from`: its rid, or a negative code.
unsafe fn register_first(context: *mut c_void, from: &CStr, proxy: &CStr) -> c_int {
    let mut message = ptr::null_mut();
    let (from, proxy, none) = (from.as_ptr(), proxy.as_ptr(), ptr::null());
    // SAFETY: texts that end with NUL; the message goes from the library to the library.
    unsafe {
        api::eXosip_lock(context);
        let rid = api::eXosip_register_build_initial_register(
            context,
            from,
            proxy,
            none,
            3600,
            &mut message,
        );
        let sent = api::eXosip_register_send_register(context, rid, message);
        api::eXosip_unlock(context);
        if sent < 0 { sent } else { rid }
    }
}

fn check(function: &str, code: c_int) -> io::Result<()> {
    if code < 0 { Err(io::Error::other(format!("{function}: {code}"))) } else { Ok(()) }
}
