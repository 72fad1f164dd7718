//! The next REGISTER, made from what is kept of the last.

use crate::request::via::{push_next_cseq, push_via};
use crate::request::{Entropy, Settings, contact};
use crate::sip::{Draft, Field, Printed, push_number, split_list};

/// The request that was `last`, with a new Via, the next CSeq and this expiry, in one pass. Header
/// fields of the application stay. `None`: `last` was not kept of a draft.
pub(super) fn renewed(
    last: &[u8],
    expires: u32,
    settings: &Settings,
    entropy: &mut Entropy,
) -> Option<Draft> {
    let mut last = Printed::new(last)?;
    let start = last.start();
    let (mut counted, mut limited) = (false, false);
    let mut draft = Draft::new(start);
    draft.push_clean_with("Via", |text| push_via(text, settings, entropy));
    for line in last.by_ref() {
        match line.field {
            Field::CSeq if !std::mem::replace(&mut counted, true) => {
                draft
                    .push_clean_with(line.name(), |text| push_next_cseq(text, line.value(), start));
            }
            Field::Expires if !std::mem::replace(&mut limited, true) => {
                draft.push_clean_with(line.name(), |text| push_number(text, expires));
            }
            Field::Contact => {
                let name = if line.name().len() == 1 { "Contact" } else { line.name() };
                draft.push_clean_with(name, |text| push_renewed_list(text, line.value(), expires));
            }
            Field::CSeq | Field::Expires | Field::Via => {}
            Field::Authorization | Field::ProxyAuthorization => {}
            _ => draft.push_printed(line),
        }
    }
    if !counted {
        draft.push_clean_with("CSeq", |text| push_next_cseq(text, "", start));
    }
    if !limited {
        draft.push_clean_with("Expires", |text| push_number(text, expires));
    }
    draft.body = last.body()?.to_vec();
    Some(draft)
}

/// Appends a list of Contacts with another expiry where they have one.
fn push_renewed_list(text: &mut String, list: &str, expires: u32) {
    for (at, one) in split_list(list).enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        contact::push_with_expires(text, one, expires);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::again;
    use crate::registration::kept;

    /// The same by one edit of the draft after the other.
    fn edited(
        last: &[u8],
        expires: u32,
        settings: &Settings,
        entropy: &mut Entropy,
    ) -> Option<Draft> {
        let mut draft = again(Draft::reread(last)?, settings, entropy);
        draft.set("Expires", expires.to_string());
        let mut full = Draft::new(draft.start());
        for (name, value) in draft.headers() {
            full.push(if name.eq_ignore_ascii_case("m") { "Contact" } else { name }, value);
        }
        full.body = draft.body;
        full.change(|name, value| {
            if !name.eq_ignore_ascii_case("Contact") {
                return None;
            }
            let renewed: Vec<_> =
                split_list(value).map(|one| contact::with_expires(one, expires)).collect();
            Some(renewed.join(", "))
        });
        Some(full)
    }

    #[test]
    fn one_pass_gives_what_editing_the_last_gives() {
        const LINES: [(&str, &str); 26] = [
            ("Via", "SIP/2.0/UDP h;branch=z9hG4bKold"),
            ("v", "SIP/2.0/UDP h2"),
            ("Route", "<sip:p.test;lr>"),
            ("From", "\"A, B\" <sip:a@b.test>;tag=1"),
            ("f", "<sip:a@b.test>;tag=1"),
            ("To", "<sip:a@b.test>"),
            ("Call-ID", "1:2: 3"),
            ("CSeq", "7 REGISTER"),
            ("cseq", "2147483647 OTHER"),
            ("CSeq", "none"),
            ("CSeq", ""),
            ("Contact", "<sip:a@192.0.2.1:5070;line=1>"),
            ("m", "\"x, y\" <sip:a@b.test>;q=1;expires=60 , <sip:c@d.test;x>;Expires=0"),
            ("M", "*"),
            ("contact", "sip:a@b.test;expires=3,,sip:c@d.test"),
            ("Contact", "no address <"),
            ("Contact", ""),
            ("Expires", "3600"),
            ("EXPIRES", ""),
            ("Authorization", "Digest realm=\"r\""),
            ("proxy-authorization", "Digest realm=\"r\""),
            ("X-Odd", "a\r\nContact: b"),
            ("X-Empty", ""),
            ("Content-Type", "text/plain"),
            ("Max-Forwards", "70"),
            ("User-Agent", "t\u{e9}st"),
        ];
        let mut entropy = Entropy::new([5; 32]);
        for round in 0..3000 {
            let settings = Settings { rport: round % 2 == 0, ..Settings::default() };
            let mut draft =
                Draft::request(if round % 7 == 0 { "OTHER" } else { "REGISTER" }, "sip:b.test");
            for _ in 0..entropy.bits() % 14 {
                let (name, value) = LINES[(entropy.bits() % 26) as usize];
                draft.push(name, value);
            }
            draft.body =
                [&b""[..], b"text", b"\xff\r\n\r\nContent-Length: 0\r\n\r\n"][round % 3].into();
            let last = kept::kept(&draft);
            let expires = [0, 60, u32::MAX][round % 3];
            let mut same = entropy.clone();
            let renewed = renewed(&last, expires, &settings, &mut entropy);
            assert!(renewed.is_some());
            assert_eq!(
                renewed,
                edited(&last, expires, &settings, &mut same),
                "{:?}",
                draft.to_bytes()
            );
        }
    }

    #[test]
    fn what_is_no_request_of_ours_is_not_renewed() {
        let (settings, mut entropy) = (Settings::default(), Entropy::new([0; 32]));
        for last in
            [&b""[..], b"\r\n\r\n", b"REGISTER sip:a SIP/2.0\r\nTo: a\r\n", b"A\r\nB:c\r\n\r\n"]
        {
            assert_eq!(renewed(last, 60, &settings, &mut entropy), None);
        }
    }
}
