//! Sockets of files, and a bound of how many connections are served.

use rustix::fs::Mode;
use rustix::process::umask;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A socket at `path`, with the permissions `mode`. What a process that has ended left there is
/// removed.
pub(crate) fn bind_unix(path: &Path, mode: u32) -> io::Result<UnixListener> {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    if is_socket {
        if UnixStream::connect(path).is_ok() {
            return Err(io::Error::other("another process listens there"));
        }
        std::fs::remove_file(path)?;
    }
    // It is never open to others, not even before it has its permissions.
    let before = umask(Mode::from_raw_mode(0o177));
    let listener = UnixListener::bind(path);
    umask(before);
    let listener = listener?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    Ok(listener)
}

/// Places for connections.
pub(crate) struct Places {
    free: Arc<AtomicUsize>,
}

/// One of them, which is free again when this is dropped.
pub(crate) struct Place(Arc<AtomicUsize>);

impl Places {
    pub(crate) fn new(count: usize) -> Places {
        Places { free: Arc::new(AtomicUsize::new(count)) }
    }

    pub(crate) fn are_taken(&self) -> bool {
        self.free.load(Ordering::Acquire) == 0
    }

    pub(crate) fn take(&self) -> Option<Place> {
        let less = |free: usize| free.checked_sub(1);
        let taken = self.free.fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
        taken.ok().map(|_| Place(Arc::clone(&self.free)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}
