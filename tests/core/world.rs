//! A seeded lossy world: loss, duplication, reordering and delay between accounts and a registrar,
//! or the servers of a domain, of which one fails. Every account ends registered or says why, and
//! the share of those that make it is what the arithmetic says.

use crate::common::refused;
use crate::random::SplitMix;
use register::agent::{
    AddressFamilies, Agent, CredentialText, DnsError, Event, Input, Listening, QueryId, RecordKind,
    Records, RegistererEventKind, SrvRecord, Transmit, Transport,
};
use register::registration::policy::managed::{
    ManagedOptions as Options, RegistererState as State,
};
use register::sip::Draft;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

#[derive(Clone, Copy)]
struct Weather {
    loss: f64,
    twice: f64,
    /// Longest delay, milliseconds, each as likely; so packets overtake each other.
    delay: f64,
}

/// What else goes wrong, each the share of how often.
#[derive(Clone, Copy, Default)]
struct Failures {
    /// A question for a name is not answered, or by an error.
    names: f64,
    /// The first server of the domain is silent, not there, or says 503.
    server: f64,
    /// An answer of the name server comes within 12 s.
    slow: f64,
    /// A name server says something else: no service, records of another kind, an address where
    /// nobody is.
    lies: f64,
}

/// A packet on its way: when it arrives, in which order it left, whether to a server, which, and
/// what it is.
type Packet = Reverse<(Instant, u64, bool, SocketAddr, Vec<u8>)>;

/// The servers of acme.test, the first of which is preferred.
const SERVERS: [&str; 2] = ["192.0.2.1:5060", "192.0.2.2:5060"];

/// Where no server is.
const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

struct World {
    agent: Agent,
    now: Instant,
    start: Instant,
    random: SplitMix,
    weather: Weather,
    failures: Failures,
    on_the_way: BinaryHeap<Packet>,
    /// Answers of the name server that come later.
    late: BTreeMap<(Instant, QueryId), Result<Records, DnsError>>,
    order: u64,
    log: Vec<(u128, RegistererEventKind)>,
    /// REGISTERs that reached the server.
    arrived: usize,
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

impl World {
    fn new(seed: u64, weather: Weather, start: Instant) -> World {
        World::towards("sip:alice@192.0.2.1", seed, weather, start)
    }

    /// A world in which alice registers at `aor`.
    fn towards(aor: &str, seed: u64, weather: Weather, start: Instant) -> World {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut agent = Agent::new(bytes);
        agent.settings_mut().keep_alive = None;
        let local = address("0.0.0.0:5070");
        agent.set_listening(Some(Listening {
            local,
            families: AddressFamilies::V4,
            transport: Transport::Udp,
            contact_port: None,
        }));
        let login = CredentialText {
            username: "alice",
            userid: "alice",
            password: b"x",
            ha1: "",
            realm: "",
        };
        agent.add_credential(login).unwrap();
        let mut options = Options::new(aor);
        options.jitter = 0;
        agent.registerer_new(start, 1, options).unwrap();
        agent.registerer_register(start, 1).unwrap();
        World {
            agent,
            now: start,
            start,
            random: SplitMix(seed),
            weather,
            failures: Failures::default(),
            on_the_way: BinaryHeap::new(),
            late: BTreeMap::new(),
            order: 0,
            log: Vec::new(),
            arrived: 0,
        }
    }

    fn send(&mut self, to_server: bool, server: SocketAddr, bytes: &[u8]) {
        let copies = 1 + usize::from(self.random.unit() < self.weather.twice);
        for _ in 0..copies {
            let lost = self.random.unit() < self.weather.loss;
            let delay = Duration::from_secs_f64(self.random.unit() * self.weather.delay / 1000.0);
            if !lost {
                self.order += 1;
                let packet = (self.now + delay, self.order, to_server, server, bytes.to_vec());
                self.on_the_way.push(Reverse(packet));
            }
        }
    }

    /// The law: drain transmits, drain events.
    fn drain(&mut self) {
        while let Some(transmit) = self.agent.poll_transmit() {
            match transmit {
                Transmit::Send { flow, bytes } => {
                    let server = self.agent.flow(flow).unwrap().remote;
                    self.send(true, server, &bytes);
                }
                Transmit::Open { flow, .. } => {
                    let local = address("192.0.2.99:5070");
                    self.agent.handle_input(self.now, Input::Opened { flow, local });
                }
                Transmit::Close { .. } => panic!("no flow over UDP is closed"),
                Transmit::Query { query, name, kind } => {
                    let answer = self.records(&name, kind);
                    let is_slow =
                        self.failures.slow > 0.0 && self.random.unit() < self.failures.slow;
                    if let Some(answer) = answer {
                        if is_slow {
                            let delay = Duration::from_secs_f64(self.random.unit() * 12.0);
                            self.late.insert((self.now + delay, query), answer);
                            continue;
                        }
                        self.agent.handle_input(self.now, Input::Records { query, answer });
                    }
                }
            }
        }
        while let Some(event) = self.agent.poll_event() {
            if let Event::Registerer(event) = event {
                self.check_counts();
                self.log.push(((self.now - self.start).as_millis(), event.what));
            }
        }
    }

    /// The one account is counted as what it is.
    fn check_counts(&self) {
        let info = self.agent.registerer_info(self.now, 1).unwrap();
        let counts = self.agent.registerer_counts();
        let is = |state| usize::from(info.state == state);
        let counted = (counts.initial, counts.registered, counts.unregistered);
        assert_eq!(counted, (is(State::Initial), is(State::Registered), is(State::Unregistered)));
        assert_eq!(counts.by_status, BTreeMap::from([(info.status, 1)]));
    }

    /// What the name server says, if anything.
    fn records(&mut self, name: &str, kind: RecordKind) -> Option<Result<Records, DnsError>> {
        if self.random.unit() < self.failures.names {
            return (self.random.unit() < 0.5).then_some(Err(DnsError::ServerFailure));
        }
        let ttl = Duration::from_secs(60);
        if self.failures.lies > 0.0 && self.random.unit() < self.failures.lies {
            let nobody =
                Records::Addresses { ttl, addresses: vec![[192, 0, 2, 7].into()], zone: 0 };
            return Some(match self.random.next() % 4 {
                0 => Err(DnsError::NotOffered),
                1 => Ok(Records::Srv { ttl, records: Vec::new() }),
                2 => Err(DnsError::Malformed("it ends early")),
                _ => Ok(nobody),
            });
        }
        let of = |server: usize| format!("s{server}.acme.test");
        let record = |server: usize| SrvRecord {
            priority: server as u16,
            weight: 1,
            port: address(SERVERS[server]).port(),
            target: of(server),
        };
        Some(match (name, kind) {
            ("_sip._udp.acme.test", RecordKind::Srv) => {
                Ok(Records::Srv { ttl, records: (0..SERVERS.len()).map(record).collect() })
            }
            (_, RecordKind::A) => match (0..SERVERS.len()).find(|server| of(*server) == name) {
                Some(server) => Ok(Records::Addresses {
                    ttl,
                    addresses: vec![address(SERVERS[server]).ip()],
                    zone: 0,
                }),
                None => Err(DnsError::NotFound),
            },
            _ => Err(DnsError::NotFound),
        })
    }

    /// The registrar: it challenges what has no proof, and grants what has one. It keeps no state,
    /// so a duplicate gets the same answer.
    fn serve(&mut self, server: SocketAddr, bytes: &[u8]) {
        self.arrived += 1;
        let is_failing = server == address(SERVERS[0]) && self.random.unit() < self.failures.server;
        let failure = if is_failing { self.random.next() % 3 } else { 3 };
        match failure {
            0 => return,
            1 => {
                let flow = self.agent.flow_of(Transport::Udp, address("0.0.0.0:5070"), server);
                let input = Input::Failed { flow, error: refused(), bytes };
                return self.agent.handle_input(self.now, input);
            }
            _ => {}
        }
        if !SERVERS.iter().any(|known| address(known) == server) && server.ip() == NOBODY {
            return;
        }
        let request = Draft::parse(bytes).unwrap();
        let copied = ["Via", "From", "To", "Call-ID", "CSeq"]
            .map(|name| format!("{name}: {}\r\n", request.get(name).unwrap()));
        let (status, extra) = match request.get("Authorization") {
            _ if failure == 2 => ("503 Service Unavailable", String::new()),
            None => (
                "401 Unauthorized",
                "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n".to_owned(),
            ),
            Some(_) => {
                ("200 OK", format!("Contact: {};expires=600\r\n", request.get("Contact").unwrap()))
            }
        };
        let text =
            format!("SIP/2.0 {status}\r\n{}{extra}Content-Length: 0\r\n\r\n", copied.concat());
        self.send(false, server, text.as_bytes());
    }

    /// Runs until the event `wanted` has come, or `limit` has passed.
    fn run(&mut self, limit: Duration, wanted: impl Fn(RegistererEventKind) -> bool) {
        let end = self.start + limit;
        self.drain();
        while !self.log.iter().any(|(_, what)| wanted(*what)) {
            let packet = self.on_the_way.peek().map(|Reverse(packet)| packet.0);
            let timer = self.agent.poll_timeout();
            let late = self.late.first_key_value().map(|((at, _), _)| *at);
            let Some(next) =
                packet.into_iter().chain(timer).chain(late).min().filter(|next| *next <= end)
            else {
                break;
            };
            self.now = self.now.max(next);
            if late == Some(next) {
                if let Some(((_, query), answer)) = self.late.pop_first() {
                    self.agent.handle_input(self.now, Input::Records { query, answer });
                }
            } else if packet == Some(next) {
                let Some(Reverse((_, _, to_server, server, bytes))) = self.on_the_way.pop() else {
                    break;
                };
                if to_server {
                    self.serve(server, &bytes);
                } else {
                    let flow = self.agent.flow_of(Transport::Udp, address("0.0.0.0:5070"), server);
                    self.agent.handle_input(self.now, Input::Message { flow, bytes: &bytes });
                }
            } else {
                self.agent.handle_timeout(self.now);
            }
            self.drain();
        }
    }
}

/// The chance that a transaction of eleven transmissions gets its answer: in one of them, a copy of
/// the request has to arrive, and a copy of the answer to it.
fn transaction(weather: Weather) -> f64 {
    let Weather { loss, twice, .. } = weather;
    // What is sent once or twice fails when each of its copies does.
    let fails = |copy: f64| (1.0 - twice) * copy + twice * copy * copy;
    let request_copy = loss + (1.0 - loss) * fails(loss);
    1.0 - fails(request_copy).powi(11)
}

#[test]
fn ten_thousand_first_attempts_succeed_as_often_as_computed() {
    let start = Instant::now();
    let (mut made, mut expected, mut variance) = (0.0, 0.0, 0.0);
    for seed in 0..10_000_u64 {
        // Copies overtake each other. With a way there and back below T1 the closed form is exact.
        let part = |n: u64| (n % 100) as f64 / 100.0;
        let weather = Weather { loss: part(seed), twice: part(seed / 100), delay: 240.0 };
        let mut world = World::new(seed, weather, start);
        world.run(Duration::from_secs(70), |what| {
            matches!(what, RegistererEventKind::Accepted | RegistererEventKind::Rejected)
        });
        let (at, what) = *world
            .log
            .iter()
            .find(|(_, what)| {
                matches!(what, RegistererEventKind::Accepted | RegistererEventKind::Rejected)
            })
            .unwrap();
        assert!(at <= 64_500, "seed {seed}: no later than two timers F and a way there and back");
        let state = world.agent.registerer_state(1).unwrap();
        match what {
            RegistererEventKind::Accepted => {
                assert_eq!(state, State::Registered);
                made += 1.0;
            }
            _ => {
                let why = world.agent.registerer_explain(world.now, 1).unwrap();
                assert!(
                    why.starts_with("No answer from 192.0.2.1:5060 within 32 s: the server is down, or the way to it or back; trying again in "),
                    "{why}"
                );
            }
        }
        // A challenge and its answer: two transactions.
        let chance = transaction(weather).powi(2);
        expected += chance;
        variance += chance * (1.0 - chance);
    }
    let off: f64 = made - expected;
    assert!(off.abs() < 4.0 * f64::sqrt(variance), "{made} made it, {expected:.1} expected");
}

#[test]
fn in_any_weather_below_a_storm_every_account_ends_registered() {
    let start = Instant::now();
    for seed in 0..500_u64 {
        let mut random = SplitMix(seed ^ 0xabcd);
        let weather = Weather {
            loss: random.unit() * 0.6,
            twice: random.unit() * 0.5,
            delay: random.unit() * 6000.0,
        };
        let mut world = World::new(seed, weather, start);
        world.run(Duration::from_secs(3 * 3600), |what| {
            what == RegistererEventKind::State(State::Registered)
        });
        let why = world.agent.registerer_explain(world.now, 1).unwrap();
        assert_eq!(world.agent.registerer_state(1), Ok(State::Registered), "seed {seed}: {why}");
        assert!(world.arrived < 400, "seed {seed}: {} REGISTERs", world.arrived);
    }
}

#[test]
fn a_day_of_bad_weather_is_survived() {
    let start = Instant::now();
    for seed in 0..20_u64 {
        let weather = Weather { loss: 0.3, twice: 0.2, delay: 2000.0 };
        let mut world = World::new(seed, weather, start);
        world.run(Duration::from_secs(86_400), |what| {
            what == RegistererEventKind::State(State::Terminated)
        });
        let accepted =
            world.log.iter().filter(|(_, what)| *what == RegistererEventKind::Accepted).count();
        // One every 540 s, a few more for lost bindings.
        assert!((150..=200).contains(&accepted), "seed {seed}: {accepted}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let start = Instant::now();
    let story = |seed| {
        let mut world = World::new(seed, Weather { loss: 0.5, twice: 0.3, delay: 3000.0 }, start);
        world.run(Duration::from_secs(7200), |what| {
            what == RegistererEventKind::State(State::Terminated)
        });
        (world.log, world.arrived)
    };
    assert_eq!(story(5), story(5));
    assert_ne!(story(5), story(6));
}

#[test]
fn a_dead_server_is_left_for_the_next_within_one_attempt() {
    let start = Instant::now();
    for seed in 0..200_u64 {
        let weather = Weather { loss: 0.0, twice: 0.0, delay: 100.0 };
        let mut world = World::towards("sip:alice@acme.test", seed, weather, start);
        world.failures.server = 1.0;
        world.run(Duration::from_secs(32), |what| {
            matches!(what, RegistererEventKind::Accepted | RegistererEventKind::Rejected)
        });
        let first = world.log.iter().find(|(_, what)| {
            matches!(what, RegistererEventKind::Accepted | RegistererEventKind::Rejected)
        });
        assert_eq!(
            first.map(|(_, what)| *what),
            Some(RegistererEventKind::Accepted),
            "seed {seed}: {:?}",
            world.log
        );
    }
}

#[test]
fn with_names_and_a_server_that_fail_every_account_ends_registered() {
    let start = Instant::now();
    for seed in 0..500_u64 {
        let mut random = SplitMix(seed ^ 0x5eed);
        let weather = Weather {
            loss: random.unit() * 0.4,
            twice: random.unit() * 0.5,
            delay: random.unit() * 3000.0,
        };
        let mut world = World::towards("sip:alice@acme.test", seed, weather, start);
        world.failures =
            Failures { names: random.unit() * 0.6, server: random.unit(), ..Failures::default() };
        let is_first =
            |what| matches!(what, RegistererEventKind::Accepted | RegistererEventKind::Rejected);
        world.run(Duration::from_secs(65), is_first);
        assert!(world.log.iter().any(|(_, what)| is_first(*what)), "seed {seed} says nothing");
        let why = world.agent.registerer_explain(world.now, 1).unwrap();
        assert!(
            world.agent.registerer_state(1) == Ok(State::Registered) || why.contains("again"),
            "{why}"
        );
        world.run(Duration::from_secs(24 * 3600), |what| {
            what == RegistererEventKind::State(State::Registered)
        });
        let why = world.agent.registerer_explain(world.now, 1).unwrap();
        assert_eq!(world.agent.registerer_state(1), Ok(State::Registered), "seed {seed}: {why}");
        assert!(world.arrived < 400, "seed {seed}: {} REGISTERs", world.arrived);
    }
}

#[test]
fn whatever_the_dns_says_every_account_ends_registered_or_says_why() {
    let start = Instant::now();
    for seed in 0..10_000_u64 {
        let mut random = SplitMix(seed ^ 0xd05);
        let weather =
            Weather { loss: random.unit() * 0.2, twice: 0.0, delay: random.unit() * 500.0 };
        let mut world = World::towards("sip:alice@acme.test", seed, weather, start);
        world.failures = Failures {
            names: random.unit() * 0.3,
            server: random.unit() * 0.5,
            slow: random.unit(),
            lies: random.unit() * 0.3,
        };
        let is_first =
            |what| matches!(what, RegistererEventKind::Accepted | RegistererEventKind::Rejected);
        // A look-up and a timer F for each target, for the first REGISTER and its answer.
        world.run(Duration::from_secs(250), is_first);
        assert!(world.log.iter().any(|(_, what)| is_first(*what)), "seed {seed} says nothing");
        let why = world.agent.registerer_explain(world.now, 1).unwrap();
        let is_registered = world.agent.registerer_state(1) == Ok(State::Registered);
        assert!(is_registered || why.contains("again"), "seed {seed}: {why}");
        world.run(Duration::from_secs(6 * 3600), |what| {
            what == RegistererEventKind::State(State::Registered)
        });
        let why = world.agent.registerer_explain(world.now, 1).unwrap();
        assert_eq!(world.agent.registerer_state(1), Ok(State::Registered), "seed {seed}: {why}");
        assert!(world.arrived < 200, "seed {seed}: {} REGISTERs", world.arrived);
    }
}
