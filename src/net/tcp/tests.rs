use super::super::stream_poll::wait_writable;
use super::super::tcp_listener::TcpPort;
use super::super::udp::Bind;
use super::*;
use std::io::Write;
use std::net::{TcpListener, TcpStream};

const LONG: Duration = Duration::from_secs(20);

fn options() -> ConnectOptions {
    ConnectOptions { dscp: 46, ..ConnectOptions::default() }
}

/// A connection that is made, and its other end.
fn pair(address: &str) -> (TcpConnection, TcpStream) {
    let listener = TcpListener::bind(address).unwrap();
    let remote = listener.local_addr().unwrap();
    let connection = TcpConnection::connect(remote, &options(), 0).unwrap();
    let (other, from) = listener.accept().unwrap();
    other.set_read_timeout(Some(LONG)).unwrap();
    wait_writable(&[connection.fd()], LONG);
    assert_eq!(connection.connected(), Ok(Some(from)));
    (connection, other)
}

/// Reads until something is there.
fn read(connection: &mut TcpConnection, into: &mut [u8]) -> ReadOutcome {
    loop {
        match connection.read(into) {
            ReadOutcome::Nothing => std::thread::yield_now(),
            outcome => return outcome,
        }
    }
}

#[test]
fn a_connection_is_made_without_blocking_in_both_families() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (mut connection, mut other) = pair(address);
        connection.queue(b"one").unwrap();
        connection.queue(b" two").unwrap();
        connection.flush().unwrap();
        assert!(!connection.has_queue());
        let mut bytes = [0; 7];
        other.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"one two");
        other.write_all(b"three").unwrap();
        let mut bytes = [0; 4];
        assert_eq!(read(&mut connection, &mut bytes), ReadOutcome::Bytes(4));
        assert_eq!(&bytes, b"thre", "no more than there is room for");
    }
}

#[test]
fn a_connection_has_the_options_that_it_was_made_with() {
    let (v4, _other) = pair("127.0.0.1:0");
    let (v6, _other6) = pair("[::1]:0");
    for connection in [&v4, &v6] {
        let socket = &connection.socket;
        assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
        assert!(socket.nonblocking().unwrap());
        // SAFETY: no pointers.
        let flags = unsafe { libc::fcntl(std::os::fd::AsRawFd::as_raw_fd(socket), libc::F_GETFD) };
        assert_eq!(flags, libc::FD_CLOEXEC);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(USER_TIMEOUT));
    }
    assert_eq!(v4.socket.tos_v4().unwrap(), 46 << 2);
    assert_eq!(v6.socket.tclass_v6().unwrap(), 46 << 2);
}

#[test]
fn nobody_at_the_port_is_a_refusal() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let connection = TcpConnection::connect(closed, &options(), 0);
    let error = connection.and_then(|connection| {
        wait_writable(&[connection.fd()], LONG);
        connection.connected()
    });
    assert_eq!(error, Err(TransportError::Refused));
}

#[test]
fn connections_are_made_from_the_port_that_accepts_others() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let remote = listener.local_addr().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let bind = Bind { address, dual: false, dscp: 0, exclusive: false };
    let port = TcpPort::bind(bind, true).unwrap();
    let shared = port.local().port();
    let with = ConnectOptions { shared_port: Some(shared), local: Some(address.ip()), ..options() };
    let _connection = TcpConnection::connect(remote, &with, 0).unwrap();
    assert_eq!(listener.accept().unwrap().1.port(), shared);
    let _second = TcpConnection::connect(remote, &with, 0).unwrap();
    assert_ne!(listener.accept().unwrap().1.port(), shared, "that to this peer is taken");
    let _other = TcpStream::connect(port.local()).unwrap();
    assert_eq!(port.accept().unwrap().unwrap().local.port(), shared);
}

#[test]
fn the_range_of_ports_is_searched_for_one_that_is_free() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let first = taken.local_addr().unwrap().port();
    let local = Some(IpAddr::from([127, 0, 0, 1]));
    let with = |last: u16| ConnectOptions { local, ports: Some((first, last)), ..options() };
    let remote = listener.local_addr().unwrap();
    let alone = TcpConnection::connect(remote, &with(first), 7);
    assert!(matches!(alone, Err(TransportError::Other { errno: libc::EADDRINUSE })), "{alone:?}");
    let last = first.saturating_add(30);
    let _connection = TcpConnection::connect(remote, &with(last), 0).unwrap();
    let (_, from) = listener.accept().unwrap();
    assert!((first + 1..=last).contains(&from.port()), "{from}");
    let elsewhere = ConnectOptions { local: Some([127, 0, 0, 5].into()), ..options() };
    let _connection = TcpConnection::connect(remote, &elsewhere, 0).unwrap();
    let (_, from) = listener.accept().unwrap();
    assert_eq!(from.ip().to_string(), "127.0.0.5");
}

#[test]
fn a_message_that_does_not_fit_into_the_queue_is_not_taken() {
    let (mut connection, mut other) = pair("127.0.0.1:0");
    let message = vec![b'm'; 100_000];
    let mut sent = 0;
    let refused = loop {
        match connection.queue(&message) {
            Ok(()) => sent += message.len(),
            Err(error) => break error,
        }
        assert!(sent < 100 << 20, "the kernel takes all");
    };
    assert_eq!(refused, TransportError::QueueFull);
    assert!(connection.waiting() <= MAX_QUEUE);
    assert_eq!(connection.flush(), Ok(()), "the connection goes on");
    let reader = std::thread::spawn(move || {
        let mut bytes = vec![0; sent];
        other.read_exact(&mut bytes).map(|()| bytes.iter().all(|byte| *byte == b'm'))
    });
    while connection.has_queue() {
        wait_writable(&[connection.fd()], LONG);
        connection.flush().unwrap();
    }
    assert!(reader.join().unwrap().unwrap());
}

#[test]
fn one_message_of_which_too_much_would_wait_ends_the_connection() {
    let (mut connection, _other) = pair("127.0.0.1:0");
    connection.queue(&vec![b'm'; 100 << 20]).unwrap();
    assert_eq!(connection.flush(), Err(TransportError::QueueFull));
}

#[test]
fn what_had_come_is_read_before_the_end_is_reported() {
    for by_reset in [false, true] {
        let (mut connection, mut other) = pair("127.0.0.1:0");
        other.write_all(b"last").unwrap();
        let mut bytes = [0; 100];
        if by_reset {
            assert_eq!(read(&mut connection, &mut bytes), ReadOutcome::Bytes(4));
            socket2::SockRef::from(&other).set_linger(Some(Duration::ZERO)).unwrap();
            drop(other);
            let outcome = read(&mut connection, &mut bytes);
            assert_eq!(outcome, ReadOutcome::Ended(TransportError::Reset));
        } else {
            drop(other);
            // Sending fails sooner or later, and is no reason to forget what had come.
            for _ in 0..100 {
                connection.queue(b"more").unwrap();
                connection.flush().unwrap();
            }
            assert_eq!(read(&mut connection, &mut bytes), ReadOutcome::Bytes(4));
            assert!(matches!(read(&mut connection, &mut bytes), ReadOutcome::Ended(_)));
        }
    }
}

#[test]
fn the_end_is_announced_though_a_copy_of_the_descriptor_lives() {
    let (connection, mut other) = pair("127.0.0.1:0");
    let copy = connection.socket.try_clone().unwrap();
    other.write_all(b"unread").unwrap();
    connection.shut_down();
    assert_eq!(other.read(&mut [0; 9]).unwrap(), 0, "FIN, not RST");
    drop(copy);
}

#[test]
fn only_a_connection_is_adopted_as_one() {
    let (udp, listener) = (
        std::net::UdpSocket::bind("127.0.0.1:0").unwrap(),
        TcpListener::bind("127.0.0.1:0").unwrap(),
    );
    let made = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let ends = (made.local_addr().unwrap(), made.peer_addr().unwrap());
    let (connection, local, remote) = TcpConnection::adopt(made.into(), 0).unwrap();
    assert_eq!((local, remote), ends);
    assert!(connection.socket.nonblocking().unwrap());
    assert!(TcpConnection::adopt(udp.into(), 0).is_err());
    assert!(TcpConnection::adopt(listener.into(), 0).is_err());
    let file = std::fs::File::open("/dev/null").unwrap();
    assert!(TcpConnection::adopt(file.into(), 0).is_err());
}
