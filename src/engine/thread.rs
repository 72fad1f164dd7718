//! The network thread: drives the sockets while no thread of the application does, and checks that
//! one does.

use super::endpoint::Endpoint;
use super::events::waiting::{DriverGuard, Round};
use super::lock::this_thread;
use super::network::NetworkThread;
use super::shared::Shared;
use super::thread_end::ThreadEnd;
use crate::net;
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
fn run(shared: &Shared, endpoint: &Arc<Endpoint>) {
    let mut driver = DriverGuard::of_network_thread(endpoint);
    loop {
        loop {
            driver.note_now();
            let mut sleep = driver.sleep(None);
            sleep.sleep();
            let ready = endpoint.poller.ready(&sleep);
            if shared.drive(&mut driver, ready) != Round::Done {
                return;
            }
            let (now, plan) = driver.planned();
            if shared.events.hand_over(now, plan, ready.has_arrived()) {
                break;
            }
        }
        loop {
            endpoint.alarm.wait();
            match shared.events.check_driver() {
                None => return,
                Some(true) => {
                    driver.look_at_once();
                    break;
                }
                Some(false) => {}
            }
        }
    }
}
