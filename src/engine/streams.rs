//! The connections of a context: each is a flow, made when the agent asks for it or accepted.

use super::deferred::{Deferred, MessagePath};
use super::endpoint::Endpoint;
use crate::agent::{Agent, FlowId, Input, Target, Transport, TransportError};
use crate::net::{
    self, Accepted, ConnectOptions, Frame, MessageStream, StreamPoll, StreamReady, TcpConnection,
    TcpPort, TlsOptions,
};
use crate::trace::TraceLevel;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is read of one connection in one turn, so that a loud peer does not starve the others.
const READ: usize = 64 << 10;
/// A message that has begun is whole within this time, and an accepted connection has a whole one.
const WHOLE_MESSAGE: Duration = Duration::from_secs(32);
/// A server that we are connected to says something in the handshake within this time. It ends
/// before that of the agent for connection and handshake together, which cannot tell which it was.
const HANDSHAKE: Duration = Duration::from_millis(9_500);
/// Connections that others have made to us.
const MAX_ACCEPTED: usize = 64;
/// Without descriptors or memory left, connections wait so long until they are accepted.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
/// What the port that accepts is known by to the poll. Connections count from 1.
const PORT: u64 = 0;

/// All connections of a context.
pub(super) struct Streams {
    endpoint: Arc<Endpoint>,
    streams: FxHashMap<FlowId, StreamState>,
    /// The flow of each token.
    flows: FxHashMap<u64, FlowId>,
    last_token: u64,
    /// When a stream, by its token, has to have got on.
    deadlines: BTreeSet<(Instant, u64)>,
    /// Flows with bytes that the kernel was not offered yet.
    unflushed: Vec<FlowId>,
    /// Where connections are accepted, and what goes over them.
    port: Option<(TcpPort, Transport)>,
    accepted: usize,
    /// Descriptors that the application gave and that are no connections.
    kept: Vec<OwnedFd>,
    /// What is read goes here first. Empty before the first connection.
    buffer: Vec<u8>,
}

struct StreamState {
    messages: MessageStream,
    token: u64,
    remote: SocketAddr,
    /// Our address; `None`: it is not connected yet.
    local: Option<SocketAddr>,
    is_accepted: bool,
    is_unflushed: bool,
    /// The poll says when it takes bytes.
    awaits_writable: bool,
    deadline: Option<Instant>,
}

impl StreamState {
    fn path(&self) -> MessagePath {
        let transport = if self.messages.is_tls() { Transport::Tls } else { Transport::Tcp };
        MessagePath { transport, local: self.local, remote: self.remote }
    }
}

impl Streams {
    /// None yet.
    pub(super) fn new(endpoint: Arc<Endpoint>) -> Streams {
        Streams {
            endpoint,
            streams: FxHashMap::default(),
            flows: FxHashMap::default(),
            last_token: PORT,
            deadlines: BTreeSet::new(),
            unflushed: Vec::new(),
            port: None,
            accepted: 0,
            kept: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// Accepts connections on `port` from now on, for TCP or TLS. Errors are those of the system.
    pub(super) fn listen(&mut self, port: TcpPort, transport: Transport) -> io::Result<()> {
        self.poll().add(port.fd(), PORT, false)?;
        self.port = Some((port, transport));
        Ok(())
    }

    /// Opens `flow`. Our address on it where it is open already, as the kernel would choose it now;
    /// `None`: the answer comes later. Errors: it cannot be opened, or is open and there is no
    /// route at the moment.
    pub(super) fn open(
        &mut self,
        flow: FlowId,
        target: &Target,
        options: &ConnectOptions,
    ) -> Result<Option<SocketAddr>, TransportError> {
        if let Some(stream) = self.streams.get(&flow) {
            let Some(local) = stream.local else { return Ok(None) };
            let unbound = SocketAddr::new(net::wildcard(target.remote.is_ipv6()), local.port());
            let bound = options.local.filter(|ip| ip.is_ipv4() == target.remote.is_ipv4());
            let bound = bound.map_or(unbound, |ip| SocketAddr::new(ip, local.port()));
            return net::local_address(bound, target.remote).map(Some);
        }
        let start = u32::try_from(self.last_token % (1 << 16)).unwrap_or(0);
        let messages = MessageStream::connect(target, options, start)?;
        self.insert(flow, messages, target.remote)?;
        Ok(None)
    }

    /// Takes a descriptor of the application: a connection is the flow to its peer, anything else
    /// is kept until the end.
    pub(super) fn adopt(&mut self, fd: OwnedFd, dscp: u8, agent: &mut Agent) {
        match TcpConnection::adopt(fd, dscp) {
            Ok((connection, local, remote)) => {
                let flow = agent.flow_of(Transport::Tcp, local, remote);
                if !self.streams.contains_key(&flow) {
                    if let Ok(stream) = self.insert(flow, MessageStream::over(connection), remote) {
                        stream.local = Some(local);
                        self.watch(flow);
                    }
                }
            }
            Err(fd) => self.kept.push(fd),
        }
    }

    /// Puts a message behind what waits in `flow`, until [`Streams::flush`]. Error: it is not sent,
    /// because more waits than may. That a flow is gone was reported, or is about to be.
    pub(super) fn send(
        &mut self,
        flow: FlowId,
        bytes: &[u8],
        deferred: &mut Deferred,
    ) -> Result<(), TransportError> {
        let Some(stream) = self.streams.get_mut(&flow) else { return Ok(()) };
        stream.messages.queue(bytes)?;
        deferred.sent(stream.path(), bytes);
        if !std::mem::replace(&mut stream.is_unflushed, true) {
            self.unflushed.push(flow);
        }
        Ok(())
    }

    /// Whether bytes wait that the kernel was not offered yet.
    pub(super) fn has_unflushed(&self) -> bool {
        !self.unflushed.is_empty()
    }

    /// Sends what waits, as far as the peers take it. The flows that are gone by that, and why.
    pub(super) fn flush(&mut self) -> Vec<(FlowId, TransportError)> {
        let mut gone = Vec::new();
        for flow in std::mem::take(&mut self.unflushed) {
            let Some(stream) = self.streams.get_mut(&flow) else { continue };
            stream.is_unflushed = false;
            match stream.messages.flush() {
                Ok(()) => self.watch(flow),
                Err(error) => {
                    self.close(flow);
                    gone.push((flow, error));
                }
            }
        }
        gone
    }

    /// Closes `flow`, where it is there. What the kernel takes of what waits is still sent.
    pub(super) fn close(&mut self, flow: FlowId) {
        let Some(stream) = self.streams.remove(&flow) else { return };
        self.flows.remove(&stream.token);
        if let Some(at) = stream.deadline {
            self.deadlines.remove(&(at, stream.token));
        }
        self.accepted -= usize::from(stream.is_accepted);
        self.poll().remove(stream.messages.fd());
        stream.messages.shut_down();
    }

    /// Gives the agent what some of the streams have that are ready.
    pub(super) fn on_ready(
        &mut self,
        now: Instant,
        ready: StreamReady,
        tls: &TlsOptions,
        agent: &mut Agent,
        deferred: &mut Deferred,
    ) {
        if ready.token == PORT {
            return self.accept(now, tls, agent, deferred);
        }
        let Some(flow) = self.flows.get(&ready.token).copied() else { return };
        let is_open = self.streams.get(&flow).is_some_and(|stream| stream.local.is_some());
        if !is_open && !self.go_on_opening(now, flow, agent) {
            return;
        }
        let Some(stream) = self.streams.get_mut(&flow) else { return };
        let flushed = if ready.writable { stream.messages.flush() } else { Ok(()) };
        let ended = match flushed {
            Ok(()) if ready.readable => self.read(now, flow, agent, deferred).err(),
            Ok(()) => None,
            Err(error) => Some(error),
        };
        match ended {
            Some(error) => self.fail(now, flow, error, agent),
            None => self.watch(flow),
        }
    }

    /// Goes on with a connection that is being made, and with its handshake. Whether it is open.
    fn go_on_opening(&mut self, now: Instant, flow: FlowId, agent: &mut Agent) -> bool {
        let Some(stream) = self.streams.get_mut(&flow) else { return false };
        match stream.messages.opened(&mut self.buffer) {
            Ok(None) => {
                if stream.messages.is_connected() && stream.deadline.is_none() {
                    self.set_deadline(flow, Some(now + HANDSHAKE));
                }
                self.watch(flow);
                false
            }
            Ok(Some(local)) => {
                stream.local = Some(local);
                if !stream.is_accepted {
                    self.set_deadline(flow, None);
                }
                agent.handle_input(now, Input::Opened { flow, local });
                true
            }
            Err(error) => {
                self.fail(now, flow, error, agent);
                false
            }
        }
    }

    /// When [`Streams::on_timeout`] is wanted.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Closes what has not got on in time.
    pub(super) fn on_timeout(&mut self, now: Instant, agent: &mut Agent, deferred: &mut Deferred) {
        while let Some((at, token)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.deadlines.remove(&(at, token));
            if token == PORT {
                self.watch_port(true);
                continue;
            }
            let Some(flow) = self.flows.get(&token).copied() else { continue };
            let Some(stream) = self.streams.get(&flow) else { continue };
            let error = stream.messages.end(TransportError::TimedOut);
            if error == TransportError::TimedOut {
                let remote = stream.remote;
                deferred.log(TraceLevel::Warning, line!(), || {
                    let seconds = WHOLE_MESSAGE.as_secs();
                    format!("no whole message came from {remote} within {seconds} s")
                });
            }
            self.fail(now, flow, error, agent);
        }
    }

    /// The end: what waits may take until `end`, then all connections are closed. `clock` tells the
    /// time.
    pub(super) fn end(&mut self, end: Instant, clock: impl Fn() -> Instant) {
        loop {
            let all = self.streams.values_mut();
            let mut waiting: Vec<_> = all
                .filter(|stream| stream.local.is_some())
                .filter_map(|stream| {
                    let _ = stream.messages.flush();
                    stream.messages.has_queue().then_some(&*stream)
                })
                .collect();
            let left = end.saturating_duration_since(clock());
            if waiting.is_empty() || left.is_zero() {
                break;
            }
            let fds: Vec<_> = waiting.drain(..).map(|stream| stream.messages.fd()).collect();
            net::wait_writable(&fds, left);
        }
        let flows: Vec<_> = self.streams.keys().copied().collect();
        for flow in flows {
            self.close(flow);
        }
        if let Some((port, _)) = self.port.take() {
            self.poll().remove(port.fd());
        }
        self.kept.clear();
    }

    fn poll(&self) -> &StreamPoll {
        self.endpoint.poller.streams()
    }

    fn insert(
        &mut self,
        flow: FlowId,
        messages: MessageStream,
        remote: SocketAddr,
    ) -> Result<&mut StreamState, TransportError> {
        let token = self.last_token + 1;
        self.poll().add(messages.fd(), token, true).map_err(|error| {
            let errno = error.raw_os_error().unwrap_or(0);
            TransportError::Temporary { errno }
        })?;
        self.last_token = token;
        self.flows.insert(token, flow);
        self.buffer.resize(READ, 0);
        Ok(self
            .streams
            .entry(flow)
            .insert_entry(StreamState {
                messages,
                token,
                remote,
                local: None,
                is_accepted: false,
                is_unflushed: false,
                awaits_writable: true,
                deadline: None,
            })
            .into_mut())
    }

    /// Has the poll say when `flow` takes bytes, exactly where some wait for that.
    fn watch(&mut self, flow: FlowId) {
        let Some(stream) = self.streams.get_mut(&flow) else { return };
        let awaits = stream.messages.awaits_writable();
        if stream.awaits_writable != awaits {
            stream.awaits_writable = awaits;
            let (fd, token) = (stream.messages.fd(), stream.token);
            let _ = self.endpoint.poller.streams().change(fd, token, awaits);
        }
    }

    /// Reads what one turn takes, and gives the agent the messages in it. Error: the connection has
    /// ended, or is of no use any more.
    fn read(
        &mut self,
        now: Instant,
        flow: FlowId,
        agent: &mut Agent,
        deferred: &mut Deferred,
    ) -> Result<(), TransportError> {
        let Some(stream) = self.streams.get_mut(&flow) else { return Ok(()) };
        let (path, mut has_message) = (stream.path(), false);
        let result = stream.messages.read(&mut self.buffer, |frame| {
            let bytes = match frame {
                Frame::KeepAlive(bytes) => bytes,
                Frame::Message { bytes, has_length } => {
                    has_message = true;
                    if !has_length {
                        deferred.log(TraceLevel::Warning, line!(), || {
                            let remote = path.remote;
                            format!("a message from {remote} has no Content-Length: no body")
                        });
                    }
                    bytes
                }
            };
            deferred.received(path, bytes);
            agent.handle_input(now, Input::Message { flow, bytes });
        });
        let is_within = stream.messages.is_within_message();
        let deadline = match stream.deadline {
            _ if has_message && (is_within || stream.is_accepted) => Some(now + WHOLE_MESSAGE),
            None if is_within => Some(now + WHOLE_MESSAGE),
            Some(at) if is_within || stream.is_accepted => Some(at),
            _ => None,
        };
        self.set_deadline(flow, deadline);
        result
    }

    fn set_deadline(&mut self, flow: FlowId, deadline: Option<Instant>) {
        let Some(stream) = self.streams.get_mut(&flow) else { return };
        if stream.deadline == deadline {
            return;
        }
        if let Some(before) = std::mem::replace(&mut stream.deadline, deadline) {
            self.deadlines.remove(&(before, stream.token));
        }
        self.deadlines.extend(deadline.map(|at| (at, stream.token)));
    }

    /// Accepts what waits at the port.
    fn accept(
        &mut self,
        now: Instant,
        tls: &TlsOptions,
        agent: &mut Agent,
        deferred: &mut Deferred,
    ) {
        let Some((port, transport)) = &self.port else { return };
        let transport = *transport;
        match port.accept() {
            Ok(None) => {}
            Ok(Some(Accepted { connection, remote, .. })) if self.accepted >= MAX_ACCEPTED => {
                connection.shut_down();
                deferred.log(TraceLevel::Warning, line!(), || {
                    format!("refused a connection from {remote}: there are {MAX_ACCEPTED}")
                });
            }
            Ok(Some(Accepted { connection, local, remote })) => {
                let messages = match transport {
                    Transport::Tls => MessageStream::accept_tls(connection, remote, tls),
                    Transport::Tcp | Transport::Udp => Ok(MessageStream::over(connection)),
                };
                let messages = match messages {
                    Ok(messages) => messages,
                    Err(error) => {
                        return deferred.log(TraceLevel::Error, line!(), || error.to_string());
                    }
                };
                let flow = agent.flow_of(transport, local, remote);
                if let Ok(stream) = self.insert(flow, messages, remote) {
                    stream.local = Some(local);
                    stream.is_accepted = true;
                    self.accepted += 1;
                    self.set_deadline(flow, Some(now + WHOLE_MESSAGE));
                    self.watch(flow);
                }
            }
            Err(error) => {
                self.watch_port(false);
                self.deadlines.insert((now + ACCEPT_PAUSE, PORT));
                deferred.log(TraceLevel::Error, line!(), || {
                    format!("cannot accept connections: {}", net::error_text(&error))
                });
            }
        }
    }

    fn watch_port(&self, watches: bool) {
        let Some((port, _)) = &self.port else { return };
        if watches {
            let _ = self.poll().add(port.fd(), PORT, false);
        } else {
            self.poll().remove(port.fd());
        }
    }

    /// `flow` is gone: it is reported to the agent.
    fn fail(&mut self, now: Instant, flow: FlowId, error: TransportError, agent: &mut Agent) {
        self.close(flow);
        agent.handle_input(now, Input::Failed { flow, error, bytes: &[] });
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests;
