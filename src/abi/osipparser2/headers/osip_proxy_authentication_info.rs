//! `<osipparser2/headers/osip_proxy_authentication_info.h>`: the Proxy-Authentication-Info header field.

use crate::abi::osipparser2::headers::osip_authentication_info::osip_authentication_info_t;

/// As in the header field of the server itself.
pub type osip_proxy_authentication_info_t = osip_authentication_info_t;
