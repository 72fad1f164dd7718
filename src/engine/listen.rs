//! From what the application asked for to a bound socket and its thread.

use super::endpoint::Endpoint;
use super::locked::Locked;
use super::network::Network;
use super::shared::Shared;
use super::thread;
use super::{CoreRefusal, Engine, Refusal};
use crate::agent::{AddressFamilies, Listening, TlsSettings, Transport};
use crate::net::{self, Bind, Family, TcpPort, UdpSocket};
use crate::trace::TraceLevel;
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

impl Engine {
    /// Opens the UDP socket and starts the thread. Errors: `WrongState` when already listening,
    /// `BadParameter` for a bad address text or port, `Undefined` when it cannot be bound.
    pub fn listen_udp(&self, what: Listen<'_>) -> Result<(), Refusal> {
        self.shared().command(|core, _, deferred| {
            if core.is_listening() {
                return Err(CoreRefusal::WrongState);
            }
            let bind = bind_address(what)?;
            open(core, self.shared(), bind).map_err(|e| {
                deferred.log(TraceLevel::Error, line!(), || complaint(bind, &e));
                CoreRefusal::Undefined
            })
        })
    }

    /// Has the requests of the eXosip calls go by TCP and starts the thread. `accepts`: the port is
    /// opened, and Contacts name it; otherwise nothing is opened and the port is remembered only.
    /// Errors: `WrongState` when already listening, `BadParameter` for a bad address text or port,
    /// `Undefined` when the port cannot be opened.
    pub fn listen_tcp(&self, what: Listen<'_>, accepts: bool) -> Result<(), Refusal> {
        self.listen_streams(Transport::Tcp, what, accepts)
    }

    /// As [`Engine::listen_tcp`], for TLS over TCP. Nothing is accepted where the settings name no
    /// certificate to show.
    pub fn listen_tls(&self, what: Listen<'_>, accepts: bool) -> Result<(), Refusal> {
        self.prepare_tls(None)?;
        self.listen_streams(Transport::Tls, what, accepts)
    }

    fn listen_streams(
        &self,
        transport: Transport,
        what: Listen<'_>,
        accepts: bool,
    ) -> Result<(), Refusal> {
        self.shared().command(|core, _, deferred| {
            if core.is_listening() {
                return Err(CoreRefusal::WrongState);
            }
            let bind = bind_address(what)?;
            open_streams(core, self.shared(), (transport, bind), accepts).map_err(|e| {
                deferred.log(TraceLevel::Error, line!(), || complaint(bind, &e));
                CoreRefusal::Undefined
            })
        })
    }

    /// How connections use TLS from now on, where a registration has no settings of its own.
    pub fn change_tls_settings(
        &self,
        change: impl FnOnce(&mut TlsSettings),
    ) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| {
            change(Arc::make_mut(&mut core.connecting_mut().tls.settings));
            Ok::<_, CoreRefusal>(())
        })
    }

    /// Reads the files of `settings`, or of those of the context, without any lock, so that the
    /// first connection need not wait for them.
    pub(super) fn prepare_tls(&self, settings: Option<&Arc<TlsSettings>>) -> Result<(), Refusal> {
        let tls = self
            .shared()
            .command(|core, _, _| Ok::<_, CoreRefusal>(core.connecting_mut().tls.clone()))?;
        tls.connector.prepare(settings.unwrap_or(&tls.settings));
        Ok(())
    }

    /// From where connections are made from now on: an address, where it is of the family of the
    /// peer, and the first and the last port.
    pub fn set_connect_from(
        &self,
        change: impl FnOnce(&mut Option<IpAddr>, &mut Option<(u16, u16)>),
    ) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| {
            let options = core.connecting_mut();
            change(&mut options.local, &mut options.ports);
            Ok::<_, CoreRefusal>(())
        })
    }

    /// Whether connections are made from the port that accepts others, if one is opened after this
    /// call.
    pub fn set_shared_port(&self, is_shared: bool) -> Result<(), Refusal> {
        self.shared().command(|core, _, _| {
            core.connecting_mut().shares_port = is_shared;
            Ok::<_, CoreRefusal>(())
        })
    }

    /// Listens on a UDP socket that the application has bound, and still has to close. Errors:
    /// `WrongState` when already listening, `Undefined` for a descriptor that is no bound UDP
    /// socket.
    pub fn listen_on(&self, fd: RawFd) -> Result<(), Refusal> {
        self.shared().command(|core, _, deferred| {
            if core.is_listening() {
                return Err(CoreRefusal::WrongState);
            }
            adopt(core, self.shared(), fd).map_err(|error| {
                deferred.log(TraceLevel::Error, line!(), || {
                    format!("descriptor {fd} is no socket to listen on: {error}")
                });
                CoreRefusal::Undefined
            })
        })
    }

    /// Takes a descriptor of the application, which is closed at the end: a TCP connection carries
    /// the requests to its peer. Where nothing listens yet, the requests of the eXosip calls go by
    /// TCP from now on, and the thread is started. Errors: `WrongState` when UDP is listened on,
    /// `Undefined` for what is no descriptor.
    pub fn adopt_connection(&self, fd: RawFd, what: Listen<'_>) -> Result<(), Refusal> {
        self.shared().command(|core, _, deferred| {
            if core.is_listening() && core.has_udp() {
                return Err(CoreRefusal::WrongState);
            }
            let bind = bind_address(what)?;
            if !net::is_descriptor(fd) {
                return Err(CoreRefusal::Undefined);
            }
            if !core.is_listening() {
                open_streams(core, self.shared(), (Transport::Tcp, bind), false).map_err(|e| {
                    deferred.log(TraceLevel::Error, line!(), || complaint(bind, &e));
                    CoreRefusal::Undefined
                })?;
            }
            core.adopt_connection(net::take_descriptor(fd));
            Ok(())
        })
    }
}

/// What to bind. Errors: an address text that is no address, a port beyond 65535.
pub(super) fn bind_address(what: Listen<'_>) -> Result<Bind, CoreRefusal> {
    let port = if what.port < 0 {
        SIP
    } else {
        u16::try_from(what.port).map_err(|_| CoreRefusal::BadParameter)?
    };
    let ip: IpAddr = match what.address {
        None if what.ipv6 => Ipv6Addr::UNSPECIFIED.into(),
        None => Ipv4Addr::UNSPECIFIED.into(),
        // The one name that needs no look-up (RFC 6761 section 6.3).
        Some(name) if name.eq_ignore_ascii_case("localhost") && what.ipv6 => {
            Ipv6Addr::LOCALHOST.into()
        }
        Some(name) if name.eq_ignore_ascii_case("localhost") => Ipv4Addr::LOCALHOST.into(),
        Some(text) => text.parse().map_err(|_| CoreRefusal::BadParameter)?,
    };
    let Listen { dual, dscp, exclusive, .. } = what;
    Ok(Bind { address: SocketAddr::new(ip, port), dual, dscp, exclusive })
}

/// Binds a UDP socket, starts the thread and gives the agent its address. Errors are those of the
/// system; nothing is left open then.
pub(super) fn open(core: &mut Locked, shared: &Arc<Shared>, bind: Bind) -> io::Result<()> {
    let socket = or_v4(bind, UdpSocket::bind)?;
    core.connecting_mut().dscp = bind.dscp;
    start(core, shared, udp_listening(&socket), Some(socket), None)
}

/// As [`open`], with a socket that is bound already.
pub(super) fn adopt(core: &mut Locked, shared: &Arc<Shared>, fd: RawFd) -> io::Result<()> {
    let socket = UdpSocket::adopt(fd)?;
    start(core, shared, udp_listening(&socket), Some(socket), None)
}

/// Starts the thread of a context whose requests go by TCP or TLS. `accepts`: opens the port, and
/// Contacts name it; otherwise it is remembered only. Errors are those of the system.
fn open_streams(
    core: &mut Locked,
    shared: &Arc<Shared>,
    (transport, bind): (Transport, Bind),
    accepts: bool,
) -> io::Result<()> {
    // Nobody can connect over TLS where there is no certificate to show.
    let has_certificate = core.connecting_mut().tls.settings.server.is_some();
    let accepts = accepts && (transport == Transport::Tcp || has_certificate);
    let is_shared = core.connecting_mut().shares_port;
    let port = match accepts {
        true => Some(or_v4(bind, |bind| TcpPort::bind(bind, is_shared))?),
        false => None,
    };
    let local = port.as_ref().map_or(bind.address, TcpPort::local);
    let families = match local.ip() {
        IpAddr::V4(_) => AddressFamilies::V4,
        IpAddr::V6(ip) if bind.dual && ip.is_unspecified() => AddressFamilies::Both,
        IpAddr::V6(_) => AddressFamilies::V6,
    };
    let contact_port = port.as_ref().map(|port| port.local().port());
    let listening = Listening { local, families, transport, contact_port };
    let connecting = core.connecting_mut();
    connecting.dscp = bind.dscp;
    connecting.shared_port = contact_port.filter(|_| is_shared);
    start(core, shared, listening, None, port)
}

/// Binds; "both families" on a machine without IPv6 is IPv4.
fn or_v4<T>(bind: Bind, how: impl Fn(Bind) -> io::Result<T>) -> io::Result<T> {
    match how(bind) {
        Err(_) if bind.dual && bind.address.ip() == Ipv6Addr::UNSPECIFIED => {
            let v4 = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), bind.address.port());
            how(Bind { address: v4, ..bind })
        }
        other => other,
    }
}

fn udp_listening(socket: &UdpSocket) -> Listening {
    let families = match socket.family() {
        Family::V4 => AddressFamilies::V4,
        Family::V6 => AddressFamilies::V6,
        Family::Dual => AddressFamilies::Both,
    };
    let local = socket.local();
    Listening { local, families, transport: Transport::Udp, contact_port: None }
}

fn start(
    core: &mut Locked,
    shared: &Arc<Shared>,
    listening: Listening,
    udp: Option<UdpSocket>,
    port: Option<TcpPort>,
) -> io::Result<()> {
    let endpoint = Arc::new(Endpoint::new(udp)?);
    let mut network = Network::new(&endpoint, listening.local.port());
    if let Some(port) = port {
        network.streams.listen(port, listening.transport)?;
    }
    if !shared.events.is_stepped() {
        network.set_thread(thread::start(shared, &endpoint)?);
    }
    shared.events.attach(&endpoint);
    core.set_network(network, listening);
    Ok(())
}

/// Why it could not be done, for the trace.
pub(super) fn complaint(bind: Bind, error: &io::Error) -> String {
    format!("cannot listen on {}: {}", bind.address, net::error_text(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(address: Option<&str>, port: i32, ipv6: bool) -> Result<SocketAddr, CoreRefusal> {
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
        assert_eq!(listen(None, 65_536, false), Err(CoreRefusal::BadParameter));
    }

    #[test]
    fn a_text_that_is_no_address_is_refused() {
        for text in ["", "sip.example.org", "1.2.3", "127.0.0.1:5060"] {
            assert_eq!(listen(Some(text), 0, false), Err(CoreRefusal::BadParameter));
        }
    }
}
