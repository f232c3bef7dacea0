//! A document as a contract: what goes over the wire is held against its schemas.

mod differences;
mod document;
#[allow(dead_code, reason = "the build needs more of it")]
#[path = "../../../build/document.rs"]
mod reader;
mod schema;

pub use differences::Differences;
pub use document::{Document, Operation, Server};
pub use schema::{Fault, Way};

/// The project's own fragment.
pub const FRAGMENT: &str = include_str!("../../../spec/peering.json");
/// The differences from the published documents that are meant.
pub const DIFFERENCES: &str = include_str!("../../../spec/differences.toml");
