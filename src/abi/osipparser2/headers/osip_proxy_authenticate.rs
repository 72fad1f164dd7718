//! `<osipparser2/headers/osip_proxy_authenticate.h>`: the Proxy-Authenticate header field.

use crate::abi::osipparser2::headers::osip_www_authenticate::osip_www_authenticate_t;

/// As in the header field of the server itself.
pub type osip_proxy_authenticate_t = osip_www_authenticate_t;
