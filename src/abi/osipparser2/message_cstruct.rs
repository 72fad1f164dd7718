//! What a message owns: how it is freed and copied.

use super::cstruct::{CStruct, copy_slot, free};
use super::headers::osip_accept_encoding::osip_accept_encoding;
use super::headers::osip_authentication_info::osip_authentication_info;
use super::headers::osip_authorization::osip_authorization;
use super::headers::osip_call_info::osip_call_info;
use super::headers::osip_content_length::osip_content_length;
use super::headers::osip_content_type::osip_content_type;
use super::headers::osip_from::osip_from;
use super::headers::osip_header::osip_header;
use super::headers::osip_via::osip_via;
use super::headers::osip_www_authenticate::osip_www_authenticate;
use super::list;
use super::osip_body::osip_body;
use super::osip_message::{NO_TEXT, osip_message};
use crate::abi::ffi::{Caller, Failure};
use crate::cmem::CText;
use std::ptr;

// SAFETY: NULL texts and structs, empty lists.
unsafe impl CStruct for osip_message {
    fn clear(&mut self, c: Caller<'_>) {
        for text in [&mut self.sip_version, &mut self.sip_method, &mut self.reason_phrase, &mut self.message]
        {
            c.drop_text(text);
        }
        (self.status_code, self.message_property, self.message_length) = (0, NO_TEXT, 0);
        clear_slot(&mut self.req_uri, c);
        clear_slot(&mut self.call_id, c);
        clear_slot(&mut self.content_length, c);
        clear_slot(&mut self.content_type, c);
        clear_slot(&mut self.cseq, c);
        clear_slot(&mut self.from, c);
        clear_slot(&mut self.mime_version, c);
        clear_slot(&mut self.to, c);
        list::clear::<osip_content_type>(&mut self.accepts, c);
        list::clear::<osip_accept_encoding>(&mut self.accept_encodings, c);
        list::clear::<osip_accept_encoding>(&mut self.accept_languages, c);
        list::clear::<osip_call_info>(&mut self.alert_infos, c);
        list::clear::<osip_content_length>(&mut self.allows, c);
        list::clear::<osip_authentication_info>(&mut self.authentication_infos, c);
        list::clear::<osip_authorization>(&mut self.authorizations, c);
        list::clear::<osip_call_info>(&mut self.call_infos, c);
        list::clear::<osip_from>(&mut self.contacts, c);
        list::clear::<osip_content_length>(&mut self.content_encodings, c);
        list::clear::<osip_call_info>(&mut self.error_infos, c);
        list::clear::<osip_www_authenticate>(&mut self.proxy_authenticates, c);
        list::clear::<osip_authentication_info>(&mut self.proxy_authentication_infos, c);
        list::clear::<osip_authorization>(&mut self.proxy_authorizations, c);
        list::clear::<osip_from>(&mut self.record_routes, c);
        list::clear::<osip_from>(&mut self.routes, c);
        list::clear::<osip_via>(&mut self.vias, c);
        list::clear::<osip_www_authenticate>(&mut self.www_authenticates, c);
        list::clear::<osip_header>(&mut self.headers, c);
        list::clear::<osip_body>(&mut self.bodies, c);
    }

    fn fill_from(&mut self, from: &Self, c: Caller<'_>) -> Result<(), Failure> {
        self.sip_version = c.copy(from.sip_version)?;
        self.sip_method = c.copy(from.sip_method)?;
        self.reason_phrase = c.copy(from.reason_phrase)?;
        self.status_code = from.status_code;
        self.req_uri = copy_slot(from.req_uri, c)?;
        self.call_id = copy_slot(from.call_id, c)?;
        self.content_length = copy_slot(from.content_length, c)?;
        self.content_type = copy_slot(from.content_type, c)?;
        self.cseq = copy_slot(from.cseq, c)?;
        self.from = copy_slot(from.from, c)?;
        self.mime_version = copy_slot(from.mime_version, c)?;
        self.to = copy_slot(from.to, c)?;
        list::copy::<osip_content_type>(&from.accepts, &mut self.accepts, c)?;
        list::copy::<osip_accept_encoding>(&from.accept_encodings, &mut self.accept_encodings, c)?;
        list::copy::<osip_accept_encoding>(&from.accept_languages, &mut self.accept_languages, c)?;
        list::copy::<osip_call_info>(&from.alert_infos, &mut self.alert_infos, c)?;
        list::copy::<osip_content_length>(&from.allows, &mut self.allows, c)?;
        list::copy::<osip_authentication_info>(
            &from.authentication_infos,
            &mut self.authentication_infos,
            c,
        )?;
        list::copy::<osip_authorization>(&from.authorizations, &mut self.authorizations, c)?;
        list::copy::<osip_call_info>(&from.call_infos, &mut self.call_infos, c)?;
        list::copy::<osip_from>(&from.contacts, &mut self.contacts, c)?;
        list::copy::<osip_content_length>(&from.content_encodings, &mut self.content_encodings, c)?;
        list::copy::<osip_call_info>(&from.error_infos, &mut self.error_infos, c)?;
        list::copy::<osip_www_authenticate>(&from.proxy_authenticates, &mut self.proxy_authenticates, c)?;
        list::copy::<osip_authentication_info>(
            &from.proxy_authentication_infos,
            &mut self.proxy_authentication_infos,
            c,
        )?;
        list::copy::<osip_authorization>(&from.proxy_authorizations, &mut self.proxy_authorizations, c)?;
        list::copy::<osip_from>(&from.record_routes, &mut self.record_routes, c)?;
        list::copy::<osip_from>(&from.routes, &mut self.routes, c)?;
        list::copy::<osip_via>(&from.vias, &mut self.vias, c)?;
        list::copy::<osip_www_authenticate>(&from.www_authenticates, &mut self.www_authenticates, c)?;
        list::copy::<osip_header>(&from.headers, &mut self.headers, c)?;
        list::copy::<osip_body>(&from.bodies, &mut self.bodies, c)?;
        self.message_property = from.message_property;
        if !from.message.is_null() {
            self.message = CText::new(c.bytes(from.message, from.message_length)?)?.into_raw();
            self.message_length = from.message_length;
        }
        Ok(())
    }
}

/// Frees what is in a place and leaves NULL.
fn clear_slot<T: CStruct>(slot: &mut *mut T, c: Caller<'_>) {
    free(std::mem::replace(slot, ptr::null_mut()), c);
}
