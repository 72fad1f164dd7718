//! The request of ours that may begin a dialog: INVITE, SUBSCRIBE, REFER (RFC 3261 section 8.1.1).

use super::contact::{Automatic, push_display};
use super::target::{push_params, push_request_uri, request_uri};
use super::via::push_via;
use super::{Entropy, Refusal, Settings, extra_fields, parse_given, push_wire_user};
use crate::sip::{Draft, NameAddr, Uri, split_list};

/// Whom such a request asks, for whom, and by which way.
#[derive(Debug, Clone, Copy)]
pub struct InitialRequest<'a> {
    /// `INVITE`, `SUBSCRIBE` or `REFER`.
    pub method: &'static str,
    /// To and Request-URI: a URI or name-addr.
    pub to: &'a str,
    /// From: a URI or name-addr.
    pub from: &'a str,
    /// A proxy that it goes through; empty: none.
    pub route: &'a str,
}

/// The Request-URI and the Route that goes with it.
struct Way {
    request_uri: String,
    route: Option<String>,
}

impl InitialRequest<'_> {
    /// Its text, with placeholders for what the way out decides; `fields` are put behind those that
    /// it always has, but where the URI asks for them with other values. Errors: `BadParameter`
    /// without anybody to ask; `Syntax` for a text that is no URI, or that only a loose router
    /// could ask.
    pub fn draft(
        &self,
        fields: &[(&str, &str)],
        settings: &Settings,
        entropy: &mut Entropy,
    ) -> Result<Draft, Refusal> {
        if self.to.is_empty() {
            return Err(Refusal::BadParameter);
        }
        let (to, from) = (parse_given(self.to)?, parse_given(self.from)?);
        let (callee, caller) = (Uri::parse(to.uri)?, Uri::parse(from.uri)?);
        let way = self.way(&callee)?;
        let mut draft = Draft::request(self.method, &way.request_uri);
        draft.push_with("Via", |text| push_via(text, settings, entropy));
        if let Some(route) = way.route {
            draft.push("Route", route);
        }
        // What the URI asks for behind its `?` (RFC 3261 section 19.1.5).
        let extra = callee.headers.map(extra_fields).unwrap_or_default();
        let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
        for (_, route) in extra.iter().filter(|(name, _)| is(name, "Route")) {
            draft.push("Route", route);
        }
        draft.push_with("From", |text| {
            push_address(text, &from, &caller, caller.headers);
            text.push_str(";tag=");
            entropy.push_token(text);
        });
        draft.push_with("To", |text| push_address(text, &to, &callee, None));
        draft.push_with("Call-ID", |text| entropy.push_token(text));
        draft.push("CSeq", format!("20 {}", self.method));
        draft.push_with("Contact", |text| {
            let mut user = String::new();
            let user = push_wire_user(&mut user, &caller).then_some(&*user);
            let secure = Uri::parse(&way.request_uri).is_ok_and(|uri| uri.is_secure());
            let scheme = if secure { "sips" } else { "sip" };
            Automatic::in_dialog(scheme, user, settings).push_to(text);
        });
        draft.push("Max-Forwards", "70");
        draft.push("User-Agent", &*settings.user_agent);
        let behind = draft.lines().len();
        for (name, value) in extra.iter().filter(|(name, _)| !is(name, "Route")) {
            draft.push(name, value);
        }
        let asked = fields.iter().filter(|(name, _)| draft.get(name).is_none());
        for (at, (name, value)) in asked.copied().collect::<Vec<_>>().into_iter().enumerate() {
            draft.insert(behind + at, name, value);
        }
        Ok(draft)
    }

    /// A loose router is the Route; a strict one gets the Request-URI, and the Route is the callee
    /// (RFC 3261 section 8.1.1.1).
    fn way(&self, callee: &Uri<'_>) -> Result<Way, Refusal> {
        let no_host = Refusal::Syntax("a URI without a host can be called by a loose router alone");
        let target = request_uri(callee);
        let Some(route) = split_list(self.route).next() else {
            let way = Way { request_uri: target, route: None };
            return if callee.host.is_empty() { Err(no_host) } else { Ok(way) };
        };
        let route = NameAddr::parse(route)?;
        let router = Uri::parse(route.uri)?;
        if router.host.is_empty() {
            return Err(Refusal::Syntax("Route: no sip URI"));
        }
        if router.params.get("lr").is_some() {
            return Ok(Way { request_uri: target, route: Some(format!("<{}>", route.uri)) });
        }
        if callee.host.is_empty() {
            return Err(no_host);
        }
        Ok(Way { request_uri: request_uri(&router), route: Some(format!("<{target}>")) })
    }
}

/// Appends an address without tag and `method` parameter, which no From or To may have (RFC 3261
/// section 19.1.1), with these URI headers.
fn push_address(text: &mut String, addr: &NameAddr<'_>, uri: &Uri<'_>, headers: Option<&str>) {
    push_display(text, addr.display);
    text.push('<');
    push_request_uri(text, uri);
    if let Some(headers) = headers {
        text.extend(["?", headers]);
    }
    text.push('>');
    push_params(text, addr.params, "tag");
}
