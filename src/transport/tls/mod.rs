//! What TLS is to be like, and why it failed: plain types, whatever library does the work.

mod cipher_list;
mod error;
mod settings;

pub use cipher_list::{CipherList, CipherSuite};
pub use error::{TlsError, TlsFailure};
pub use settings::{CertificateFiles, TlsSettings};
