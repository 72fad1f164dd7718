//! The C programs that are measured: one that uses this library, and the clients of other libraries
//! where their packages are installed (Debian's libre-dev and libsofia-sip-ua-dev).

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

/// A program, built.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
    /// Its arguments beside port, accounts, window and seconds.
    pub(crate) words: &'static [&'static str],
}

/// The clients of other libraries.
pub(crate) const PEERS: [(&str, &str, &str); 2] =
    [("libre sipreg", "libre", "libre.c"), ("sofia-sip nua", "sofia-sip-ua", "sofia.c")];
/// Those that call.
pub(crate) const CALLERS: [(&str, &str, &str); 1] =
    [("sofia-sip nua", "sofia-sip-ua", "sofia_calls.c")];
/// Those that subscribe.
pub(crate) const SUBSCRIBERS: [(&str, &str, &str); 1] =
    [("sofia-sip nua", "sofia-sip-ua", "sofia_subscriptions.c")];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `plain.c`, linked to the shared library that is installed: as built, and with a header field
/// added.
pub(crate) fn plain() -> io::Result<[Program; 2]> {
    let path = linked("plain")?;
    Ok([
        Program { name: "libregister as built", path: path.clone(), words: &[] },
        Program { name: "libregister header added", path, words: &["header"] },
    ])
}

/// `calls.c`, linked in the same way.
pub(crate) fn calls() -> io::Result<Program> {
    Ok(Program { name: "libregister", path: linked("calls")?, words: &[] })
}

/// `subscriptions.c`, linked in the same way.
pub(crate) fn subscriptions() -> io::Result<Program> {
    Ok(Program { name: "libregister", path: linked("subscriptions")?, words: &[] })
}

/// The shared library that `make install` installs. The one that cargo has built for this program
/// is another: not optimized as a whole with the crates in it.
fn library() -> io::Result<PathBuf> {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = temporary.parent().ok_or(io::ErrorKind::NotFound)?;
    let mut make = Command::new("make");
    make.arg("-s").arg("-C").arg(root()).arg("library").env("CARGO_TARGET_DIR", target);
    if !make.status()?.success() {
        return Err(io::Error::other("make library failed"));
    }
    Ok(target.join("library/libregister.so"))
}

/// A program of this folder, linked to that library.
fn linked(name: &str) -> io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scale");
    fs::create_dir_all(&folder)?;
    let library = library()?;
    for name in ["libregister.so", "libregister.so.1"] {
        let link = folder.join(name);
        let _ = fs::remove_file(&link);
        symlink(&library, &link)?;
    }
    let path = folder.join(name);
    let rpath = format!("-Wl,-rpath,{}", folder.display());
    let status = compile(&root().join(format!("benches/scale/{name}.c")), &path)
        .arg("-I")
        .arg(root().join("include"))
        .arg("-L")
        .arg(&folder)
        .args(["-lregister", &rpath])
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("{name}.c does not compile")));
    }
    Ok(path)
}

/// Builds the clients for which there is a library; prints which are left out.
pub(crate) fn peers(of: &[(&'static str, &str, &str)]) -> io::Result<Vec<Program>> {
    let mut built = Vec::new();
    for &(name, package, source) in of {
        let flags = Command::new("pkg-config")
            .args(["--cflags", "--libs", package])
            .stderr(Stdio::null())
            .output();
        let Some(flags) = flags.ok().filter(|output| output.status.success()) else {
            println!("{name}: not installed, left out");
            continue;
        };
        let path = env::current_exe()?.with_file_name(format!("peer-{source}").replace('.', "-"));
        let status = compile(&root().join("benches/peers").join(source), &path)
            .args(String::from_utf8_lossy(&flags.stdout).split_whitespace())
            .status();
        if status.is_ok_and(|status| status.success()) {
            built.push(Program { name, path, words: &[] });
        } else {
            println!("{name}: its client does not compile here, left out");
        }
    }
    Ok(built)
}

fn compile(source: &Path, program: &Path) -> Command {
    let mut command = Command::new("cc");
    command.args(["-std=gnu11", "-O2", "-Wall", "-o"]).arg(program).arg(source);
    command
}
