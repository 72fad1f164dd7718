//! A C program that makes calls, or takes them, with the other telephone in the same thread.

use super::api::{self, Event, Message};
use super::counting;
use super::measure;
use libc::{c_int, c_void};
use std::ffi::CString;
use std::io::{self, Write as _};
use std::net::UdpSocket;
use std::ptr;
use std::time::Duration;

/// Calls before anything is counted.
const WARM_UP: usize = 50;
const FROM: &std::ffi::CStr = c"sip:program@bench.test";
/// Between looks for the last events of calls, which come seconds after their ends; and so often.
const PAUSE: Duration = Duration::from_millis(50);
const MOST_PAUSES: usize = 100_000;
/// Until every transaction of a call that stands is over: 64·T1 and a little (RFC 6026 section 8).
const TO_REST: Duration = Duration::from_millis(33_000);

/// Who calls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Made,
    Taken,
}

/// The two, with their names in the table.
pub(crate) const DIRECTIONS: [(Direction, &str); 2] =
    [(Direction::Made, "a call made"), (Direction::Taken, "a call taken")];

/// The program with the other telephone.
struct CallProgram {
    direction: Direction,
    context: *mut c_void,
    other: UdpSocket,
    /// The URI of the other telephone, and its address.
    callee: CString,
    address: String,
    begun: usize,
    released: usize,
    received: Vec<u8>,
    length: usize,
    text: Vec<u8>,
}

/// What hangs up a call.
#[derive(Clone, Copy)]
struct Standing {
    number: usize,
    cid: c_int,
    did: c_int,
}

/// Makes or takes `count` calls from beginning to end, and prints the calls of malloc meanwhile.
pub(crate) fn run_calls(direction: Direction, count: usize) -> io::Result<()> {
    let mut program = CallProgram::new(direction)?;
    for _ in 0..WARM_UP {
        program.whole_call()?;
    }
    counting::always();
    for _ in 0..count {
        program.whole_call()?;
    }
    program.until_released(WARM_UP + count)?;
    println!("{}", counting::calls());
    Ok(())
}

/// Lets `count` calls stand until their transactions are over. Prints the memory in RAM before the
/// first of them and at the end.
pub(crate) fn run_standing(direction: Direction, count: usize) -> io::Result<()> {
    let mut program = CallProgram::new(direction)?;
    program.whole_call()?;
    let before = measure::resident();
    for _ in 0..count {
        program.begin_call()?;
    }
    measure::pause(TO_REST);
    program.automatic_action();
    println!("{before} {}", measure::resident());
    Ok(())
}

impl CallProgram {
    fn new(direction: Direction) -> io::Result<Self> {
        let other = UdpSocket::bind(("127.0.0.1", 0))?;
        other.set_read_timeout(Some(Duration::from_secs(20)))?;
        let address = other.local_addr()?.to_string();
        // SAFETY: the address ends with NUL, the option's value is an int that lives through the
        // call, and the context is one of eXosip_malloc.
        let context = unsafe {
            let context = api::eXosip_malloc();
            api::eXosip_init(context);
            let never: c_int = 0;
            api::eXosip_set_option(context, api::KEEP_ALIVE, ptr::from_ref(&never).cast());
            let local = c"127.0.0.1".as_ptr();
            api::eXosip_listen_addr(context, libc::IPPROTO_UDP, local, 0, libc::AF_INET, 0);
            context
        };
        let mut program = Self {
            direction,
            context,
            callee: CString::new(format!("sip:other@{address}"))?,
            other,
            address,
            begun: 0,
            released: 0,
            received: vec![0; 4096],
            length: 0,
            text: Vec::new(),
        };
        program.find_port()?;
        Ok(program)
    }

    /// A request of the program tells where it listens: the other telephone is connected to that.
    fn find_port(&mut self) -> io::Result<()> {
        let mut message: *mut Message = ptr::null_mut();
        // SAFETY: a live context; the texts end with NUL; the message goes from the library to the
        // library.
        unsafe {
            let (to, from, method) = (self.callee.as_ptr(), FROM.as_ptr(), c"MESSAGE".as_ptr());
            let context = self.context;
            api::eXosip_message_build_request(context, &mut message, method, to, from, ptr::null());
            api::eXosip_message_send_request(context, message);
        }
        let (length, program) = self.other.recv_from(&mut self.received)?;
        self.length = length;
        self.other.connect(program)?;
        self.respond("200 OK", false)?;
        expect(self.take_event(), api::MESSAGE_ANSWERED).map(drop)
    }

    fn whole_call(&mut self) -> io::Result<()> {
        let call = self.begin_call()?;
        self.end_call(call)
    }

    fn begin_call(&mut self) -> io::Result<Standing> {
        self.begun += 1;
        match self.direction {
            Direction::Made => self.make(),
            Direction::Taken => self.take(),
        }
    }

    /// INVITE, 180, 200, ACK.
    fn make(&mut self) -> io::Result<Standing> {
        let (mut message, context): (*mut Message, _) = (ptr::null_mut(), self.context);
        // SAFETY: a live context; the texts end with NUL; the message goes from the library to the
        // library.
        let cid = unsafe {
            let (to, from) = (self.callee.as_ptr(), FROM.as_ptr());
            api::eXosip_lock(context);
            api::eXosip_call_build_initial_invite(
                context,
                &mut message,
                to,
                from,
                ptr::null(),
                ptr::null(),
            );
            let cid = api::eXosip_call_send_initial_invite(context, message);
            api::eXosip_unlock(context);
            cid
        };
        self.receive(b"INVITE ")?;
        self.respond("180 Ringing", true)?;
        self.respond("200 OK", true)?;
        expect(self.take_event(), api::CALL_RINGING)?;
        let answered = expect(self.take_event(), api::CALL_ANSWERED)?;
        // SAFETY: a live context; NULL for the ACK that the library makes.
        unsafe {
            api::eXosip_lock(context);
            api::eXosip_call_send_ack(context, answered.tid, ptr::null_mut());
            api::eXosip_unlock(context);
        }
        self.receive(b"ACK ")?;
        Ok(Standing { number: self.begun, cid, did: answered.did })
    }

    /// The same from the other side.
    fn take(&mut self) -> io::Result<Standing> {
        let number = self.begun;
        self.request("INVITE", number, 1, "")?;
        let invite = expect(self.take_event(), api::CALL_INVITE)?;
        let (mut answer, context): (*mut Message, _) = (ptr::null_mut(), self.context);
        // SAFETY: a live context; the answer goes from the library to the library.
        unsafe {
            api::eXosip_lock(context);
            api::eXosip_call_send_answer(context, invite.tid, 180, ptr::null_mut());
            api::eXosip_call_build_answer(context, invite.tid, 200, &mut answer);
            api::eXosip_call_send_answer(context, invite.tid, 200, answer);
            api::eXosip_unlock(context);
        }
        while !self.received[..self.length].starts_with(b"SIP/2.0 200 ") || !self.is_of(number) {
            self.receive(b"SIP/2.0 ")?;
        }
        let tag = self.tag()?;
        self.request("ACK", number, 1, &tag)?;
        let ack = expect(self.take_event(), api::CALL_ACK)?;
        Ok(Standing { number, cid: ack.cid, did: ack.did })
    }

    /// BYE, 200.
    fn end_call(&mut self, call: Standing) -> io::Result<()> {
        if self.direction == Direction::Taken {
            let tag = self.tag()?;
            self.request("BYE", call.number, 2, &tag)?;
            expect(self.take_event(), api::CALL_MESSAGE_NEW)?;
            expect(self.take_event(), api::CALL_CLOSED)?;
            return self.receive(b"SIP/2.0 200 ");
        }
        // SAFETY: a live context.
        unsafe {
            api::eXosip_lock(self.context);
            api::eXosip_call_terminate(self.context, call.cid, call.did);
            api::eXosip_unlock(self.context);
        }
        self.receive(b"BYE ")?;
        self.respond("200 OK", false)?;
        expect(self.take_event(), api::CALL_MESSAGE_ANSWERED).map(drop)
    }

    /// Fetches the last event of each call.
    fn until_released(&mut self, count: usize) -> io::Result<()> {
        for _ in 0..MOST_PAUSES {
            let before = self.released;
            match self.next_event(10) {
                Some(_) if self.released == before => {
                    return Err(io::Error::other("an event after the end of all calls"));
                }
                Some(_) => {}
                None => measure::pause(PAUSE),
            }
            if self.released >= count {
                return Ok(());
            }
        }
        Err(io::Error::other(format!("{} calls released, not {count}", self.released)))
    }

    /// The next event that is not a release, which is counted.
    fn take_event(&mut self) -> Taken {
        loop {
            let before = self.released;
            match self.next_event(20_000) {
                Some(_) if self.released > before => {}
                Some(taken) => return taken,
                None => return Taken { kind: -1, tid: 0, did: 0, cid: 0 },
            }
        }
    }

    fn next_event(&mut self, milliseconds: c_int) -> Option<Taken> {
        // SAFETY: a live context; what event_wait returns is NULL or an event, which is freed once.
        unsafe {
            let event: *mut Event = api::eXosip_event_wait(self.context, 0, milliseconds);
            self.automatic_action();
            let taken = event.as_ref().map(|event| Taken {
                kind: event.kind,
                tid: event.tid,
                did: event.did,
                cid: event.cid,
            });
            api::eXosip_event_free(event);
            let is_release = taken.is_some_and(|taken| taken.kind == api::CALL_RELEASED);
            self.released += usize::from(is_release);
            taken
        }
    }

    fn automatic_action(&self) {
        // SAFETY: a live context.
        unsafe {
            api::eXosip_lock(self.context);
            api::eXosip_automatic_action(self.context);
            api::eXosip_unlock(self.context);
        }
    }

    // ---- the other telephone ---------------------------------------------------------------------

    /// The next message, which begins so.
    fn receive(&mut self, beginning: &[u8]) -> io::Result<()> {
        self.length = self.other.recv(&mut self.received)?;
        let text = &self.received[..self.length];
        if text.starts_with(beginning) {
            return Ok(());
        }
        Err(io::Error::other(format!("received {}", String::from_utf8_lossy(text))))
    }

    /// Whether the message received last belongs to the call of this number.
    fn is_of(&self, number: usize) -> bool {
        let line = format!("\r\nCall-ID: {number}\r\n");
        memchr::memmem::find(&self.received[..self.length], line.as_bytes()).is_some()
    }

    /// The program's tag, with `;tag=`, from a response to the other telephone.
    fn tag(&self) -> io::Result<String> {
        let text = String::from_utf8_lossy(&self.received[..self.length]);
        let to = text.split("\r\nTo: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let tag = to.and_then(|to| to.find(";tag=").map(|at| to[at..].to_owned()));
        tag.ok_or_else(|| io::Error::other("a response without a tag"))
    }

    /// Answers the request received last.
    fn respond(&mut self, status: &str, with_contact: bool) -> io::Result<()> {
        self.text.clear();
        let _ = write!(self.text, "SIP/2.0 {status}\r\n");
        for line in self.received[..self.length].split(|&b| b == b'\n').skip(1) {
            match line {
                [b'T', b'o', ..] if memchr::memmem::find(line, b";tag=").is_none() => {
                    self.text.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                    self.text.extend_from_slice(b";tag=other\r\n");
                }
                [b'V', b'i', ..]
                | [b'F', b'r', ..]
                | [b'T', b'o', ..]
                | [b'C', b'a', ..]
                | [b'C', b'S', ..] => {
                    self.text.extend_from_slice(line);
                    self.text.push(b'\n');
                }
                _ => {}
            }
        }
        if with_contact {
            let _ = write!(self.text, "Contact: <sip:other@{}>\r\n", self.address);
        }
        self.text.extend_from_slice(b"Content-Length: 0\r\n\r\n");
        self.other.send(&self.text).map(drop)
    }

    /// Sends a request of a call to the program.
    fn request(&mut self, method: &str, number: usize, cseq: u32, tag: &str) -> io::Result<()> {
        self.text.clear();
        let address = &self.address;
        let program = self.other.peer_addr()?;
        let _ = write!(
            self.text,
            "{method} sip:program@{program} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {address};branch=z9hG4bK{number}{method}\r\nMax-Forwards: 70\r\n\
             From: <sip:other@bench.test>;tag=other\r\nTo: <sip:program@bench.test>{tag}\r\n\
             Call-ID: {number}\r\nCSeq: {cseq} {method}\r\nContact: <sip:other@{address}>\r\n\
             Content-Length: 0\r\n\r\n"
        );
        self.other.send(&self.text).map(drop)
    }
}

/// What an event said.
#[derive(Clone, Copy)]
struct Taken {
    kind: c_int,
    tid: c_int,
    did: c_int,
    cid: c_int,
}

fn expect(taken: Taken, kind: c_int) -> io::Result<Taken> {
    if taken.kind == kind {
        return Ok(taken);
    }
    Err(io::Error::other(format!("event {}, not {kind}", taken.kind)))
}
