//! Whole programs that call and are called, in the style of those that were written for eXosip2;
//! the other side is tests/support/phone.rs.

use crate::c::{Session, build, build_in, program};
use crate::phone::{Phone, SDP, body};
use crate::registrar::{Registrar, header};
use crate::registrar_program::RegistrarProgram;
use crate::support::root;
use std::path::{Path, PathBuf};

/// A program that another test has too.
fn calling(name: &str) -> PathBuf {
    build_in(&format!("c-calling-{name}"), &root().join("tests/c").join(name))
}

fn arguments(registrar: &Registrar, user: &str, more: &[&str]) -> Vec<String> {
    let here = format!("sip:127.0.0.1:{}", registrar.port());
    let mut arguments = vec![here, format!("sip:{user}@127.0.0.1"), user.into(), "secret".into()];
    arguments.extend(more.iter().map(|text| (*text).to_owned()));
    arguments
}

#[test]
fn a_call_notifier_answers_a_friend_who_hangs_up() {
    let registrar = Registrar::start();
    let mut notifier =
        Session::start(&calling("style_notifier.c"), &arguments(&registrar, "bob", &[]));
    let port = notifier.line().strip_prefix("waiting at ").unwrap().parse().unwrap();
    let mut friend = Phone::new("friend");
    friend.invite("bob", port, "", SDP);
    let answer = friend.answered(&["180 "]);
    assert!(answer.starts_with("SIP/2.0 200 ") && body(&answer).contains("\r\nm=audio 4000 "));
    assert_eq!(
        notifier.line(),
        "call from \"The friend\" <sip:friend@127.0.0.1>;tag=phone",
        "as it came"
    );
    assert_eq!(notifier.line(), "talking");
    friend.asks("INFO", "", "", "200");
    assert_eq!(notifier.line(), "INFO");
    friend.asks("BYE", "", "", "200");
    assert_eq!(notifier.line(), "hung up -3", "the BYE is answered already");
    notifier.signal("INT");
    assert_eq!(notifier.line(), "unregistered");
    notifier.end();
}

#[test]
fn a_gb28181_device_streams_until_the_platform_hangs_up() {
    const DEVICE: &str = "34020000001320000001";
    const OFFER: &str = "v=0\r\no=34020000002000000001 0 0 IN IP4 127.0.0.2\r\ns=Play\r\n\
        c=IN IP4 127.0.0.2\r\nt=0 0\r\nm=video 30000 TCP/RTP/AVP 96 98\r\na=recvonly\r\n\
        a=setup:passive\r\na=rtpmap:96 PS/90000\r\na=rtpmap:98 H264/90000\r\n\
        y=0100000001\r\nf=v/2/4/25/1/4000a///\r\n";
    let registrar = Registrar::start();
    let arguments = [&registrar.port().to_string(), DEVICE, "secret", "3", "play"];
    let mut device = Session::start(&calling("style_gb28181.c"), &arguments.map(str::to_owned));
    for line in ["logged in", "beat 1", "beat 2"] {
        assert_eq!(device.line(), line);
    }
    let requests = registrar.requests();
    let via = header(&requests[0], "Via").unwrap();
    let port = via.split(':').nth(1).unwrap().split(';').next().unwrap().parse().unwrap();
    let mut platform = Phone::new("34020000002000000001");
    let subject = format!("Subject: {DEVICE}:0100000001,34020000002000000001:0\r\n");
    platform.invite(DEVICE, port, &subject, OFFER);
    let answer = platform.answered(&[]);
    assert_eq!(header(&answer, "Content-Type"), Some("APPLICATION/SDP"));
    assert!(body(&answer).ends_with("\r\ny=0100000001\r\nf=\r\n"), "as the device wrote it");
    assert_eq!(device.line(), "play to 127.0.0.2:30000 TCP/RTP/AVP ssrc 0100000001");
    assert_eq!(device.line(), "setup passive");
    assert_eq!(device.line(), "stream begins");
    platform.asks("BYE", "", "", "200");
    for line in ["stream ends", "beat 3", "logged out"] {
        assert_eq!(device.line(), line);
    }
    device.end();
}

#[test]
fn a_softphone_holds_sends_a_digit_and_transfers() {
    let registrar = Registrar::start();
    let mut phone = Phone::new("bob");
    let callee = format!("sip:bob@{}", phone.here());
    let more = [callee.as_str(), "sip:carol@127.0.0.1"];
    let mut softphone =
        Session::start(&program("style_softphone.c"), &arguments(&registrar, "alice", &more));
    let challenge = "Proxy-Authenticate: Digest realm=\"test\", nonce=\"n2\", qop=\"auth\"\r\n";
    let invite = phone.answers("INVITE", "407 Proxy Authentication Required", challenge, "");
    assert_eq!(header(&invite, "Subject"), Some("Lunch"));
    phone.receive("ACK ");
    assert_eq!(softphone.line(), "refused 407");
    let invite = phone.receive("INVITE ");
    assert!(header(&invite, "Proxy-Authorization").is_some_and(|proof| proof.contains("\"n2\"")));
    assert!(body(&invite).ends_with("a=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"));
    phone.respond(&invite, "180 Ringing", "", "");
    assert_eq!(softphone.line(), "ringing");
    phone.respond(&invite, "200 OK", "", SDP);
    phone.receive("ACK ");
    assert_eq!(softphone.line(), "talking");
    for (direction, line) in [("sendonly", "on hold"), ("sendrecv", "talking again")] {
        let again = phone.answers("INVITE", "200 OK", "", SDP);
        assert!(body(&again).ends_with(&format!("\r\na={direction}\r\n")), "{again}");
        phone.receive("ACK ");
        assert_eq!(softphone.line(), line);
    }
    let info = phone.answers("INFO", "200 OK", "", "");
    assert_eq!(header(&info, "Content-Type"), Some("application/dtmf-relay"));
    assert_eq!(body(&info), "Signal=5\r\nDuration=160\r\n");
    assert_eq!(softphone.line(), "INFO 200");
    let refer = phone.answers("REFER", "202 Accepted", "", "");
    assert_eq!(header(&refer, "Refer-To"), Some("sip:carol@127.0.0.1"));
    assert_eq!(softphone.line(), "REFER 202");
    let hold = SDP.replace("a=rtpmap:0 PCMU/8000", "a=sendonly");
    phone.request("INVITE", "", &hold);
    let answer = phone.answered(&[]);
    assert!(body(&answer).ends_with("\r\na=recvonly\r\n"));
    assert_eq!(softphone.line(), "held: sendonly");
    let event = "Event: refer\r\nSubscription-State: active\r\n";
    phone.asks("NOTIFY", event, "SIP/2.0 100 Trying", "200");
    assert_eq!(softphone.line(), "NOTIFY SIP/2.0 100 Trying");
    let event = "Event: refer\r\nSubscription-State: terminated;reason=noresource\r\n";
    phone.asks("NOTIFY", event, "SIP/2.0 200 OK", "200");
    assert_eq!(softphone.line(), "NOTIFY SIP/2.0 200 OK");
    phone.answers("BYE", "200 OK", "", "");
    assert_eq!(softphone.line(), "BYE 200");
    assert_eq!(softphone.line(), "released");
    softphone.end();
}

#[test]
fn two_phones_call_each_other_by_way_of_the_registrar() {
    let phone = build(&root().join("c-examples/phone.c"));
    two_phones(&phone, "udp");
    two_phones(&phone, "tcp");
    if cfg!(feature = "tls") {
        two_phones(&phone, "tls");
    }
}

fn two_phones(phone: &Path, transport: &str) {
    // Over TLS: where its certificate is, for the phones to check it.
    let roots = (transport == "tls").then(|| phone.with_file_name("roots.pem"));
    let roots = roots.as_deref().and_then(Path::to_str);
    let mut arguments = vec!["--quiet", "--any-user", "secret", "--realm", "demo.test"];
    arguments.extend(["--transport", transport]);
    arguments.extend(roots.iter().flat_map(|file| ["--certificate-file", file]));
    let registrar = RegistrarProgram::start(&arguments);
    let address = format!("sip:{};transport={transport}", registrar.address);
    let start = |user: &str, more: &[&str]| {
        let aor = format!("sip:{user}@demo.test");
        let mut words = [&[address.as_str(), &aor, user, "secret"], more].concat();
        words.extend(roots);
        let run = if roots.is_some() { Session::start_with_tls } else { Session::start };
        run(phone, &words.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let mut bob = start("bob", &["60", "-"]);
    assert_eq!(bob.line(), "registered as sip:bob@demo.test");
    let mut alice = start("alice", &["1", "sip:bob@demo.test"]);
    for line in [
        "registered as sip:alice@demo.test",
        "calling sip:bob@demo.test",
        "it rings",
        "talking",
        "its audio goes to 127.0.0.1 port 9",
        "hung up",
    ] {
        let mut printed = alice.line();
        // The 180 again, where the INVITE was sent again on a busy machine.
        while line == "talking" && printed == "it rings" {
            printed = alice.line();
        }
        assert_eq!(printed, line);
    }
    let line = bob.line();
    assert!(line.starts_with("called by <sip:alice@demo.test>;tag="), "{line}");
    for line in ["talking", "its audio goes to 127.0.0.1 port 9", "the other side has hung up"] {
        assert_eq!(bob.line(), line);
    }
    alice.end();
    bob.end();
    registrar.end();
}
