//! A stateless proxy (RFC 3261 section 16.11): requests go on to what is registered here, responses
//! back by their Vias.
//!
//! It records itself in the routes of dialogs (section 16.6, step 4), with both ends of the dialog:
//! over connections a Contact alone does not say which of them leads there.

use super::bindings::Bindings;
use super::reply::{self, Reply};
use super::settings::Settings;
use register::auth::Algorithm;
use register::sip::{Field, Message, NameAddr, StartLine, Uri, Via, delta_seconds, octets};
use register::transport::Transport;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Max-Forwards of a request that has none (RFC 3261 section 16.6, step 3).
const MOST_HOPS: u32 = 70;
/// The requests that make a dialog, in whose routes this proxy stays.
const RECORDED: [&str; 3] = ["INVITE", "SUBSCRIBE", "REFER"];

/// Why a request goes nowhere: a status and the reason for the log.
pub(crate) struct Unroutable(pub(crate) u16, pub(crate) &'static str);

/// Where a request goes on to, and by which Request-URI.
struct Hop {
    to: SocketAddr,
    uri: String,
    /// The first Route is ours and comes off.
    routed_by_us: bool,
}

/// The request as it goes on.
pub(crate) fn request(
    settings: &Settings,
    bindings: &Bindings,
    now: Duration,
    from: SocketAddr,
    request: &Message<'_>,
) -> Result<Reply, Unroutable> {
    let StartLine::Request { method, uri } = request.start else {
        return Err(Unroutable(400, "no request"));
    };
    let via = request.top_via().map_err(|error| Unroutable(400, error.what))?;
    let hops = match request.header("Max-Forwards").map(|text| delta_seconds(text.trim())) {
        None => MOST_HOPS,
        Some(None) => return Err(Unroutable(400, "Max-Forwards is no number")),
        Some(Some(0)) => return Err(Unroutable(483, "Max-Forwards is used up")),
        Some(Some(hops)) => hops - 1,
    };
    let tag = |name| tag_of(request, name);
    let hop = next_hop(settings, bindings, now, request, uri)?;
    let own = settings.local;
    let mut text = format!(
        "{method} {} SIP/2.0\r\nVia: SIP/2.0/{} {own};branch={}\r\n",
        hop.uri,
        settings.transport.via(),
        branch(request, &via)
    );
    if RECORDED.contains(&method) && tag("To").is_none() {
        text += &record_route(settings, uri, from, hop.to, tag("From").unwrap_or(""));
    }
    text += &format!("Max-Forwards: {hops}\r\n");
    let (mut vias, mut routes) = (0, usize::from(!hop.routed_by_us));
    for header in &request.headers {
        match header.field {
            Field::Via if vias == 0 => {
                text += "Via: ";
                let mut elements = request.elements("Via");
                let top = elements.next().unwrap_or("");
                let keeps = settings.transport.is_reliable();
                reply::push_top_via(&mut text, top, &via, from, keeps);
                text += "\r\n";
                elements.for_each(|rest| text.extend(["Via: ", rest, "\r\n"]));
                vias += 1;
            }
            Field::Via => {}
            Field::Route if routes == 0 => {
                let rest = request.elements("Route").skip(1);
                rest.for_each(|route| text.extend(["Route: ", route, "\r\n"]));
                routes += 1;
            }
            Field::Route if hop.routed_by_us => {}
            _ if header.name.eq_ignore_ascii_case("Max-Forwards") => {}
            _ => text.extend([header.name, ": ", header.value, "\r\n"]),
        }
    }
    Ok(Reply { after: Duration::ZERO, to: hop.to, bytes: whole(text, request) })
}

/// The response without our Via, to where the next one says (RFC 3261 sections 16.7 and 18.2.2).
pub(crate) fn response(settings: &Settings, response: &Message<'_>) -> Result<Reply, &'static str> {
    let StartLine::Status { code, reason } = response.start else { return Err("no response") };
    let own = response.top_via().is_ok_and(|via| is_own(settings, via.host, via.port));
    if !own {
        return Err("ignored: a response to another");
    }
    let next = response.elements("Via").nth(1).and_then(|via| Via::parse(via).ok());
    let to = next.as_ref().and_then(sender).ok_or("ignored: a response to nothing of others")?;
    let mut text = format!("SIP/2.0 {code} {reason}\r\n");
    let mut vias = 0;
    for header in &response.headers {
        match header.field {
            Field::Via if vias == 0 => {
                let rest = response.elements("Via").skip(1);
                rest.for_each(|via| text.extend(["Via: ", via, "\r\n"]));
                vias += 1;
            }
            Field::Via => {}
            _ => text.extend([header.name, ": ", header.value, "\r\n"]),
        }
    }
    Ok(Reply { after: Duration::ZERO, to, bytes: whole(text, response) })
}

/// Head and body, with the octets of both as they came.
fn whole(mut head: String, message: &Message<'_>) -> Vec<u8> {
    if message.header("Content-Length").is_none() {
        head += &format!("Content-Length: {}\r\n", message.body.len());
    }
    head += "\r\n";
    let mut bytes = octets::encode(&head).into_owned();
    bytes.extend_from_slice(message.body);
    bytes
}

fn next_hop(
    settings: &Settings,
    bindings: &Bindings,
    now: Duration,
    request: &Message<'_>,
    uri: &str,
) -> Result<Hop, Unroutable> {
    let target = Uri::parse(uri).map_err(|_| Unroutable(400, "the Request-URI is broken"))?;
    let mut routes =
        request.elements("Route").filter_map(|route| Some(NameAddr::parse(route).ok()?.uri));
    let mut next = routes.next();
    let ours = next.and_then(|uri| Uri::parse(uri).ok());
    let ours = ours.filter(|route| is_own(settings, route.host, route.port));
    if ours.is_some() {
        next = routes.next();
    }
    let hop = |to, uri: &str| Hop { to, uri: uri.to_owned(), routed_by_us: ours.is_some() };
    if let Some(next) = next {
        let to = Uri::parse(next).ok().and_then(|uri| address(&uri));
        return to.map(|to| hop(to, uri)).ok_or(Unroutable(404, "the next Route is no address"));
    }
    if let Some(other) = ours.and_then(|route| other_end(&route, request)) {
        let connection = bindings.source(&target, now).unwrap_or(other);
        return Ok(hop(contact_address(settings, &target, connection), uri));
    }
    let own = is_own(settings, target.host, target.port);
    let Some((contact, source)) = bindings.newest(&target, own, now) else {
        return Err(Unroutable(404, "not registered"));
    };
    let parsed = Uri::parse(contact).map_err(|_| Unroutable(404, "its Contact is broken"))?;
    Ok(hop(contact_address(settings, &parsed, source), contact))
}

/// Where a Contact is: over UDP at the address that it says, else at the end of a connection.
fn contact_address(settings: &Settings, contact: &Uri<'_>, connection: SocketAddr) -> SocketAddr {
    match settings.transport {
        Transport::Udp => address(contact).unwrap_or(connection),
        Transport::Tcp | Transport::Tls => connection,
    }
}

/// The address that a URI says, if it says one.
fn address(uri: &Uri<'_>) -> Option<SocketAddr> {
    let ip: IpAddr = uri.host.parse().ok()?;
    Some(SocketAddr::new(ip, uri.port.unwrap_or(uri.default_port())))
}

fn is_own(settings: &Settings, host: &str, port: Option<u16>) -> bool {
    let port = port.unwrap_or(settings.transport.default_port());
    let local = settings.local.ip().is_loopback() && host.eq_ignore_ascii_case("localhost");
    port == settings.local.port() && (local || host.parse() == Ok(settings.local.ip()))
}

/// The tag of From or To.
pub(crate) fn tag_of<'a>(message: &Message<'a>, name: &str) -> Option<&'a str> {
    NameAddr::parse(message.header(name)?).ok()?.params.get("tag")
}

/// Where the next Via, which this proxy has filled in, says that its request came from.
fn sender(via: &Via<'_>) -> Option<SocketAddr> {
    let ip = via.received.unwrap_or(via.host).parse().ok()?;
    let port = via.rport.and_then(|port| port.parse().ok()).or(via.port).unwrap_or(5060);
    Some(SocketAddr::new(ip, port))
}

/// The same for a request, its retransmissions, its CANCEL and the ACK of its refusal (RFC 3261
/// section 16.11).
fn branch(request: &Message<'_>, via: &Via<'_>) -> String {
    let theirs = via.branch().filter(|branch| branch.starts_with("z9hG4bK"));
    let port = via.port.unwrap_or(0).to_string();
    let number = request.cseq().map_or(0, |cseq| cseq.number).to_string();
    let parts = match theirs {
        Some(branch) => [branch, via.host, &port],
        None => [request.header("From").unwrap_or(""), request.call_id().unwrap_or(""), &number],
    };
    format!("z9hG4bK-p{}", &hash(&parts.join(" "))[..16])
}

fn hash(text: &str) -> String {
    Algorithm::Md5.hex(&[text.as_bytes()])
}

/// A Record-Route line with the ends of the dialog, and by which tag the caller is known.
fn record_route(
    settings: &Settings,
    request_uri: &str,
    caller: SocketAddr,
    callee: SocketAddr,
    tag: &str,
) -> String {
    let secure = Uri::parse(request_uri).is_ok_and(|uri| uri.is_secure());
    let (scheme, transport) = match (secure, settings.transport) {
        (true, _) => ("sips", ""),
        (false, Transport::Udp) => ("sip", ""),
        (false, Transport::Tcp) => ("sip", ";transport=tcp"),
        (false, Transport::Tls) => ("sip", ";transport=tls"),
    };
    let (own, tag) = (settings.local, &hash(tag)[..8]);
    let ends = format!(";ends={caller}/{callee};caller={tag}");
    format!("Record-Route: <{scheme}:{own}{transport};lr{ends}>\r\n")
}

/// The end of the dialog that a request is to, by the Route that this proxy has recorded.
fn other_end(route: &Uri<'_>, request: &Message<'_>) -> Option<SocketAddr> {
    let (caller, callee) = route.params.get("ends")?.split_once('/')?;
    let is_callers = route.params.get("caller") == Some(&hash(tag_of(request, "From")?)[..8]);
    if is_callers { callee } else { caller }.parse().ok()
}
