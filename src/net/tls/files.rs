//! Files that are read again when they have changed on disk.

use crate::transport::TlsError;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// No list of roots is as long.
const MAX_FILE: u64 = 16 << 20;

/// What tells one state of a file from another: device, inode, length, and when it changed.
type FileState = (u64, u64, u64, i64, i64);

fn state(path: &Path) -> Option<FileState> {
    let found = fs::metadata(path).ok()?;
    Some((found.dev(), found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
}

/// Files and folders as they were when they were read.
#[derive(Debug, Default)]
pub(super) struct FilesRead(Vec<(PathBuf, Option<FileState>)>);

impl FilesRead {
    /// Remembers `path` as it is now, whether it is there or not.
    pub(super) fn note(&mut self, path: &Path) {
        self.0.push((path.to_owned(), state(path)));
    }

    /// Whether none of them has changed.
    pub(super) fn are_current(&self) -> bool {
        self.0.iter().all(|(path, read)| state(path) == *read)
    }

    /// Reads a file, which may be a secret.
    pub(super) fn read(&mut self, path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
        self.note(path);
        let wrong = |reason: String| TlsError::File { path: path.to_owned(), reason };
        let failed = |error: std::io::Error| wrong(crate::net::error_text(&error));
        let found = fs::metadata(path).map_err(failed)?;
        // Reading a pipe would wait for its writer.
        if !found.is_file() {
            return Err(wrong("not a file".to_owned()));
        }
        // All at once: a vector that grows leaves copies behind.
        let size = found.len().min(MAX_FILE);
        let mut bytes = Zeroizing::new(Vec::with_capacity(size as usize + 1));
        File::open(path)
            .and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes))
            .map_err(failed)?;
        Ok(bytes)
    }

    /// The files in a folder, in the order of their names.
    pub(super) fn list(&mut self, folder: &Path) -> Result<Vec<PathBuf>, TlsError> {
        self.note(folder);
        let failed = |error: std::io::Error| {
            let reason = crate::net::error_text(&error);
            TlsError::File { path: folder.to_owned(), reason }
        };
        let entries = fs::read_dir(folder).map_err(failed)?;
        let mut files: Vec<PathBuf> =
            entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|p| p.is_file()).collect();
        files.sort_unstable();
        Ok(files)
    }
}
