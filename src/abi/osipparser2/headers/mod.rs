//! One header field family each.

pub(crate) mod aliases;
pub mod osip_accept;
pub mod osip_accept_encoding;
pub mod osip_authentication_info;
pub mod osip_authorization;
pub mod osip_call_id;
pub mod osip_call_info;
pub mod osip_contact;
pub mod osip_content_disposition;
pub mod osip_content_length;
pub mod osip_content_type;
pub mod osip_cseq;
pub mod osip_from;
pub mod osip_header;
pub mod osip_record_route;
pub mod osip_route;
pub mod osip_to;
pub mod osip_via;
pub mod osip_www_authenticate;
