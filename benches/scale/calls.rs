//! Whole calls while others stand, beside another library; and the telephone that is called: a
//! child process that answers each INVITE and BYE at once.

use super::drawing::Curve;
use super::measure;
use super::parts::{Setting, head};
use super::programs;
use super::registrar::Child;
use super::runs;
use std::io::{self, Write as _};
use std::net::UdpSocket;

pub(crate) const ARGUMENT: &str = "--telephone";
/// A run takes so many seconds at most.
const LIMIT: usize = 60;
/// A call among the most that stand costs at most so many times one among the fewest.
const FLAT: f64 = 1.5;

/// What a call costs, and each that stands.
pub(crate) fn calls(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head("calls: INVITE, 180, 200, ACK, BYE, 200; the oldest of those that stand is hung up");
    println!(
        "{:>9} {:<16} {:>9} {:>9} {:>15} {:>8}",
        "standing", "", "CPU us", "calls/s", "bytes standing", "missing"
    );
    let (count, sizes) =
        if setting.quick { (200, vec![100, 1000]) } else { (5000, vec![100, 1000, 10_000]) };
    let all = [vec![programs::calls()?], programs::peers(&programs::CALLERS)?].concat();
    let mut ours = Vec::new();
    for &standing in &sizes {
        for (i, program) in all.iter().enumerate() {
            let telephone = Child::spawn_as(ARGUMENT, &[])?;
            let figures = runs::program(program, &telephone, count, standing, LIMIT)?;
            let missing = count as f64 - figures.get("done");
            println!(
                "{standing:>9} {:<16} {:>9.1} {:>9.0} {:>15.0} {missing:>8.0}",
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
        println!("a call among the most costs {:.2} times one among the fewest", many / few);
        if !setting.quick && many / few > FLAT {
            return Err(io::Error::other("the cost of a call grows with those that stand"));
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
    let (mut received, mut response) = (vec![0; 4096], Vec::new());
    loop {
        let (length, from) = socket.recv_from(&mut received)?;
        let request = &received[..length];
        let statuses: &[&str] = match request {
            [b'I', b'N', b'V', ..] => &["180 Ringing", "200 OK"],
            [b'B', b'Y', b'E', ..] => &["200 OK"],
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
                | [b'C', b'S', ..] = line
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
    }
}
