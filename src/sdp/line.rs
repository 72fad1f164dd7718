//! One line of a session description.

use super::description::{Attribute, Bandwidth, Connection, Key, MediaDescription, Origin};

/// A letter and what stands behind its `=`.
pub(super) struct TypedLine<'a> {
    pub(super) letter: u8,
    pub(super) value: &'a [u8],
}

/// The lines up to the first NUL, where a text of C ends. They end with CRLF, LF or CR, and blanks
/// before a letter do not count. What is no line of a description is left out.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = TypedLine<'_>> {
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    let lines = text[..end].split(|byte| matches!(byte, b'\r' | b'\n'));
    lines.filter_map(|line| match without_blanks_before(line) {
        [letter, b'=', value @ ..] => Some(TypedLine { letter: *letter, value }),
        _ => None,
    })
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn without_blanks_before(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !is_blank(*byte)).unwrap_or(text.len());
    &text[start..]
}

fn without_blanks_behind(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
    &text[..end]
}

fn without_blanks(text: &[u8]) -> &[u8] {
    without_blanks_before(without_blanks_behind(text))
}

/// The words of a line; the last one holds all that follows.
fn words<const N: usize>(value: &[u8]) -> Option<[&[u8]; N]> {
    let mut found = [&b""[..]; N];
    let mut rest = without_blanks(value);
    let (last, before) = found.split_last_mut()?;
    for word in before {
        let end = rest.iter().position(|byte| is_blank(*byte))?;
        (*word, rest) = (&rest[..end], without_blanks_before(&rest[end..]));
    }
    *last = rest;
    (!rest.is_empty()).then_some(found)
}

/// What stands before the first `byte`, which is not empty, and what behind it.
fn split_named(text: &[u8], byte: u8) -> Option<(&[u8], Option<&[u8]>)> {
    let at = text.iter().position(|found| *found == byte);
    let (name, rest) = at.map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])));
    (!name.is_empty()).then_some((name, rest))
}

fn filled(text: Option<&[u8]>) -> Option<&[u8]> {
    text.filter(|text| !text.is_empty())
}

pub(super) fn origin(value: &[u8]) -> Option<Origin<'_>> {
    let [username, session_id, session_version, network_type, address_type, address] =
        words(value)?;
    Some(Origin { username, session_id, session_version, network_type, address_type, address })
}

pub(super) fn connection(value: &[u8]) -> Option<Connection<'_>> {
    let [network_type, address_type, address] = words(value)?;
    let (address, numbers) = split_named(address, b'/')?;
    let address = without_blanks_behind(address); // as where it ends the line
    let numbers = filled(numbers).and_then(|numbers| split_named(numbers, b'/'));
    let (ttl, count) = numbers.map_or((None, None), |(ttl, count)| (Some(ttl), filled(count)));
    let ttl = filled(ttl.map(without_blanks_behind));
    Some(Connection { network_type, address_type, address, ttl, count: ttl.and(count) })
}

pub(super) fn bandwidth(value: &[u8]) -> Option<Bandwidth<'_>> {
    let (kind, value) = split_named(value, b':')?;
    Some(Bandwidth { kind, value: filled(value)? })
}

/// Start and stop.
pub(super) fn times(value: &[u8]) -> Option<[&[u8]; 2]> {
    words(value)
}

pub(super) fn key(value: &[u8]) -> Option<Key<'_>> {
    let (method, data) = split_named(value, b':')?;
    Some(Key { method, data })
}

pub(super) fn attribute(value: &[u8]) -> Option<Attribute<'_>> {
    let (name, value) = split_named(value, b':')?;
    Some(Attribute { name, value })
}

/// An `m=` line, with the lists of what follows it empty.
pub(super) fn media(value: &[u8]) -> Option<MediaDescription<'_>> {
    let [kind, ports, rest] = words(value)?;
    let (port, port_count) = split_named(ports, b'/')?;
    let mut rest = rest.split(|byte| is_blank(*byte)).filter(|word| !word.is_empty());
    Some(MediaDescription {
        kind,
        port,
        port_count: filled(port_count),
        protocol: rest.next()?,
        formats: rest.collect(),
        information: None,
        connections: Vec::new(),
        bandwidths: Vec::new(),
        key: None,
        attributes: Vec::new(),
    })
}
