//! Where a request goes: its Request-URI and its Route (RFC 3261 section 8.1.2).

use crate::request::Settings;
use crate::sip::{NameAddr, Params, Uri, search, split_list};

/// A Request-URI, see [`push_request_uri`].
pub(crate) fn request_uri(uri: &Uri<'_>) -> String {
    let mut text = String::with_capacity(64);
    push_request_uri(&mut text, uri);
    text
}

/// The Request-URI of a REGISTER: without the user part, which RFC 3261 section 10.2 forbids there.
pub(crate) fn registrar_uri(uri: &Uri<'_>) -> String {
    request_uri(&Uri { user: None, password: None, ..*uri })
}

/// Appends a Request-URI: without headers and without a `method` parameter, which RFC 3261 section
/// 19.1.1 forbids there.
pub(crate) fn push_request_uri(text: &mut String, uri: &Uri<'_>) {
    let plain = Uri { headers: None, ..*uri };
    if uri.params.get("method").is_none() {
        return plain.push_to(text);
    }
    Uri { params: Params::new(""), ..plain }.push_to(text);
    push_params(text, uri.params, "method");
}

/// Method and Request-URI of a request's first line.
pub(crate) fn request_line(start: &str) -> Option<(&str, &str)> {
    let blank = |text: &str| search::find(text.as_bytes(), b' ');
    let (method, rest) = start.split_at(blank(start)?);
    let rest = &rest[1..];
    Some((method, &rest[..blank(rest).unwrap_or(rest.len())]))
}

/// The URI of the first Route, if that is a loose router (`;lr`).
pub(crate) fn loose_route(route: &str) -> Option<Uri<'_>> {
    let first = NameAddr::parse(split_list(route).next()?).ok()?;
    Uri::parse(first.uri).ok().filter(|uri| uri.params.get("lr").is_some())
}

/// Whether a preloaded Route that begins with `first` is taken out of what is sent, as the settings
/// want it. What later requests are made from keeps it: they go the same way.
pub(crate) fn hides_route(first: &str, settings: &Settings) -> bool {
    settings.remove_route && loose_route(first).is_some()
}

/// `;name=value` for each parameter but `without`.
pub(crate) fn push_params(text: &mut String, params: Params<'_>, without: &str) {
    for (name, value) in params.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(without)) {
        text.push(';');
        text.push_str(name);
        if let Some(value) = value {
            text.push('=');
            text.push_str(value);
        }
    }
}
