//! Sequences of calls of the C functions on two contexts that talk to a registrar on 127.0.0.1.
//! src/api_calls.c makes the calls; the registrar here answers what the input says, and with 200
//! while contexts end. No call crashes, hangs, leaks or panics.
//! `cargo +nightly fuzz run api_calls`
#![no_main]

use libfuzzer_sys::fuzz_target;
use register as _; // defines the functions that src/api_calls.c calls
use std::net::{SocketAddr, UdpSocket};
use std::os::raw::c_int;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock};

static REGISTRAR: OnceLock<Registrar> = OnceLock::new();
static STATUS: AtomicU8 = AtomicU8::new(0);

/// What the registrar answers; the first is for the end of contexts.
const ANSWERS: [&str; 12] = [
    "200 OK",
    "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"acme\", nonce=\"a\", qop=\"auth\"",
    "407 Proxy Authentication Required\r\nProxy-Authenticate: Digest realm=\"p\", nonce=\"b\"",
    "200 OK\r\nExpires: 60\r\nService-Route: <sip:a.test;lr>\r\nP-Associated-URI: <sip:+1@h>",
    "403 Forbidden",
    "423 Interval Too Brief\r\nMin-Expires: 7200",
    "503 Service Unavailable\r\nRetry-After: 60",
    "302 Moved Temporarily\r\nContact: <sip:127.0.0.1:9>",
    "183 Session Progress",
    "202 Accepted\r\nExpires: 1\r\nSIP-ETag: a",
    "412 Conditional Request Failed",
    "no answer",
];

struct Registrar {
    socket: UdpSocket,
    /// Who sent the last request.
    peer: Mutex<Option<SocketAddr>>,
}

#[link(name = "api_calls", kind = "static")]
unsafe extern "C" {
    fn api_calls(bytes: *const u8, length: usize, port: c_int);
}

fuzz_target!(|bytes: &[u8]| {
    let port = c_int::from(registrar().socket.local_addr().expect("a bound socket").port());
    // SAFETY: these bytes; the function keeps nothing of them.
    unsafe { api_calls(bytes.as_ptr(), bytes.len(), port) };
});

fn registrar() -> &'static Registrar {
    REGISTRAR.get_or_init(|| {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket on the loopback");
        std::thread::spawn(|| serve(registrar()));
        Registrar { socket, peer: Mutex::new(None) }
    })
}

/// Called from C: what the registrar answers from here on.
#[unsafe(no_mangle)]
extern "C" fn registrar_answers(number: u8) {
    STATUS.store(number % ANSWERS.len() as u8, Ordering::Relaxed);
}

/// Called from C: a datagram to the context that has sent last.
///
/// # Safety
/// `length` bytes can be read at `bytes`.
#[unsafe(no_mangle)]
unsafe extern "C" fn registrar_sends(bytes: *const u8, length: usize) {
    // SAFETY: as promised.
    let datagram = unsafe { std::slice::from_raw_parts(bytes, length) };
    let registrar = registrar();
    if let Some(peer) = *registrar.peer.lock().expect("no panic under this lock") {
        let _ = registrar.socket.send_to(datagram, peer);
    }
}

fn serve(registrar: &Registrar) {
    let mut bytes = [0; 65_536];
    loop {
        let Ok((length, from)) = registrar.socket.recv_from(&mut bytes) else { continue };
        *registrar.peer.lock().expect("no panic under this lock") = Some(from);
        let text = String::from_utf8_lossy(&bytes[..length]);
        let status = ANSWERS[usize::from(STATUS.load(Ordering::Relaxed))];
        if status == "no answer" || text.starts_with("SIP/2.0 ") || text.trim().is_empty() {
            continue;
        }
        let mut answer = format!("SIP/2.0 {status}\r\n");
        for line in text.split("\r\n").skip(1).take_while(|line| !line.is_empty()) {
            let name = line.split(':').next().unwrap_or_default();
            if ["Via", "From", "To", "Call-ID", "CSeq", "Contact"].contains(&name) {
                let is_first = name == "To" && !line.contains(";tag=");
                let tag = if is_first { ";tag=registrar" } else { "" };
                answer += &format!("{line}{tag}\r\n");
            }
        }
        answer += "Content-Length: 0\r\n\r\n";
        let _ = registrar.socket.send_to(answer.as_bytes(), from);
        if text.starts_with("SUBSCRIBE ") || text.starts_with("REFER ") {
            let _ = registrar.socket.send_to(notify(&text).as_bytes(), from);
        }
    }
}

/// The NOTIFY that follows a SUBSCRIBE; each has the next number.
fn notify(subscribe: &str) -> String {
    static NUMBER: AtomicU8 = AtomicU8::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let field = |name: &str| {
        let line = subscribe.split("\r\n").find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().split(";tag=registrar").next().unwrap_or_default().to_owned()
    };
    let (from, to, call_id) = (field("To:"), field("From:"), field("Call-ID:"));
    let state = ["active;expires=60", "pending", "terminated;reason=giveup", "active;expires=1"];
    let state = state[usize::from(number / 4) % state.len()];
    format!(
        "NOTIFY sip:alice@127.0.0.1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKn{number}\r\nFrom:{from};tag=registrar\r\n\
         To:{to}\r\nCall-ID:{call_id}\r\nCSeq: {number} NOTIFY\r\nEvent: presence\r\n\
         Contact: <sip:registrar@127.0.0.1:9>\r\nSubscription-State: {state}\r\n\
         Content-Length: 0\r\n\r\n"
    )
}
