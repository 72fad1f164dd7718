//! Answers of name servers (RFC 1035 section 4): records are read out of them, and nothing in them
//! is believed that does not lie inside of them.

use crate::transport::{DnsError, NaptrRecord, RecordKind, Records, SrvRecord};
use std::time::Duration;

/// Class IN.
const IN: u16 = 1;
/// Records taken of one answer.
const RECORDS: usize = 16;
/// The longest name (RFC 1035 section 2.3.4).
const NAME: usize = 255;
/// The header of a message.
const HEADER: usize = 12;
/// Longer than a week is taken as a week (RFC 8767 section 4).
const LONGEST_TTL: u32 = 604_800;

const TRUNCATED: DnsError = DnsError::Malformed("it ends early");

/// The type of `kind` in a message.
pub(super) fn code(kind: RecordKind) -> u16 {
    match kind {
        RecordKind::Naptr => 35,
        RecordKind::Srv => 33,
        RecordKind::A => 1,
        RecordKind::Aaaa => 28,
    }
}

/// Reads the records of `kind` out of the answer `message`. Other records in it, as the CNAME that
/// led to them, are passed over.
pub fn parse(message: &[u8], kind: RecordKind) -> Result<Records, DnsError> {
    let reader = DnsReader { message };
    let flags = reader.number(2)?;
    let (questions, answers) = (reader.number(4)?, reader.number(6)?);
    if flags & 0x8000 == 0 {
        return Err(DnsError::Malformed("it is a question"));
    }
    match flags & 0xf {
        0 => {}
        2 => return Err(DnsError::ServerFailure),
        3 => return Err(DnsError::NotFound),
        other => return Err(DnsError::Refused(other as u8)),
    }
    let mut at = HEADER;
    for _ in 0..questions {
        // Type and class follow the name.
        at = reader.name(at)?.1 + 4;
    }
    let mut found = Found::default();
    for _ in 0..answers {
        let head = reader.name(at)?.1;
        let (of, class) = (reader.number(head)?, reader.number(head + 2)?);
        let ttl = u32::from(reader.number(head + 4)?) << 16 | u32::from(reader.number(head + 6)?);
        let data = head + 10;
        let end = data + usize::from(reader.number(head + 8)?);
        reader.bytes(data, end)?;
        if of == code(kind) && class == IN && found.count < RECORDS {
            found.take(&reader, kind, data, end)?;
            // A TTL with the highest bit set is zero (RFC 2181 section 8).
            let ttl = if ttl >> 31 == 1 { 0 } else { ttl.min(LONGEST_TTL) };
            found.ttl = Some(found.ttl.map_or(ttl, |least| least.min(ttl)));
        }
        at = end;
    }
    found.into_records(kind)
}

/// What was read so far.
#[derive(Default)]
struct Found {
    /// The least of all.
    ttl: Option<u32>,
    count: usize,
    naptr: Vec<NaptrRecord>,
    srv: Vec<SrvRecord>,
    addresses: Vec<std::net::IpAddr>,
}

impl Found {
    /// Reads the data of one record, which is at `data` and ends at `end`.
    fn take(
        &mut self,
        reader: &DnsReader<'_>,
        kind: RecordKind,
        data: usize,
        end: usize,
    ) -> Result<(), DnsError> {
        self.count += 1;
        let filled = |at: usize| {
            if at == end { Ok(()) } else { Err(DnsError::Malformed("a length is wrong")) }
        };
        match kind {
            RecordKind::Srv => {
                let (priority, weight, port) =
                    (reader.number(data)?, reader.number(data + 2)?, reader.number(data + 4)?);
                let (target, at) = reader.name(data + 6)?;
                filled(at)?;
                self.srv.push(SrvRecord { priority, weight, port, target });
            }
            RecordKind::Naptr => {
                let (order, preference) = (reader.number(data)?, reader.number(data + 2)?);
                let (flags, at) = reader.character_string(data + 4)?;
                let (services, at) = reader.character_string(at)?;
                let (regexp, at) = reader.character_string(at)?;
                let (replacement, at) = reader.name(at)?;
                filled(at)?;
                self.naptr.push(NaptrRecord {
                    order,
                    preference,
                    flags,
                    services,
                    regexp,
                    replacement,
                });
            }
            RecordKind::A => {
                let ip: [u8; 4] = array(reader.bytes(data, end)?)?;
                self.addresses.push(ip.into());
            }
            RecordKind::Aaaa => {
                let ip: [u8; 16] = array(reader.bytes(data, end)?)?;
                self.addresses.push(ip.into());
            }
        }
        Ok(())
    }

    fn into_records(mut self, kind: RecordKind) -> Result<Records, DnsError> {
        let Some(ttl) = self.ttl else { return Err(DnsError::NoData) };
        let ttl = Duration::from_secs(ttl.into());
        match kind {
            RecordKind::Naptr => Ok(Records::Naptr { ttl, records: self.naptr }),
            RecordKind::Srv => {
                self.srv.retain(|record| !record.target.is_empty());
                if self.srv.is_empty() {
                    return Err(DnsError::NotOffered);
                }
                Ok(Records::Srv { ttl, records: self.srv })
            }
            RecordKind::A | RecordKind::Aaaa => {
                Ok(Records::Addresses { ttl, addresses: self.addresses, zone: 0 })
            }
        }
    }
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], DnsError> {
    bytes.try_into().map_err(|_| DnsError::Malformed("an address has another length"))
}

/// Reads out of a message; what does not lie inside is an error.
struct DnsReader<'a> {
    message: &'a [u8],
}

impl DnsReader<'_> {
    fn bytes(&self, from: usize, to: usize) -> Result<&[u8], DnsError> {
        self.message.get(from..to).ok_or(TRUNCATED)
    }

    fn number(&self, at: usize) -> Result<u16, DnsError> {
        let bytes = self.bytes(at, at + 2)?;
        bytes.try_into().map(u16::from_be_bytes).map_err(|_| TRUNCATED)
    }

    /// The text at `at`, which begins with its length, and where it ends (RFC 1035 section 3.3).
    fn character_string(&self, at: usize) -> Result<(String, usize), DnsError> {
        let length = usize::from(*self.message.get(at).ok_or(TRUNCATED)?);
        let end = at + 1 + length;
        Ok((text(self.bytes(at + 1, end)?)?.to_owned(), end))
    }

    /// The name at `at`, without a dot at its end, and where it ends.
    fn name(&self, at: usize) -> Result<(String, usize), DnsError> {
        let (mut name, mut at, mut end) = (String::new(), at, None);
        loop {
            let length = usize::from(*self.message.get(at).ok_or(TRUNCATED)?);
            match length >> 6 {
                0 if length == 0 => return Ok((name, end.unwrap_or(at + 1))),
                0 => {
                    let label = text(self.bytes(at + 1, at + 1 + length)?)?;
                    if label.contains(['.', '\\', ' ']) {
                        return Err(DnsError::Malformed(
                            "a name has a character that host names have not",
                        ));
                    }
                    if name.len() + 1 + label.len() > NAME {
                        return Err(DnsError::Malformed("a name is too long"));
                    }
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.push_str(label);
                    at += 1 + length;
                }
                3 => {
                    let to = (length & 0x3f) << 8
                        | usize::from(*self.message.get(at + 1).ok_or(TRUNCATED)?);
                    end.get_or_insert(at + 2);
                    // A pointer only leads backwards (RFC 1035 section 4.1.4). A loop through
                    // labels ends where the name is too long.
                    if to >= at {
                        return Err(DnsError::Malformed("a name points ahead"));
                    }
                    at = to;
                }
                _ => return Err(DnsError::Malformed("a label of an unknown kind")),
            }
        }
    }
}

/// What is printed or asked for later holds no control characters.
fn text(bytes: &[u8]) -> Result<&str, DnsError> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control));
    text.ok_or(DnsError::Malformed("a text has octets that are no characters"))
}

#[cfg(test)]
mod tests;
