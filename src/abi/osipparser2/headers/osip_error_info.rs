//! `<osipparser2/headers/osip_error_info.h>`: the Error-Info header field.

use crate::abi::osipparser2::headers::osip_call_info::osip_call_info_t;

/// A URI in brackets with parameters.
pub type osip_error_info_t = osip_call_info_t;
