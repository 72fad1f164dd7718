//! The address-of-record or other user in From and To.

use crate::request::contact;
use crate::request::target::{push_params, request_uri};
use crate::sip::{NameAddr, SyntaxError, Uri, percent_decoded};

/// The user of a request in From or To, as the application gave it.
#[derive(Debug, Clone)]
pub struct Party {
    /// The name-addr without tag.
    pub text: Box<str>,
    /// The URI alone, fit for a Request-URI.
    pub uri: Box<str>,
    /// The user part as the wire shows it.
    pub user: Option<Box<str>>,
    /// Header fields that the URI asked for behind its `?`.
    pub extra: Vec<(String, String)>,
    secure: bool,
}

impl Party {
    /// Reads a URI or name-addr. A blank in the user part goes out escaped; URI headers become
    /// header fields.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let addr = parse_given(text)?;
        let uri = Uri::parse(addr.uri)?;
        let (mut text, mut user) = (String::with_capacity(addr.uri.len() + 48), String::new());
        push_party(&mut text, &addr, &uri);
        let has_user = push_wire_user(&mut user, &uri);
        Ok(Party {
            text: text.into(),
            uri: request_uri(&uri).into(),
            user: has_user.then(|| user.into()),
            extra: uri.headers.map(extra_fields).unwrap_or_default(),
            secure: uri.is_secure(),
        })
    }

    /// The scheme of our Contact towards it.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.secure { "sips" } else { "sip" }
    }
}

/// A URI or name-addr of the application, whose display name is sent as it is.
pub(crate) fn parse_given(text: &str) -> Result<NameAddr<'_>, SyntaxError> {
    let addr = NameAddr::parse(text)?;
    match addr.has_valid_display() {
        true => Ok(addr),
        false => Err(SyntaxError { what: "a display name that must be in quotes" }),
    }
}

/// The user part in a From value, unescaped: who proves itself.
pub fn user_of(from: &str) -> String {
    let user = NameAddr::parse(from).ok().and_then(|from| Uri::parse(from.uri).ok()?.user);
    percent_decoded(user.unwrap_or("").trim()).into_owned()
}

/// The tag of a From or To value; empty where there is none (RFC 3261 section 12.1.1).
pub fn tag_of(value: &str) -> &str {
    NameAddr::parse(value).ok().and_then(|party| party.params.get("tag")).unwrap_or("")
}

/// Appends `addr`, whose URI is `uri`, without tag and URI headers: From and To.
pub(crate) fn push_party(text: &mut String, addr: &NameAddr<'_>, uri: &Uri<'_>) {
    contact::push_display(text, addr.display);
    text.push('<');
    Uri { headers: None, ..*uri }.push_to(text);
    text.push('>');
    push_params(text, addr.params, "tag");
}

/// Appends the user part as the wire shows it, escaped where the URI was not; whether there is one.
pub(crate) fn push_wire_user(text: &mut String, uri: &Uri<'_>) -> bool {
    let user = if uri.host.is_empty() {
        uri.user.and_then(|user| user.split_once('@')).map(|(user, _)| text.push_str(user))
    } else {
        uri.user.map(|_| uri.push_user(text))
    };
    user.is_some()
}

/// `Route=%3Csip:…%3E&X-Hdr=1` as header fields; those that make the request what it is cannot be
/// set this way.
pub(crate) fn extra_fields(headers: &str) -> Vec<(String, String)> {
    const FIXED: [&str; 12] =
        ["From", "To", "Call-ID", "CSeq", "Via", "Contact", "f", "t", "i", "v", "m", "body"];
    let mut fields = Vec::new();
    for pair in headers.split('&') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let (name, value) = (percent_decoded(name), percent_decoded(value));
        let plain = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        let token = plain(&name) && !name.contains([':', ' ']);
        if token && plain(&value) && !FIXED.iter().any(|fixed| fixed.eq_ignore_ascii_case(&name)) {
            fields.push((name.into_owned(), value.into_owned()));
        }
    }
    fields
}
