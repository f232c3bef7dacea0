//! The library and the sandbox, compared with the fragment and, if they are given, with the published
//! documents. The crate has only tests.

#![cfg(test)]

mod branches;
mod calls;
mod differences;
mod document;
mod operations;
#[allow(dead_code, reason = "the build needs more of it")]
#[path = "../../../build/document.rs"]
mod reader;
mod rust_types;
mod schema;
mod traffic;
mod types;
mod values;
