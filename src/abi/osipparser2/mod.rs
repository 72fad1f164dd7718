//! libosip2's parser side: the structs of a message and the functions on them.
#![allow(non_camel_case_types, reason = "the names in C")]
#![allow(
    clippy::missing_safety_doc,
    reason = "what each function asks of its caller is said once: door::Caller"
)]

mod challenge;
pub(crate) mod ctypes;
pub mod headers;
mod known;
mod list;
mod message_held;
mod message_mould;
mod message_read;
mod message_renew;
mod message_text;
mod message_write;
pub mod osip_body;
pub mod osip_const;
pub mod osip_headers;
pub mod osip_list;
pub mod osip_message;
pub mod osip_parser;
pub mod osip_port;
pub mod osip_uri;
pub(crate) mod part;
mod reason;
mod text;
mod tracing;
mod uri_text;
