//! Sockets, wake-up, name look-up: bytes in, bytes out. It knows no SIP transactions or locks,
//! and of clocks only how long the machine has slept.

mod address;
mod alarm;
mod cancel;
mod descriptor;
pub mod dns;
pub mod dns_message;
mod error_queue;
mod error_text;
mod event_pipe;
mod fork;
mod interfaces;
mod message_stream;
mod path;
mod poller;
mod receive_batch;
mod resolve;
mod resolve_queue;
mod send_batch;
mod sleep;
mod step_poll;
mod stream_poll;
mod suspension;
mod tcp;
mod tcp_listener;
mod thread;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "no_tls.rs"]
mod tls;
mod tls_layer;
mod udp;

pub(crate) use crate::sip::Frame;
pub(crate) use alarm::Alarm;
pub(crate) use cancel::{CancelGuard, Cancelability};
pub(crate) use descriptor::{is_descriptor, take_descriptor};
pub(crate) use error_queue::DeliveryError;
pub(crate) use error_text::error_text;
pub(crate) use event_pipe::EventPipe;
pub(crate) use fork::generation;
pub(crate) use message_stream::MessageStream;
pub(crate) use path::{find_free_port, guess_local_ip, local_address, path_mtu};
pub(crate) use poller::{Poller, Ready};
pub(crate) use receive_batch::ReceiveBatch;
pub(crate) use resolve::Resolver;
pub(crate) use send_batch::SEND_BATCH;
pub(crate) use sleep::{Sleep, Sleeper};
pub(crate) use step_poll::StepPoll;
pub(crate) use stream_poll::{StreamPoll, StreamReady, wait_writable};
pub(crate) use suspension::suspended;
pub(crate) use tcp::{ConnectOptions, TcpConnection};
pub(crate) use tcp_listener::{Accepted, TcpPort};
pub(crate) use thread::{spawn_small_without_signals, spawn_without_signals};
#[cfg(feature = "tls")]
pub use tls::check_certificate;
pub(crate) use tls_layer::TlsOptions;
pub(crate) use udp::{Bind, Family, SendResult, UdpSocket, wildcard};
