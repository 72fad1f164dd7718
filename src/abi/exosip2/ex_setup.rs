//! `<eXosip2/eX_setup.h>`: making, configuring and ending a context.

use super::context::{self, ContextOptions, entry, on, on_briefly};
use super::{message, naptr, set_option, text};
use crate::abi::osipparser2::osip_message::{osip_message_free, osip_message_t};
use crate::abi::osipparser2::tracing;
use crate::engine::registerer::Transport;
use crate::engine::{self, CoreRefusal, Listen, Refusal, Tap};
use libc::{c_char, c_int, c_void};
use std::sync::Arc;

/// One SIP user agent: its sockets, registrations, credentials and events. Programs only hold the
/// pointer.
pub struct eXosip_t {
    _opaque: [u8; 0],
}

/// The result of a look-up, see eXosip_dnsutils_naptr; <osip2/osip.h> has its fields.
pub struct osip_naptr {
    _opaque: [u8; 0],
}

/// The servers of one transport; <osip2/osip.h> has its fields.
pub struct osip_srv_record {
    _opaque: [u8; 0],
}

/// Called with each message: `received` is 1 for one that came in, 0 for one that goes out.
pub type CbSipCallback = Option<unsafe extern "C" fn(msg: *mut osip_message_t, received: c_int)>;

/// Allocates a context; pass it to eXosip_init next.
///
/// Returns memory that the caller gives back with osip_free (or free) after eXosip_quit; NULL when
/// there is none.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_malloc() -> *mut eXosip_t {
    entry("eXosip_malloc", || {
        tracing::connect();
        Ok(context::allocate())
    })
}

/// Makes a context ready for use. It may be called again after eXosip_quit.
///
/// Returns 0; OSIP_BADPARAMETER for NULL; OSIP_UNDEFINED_ERROR without entropy or file descriptors.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_init(excontext: *mut eXosip_t) -> c_int {
    entry("eXosip_init", || context::open(excontext))
}

/// Ends a context: stops its thread, closes its sockets, frees its registrations, events and
/// credentials. What waits for a peer that reads slowly may take half a second. Nothing is sent for
/// registrations of the eXosip calls. Those of registerer.h are removed from their registrars
/// first: that goes on while no two seconds pass without one that is gone, and for five seconds and
/// 2 ms for each at most, never more than twenty; a binding that is left then ends when its granted
/// time does, and its explanation says so. Every thread that waits in the context returns. The
/// context's memory stays the caller's, to be freed or initialised again. NULL, a context that was
/// not initialised, or a second call: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_quit(excontext: *mut eXosip_t) {
    entry("eXosip_quit", || {
        context::close(excontext);
        Ok(())
    });
}

/// Takes the context's lock. It is recursive; every function takes it by itself where it needs it.
///
/// Returns 0.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_lock(excontext: *mut eXosip_t) -> c_int {
    on_briefly("eXosip_lock", excontext, |context| {
        context.engine.lock();
        Ok(0)
    })
}

/// Gives the context's lock back; for a thread that does not hold it nothing happens.
///
/// Returns 0.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_unlock(excontext: *mut eXosip_t) -> c_int {
    on_briefly("eXosip_unlock", excontext, |context| {
        context.engine.unlock();
        Ok(0)
    })
}

/// Returns 0 at once: the library's own thread does the work.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_execute(excontext: *mut eXosip_t) -> c_int {
    on("eXosip_execute", excontext, |_| Ok(0))
}

/// Sets option `opt` (EXOSIP_OPT_…) to what `value` points to; <eXosip2/eX_option.h> lists them.
///
/// Returns 0; OSIP_BADPARAMETER for an unknown option, or for NULL where a value is needed.
///
/// # Safety
/// `value` is NULL or points to what the option wants: an int unless its description says
/// otherwise.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_set_option(
    excontext: *mut eXosip_t,
    opt: c_int,
    value: *const c_void,
) -> c_int {
    // SAFETY: the caller's promise is passed on.
    on("eXosip_set_option", excontext, |context| unsafe { set_option::set(context, opt, value) })
}

/// Chooses what the requests of these calls go by, and starts the context's thread.
///
/// `transport` is IPPROTO_UDP, or IPPROTO_TCP; with `secure` 1 TLS goes over TCP. `addr` NULL means
/// all interfaces. `port` 0 lets the kernel choose one that nobody has or shares, a negative one
/// means 5060. `family` AF_INET6, or EXOSIP_OPT_ENABLE_IPV6, takes IPv6 where `addr` is NULL.
///
/// UDP: opens the socket. A port that is named may be opened by another program of any user that
/// names it too, as with eXosip2: the kernel then gives that program what comes in for this one.
/// See registerer_set_exclusive_port in registerer.h.
///
/// TCP: opens nothing and only remembers the port; connections are made when there is something to
/// send. With EXOSIP_OPT_ENABLE_USE_EPHEMERAL_PORT set to 0 before, the port is opened, up to 64
/// connections to it are accepted, and Contacts name it; over TLS where option
/// EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO named a certificate to show.
///
/// Returns 0; OSIP_WRONG_STATE when it listens already; OSIP_BADPARAMETER for another transport or
/// a port above 65535; OSIP_UNDEFINED_ERROR when the address cannot be bound, after which the
/// context may listen again.
///
/// # Safety
/// `addr` is NULL or a text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_listen_addr(
    excontext: *mut eXosip_t,
    transport: c_int,
    addr: *const c_char,
    port: c_int,
    family: c_int,
    secure: c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    let addr = unsafe { text::given(addr) };
    on("eXosip_listen_addr", excontext, |context| {
        let transport = match (transport, secure) {
            (libc::IPPROTO_UDP, 0) => Some(Transport::Udp),
            (libc::IPPROTO_TCP, 0) => Some(Transport::Tcp),
            (libc::IPPROTO_TCP, _) => Some(Transport::Tls),
            _ => None,
        };
        open_port(context, transport, addr.as_deref(), port, family)
    })
}

/// Opens what `transport` needs. Errors: `BadParameter` for one that is not served or a port above
/// 65535, `WrongState`, `Undefined`.
pub(crate) fn open_port(
    context: &context::Context,
    transport: Option<Transport>,
    address: Option<&str>,
    port: c_int,
    family: c_int,
) -> Result<c_int, Refusal> {
    let served = transport.filter(|one| *one != Transport::Tls || cfg!(feature = "tls"));
    let Some(transport) = served else {
        context::warn("this transport is not served");
        return Err(CoreRefusal::BadParameter.into());
    };
    if port > i32::from(u16::MAX) {
        return Err(CoreRefusal::BadParameter.into());
    }
    let options = context.options.lock().clone();
    let listen = listen(&options, address, port, family);
    let accepts = options.accepts_connections;
    let result = match transport {
        Transport::Tls => context.engine.listen_tls(listen, accepts),
        Transport::Tcp => context.engine.listen_tcp(listen, accepts),
        Transport::Udp => context.engine.listen_udp(listen),
    };
    match result {
        Ok(()) => Ok(0),
        // An address that is none cannot be bound.
        Err(Refusal::Core(CoreRefusal::BadParameter)) => Err(CoreRefusal::Undefined.into()),
        Err(refusal) => Err(refusal),
    }
}

fn listen<'a>(
    options: &ContextOptions,
    address: Option<&'a str>,
    port: c_int,
    family: c_int,
) -> Listen<'a> {
    Listen {
        address,
        port,
        ipv6: family == libc::AF_INET6 || options.ipv6 > 0,
        dual: options.ipv6 > 1,
        dscp: options.dscp,
        exclusive: options.exclusive,
    }
}

/// Tells that the network has changed: what was learnt of it is forgotten, and
/// eXosip_automatic_action renews every binding from whatever address it then leaves.
///
/// Returns 0; OSIP_WRONG_STATE while nothing listens.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_reset_transports(excontext: *mut eXosip_t) -> c_int {
    on("eXosip_reset_transports", excontext, |context| {
        context.engine.network_changed()?;
        Ok(0)
    })
}

/// Uses a socket that the application has opened. Starts the thread where nothing listens yet.
///
/// `transport` IPPROTO_UDP: listens on a bound socket, in place of eXosip_listen_addr. It becomes
/// non-blocking and stays the application's to close, after eXosip_quit.
///
/// IPPROTO_TCP: a socket that is connected carries the requests to its peer, as a connection that
/// was made by the context would; any other descriptor is kept and used for nothing. It belongs to
/// the context, which closes it. Where nothing listens yet, requests go by TCP from now on, as
/// after eXosip_listen_addr.
///
/// `port` is not needed: the socket knows its own.
///
/// Returns 0; OSIP_BADPARAMETER for another transport; OSIP_WRONG_STATE when something listens
/// already (TCP: by UDP); OSIP_UNDEFINED_ERROR for a descriptor that is no bound UDP socket (TCP:
/// that is none), which stays the application's.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_set_socket(
    excontext: *mut eXosip_t,
    transport: c_int,
    socket: c_int,
    _port: c_int,
) -> c_int {
    on("eXosip_set_socket", excontext, |context| {
        match transport {
            libc::IPPROTO_UDP => context.engine.listen_on(socket)?,
            libc::IPPROTO_TCP => {
                let options = context.options.lock().clone();
                let listen = listen(&options, None, 0, libc::AF_UNSPEC);
                context.engine.adopt_connection(socket, listen)?;
            }
            _ => return Err(CoreRefusal::BadParameter.into()),
        }
        Ok(0)
    })
}

/// Sets the User-Agent header of requests; NULL makes it empty.
///
/// # Safety
/// `user_agent` is NULL or a text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_set_user_agent(
    excontext: *mut eXosip_t,
    user_agent: *const c_char,
) {
    // SAFETY: the caller's promise.
    let user_agent = unsafe { text::given(user_agent) }.unwrap_or_default();
    on("eXosip_set_user_agent", excontext, |context| {
        context.engine.settings(|settings| settings.user_agent = user_agent.into_owned())
    });
}

/// The version of eXosip2's API that is served, a blank, and the name of this library. A constant,
/// "5.3.0 libregister".
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_version() -> *const c_char {
    c"5.3.0 libregister".as_ptr()
}

/// Sets a function that sees every SIP message that is received (`received` 1) or sent (0), as it
/// is on the wire; NULL: none.
///
/// It is called without any lock of this library held, by the thread that sent the message or by
/// the thread of the context. The message belongs to the library and is gone when the function
/// returns; the function may call anything but eXosip_quit.
///
/// Returns 0.
///
/// # Safety
/// The function may be called from any thread until it is replaced or the context has ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_set_cbsip_message(
    excontext: *mut eXosip_t,
    cbsipCallback: CbSipCallback,
) -> c_int {
    on("eXosip_set_cbsip_message", excontext, |context| {
        let tap = cbsipCallback.map(|callback| -> Tap {
            Arc::new(move |tapped| {
                let message = match tapped.is_received {
                    true => message::received(tapped.bytes),
                    false => message::built(tapped.bytes),
                };
                if !message.is_null() {
                    // SAFETY: the caller's promise; the message is ours and stays until the call is
                    // over.
                    unsafe {
                        callback(message, c_int::from(tapped.is_received));
                        osip_message_free(message);
                    }
                }
            })
        });
        context.engine.set_tap(tap)?;
        Ok(0)
    })
}

/// Sets the address that automatic Contacts show instead of the local one, and the port of Contact
/// and Via.
///
/// `public_address` NULL or empty goes back to the local address; `port` 0 or less leaves the port
/// alone.
///
/// # Safety
/// `public_address` is NULL or a text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_masquerade_contact(
    excontext: *mut eXosip_t,
    public_address: *const c_char,
    port: c_int,
) {
    // SAFETY: the caller's promise.
    let host = unsafe { text::given(public_address) }.filter(|host| !host.is_empty());
    on("eXosip_masquerade_contact", excontext, |context| {
        context.engine.settings(|settings| {
            settings.public_port =
                u16::try_from(port).ok().filter(|port| host.is_some() && *port > 0);
            settings.public_host = host.map(|host| host.into_owned());
        })
    });
}

/// A port that can be bound together with its successor: from `free_port` in 8 tries, or one that
/// the kernel chooses where that is 0. `transport` is IPPROTO_UDP or IPPROTO_TCP.
///
/// Returns the port; OSIP_BADPARAMETER; OSIP_UNDEFINED_ERROR when none was found.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_find_free_port(
    excontext: *mut eXosip_t,
    free_port: c_int,
    transport: c_int,
) -> c_int {
    on("eXosip_find_free_port", excontext, |_| {
        if transport != libc::IPPROTO_UDP && transport != libc::IPPROTO_TCP {
            return Err(CoreRefusal::BadParameter.into());
        }
        let from = u16::try_from(free_port).map_err(|_| CoreRefusal::BadParameter)?;
        let port = engine::find_free_port(from, transport == libc::IPPROTO_TCP);
        port.map(c_int::from).ok_or(CoreRefusal::Undefined.into())
    })
}

/// Makes one eXosip_event_wait return early.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_wakeup_event(excontext: *mut eXosip_t) {
    on("eXosip_wakeup_event", excontext, |context| {
        context.engine.wake_waiters();
        Ok(())
    });
}

/// Replaces the transport in the top Via of `msg`, such as "UDP". One that differs in case alone
/// stays. The message goes by the transport of the context all the same.
///
/// Returns 0; OSIP_BADPARAMETER for NULL; OSIP_UNDEFINED_ERROR for a message without Via.
///
/// # Safety
/// `msg` is NULL or a message; `transport` is NULL or a text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_transport_set(
    msg: *mut osip_message_t,
    transport: *const c_char,
) -> c_int {
    ffi!(|c| super::message::set_transport(c, msg, transport))
}

/// Writes the local address that the kernel uses towards the gateway of
/// EXOSIP_OPT_SET_IPV4_FOR_GATEWAY (family AF_INET) or EXOSIP_OPT_SET_IPV6_FOR_GATEWAY (AF_INET6)
/// into `address`. No packet leaves.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, another family or fewer than `size` bytes that are
/// needed; OSIP_NO_NETWORK when there is no such address.
///
/// # Safety
/// `address` is NULL or may be written for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_guess_localip(
    excontext: *mut eXosip_t,
    family: c_int,
    address: *mut c_char,
    size: c_int,
) -> c_int {
    on("eXosip_guess_localip", excontext, |context| {
        let options = context.options.lock().clone();
        let gateway = match family {
            libc::AF_INET => options.gateway4,
            libc::AF_INET6 => options.gateway6,
            _ => return Err(CoreRefusal::BadParameter.into()),
        };
        // SAFETY: the caller's promise.
        unsafe { text::put(address, size, "")? };
        let found = engine::guess_local_ip(family == libc::AF_INET6, gateway.as_deref())
            .ok_or(CoreRefusal::NoNetwork)?;
        // SAFETY: the caller's promise.
        unsafe { text::put(address, size, &found.to_string()) }
    })
}

/// Looks up the NAPTR and SRV records of `domain`, or of a telephone number
/// `e164.arpa!+15551234` its SIP URI; returns at once. `protocol` and `transport` have no effect.
///
/// The struct (`osip_naptr_t` of <osip2/osip.h>) has what was found once
/// eXosip_dnsutils_dns_process has put it there: `naptr_state` is OSIP_NAPTR_STATE_SRVDONE and the
/// records of UDP, TCP, TLS and DTLS name the servers in the order in which they are to be tried;
/// OSIP_NAPTR_STATE_NOTSUPPORTED where there is nothing; OSIP_NAPTR_STATE_RETRYLATER where no name
/// server has answered.
///
/// With `keep_in_cache` above 0 the struct stays the library's: later calls for the domain give it
/// again, and look it up again once its time (TTL) is over. At most 1024 are kept. With 0 it is the
/// program's, to be released. With a negative number nothing is looked up: what is kept, or NULL.
///
/// Returns the struct; NULL for NULL, and without memory.
///
/// # Safety
/// `domain` is NULL or a text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_dnsutils_naptr(
    excontext: *mut eXosip_t,
    domain: *const c_char,
    _protocol: *const c_char,
    _transport: *const c_char,
    keep_in_cache: c_int,
) -> *mut osip_naptr {
    // SAFETY: the caller's promise.
    let domain = unsafe { text::filled(domain) };
    on("eXosip_dnsutils_naptr", excontext, |_| {
        naptr::look_up(&domain.ok_or(CoreRefusal::BadParameter)?, keep_in_cache)
    })
}

/// Puts what was found into `output_record`, if it has come; with `force` above 0 it waits for
/// that, without any use of the processor. It is no cancelation point.
///
/// Returns 0; OSIP_BADPARAMETER for NULL.
///
/// # Safety
/// `output_record` is NULL or a struct of eXosip_dnsutils_naptr that was not released.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_dnsutils_dns_process(
    output_record: *mut osip_naptr,
    force: c_int,
) -> c_int {
    entry("eXosip_dnsutils_dns_process", || {
        // SAFETY: the caller's promise.
        unsafe { naptr::process(output_record, force > 0) }
    })
}

/// Goes to the next server of a record: `index` moves on, and round.
///
/// Returns the number of servers less 1; OSIP_UNDEFINED_ERROR where there is none;
/// OSIP_BADPARAMETER for NULL.
///
/// # Safety
/// `output_srv` is NULL or a record of such a struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_dnsutils_rotate_srv(output_srv: *mut osip_srv_record) -> c_int {
    entry("eXosip_dnsutils_rotate_srv", || {
        // SAFETY: the caller's promise.
        unsafe { naptr::rotate(output_srv) }
    })
}

/// Frees a struct of eXosip_dnsutils_naptr, unless the library keeps it. NULL is allowed.
///
/// # Safety
/// `naptr_record` is NULL or such a struct that was not released.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_dnsutils_release(naptr_record: *mut osip_naptr) {
    entry("eXosip_dnsutils_release", || {
        // SAFETY: the caller's promise.
        unsafe { naptr::release(naptr_record) };
        Ok(())
    })
}
