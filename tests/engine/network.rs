//! The engine against a registrar of a few lines on the loopback interface: what leaves, when, and
//! what becomes of it.

use register::engine::{
    ApplicationEvent, CoreRefusal, Engine, EventKind, InitialRegister, Listen, OutOfDialog,
    Refusal, Rid, TappedMessage,
};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// Far longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

/// A registrar by hand: the test reads each REGISTER and says what to answer.
struct Registrar(UdpSocket);

impl Registrar {
    fn on(address: &str) -> Registrar {
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(LONG)).unwrap();
        Registrar(socket)
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// The next request and where it came from.
    fn next(&self) -> (String, SocketAddr) {
        let mut bytes = vec![0; 65_535];
        let (length, from) = self.0.recv_from(&mut bytes).unwrap();
        (String::from_utf8(bytes[..length].to_vec()).unwrap(), from)
    }

    /// Whether a request is there already.
    fn has_one(&self) -> bool {
        self.0.set_nonblocking(true).unwrap();
        let one = self.0.peek(&mut [0; 1]).is_ok();
        self.0.set_nonblocking(false).unwrap();
        one
    }

    fn answer(&self, (request, from): &(String, SocketAddr), status: &str) {
        let mut answer = format!("SIP/2.0 {status}\r\n");
        for line in request.lines() {
            if ["Via:", "From:", "Call-ID:", "CSeq:", "Contact:"]
                .iter()
                .any(|name| line.starts_with(name))
            {
                answer += &format!("{line}\r\n");
            } else if line.starts_with("To:") {
                answer += &format!("{line};tag=r\r\n");
            }
        }
        answer += "Expires: 60\r\nContent-Length: 0\r\n\r\n";
        self.0.send_to(answer.as_bytes(), from).unwrap();
    }
}

fn listening(address: Option<&str>) -> Engine {
    let engine = Engine::new().unwrap();
    engine
        .listen_udp(Listen {
            address,
            port: 0,
            ipv6: false,
            dual: false,
            dscp: 26,
            exclusive: false,
        })
        .unwrap();
    engine
}

fn build(engine: &Engine, registrar: &str) -> (Rid, Vec<u8>) {
    let (from, proxy) = (format!("sip:alice@{registrar}"), format!("sip:{registrar}"));
    let ask = InitialRegister { from: &from, proxy: &proxy, contact: None, expires: 60, q: None };
    engine.build_initial_register(ask).unwrap()
}

fn send(engine: &Engine, registrar: &str) -> Rid {
    let (rid, text) = build(engine, registrar);
    engine.send_register(rid, Some(&text), &mut None::<()>).unwrap();
    rid
}

/// An OPTIONS to `server`.
fn options(engine: &Engine, server: &str) -> Vec<u8> {
    let to = format!("sip:{server}");
    let ask = OutOfDialog { method: "OPTIONS", to: &to, from: "sip:alice@acme.test", route: "" };
    engine.build_request(ask).unwrap()
}

fn event(engine: &Engine) -> ApplicationEvent {
    engine.event_wait(Some(LONG)).expect("an event")
}

#[test]
fn a_request_is_out_when_send_returns_and_its_answer_is_an_event() {
    let registrar = Registrar::on("127.0.0.1:0");
    let engine = listening(None);
    let rid = send(&engine, &registrar.address().to_string());
    assert!(registrar.has_one());
    let request = registrar.next();
    assert!(request.0.starts_with("REGISTER sip:127.0.0.1:"));
    assert_eq!(Some(request.1.port()), engine.port());
    let via = format!("SIP/2.0/UDP 127.0.0.1:{}", request.1.port());
    assert!(request.0.contains(&via), "{}", request.0);
    registrar.answer(&request, "200 OK");
    let event = event(&engine);
    assert_eq!((event.kind, event.rid), (EventKind::RegistrationSuccess, rid));
    assert_eq!(event.request.as_ref().map(|text| &text[..]), Some(request.0.as_bytes()));
    assert!(event.response.unwrap().starts_with(b"SIP/2.0 200 OK\r\n"));
    assert_eq!(engine.event_wait(Some(Duration::ZERO)), None);
}

#[test]
fn ipv6_and_dual_stack_sockets_register() {
    for (on, dual, via) in [
        ("[::1]:0", false, "UDP [::1]:"),
        ("[::1]:0", true, "UDP [::1]:"),
        ("127.0.0.1:0", true, "UDP 127.0.0.1:"),
    ] {
        let registrar = Registrar::on(on);
        let engine = Engine::new().unwrap();
        engine
            .listen_udp(Listen {
                address: None,
                port: 0,
                ipv6: true,
                dual,
                dscp: 0,
                exclusive: false,
            })
            .unwrap();
        send(&engine, &registrar.address().to_string());
        let request = registrar.next();
        assert!(request.0.contains(via), "{}", request.0);
        registrar.answer(&request, "200 OK");
        assert_eq!(event(&engine).kind, EventKind::RegistrationSuccess);
    }
}

#[test]
fn a_registrar_given_by_name_is_looked_up_in_the_background() {
    let registrar = Registrar::on("127.0.0.1:0");
    let engine = listening(None);
    let rid = send(&engine, &format!("localhost:{}", registrar.address().port()));
    registrar.answer(&registrar.next(), "200 OK");
    assert_eq!((event(&engine).kind, rid > 0), (EventKind::RegistrationSuccess, true));
}

#[test]
fn a_name_that_does_not_exist_is_an_event_and_the_next_call_works() {
    let engine = listening(None);
    let rid = send(&engine, "nonexistent.invalid");
    let event = event(&engine);
    assert_eq!(
        (event.kind, event.rid, event.response),
        (EventKind::RegistrationFailure, rid, None)
    );
    assert!(event.text.contains("nonexistent.invalid"), "{}", event.text);
    assert_eq!(engine.send_register(rid, None, &mut None::<()>), Ok(()));
}

#[test]
fn an_address_of_a_family_we_do_not_listen_on_is_an_event_in_words() {
    let engine = listening(None);
    send(&engine, "[2001:db8::1]");
    assert!(event(&engine).text.contains("IPv4 only"));
}

#[test]
fn a_retransmission_goes_out_while_another_thread_holds_the_lock() {
    // No other test takes a port of this address meanwhile.
    let address = Registrar::on("127.9.9.9:0").address();
    let engine = listening(None);
    send(&engine, &address.to_string());
    std::thread::scope(|s| {
        s.spawn(|| engine.lock());
    });
    let registrar = Registrar::on(&address.to_string());
    let request = registrar.next();
    registrar.answer(&request, "200 OK");
    assert_eq!(event(&engine).kind, EventKind::RegistrationSuccess);
}

#[test]
fn a_message_stays_the_callers_when_refused_and_is_kept_when_sent() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let message = || Some(Counted(Arc::clone(&dropped)));
    let registrar = Registrar::on("127.0.0.1:0");
    let engine = listening(None);
    let text = options(&engine, &registrar.address().to_string());
    let (mut sent, mut refused) = (message(), message());
    assert!(engine.send_request(&text, &mut sent).is_ok());
    assert!(engine.send_request(b"noise", &mut refused).is_err());
    assert!(sent.is_none() && refused.take().is_some());
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    registrar.answer(&registrar.next(), "200 OK");
    event(&engine);
    assert_eq!(dropped.load(Ordering::SeqCst), 1, "timer K still runs");
    engine.quit();
    assert_eq!(dropped.load(Ordering::SeqCst), 2);
}

#[test]
fn the_message_of_a_failure_is_kept_until_more_have_failed() {
    let kept = Arc::new(());
    let engine = listening(None);
    let fail = |mut message: Option<Arc<()>>| {
        let text = options(&engine, "[::1]");
        assert!(engine.send_request(&text, &mut message).is_ok());
        assert_eq!(event(&engine).kind, EventKind::MessageRequestFailure);
    };
    fail(Some(Arc::clone(&kept)));
    assert_eq!(Arc::strong_count(&kept), 2, "the program may be about to print it");
    for _ in 0..100 {
        fail(Some(Arc::new(())));
    }
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[test]
fn of_registers_without_an_answer_the_messages_of_the_last_1024_are_kept() {
    let silent = Registrar::on("127.0.0.1:0");
    let engine = listening(None);
    let register = |_| {
        let (rid, text) = build(&engine, &silent.address().to_string());
        let message = Arc::new(());
        engine.send_register(rid, Some(&text), &mut Some(Arc::clone(&message))).unwrap();
        message
    };
    let counts = (0..1_025)
        .map(register)
        .collect::<Vec<_>>()
        .iter()
        .map(Arc::strong_count)
        .collect::<Vec<_>>();
    assert!(counts[0] == 1 && counts[1..].iter().all(|count| *count == 2), "{counts:?}");
}

#[test]
fn listening_is_refused_twice_and_may_be_retried_after_a_failure() {
    let engine = Engine::new().unwrap();
    let listen = |address| {
        engine.listen_udp(Listen {
            address,
            port: 0,
            ipv6: false,
            dual: false,
            dscp: 0,
            exclusive: false,
        })
    };
    assert_eq!(engine.port(), None);
    assert_eq!(listen(Some("not an address")), Err(CoreRefusal::BadParameter.into()));
    assert_eq!(listen(Some("203.0.113.1")), Err(CoreRefusal::Undefined.into()));
    assert_eq!(listen(Some("127.0.0.1")), Ok(()));
    assert_eq!(listen(None), Err(CoreRefusal::WrongState.into()));
    assert_ne!(engine.port(), None);
}

#[test]
fn quit_ends_every_wait_and_closes_the_port() {
    let engine = listening(Some("127.0.0.1"));
    let port = engine.port().unwrap();
    std::thread::scope(|s| {
        let waiters: Vec<_> = (0..3).map(|_| s.spawn(|| engine.event_wait(None))).collect();
        engine.quit();
        assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap().is_none()));
    });
    assert!(UdpSocket::bind(("127.0.0.1", port)).is_ok());
    engine.quit();
    assert_eq!(engine.event_wait(None), None);
    assert_eq!((engine.event_fd(), engine.port()), (-1, None));
    assert_eq!(engine.build_register(1, 60), Err(Refusal::Ended));
    assert_eq!(engine.settings(|_| ()), Err(Refusal::Ended));
    engine.lock();
    engine.unlock();
    engine.wake_waiters();
}

#[test]
fn quit_works_while_others_hold_the_lock_or_wait_for_it() {
    let engine = listening(None);
    engine.lock();
    engine.quit();
    let engine = listening(None);
    std::thread::scope(|s| {
        s.spawn(|| engine.lock());
    });
    std::thread::scope(|s| {
        let command = s.spawn(|| engine.statistics());
        engine.quit();
        assert_eq!(command.join().unwrap(), Err(Refusal::Ended));
    });
}

#[test]
fn dropping_the_last_engine_ends_it() {
    let engine = listening(Some("127.0.0.1"));
    let port = engine.port().unwrap();
    let clone = engine.clone();
    drop(engine);
    assert_eq!(clone.port(), Some(port));
    drop(clone);
    assert!(UdpSocket::bind(("127.0.0.1", port)).is_ok());
}

#[test]
fn a_broken_context_refuses_everything_but_quit() {
    let engine = listening(None);
    engine.mark_broken();
    assert_eq!(engine.statistics(), Err(Refusal::Broken));
    assert_eq!(engine.event_wait(None), None);
    engine.quit();
    assert_eq!(engine.statistics(), Err(Refusal::Ended));
}

#[test]
fn a_panic_inside_a_command_breaks_the_context_and_frees_its_locks() {
    let engine = listening(None);
    let panicked = std::panic::catch_unwind(|| engine.settings(|_| panic!("on purpose")));
    assert!(panicked.is_err());
    assert_eq!(engine.statistics(), Err(Refusal::Broken));
    engine.quit();
}

#[test]
fn a_command_waits_for_the_lock_of_another_thread_not_of_its_own() {
    let engine = listening(None);
    engine.lock();
    engine.lock();
    assert!(engine.statistics().is_ok());
    std::thread::scope(|s| {
        let other = s.spawn(|| engine.statistics());
        engine.unlock();
        assert!(!other.is_finished());
        engine.unlock();
        assert!(other.join().unwrap().is_ok());
    });
}

#[test]
fn noise_is_dropped_and_changes_nothing() {
    let registrar = Registrar::on("127.0.0.1:0");
    let engine = listening(Some("127.0.0.1"));
    send(&engine, &registrar.address().to_string());
    let request = registrar.next();
    for noise in [&b""[..], b"\r\n\r\n", &[0xff; 1500], &[b'A'; 65_507], b"SIP/2.0 200 OK\r\n\r\n"]
    {
        registrar.0.send_to(noise, request.1).unwrap();
    }
    registrar.answer(&request, "200 OK");
    assert_eq!(event(&engine).kind, EventKind::RegistrationSuccess);
    assert_eq!(engine.event_wait(Some(Duration::ZERO)), None);
}

#[test]
fn a_thousand_registrations_are_answered_once_each() {
    let registrar = Registrar::on("127.0.0.1:0");
    let engine = listening(Some("127.0.0.1"));
    let address = registrar.address().to_string();
    std::thread::scope(|s| {
        s.spawn(|| {
            for _ in 0..1000 {
                send(&engine, &address);
            }
        });
        for _ in 0..1000 {
            registrar.answer(&registrar.next(), "200 OK");
        }
        let mut rids: Vec<_> = (0..1000).map(|_| event(&engine).rid).collect();
        rids.sort_unstable();
        rids.dedup();
        assert_eq!(rids.len(), 1000);
    });
}

#[test]
fn what_is_sent_goes_out_though_no_more_events_are_fetched() {
    const FIRST: usize = 64;
    const MORE: usize = 300;
    let registrar = Registrar::on("127.0.0.1:0");
    let engine = listening(Some("127.0.0.1"));
    let address = registrar.address().to_string();
    std::thread::scope(|s| {
        let requests = s.spawn(|| {
            let answered = |_| {
                let request = registrar.next();
                registrar.answer(&request, "200 OK");
                request.0
            };
            (0..FIRST + MORE).map(answered).collect::<Vec<_>>()
        });
        for _ in 0..FIRST {
            send(&engine, &address);
        }
        for _ in 0..MORE {
            event(&engine);
            send(&engine, &address);
        }
        let mut requests = requests.join().unwrap();
        requests.sort_unstable();
        requests.dedup();
        assert_eq!(requests.len(), FIRST + MORE, "none was sent again");
    });
}

#[test]
fn what_was_sent_goes_out_before_the_end() {
    let registrar = Registrar::on("127.0.0.1:0");
    let engine = listening(Some("127.0.0.1"));
    let address = registrar.address().to_string();
    for _ in 0..40 {
        send(&engine, &address);
    }
    (0..40).for_each(|_| registrar.answer(&registrar.next(), "200 OK"));
    (0..30).for_each(|_| drop(event(&engine)));
    let text = build(&engine, &address);
    engine.send_register(text.0, Some(&text.1), &mut None::<()>).unwrap();
    engine.quit();
    assert!(registrar.next().0.starts_with("REGISTER "));
}

#[test]
fn eight_threads_may_call_everything_with_and_without_the_lock() {
    let registrar = Registrar::on("127.0.0.1:0");
    let engine = listening(Some("127.0.0.1"));
    let address = registrar.address().to_string();
    std::thread::scope(|s| {
        for n in 0..8 {
            let (engine, address) = (&engine, &address);
            s.spawn(move || {
                for round in 0..200 {
                    let locked = (n + round) % 2 == 0;
                    if locked {
                        engine.lock();
                    }
                    let (rid, text) = build(engine, address);
                    engine.send_register(rid, Some(&text), &mut None::<()>).unwrap();
                    let _ = engine.build_register(rid, 60);
                    let _ = engine.automatic_action();
                    let _ = engine.default_action(rid, 401);
                    engine.wake_waiters();
                    let _ = engine.event_wait(Some(Duration::ZERO));
                    assert!(engine.statistics().unwrap().registrations > 0);
                    engine.remove(rid).unwrap();
                    if locked {
                        engine.unlock();
                    }
                }
            });
        }
    });
    engine.quit();
}

#[test]
fn repeated_provisional_responses_are_one_event_until_it_is_fetched() {
    let server = Registrar::on("127.0.0.1:0");
    let engine = listening(None);
    let (seen, final_response) = mpsc::channel();
    let tap = move |message: &TappedMessage<'_>| {
        if message.is_received && message.bytes.starts_with(b"SIP/2.0 200") {
            let _ = seen.send(());
        }
    };
    engine.set_tap(Some(Arc::new(tap))).unwrap();
    let text = options(&engine, &server.address().to_string());
    let tid = engine.send_request(&text, &mut None::<()>).unwrap();
    let request = server.next();
    for status in ["180 A", "180 B", "183 C", "180 D", "183 E", "200 OK"] {
        server.answer(&request, status);
    }
    final_response.recv_timeout(LONG).unwrap();
    for (kind, start) in [
        (EventKind::MessageProceeding, "SIP/2.0 180 A\r\n"),
        (EventKind::MessageProceeding, "SIP/2.0 183 C\r\n"),
        (EventKind::MessageAnswered, "SIP/2.0 200 OK\r\n"),
    ] {
        let event = event(&engine);
        assert_eq!((event.kind, event.ids.tid), (kind, tid));
        assert!(event.response.unwrap().starts_with(start.as_bytes()));
    }
    assert_eq!(engine.event_wait(Some(Duration::ZERO)), None);
}
