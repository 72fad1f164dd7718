//! A C program's use of the library, written in Rust so that it can be timed.

use super::floor::Samples;
use super::measure::{Cost, Watch};
use libc::{c_char, c_int, c_void};
use std::collections::VecDeque;
use std::ffi::CString;
use std::io;
use std::net::SocketAddr;
use std::ptr;
use std::time::Duration;

// Keeps the library linked: only its C symbols are used.
use register as _;

const SUCCESS: c_int = 0;
const FAILURE: c_int = 1;
const KEEP_ALIVE: c_int = 1;

/// `struct eXosip_event`, as far as we read it.
#[repr(C)]
struct Event {
    kind: c_int,
    textinfo: [c_char; 256],
    external_reference: *mut c_void,
    request: *mut Message,
    response: *mut Message,
    ack: *mut Message,
    tid: c_int,
    did: c_int,
    rid: c_int,
}

/// `osip_message_t`, as far as we read it.
#[repr(C)]
struct Message {
    start_line: [*mut c_void; 3],
    status_code: c_int,
}

unsafe extern "C" {
    fn eXosip_malloc() -> *mut c_void;
    fn eXosip_init(context: *mut c_void) -> c_int;
    fn eXosip_quit(context: *mut c_void);
    fn eXosip_lock(context: *mut c_void) -> c_int;
    fn eXosip_unlock(context: *mut c_void) -> c_int;
    fn eXosip_listen_addr(
        context: *mut c_void,
        transport: c_int,
        address: *const c_char,
        port: c_int,
        family: c_int,
        secure: c_int,
    ) -> c_int;
    fn eXosip_set_option(context: *mut c_void, option: c_int, value: *const c_void) -> c_int;
    fn eXosip_add_authentication_info(
        context: *mut c_void,
        username: *const c_char,
        userid: *const c_char,
        password: *const c_char,
        ha1: *const c_char,
        realm: *const c_char,
    ) -> c_int;
    fn eXosip_register_build_initial_register(
        context: *mut c_void,
        from: *const c_char,
        proxy: *const c_char,
        contact: *const c_char,
        expires: c_int,
        message: *mut *mut Message,
    ) -> c_int;
    fn eXosip_register_build_register(
        context: *mut c_void,
        rid: c_int,
        expires: c_int,
        message: *mut *mut Message,
    ) -> c_int;
    fn eXosip_register_send_register(context: *mut c_void, rid: c_int, message: *mut Message) -> c_int;
    fn eXosip_automatic_action(context: *mut c_void);
    fn eXosip_event_wait(context: *mut c_void, seconds: c_int, milliseconds: c_int) -> *mut Event;
    fn eXosip_event_free(event: *mut Event);
    fn osip_message_to_str(message: *mut Message, text: *mut *mut c_char, length: *mut usize) -> c_int;
}

/// One context and its accounts.
pub(crate) struct Client {
    context: *mut c_void,
    proxy: CString,
    accounts: usize,
    /// Registrations with nothing under way, the one that rested longest first.
    idle: VecDeque<c_int>,
    samples: Samples,
}

impl Client {
    pub(crate) fn new(registrar: SocketAddr, accounts: usize) -> io::Result<Self> {
        // SAFETY: the texts end with NUL, the option's value is an int that lives through the call, and the context
        // is one of eXosip_malloc.
        let (context, listening) = unsafe {
            let context = eXosip_malloc();
            check("eXosip_init", eXosip_init(context))?;
            let never: c_int = 0;
            eXosip_set_option(context, KEEP_ALIVE, ptr::from_ref(&never).cast());
            let (user, password, realm) = (c"bench".as_ptr(), c"secret".as_ptr(), c"bench".as_ptr());
            eXosip_add_authentication_info(context, user, user, password, ptr::null(), realm);
            let address = c"127.0.0.1".as_ptr();
            (context, eXosip_listen_addr(context, libc::IPPROTO_UDP, address, 0, libc::AF_INET, 0))
        };
        check("eXosip_listen_addr", listening)?;
        Ok(Self {
            context,
            proxy: text(format!("sip:{registrar}")),
            accounts,
            idle: VecDeque::with_capacity(accounts),
            samples: Samples { challenged: None, accepted: Vec::new() },
        })
    }

    /// Registers every account for the first time.
    pub(crate) fn register_all(&mut self, window: usize) -> io::Result<Cost> {
        let watch = Watch::start();
        let (mut begun, mut done) = (0, 0);
        while done < self.accounts {
            while begun < self.accounts && begun - done < window {
                self.register_new(begun)?;
                begun += 1;
            }
            done += usize::from(self.next_success(false)?);
        }
        Ok(watch.stop(done))
    }

    /// Registers the accounts again, one after the other, for `span`.
    pub(crate) fn register_again(&mut self, window: usize, span: Duration) -> io::Result<Cost> {
        self.refresh()?;
        while !self.next_success(true)? {}

        let watch = Watch::start();
        let (mut begun, mut done) = (0, 0);
        loop {
            let over = watch.elapsed() >= span;
            while !over && begun - done < window {
                self.refresh()?;
                begun += 1;
            }
            if begun == done {
                return Ok(watch.stop(done));
            }
            done += usize::from(self.next_success(false)?);
        }
    }

    /// One registration as it went over the wire.
    pub(crate) fn samples(&self) -> &Samples {
        &self.samples
    }

    fn register_new(&mut self, number: usize) -> io::Result<()> {
        let from = text(format!("sip:user{number:05}@bench.test"));
        let mut message = ptr::null_mut();
        // SAFETY: the texts end with NUL; the message goes from the library to the library.
        let sent = unsafe {
            eXosip_lock(self.context);
            let rid = eXosip_register_build_initial_register(
                self.context,
                from.as_ptr(),
                self.proxy.as_ptr(),
                ptr::null(),
                3600,
                &mut message,
            );
            let sent = eXosip_register_send_register(self.context, rid, message);
            eXosip_unlock(self.context);
            sent
        };
        check("eXosip_register_send_register", sent)
    }

    fn refresh(&mut self) -> io::Result<()> {
        let rid = self.idle.pop_front().ok_or_else(|| io::Error::other("all accounts are busy"))?;
        let mut message = ptr::null_mut();
        // SAFETY: the message goes from the library to the library.
        let sent = unsafe {
            eXosip_lock(self.context);
            eXosip_register_build_register(self.context, rid, 3600, &mut message);
            let sent = eXosip_register_send_register(self.context, rid, message);
            eXosip_unlock(self.context);
            sent
        };
        check("eXosip_register_send_register", sent)
    }

    /// One turn of a C program's event loop: true when it brought a 2xx, false when a challenge.
    fn next_success(&mut self, sample: bool) -> io::Result<bool> {
        // SAFETY: what event_wait returns is NULL or an event whose messages are NULL or whole; it is freed once.
        unsafe {
            let event = eXosip_event_wait(self.context, 5, 0);
            eXosip_lock(self.context);
            eXosip_automatic_action(self.context);
            eXosip_unlock(self.context);
            if event.is_null() {
                return Err(io::Error::other("no event for 5 s"));
            }
            let status = (*event).response.as_ref().map_or(0, |response| response.status_code);
            let result = match (*event).kind {
                SUCCESS => {
                    if sample {
                        self.samples.accepted = printed((*event).request);
                    }
                    self.idle.push_back((*event).rid);
                    Ok(true)
                }
                FAILURE if status == 401 => {
                    if sample {
                        self.samples.challenged = Some(printed((*event).request));
                    }
                    Ok(false)
                }
                kind => Err(io::Error::other(format!("event {kind} with status {status}"))),
            };
            eXosip_event_free(event);
            result
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: the context of eXosip_malloc, not used afterwards; its memory is malloc's.
        unsafe {
            eXosip_quit(self.context);
            libc::free(self.context);
        }
    }
}

/// The text of a message.
///
/// # Safety
/// `message` is NULL or a whole message.
unsafe fn printed(message: *mut Message) -> Vec<u8> {
    let (mut text, mut length) = (ptr::null_mut(), 0);
    // SAFETY: the caller's promise; the library says how long its text is, and the text is malloc's.
    unsafe {
        osip_message_to_str(message, &mut text, &mut length);
        if text.is_null() {
            return Vec::new();
        }
        let bytes = std::slice::from_raw_parts(text.cast::<u8>(), length).to_vec();
        libc::free(text.cast());
        bytes
    }
}

fn text(value: String) -> CString {
    CString::new(value).unwrap_or_default()
}

fn check(function: &str, code: c_int) -> io::Result<()> {
    if code < 0 { Err(io::Error::other(format!("{function}: {code}"))) } else { Ok(()) }
}
