//! What is copied is what would be edited.

use super::super::binding::Bound;
use super::super::kept::kept;
use super::super::{InitialRegister, RequestUriCache};
use super::*;
use crate::request::Entropy;

/// The wire, where its Call-ID is, what is kept, our Contacts, whether an old one is removed, and whether the server has them.
type Copied = (Vec<u8>, Range<usize>, Box<[u8]>, Option<String>, bool, bool);

/// The same by editing the draft, a line at a time.
fn edited(
    registration: &Registration,
    mut draft: Draft,
    local: Local,
    settings: &Settings,
    branch: Option<&str>,
    date: Option<String>,
) -> Copied {
    let mut addresses = Addresses::default();
    let addrs = ContactAddrs::new(&mut addresses, local, settings);
    let mut via = String::new();
    if let Some(old) = draft.get("Via") {
        push_stamped(&mut via, old, &Address::ours(local.address, settings.public_port), branch);
        draft.set("Via", via);
    }
    if let Some(date) = date {
        draft.set("Date", date);
    }
    let mut own: Vec<String> = Vec::new();
    draft.change(|name, values| {
        if Field::of(name.as_bytes()) != Field::Contact {
            return None;
        }
        let mut text = String::new();
        registration.push_all_addressed(&mut text, values, &addrs);
        if text != "*" && !(own.is_empty() && text.is_empty()) {
            own.push(text.clone());
        }
        Some(text)
    });
    let template = kept(&draft);
    if !local.keep_route && draft.get("Route").is_some_and(|first| hides_route(first, settings)) {
        draft.remove("Route");
    }
    let own = own.join(", ");
    let removable = registration.wanted > 0 && !local.replaces && !own.is_empty();
    let bound = registration.bound().filter(|_| removable).unwrap_or_default();
    let gone = split_list(&bound).filter(|bound| split_list(&own).all(|own| moved(bound, own)));
    let old: Vec<String> = gone.map(contact::removal).collect();
    if !old.is_empty() {
        draft.insert_after("Contact", "Contact", old.join(", "));
    }
    let call_id = draft.place_of("Call-ID").unwrap_or_default();
    let settled = !own.is_empty() && registration.bound().is_some_and(|bound| bound == own);
    let contact = (!own.is_empty()).then_some(own);
    (draft.to_bytes(), call_id, template, contact, !old.is_empty(), settled)
}

const LINES: [(&str, &str); 27] = [
    ("Via", "SIP/2.0/UDP 999.999.999.999:99999;rport;branch=z9hG4bK1"),
    ("v", "SIP/2.0/UDP 10.0.0.9:5060"),
    ("Route", "<sip:10.0.0.8;lr>"),
    ("ROUTE", "<sip:10.0.0.8>"),
    ("Call-ID", "c@9:99999"),
    ("CSeq", "1 REGISTER"),
    ("Contact", "<sip:a@999.999.999.999:99999;line=LINE>;q=0.5"),
    ("Contact", "<sip:a@10.0.0.1:5070;line=LINE>;expires=60"),
    ("Contact", "<sip:a@10.0.0.1:5070;line=LINE>"),
    ("m", "<sip:a@10.0.0.2:5070;line=LINE>, <sip:b@10.0.0.1:5070;line=LINE>"),
    ("contact", "\"a, b\" <sip:b@10.9.0.1>, <tel:7>"),
    ("Contact", "<sips:é@10.0.0.2:5070;line=LINE;ob>, <sip:a@10.0.0.1:5070;line=LINEX>"),
    ("Contact", "<sip:a;x@10.0.0.1:5070;line=LINE>;q=0.7;+sip.instance=\"<urn:uuid:7>\";expires=9"),
    ("Contact", "<sip:a>@10.0.0.1:5070;line=LINE>, <sip:@10.0.0.1:5070;line=LINE?X=y>"),
    ("Contact", "<sip:a@10.0.0.1:5070;line=LINE;x=999.999.999.999>;y=:99999;z=\"<sip:q@w>\""),
    ("Contact", "<sip:a:99999@10.0.0.1:5070;line=LINE>, <sip:a@b@10.0.0.2:5070;line=LINE>"),
    ("Contact", "<sip:a@[2001:db8::2]:1;line=LINE>, <sip:a@[2001:db8::1]:5060;line=LINE"),
    ("Contact", "*"),
    ("Contact", ""),
    ("Contact", "<sip:a@10.0.0.2:5070;line=LINE>, <sip:a@10.0.0.3:5070;line=LINE>, nonsense"),
    ("Expires", "600"),
    ("Date", "then"),
    ("date", "now"),
    ("Authorization", "Digest a=b"),
    ("proxy-authorization", "Digest a=b"),
    ("Content-Type", "text/plain"),
    ("X", ""),
];

#[test]
fn a_request_is_copied_as_it_would_be_edited() {
    let mut random = Entropy::new([3; 32]);
    let ask = InitialRegister { from: "sip:a@b", proxy: "sip:b", contact: None, expires: 600, q: None };
    let mut registration = Registration::new(ask, &mut RequestUriCache::default(), &mut random).unwrap();
    let own = |value: &str| value.replace("LINE", &registration.line);
    let lines = LINES.map(|(name, value)| (name, own(value)));
    let bounds = [
        Bound::Not,
        Bound::AsSent,
        Bound::Is(own("<sip:a@10.0.0.1:5070;line=LINE>").into()),
        Bound::Is(own("<sip:a@10.0.0.5:5070;line=LINE>;reg-id=1, <sip:b@10.9.0.1>").into()),
        Bound::Is("<sip:a@10.0.0.5>".into()),
    ];
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    let ours = [address("10.0.0.1:5070"), address("[2001:db8::1]:5060")];
    let (mut scratch, mut seen_at_once) = (WriteScratch::default(), 0);
    let mut last = Draft::request("REGISTER", "sip:b");
    // By what the server holds: how often it holds just that, and how often it does not.
    let mut held = [[0; 2]; 5];
    for _ in 0..8_000 {
        let mut bits = random.bits();
        let mut draw = |of: usize| {
            let drawn = (bits % of as u128) as usize;
            bits /= of as u128;
            drawn
        };
        let mut draft = Draft::request("REGISTER", "sip:b");
        if draw(2) == 0 {
            draft = last;
        } else {
            for _ in 0..draw(9) {
                let (name, value) = &lines[draw(lines.len())];
                draft.push(name, value);
            }
        }
        draft.body = [&b""[..], b"\r\n\r\nContact: 999.999.999.999"][draw(2)].to_vec();
        registration.wanted = [0, 600][draw(2)];
        registration.contact_is_theirs = draw(3) == 0;
        let bound = draw(bounds.len());
        registration.bound = bounds[bound].clone();
        let settings = Settings {
            remove_route: draw(2) == 0,
            public_host: (draw(4) == 0).then(|| "nat.test\r\nX: y".to_owned()),
            public_port: (draw(4) == 0).then_some(7),
            ..Settings::default()
        };
        let local = Local {
            address: ours[usize::from(draw(8) == 0)],
            learned: [None, Some(address("10.0.0.2:5070")), Some(address("[2001:db8::2]:1"))][draw(3)],
            masquerade: [Masquerade::Off, Masquerade::Automatic, Masquerade::Every][draw(3)],
            keep_route: draw(3) == 0,
            replaces: draw(4) == 0,
        };
        let mut addresses = Addresses::default();
        let addrs = ContactAddrs::new(&mut addresses, local, &settings);
        for value in draft.headers().flat_map(|(_, value)| split_list(value)) {
            let (mut text, mut other) = (String::new(), String::new());
            let address = addrs.learned.unwrap_or(addrs.ours);
            seen_at_once += usize::from(contact::is_ours_at(value, address, registration.line.as_bytes()));
            let moved = registration.push_addressed(&mut text, value, &addrs);
            assert_eq!(moved, registration.push_readdressed(&mut other, value, &addrs));
            assert_eq!(text, other, "a Contact that has its address already is no special case");
        }
        let branch = (draw(2) == 0).then_some("z9hG4bK2");
        let date = (draw(2) == 0).then(|| "today".to_owned());
        let ready = registration.complete(&mut scratch, &draft, local, &settings, branch, date.clone());
        let WireRequest { wire, call_id, template, offered, swapped, settled } = ready;
        let own = offered.of(template).map(std::borrow::Cow::into_owned);
        let template: Box<[u8]> = template.into();
        let copied = (wire.to_vec(), call_id, template.clone(), own, swapped, settled);
        assert_eq!(copied, edited(&registration, draft.clone(), local, &settings, branch, date));
        held[bound][usize::from(settled)] += 1;
        (registration.template, registration.offered, last) = (Some(template), offered, draft);
    }
    assert!(seen_at_once > 500, "{seen_at_once}");
    assert!(held[1].iter().chain(&held[2]).all(|times| *times > 10), "{held:?}");
}
