#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "nothing panics on bad input"
)]
#![cfg_attr(
    any(test, fuzzing),
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
mod connection;
mod container;
mod credentials;
mod ensure;
mod error;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod generated;
pub mod guide;
mod ids;
mod next_step;
mod open;
mod pages;
mod peering;
mod rate_limit;
mod remove;
mod requests;
mod response;
mod retry;
mod status;
mod transport;
mod version;
mod wait;

pub use auth::{StoredToken, TokenStore};
pub use client::ClientBuilder;
pub use credentials::Credentials;
pub use ensure::Ensured;
pub use error::{Error, ErrorCode};
pub use generated::Client;
/// The types of requests and answers, generated from `spec/peering.json`.
///
/// Requests (`New…`, `…Update`) are plain structs with what may be sent. Answers are open: every
/// field but the id may be absent, and `extra` holds what this version does not know.
#[doc(inline)]
pub use generated::types;
pub use ids::{ContainerId, PeeringId, ProjectId};
pub use next_step::NextStep;
pub use pages::{Containers, Peerings};
pub use peering::PeeringState;
pub use rate_limit::RateLimit;
pub use remove::{RemoveContainer, RemovePeering};
pub use response::Response;
pub use retry::RetryPolicy;
pub use status::PeeringStatus;
pub use version::ApiVersion;
pub use wait::{States, WaitForPeering, WaitForRemoval};
