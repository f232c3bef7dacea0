//! What `build.rs` makes of `spec/peering.json`.

#![allow(
    clippy::pedantic,
    reason = "written by the generator; its shape is held by the tests of build/ and by the contract tests"
)]

use crate::transport::{Effect, Operation, RawResponse};

include!(concat!(env!("OUT_DIR"), "/generated.rs"));
