//! Messages over one connection: bytes of the wire on one side, whole messages on the other.

use super::tcp::{ConnectOptions, ReadOutcome, TcpConnection};
use super::tls_layer::{TlsLayer, TlsOptions};
use crate::sip::{Frame, Framer};
use crate::transport::{Target, Transport, TransportError};
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;

/// A connection that carries messages, or one that is being made.
#[derive(Debug)]
pub(crate) struct MessageStream {
    connection: TcpConnection,
    is_connected: bool,
    framer: Framer,
    /// `None`: messages go in the clear.
    tls: Option<TlsLayer>,
    /// Empty but while something is read.
    plaintext: Vec<u8>,
}

impl MessageStream {
    /// Begins to connect to `target`. `start` is where in the range of ports the search for a free
    /// one begins. Errors: there is no way to it, or no port or descriptor is left.
    pub(crate) fn connect(
        target: &Target,
        options: &ConnectOptions,
        start: u32,
    ) -> Result<MessageStream, TransportError> {
        let tls = match target.transport {
            Transport::Tcp => None,
            Transport::Tls => Some(TlsLayer::to(target, &options.tls)),
            Transport::Udp => return Err(TransportError::NotOpen),
        };
        let connection = TcpConnection::connect(target.remote, options, start)?;
        Ok(MessageStream { tls, is_connected: false, ..MessageStream::over(connection) })
    }

    /// Messages over TLS over a connection that a client has made. Error: there is no certificate
    /// to show it.
    pub(crate) fn accept_tls(
        connection: TcpConnection,
        remote: SocketAddr,
        options: &TlsOptions,
    ) -> Result<MessageStream, TransportError> {
        let tls = Some(TlsLayer::from(remote, options)?);
        Ok(MessageStream { tls, ..MessageStream::over(connection) })
    }

    /// Messages in the clear over a connection that is made.
    pub(crate) fn over(connection: TcpConnection) -> MessageStream {
        MessageStream {
            connection,
            is_connected: true,
            framer: Framer::default(),
            tls: None,
            plaintext: Vec::new(),
        }
    }

    /// Whether TLS is between the connection and the messages.
    pub(crate) fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// The descriptor, to wait for.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.connection.fd()
    }

    /// Our address, once messages can be sent; `None`: not yet. Errors: they never can. A handshake
    /// reads what has come into `buffer`.
    pub(crate) fn opened(
        &mut self,
        buffer: &mut [u8],
    ) -> Result<Option<SocketAddr>, TransportError> {
        let connected = self.connection.connected();
        let Some(local) = connected.map_err(|error| self.end(error))? else { return Ok(None) };
        self.is_connected = true;
        let Some(tls) = &mut self.tls else { return Ok(Some(local)) };
        let is_open = tls.handshake(&mut self.connection, buffer, &mut self.plaintext);
        let is_open = is_open.map_err(|error| self.end(error))?;
        self.framer.push(&self.plaintext);
        self.plaintext = Vec::new();
        Ok(is_open.then_some(local))
    }

    /// Why it has ended, for this `error`: with TLS the handshake may not have been complete.
    pub(crate) fn end(&self, error: TransportError) -> TransportError {
        let is_connected = self.is_connected || error == TransportError::Reset;
        match self.tls.as_ref().filter(|_| is_connected) {
            Some(tls) => tls.handshake_error(error),
            None => error,
        }
    }

    /// Whether it is connected, so that what is left is the handshake.
    pub(crate) fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// Whether there is something to do when the kernel takes bytes: the connection is made then,
    /// or some wait.
    pub(crate) fn awaits_writable(&self) -> bool {
        !self.is_connected || self.connection.has_queue()
    }

    /// Puts a message behind what waits, until [`MessageStream::flush`]. Error:
    /// [`TransportError::QueueFull`], and nothing of it was taken.
    pub(crate) fn queue(&mut self, message: &[u8]) -> Result<(), TransportError> {
        match &mut self.tls {
            None => self.connection.queue(message),
            Some(tls) => tls.queue(&mut self.connection, message),
        }
    }

    /// Gives the kernel as much as it takes. Error: the rest of a message is more than may wait.
    pub(crate) fn flush(&mut self) -> Result<(), TransportError> {
        self.connection.flush()
    }

    /// Whether bytes wait until the kernel takes them.
    pub(crate) fn has_queue(&self) -> bool {
        self.connection.has_queue()
    }

    /// Reads what has come, at most as much as `buffer` takes, and hands over each message and
    /// keep-alive in it. Errors: the connection has ended, or is of no use any more.
    pub(crate) fn read(
        &mut self,
        buffer: &mut [u8],
        mut on_frame: impl FnMut(Frame<'_>),
    ) -> Result<(), TransportError> {
        let result = match &mut self.tls {
            None => match self.connection.read(buffer) {
                ReadOutcome::Bytes(count) => {
                    self.framer.push(buffer.get(..count).unwrap_or_default());
                    Ok(())
                }
                ReadOutcome::Nothing => return Ok(()),
                ReadOutcome::Ended(error) => return Err(error),
            },
            Some(tls) => {
                let result = tls.read(&mut self.connection, buffer, &mut self.plaintext);
                self.framer.push(&self.plaintext);
                self.plaintext = Vec::new();
                result
            }
        };
        while let Some(frame) = self.framer.next_frame().map_err(TransportError::Framing)? {
            on_frame(frame);
        }
        result
    }

    /// Whether a message has begun that is not whole yet.
    pub(crate) fn is_within_message(&self) -> bool {
        self.framer.is_within_message()
    }

    /// Ends the connection: what the kernel takes of what waits is sent, and then FIN.
    pub(crate) fn shut_down(mut self) {
        if let Some(tls) = &mut self.tls {
            tls.close(&mut self.connection);
        }
        let _ = self.connection.flush();
        self.connection.shut_down();
    }
}
