//! `<osipparser2/headers/osip_accept_language.h>`: the Accept-Language header field.

use crate::abi::osipparser2::headers::osip_accept_encoding::osip_accept_encoding_t;

/// A language with parameters.
pub type osip_accept_language_t = osip_accept_encoding_t;
