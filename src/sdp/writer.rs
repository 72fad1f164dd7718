//! From values to text.

use super::description::{
    Attribute, Bandwidth, Connection, Key, MediaDescription, SessionDescription,
};

impl SessionDescription<'_> {
    /// Writes the lines in the order of RFC 8866 section 5, each with CRLF.
    pub fn write(&self, out: &mut Vec<u8>) {
        line(out, b'v', &[self.version]);
        let origin = &self.origin;
        let words = [
            origin.username,
            origin.session_id,
            origin.session_version,
            origin.network_type,
            origin.address_type,
            origin.address,
        ];
        line(out, b'o', &words);
        optional(out, b's', self.name);
        optional(out, b'i', self.information);
        optional(out, b'u', self.uri);
        self.emails.iter().for_each(|email| line(out, b'e', &[email]));
        self.phones.iter().for_each(|phone| line(out, b'p', &[phone]));
        self.connection.iter().for_each(|connection| write_connection(out, connection));
        self.bandwidths.iter().for_each(|bandwidth| write_bandwidth(out, bandwidth));
        for time in &self.times {
            line(out, b't', &[time.start, time.stop]);
            time.repeats.iter().for_each(|repeat| line(out, b'r', &[repeat]));
        }
        optional(out, b'z', self.time_zones);
        self.key.iter().for_each(|key| write_key(out, key));
        self.attributes.iter().for_each(|attribute| write_attribute(out, attribute));
        self.media.iter().for_each(|media| write_media(out, media));
    }
}

/// One line of words.
fn line(out: &mut Vec<u8>, letter: u8, words: &[&[u8]]) {
    out.extend([letter, b'=']);
    for (number, word) in words.iter().enumerate() {
        if number > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
    out.extend(b"\r\n");
}

fn optional(out: &mut Vec<u8>, letter: u8, value: Option<&[u8]>) {
    value.iter().for_each(|value| line(out, letter, &[value]));
}

/// One line of a name and, behind the separator, what belongs to it.
fn named(out: &mut Vec<u8>, letter: u8, name: &[u8], separator: u8, value: Option<&[u8]>) {
    match value {
        Some(value) => line(out, letter, &[&[name, &[separator], value].concat()]),
        None => line(out, letter, &[name]),
    }
}

fn write_connection(out: &mut Vec<u8>, connection: &Connection<'_>) {
    let mut address = connection.address.to_vec();
    for number in [connection.ttl, connection.count].into_iter().flatten() {
        address.push(b'/');
        address.extend_from_slice(number);
    }
    line(out, b'c', &[connection.network_type, connection.address_type, &address]);
}

fn write_bandwidth(out: &mut Vec<u8>, bandwidth: &Bandwidth<'_>) {
    named(out, b'b', bandwidth.kind, b':', Some(bandwidth.value));
}

fn write_key(out: &mut Vec<u8>, key: &Key<'_>) {
    named(out, b'k', key.method, b':', key.data);
}

fn write_attribute(out: &mut Vec<u8>, attribute: &Attribute<'_>) {
    named(out, b'a', attribute.name, b':', attribute.value);
}

fn write_media(out: &mut Vec<u8>, media: &MediaDescription<'_>) {
    let ports = match media.port_count {
        Some(count) => [media.port, b"/", count].concat(),
        None => media.port.to_vec(),
    };
    let mut words = vec![media.kind, &ports, media.protocol];
    words.extend(&media.formats);
    line(out, b'm', &words);
    optional(out, b'i', media.information);
    media.connections.iter().for_each(|connection| write_connection(out, connection));
    media.bandwidths.iter().for_each(|bandwidth| write_bandwidth(out, bandwidth));
    media.key.iter().for_each(|key| write_key(out, key));
    media.attributes.iter().for_each(|attribute| write_attribute(out, attribute));
}
