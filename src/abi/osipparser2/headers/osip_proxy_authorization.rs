//! `<osipparser2/headers/osip_proxy_authorization.h>`: the Proxy-Authorization header field.

use crate::abi::osipparser2::headers::osip_authorization::osip_authorization_t;

/// As in the header field of the server itself.
pub type osip_proxy_authorization_t = osip_authorization_t;
