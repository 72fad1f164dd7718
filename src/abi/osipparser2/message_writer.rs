//! From struct to text.

use super::cstruct::HeaderField;
use super::headers::osip_accept::Accept;
use super::headers::osip_accept_encoding::osip_accept_encoding;
use super::headers::osip_authentication_info::osip_authentication_info;
use super::headers::osip_authorization::osip_authorization;
use super::headers::osip_call_info::osip_call_info;
use super::headers::osip_contact::OsipContact;
use super::headers::osip_content_length::osip_content_length;
use super::headers::osip_from::osip_from;
use super::headers::osip_header::osip_header;
use super::headers::osip_via::osip_via;
use super::headers::osip_www_authenticate::osip_www_authenticate;
use super::list;
use super::osip_body::{boundary, osip_body};
use super::osip_list::osip_list_t;
use super::osip_message::osip_message;
use crate::abi::ffi::{Caller, Failure};
use crate::cmem::append;
use crate::sip::registered_reason;

/// What to do about parts that cannot be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// Fail.
    Strict,
    /// Fail, but do without a first line and without a Content-Length of 0.
    Fragment,
    /// Leave them out.
    LeaveOut,
}

/// Writes a message.
pub(crate) fn write(
    message: &osip_message,
    care: Care,
    out: &mut Vec<u8>,
    c: Caller<'_>,
) -> Result<(), Failure> {
    match first_line(message, care, out, c) {
        Err(_) if care == Care::Fragment => out.clear(),
        written => written?,
    }
    let mut lines = Lines { out, care, c };
    lines.list::<osip_via>("Via: ", &message.vias)?;
    lines.list::<osip_from>("Record-Route: ", &message.record_routes)?;
    lines.list::<osip_from>("Route: ", &message.routes)?;
    lines.one("From: ", message.from)?;
    lines.one("To: ", message.to)?;
    lines.one("Call-ID: ", message.call_id)?;
    lines.one("CSeq: ", message.cseq)?;
    lines.list::<OsipContact>("Contact: ", &message.contacts)?;
    lines.list::<osip_authorization>("Authorization: ", &message.authorizations)?;
    lines.list::<osip_www_authenticate>("WWW-Authenticate: ", &message.www_authenticates)?;
    lines.list::<osip_www_authenticate>("Proxy-Authenticate: ", &message.proxy_authenticates)?;
    lines.list::<osip_authorization>("Proxy-Authorization: ", &message.proxy_authorizations)?;
    lines.list::<osip_call_info>("Call-Info: ", &message.call_infos)?;
    lines.one("Content-Type: ", message.content_type)?;
    lines.one("Mime-Version: ", message.mime_version)?;
    lines.list::<osip_content_length>("Allow: ", &message.allows)?;
    lines.list::<osip_content_length>("Content-Encoding: ", &message.content_encodings)?;
    lines.list::<osip_call_info>("Alert-Info: ", &message.alert_infos)?;
    lines.list::<osip_call_info>("Error-Info: ", &message.error_infos)?;
    lines.list::<Accept>("Accept: ", &message.accepts)?;
    lines.list::<osip_accept_encoding>("Accept-Encoding: ", &message.accept_encodings)?;
    lines.list::<osip_accept_encoding>("Accept-Language: ", &message.accept_languages)?;
    lines
        .list::<osip_authentication_info>("Authentication-Info: ", &message.authentication_infos)?;
    lines.list::<osip_authentication_info>(
        "Proxy-Authentication-Info: ",
        &message.proxy_authentication_infos,
    )?;
    lines.list::<osip_header>("", &message.headers)?;
    bodies(message, care, out, c)
}

/// Request-Line or Status-Line.
fn first_line(
    message: &osip_message,
    care: Care,
    out: &mut Vec<u8>,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let lenient = care == Care::LeaveOut;
    let version = c
        .text(message.sip_version)
        .or(lenient.then_some(b"SIP/2.0"))
        .ok_or(Failure::BadParameter)?;
    if let Some(method) = c.text(message.sip_method) {
        append(out, method);
        out.push(b' ');
        c.get(message.req_uri)?.write(out, c)?;
        out.push(b' ');
        append(out, version);
    } else {
        let code = message.status_code;
        if !(100..=699).contains(&code) {
            return Err(Failure::BadParameter);
        }
        append(out, version);
        append(out, format!(" {code} ").as_bytes());
        let registered = || registered_reason(u16::try_from(code).ok()?);
        let known = || lenient.then(|| registered().map_or(&b""[..], |phrase| phrase.to_bytes()));
        append(out, c.text(message.reason_phrase).or_else(known).ok_or(Failure::BadParameter)?);
    }
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// Header lines being written.
struct Lines<'o, 'a> {
    out: &'o mut Vec<u8>,
    care: Care,
    c: Caller<'a>,
}

impl Lines<'_, '_> {
    fn line<T: HeaderField>(&mut self, name: &str, part: &T) -> Result<(), Failure> {
        let start = self.out.len();
        self.out.extend_from_slice(name.as_bytes());
        match part.write(self.out, self.c) {
            Err(_) if self.care == Care::LeaveOut => self.out.truncate(start),
            written => {
                written?;
                self.out.extend_from_slice(b"\r\n");
            }
        }
        Ok(())
    }

    fn one<T: HeaderField>(&mut self, name: &str, part: *const T) -> Result<(), Failure> {
        match self.c.get(part) {
            Ok(part) => self.line(name, part),
            Err(_) => Ok(()),
        }
    }

    #[inline(always)]
    fn list<T: HeaderField>(&mut self, name: &str, list: &osip_list_t) -> Result<(), Failure> {
        if list.node.is_null() { Ok(()) } else { self.elements::<T>(name, list) }
    }

    #[inline(never)]
    fn elements<T: HeaderField>(&mut self, name: &str, list: &osip_list_t) -> Result<(), Failure> {
        list::items::<T>(list, self.c).try_for_each(|part| self.line(name, part))
    }
}

/// Content-Length, the empty line and the bodies: in the parts of a multipart, or one behind the
/// other.
fn bodies(
    message: &osip_message,
    care: Care,
    out: &mut Vec<u8>,
    c: Caller<'_>,
) -> Result<(), Failure> {
    if list::raw(&message.bodies, c).next().is_none() {
        let length = if care == Care::Fragment { "\r\n" } else { "Content-Length: 0\r\n\r\n" };
        out.extend_from_slice(length.as_bytes());
        return Ok(());
    }
    let mut text = Vec::new();
    let media = c.get(message.content_type).ok();
    let multipart =
        media.filter(|m| c.text(m.r#type).is_some_and(|t| t.eq_ignore_ascii_case(b"multipart")));
    let boundary = multipart.and_then(|media| boundary(media, c));
    for body in list::items::<osip_body>(&message.bodies, c) {
        if let Some(boundary) = boundary {
            for piece in [b"\r\n--", boundary, b"\r\n"] {
                text.extend_from_slice(piece);
            }
        }
        body.write(&mut text, c)?;
    }
    if let Some(boundary) = boundary {
        for piece in [b"\r\n--", boundary, b"--\r\n"] {
            text.extend_from_slice(piece);
        }
    }
    append(out, format!("Content-Length: {:>5}\r\n\r\n", text.len()).as_bytes());
    append(out, &text);
    Ok(())
}
