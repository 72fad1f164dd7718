//! libosip2's helpers: threads, locks, queues, time.
#![allow(non_camel_case_types, reason = "the names in C")]
#![allow(
    clippy::missing_safety_doc,
    reason = "what each function asks of its caller is said once: ffi::Caller"
)]

pub mod osip;
pub mod osip_condv;
pub mod osip_fifo;
pub mod osip_mt;
pub mod osip_time;
