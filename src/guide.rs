//! Pages that belong to no single item.

/// The same five tasks with curl, the Atlas CLI, the Go SDK and this crate.
#[doc = include_str!("guide/coming_from.md")]
pub mod coming_from {}

/// The Rust item for each row of the service's two pages about creating a peering.
#[doc = include_str!("guide/fields.md")]
pub mod fields {}

/// The remedies for the most frequent error messages, and for what goes wrong without one.
#[doc = include_str!("guide/troubleshooting.md")]
pub mod troubleshooting {}
