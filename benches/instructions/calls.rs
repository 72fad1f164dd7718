//! A C program that makes calls, or takes them, from beginning to end.

use super::api::{self, Message};
use super::context::{Context, Taken, expect};
use super::exchanges::Exchange;
use super::measure;
use super::peer::{PROGRAM, Peer, PeerRequest};
use libc::c_int;
use std::io;
use std::ptr;
use std::time::Duration;

/// Between looks for the last events of calls, which come seconds after their ends; and so often.
const PAUSE: Duration = Duration::from_millis(50);
const MOST_PAUSES: usize = 100_000;

/// The program with the other telephone.
pub(crate) struct Calls {
    is_maker: bool,
    context: Context,
    peer: Peer,
    begun: usize,
    ended: usize,
    released: usize,
}

/// What hangs up a call.
#[derive(Clone, Copy)]
struct Standing {
    number: usize,
    cid: c_int,
    did: c_int,
}

impl Exchange for Calls {
    fn begin(&mut self) -> io::Result<()> {
        self.begin_call().map(drop)
    }

    fn whole(&mut self) -> io::Result<()> {
        let call = self.begin_call()?;
        self.end_call(call)?;
        self.ended += 1;
        Ok(())
    }

    /// Fetches the last event of each call.
    fn end(&mut self) -> io::Result<()> {
        for _ in 0..MOST_PAUSES {
            match self.context.next_event(0, 10) {
                Some(taken) if taken.kind != api::CALL_RELEASED => {
                    return Err(io::Error::other("an event after the end of all calls"));
                }
                Some(_) => self.released += 1,
                None => measure::pause(PAUSE),
            }
            if self.released >= self.ended {
                return Ok(());
            }
        }
        Err(io::Error::other(format!("{} calls released, not {}", self.released, self.ended)))
    }

    fn context(&self) -> &Context {
        &self.context
    }
}

impl Calls {
    /// Those that the program makes.
    pub(crate) fn made() -> io::Result<Self> {
        Self::new(true)
    }

    /// Those that it takes.
    pub(crate) fn taken() -> io::Result<Self> {
        Self::new(false)
    }

    fn new(is_maker: bool) -> io::Result<Self> {
        let context = Context::new();
        let peer = Peer::of(&context)?;
        Ok(Self { is_maker, context, peer, begun: 0, ended: 0, released: 0 })
    }

    fn begin_call(&mut self) -> io::Result<Standing> {
        self.begun += 1;
        if self.is_maker { self.make() } else { self.take() }
    }

    /// INVITE, 180, 200, ACK.
    fn make(&mut self) -> io::Result<Standing> {
        let mut message: *mut Message = ptr::null_mut();
        // SAFETY: a live context; the texts end with NUL; the message goes from the library to the
        // library.
        let cid = self.context.locked(|context| unsafe {
            let (to, from) = (self.peer.uri.as_ptr(), PROGRAM.as_ptr());
            api::eXosip_call_build_initial_invite(
                context,
                &mut message,
                to,
                from,
                ptr::null(),
                ptr::null(),
            );
            api::eXosip_call_send_initial_invite(context, message)
        });
        self.peer.receive(b"INVITE ")?;
        self.peer.respond("180 Ringing", "")?;
        self.peer.respond("200 OK", "")?;
        expect(self.take_event(), api::CALL_RINGING)?;
        let answered = expect(self.take_event(), api::CALL_ANSWERED)?;
        // SAFETY: a live context; NULL for the ACK that the library makes.
        self.context.locked(|context| unsafe {
            api::eXosip_call_send_ack(context, answered.tid, ptr::null_mut())
        });
        self.peer.receive(b"ACK ")?;
        Ok(Standing { number: self.begun, cid, did: answered.did })
    }

    /// The same from the other side.
    fn take(&mut self) -> io::Result<Standing> {
        let number = self.begun;
        self.request("INVITE", number, 1, "")?;
        let invite = expect(self.take_event(), api::CALL_INVITE)?;
        let mut answer: *mut Message = ptr::null_mut();
        // SAFETY: a live context; the answer goes from the library to the library.
        self.context.locked(|context| unsafe {
            api::eXosip_call_send_answer(context, invite.tid, 180, ptr::null_mut());
            api::eXosip_call_build_answer(context, invite.tid, 200, &mut answer);
            api::eXosip_call_send_answer(context, invite.tid, 200, answer)
        });
        self.peer.receive_response(b"SIP/2.0 200 ", number)?;
        let tag = self.peer.tag()?;
        self.request("ACK", number, 1, &tag)?;
        let ack = expect(self.take_event(), api::CALL_ACK)?;
        Ok(Standing { number, cid: ack.cid, did: ack.did })
    }

    /// BYE, 200.
    fn end_call(&mut self, call: Standing) -> io::Result<()> {
        if !self.is_maker {
            let tag = self.peer.tag()?;
            self.request("BYE", call.number, 2, &tag)?;
            expect(self.take_event(), api::CALL_MESSAGE_NEW)?;
            expect(self.take_event(), api::CALL_CLOSED)?;
            return self.peer.receive(b"SIP/2.0 200 ");
        }
        // SAFETY: a live context.
        self.context
            .locked(|context| unsafe { api::eXosip_call_terminate(context, call.cid, call.did) });
        self.peer.receive(b"BYE ")?;
        self.peer.respond("200 OK", "")?;
        expect(self.take_event(), api::CALL_MESSAGE_ANSWERED).map(drop)
    }

    fn request(&mut self, method: &str, number: usize, cseq: usize, tag: &str) -> io::Result<()> {
        self.peer.request(PeerRequest { method, number, cseq, tag, fields: "" })
    }

    /// The next event that is not a release, which is counted.
    fn take_event(&mut self) -> Taken {
        loop {
            match self.context.next_event(20, 0) {
                Some(taken) if taken.kind == api::CALL_RELEASED => self.released += 1,
                Some(taken) => return taken,
                None => return Taken::NONE,
            }
        }
    }
}
