//! Other libraries, where their packages are installed: Debian's libre-dev and libsofia-sip-ua-dev.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

/// A client of another library, built.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
}

/// Builds the clients for which there is a library; says which are left out.
pub(crate) fn build() -> io::Result<Vec<Peer>> {
    let mut built = Vec::new();
    for (name, package, source) in
        [("libre sipreg", "libre", "libre.c"), ("sofia-sip nua", "sofia-sip-ua", "sofia.c")]
    {
        let flags = Command::new("pkg-config")
            .args(["--cflags", "--libs", package])
            .stderr(Stdio::null())
            .output();
        let Some(flags) = flags.ok().filter(|output| output.status.success()) else {
            println!("{name}: not installed, left out");
            continue;
        };
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
        let exe = env::current_exe()?;
        let program = exe.with_file_name(format!("peer-{package}"));
        let status = Command::new("cc")
            .args(["-std=gnu11", "-O2", "-Wall", "-o"])
            .arg(&program)
            .arg(sources.join(source))
            .args(String::from_utf8_lossy(&flags.stdout).split_whitespace())
            .status();
        if status.is_ok_and(|status| status.success()) {
            built.push(Peer { name, program });
        } else {
            println!("{name}: its client does not compile here, left out");
        }
    }
    Ok(built)
}
