//! Making, opening and ending a context by `<registerer.h>` alone.

use super::options::{self, path, refused, text};
use super::registerer_context;
use super::sized::{self, SizedStruct};
use crate::abi::exosip2::context::{self, Context, entry, on};
use crate::abi::exosip2::ex_setup::open_port;
use crate::abi::exosip2::set_option::is_uuid;
use crate::abi::osipparser2::tracing;
use crate::cmem;
use crate::engine::registerer::{CertificateFiles, OptionsError, Transport, excerpt};
use crate::engine::{CoreRefusal, Engine, Refusal};
use libc::{c_char, c_int};
use std::mem::offset_of;
use std::path::PathBuf;
use std::time::Duration;

/// The options of a context. Texts are copied; NULL and "" mean: none. Fill it with
/// registerer_context_options_init first.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct registerer_context_options {
    /// sizeof(struct registerer_context_options).
    pub size: usize,
    /// The User-Agent of requests; none: the name and the version of the library.
    pub user_agent: *const c_char,
    /// A UUID for the registrations that have no `instance_id` of their own; none: made at random.
    pub instance_id: *const c_char,
    /// What Contacts show in place of our own address; none: our own.
    pub public_address: *const c_char,
    /// The port that goes with it; 0: that which we listen on (0).
    pub public_port: c_int,
    /// Where registerer_context_listen is given no address: 0 is IPv4, 1 is IPv6, 2 is both (0).
    pub ipv6: c_int,
    /// The DSCP value of what is sent, 0 to 63 (26).
    pub dscp: c_int,
    /// Seconds between keep-alives; 0: none (17).
    pub keepalive_interval: c_int,
    /// Whether connections of others are accepted, where TCP or TLS is listened on (0). With TLS a
    /// certificate is needed for that.
    pub accept_connections: c_int,
    /// TLS, for what belongs to no registration: whether certificates are checked (1). What a
    /// registration wants of it is in its own options.
    pub tls_verify: c_int,
    /// A file of root certificates in PEM, or a folder of such files; none: those of the system.
    pub tls_ca_file: *const c_char,
    /// What is shown to those who connect to us, and to a server that asks for a certificate: PEM,
    /// with its issuers after it, or DER; and …
    pub tls_certificate_file: *const c_char,
    /// … its private key: PEM or DER, not encrypted.
    pub tls_key_file: *const c_char,
    /// Whether events are kept from the beginning (0): see registerer_next_event.
    pub queue_events: c_int,
    /// Whether a thread of the library does the work, and another calls the listeners (1); 0: the
    /// program does, by registerer_step.
    pub own_thread: c_int,
}

// SAFETY: it begins with its size; the rest are pointers and numbers.
unsafe impl SizedStruct for registerer_context_options {
    const MIN_SIZE: usize = offset_of!(registerer_context_options, own_thread) + size_of::<c_int>();
    const NAME: &'static str = "context_options";
    const HOW_TO_SET: &'static str = "use registerer_context_options_init";
}

/// Fills `options` with the defaults; `size` is sizeof(struct registerer_context_options).
///
/// Returns 0; REGISTERER_BAD_PARAMETER for NULL or a size that is none.
///
/// # Safety
/// `options` is NULL or may be written for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_context_options_init(
    options: *mut registerer_context_options,
    size: usize,
) -> c_int {
    entry("registerer_context_options_init", || {
        if options.is_null() || !sized::is_size_of::<registerer_context_options>(size) {
            return Err(CoreRefusal::BadParameter.into());
        }
        let ours = registerer_context_options { size, ..default_options() };
        // SAFETY: the caller's promise.
        unsafe { sized::write(&ours, options, size) };
        Ok(0)
    })
}

/// Makes a context. Nothing is opened or sent. `options` NULL means the defaults.
///
/// Returns a context, to be ended by registerer_context_free; NULL for options that are wrong (the
/// trace has the reason), and without memory, entropy or file descriptors.
///
/// # Safety
/// `options` is NULL or filled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_context_new(
    options: *const registerer_context_options,
) -> *mut registerer_context {
    entry("registerer_context_new", || {
        tracing::connect();
        let wanted = if options.is_null() {
            default_options()
        } else {
            // SAFETY: the caller's promise.
            unsafe { sized::read(options, default_options()) }
                .map_err(|w| refused(OptionsError(w)))?
        };
        // SAFETY: the caller's promise.
        let wanted = unsafe { ContextSettings::read(&wanted) }.map_err(refused)?;
        let made = context::allocate();
        if made.is_null() {
            return Err(CoreRefusal::Undefined.into());
        }
        let make = if wanted.has_thread { Engine::new } else { Engine::without_thread };
        let opened = context::open_with(made, make)
            .and_then(|_| context::find(made)?.with(|context| wanted.apply(context)));
        match opened {
            Ok(()) => Ok(made),
            Err(refusal) => {
                end(made);
                Err(refusal)
            }
        }
    })
}

/// Ends a context and frees it. The registrations are removed from their registrars first: that
/// goes on while no two seconds pass without one that is gone, and for five seconds and 2 ms for
/// each at most, never more than twenty. Then every thread that waits in the context returns, the
/// sockets are closed, and the pointer is nobody's. A context of eXosip_malloc that was initialised
/// may be ended so too. NULL, and one that has ended: nothing happens.
///
/// It may be called by a listener, which then waits for no answer of a registrar. A listener that
/// another thread is in is waited for, two seconds at most.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_context_free(context: *mut registerer_context) {
    entry("registerer_context_free", || {
        if context::close(context) {
            // SAFETY: a block of `allocate`, which was in the table until now: no other call frees
            // it.
            unsafe { cmem::release(context.cast()) };
        }
        Ok(())
    });
}

/// Opens what registrations are sent from, and starts the context's thread, if it has one.
/// `transport` is one of
/// enum registerer_transport, what requests of the eXosip calls go by; a registration goes by what
/// its own options say all the same. REGISTERER_TRANSPORT_AUTOMATIC is UDP. `address` NULL means
/// all interfaces. `port` 0 lets the kernel choose one; below 0 it is that of SIP, 5060. With TCP
/// and TLS nothing is opened before it is needed, unless connections are accepted.
///
/// Returns 0; REGISTERER_WRONG_STATE when it listens already; REGISTERER_BAD_PARAMETER for another
/// transport or a port above 65535; REGISTERER_UNDEFINED_ERROR when the address cannot be bound,
/// after which another one may be tried.
///
/// # Safety
/// `address` is NULL or a text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_context_listen(
    context: *mut registerer_context,
    transport: c_int,
    address: *const c_char,
    port: c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    let address = Some(unsafe { text(address) }).filter(|text| !text.is_empty());
    on("registerer_context_listen", context, |context| {
        let transport = match transport {
            0 => Some(Transport::Udp),
            other => options::transport(other),
        };
        open_port(context, transport, address.as_deref(), port, libc::AF_UNSPEC)
    })
}

/// The port that registerer_context_listen has opened, or that was given where nothing is open yet.
///
/// Returns it; REGISTERER_NO_NETWORK before that; REGISTERER_BAD_PARAMETER.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_context_port(context: *mut registerer_context) -> c_int {
    on("registerer_context_port", context, |context| {
        let port = context.engine.port().ok_or(CoreRefusal::NoNetwork)?;
        Ok(c_int::from(port))
    })
}

/// Tells that the network has changed, where the system does not: each registration asks for its
/// binding again, from whatever address it then leaves. Changes of addresses, routes and links of
/// this machine are noticed without this.
///
/// Returns 0; REGISTERER_WRONG_STATE while nothing listens; REGISTERER_BAD_PARAMETER.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_context_network_changed(context: *mut registerer_context) -> c_int {
    on("registerer_context_network_changed", context, |context| {
        context.engine.network_changed().map(|()| 0)
    })
}

/// The version of this library, as "0.1.0"; a constant.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// The name of an error (enum registerer_error), "WRONG_STATE" for -3; a constant, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_error_name(error: c_int) -> *const c_char {
    let name = match error {
        0.. => c"OK",
        -1 => c"UNDEFINED_ERROR",
        -2 => c"BAD_PARAMETER",
        -3 => c"WRONG_STATE",
        -4 => c"NO_MEMORY",
        -5 => c"SYNTAX_ERROR",
        -6 => c"NOT_FOUND",
        -7 => c"NOT_INITIALIZED",
        -10 => c"NO_NETWORK",
        _ => c"UNKNOWN",
    };
    name.as_ptr()
}

/// Ends a context that nobody knows of yet.
fn end(context: *mut registerer_context) {
    context::close(context);
    // SAFETY: a block of `allocate`, and nobody else has its pointer.
    unsafe { cmem::release(context.cast()) };
}

/// The struct with the defaults; its size is zero.
fn default_options() -> registerer_context_options {
    // SAFETY: zero bytes are NULL pointers and numbers.
    let zero: registerer_context_options = unsafe { std::mem::zeroed() };
    registerer_context_options {
        dscp: 26,
        keepalive_interval: 17,
        tls_verify: 1,
        own_thread: 1,
        ..zero
    }
}

/// A text for the header field. Error: a control character, which would end it.
fn user_agent(text: String) -> Result<String, OptionsError> {
    match text.chars().any(char::is_control) {
        true => Err(OptionsError("the user agent has a control character".to_owned())),
        false => Ok(text),
    }
}

/// A URN of a UUID. Error: it is none.
fn instance(text: String) -> Result<String, OptionsError> {
    let uuid = text.strip_prefix("urn:uuid:").unwrap_or(&text);
    match is_uuid(uuid) {
        true => Ok(format!("urn:uuid:{uuid}")),
        false => Err(OptionsError(format!("the instance id \"{}\" is no UUID", excerpt(&text)))),
    }
}

/// A name or an address for Contacts. Error: a character that no host has.
fn host(text: String) -> Result<String, OptionsError> {
    let is_of_a_host = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    match text.chars().all(is_of_a_host) {
        true => Ok(text),
        false => Err(OptionsError(format!("the public address \"{}\" is no host", excerpt(&text)))),
    }
}

/// The same, read and checked.
struct ContextSettings {
    user_agent: Option<String>,
    instance: Option<String>,
    public_address: Option<(String, Option<u16>)>,
    ipv6: c_int,
    dscp: u8,
    keep_alive: Option<Duration>,
    accepts_connections: bool,
    tls_verify: bool,
    roots: Option<PathBuf>,
    certificate: Option<CertificateFiles>,
    queues_events: bool,
    has_thread: bool,
}

impl ContextSettings {
    /// Reads them. Errors: what is wrong, in words.
    ///
    /// # Safety
    /// The texts are NULL or end with NUL.
    unsafe fn read(from: &registerer_context_options) -> Result<Self, OptionsError> {
        let within = |name: &str, value: c_int, most: c_int| {
            let wrong = || OptionsError(format!("the {name} is {value}, it must be 0 to {most}"));
            (0..=most).contains(&value).then_some(value).ok_or_else(wrong)
        };
        // SAFETY: the caller's promise.
        let some = |at| Some(unsafe { text(at) }).filter(|text| !text.is_empty());
        // SAFETY: the caller's promise.
        let file = |at| unsafe { cmem::bytes(at) }.filter(|name| !name.is_empty()).map(path);
        let port = within("public port", from.public_port, 65_535)?;
        let port = u16::try_from(port).ok().filter(|port| *port > 0);
        let seconds = within("keepalive interval", from.keepalive_interval, c_int::MAX)?;
        let certificate =
            CertificateFiles::pair(file(from.tls_certificate_file), file(from.tls_key_file));
        let public_address = some(from.public_address).map(host).transpose()?;
        Ok(ContextSettings {
            user_agent: some(from.user_agent).map(user_agent).transpose()?,
            instance: some(from.instance_id).map(instance).transpose()?,
            public_address: public_address.map(|host| (host, port)),
            ipv6: within("ipv6", from.ipv6, 2)?,
            dscp: u8::try_from(within("dscp", from.dscp, 63)?).unwrap_or_default(),
            keep_alive: (seconds > 0).then(|| Duration::from_secs(seconds.unsigned_abs().into())),
            accepts_connections: from.accept_connections != 0,
            tls_verify: within("tls_verify", from.tls_verify, 1)? != 0,
            roots: file(from.tls_ca_file),
            queues_events: from.queue_events != 0,
            has_thread: from.own_thread != 0,
            certificate: certificate.map_err(|wrong| OptionsError(wrong.to_owned()))?,
        })
    }

    /// Has a new context work by them.
    fn apply(self, context: &Context) -> Result<(), Refusal> {
        if self.queues_events {
            context.engine.keep_registerer_events();
        }
        context.set_listening(self.ipv6, self.dscp, self.accepts_connections);
        context.engine.settings(|settings| {
            if let Some(user_agent) = self.user_agent {
                settings.user_agent = user_agent;
            }
            settings.instance = self.instance;
            settings.keep_alive = self.keep_alive;
            if let Some((host, port)) = self.public_address {
                (settings.public_host, settings.public_port) = (Some(host), port);
            }
        })?;
        context.engine.change_tls_settings(|tls| {
            tls.verify = self.tls_verify;
            tls.roots = self.roots;
            (tls.client, tls.server) = (self.certificate.clone(), self.certificate);
        })
    }
}
