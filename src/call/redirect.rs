//! Where a 3xx to an INVITE sends it (RFC 3261 section 8.1.3.4).

use crate::request::target::{loose_route, request_line, request_uri};
use crate::request::{Settings, is_served};
use crate::sip::{Contact, Draft, Message, NameAddr, Uri, split_list};

/// An INVITE is redirected so often.
const MAX_HOPS: usize = 5;

/// The targets that one INVITE has had.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redirection {
    tried: Vec<Box<str>>,
}

/// The URI of the first Route.
fn route_uri(route: &str) -> Option<&str> {
    Some(NameAddr::parse(split_list(route).next()?).ok()?.uri)
}

impl Redirection {
    /// `invite` as it was sent, with its Route, for the next Contact of a 3xx that it has not had:
    /// the first that goes by our transport, else the first. To stays, and Diversion says who was
    /// called before (RFC 5806 section 6.2). `None`: there is no such Contact, or it was redirected
    /// often enough.
    pub fn follow(
        &mut self,
        mut invite: Draft,
        response: &Message<'_>,
        settings: &Settings,
    ) -> Option<Draft> {
        let (_, last) = request_line(invite.start())?;
        let route = invite.get("Route");
        let is_loose = route.is_some_and(|route| loose_route(route).is_some());
        let is_strict = route.is_some() && !is_loose;
        let last = if is_strict { route_uri(route.unwrap_or(""))? } else { last };
        let is_secure = Uri::parse(last).is_ok_and(|uri| uri.is_secure());
        if self.tried.is_empty() {
            self.tried.push(last.into());
        }
        if self.tried.len() > MAX_HOPS {
            return None;
        }
        let mut first = None;
        for contact in response.contacts() {
            let Contact::Addr(address) = contact else { continue };
            let Ok(uri) = Uri::parse(address.uri) else { continue };
            // A URI without a host needs a proxy that knows what to do with it; what was to be
            // secure on all hops stays so.
            let can_be_called = if uri.host.is_empty() {
                is_loose && uri.scheme.eq_ignore_ascii_case("tel")
            } else {
                uri.is_secure() || !is_secure
            };
            if !can_be_called || self.has_tried(&uri) {
                continue;
            }
            let target = request_uri(&uri);
            if uri.host.is_empty() || is_served(&uri, settings) {
                first = Some(target);
                break;
            }
            first.get_or_insert(target);
        }
        let target = first?;
        if is_strict {
            invite.set("Route", format!("<{target}>"));
        } else {
            invite.set_start(&format!("INVITE {target} SIP/2.0"));
        }
        for diversion in response.lines("Diversion") {
            invite.push("Diversion", diversion);
        }
        self.tried.push(target.into());
        Some(invite)
    }

    fn has_tried(&self, uri: &Uri<'_>) -> bool {
        let plain = Uri { headers: None, ..*uri };
        self.tried.iter().any(|one| {
            Uri::parse(one).is_ok_and(|one| one.equivalent(&plain)) || **one == request_uri(uri)
        })
    }
}
