//! Four programs that use the C face as C programs do, each with its registrar in the same thread.

use super::api::{self, Message};
use super::context::{Context, Taken, expect};
use super::measure;
use super::registrar::{self, Behaviour};
use libc::c_int;
use std::ffi::CString;
use std::io::{self, Write as _};
use std::net::UdpSocket;
use std::ptr;
use std::time::Duration;

/// Registrations before anything is counted: by then the registrar's address is known and the
/// tables have their first size.
const WARM_UP: usize = 50;
const HEADER: &std::ffi::CStr = c"X-Serial-Number";
const HEADER_VALUE: &std::ffi::CStr = c"00:11:22:33:44:55";
/// The realm that the registrar names.
const REALM: &std::ffi::CStr = c"bench";

/// What a program does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// It sends what the library built.
    AsBuilt,
    /// It adds one header field before it sends.
    HeaderAdded,
    /// It adds a password of its own for each account.
    OwnPasswords,
    /// It registers with two registrars in turn.
    TwoRegistrars,
}

/// The four, with the names that the table gives them.
pub(crate) const KINDS: [(Kind, &str); 4] = [
    (Kind::AsBuilt, "as built"),
    (Kind::HeaderAdded, "a header field added"),
    (Kind::OwnPasswords, "a password for each account"),
    (Kind::TwoRegistrars, "two registrars in turn"),
];

struct Registrar {
    socket: UdpSocket,
    /// Its URI.
    proxy: CString,
    /// The host of From.
    domain: &'static str,
}

/// A C program with its registrars in one thread, one registration after the other.
pub(crate) struct Program {
    kind: Kind,
    pub(crate) context: Context,
    registrars: Vec<Registrar>,
    behaviour: Behaviour,
    /// Accounts that have a password of their own; more registrations begin again with the first.
    passwords: usize,
    /// Registrations begun.
    begun: usize,
    /// From of the last one, with a NUL at its end: an array in a C program, so not allocated anew.
    from: Vec<u8>,
    /// Memory in RAM before the first password and the first registration.
    pub(crate) resident_at_start: u64,
    request: Vec<u8>,
    length: usize,
    answer: Vec<u8>,
}

impl Program {
    /// `passwords` is read by [`Kind::OwnPasswords`] only.
    pub(crate) fn new(kind: Kind, challenge: bool, passwords: usize) -> io::Result<Self> {
        let domains: &[&'static str] = if kind == Kind::TwoRegistrars {
            &["bench.test", "other.test"]
        } else {
            &["bench.test"]
        };
        let registrars =
            domains.iter().map(|domain| Registrar::new(domain)).collect::<io::Result<_>>()?;
        let mut program = Self {
            kind,
            context: Context::new(),
            registrars,
            behaviour: Behaviour { challenge, ..Behaviour::default() },
            passwords: passwords.max(1),
            begun: 0,
            from: Vec::with_capacity(64),
            resident_at_start: measure::resident(),
            request: vec![0; 4096],
            length: 0,
            answer: Vec::new(),
        };
        program.add_passwords()?;
        for _ in 0..WARM_UP {
            program.register()?;
            program.check_last_request()?;
        }
        Ok(program)
    }

    fn add_passwords(&self) -> io::Result<()> {
        let (own, count) =
            if self.kind == Kind::OwnPasswords { (true, self.passwords) } else { (false, 1) };
        for account in 0..count {
            let user = CString::new(if own { user(account) } else { "bench".to_owned() })?;
            let password = CString::new(format!("secret{account}"))?;
            let (user, password, realm) = (user.as_ptr(), password.as_ptr(), REALM.as_ptr());
            // SAFETY: a live context and texts that live through the call.
            let added = unsafe {
                api::eXosip_add_authentication_info(
                    self.context.as_ptr(),
                    user,
                    user,
                    password,
                    ptr::null(),
                    realm,
                )
            };
            if added != 0 {
                return Err(io::Error::other("no password added"));
            }
        }
        Ok(())
    }

    /// Registers one more account, as the loop of a C program does.
    pub(crate) fn register(&mut self) -> io::Result<()> {
        self.send_next()?;
        self.answer_request()?;
        if self.behaviour.challenge {
            expect(self.take_event(), api::FAILURE)?;
            self.answer_request()?;
        }
        expect(self.take_event(), api::SUCCESS).map(drop)
    }

    /// Builds and sends the first REGISTER of one more account.
    pub(crate) fn send_next(&mut self) -> io::Result<()> {
        self.next_account()?;
        if self.build_and_send() == 0 { Ok(()) } else { Err(io::Error::other("not sent")) }
    }

    /// Writes From of one more account, whose registrar answers next.
    pub(crate) fn next_account(&mut self) -> io::Result<()> {
        let account =
            if self.kind == Kind::OwnPasswords { self.begun % self.passwords } else { self.begun };
        self.begun += 1;
        self.from.clear();
        let domain = self.registrars[self.begun % self.registrars.len()].domain;
        write!(self.from, "sip:user{account:05}@{domain}\0")
    }

    /// Builds and sends the first REGISTER of the account of [`Self::next_account`].
    pub(crate) fn build_and_send(&self) -> c_int {
        let mut message: *mut Message = ptr::null_mut();
        let proxy = self.registrars[self.begun % self.registrars.len()].proxy.as_ptr();
        let (from, contact) = (self.from.as_ptr().cast(), ptr::null());
        // SAFETY: a live context; the texts end with NUL; the message goes from the library to the
        // library.
        self.context.locked(|context| unsafe {
            let rid = api::eXosip_register_build_initial_register(
                context,
                from,
                proxy,
                contact,
                3600,
                &mut message,
            );
            if self.kind == Kind::HeaderAdded {
                api::osip_message_set_header(message, HEADER.as_ptr(), HEADER_VALUE.as_ptr());
            }
            api::eXosip_register_send_register(context, rid, message)
        })
    }

    /// Waits for an event, lets the library act, and frees the event.
    pub(crate) fn take_event(&self) -> Taken {
        self.context.next_event(20, 0).unwrap_or(Taken::NONE)
    }

    /// The registrar receives one request and answers it.
    pub(crate) fn answer_request(&mut self) -> io::Result<()> {
        counted_registrar(self)
    }

    /// Whether the program did what the table says: an error where it did not.
    fn check_last_request(&self) -> io::Result<()> {
        let request = String::from_utf8_lossy(&self.request[..self.length]);
        let has_header = request.contains("\r\nX-Serial-Number: 00:11:22:33:44:55\r\n");
        let login = if self.kind == Kind::OwnPasswords {
            user((self.begun - 1) % self.passwords)
        } else {
            "bench".to_owned()
        };
        let has_login = request.contains(&format!(" username=\"{login}\""));
        if has_header == (self.kind == Kind::HeaderAdded) && has_login == self.behaviour.challenge {
            Ok(())
        } else {
            Err(io::Error::other(format!("{:?} sent {request}", self.kind)))
        }
    }
}

impl Registrar {
    fn new(domain: &'static str) -> io::Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.set_read_timeout(Some(Duration::from_secs(20)))?;
        let proxy = CString::new(format!("sip:{}", socket.local_addr()?))?;
        Ok(Self { socket, proxy, domain })
    }
}

fn user(account: usize) -> String {
    format!("user{account:05}")
}

#[inline(never)]
#[unsafe(no_mangle)]
fn counted_registrar(program: &mut Program) -> io::Result<()> {
    let at = program.begun % program.registrars.len();
    let socket = &program.registrars[at].socket;
    let (length, from) = socket.recv_from(&mut program.request)?;
    program.length = length;
    let request = &program.request[..length];
    registrar::answer(request, from.port(), &program.behaviour, &mut program.answer);
    socket.send_to(&program.answer, from)?;
    Ok(())
}
