//! A registrar that follows a script, with a grammar of its own: it shares nothing with the library
//! that it tests.
//!
//! The user part of To says what happens: `alice` is challenged once and then welcome, `silent`
//! gets no answer, `busy` gets 503, `mallory` is challenged for ever. Digest answers are checked:
//! MD5, qop=auth, password "secret". A MESSAGE gets 200.

#![allow(dead_code, unreachable_pub)]

use md5::{Digest, Md5};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Answers until it is dropped.
pub struct Registrar {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    requests: Arc<Mutex<Vec<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Registrar {
    /// On a port of 127.0.0.1 that the kernel chooses.
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let address = socket.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let seen = stop.clone();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let record = requests.clone();
        let thread = std::thread::spawn(move || {
            let mut bytes = [0; 65_535];
            while !seen.load(Ordering::Relaxed) {
                let Ok((size, from)) = socket.recv_from(&mut bytes) else { continue };
                let request = String::from_utf8_lossy(&bytes[..size]);
                // Whoever has the answer finds its request.
                note(&record, &request);
                if let Some(answer) = answer(&request, from) {
                    socket.send_to(answer.as_bytes(), from).unwrap();
                }
            }
        });
        Self { address, stop, requests, thread: Some(thread) }
    }

    /// The same over connections, each of which has a thread of its own.
    pub fn start_over_tcp() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let seen = stop.clone();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let record = requests.clone();
        let thread = std::thread::spawn(move || {
            let mut connections = Vec::new();
            while !seen.load(Ordering::Relaxed) {
                let (stream, from) = listener.accept().unwrap();
                let record = record.clone();
                connections.push(std::thread::spawn(move || converse(stream, from, &record)));
            }
        });
        Self { address, stop, requests, thread: Some(thread) }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The requests so far, each once.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Registrar {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts connections.
        drop(TcpStream::connect_timeout(&self.address, Duration::from_millis(50)));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Adds a request that came in a datagram, unless it is the last one once more.
fn note(record: &Mutex<Vec<String>>, request: &str) {
    let mut record = record.lock().unwrap();
    if !request.trim().is_empty() && record.last().is_none_or(|last| *last != request) {
        record.push(request.to_owned());
    }
}

/// Answers what comes over one connection, until its other end closes it.
fn converse(mut stream: TcpStream, from: SocketAddr, record: &Mutex<Vec<String>>) {
    let (mut read, mut bytes) = (String::new(), [0; 65_535]);
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        read += &String::from_utf8_lossy(&bytes[..count]);
        while let Some(end) = read.trim_start().find("\r\n\r\n") {
            let begin = read.len() - read.trim_start().len();
            let head = &read[begin..begin + end + 4];
            let length: usize = header(head, "Content-Length").unwrap_or("0").parse().unwrap();
            let whole = begin + head.len() + length;
            if read.len() < whole {
                break;
            }
            let request = read[begin..whole].to_owned();
            read.drain(..whole);
            // Whoever has the answer finds its request.
            let answer = answer(&request, from);
            record.lock().unwrap().push(request);
            if answer.is_some_and(|answer| stream.write_all(answer.as_bytes()).is_err()) {
                return;
            }
        }
    }
}

/// The value of the first header field of this name.
pub fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let head = message.split("\r\n\r\n").next()?;
    head.split("\r\n").skip(1).find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.trim().eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

fn answer(request: &str, from: SocketAddr) -> Option<String> {
    if request.starts_with("MESSAGE ") {
        return Some(message(request, from, "200 OK", ""));
    }
    if !request.starts_with("REGISTER ") {
        return None; // a keep-alive
    }
    let to = header(request, "To")?;
    let user = to.split("sip:").nth(1)?.split('@').next()?;
    let expires: u32 = header(request, "Expires")?.parse().ok()?;
    match user {
        "silent" => None,
        "busy" => Some(message(request, from, "503 Service Unavailable", "Retry-After: 60\r\n")),
        "mallory" => Some(challenge(request, from)),
        _ if !proved(request, user) => Some(challenge(request, from)),
        _ => {
            let bound = match header(request, "Contact") {
                Some(contact) if expires > 0 => format!("Contact: {contact};expires={expires}\r\n"),
                _ => String::new(),
            };
            Some(message(request, from, "200 OK", &bound))
        }
    }
}

fn challenge(request: &str, from: SocketAddr) -> String {
    let field =
        "WWW-Authenticate: Digest realm=\"test\", nonce=\"n1\", qop=\"auth\", algorithm=MD5\r\n";
    message(request, from, "401 Unauthorized", field)
}

fn message(request: &str, from: SocketAddr, status: &str, fields: &str) -> String {
    let copy = |name| header(request, name).unwrap_or_default();
    format!(
        "SIP/2.0 {status}\r\nVia: {};received={};rport={}\r\nFrom: {}\r\nTo: {};tag=r\r\nCall-ID: {}\r\nCSeq: {}\r\n{fields}Content-Length: 0\r\n\r\n",
        copy("Via").replace(";rport", ""),
        from.ip(),
        from.port(),
        copy("From"),
        copy("To"),
        copy("Call-ID"),
        copy("CSeq"),
    )
}

/// RFC 7616 section 3.4.1, with qop=auth.
fn proved(request: &str, user: &str) -> bool {
    let Some(fields) =
        header(request, "Authorization").and_then(|value| value.strip_prefix("Digest "))
    else {
        return false;
    };
    let field = |name: &str| {
        let pairs = fields.split(',').filter_map(|field| field.trim().split_once('='));
        pairs
            .into_iter()
            .find(|(field, _)| *field == name)
            .map_or("", |(_, value)| value.trim_matches('"'))
    };
    let hash = |text: String| {
        Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let who = hash(format!("{user}:test:secret"));
    let what = hash(format!("REGISTER:{}", field("uri")));
    let wanted = hash(format!("{who}:n1:{}:{}:auth:{what}", field("nc"), field("cnonce")));
    field("username") == user
        && field("realm") == "test"
        && field("nonce") == "n1"
        && field("response") == wanted
}
