//! Whole calls and subscriptions while others stand, beside another library; and the other user
//! agent: a child process that answers each INVITE, BYE and SUBSCRIBE at once.

use super::drawing::Curve;
use super::measure;
use super::parts::{Setting, head};
use super::programs::{self, Program};
use super::registrar::Child;
use super::runs;
use std::io::{self, Write as _};
use std::net::{SocketAddr, UdpSocket};

pub(crate) const ARGUMENT: &str = "--peer";
/// A run takes so many seconds at most.
const LIMIT: usize = 60;
/// One among the most that stand costs at most so many times one among the fewest.
const FLAT: f64 = 1.5;

/// What a call costs, and each that stands.
pub(crate) fn calls(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head("calls: INVITE, 180, 200, ACK, BYE, 200; the oldest of those that stand is hung up");
    let all = [vec![programs::calls()?], programs::peers(&programs::CALLERS)?].concat();
    among_others(setting, "call", &all)
}

/// The same of a subscription.
pub(crate) fn subscriptions(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head(
        "subscriptions: SUBSCRIBE, NOTIFY; the oldest of those that stand is ended by the same two",
    );
    let peers = programs::peers(&programs::SUBSCRIBERS)?;
    among_others(setting, "subscription", &[vec![programs::subscriptions()?], peers].concat())
}

/// Each of the programs, the first of which is ours, with few and with many that stand.
fn among_others(setting: &Setting, what: &str, all: &[Program]) -> io::Result<()> {
    println!(
        "{:>9} {:<16} {:>9} {:>9} {:>15} {:>8}",
        "standing", "", "CPU us", "per second", "bytes standing", "missing"
    );
    let (count, sizes) =
        if setting.quick { (200, vec![100, 1000]) } else { (5000, vec![100, 1000, 10_000]) };
    let mut ours = Vec::new();
    for &standing in &sizes {
        for (i, program) in all.iter().enumerate() {
            let peer = Child::spawn_as(ARGUMENT, &[])?;
            let figures = runs::program(program, &peer, count, standing, LIMIT)?;
            let missing = count as f64 - figures.get("done");
            println!(
                "{standing:>9} {:<16} {:>9.1} {:>10.0} {:>15.0} {missing:>8.0}",
                program.name,
                figures.get("cpu"),
                figures.get("rate"),
                figures.get("standing"),
            );
            if i == 0 {
                ours.push(figures.get("cpu"));
            }
        }
    }
    if let [few, .., many] = ours.as_slice() {
        println!("a {what} among the most costs {:.2} times one among the fewest", many / few);
        if !setting.quick && many / few > FLAT {
            return Err(io::Error::other(format!("a {what} costs more, the more of them stand")));
        }
    }
    Ok(())
}

/// Answers until it is killed.
pub(crate) fn serve() -> io::Result<()> {
    measure::take_last_core();
    // SAFETY: no pointers. This process ends with its parent.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    let socket = UdpSocket::bind(("127.0.0.1", 0))?;
    let address = socket.local_addr()?;
    println!("{address}");
    let (mut received, mut response, mut number) = (vec![0; 4096], Vec::new(), 0);
    loop {
        let (length, from) = socket.recv_from(&mut received)?;
        let request = &received[..length];
        let is_subscribe = request.starts_with(b"SUBSCRIBE ");
        let statuses: &[&str] = match request {
            [b'I', b'N', b'V', ..] => &["180 Ringing", "200 OK"],
            [b'B', b'Y', b'E', ..] | [b'S', b'U', b'B', ..] => &["200 OK"],
            _ => &[],
        };
        for status in statuses {
            response.clear();
            let _ = write!(response, "SIP/2.0 {status}\r\n");
            for line in request.split(|&b| b == b'\n').skip(1) {
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                if let [b'V', b'i', ..]
                | [b'F', b'r', ..]
                | [b'T', b'o', ..]
                | [b'C', b'a', ..]
                | [b'C', b'S', ..]
                | [b'E', b'x', ..] = line
                {
                    response.extend_from_slice(line);
                    let has_tag = line.windows(5).any(|word| word == b";tag=");
                    if line.starts_with(b"To") && !has_tag {
                        response.extend_from_slice(b";tag=other");
                    }
                    response.extend_from_slice(b"\r\n");
                }
            }
            let _ = write!(response, "Contact: <sip:other@{address}>\r\nContent-Length: 0\r\n\r\n");
            socket.send_to(&response, from)?;
        }
        if is_subscribe {
            number += 1;
            let notify = notify(request, (address, from), number);
            socket.send_to(notify.as_bytes(), from)?;
        }
    }
}

/// The NOTIFY that follows a SUBSCRIBE; the last one where it asks for no time.
fn notify(subscribe: &[u8], (address, to): (SocketAddr, SocketAddr), number: usize) -> String {
    let text = String::from_utf8_lossy(subscribe);
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    let (from, call_id) = (field("From:"), field("Call-ID:"));
    let notifier = field("To:").replace(";tag=other", "");
    let state = if field("Expires:") == "0" { "terminated;reason=timeout" } else { "active" };
    format!(
        "NOTIFY sip:program@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {address};branch=z9hG4bK{number}\r\n\
         Max-Forwards: 70\r\nFrom: {notifier};tag=other\r\nTo: {from}\r\nCall-ID: {call_id}\r\n\
         CSeq: {number} NOTIFY\r\nContact: <sip:other@{address}>\r\nEvent: presence\r\n\
         Subscription-State: {state}\r\nContent-Length: 0\r\n\r\n"
    )
}
