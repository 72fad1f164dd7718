//! What the benchmarks need of the C face, as a C program sees it.

use libc::{c_char, c_int, c_void};

// Keeps the library linked: only its C symbols are used.
use register as _;

pub(crate) const SUCCESS: c_int = 0;
pub(crate) const FAILURE: c_int = 1;
pub(crate) const CALL_INVITE: c_int = 2;
pub(crate) const CALL_RINGING: c_int = 6;
pub(crate) const CALL_ANSWERED: c_int = 7;
pub(crate) const CALL_ACK: c_int = 12;
pub(crate) const CALL_MESSAGE_NEW: c_int = 14;
pub(crate) const CALL_MESSAGE_ANSWERED: c_int = 16;
pub(crate) const CALL_CLOSED: c_int = 21;
pub(crate) const CALL_RELEASED: c_int = 22;
pub(crate) const MESSAGE_ANSWERED: c_int = 25;
pub(crate) const SUBSCRIPTION_ANSWERED: c_int = 32;
pub(crate) const SUBSCRIPTION_NOTIFY: c_int = 37;
pub(crate) const IN_SUBSCRIPTION_NEW: c_int = 38;
pub(crate) const NOTIFICATION_ANSWERED: c_int = 41;
pub(crate) const KEEP_ALIVE: c_int = 1;

/// `struct eXosip_event`, as far as it is read here.
#[repr(C)]
pub(crate) struct Event {
    pub(crate) kind: c_int,
    textinfo: [c_char; 256],
    external_reference: *mut c_void,
    pub(crate) request: *mut Message,
    pub(crate) response: *mut Message,
    ack: *mut Message,
    pub(crate) tid: c_int,
    pub(crate) did: c_int,
    pub(crate) rid: c_int,
    pub(crate) cid: c_int,
}

/// `osip_message_t`, as far as it is read here.
#[repr(C)]
pub(crate) struct Message {
    start_line: [*mut c_void; 3],
    pub(crate) status_code: c_int,
}

unsafe extern "C" {
    pub(crate) fn eXosip_malloc() -> *mut c_void;
    pub(crate) fn eXosip_init(context: *mut c_void) -> c_int;
    pub(crate) fn eXosip_quit(context: *mut c_void);
    pub(crate) fn eXosip_lock(context: *mut c_void) -> c_int;
    pub(crate) fn eXosip_unlock(context: *mut c_void) -> c_int;
    pub(crate) fn eXosip_listen_addr(
        context: *mut c_void,
        transport: c_int,
        address: *const c_char,
        port: c_int,
        family: c_int,
        secure: c_int,
    ) -> c_int;
    pub(crate) fn eXosip_set_option(
        context: *mut c_void,
        option: c_int,
        value: *const c_void,
    ) -> c_int;
    pub(crate) fn eXosip_add_authentication_info(
        context: *mut c_void,
        username: *const c_char,
        userid: *const c_char,
        password: *const c_char,
        ha1: *const c_char,
        realm: *const c_char,
    ) -> c_int;
    pub(crate) fn eXosip_register_build_initial_register(
        context: *mut c_void,
        from: *const c_char,
        proxy: *const c_char,
        contact: *const c_char,
        expires: c_int,
        message: *mut *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_register_build_register(
        context: *mut c_void,
        rid: c_int,
        expires: c_int,
        message: *mut *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_register_send_register(
        context: *mut c_void,
        rid: c_int,
        message: *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_message_build_request(
        context: *mut c_void,
        message: *mut *mut Message,
        method: *const c_char,
        to: *const c_char,
        from: *const c_char,
        route: *const c_char,
    ) -> c_int;
    pub(crate) fn eXosip_message_send_request(context: *mut c_void, message: *mut Message)
    -> c_int;
    pub(crate) fn eXosip_call_build_initial_invite(
        context: *mut c_void,
        message: *mut *mut Message,
        to: *const c_char,
        from: *const c_char,
        route: *const c_char,
        subject: *const c_char,
    ) -> c_int;
    pub(crate) fn eXosip_call_send_initial_invite(
        context: *mut c_void,
        message: *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_call_send_ack(
        context: *mut c_void,
        tid: c_int,
        message: *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_call_build_answer(
        context: *mut c_void,
        tid: c_int,
        status: c_int,
        message: *mut *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_call_send_answer(
        context: *mut c_void,
        tid: c_int,
        status: c_int,
        message: *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_call_terminate(context: *mut c_void, cid: c_int, did: c_int) -> c_int;
    pub(crate) fn eXosip_subscription_build_initial_subscribe(
        context: *mut c_void,
        message: *mut *mut Message,
        to: *const c_char,
        from: *const c_char,
        route: *const c_char,
        event: *const c_char,
        expires: c_int,
    ) -> c_int;
    pub(crate) fn eXosip_subscription_send_initial_request(
        context: *mut c_void,
        message: *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_insubscription_build_answer(
        context: *mut c_void,
        tid: c_int,
        status: c_int,
        message: *mut *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_insubscription_send_answer(
        context: *mut c_void,
        tid: c_int,
        status: c_int,
        message: *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_insubscription_build_notify(
        context: *mut c_void,
        did: c_int,
        status: c_int,
        reason: c_int,
        message: *mut *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_insubscription_send_request(
        context: *mut c_void,
        did: c_int,
        message: *mut Message,
    ) -> c_int;
    pub(crate) fn eXosip_automatic_action(context: *mut c_void);
    pub(crate) fn eXosip_event_geteventsocket(context: *mut c_void) -> c_int;
    pub(crate) fn eXosip_event_wait(
        context: *mut c_void,
        seconds: c_int,
        milliseconds: c_int,
    ) -> *mut Event;
    pub(crate) fn eXosip_event_free(event: *mut Event);
    pub(crate) fn osip_message_set_header(
        message: *mut Message,
        name: *const c_char,
        value: *const c_char,
    ) -> c_int;
    pub(crate) fn osip_message_free(message: *mut Message);
}
