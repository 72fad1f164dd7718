//! The network thread: drives the sockets while no thread of the application does, and checks that
//! one does.

use super::clock;
use super::endpoint::Endpoint;
use super::lock::this_thread;
use super::network::NetworkThread;
use super::shared::Shared;
use super::thread_end::ThreadEnd;
use crate::net::{self, Ready};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Starts it. Errors: no thread can be started.
pub(super) fn start(shared: &Arc<Shared>, endpoint: &Arc<Endpoint>) -> io::Result<NetworkThread> {
    let ended = Arc::new(ThreadEnd::default());
    let (shared, endpoint, end) = (Arc::clone(shared), Arc::clone(endpoint), Arc::clone(&ended));
    let handle = net::spawn_without_signals("register-net", move || {
        shared.network_thread.store(this_thread().get(), Ordering::Release);
        run(&shared, &endpoint);
        // The socket is closed before another thread learns that this one has ended.
        drop((shared, endpoint));
        end.signal();
    })?;
    Ok(NetworkThread { handle, ended })
}

/// Returns when the context has ended or is broken.
fn run(shared: &Shared, endpoint: &Endpoint) {
    loop {
        let mut ready = Ready::default();
        loop {
            let Some((now, plan)) = shared.round(endpoint, ready, false) else { return };
            if shared.events.hand_over(now, plan, ready.has_arrived()) {
                break;
            }
            ready = endpoint.wait(clock::now(), plan);
        }
        loop {
            endpoint.alarm.wait();
            match shared.events.check_driver() {
                None => return,
                Some(true) => break,
                Some(false) => {}
            }
        }
    }
}
