//! What the application sets for all registrations of a context.

use crate::transport::Transport;
use std::time::Duration;

/// What decides the shape of requests and the policy of one context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What the eXosip calls go by, as their Via and their automatic Contacts say.
    pub transport: Transport,
    /// The User-Agent header; may be empty.
    pub user_agent: String,
    /// Option 7: `;rport` in Via (RFC 3581), IPv4 only.
    pub rport: bool,
    /// Option 2, see [`Masquerade`].
    pub masquerade: Masquerade,
    /// Option 16: a Date header in REGISTER.
    pub date: bool,
    /// Option 27: a preloaded Route decides the destination but is not sent.
    pub remove_route: bool,
    /// Option 14: the SRV records of a registrar's domain are asked for.
    pub servers: bool,
    /// Option 18: the addresses of a name are reused while they are fresh.
    pub reuse_names: bool,
    /// Option 28: the URN of `+sip.instance`, without brackets.
    pub instance: Option<String>,
    /// Option 31: the display name of automatic Contacts, unquoted.
    pub contact_name: Option<String>,
    /// Option 24: the Contacts of dialogs ask for requests over their flow (`ob`, RFC 5626).
    pub dialog_by_flow: bool,
    /// Option 34: header parameters of the Contacts of dialogs.
    pub dialog_contact_params: Option<String>,
    /// Option 1: the time between keep-alives to each registrar; `None`: none are sent.
    pub keep_alive: Option<Duration>,
    /// `eXosip_masquerade_contact`: the host of automatic Contacts.
    pub public_host: Option<String>,
    /// `eXosip_masquerade_contact`: the port of automatic Contacts and of Via.
    pub public_port: Option<u16>,
    /// Option 33: requests in a dialog go where the peer's messages come from.
    pub reuse_flow: bool,
    /// Option 32: a session timer begins also where only the peer speaks of it.
    pub force_session_timer: bool,
    /// Option 19: a BYE is answered with 200 at once.
    pub answers_bye: bool,
    /// `registerer_set_registrars_only`: requests from other addresses than those of registrars are
    /// dropped.
    pub registrars_only: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            transport: Transport::Udp,
            user_agent: concat!("libregister/", env!("CARGO_PKG_VERSION")).to_owned(),
            rport: true,
            masquerade: Masquerade::Automatic,
            date: false,
            remove_route: true,
            servers: true,
            reuse_names: true,
            instance: None,
            contact_name: None,
            dialog_by_flow: false,
            dialog_contact_params: None,
            keep_alive: Some(Duration::from_millis(17_000)),
            public_host: None,
            public_port: None,
            reuse_flow: false,
            force_session_timer: false,
            answers_bye: true,
            registrars_only: false,
        }
    }
}

/// What the agent does with the address that a server saw us at (`received`, `rport`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masquerade {
    /// Nothing.
    Off,
    /// Replaces it in Contacts that the agent made itself. The default.
    Automatic,
    /// Replaces it in every Contact: the application set option 2 itself.
    Every,
}
