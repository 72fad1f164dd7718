//! What takes the place of TLS in a library that is built without it: nothing can be connected.

use crate::transport::{TlsError, TlsFailure, TlsSettings};
use std::net::SocketAddr;
use std::sync::Arc;

pub(crate) use self::{TlsConnectorMissing as TlsConnector, TlsSessionMissing as TlsSession};

/// Makes no session.
#[derive(Debug, Default)]
pub(crate) struct TlsConnectorMissing;

/// There is none.
#[derive(Debug)]
pub(crate) enum TlsSessionMissing {}

const MISSING: TlsError = TlsError::Settings("this library was built without TLS");

impl TlsConnectorMissing {
    /// Does nothing.
    pub(crate) fn prepare(&self, _: &Arc<TlsSettings>) {}

    /// Fails.
    pub(crate) fn connect(
        &self,
        _: &Arc<TlsSettings>,
        name: &Arc<str>,
        _: SocketAddr,
    ) -> Result<TlsSessionMissing, Arc<TlsFailure>> {
        Err(Arc::new(TlsFailure { with: Arc::clone(name), error: MISSING }))
    }

    /// Fails.
    pub(crate) fn accept(
        &self,
        _: &Arc<TlsSettings>,
        remote: SocketAddr,
    ) -> Result<TlsSessionMissing, Arc<TlsFailure>> {
        Err(Arc::new(TlsFailure { with: remote.to_string().into(), error: MISSING }))
    }
}

impl TlsSessionMissing {
    pub(crate) fn is_established(&self) -> bool {
        match *self {}
    }

    pub(crate) fn is_closed_by_peer(&self) -> bool {
        match *self {}
    }

    pub(crate) fn receive(&mut self, _: &[u8], _: &mut Vec<u8>) -> Result<(), Arc<TlsFailure>> {
        match *self {}
    }

    pub(crate) fn receive_end(&mut self) -> Result<(), Arc<TlsFailure>> {
        match *self {}
    }

    pub(crate) fn with(&self) -> &Arc<str> {
        match *self {}
    }

    pub(crate) fn send(&mut self, _: &[u8]) {
        match *self {}
    }

    pub(crate) fn close(&mut self) {
        match *self {}
    }

    pub(crate) fn take_outgoing(&mut self, _: &mut Vec<u8>) {
        match *self {}
    }
}
