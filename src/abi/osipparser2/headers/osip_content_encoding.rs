//! `<osipparser2/headers/osip_content_encoding.h>`: the Content-Encoding header field.

use crate::abi::osipparser2::headers::osip_content_length::osip_content_length_t;

/// One text.
pub type osip_content_encoding_t = osip_content_length_t;
