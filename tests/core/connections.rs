//! What a test says about connections, which are not opened by themselves as UDP is.

use crate::common::{World, addr, response};
use register::agent::{
    AddressFamilies, FlowId, InitialRegister, Input, Listening, Rid, Transport, TransportError,
    TransportSet,
};
use register::sip::Draft;

/// Our address on the first connection.
pub const FIRST: &str = "192.0.2.99:40001";
/// That on the next.
pub const SECOND: &str = "192.0.2.99:40002";

impl World {
    /// A context that listens by `transport`, where all three are built in.
    pub fn by(transport: Transport) -> World {
        let mut world = World::new();
        world.agent.set_transports(TransportSet { udp: true, tcp: true, tls: true });
        world.listen(transport, None);
        world
    }

    pub fn listen(&mut self, transport: Transport, contact_port: Option<u16>) {
        let (local, families) = (addr("0.0.0.0:5070"), AddressFamilies::Both);
        self.agent.set_listening(Some(Listening { local, families, transport, contact_port }));
    }

    /// The server of acme.test has these addresses, and the program knows no other.
    pub fn serve(&mut self, addresses: &[&str]) {
        let addresses = addresses.iter().map(|text| addr(text)).collect();
        self.names.push(("acme.test", Ok(addresses)));
    }

    /// The connections that the agent wants to open now, and where to.
    pub fn all_opened(&mut self) -> Vec<(FlowId, String)> {
        assert!(self.raw_sent().is_empty());
        let opening = std::mem::take(&mut self.opening);
        opening.into_iter().map(|(flow, target)| (flow, target.remote.to_string())).collect()
    }

    /// The one connection that the agent wants to open now, and where to.
    pub fn opens(&mut self) -> (FlowId, String) {
        let sent = self.raw_sent();
        assert!(sent.is_empty(), "nothing is sent before: {}", sent.len());
        assert_eq!(self.opening.len(), 1, "{:?} {:#?}", self.opening, self.notes);
        let (flow, target) = self.opening.remove(0);
        (flow, format!("{} {}", target.transport.via(), target.remote))
    }

    /// Nothing is opened, sent or closed now.
    pub fn is_quiet(&mut self) -> bool {
        let sent = self.raw_sent();
        sent.is_empty() && self.opening.is_empty() && self.closed.is_empty()
    }

    /// `flow` is connected, and our end of it is `local`.
    pub fn connected(&mut self, flow: FlowId, local: &str) {
        let local = addr(local);
        self.agent.handle_input(self.now(), Input::Opened { flow, local });
    }

    /// `flow` cannot be opened, or is gone.
    pub fn failed(&mut self, flow: FlowId, error: TransportError) {
        self.agent.handle_input(self.now(), Input::Failed { flow, error, bytes: &[] });
    }

    /// `bytes` come over `flow`.
    pub fn comes(&mut self, flow: FlowId, bytes: &[u8]) {
        self.agent.handle_input(self.now(), Input::Message { flow, bytes });
    }

    /// Answers `request` over `flow`.
    pub fn answer_over(&mut self, flow: FlowId, request: &Draft, status: &str, extra: &[&str]) {
        self.comes(flow, &response(request, status, extra));
    }

    /// 200 over `flow` with those of the request's own Contacts that are not removed.
    pub fn grant_over(&mut self, flow: FlowId, request: &Draft, expires: u32) {
        let contacts = crate::common::contacts(request);
        let kept = contacts.iter().filter(|one| !one.ends_with(";expires=0"));
        let lines: Vec<_> = kept.map(|one| format!("Contact: {one};expires={expires}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        self.answer_over(flow, request, "200 OK", &lines);
    }

    /// Sends the first REGISTER of alice by an eXosip call.
    pub fn call_register(&mut self, proxy: &str) -> Rid {
        let (from, contact, q) = ("sip:alice@acme.test", None, None);
        let (rid, text) =
            self.build_with(InitialRegister { from, proxy, contact, expires: 600, q });
        self.send(rid, &text);
        rid
    }

    /// The same, connected from [`FIRST`] and granted; its flow and its REGISTER.
    pub fn call_registered(&mut self) -> (Rid, FlowId, Draft) {
        let rid = self.call_register("sip:192.0.2.1");
        let (flow, _) = self.opens();
        self.connected(flow, FIRST);
        let request = self.one();
        self.grant_over(flow, &request, 600);
        self.event();
        (rid, flow, request)
    }

    /// A managed registration over TCP, connected from [`FIRST`] and granted.
    pub fn own_registered(&mut self) -> (Rid, FlowId, Draft) {
        let rid = self.managed(|options| options.transport = Some(Transport::Tcp));
        self.agent.registerer_register(self.now(), rid).unwrap();
        let (flow, _) = self.opens();
        self.connected(flow, FIRST);
        let request = self.one();
        self.grant_over(flow, &request, 600);
        self.raw_sent();
        (rid, flow, request)
    }
}
