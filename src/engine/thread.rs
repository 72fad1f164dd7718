//! The network thread: drives the sockets while no thread of the application does, and sees to it that somebody does.

use super::clock;
use super::network::{Gate, Link, Running};
use super::shared::Shared;
use crate::net::{self, Ready};
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

/// Ends when the context is over or broken.
fn run(shared: &Shared, link: &Link) {
    loop {
        let mut ready = Ready::default();
        loop {
            let Some((now, watch)) = shared.round(link, ready, false) else { return };
            if shared.events.hand_over(now, watch, ready.readable) {
                break;
            }
            ready = link.wait(clock::now(), watch);
        }
        loop {
            link.alarm.wait();
            match shared.events.look() {
                None => return,
                Some(true) => break,
                Some(false) => {}
            }
        }
    }
}
