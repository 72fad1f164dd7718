//! Header fields whose structs and functions are those of another one. Their headers are made of a
//! table in tests/project/headers/printer.rs.

use super::osip_accept_encoding::osip_accept_encoding_t;
use super::osip_authentication_info::osip_authentication_info_t;
use super::osip_authorization::osip_authorization_t;
use super::osip_call_info::osip_call_info_t;
use super::osip_content_length::osip_content_length_t;
use super::osip_www_authenticate::osip_www_authenticate_t;

pub(crate) type osip_accept_language_t = osip_accept_encoding_t;
pub(crate) type osip_alert_info_t = osip_call_info_t;
pub(crate) type osip_allow_t = osip_content_length_t;
pub(crate) type osip_content_encoding_t = osip_content_length_t;
pub(crate) type osip_error_info_t = osip_call_info_t;
pub(crate) type osip_mime_version_t = osip_content_length_t;
pub(crate) type osip_proxy_authenticate_t = osip_www_authenticate_t;
pub(crate) type osip_proxy_authentication_info_t = osip_authentication_info_t;
pub(crate) type osip_proxy_authorization_t = osip_authorization_t;
