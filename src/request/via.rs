//! The Via of our requests, and the CSeq of the next one.

use crate::request::contact::{self, Address};
use crate::request::target::request_line;
use crate::request::{Entropy, Settings};
use crate::sip::{Draft, Via, push_number, search};
use crate::transport::Transport;
use std::ops::Range;

/// How the Via that we make begins where requests go by `transport`.
fn protocol(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "SIP/2.0/UDP ",
        Transport::Tcp => "SIP/2.0/TCP ",
        Transport::Tls => "SIP/2.0/TLS ",
    }
}

/// Appends a Via without address, with a branch of its own.
#[inline(always)]
pub(crate) fn push_via(text: &mut String, settings: &Settings, entropy: &mut Entropy) {
    text.push_str(protocol(settings.transport));
    text.push_str(contact::NO_ADDRESS);
    text.push_str(if settings.rport { ";rport;branch=z9hG4bK" } else { ";branch=z9hG4bK" });
    entropy.push_token(text);
}

/// Makes `draft` the same request once more: with a new Via and the next CSeq.
pub fn renew(draft: &mut Draft, settings: &Settings, entropy: &mut Entropy) {
    let mut text = String::with_capacity(96);
    push_via(&mut text, settings, entropy);
    if draft.get("Via").is_some() {
        draft.set("Via", &text);
    } else {
        draft.insert(0, "Via", &text);
    }
    text.clear();
    push_next_cseq(&mut text, draft.get("CSeq").unwrap_or(""), draft.start());
    draft.set("CSeq", text);
}

/// Puts transport, address and branch into the Via, as [`push_stamped`].
pub(crate) fn stamp(
    draft: &mut Draft,
    transports: (Transport, Transport),
    address: &Address,
    branch: Option<&str>,
) {
    let mut stamped = String::new();
    if let Some(via) = draft.get("Via") {
        push_stamped(&mut stamped, via, transports, address, branch);
        draft.set("Via", stamped);
    }
}

/// The CSeq number behind `last`, below 2^31 (RFC 3261 section 8.1.1.5).
pub(crate) fn following(last: u32) -> u32 {
    if last < 0x7fff_ffff { last + 1 } else { 1 }
}

/// Appends the CSeq behind `last` for a request whose first line is `start`.
pub(crate) fn push_next_cseq(text: &mut String, last: &str, start: &str) {
    let number: u32 =
        last.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0);
    push_number(text, following(number));
    text.push(' ');
    text.push_str(request_line(start).map_or("REGISTER", |line| line.0));
}

/// Appends `via` with its transport and address filled in and `branch` in place of what it had, so
/// that no two requests share one. Without `branch` it keeps its own. `transports`: the one that it
/// was built for, and the one that it leaves by; a word that the application has set itself stays.
pub(crate) fn push_stamped(
    text: &mut String,
    via: &str,
    transports: (Transport, Transport),
    address: &Address,
    branch: Option<&str>,
) {
    let start = text.len();
    let (built_for, leaves_by) = transports;
    let via = match via.strip_prefix(protocol(built_for)) {
        Some(rest) => {
            text.push_str(protocol(leaves_by));
            rest
        }
        None => via,
    };
    let rest = via.strip_prefix(contact::NO_ADDRESS);
    match rest.filter(|rest| search::find2(rest.as_bytes(), [b'.', b':']).is_none()) {
        // As we make it: there is nothing else to fill in.
        Some(rest) => text.extend([address.as_str(), rest]),
        None => {
            contact::push_filled(text, via, || address);
        }
    }
    if branch.is_none() && !address.is_v6() {
        return;
    }
    let mut stamped = text.split_off(start);
    if address.is_v6() {
        // RFC 3581 is asked for over IPv4 only.
        stamped = stamped.replace(";rport;", ";");
    }
    if let Some(branch) = branch {
        let old =
            Via::parse(&stamped).ok().and_then(|via| via.branch()).filter(|old| !old.is_empty());
        match old.and_then(|old| place_in(&stamped, old)) {
            Some(old) => stamped.replace_range(old, branch),
            None => stamped.extend([";branch=", branch]),
        }
    }
    text.push_str(&stamped);
}

/// Where `part`, a piece of `text`, stands in it.
fn place_in(text: &str, part: &str) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let place = start..start + part.len();
    (text.get(place.clone()) == Some(part)).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open_via() -> String {
        [protocol(Transport::Udp), contact::NO_ADDRESS].concat()
    }

    #[test]
    fn a_via_gets_its_address_wherever_that_is_open() {
        let address = Address::new("192.0.2.1", 5070);
        for behind in
            ["", ";rport;branch=z9hG4bK1", ";x=:99999", ";x=999.999.999.999:99999", " ;y=1.2", "9"]
        {
            for begin in [
                open_via().as_str(),
                "SIP/2.0/UDP 999.999.999.999",
                "SIP/2.0/TCP 999.999.999.999:99999",
                "x",
            ] {
                let via = [begin, behind].concat();
                let mut stamped = String::from("a");
                push_stamped(&mut stamped, &via, (Transport::Udp, Transport::Udp), &address, None);
                assert_eq!(stamped[1..], contact::fill(&via, &address));
            }
        }
    }

    #[test]
    fn a_via_names_the_transport_that_it_leaves_by() {
        let address = Address::new("192.0.2.1", 5070);
        let stamped = |via: &str, transport| {
            let mut stamped = String::new();
            push_stamped(&mut stamped, via, (Transport::Udp, transport), &address, None);
            stamped
        };
        let open = [open_via().as_str(), ";branch=x"].concat();
        for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
            let wanted = format!("SIP/2.0/{} 192.0.2.1:5070;branch=x", transport.via());
            assert_eq!(stamped(&open, transport), wanted);
            assert_eq!(stamped("SIP/2.0/UDP 192.0.2.1:5070;branch=x", transport), wanted);
        }
        let mut of_tcp = String::new();
        let (open, transports) = (open.replace("UDP", "TCP"), (Transport::Tcp, Transport::Tls));
        push_stamped(&mut of_tcp, &open, transports, &address, None);
        assert_eq!(of_tcp, "SIP/2.0/TLS 192.0.2.1:5070;branch=x");
        // A word that the application has set itself stays.
        let own = "SIP/2.0/SCTP 192.0.2.1:5070;branch=x";
        assert_eq!(stamped(own, Transport::Udp), own);
    }
}
