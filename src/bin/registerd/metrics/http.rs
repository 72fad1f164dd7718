//! As much of HTTP as one text needs: a request is read up to its empty line, answered, and the
//! connection closed.

use crate::sockets::{self, Places};
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Requests at a time; more are closed at once.
const MOST_CONNECTIONS: usize = 16;
const LONGEST_REQUEST: usize = 16 << 10;
const PATIENCE: Duration = Duration::from_secs(5);
const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Where the metrics are: an address of this machine, or the path of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MetricsAddress {
    Loopback(SocketAddr),
    Unix(PathBuf),
}

impl FromStr for MetricsAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<MetricsAddress, &'static str> {
        if let Some(path) = text.strip_prefix("unix:").or(text.starts_with('/').then_some(text)) {
            return Ok(MetricsAddress::Unix(path.into()));
        }
        let port = text.parse().ok().map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let address: SocketAddr = port
            .or_else(|| text.parse().ok())
            .ok_or("it is no port, no address with a port, and no path")?;
        if address.ip().is_loopback() {
            Ok(MetricsAddress::Loopback(address))
        } else {
            Err("it is no address of the loopback; a proxy or a socket may serve others")
        }
    }
}

impl fmt::Display for MetricsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MetricsAddress::Loopback(address) => write!(f, "http://{address}/metrics"),
            MetricsAddress::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Serves what `text` gives from a thread of its own. Returns where, with the port that the kernel
/// has chosen.
pub(crate) fn serve(
    address: &MetricsAddress,
    mode: u32,
    text: impl Fn() -> String + Send + Sync + 'static,
) -> io::Result<MetricsAddress> {
    let text: Arc<dyn Fn() -> String + Send + Sync> = Arc::new(text);
    let thread = std::thread::Builder::new().name("metrics".to_owned());
    match address {
        MetricsAddress::Loopback(address) => {
            let listener = TcpListener::bind(address)?;
            let bound = listener.local_addr()?;
            thread.spawn(move || {
                accept(listener.incoming(), &text, |stream| {
                    stream.set_read_timeout(Some(PATIENCE))?;
                    stream.set_write_timeout(Some(PATIENCE))
                });
            })?;
            Ok(MetricsAddress::Loopback(bound))
        }
        MetricsAddress::Unix(path) => {
            let listener = sockets::bind_unix(path, mode)?;
            thread.spawn(move || {
                accept(listener.incoming(), &text, |stream| {
                    stream.set_read_timeout(Some(PATIENCE))?;
                    stream.set_write_timeout(Some(PATIENCE))
                });
            })?;
            Ok(address.clone())
        }
    }
}

fn accept<S: Read + Write + Send + 'static>(
    incoming: impl Iterator<Item = io::Result<S>>,
    text: &Arc<dyn Fn() -> String + Send + Sync>,
    prepare: fn(&S) -> io::Result<()>,
) {
    let places = Places::new(MOST_CONNECTIONS);
    for stream in incoming {
        let Ok(mut stream) = stream else { continue };
        let Some(place) = places.take().filter(|_| prepare(&stream).is_ok()) else { continue };
        let text = Arc::clone(text);
        let thread = std::thread::Builder::new().name("metrics".to_owned());
        // What becomes of the connection is the affair of who asks.
        let _ = thread.spawn(move || {
            let _place = place;
            answer(&mut stream, &*text)
        });
    }
}

fn answer<S: Read + Write>(stream: &mut S, text: &dyn Fn() -> String) -> io::Result<()> {
    let mut request = Vec::new();
    let mut part = [0; 1024];
    while !ends(&request) {
        let size = stream.read(&mut part)?;
        if size == 0 || request.len() > LONGEST_REQUEST {
            return Ok(());
        }
        request.extend_from_slice(part.get(..size).unwrap_or_default());
    }
    stream.write_all(reply(&request, text).as_bytes())
}

fn ends(request: &[u8]) -> bool {
    request.windows(4).any(|four| four == b"\r\n\r\n")
        || request.windows(2).any(|two| two == b"\n\n")
}

fn reply(request: &[u8], text: &dyn Fn() -> String) -> String {
    let request = String::from_utf8_lossy(request);
    let mut words = request.split_whitespace();
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let path = path.split('?').next().unwrap_or("");
    let (status, kind, body) = match (method, path) {
        ("GET" | "HEAD", "/metrics" | "/") => ("200 OK", TYPE, text()),
        ("GET" | "HEAD", _) => ("404 Not Found", "text/plain", "see /metrics\n".to_owned()),
        _ => ("405 Method Not Allowed", "text/plain", "GET only\n".to_owned()),
    };
    let length = body.len();
    let body = if method == "HEAD" { "" } else { &body };
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_on_the_loopback_or_in_a_file() {
        let parse = |text: &str| text.parse::<MetricsAddress>();
        assert_eq!(parse("9100").unwrap().to_string(), "http://127.0.0.1:9100/metrics");
        assert_eq!(parse("[::1]:0").unwrap().to_string(), "http://[::1]:0/metrics");
        assert_eq!(parse("unix:x").unwrap(), MetricsAddress::Unix("x".into()));
        assert_eq!(parse("/run/x").unwrap(), MetricsAddress::Unix("/run/x".into()));
        assert!(parse("0.0.0.0:9100").is_err() && parse("x").is_err());
    }

    #[test]
    fn only_the_metrics_are_served() {
        let text = || "x".to_owned();
        assert!(reply(b"GET /metrics HTTP/1.1\r\n\r\n", &text).ends_with("\r\n\r\nx"));
        assert!(
            reply(b"HEAD / HTTP/1.1\r\n\r\n", &text)
                .ends_with("Length: 1\r\nConnection: close\r\n\r\n")
        );
        assert!(reply(b"GET /x HTTP/1.1\r\n\r\n", &text).starts_with("HTTP/1.1 404"));
        assert!(reply(b"POST /metrics HTTP/1.1\r\n\r\n", &text).starts_with("HTTP/1.1 405"));
    }
}
