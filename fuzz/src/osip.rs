//! The readers and writers of libosip2's side by their C names: those of this library, and those of
//! Debian's libosipparser2, which is loaded beside it.
//!
//! The pointers to structs are opaque: nothing here looks into one.

use register as _; // defines the functions
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};

type Init = unsafe extern "C" fn(*mut *mut c_void) -> c_int;
type Parse = unsafe extern "C" fn(*mut c_void, *const c_char) -> c_int;
type ParseLength = unsafe extern "C" fn(*mut c_void, *const c_char, usize) -> c_int;
type ToStr = unsafe extern "C" fn(*const c_void, *mut *mut c_char) -> c_int;
type ToStrLength = unsafe extern "C" fn(*mut c_void, *mut *mut c_char, *mut usize) -> c_int;
type Clone = unsafe extern "C" fn(*const c_void, *mut *mut c_void) -> c_int;
type Free = unsafe extern "C" fn(*mut c_void);

/// The five functions of a struct with a text: a header field's, a URI's, a session description's.
pub struct Part {
    /// That of its parser, as `osip_via_parse`.
    pub name: &'static str,
    init: Init,
    parse: Parse,
    to_str: ToStr,
    clone: Clone,
    free: Free,
}

/// The functions of `osip_message_t`.
pub struct Messages {
    init: Init,
    parse: ParseLength,
    to_str: ToStrLength,
    clone: Clone,
    update: unsafe extern "C" fn(*mut c_void) -> c_int,
    free: Free,
}

/// One of the two libraries.
pub struct Library {
    pub parts: Vec<Part>,
    pub messages: Messages,
}

macro_rules! parts {
    ($($init:ident $parse:ident $to_str:ident $clone:ident $free:ident;)*) => {
        fn our_parts() -> Vec<Part> {
            vec![$({
                unsafe extern "C" {
                    fn $init(part: *mut *mut c_void) -> c_int;
                    fn $parse(part: *mut c_void, text: *const c_char) -> c_int;
                    fn $to_str(part: *const c_void, text: *mut *mut c_char) -> c_int;
                    fn $clone(part: *const c_void, copy: *mut *mut c_void) -> c_int;
                    fn $free(part: *mut c_void);
                }
                Part {
                    name: stringify!($parse),
                    init: $init,
                    parse: $parse,
                    to_str: $to_str,
                    clone: $clone,
                    free: $free,
                }
            }),*]
        }

        fn their_parts(handle: *mut c_void) -> Vec<Part> {
            // SAFETY: the functions have the types that libosip2's headers give them.
            unsafe {
                vec![$(Part {
                    name: stringify!($parse),
                    init: std::mem::transmute::<*mut c_void, Init>(
                        symbol(handle, stringify!($init))),
                    parse: std::mem::transmute::<*mut c_void, Parse>(
                        symbol(handle, stringify!($parse))),
                    to_str: std::mem::transmute::<*mut c_void, ToStr>(
                        symbol(handle, stringify!($to_str))),
                    clone: std::mem::transmute::<*mut c_void, Clone>(
                        symbol(handle, stringify!($clone))),
                    free: std::mem::transmute::<*mut c_void, Free>(
                        symbol(handle, stringify!($free))),
                }),*]
            }
        }
    };
}

parts! {
    osip_accept_encoding_init osip_accept_encoding_parse osip_accept_encoding_to_str
        osip_accept_encoding_clone osip_accept_encoding_free;
    osip_authentication_info_init osip_authentication_info_parse osip_authentication_info_to_str
        osip_authentication_info_clone osip_authentication_info_free;
    osip_authorization_init osip_authorization_parse osip_authorization_to_str
        osip_authorization_clone osip_authorization_free;
    osip_call_id_init osip_call_id_parse osip_call_id_to_str osip_call_id_clone osip_call_id_free;
    osip_call_info_init osip_call_info_parse osip_call_info_to_str
        osip_call_info_clone osip_call_info_free;
    osip_call_info_init osip_content_disposition_parse osip_call_info_to_str
        osip_call_info_clone osip_call_info_free;
    osip_contact_init osip_contact_parse osip_contact_to_str osip_contact_clone osip_contact_free;
    osip_content_length_init osip_content_length_parse osip_content_length_to_str
        osip_content_length_clone osip_content_length_free;
    osip_content_type_init osip_content_type_parse osip_content_type_to_str
        osip_content_type_clone osip_content_type_free;
    osip_cseq_init osip_cseq_parse osip_cseq_to_str osip_cseq_clone osip_cseq_free;
    osip_from_init osip_from_parse osip_from_to_str osip_from_clone osip_from_free;
    osip_record_route_init osip_record_route_parse osip_record_route_to_str
        osip_from_clone osip_record_route_free;
    osip_route_init osip_route_parse osip_route_to_str osip_from_clone osip_route_free;
    osip_to_init osip_to_parse osip_to_to_str osip_to_clone osip_to_free;
    osip_uri_init osip_uri_parse osip_uri_to_str osip_uri_clone osip_uri_free;
    osip_via_init osip_via_parse osip_via_to_str osip_via_clone osip_via_free;
    osip_www_authenticate_init osip_www_authenticate_parse osip_www_authenticate_to_str
        osip_www_authenticate_clone osip_www_authenticate_free;
    sdp_message_init sdp_message_parse sdp_message_to_str sdp_message_clone sdp_message_free;
}

unsafe extern "C" {
    fn osip_message_init(message: *mut *mut c_void) -> c_int;
    fn osip_message_parse(message: *mut c_void, text: *const c_char, length: usize) -> c_int;
    fn osip_message_to_str(
        message: *mut c_void,
        text: *mut *mut c_char,
        length: *mut usize,
    ) -> c_int;
    fn osip_message_clone(message: *const c_void, copy: *mut *mut c_void) -> c_int;
    fn osip_message_force_update(message: *mut c_void) -> c_int;
    fn osip_message_free(message: *mut c_void);
}

/// The functions of this library.
pub fn ours() -> Library {
    let messages = Messages {
        init: osip_message_init,
        parse: osip_message_parse,
        to_str: osip_message_to_str,
        clone: osip_message_clone,
        update: osip_message_force_update,
        free: osip_message_free,
    };
    Library { parts: our_parts(), messages }
}

/// The functions of Debian's libosipparser2. Panics where it is not installed.
pub fn theirs() -> Library {
    // SAFETY: a NUL-terminated name. The executable exports none of its functions, so that the
    // library calls its own.
    let handle = unsafe {
        libc::dlopen(c"libosipparser2.so.15".as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL)
    };
    assert!(!handle.is_null(), "libosipparser2.so.15 is needed (Debian: libosip2-dev)");
    // SAFETY: the functions have the types that libosip2's headers give them.
    unsafe {
        let start: extern "C" fn() -> c_int = std::mem::transmute(symbol(handle, "parser_init"));
        start();
        let messages = Messages {
            init: std::mem::transmute::<*mut c_void, Init>(symbol(handle, "osip_message_init")),
            parse: std::mem::transmute::<*mut c_void, ParseLength>(symbol(
                handle,
                "osip_message_parse",
            )),
            to_str: std::mem::transmute::<*mut c_void, ToStrLength>(symbol(
                handle,
                "osip_message_to_str",
            )),
            clone: std::mem::transmute::<*mut c_void, Clone>(symbol(handle, "osip_message_clone")),
            update: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut c_void) -> c_int>(
                symbol(handle, "osip_message_force_update"),
            ),
            free: std::mem::transmute::<*mut c_void, Free>(symbol(handle, "osip_message_free")),
        };
        Library { parts: their_parts(handle), messages }
    }
}

fn symbol(handle: *mut c_void, name: &str) -> *mut c_void {
    let name = CString::new(name).expect("a name without NUL");
    // SAFETY: a handle of dlopen and a NUL-terminated name.
    let found = unsafe { libc::dlsym(handle, name.as_ptr()) };
    assert!(!found.is_null(), "{name:?} is not there");
    found
}

/// What became of a text: its codes, and the texts that were printed.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The parser refused it.
    Refused(c_int),
    /// It was read; the writer refused it.
    NotPrinted(c_int),
    /// It was read, printed and copied.
    Read { printed: Vec<u8>, copy: Vec<u8> },
}

/// A text for libosipparser2, which looks at the octets behind the NUL of a session description.
pub struct TextWithOctetsBehind(Vec<u8>);

impl TextWithOctetsBehind {
    pub fn new(text: &CStr) -> Self {
        Self([text.to_bytes(), &[0; 16]].concat())
    }

    pub fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0).expect("a text with a NUL")
    }
}

impl Library {
    /// The struct whose parser has this name.
    pub fn part(&self, parser: &str) -> &Part {
        self.parts.iter().find(|part| part.name == parser).expect("a parser of this name")
    }
}

impl Part {
    /// Reads `text`, copies what was read and prints both.
    pub fn examine(&self, text: &CStr) -> Outcome {
        let (mut part, mut copy) = (null_mut(), null_mut());
        // SAFETY: each struct is made by the library that reads, copies, prints and frees it.
        unsafe {
            assert_eq!((self.init)(&raw mut part), 0);
            let code = (self.parse)(part, text.as_ptr());
            if code != 0 {
                (self.free)(part);
                return Outcome::Refused(code);
            }
            let code = (self.clone)(part, &raw mut copy);
            let outcome = match self.print(part) {
                Err(refused) => Outcome::NotPrinted(refused),
                Ok(printed) => {
                    assert_eq!(code, 0, "{}: what is printed can be copied", self.name);
                    let copy = self.print(copy).expect("what was copied can be printed");
                    Outcome::Read { printed, copy }
                }
            };
            (self.free)(part);
            (self.free)(copy);
            outcome
        }
    }

    /// # Safety
    /// `part` is NULL or was made by this library.
    unsafe fn print(&self, part: *const c_void) -> Result<Vec<u8>, c_int> {
        let mut text = null_mut();
        // SAFETY: as this function's.
        let code = unsafe { (self.to_str)(part, &raw mut text) };
        if code != 0 {
            return Err(code);
        }
        // SAFETY: a NUL-terminated text that is ours to free.
        unsafe {
            let printed = CStr::from_ptr(text).to_bytes().to_vec();
            libc::free(text.cast());
            Ok(printed)
        }
    }
}

impl Messages {
    /// Reads `bytes`, copies what was read, and prints both: the copy from its parts.
    pub fn examine(&self, bytes: &[u8]) -> Outcome {
        let (mut message, mut copy) = (null_mut(), null_mut());
        // A NUL behind the bytes, as programs have it that receive into a buffer.
        let text = [bytes, b"\0"].concat();
        // SAFETY: each struct is made by the library that reads, copies, prints and frees it.
        unsafe {
            assert_eq!((self.init)(&raw mut message), 0);
            let code = (self.parse)(message, text.as_ptr().cast(), bytes.len());
            if code != 0 {
                (self.free)(message);
                return Outcome::Refused(code);
            }
            let code = (self.clone)(message, &raw mut copy);
            let outcome = match self.print(message) {
                Err(refused) => Outcome::NotPrinted(refused),
                Ok(printed) => {
                    assert_eq!(code, 0, "what is printed can be copied");
                    (self.update)(copy);
                    let copy = self.print(copy).expect("what was copied can be printed");
                    Outcome::Read { printed, copy }
                }
            };
            (self.free)(message);
            if !copy.is_null() {
                (self.free)(copy);
            }
            outcome
        }
    }

    /// # Safety
    /// `message` is NULL or was made by this library.
    unsafe fn print(&self, message: *mut c_void) -> Result<Vec<u8>, c_int> {
        let (mut text, mut length) = (null_mut::<c_char>(), 0);
        // SAFETY: as this function's.
        let code = unsafe { (self.to_str)(message, &raw mut text, &raw mut length) };
        if code != 0 {
            return Err(code);
        }
        // SAFETY: a text of this length that is ours to free.
        unsafe {
            assert_ne!(text.cast_const(), null());
            let printed = std::slice::from_raw_parts(text.cast::<u8>(), length).to_vec();
            assert_eq!(*text.add(length), 0, "a NUL behind the text");
            libc::free(text.cast());
            Ok(printed)
        }
    }
}
