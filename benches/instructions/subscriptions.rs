//! A C program that subscribes, or that others subscribe to; and the NOTIFYs of either.

use super::api::{self, Message};
use super::context::{Context, Taken, expect};
use super::exchanges::Exchange;
use super::peer::{PROGRAM, Peer, PeerRequest};
use libc::c_int;
use std::io;
use std::ptr;

const ACTIVE: c_int = 2;
/// What a 2xx to a SUBSCRIBE has.
const GRANTED: &str = "Expires: 3600\r\n";
/// What a SUBSCRIBE has.
const ASKED: &str = "Event: presence\r\nExpires: 3600\r\n";

/// Subscriptions of the program.
pub(crate) struct Subscriptions {
    /// Each gets its first NOTIFY.
    has_notify: bool,
    context: Context,
    peer: Peer,
}

/// NOTIFYs in one of them.
pub(crate) struct ReceivedNotifies {
    of: Subscriptions,
    call_id: String,
    from: String,
    count: usize,
}

/// Subscriptions to the program.
pub(crate) struct SubscriptionsToUs {
    /// Each sends its first NOTIFY.
    has_notify: bool,
    context: Context,
    peer: Peer,
    begun: usize,
}

/// NOTIFYs in one of them.
pub(crate) struct SentNotifies {
    of: SubscriptionsToUs,
    did: c_int,
}

impl Subscriptions {
    pub(crate) fn new(has_notify: bool) -> io::Result<Self> {
        let context = Context::new();
        let peer = Peer::of(&context)?;
        Ok(Self { has_notify, context, peer })
    }

    /// SUBSCRIBE, 200; and NOTIFY, 200: its Call-ID and its From.
    fn subscribe(&mut self) -> io::Result<(String, String)> {
        let mut message: *mut Message = ptr::null_mut();
        // SAFETY: a live context; the texts end with NUL; the message goes from the library to the
        // library.
        self.context.locked(|context| unsafe {
            let (to, from, event) =
                (self.peer.uri.as_ptr(), PROGRAM.as_ptr(), c"presence".as_ptr());
            let route = ptr::null();
            api::eXosip_subscription_build_initial_subscribe(
                context,
                &mut message,
                to,
                from,
                route,
                event,
                3600,
            );
            api::eXosip_subscription_send_initial_request(context, message)
        });
        self.peer.receive(b"SUBSCRIBE ")?;
        let [call_id, from] = [b"Call-ID".as_slice(), b"From"].map(|name| self.peer.field(name));
        let ids = (call_id?.to_owned(), from?.to_owned());
        self.peer.respond("200 OK", GRANTED)?;
        expect(take_event(&self.context), api::SUBSCRIPTION_ANSWERED)?;
        if self.has_notify {
            self.notify(1, (&ids.0, &ids.1))?;
        }
        Ok(ids)
    }

    fn notify(&mut self, number: usize, ids: (&str, &str)) -> io::Result<()> {
        self.peer.notify(number, ids)?;
        expect(take_event(&self.context), api::SUBSCRIPTION_NOTIFY)?;
        self.peer.receive(b"SIP/2.0 200 ")
    }
}

impl Exchange for Subscriptions {
    fn begin(&mut self) -> io::Result<()> {
        self.subscribe().map(drop)
    }

    fn context(&self) -> &Context {
        &self.context
    }
}

impl ReceivedNotifies {
    pub(crate) fn new() -> io::Result<Self> {
        let mut of = Subscriptions::new(true)?;
        let (call_id, from) = of.subscribe()?;
        Ok(Self { of, call_id, from, count: 1 })
    }
}

impl Exchange for ReceivedNotifies {
    /// NOTIFY, 200.
    fn begin(&mut self) -> io::Result<()> {
        self.count += 1;
        self.of.notify(self.count, (&self.call_id, &self.from))
    }

    fn context(&self) -> &Context {
        &self.of.context
    }
}

impl SubscriptionsToUs {
    pub(crate) fn new(has_notify: bool) -> io::Result<Self> {
        let context = Context::new();
        let peer = Peer::of(&context)?;
        Ok(Self { has_notify, context, peer, begun: 0 })
    }

    /// SUBSCRIBE, 200; and NOTIFY, 200: its dialog.
    fn accept(&mut self) -> io::Result<c_int> {
        self.begun += 1;
        let (number, cseq, tag, fields) = (self.begun, 1, "", ASKED);
        self.peer.request(PeerRequest { method: "SUBSCRIBE", number, cseq, tag, fields })?;
        let asked = expect(take_event(&self.context), api::IN_SUBSCRIPTION_NEW)?;
        let mut answer: *mut Message = ptr::null_mut();
        // SAFETY: a live context; the answer goes from the library to the library.
        self.context.locked(|context| unsafe {
            api::eXosip_insubscription_build_answer(context, asked.tid, 200, &mut answer);
            api::eXosip_insubscription_send_answer(context, asked.tid, 200, answer)
        });
        self.peer.receive_response(b"SIP/2.0 200 ", number)?;
        if self.has_notify {
            self.notify(asked.did)?;
        }
        Ok(asked.did)
    }

    fn notify(&mut self, did: c_int) -> io::Result<()> {
        let mut message: *mut Message = ptr::null_mut();
        // SAFETY: a live context; the message goes from the library to the library.
        self.context.locked(|context| unsafe {
            api::eXosip_insubscription_build_notify(context, did, ACTIVE, 0, &mut message);
            api::eXosip_insubscription_send_request(context, did, message)
        });
        self.peer.receive(b"NOTIFY ")?;
        self.peer.respond("200 OK", "")?;
        expect(take_event(&self.context), api::NOTIFICATION_ANSWERED).map(drop)
    }
}

impl Exchange for SubscriptionsToUs {
    fn begin(&mut self) -> io::Result<()> {
        self.accept().map(drop)
    }

    fn context(&self) -> &Context {
        &self.context
    }
}

impl SentNotifies {
    pub(crate) fn new() -> io::Result<Self> {
        let mut of = SubscriptionsToUs::new(true)?;
        let did = of.accept()?;
        Ok(Self { of, did })
    }
}

impl Exchange for SentNotifies {
    /// NOTIFY, 200.
    fn begin(&mut self) -> io::Result<()> {
        self.of.notify(self.did)
    }

    fn context(&self) -> &Context {
        &self.of.context
    }
}

fn take_event(context: &Context) -> Taken {
    context.next_event(20, 0).unwrap_or(Taken::NONE)
}
