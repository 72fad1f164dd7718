//! `<osipparser2/headers/osip_allow.h>`: the Allow header field.

use crate::abi::osipparser2::headers::osip_content_length::osip_content_length_t;

/// One text.
pub type osip_allow_t = osip_content_length_t;
