//! Session descriptions between their text and the structs that C holds.

use super::cstruct::{HeaderField, Owned};
use super::list::{self, Tail};
use super::osip_list::osip_list_t;
use super::sdp_message::elements::{
    sdp_attribute, sdp_bandwidth, sdp_connection, sdp_key, sdp_time_descr,
};
use super::sdp_message::media::sdp_media;
use super::sdp_message::sdp_message;
use crate::abi::ffi::{Caller, Failure};
use crate::sdp::{
    Attribute, Bandwidth, Connection, Key, MediaDescription, Origin, SessionDescription,
    TimeDescription,
};
use libc::c_char;
use std::ptr;

impl HeaderField for sdp_message {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let read = SessionDescription::parse(text).map_err(|_| Failure::Undefined)?;
        self.v_version = new(read.version, c)?;
        let origin = &read.origin;
        self.o_username = new(origin.username, c)?;
        self.o_sess_id = new(origin.session_id, c)?;
        self.o_sess_version = new(origin.session_version, c)?;
        self.o_nettype = new(origin.network_type, c)?;
        self.o_addrtype = new(origin.address_type, c)?;
        self.o_addr = new(origin.address, c)?;
        self.s_name = new_or_null(read.name, c)?;
        self.i_info = new_or_null(read.information, c)?;
        self.u_uri = new_or_null(read.uri, c)?;
        list::push_texts(&mut self.e_emails, read.emails, c)?;
        list::push_texts(&mut self.p_phones, read.phones, c)?;
        if let Some(connection) = &read.connection {
            self.c_connection = new_connection(connection, c)?.into_raw();
        }
        push_bandwidths(&mut self.b_bandwidths, &read.bandwidths, c)?;
        push_times(&mut self.t_descrs, &read.times, c)?;
        self.z_adjustments = new_or_null(read.time_zones, c)?;
        self.k_key = new_key(read.key.as_ref(), c)?;
        push_attributes(&mut self.a_attributes, &read.attributes, c)?;
        push_media(&mut self.m_medias, &read.media, c)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        description(self, c).ok_or(Failure::Undefined)?.write(out);
        Ok(())
    }
}

fn new(text: &[u8], c: Caller<'_>) -> Result<*mut c_char, Failure> {
    Ok(c.new_text(text)?.into_raw())
}

fn new_or_null(text: Option<&[u8]>, c: Caller<'_>) -> Result<*mut c_char, Failure> {
    text.map_or(Ok(ptr::null_mut()), |text| new(text, c))
}

fn new_connection<'a>(
    from: &Connection<'_>,
    c: Caller<'a>,
) -> Result<Owned<'a, sdp_connection>, Failure> {
    let mut connection = Owned::<sdp_connection>::new(c)?;
    connection.c_nettype = new(from.network_type, c)?;
    connection.c_addrtype = new(from.address_type, c)?;
    connection.c_addr = new(from.address, c)?;
    connection.c_addr_multicast_ttl = new_or_null(from.ttl, c)?;
    connection.c_addr_multicast_int = new_or_null(from.count, c)?;
    Ok(connection)
}

fn new_key(from: Option<&Key<'_>>, c: Caller<'_>) -> Result<*mut sdp_key, Failure> {
    let Some(from) = from else { return Ok(ptr::null_mut()) };
    let mut key = Owned::<sdp_key>::new(c)?;
    key.k_keytype = new(from.method, c)?;
    key.k_keydata = new_or_null(from.data, c)?;
    Ok(key.into_raw())
}

fn push_bandwidths(
    list: &mut osip_list_t,
    from: &[Bandwidth<'_>],
    c: Caller<'_>,
) -> Result<(), Failure> {
    let mut tail = Tail::unknown();
    for from in from {
        let mut bandwidth = Owned::<sdp_bandwidth>::new(c)?;
        bandwidth.b_bwtype = new(from.kind, c)?;
        bandwidth.b_bandwidth = new(from.value, c)?;
        list::push(list, &mut tail, bandwidth, c)?;
    }
    Ok(())
}

fn push_times(
    list: &mut osip_list_t,
    from: &[TimeDescription<'_>],
    c: Caller<'_>,
) -> Result<(), Failure> {
    let mut tail = Tail::unknown();
    for from in from {
        let mut time = Owned::<sdp_time_descr>::new(c)?;
        time.t_start_time = new(from.start, c)?;
        time.t_stop_time = new(from.stop, c)?;
        list::push_texts(&mut time.r_repeats, from.repeats.iter().copied(), c)?;
        list::push(list, &mut tail, time, c)?;
    }
    Ok(())
}

fn push_attributes(
    list: &mut osip_list_t,
    from: &[Attribute<'_>],
    c: Caller<'_>,
) -> Result<(), Failure> {
    let mut tail = Tail::unknown();
    for from in from {
        let mut attribute = Owned::<sdp_attribute>::new(c)?;
        attribute.a_att_field = new(from.name, c)?;
        attribute.a_att_value = new_or_null(from.value, c)?;
        list::push(list, &mut tail, attribute, c)?;
    }
    Ok(())
}

fn push_media(
    list: &mut osip_list_t,
    from: &[MediaDescription<'_>],
    c: Caller<'_>,
) -> Result<(), Failure> {
    let mut tail = Tail::unknown();
    for from in from {
        let mut media = Owned::<sdp_media>::new(c)?;
        media.m_media = new(from.kind, c)?;
        media.m_port = new(from.port, c)?;
        media.m_number_of_port = new_or_null(from.port_count, c)?;
        media.m_proto = new(from.protocol, c)?;
        list::push_texts(&mut media.m_payloads, from.formats.iter().copied(), c)?;
        media.i_info = new_or_null(from.information, c)?;
        let mut last = Tail::unknown();
        for connection in &from.connections {
            let connection = new_connection(connection, c)?;
            list::push(&mut media.c_connections, &mut last, connection, c)?;
        }
        push_bandwidths(&mut media.b_bandwidths, &from.bandwidths, c)?;
        media.k_key = new_key(from.key.as_ref(), c)?;
        push_attributes(&mut media.a_attributes, &from.attributes, c)?;
        list::push(list, &mut tail, media, c)?;
    }
    Ok(())
}

/// What a struct says; `None` where a part is missing without which there is no text.
pub(super) fn description<'a>(from: &sdp_message, c: Caller<'a>) -> Option<SessionDescription<'a>> {
    Some(SessionDescription {
        version: c.text(from.v_version)?,
        origin: Origin {
            username: c.text(from.o_username)?,
            session_id: c.text(from.o_sess_id)?,
            session_version: c.text(from.o_sess_version)?,
            network_type: c.text(from.o_nettype)?,
            address_type: c.text(from.o_addrtype)?,
            address: c.text(from.o_addr)?,
        },
        name: c.text(from.s_name),
        information: c.text(from.i_info),
        uri: c.text(from.u_uri),
        emails: list::texts(&from.e_emails, c).collect(),
        phones: list::texts(&from.p_phones, c).collect(),
        connection: optional(from.c_connection, connection, c)?,
        bandwidths: each(&from.b_bandwidths, bandwidth, c)?,
        times: each(&from.t_descrs, time, c)?,
        time_zones: c.text(from.z_adjustments),
        key: optional(from.k_key, key, c)?,
        attributes: each(&from.a_attributes, attribute, c)?,
        media: each(&from.m_medias, media, c)?,
    })
}

/// What a struct says, if one is there; `None` where a part of it is missing.
fn optional<'a, T: 'a, D>(
    from: *mut T,
    say: fn(&T, Caller<'a>) -> Option<D>,
    c: Caller<'a>,
) -> Option<Option<D>> {
    match c.get(from) {
        Ok(from) => say(from, c).map(Some),
        Err(_) => Some(None),
    }
}

/// What each struct of a list says; `None` where a part of one is missing.
fn each<'a, T: 'a, D>(
    list: &osip_list_t,
    say: fn(&T, Caller<'a>) -> Option<D>,
    c: Caller<'a>,
) -> Option<Vec<D>> {
    list::items::<T>(list, c).map(|from| say(from, c)).collect()
}

fn connection<'a>(from: &sdp_connection, c: Caller<'a>) -> Option<Connection<'a>> {
    Some(Connection {
        network_type: c.text(from.c_nettype)?,
        address_type: c.text(from.c_addrtype)?,
        address: c.text(from.c_addr)?,
        ttl: c.text(from.c_addr_multicast_ttl),
        count: c.text(from.c_addr_multicast_int),
    })
}

fn bandwidth<'a>(from: &sdp_bandwidth, c: Caller<'a>) -> Option<Bandwidth<'a>> {
    Some(Bandwidth { kind: c.text(from.b_bwtype)?, value: c.text(from.b_bandwidth)? })
}

fn time<'a>(from: &sdp_time_descr, c: Caller<'a>) -> Option<TimeDescription<'a>> {
    Some(TimeDescription {
        start: c.text(from.t_start_time)?,
        stop: c.text(from.t_stop_time)?,
        repeats: list::texts(&from.r_repeats, c).collect(),
    })
}

fn key<'a>(from: &sdp_key, c: Caller<'a>) -> Option<Key<'a>> {
    Some(Key { method: c.text(from.k_keytype)?, data: c.text(from.k_keydata) })
}

fn attribute<'a>(from: &sdp_attribute, c: Caller<'a>) -> Option<Attribute<'a>> {
    Some(Attribute { name: c.text(from.a_att_field)?, value: c.text(from.a_att_value) })
}

fn media<'a>(from: &sdp_media, c: Caller<'a>) -> Option<MediaDescription<'a>> {
    Some(MediaDescription {
        kind: c.text(from.m_media)?,
        port: c.text(from.m_port)?,
        port_count: c.text(from.m_number_of_port),
        protocol: c.text(from.m_proto)?,
        formats: list::texts(&from.m_payloads, c).collect(),
        information: c.text(from.i_info),
        connections: each(&from.c_connections, connection, c)?,
        bandwidths: each(&from.b_bandwidths, bandwidth, c)?,
        key: optional(from.k_key, key, c)?,
        attributes: each(&from.a_attributes, attribute, c)?,
    })
}
