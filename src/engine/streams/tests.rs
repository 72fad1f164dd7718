use super::*;
use crate::net::Bind;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

const LONG: Duration = Duration::from_secs(20);
const OK: &[u8] = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n";

/// The streams of a context, and the time.
struct World {
    streams: Streams,
    agent: Agent,
    now: Instant,
}

impl World {
    fn new() -> World {
        let endpoint = Arc::new(Endpoint::new(None).unwrap());
        World { streams: Streams::new(endpoint), agent: Agent::new([0; 32]), now: Instant::now() }
    }

    /// A connection that the application has made: the flow, and its other end.
    fn connected(&mut self) -> (FlowId, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let made = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (local, remote) = (made.local_addr().unwrap(), made.peer_addr().unwrap());
        self.streams.adopt(made.into(), 0, &mut self.agent);
        let flow = self.agent.flow_of(Transport::Tcp, local, remote);
        (flow, listener.accept().unwrap().0)
    }

    /// A port that accepts connections.
    fn accepting(&mut self) -> SocketAddr {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let bind = Bind { address, dual: false, dscp: 0, exclusive: false };
        let port = TcpPort::bind(bind, false).unwrap();
        let local = port.local();
        self.streams.listen(port, Transport::Tcp).unwrap();
        local
    }

    /// Waits until something is ready, and looks at it.
    fn turn(&mut self) {
        let endpoint = Arc::clone(&self.streams.endpoint);
        assert!(endpoint.poller.wait(None, false, Some(LONG)).streams);
        for ready in endpoint.poller.streams().ready() {
            let mut deferred = Deferred::default();
            let tls = TlsOptions::default();
            self.streams.on_ready(self.now, ready, &tls, &mut self.agent, &mut deferred);
        }
    }

    fn after(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.streams.on_timeout(self.now, &mut self.agent, &mut Deferred::default());
    }

    /// In how many seconds something is to be looked at.
    fn due(&self) -> Option<u64> {
        let due = self.streams.deadline()?;
        Some(due.duration_since(self.now).as_secs())
    }

    fn is_there(&self, flow: FlowId) -> bool {
        let is = self.streams.streams.contains_key(&flow);
        assert_eq!(is, self.agent.flow(flow).is_some(), "the agent knows");
        is
    }
}

#[test]
fn a_message_that_has_begun_has_32_seconds() {
    let mut world = World::new();
    let (flow, mut peer) = world.connected();
    assert_eq!(world.due(), None);
    peer.write_all(&OK[..5]).unwrap();
    world.turn();
    assert_eq!(world.due(), Some(32));
    world.after(20);
    peer.write_all(&OK[5..10]).unwrap();
    world.turn();
    assert_eq!(world.due(), Some(12), "more of the same message gives no more time");
    peer.write_all(&[&OK[10..], OK, &OK[..3]].concat()).unwrap();
    world.turn();
    assert_eq!(world.due(), Some(32), "another one has begun");
    peer.write_all(&OK[3..]).unwrap();
    world.turn();
    assert_eq!((world.due(), world.is_there(flow)), (None, true));
    peer.write_all(&OK[..1]).unwrap();
    world.turn();
    world.after(31);
    assert!(world.is_there(flow));
    world.after(1);
    assert!(!world.is_there(flow));
    assert_eq!((world.due(), peer.read(&mut [0; 9]).unwrap()), (None, 0));
}

#[cfg(feature = "tls")]
#[test]
fn a_server_that_says_nothing_in_the_handshake_has_9500_ms() {
    let mut world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = Target::new(Transport::Tls, listener.local_addr().unwrap());
    let flow = world.agent.flow_of(Transport::Tls, target.remote, target.remote);
    world.streams.open(flow, &target, &ConnectOptions::default()).unwrap();
    assert_eq!(world.due(), None, "the agent limits how long connecting takes");
    while world.due().is_none() {
        world.turn();
    }
    world.after(9);
    assert!(world.is_there(flow));
    let error = world.streams.streams[&flow].messages.end(TransportError::TimedOut);
    assert_eq!(error.to_string(), "TLS with 127.0.0.1: no answer in the handshake");
    world.after(1);
    assert!(!world.is_there(flow));
}

#[test]
fn keep_alives_begin_no_message() {
    let mut world = World::new();
    let (flow, mut peer) = world.connected();
    peer.write_all(b"\r\n\r\n\r").unwrap();
    world.turn();
    assert_eq!((world.due(), world.is_there(flow)), (None, true));
}

#[test]
fn an_accepted_connection_has_a_whole_message_every_32_seconds() {
    let mut world = World::new();
    let address = world.accepting();
    let mut peer = TcpStream::connect(address).unwrap();
    world.turn();
    let flow = *world.streams.streams.keys().next().unwrap();
    assert_eq!(world.due(), Some(32));
    world.after(30);
    peer.write_all(b"\r\n\r\n").unwrap();
    world.turn();
    assert_eq!(world.due(), Some(2), "a keep-alive is no message");
    peer.write_all(OK).unwrap();
    world.turn();
    assert_eq!(world.due(), Some(32));
    world.after(32);
    assert!(!world.is_there(flow));
    assert_eq!((world.streams.accepted, peer.read(&mut [0; 9]).unwrap()), (0, 0));
}

#[test]
fn the_end_of_a_connection_is_reported_once() {
    let mut world = World::new();
    let (flow, peer) = world.connected();
    let token = world.streams.streams[&flow].token;
    drop(peer);
    world.turn();
    assert!(!world.is_there(flow));
    assert!(world.streams.flows.is_empty());
    let late = StreamReady { token, readable: true, writable: true };
    let tls = TlsOptions::default();
    world.streams.on_ready(world.now, late, &tls, &mut world.agent, &mut Deferred::default());
    assert_eq!(world.streams.send(flow, OK, &mut Deferred::default()), Ok(()));
    assert_eq!(world.streams.flush(), []);
}

#[test]
fn an_idle_connection_is_not_ready() {
    let mut world = World::new();
    let (flow, mut peer) = world.connected();
    let quiet = |world: &World| {
        let poller = &world.streams.endpoint.poller;
        !poller.wait(None, false, Some(Duration::from_millis(20))).streams
    };
    assert!(quiet(&world), "it takes bytes, but none wait");
    world.streams.send(flow, OK, &mut Deferred::default()).unwrap();
    assert_eq!(world.streams.flush(), []);
    assert!(quiet(&world));
    // The peer does not read: what waits makes it ready only when there is room.
    while !world.streams.streams[&flow].messages.has_queue() {
        world.streams.send(flow, &[b'x'; 60_000], &mut Deferred::default()).unwrap();
        assert_eq!(world.streams.flush(), []);
    }
    assert!(quiet(&world));
    peer.read_exact(&mut vec![0; 1 << 20]).unwrap();
    world.turn();
}
