//! `<osipparser2/headers/osip_alert_info.h>`: the Alert-Info header field.

use crate::abi::osipparser2::headers::osip_call_info::osip_call_info_t;

/// A URI in brackets with parameters.
pub type osip_alert_info_t = osip_call_info_t;
