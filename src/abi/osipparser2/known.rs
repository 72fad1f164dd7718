//! The header fields that have a place of their own in a message, and how a header line gets to its place.

use super::headers::osip_accept::Accept;
use super::headers::osip_accept_encoding::osip_accept_encoding;
use super::headers::osip_authentication_info::osip_authentication_info;
use super::headers::osip_authorization::osip_authorization;
use super::headers::osip_call_info::osip_call_info;
use super::headers::osip_contact::Contact;
use super::headers::osip_content_length::osip_content_length;
use super::headers::osip_from::osip_from;
use super::headers::osip_header::osip_header;
use super::headers::osip_via::osip_via;
use super::headers::osip_www_authenticate::osip_www_authenticate;
use super::list::{self, Tail};
use super::osip_list::osip_list_t;
use super::osip_message::osip_message;
use super::part::{Grammar, Owned};
use super::text;
use crate::abi::door::{Caller, Failure};
use libc::c_int;
use parking_lot::RwLock;

/// A header field with a place of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Accept,
    AcceptEncoding,
    AcceptLanguage,
    AlertInfo,
    Allow,
    AuthenticationInfo,
    Authorization,
    CallId,
    CallInfo,
    Contact,
    ContentEncoding,
    ContentLength,
    ContentType,
    Cseq,
    ErrorInfo,
    From,
    MimeVersion,
    ProxyAuthenticate,
    ProxyAuthenticationInfo,
    ProxyAuthorization,
    RecordRoute,
    Route,
    To,
    Via,
    WwwAuthenticate,
}

/// What becomes of the names of other header fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// They come out in lower case, as libosip2 does it with what it receives.
    Lower,
    /// They stay.
    AsWritten,
}

/// The ends of a message's lists while it is read.
#[derive(Debug)]
pub(crate) struct Tails {
    known: [Tail; Known::WwwAuthenticate as usize + 1],
    headers: Tail,
}

impl Default for Tails {
    fn default() -> Self {
        Self { known: [Tail::unknown(); Known::WwwAuthenticate as usize + 1], headers: Tail::unknown() }
    }
}

/// The longest name that is looked up.
const LONGEST: usize = 32;

/// Comma lists that the program has named.
static COMMA_LISTS: RwLock<Vec<Box<[u8]>>> = RwLock::new(Vec::new());

impl Known {
    /// The header field of that name, in lower case; compact forms too.
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        let of_that_length: &[(&[u8], Self)] = match name.len() {
            1 => &[
                (b"v", Self::Via),
                (b"f", Self::From),
                (b"t", Self::To),
                (b"i", Self::CallId),
                (b"m", Self::Contact),
                (b"l", Self::ContentLength),
                (b"c", Self::ContentType),
                (b"e", Self::ContentEncoding),
            ],
            2 => &[(b"to", Self::To)],
            3 => &[(b"via", Self::Via)],
            4 => &[(b"from", Self::From), (b"cseq", Self::Cseq)],
            5 => &[(b"allow", Self::Allow), (b"route", Self::Route)],
            6 => &[(b"accept", Self::Accept)],
            7 => &[(b"call-id", Self::CallId), (b"contact", Self::Contact)],
            9 => &[(b"call-info", Self::CallInfo)],
            10 => &[(b"alert-info", Self::AlertInfo), (b"error-info", Self::ErrorInfo)],
            12 => &[
                (b"content-type", Self::ContentType),
                (b"mime-version", Self::MimeVersion),
                (b"record-route", Self::RecordRoute),
            ],
            13 => &[(b"authorization", Self::Authorization)],
            14 => &[(b"content-length", Self::ContentLength)],
            15 => &[(b"accept-encoding", Self::AcceptEncoding), (b"accept-language", Self::AcceptLanguage)],
            16 => {
                &[(b"www-authenticate", Self::WwwAuthenticate), (b"content-encoding", Self::ContentEncoding)]
            }
            18 => &[(b"proxy-authenticate", Self::ProxyAuthenticate)],
            19 => &[
                (b"proxy-authorization", Self::ProxyAuthorization),
                (b"authentication-info", Self::AuthenticationInfo),
            ],
            25 => &[(b"proxy-authentication-info", Self::ProxyAuthenticationInfo)],
            _ => &[],
        };
        of_that_length.iter().find(|(known, _)| *known == name).map(|(_, place)| *place)
    }

    /// Whether the value is a comma list of elements.
    fn is_list(self) -> bool {
        use Known as K;
        matches!(
            self,
            K::Accept
                | K::AcceptEncoding
                | K::AcceptLanguage
                | K::AlertInfo
                | K::Allow
                | K::CallInfo
                | K::Contact
        ) || matches!(self, K::ContentEncoding | K::ErrorInfo | K::RecordRoute | K::Route | K::Via)
    }

    /// Whether the value is made of challenges or credentials, which may be of a scheme that is not known here.
    fn is_digest(self) -> bool {
        use Known as K;
        matches!(self, K::AuthenticationInfo | K::Authorization | K::ProxyAuthenticate)
            || matches!(self, K::ProxyAuthenticationInfo | K::ProxyAuthorization | K::WwwAuthenticate)
    }

    /// Reads one element and puts it into `message`. Error: it does not parse, or there is one where only one may be.
    pub(crate) fn add(
        self,
        message: &mut osip_message,
        value: &[u8],
        tail: &mut Tail,
        c: Caller<'_>,
    ) -> Result<(), Failure> {
        use Failure::{BadParameter, Syntax};
        let m = message;
        match self {
            Self::Accept => c.append::<Accept>(&mut m.accepts, tail, value),
            Self::AcceptEncoding => c.append::<osip_accept_encoding>(&mut m.accept_encodings, tail, value),
            Self::AcceptLanguage => c.append::<osip_accept_encoding>(&mut m.accept_languages, tail, value),
            Self::AlertInfo => c.append::<osip_call_info>(&mut m.alert_infos, tail, value),
            Self::Allow => c.append::<osip_content_length>(&mut m.allows, tail, value),
            Self::AuthenticationInfo => {
                c.append::<osip_authentication_info>(&mut m.authentication_infos, tail, value)
            }
            Self::Authorization => c.append::<osip_authorization>(&mut m.authorizations, tail, value),
            Self::CallId => only(&mut m.call_id, value, Syntax, c),
            Self::CallInfo => c.append::<osip_call_info>(&mut m.call_infos, tail, value),
            Self::Contact => c.append::<Contact>(&mut m.contacts, tail, value),
            Self::ContentEncoding => c.append::<osip_content_length>(&mut m.content_encodings, tail, value),
            Self::ContentLength => only(&mut m.content_length, value, Syntax, c),
            Self::ContentType => only(&mut m.content_type, value, BadParameter, c),
            Self::Cseq => only(&mut m.cseq, value, BadParameter, c),
            Self::ErrorInfo => c.append::<osip_call_info>(&mut m.error_infos, tail, value),
            Self::From => only(&mut m.from, value, Syntax, c),
            Self::MimeVersion => only(&mut m.mime_version, value, Syntax, c),
            Self::ProxyAuthenticate => {
                c.append::<osip_www_authenticate>(&mut m.proxy_authenticates, tail, value)
            }
            Self::ProxyAuthenticationInfo => {
                c.append::<osip_authentication_info>(&mut m.proxy_authentication_infos, tail, value)
            }
            Self::ProxyAuthorization => {
                c.append::<osip_authorization>(&mut m.proxy_authorizations, tail, value)
            }
            Self::RecordRoute => c.append::<osip_from>(&mut m.record_routes, tail, value),
            Self::Route => c.append::<osip_from>(&mut m.routes, tail, value),
            Self::To => only(&mut m.to, value, Syntax, c),
            Self::Via => c.append::<osip_via>(&mut m.vias, tail, value),
            Self::WwwAuthenticate => c.append::<osip_www_authenticate>(&mut m.www_authenticates, tail, value),
        }
    }
}

/// Fills a place that must be empty; `taken` says how it fails otherwise.
fn only<T: Grammar>(slot: &mut *mut T, value: &[u8], taken: Failure, c: Caller<'_>) -> Result<(), Failure> {
    if !slot.is_null() {
        return Err(taken);
    }
    *slot = Owned::<T>::parsed(value, c)?.into_raw();
    Ok(())
}

/// Whether a header field without a place of its own is a comma list; `name` in lower case.
fn is_comma_list(name: &[u8]) -> bool {
    let of_that_length: &[&[u8]] = match name.len() {
        1 => &[b"a", b"d", b"j", b"k", b"u"],
        4 => &[b"path"],
        6 => &[b"reason"],
        7 => &[b"require", b"warning"],
        9 => &[b"recv-info", b"supported"],
        11 => &[b"in-reply-to", b"unsupported"],
        12 => &[b"allow-events", b"history-info"],
        13 => &[b"proxy-require", b"service-route"],
        14 => &[b"accept-contact", b"reject-contact"],
        15 => &[b"security-client", b"security-server", b"security-verify", b"trigger-consent"],
        16 => &[b"content-language", b"p-associated-uri"],
        17 => &[b"resource-priority"],
        18 => &[b"permission-missing"],
        19 => &[b"p-asserted-identity", b"request-disposition"],
        20 => &[b"p-preferred-identity", b"p-visited-network-id"],
        21 => &[b"p-access-network-info", b"p-media-authorization"],
        24 => &[b"accept-resource-priority"],
        _ => &[],
    };
    of_that_length.contains(&name) || COMMA_LISTS.read().iter().any(|list| **list == *name)
}

/// Names one more comma list. Error: there are 64 already.
pub(crate) fn add_comma_list(name: &[u8]) -> Result<(), Failure> {
    let name = name.to_ascii_lowercase();
    let mut lists = COMMA_LISTS.write();
    if name.is_empty() || lists.iter().any(|list| **list == *name) {
        return Ok(());
    }
    if lists.len() >= 64 {
        return Err(Failure::NoMemory);
    }
    lists.push(name.into());
    Ok(())
}

/// Puts a header line where it belongs. An empty value of a known name is skipped, and so are challenges and credentials
/// that do not parse.
pub(crate) fn add_line(
    message: &mut osip_message,
    name: &[u8],
    value: &[u8],
    tails: &mut Tails,
    names: Names,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let name = text::trim(name);
    if name.is_empty() {
        return Err(Failure::Syntax);
    }
    let mut lower = [0; LONGEST];
    let known = lower.get_mut(..name.len()).map(|lower| {
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        &*lower
    });
    let Some(place) = known.and_then(Known::of) else {
        let list = names == Names::Lower && known.is_some_and(is_comma_list) && !value.is_empty();
        return add_other(message, name, value, list, &mut tails.headers, names, c);
    };
    let tail = &mut tails.known[place as usize];
    if place.is_list() && !value.is_empty() {
        return text::elements(value, true).try_for_each(|element| place.add(message, element, tail, c));
    }
    if value.is_empty() && place != Known::Accept {
        return Ok(());
    }
    match place.add(message, value, tail, c) {
        Err(Failure::Syntax) if place.is_digest() => Ok(()),
        added => added,
    }
}

fn add_other(
    message: &mut osip_message,
    name: &[u8],
    value: &[u8],
    is_list: bool,
    tail: &mut Tail,
    names: Names,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let mut push = |value: &[u8]| {
        let mut header = Owned::<osip_header>::new(c)?;
        match names {
            Names::Lower => c.store(&mut header.hname, &name.to_ascii_lowercase())?,
            Names::AsWritten => c.store(&mut header.hname, name)?,
        }
        if !value.is_empty() {
            c.store(&mut header.hvalue, value)?;
        }
        list::push(&mut message.headers, tail, header, c).map(|_| ())
    };
    if is_list { text::elements(value, true).try_for_each(push) } else { push(value) }
}

/// Where the first header field of that name stands, from `from` on, without case.
pub(crate) fn position(headers: &osip_list_t, name: &[u8], from: c_int, c: Caller<'_>) -> Option<c_int> {
    let is_named = |element: *mut libc::c_void| {
        let header = c.get(element.cast::<osip_header>()).ok();
        header.and_then(|header| c.text(header.hname)).is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    let start = usize::try_from(from).ok()?;
    let at = list::raw(headers, c).skip(start).position(is_named)?;
    c_int::try_from(start + at).ok()
}
