//! The control socket: a request is one line, and so is its reply, in JSON.

mod client;
mod request;
mod server;

pub(crate) use client::ControlClient;
pub(crate) use request::{ControlRequest, HELP};
pub(crate) use server::{ControlServer, ReloadAnswer, listen};
