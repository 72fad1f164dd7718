//! The engine with sockets of the loopback interface, threads and processes.
#![allow(missing_docs, clippy::unwrap_used)]

#[allow(unsafe_code)]
mod batches;
#[cfg(feature = "tls")]
#[allow(unreachable_pub)]
#[path = "../../src/bin/registrar/certificate.rs"]
mod certificate;
mod network;
#[allow(clippy::disallowed_methods)]
mod registerer;
#[allow(unreachable_pub)]
#[path = "../support/registrar_program.rs"]
mod registrar_program;
#[allow(clippy::disallowed_methods)]
mod tcp;
mod tcp_server;
#[cfg(feature = "tls")]
mod tls;
mod trace;
#[allow(clippy::disallowed_methods)]
mod two_flows;
