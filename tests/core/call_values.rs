//! What a call reads in messages: the session timer, Replaces, redirections.

use register::call::redirect::Redirection;
use register::call::replaces::{Replaces, refer_to};
use register::call::session_timer::{SessionTimer, allows_update, with_longer_interval};
use register::dialog::Dialog;
use register::request::{Entropy, Refusal, Settings};
use register::sip::{Draft, Message};
use std::time::{Duration, Instant};

fn with<R>(lines: &str, read: impl FnOnce(&Message<'_>) -> R) -> R {
    let text = format!("{}\r\n\r\n", lines.trim_end().replace('\n', "\r\n"));
    read(&Message::parse(text.as_bytes()).unwrap())
}

const TIMED: &str = "INVITE sip:a SIP/2.0\nSupported: 100rel, Timer\n";

/// The 2xx of ours to an INVITE with these lines, to which the application has put `own`: its
/// Session-Expires, its Require and whether we refresh.
fn granted(invite: &str, own: &[(&str, &str)]) -> (String, String, Option<bool>) {
    let mut answer = Draft::new("SIP/2.0 200 OK");
    own.iter().for_each(|(name, value)| answer.push(name, value));
    let timer = with(invite, |invite| SessionTimer::of_our_2xx(invite, &mut answer));
    let value = |name| answer.get(name).unwrap_or("none").to_owned();
    (value("Session-Expires"), value("Require"), timer.map(SessionTimer::we_refresh))
}

#[test]
fn our_2xx_grants_the_timer_where_the_application_supports_it() {
    let supported = [("Supported", "timer")];
    let invite = |asks: &str| format!("{TIMED}{asks}\n");
    let own = |expires: &str, require: &str, we| (expires.to_owned(), require.to_owned(), we);
    let by_us = own("90;refresher=uas", "timer", Some(true));
    assert_eq!(granted(&invite("Session-Expires: 90"), &supported), by_us);
    assert_eq!(granted(&invite("x: 90;refresher=uas"), &supported), by_us);
    assert_eq!(granted(&invite("x: 90"), &[("k", "100rel,timer")]), by_us, "compact");
    let by_caller = own("1800;refresher=uac", "timer", Some(false));
    let asks = invite("Session-Expires: 1800;Refresher=UAC");
    assert_eq!(granted(&asks, &supported), by_caller);
    // Without its Supported there is no timer, and without the caller's it cannot refresh.
    assert_eq!(granted(&asks, &[]), own("none", "none", None));
    assert_eq!(granted(&invite(""), &supported), own("none", "none", None));
    assert_eq!(granted(&invite("x: soon"), &supported), own("none", "none", None));
    let plain = "INVITE sip:a SIP/2.0\nx: 90;refresher=uac\n";
    assert_eq!(granted(plain, &supported), own("90;refresher=uas", "none", Some(true)));
    // What the application has written stays.
    let written = [("Supported", "timer"), ("Session-Expires", "120;refresher=uac")];
    assert_eq!(granted(&asks, &written), own("120;refresher=uac", "timer", Some(false)));
    let written = [("Supported", "timer"), ("x", "120"), ("Require", "timer")];
    assert_eq!(granted(&asks, &written), own("120;refresher=uas", "timer", Some(true)));
}

fn theirs(request: &str, response: &str) -> Option<SessionTimer> {
    with(&format!("{TIMED}{request}\n"), |request| {
        with(&format!("SIP/2.0 200 OK\n{response}\n"), |response| {
            SessionTimer::of_their_2xx(request, response)
        })
    })
}

#[test]
fn their_2xx_begins_the_timer_where_both_speak_of_it() {
    let refreshes = |request, response| theirs(request, response).map(SessionTimer::we_refresh);
    assert_eq!(refreshes("x: 90", "x: 90;refresher=uac"), Some(true));
    assert_eq!(refreshes("x: 90", "Session-Expires: 90"), Some(true));
    assert_eq!(refreshes("x: 90", "x: 90; refresher=UAS"), Some(false));
    assert_eq!(refreshes("x: 90", ""), None);
    assert_eq!(refreshes("", "x: 90;refresher=uac"), None);
    assert_eq!(refreshes("x: 90", "x: -1"), None);
}

#[test]
fn a_refresh_is_due_at_half_the_interval_and_the_end_before_it_expires() {
    #[allow(clippy::disallowed_methods)]
    let start = Instant::now();
    let at = |moment: Instant| moment.duration_since(start);
    let seconds = Duration::from_secs;
    let timer = |response| theirs("x: 1800", response).unwrap();
    let ours = timer("x: 90;refresher=uac");
    assert_eq!(at(ours.refresh_at(start)), seconds(46));
    assert_eq!(at(ours.expires_at(start)), seconds(90));
    let peers = timer("x: 90;refresher=uas");
    assert_eq!(at(peers.expires_at(start)), seconds(60), "a third of 90 s before");
    assert_eq!(at(timer("x: 1800;refresher=uas").expires_at(start)), seconds(1768));
    // No interval is shorter than 90 s, and any length is one.
    assert_eq!(timer("x: 5;refresher=uac").interval(), seconds(90));
    let long = timer("x: 99999999999;refresher=uas");
    assert_eq!(long.interval(), seconds(u32::MAX.into()));
    assert!(long.expires_at(start) > start);
}

#[test]
fn a_refresh_says_the_interval_and_who_refreshes() {
    let refresh = |timer: SessionTimer, draft: &mut Draft| {
        timer.put_on(draft);
        ["Session-Expires", "Supported", "Min-SE"]
            .map(|name| draft.get(name).unwrap_or("none").to_owned())
    };
    let timer = theirs("x: 90", "x: 90").unwrap();
    let mut draft = Draft::request("UPDATE", "sip:a");
    assert_eq!(refresh(timer, &mut draft), ["90;refresher=uac", "timer", "none"]);
    assert_eq!(refresh(timer, &mut draft), ["90;refresher=uac", "timer", "none"]);
    assert_eq!(draft.headers().count(), 2);
    let timer = theirs("x: 300\nMin-SE: 300", "x: 300;refresher=uas").unwrap();
    let mut draft = Draft::request("INVITE", "sip:a");
    draft.push("Supported", "100rel");
    assert_eq!(refresh(timer, &mut draft), ["300;refresher=uas", "100rel", "300"]);
    assert_eq!(draft.headers().filter(|(name, _)| *name == "Supported").count(), 2);
}

#[test]
fn a_422_asks_for_a_longer_interval() {
    let retried = |asks: &str, response: &str| {
        let mut invite = Draft::request("INVITE", "sip:a");
        if !asks.is_empty() {
            invite.push("Session-Expires", asks);
        }
        let response = format!("SIP/2.0 422 Too Small\n{response}\n");
        let longer = with(&response, |response| with_longer_interval(invite, response))?;
        Some(["Session-Expires", "Min-SE"].map(|name| longer.get(name).unwrap().to_owned()))
    };
    let own = |expires: &str, least: &str| Some([expires.to_owned(), least.to_owned()]);
    assert_eq!(retried("90", "Min-SE: 300"), own("300", "300"));
    assert_eq!(retried("90;refresher=uac", "Min-SE: 300;x"), own("300;refresher=uac", "300"));
    assert_eq!(retried("90", ""), None);
    assert_eq!(retried("", "Min-SE: 300"), None);
    assert_eq!(retried("300", "Min-SE: 300"), None, "it would be refused again");
}

#[test]
fn update_is_allowed_where_allow_names_it() {
    assert!(with("SIP/2.0 200 OK\nAllow: INVITE, UPDATE\n", allows_update));
    assert!(with("SIP/2.0 200 OK\nAllow: INVITE\nAllow: UPDATE\n", allows_update));
    assert!(!with("SIP/2.0 200 OK\nAllow: INVITE, UPDATES\n", allows_update));
    assert!(!with("SIP/2.0 200 OK\nX: UPDATE\n", allows_update));
}

fn ours(status: &str, to: &str) -> Dialog {
    let invite = "INVITE sip:bob@acme.test SIP/2.0\nFrom: <sip:alice@home.test>;tag=l1\n\
                  To: <sip:bob@acme.test>\nCall-ID: c=1@host\nCSeq: 20 INVITE\n";
    let response = format!("SIP/2.0 {status}\nTo: {to}\nCSeq: 20 INVITE\n");
    with(invite, |invite| {
        with(&response, |response| Dialog::of_response(invite, response).unwrap())
    })
}

fn theirs_early() -> Dialog {
    let invite = "INVITE sip:bob@acme.test SIP/2.0\nFrom: <sip:p@far.test>;tag=r1\n\
                  To: <sip:bob@acme.test>\nCall-ID: c2\nCSeq: 1 INVITE\n";
    with(invite, |invite| Dialog::of_request(invite, "l2").unwrap())
}

#[test]
fn a_refer_to_replaces_our_side_of_the_dialog() {
    let dialog = ours("180 Ringing", "\"B\" <sip:bob@acme.test;x=1>;tag=r1");
    let wanted = "sip:bob@acme.test;x=1?Replaces=c%3D1%40host%3Bto-tag%3Dr1%3Bfrom-tag%3Dl1";
    assert_eq!(refer_to(&dialog), wanted);
    let wanted = "sip:p@far.test?Replaces=c2%3Bto-tag%3Dr1%3Bfrom-tag%3Dl2";
    assert_eq!(refer_to(&theirs_early()), wanted);
    let hostile = ours("200 OK", "<sip:bob@acme.test?Replaces=x>;tag=\"a&b>\u{e9}\"");
    let wanted = "sip:bob@acme.test?Replaces=c%3D1%40host%3Bto-tag%3D%22a%26b%3E%C3%A9%22\
                  %3Bfrom-tag%3Dl1";
    assert_eq!(refer_to(&hostile), wanted);
}

#[test]
fn a_replaces_finds_its_dialog_by_the_tags_in_either_order() {
    let dialog = ours("200 OK", "<sip:bob@acme.test>;tag=r1");
    let is_of = |text: &str| Replaces::parse(text).unwrap().is_of(&dialog);
    assert!(is_of("c=1@host;to-tag=l1;from-tag=r1"));
    assert!(is_of(" c=1@host ;From-Tag=l1; TO-TAG=r1;early-only"));
    for text in [
        "c=1;to-tag=l1;from-tag=r1",
        "c=1@host;to-tag=l1;from-tag=l1",
        "c=1@host;to-tag=L1;from-tag=r1",
        "c=1@host;to-tag=0;from-tag=r1",
    ] {
        assert!(!is_of(text), "{text}");
    }
    // A peer of RFC 2543 has no tag, which 0 stands for.
    let untagged = ours("200 OK", "<sip:bob@acme.test>");
    assert!(Replaces::parse("c=1@host;to-tag=l1;from-tag=0").unwrap().is_of(&untagged));
    for text in
        ["", "c", "c;to-tag=1", "c;from-tag=1", ";to-tag=1;from-tag=2", "c;to-tag=;from-tag=1"]
    {
        assert!(matches!(Replaces::parse(text), Err(Refusal::Syntax(_))), "{text}");
    }
}

#[test]
fn only_what_may_be_replaced_is() {
    let check = |dialog: &Dialog, more: &str| {
        let text = format!("x;to-tag=a;from-tag=b{more}");
        Replaces::parse(&text).unwrap().check(dialog)
    };
    let confirmed = ours("200 OK", "<sip:bob@acme.test>;tag=r1");
    assert_eq!(check(&confirmed, ""), Ok(()));
    assert_eq!(check(&confirmed, ";early-only"), Err(Refusal::WrongState));
    let early = ours("180 Ringing", "<sip:bob@acme.test>;tag=r1");
    assert_eq!(check(&early, ""), Ok(()));
    assert_eq!(check(&early, ";early-only"), Ok(()));
    assert_eq!(check(&theirs_early(), ""), Err(Refusal::BadParameter));
}

/// Follows 3xx with these Contacts, one after the other: the Request-URIs.
fn redirected(uri: &str, route: &str, contacts: &[&str]) -> Vec<String> {
    let mut invite = Draft::request("INVITE", uri);
    invite.push("To", "<sip:bob@acme.test>");
    if !route.is_empty() {
        invite.push("Route", route);
    }
    let (mut redirection, mut seen) = (Redirection::default(), Vec::new());
    for contact in contacts {
        let response = format!("SIP/2.0 302 Moved\nContact: {contact}\nDiversion: <sip:d>\n");
        let next = with(&response, |response| {
            redirection.follow(invite.clone(), response, &Settings::default())
        });
        let Some(next) = next else {
            seen.push("none".to_owned());
            continue;
        };
        assert_eq!(next.get("To"), Some("<sip:bob@acme.test>"));
        assert_eq!(next.get("Diversion"), Some("<sip:d>"));
        invite = next;
        let start = invite.start().strip_prefix("INVITE ").unwrap();
        seen.push(start.strip_suffix(" SIP/2.0").unwrap().to_owned());
        invite.remove("Diversion");
    }
    seen
}

#[test]
fn a_redirection_goes_to_the_first_contact_that_fits_our_transport() {
    let to = |contacts| redirected("sip:bob@acme.test", "", &[contacts]).remove(0);
    assert_eq!(to("\"C\" <sip:c@x.test;p=1?Subject=s>;q=0.1, <sip:d@x.test>"), "sip:c@x.test;p=1");
    assert_eq!(to("<sip:c@x.test;transport=tcp>, <sip:d@x.test>"), "sip:d@x.test");
    assert_eq!(to("<sips:c@x.test>, <mailto:a@b>, <sip:d@x.test>"), "sip:d@x.test");
    assert_eq!(to("<sip:c@x.test;transport=tcp>, <sips:d@x.test>"), "sip:c@x.test;transport=tcp");
    for none in ["*", "<mailto:a@b>", "<tel:+1>", "", "<sip:>", "<sip:c@x.test"] {
        assert_eq!(to(none), "none", "{none}");
    }
    let by_proxy = redirected("sip:bob@acme.test", "<sip:p.test;lr>", &["<tel:+1>"]);
    assert_eq!(by_proxy, ["tel:+1"]);
    let secure = redirected("sips:bob@acme.test", "", &["<sip:c@x.test>, <sips:d@x.test>"]);
    assert_eq!(secure, ["sips:d@x.test"], "what was secure stays so");
}

#[test]
fn a_redirection_tries_each_uri_once() {
    let contacts = ["<sip:c@x.test>", "<sip:BOB@acme.test>, <sip:bob@ACME.test>, <sip:c@X.test>"];
    let seen = redirected("sip:bob@acme.test", "", &contacts);
    assert_eq!(seen, ["sip:c@x.test", "sip:BOB@acme.test"]);
    let loops = ["<sip:c@x.test>", "<sip:bob@acme.test>", "<sip:c@x.test>", "<sip:d@x.test>"];
    let seen = redirected("sip:bob@acme.test", "", &loops);
    assert_eq!(seen, ["sip:c@x.test", "none", "none", "sip:d@x.test"]);
}

#[test]
fn a_redirection_ends_after_five_hops() {
    let contacts = [1, 2, 3, 4, 5, 6, 7].map(|at| format!("<sip:c{at}@x.test>"));
    let contacts: Vec<&str> = contacts.iter().map(String::as_str).collect();
    let seen = redirected("sip:bob@acme.test", "", &contacts);
    assert_eq!(seen[4], "sip:c5@x.test");
    assert_eq!(seen[5..], ["none", "none"]);
}

#[test]
fn a_strict_router_keeps_the_request_uri_of_a_redirected_invite() {
    let mut invite = Draft::request("INVITE", "sip:p.test");
    invite.push("Route", "<sip:bob@acme.test>");
    let mut redirection = Redirection::default();
    let mut follow = |contact: &str| {
        with(&format!("SIP/2.0 302 Moved\nContact: {contact}\n"), |response| {
            redirection.follow(invite.clone(), response, &Settings::default())
        })
    };
    assert_eq!(follow("<sip:bob@acme.test>"), None);
    let next = follow("<sip:c@x.test>").unwrap();
    assert_eq!(next.start(), "INVITE sip:p.test SIP/2.0");
    assert_eq!(next.get("Route"), Some("<sip:c@x.test>"));
}

#[test]
fn any_octets_in_these_header_fields_do_no_harm() {
    const PIECES: [&str; 15] = [
        ";",
        "=",
        "\"",
        "to-tag",
        "from-tag",
        "90",
        "refresher",
        "uac",
        ",",
        "<",
        ">",
        "sip:",
        "--b",
        "\u{e9}",
        " ",
    ];
    let mut entropy = Entropy::new([5; 32]);
    for _ in 0..5_000 {
        let (mut draw, mut value) = (entropy.bits(), String::new());
        for _ in 0..draw % 16 {
            draw /= 17;
            value.push_str(PIECES[(draw % 15) as usize]);
        }
        let lines = format!(
            "Session-Expires: {value}\nMin-SE: {value}\nAllow: {value}\nContact: {value}\n\
             Supported: {value}\n"
        );
        let mut answer = Draft::new("SIP/2.0 200 OK");
        answer.push("Supported", "timer");
        with(&format!("INVITE sip:a SIP/2.0\n{lines}"), |request| {
            let _ = SessionTimer::of_our_2xx(request, &mut answer);
            with(&format!("SIP/2.0 200 OK\n{lines}"), |response| {
                let _ = SessionTimer::of_their_2xx(request, response);
                let invite = Draft::request("INVITE", "sip:a");
                let _ = with_longer_interval(invite.clone(), response);
                let settings = Settings::default();
                let _ = Redirection::default().follow(invite, response, &settings);
            });
            assert!(!allows_update(request));
        });
        let _ = Replaces::parse(&value);
    }
}
