//! The order in which the servers of one priority are tried is drawn from the seed.

use crate::common::{addr, refused};
use register::agent::{
    AddressFamilies, Agent, Input, Listening, RecordKind, Records, SrvRecord, Transmit, Transport,
};
use register::registration::policy::managed::ManagedOptions as Options;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

#[test]
fn one_seed_gives_one_order_of_the_servers() {
    let start = Instant::now();
    let ordered = |seed: u8| {
        let mut agent = Agent::new([seed; 32]);
        let local = addr("0.0.0.0:5070");
        agent.set_listening(Some(Listening {
            local,
            families: AddressFamilies::V4,
            transport: Transport::Udp,
            contact_port: None,
        }));
        let options = Options::new("sip:alice@acme.test");
        agent.registerer_new(start, 1, options).unwrap();
        agent.registerer_register(start, 1).unwrap();
        let (ttl, mut order) = (Duration::from_secs(60), String::new());
        while let Some(transmit) = agent.poll_transmit() {
            let input = match transmit {
                Transmit::Query { query, kind: RecordKind::Srv, .. } => {
                    let record = |name: char| SrvRecord {
                        priority: 1,
                        weight: 1,
                        port: 5060,
                        target: format!("{name}.test"),
                    };
                    let records = ('a'..='h').map(record).collect();
                    Input::Records { query, answer: Ok(Records::Srv { ttl, records }) }
                }
                Transmit::Query { query, name, .. } => {
                    let addresses = vec![[192, 0, 2, name.as_bytes()[0]].into()];
                    Input::Records {
                        query,
                        answer: Ok(Records::Addresses { ttl, addresses, zone: 0 }),
                    }
                }
                Transmit::Open { flow, .. } => Input::Opened { flow, local },
                Transmit::Send { flow, bytes } => {
                    let SocketAddr::V4(server) = agent.flow(flow).unwrap().remote else {
                        panic!("IPv6")
                    };
                    order.push(char::from(server.ip().octets()[3]));
                    agent.handle_input(
                        start,
                        Input::Failed { flow, error: refused(), bytes: &bytes },
                    );
                    continue;
                }
                Transmit::Close { .. } => panic!("no flow over UDP is closed"),
            };
            agent.handle_input(start, input);
        }
        order
    };
    let first = ordered(1);
    assert_eq!(first.len(), 8, "{first}");
    assert_eq!(first, ordered(1));
    assert_ne!(first, ordered(2));
}
