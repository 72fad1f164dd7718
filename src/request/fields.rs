//! What counts when a request is sent, found in one walk over its lines.

use super::contact;
use super::target::{loose_route, request_line};
use crate::request::{MissingTransport, Refusal};
use crate::sip::{Draft, Field, NameAddr, Uri, delta_seconds, split_list};
use crate::transport::TransportSet;

/// A request before it is sent: the first of each field that counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestFields<'d> {
    start: &'d str,
    /// Via.
    pub via: Option<&'d str>,
    /// CSeq.
    pub cseq: Option<&'d str>,
    from: Option<&'d str>,
    to: Option<&'d str>,
    call_id: Option<&'d str>,
    route: Option<&'d str>,
    contact: Option<&'d str>,
    expires: Option<&'d str>,
}

/// The URIs that decide where a request goes (RFC 3261 section 8.1.2).
#[derive(Debug, Clone, Copy)]
pub struct RequestTargets<'d> {
    /// The Request-URI.
    pub request_uri: Option<Uri<'d>>,
    /// The first Route, if that is a loose router: the request goes there.
    pub route: Option<Uri<'d>>,
}

impl RequestTargets<'_> {
    /// A transport that they require and that is not among `transports`.
    pub fn missing_transport(&self, transports: TransportSet) -> Option<MissingTransport> {
        let (target, route) = (self.request_uri.as_ref(), self.route.as_ref());
        MissingTransport::of_request(target, route, transports)
    }
}

/// What a REGISTER asks for our binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asks {
    /// Seconds; `None`: it does not say.
    pub expires: Option<u32>,
    /// Its Contact has an address already.
    pub(crate) addressed: bool,
}

/// Whether the word `expires` stands anywhere in `values`.
fn may_expire(values: &str) -> bool {
    let mut marks = memchr::memchr2_iter(b'x', b'X', values.as_bytes());
    marks.any(|at| {
        let word = at.checked_sub(1).and_then(|start| values.as_bytes().get(start..start + 7));
        word.is_some_and(|word| word.eq_ignore_ascii_case(b"expires"))
    })
}

impl<'d> RequestFields<'d> {
    /// Reads `draft`.
    #[inline(always)]
    pub fn of(draft: &'d Draft) -> Self {
        let mut fields = RequestFields { start: draft.start(), ..RequestFields::default() };
        for line in draft.lines() {
            let first = match line.field() {
                Field::Via => &mut fields.via,
                Field::CSeq => &mut fields.cseq,
                Field::From => &mut fields.from,
                Field::To => &mut fields.to,
                Field::CallId => &mut fields.call_id,
                Field::Route => &mut fields.route,
                Field::Contact => &mut fields.contact,
                Field::Expires => &mut fields.expires,
                _ => continue,
            };
            first.get_or_insert_with(|| draft.value(*line));
        }
        fields
    }

    /// Whether it has what every request must have to be sent (RFC 3261 section 8.1.1). Errors:
    /// `BadParameter` without Call-ID, `Syntax`.
    pub fn check(&self) -> Result<(), Refusal> {
        let has = |value: Option<&str>| value.is_some_and(|value| !value.is_empty());
        if !has(self.call_id) {
            return Err(Refusal::BadParameter);
        }
        if self.start.starts_with("SIP/") {
            return Err(Refusal::Syntax("not a request"));
        }
        let required = [
            (self.via, "no Via"),
            (self.from, "no From"),
            (self.to, "no To"),
            (self.cseq, "no CSeq"),
        ];
        match required.into_iter().find(|(value, _)| !has(*value)) {
            Some((_, missing)) => Err(Refusal::Syntax(missing)),
            None => Ok(()),
        }
    }

    /// The URIs that decide where it goes.
    pub fn targets(&self) -> RequestTargets<'d> {
        let request_uri = request_line(self.start).and_then(|(_, uri)| Uri::parse(uri).ok());
        RequestTargets { request_uri, route: self.route.and_then(loose_route) }
    }

    /// What it asks for our binding: the `expires` of the first Contact, else the Expires header.
    pub fn asks(&self) -> Asks {
        let first = self
            .contact
            .filter(|values| may_expire(values))
            .and_then(|values| split_list(values).next());
        let param = first.and_then(|value| {
            NameAddr::parse(value).ok()?.params.get("expires").and_then(delta_seconds)
        });
        Asks {
            expires: param.or_else(|| self.expires.and_then(delta_seconds)),
            addressed: self.contact.is_some_and(|values| !contact::is_open(values)),
        }
    }
}
