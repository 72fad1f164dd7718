//! Messages, header fields and URIs: parse and print, nothing else.
//!
//! Parsing borrows from the datagram; `Draft` owns and edits.

mod base64;
mod buffer_pool;
pub mod date;
mod draft;
mod excerpt;
mod field;
mod framing;
mod head;
mod hex;
mod message;
mod name_addr;
mod normalise;
pub mod octets;
mod params;
mod percent;
mod reason;
pub(crate) mod search;
mod uri;
mod via;
mod zone;

pub(crate) use base64::{base64, base64_decoded};
pub use buffer_pool::{BufferPool, Text};
pub use draft::{Draft, Line, Printed, PrintedLine, one_line};
pub use excerpt::{excerpt, one_printable_line};
pub use field::Field;
pub use framing::{Frame, Framer, FramingError, MAX_BODY, MAX_HEAD};
pub use hex::{hex, push_hex};
pub use message::{CSeq, Header, Message, RetryAfter, StartLine};
pub use name_addr::{Contact, NameAddr, well_formed};
pub use normalise::normalise;
pub use params::{
    Params, delta_seconds, push_number, quote, same_word, split_list, unescape, unquote,
};
pub use percent::{percent_decoded, percent_decoded_text};
pub use reason::{reason_phrase, registered_reason};
pub use uri::Uri;
pub use via::Via;
pub(crate) use zone::{message_without_zones, without_zones, zoned_address};

/// Why a text is no SIP; `what` names the part that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntaxError {
    /// The part that is wrong, in words for a log line: "Via: no host".
    pub what: &'static str,
}
