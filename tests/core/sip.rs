//! The grammar of RFC 3261 as a REGISTER client meets it.

use register::sip::*;
use std::fmt::Write as _;

fn uri(text: &str) -> Uri<'_> {
    Uri::parse(text).unwrap_or_else(|e| panic!("{text}: {}", e.what))
}

fn parsed(text: &str) -> Draft {
    Draft::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {}", e.what))
}

#[test]
fn a_uri_falls_into_its_parts() {
    let u = uri("sip:alice;day=tue:s3cret@[2001:db8::1]:5070;transport=udp;lr?subject=a%20b");
    assert_eq!((u.scheme, u.user, u.password), ("sip", Some("alice;day=tue"), Some("s3cret")));
    assert_eq!(
        (u.host, u.port, u.params.as_str()),
        ("2001:db8::1", Some(5070), ";transport=udp;lr")
    );
    assert_eq!(
        (u.params.get("TRANSPORT"), u.params.get("lr"), u.params.get("x")),
        (Some("udp"), Some(""), None)
    );
    assert_eq!(u.headers, Some("subject=a%20b"));
    let u = uri("SIPS:example.com");
    assert!(u.is_secure() && u.user.is_none() && u.port.is_none());
    let u = uri("tel:+358-555-1234567;postd=pp22");
    assert_eq!((u.scheme, u.user, u.host), ("tel", Some("+358-555-1234567;postd=pp22"), ""));
}

#[test]
fn a_uri_prints_as_it_was_written() {
    for text in [
        "sip:alice@atlanta.com",
        "sips:+1-212-555-1212:1234@gateway.com;user=phone",
        "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
        "sip:alice;day=tuesday@atlanta.com",
        "sip:[::1]:5060;lr",
        "sip:34020000002000000001@192.0.2.1:15060",
        "tel:+1-201-555-0123",
    ] {
        assert_eq!(uri(text).to_string(), text);
    }
}

#[test]
fn a_user_part_is_printed_with_what_it_may_not_hold_escaped() {
    let u = uri("sip: 1000@host");
    assert_eq!(u.user, Some(" 1000"));
    assert_eq!(u.to_string(), "sip:%201000@host");
    assert_eq!(uri("sip:a@b.example@proxy").to_string(), "sip:a%40b.example@proxy");
    assert_eq!(uri("sip:*72#@host").to_string(), "sip:*72%23@host");
    assert_eq!(uri("sip:jos\u{e9}@host").to_string(), "sip:jos%C3%A9@host");
    assert_eq!(uri("sip:%61lice@host").to_string(), "sip:%61lice@host", "escaped once, not twice");
}

#[test]
fn a_text_that_is_no_uri_is_refused() {
    for text in [
        "",
        "sip",
        "sip:",
        "alice@host",
        "sip:alice@",
        "sip:host:0",
        "sip:host:65536",
        "sip:host:-1",
        "sip:host:+5060",
        "sip:host:",
        "sip:host:50 60",
        "sip:[::1",
        "sip:[::g]",
        "sip:[::1]x",
        "sip:2001:db8::1",
        "sip:ho st",
        "sip:host;=x",
        "sip:host;a=b c",
        "sip:host>",
        "<sip:host>",
        "1sip:host",
    ] {
        assert!(Uri::parse(text).is_err(), "{text}");
    }
}

#[test]
fn equivalent_uris_of_rfc_3261_section_19_1_4() {
    for (a, b) in [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
        ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
        ("sip: 1000@host", "sip:%201000@host"),
        ("sip:a@[2001:DB8::0:1]", "sip:a@[2001:db8::1]"),
    ] {
        assert!(uri(a).equivalent(&uri(b)) && uri(b).equivalent(&uri(a)), "{a} is {b}");
    }
}

#[test]
fn unequal_uris_of_rfc_3261_section_19_1_4() {
    for (a, b) in [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:bob@biloxi.com", "sips:bob@biloxi.com"),
        ("sip:bob@biloxi.com", "sip:biloxi.com"),
        ("sip:bob@biloxi.com;line=1", "sip:bob@biloxi.com;line=2"),
        ("sip:a%40b@host", "sip:a%3Ab@host"),
        ("sip:a;b@host", "sip:a%3Bb@host"),
    ] {
        assert!(!uri(a).equivalent(&uri(b)) && !uri(b).equivalent(&uri(a)), "{a} is not {b}");
    }
}

#[test]
fn a_response_is_read_with_compact_names_and_any_case() {
    let text = "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;received=203.0.113.7;rport=1024\r\n\
                F: <sip:a@b>;tag=1\r\nt: <sip:a@b>;tag=2\r\ni: abc\r\ncSeQ: 12  REGISTER\r\n\
                m: <sip:a@192.0.2.1>;expires=60, \"A, B\" <sip:a@192.0.2.2;x=1>;q=0.5;expires=\"70\"\r\n\
                CONTACT: *\r\nEXPIRES: 120\r\nl: 2\r\n\r\nhi there";
    let message = Message::parse(text.as_bytes()).unwrap();
    assert_eq!(message.start, StartLine::Status { code: 200, reason: "OK" });
    assert_eq!((message.status(), message.method()), (Some(200), None));
    assert_eq!(message.call_id(), Some("abc"));
    assert_eq!(message.cseq(), Some(CSeq { number: 12, method: "REGISTER" }));
    let via = message.top_via().unwrap();
    assert_eq!(
        (via.transport, via.host, via.port, via.branch()),
        ("UDP", "192.0.2.1", Some(5060), Some("z9hG4bK1"))
    );
    assert_eq!(
        (via.params.get("received"), via.params.get("rport")),
        (Some("203.0.113.7"), Some("1024"))
    );
    assert_eq!(message.header("From"), Some("<sip:a@b>;tag=1"));
    assert_eq!(message.header("x"), None);
    assert_eq!(message.body, b"hi");
    let contacts: Vec<_> = message.contacts().collect();
    assert_eq!(contacts.len(), 3);
    let Contact::Addr(second) = contacts[1] else { panic!("no address") };
    assert_eq!((second.display, second.uri), (Some("\"A, B\""), "sip:a@192.0.2.2;x=1"));
    assert_eq!(
        second.params.iter().collect::<Vec<_>>(),
        [("q", Some("0.5")), ("expires", Some("\"70\""))]
    );
    assert!(matches!(contacts[2], Contact::Star));
    assert_eq!(message.seconds("Expires"), Some(120));
}

#[test]
fn without_content_length_the_body_is_all_that_is_left() {
    let m = Message::parse(b"SIP/2.0 200\r\nTo: x\r\n\r\nbody").unwrap();
    assert_eq!((m.body, m.start), (&b"body"[..], StartLine::Status { code: 200, reason: "" }));
    let m = Message::parse(b"SIP/2.0 200 OK\r\nTo: x\r\n").unwrap();
    assert_eq!((m.body, m.header("to")), (&b""[..], Some("x")));
    let m = Message::parse(b"SIP/2.0 200 OK\r\nTo: x\r\nl: 1\r\n\r\n\xff\xfe").unwrap();
    assert_eq!(m.body, b"\xff", "a body is bytes");
}

#[test]
fn a_text_that_is_no_message_is_refused() {
    for text in [
        "",
        "\r\n\r\n",
        "hello",
        "hello\r\n\r\n",
        "SIP/2.0 99 X\r\n\r\n",
        "SIP/2.0 700 X\r\n\r\n",
        "SIP/2.0 2000 X\r\n\r\n",
        "SIP/2.0 +20 X\r\n\r\n",
        "SIP/3.0 200 OK\r\n\r\n",
        "REGISTER sip:a SIP/7.0\r\n\r\n",
        "REGISTER SIP/2.0\r\n\r\n",
        "SIP/2.0 200 OK\r\nTo: x",
        "SIP/2.0 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "SIP/2.0 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nab",
        "SIP/2.0 200 OK\r\nContent-Length: 1\r\nl: 2\r\n\r\nab",
        "SIP/2.0 200 OK\r\nContent-Length: 3\r\n",
    ] {
        assert!(Message::parse(text.as_bytes()).is_err(), "{text:?}");
    }
    assert!(Message::parse(b"SIP/2.0 200 OK\r\nTo: \xff\r\n\r\n").is_err());
}

#[test]
fn broken_numbers_are_none_and_great_ones_the_greatest() {
    let text = "SIP/2.0 503 X\r\nCSeq: 4294967296 REGISTER\r\nExpires: 99999999999999\r\nMin-Expires: 1x\r\n\
                Retry-After: 18000 (busy; \\) (till) noon) ;duration=3600\r\n\r\n";
    let m = Message::parse(text.as_bytes()).unwrap();
    assert_eq!(m.cseq(), None);
    assert_eq!(
        (m.seconds("expires"), m.seconds("Min-Expires"), m.seconds("x")),
        (Some(u32::MAX), None, None)
    );
    assert_eq!(m.retry_after(), Some(RetryAfter { seconds: 18000, duration: Some(3600) }));
}

#[test]
fn folding_bare_line_ends_and_leading_lines_are_made_regular() {
    let odd = b"\r\n\n\rSIP/2.0 200 OK\nSubject: I know you're there,\r\n\t pick up\n  the phone\rTo : x\n\nbody\n\xff";
    assert_eq!(
        &*normalise(odd),
        b"SIP/2.0 200 OK\r\nSubject: I know you're there, pick up the phone\r\nTo : x\r\n\r\nbody\n\xff"
    );
    let m = normalise(odd);
    let m = Message::parse(&m).unwrap();
    assert_eq!(
        (m.header("TO"), m.header("s")),
        (Some("x"), Some("I know you're there, pick up the phone"))
    );
    let regular = b"SIP/2.0 200 OK\r\nTo: x\r\n\r\nbo\ndy";
    assert!(matches!(normalise(regular), std::borrow::Cow::Borrowed(_)));
    let latin1 = normalise(b"SIP/2.0 200 OK\r\nTo: \"Jos\xe9\" <sip:j@h>\r\n\r\n\xe9");
    assert_eq!(
        &*latin1,
        "SIP/2.0 200 OK\r\nTo: \"Jos\u{10f7e9}\" <sip:j@h>\r\n\r\n"
            .bytes()
            .chain([0xe9])
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_request_with_unusual_spelling_is_read() {
    let text = "REGISTER sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\nTO :\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\n\
        from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\n  ;\n  tag = 98asjd8\nMaX-fOrWaRdS: 0068\nCall-ID: wsinv.ndaksdj@192.0.2.1\n\
        Content-Length   : 150\ncseq: 0009\n  REGISTER\nVia  : SIP  /   2.0\n /UDP\n    192.0.2.2;branch=390skdjuw\ns :\nNewFangledHeader:   newfangled value\n continued newfangled value\n\
        UnknownHeaderWithUnusualValue: ;;,,;;,;\nContent-Type: application/sdp\nRoute:\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\n\
        v:  SIP  / 2.0  / TCP     spindle.example.com   ;\n  branch  =   z9hG4bK9ikj8  ,\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\n z9hG4bK30239\n\
        m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\n      newvalue ;\n  secondparam ; q = 0.33, sip:a;b=c\n\n";
    let text = format!("{text}{}", "x".repeat(150));
    let text = normalise(text.as_bytes());
    let m = Message::parse(&text).unwrap();
    assert_eq!(m.cseq(), Some(CSeq { number: 9, method: "REGISTER" }));
    let to = NameAddr::parse(m.header("To").unwrap()).unwrap();
    assert_eq!(
        (to.uri, to.params.get("tag")),
        ("sip:vivekg@chair-dnrc.example.com", Some("1918181833n"))
    );
    let from = NameAddr::parse(m.header("from").unwrap()).unwrap();
    assert_eq!(unquote(from.display.unwrap()), r#"J Rosenberg \""#);
    assert_eq!(from.params.get("tag"), Some("98asjd8"));
    let vias: Vec<_> = m.elements("Via").map(|v| Via::parse(v).unwrap()).collect();
    assert_eq!(
        vias.iter().map(|v| (v.transport, v.host)).collect::<Vec<_>>(),
        [("UDP", "192.0.2.2"), ("TCP", "spindle.example.com"), ("UDP", "192.168.255.111")]
    );
    assert_eq!(vias[1].branch(), Some("z9hG4bK9ikj8"));
    assert_eq!(m.elements("UnknownHeaderWithUnusualValue").count(), 3);
    let contacts: Vec<_> = m.contacts().collect();
    let [Contact::Addr(first), Contact::Addr(second)] = contacts[..] else {
        panic!("two addresses")
    };
    assert_eq!(
        first.params.iter().collect::<Vec<_>>(),
        [("newparam", Some("newvalue")), ("secondparam", None), ("q", Some("0.33"))]
    );
    assert_eq!((second.uri, second.params.get("b")), ("sip:a", Some("c")));
}

#[test]
fn without_brackets_the_parameters_belong_to_the_header() {
    let a = NameAddr::parse("sip:user@host;tag=a?b;c=<x>").unwrap();
    assert_eq!((a.display, a.uri, a.params.get("tag")), (None, "sip:user@host", Some("a?b")));
    let a = NameAddr::parse("<sip:user;par=u%40x@host;lr>;q=1").unwrap();
    assert_eq!((a.uri, a.params.as_str()), ("sip:user;par=u%40x@host;lr", ";q=1"));
    let a = NameAddr::parse("Mr. Watson <mailto:watson@bell.example>").unwrap();
    assert_eq!((a.display, a.uri), (Some("Mr. Watson"), "mailto:watson@bell.example"));
    let a = NameAddr::parse(r#""a<b>\"" < sip: 1000@host >"#).unwrap();
    assert_eq!((a.display, a.uri), (Some(r#""a<b>\"""#), "sip: 1000@host"));
    for text in [
        "",
        "<>",
        "<sip:a@b",
        "\"Bob <sip:a@b>",
        "\"Bob\" sip:a@b",
        "<sip:a@b>x",
        "<sip:a@b>, <sip:c@d>",
        ";tag=1",
    ] {
        assert!(NameAddr::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_broken_via_is_refused() {
    for text in [
        "",
        "SIP/2.0",
        "SIP/2.0/UDP",
        "SIP/2.0/UDP ",
        "SIP/2.0/UDP ;branch=1",
        "SIP/3.0/UDP a",
        "HTTP/2.0/UDP a",
        "SIP/2.0/UDP a:0",
    ] {
        assert!(Via::parse(text).is_err(), "{text}");
    }
    let via = Via::parse("SIP/2.0/UDP [2001:db8::9:1] : 5070;branch=z9hG4bKas3").unwrap();
    assert_eq!((via.host, via.port), ("2001:db8::9:1", Some(5070)));
}

#[test]
fn comma_lists_respect_quotes_brackets_and_comments() {
    let list = r#" a , "b,\",c" <sip:x,y> ,, (d, (e), f) g,"#;
    assert_eq!(
        split_list(list).collect::<Vec<_>>(),
        ["a", r#""b,\",c" <sip:x,y>"#, "(d, (e), f) g"]
    );
    for open in ["\"a,b", "<a,b", "(a,b", "\"a\\"] {
        assert_eq!(split_list(open).collect::<Vec<_>>(), [open]);
    }
}

#[test]
fn quoting_and_unquoting_are_inverse() {
    for text in ["", "plain", r#"a"b"#, r"back\slash\", "caf\u{e9} \"\u{2603}\""] {
        assert_eq!(unquote(&quote(text)), text);
    }
    assert_eq!(unquote("bare"), "bare");
    assert_eq!(unquote("\"open"), "\"open");
    assert_eq!(unquote("\""), "\"");
}

#[test]
fn a_draft_is_edited_where_its_lines_stand() {
    let mut d = parsed(
        "REGISTER sip:h SIP/2.0\r\nv: SIP/2.0/UDP a\r\nm: <sip:1@h>\r\nm: <sip:2@h>\r\nl: 4\r\nX: 1\r\n\r\nbody",
    );
    assert_eq!(d.get("Contact"), Some("<sip:1@h>"));
    d.set("contact", "<sip:3@h>");
    d.insert_after("Contact", "Expires", "60");
    d.push("User-Agent", "test\r\nInjected: yes");
    assert_eq!(d.remove("x"), 1);
    assert_eq!(d.remove("x"), 0);
    let text = String::from_utf8(d.to_bytes()).unwrap();
    assert_eq!(
        text,
        "REGISTER sip:h SIP/2.0\r\nv: SIP/2.0/UDP a\r\nm: <sip:3@h>\r\nExpires: 60\r\n\
         User-Agent: test  Injected: yes\r\nContent-Length: 4\r\n\r\nbody"
    );
    assert_eq!(parsed(&text).to_bytes(), text.as_bytes());
}

/// Marsaglia's xorshift: a seed makes the whole sequence.
struct XorShift(u64);

impl XorShift {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

/// A datagram read as it came is the one that was normalised first: the same parts, or the same
/// fault.
fn same_as_it_came(bytes: &[u8]) {
    let (text, mut room) = (normalise(bytes), Vec::new());
    let (came, made_regular) = (Message::read(bytes, &mut room), Message::parse(&text));
    let parts = |m: Message<'_>| (format!("{:?}", (m.start, m.headers)), m.body.to_vec());
    assert_eq!(came.map(parts), made_regular.map(parts), "{}", String::from_utf8_lossy(bytes));
}

fn read_everything(bytes: &[u8]) -> usize {
    same_as_it_came(bytes);
    let text = normalise(bytes);
    let Ok(m) = Message::parse(&text) else { return 0 };
    let mut seen =
        m.retry_after().map_or(0, |r| r.seconds as usize) + m.cseq().map_or(0, |c| c.method.len());
    seen +=
        m.top_via().map_or(0, |v| v.params.iter().count()) + m.seconds("Expires").map_or(0, |_| 1);
    for contact in m.contacts() {
        let Contact::Addr(address) = contact else { continue };
        seen += address.params.iter().count() + unquote(address.display.unwrap_or("")).len();
        if let Ok(uri) = Uri::parse(address.uri) {
            assert!(
                uri.equivalent(&uri) || uri.params.iter().count() > 64 || uri.headers.is_some()
            );
            seen += uri.to_string().len();
        }
    }
    let again = Draft::parse(&text).expect("parsed above").to_bytes();
    assert!(
        Message::parse(&again).is_ok(),
        "what is printed can be read: {}",
        String::from_utf8_lossy(&again)
    );
    seen
}

#[test]
fn mutated_messages_never_panic() {
    let seeds: [&[u8]; 3] = [
        b"SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP [::1]:5060;branch=z9hG4bK1;rport=5\r\nCSeq: 1 REGISTER\r\nCall-ID: a\r\n\
          m: \"A \\\" B\" <sip:a;b@c;d=e?f=g>;expires=60, <sip:x@[::1]:1>;q=\"1\", *\r\nRetry-After: 5 (x);duration=1\r\nl: 3\r\n\r\nabc",
        b"REGISTER sip:%20x@h SIP/2.0\nVia : SIP / 2.0 / UDP h ;\n branch = 1\nContact: sip:a@b;expires=3\nExpires: 9\n\n",
        b"SIP/2.0 200 OK\r\nContact: <sip:1@2:3;line=abc>;expires=3600\r\n\r\n",
    ];
    let spice = b"\r\n \t:;,<>\"\\()[]=?@%*/\0\xff\xc3\xa9SIP20";
    let mut random = XorShift(0x5eed_0f51);
    let mut seen = 0;
    for round in 0..20_000 {
        let mut message = seeds[round % seeds.len()].to_vec();
        for _ in 0..=random.roll(4) {
            let (at, to) = (random.roll(message.len()), random.roll(message.len() + 1));
            match random.roll(4) {
                0 => message[at] = spice[random.roll(spice.len())],
                1 => message.insert(at, spice[random.roll(spice.len())]),
                2 => drop(message.drain(at.min(to)..to)),
                _ => message.extend_from_within(at..(at + random.roll(20)).min(message.len())),
            }
            if message.is_empty() {
                message.push(b'x');
            }
        }
        seen += read_everything(&message);
    }
    assert!(seen > 20_000, "most rounds reach the inner grammar: {seen}");
}

#[test]
fn a_datagram_full_of_anything_is_read_in_one_pass() {
    let mut fill = String::new();
    for unit in [
        ",", ";", "(", "\"", "<", "\\", ";a", ",a", "%", "a@", "\r\n ", "a:\r\n", "\n", "\r", "(,",
        "<,", "a=\"", "&a=b", "?",
    ] {
        fill.clear();
        let _ = write!(fill, "SIP/2.0 200 OK\r\nContact: <sip:a@b;c>, ");
        fill.push_str(&unit.repeat(65_000 / unit.len()));
        fill.push_str("\r\n\r\n");
        read_everything(fill.as_bytes());
        let inner = unit.repeat(65_000 / unit.len());
        for uri in
            [format!("sip:a@b;x{inner}"), format!("sip:{inner}@b"), format!("sip:a@b?{inner}")]
        {
            if let Ok(uri) = Uri::parse(&uri) {
                let _ = uri.equivalent(&uri);
                let _ = uri.to_string();
            }
        }
    }
}
