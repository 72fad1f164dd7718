//! What the engine keeps for the whole process: the numbers of registrations, and which process it
//! belongs to. One test each, for they share the process.

#![allow(missing_docs, unsafe_code, clippy::unwrap_used)]

use register::engine::{CoreRefusal, Engine, InitialRegister, Listen, Refusal, Rid};
use std::time::Duration;

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

fn build(engine: &Engine, from: &str, proxy: &str) -> Result<Rid, Refusal> {
    let ask = InitialRegister { from, proxy, contact: None, expires: 60, q: None };
    engine.build_initial_register(ask).map(|(rid, _)| rid)
}

#[test]
fn rids_are_counted_from_1_and_only_a_syntax_error_skips_one() {
    let (a, b) = (listening(), listening());
    let good = ("sip:alice@example.org", "sip:example.org");
    assert_eq!(build(&a, good.0, good.1), Ok(1));
    assert_eq!(build(&b, good.0, good.1), Ok(2));
    assert_eq!(build(&a, "", good.1), Err(CoreRefusal::BadParameter.into()));
    assert_eq!(build(&a, good.0, ""), Err(CoreRefusal::BadParameter.into()));
    assert_eq!(build(&a, good.0, good.1), Ok(3));
    assert!(matches!(build(&a, good.0, "not a uri"), Err(Refusal::Core(CoreRefusal::Syntax(_)))));
    assert_eq!(build(&b, good.0, good.1), Ok(5));
}

#[test]
fn a_child_of_fork_touches_nothing_even_when_the_lock_was_held() {
    let engine = listening();
    std::thread::scope(|s| {
        s.spawn(|| engine.lock());
    });
    // SAFETY: the child only calls what is promised to return at once, and leaves by _exit; the
    // alarm ends it if that is broken.
    let status = unsafe {
        match libc::fork() {
            0 => {
                libc::alarm(10);
                engine.lock();
                engine.unlock();
                let refused = engine.statistics() == Err(Refusal::Forked)
                    && engine.automatic_action() == Err(Refusal::Forked);
                let silent = engine.event_wait(None).is_none() && engine.event_fd() == -1;
                engine.wake_waiters();
                engine.quit();
                libc::_exit(i32::from(!(refused && silent)));
            }
            child => {
                let mut status = 0;
                libc::waitpid(child, &raw mut status, 0);
                status
            }
        }
    };
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, "{status:#x}");
    assert_eq!(engine.event_wait(Some(Duration::ZERO)), None);
    assert_ne!(engine.port(), None);
    engine.quit();
}
