//! Raw UDP: prebuilt packets, `sendto` and `recvfrom`, and nothing else.

use super::measure::{self, Cost, Watch};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// A REGISTER as this library sends it.
pub(crate) fn request(port: u16, cseq: u32, authorization: bool) -> Vec<u8> {
    let authorization = if authorization {
        format!(
            "Authorization: Digest username=\"bench\", realm=\"bench\", nonce=\"b{}\", \
             uri=\"sip:127.0.0.1:5060\", \
             response=\"6629fae49393a05397450978507c4ef1\", algorithm=MD5, \
             cnonce=\"0a4f113b0a4f113b0a4f113b0a4f113b\", qop=auth, nc=00000001\r\n",
            cseq - 1
        )
    } else {
        String::new()
    };
    format!(
        "REGISTER sip:127.0.0.1:5060 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 127.0.0.1:{port};rport;branch=z9hG4bK0123456789abcdef0123456789abcdef\r\n\
         From: <sip:user00001@bench.test>;tag=0123456789abcdef0123456789abcdef\r\n\
         To: <sip:user00001@bench.test>\r\n\
         Call-ID: 0123456789abcdef0123456789abcdef\r\n\
         CSeq: {cseq} REGISTER\r\n\
         Contact: <sip:user00001@127.0.0.1:{port};line=0123456789abcde>\r\n\
         {authorization}Max-Forwards: 70\r\nUser-Agent: bench\r\nExpires: 3600\r\n\
         Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// What was measured.
pub(crate) struct Measured {
    pub(crate) cost: Cost,
    /// Of a registration, in microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Registrations for `span`, `window` of them in flight; the times of each where there is one.
pub(crate) fn run(
    to: SocketAddr,
    challenge: bool,
    window: usize,
    span: Duration,
) -> io::Result<Measured> {
    let socket = UdpSocket::bind(("127.0.0.1", 0))?;
    socket.set_read_timeout(Some(Duration::from_secs(2)))?;
    let port = socket.local_addr()?.port();
    let (first, second) = (request(port, 1, false), request(port, 2, true));
    let mut answer = [0; 2048];
    let mut times = Vec::with_capacity(1 << 16);
    let mut count = 0;
    let watch = Watch::start();
    let mut begin = measure::clock();
    for _ in 0..window {
        socket.send_to(&first, to)?;
    }
    loop {
        let (length, _) = socket.recv_from(&mut answer)?;
        if challenge && answer[..length].starts_with(b"SIP/2.0 401") {
            socket.send_to(&second, to)?;
            continue;
        }
        count += 1;
        if window == 1 {
            let end = measure::clock();
            times.push(end.duration_since(begin).as_nanos() as u64);
            begin = end;
        }
        // The clock costs as much as the rest of this loop: not every time.
        if count % 64 == 0 && watch.elapsed() >= span {
            let (p50, p99) = measure::percentiles(times);
            return Ok(Measured { cost: watch.stop(count), p50, p99 });
        }
        socket.send_to(&first, to)?;
    }
}
