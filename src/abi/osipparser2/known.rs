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
use crate::cmem::Kind;
use libc::c_int;
use parking_lot::RwLock;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// Comma lists that the program has named.
static COMMA_LISTS: RwLock<Vec<Box<[u8]>>> = RwLock::new(Vec::new());

/// How many there are of [`COMMA_LISTS`].
static COMMA_LIST_COUNT: AtomicUsize = AtomicUsize::new(0);

/// A number that is another one when a text may be read differently than before.
pub(crate) fn edition() -> usize {
    COMMA_LIST_COUNT.load(Ordering::Acquire)
}

impl Known {
    /// The header field of that name, without case; compact forms too.
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
            2 => &[(b"To", Self::To)],
            3 => &[(b"Via", Self::Via)],
            4 => &[(b"From", Self::From), (b"CSeq", Self::Cseq)],
            5 => &[(b"Allow", Self::Allow), (b"Route", Self::Route)],
            6 => &[(b"Accept", Self::Accept)],
            7 => &[(b"Call-ID", Self::CallId), (b"Contact", Self::Contact)],
            9 => &[(b"Call-Info", Self::CallInfo)],
            10 => &[(b"Alert-Info", Self::AlertInfo), (b"Error-Info", Self::ErrorInfo)],
            12 => &[
                (b"Content-Type", Self::ContentType),
                (b"MIME-Version", Self::MimeVersion),
                (b"Record-Route", Self::RecordRoute),
            ],
            13 => &[(b"Authorization", Self::Authorization)],
            14 => &[(b"Content-Length", Self::ContentLength)],
            15 => &[(b"Accept-Encoding", Self::AcceptEncoding), (b"Accept-Language", Self::AcceptLanguage)],
            16 => {
                &[(b"WWW-Authenticate", Self::WwwAuthenticate), (b"Content-Encoding", Self::ContentEncoding)]
            }
            18 => &[(b"Proxy-Authenticate", Self::ProxyAuthenticate)],
            19 => &[
                (b"Proxy-Authorization", Self::ProxyAuthorization),
                (b"Authentication-Info", Self::AuthenticationInfo),
            ],
            25 => &[(b"Proxy-Authentication-Info", Self::ProxyAuthenticationInfo)],
            _ => &[],
        };
        of_that_length.iter().find(|(known, _)| same_name(known, name)).map(|(_, place)| *place)
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

/// Whether both are the same name, neither being empty. Most write it as it is `known`.
#[inline]
fn same_name(known: &[u8], name: &[u8]) -> bool {
    known[0] | 0x20 == name[0] | 0x20 && (known == name || known.eq_ignore_ascii_case(name))
}

/// Whether a header field without a place of its own is a comma list.
fn is_comma_list(name: &[u8]) -> bool {
    let of_that_length: &[&[u8]] = match name.len() {
        1 => &[b"a", b"d", b"j", b"k", b"u"],
        4 => &[b"Path"],
        6 => &[b"Reason"],
        7 => &[b"Require", b"Warning"],
        9 => &[b"Recv-Info", b"Supported"],
        11 => &[b"In-Reply-To", b"Unsupported"],
        12 => &[b"Allow-Events", b"History-Info"],
        13 => &[b"Proxy-Require", b"Service-Route"],
        14 => &[b"Accept-Contact", b"Reject-Contact"],
        15 => &[b"Security-Client", b"Security-Server", b"Security-Verify", b"Trigger-Consent"],
        16 => &[b"Content-Language", b"P-Associated-URI"],
        17 => &[b"Resource-Priority"],
        18 => &[b"Permission-Missing"],
        19 => &[b"P-Asserted-Identity", b"Request-Disposition"],
        20 => &[b"P-Preferred-Identity", b"P-Visited-Network-Id"],
        21 => &[b"P-Access-Network-Info", b"P-Media-Authorization"],
        24 => &[b"Accept-Resource-Priority"],
        _ => &[],
    };
    of_that_length.iter().any(|list| same_name(list, name))
        || COMMA_LISTS.read().iter().any(|list| list.eq_ignore_ascii_case(name))
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
    COMMA_LIST_COUNT.store(lists.len(), Ordering::Release);
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
    let Some(place) = Known::of(name) else {
        let list = names == Names::Lower && !value.is_empty() && is_comma_list(name);
        return add_other(message, name, value, list, &mut tails.headers, names, c);
    };
    let tail = &mut tails.known[place as usize];
    if place.is_list() && text::find(value, b',').is_some() {
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
            let kind = if is_list { Kind::Bare } else { Kind::Line };
            c.store_value(&mut header.hvalue, value, kind)?;
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
