//! The texts of calls: the first INVITE, requests and answers in the dialog.

use crate::answers::names;
use register::agent::Transport;
use register::auth::again;
use register::call::answer::{answer_status, answer_to};
use register::call::invite::InitialInvite;
use register::call::within::{WithinDialog, prack, rack_of};
use register::dialog::Dialog;
use register::request::{Entropy, Local, Masquerade, Refusal, Settings};
use register::request::{complete_answer, complete_request};
use register::sip::{Draft, Message};

const CALL: InitialInvite<'_> =
    InitialInvite { to: "sip:bob@acme.test", from: "sip:alice@home.test", route: "", subject: "" };

fn entropy() -> Entropy {
    Entropy::new([4; 32])
}

fn drafted(ask: InitialInvite<'_>) -> Result<Draft, Refusal> {
    ask.draft(&Settings::default(), &mut entropy())
}

/// The INVITE to `to` without the lines that have tokens, one text.
fn invite_to(to: &str) -> String {
    let mut draft = drafted(InitialInvite { to, ..CALL }).unwrap();
    for name in ["Via", "From", "Call-ID", "User-Agent"] {
        draft.remove(name);
    }
    draft.head().to_owned()
}

fn with<R>(lines: &str, read: impl FnOnce(&Message<'_>) -> R) -> R {
    let text = format!("{}\r\n\r\n", lines.trim_end().replace('\n', "\r\n"));
    read(&Message::parse(text.as_bytes()).unwrap())
}

fn local(transport: Transport) -> Local {
    Local {
        transport,
        address: "192.0.2.9:5070".parse().unwrap(),
        contact_port: None,
        learned: None,
        masquerade: Masquerade::Automatic,
        keep_route: false,
        replaces: false,
    }
}

const INCOMING: &str = "INVITE sip:bob@192.0.2.9 SIP/2.0
Via: SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bKp, SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKq
Record-Route: <sip:p1.test;lr>, <sip:p2.test;lr>
From: <sip:peer@far.test>;tag=p1
To: \"Bob\" <sip:bob@acme.test>
Call-ID: call-2
CSeq: 7 INVITE
Contact: <sip:peer@10.0.0.3>
";

fn callee() -> Dialog {
    with(INCOMING, |request| Dialog::of_request(request, "mine").unwrap())
}

fn answer(request: &str, status: u16) -> Draft {
    let from = "198.51.100.7:5062".parse().unwrap();
    with(request, |request| answer_to(request, from, status, &callee(), &Settings::default()))
}

#[test]
fn the_first_invite_has_what_programs_expect_and_nothing_more() {
    let draft = drafted(InitialInvite { subject: "Hello there", ..CALL }).unwrap();
    assert_eq!(draft.start(), "INVITE sip:bob@acme.test SIP/2.0");
    let wanted = "Via From To Call-ID CSeq Contact Max-Forwards User-Agent Subject";
    assert_eq!(names(&draft), wanted);
    let via = draft.get("Via").unwrap();
    assert!(via.starts_with("SIP/2.0/UDP 999.999.999.999:99999;rport;branch=z9hG4bK"), "{via}");
    let from = draft.get("From").unwrap();
    assert!(from.starts_with("<sip:alice@home.test>;tag=") && from.len() == 58, "{from}");
    assert_eq!(draft.get("To"), Some("<sip:bob@acme.test>"));
    assert_eq!(draft.get("CSeq"), Some("20 INVITE"));
    assert_eq!(draft.get("Contact"), Some("<sip:alice@999.999.999.999:99999>"));
    assert_eq!(draft.get("Max-Forwards"), Some("70"));
    assert_eq!(draft.get("Subject"), Some("Hello there"));
    assert!(draft.body.is_empty());
    let none = drafted(InitialInvite { to: "<sip:b@acme.test>", ..CALL }).unwrap();
    assert_eq!(none.get("Subject"), None);
}

#[test]
fn display_names_and_header_parameters_stay_and_tags_go() {
    let ask = InitialInvite {
        to: "\"Bob B\" <sip:bob@acme.test;x=1;method=INFO>;p=2;tag=t",
        from: "Al <sip:al%20x@home.test;method=BYE>;q=3;tag=t",
        ..CALL
    };
    let draft = drafted(ask).unwrap();
    assert_eq!(draft.start(), "INVITE sip:bob@acme.test;x=1 SIP/2.0");
    assert_eq!(draft.get("To"), Some("\"Bob B\" <sip:bob@acme.test;x=1>;p=2"));
    assert!(draft.get("From").unwrap().starts_with("Al <sip:al%20x@home.test>;q=3;tag="));
    assert_eq!(draft.get("Contact"), Some("<sip:al%20x@999.999.999.999:99999>"));
}

#[test]
fn headers_of_the_to_uri_become_fields_that_are_not_there() {
    let to = "<sip:bob@acme.test?Subject=From%20URI&Call-Info=%3Chttp:x%3E&Route=%3Csip:r.test\
              ;lr%3E&From=a&t=b&Call-ID=c&CSeq=1&Via=d&Contact=e&m=f&X=1%0D%0AY:2&Z=%00>";
    let draft = drafted(InitialInvite { to, subject: "argument", ..CALL }).unwrap();
    assert_eq!(draft.start(), "INVITE sip:bob@acme.test SIP/2.0");
    let wanted = "Via Route From To Call-ID CSeq Contact Max-Forwards User-Agent Subject Call-Info";
    assert_eq!(names(&draft), wanted);
    assert_eq!(draft.get("Subject"), Some("From URI"));
    assert_eq!(draft.get("Route"), Some("<sip:r.test;lr>"));
    assert_eq!(draft.get("To"), Some("<sip:bob@acme.test>"));
    // What From has behind its `?` is its own.
    let from = "<sip:alice@home.test?Subject=x>";
    let draft = drafted(InitialInvite { from, ..CALL }).unwrap();
    assert!(draft.get("From").unwrap().starts_with("<sip:alice@home.test?Subject=x>;tag="));
    assert_eq!(draft.get("Subject"), None);
}

#[test]
fn a_loose_route_is_the_route_and_a_strict_one_gets_the_request_uri() {
    let by = |route| {
        let draft = drafted(InitialInvite { route, to: "<sip:bob@acme.test;x?S=1>", ..CALL });
        let draft = draft.unwrap();
        (draft.start().to_owned(), draft.get("Route").unwrap_or("none").to_owned())
    };
    let direct = "INVITE sip:bob@acme.test;x SIP/2.0";
    let own = |(start, route): (&str, &str)| (start.to_owned(), route.to_owned());
    assert_eq!(by(""), own((direct, "none")));
    assert_eq!(by("<sip:p.test;lr>"), own((direct, "<sip:p.test;lr>")));
    assert_eq!(by("<sip:p.test;lr>, <sip:q.test;lr>"), own((direct, "<sip:p.test;lr>")));
    let strict = ("INVITE sip:p.test:5080 SIP/2.0", "<sip:bob@acme.test;x>");
    assert_eq!(by("<sip:p.test:5080>"), own(strict));
    assert_eq!(by("sip:p.test:5080;lr"), own(strict), "without brackets it is no URI parameter");
}

#[test]
fn the_contact_is_sips_exactly_where_the_request_uri_is() {
    assert!(invite_to("sips:bob@acme.test").contains("Contact: <sips:alice@999"));
    let from = InitialInvite { from: "sips:alice@home.test", ..CALL };
    assert!(drafted(from).unwrap().get("Contact").unwrap().starts_with("<sip:alice@999"));
    let nobody = InitialInvite { from: "sip:home.test", ..CALL };
    assert_eq!(drafted(nobody).unwrap().get("Contact"), Some("<sip:999.999.999.999:99999>"));
    let settings = Settings { transport: Transport::Tcp, ..Settings::default() };
    let draft = CALL.draft(&settings, &mut entropy()).unwrap();
    assert_eq!(draft.get("Contact"), Some("<sip:alice@999.999.999.999:99999;transport=TCP>"));
}

#[test]
fn nobody_to_call_and_texts_that_are_no_addresses_are_refused() {
    assert_eq!(drafted(InitialInvite { to: "", ..CALL }).unwrap_err(), Refusal::BadParameter);
    let syntax = |ask| matches!(drafted(ask), Err(Refusal::Syntax(_)));
    for text in ["bob", "<sip:bob@acme.test", "<>", " ", "sip:", "\"x <sip:a@b>"] {
        assert!(syntax(InitialInvite { to: text, ..CALL }), "to {text}");
        assert!(syntax(InitialInvite { from: text, ..CALL }), "from {text}");
        if text != " " {
            assert!(syntax(InitialInvite { route: text, ..CALL }), "route {text}");
        }
    }
    assert!(syntax(InitialInvite { from: "", ..CALL }));
}

#[test]
fn another_scheme_can_be_called_by_a_loose_router_alone() {
    for to in ["tel:+358555", "mailto:bob@acme.test"] {
        let ask = InitialInvite { to, ..CALL };
        assert!(matches!(drafted(ask), Err(Refusal::Syntax(_))), "{to}");
        let strict = InitialInvite { route: "<sip:p.test>", ..ask };
        assert!(matches!(drafted(strict), Err(Refusal::Syntax(_))), "{to}");
        let loose = drafted(InitialInvite { route: "<sip:p.test;lr>", ..ask }).unwrap();
        assert_eq!(loose.start(), format!("INVITE {to} SIP/2.0"));
        assert_eq!(loose.get("To"), Some(&*format!("<{to}>")));
    }
    let tel = InitialInvite { from: "tel:+1", ..CALL };
    assert_eq!(drafted(tel).unwrap().get("Contact"), Some("<sip:999.999.999.999:99999>"));
}

#[test]
fn no_text_of_the_application_adds_a_line() {
    let ask = InitialInvite { subject: "a\r\nX: b", route: "<sip:p.test;lr;a\r\nX: b>", ..CALL };
    assert!(matches!(drafted(ask), Err(Refusal::Syntax(_))));
    let draft = drafted(InitialInvite { route: "", ..ask }).unwrap();
    assert_eq!(draft.get("Subject"), Some("a  X: b"));
    assert_eq!(Draft::parse(&draft.to_bytes()).unwrap(), draft);
}

#[test]
fn a_preloaded_route_is_taken_out_and_that_of_a_dialog_is_not() {
    let mut draft = drafted(InitialInvite { route: "<sip:p.test;lr>", ..CALL }).unwrap();
    let mut in_dialog = draft.clone();
    complete_request(&mut draft, local(Transport::Udp), &Settings::default(), None);
    assert_eq!(draft.get("Route"), None);
    assert_eq!(draft.get("Contact"), Some("<sip:alice@192.0.2.9:5070>"));
    assert!(draft.get("Via").unwrap().starts_with("SIP/2.0/UDP 192.0.2.9:5070;"));
    in_dialog.set("To", "<sip:bob@acme.test>;tag=b1");
    complete_request(&mut in_dialog, local(Transport::Udp), &Settings::default(), None);
    assert_eq!(in_dialog.get("Route"), Some("<sip:p.test;lr>"));
}

#[test]
fn an_invite_once_more_has_the_next_number_and_no_proofs() {
    let mut draft = drafted(CALL).unwrap();
    draft.push("Authorization", "Digest a");
    draft.push("Proxy-Authorization", "Digest b");
    draft.body = b"v=0".to_vec();
    let next = again(draft.clone(), &Settings::default(), &mut Entropy::new([8; 32]));
    assert_eq!(next.get("CSeq"), Some("21 INVITE"));
    assert_eq!((next.get("Authorization"), next.get("Proxy-Authorization")), (None, None));
    assert_ne!(next.get("Via"), draft.get("Via"));
    for name in ["From", "To", "Call-ID", "Contact"] {
        assert_eq!(next.get(name), draft.get(name), "{name}");
    }
    assert_eq!(next.body, draft.body);
}

fn within(ask: WithinDialog<'_>) -> Result<Draft, Refusal> {
    ask.draft(&mut callee(), &Settings::default(), &mut entropy())
}

#[test]
fn requests_in_the_dialog_have_what_their_method_asks() {
    let plain = within(WithinDialog::plain("INFO")).unwrap();
    let usual = "Via Route Route From To Call-ID CSeq Contact Max-Forwards User-Agent";
    assert_eq!(names(&plain), usual);
    let bye = within(WithinDialog::plain("BYE")).unwrap();
    assert_eq!(names(&bye), usual.replace("Contact ", ""));
    let options = within(WithinDialog::plain("OPTIONS")).unwrap();
    assert_eq!(options.get("Accept"), Some("application/sdp"));
    let refer =
        WithinDialog { refer_to: Some("sip:c@x?Replaces=1"), ..WithinDialog::plain("REFER") };
    let refer = within(refer).unwrap();
    assert_eq!(names(&refer), format!("{usual} Refer-To"));
    assert_eq!(refer.get("Refer-To"), Some("sip:c@x?Replaces=1"));
    let none = WithinDialog { refer_to: Some(""), ..WithinDialog::plain("REFER") };
    assert_eq!(within(none).unwrap().get("Refer-To"), None);
}

#[test]
fn a_notify_says_one_of_three_states_and_no_other() {
    let notify = |status| {
        let ask =
            WithinDialog { subscription_status: Some(status), ..WithinDialog::plain("NOTIFY") };
        within(ask).map(|draft| draft.get("Subscription-State").map(str::to_owned))
    };
    assert_eq!(notify(1), Ok(Some("pending;expires=180".into())));
    assert_eq!(notify(2), Ok(Some("active;expires=180".into())));
    assert_eq!(notify(3), Ok(Some("terminated;reason=noresource".into())));
    for status in [0, 4, -1, i32::MAX, i32::MIN] {
        assert_eq!(notify(status), Err(Refusal::BadParameter), "{status}");
    }
    let plain = within(WithinDialog::plain("NOTIFY")).unwrap();
    assert_eq!(plain.get("Subscription-State"), None);
}

#[test]
fn a_request_that_is_refused_takes_no_number() {
    let mut dialog = callee();
    let notify = WithinDialog { subscription_status: Some(9), ..WithinDialog::plain("NOTIFY") };
    for (ask, refusal) in [
        (WithinDialog::plain(""), Refusal::BadParameter),
        (WithinDialog::plain("A B"), Refusal::Syntax("method")),
        (WithinDialog::plain("A\r\nB"), Refusal::Syntax("method")),
        (notify, Refusal::BadParameter),
    ] {
        let refused = ask.draft(&mut dialog, &Settings::default(), &mut entropy()).unwrap_err();
        assert_eq!(refused, refusal);
    }
    assert_eq!(
        dialog.request("INFO", &Settings::default(), &mut entropy()).get("CSeq"),
        Some("2 INFO")
    );
}

const OURS: &str = "INVITE sip:bob@acme.test SIP/2.0
From: <sip:alice@home.test>;tag=a1
To: <sip:bob@acme.test>
Call-ID: call-1
CSeq: 20 INVITE
";

fn ringing(tag: &str, lines: &str) -> String {
    format!(
        "SIP/2.0 180 Ringing\nFrom: <sip:alice@home.test>;tag=a1\nTo: <sip:bob@acme.test>{tag}\n\
         Call-ID: call-1\nCSeq: 20 INVITE\n{lines}"
    )
}

#[test]
fn a_prack_names_the_response_and_goes_to_its_branch() {
    let first = ringing(";tag=b1", "Contact: <sip:bob@10.0.0.2>\nRSeq: 7\n");
    let mut dialog = with(OURS, |invite| {
        with(&first, |response| Dialog::of_response(invite, response).unwrap())
    });
    let mut prack = |response: &str| {
        with(OURS, |invite| {
            with(response, |response| {
                prack(&mut dialog, invite, response, &Settings::default(), &mut entropy())
            })
        })
    };
    let draft = prack(&first).unwrap();
    assert_eq!(draft.start(), "PRACK sip:bob@10.0.0.2 SIP/2.0");
    assert_eq!((draft.get("CSeq"), draft.get("RAck")), (Some("21 PRACK"), Some("7 20 INVITE")));
    let other = ringing(";tag=b2", "Contact: <sip:bob@10.0.0.3>\nRSeq: 1\n");
    let draft = prack(&other).unwrap();
    assert_eq!(draft.start(), "PRACK sip:bob@10.0.0.3 SIP/2.0");
    assert_eq!(draft.get("To"), Some("<sip:bob@acme.test>;tag=b2"));
    assert_eq!((draft.get("CSeq"), draft.get("RAck")), (Some("22 PRACK"), Some("1 20 INVITE")));
    assert_eq!(prack(&ringing("", "RSeq: 8\n")).unwrap().get("CSeq"), Some("23 PRACK"));
    for rseq in ["", "RSeq: x\n", "RSeq: -1\n", "RSeq: 99999999999\n", "RSeq: 1 2\n"] {
        assert_eq!(prack(&ringing(";tag=b1", rseq)), None, "{rseq}");
    }
    let no_cseq = first.replace("CSeq: 20", "CSeq: x");
    assert_eq!(with(&no_cseq, rack_of), None);
}

#[test]
fn an_answer_that_keeps_a_dialog_has_the_recorded_route_and_our_contact() {
    for status in [101, 180, 183, 200, 202, 299] {
        let mut draft = answer(INCOMING, status);
        let wanted = "Via Via Record-Route Record-Route From To Call-ID CSeq Contact User-Agent";
        assert_eq!(names(&draft), wanted);
        let routes: Vec<_> = draft
            .headers()
            .filter(|(name, _)| *name == "Record-Route")
            .map(|line| line.1)
            .collect();
        assert_eq!(routes, ["<sip:p1.test;lr>", "<sip:p2.test;lr>"]);
        assert_eq!(draft.get("To"), Some("\"Bob\" <sip:bob@acme.test>;tag=mine"));
        let via = "SIP/2.0/UDP 10.0.0.1;rport=5062;branch=z9hG4bKp;received=198.51.100.7";
        assert_eq!(draft.get("Via"), Some(via));
        assert_eq!(draft.get("Contact"), Some("<sip:bob@999.999.999.999:99999>"));
        complete_answer(&mut draft, local(Transport::Udp), &Settings::default());
        assert_eq!(draft.get("Contact"), Some("<sip:bob@192.0.2.9:5070>"));
    }
}

#[test]
fn the_address_that_the_application_gave_stands_in_answers_too() {
    let settings = Settings {
        public_host: Some("pub.test".into()),
        public_port: Some(7777),
        ..Settings::default()
    };
    let seen = Local { learned: Some("203.0.113.1:1".parse().unwrap()), ..local(Transport::Udp) };
    let mut draft = answer(INCOMING, 200);
    complete_answer(&mut draft, seen, &settings);
    assert_eq!(draft.get("Contact"), Some("<sip:bob@pub.test:7777>"));
    let mut draft = answer(INCOMING, 200);
    complete_answer(&mut draft, seen, &Settings::default());
    assert_eq!(draft.get("Contact"), Some("<sip:bob@203.0.113.1:1>"));
    draft.set("Contact", "<sip:own@198.51.100.1>");
    complete_answer(&mut draft, seen, &settings);
    assert_eq!(draft.get("Contact"), Some("<sip:own@198.51.100.1>"), "an explicit one stays");
}

#[test]
fn a_refusal_has_neither_and_an_unknown_status_says_so() {
    for status in [300, 302, 486, 503, 603, 699] {
        let draft = answer(INCOMING, status);
        assert_eq!(names(&draft), "Via Via From To Call-ID CSeq User-Agent", "{status}");
    }
    assert_eq!(answer(INCOMING, 486).start(), "SIP/2.0 486 Busy Here");
    assert_eq!(answer(INCOMING, 499).start(), "SIP/2.0 499 Unknown code");
    assert_eq!(answer(INCOMING, 250).start(), "SIP/2.0 250 Unknown code");
    assert_eq!(answer_status(101), Ok(101));
    assert_eq!(answer_status(699), Ok(699));
    for status in [100, 700, 0, -1, i32::MAX, i32::MIN, 65536 + 200] {
        assert_eq!(answer_status(status), Err(Refusal::BadParameter), "{status}");
    }
}

#[test]
fn the_answer_to_a_subscribe_names_its_event() {
    let subscribe = INCOMING.replace("INVITE", "SUBSCRIBE") + "o: refer;id=7\n";
    let subscribe = subscribe.replace("acme.test>\n", "acme.test>;tag=mine\n");
    assert_eq!(answer(&subscribe, 202).get("Event"), Some("refer;id=7"));
    let info = subscribe.replace("SUBSCRIBE", "INFO");
    let draft = answer(&info, 200);
    assert_eq!(draft.get("Event"), None);
    assert_eq!(draft.get("To"), Some("\"Bob\" <sip:bob@acme.test>;tag=mine"), "its tag is there");
}
