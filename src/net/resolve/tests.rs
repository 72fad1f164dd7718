//! Look-ups of names that need no name server.

use super::*;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

type Answers = Receiver<(String, LookedUp)>;

fn resolver() -> (Resolver<u32>, Answers) {
    let (sent, answers) = channel();
    let deliver = move |name: &str, found: LookedUp| sent.send((name.to_owned(), found)).unwrap();
    (Resolver::new(Arc::new(deliver)), answers)
}

fn look_up(family: Family) -> LookUp {
    LookUp { family, servers: false, reuse: true }
}

fn next(answers: &Answers) -> (String, Answer) {
    let (name, found) = answers.recv_timeout(Duration::from_secs(20)).unwrap();
    (name, found.into_answer(|_| {}))
}

fn at(ip: &str) -> SocketAddr {
    SocketAddr::new(ip.parse().unwrap(), 0)
}

#[test]
fn an_address_is_answered_at_once_without_a_thread() {
    let (mut names, _) = resolver();
    let now = Instant::now();
    assert_eq!(names.ask(now, "192.0.2.1", look_up(Family::V4), 1), Some(Ok(vec![at("192.0.2.1")])));
    assert_eq!(names.ask(now, "2001:db8::1", look_up(Family::Dual), 1), Some(Ok(vec![at("2001:db8::1")])));
    assert!(names.pool.lock().threads == 0);
}

#[test]
fn an_address_of_the_other_family_is_refused_in_words() {
    let (mut names, _) = resolver();
    let refused = |answer: Option<Answer>| answer.unwrap().unwrap_err();
    let now = Instant::now();
    assert_eq!(
        refused(names.ask(now, "2001:db8::1", look_up(Family::V4), 1)),
        "2001:db8::1 is an IPv6 address and the socket is for IPv4 only"
    );
    assert_eq!(
        refused(names.ask(now, "192.0.2.1", look_up(Family::V6), 1)),
        "192.0.2.1 is an IPv4 address and the socket is for IPv6 only"
    );
}

#[test]
fn a_name_is_asked_once_for_all_who_want_it_and_remembered_for_five_seconds() {
    let (mut names, answers) = resolver();
    let now = Instant::now();
    assert_eq!(names.ask(now, "localhost", look_up(Family::V4), 1), None);
    assert_eq!(names.ask(now, "LocalHost", look_up(Family::V4), 2), None);
    let (name, answer) = next(&answers);
    assert_eq!(answer, Ok(vec![at("127.0.0.1")]));
    assert_eq!(names.answered(now, &name, answer.clone()), [1, 2]);
    let later = now + Duration::from_millis(4999);
    assert_eq!(names.ask(later, "localhost", look_up(Family::V4), 3), Some(answer));
    assert_eq!(names.ask(now + dns::ADDRESS_TTL, "localhost", look_up(Family::V4), 4), None);
    assert_eq!(next(&answers).0, "localhost");
    assert!(answers.try_recv().is_err());
}

#[test]
fn a_name_that_cannot_exist_fails_in_words() {
    let (mut names, answers) = resolver();
    assert_eq!(names.ask(Instant::now(), "nonexistent.invalid", look_up(Family::V4), 1), None);
    let why = next(&answers).1.unwrap_err();
    assert!(why.starts_with("nonexistent.invalid: ") && why.len() > 21, "{why}");
}

#[test]
fn what_is_no_name_is_refused_at_once() {
    let (mut names, _) = resolver();
    for host in ["", "a\0b", &"a".repeat(256)] {
        assert!(names.ask(Instant::now(), host, look_up(Family::V4), 1).unwrap().is_err());
    }
}

#[test]
fn letting_go_does_not_wait_for_a_look_up() {
    let (sent, entered) = channel();
    let (release, held) = channel::<()>();
    let held = parking_lot::Mutex::new(held);
    let deliver = move |_: &str, _: LookedUp| {
        sent.send(()).unwrap();
        let _ = held.lock().recv();
    };
    let mut names = Resolver::new(Arc::new(deliver));
    assert_eq!(names.ask(Instant::now(), "localhost", look_up(Family::V4), 1), None);
    entered.recv().unwrap();
    drop(names);
    drop(release);
}

#[test]
fn a_domain_without_servers_is_looked_up_itself() {
    let (mut names, answers) = resolver();
    let servers = LookUp { servers: true, ..look_up(Family::V4) };
    assert_eq!(names.ask(Instant::now(), "localhost", servers, 1), None);
    let (name, answer) = next(&answers);
    assert_eq!((name.as_str(), answer), ("_sip._udp.localhost", Ok(vec![at("127.0.0.1")])));
}

#[test]
fn without_reuse_a_fresh_answer_is_asked_for_again() {
    let (mut names, answers) = resolver();
    let now = Instant::now();
    let anew = LookUp { reuse: false, ..look_up(Family::V4) };
    assert_eq!(names.ask(now, "localhost", anew, 1), None);
    let (name, answer) = next(&answers);
    names.answered(now, &name, answer);
    assert_eq!(names.ask(now, "localhost", anew, 2), None);
}

#[test]
fn a_name_that_takes_long_does_not_hold_up_the_next() {
    let (sent, answers) = channel();
    let (release, held) = channel::<()>();
    let held = Mutex::new(held);
    let deliver = move |name: &str, _: LookedUp| {
        if name == "127.1" {
            let _ = held.lock().recv();
        }
        sent.send(name.to_owned()).unwrap();
    };
    let mut names = Resolver::new(Arc::new(deliver));
    let now = Instant::now();
    // Text that getaddrinfo(3) takes as an address, without a name server.
    assert_eq!(names.ask(now, "127.1", look_up(Family::V4), 1), None);
    assert_eq!(names.ask(now, "localhost", look_up(Family::V4), 2), None);
    assert_eq!(answers.recv_timeout(Duration::from_secs(20)).unwrap(), "localhost");
    drop(release);
    assert_eq!(answers.recv_timeout(Duration::from_secs(20)).unwrap(), "127.1");
}

#[test]
fn the_threads_are_bounded_and_end_when_no_name_waits() {
    let (sent, answers) = channel();
    let deliver = move |name: &str, _: LookedUp| sent.send(name.to_owned()).unwrap();
    let mut names = Resolver::new(Arc::new(deliver));
    for n in 0..100 {
        assert_eq!(names.ask(Instant::now(), &format!("127.{n}"), look_up(Family::V4), n), None);
        assert!(names.pool.lock().threads <= THREADS);
    }
    for _ in 0..100 {
        answers.recv_timeout(Duration::from_secs(20)).unwrap();
    }
    let pool = Arc::downgrade(&names.pool);
    drop(names);
    while pool.upgrade().is_some() {
        std::thread::yield_now();
    }
}

#[test]
fn addresses_follow_the_order_of_the_servers() {
    let server = |port, target: &str| SrvRecord { priority: 1, weight: 1, port, target: target.to_owned() };
    let servers = vec![server(5061, "one"), server(5062, "two"), server(5063, "none")];
    let answers = HashMap::from([
        ("one".to_owned(), Ok(vec![at("192.0.2.1")])),
        ("two".to_owned(), Ok(vec![at("192.0.2.2"), at("192.0.2.3")])),
        ("none".to_owned(), Err("none: no".to_owned())),
    ]);
    let answer = LookedUp::Servers(servers, answers.clone()).into_answer(<[SrvRecord]>::reverse);
    let expected = ["192.0.2.2:5062", "192.0.2.3:5062", "192.0.2.1:5061"].map(|text| text.parse().unwrap());
    assert_eq!(answer, Ok(expected.to_vec()));
    let alone = LookedUp::Servers(vec![server(5063, "none")], answers);
    assert_eq!(alone.into_answer(|_| {}), Err("none: no".to_owned()));
}
