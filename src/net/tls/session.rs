//! One connection over TLS: bytes of the socket in and out, plaintext in and out. It opens and
//! reads nothing itself.

use super::config::noticing_requests;
use super::error::{Progress, tls_error};
use crate::transport::{TlsError, TlsFailure};
use rustls::Connection;
use std::io::{Read, Write};
use std::sync::Arc;

/// A session, of either side.
pub(crate) struct TlsSession {
    connection: Connection,
    /// Whom it is with.
    with: Arc<str>,
    progress: Progress,
    /// The peer has said that it sends nothing more.
    is_closed_by_peer: bool,
}

impl TlsSession {
    /// A session over `connection`; `has_certificate`: we can show one.
    pub(super) fn new(connection: Connection, with: Arc<str>, has_certificate: bool) -> Self {
        let progress = Progress { has_spoken: false, was_asked: false, has_certificate };
        let mut connection = connection;
        // Whoever gives us plaintext bounds it.
        connection.set_buffer_limit(None);
        TlsSession { connection, with, progress, is_closed_by_peer: false }
    }

    /// Whether the handshake is complete and the peer was verified: plaintext may be sent.
    pub(crate) fn is_established(&self) -> bool {
        !self.connection.is_handshaking()
    }

    /// Whether the peer has said that it sends nothing more.
    pub(crate) fn is_closed_by_peer(&self) -> bool {
        self.is_closed_by_peer
    }

    /// Takes what the socket gave, and adds what was in it to `plaintext`. After an error what is
    /// to be sent tells the peer of it; the session is of no more use.
    pub(crate) fn receive(
        &mut self,
        mut bytes: &[u8],
        plaintext: &mut Vec<u8>,
    ) -> Result<(), Arc<TlsFailure>> {
        while !bytes.is_empty() && !self.is_closed_by_peer {
            // As much as it has room for.
            let taken = self.connection.read_tls(&mut bytes);
            if matches!(taken, Ok(0)) {
                break;
            }
            let (processed, was_asked) =
                noticing_requests(|| self.connection.process_new_packets());
            self.progress.was_asked |= was_asked;
            let state = processed.map_err(|error| self.failure(tls_error(error, self.progress)))?;
            self.progress.has_spoken = true;
            let waiting = state.plaintext_bytes_to_read();
            let start = plaintext.len();
            plaintext.resize(start + waiting, 0);
            let read = self.connection.reader().read(&mut plaintext[start..]).unwrap_or_default();
            plaintext.truncate(start + read);
            self.is_closed_by_peer = state.peer_has_closed();
            if waiting == 0 {
                taken.map_err(|error| self.failure(TlsError::Protocol(error.to_string())))?;
            }
        }
        Ok(())
    }

    /// The peer has closed the socket. In the handshake it is a failure.
    pub(crate) fn receive_end(&mut self) -> Result<(), Arc<TlsFailure>> {
        self.is_closed_by_peer = true;
        if self.is_established() {
            return Ok(());
        }
        Err(self.failure(TlsError::ClosedInHandshake))
    }

    /// Whom it is with: the name that the certificate has to be for.
    pub(crate) fn with(&self) -> &Arc<str> {
        &self.with
    }

    /// Takes plaintext that is to be sent. What is given before the session is established waits.
    pub(crate) fn send(&mut self, plaintext: &[u8]) {
        // It fails only where there is a limit.
        let _ = self.connection.writer().write_all(plaintext);
    }

    /// Says that nothing more will be sent (close_notify).
    pub(crate) fn close(&mut self) {
        self.connection.send_close_notify();
    }

    /// Adds what is to be written to the socket to `bytes`.
    pub(crate) fn take_outgoing(&mut self, bytes: &mut Vec<u8>) {
        while self.connection.wants_write() {
            if !matches!(self.connection.write_tls(bytes), Ok(1..)) {
                break;
            }
        }
    }

    fn failure(&self, error: TlsError) -> Arc<TlsFailure> {
        Arc::new(TlsFailure { with: Arc::clone(&self.with), error })
    }
}

impl std::fmt::Debug for TlsSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsSession").field("with", &self.with).finish_non_exhaustive()
    }
}
