//! The library and the sandbox against the documents: the fragment, and the published ones where they
//! are at hand. The crate is nothing but its tests.

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
