//! Which options are refused, and with which words.

use super::*;

fn why(change: impl FnOnce(&mut ManagedOptions)) -> String {
    let mut options = ManagedOptions::new("sip:alice@acme.test");
    change(&mut options);
    options.checked(TransportSet::UDP).err().map(|wrong| wrong.0).unwrap_or_default()
}

#[test]
fn a_transport_that_is_not_there_is_refused_with_a_reason_in_words() {
    for (uri, reason) in [
        ("sips:acme.test", "sips needs TLS; there is UDP alone"),
        ("sip:acme.test;transport=tls", "transport=tls is not supported; there is UDP alone"),
        ("sip:acme.test;transport=TCP", "transport=tcp is not supported; there is UDP alone"),
        ("sip:acme.test;transport=ws", "transport=ws is not supported; there is UDP alone"),
    ] {
        let registrar = why(|options| options.registrar = uri.into());
        assert_eq!(registrar, format!("the registrar \"{uri}\": {reason}"));
        let aor = why(|options| options.aor = format!("\"A\" <{uri}>"));
        assert_eq!(aor, format!("the address-of-record \"\"A\" <{uri}>\": {reason}"));
        let bare = why(|options| options.aor = uri.into());
        assert_eq!(bare, format!("the address-of-record \"{uri}\": {reason}"));
        let route = why(|options| options.route = format!("<sip:p.test;lr>, <{uri};lr>"));
        assert_eq!(route, format!("the Route \"<{uri};lr>\": {reason}"));
    }
    assert_eq!(why(|options| options.registrar = "sip:acme.test;transport=udp".into()), "");
    assert_eq!(why(|options| options.contacts = vec!["<sip:a@h.test;transport=tcp>".into()]), "");
}

#[test]
fn bad_options_are_refused_with_a_reason_in_words() {
    assert_eq!(why(|_| {}), "");
    assert_eq!(why(|o| o.refresh = 30), "the refresh frequency is 30 %, it must be 50 to 99");
    assert_eq!(why(|o| o.instance = Some("abc".into())), "the instance id \"abc\" is no UUID");
    assert_eq!(why(|o| o.reg_id = -1i32 as u32), "the reg-id 4294967295 is out of 1 to 2147483647");
    assert_eq!(
        why(|o| o.contacts = vec!["*".into()]),
        "Contact * only removes bindings: use registerer_unregister"
    );
    assert!(why(|o| o.contacts = vec!["<sip:a@b;gr=urn:uuid:1>".into()]).contains("GRUU"));
    assert!(
        why(|o| o.headers = vec![("CSeq".into(), "1 REGISTER".into())])
            .contains("made by the library")
    );
    assert!(why(|o| o.headers = vec![("X".into(), "1\r\nY: 2".into())]).contains("one line"));
    for value in ["a b", "\"a\"", "a;b=c"] {
        let why = why(|o| o.headers = vec![("k".into(), value.into())]);
        assert_eq!(why, "the header k is no list of option tags");
    }
    assert!(why(|o| o.aor = String::new()).contains("address-of-record"));
    assert!(why(|o| o.expires = 0).contains("expires"));
    assert!(why(|o| o.q = Some("2".into())).contains("q is"));
}

#[test]
fn the_registrar_is_the_domain_unless_given() {
    let options = ManagedOptions::new("\"A\" <sip:alice@acme.test:5080;transport=udp>")
        .checked(TransportSet::UDP)
        .unwrap();
    assert_eq!(options.registrar, "sip:acme.test:5080");
}
