//! Managed registrations over a real socket: a registrar that goes away and
//! comes back, and an end within a bound.

use register::engine::registerer::{ManagedOptions, RegistererState};
use register::engine::{Engine, Listen};
use std::collections::HashSet;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Grants everything, as long as it lives.
struct Registrar {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    /// Who is bound.
    bound: Arc<Mutex<HashSet<String>>>,
    thread: Option<JoinHandle<()>>,
}

fn field<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or("")
}

impl Registrar {
    fn on(address: &str) -> Registrar {
        Registrar::slow(address, Duration::ZERO)
    }

    /// One that removes no more than one binding in `pause`, and is silent otherwise.
    fn slow(address: &str, pause: Duration) -> Registrar {
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let address = socket.local_addr().unwrap();
        let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let bound = Arc::new(Mutex::new(HashSet::new()));
        let (ends, counts, binds) = (stop.clone(), served.clone(), bound.clone());
        let thread = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            let mut known = HashSet::new();
            let mut removed: Option<Instant> = None;
            while !ends.load(Ordering::Relaxed) {
                let Ok((size, from)) = socket.recv_from(&mut bytes) else { continue };
                let request = String::from_utf8_lossy(&bytes[..size]).into_owned();
                if !request.starts_with("REGISTER ") {
                    continue;
                }
                let copied = ["Via", "From", "To", "Call-ID", "CSeq"]
                    .map(|name| format!("{name}: {}\r\n", field(&request, name)));
                let (user, expires) =
                    (field(&request, "To").to_owned(), field(&request, "Expires"));
                if expires == "0" {
                    if removed.is_some_and(|at| at.elapsed() < pause) {
                        continue;
                    }
                    removed = Some(Instant::now());
                }
                let contact = if expires == "0" {
                    binds.lock().unwrap().remove(&user);
                    String::new()
                } else {
                    binds.lock().unwrap().insert(user);
                    format!("Contact: {};expires={expires}\r\n", field(&request, "Contact"))
                };
                if known.insert(format!(
                    "{} {}",
                    field(&request, "Call-ID"),
                    field(&request, "CSeq")
                )) {
                    counts.fetch_add(1, Ordering::Relaxed);
                }
                let answer = format!(
                    "SIP/2.0 200 OK\r\n{}{contact}Content-Length: 0\r\n\r\n",
                    copied.concat()
                );
                let _ = socket.send_to(answer.as_bytes(), from);
            }
        });
        Registrar { address, stop, served, bound, thread: Some(thread) }
    }

    fn bound(&self) -> usize {
        self.bound.lock().unwrap().len()
    }

    fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }
}

impl Drop for Registrar {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn listening() -> Engine {
    let engine = Engine::new().unwrap();
    engine
        .listen_udp(Listen {
            address: Some("127.0.0.1"),
            port: 0,
            ipv6: false,
            dual: false,
            dscp: 0,
            exclusive: false,
        })
        .unwrap();
    engine
}

fn account(engine: &Engine, n: usize, registrar: SocketAddr) -> i32 {
    let mut options = ManagedOptions::new(&format!("sip:user{n}@acme.test"));
    options.registrar = format!("sip:{registrar}");
    options.expires = 3600;
    options.retry_base = Duration::from_secs(1);
    options.retry_max = Duration::from_secs(1);
    engine.registerer_new(options).unwrap().unwrap()
}

#[test]
fn a_registrar_that_restarts_gets_all_of_its_1000_accounts_back() {
    let registrar = Registrar::on("127.0.0.1:0");
    let address = registrar.address;
    let engine = listening();
    engine.registerer_limits(50, 2000).unwrap();
    let rids: Vec<i32> = (0..1000).map(|n| account(&engine, n, address)).collect();
    drop(registrar);
    // Nobody is there: the network says so, and each waits for its next try.
    for rid in &rids {
        engine.registerer_register(*rid).unwrap();
    }
    engine
        .registerer_wait(rids[999], RegistererState::Unregistered, Some(Duration::from_secs(20)))
        .unwrap();
    assert!(engine.registerer_explain(rids[0]).unwrap().contains("refused"));
    assert!(engine.registerer_traffic().unwrap().0 <= 50);
    let registrar = Registrar::on(&address.to_string());
    for rid in &rids {
        engine
            .registerer_wait(*rid, RegistererState::Registered, Some(Duration::from_secs(40)))
            .unwrap();
        assert!(engine.registerer_traffic().unwrap().0 <= 50);
    }
    assert!(registrar.served() >= 1000);
    // The end removes all of them.
    engine.quit();
    assert_eq!(registrar.bound(), 0);
}

#[test]
fn the_end_removes_ten_thousand_bindings_whatever_the_rate() {
    const ALL: usize = 10_000;
    let registrar = Registrar::on("127.0.0.1:0");
    let engine = listening();
    engine.registerer_limits(200, 0).unwrap();
    let rids: Vec<i32> = (0..ALL).map(|n| account(&engine, n, registrar.address)).collect();
    for rid in &rids {
        engine.registerer_register(*rid).unwrap();
    }
    for rid in &rids {
        engine
            .registerer_wait(*rid, RegistererState::Registered, Some(Duration::from_secs(60)))
            .unwrap();
    }
    assert_eq!(registrar.bound(), ALL);
    // At this rate it would last for hours.
    engine.registerer_limits(200, 1).unwrap();
    let began = Instant::now();
    engine.quit();
    let took = began.elapsed();
    assert_eq!(registrar.bound(), 0, "bound after {took:?}");
    assert!(took < Duration::from_secs(24), "{took:?}");
}

#[test]
fn the_end_comes_within_its_bound_when_the_registrar_is_silent() {
    let registrar = Registrar::on("127.0.0.1:0");
    let engine = listening();
    let rid = account(&engine, 1, registrar.address);
    engine.registerer_register(rid).unwrap();
    engine
        .registerer_wait(rid, RegistererState::Registered, Some(Duration::from_secs(10)))
        .unwrap();
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let other = account(&engine, 2, silent.local_addr().unwrap());
    engine.registerer_register(other).unwrap();
    let began = Instant::now();
    engine.quit();
    let took = began.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert_eq!(registrar.served(), 2, "the one that could be removed was");
}

#[test]
fn the_end_of_a_few_comes_within_five_seconds_when_the_registrar_is_slow() {
    let registrar = Registrar::slow("127.0.0.1:0", Duration::from_millis(300));
    let engine = listening();
    let rids: Vec<i32> = (0..100).map(|n| account(&engine, n, registrar.address)).collect();
    for rid in &rids {
        engine.registerer_register(*rid).unwrap();
    }
    for rid in &rids {
        engine
            .registerer_wait(*rid, RegistererState::Registered, Some(Duration::from_secs(10)))
            .unwrap();
    }
    engine.registerer_limits(2, 0).unwrap();
    let began = Instant::now();
    engine.quit();
    let took = began.elapsed();
    assert!((5000..8000).contains(&took.as_millis()), "{took:?}");
    let left = registrar.bound();
    assert!((50..98).contains(&left), "those that it answered for are gone: {left} are left");
}

#[test]
fn a_wait_sees_a_state_that_is_left_at_once() {
    let registrar = Registrar::on("127.0.0.1:0");
    let engine = listening();
    // One answer takes it from REGISTERED over UNREGISTERED to TERMINATED. A thread that begins to
    // wait too late cannot know.
    let seen = (0..100).any(|n| {
        let rid = account(&engine, n, registrar.address);
        engine.registerer_register(rid).unwrap();
        engine
            .registerer_wait(rid, RegistererState::Registered, Some(Duration::from_secs(10)))
            .unwrap();
        let (began, begins) = std::sync::mpsc::channel();
        let waiting = engine.clone();
        let thread = std::thread::spawn(move || {
            began.send(()).unwrap();
            waiting.registerer_wait(
                rid,
                RegistererState::Unregistered,
                Some(Duration::from_secs(10)),
            )
        });
        begins.recv().unwrap();
        std::thread::yield_now();
        engine.registerer_dispose(rid).unwrap();
        thread.join().unwrap().is_ok()
    });
    assert!(seen);
}
