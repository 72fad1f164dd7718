//! A scripted registrar for the core: one agent, one clock that only the test moves, no socket.

use crate::answers::values;
pub use crate::answers::{param, response, seen_answer, www};
use register::agent::{
    AddressFamilies, Agent, ApplicationEvent, CredentialText, DnsError, Event, EventKind, FlowId,
    IcmpError, InitialRegister, Input, Listening, QueryId, RecordKind, Records, Refusal,
    RegistererEvent, RegistererEventKind, Rid, SrvRecord, Target, Transmit, Transport,
    TransportError,
};
use register::registration::policy::managed::{
    ManagedOptions as Options, RegistererState as State,
};
use register::sip::Draft;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub const REGISTRAR: &str = "192.0.2.1:5060";
pub const LOCAL: &str = "192.0.2.99:5070";

pub struct World {
    pub agent: Agent,
    start: Instant,
    now: Instant,
    /// The servers of domains, or why they have no address. A domain with none offers no SIP; other
    /// names do not exist.
    pub names: Vec<(&'static str, Result<Vec<SocketAddr>, DnsError>)>,
    /// Our address towards servers where it is not `LOCAL`, or why there is none.
    pub locals: Vec<(SocketAddr, Result<SocketAddr, TransportError>)>,
    /// Questions for names stay unanswered.
    pub mute_resolver: bool,
    /// Questions for this name and those below it stay unanswered.
    pub silent: Option<&'static str>,
    /// The priority of all servers; `None`: each has one of its own.
    pub priority: Option<u16>,
    /// The questions that stayed unanswered.
    muted: Vec<(QueryId, String, RecordKind)>,
    /// SRV records were asked for.
    pub servers_asked: bool,
    pub notices: Vec<ApplicationEvent>,
    pub notes: Vec<String>,
    /// The events of managed registrations.
    pub managed_events: Vec<RegistererEvent>,
    pub ended: usize,
    /// Connections that the agent wants to open, until the test says what becomes of them.
    pub opening: Vec<(FlowId, Target)>,
    /// Connections that the agent has closed.
    pub closed: Vec<FlowId>,
    /// What was sent last went over this flow.
    pub last_flow: Option<FlowId>,
    next_rid: Rid,
}

pub fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// An IPv4 socket of port 5070, which can be used towards IPv6 too.
pub fn listening() -> Listening {
    Listening {
        local: addr("0.0.0.0:5070"),
        families: AddressFamilies::Both,
        transport: Transport::Udp,
        contact_port: None,
    }
}

/// What the network says when nobody listens at the registrar's port.
pub fn refused() -> TransportError {
    let from = Some([192, 0, 2, 1].into());
    TransportError::Icmp(IcmpError {
        errno: 111,
        is_v6: false,
        kind: 3,
        code: 3,
        path_mtu: None,
        from,
    })
}

impl World {
    pub fn new() -> Self {
        World::with_seed(7)
    }

    pub fn with_seed(seed: u8) -> Self {
        let mut agent = Agent::new([seed; 32]);
        agent.settings_mut().keep_alive = None;
        agent.set_listening(Some(listening()));
        // The one clock reading of the suite: instants have no other origin.
        #[allow(clippy::disallowed_methods)]
        let start = Instant::now();
        World {
            agent,
            start,
            now: start,
            names: Vec::new(),
            locals: Vec::new(),
            mute_resolver: false,
            silent: None,
            priority: None,
            muted: Vec::new(),
            servers_asked: false,
            notices: Vec::new(),
            notes: Vec::new(),
            managed_events: Vec::new(),
            ended: 0,
            opening: Vec::new(),
            closed: Vec::new(),
            last_flow: None,
            next_rid: 0,
        }
    }

    /// A world whose user alice has a password.
    pub fn with_alice() -> Self {
        let mut world = World::new();
        world.credential("alice", "secret", "");
        world
    }

    pub fn credential(&mut self, user: &str, password: &str, realm: &str) {
        let text = CredentialText {
            username: user,
            userid: user,
            password: password.as_bytes(),
            ha1: "",
            realm,
        };
        self.agent.add_credential(text).unwrap();
    }

    pub fn now(&self) -> Instant {
        self.now
    }

    /// Milliseconds since the start of the world.
    pub fn millis(&self) -> u128 {
        (self.now - self.start).as_millis()
    }

    /// Moves the clock to `ms` after the start and fires what is due there; fails when a timer was
    /// due before.
    pub fn at(&mut self, ms: u64) -> &mut Self {
        let to = self.start + Duration::from_millis(ms);
        assert!(to >= self.now, "the clock runs forward");
        self.now = to;
        self.agent.handle_timeout(to);
        self
    }

    /// Moves the clock to `ms` without firing what was due on the way.
    pub fn at_once(&mut self, ms: u64) {
        self.now = self.start + Duration::from_millis(ms);
    }

    /// Moves the clock to `ms`, firing each timer at its own instant. What was sent on the way,
    /// with its instant.
    pub fn run_to(&mut self, ms: u64) -> Vec<(u128, Draft)> {
        let end = self.start + Duration::from_millis(ms);
        let mut sent: Vec<_> =
            self.sent().into_iter().map(|draft| (self.millis(), draft)).collect();
        while let Some(next) = self.agent.poll_timeout().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            self.agent.handle_timeout(self.now);
            let at = self.millis();
            sent.extend(self.sent().into_iter().map(|draft| (at, draft)));
        }
        self.now = end;
        sent
    }

    /// Everything the agent wants out now, as datagrams with their destination; questions are
    /// answered on the way.
    pub fn raw_sent(&mut self) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut sent = Vec::new();
        while let Some(transmit) = self.agent.poll_transmit() {
            match transmit {
                Transmit::Send { flow, bytes } => {
                    sent.push((self.agent.flow(flow).unwrap().remote, bytes.to_vec()));
                    self.last_flow = Some(flow);
                }
                Transmit::Open { flow, target } if target.transport.is_reliable() => {
                    self.opening.push((flow, target));
                }
                Transmit::Open { flow, target } => {
                    let known = self.locals.iter().find(|(remote, _)| *remote == target.remote);
                    let input = match known.map_or(Ok(addr(LOCAL)), |known| known.1.clone()) {
                        Ok(local) => Input::Opened { flow, local },
                        Err(error) => Input::Failed { flow, error, bytes: &[] },
                    };
                    self.agent.handle_input(self.now, input);
                }
                Transmit::Close { flow } => self.closed.push(flow),
                Transmit::Query { query, name, kind }
                    if self.mute_resolver
                        || self.silent.is_some_and(|silent| name.ends_with(silent)) =>
                {
                    self.muted.push((query, name, kind));
                }
                Transmit::Query { query, name, kind } => {
                    self.servers_asked |= kind == RecordKind::Srv;
                    let answer = self.records(&name, kind);
                    self.agent.handle_input(self.now, Input::Records { query, answer });
                }
            }
        }
        self.drain_events();
        sent
    }

    /// What the name server says: each server of a domain has a name and a priority of its own.
    fn records(&self, name: &str, kind: RecordKind) -> Result<Records, DnsError> {
        let ttl = Duration::from_secs(60);
        let servers = |domain: &str| self.names.iter().find(|(name, _)| *name == domain);
        if kind == RecordKind::Srv {
            let domain = ["_sip._udp.", "_sip._tcp.", "_sips._tcp."]
                .into_iter()
                .find_map(|service| name.strip_prefix(service))
                .unwrap();
            let Some((_, Ok(servers))) = servers(domain) else { return Err(DnsError::NotFound) };
            if servers.is_empty() {
                return Err(DnsError::NotOffered);
            }
            let record = |(at, server): (usize, &SocketAddr)| SrvRecord {
                priority: self.priority.unwrap_or(at as u16),
                weight: 0,
                port: server.port(),
                target: format!("s{at}.{domain}"),
            };
            return Ok(Records::Srv {
                ttl,
                records: servers.iter().enumerate().map(record).collect(),
            });
        }
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        let number = first.strip_prefix('s').and_then(|number| number.parse::<usize>().ok());
        let found = match (servers(name), number) {
            (Some((_, found)), _) => found.clone()?,
            (None, Some(number)) => {
                let Some((_, Ok(servers))) = servers(rest) else { return Err(DnsError::NotFound) };
                vec![servers[number]]
            }
            (None, None) => return Err(DnsError::System("no such host".to_owned())),
        };
        let is_wanted = |server: &&SocketAddr| server.is_ipv4() == (kind == RecordKind::A);
        let addresses: Vec<_> = found.iter().filter(is_wanted).map(SocketAddr::ip).collect();
        if addresses.is_empty() {
            Err(DnsError::NoData)
        } else {
            let zone = if name.contains('%') { 3 } else { 0 };
            Ok(Records::Addresses { ttl, addresses, zone })
        }
    }

    /// Answers the questions that stayed unanswered.
    pub fn answer_muted(&mut self) {
        self.mute_resolver = false;
        for (query, name, kind) in std::mem::take(&mut self.muted) {
            let answer = self.records(&name, kind);
            self.agent.handle_input(self.now, Input::Records { query, answer });
        }
    }

    /// The network says that `bytes` did not reach `to`.
    pub fn undelivered(&mut self, to: SocketAddr, error: TransportError, bytes: &[u8]) {
        let flow = self.agent.flow_of(Transport::Udp, listening().local, to);
        self.agent.handle_input(self.now, Input::Failed { flow, error, bytes });
    }

    /// An address of ours came or went.
    pub fn interfaces_changed(&mut self) {
        self.agent.handle_input(self.now, Input::Interfaces);
    }

    /// The SIP requests the agent wants out now.
    pub fn sent(&mut self) -> Vec<Draft> {
        let raw = self.raw_sent();
        raw.iter()
            .filter(|(_, bytes)| bytes.len() > 4)
            .map(|(_, bytes)| Draft::parse(bytes).unwrap())
            .collect()
    }

    /// The one request the agent wants out now.
    pub fn one(&mut self) -> Draft {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "one request: {sent:#?} {:#?}", self.notes);
        sent.remove(0)
    }

    /// Takes what the agent has said into `managed_events`, `notes` and the like.
    pub fn drain_events(&mut self) {
        while let Some(event) = self.agent.poll_event() {
            match event {
                Event::Application(notice) => self.notices.push(notice),
                Event::Log(_, text) => self.notes.push(text),
                Event::Released(_) => self.ended += 1,
                Event::Registerer(event) => self.managed_events.push(event),
            }
        }
    }

    /// The application events since the last call.
    pub fn events(&mut self) -> Vec<ApplicationEvent> {
        self.drain_events();
        std::mem::take(&mut self.notices)
    }

    /// The one application event since the last call.
    pub fn event(&mut self) -> ApplicationEvent {
        let mut events = self.events();
        assert_eq!(events.len(), 1, "one event: {events:#?}");
        events.remove(0)
    }

    pub fn receive(&mut self, bytes: &[u8]) {
        self.receive_from(addr(REGISTRAR), bytes);
    }

    pub fn receive_from(&mut self, from: SocketAddr, bytes: &[u8]) {
        self.receive_at(self.now, from, bytes);
    }

    /// The same by a clock that was read at `at`.
    pub fn receive_at(&mut self, at: Instant, from: SocketAddr, bytes: &[u8]) {
        let flow = self.agent.flow_of(Transport::Udp, listening().local, from);
        self.agent.handle_input(at, Input::Message { flow, bytes });
    }

    /// The text of a response to a request from outside.
    pub fn build_answer(&mut self, tid: i32, status: u16) -> Result<Vec<u8>, Refusal> {
        self.agent.build_answer(self.now, tid, status)
    }

    /// Answers `request` with `status` and extra header lines.
    pub fn answer(&mut self, request: &Draft, status: &str, extra: &[&str]) {
        let text = response(request, status, extra);
        self.receive(&text);
    }

    /// Answers with 200 and the request's own Contact, granted for `expires`.
    pub fn grant(&mut self, request: &Draft, expires: u32) {
        let contact = request.get("Contact").unwrap().to_owned();
        self.answer(request, "200 OK", &[&format!("Contact: {contact};expires={expires}")]);
    }

    /// Builds the first REGISTER of alice for `expires`; it is not sent.
    pub fn build(&mut self, expires: i32) -> (Rid, Vec<u8>) {
        self.build_with(InitialRegister {
            from: "sip:alice@acme.test",
            proxy: "sip:192.0.2.1",
            contact: None,
            expires,
            q: None,
        })
    }

    pub fn build_with(&mut self, ask: InitialRegister<'_>) -> (Rid, Vec<u8>) {
        self.next_rid += 1;
        let text = self.agent.build_initial_register(self.next_rid, ask).unwrap();
        (self.next_rid, text)
    }

    /// Builds and sends the first REGISTER of alice.
    pub fn register(&mut self, expires: i32) -> (Rid, Draft) {
        let (rid, text) = self.build(expires);
        self.send(rid, &text);
        (rid, self.one())
    }

    pub fn send(&mut self, rid: Rid, text: &[u8]) {
        self.agent.send_register(self.now, rid, Some(text)).unwrap();
    }

    /// A registration that the server granted for `expires` seconds at the present instant.
    pub fn registered(&mut self, expires: u32) -> (Rid, Draft) {
        let (rid, request) = self.register(expires as i32);
        self.grant(&request, expires);
        assert_eq!(self.event().kind, EventKind::RegistrationSuccess);
        (rid, request)
    }

    /// A registration of alice that is managed, without jitter; nothing is sent.
    pub fn managed(&mut self, change: impl FnOnce(&mut Options)) -> Rid {
        self.next_rid += 1;
        let mut options = Options::new("sip:alice@acme.test");
        options.registrar = "sip:192.0.2.1".to_owned();
        options.jitter = 0;
        change(&mut options);
        self.agent.registerer_new(self.now, self.next_rid, options).unwrap();
        self.next_rid
    }

    /// The same, made to register; its first REGISTER.
    pub fn managed_register(&mut self, change: impl FnOnce(&mut Options)) -> (Rid, Draft) {
        let rid = self.managed(change);
        self.agent.registerer_register(self.now, rid).unwrap();
        (rid, self.one())
    }

    /// The same, granted for `expires` seconds at the present instant.
    pub fn managed_registered(
        &mut self,
        expires: u32,
        change: impl FnOnce(&mut Options),
    ) -> (Rid, Draft) {
        let (rid, request) = self.managed_register(|options| {
            options.expires = expires;
            change(options);
        });
        self.grant(&request, expires);
        assert_eq!(self.state(rid), State::Registered);
        (rid, request)
    }

    pub fn state(&self, rid: Rid) -> State {
        self.agent.registerer_state(rid).unwrap()
    }

    pub fn explain(&self, rid: Rid) -> String {
        self.agent.registerer_explain(self.now, rid).unwrap()
    }

    /// The states of `rid` since the last call.
    pub fn states(&mut self, rid: Rid) -> Vec<State> {
        let state = |what| match what {
            RegistererEventKind::State(state) => Some(state),
            _ => None,
        };
        self.take_managed_events(rid).filter_map(state).collect()
    }

    /// The events of `rid` since the last call, states aside.
    pub fn registerer_events(&mut self, rid: Rid) -> Vec<RegistererEventKind> {
        let is_state = |what: &_| matches!(what, RegistererEventKind::State(_));
        self.take_managed_events(rid).filter(|what| !is_state(what)).collect()
    }

    fn take_managed_events(&mut self, rid: Rid) -> impl Iterator<Item = RegistererEventKind> {
        self.drain_events();
        let events = std::mem::take(&mut self.managed_events).into_iter();
        events.filter(move |event| event.rid == rid).map(|event| event.what)
    }

    /// Moves the clock from timer to timer up to `ms`; nothing may be sent on the way.
    pub fn quiet_to(&mut self, ms: u64) {
        let sent = self.run_to(ms);
        assert!(sent.is_empty(), "nothing until {ms} ms: {sent:#?}");
    }

    /// Fires what is due at the present instant.
    pub fn tick(&mut self) {
        self.agent.handle_timeout(self.now);
    }

    /// Nothing before `ms`, one request there.
    pub fn one_at(&mut self, ms: u64) -> Draft {
        self.quiet_to(ms - 1);
        let mut sent = self.run_to(ms);
        assert_eq!(sent.len(), 1, "one request at {ms} ms: {sent:#?}");
        sent.remove(0).1
    }

    /// What `automatic_action` sends now.
    pub fn automatic(&mut self) -> Vec<Draft> {
        self.agent.automatic_action(self.now);
        self.sent()
    }

    /// The one request that `automatic_action` sends now.
    pub fn automatic_one(&mut self) -> Draft {
        let mut sent = self.automatic();
        assert_eq!(sent.len(), 1, "one request: {sent:#?} {:#?}", self.notes);
        sent.remove(0)
    }
}

pub fn contacts(request: &Draft) -> Vec<String> {
    values(request, "Contact")
}

/// 200 with all Contacts of the request that are not removed.
pub fn granted(world: &mut World, request: &Draft, received: &str, port: &str) {
    let kept: Vec<String> = contacts(request)
        .iter()
        .filter(|one| !one.ends_with(";expires=0"))
        .map(|one| format!("Contact: {one};expires=600"))
        .collect();
    let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
    let bytes = seen_answer(request, "200 OK", received, port, &kept);
    world.receive(&bytes);
}

/// The next REGISTER that is sent by itself.
pub fn next(world: &mut World, rid: i32) -> Draft {
    let wait = world.agent.registerer_info(world.now(), rid).unwrap().next.unwrap();
    let at = world.millis() as u64 + wait.as_nanos().div_ceil(1_000_000) as u64;
    let mut sent = world.run_to(at);
    assert_eq!(sent.len(), 1, "{sent:#?}");
    sent.remove(0).1
}
