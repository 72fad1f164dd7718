//! Sockets, wake-up, name look-up: bytes in, bytes out. Knows neither SIP transactions nor locks nor clocks.

mod address;
mod alarm;
mod cancel;
pub mod dns;
pub mod dns_message;
mod errqueue;
mod event_pipe;
mod fork;
mod links;
mod local;
mod receive_batch;
mod resolve;
mod send_batch;
mod signals;
mod udp;
mod wake;

pub(crate) use alarm::Alarm;
pub(crate) use cancel::Uncancelled;
pub(crate) use event_pipe::EventPipe;
pub(crate) use fork::generation;
pub(crate) use local::{Paths, find_free_port, guess_local_ip};
pub(crate) use receive_batch::ReceiveBatch;
pub(crate) use resolve::{Answer, Found, How, Resolver};
pub(crate) use send_batch::SEND_BATCH;
pub(crate) use signals::spawn_quiet;
pub(crate) use udp::{Bind, Family, Sent, UdpFlow};
pub(crate) use wake::{Ready, Waker};

/// A datagram of ours that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bounce {
    /// Where it was to go.
    pub(crate) to: std::net::SocketAddr,
    /// Why it did not, in words.
    pub(crate) reason: String,
    /// As much of it as came back.
    pub(crate) bytes: Vec<u8>,
}

/// What the system says about `error`, without Rust's "(os error 111)".
pub(crate) fn words(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
