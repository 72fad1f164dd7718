//! The registrar: a child process that answers each REGISTER with the header fields of the request.
//! It sleeps in recvmmsg while nothing is there, and reads and answers all that is there at once.

use super::measure;
use std::io::{self, BufRead, BufReader, Write as _};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::{self, Command, Stdio};
use std::time::Duration;
use std::{mem, ptr};

pub(crate) const ARGUMENT: &str = "--registrar";

/// Datagrams for one system call.
const BATCH: usize = 64;
const SIZE: usize = 2048;
/// The datagram that is answered with [`Counts`].
const COUNTS_REQUEST: &[u8] = b"COUNTS";

/// What the registrar does.
#[derive(Clone, Copy, Default)]
pub(crate) struct Behaviour {
    /// It challenges every request without an Authorization for the nonce of the CSeq before.
    pub(crate) challenge: bool,
    /// So many of a hundred REGISTERs get lost.
    pub(crate) loss_percent: u32,
    /// Seconds granted to the first REGISTERs of an account (CSeq 1 and 2); 0: 3600, as to the
    /// later ones.
    pub(crate) first_expires: u32,
}

/// What the registrar has done so far.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    /// REGISTERs that arrived, the lost ones with them.
    pub(crate) received: u64,
    /// Its CPU time, in microseconds.
    pub(crate) cpu: u64,
}

/// The registrar's process, killed when dropped.
pub(crate) struct Child {
    process: process::Child,
    address: SocketAddr,
}

impl Child {
    pub(crate) fn spawn(behaviour: Behaviour) -> io::Result<Self> {
        let Behaviour { challenge, loss_percent, first_expires } = behaviour;
        Self::spawn_as(ARGUMENT, &[u32::from(challenge), loss_percent, first_expires])
    }

    /// This program again, with other words: it prints the address that it listens at.
    pub(crate) fn spawn_as(argument: &str, words: &[u32]) -> io::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(argument)
            .args(words.iter().map(ToString::to_string))
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let address = line.trim().parse().map_err(io::Error::other)?;
        Ok(Self { process, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has done so far.
    pub(crate) fn counts(&self) -> io::Result<Counts> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.set_read_timeout(Some(Duration::from_secs(5)))?;
        socket.send_to(COUNTS_REQUEST, self.address)?;
        let mut text = [0; 100];
        let length = socket.recv(&mut text)?;
        let text = String::from_utf8_lossy(&text[..length]);
        let mut numbers = text.split(' ').map(|n| n.parse().unwrap_or(0));
        Ok(Counts { received: numbers.next().unwrap_or(0), cpu: numbers.next().unwrap_or(0) })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Answers until killed; `words` are those of [`Child::spawn`].
pub(crate) fn serve(words: &[String]) -> io::Result<()> {
    let word = |i: usize| words.get(i).and_then(|word| word.parse().ok()).unwrap_or(0);
    let behaviour =
        Behaviour { challenge: word(0) != 0, loss_percent: word(1), first_expires: word(2) };
    measure::take_last_core();
    // SAFETY: no pointers. This process ends with its parent.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    let socket = UdpSocket::bind(("127.0.0.1", 0))?;
    force_receive_buffer(&socket, 32 << 20);
    println!("{}", socket.local_addr()?);

    let (mut received, mut random) = (0_u64, 0x9E37_79B9_7F4A_7C15_u64);
    let mut incoming = vec![[0_u8; SIZE]; BATCH];
    let mut outgoing: Vec<Vec<u8>> = (0..BATCH).map(|_| Vec::with_capacity(SIZE)).collect();
    // SAFETY: plain structs for which all zero is a valid value.
    let (mut from, mut parts, mut headers): (
        [libc::sockaddr_in; BATCH],
        [libc::iovec; BATCH],
        [libc::mmsghdr; BATCH],
    ) = unsafe { (mem::zeroed(), mem::zeroed(), mem::zeroed()) };
    loop {
        for i in 0..BATCH {
            parts[i] = libc::iovec { iov_base: incoming[i].as_mut_ptr().cast(), iov_len: SIZE };
            point(&mut headers[i], &mut from[i], &mut parts[i]);
        }
        // SAFETY: BATCH headers, each with its own address, part and buffer, which outlive the
        // loop.
        let got = unsafe {
            let (socket, all, wait) = (socket.as_raw_fd(), BATCH as u32, libc::MSG_WAITFORONE);
            libc::recvmmsg(socket, headers.as_mut_ptr(), all, wait, ptr::null_mut())
        };
        let Ok(got) = usize::try_from(got) else { return Err(io::Error::last_os_error()) };
        let mut answers = 0;
        for i in 0..got {
            let request = &incoming[i][..headers[i].msg_len as usize];
            let out = &mut outgoing[answers];
            if request == COUNTS_REQUEST {
                out.clear();
                out.extend_from_slice(
                    format!("{received} {}", measure::cpu().as_micros()).as_bytes(),
                );
            } else {
                received += 1;
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                if (random >> 33) % 100 < u64::from(behaviour.loss_percent) {
                    continue;
                }
                answer(request, u16::from_be(from[i].sin_port), &behaviour, out);
            }
            from[answers] = from[i];
            parts[answers] = libc::iovec { iov_base: out.as_mut_ptr().cast(), iov_len: out.len() };
            answers += 1;
        }
        let mut sent = 0;
        while sent < answers {
            let (rest, count) = (&mut headers[sent..answers], (answers - sent) as u32);
            // SAFETY: these headers still point at valid addresses and parts; the parts at the
            // answers.
            let went = unsafe { libc::sendmmsg(socket.as_raw_fd(), rest.as_mut_ptr(), count, 0) };
            sent += usize::try_from(went).unwrap_or(1).max(1);
        }
    }
}

/// A buffer for a hundred thousand REGISTERs at once, where the system allows it.
fn force_receive_buffer(socket: &UdpSocket, bytes: libc::c_int) {
    let size = size_of::<libc::c_int>() as libc::socklen_t;
    for option in [libc::SO_RCVBUFFORCE, libc::SO_RCVBUF] {
        // SAFETY: an int that outlives the call, and its size.
        let done = unsafe {
            let value = ptr::from_ref(&bytes).cast();
            libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, option, value, size)
        };
        if done == 0 {
            return;
        }
    }
}

fn point(header: &mut libc::mmsghdr, from: &mut libc::sockaddr_in, part: &mut libc::iovec) {
    header.msg_hdr.msg_name = ptr::from_mut(from).cast();
    header.msg_hdr.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
    header.msg_hdr.msg_iov = part;
    header.msg_hdr.msg_iovlen = 1;
}

/// Writes the answer to `request`. A challenge is answered when the nonce is the one made for the
/// CSeq before.
pub(crate) fn answer(request: &[u8], port: u16, behaviour: &Behaviour, out: &mut Vec<u8>) {
    let mut copied = [&b""[..]; 5];
    let (mut contact, mut authorization) = (&b""[..], &b""[..]);
    for line in request.split(|&b| b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line {
            [b'V', b'i', ..] => copied[0] = line,
            [b'F', b'r', ..] => copied[1] = line,
            [b'T', b'o', ..] => copied[2] = line,
            [b'C', b'a', ..] => copied[3] = line,
            [b'C', b'S', ..] => copied[4] = line,
            [b'C', b'o', b'n', b't', b'a', ..] => contact = line,
            [b'A', b'u', ..] => authorization = line,
            _ => {}
        }
    }
    let cseq: u32 = copied[4]
        .split(|&b| b == b' ')
        .find_map(|word| std::str::from_utf8(word).ok()?.parse().ok())
        .unwrap_or_default();
    // The nonce that the answer to the REGISTER before had, written where the answer will be.
    out.clear();
    let _ = write!(out, "nonce=\"b{}\"", cseq.wrapping_sub(1));
    let accepted = !behaviour.challenge || find(authorization, out).is_some();
    out.clear();
    out.extend_from_slice(if accepted {
        b"SIP/2.0 200 OK\r\n"
    } else {
        b"SIP/2.0 401 Unauthorized\r\n"
    });
    // `rport` has no value in a request.
    match find(copied[0], b";rport") {
        Some(at) => {
            out.extend_from_slice(&copied[0][..at]);
            let _ = write!(out, ";received=127.0.0.1;rport={port}");
            out.extend_from_slice(&copied[0][at + 6..]);
        }
        None => out.extend_from_slice(copied[0]),
    }
    for line in &copied[1..] {
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(line);
        if line.starts_with(b"To") {
            out.extend_from_slice(b";tag=bench");
        }
    }
    out.extend_from_slice(b"\r\n");
    if accepted {
        let granted =
            if cseq <= 2 && behaviour.first_expires > 0 { behaviour.first_expires } else { 3600 };
        // Its own expires parameter, where it has one, is left out.
        let end = find(contact, b";expires=").unwrap_or(contact.len());
        out.extend_from_slice(&contact[..end]);
        let _ = write!(out, ";expires={granted}");
    } else {
        let stale = !authorization.is_empty();
        out.extend_from_slice(b"WWW-Authenticate: Digest realm=\"bench\", ");
        let _ = write!(out, "nonce=\"b{cseq}\", algorithm=MD5, qop=\"auth\", stale={stale}");
    }
    out.extend_from_slice(b"\r\nContent-Length: 0\r\n\r\n");
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}
