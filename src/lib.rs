#![doc = include_str!("guide/crate.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "invalid input is an error, not a panic"
)]
#![cfg_attr(
    any(test, fuzzing),
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a test fails by a panic"
    )
)]

mod auth;
mod client;
mod credentials;
mod error;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
#[path = "../fuzz/properties/bodies.rs"]
pub mod fuzzing;
mod generated;
pub mod guide;
mod model;
mod transport;
mod workflow;

pub use auth::{AccessToken, TokenProvider};
pub use client::ClientBuilder;
pub use credentials::Credentials;
pub use error::Error;
#[doc(inline)]
pub use generated::types;
pub use generated::types::{ErrorCode, PeeringState};
pub use generated::{ApiVersion, Client};
pub use model::{ContainerId, NextStep, PeeringId, PeeringSnapshot, ProjectId};
pub use transport::{RateLimit, Response, RetryPolicy};
pub use workflow::{
    Containers, EnsureContainerDeleted, EnsurePeering, EnsurePeeringDeleted, Ensured, Peerings,
    States, WaitForPeering,
};

/// Version 1. [`Error::status`] returns its `StatusCode`, and [`Response::headers`] its `HeaderMap`.
pub use http;
/// Version 0.13. [`ClientBuilder::configure`] passes its `ClientBuilder` to your function.
pub use reqwest;

/// Compiles the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
