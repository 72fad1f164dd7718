//! The steps below the C face: the agent alone, without sockets.

use super::counting;
use super::registrar::{self, Behaviour};
use register::agent::{
    AddressFamilies, Agent, CredentialText, Event, EventKind, InitialRegister, Input, Listening,
    Text, Transmit, Transport,
};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

const OPEN: Behaviour = Behaviour { challenge: false, loss_percent: 0, first_expires: 0 };
const CHALLENGE: Behaviour = Behaviour { challenge: true, ..OPEN };

/// An agent whose clock stands still.
pub(crate) struct AgentAlone {
    agent: Agent,
    now: Instant,
    local: SocketAddr,
    server: SocketAddr,
    rid: i32,
    answer: Vec<u8>,
}

impl AgentAlone {
    pub(crate) fn new() -> Self {
        let (server, local) =
            (SocketAddr::from(([192, 0, 2, 1], 5060)), SocketAddr::from(([0; 4], 5070)));
        let mut agent = Agent::new([7; 32]);
        agent.settings_mut().keep_alive = None;
        agent.set_listening(Some(Listening {
            local,
            families: AddressFamilies::V4,
            transport: Transport::Udp,
            contact_port: None,
        }));
        let _ = agent.add_credential(CredentialText {
            username: "bench",
            userid: "bench",
            password: b"secret",
            ha1: "",
            realm: "bench",
        });
        let now = super::measure::clock();
        let mut alone = Self { agent, now, local, server, rid: 0, answer: Vec::new() };
        for _ in 0..50 {
            let request = alone.send();
            alone.take(&request, &OPEN);
        }
        // The first ones learn their public address from their answers and register it: that is not
        // to be counted with later ones.
        alone.agent.automatic_action(alone.now);
        while let Some(transmit) = alone.agent.poll_transmit() {
            if let Transmit::Send { bytes, .. } = transmit {
                alone.take(&bytes, &OPEN);
            }
        }
        alone
    }

    /// Takes so many 200.
    pub(crate) fn accepted(mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            let request = self.send();
            registrar::answer(&request, 5070, &OPEN, &mut self.answer);
            let ends = (self.local, self.server);
            if counted_200(&mut self.agent, self.now, ends, &self.answer)
                != Some(EventKind::RegistrationSuccess)
            {
                return Err(io::Error::other("no success"));
            }
        }
        Ok(())
    }

    /// Answers so many 401.
    pub(crate) fn challenged(mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            let request = self.send();
            registrar::answer(&request, 5070, &CHALLENGE, &mut self.answer);
            let ends = (self.local, self.server);
            let Some(authorized) = counted_401(&mut self.agent, self.now, ends, &self.answer)
            else {
                return Err(io::Error::other("no second REGISTER"));
            };
            self.take(&authorized, &CHALLENGE);
        }
        Ok(())
    }

    /// Sends the first REGISTER of a new account.
    fn send(&mut self) -> Text {
        self.rid += 1;
        let from = format!("sip:user{:05}@bench.test", self.rid);
        let request = InitialRegister {
            from: &from,
            proxy: "sip:192.0.2.1",
            contact: None,
            expires: 3600,
            q: None,
        };
        let text = self.agent.build_initial_register(self.rid, request).unwrap_or_default();
        let _ = self.agent.send_register(self.now, self.rid, Some(&text));
        loop {
            match self.agent.poll_transmit() {
                Some(Transmit::Send { bytes, .. }) => return bytes,
                Some(Transmit::Open { flow, .. }) => {
                    let local = SocketAddr::from(([192, 0, 2, 99], 5070));
                    self.agent.handle_input(self.now, Input::Opened { flow, local });
                }
                Some(Transmit::Query { .. } | Transmit::Close { .. }) => {}
                None => return Arc::default(),
            }
        }
    }

    fn take(&mut self, request: &[u8], behaviour: &Behaviour) {
        registrar::answer(request, 5070, behaviour, &mut self.answer);
        take(&mut self.agent, self.now, (self.local, self.server), &self.answer);
        while self.agent.poll_event().is_some() {}
    }
}

/// Takes a datagram to our address, the first of `ends`, from the second.
fn take(agent: &mut Agent, now: Instant, ends: (SocketAddr, SocketAddr), bytes: &[u8]) {
    let flow = agent.flow_of(Transport::Udp, ends.0, ends.1);
    agent.handle_input(now, Input::Message { flow, bytes });
}

#[inline(never)]
#[unsafe(no_mangle)]
fn counted_200(
    agent: &mut Agent,
    now: Instant,
    ends: (SocketAddr, SocketAddr),
    bytes: &[u8],
) -> Option<EventKind> {
    counting::counted(|| {
        take(agent, now, ends, bytes);
        let mut kind = None;
        while let Some(event) = agent.poll_event() {
            if let Event::Application(notice) = event {
                kind = Some(notice.kind);
            }
        }
        kind
    })
}

#[inline(never)]
#[unsafe(no_mangle)]
fn counted_401(
    agent: &mut Agent,
    now: Instant,
    ends: (SocketAddr, SocketAddr),
    bytes: &[u8],
) -> Option<Text> {
    counting::counted(|| {
        take(agent, now, ends, bytes);
        while agent.poll_event().is_some() {}
        agent.automatic_action(now);
        match agent.poll_transmit() {
            Some(Transmit::Send { bytes, .. }) => Some(bytes),
            _ => None,
        }
    })
}
