#![doc = include_str!("../README.md")]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "nothing panics on bad input"
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "in a test a panic is the report"
    )
)]

mod answer;
mod auth;
mod check;
mod client;
mod container;
mod credentials;
mod error;
mod generated;
mod ids;
mod open;
mod peering;
mod rate_limit;
mod requests;
mod response;
mod retry;
mod transport;
mod version;

pub use auth::{StoredToken, TokenStore};
pub use client::ClientBuilder;
pub use credentials::Credentials;
pub use error::{Error, ErrorCode};
pub use generated::Client;
/// The types of requests and answers, generated from `spec/peering.json`.
///
/// Requests (`New…`, `…Update`) are plain structs with what may be sent. Answers are open: every
/// field but the id may be absent, and `extra` holds what this version does not know.
#[doc(inline)]
pub use generated::types;
pub use ids::{ContainerId, PeeringId, ProjectId};
pub use peering::PeeringState;
pub use rate_limit::RateLimit;
pub use response::Response;
pub use retry::RetryPolicy;
pub use version::ApiVersion;
