//! What plain `cargo build` needs beside the compiler: the linker's arguments for the shared library and the C headers.

#[path = "build/headers.rs"]
mod headers;

use std::env;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build/headers.rs");
    println!("cargo::rerun-if-changed=cbindgen.toml");
    println!("cargo::rerun-if-changed=src/abi");
    println!("cargo::rerun-if-env-changed=REGISTER_SONAME");

    // nodelete: a thread that has called us may end after dlclose, and its thread-local destructors are our code.
    let soname = env::var("REGISTER_SONAME").unwrap_or_else(|_| "libregister.so.1".into());
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,{soname}");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,defs");

    let source = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    headers::write_all(&source, &out.join("include"))
}
