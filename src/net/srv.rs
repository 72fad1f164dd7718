//! SRV records (RFC 2782): where the SIP servers of a domain are, as RFC 3263 section 4.2 asks for UDP.

use std::ffi::CString;
use std::os::raw::{c_char, c_int, c_uchar};

/// Records taken of one answer.
const RECORDS: usize = 16;
/// Room for an answer; a longer one over TCP is cut by the system's resolver.
const ANSWER: usize = 8192;
/// Class IN, type SRV.
const IN: c_int = 1;
const SRV: c_int = 33;

/// One server of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) priority: u16,
    pub(super) weight: u16,
    pub(super) port: u16,
    pub(super) host: String,
}

/// Asks the system's resolver for the SRV records of `name` (`_sip._udp.example.org`); none, or an error, gives an empty list. Takes as
/// long as it likes.
pub(super) fn look_up(name: &str) -> Vec<Server> {
    unsafe extern "C" {
        fn res_query(name: *const c_char, class: c_int, kind: c_int, to: *mut c_uchar, size: c_int) -> c_int;
    }
    let Ok(name) = CString::new(name) else { return Vec::new() };
    let mut answer = vec![0_u8; ANSWER];
    // SAFETY: `name` ends with NUL, and `answer` has the room that is told.
    let length = unsafe { res_query(name.as_ptr(), IN, SRV, answer.as_mut_ptr(), ANSWER as c_int) };
    let length = usize::try_from(length).unwrap_or(0).min(ANSWER);
    let mut servers = read(&answer[..length]).unwrap_or_default();
    order(&mut servers, || {
        let mut bytes = [0; 4];
        let _ = getrandom::fill(&mut bytes);
        u32::from_ne_bytes(bytes)
    });
    servers
}

/// The SRV records in a DNS message (RFC 1035 section 4); `None` for one that is broken.
fn read(message: &[u8]) -> Option<Vec<Server>> {
    let number = |at: usize| Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]));
    let (questions, answers) = (number(4)?, number(6)?);
    let mut at = 12;
    for _ in 0..questions {
        at = name(message, at)?.1 + 4;
    }
    let mut servers = Vec::new();
    for _ in 0..answers {
        let head = name(message, at)?.1;
        let (kind, class, length) = (number(head)?, number(head + 2)?, usize::from(number(head + 8)?));
        let data = head + 10;
        if i32::from(kind) == SRV && i32::from(class) == IN && servers.len() < RECORDS {
            let (host, _) = name(message, data + 6)?;
            // A single dot says that the service is not there.
            if !host.is_empty() {
                let (priority, weight, port) = (number(data)?, number(data + 2)?, number(data + 4)?);
                servers.push(Server { priority, weight, port, host });
            }
        }
        at = data + length;
    }
    Some(servers)
}

/// The name at `at` and where it ends; follows compression pointers, which only lead backwards.
fn name(message: &[u8], at: usize) -> Option<(String, usize)> {
    let (mut name, mut at, mut end) = (String::new(), at, None);
    loop {
        let length = usize::from(*message.get(at)?);
        match length >> 6 {
            0 if length == 0 => return Some((name, end.unwrap_or(at + 1))),
            0 => {
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(std::str::from_utf8(message.get(at + 1..at + 1 + length)?).ok()?);
                at += 1 + length;
                if name.len() > 255 {
                    return None;
                }
            }
            3 => {
                let to = (length & 0x3f) << 8 | usize::from(*message.get(at + 1)?);
                end.get_or_insert(at + 2);
                if to >= at {
                    return None;
                }
                at = to;
            }
            _ => return None,
        }
    }
}

/// Puts the servers into the order in which they are tried: by priority, and among equals by lot with their weights as chances.
fn order(servers: &mut [Server], mut lot: impl FnMut() -> u32) {
    // RFC 2782: those of weight 0 stand first, so that they too have a small chance.
    servers.sort_by_key(|server| (server.priority, server.weight != 0));
    for first in 0..servers.len() {
        let priority = servers[first].priority;
        let same = servers[first..].iter().take_while(|server| server.priority == priority).count();
        let sum: u32 = servers[first..first + same].iter().map(|server| u32::from(server.weight)).sum();
        let drawn = lot() % (sum + 1);
        let mut running = 0;
        let chosen = servers[first..first + same].iter().position(|server| {
            running += u32::from(server.weight);
            running >= drawn
        });
        servers[first..=first + chosen.unwrap_or(0)].rotate_right(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(priority: u16, weight: u16, host: &str) -> Server {
        Server { priority, weight, port: 5060, host: host.to_owned() }
    }

    /// An answer with two records, the second one's target compressed.
    fn answer() -> Vec<u8> {
        let mut message = vec![0, 1, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
        message.extend(b"\x04_sip\x04_udp\x04acme\x04test\0\0\x21\0\x01");
        message.extend(b"\xc0\x0c\0\x21\0\x01\0\0\0\x3c\0\x10\0\x0a\0\x05\x13\xc5\x03one\x04acme\0");
        message.extend(b"\xc0\x0c\0\x21\0\x01\0\0\0\x3c\0\x0c\0\x14\0\0\x13\xc4\x03two\xc0\x16");
        message
    }

    #[test]
    fn records_are_read_with_compressed_names() {
        let servers = read(&answer()).unwrap();
        assert_eq!(
            servers,
            [
                Server { priority: 10, weight: 5, port: 5061, host: "one.acme".into() },
                Server { priority: 20, weight: 0, port: 5060, host: "two.acme.test".into() },
            ]
        );
    }

    #[test]
    fn broken_answers_are_none_and_never_loop() {
        let whole = answer();
        for cut in 0..whole.len() {
            let _ = read(&whole[..cut]);
            let mut changed = whole.clone();
            changed[cut] ^= 0xff;
            let _ = read(&changed);
        }
        let mut looped = vec![0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0];
        looped.extend(b"\xc0\x0c\0\x21\0\x01");
        assert_eq!(read(&looped), None);
    }

    #[test]
    fn servers_go_by_priority_and_then_by_lot() {
        let all = [server(2, 0, "c"), server(1, 1, "a"), server(1, 9, "b")];
        let first = |lot| {
            let mut servers = all.to_vec();
            order(&mut servers, || lot);
            servers.iter().map(|server| server.host.clone()).collect::<String>()
        };
        assert_eq!(first(0), "abc");
        assert_eq!(first(1), "abc");
        assert_eq!(first(2), "bac");
        assert_eq!(first(10), "bac");
    }
}
