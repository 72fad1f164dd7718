//! What the Via of an answer says: the branch, and where the server has seen us.

use crate::sip::{Message, Via};
use crate::transaction::branch_number;
use crate::transport::ReflexiveAddrs;
use std::net::SocketAddr;

/// Longer ones are not kept, bytes.
const LONGEST: usize = 256;
/// Bytes in a branch of ours.
const BRANCH: usize = 39;

/// What a Via says.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct ViaInfo {
    /// The number in its branch, if that is one of ours.
    pub(super) branch: Option<u128>,
    /// What `received` and `rport` say (RFC 3581 section 4), if it has one of them.
    pub(super) seen: Option<SocketAddr>,
}

/// Reads them. One server's say the same but for the branch: what the last one said is kept.
#[derive(Debug, Default)]
pub(super) struct Vias(Option<Last>);

/// A line with one Via, where its branch stands, and what else it says.
#[derive(Debug)]
struct Last {
    text: Box<str>,
    at: usize,
    seen: Option<SocketAddr>,
}

impl Vias {
    /// What the top Via of `answer` says; nothing if it does not parse.
    pub(super) fn read(&mut self, answer: &Message<'_>, learned: &mut ReflexiveAddrs) -> ViaInfo {
        let line = answer.header("Via").unwrap_or("");
        if let Some(last) = &self.0
            && let Some(branch) = last.branch_in(line)
        {
            return ViaInfo { branch: Some(branch), seen: last.seen };
        }
        let Ok(via) = answer.top_via() else { return ViaInfo::default() };
        let seen = seen_by(&via, learned);
        let branch = via.branch().and_then(branch_number);
        if let Some(last) =
            via.branch().filter(|_| branch.is_some()).and_then(|text| Last::of(line, text, seen))
        {
            self.0 = Some(last);
        }
        ViaInfo { branch, seen }
    }
}

impl Last {
    /// `None` where another branch might make another Via of it.
    fn of(line: &str, branch: &str, seen: Option<SocketAddr>) -> Option<Self> {
        let at = line.find(branch).filter(|at| line.rfind(branch) == Some(*at))?;
        let plain = line.len() <= LONGEST && !line.contains(['"', '\\', ',']);
        plain.then(|| Last { text: line.into(), at, seen })
    }

    /// The branch in `line`, if all else in it is the same.
    fn branch_in(&self, line: &str) -> Option<u128> {
        let (before, behind) = (self.text.get(..self.at)?, self.text.get(self.at + BRANCH..)?);
        branch_number(line.strip_prefix(before)?.strip_suffix(behind)?)
    }
}

/// Where the server has seen us.
fn seen_by(via: &Via<'_>, learned: &mut ReflexiveAddrs) -> Option<SocketAddr> {
    let Via { received, rport, .. } = *via;
    if received.is_none() && rport.is_none_or(str::is_empty) {
        return None;
    }
    let ip = learned.read(received.unwrap_or(via.host))?;
    let port = match rport.filter(|port| !port.is_empty()) {
        Some(port) => port.parse().unwrap_or(0),
        None => via.port.unwrap_or(5060),
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::branch_text;

    fn told(vias: &mut Vias, via: &str) -> ViaInfo {
        let text = format!("SIP/2.0 200 OK\r\nVia: {via}\r\nContent-Length: 0\r\n\r\n");
        let mut room = Vec::new();
        let answer = Message::read(text.as_bytes(), &mut room).unwrap();
        vias.read(&answer, &mut ReflexiveAddrs::default())
    }

    #[test]
    fn a_via_is_read_as_if_it_were_the_first() {
        const PIECES: [&str; 16] = [
            ";received=192.0.2.1",
            ";received=[2001:db8::1]",
            ";rport=5070",
            ";rport",
            ";rport=x",
            ";maddr=h",
            ";x=\"",
            "\"",
            ", SIP/2.0/UDP h;branch=",
            " ",
            ";branch=z9hG4bK1",
            ";BRANCH=",
            ";",
            "=",
            "\\",
            ":5071",
        ];
        let (mut vias, mut kept) = (Vias::default(), 0);
        for order in 0..16_usize.pow(3) {
            let piece = |at: u32| PIECES[order / 16_usize.pow(at) % 16];
            let number = order as u128;
            let (before, behind) = (piece(2), [piece(1), piece(0)].concat());
            for number in [number, u128::MAX - number] {
                let branch = branch_text(number);
                for twice in ["", &*branch] {
                    let via = format!("SIP/2.0/UDP 192.0.2.9{before};branch={branch}{behind}{twice}");
                    assert_eq!(told(&mut vias, &via), told(&mut Vias::default(), &via), "{via}");
                }
            }
            kept += usize::from(vias.0.is_some());
        }
        assert!(kept > 1000, "{kept}");
    }

    #[test]
    fn what_the_server_saw_is_told_again_for_another_branch_only() {
        let mut vias = Vias::default();
        let via = |number, port| format!("SIP/2.0/UDP h;rport={port};branch={}", branch_text(number));
        let seen = |told: ViaInfo| (told.branch, told.seen.map(|seen| seen.port()));
        let with = |number, port| via(number, port) + ";received=192.0.2.1";
        assert_eq!(seen(told(&mut vias, &with(1, 5070))), (Some(1), Some(5070)));
        let first = vias.0.as_ref().map(|last| last.text.clone());
        assert_eq!(seen(told(&mut vias, &with(2, 5070))), (Some(2), Some(5070)));
        assert_eq!(vias.0.as_ref().map(|last| last.text.clone()), first, "it was not read");
        assert_eq!(seen(told(&mut vias, &with(3, 5071))), (Some(3), Some(5071)));
        assert_eq!(told(&mut vias, "h"), ViaInfo::default());
    }
}
