//! The floor: the same bytes to the same registrar, by `sendto` and `recvfrom` and nothing else.

use super::measure::{Cost, Watch};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// One registration as it was on the wire: the REGISTER that was challenged, if one was, and the one that got its 200.
pub(crate) struct Samples {
    pub(crate) challenged: Option<Vec<u8>>,
    pub(crate) accepted: Vec<u8>,
}

pub(crate) fn run(to: SocketAddr, samples: &Samples, window: usize, span: Duration) -> io::Result<Cost> {
    let socket = UdpSocket::bind(("127.0.0.1", 0))?;
    socket.set_read_timeout(Some(Duration::from_secs(2)))?;
    let first = samples.challenged.as_ref().unwrap_or(&samples.accepted);
    let mut answer = [0; 2048];
    let mut count = 0;
    let watch = Watch::start();
    for _ in 0..window {
        socket.send_to(first, to)?;
    }
    loop {
        let (length, _) = socket.recv_from(&mut answer)?;
        if answer[..length].starts_with(b"SIP/2.0 401") {
            socket.send_to(&samples.accepted, to)?;
            continue;
        }
        count += 1;
        // The clock costs as much as the rest of this loop: not every time.
        if count % 64 == 0 && watch.elapsed() >= span {
            return Ok(watch.stop(count));
        }
        socket.send_to(first, to)?;
    }
}
