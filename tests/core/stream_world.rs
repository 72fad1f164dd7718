//! A seeded world of connections: refused, slow or never made, cut at any moment; servers that are
//! silent, say 503, or close after each answer. Every account ends registered or says why, by both
//! faces, and no server is asked without pause.

use crate::random::SplitMix;
use crate::two_flows::INSTANCE;
use register::agent::{
    AddressFamilies, Agent, CredentialText, DnsError, Event, EventKind, FlowId, InitialRegister,
    Input, Listening, RecordKind, Records, RegistererEventKind, SrvRecord, Transmit, Transport,
    TransportError, TransportSet,
};
use register::registration::policy::managed::{
    ManagedOptions as Options, RegistererState as State,
};
use register::sip::Draft;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What goes wrong, each the share of how often.
#[derive(Clone, Copy)]
struct Troubles {
    refused: f64,
    /// No connection is ever made.
    vanished: f64,
    /// The connection ends within 100 s.
    cut: f64,
    /// The server does not answer a request, says 503, or closes without or after its answer.
    server: f64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Opened(FlowId),
    /// Refused, closed or reset.
    Failed(FlowId, u64),
    AtServer(FlowId, Vec<u8>),
    AtAgent(FlowId, Vec<u8>),
    /// There is a way to the servers or not, and the system says that something has changed.
    Network(bool),
    /// The machine sleeps for so many seconds.
    Sleep(u64),
}

struct World {
    agent: Agent,
    start: Instant,
    now: Instant,
    random: SplitMix,
    troubles: Troubles,
    /// Nothing goes wrong any more from then on.
    calm_at: Duration,
    /// Our address on each connection that the agent knows, once it is open.
    flows: HashMap<FlowId, Option<SocketAddr>>,
    /// Connections that were not made, or ended.
    ended: HashSet<FlowId>,
    has_way: bool,
    happenings: BinaryHeap<Reverse<(Instant, u64, Happening)>>,
    order: u64,
    /// What was outcomes: whether it is a success, and why not.
    outcomes: Vec<(bool, String)>,
    /// REGISTERs that reached a server.
    arrived: usize,
    /// The servers do outbound, and the registration has two flows.
    has_two_flows: bool,
}

const SERVERS: [&str; 3] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];

impl World {
    /// Alice registers at acme.test, whose two servers have two addresses and one.
    fn new(seed: u64, start: Instant) -> World {
        World::with_flows(1, seed, start)
    }

    /// The same by a managed registration with two flows.
    fn with_two_flows(seed: u64, start: Instant) -> World {
        World::with_flows(2, seed * 2, start)
    }

    fn with_flows(flows: u8, seed: u64, start: Instant) -> World {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut agent = Agent::new(bytes);
        agent.set_transports(TransportSet { udp: true, tcp: true, tls: true });
        let is_managed = seed % 2 == 0;
        let transport = if is_managed { Transport::Udp } else { Transport::Tcp };
        let (local, families) = ("0.0.0.0:5070".parse().unwrap(), AddressFamilies::V4);
        agent.set_listening(Some(Listening { local, families, transport, contact_port: None }));
        let (username, password) = ("alice", b"x");
        let login = CredentialText { username, userid: username, password, ha1: "", realm: "" };
        agent.add_credential(login).unwrap();
        if is_managed {
            let mut options = Options::new("sip:alice@acme.test");
            options.transport = Some(Transport::Tcp);
            options.instance = Some(INSTANCE.into());
            options.flows = flows;
            agent.registerer_new(start, 1, options).unwrap();
            agent.registerer_register(start, 1).unwrap();
        } else {
            let (from, proxy) = ("sip:alice@acme.test", "sip:acme.test");
            let ask = InitialRegister { from, proxy, contact: None, expires: 600, q: None };
            let text = agent.build_initial_register(1, ask).unwrap();
            agent.send_register(start, 1, Some(&text)).unwrap();
        }
        let mut random = SplitMix(seed);
        let troubles = Troubles {
            refused: random.unit() * 0.5,
            vanished: random.unit() * 0.4,
            cut: random.unit(),
            server: random.unit() * 0.6,
        };
        World {
            agent,
            start,
            now: start,
            random,
            troubles,
            calm_at: Duration::from_secs(300),
            flows: HashMap::new(),
            ended: HashSet::new(),
            has_way: true,
            happenings: BinaryHeap::new(),
            order: 0,
            outcomes: Vec::new(),
            arrived: 0,
            has_two_flows: flows > 1,
        }
    }

    fn is_managed(&self) -> bool {
        self.agent.registerer_state(1).is_ok()
    }

    fn goes_wrong(&mut self, share: f64) -> bool {
        let drawn = self.random.unit();
        self.now - self.start < self.calm_at && drawn < share
    }

    fn later(&mut self, wait: Duration, what: Happening) {
        self.order += 1;
        self.happenings.push(Reverse((self.now + wait, self.order, what)));
    }

    /// The network comes and goes, and the machine sleeps, before all is calm.
    fn come_and_go(&mut self) {
        let most = self.calm_at.as_secs_f64() * 1000.0;
        for _ in 0..self.random.next() % 6 {
            let (at, has_way) = (self.random.up_to(most), self.random.unit() < 0.5);
            self.later(at, Happening::Network(has_way));
        }
        for _ in 0..self.random.next() % 3 {
            let (at, seconds) = (self.random.up_to(most), self.random.next() % 4000);
            self.later(at, Happening::Sleep(seconds));
        }
        self.later(self.calm_at, Happening::Network(true));
    }

    fn open(&mut self, flow: FlowId, remote: SocketAddr) {
        let wait = self.random.up_to(1500.0);
        let known = self.flows.get(&flow).copied();
        assert_ne!(known, Some(None), "opened twice");
        let input = match known.flatten() {
            _ if !self.has_way => {
                if known.is_none() {
                    self.ended.insert(flow);
                }
                let error = TransportError::NoRoute { to: remote.ip(), errno: 101 };
                Input::Failed { flow, error, bytes: &[] }
            }
            // It is asked whether our address is another one.
            Some(local) => Input::Opened { flow, local },
            None => return self.connect(flow, wait),
        };
        self.agent.handle_input(self.now, input);
    }

    fn connect(&mut self, flow: FlowId, wait: Duration) {
        self.flows.insert(flow, None);
        if self.goes_wrong(self.troubles.refused) {
            return self.later(wait, Happening::Failed(flow, 0));
        }
        if self.goes_wrong(self.troubles.vanished) {
            return;
        }
        self.later(wait, Happening::Opened(flow));
        if self.goes_wrong(self.troubles.cut) {
            let (life, how) = (self.random.up_to(100_000.0), 1 + self.random.next() % 2);
            self.later(wait + life, Happening::Failed(flow, how));
        }
    }

    fn drain(&mut self) {
        while let Some(transmit) = self.agent.poll_transmit() {
            match transmit {
                Transmit::Send { flow, bytes } => {
                    let local = self.flows.get(&flow).copied().flatten();
                    assert!(local.is_some(), "sent over one that is open");
                    let wait = self.random.up_to(200.0);
                    self.later(wait, Happening::AtServer(flow, bytes.to_vec()));
                }
                Transmit::Open { flow, target } => {
                    assert_eq!(target.transport, Transport::Tcp);
                    self.open(flow, target.remote);
                }
                Transmit::Close { flow } => {
                    // One that could not be connected may wait for others of its server.
                    let is_known = self.flows.remove(&flow).is_some();
                    assert!(is_known || self.ended.remove(&flow), "closed once");
                }
                Transmit::Query { query, name, kind } => {
                    let answer = records(&name, kind);
                    self.agent.handle_input(self.now, Input::Records { query, answer });
                }
            }
        }
        while let Some(event) = self.agent.poll_event() {
            match event {
                Event::Registerer(event) => match event.what {
                    RegistererEventKind::Accepted => self.outcomes.push((true, String::new())),
                    RegistererEventKind::Rejected => self.outcomes.push((false, event.reason)),
                    _ => {}
                },
                Event::Application(event) => {
                    let is_success = event.kind == EventKind::RegistrationSuccess;
                    // A challenge is no outcome.
                    let status = event.response.as_ref().map(|bytes| bytes[8..11].to_vec());
                    if status.as_deref() != Some(b"401") {
                        let status = status.map(|code| String::from_utf8(code).unwrap());
                        let why = status.unwrap_or_default() + &event.text;
                        self.outcomes.push((is_success, why));
                    }
                }
                Event::Released(_) | Event::Log(..) => {}
            }
        }
        if !self.is_managed() && self.agent.is_due(self.now) {
            self.agent.automatic_action(self.now);
            if self.agent.has_transmits() {
                self.drain();
            }
        }
    }

    fn serve(&mut self, flow: FlowId, bytes: &[u8]) {
        if bytes == b"\r\n\r\n" {
            return self.later(Duration::ZERO, Happening::AtAgent(flow, b"\r\n".to_vec()));
        }
        self.arrived += 1;
        let failure = match self.goes_wrong(self.troubles.server) {
            true => self.random.next() % 4,
            false => 4,
        };
        let request = Draft::parse(bytes).unwrap();
        let copied = ["Via", "From", "To", "Call-ID", "CSeq"]
            .map(|name| format!("{name}: {}\r\n", request.get(name).unwrap()));
        let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";
        let (status, extra) = match (failure, request.get("Authorization")) {
            (0, _) => return,
            (1, _) => return self.later(Duration::ZERO, Happening::Failed(flow, 1)),
            (2, _) => ("503 Service Unavailable", String::new()),
            (_, None) => ("401 Unauthorized", challenge.to_owned()),
            (_, Some(_)) => {
                let contacts = crate::common::contacts(&request);
                let ours = contacts.iter().find(|one| !one.contains("expires=0")).unwrap();
                let outbound = if self.has_two_flows { "Require: outbound\r\n" } else { "" };
                ("200 OK", format!("{outbound}Contact: {ours};expires=600\r\n"))
            }
        };
        let text =
            format!("SIP/2.0 {status}\r\n{}{extra}Content-Length: 0\r\n\r\n", copied.concat());
        let wait = self.random.up_to(200.0);
        self.later(wait, Happening::AtAgent(flow, text.into_bytes()));
        if failure == 3 {
            self.later(wait, Happening::Failed(flow, 1));
        }
    }

    /// What becomes of a connection that the agent still knows.
    fn happen(&mut self, what: Happening) {
        let now = self.now;
        match what {
            Happening::Opened(flow) if self.has_way && self.flows.contains_key(&flow) => {
                let port = 40_000 + (self.order % 20_000) as u16;
                let local = SocketAddr::from(([192, 0, 2, 99], port));
                self.flows.insert(flow, Some(local));
                self.agent.handle_input(now, Input::Opened { flow, local });
            }
            Happening::Failed(flow, how) if self.flows.remove(&flow).is_some() => {
                self.ended.insert(flow);
                let errors =
                    [TransportError::Refused, TransportError::Closed, TransportError::Reset];
                let error = errors[how as usize].clone();
                self.agent.handle_input(now, Input::Failed { flow, error, bytes: &[] });
            }
            Happening::AtServer(flow, bytes) if self.has_way && self.flows.contains_key(&flow) => {
                self.serve(flow, &bytes);
            }
            Happening::AtAgent(flow, bytes) if self.has_way && self.flows.contains_key(&flow) => {
                self.agent.handle_input(now, Input::Message { flow, bytes: &bytes });
            }
            Happening::Network(has_way) => {
                self.has_way = has_way;
                self.agent.handle_input(now, Input::Interfaces);
            }
            Happening::Sleep(seconds) => {
                let slept = Duration::from_secs(seconds);
                self.now += slept;
                self.agent.handle_input(self.now, Input::Resumed { slept });
            }
            _ => {}
        }
    }

    /// Runs until `is_over`, or `limit` has passed.
    fn run(&mut self, limit: Duration, is_over: impl Fn(&World) -> bool) {
        let end = self.start + limit;
        self.drain();
        while !is_over(self) {
            let happening = self.happenings.peek().map(|Reverse((at, ..))| *at);
            let next = happening.into_iter().chain(self.agent.poll_timeout()).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            match self.happenings.pop() {
                Some(Reverse((at, _, what))) if at <= next => self.happen(what),
                other => {
                    self.happenings.extend(other);
                    self.agent.handle_timeout(self.now);
                }
            }
            self.drain();
        }
        self.now = self.now.max(end.min(self.now));
    }

    fn is_registered(&self) -> bool {
        match self.agent.registerer_state(1) {
            Ok(state) => state == State::Registered,
            Err(_) => self.outcomes.last().is_some_and(|(is_success, _)| *is_success),
        }
    }
}

fn records(name: &str, kind: RecordKind) -> Result<Records, DnsError> {
    let ttl = Duration::from_secs(60);
    let addresses = |texts: &[&str]| {
        let addresses = texts.iter().map(|text| text.parse().unwrap()).collect();
        Ok(Records::Addresses { ttl, addresses, zone: 0 })
    };
    match (name, kind) {
        ("_sip._tcp.acme.test", RecordKind::Srv) => {
            let record = |priority: u16| SrvRecord {
                priority,
                weight: 1,
                port: 5060,
                target: format!("s{priority}.acme.test"),
            };
            Ok(Records::Srv { ttl, records: vec![record(1), record(2)] })
        }
        ("s1.acme.test", RecordKind::A) => addresses(&SERVERS[..2]),
        ("s2.acme.test", RecordKind::A) => addresses(&SERVERS[2..]),
        _ => Err(DnsError::NotFound),
    }
}

/// From `calm` on it is registered over one flow, and asks no more often than it has to.
fn stays_registered(world: &mut World, seed: u64, calm: Duration) {
    world.run(calm, |_| false);
    assert!(world.is_registered(), "seed {seed}: {:?}", world.outcomes.last());
    let (seen, asked) = (world.outcomes.len(), world.arrived);
    world.run(calm + Duration::from_secs(3600), |_| false);
    assert!(world.outcomes[seen..].iter().all(|(is_success, _)| *is_success), "seed {seed}");
    let flows = if world.has_two_flows { 2 } else { 1 };
    assert!(world.arrived - asked <= 14 * flows, "seed {seed}: {}", world.arrived - asked);
    assert_eq!(world.flows.len(), flows, "seed {seed}");
}

#[test]
fn in_ten_thousand_worlds_every_account_ends_registered_or_says_why() {
    let start = Instant::now();
    let mut at_once = 0;
    for seed in 0..10_000_u64 {
        let mut world = World::new(seed, start);
        // Two servers, each with 10 s to connect and Timer F, for a challenge and its answer.
        world.run(Duration::from_secs(4 * 42), |world| !world.outcomes.is_empty());
        let (is_success, why) = world.outcomes.first().unwrap_or_else(|| panic!("seed {seed}"));
        assert!(*is_success || !why.is_empty(), "seed {seed} says nothing");
        at_once += usize::from(*is_success);
    }
    assert!((4_000..9_900).contains(&at_once), "{at_once} are registered at the first attempt");
}

#[test]
fn once_all_is_calm_every_account_is_registered_and_stays() {
    let start = Instant::now();
    for seed in 0..300_u64 {
        let mut world = World::new(seed, start);
        world.run(world.calm_at, |_| false);
        let asked = world.arrived;
        assert!(asked < 120, "seed {seed}: {asked} REGISTERs in 300 s");
        // A flow that is cut late, and the longest wait after that.
        let calm = world.calm_at + Duration::from_secs(100 + 1800);
        stays_registered(&mut world, seed, calm);
    }
}

#[test]
fn where_networks_and_machines_go_every_account_comes_back() {
    let start = Instant::now();
    for seed in 0..400_u64 {
        let mut world = World::new(seed, start);
        world.come_and_go();
        world.run(world.calm_at, |_| false);
        let calm = world.now.max(start + world.calm_at) - start;
        let asked = world.arrived;
        assert!(asked < 200, "seed {seed}: {asked} REGISTERs before all is calm");
        let calm = calm + Duration::from_secs(100 + 1800);
        stays_registered(&mut world, seed, calm);
    }
}

#[test]
fn with_two_flows_every_account_ends_registered_or_says_why() {
    let start = Instant::now();
    for seed in 0..1_000_u64 {
        let mut world = World::with_two_flows(seed, start);
        world.run(Duration::from_secs(4 * 42), |world| !world.outcomes.is_empty());
        let (is_success, why) = world.outcomes.first().unwrap_or_else(|| panic!("seed {seed}"));
        assert!(*is_success || !why.is_empty(), "seed {seed} says nothing");
    }
}

#[test]
fn with_two_flows_both_are_back_once_all_is_calm() {
    let start = Instant::now();
    for seed in 0..150_u64 {
        let mut world = World::with_two_flows(seed, start);
        if seed % 2 == 0 {
            world.come_and_go();
        }
        world.run(world.calm_at, |_| false);
        let asked = world.arrived;
        assert!(asked < 400, "seed {seed}: {asked} REGISTERs before all is calm");
        let calm = world.now.max(start + world.calm_at) - start;
        // Each flow has its own longest wait.
        stays_registered(&mut world, seed, calm + Duration::from_secs(100 + 3600));
    }
}

#[test]
fn with_two_flows_the_state_is_that_of_either() {
    let start = Instant::now();
    let (mut two, mut one) = (0, 0);
    for seed in 0..100_u64 {
        for (world, registered) in [
            (&mut World::with_two_flows(seed, start), &mut two),
            (&mut World::new(seed * 2, start), &mut one),
        ] {
            // Their connections are cut and their servers fail all the time.
            world.calm_at = Duration::from_secs(10_000);
            for step in 1..=30 {
                world.run(Duration::from_secs(step * 20), |_| false);
                *registered += usize::from(world.is_registered());
            }
        }
    }
    assert!(two > one, "{two} of 3000 with two flows, {one} with one");
}

#[test]
fn the_same_seed_connects_in_the_same_way() {
    let start = Instant::now();
    let story = |seed| {
        let mut world = World::new(seed, start);
        world.run(Duration::from_secs(1000), |_| false);
        (world.outcomes, world.arrived, world.order)
    };
    for seed in [4, 5] {
        assert_eq!(story(seed), story(seed));
    }
    assert_ne!(story(4), story(6));
}
