//! The project's own rules: exported names, layouts, headers, NULL arguments, README, pages, manual.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod abi_layout;
mod exports;
mod headers;
mod man3;
#[allow(unsafe_code)]
mod null;
mod pages;
mod readme;
mod rfcs;
mod soname;
