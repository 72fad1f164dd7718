//! C and C++ programs of this folder, compiled against `include/` and linked with the library just
//! built.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../support/c.rs"]
mod c;
#[path = "../support/phone.rs"]
mod phone;
#[path = "../support/registrar.rs"]
mod registrar;
#[allow(unreachable_pub)]
#[path = "../support/registrar_program.rs"]
mod registrar_program;
#[path = "../support/mod.rs"]
mod support;

mod call_styles;
mod catalogues;
mod examples;
mod exosip;
mod face;
mod habits;
mod old_name;
mod osip;
mod osip_headers;
mod registerer;
mod styles;
