//! The other end: a child process that answers each REGISTER by cutting and pasting, many for one system call.

use super::measure;
use std::io::{self, BufRead, BufReader};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::{self, Command, Stdio};
use std::{mem, ptr};

pub(crate) const ARGUMENT: &str = "--registrar";
pub(crate) const CHALLENGE: &str = "challenge";

/// Datagrams for one system call.
const BATCH: usize = 64;
const SIZE: usize = 2048;

/// The registrar's process, killed when dropped.
pub(crate) struct Child {
    process: process::Child,
    address: SocketAddr,
}

impl Child {
    pub(crate) fn spawn(challenge: bool) -> io::Result<Self> {
        let mode = if challenge { CHALLENGE } else { "open" };
        let mut process =
            Command::new(std::env::current_exe()?).args([ARGUMENT, mode]).stdout(Stdio::piped()).spawn()?;
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
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Answers until killed.
pub(crate) fn serve(challenge: bool) -> io::Result<()> {
    measure::take_last_core();
    // SAFETY: no pointers: the parent's end is ours.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    let socket = UdpSocket::bind(("127.0.0.1", 0))?;
    socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20)?;
    println!("{}", socket.local_addr()?);

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
        // SAFETY: BATCH headers, each pointing at its own address, part and buffer, which live until the loop's end.
        let got = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                headers.as_mut_ptr(),
                BATCH as u32,
                libc::MSG_WAITFORONE,
                ptr::null_mut(),
            )
        };
        let Ok(got) = usize::try_from(got) else { return Err(io::Error::last_os_error()) };
        for i in 0..got {
            let request = &incoming[i][..headers[i].msg_len as usize];
            answer(request, u16::from_be(from[i].sin_port), challenge, &mut outgoing[i]);
            parts[i] = libc::iovec { iov_base: outgoing[i].as_mut_ptr().cast(), iov_len: outgoing[i].len() };
        }
        // SAFETY: the first `got` headers still point at valid addresses and parts; the parts at the answers.
        unsafe { libc::sendmmsg(socket.as_raw_fd(), headers.as_mut_ptr(), got as u32, 0) };
    }
}

fn point(header: &mut libc::mmsghdr, from: &mut libc::sockaddr_in, part: &mut libc::iovec) {
    header.msg_hdr.msg_name = ptr::from_mut(from).cast();
    header.msg_hdr.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
    header.msg_hdr.msg_iov = part;
    header.msg_hdr.msg_iovlen = 1;
}

/// Writes the answer to `request`. The proof of a challenge is that the nonce is the one made for the CSeq before.
pub(crate) fn answer(request: &[u8], port: u16, challenge: bool, out: &mut Vec<u8>) {
    let mut echo = [&b""[..]; 5];
    let (mut contact, mut proof) = (&b""[..], &b""[..]);
    for line in request.split(|&b| b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line {
            [b'V', b'i', ..] => echo[0] = line,
            [b'F', b'r', ..] => echo[1] = line,
            [b'T', b'o', ..] => echo[2] = line,
            [b'C', b'a', ..] => echo[3] = line,
            [b'C', b'S', ..] => echo[4] = line,
            [b'C', b'o', b'n', b't', b'a', ..] => contact = line,
            [b'A', b'u', ..] => proof = line,
            _ => {}
        }
    }
    let cseq: u32 = echo[4]
        .split(|&b| b == b' ')
        .find_map(|word| std::str::from_utf8(word).ok()?.parse().ok())
        .unwrap_or_default();
    let accepted =
        !challenge || find(proof, format!("nonce=\"b{}\"", cseq.wrapping_sub(1)).as_bytes()).is_some();
    out.clear();
    out.extend_from_slice(if accepted { b"SIP/2.0 200 OK\r\n" } else { b"SIP/2.0 401 Unauthorized\r\n" });
    match find(echo[0], b";rport;") {
        Some(at) => {
            out.extend_from_slice(&echo[0][..at]);
            out.extend_from_slice(format!(";received=127.0.0.1;rport={port};").as_bytes());
            out.extend_from_slice(&echo[0][at + 7..]);
        }
        None => out.extend_from_slice(echo[0]),
    }
    for line in &echo[1..] {
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(line);
        if line.starts_with(b"To") {
            out.extend_from_slice(b";tag=bench");
        }
    }
    out.extend_from_slice(b"\r\n");
    if accepted {
        out.extend_from_slice(contact);
        out.extend_from_slice(b";expires=3600");
    } else {
        out.extend_from_slice(
            format!(
                "WWW-Authenticate: Digest realm=\"bench\", nonce=\"b{cseq}\", algorithm=MD5, qop=\"auth\", stale={}",
                !proof.is_empty()
            )
            .as_bytes(),
        );
    }
    out.extend_from_slice(b"\r\nContent-Length: 0\r\n\r\n");
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}
