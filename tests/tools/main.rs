//! The tools, as they are run: their options, what they print and write, how they end.
#![allow(missing_docs, clippy::unwrap_used)]

mod manual;
mod packets;
#[allow(dead_code, unreachable_pub, clippy::duplicate_mod)]
#[path = "../../src/bin/tools/pcap.rs"]
mod pcap;
#[allow(unreachable_pub)]
#[path = "../support/registrar_program.rs"]
mod registrar_program;
mod sipreg;
mod sipreg_output;
mod support;
#[cfg(feature = "tls")]
mod tls;
