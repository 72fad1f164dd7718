//! libosip2's parser side: the structs of a message and the functions on them.
#![allow(non_camel_case_types, reason = "the names in C")]
#![allow(
    clippy::missing_safety_doc,
    reason = "what each function asks of its caller is said once: ffi::Caller"
)]

mod challenge;
pub(crate) mod cstruct;
pub(crate) mod ctypes;
mod header_table;
pub mod headers;
pub(crate) mod list;
mod message_cstruct;
mod message_reader;
mod message_retained;
mod message_text;
mod message_update;
mod message_writer;
pub mod osip_body;
pub mod osip_const;
pub mod osip_headers;
pub mod osip_list;
pub mod osip_md5;
pub mod osip_message;
pub mod osip_parser;
pub mod osip_port;
pub mod osip_uri;
pub mod sdp_message;
mod sdp_text;
mod search;
mod text;
pub(crate) mod tracing;
mod uri_text;
