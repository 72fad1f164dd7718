//! TLS between a connection and the messages over it.

use super::tcp::{ReadOutcome, TcpConnection};
use super::tls::{TlsConnector, TlsSession};
use crate::transport::{Target, TlsError, TlsFailure, TlsSettings, TransportError};
use std::net::SocketAddr;
use std::sync::Arc;

/// What TLS adds to each of its records (RFC 8446 section 5.2, RFC 5246 section 6.2.3) …
const RECORD_OVERHEAD: usize = 64;
/// … of at most so many octets.
const RECORD: usize = 16 << 10;

/// How the connections of a context use TLS.
#[derive(Debug, Clone)]
pub(crate) struct TlsOptions {
    /// Where a target has none of its own.
    pub(crate) settings: Arc<TlsSettings>,
    /// What the connections share.
    pub(crate) connector: Arc<TlsConnector>,
}

impl Default for TlsOptions {
    /// Nothing is checked: the programs of the eXosip calls talk to servers with certificates of
    /// their own making.
    fn default() -> Self {
        let settings = Arc::new(TlsSettings::unverified());
        TlsOptions { settings, connector: Arc::default() }
    }
}

impl TlsOptions {
    /// The settings for `target`.
    pub(crate) fn settings_for(&self, target: &Target) -> Arc<TlsSettings> {
        Arc::clone(target.tls_settings.as_ref().unwrap_or(&self.settings))
    }
}

/// TLS over one connection.
#[derive(Debug)]
pub(crate) enum TlsLayer {
    /// The connection is being made. The files of the settings are read when it is.
    Waiting {
        /// What makes the session.
        connector: Arc<TlsConnector>,
        /// With these settings.
        settings: Arc<TlsSettings>,
        /// The name that the certificate has to be for.
        name: Arc<str>,
        /// Whom it is with.
        remote: SocketAddr,
    },
    /// The handshake goes on, or is complete.
    Session(Box<TlsSession>),
}

impl TlsLayer {
    /// TLS with the server `target`, once there is a connection.
    pub(crate) fn to(target: &Target, options: &TlsOptions) -> TlsLayer {
        let remote = target.remote;
        let address = || remote.ip().to_string().into();
        TlsLayer::Waiting {
            connector: Arc::clone(&options.connector),
            settings: options.settings_for(target),
            name: target.tls_name.clone().unwrap_or_else(address),
            remote,
        }
    }

    /// TLS with a client that has connected.
    pub(crate) fn from(
        remote: SocketAddr,
        options: &TlsOptions,
    ) -> Result<TlsLayer, TransportError> {
        let session = options.connector.accept(&options.settings, remote);
        session.map(TlsLayer::over).map_err(TransportError::Tls)
    }

    fn over(session: TlsSession) -> TlsLayer {
        TlsLayer::Session(Box::new(session))
    }

    /// Goes on with the handshake over `connection`, which is made: whether it is complete and the
    /// peer verified. What came behind it is added to `plaintext`.
    pub(crate) fn handshake(
        &mut self,
        connection: &mut TcpConnection,
        buffer: &mut [u8],
        plaintext: &mut Vec<u8>,
    ) -> Result<bool, TransportError> {
        if let TlsLayer::Waiting { connector, settings, name, remote } = self {
            let session = connector.connect(settings, name, *remote);
            *self = TlsLayer::over(session.map_err(TransportError::Tls)?);
        }
        self.read(connection, buffer, plaintext)?;
        Ok(self.session().is_some_and(|session| session.is_established()))
    }

    /// What the end of a connection that was made, for this `error`, means in a handshake.
    pub(crate) fn handshake_error(&self, error: TransportError) -> TransportError {
        let with = match self {
            TlsLayer::Waiting { name, .. } => name,
            TlsLayer::Session(session) if !session.is_established() => session.with(),
            TlsLayer::Session(_) => return error,
        };
        let error = match error {
            TransportError::Closed | TransportError::Reset => TlsError::ClosedInHandshake,
            TransportError::TimedOut => TlsError::SilentInHandshake,
            error => return error,
        };
        TransportError::Tls(Arc::new(TlsFailure { with: Arc::clone(with), error }))
    }

    /// Reads what has come and adds it to `plaintext`. Errors: the connection has ended, or is of
    /// no use any more; what came before is there all the same.
    pub(crate) fn read(
        &mut self,
        connection: &mut TcpConnection,
        buffer: &mut [u8],
        plaintext: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        let outcome = connection.read(buffer);
        let Some(session) = self.session() else { return Ok(()) };
        let result = match outcome {
            ReadOutcome::Bytes(count) => {
                let bytes = buffer.get(..count).unwrap_or_default();
                session.receive(bytes, plaintext).map_err(TransportError::Tls)
            }
            ReadOutcome::Nothing => Ok(()),
            ReadOutcome::Ended(error @ (TransportError::Closed | TransportError::Reset)) => {
                session.receive_end().map_err(TransportError::Tls).and(Err(error))
            }
            ReadOutcome::Ended(error) => Err(error),
        };
        let is_closed = session.is_closed_by_peer();
        // After an error the peer gets an alert.
        self.send_outgoing(connection);
        let flushed = connection.flush();
        result?;
        flushed?;
        if is_closed { Err(TransportError::Closed) } else { Ok(()) }
    }

    /// Puts a message behind what waits. Error: [`TransportError::QueueFull`], and nothing of it
    /// was taken.
    pub(crate) fn queue(
        &mut self,
        connection: &mut TcpConnection,
        message: &[u8],
    ) -> Result<(), TransportError> {
        let records = message.len() / RECORD + 1;
        connection.make_room(message.len() + records * RECORD_OVERHEAD)?;
        if let Some(session) = self.session() {
            session.send(message);
        }
        self.send_outgoing(connection);
        Ok(())
    }

    /// Says that nothing more will be sent.
    pub(crate) fn close(&mut self, connection: &mut TcpConnection) {
        if let Some(session) = self.session() {
            session.close();
        }
        self.send_outgoing(connection);
    }

    fn session(&mut self) -> Option<&mut TlsSession> {
        match self {
            TlsLayer::Waiting { .. } => None,
            TlsLayer::Session(session) => Some(session),
        }
    }

    fn send_outgoing(&mut self, connection: &mut TcpConnection) {
        if let Some(session) = self.session() {
            session.take_outgoing(connection.queue_mut());
        }
    }
}
