//! The settings of the registrar.

use register::auth::Algorithm;
use register::transport::Transport;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

/// An answer given instead of the right one.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// The status; 1xx: nothing follows it.
    pub(crate) status: u16,
    /// How many requests get it; `None`: all from here on.
    pub(crate) left: Option<u32>,
    /// Seconds for a Retry-After header.
    pub(crate) retry_after: Option<u32>,
}

/// Where a 200 states how long a binding lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExpiresIn {
    /// `;expires=` on each Contact, as RFC 3261 section 10.3 says.
    Contact,
    /// Only in an Expires header.
    Header,
    /// Nowhere.
    Nowhere,
}

/// All behaviour of the registrar; by default it follows the RFC and has no users.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// What messages come by.
    pub(crate) transport: Transport,
    /// Where they come to, for Via and Record-Route.
    pub(crate) local: SocketAddr,
    pub(crate) realm: String,
    /// Password by digest username.
    pub(crate) users: HashMap<String, String>,
    /// The password of every user that `users` does not name.
    pub(crate) any_user: Option<String>,
    /// Whether requests are challenged at all.
    pub(crate) auth: bool,
    /// One challenge each, in this order.
    pub(crate) algorithms: Vec<Algorithm>,
    /// The text of `qop`; `None`: none is offered.
    pub(crate) qop: Option<String>,
    pub(crate) nonce_life: Duration,
    /// A nonce proves one request only.
    pub(crate) nonce_once: bool,
    /// `nc` must grow with each use of a nonce.
    pub(crate) check_nc: bool,
    /// A refused answer is challenged with the same nonce again.
    pub(crate) keep_nonce: bool,
    /// 407 and Proxy-Authenticate instead of 401.
    pub(crate) proxy_auth: bool,
    /// 403 for a wrong answer instead of a new challenge.
    pub(crate) forbid: bool,
    /// 403 when the digest username is not the user of To.
    pub(crate) own_only: bool,
    /// Each 200 names the nonce to use next.
    pub(crate) next_nonce: bool,
    pub(crate) min_expires: u32,
    pub(crate) max_expires: u32,
    pub(crate) default_expires: u32,
    pub(crate) expires_in: ExpiresIn,
    pub(crate) faults: Vec<Fault>,
    /// The Contact of 3xx faults.
    pub(crate) redirect: Option<String>,
    /// How many datagrams are ignored at first.
    pub(crate) silent: u32,
    /// Percent of datagrams lost, each way.
    pub(crate) loss: u32,
    /// Percent of answers sent twice.
    pub(crate) duplicate: u32,
    /// How long each answer is held back.
    pub(crate) delay: Duration,
    /// Decides nonces, tags and losses.
    pub(crate) seed: u64,
    /// Contacts come back without their parameters.
    pub(crate) strip_contact_params: bool,
    /// Another device's Contact comes first in each 200.
    pub(crate) foreign_contact: bool,
    /// Contacts are known by instance and reg-id where they have both (RFC 5626).
    pub(crate) outbound: bool,
    /// What Via says the request came from, instead of its source address.
    pub(crate) received: Option<SocketAddr>,
    /// Whether log lines are made.
    pub(crate) log: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            transport: Transport::Udp,
            local: SocketAddr::from(([127, 0, 0, 1], 5060)),
            realm: "rig.test".into(),
            users: HashMap::new(),
            any_user: None,
            auth: true,
            algorithms: vec![Algorithm::Md5],
            qop: Some("auth".into()),
            nonce_life: Duration::from_secs(300),
            nonce_once: false,
            check_nc: false,
            keep_nonce: false,
            proxy_auth: false,
            forbid: false,
            own_only: false,
            next_nonce: false,
            min_expires: 0,
            max_expires: 86_400,
            default_expires: 3600,
            expires_in: ExpiresIn::Contact,
            faults: Vec::new(),
            redirect: None,
            silent: 0,
            loss: 0,
            duplicate: 0,
            delay: Duration::ZERO,
            seed: 1,
            strip_contact_params: false,
            foreign_contact: false,
            outbound: false,
            received: None,
            log: true,
        }
    }
}
