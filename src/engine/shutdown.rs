//! The end of a context: managed registrations are unregistered, threads joined, the socket closed.

use super::clock;
use super::deferred::Deferred;
use super::lock::this_thread;
use super::shared::Shared;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long one more thing is waited for: the removal of a binding, a call of a listener, the
/// thread that drives the sockets, which may be in a log sink of the application.
pub(super) const SHUTDOWN_STEP_LIMIT: Duration = Duration::from_secs(2);

/// How long what waits in connections is offered to the peers at the end.
const UNSENT_LIMIT: Duration = Duration::from_millis(500);

/// How long the removal of so many bindings may take: what a person waits for, unless there are
/// thousands.
fn longest(bindings: usize) -> Duration {
    let each = Duration::from_millis(2).saturating_mul(u32::try_from(bindings).unwrap_or(u32::MAX));
    (Duration::from_secs(5) + each).min(Duration::from_secs(20))
}

impl Shared {
    /// Removes the bindings of managed registrations and waits for that: as long as each
    /// [`SHUTDOWN_STEP_LIMIT`] ends one, and [`longest`] at most. Listeners are not called any more
    /// then.
    pub(super) fn unregister_all(&self) {
        let begin = clock::now();
        let (mut end, mut deadline, mut fewest) = (begin, begin, usize::MAX);
        // Who is called back by us does not wait: no thread drives the sockets meanwhile, or none
        // calls the listeners.
        let called_back = self.events.is_driver()
            || self.is_network_thread()
            || self.events.listeners.is_caller();
        let mut first = true;
        loop {
            let seen = self.events.listeners.happened();
            let since = self.events.rounds_ended();
            let mut deferred = Deferred::default();
            let left = self.locked(|core, now| {
                deferred.set_tap(core.tap());
                if std::mem::take(&mut first) {
                    end = begin + longest(core.agent.registerers_alive());
                    core.agent.registerer_dispose_all(now);
                }
                let left = core.agent.registerers_alive();
                core.drain(now, &self.events, &mut deferred);
                core.rearm(now, &mut deferred);
                left
            });
            self.run_deferred(deferred, false);
            let left = left.ok().filter(|left| *left > 0 && !called_back);
            let Some(left) = left else { break };
            if left < fewest {
                fewest = left;
                deadline = end.min(clock::now() + SHUTDOWN_STEP_LIMIT);
            }
            let now = clock::now();
            if now >= deadline {
                break;
            }
            if self.events.is_stepped() {
                self.one_round(deadline.saturating_duration_since(now), since);
            } else if !self.events.listeners.wait_beyond(seen, Some(deadline)) {
                break;
            }
        }
        let mut deferred = Deferred::default();
        let _ = self.locked(|core, now| {
            deferred.set_tap(core.tap());
            core.agent.registerer_end_all(now);
            core.drain(now, &self.events, &mut deferred);
        });
        self.run_deferred(deferred, false);
        self.events.listeners.end_waits();
        self.events.end_rounds();
        self.events.listeners.close(SHUTDOWN_STEP_LIMIT);
    }

    /// Ends the context. Never takes the application's lock, which the caller or a thread that does
    /// not return may hold.
    pub(super) fn quit(&self) {
        if !self.in_creating_process() {
            return;
        }
        self.unregister_all();
        let core = self.core.lock().take();
        self.events.close();
        self.app.close();
        let Some(mut core) = core else { return };
        let mut deferred = Deferred::default();
        deferred.set_tap(core.tap());
        core.flush(clock::now(), &mut deferred);
        self.run_deferred(deferred, false);
        core.end_streams(clock::now() + UNSENT_LIMIT);
        let is_other = !self.is_network_thread();
        let thread = core.take_thread().filter(|_| is_other);
        if let Some(thread) = thread.filter(|thread| thread.ended.wait(SHUTDOWN_STEP_LIMIT)) {
            // It has nothing left to do but return.
            let _ = thread.handle.join();
        }
        self.events.await_driver(SHUTDOWN_STEP_LIMIT);
        // The last owner of the endpoint closes the socket.
        drop(core);
    }

    fn is_network_thread(&self) -> bool {
        self.network_thread.load(Ordering::Acquire) == this_thread().get()
    }
}

#[cfg(test)]
mod tests {
    use super::clock;
    use crate::engine::registerer::{ManagedOptions, RegistererState};
    use crate::engine::{Callback, Engine, Listen, Listener};
    use std::net::UdpSocket;
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    /// How long a listener takes to end the context while a registrar is silent.
    fn end_in_a_listener(engine: &Engine, step: impl FnOnce()) -> Duration {
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let what = Listen {
            address: Some("127.0.0.1"),
            port: 0,
            ipv6: false,
            dual: false,
            dscp: 0,
            exclusive: false,
        };
        engine.listen_udp(what).unwrap();
        let registrar = format!("sip:{}", silent.local_addr().unwrap());
        let made = || engine.registerer_new(ManagedOptions::new(&registrar)).unwrap().unwrap();
        let (asked, other) = (made(), made());
        let (sender, ended) = mpsc::channel();
        let context = engine.clone();
        let call: Callback = Arc::new(move |_| {
            let begin = clock::now();
            context.unregister_all();
            sender.send(clock::now() - begin).unwrap();
        });
        engine.listen(Listener { rid: Some(other), wants: |_| true, once: false, call }).unwrap();
        engine.registerer_register(asked).unwrap();
        engine.registerer_dispose(other).unwrap();
        step();
        let took = ended.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(engine.registerer_state(asked), Ok(RegistererState::Terminated));
        took
    }

    #[test]
    fn a_listener_that_ends_the_context_waits_for_no_registrar() {
        let engine = Engine::new().unwrap();
        assert!(end_in_a_listener(&engine, || {}) < Duration::from_secs(1));
        let engine = Engine::without_thread().unwrap();
        let step = || {
            engine.step(Some(Duration::ZERO)).unwrap();
        };
        assert!(end_in_a_listener(&engine, step) < Duration::from_secs(1));
    }
}
