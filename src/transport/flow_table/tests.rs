use super::*;
use crate::instants::at;
use crate::transport::tests::addr;

impl Opening {
    fn id(&self) -> FlowId {
        match self {
            Opening::Open(flow) => flow.id,
            Opening::Pending(id) | Opening::Ask(id, _) => *id,
        }
    }
}

impl FlowTable {
    fn find(&self, target: &Target) -> Option<FlowId> {
        self.by_target.get(target).copied()
    }
}

fn server() -> Target {
    Target::new(Transport::Udp, addr("192.0.2.1:5060"))
}

fn stream() -> Target {
    Target::new(Transport::Tcp, addr("192.0.2.1:5060"))
}

fn local() -> SocketAddr {
    addr("10.0.0.1:5070")
}

fn peer(number: usize) -> SocketAddr {
    SocketAddr::from(([198, 51, (number >> 8) as u8, number as u8], 5060))
}

/// A table with an open flow to `target`, which has one user.
fn opened(target: &Target) -> (FlowTable, FlowId) {
    let mut table = FlowTable::default();
    let Opening::Ask(id, transmit) = table.open(at(0), target) else { panic!("it is open") };
    assert_eq!(transmit, Transmit::Open { flow: id, target: target.clone() });
    let flow = Flow { id, transport: target.transport, local: local(), remote: target.remote };
    assert_eq!(table.on_opened(at(0), id, local()), FlowDecision::Ready(flow));
    (table, id)
}

#[test]
fn a_flow_is_opened_once_for_all_that_use_it() {
    let mut table = FlowTable::default();
    let Opening::Ask(id, _) = table.open(at(0), &server()) else { panic!("it is open") };
    assert_eq!(table.open(at(0), &server()), Opening::Pending(id));
    table.on_opened(at(0), id, local());
    let Opening::Open(flow) = table.open(at(999), &server()) else { panic!("it is not open") };
    assert_eq!((flow.id, flow.local, table.find(&server())), (id, local(), Some(id)));
    assert_ne!(table.open(at(0), &stream()).id(), id);
}

#[test]
fn the_local_address_over_udp_is_asked_for_again_after_a_second() {
    let (mut table, id) = opened(&server());
    let question = Transmit::Open { flow: id, target: server() };
    assert_eq!(table.open(at(1000), &server()), Opening::Ask(id, question));
    assert!(matches!(table.on_opened(at(1000), id, local()), FlowDecision::Ready(_)));
    assert!(matches!(table.open(at(1999), &server()), Opening::Open(_)));
    let (mut table, _) = opened(&stream());
    assert!(matches!(table.open(at(99_999), &stream()), Opening::Open(_)), "a stream has one");
}

#[test]
fn another_local_address_makes_another_flow() {
    let (mut table, old) = opened(&server());
    table.on_interfaces_changed();
    assert!(matches!(table.open(at(1), &server()), Opening::Ask(..)));
    let moved = addr("10.0.0.2:5070");
    let FlowDecision::Replaced { by } = table.on_opened(at(1), old, moved) else { panic!("same") };
    assert!(by.id != old && by.local == moved && table.find(&server()) == Some(by.id));
    assert_eq!(table.get(old).map(|flow| flow.local), Some(local()), "its users still have it");
    assert_eq!(table.on_opened(at(1), old, local()), FlowDecision::None);
    table.release(at(2), old);
    assert!(table.get(old).is_some());
    table.release(at(2), old);
    assert_eq!((table.get(old), table.find(&server())), (None, Some(by.id)));
}

#[test]
fn flows_in_use_are_checked_when_the_network_has_changed() {
    let (mut table, id) = opened(&server());
    table.open(at(0), &stream());
    table.incoming(Transport::Udp, local(), peer(1));
    table.on_interfaces_changed();
    let question = Transmit::Open { flow: id, target: server() };
    assert_eq!(table.check_local_addresses(), [question]);
    assert_eq!(table.check_local_addresses(), [], "it was asked");
    assert!(matches!(table.on_opened(at(1), id, local()), FlowDecision::Ready(_)));
}

#[test]
fn a_network_that_was_away_gives_another_flow_with_the_same_address() {
    let (mut table, id) = opened(&server());
    table.on_interfaces_changed();
    assert_eq!(table.check_local_addresses().len(), 1);
    assert_eq!(table.on_failed(id), FlowDecision::NotOpened);
    assert_eq!(table.find(&server()), Some(id), "nothing else leads there yet");
    table.on_interfaces_changed();
    assert_eq!(table.check_local_addresses().len(), 1);
    let decision = table.on_opened(at(1), id, local());
    assert!(matches!(decision, FlowDecision::Replaced { by } if by.id != id));
}

#[test]
fn a_flow_that_cannot_be_opened_is_asked_for_again_by_the_next_request() {
    let mut table = FlowTable::default();
    let id = table.open(at(0), &server()).id();
    assert_eq!(table.on_failed(id), FlowDecision::NotOpened);
    assert!(matches!(table.open(at(1), &server()), Opening::Ask(again, _) if again == id));
    assert!(matches!(table.on_opened(at(1), id, local()), FlowDecision::Ready(_)));
}

#[test]
fn an_icmp_error_does_not_end_a_flow_and_a_lost_connection_does() {
    let (mut table, id) = opened(&server());
    assert_eq!(table.on_failed(id), FlowDecision::None);
    assert!(matches!(table.open(at(1), &server()), Opening::Open(_)));
    let (mut table, id) = opened(&stream());
    assert_eq!(table.on_failed(id), FlowDecision::Lost);
    assert_eq!((table.get(id), table.release(at(1), id)), (None, None));
    assert_ne!(table.open(at(1), &stream()).id(), id, "an id is not used again");
}

#[test]
fn a_connection_is_closed_when_it_was_unused_for_32_seconds() {
    let (mut table, id) = opened(&stream());
    assert_eq!(table.release(at(1000), id), Some(at(33_000)));
    table.acquire(id);
    assert_eq!(table.on_timeout(at(33_000), id), None, "it is in use");
    assert_eq!(table.release(at(40_000), id), Some(at(72_000)));
    assert_eq!(table.on_timeout(at(71_999), id), None);
    assert_eq!(table.on_timeout(at(72_000), id), Some(Transmit::Close { flow: id }));
    assert_eq!((table.get(id), table.find(&stream())), (None, None));
}

#[test]
fn a_datagram_names_the_flow_that_its_answer_goes_over() {
    let (mut table, id) = opened(&server());
    assert_eq!(table.incoming(Transport::Udp, local(), server().remote), id);
    let unknown = table.incoming(Transport::Udp, local(), peer(1));
    assert_eq!(table.incoming(Transport::Udp, local(), peer(1)), unknown);
    assert_eq!(table.get(unknown).map(|flow| flow.remote), Some(peer(1)));
    let target = Target::new(Transport::Udp, peer(1));
    assert!(matches!(table.open(at(0), &target), Opening::Ask(id, _) if id == unknown));
    let seen = addr("10.0.0.9:5070");
    assert!(matches!(table.on_opened(at(0), unknown, seen), FlowDecision::Ready(_)));
}

#[test]
fn datagrams_from_anywhere_cost_bounded_memory() {
    let (mut table, id) = opened(&server());
    let kept = table.incoming(Transport::Udp, local(), peer(0));
    let in_use = table.incoming(Transport::Udp, local(), peer(1));
    table.acquire(in_use);
    for number in 2..10_000 {
        table.incoming(Transport::Udp, local(), peer(number));
        if number % 100 == 0 {
            assert_eq!(table.incoming(Transport::Udp, local(), peer(0)), kept, "{number}");
        }
        assert!(table.flows.len() <= MOST_UNUSED + 2);
        assert_eq!(table.flows.len(), table.by_target.len());
    }
    assert!(table.get(id).is_some() && table.get(in_use).is_some(), "both have users");
    table.release(at(1), in_use);
    assert_eq!(table.unused.iter().filter(|one| **one == in_use).count(), 1);
    assert!(table.unused.len() <= MOST_UNUSED);
}

#[test]
fn requests_to_many_servers_leave_bounded_memory_when_they_are_over() {
    let mut table = FlowTable::default();
    for number in 0..2000 {
        let target = Target::new(Transport::Udp, peer(number));
        let id = table.open(at(0), &target).id();
        table.on_opened(at(0), id, local());
        table.release(at(0), id);
    }
    assert_eq!((table.flows.len(), table.by_target.len()), (MOST_UNUSED, MOST_UNUSED));
}
