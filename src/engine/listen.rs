//! From what the application asked for to a bound socket and its thread.

use super::locked::Locked;
use super::shared::Shared;
use super::thread;
use super::transport::{UdpEndpoint, UdpTransport};
use crate::agent::{AddressFamilies, Listening, Refusal, Transport};
use crate::net::{self, Bind, Family, UdpSocket};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::RawFd;
use std::sync::Arc;

/// The port of SIP, which a negative number stands for.
const SIP: u16 = 5060;

/// What to listen on.
#[derive(Debug, Clone, Copy)]
pub struct Listen<'a> {
    /// An IP address or `localhost`; `None`: all interfaces.
    pub address: Option<&'a str>,
    /// 0: the kernel picks; negative: 5060.
    pub port: i32,
    /// Prefer IPv6 where `address` is `None` (family AF_INET6, or option 20).
    pub ipv6: bool,
    /// With `ipv6` and no address: take IPv4 too (option 20 = 2).
    pub dual: bool,
    /// DSCP value, 0–63 (option 15).
    pub dscp: u8,
    /// No other program may have the port.
    pub exclusive: bool,
}

/// What to bind. Errors: an address text that is no address, a port beyond 65535.
pub(super) fn bind_address(what: Listen<'_>) -> Result<Bind, Refusal> {
    let port = if what.port < 0 {
        SIP
    } else {
        u16::try_from(what.port).map_err(|_| Refusal::BadParameter)?
    };
    let ip: IpAddr = match what.address {
        None if what.ipv6 => Ipv6Addr::UNSPECIFIED.into(),
        None => Ipv4Addr::UNSPECIFIED.into(),
        // The one name that needs no look-up (RFC 6761 section 6.3).
        Some(name) if name.eq_ignore_ascii_case("localhost") && what.ipv6 => {
            Ipv6Addr::LOCALHOST.into()
        }
        Some(name) if name.eq_ignore_ascii_case("localhost") => Ipv4Addr::LOCALHOST.into(),
        Some(text) => text.parse().map_err(|_| Refusal::BadParameter)?,
    };
    let Listen { dual, dscp, exclusive, .. } = what;
    Ok(Bind { address: SocketAddr::new(ip, port), dual, dscp, exclusive })
}

/// Binds, starts the thread and gives the agent its address. Errors are those of the system;
/// nothing is left open then.
pub(super) fn open(core: &mut Locked, shared: &Arc<Shared>, bind: Bind) -> io::Result<()> {
    let flow = match UdpSocket::bind(bind) {
        // "Both families" on a machine without IPv6 is IPv4.
        Err(_) if bind.dual && bind.address.ip() == Ipv6Addr::UNSPECIFIED => {
            let v4 = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), bind.address.port());
            UdpSocket::bind(Bind { address: v4, ..bind })
        }
        other => other,
    }?;
    start(core, shared, flow)
}

/// As [`open`], with a socket that is bound already.
pub(super) fn adopt(core: &mut Locked, shared: &Arc<Shared>, fd: RawFd) -> io::Result<()> {
    start(core, shared, UdpSocket::adopt(fd)?)
}

fn start(core: &mut Locked, shared: &Arc<Shared>, flow: UdpSocket) -> io::Result<()> {
    let endpoint = Arc::new(UdpEndpoint::new(flow)?);
    let mut transport = UdpTransport::new(Arc::clone(&endpoint));
    transport.thread = Some(thread::start(shared, &endpoint)?);
    shared.events.attach(&endpoint);
    let families = match endpoint.flow.family() {
        Family::V4 => AddressFamilies::V4,
        Family::V6 => AddressFamilies::V6,
        Family::Dual => AddressFamilies::Both,
    };
    core.agent.set_listening(Some(Listening {
        local: endpoint.flow.local(),
        families,
        transport: Transport::Udp,
        contact_port: None,
    }));
    core.transport = Some(transport);
    Ok(())
}

/// Why it could not be done, for the trace.
pub(super) fn complaint(bind: Bind, error: &io::Error) -> String {
    format!("cannot listen on {}: {}", bind.address, net::error_text(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(address: Option<&str>, port: i32, ipv6: bool) -> Result<SocketAddr, Refusal> {
        bind_address(Listen { address, port, ipv6, dual: false, dscp: 26, exclusive: false })
            .map(|b| b.address)
    }

    #[test]
    fn without_an_address_all_interfaces_of_the_family() {
        assert_eq!(listen(None, 0, false), Ok("0.0.0.0:0".parse().unwrap()));
        assert_eq!(listen(None, 5070, true), Ok("[::]:5070".parse().unwrap()));
    }

    #[test]
    fn an_address_decides_the_family() {
        assert_eq!(listen(Some("127.0.0.1"), 0, true), Ok("127.0.0.1:0".parse().unwrap()));
        assert_eq!(listen(Some("::1"), 0, false), Ok("[::1]:0".parse().unwrap()));
        assert_eq!(listen(Some("localhost"), 0, false), Ok("127.0.0.1:0".parse().unwrap()));
    }

    #[test]
    fn a_negative_port_is_5060_and_one_beyond_65535_is_refused() {
        assert_eq!(listen(None, -1, false).map(|a| a.port()), Ok(5060));
        assert_eq!(listen(None, 65_536, false), Err(Refusal::BadParameter));
    }

    #[test]
    fn a_text_that_is_no_address_is_refused() {
        for text in ["", "sip.example.org", "1.2.3", "127.0.0.1:5060"] {
            assert_eq!(listen(Some(text), 0, false), Err(Refusal::BadParameter));
        }
    }
}
