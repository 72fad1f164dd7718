//! What plain `cargo build` needs beside the compiler: the parts in C, the linker's arguments for
//! the shared library, and the file that its SONAME names.

#[path = "build/soname.rs"]
mod soname;

use std::env;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-env-changed=REGISTER_SONAME");

    // nodelete: a thread that has called us may end after dlclose, and its thread-local destructors
    // are our code.
    let soname = env::var("REGISTER_SONAME").unwrap_or_else(|_| "libregister.so.1".into());
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,{soname}");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    if !is_instrumented() {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,defs");
    }

    compile_c(&["src/c/resolver.c", "src/c/trace.c", "src/c/wait.c"]);
    // Only Rust's symbols are exported: osip_trace is, and leads to C's function.
    println!("cargo::rustc-cdylib-link-arg=-Wl,--defsym=osip_trace=register_osip_trace");
    println!("cargo::rustc-cdylib-link-arg=-Wl,--undefined=register_osip_trace");
    // Before glibc 2.34 the resolver was a library of its own.
    if env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu") {
        println!("cargo::rustc-link-lib=resolv");
    }

    let out = PathBuf::from(env::var("OUT_DIR")?);
    if let Err(error) = soname::link(&out, &soname) {
        println!("cargo::warning=no link {soname} beside the library: {error}");
    }
    Ok(())
}

/// Compiles the C that Rust cannot say portably, and links it in.
fn compile_c(files: &[&str]) {
    for file in files {
        println!("cargo::rerun-if-changed={file}");
    }
    cc::Build::new()
        .files(files)
        .std("gnu11")
        // A thread that is cancelled is unwound through src/c/wait.c.
        .flag("-fasynchronous-unwind-tables")
        .warnings(true)
        .extra_warnings(true)
        .compile("register_c");
}

/// Whether a sanitizer or a fuzzer instruments the build: what it calls is then defined by the
/// executable only, which `-z defs` does not allow.
fn is_instrumented() -> bool {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let is_flag = |word: &str| flags.contains(word);
    env::var_os("CARGO_CFG_FUZZING").is_some() || is_flag("sanitizer") || is_flag("sancov")
}
