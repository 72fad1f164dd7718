//! Which header fields of a request count when it is sent, found in one walk over its lines.

/// A header field that counts when a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Via,
    Route,
    CallId,
    CSeq,
    Contact,
    Expires,
    Date,
    /// Authorization or Proxy-Authorization.
    Answer,
    Other,
}

impl Field {
    /// The field of this name, without case, compact or not.
    pub(super) fn of(name: &str) -> Field {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        match name.len() {
            1 if is("v") => Field::Via,
            1 if is("i") => Field::CallId,
            1 if is("m") => Field::Contact,
            3 if is("Via") => Field::Via,
            4 if is("CSeq") => Field::CSeq,
            4 if is("Date") => Field::Date,
            5 if is("Route") => Field::Route,
            7 if is("Call-ID") => Field::CallId,
            7 if is("Contact") => Field::Contact,
            7 if is("Expires") => Field::Expires,
            13 if is("Authorization") => Field::Answer,
            19 if is("Proxy-Authorization") => Field::Answer,
            _ => Field::Other,
        }
    }
}
