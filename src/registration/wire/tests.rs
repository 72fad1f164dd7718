//! What is copied is what would be edited.

use super::super::kept::kept;
use super::*;
use crate::request::Entropy;
use crate::transport::Transport;

/// The wire, where its Call-ID is, what is kept, our Contacts, whether an old one is removed, and
/// whether the server has them.
type Copied = (Vec<u8>, Range<usize>, Box<[u8]>, Option<String>, bool, bool);

/// The same by editing the draft, a line at a time.
fn edited(
    rules: &ContactRules<'_>,
    mut draft: Draft,
    local: Local,
    settings: &Settings,
    branch: Option<&str>,
    date: Option<String>,
) -> Copied {
    let addrs = ContactAddrs::new(local, settings, rules.is_seen);
    let mut via = String::new();
    let via_port = settings.public_port.or(local.contact_port.map(|_| local.address.port()));
    if let Some(old) = draft.get("Via") {
        push_stamped(
            &mut via,
            old,
            (settings.transport, local.transport),
            &Address::ours(local.address, via_port),
            branch,
        );
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
        rules.push_all_addressed(&mut text, values, &addrs);
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
    let removable = !rules.removes && !local.replaces && !own.is_empty();
    let held = rules.held.as_deref().filter(|_| removable).unwrap_or_default();
    let gone = split_list(held).filter(|held| split_list(&own).all(|own| moved(held, own)));
    let old: Vec<String> = gone.map(contact::removal).collect();
    if !old.is_empty() {
        draft.insert_after("Contact", "Contact", old.join(", "));
    }
    let call_id = draft.place_of("Call-ID").unwrap_or_default();
    let same = !own.is_empty() && rules.held.as_deref() == Some(&*own);
    let contact = (!own.is_empty()).then_some(own);
    (draft.to_bytes(), call_id, template, contact, !old.is_empty(), same)
}

/// Whether two Contact values differ in the address of their URIs.
fn moved(held: &str, contact: &str) -> bool {
    let Ok(Ok(uri)) = NameAddr::parse(contact).map(|addr| Uri::parse(addr.uri)) else {
        return false;
    };
    let host = if uri.host.contains(':') { format!("[{}]", uri.host) } else { uri.host.to_owned() };
    let address = Address::new(&host, uri.port.unwrap_or(uri.default_port()));
    contact::readdress(held, &address).is_some()
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
    const LINE: &str = "0123456789abcde";
    let mut random = Entropy::new([3; 32]);
    let own = |value: &str| value.replace("LINE", LINE);
    let lines = LINES.map(|(name, value)| (name, own(value)));
    let held = [
        None,
        Some(own("<sip:a@10.0.0.1:5070;line=LINE>")),
        Some(own("<sip:a@10.0.0.5:5070;line=LINE>;reg-id=1, <sip:b@10.9.0.1>")),
        Some("<sip:a@10.0.0.5>".to_owned()),
    ];
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    let ours = [address("10.0.0.1:5070"), address("[2001:db8::1]:5060")];
    let mut scratch = WriteScratch::default();
    let mut last = Draft::request("REGISTER", "sip:b");
    let mut last_contacts = None;
    // By what the server holds: how often it holds just that, and how often it does not.
    let mut same = [[0; 2]; 5];
    for _ in 0..15_000 {
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
        let number = draw(5);
        let rules = ContactRules {
            line: LINE,
            removes: draw(2) == 0,
            explicit_address: draw(3) == 0,
            held: held.get(number).unwrap_or(&last_contacts).clone().map(Cow::Owned),
            is_seen: draw(2) == 0,
        };
        let settings = Settings {
            remove_route: draw(2) == 0,
            public_host: (draw(4) == 0).then(|| "nat.test\r\nX: y".to_owned()),
            public_port: (draw(4) == 0).then_some(7),
            ..Settings::default()
        };
        let seen = [None, Some("10.0.0.2:5070"), Some("[2001:db8::2]:1")];
        let local = Local {
            transport: Transport::Udp,
            address: ours[usize::from(draw(8) == 0)],
            contact_port: (draw(8) == 0).then_some(5080),
            learned: seen[draw(3)].map(address),
            masquerade: [Masquerade::Off, Masquerade::Automatic, Masquerade::Every][draw(3)],
            keep_route: draw(3) == 0,
            replaces: draw(4) == 0,
        };
        let branch = (draw(2) == 0).then_some("z9hG4bK2");
        let date = (draw(2) == 0).then(|| "today".to_owned());
        let request = rules.complete(&mut scratch, &draft, local, &settings, branch, date.clone());
        let WireRequest { wire, call_id, kept, contacts, replaces_contact, same_contacts, .. } =
            request;
        let sent = contacts.of(kept).map(Cow::into_owned);
        let copied: Copied =
            (wire.to_vec(), call_id, kept.into(), sent.clone(), replaces_contact, same_contacts);
        assert_eq!(copied, edited(&rules, draft.clone(), local, &settings, branch, date));
        same[number][usize::from(same_contacts)] += 1;
        (last_contacts, last) = (sent, draft);
    }
    assert!(same[1].iter().chain(&same[4]).all(|times| *times > 10), "{same:?}");
}
