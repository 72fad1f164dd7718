//! The core without sockets: timers and states, a line per instant; seeded networks; texts.
#![allow(missing_docs, clippy::unwrap_used)]

mod auth;
mod auth_policy;
#[allow(dead_code, unreachable_pub)]
mod common;
mod digest;
mod incoming;
mod octets;
mod policy;
mod register;
mod registerer;
mod registerer_attempts;
mod registerer_digest;
mod registerer_edges;
mod registerer_end;
mod registerer_explain;
mod registerer_flow;
mod registerer_many;
mod registerer_moves;
mod registerer_nat;
mod registerer_own;
mod registerer_regressions;
mod registerer_targets;
mod registrar;
mod requests;
mod secrets;
mod server_transaction;
mod sip;
mod torture;
mod transaction;
#[allow(clippy::disallowed_methods)]
mod world;
