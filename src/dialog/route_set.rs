//! The routers that the requests of a dialog pass (RFC 3261 section 12.1).

use crate::request::target::request_uri;
use crate::sip::{Message, NameAddr, Uri, well_formed};

/// More routers than that record no route: a message passes 70 hops at most (RFC 3261 section
/// 8.1.1.6), each of which may record two.
const MAX_ROUTES: usize = 140;

/// Route values, in the order in which requests of ours pass them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RouteSet(Box<[Box<str>]>);

/// What a request is addressed with: its Request-URI and its Route values.
pub(super) struct Addressed<'d> {
    pub(super) request_uri: String,
    pub(super) routes: &'d [Box<str>],
    /// The Route value behind those, where the remote target stands there.
    pub(super) last: Option<String>,
}

impl RouteSet {
    /// The Record-Route of a request that we answer, in its order (RFC 3261 section 12.1.1).
    /// `None`: there are more than any request has passed.
    pub(super) fn of_request(request: &Message<'_>) -> Option<Self> {
        let is_usual = request.elements("Record-Route").nth(MAX_ROUTES).is_none();
        is_usual.then(|| RouteSet(recorded(request).collect()))
    }

    /// The Record-Route of a response to a request of ours, in reverse order (section 12.1.2). Of
    /// more routers than any request has passed, those nearest to us are taken: its dialog must be
    /// ended, or acknowledged, all the same.
    pub(super) fn of_response(response: &Message<'_>) -> Self {
        let mut routes: Vec<_> = recorded(response).collect();
        routes.drain(..routes.len().saturating_sub(MAX_ROUTES));
        routes.reverse();
        RouteSet(routes.into())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The Route values.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|route| &**route)
    }

    /// The URI of the first router.
    pub(super) fn first_uri(&self) -> Option<&str> {
        Some(NameAddr::parse(self.0.first()?).ok()?.uri)
    }

    /// Whether the first router is a strict one: its URI has no `lr`.
    pub(super) fn begins_strictly(&self) -> bool {
        let strict = |uri: Uri<'_>| uri.params.get("lr").is_none();
        self.first_uri().is_some_and(|uri| Uri::parse(uri).is_ok_and(strict))
    }

    /// How a request to `target` is addressed (RFC 3261 section 12.2.1.1). A strict router finds
    /// itself in the Request-URI; the target is the last Route then.
    pub(super) fn addressed(&self, target: &str) -> Addressed<'_> {
        let router = self.first_uri().and_then(|uri| Uri::parse(uri).ok());
        match (router, &*self.0) {
            (Some(router), [_, rest @ ..]) if router.params.get("lr").is_none() => Addressed {
                request_uri: request_uri(&router),
                routes: rest,
                last: Some(format!("<{target}>")),
            },
            (_, routes) => Addressed { request_uri: target.to_owned(), routes, last: None },
        }
    }
}

/// The Record-Route values of a message that are addresses. One without brackets is a URI with all
/// its parameters: nothing else makes sense there.
fn recorded(message: &Message<'_>) -> impl Iterator<Item = Box<str>> {
    message.elements("Record-Route").filter_map(|element| {
        let route = well_formed(element, true);
        let is_route = NameAddr::parse(&route).is_ok_and(|route| Uri::parse(route.uri).is_ok());
        is_route.then(|| route.into_boxed_str())
    })
}
