//! Requests from forged addresses: what they make us send, what they cost, and what registrars get
//! meanwhile.

use crate::common::{World, addr};
use register::agent::{EventKind, InitialRegister, RequestOrigin};
use register::sip::Draft;
use std::net::SocketAddr;

const REGISTRAR: &str = "192.0.2.1:5060";
const FORGED: &str = "203.0.113.7:4444";

/// A request with no more than RFC 3261 section 8.1.1 asks for, in as few bytes as it may have.
fn short(method: &str, branch: usize) -> Vec<u8> {
    format!(
        "{method} sip:a SIP/2.0\r\nv:SIP/2.0/UDP h;branch=z9hG4bK{branch}\r\nf:<sip:b>;tag=1\r\n\
         t:<sip:a>\r\ni:{branch}\r\nCSeq:1 {method}\r\n\r\n"
    )
    .into_bytes()
}

/// The same as the shortest text that is read as a request at all.
fn shortest(method: &str) -> Vec<u8> {
    format!(
        "{method} s: SIP/2.0\r\nv:SIP/2.0/UDP h\r\nf:a\r\nt:b\r\ni:c\r\nCSeq:1 {method}\r\n\r\n"
    )
    .into_bytes()
}

fn edited(request: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(request).unwrap();
    assert!(text.contains(from), "{text}");
    text.replacen(from, to, 1).into_bytes()
}

/// What a series of datagrams from one address made us send.
#[derive(Debug, Default)]
struct Exchange {
    received: usize,
    bytes_received: usize,
    sent: usize,
    bytes_sent: usize,
    destinations: Vec<SocketAddr>,
}

impl Exchange {
    fn note(&mut self, world: &mut World) {
        for (to, bytes) in world.raw_sent() {
            self.sent += 1;
            self.bytes_sent += bytes.len();
            self.destinations.push(to);
        }
    }

    /// Fires all timers up to `ms`.
    fn run_to(&mut self, world: &mut World, ms: u64) {
        self.note(world);
        while let Some(next) = world.agent.poll_timeout() {
            let at = (next - world.now()).as_nanos().div_ceil(1_000_000) as u64;
            let at = world.millis() as u64 + at;
            if at > ms {
                break;
            }
            world.at(at);
            self.note(world);
        }
        world.at(ms);
    }

    fn receive(&mut self, world: &mut World, bytes: &[u8]) {
        self.received += 1;
        self.bytes_received += bytes.len();
        world.receive_from(addr(FORGED), bytes);
        self.note(world);
        assert!(self.sent <= self.received, "{self:?}");
        assert!(self.bytes_sent <= 3 * self.bytes_received, "{self:?}");
    }
}

/// Sends the datagrams from a forged address, 100 ms apart, to a program that answers nothing.
fn exchange(world: &mut World, datagrams: &[Vec<u8>]) -> Exchange {
    let mut exchange = Exchange::default();
    for datagram in datagrams {
        exchange.receive(world, datagram);
        let next = world.millis() as u64 + 100;
        exchange.run_to(world, next);
    }
    let end = world.millis() as u64 + 100_000;
    exchange.run_to(world, end);
    exchange
}

const METHODS: [&str; 14] = [
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "OPTIONS",
    "MESSAGE",
    "NOTIFY",
    "SUBSCRIBE",
    "REFER",
    "INFO",
    "UPDATE",
    "PRACK",
    "REGISTER",
    "X",
];

/// Requests that somebody sends who forges the address of a victim, by what they try.
fn hostile() -> Vec<(String, Vec<Vec<u8>>)> {
    let mut all: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
    for method in METHODS {
        let one = || short(method, 1);
        let in_dialog = edited(one(), "t:<sip:a>", "t:<sip:a>;tag=2");
        let elsewhere = "SIP/2.0/UDP 198.51.100.9:53;maddr=198.51.100.8;received=198.51.100.7";
        let elsewhere = edited(one(), "SIP/2.0/UDP h", elsewhere);
        let no_number = edited(one(), "CSeq:1 ", "CSeq:x ");
        let many_vias = format!("v:SIP/2.0/UDP h{}", ",a".repeat(20_000));
        let many_vias = edited(one(), "v:SIP/2.0/UDP h", &many_vias);
        let long_via = format!("SIP/2.0/UDP h;x={}", "x".repeat(30_000));
        let long_via = edited(one(), "SIP/2.0/UDP h", &long_via);
        let octets = [b"v:SIP/2.0/UDP p;x=".as_slice(), &[0xe9; 3000], b"\r\n"].concat();
        let head = one().iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let octets = [&one()[..head], &octets, &one()[head..]].concat();
        // One long request, and short ones that look like it come again.
        let mut shrunk = vec![long_via.clone()];
        shrunk.resize(30, edited(one(), "f:<sip:b>;tag=1", "f:b"));
        let rport = edited(one(), "UDP h", "UDP 192.0.2.9:7;rport");
        for (what, datagrams) in [
            ("short", vec![one()]),
            ("shortest", vec![shortest(method)]),
            ("in a dialog", vec![in_dialog]),
            ("Via elsewhere", vec![elsewhere]),
            ("rport", vec![rport]),
            ("no CSeq number", vec![no_number]),
            ("many Vias", vec![many_vias]),
            ("a long Via", vec![long_via]),
            ("octets", vec![octets]),
            ("repeated", vec![one(); 30]),
            ("shrunk", shrunk),
            ("acknowledged", vec![one(), short("ACK", 1), short("ACK", 1)]),
            ("cancelled", vec![one(), short("CANCEL", 1), short("CANCEL", 1), one()]),
            ("no Contact", vec![edited(one(), "\r\n\r\n", "\r\nm:<sip:c>\r\n\r\n")]),
        ] {
            all.push((format!("{method}: {what}"), datagrams));
        }
    }
    let stun = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12]].concat();
    let response = short("INVITE", 1);
    let response = edited(response, "INVITE sip:a SIP/2.0", "SIP/2.0 200 OK");
    for (what, datagram) in [
        ("STUN", stun),
        ("a ping", b"\r\n\r\n".to_vec()),
        ("garbage", b"hello".to_vec()),
        ("no Via", b"INVITE sip:a SIP/2.0\r\n\r\n".to_vec()),
        ("a response", response),
        ("nothing", Vec::new()),
    ] {
        all.push((what.to_owned(), vec![datagram; 3]));
    }
    all
}

/// Whatever comes from an address that may be forged makes us send no more datagrams than came, and
/// no more than three times their bytes, and nothing to any other host.
#[test]
fn nothing_hostile_is_amplified_more_than_three_times_or_sent_elsewhere() {
    for (what, datagrams) in hostile() {
        for is_registered in [false, true] {
            let mut world = World::new();
            if is_registered {
                world.registered(3_000_000);
            }
            let exchange = exchange(&mut world, &datagrams);
            let Exchange { received, bytes_received, sent, bytes_sent, destinations } = exchange;
            assert!(sent <= received, "{what}: {sent} for {received}");
            assert!(bytes_sent <= 3 * bytes_received, "{what}: {bytes_sent} for {bytes_received}");
            let victim = addr(FORGED).ip();
            assert!(destinations.iter().all(|to| to.ip() == victim), "{what}: {destinations:?}");
        }
    }
}

/// What RFC 3261 section 8.1.1 asks for is long enough for an answer, in whatever few bytes.
#[test]
fn the_shortest_valid_requests_get_their_final_answer() {
    for method in METHODS.into_iter().filter(|method| *method != "ACK") {
        for from in [FORGED, "[2001:db8:1111:2222:3333:4444:5555:6666]:44444"] {
            let mut world = World::new();
            world.receive_from(addr(from), &short(method, 1));
            let mut sent = world.sent();
            sent.extend(world.run_to(200_000).into_iter().map(|(_, draft)| draft));
            let last = sent.pop().unwrap();
            assert!(!last.start().starts_with("SIP/2.0 1"), "{method} {from}");
            // An INVITE gets its 100 at once, and 480 when nobody answers for three minutes.
            assert_eq!(sent.len(), usize::from(method == "INVITE"), "{method} {from}");
        }
    }
}

#[test]
fn a_refusal_goes_again_to_whoever_sends_the_invite_again() {
    let mut world = World::new();
    let (peer, invite) = (addr(FORGED), short("INVITE", 1));
    world.receive_from(peer, &invite);
    assert_eq!(world.one().start(), "SIP/2.0 100 Trying");
    let event = world.event();
    assert_eq!((event.kind, event.origin), (EventKind::CallInvite, Some(RequestOrigin::Other)));
    assert!(event.response.unwrap().starts_with(b"SIP/2.0 100 Trying\r\n"));
    world.at(500);
    world.receive_from(peer, &invite);
    assert_eq!(world.one().start(), "SIP/2.0 100 Trying");
    assert!(world.run_to(179_999).is_empty());
    let refusal = world.at(180_000).one();
    assert_eq!(refusal.start(), "SIP/2.0 480 Temporarily Unavailable");
    let kinds: Vec<_> = world.events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::CallNoAnswer, EventKind::CallReleased]);
    assert!(world.run_to(190_000).is_empty(), "it is not sent again by itself");
    for _ in 0..3 {
        world.receive_from(peer, &invite);
        assert_eq!(world.one(), refusal);
    }
    world.receive_from(peer, &short("ACK", 1));
    assert!(world.run_to(195_000).is_empty());
    assert_eq!((world.events().len(), world.agent.poll_timeout()), (0, None));
}

/// What the program itself sends goes out once for each request, whatever it says.
#[test]
fn an_answer_of_the_program_goes_out_once_for_each_request() {
    for method in ["MESSAGE", "OPTIONS", "NOTIFY", "INVITE"] {
        let mut world = World::new();
        let request = short(method, 1);
        world.receive_from(addr(FORGED), &request);
        let (tid, now) = (world.event().ids.tid, world.now());
        let is_invite = method == "INVITE";
        assert_eq!(world.sent().len(), usize::from(is_invite), "its 100");
        let built = match is_invite {
            true => world.agent.build_call_answer(now, tid, 486),
            false => world.build_answer(tid, 486),
        };
        let mut answer = Draft::parse(&built.unwrap()).unwrap();
        answer.push("X-Long", "x".repeat(5000));
        if !is_invite {
            let mut early = answer.clone();
            early.set_start("SIP/2.0 183 Session Progress");
            let early = early.to_bytes();
            world.agent.send_answer(now, tid, 183, Some(&early)).unwrap();
            assert!(world.sent().is_empty(), "the final answer needs the one datagram");
            world.receive_from(addr(FORGED), &request);
            assert_eq!(world.one().start(), "SIP/2.0 183 Session Progress");
        }
        let answer = answer.to_bytes();
        match is_invite {
            true => world.agent.send_call_answer(now, tid, 486, Some(&answer)),
            false => world.agent.send_answer(now, tid, 486, Some(&answer)),
        }
        .unwrap();
        assert_eq!(world.one().get("X-Long").map(str::len), Some(5000));
        world.receive_from(addr(FORGED), &request);
        assert_eq!(world.one().get("X-Long").map(str::len), Some(5000));
        world.receive_from(addr(FORGED), &edited(request, "t:<sip:a>", "t:a"));
        assert!(world.sent().is_empty(), "that is not what was answered");
        assert!(world.run_to(31_000).is_empty());
    }
}

/// A request from an address of its own for each number.
fn flood(world: &mut World, number: u32, method: &str) -> Vec<Draft> {
    let [a, b, c, d] = number.wrapping_mul(2_654_435_761).to_be_bytes();
    let from = SocketAddr::from(([(a % 90) + 10, b, c, d], 5060));
    world.receive_from(from, &short(method, number as usize));
    world.sent()
}

/// The registrar asks; the next event and what is sent in its answer until `ms` have passed.
fn registrar_asks(world: &mut World, method: &str, number: usize, ms: u64) -> Vec<String> {
    world.receive_from(addr(REGISTRAR), &short(method, number));
    let mut sent = world.sent();
    let until = world.millis() as u64 + ms;
    sent.extend(world.run_to(until).into_iter().map(|(_, draft)| draft));
    let wanted = number.to_string();
    let its = sent.iter().filter(|draft| draft.get("Call-ID") == Some(&wanted));
    its.map(|draft| draft.start().to_owned()).collect()
}

#[test]
fn a_registrar_is_answered_in_a_flood_of_100_000_requests_within_bounds() {
    let mut world = World::new();
    world.registered(3_000_000);
    let (mut kept, mut refused, mut asked) = (0, 0, 0);
    for number in 0..100_000 {
        let method = ["INVITE", "MESSAGE", "OPTIONS"][number as usize % 3];
        let answers = flood(&mut world, number, method);
        refused += answers.iter().filter(|one| one.start().starts_with("SIP/2.0 503 ")).count();
        if number % 10_000 == 9_999 {
            asked += 1;
            let number = 200_000 + number as usize;
            assert_eq!(registrar_asks(&mut world, "OPTIONS", number, 500), ["SIP/2.0 200 OK"]);
            world.receive_from(addr(REGISTRAR), &short("MESSAGE", number + 1));
        }
        let events = world.events();
        let (others, registrars): (Vec<_>, Vec<_>) =
            events.into_iter().partition(|event| event.origin == Some(RequestOrigin::Other));
        kept += others.len();
        assert!(registrars.iter().all(|event| event.kind == EventKind::MessageNew));
        assert_eq!(registrars.len(), if number % 10_000 == 9_999 { 2 } else { 0 });
    }
    assert_eq!(asked, 10);
    assert_eq!((kept, kept + refused), (4096, 100_000), "so much is kept, and no more");
    // The places are free again, and so is what was kept.
    world.run_to(60_000);
    assert!(flood(&mut world, 300_000, "MESSAGE").is_empty());
    assert_eq!(world.events().len(), 1);
}

/// Somebody forges the address of the registrar itself.
#[test]
fn a_ping_is_answered_when_all_that_is_kept_for_the_registrar_is_taken() {
    let mut world = World::new();
    world.registered(3_000_000);
    for number in 0..4096 {
        world.receive_from(addr("192.0.2.1:9"), &short("BYE", number));
        world.sent();
    }
    assert_eq!(world.events().len(), 2048, "one source has half");
    world.receive_from(addr(REGISTRAR), &short("OPTIONS", 10_000));
    let answer = world.one();
    assert_eq!(answer.start(), "SIP/2.0 200 OK");
    assert!(answer.get("Allow").unwrap().contains("OPTIONS"));
    assert!(world.events().is_empty(), "nothing is kept of it");
    assert_eq!(registrar_asks(&mut world, "MESSAGE", 10_001, 0).len(), 1, "that gets 503");
    world.receive_from(addr(FORGED), &short("OPTIONS", 10_002));
    assert_eq!(world.events().len(), 1, "others have places of their own");
}

#[test]
fn requests_from_elsewhere_are_dropped_where_registrars_alone_count() {
    let mut world = World::new();
    world.agent.settings_mut().registrars_only = true;
    for (number, method) in METHODS.into_iter().enumerate() {
        world.receive_from(addr(FORGED), &short(method, number));
        world.receive_from(addr(REGISTRAR), &short(method, number));
    }
    assert!(world.sent().is_empty() && world.events().is_empty());
    assert!(world.notes.iter().any(|note| note.contains("no registration lives there")));
    assert_eq!(world.agent.poll_timeout(), None);
    let (_, register) = world.register(600);
    world.receive_from(addr(REGISTRAR), &short("MESSAGE", 1));
    assert_eq!(world.event().kind, EventKind::MessageNew, "it is being registered");
    world.grant(&register, 600);
    world.events();
    world.receive_from(addr("192.0.2.1:7"), &short("MESSAGE", 2));
    assert_eq!(world.event().kind, EventKind::MessageNew, "whatever the port");
    world.receive_from(addr("[::ffff:192.0.2.1]:7"), &short("MESSAGE", 3));
    assert_eq!(world.event().kind, EventKind::MessageNew, "however the address is written");
    world.receive_from(addr(FORGED), &short("MESSAGE", 4));
    assert!(world.events().is_empty());
}

/// Whom the context takes a request from this address for; `number` is a new one.
fn origin(world: &mut World, from: &str, number: usize) -> Option<RequestOrigin> {
    world.receive_from(addr(from), &short("MESSAGE", number));
    world.event().origin
}

#[test]
fn a_registration_lives_at_its_registrar_until_it_is_removed_or_refused() {
    use RequestOrigin::{Other, Registrar};
    let mut world = World::new();
    assert_eq!(origin(&mut world, REGISTRAR, 1), Some(Other));
    let (rid, register) = world.register(600);
    assert_eq!(origin(&mut world, REGISTRAR, 2), Some(Registrar));
    world.grant(&register, 600);
    world.events();
    assert_eq!(origin(&mut world, REGISTRAR, 3), Some(Registrar));
    world.agent.remove(rid).unwrap();
    assert_eq!(origin(&mut world, REGISTRAR, 4), Some(Other));

    let (rid, _) = world.managed_registered(600, |_| {});
    let (other, _) = world.managed_registered(600, |_| {});
    let now = world.now();
    world.agent.registerer_unregister(now, rid, false).unwrap();
    let removal = world.one();
    world.answer(&removal, "200 OK", &[]);
    assert_eq!(origin(&mut world, REGISTRAR, 5), Some(Registrar), "the other lives on");
    world.agent.registerer_unregister(now, other, false).unwrap();
    let removal = world.one();
    assert_eq!(origin(&mut world, REGISTRAR, 6), Some(Registrar), "until it is removed");
    world.answer(&removal, "200 OK", &[]);
    assert_eq!(origin(&mut world, REGISTRAR, 7), Some(Other));

    world.agent.registerer_register(now, rid).unwrap();
    let register = world.one();
    assert_eq!(origin(&mut world, REGISTRAR, 8), Some(Registrar), "it registers again");
    let challenge = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth\"";
    world.answer(&register, "401 Unauthorized", &[challenge]);
    assert_eq!(origin(&mut world, REGISTRAR, 9), Some(Other), "there is no credential");
}

#[test]
fn a_binding_lives_where_it_is_from_while_another_server_is_asked() {
    let servers = ["192.0.2.11:5060", "192.0.2.12:5060"];
    let mut world = World::new();
    world.names.push(("acme.test", Ok(servers.map(addr).to_vec())));
    let (rid, text) = world.build_with(InitialRegister {
        from: "sip:alice@acme.test",
        proxy: "sip:acme.test",
        contact: None,
        expires: 600,
        q: None,
    });
    world.send(rid, &text);
    let register = world.one();
    world.grant(&register, 600);
    world.events();
    let text = world.agent.build_register(rid, 600).unwrap();
    world.send(rid, &text);
    let refresh = world.one();
    let mut number = 0;
    let mut origins = |world: &mut World| {
        number += 2;
        [0, 1].map(|at| origin(world, servers[at], number + at))
    };
    let [registrar, other] = [RequestOrigin::Registrar, RequestOrigin::Other].map(Some);
    assert_eq!(origins(&mut world), [registrar, other]);
    world.answer(&refresh, "503 Service Unavailable", &[]);
    let elsewhere = world.one();
    assert_eq!(origins(&mut world), [registrar, registrar], "bound at one, asked the other");
    world.grant(&elsewhere, 600);
    world.events();
    assert_eq!(origins(&mut world), [other, registrar]);
}
