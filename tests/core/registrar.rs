//! The loopback registrar by instants: RFC 3261 section 10.3, RFC 3581 and the faults it plays.

#[allow(dead_code)]
#[path = "../../src/bin/registrar/service/mod.rs"]
pub(crate) mod service;

use register::auth::{Algorithm, Login, Secret, Session, challenges};
use register::sip::{Draft, Message};
use service::{ExpiresIn, Fault, Registrar, Settings};
use std::net::SocketAddr;
use std::time::Duration;

const HOME: &str = "192.0.2.7:5062";

/// A registrar with the next CSeq of its only client.
struct Rig {
    registrar: Registrar,
    cseq: u32,
}

fn open() -> Settings {
    Settings { auth: false, ..Settings::default() }
}

fn guarded() -> Settings {
    Settings { users: [("alice".to_string(), "secret".to_string())].into(), ..Settings::default() }
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn answer(text: &[u8]) -> (u16, Draft) {
    let status = Message::parse(text).ok().and_then(|m| m.status()).expect("a response");
    (status, Draft::parse(text).expect("a response"))
}

impl Rig {
    fn new(settings: Settings) -> Self {
        Rig { registrar: Registrar::new(settings), cseq: 0 }
    }

    /// A REGISTER of alice with a new branch and CSeq.
    fn register(&mut self, lines: &[(&str, &str)]) -> Draft {
        self.cseq += 1;
        let mut draft = Draft::request("REGISTER", "sip:rig.test");
        draft.push("Via", format!("SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK{}", self.cseq));
        draft.push("From", "<sip:alice@rig.test>;tag=1");
        draft.push("To", "<sip:alice@rig.test>");
        draft.push("Call-ID", "call-1");
        draft.push("CSeq", format!("{} REGISTER", self.cseq));
        for (name, value) in lines {
            draft.set(name, *value);
        }
        draft
    }

    fn send(&mut self, seconds: u64, draft: &Draft) -> Option<(u16, Draft)> {
        let from: SocketAddr = HOME.parse().expect("an address");
        let replies = self.registrar.handle(at(seconds), from, &draft.to_bytes());
        replies.first().map(|reply| answer(&reply.bytes))
    }

    fn ask(&mut self, seconds: u64, lines: &[(&str, &str)]) -> (u16, Draft) {
        let draft = self.register(lines);
        self.send(seconds, &draft).expect("an answer")
    }

    /// A REGISTER that answers with `session`.
    fn prove(&mut self, seconds: u64, session: &mut Session, password: &str) -> (u16, Draft) {
        let login = Login { username: "alice", secret: Secret::Password(password.as_bytes()) };
        let value = session.answer(&login, "REGISTER", "sip:rig.test", b"", "c0ffee");
        self.ask(seconds, &[("Contact", "<sip:alice@10.0.0.1>"), ("Authorization", &value)])
    }

    fn bound(&self, seconds: u64) -> Vec<(String, u64)> {
        self.registrar.bindings("alice@rig.test", at(seconds))
    }
}

fn session(challenge: &Draft) -> Session {
    let line = challenge.get("WWW-Authenticate").expect("a challenge");
    Session::new(challenges(line).next().expect("a challenge").expect("one that can be answered"))
}

#[test]
fn a_contact_is_bound_until_its_time_is_over() {
    let mut rig = Rig::new(open());
    let (status, ok) = rig.ask(
        0,
        &[("Contact", "\"A\" <sip:alice@10.0.0.1;line=x>;expires=60;q=0.5"), ("Expires", "90")],
    );
    assert_eq!(
        (status, ok.get("Contact")),
        (200, Some("<sip:alice@10.0.0.1;line=x>;q=0.5;expires=60"))
    );
    assert_eq!(
        rig.ask(59, &[]).1.get("Contact"),
        Some("<sip:alice@10.0.0.1;line=x>;q=0.5;expires=1")
    );
    assert_eq!(rig.ask(60, &[]).1.get("Contact"), None);
}

#[test]
fn which_expiry_is_granted() {
    let granted = |settings: Settings, lines: &[(&str, &str)]| {
        let mut rig = Rig::new(settings);
        rig.ask(0, lines);
        rig.bound(0).first().map(|(_, left)| *left)
    };
    let contact = ("Contact", "sip:alice@10.0.0.1");
    assert_eq!(granted(open(), &[contact]), Some(3600));
    assert_eq!(granted(open(), &[contact, ("Expires", "90")]), Some(90));
    assert_eq!(
        granted(open(), &[("Contact", "sip:alice@10.0.0.1;expires=70"), ("Expires", "90")]),
        Some(70)
    );
    assert_eq!(
        granted(open(), &[("Contact", "sip:alice@10.0.0.1;expires=soon"), ("Expires", "90")]),
        Some(3600)
    );
    assert_eq!(granted(Settings { max_expires: 30, ..open() }, &[contact]), Some(30));
}

#[test]
fn an_interval_below_the_minimum_is_too_brief_but_zero_is_not() {
    let mut rig = Rig::new(Settings { min_expires: 60, ..open() });
    let (status, refused) = rig.ask(0, &[("Contact", "<sip:a@b>"), ("Expires", "59")]);
    assert_eq!((status, refused.get("Min-Expires")), (423, Some("60")));
    assert_eq!(rig.ask(0, &[("Contact", "<sip:a@b>"), ("Expires", "60")]).0, 200);
    assert_eq!(rig.ask(1, &[("Contact", "<sip:a@b>"), ("Expires", "0")]).0, 200);
    assert!(rig.bound(1).is_empty());
}

#[test]
fn a_refresh_replaces_an_equivalent_contact_and_a_star_removes_all() {
    let mut rig = Rig::new(open());
    rig.ask(0, &[("Contact", "<sip:alice@10.0.0.1>, <sip:alice@10.0.0.2>")]);
    rig.ask(10, &[("Contact", "<sip:%61lice@10.0.0.1>;expires=100")]);
    let bound = rig.bound(10);
    assert_eq!(bound, [("sip:%61lice@10.0.0.1".into(), 100), ("sip:alice@10.0.0.2".into(), 3590)]);
    assert_eq!(rig.ask(11, &[("Contact", "*")]).0, 400);
    assert_eq!(rig.ask(11, &[("Contact", "*, <sip:a@b>"), ("Expires", "0")]).0, 400);
    assert_eq!(rig.bound(11).len(), 2);
    assert_eq!(rig.ask(11, &[("Contact", "*"), ("Expires", "0")]).0, 200);
    assert!(rig.bound(11).is_empty());
}

#[test]
fn a_cseq_of_the_same_call_that_is_not_above_the_last_changes_nothing() {
    let mut rig = Rig::new(open());
    rig.ask(0, &[("Contact", "<sip:alice@10.0.0.1>"), ("CSeq", "10 REGISTER")]);
    for lines in [
        [
            ("Contact", "<sip:new@10.0.0.9>, <sip:alice@10.0.0.1>"),
            ("Expires", "0"),
            ("CSeq", "10 REGISTER"),
        ],
        [("Contact", "*"), ("Expires", "0"), ("CSeq", "9 REGISTER")],
    ] {
        assert_eq!(rig.ask(1, &lines).0, 400);
        assert_eq!(rig.bound(1).len(), 1);
    }
    let other_call = [
        ("Contact", "<sip:alice@10.0.0.1>"),
        ("Expires", "0"),
        ("Call-ID", "call-2"),
        ("CSeq", "1 REGISTER"),
    ];
    assert_eq!(rig.ask(2, &other_call).0, 200);
    assert!(rig.bound(2).is_empty());
}

#[test]
fn broken_requests_are_refused_or_dropped() {
    let mut rig = Rig::new(open());
    for lines in [
        [("CSeq", "1 OPTIONS")],
        [("CSeq", "x")],
        [("To", "<alice>")],
        [("Contact", "<alice>")],
        [("Contact", "<sip:a")],
    ] {
        assert_eq!(rig.ask(0, &lines).0, 400, "{lines:?}");
    }
    let (status, refused) = rig.ask(0, &[("Require", "path")]);
    assert_eq!((status, refused.get("Unsupported")), (420, Some("path")));
    let mut invite = rig.register(&[("CSeq", "1 INVITE")]);
    invite.set_start("INVITE sip:rig.test SIP/2.0");
    assert_eq!(rig.send(0, &invite).map(|(status, _)| status), Some(405));
    let from = HOME.parse().expect("an address");
    for noise in [
        &b"\r\n\r\n"[..],
        b"",
        b"noise",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"REGISTER sip:a SIP/2.0\r\n\r\n",
        &[0xff; 60_000],
    ] {
        assert!(rig.registrar.handle(at(0), from, noise).is_empty());
    }
}

#[test]
fn via_names_the_sender_and_the_answer_goes_there() {
    let mut rig = Rig::new(open());
    let (_, ok) = rig.ask(0, &[]);
    assert_eq!(
        ok.get("Via"),
        Some("SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;received=192.0.2.7;rport=5062")
    );
    assert!(ok.get("To").is_some_and(|to| to.starts_with("<sip:alice@rig.test>;tag=")));
    let from: SocketAddr = HOME.parse().expect("an address");
    let to = |rig: &mut Rig, via: &str| {
        let draft = rig.register(&[("Via", via)]);
        rig.registrar.handle(at(0), from, &draft.to_bytes())[0].to.to_string()
    };
    assert_eq!(to(&mut rig, "SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bKa"), "192.0.2.7:5062");
    assert_eq!(to(&mut rig, "SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKb"), "192.0.2.7:5070");
    assert_eq!(to(&mut rig, "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKc"), "192.0.2.7:5060");
    let mut rig = Rig::new(Settings { received: "203.0.113.5:1024".parse().ok(), ..open() });
    assert!(
        rig.ask(0, &[])
            .1
            .get("Via")
            .is_some_and(|v| v.ends_with(";received=203.0.113.5;rport=1024"))
    );
}

#[test]
fn a_retransmission_gets_the_same_answer_for_32_seconds() {
    let mut rig = Rig::new(open());
    let draft = rig.register(&[("Contact", "<sip:alice@10.0.0.1>")]);
    let first = rig.send(0, &draft);
    assert_eq!(first.as_ref().map(|(status, _)| *status), Some(200));
    assert_eq!(rig.send(31, &draft), first);
    assert_eq!(
        rig.send(32, &draft).map(|(status, _)| status),
        Some(400),
        "a new request, and its CSeq is old"
    );
}

#[test]
fn every_algorithm_and_qop_is_asked_for_and_checked() {
    for algorithm in
        ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"]
    {
        for qop in [None, Some("auth"), Some("auth-int"), Some("auth,auth-int")] {
            let algorithms = Algorithm::parse(algorithm).into_iter().collect();
            let mut rig =
                Rig::new(Settings { algorithms, qop: qop.map(str::to_string), ..guarded() });
            let (status, challenge) = rig.ask(0, &[]);
            assert_eq!(status, 401);
            let mut good = session(&challenge);
            let mut bad = session(&challenge);
            assert_eq!(good.challenge().algorithm.name(), algorithm);
            assert_eq!(rig.prove(0, &mut bad, "wrong").0, 401, "{algorithm} {qop:?}");
            assert_eq!(rig.prove(0, &mut good, "secret").0, 200, "{algorithm} {qop:?}");
            assert_eq!(rig.prove(1, &mut good, "secret").0, 200, "{algorithm} {qop:?}");
        }
    }
}

#[test]
fn challenges_come_in_the_order_given() {
    let algorithms = vec![Algorithm::Sha256, Algorithm::Md5];
    let mut rig = Rig::new(Settings { algorithms, proxy_auth: true, ..guarded() });
    let (status, challenge) = rig.ask(0, &[]);
    let lines: Vec<_> =
        challenge.headers().filter(|(name, _)| *name == "Proxy-Authenticate").collect();
    assert_eq!((status, lines.len()), (407, 2));
    assert!(lines[0].1.contains("algorithm=SHA-256,") && lines[1].1.contains("algorithm=MD5,"));
}

#[test]
fn a_nonce_grows_stale_with_time_with_use_and_with_a_count_seen_before() {
    let stale = |answer: (u16, Draft)| {
        answer.0 == 401
            && answer.1.get("WWW-Authenticate").is_some_and(|line| line.ends_with(", stale=true"))
    };
    let mut rig = Rig::new(Settings { nonce_life: at(30), ..guarded() });
    let mut s = session(&rig.ask(0, &[]).1);
    assert_eq!(rig.prove(29, &mut s, "secret").0, 200);
    assert!(stale(rig.prove(30, &mut s, "secret")));

    let mut rig = Rig::new(Settings { nonce_once: true, next_nonce: true, ..guarded() });
    let mut s = session(&rig.ask(0, &[]).1);
    let (status, ok) = rig.prove(0, &mut s, "secret");
    let next = ok
        .get("Authentication-Info")
        .and_then(|info| info.split('"').nth(1))
        .expect("a next nonce");
    assert_eq!(status, 200);
    assert!(stale(rig.prove(1, &mut s, "secret")));
    s.next_nonce(next);
    assert_eq!(rig.prove(2, &mut s, "secret").0, 200);

    let mut rig = Rig::new(Settings { check_nc: true, ..guarded() });
    let mut s = session(&rig.ask(0, &[]).1);
    let mut twin = s.clone();
    assert_eq!(rig.prove(0, &mut s, "secret").0, 200);
    assert!(stale(rig.prove(0, &mut twin, "secret")), "nc 1 again");
    assert_eq!(rig.prove(0, &mut s, "secret").0, 200);
}

#[test]
fn a_wrong_answer_is_challenged_again_or_forbidden() {
    let mut rig = Rig::new(Settings { keep_nonce: true, ..guarded() });
    let mut s = session(&rig.ask(0, &[]).1);
    let (status, again) = rig.prove(0, &mut s, "wrong");
    assert_eq!((status, &session(&again).challenge().nonce), (401, &s.challenge().nonce));
    let mut rig = Rig::new(Settings { forbid: true, ..guarded() });
    let mut s = session(&rig.ask(0, &[]).1);
    assert_eq!(rig.prove(0, &mut s, "wrong").0, 403);
    let mut rig = Rig::new(Settings { own_only: true, ..guarded() });
    let mut s = session(&rig.ask(0, &[]).1);
    let login = Login { username: "alice", secret: Secret::Password(b"secret") };
    let value = s.answer(&login, "REGISTER", "sip:rig.test", b"", "c");
    assert_eq!(rig.ask(0, &[("To", "<sip:bob@rig.test>"), ("Authorization", &value)]).0, 403);
}

#[test]
fn faults_come_first_and_in_order() {
    let faults = vec![
        Fault { status: 503, left: Some(1), retry_after: Some(7) },
        Fault { status: 302, left: Some(1), retry_after: None },
        Fault { status: 100, left: Some(1), retry_after: None },
    ];
    let mut rig =
        Rig::new(Settings { faults, redirect: Some("sip:other.test".into()), silent: 1, ..open() });
    let ignored = rig.register(&[]);
    assert_eq!(rig.send(0, &ignored), None);
    let (status, answer) = rig.send(1, &ignored).expect("an answer");
    assert_eq!((status, answer.get("Retry-After")), (503, Some("7")));
    let (status, answer) = rig.ask(2, &[]);
    assert_eq!((status, answer.get("Contact")), (302, Some("<sip:other.test>")));
    assert_eq!(rig.ask(3, &[]).0, 100);
    assert_eq!(rig.ask(4, &[]).0, 200);
}

#[test]
fn answers_can_be_lost_doubled_delayed_and_list_other_contacts() {
    let from: SocketAddr = HOME.parse().expect("an address");
    let mut rig = Rig::new(Settings { loss: 50, ..open() });
    let answered = (0..1000).filter(|_| {
        let draft = rig.register(&[]);
        rig.send(0, &draft).is_some()
    });
    let answered = answered.count();
    assert!((200..300).contains(&answered), "a quarter comes through both ways: {answered}");
    let mut rig = Rig::new(Settings { duplicate: 100, delay: Duration::from_millis(30), ..open() });
    let draft = rig.register(&[]);
    let replies = rig.registrar.handle(at(0), from, &draft.to_bytes());
    assert_eq!((replies.len(), replies[1].after), (2, Duration::from_millis(30)));
    let mut rig = Rig::new(Settings {
        foreign_contact: true,
        strip_contact_params: true,
        expires_in: ExpiresIn::Header,
        ..open()
    });
    let (_, ok) = rig.ask(0, &[("Contact", "<sip:alice@10.0.0.1;line=x>;q=1;expires=60")]);
    let contacts: Vec<_> =
        ok.headers().filter(|(name, _)| *name == "Contact").map(|(_, v)| v).collect();
    assert_eq!(contacts, ["<sip:another@192.0.2.99:5060>;expires=1800", "<sip:alice@10.0.0.1>"]);
    assert_eq!(ok.get("Expires"), Some("60"));
}

#[test]
fn where_it_does_outbound_a_flow_is_known_by_instance_and_reg_id() {
    let contact = |at: &str, reg_id: u32| {
        format!("<sip:alice@{at}>;+sip.instance=\"<urn:uuid:7>\";reg-id={reg_id};expires=60")
    };
    let listed = |ok: &Draft| ok.headers().filter(|(name, _)| *name == "Contact").count();
    let mut rig = Rig::new(Settings { outbound: true, ..open() });
    for (at, reg_id, number) in [("10.0.0.1", 1, 1), ("10.0.0.1", 2, 2), ("10.0.0.2", 1, 2)] {
        let (status, ok) = rig.ask(0, &[("Contact", &contact(at, reg_id))]);
        assert_eq!((status, ok.get("Require"), listed(&ok)), (200, Some("outbound"), number));
    }
    let (_, ok) = rig.ask(0, &[("Contact", "<sip:alice@10.0.0.3>;expires=60")]);
    assert_eq!((ok.get("Require"), listed(&ok)), (None, 3));
    let removal = contact("10.0.0.9", 2).replace("expires=60", "expires=0");
    let (_, ok) = rig.ask(0, &[("Contact", &removal)]);
    assert_eq!(listed(&ok), 2);
    let mut rig = Rig::new(open());
    let (_, ok) = rig.ask(0, &[("Contact", &contact("10.0.0.1", 1))]);
    assert_eq!((ok.get("Require"), listed(&ok)), (None, 1));
    let (_, ok) = rig.ask(0, &[("Contact", &contact("10.0.0.1", 2))]);
    assert_eq!(listed(&ok), 1, "it is one URI");
}

#[test]
fn each_request_is_one_line_in_the_log() {
    let mut rig = Rig::new(open());
    rig.ask(0, &[("Contact", "<sip:alice@10.0.0.1>"), ("Expires", "60")]);
    let log: Vec<_> = rig.registrar.drain_log().collect();
    assert_eq!(
        log,
        ["<sip:alice@rig.test> CSeq 1 REGISTER from 192.0.2.7:5062 -> 200 1 binding, 60 s"]
    );
}
