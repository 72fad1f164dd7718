//! `<osipparser2/headers/osip_mime_version.h>`: the MIME-Version header field.

use crate::abi::osipparser2::headers::osip_content_length::osip_content_length_t;

/// One text.
pub type osip_mime_version_t = osip_content_length_t;
