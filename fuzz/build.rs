//! Compiles the C part of api_calls against the headers of include/.

fn main() {
    println!("cargo::rerun-if-changed=src/api_calls.c");
    println!("cargo::rerun-if-changed=../tests/c/any_call.h");
    println!("cargo::rerun-if-changed=../tests/c/any_subscription.h");
    println!("cargo::rerun-if-changed=../include");
    cc::Build::new()
        .file("src/api_calls.c")
        .include("../include")
        .flag("-Wall")
        .flag("-Wextra")
        .warnings_into_errors(true)
        .cargo_metadata(false) // linked by the one target that needs it
        .compile("api_calls");
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    println!("cargo::rustc-link-search=native={out}");
}
