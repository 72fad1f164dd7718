//! The network thread: sleeps, takes what has arrived, lets the agent act, sleeps again.

use super::clock;
use super::network::{Gate, Link, Running, Watch};
use super::shared::Shared;
use crate::agent::Input;
use crate::net::{self, Batch, Bounce, Ready};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Starts it. Errors: no thread can be had.
pub(super) fn start(shared: &Arc<Shared>, link: &Arc<Link>) -> io::Result<Running> {
    let over = Arc::new(Gate::default());
    let (shared, link, gate) = (Arc::clone(shared), Arc::clone(link), Arc::clone(&over));
    let handle = net::spawn_quiet("register-net", move || {
        shared.network_thread.store(super::lock::this_thread().get(), Ordering::Release);
        run(&shared, &link);
        // The socket is closed before anybody is told that this thread is over.
        drop((shared, link));
        gate.open();
    })?;
    Ok(Running { handle, over })
}

fn run(shared: &Shared, link: &Link) {
    let mut batch = Batch::new();
    let mut ready = Ready::default();
    // Ends when the context is over or broken.
    while let Some(Some(watch)) = shared.guarded(|| turn(shared, link, &mut batch, ready)) {
        let timeout = watch.until.map(|until| until.saturating_duration_since(clock::now()));
        ready = link.waker.wait(&link.flow, watch.writable, timeout);
    }
}

/// One turn of the law. One batch in one hold of the lock; what to sleep for, or `None` when all is over.
fn turn(shared: &Shared, link: &Link, batch: &mut Batch, ready: Ready) -> Option<Watch> {
    let bounces = if ready.error { link.flow.bounces() } else { Vec::new() };
    batch.clear();
    if ready.readable {
        link.flow.receive(batch);
    }
    let mut after = shared.after();
    let watch = shared.locked(|core, now| {
        for bounce in bounces {
            let Bounce { to, reason, bytes } = bounce;
            core.agent.handle_input(now, Input::Undelivered { to, reason, fatal: false, bytes: &bytes });
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
        if ready.writable {
            core.flush(now, &mut after);
        }
        if core.agent.poll_timeout().is_some_and(|due| due <= now) {
            core.agent.handle_timeout(now);
        }
        core.drain(now, &shared.events, &mut after);
        let until = core.deadline(now);
        core.network.as_mut().map(|network| network.plan(now, ready.readable, until))
    });
    after.run(&shared.events);
    watch.ok().flatten()
}
