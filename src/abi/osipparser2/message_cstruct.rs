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
    fn free_parts(&mut self, c: Caller<'_>) {
        c.free_texts([self.sip_version, self.sip_method, self.reason_phrase, self.message]);
        free(self.req_uri, c);
        free(self.call_id, c);
        free(self.content_length, c);
        free(self.content_type, c);
        free(self.cseq, c);
        free(self.from, c);
        free(self.mime_version, c);
        free(self.to, c);
        list::free::<osip_content_type>(&self.accepts, c);
        list::free::<osip_accept_encoding>(&self.accept_encodings, c);
        list::free::<osip_accept_encoding>(&self.accept_languages, c);
        list::free::<osip_call_info>(&self.alert_infos, c);
        list::free::<osip_content_length>(&self.allows, c);
        list::free::<osip_authentication_info>(&self.authentication_infos, c);
        list::free::<osip_authorization>(&self.authorizations, c);
        list::free::<osip_call_info>(&self.call_infos, c);
        list::free::<osip_from>(&self.contacts, c);
        list::free::<osip_content_length>(&self.content_encodings, c);
        list::free::<osip_call_info>(&self.error_infos, c);
        list::free::<osip_www_authenticate>(&self.proxy_authenticates, c);
        list::free::<osip_authentication_info>(&self.proxy_authentication_infos, c);
        list::free::<osip_authorization>(&self.proxy_authorizations, c);
        list::free::<osip_from>(&self.record_routes, c);
        list::free::<osip_from>(&self.routes, c);
        list::free::<osip_via>(&self.vias, c);
        list::free::<osip_www_authenticate>(&self.www_authenticates, c);
        list::free::<osip_header>(&self.headers, c);
        list::free::<osip_body>(&self.bodies, c);
    }

    fn clear(&mut self, c: Caller<'_>) {
        self.free_parts(c);
        let application_data = self.application_data;
        // SAFETY: zero bytes are valid.
        unsafe { ptr::from_mut(self).write_bytes(0, 1) };
        (self.message_property, self.application_data) = (NO_TEXT, application_data);
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
        list::copy::<osip_www_authenticate>(
            &from.proxy_authenticates,
            &mut self.proxy_authenticates,
            c,
        )?;
        list::copy::<osip_authentication_info>(
            &from.proxy_authentication_infos,
            &mut self.proxy_authentication_infos,
            c,
        )?;
        list::copy::<osip_authorization>(
            &from.proxy_authorizations,
            &mut self.proxy_authorizations,
            c,
        )?;
        list::copy::<osip_from>(&from.record_routes, &mut self.record_routes, c)?;
        list::copy::<osip_from>(&from.routes, &mut self.routes, c)?;
        list::copy::<osip_via>(&from.vias, &mut self.vias, c)?;
        list::copy::<osip_www_authenticate>(
            &from.www_authenticates,
            &mut self.www_authenticates,
            c,
        )?;
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
