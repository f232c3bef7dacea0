//! Pages that are of no one item.

/// Each row of the service's two pages about creating a peering, and the Rust item that it is.
#[doc = include_str!("guide/fields.md")]
pub mod fields {}

/// What went wrong, and what to do.
#[doc = include_str!("guide/troubleshooting.md")]
pub mod troubleshooting {}
