//! The core without sockets: timers and states, a line per instant; seeded networks; texts.
#![allow(missing_docs, clippy::unwrap_used)]

mod auth;
mod auth_policy;
mod bounded_numbers;
#[allow(dead_code, unreachable_pub)]
mod common;
mod digest;
mod final_refusals;
mod incoming;
mod leniency;
mod managed;
mod managed_attempts;
mod managed_digest;
mod managed_edges;
mod managed_end;
mod managed_explain;
mod managed_flow;
mod managed_many;
mod managed_moves;
mod managed_nat;
mod managed_own;
mod managed_regressions;
mod managed_targets;
mod missing_transport;
mod octets;
mod policy;
mod register;
mod registrar;
mod requests;
mod secrets;
mod server_transaction;
mod sip;
mod torture;
mod transaction;
#[allow(clippy::disallowed_methods)]
mod world;
