//! Driving the sockets: sleep, take what has arrived, let the agent act, sleep again. Done by the network thread or by a thread of
//! the application that waits for an event, one at a time (see `turn`).

use super::after::After;
use super::clock;
use super::events::{Drove, Seat};
use super::network::{Link, Watch};
use super::shared::Shared;
use crate::agent::Input;
use crate::net::{Bounce, Ready};
use std::sync::atomic::Ordering;
use std::time::Instant;

impl Shared {
    /// One round of an application thread: sleeps until something happens or `deadline`, and deals with it.
    pub(super) fn drive(&self, seat: &mut Seat, deadline: Option<Instant>) -> Drove {
        if seat.link.gathered.load(Ordering::Relaxed) {
            // The answers to what went before may be there.
            let ready = Ready { readable: true, ..Ready::default() };
            let Some((now, watch)) = self.round(&seat.link, ready, true) else { return Drove::Over };
            (seat.now, seat.watch) = (now, watch);
            return Drove::On;
        }
        let watch = seat.watch;
        let until = [watch.until, deadline].into_iter().flatten().min();
        let ready = seat.link.wait(seat.now, Watch { until, ..watch });
        if !self.at_home() {
            return Drove::Elsewhere;
        }
        if ready == Ready::default() && watch.until.is_none_or(|due| due > clock::now()) {
            return Drove::On;
        }
        let Some((now, watch)) = self.round(&seat.link, ready, true) else { return Drove::Over };
        (seat.now, seat.watch) = (now, watch);
        Drove::On
    }

    /// One round of the law, with one batch in one hold of the lock. The time, and what to sleep for; `None` when all is over.
    /// `waits`: this thread waits for an event itself.
    pub(super) fn round(&self, link: &Link, ready: Ready, waits: bool) -> Option<(Instant, Watch)> {
        self.guarded(|| {
            let bounces = if ready.error { link.flow.bounces() } else { Vec::new() };
            let mut batch = link.batch.lock();
            batch.clear();
            if ready.readable {
                link.flow.receive(&mut batch);
            }
            let mut after = After::default();
            let watch = self.locked(|core, now| {
                after.copy_for(&core.tap);
                for bounce in bounces {
                    let Bounce { to, reason, bytes } = bounce;
                    core.agent
                        .handle_input(now, Input::Undelivered { to, reason, fatal: false, bytes: &bytes });
                }
                for (from, bytes) in batch.iter() {
                    after.traffic("<-", from, bytes);
                    core.agent.handle_input(now, Input::Datagram { from, bytes });
                }
                if ready.changed {
                    if let Some(network) = core.network.as_mut() {
                        network.forget_paths();
                    }
                    core.agent.network_stirred(now);
                }
                if ready.writable || link.gathered.load(Ordering::Relaxed) {
                    core.flush(now, &mut after);
                }
                if core.agent.poll_timeout().is_some_and(|due| due <= now) {
                    core.agent.handle_timeout(now);
                }
                core.drain(now, &self.events, &mut after);
                let until = core.deadline(now);
                core.network.as_mut().map(|network| (now, network.plan(now, ready.readable, until)))
            });
            drop(batch);
            if waits {
                after.take_one_event();
            }
            after.run(&self.events);
            watch.ok().flatten()
        })
        .flatten()
    }
}
