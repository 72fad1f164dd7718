//! Messages over one connection: bytes of the wire on one side, whole messages on the other.

use super::tcp::{ConnectOptions, ReadOutcome, TcpConnection};
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
}

impl MessageStream {
    /// Begins to connect to `target`. `start` is where in the range of ports the search for a free
    /// one begins. Errors: there is no way to it, or no port or descriptor is left.
    pub(crate) fn connect(
        target: &Target,
        options: &ConnectOptions,
        start: u32,
    ) -> Result<MessageStream, TransportError> {
        if target.transport != Transport::Tcp {
            return Err(TransportError::NotOpen);
        }
        let connection = TcpConnection::connect(target.remote, options, start)?;
        Ok(MessageStream { is_connected: false, ..MessageStream::over(connection) })
    }

    /// Messages in the clear over a connection that is made.
    pub(crate) fn over(connection: TcpConnection) -> MessageStream {
        MessageStream { connection, is_connected: true, framer: Framer::default() }
    }

    /// The descriptor, to wait for.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.connection.fd()
    }

    /// Our address, once messages can be sent; `None`: not yet. To be asked whenever the descriptor
    /// is ready until then. Errors: they never can.
    pub(crate) fn opened(&mut self) -> Result<Option<SocketAddr>, TransportError> {
        let local = self.connection.connected()?;
        self.is_connected = local.is_some();
        Ok(local)
    }

    /// Whether it is of interest that the descriptor takes bytes.
    pub(crate) fn awaits_writable(&self) -> bool {
        !self.is_connected || self.connection.has_queue()
    }

    /// Puts a message behind what waits, until [`MessageStream::flush`]. Error:
    /// [`TransportError::QueueFull`], and nothing of it was taken.
    pub(crate) fn queue(&mut self, message: &[u8]) -> Result<(), TransportError> {
        self.connection.queue(message)
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
        let count = match self.connection.read(buffer) {
            ReadOutcome::Bytes(count) => count,
            ReadOutcome::Nothing => return Ok(()),
            ReadOutcome::Ended(error) => return Err(error),
        };
        self.framer.push(buffer.get(..count).unwrap_or_default());
        while let Some(frame) = self.framer.next_frame().map_err(TransportError::Framing)? {
            on_frame(frame);
        }
        Ok(())
    }

    /// Whether a message has begun that is not whole yet.
    pub(crate) fn is_within_message(&self) -> bool {
        self.framer.is_within_message()
    }

    /// Ends the connection: what the kernel takes of what waits is sent, and then FIN.
    pub(crate) fn shut_down(mut self) {
        let _ = self.connection.flush();
        self.connection.shut_down();
    }
}
