//! Look-ups of names that need no name server.

use super::*;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

type Answers = Receiver<(QueryId, Result<Records, DnsError>)>;

const LONG: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(1);

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

/// A resolver that finds every name but those that begin with "dead", which it looks for until
/// `release` is dropped.
fn resolver_with_dead_names() -> (Resolver, Answers, Sender<()>) {
    let (release, held) = channel::<()>();
    let held = Mutex::new(held);
    let released = Arc::new(AtomicBool::new(false));
    let ask = move |name: &str, _| {
        while name.starts_with("dead") && !released.load(Ordering::Relaxed) {
            if held.lock().recv_timeout(TICK) == Err(RecvTimeoutError::Disconnected) {
                released.store(true, Ordering::Relaxed);
            }
            std::thread::yield_now();
        }
        Err(DnsError::NotFound)
    };
    let (sent, answers) = channel();
    let deliver = move |query, answer| sent.send((query, answer)).unwrap();
    (Resolver::asking_by(Box::new(ask), Arc::new(deliver)), answers, release)
}

#[test]
fn no_name_waits_for_a_thousand_that_are_dead() {
    let (mut names, answers, release) = resolver_with_dead_names();
    for number in 0..1000 {
        ask(&mut names, number, &format!("dead{number}.test"));
    }
    ask(&mut names, 1000, "good.test");
    assert_eq!(answers.recv_timeout(LONG).unwrap().0, QueryId(1000));
    assert!(names.shared.pool.lock().threads <= MOST_THREADS);
    drop(release);
    for _ in 0..1000 {
        let _ = answers.recv_timeout(LONG).unwrap();
    }
    let shared = Arc::downgrade(&names.shared);
    drop(names);
    while shared.upgrade().is_some() {
        std::thread::yield_now();
    }
}

#[test]
fn quick_answers_need_few_threads() {
    let (mut names, answers, _release) = resolver_with_dead_names();
    for number in 0..100 {
        ask(&mut names, number, &format!("{number}.test"));
        assert!(names.shared.pool.lock().threads <= THREADS);
    }
    for _ in 0..100 {
        let _ = answers.recv_timeout(LONG).unwrap();
    }
}
