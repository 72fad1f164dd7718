//! The engine with sockets of the loopback interface, threads and processes.
#![allow(missing_docs, clippy::unwrap_used)]

#[allow(unsafe_code)]
mod batches;
mod network;
#[allow(clippy::disallowed_methods)]
mod registerer;
mod tcp;
mod trace;
