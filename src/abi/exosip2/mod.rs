//! eXosip2's headers. `<eXosip2/eXosip.h>` alone gives a program everything.
#![allow(non_camel_case_types, non_snake_case)]

mod call;
pub(crate) mod context;
mod event;
mod event_kind;
mod given_address;
mod message;
mod naptr;
mod request;
mod sent;
pub(crate) mod set_option;
mod text;
mod tls;
mod unprototyped;
pub(crate) mod waiting;

pub mod ex_call;
pub mod ex_event;
pub mod ex_message;
pub mod ex_option;
pub mod ex_options;
pub mod ex_publish;
pub mod ex_register;
pub mod ex_sdp;
pub mod ex_setup;
pub mod ex_subscribe;
pub mod exosip;
