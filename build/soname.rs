//! The name that a program asks the dynamic linker for, beside the library that cargo makes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;

/// What cargo calls the shared library.
const LIBRARY: &str = "libregister.so";

/// Makes `soname` a link to the library in the folder where cargo will put it, so that a program
/// linked to it starts. `out` is OUT_DIR. A file of that name which is no link is left alone.
pub(crate) fn link(out: &Path, soname: &str) -> io::Result<()> {
    let Some(folder) = profile_folder(out) else { return Ok(()) };
    let link = folder.join(soname);
    let is_file = fs::symlink_metadata(&link).is_ok_and(|there| !there.is_symlink());
    if soname == LIBRARY || soname.contains('/') || is_file {
        return Ok(());
    }
    if fs::read_link(&link).is_ok_and(|target| target == Path::new(LIBRARY)) {
        return Ok(());
    }
    // Another build may make the same link at this moment: a rename puts a whole one in its place.
    let fresh = out.join(format!("{soname}.{}", process::id()));
    let _ = fs::remove_file(&fresh);
    make_link(&fresh)?;
    fs::rename(&fresh, &link)
}

/// `…/release` of `…/release/build/libregister-1234/out`.
fn profile_folder(out: &Path) -> Option<PathBuf> {
    let build = out.ancestors().find(|folder| folder.ends_with("build"))?;
    build.parent().map(Path::to_path_buf)
}

#[cfg(unix)]
fn make_link(link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(LIBRARY, link)
}

/// The library is for Linux; where it is built elsewhere, nothing there loads it.
#[cfg(not(unix))]
fn make_link(_link: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
