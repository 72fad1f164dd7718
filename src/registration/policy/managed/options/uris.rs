//! The URIs among the options, and the transports that they ask for.

use super::OptionsError;
use crate::request::{MissingTransport, Party, target};
use crate::sip::{Contact, Uri, excerpt, split_list};
use crate::transport::{Transport, TransportSet};

/// Whether `text` is one URI or name-addr on one line.
pub(super) fn party(what: &str, text: &str) -> Result<Party, OptionsError> {
    if text.chars().any(char::is_control) {
        return Err(OptionsError(format!("{what} is not one line")));
    }
    if !matches!(Contact::parse(text), Ok(Contact::Addr(_))) || split_list(text).count() != 1 {
        return Err(OptionsError(format!("{what} \"{}\" is no address", excerpt(text))));
    }
    Party::parse(text)
        .map_err(|error| OptionsError(format!("{what} \"{}\": {}", excerpt(text), error.what)))
}

/// The registrar as a Request-URI.
pub(super) fn request_uri(text: &str, servable: Servable) -> Result<String, OptionsError> {
    if text.chars().any(char::is_control) {
        return Err(OptionsError("the registrar is not one line".into()));
    }
    let uri = Uri::parse(text).map_err(|error| {
        OptionsError(format!("the registrar \"{}\": {}", excerpt(text), error.what))
    })?;
    if !(uri.scheme.eq_ignore_ascii_case("sip") || uri.is_secure()) || uri.headers.is_some() {
        return Err(OptionsError(format!(
            "the registrar \"{}\" is no plain sip URI",
            excerpt(text)
        )));
    }
    servable.check("the registrar", text, text)?;
    Ok(target::registrar_uri(&uri))
}

/// The transports that there are, and the one that the options ask for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Servable {
    pub(super) transports: TransportSet,
    pub(super) transport: Option<Transport>,
}

impl Servable {
    /// Whether the transport that the options ask for is there.
    pub(super) fn check_choice(self) -> Result<(), OptionsError> {
        match self.transport.filter(|transport| !self.transports.has(*transport)) {
            Some(missing) => {
                let (missing, there) = (missing.via(), self.transports);
                Err(OptionsError(format!("the transport {missing} is not supported; {there}")))
            }
            None => Ok(()),
        }
    }

    /// Whether one of them will do for `uri`, which is in `text`. Without brackets a parameter is
    /// none of the URI (RFC 3261 section 20.10), but its meaning is plain.
    pub(super) fn check(self, what: &str, text: &str, uri: &str) -> Result<(), OptionsError> {
        let missing = |uri: &str| MissingTransport::of(&Uri::parse(uri).ok()?, self.transports);
        if let Some(missing) = missing(uri).or_else(|| missing(text)) {
            let (text, there) = (excerpt(text), self.transports);
            return Err(OptionsError(format!("{what} \"{text}\": {missing}; {there}")));
        }
        match self.transport.filter(|transport| *transport != Transport::Tls) {
            Some(chosen) if Uri::parse(uri).is_ok_and(|uri| uri.is_secure()) => {
                let (text, chosen) = (excerpt(text), chosen.via());
                let missing = MissingTransport::Tls;
                Err(OptionsError(format!("{what} \"{text}\": {missing}, not {chosen}")))
            }
            _ => Ok(()),
        }
    }
}

/// `sip:host:port` of an address-of-record, which is in `text`, with the transport that is named.
pub(super) fn domain(aor: &Party, text: &str) -> Option<String> {
    let uri = Uri::parse(&aor.uri).ok()?;
    let host = if uri.host.contains(':') { format!("[{}]", uri.host) } else { uri.host.to_owned() };
    let port = uri.port.filter(|port| *port != uri.default_port());
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let scheme = if uri.is_secure() { "sips" } else { "sip" };
    let bare = Uri::parse(text).ok();
    let named = |uri: &Uri<'_>| uri.params.get("transport").and_then(Transport::from_param);
    let transport = named(&uri).or_else(|| bare.as_ref().and_then(named));
    let transport = match transport {
        Some(Transport::Tcp) => ";transport=tcp",
        Some(Transport::Tls) => ";transport=tls",
        Some(Transport::Udp) | None => "",
    };
    (!host.is_empty()).then(|| format!("{scheme}:{host}{port}{transport}"))
}
