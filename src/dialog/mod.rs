//! Dialogs (RFC 3261 section 12): their ids, route set, remote target, and sequence numbers both
//! ways.

mod answers;
mod creation;
mod requests;
mod route_set;
mod subscribed;
mod user_context;

pub use route_set::RouteSet;
pub use user_context::UserContext;

use crate::request::tag_of;
use crate::request::target::request_uri;
use crate::sip::{Contact, Message, NameAddr, Uri};

/// A dialog of ours, early or confirmed.
///
/// It holds texts as they stand in header fields, and nothing of the messages that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialog {
    call_id: Box<str>,
    /// Our From value with its tag.
    local: Box<str>,
    /// The peer's To value; its tag is missing until a response has one.
    remote: Box<str>,
    /// The number of the last request of ours.
    local_cseq: u32,
    /// The number of the last request of the peer, if there was one.
    remote_cseq: Option<u32>,
    route_set: RouteSet,
    /// The URI of the remote target.
    target: Box<str>,
    is_caller: bool,
    is_confirmed: bool,
    /// All hops use TLS: our Contacts are `sips:` as well.
    is_secure: bool,
}

/// How the CSeq of a request stands to those before it (RFC 3261 section 12.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It is higher than all before it.
    Next,
    /// It is the same as the last one.
    Repeated,
    /// It is lower: the request is answered with 500.
    Late,
}

/// The URI of the first Contact of `message`, fit for a Request-URI. Only a `sip:` or `sips:` URI
/// can be a remote target (RFC 3261 section 12.1.1).
fn target_of(message: &Message<'_>) -> Option<Box<str>> {
    message.contacts().find_map(|contact| {
        let Contact::Addr(address) = contact else { return None };
        let uri = Uri::parse(address.uri).ok().filter(|uri| !uri.host.is_empty())?;
        Some(request_uri(&uri).into())
    })
}

impl Dialog {
    /// The Call-ID.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Our tag.
    pub fn local_tag(&self) -> &str {
        tag_of(&self.local)
    }

    /// The peer's tag; empty while it has none.
    pub fn remote_tag(&self) -> &str {
        tag_of(&self.remote)
    }

    /// The URI of the peer, as its From or To has it.
    pub fn remote_uri(&self) -> &str {
        NameAddr::parse(&self.remote).map_or("", |party| party.uri)
    }

    /// Our own address, with its tag: From of our requests.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The peer's address, with its tag: To of our requests.
    pub fn remote(&self) -> &str {
        &self.remote
    }

    /// The URI of the remote target: the Request-URI of our requests, but for strict routers.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The routers that our requests pass.
    pub fn route_set(&self) -> &RouteSet {
        &self.route_set
    }

    /// The number of the last request of ours.
    pub fn local_cseq(&self) -> u32 {
        self.local_cseq
    }

    /// Whether a request of ours made it.
    pub fn is_caller(&self) -> bool {
        self.is_caller
    }

    /// Whether a 2xx has confirmed it; an early dialog otherwise.
    pub fn is_confirmed(&self) -> bool {
        self.is_confirmed
    }

    /// A 2xx confirms it: ours as callee.
    pub fn confirm(&mut self) {
        self.is_confirmed = true;
    }

    /// Whether a request of the peer with these ids belongs to it (RFC 3261 section 12.2.2):
    /// Call-ID and both tags are the same. As long as no response had a tag, any of the peer's is.
    pub fn matches(&self, call_id: &str, local_tag: &str, remote_tag: &str) -> bool {
        let known = self.remote_tag();
        *self.call_id == *call_id
            && self.local_tag() == local_tag
            && (known == remote_tag || (known.is_empty() && self.is_early_of_ours()))
    }

    /// Whether a request of the peer with these ids comes from another branch of our INVITE, whose
    /// 1xx did not reach us (yet): see [`Dialog::take_branch`].
    pub fn may_have_branch(&self, call_id: &str, local_tag: &str) -> bool {
        self.is_early_of_ours() && *self.call_id == *call_id && self.local_tag() == local_tag
    }

    fn is_early_of_ours(&self) -> bool {
        self.is_caller && !self.is_confirmed
    }

    /// A request of the peer has come: where its CSeq belongs. ACK and CANCEL bear the number of
    /// their INVITE, and one without a number is late.
    pub fn on_request(&mut self, request: &Message<'_>) -> Order {
        if matches!(request.method(), Some("ACK" | "CANCEL")) {
            return Order::Next;
        }
        let Some(cseq) = request.cseq() else { return Order::Late };
        match self.remote_cseq {
            Some(last) if cseq.number < last => Order::Late,
            Some(last) if cseq.number == last => Order::Repeated,
            _ => {
                self.remote_cseq = Some(cseq.number);
                Order::Next
            }
        }
    }

    /// A request of the peer that refreshes the target (INVITE, UPDATE; RFC 3261 section 12.2.2,
    /// RFC 3311 section 5.2) is accepted: its Contact, if it has one, is the target from now on.
    pub fn refresh_target(&mut self, request: &Message<'_>) {
        if matches!(request.method(), Some("INVITE" | "UPDATE")) {
            if let Some(target) = target_of(request) {
                self.target = target;
            }
        }
    }

    /// Our Contact in the dialog has this scheme (RFC 3261 section 12.1.1).
    pub fn contact_scheme(&self) -> &'static str {
        if self.is_secure { "sips" } else { "sip" }
    }

    /// Whether our requests go back over the flow that the peer's messages came by: its Contact
    /// says so (`ob`, RFC 5626 section 4.3), and no proxy has recorded a route.
    pub fn goes_by_its_flow(&self) -> bool {
        let asks = |uri: Uri<'_>| uri.params.get("ob").is_some();
        self.route_set.is_empty() && Uri::parse(&self.target).is_ok_and(asks)
    }

    /// Whether our requests are routed strictly (RFC 3261 section 8.1.2): they go where their
    /// Request-URI says, whatever Route says.
    pub fn is_routed_strictly(&self) -> bool {
        self.route_set.begins_strictly()
    }

    /// The URI that decides where our requests go (RFC 3261 section 8.1.2): that of the first
    /// router, else the target.
    pub fn next_hop(&self) -> &str {
        self.route_set.first_uri().unwrap_or(&self.target)
    }
}
