//! The header fields that have a place of their own in a message, and how a header line gets to its
//! place.

use super::cstruct::{HeaderField, Owned};
use super::headers::osip_accept::Accept;
use super::headers::osip_accept_encoding::osip_accept_encoding;
use super::headers::osip_authentication_info::osip_authentication_info;
use super::headers::osip_authorization::osip_authorization;
use super::headers::osip_call_info::osip_call_info;
use super::headers::osip_contact::OsipContact;
use super::headers::osip_content_length::osip_content_length;
use super::headers::osip_from::osip_from;
use super::headers::osip_header::osip_header;
use super::headers::osip_via::osip_via;
use super::headers::osip_www_authenticate::osip_www_authenticate;
use super::list::{self, Tail};
use super::osip_list::osip_list_t;
use super::osip_message::osip_message;
use super::search::find;
use super::text;
use crate::abi::ffi::{Caller, Failure};
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
struct Tails {
    known: [Tail; Known::WwwAuthenticate as usize + 1],
    headers: Tail,
}

impl Default for Tails {
    fn default() -> Self {
        Self {
            known: [Tail::unknown(); Known::WwwAuthenticate as usize + 1],
            headers: Tail::unknown(),
        }
    }
}

/// Comma lists that the program has named.
static COMMA_LISTS: RwLock<Vec<Box<[u8]>>> = RwLock::new(Vec::new());

impl Known {
    /// The header field of that name, without case; compact forms too.
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        let first = name.first()? | 0x20;
        match (name.len(), first) {
            (1, b'v') => is(name, b"v", Self::Via),
            (1, b'f') => is(name, b"f", Self::From),
            (1, b't') => is(name, b"t", Self::To),
            (1, b'i') => is(name, b"i", Self::CallId),
            (1, b'm') => is(name, b"m", Self::Contact),
            (1, b'l') => is(name, b"l", Self::ContentLength),
            (1, b'c') => is(name, b"c", Self::ContentType),
            (1, b'e') => is(name, b"e", Self::ContentEncoding),
            (2, b't') => is(name, b"To", Self::To),
            (3, b'v') => is(name, b"Via", Self::Via),
            (4, b'f') => is(name, b"From", Self::From),
            (4, b'c') => is(name, b"CSeq", Self::Cseq),
            (5, b'a') => is(name, b"Allow", Self::Allow),
            (5, b'r') => is(name, b"Route", Self::Route),
            (6, b'a') => is(name, b"Accept", Self::Accept),
            (7, b'c') if name[4] == b'-' => is(name, b"Call-ID", Self::CallId),
            (7, b'c') => is(name, b"Contact", Self::Contact),
            (9, b'c') => is(name, b"Call-Info", Self::CallInfo),
            (10, b'a') => is(name, b"Alert-Info", Self::AlertInfo),
            (10, b'e') => is(name, b"Error-Info", Self::ErrorInfo),
            (12, b'c') => is(name, b"Content-Type", Self::ContentType),
            (12, b'm') => is(name, b"MIME-Version", Self::MimeVersion),
            (12, b'r') => is(name, b"Record-Route", Self::RecordRoute),
            (13, b'a') => is(name, b"Authorization", Self::Authorization),
            (14, b'c') => is(name, b"Content-Length", Self::ContentLength),
            (15, b'a') if name[7] | 0x20 == b'e' => {
                is(name, b"Accept-Encoding", Self::AcceptEncoding)
            }
            (15, b'a') => is(name, b"Accept-Language", Self::AcceptLanguage),
            (16, b'w') => is(name, b"WWW-Authenticate", Self::WwwAuthenticate),
            (16, b'c') => is(name, b"Content-Encoding", Self::ContentEncoding),
            (18, b'p') => is(name, b"Proxy-Authenticate", Self::ProxyAuthenticate),
            (19, b'p') => is(name, b"Proxy-Authorization", Self::ProxyAuthorization),
            (19, b'a') => is(name, b"Authentication-Info", Self::AuthenticationInfo),
            (25, b'p') => is(name, b"Proxy-Authentication-Info", Self::ProxyAuthenticationInfo),
            _ => None,
        }
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

    /// Whether the value is made of challenges or credentials, which may be of a scheme that is not
    /// known here.
    fn is_digest(self) -> bool {
        use Known as K;
        matches!(self, K::AuthenticationInfo | K::Authorization | K::ProxyAuthenticate)
            || matches!(
                self,
                K::ProxyAuthenticationInfo | K::ProxyAuthorization | K::WwwAuthenticate
            )
    }

    /// Reads one element and puts it into `message`. Error: it does not parse, or there is one
    /// where only one may be.
    // In line, the places of all fields would be computed for each line before one is used.
    #[inline(never)]
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
            Self::AcceptEncoding => {
                c.append::<osip_accept_encoding>(&mut m.accept_encodings, tail, value)
            }
            Self::AcceptLanguage => {
                c.append::<osip_accept_encoding>(&mut m.accept_languages, tail, value)
            }
            Self::AlertInfo => c.append::<osip_call_info>(&mut m.alert_infos, tail, value),
            Self::Allow => c.append::<osip_content_length>(&mut m.allows, tail, value),
            Self::AuthenticationInfo => {
                c.append::<osip_authentication_info>(&mut m.authentication_infos, tail, value)
            }
            Self::Authorization => {
                c.append::<osip_authorization>(&mut m.authorizations, tail, value)
            }
            Self::CallId => only(&mut m.call_id, value, Syntax, c),
            Self::CallInfo => c.append::<osip_call_info>(&mut m.call_infos, tail, value),
            Self::Contact => c.append::<OsipContact>(&mut m.contacts, tail, value),
            Self::ContentEncoding => {
                c.append::<osip_content_length>(&mut m.content_encodings, tail, value)
            }
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
            Self::WwwAuthenticate => {
                c.append::<osip_www_authenticate>(&mut m.www_authenticates, tail, value)
            }
        }
    }
}

/// `kind`, if `name` is this one without case. Most write it as it is `known`.
#[inline(always)]
fn is<const N: usize>(name: &[u8], known: &[u8; N], kind: Known) -> Option<Known> {
    let same = name == known || name.eq_ignore_ascii_case(known);
    same.then_some(kind)
}

/// Fills a place that must be empty; `taken` says how it fails otherwise.
fn only<T: HeaderField>(
    slot: &mut *mut T,
    value: &[u8],
    taken: Failure,
    c: Caller<'_>,
) -> Result<(), Failure> {
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
    Ok(())
}

/// A message whose header lines are being read.
pub(crate) struct HeaderReader<'m, 'c> {
    message: &'m mut osip_message,
    tails: Tails,
    names: Names,
    c: Caller<'c>,
}

impl<'m, 'c> HeaderReader<'m, 'c> {
    pub(crate) fn new(message: &'m mut osip_message, names: Names, c: Caller<'c>) -> Self {
        Self { message, tails: Tails::default(), names, c }
    }

    /// Puts a header line where it belongs. An empty value of a known name is skipped, and so are
    /// challenges and credentials that do not parse.
    pub(crate) fn add_line(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<(), Failure> {
        let name = text::trim(name);
        if name.is_empty() {
            return Err(Failure::Syntax);
        }
        let Some(kind) = Known::of(name) else { return self.add_other(name, value) };
        let value = value.unwrap_or_default();
        let (message, c) = (&mut *self.message, self.c);
        let tail = &mut self.tails.known[kind as usize];
        let mut rest = Some(value);
        let is_list = kind.is_list() && find(value, b',').is_some();
        while let Some(element) = if is_list { text::next_element(&mut rest) } else { rest.take() }
        {
            if element.is_empty() && (kind != Known::Accept || !value.is_empty()) {
                continue;
            }
            match kind.add(message, element, tail, c) {
                Err(Failure::Syntax) if kind.is_digest() => {}
                added => added?,
            }
        }
        Ok(())
    }

    fn add_other(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<(), Failure> {
        match value {
            Some(value)
                if self.names == Names::Lower && !value.is_empty() && is_comma_list(name) =>
            {
                let mut elements = text::elements(value);
                elements.try_for_each(|element| self.add_header(name, Some(element)))
            }
            _ => self.add_header(name, value),
        }
    }

    fn add_header(&mut self, name: &[u8], value: Option<&[u8]>) -> Result<(), Failure> {
        let c = self.c;
        let mut header = Owned::<osip_header>::new(c)?;
        let mut own_name = c.new_text(name)?;
        if self.names == Names::Lower {
            own_name.make_lowercase(name.len());
        }
        header.hname = own_name.into_raw();
        if let Some(value) = value {
            header.hvalue = c.new_text(value)?.into_raw();
        }
        list::push(&mut self.message.headers, &mut self.tails.headers, header, c).map(|_| ())
    }
}

/// Where the first header field of that name stands, from `from` on, without case.
pub(crate) fn position(
    headers: &osip_list_t,
    name: &[u8],
    from: c_int,
    c: Caller<'_>,
) -> Option<c_int> {
    let is_named = |element: *mut libc::c_void| {
        let header = c.get(element.cast::<osip_header>()).ok();
        header
            .and_then(|header| c.text(header.hname))
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    let start = usize::try_from(from).ok()?;
    let at = list::raw(headers, c).skip(start).position(is_named)?;
    c_int::try_from(start + at).ok()
}
