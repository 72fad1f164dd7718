//! The steps below the C face: the agent alone, without sockets.

use super::counting;
use super::registrar::{self, Behaviour};
use register::agent::{
    Agent, CredentialText, Event, InitialRegister, Input, Kind, Route, Text, Transmit,
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
        agent.set_listening(Some(local));
        let _ = agent.add_credential(CredentialText {
            username: "bench",
            userid: "bench",
            password: b"secret",
            ha1: "",
            realm: "bench",
        });
        let mut alone =
            Self { agent, now: super::measure::clock(), server, rid: 0, answer: Vec::new() };
        for _ in 0..50 {
            let request = alone.send();
            alone.take(&request, &OPEN);
        }
        // The first ones learn their public address from their answers and register it: that is not
        // to be counted with later ones.
        alone.agent.automatic_action(alone.now);
        while let Some(transmit) = alone.agent.poll_transmit() {
            if let Transmit::Datagram { bytes, .. } = transmit {
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
            if counted_200(&mut self.agent, self.now, self.server, &self.answer)
                != Some(Kind::RegistrationSuccess)
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
            let Some(authorized) =
                counted_401(&mut self.agent, self.now, self.server, &self.answer)
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
                Some(Transmit::Datagram { bytes, .. }) => return bytes,
                Some(Transmit::Route { query, .. }) => {
                    let local = SocketAddr::from(([192, 0, 2, 99], 5070));
                    let outcome = Ok(vec![Route { remote: self.server, local }]);
                    self.agent.handle_input(self.now, Input::Routed { query, outcome });
                }
                None => return Arc::default(),
            }
        }
    }

    fn take(&mut self, request: &[u8], behaviour: &Behaviour) {
        registrar::answer(request, 5070, behaviour, &mut self.answer);
        self.agent
            .handle_input(self.now, Input::Datagram { from: self.server, bytes: &self.answer });
        while self.agent.poll_event().is_some() {}
    }
}

#[inline(never)]
#[unsafe(no_mangle)]
fn counted_200(agent: &mut Agent, now: Instant, from: SocketAddr, bytes: &[u8]) -> Option<Kind> {
    counting::counted(|| {
        agent.handle_input(now, Input::Datagram { from, bytes });
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
fn counted_401(agent: &mut Agent, now: Instant, from: SocketAddr, bytes: &[u8]) -> Option<Text> {
    counting::counted(|| {
        agent.handle_input(now, Input::Datagram { from, bytes });
        while agent.poll_event().is_some() {}
        agent.automatic_action(now);
        match agent.poll_transmit() {
            Some(Transmit::Datagram { bytes, .. }) => Some(bytes),
            _ => None,
        }
    })
}
