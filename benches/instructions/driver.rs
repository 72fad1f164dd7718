//! What is counted: each row's work is done between the braces of a function whose name begins with `counted_`.

use super::agent::Core;
use super::api::{self, Event, Message};
use super::counting;
use super::registrar::Manner;
use libc::{c_int, c_void};
use std::ffi::CString;
use std::io;
use std::net::UdpSocket;
use std::ptr;
use std::time::Duration;

/// Does the work of `row`, `count` times. Only what happens in `counted_…` is to be counted.
pub(crate) fn run(row: &str, count: usize) -> io::Result<()> {
    // The profile of callgrind says the instructions; the blocks of memory are said here.
    let result = match row {
        "counted_build_and_send" => Program::new()?.build_and_send(count),
        "counted_event" => Program::new()?.events(count),
        "counted_rest" => Program::new()?.rest(count),
        "counted_whole" => Program::new()?.whole(count),
        "counted_200" => Core::new().accepted(count),
        "counted_401" => Core::new().challenged(count),
        _ => Err(io::Error::other(format!("no such row: {row}"))),
    };
    println!("{}", counting::calls());
    result
}

/// A C program with its registrar in one thread, one step at a time.
struct Program {
    context: *mut c_void,
    proxy: CString,
    registrar: UdpSocket,
    buffer: Vec<u8>,
    answer: Vec<u8>,
    accounts: usize,
}

impl Program {
    fn new() -> io::Result<Self> {
        let registrar = UdpSocket::bind(("127.0.0.1", 0))?;
        registrar.set_read_timeout(Some(Duration::from_secs(20)))?;
        let proxy = CString::new(format!("sip:{}", registrar.local_addr()?))?;
        // SAFETY: the texts end with NUL, the option's value is an int that lives through the call, and the context
        // is one of eXosip_malloc.
        let context = unsafe {
            let context = api::eXosip_malloc();
            api::eXosip_init(context);
            let never: c_int = 0;
            api::eXosip_set_option(context, api::KEEP_ALIVE, ptr::from_ref(&never).cast());
            let local = c"127.0.0.1".as_ptr();
            api::eXosip_listen_addr(context, libc::IPPROTO_UDP, local, 0, libc::AF_INET, 0);
            context
        };
        let mut program =
            Self { context, proxy, registrar, buffer: vec![0; 4096], answer: Vec::new(), accounts: 0 };
        // The ways are known and the tables have their first size before anything is counted.
        for _ in 0..50 {
            program.register()?;
        }
        Ok(program)
    }

    /// Builds and sends the first REGISTER of so many accounts.
    fn build_and_send(mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            let from = self.next_account()?;
            // SAFETY: a context and texts that live through the call.
            if unsafe { counted_build_and_send(self.context, &from, &self.proxy) } != 0 {
                return Err(io::Error::other("not sent"));
            }
            self.reply()?;
            // SAFETY: as the library gave it, and freed once.
            unsafe { success(self.context)? };
        }
        Ok(())
    }

    /// Takes and frees the events of so many answers.
    fn events(mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            let from = self.next_account()?;
            // SAFETY: a context and texts that live through the call.
            unsafe { build_and_send(self.context, &from, &self.proxy) };
            self.reply()?;
            // SAFETY: the descriptor of a live context; poll reads and writes one struct.
            unsafe {
                let fd = api::eXosip_event_geteventsocket(self.context);
                let mut waiting = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
                libc::poll(&mut waiting, 1, 20_000);
                if counted_event(self.context) != api::SUCCESS {
                    return Err(io::Error::other("no success"));
                }
            }
        }
        Ok(())
    }

    /// Looks for something to do among many registrations at rest.
    fn rest(mut self, count: usize) -> io::Result<()> {
        for _ in 0..super::AT_REST {
            self.register()?;
        }
        super::valgrind::begin();
        for _ in 0..count {
            // SAFETY: a live context.
            unsafe { counted_rest(self.context) };
        }
        Ok(())
    }

    /// Registers so many accounts from beginning to end.
    fn whole(mut self, count: usize) -> io::Result<()> {
        counting::always();
        for _ in 0..count {
            self.register()?;
        }
        Ok(())
    }

    fn register(&mut self) -> io::Result<()> {
        let from = self.next_account()?;
        // SAFETY: a context and texts that live through the calls.
        unsafe {
            build_and_send(self.context, &from, &self.proxy);
            self.reply()?;
            success(self.context)
        }
    }

    fn next_account(&mut self) -> io::Result<CString> {
        self.accounts += 1;
        Ok(CString::new(format!("sip:user{:05}@bench.test", self.accounts))?)
    }

    /// The registrar's turn.
    fn reply(&mut self) -> io::Result<()> {
        let (length, from) = self.registrar.recv_from(&mut self.buffer)?;
        super::registrar::answer(&self.buffer[..length], from.port(), &Manner::default(), &mut self.answer);
        self.registrar.send_to(&self.answer, from)?;
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: the context of eXosip_malloc, not used afterwards; its memory is malloc's.
        unsafe {
            api::eXosip_quit(self.context);
            libc::free(self.context);
        }
    }
}

#[inline(never)]
#[unsafe(no_mangle)]
unsafe extern "C" fn counted_build_and_send(context: *mut c_void, from: &CString, proxy: &CString) -> c_int {
    // SAFETY: passed on.
    counting::counted(|| unsafe { build_and_send(context, from, proxy) })
}

unsafe fn build_and_send(context: *mut c_void, from: &CString, proxy: &CString) -> c_int {
    let mut message: *mut Message = ptr::null_mut();
    // SAFETY: the texts end with NUL; the message goes from the library to the library.
    unsafe {
        api::eXosip_lock(context);
        let rid = api::eXosip_register_build_initial_register(
            context,
            from.as_ptr(),
            proxy.as_ptr(),
            ptr::null(),
            3600,
            &mut message,
        );
        let sent = api::eXosip_register_send_register(context, rid, message);
        api::eXosip_unlock(context);
        sent
    }
}

#[inline(never)]
#[unsafe(no_mangle)]
unsafe extern "C" fn counted_event(context: *mut c_void) -> c_int {
    // SAFETY: passed on.
    counting::counted(|| unsafe { event(context) })
}

unsafe fn event(context: *mut c_void) -> c_int {
    // SAFETY: what event_wait returns is NULL or an event, which is freed once.
    unsafe {
        let event: *mut Event = api::eXosip_event_wait(context, 20, 0);
        let kind = event.as_ref().map_or(-1, |event| event.kind);
        api::eXosip_event_free(event);
        kind
    }
}

unsafe fn success(context: *mut c_void) -> io::Result<()> {
    // SAFETY: passed on.
    if unsafe { event(context) } == api::SUCCESS { Ok(()) } else { Err(io::Error::other("no success")) }
}

#[inline(never)]
#[unsafe(no_mangle)]
unsafe extern "C" fn counted_rest(context: *mut c_void) {
    // SAFETY: a live context.
    counting::counted(|| unsafe {
        api::eXosip_lock(context);
        api::eXosip_automatic_action(context);
        api::eXosip_unlock(context);
    });
}
