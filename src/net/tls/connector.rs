//! What the connections of a context share: settings that were read, and tickets.

use super::config::{client_config, server_config};
use super::files::FilesRead;
use super::names::{NO_NAME, server_name};
use super::session::TlsSession;
use super::tickets::TicketStore;
use crate::transport::{TlsError, TlsFailure, TlsSettings};
use parking_lot::Mutex;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};
use std::net::SocketAddr;
use std::sync::Arc;

/// Settings that are kept ready. A program with more of them at once reads files more often.
const SETTINGS: usize = 64;

/// Settings with the files that they name.
struct Prepared {
    /// Each time that files are read has a number of its own.
    number: u64,
    settings: Arc<TlsSettings>,
    files: FilesRead,
    config: Arc<ClientConfig>,
}

/// The same for connections that come in: settings, files and what was made of them.
type PreparedServer = (Arc<TlsSettings>, FilesRead, Arc<ServerConfig>);

#[derive(Default)]
struct AllPrepared {
    numbers: u64,
    /// The one that was used last comes last.
    list: Vec<Prepared>,
}

/// Makes the sessions of a context.
#[derive(Default)]
pub(crate) struct TlsConnector {
    clients: Mutex<AllPrepared>,
    server: Mutex<Option<PreparedServer>>,
    tickets: Arc<TicketStore>,
}

impl TlsConnector {
    /// Reads the files of `settings`, unless that was done: the next session need not wait for
    /// them. What is wrong with them is said then.
    pub(crate) fn prepare(&self, settings: &Arc<TlsSettings>) {
        let _ = self.prepared(settings);
    }

    /// A session with the server at `remote`, whose certificate has to be for `name`: a domain, or
    /// a literal address. Files are read anew if they have changed, which may take milliseconds.
    pub(crate) fn connect(
        &self,
        settings: &Arc<TlsSettings>,
        name: &Arc<str>,
        remote: SocketAddr,
    ) -> Result<TlsSession, Arc<TlsFailure>> {
        let failure = |error| Arc::new(TlsFailure { with: Arc::clone(name), error });
        let (number, config) = self.prepared(settings).map_err(failure)?;
        let server_name = match server_name(name) {
            Some(server_name) => server_name,
            // Where nothing is checked, whatever the program calls the server will do.
            None if !settings.verify => ServerName::from(remote.ip()),
            None => {
                return Err(failure(TlsError::Settings(NO_NAME)));
            }
        };
        let mut config = ClientConfig::clone(&config);
        let tickets = self.tickets.for_flow((number, Arc::clone(name), remote));
        config.resumption = Resumption::store(tickets);
        let connection = ClientConnection::new(Arc::new(config), server_name);
        let connection =
            connection.map_err(|error| failure(TlsError::Protocol(error.to_string())))?;
        Ok(TlsSession::new(connection.into(), Arc::clone(name), settings.client.is_some()))
    }

    /// A session with a client that has connected from `remote`.
    pub(crate) fn accept(
        &self,
        settings: &Arc<TlsSettings>,
        remote: SocketAddr,
    ) -> Result<TlsSession, Arc<TlsFailure>> {
        let with: Arc<str> = remote.to_string().into();
        let failure = |error| Arc::new(TlsFailure { with: Arc::clone(&with), error });
        let config = self.prepare_server(settings).map_err(failure)?;
        let connection = ServerConnection::new(config);
        let connection =
            connection.map_err(|error| failure(TlsError::Protocol(error.to_string())))?;
        Ok(TlsSession::new(connection.into(), Arc::clone(&with), true))
    }

    fn prepared(&self, settings: &Arc<TlsSettings>) -> Result<(u64, Arc<ClientConfig>), TlsError> {
        let mut prepared = self.clients.lock();
        let found = prepared.list.iter().position(|one| one.settings == *settings);
        if let Some(at) = found {
            let one = prepared.list.remove(at);
            if one.files.are_current() {
                let ready = (one.number, Arc::clone(&one.config));
                prepared.list.push(one);
                return Ok(ready);
            }
        }
        let mut files = FilesRead::default();
        let config = Arc::new(client_config(settings, &mut files)?);
        prepared.numbers += 1;
        let number = prepared.numbers;
        if prepared.list.len() == SETTINGS {
            prepared.list.remove(0);
        }
        let settings = Arc::clone(settings);
        prepared.list.push(Prepared { number, settings, files, config: Arc::clone(&config) });
        Ok((number, config))
    }

    fn prepare_server(&self, settings: &Arc<TlsSettings>) -> Result<Arc<ServerConfig>, TlsError> {
        let mut prepared = self.server.lock();
        if let Some((of, files, config)) = &*prepared {
            if of == settings && files.are_current() {
                return Ok(Arc::clone(config));
            }
        }
        let missing = TlsError::Settings("there is no certificate for connections that come in");
        let identity = settings.server.as_ref().ok_or(missing)?;
        let mut files = FilesRead::default();
        let config = Arc::new(server_config(settings, identity, &mut files)?);
        *prepared = Some((Arc::clone(settings), files, Arc::clone(&config)));
        Ok(config)
    }

    /// How many flows have tickets.
    #[cfg(test)]
    pub(super) fn tickets(&self) -> usize {
        self.tickets.len()
    }
}

impl std::fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsConnector").finish_non_exhaustive()
    }
}
