//! When REGISTERs are sent: two policies over the methods of a registration.

pub mod automatic_action;
pub mod managed;
