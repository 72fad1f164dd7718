//! Look-ups of names that need no name server.

use super::*;
use std::net::IpAddr;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

type Answers = Receiver<(QueryId, Result<Records, DnsError>)>;

const LONG: Duration = Duration::from_secs(20);

fn resolver() -> (Resolver, Answers) {
    let (sent, answers) = channel();
    let deliver = move |query, answer| sent.send((query, answer)).unwrap();
    (Resolver::new(Arc::new(deliver)), answers)
}

fn ask(names: &mut Resolver, query: u64, name: &str) {
    assert_eq!(names.ask(QueryId(query), name.to_owned(), RecordKind::A), Ok(()));
}

fn addresses(answer: Result<Records, DnsError>) -> Vec<IpAddr> {
    match answer {
        Ok(Records::Addresses { addresses, .. }) => addresses,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_question_is_answered_once_under_its_own_number() {
    let (mut names, answers) = resolver();
    ask(&mut names, 1, "localhost");
    ask(&mut names, 2, "LocalHost");
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let (QueryId(number), answer) = answers.recv_timeout(LONG).unwrap();
        assert_eq!(addresses(answer), [IpAddr::from([127, 0, 0, 1])]);
        numbers.push(number);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2]);
    ask(&mut names, 3, "localhost");
    assert_eq!(answers.recv_timeout(LONG).unwrap().0, QueryId(3), "nothing is remembered");
    assert!(answers.try_recv().is_err());
}

#[test]
fn a_name_that_cannot_exist_has_no_records() {
    let (mut names, answers) = resolver();
    ask(&mut names, 1, "nonexistent.invalid");
    assert!(answers.recv_timeout(LONG).unwrap().1.is_err());
    ask(&mut names, 2, "a\0b");
    assert_eq!(answers.recv_timeout(LONG).unwrap(), (QueryId(2), Err(DnsError::InvalidName)));
}

#[test]
fn letting_go_does_not_wait_for_a_look_up() {
    let (sent, entered) = channel();
    let (release, held) = channel::<()>();
    let held = Mutex::new(held);
    let deliver = move |_, _| {
        sent.send(()).unwrap();
        let _ = held.lock().recv();
    };
    let mut names = Resolver::new(Arc::new(deliver));
    ask(&mut names, 1, "localhost");
    entered.recv().unwrap();
    drop(names);
    drop(release);
}

#[test]
fn a_name_that_takes_long_does_not_hold_up_the_next() {
    let (sent, answers) = channel();
    let (release, held) = channel::<()>();
    let held = Mutex::new(held);
    let deliver = move |query, _| {
        if query == QueryId(1) {
            let _ = held.lock().recv();
        }
        sent.send(query).unwrap();
    };
    let mut names = Resolver::new(Arc::new(deliver));
    // Text that getaddrinfo(3) takes as an address, without a name server.
    ask(&mut names, 1, "127.1");
    ask(&mut names, 2, "localhost");
    assert_eq!(answers.recv_timeout(LONG).unwrap(), QueryId(2));
    drop(release);
    assert_eq!(answers.recv_timeout(LONG).unwrap(), QueryId(1));
}

#[test]
fn the_threads_are_bounded_and_end_when_no_name_waits() {
    let (mut names, answers) = resolver();
    for number in 0..100 {
        ask(&mut names, number, &format!("127.{number}"));
        assert!(names.pool.lock().threads <= THREADS);
    }
    for _ in 0..100 {
        assert!(addresses(answers.recv_timeout(LONG).unwrap().1)[0].is_loopback());
    }
    let pool = Arc::downgrade(&names.pool);
    drop(names);
    while pool.upgrade().is_some() {
        std::thread::yield_now();
    }
}

#[test]
fn the_questions_that_wait_are_bounded() {
    let (release, held) = channel::<()>();
    let held = Mutex::new(held);
    let deliver = move |_, _| {
        let _ = held.lock().recv();
    };
    let mut names = Resolver::new(Arc::new(deliver));
    let asked = (0..2000).map(|n| names.ask(QueryId(n), "127.1".to_owned(), RecordKind::A));
    let refused = asked.filter(|asked| *asked == Err(DnsError::Busy)).count();
    assert!((2000 - WAITING - THREADS..=2000 - WAITING).contains(&refused), "{refused}");
    drop(release);
}
